use trainer_core::prelude::*; // row 2: 6 errors

#[derive(TrainingArgs)]
#[training_args(
    output_dir = "results",
    eval_strategy = epoch,
    save_strategy = "epoch",
    load_best_model_at_end = true,
    early_stopping_patience = 3,
)]
struct WithoutQuotes {}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results", save_strategy = "epoch", load_best_model_at_end = true)]
struct OfAField {
    #[arg(default = 3)]
    eval_strategy: IntervalStrategy,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results", eval_strategy = loop, save_strategy = "epoch", load_best_model_at_end = true)]
struct OfTheLanguage {}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results", eval_strategy, save_strategy = "epoch", load_best_model_at_end = true)]
struct WithoutAValue {}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results", save_strategy = "epoch", load_best_model_at_end = true)]
struct OfAFieldTheLanguage {
    #[arg(default = match)]
    eval_strategy: IntervalStrategy,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results", eval_strategy = "no", eval_strategy = "epoch", load_best_model_at_end = true)]
struct Twice {}

fn main() {}
