use trainer_core::prelude::*; // row 4: 6 errors

const MANY: u8 = 64;

#[derive(TrainingArgs)]
struct Args {
    #[arg(default = 0.5, range = 1e-7..=1e-2)]
    learning_rate: f64,
    #[arg(own, default = 32, range = 1..32)]
    heads: u8,
    #[arg(own, default = MANY, range = ..=32)]
    layers: u8,
    #[arg(own, default = "medium", choices = ["small", "large"])]
    size: String,
    #[arg(own, default = 0.1, range = 1.0..=0.0)]
    dropout: f64,
    #[arg(own, default = "a", range = 0.0..=1.0)]
    note: String,
}

fn main() {
    Args::parse();
}
