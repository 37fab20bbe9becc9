use trainer_core::prelude::*; // row 29: 1 error

struct Judge;

impl Judge {
    #[metric]
    fn share(&self) -> f64 {
        0.0
    }
}

fn main() {}
