//! Every number has its range. `tests/tests/two_moments.rs` reads these lines as TOML and as flags. // row 3: 48 errors

use trainer_core::prelude::*;

#[derive(TrainingArgs)]
#[training_args(num_train_epochs = 0.0)]
struct NumTrainEpochs {}

#[derive(TrainingArgs)]
#[training_args(max_steps = 0)]
struct MaxSteps {}

#[derive(TrainingArgs)]
#[training_args(per_device_train_batch_size = 0)]
struct PerDeviceTrainBatchSize {}

#[derive(TrainingArgs)]
#[training_args(per_device_eval_batch_size = 2.5)]
struct PerDeviceEvalBatchSize {}

#[derive(TrainingArgs)]
#[training_args(gradient_accumulation_steps = 0)]
struct GradientAccumulationSteps {}

#[derive(TrainingArgs)]
#[training_args(max_tokens_per_chunk = 0)]
struct MaxTokensPerChunk {}

#[derive(TrainingArgs)]
#[training_args(learning_rate = -0.5)]
struct LearningRate {}

#[derive(TrainingArgs)]
#[training_args(weight_decay = -0.01)]
struct WeightDecay {}

#[derive(TrainingArgs)]
#[training_args(adam_beta1 = 1.0)]
struct AdamBeta1 {}

#[derive(TrainingArgs)]
#[training_args(adam_beta2 = -0.1)]
struct AdamBeta2 {}

#[derive(TrainingArgs)]
#[training_args(adam_epsilon = 0.0)]
struct AdamEpsilon {}

#[derive(TrainingArgs)]
#[training_args(max_grad_norm = -1.0)]
struct MaxGradNorm {}

#[derive(TrainingArgs)]
#[training_args(warmup_steps = 1.5)]
struct WarmupSteps {}

#[derive(TrainingArgs)]
#[training_args(warmup_ratio = 3)]
struct WarmupRatio {}

#[derive(TrainingArgs)]
#[training_args(label_smoothing_factor = 1.2)]
struct LabelSmoothingFactor {}

#[derive(TrainingArgs)]
#[training_args(eval_delay = -1)]
struct EvalDelay {}

#[derive(TrainingArgs)]
#[training_args(eval_steps = 2.5)]
struct EvalSteps {}

#[derive(TrainingArgs)]
#[training_args(save_steps = 0)]
struct SaveSteps {}

#[derive(TrainingArgs)]
#[training_args(logging_steps = -10)]
struct LoggingSteps {}

#[derive(TrainingArgs)]
#[training_args(save_total_limit = 0)]
struct SaveTotalLimit {}

#[derive(TrainingArgs)]
#[training_args(early_stopping_patience = 0, eval_strategy = "epoch", metric_for_best_model = "loss")]
struct EarlyStoppingPatience {}

#[derive(TrainingArgs)]
#[training_args(early_stopping_threshold = -0.5)]
struct EarlyStoppingThreshold {}

#[derive(TrainingArgs)]
#[training_args(max_length = 0)]
struct MaxLength {}

#[derive(TrainingArgs)]
#[training_args(seed = -1)]
struct Seed {}

#[derive(TrainingArgs)]
#[training_args(data_seed = -3)]
struct DataSeed {}

#[derive(TrainingArgs)]
#[training_args(num_threads = 0)]
struct NumThreads {}

#[derive(TrainingArgs)]
#[training_args(num_cycles = 0.0, lr_scheduler_type = "cosine")]
struct NumCycles {}

#[derive(TrainingArgs)]
#[training_args(power = -2.0, lr_scheduler_type = "polynomial")]
struct Power {}

#[derive(TrainingArgs)]
#[training_args(lr_end = -0.1, lr_scheduler_type = "polynomial")]
struct LrEnd {}

#[derive(TrainingArgs)]
#[training_args(min_lr = -0.1, lr_scheduler_type = "cosine_with_min_lr")]
struct MinLr {}

#[derive(TrainingArgs)]
#[training_args(max_lr = 0.0, lr_scheduler_type = "greedy", eval_strategy = "epoch")]
struct MaxLr {}

#[derive(TrainingArgs)]
#[training_args(min_lr_rate = 1.5, lr_scheduler_type = "cosine_with_min_lr")]
struct MinLrRate {}

#[derive(TrainingArgs)]
#[training_args(warmup_lr_rate = 2, lr_scheduler_type = "cosine_warmup_with_min_lr", min_lr_rate = 0.1)]
struct WarmupLrRate {}

#[derive(TrainingArgs)]
#[training_args(timescale = 0, lr_scheduler_type = "inverse_sqrt")]
struct Timescale {}

#[derive(TrainingArgs)]
#[training_args(num_stable_steps = -5, lr_scheduler_type = "warmup_stable_decay", num_decay_steps = 10)]
struct NumStableSteps {}

#[derive(TrainingArgs)]
#[training_args(num_decay_steps = 0, lr_scheduler_type = "warmup_stable_decay")]
struct NumDecaySteps {}

#[derive(TrainingArgs)]
#[training_args(min_lr_ratio = 1.01, lr_scheduler_type = "warmup_stable_decay", num_decay_steps = 10)]
struct MinLrRatio {}

#[derive(TrainingArgs)]
#[training_args(plateau_factor = 1.0, lr_scheduler_type = "reduce_lr_on_plateau", eval_strategy = "epoch")]
struct PlateauFactor {}

#[derive(TrainingArgs)]
#[training_args(plateau_patience = -1, lr_scheduler_type = "reduce_lr_on_plateau", eval_strategy = "epoch")]
struct PlateauPatience {}

#[derive(TrainingArgs)]
#[training_args(plateau_threshold = -0.1, lr_scheduler_type = "reduce_lr_on_plateau", eval_strategy = "epoch")]
struct PlateauThreshold {}

#[derive(TrainingArgs)]
#[training_args(plateau_cooldown = -1, lr_scheduler_type = "reduce_lr_on_plateau", eval_strategy = "epoch")]
struct PlateauCooldown {}

#[derive(TrainingArgs)]
#[training_args(plateau_eps = -0.1, lr_scheduler_type = "reduce_lr_on_plateau", eval_strategy = "epoch")]
struct PlateauEps {}

#[derive(TrainingArgs)]
#[training_args(plateau_warmup = -1, lr_scheduler_type = "greedy", eval_strategy = "epoch")]
struct PlateauWarmup {}

#[derive(TrainingArgs)]
#[training_args(plateau_window_size = 0, lr_scheduler_type = "greedy", eval_strategy = "epoch")]
struct PlateauWindowSize {}

#[derive(TrainingArgs)]
#[training_args(plateau_reset_start = 0, lr_scheduler_type = "greedy", eval_strategy = "epoch")]
struct PlateauResetStart {}

#[derive(TrainingArgs)]
#[training_args(generation_max_length = 0)]
struct GenerationMaxLength {}

#[derive(TrainingArgs)]
#[training_args(generation_num_beams = 0)]
struct GenerationNumBeams {}

#[derive(TrainingArgs)]
#[training_args(neftune_noise_alpha = -1.0)]
struct NeftuneNoiseAlpha {}

fn main() {}
