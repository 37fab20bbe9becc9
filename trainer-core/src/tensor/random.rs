//! Randomness as a function: the same numbers for the same place in a run, with nothing to save or restore.
//!
//! What comes in: a seed, a moment of the run, a site in the model, an element's position. What goes out: a number. The
//! generator is Philox4x32-10, a bijection of a 128-bit counter.
//!
//! Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011).
#![expect(clippy::inline_always, reason = "a function that is not inlined keeps the instruction set of the build")]

use super::kernels::simd::dispatch;

/// Whether a forward pass trains or evaluates; only training draws random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Dropout is on, drawn for this moment of the run.
    Train(Moment),
    /// Nothing is random.
    Evaluate,
}

/// A moment of a training run: with a site in the model and an element's position it fixes every random number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The run's seed.
    pub seed: u64,
    /// The epoch, from 0.
    pub epoch: u32,
    /// The update within the run, from 0.
    pub update: u32,
    /// The micro-batch within the update, from 0.
    pub micro_batch: u32,
}

/// A place in a model that draws random numbers, known by its name and so the same in every process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site(u32);

/// The random numbers of one site at one moment, by the position of the element.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    key: [u32; 2],
    counter: [u32; 3],
}

impl Site {
    /// The site of this name, such as `bert.encoder.layer.0.attention.output`.
    pub fn named(name: &str) -> Self {
        let hash = fnv1a(name);
        Self((hash ^ (hash >> 32)) as u32)
    }
}

impl Moment {
    /// The random numbers of `site` at this moment.
    pub fn stream(self, site: Site) -> Stream {
        let key = mixed(self.seed ^ mixed(u64::from(self.epoch)));
        Stream { key: [key as u32, (key >> 32) as u32], counter: [self.micro_batch, site.0, self.update] }
    }
}

impl Stream {
    /// The numbers that initialise the parameter `name`, from the seed alone.
    pub fn initialisation(seed: u64, name: &str) -> Self {
        let key = mixed(seed ^ fnv1a(name));
        Self { key: [key as u32, (key >> 32) as u32], counter: [0, 0, u32::MAX] }
    }

    /// The four numbers of block `index`: elements `4 * index` to `4 * index + 3`.
    pub fn block(&self, index: u32) -> [u32; 4] {
        self.block_inlined(index)
    }

    #[inline(always)]
    fn block_inlined(&self, index: u32) -> [u32; 4] {
        philox([index, self.counter[0], self.counter[1], self.counter[2]], self.key)
    }

    /// The numbers of the elements from `start` on: element `e` is number `e % 4` of block `e / 4`.
    ///
    /// Blocks are counted in 32 bits: the numbers come again after 2^34 elements.
    pub(crate) fn fill(&self, start: u64, out: &mut [u32]) {
        dispatch!(fill(*self, start, out));
    }

    /// `count` numbers, uniform in `[0, 1)`, for the elements from 0 on.
    pub fn uniform(&self, count: usize) -> Vec<f64> {
        let mut values = Vec::with_capacity(count.next_multiple_of(2));
        for index in 0..count.div_ceil(2) {
            let block = self.block(index as u32);
            values.push(unit(block[0], block[1]));
            values.push(unit(block[2], block[3]));
        }
        values.truncate(count);
        values
    }

    /// `count` numbers of the standard normal distribution, by the transform of Box and Muller.
    pub fn normal(&self, count: usize) -> Vec<f64> {
        let mut values = Vec::with_capacity(count.next_multiple_of(2));
        for index in 0..count.div_ceil(2) {
            let block = self.block(index as u32);
            let radius = (-2.0 * (1.0 - unit(block[0], block[1])).ln()).sqrt();
            let (sine, cosine) = (std::f64::consts::TAU * unit(block[2], block[3])).sin_cos();
            values.extend([radius * cosine, radius * sine]);
        }
        values.truncate(count);
        values
    }
}

/// [`Stream::fill`], for callers that are compiled for an instruction set already.
#[inline(always)]
pub(super) fn fill(stream: Stream, start: u64, out: &mut [u32]) {
    let within = (start % 4) as usize;
    let (head, out) = out.split_at_mut(out.len().min((4 - within) % 4));
    if !head.is_empty() {
        head.copy_from_slice(&stream.block((start / 4) as u32)[within..within + head.len()]);
    }
    let first = start.div_ceil(4) as u32;
    let (blocks, tail) = out.as_chunks_mut::<4>();
    for (block, index) in blocks.iter_mut().zip(0u32..) {
        *block = stream.block_inlined(first.wrapping_add(index));
    }
    if !tail.is_empty() {
        tail.copy_from_slice(&stream.block(first.wrapping_add(blocks.len() as u32))[..tail.len()]);
    }
}

/// 53 random bits as a number in `[0, 1)`.
fn unit(high: u32, low: u32) -> f64 {
    let bits = (u64::from(high) << 32 | u64::from(low)) >> 11;
    bits as f64 / (1u64 << 53) as f64
}

/// Ten rounds of Philox, on numbers of 64 bits of which the lower 32 count: this is how vector instructions multiply.
#[inline(always)]
fn philox(counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    const LOWER: u64 = 0xFFFF_FFFF;
    let mut counter = counter.map(u64::from);
    for _ in 0..10 {
        let first = (counter[0] & LOWER) * 0xD251_1F53;
        let second = (counter[2] & LOWER) * 0xCD9E_8D57;
        counter = [
            (second >> 32) ^ counter[1] ^ u64::from(key[0]),
            second,
            (first >> 32) ^ counter[3] ^ u64::from(key[1]),
            first,
        ];
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    counter.map(|word| word as u32)
}

/// Spreads the bits of a small number over all 64 (the finaliser of `SplitMix64`).
fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// FNV-1a: a hash of names that is the same in every process and on every machine.
fn fnv1a(name: &str) -> u64 {
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_gives_the_vectors_of_its_authors() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
        assert_eq!(philox([u32::MAX; 4], [u32::MAX; 2]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
        let (counter, key) = ([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]);
        assert_eq!(philox(counter, key), [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]);
    }

    #[test]
    fn another_seed_epoch_update_micro_batch_or_site_gives_other_numbers() {
        let moment = Moment { seed: 42, epoch: 0, update: 3, micro_batch: 0 };
        let site = Site::named("encoder.layer.0");
        let here = moment.stream(site).block(0);
        assert_eq!(here, moment.stream(site).block(0));
        for other in [
            Moment { seed: 43, ..moment }.stream(site),
            Moment { epoch: 1, ..moment }.stream(site),
            Moment { update: 4, ..moment }.stream(site),
            Moment { micro_batch: 1, ..moment }.stream(site),
            moment.stream(Site::named("encoder.layer.1")),
        ] {
            assert_ne!(here, other.block(0));
        }
    }

    #[test]
    fn any_range_of_elements_has_the_numbers_of_its_blocks() {
        let stream = Moment { seed: 7, epoch: 1, update: 2, micro_batch: 3 }.stream(Site::named("here"));
        let starts = [0, 1, 2, 3, 4, 5, 1023, 4 * u64::from(u32::MAX) - 6];
        for (start, count) in starts.into_iter().flat_map(|start| (0..80).map(move |count| (start, count))) {
            let mut drawn = vec![0; count];
            stream.fill(start, &mut drawn);
            for (element, drawn) in (start..).zip(drawn) {
                let exact = stream.block((element / 4) as u32)[(element % 4) as usize];
                assert_eq!(drawn, exact, "element {element} of {count} from {start}");
            }
        }
    }

    #[test]
    fn normal_numbers_have_mean_zero_and_variance_one() {
        let values = Stream::initialisation(1, "weight").normal(100_001);
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64;
        assert_eq!(values.len(), 100_001);
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "mean {mean}, variance {variance}");
    }
}
