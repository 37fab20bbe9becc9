//! Gradients by rows make the update that whole gradients make, bit for bit.

use super::*;
use crate::tensor::gradients::GradientSlot;
use crate::tensor::random::Stream;

const ROWS: usize = 150;

fn normal(name: &str, count: usize) -> Vec<f32> {
    Stream::initialisation(7, name).normal(count).into_iter().map(|value| value as f32).collect()
}

/// Ids, of which some repeat and most rows of the table never occur, and a row for each.
fn batch(name: &str, width: usize) -> (Vec<u32>, Vec<f32>) {
    let ids = Stream::initialisation(3, name).uniform(12).into_iter();
    let ids: Vec<u32> = ids.map(|share| (share * share * share * ROWS as f64) as u32).collect();
    (ids.clone(), normal(name, ids.len() * width))
}

fn table(width: usize, decays: bool) -> Parameter {
    let variable = Var::from_vec(normal("table", ROWS * width), (ROWS, width), &Device::Cpu).unwrap();
    Parameter { name: "table".into(), variable, decays, trainable: true }
}

fn bits(tensor: &Tensor) -> Vec<u32> {
    tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap().into_iter().map(f32::to_bits).collect()
}

/// An optimiser and the table that it trains.
struct Side {
    table: [Parameter; 1],
    optimizer: AdamW,
}

impl Side {
    fn new(settings: AdamWSettings, width: usize, decays: bool) -> Self {
        Self { table: [table(width, decays)], optimizer: AdamW::new(settings).unwrap() }
    }

    fn step(&mut self, gradient: Gradient, scale: f32, learning_rate: f64) {
        let gradients = Gradients::from([("table".to_owned(), gradient)]);
        self.optimizer.step(&self.table, &gradients, scale, learning_rate).unwrap();
    }

    fn bits(&self) -> Vec<Vec<u32>> {
        let state = self.optimizer.state().unwrap().into_iter().filter(|(name, _)| name.starts_with("exp_avg"));
        let state = state.map(|(_, moment)| bits(&moment));
        std::iter::once(bits(self.table[0].variable.as_tensor())).chain(state).collect()
    }
}

/// The gradient of one update, from a slot that two micro-batches were added to.
fn gathered(slot: &GradientSlot, update: usize, width: usize) -> Gradient {
    for micro_batch in 0..2 {
        let (ids, values) = batch(&format!("{update}.{micro_batch}"), width);
        slot.add_rows(ROWS, width, &ids, &values).unwrap();
    }
    slot.take().unwrap().into_gradient(&(ROWS, width).into(), None).unwrap().0
}

#[test]
fn rows_and_whole_gradients_make_the_same_bits() {
    // A width above the block of zeros, and one below.
    for (width, beta1, decays) in [(5, 0.9, true), (5, 0.9, false), (3, 0.0, true), (700, 0.9, false), (700, 0.3, true)]
    {
        let settings = AdamWSettings { beta1, ..SETTINGS };
        let (mut by_rows, mut whole) = (Side::new(settings, width, decays), Side::new(settings, width, decays));
        let slot = GradientSlot::default();
        for update in 0..30 {
            let gradient = gathered(&slot, update, width);
            assert!(matches!(gradient, Gradient::Rows(_)));
            let learning_rate = if update == 4 { 0.0 } else { 1e-2 / (1.0 + update as f64) };
            let scale = 0.25 + update as f32;
            let all = Gradient::from(gradient.to_tensor().unwrap());
            // Whole gradients of the same table may come in between.
            let first = if update == 20 { all.clone() } else { gradient };
            by_rows.step(first, scale, learning_rate);
            whole.step(all, scale, learning_rate);
            assert!(by_rows.bits() == whole.bits(), "width {width}, beta1 {beta1}, decays {decays}, update {update}");
            if update % 7 == 6 {
                let mut resumed = AdamW::new(settings).unwrap();
                resumed.load_state(&by_rows.table, state_of(&by_rows.optimizer), update + 1).unwrap();
                by_rows.optimizer = resumed;
            }
        }
    }
}

#[test]
fn a_row_without_a_gradient_goes_on_by_its_moments_and_one_that_never_had_one_stays() {
    let mut side = Side::new(AdamWSettings { weight_decay: 0.0, ..SETTINGS }, 2, true);
    let slot = GradientSlot::default();
    let mut step = |id: u32| {
        slot.add_rows(ROWS, 2, &[id], &[1.0, -1.0]).unwrap();
        let gradient = slot.take().unwrap().into_gradient(&(ROWS, 2).into(), None).unwrap().0;
        side.step(gradient, 1.0, 1e-2);
        side.table[0].variable.to_vec2::<f32>().unwrap()
    };
    let (one, two) = (step(70), step(3));
    let start = table(2, true).variable.to_vec2::<f32>().unwrap();
    assert_ne!(one[70], start[70]);
    assert_ne!(two[70], one[70]);
    assert_eq!((&one[3], &two[149]), (&start[3], &start[149]));
}

#[test]
fn the_bits_of_rows_do_not_depend_on_the_number_of_threads() {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let (mut side, slot) = (Side::new(SETTINGS, 8, true), GradientSlot::default());
            (0..3).for_each(|update| side.step(gathered(&slot, update, 8), 1.0, 1e-2));
            side.bits()
        })
    };
    assert!(run(1) == run(3));
}
