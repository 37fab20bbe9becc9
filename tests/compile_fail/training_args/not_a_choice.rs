use trainer_core::prelude::*; // row 2: 5 errors

#[derive(TrainingArgs)]
#[training_args(save_strategy = "epochs", optim = "nag", report_to = ["tensorboard", "wandb"], device = "gpu")]
struct Args {
    #[arg(default = "cosin")]
    lr_scheduler_type: String,
}

fn main() {
    Args::parse();
}
