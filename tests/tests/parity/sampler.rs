//! The orders of examples equal those of torch and of Hugging Face's `Trainer`, exactly.

use serde_json::Value;
use trainer_core::data::order::{self, LastBatch, LoaderPasses, MersenneTwister};

fn figures(name: &str) -> Value {
    let path = trainer_tests::fixtures().join("sampler").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn positions(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|value| number(value) as usize).collect()
}

#[test]
fn the_generator_draws_the_numbers_of_numpy_and_torch() {
    let figures = figures("randperm.json");
    let streams = figures["mt19937_first_u32"].as_object().unwrap();
    assert_eq!(streams.len(), 4);
    for (seed, words) in streams {
        let mut stream = MersenneTwister::new(seed.parse().unwrap());
        for word in words.as_array().unwrap() {
            assert_eq!(u64::from(stream.next_u32()), number(word), "seed {seed}");
        }
    }
}

#[test]
fn permutations_equal_torch_randperm() {
    let figures = figures("randperm.json");
    let cases = figures["perms"].as_array().unwrap();
    assert_eq!(cases.len(), 12);
    for case in cases {
        let permutation = order::random(number(&case["n"]) as usize, number(&case["seed"]), 0);
        assert_eq!(permutation, positions(&case["perm"]), "n {} seed {}", case["n"], case["seed"]);
    }
    let large = order::random(70_000, 5, 0);
    let expected = &figures["n70000_seed5"];
    assert_eq!(large[..32], positions(&expected["first32"]));
    assert_eq!(large[large.len() - 8..], positions(&expected["last8"]));
    let checksum: u64 = large.iter().enumerate().map(|(index, row)| (index * row) as u64).sum();
    assert_eq!(checksum % (1 << 31), number(&expected["sum_i_times_perm_mod_2^31"]));
}

#[test]
fn length_grouped_orders_equal_those_of_transformers() {
    let figures = figures("length_grouped.json");
    let cases = figures["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 6);
    for case in cases {
        let lengths = positions(&case["lengths"]);
        let permutation = MersenneTwister::new(number(&case["seed"])).permutation(lengths.len());
        let grouped = order::group_by_length(&lengths, number(&case["batch_size"]) as usize, &permutation);
        assert_eq!(grouped, positions(&case["order"]), "n {}", lengths.len());
    }
}

#[test]
fn batches_of_three_epochs_equal_those_that_the_trainer_used() {
    let figures = figures("trainer_order.json");
    let cases = figures["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 7);
    for case in cases {
        let args = &case["args"];
        let batch_size = number(&args["per_device_train_batch_size"]) as usize;
        let last = match args["dataloader_drop_last"].as_bool() {
            Some(true) => LastBatch::Drop,
            _ => LastBatch::Keep,
        };
        let epochs = case["epochs"].as_array().unwrap();
        assert_eq!(epochs.len(), 3);
        for (epoch, expected) in epochs.iter().enumerate() {
            let order = order_of_case(case, epoch as u64);
            let batches = order::batches(&order, batch_size, last);
            let expected: Vec<Vec<usize>> = expected.as_array().unwrap().iter().map(positions).collect();
            assert_eq!(batches, expected, "{args}, epoch {epoch}");
        }
    }
}

fn order_of_case(case: &Value, epoch: u64) -> Vec<usize> {
    let args = &case["args"];
    let seed = number(&args["seed"]);
    match args["train_sampling_strategy"].as_str() {
        None => order::random(number(&case["n"]) as usize, args["data_seed"].as_u64().unwrap_or(seed), epoch),
        Some("sequential") => order::sequential(number(&case["n"]) as usize),
        Some(strategy) => {
            assert_eq!(strategy, "group_by_length");
            let batch = number(&args["per_device_train_batch_size"]) * number(&args["gradient_accumulation_steps"]);
            let evaluations = if case["with_eval"].as_bool().unwrap() { epoch } else { 0 };
            let passes = LoaderPasses { epoch, evaluations };
            order::length_grouped(&positions(&case["lengths"]), batch as usize, seed, passes)
        }
    }
}
