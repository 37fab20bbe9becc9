use super::*;
use crate::args::OptimizerName;
use crate::args::Specification;
use crate::args::rules::Verdict;
use crate::model::bert;

/// all-MiniLM-L6-v2.
const MINI: Sizes = Sizes {
    vocab_size: Some(30522),
    hidden_size: Some(384),
    num_hidden_layers: Some(6),
    num_attention_heads: Some(12),
    intermediate_size: Some(1536),
    max_position_embeddings: Some(512),
    type_vocab_size: Some(2),
    ..Sizes::NONE
};

fn needs(rows: usize, length: usize) -> MemoryNeeds {
    let facts = Facts { per_device_train_batch_size: rows, ..Facts::DEFAULT };
    needs_of(Some(&bert::FAMILY), &MINI, Head::Values(3), &facts, Some(length), false, None).unwrap()
}

#[test]
fn a_plan_above_its_budget_is_refused_with_every_part() {
    const BUDGET: u64 = 8 << 30;
    let Verdict::Refused { message, help } = stays_within(&reference(64, 512), BUDGET) else { panic!("it fits") };
    let parts = "weights 86.6 MiB + gradients 86.6 MiB + optimiser 173 MiB + activations ";
    assert!(message.as_str().starts_with(parts), "{}", message.as_str());
    assert!(message.as_str().ends_with("for 64 rows of 512 tokens; the budget is 8.0 GiB"), "{}", message.as_str());
    let rows = number(&help);
    assert!(stays_within(&reference(rows, 512), BUDGET).is_accepted());
    assert!(!stays_within(&reference(rows + 1, 512), BUDGET).is_accepted());
}

/// The first number in the words.
fn number(words: &Words) -> usize {
    words.as_str().split([' ', '`']).find_map(|word| word.parse().ok()).unwrap()
}

fn reference(rows: usize, length: usize) -> MemoryNeeds {
    let needs = needs(rows, length);
    MemoryNeeds { blocks: needs.blocks.map(|(sizes, _)| (sizes, ComputedBy::Reference)), ..needs }
}

#[test]
fn fused_blocks_take_the_memory_of_the_rows_that_are_computed_at_once() {
    let memory = needs(64, 512).memory();
    assert_eq!((memory.rows, memory.rows_at_once), (64, 8));
    assert_eq!(memory.activations, needs(8, 512).memory().activations);
    assert!(memory.words_with_batch().as_str().ends_with(", for 64 rows of 512 tokens, 8 at once"));
    let inputs = MemoryNeeds { keeps: Keeps::Inputs, ..needs(64, 512) };
    assert!(inputs.memory().activations < memory.activations);
}

#[test]
fn the_advice_for_fused_blocks_fits_and_keeps_the_gradients() {
    let refused = |needs: &MemoryNeeds, budget| match stays_within(needs, budget) {
        Verdict::Refused { help, .. } => help,
        Verdict::Accepted => panic!("it fits"),
    };
    let needs = needs(64, 512);
    let within = |tokens_per_chunk, keeps, budget| {
        stays_within(&MemoryNeeds { tokens_per_chunk, keeps, ..needs }, budget).is_accepted()
    };
    let help = refused(&needs, 512 << 20);
    assert!(help.as_str().starts_with("`max_tokens_per_chunk = "), "{}", help.as_str());
    assert!(within(number(&help), Keeps::Everything, 512 << 20));
    assert!(!within(number(&help) + 512, Keeps::Everything, 512 << 20));

    let one_row = MemoryNeeds { tokens_per_chunk: 1, ..needs }.memory().total() as u64;
    let help = refused(&needs, one_row - 1);
    assert!(help.as_str().starts_with("`gradient_checkpointing = true`"), "{}", help.as_str());
    assert!(within(number(&help), Keeps::Inputs, one_row - 1));
    let help = refused(&MemoryNeeds { tokens_per_chunk: 512, ..needs }, one_row - 1);
    assert_eq!(help.as_str(), "`gradient_checkpointing = true` fits, and takes more time");
    assert!(within(512, Keeps::Inputs, one_row - 1));
    assert!(refused(&needs, 100 << 20).as_str().starts_with("not even one row fits"));
}

#[test]
fn the_optimiser_is_counted_as_the_arguments_name_it() {
    let with = |optim: OptimizerName| {
        let facts = Facts { optim, ..Facts::DEFAULT };
        needs_of(Some(&bert::FAMILY), &MINI, Head::Values(3), &facts, Some(128), false, None).unwrap()
    };
    let (weights, of) = (with(OptimizerName::AdamW).memory().weights, |optim| with(optim).memory().optimizer);
    assert_eq!(of(OptimizerName::AdamW), 2 * weights);
    assert_eq!(of(OptimizerName::Lion), weights);
    assert_eq!(of(OptimizerName::Sgd), 0);
    // Rows and columns: tables, six matrices and ten vectors of a block, the pooler, and the head.
    let tables = (30522 + 384) + (512 + 384) + (2 + 384) + 2 * 384;
    let block = 4 * (2 * 384) + 2 * (384 + 1536) + 4 * 384 + 1536 + 384 + 4 * 384;
    let heads = 2 * 384 + 384 + (384 + 3) + 3;
    assert_eq!(of(OptimizerName::Adafactor), 4 * (tables + 6 * block + heads));
    let adapted = Facts { optim: OptimizerName::Adafactor, ..Facts::DEFAULT };
    let adapted = needs_of(Some(&bert::FAMILY), &MINI, Head::Values(3), &adapted, Some(128), true, None).unwrap();
    assert_eq!(adapted.kept_by_optimizer, 384 + 3 + 3);
}

#[test]
fn what_only_the_run_will_know_is_taken_at_its_most() {
    let optim = OptimizerName::Sgd;
    let facts = Facts { gradient_checkpointing: true, max_tokens_per_chunk: Some(64), optim, ..Facts::DEFAULT };
    let unknown = ["gradient_checkpointing", "max_tokens_per_chunk", "optim"];
    let nothing = Specification { name: "Args", about: "", arguments: &[], fixed: &[] };
    let most = at_most(facts, &unknown, &nothing);
    assert_eq!((most.gradient_checkpointing, most.max_tokens_per_chunk), (false, Some(usize::MAX)));
    assert_eq!(most.optim, OptimizerName::AdamW);
    assert_eq!(at_most(facts, &[], &nothing), facts);
}

#[test]
fn a_budget_below_the_weights_has_no_batch() {
    let Verdict::Refused { help, .. } = stays_within(&needs(8, 128), 100 << 20) else { panic!("it fits") };
    assert!(help.as_str().starts_with("not even one row fits"), "{}", help.as_str());
}

#[test]
fn bytes_have_three_digits() {
    let text = |number| bytes(Words::new(), number).as_str().to_owned();
    assert_eq!(text(86 * (1 << 20) + 700_000), "86.7 MiB");
    assert_eq!(text(173 << 20), "173 MiB");
    assert_eq!(text(8 << 30), "8.0 GiB");
    assert_eq!(text(512), "0.5 KiB");
}

#[test]
fn the_shortest_of_the_known_lengths_counts() {
    assert_eq!(shortest(&[None, Some(512), None, Some(128)]), Some(128));
    assert_eq!(shortest(&[None]), None);
}

#[test]
fn gradients_have_the_rows_of_tables_that_an_update_can_touch() {
    let tables = |tokens: usize, length: usize| (30522 - tokens + 512 - length) * 384;
    let full = needs(64, 512).memory();
    assert_eq!(full.gradients, full.weights);
    assert_eq!(needs(8, 128).memory().gradients, full.gradients - 4 * tables(1024, 128));
    let accumulated = MemoryNeeds { accumulation: 4, ..needs(8, 128) }.memory();
    assert_eq!(accumulated.gradients, full.gradients - 4 * tables(4096, 128));
    assert_eq!(MemoryNeeds { accumulation: 4, ..reference(8, 128) }.memory().gradients, 2 * full.gradients);
    let frozen = MemoryNeeds { trained: 1155, trains_embeddings: false, ..needs(8, 128) }.memory();
    assert_eq!(frozen.gradients, 4 * 1155);
}
