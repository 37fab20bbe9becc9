use trainer_core::prelude::*; // row 17: 2 errors

#[derive(TrainingArgs)]
#[training_args(early_stopping_patience = 3, eval_strategy = "no", metric_for_best_model = "f1")]
struct NoEvaluation {}

#[derive(TrainingArgs)]
#[training_args(early_stopping_patience = 3, eval_strategy = "epoch")]
struct NoMetric {}

fn main() {}
