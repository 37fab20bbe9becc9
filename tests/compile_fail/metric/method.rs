use trainer_core::prelude::*;

struct Judge;

impl Judge {
    #[metric]
    fn share(&self) -> f64 {
        0.0
    }
}

fn main() {}
