use trainer_core::prelude::*; // row 6: 11 errors

#[derive(TrainingArgs)]
#[training_args(
    output_dir = "results",
    dataloader_num_workers = 4,
    disable_tqdm = true,
    tf32 = true,
    hub_model_id = "me/model",
    push_to_hub = true,
    include_inputs_for_metrics = true,
    eval_accumulation_steps = 2,
    remove_unused_columns = false,
    activation_checkpointing = true,
    gradient_checkpointing_kwargs = "{}",
)]
struct Args {
    deepspeed: String,
}

fn main() {}
