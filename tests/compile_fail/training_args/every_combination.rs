//! Every rule over several arguments, by its name. `tests/tests/two_moments.rs` reads these lines as TOML and as flags. // rows 15, 17: 16 errors

use trainer_core::prelude::*;

#[derive(TrainingArgs)]
#[training_args(load_best_model_at_end = true)]
struct BestModelNeedsAnEvaluation {}

#[derive(TrainingArgs)]
#[training_args(load_best_model_at_end = true, save_strategy = "steps", eval_strategy = "epoch")]
struct BestModelNeedsMatchingStrategies {}

#[derive(TrainingArgs)]
#[training_args(save_steps = 500, eval_steps = 200, load_best_model_at_end = true, eval_strategy = "steps")]
struct BestModelNeedsSavesAtEvaluations {}

#[derive(TrainingArgs)]
#[training_args(save_steps = 0.3, eval_steps = 0.2, load_best_model_at_end = true, eval_strategy = "steps")]
struct SharesOfTheRun {}

#[derive(TrainingArgs)]
#[training_args(save_steps = 500, eval_steps = 0.2, load_best_model_at_end = true, eval_strategy = "steps")]
struct CountsAndShares {}

#[derive(TrainingArgs)]
#[training_args(save_strategy = "best")]
struct SavingTheBestNeedsAnEvaluation {}

#[derive(TrainingArgs)]
#[training_args(early_stopping_patience = 3, metric_for_best_model = "f1")]
struct EarlyStoppingNeedsAnEvaluation {}

#[derive(TrainingArgs)]
#[training_args(early_stopping_patience = 3, eval_strategy = "epoch")]
struct EarlyStoppingNeedsAMetric {}

#[derive(TrainingArgs)]
#[training_args(lr_scheduler_type = "greedy")]
struct PlateauNeedsAnEvaluation {}

#[derive(TrainingArgs)]
#[training_args(warmup_steps = 100, lr_scheduler_type = "constant")]
struct WarmupNeedsAScheduleWithOne {}

#[derive(TrainingArgs)]
#[training_args(lr_scheduler_type = "warmup_stable_decay")]
struct DecayNeedsItsSteps {}

#[derive(TrainingArgs)]
#[training_args(lr_scheduler_type = "cosine_with_min_lr")]
struct MinimumNeedsItsValue {}

#[derive(TrainingArgs)]
#[training_args(min_lr_rate = 0.1, min_lr = 1e-6, lr_scheduler_type = "cosine_with_min_lr")]
struct MinimumIsGivenOnce {}

#[derive(TrainingArgs)]
#[training_args(num_cycles = 1.5, lr_scheduler_type = "cosine_with_restarts")]
struct RestartsAreCounted {}

#[derive(TrainingArgs)]
#[training_args(device = "cuda:1")]
struct DeviceIsInThisBuild {}

#[derive(TrainingArgs)]
#[training_args(power = 2.0)]
struct ScheduleTakes {}

fn main() {}
