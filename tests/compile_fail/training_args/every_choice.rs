//! Every name has its choices, every value its kind. `tests/tests/two_moments.rs` reads these lines as TOML and as flags. // row 2: 18 errors

use trainer_core::prelude::*;

#[derive(TrainingArgs)]
#[training_args(optim = "adam")]
struct Optim {}

#[derive(TrainingArgs)]
#[training_args(lr_scheduler_type = "cosin")]
struct LrSchedulerType {}

#[derive(TrainingArgs)]
#[training_args(eval_strategy = "epochs")]
struct EvalStrategy {}

#[derive(TrainingArgs)]
#[training_args(save_strategy = "never")]
struct SaveStrategy {}

#[derive(TrainingArgs)]
#[training_args(logging_strategy = "step")]
struct LoggingStrategy {}

#[derive(TrainingArgs)]
#[training_args(report_to = "wandb")]
struct ReportTo {}

#[derive(TrainingArgs)]
#[training_args(device = "gpu:0")]
struct Device {}

#[derive(TrainingArgs)]
#[training_args(warmup_type = "cos", lr_scheduler_type = "warmup_stable_decay", num_decay_steps = 10)]
struct WarmupType {}

#[derive(TrainingArgs)]
#[training_args(decay_type = "sqrt", lr_scheduler_type = "warmup_stable_decay", num_decay_steps = 10)]
struct DecayType {}

#[derive(TrainingArgs)]
#[training_args(plateau_mode = "maximum", lr_scheduler_type = "reduce_lr_on_plateau", eval_strategy = "epoch")]
struct PlateauMode {}

#[derive(TrainingArgs)]
#[training_args(plateau_threshold_mode = "relative", lr_scheduler_type = "reduce_lr_on_plateau", eval_strategy = "epoch")]
struct PlateauThresholdMode {}

#[derive(TrainingArgs)]
#[training_args(report_to = ["jsonl", "tensorbord"])]
struct SeveralReports {}

#[derive(TrainingArgs)]
#[training_args(weight_decay = "small")]
struct WordForANumber {}

#[derive(TrainingArgs)]
#[training_args(max_steps = "all")]
struct WordForACount {}

#[derive(TrainingArgs)]
#[training_args(seed = "random")]
struct WordForASeed {}

#[derive(TrainingArgs)]
#[training_args(load_best_model_at_end = "always")]
struct WordForASwitch {}

#[derive(TrainingArgs)]
#[training_args(save_steps = "often")]
struct WordForSteps {}

#[derive(TrainingArgs)]
#[training_args(learning_rate = true)]
struct SwitchForANumber {}

fn main() {}
