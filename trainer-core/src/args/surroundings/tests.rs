use super::*;

const TRAINER: Surroundings<'static> = Surroundings {
    trainer: "ReviewTrainer",
    has_eval_dataset: true,
    metrics: Some(&["accuracy", "f1"]),
    several: &["", "by_length"],
    train_rows: Some(500),
    positions: Some((512, "models/minilm/config.json")),
};

fn refused(verdict: &Verdict, words: &str) {
    let Verdict::Refused { message, help } = verdict else { panic!("`{words}` is expected") };
    assert_eq!(format!("{}\nhelp: {}", message.as_str(), help.as_str()), words);
}

#[test]
fn evaluations_need_data() {
    let around = Surroundings { has_eval_dataset: false, ..TRAINER };
    let facts = Facts { eval_strategy: IntervalStrategy::Epoch, ..Facts::DEFAULT };
    refused(
        &evaluation_needs_a_dataset(&facts, &around),
        "`eval_strategy` is \"epoch\", but `ReviewTrainer` has no `eval_dataset`\n\
         help: add the field `eval_dataset: Dataset<…>`, or write `eval_strategy = \"no\"`",
    );
    assert!(evaluation_needs_a_dataset(&facts, &TRAINER).is_accepted());
    assert!(evaluation_needs_a_dataset(&Facts::DEFAULT, &around).is_accepted());
    let on_start = Facts { eval_on_start: true, ..Facts::DEFAULT };
    refused(
        &evaluation_on_start_needs_a_dataset(&on_start, &around),
        "`eval_on_start` is true, but `ReviewTrainer` has no `eval_dataset`\n\
         help: add the field `eval_dataset: Dataset<…>`, or leave `eval_on_start` out",
    );
    let both = Facts { eval_on_start: true, ..facts };
    assert!(evaluation_on_start_needs_a_dataset(&both, &around).is_accepted(), "one mistake, one answer");
}

#[test]
fn the_best_model_needs_a_metric_of_the_trainer() {
    let named = |name| Facts { metric_for_best_model: Some(name), ..Facts::DEFAULT };
    refused(
        &best_metric_is_computed(&named("eval_f2"), &TRAINER),
        "`metric_for_best_model` is \"eval_f2\", which no metric of this trainer gives\nhelp: did you mean \"f1\"?",
    );
    refused(
        &best_metric_is_computed(&named("temperature"), &TRAINER),
        "`metric_for_best_model` is \"temperature\", which no metric of this trainer gives\n\
         help: there are `loss`, `accuracy`, `f1`",
    );
    for name in ["f1", "eval_f1", "loss", "eval_loss", "by_length_short"] {
        assert!(best_metric_is_computed(&named(name), &TRAINER).is_accepted(), "{name}");
    }
    // One value has one key, whatever begins like it.
    assert!(!best_metric_is_computed(&named("f1_macro"), &TRAINER).is_accepted());
    assert!(!best_metric_is_computed(&named("f1"), &Surroundings { metrics: Some(&[]), ..TRAINER }).is_accepted());
    assert!(best_metric_is_computed(&named("f2"), &Surroundings { metrics: None, ..TRAINER }).is_accepted());
}

#[test]
fn a_warm_up_ends_before_the_run() {
    let facts = Facts { per_device_train_batch_size: 16, warmup: Warmup::Steps(1000), ..Facts::DEFAULT };
    refused(
        &warmup_ends(&facts, &TRAINER),
        "warm-up of 1000 steps, but this run takes 96\n\
         help: 500 rows in batches of 16, 3 epochs: `warmup_ratio = 0.1` warms up for a tenth of the run",
    );
    let windows = Facts { gradient_accumulation_steps: 4, num_train_epochs: 0.5, ..facts };
    refused(
        &warmup_ends(&windows, &TRAINER),
        "warm-up of 1000 steps, but this run takes 4\n\
         help: 500 rows in batches of 16, 4 for each update: `warmup_ratio = 0.1` warms up for a tenth of the run",
    );
    refused(
        &warmup_ends(&Facts { max_steps: Some(94), warmup: Warmup::Ratio(1.0), ..facts }, &TRAINER),
        "warm-up of 94 steps, but this run takes 94\n\
         help: `max_steps` says so: `warmup_ratio = 0.1` warms up for a tenth of the run",
    );
    for (warmup, accepted) in
        [(Warmup::Steps(95), true), (Warmup::Steps(96), false), (Warmup::Ratio(0.999), true), (Warmup::Steps(0), true)]
    {
        assert_eq!(warmup_ends(&Facts { warmup, ..facts }, &TRAINER).is_accepted(), accepted, "{warmup}");
    }
    let unknown = Surroundings { train_rows: None, ..TRAINER };
    assert!(warmup_ends(&facts, &unknown).is_accepted(), "nobody knows how long the run is");
    assert!(!warmup_ends(&Facts { max_steps: Some(94), ..facts }, &unknown).is_accepted());
}

#[test]
fn intervals_are_within_the_run() {
    let by_steps = Facts {
        eval_strategy: IntervalStrategy::Steps,
        eval_steps: Some(StepsOrRatio::Steps(500)),
        save_steps: StepsOrRatio::Steps(200),
        ..Facts::DEFAULT
    };
    refused(
        &evaluations_are_within_the_run(&by_steps, &TRAINER),
        "`eval_steps` is 500, but this run takes 189 steps: only its end is evaluated\n\
         help: 500 rows in batches of 8, 3 epochs: `eval_steps = 0.1` evaluates after each tenth of the run, \
         `eval_strategy = \"epoch\"` after each epoch",
    );
    let by_logging = Facts { eval_steps: None, max_steps: Some(1), ..by_steps };
    assert!(matches!(evaluations_are_within_the_run(&by_logging, &TRAINER), Verdict::Refused { message, .. }
            if message.as_str() == "evaluations go by `logging_steps`, which is 500, but this run takes 1 step: only its end is evaluated"));
    refused(
        &checkpoints_are_within_the_run(&by_steps, &TRAINER),
        "`save_steps` is 200, but this run takes 189 steps: only its end is saved\n\
         help: 500 rows in batches of 8, 3 epochs: `save_steps = 0.1` saves after each tenth of the run, \
         `save_strategy = \"epoch\"` after each epoch",
    );
    let shares = Facts { eval_steps: Some(StepsOrRatio::Ratio(0.5)), save_steps: StepsOrRatio::Steps(189), ..by_steps };
    assert!(evaluations_are_within_the_run(&shares, &TRAINER).is_accepted());
    assert!(checkpoints_are_within_the_run(&shares, &TRAINER).is_accepted(), "the end is within");
    let by_epochs = Facts { eval_strategy: IntervalStrategy::Epoch, save_strategy: SaveStrategy::Epoch, ..by_steps };
    assert!(evaluations_are_within_the_run(&by_epochs, &TRAINER).is_accepted());
    assert!(checkpoints_are_within_the_run(&by_epochs, &TRAINER).is_accepted());
}

#[test]
fn texts_are_not_cut_at_more_tokens_than_there_are_positions() {
    let facts = |max_length| Facts { max_length: Some(max_length), ..Facts::DEFAULT };
    assert!(max_length_is_within_the_positions(&facts(512), &TRAINER).is_accepted());
    let Verdict::Refused { message, help } = max_length_is_within_the_positions(&facts(513), &TRAINER) else {
        panic!("513 of 512 positions were accepted")
    };
    let said =
        "`max_length` is 513, but the model has 512 positions (`max_position_embeddings` in models/minilm/config.json)";
    assert_eq!((message.as_str(), help.as_str()), (said, "write at most 512; longer texts are cut"));
}
