//! The Mersenne twister MT19937, as torch's CPU generator and numpy's old one run it.
//!
//! Source: Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998), with the seeding of 2002.

const WORDS: usize = 624;
const SHIFT: usize = 397;

/// A stream of 32-bit numbers that a seed fixes.
#[derive(Clone, Debug)]
pub struct MersenneTwister {
    state: [u32; WORDS],
    next: usize,
}

impl MersenneTwister {
    /// The stream of `seed`, of which the generator uses the lower 32 bits, as torch does.
    pub fn new(seed: u64) -> Self {
        let mut state = [0_u32; WORDS];
        state[0] = seed as u32;
        for index in 1..WORDS {
            let before = state[index - 1];
            state[index] = 1_812_433_253_u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(index as u32);
        }
        Self { state, next: WORDS }
    }

    /// The next number.
    pub fn next_u32(&mut self) -> u32 {
        if self.next == WORDS {
            self.renew();
        }
        let mut word = self.state[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9D2C_5680;
        word ^= (word << 15) & 0xEFC6_0000;
        word ^ (word >> 18)
    }

    /// Steps over `count` numbers.
    pub fn skip(&mut self, count: u64) {
        let mut left = count;
        while left > 0 {
            if self.next == WORDS {
                self.renew();
            }
            let step = left.min((WORDS - self.next) as u64);
            self.next += step as usize;
            left -= step;
        }
    }

    /// A permutation of `0..len`, as `torch.randperm` draws it: `len - 1` numbers of the stream.
    pub fn permutation(&mut self, len: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..len).collect();
        for position in 0..len.saturating_sub(1) {
            let left = (len - position) as u64;
            let offset = u64::from(self.next_u32()) % left;
            order.swap(position, position + offset as usize);
        }
        order
    }

    /// `count` numbers of the standard normal distribution, as `torch.Tensor.normal_` fills a contiguous `f32` tensor on
    /// the CPU; `None` for fewer than 16, which torch draws another way.
    ///
    /// Source: `normal_fill` in torch's `DistributionTemplates.h`.
    pub fn normal(&mut self, count: usize) -> Option<Vec<f32>> {
        const BLOCK: usize = 16;
        if count < BLOCK {
            return None;
        }
        let mut values: Vec<f32> = (0..count).map(|_| self.unit()).collect();
        values.chunks_exact_mut(BLOCK).for_each(box_muller);
        if !count.is_multiple_of(BLOCK) {
            let last = &mut values[count - BLOCK..];
            last.fill_with(|| self.unit());
            box_muller(last);
        }
        Some(values)
    }

    /// 24 random bits as a number in `[0, 1)`.
    fn unit(&mut self) -> f32 {
        (self.next_u32() & 0x00FF_FFFF) as f32 / (1u32 << 24) as f32
    }

    fn renew(&mut self) {
        for index in 0..WORDS {
            let joined = (self.state[index] & 0x8000_0000) | (self.state[(index + 1) % WORDS] & 0x7FFF_FFFF);
            let twist = if joined & 1 == 1 { 0x9908_B0DF } else { 0 };
            self.state[index] = self.state[(index + SHIFT) % WORDS] ^ (joined >> 1) ^ twist;
        }
        self.next = 0;
    }
}

/// Turns uniform numbers into normal ones: each of the first half with its partner in the second.
fn box_muller(block: &mut [f32]) {
    let (first, second) = block.split_at_mut(block.len() / 2);
    for (first, second) in first.iter_mut().zip(second) {
        let radius = (-2.0 * (1.0 - *first).ln()).sqrt();
        let (sine, cosine) = (std::f32::consts::TAU * *second).sin_cos();
        (*first, *second) = (radius * cosine, radius * sine);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_are_those_of_torch() {
        // torch.manual_seed(42); torch.empty(10, 384).normal_(0, 0.02): the first four and the last three.
        let drawn: Vec<f32> = MersenneTwister::new(42).normal(3840).unwrap().iter().map(|value| 0.02 * value).collect();
        let torch = [0.038538303, 0.029745681, 0.018014343, -0.042110417, -0.031021375, -0.02860593, 0.0041051474];
        for (drawn, torch) in drawn[..4].iter().chain(&drawn[3837..]).zip(torch) {
            assert!((drawn - torch).abs() < 1e-7, "{drawn}, torch {torch}");
        }
        assert!(MersenneTwister::new(42).normal(15).is_none());
    }

    /// The first output and the ten-thousandth for the seed 5489: the check values of the C++ standard ([rand.predef]).
    #[test]
    fn the_ten_thousandth_number_is_the_one_of_the_standard() {
        let mut stream = MersenneTwister::new(5489);
        assert_eq!(stream.next_u32(), 3_499_211_612);
        stream.skip(9_998);
        assert_eq!(stream.next_u32(), 4_123_659_995);
    }

    #[test]
    fn skipping_equals_drawing() {
        for count in [0, 1, 623, 624, 625, 2000] {
            let (mut drawn, mut skipped) = (MersenneTwister::new(7), MersenneTwister::new(7));
            for _ in 0..count {
                drawn.next_u32();
            }
            skipped.skip(count);
            assert_eq!(drawn.next_u32(), skipped.next_u32(), "after {count}");
        }
    }

    #[test]
    fn permutations_of_nothing_and_of_one_draw_nothing() {
        let mut stream = MersenneTwister::new(1);
        assert_eq!(stream.permutation(0), Vec::<usize>::new());
        assert_eq!(stream.permutation(1), [0]);
        assert_eq!(stream.next_u32(), MersenneTwister::new(1).next_u32());
    }
}
