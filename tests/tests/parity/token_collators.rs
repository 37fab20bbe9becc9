//! Batches of the collators whose labels are those of tokens, against Hugging Face's and TRL's.
//!
//! Theirs put the label of a token at the token, and the model moves them; ours stand where the scores stand that have to find
//! them. So what is expected of a causal collator is moved here, by one place within each sequence.

use candle_core::Tensor;
use serde_json::Value;
use trainer_core::collate::{
    Batch, CausalLm, Collation, Collator, CompletionOnly, DecoderStart, Flattening, Item, ItemInput, Packing,
    Seq2SeqCollator, TokenClassificationCollator,
};
use trainer_core::data::{IGNORE, Target};
use trainer_core::text::{Encoding, PaddingSettings, Side, Tokenizer};

fn cases(file: &str, collator: &str) -> Vec<Value> {
    let cases = trainer_tests::json(&format!("collators/{file}"))["cases"].as_array().unwrap().clone();
    cases.into_iter().filter(|case| collator.is_empty() || case["collator"] == collator).collect()
}

fn tokenizer(args: &Value) -> Tokenizer {
    let folder = trainer_tests::fixtures().join("tokenizers").join(args["tokenizer"].as_str().unwrap());
    let mut tokenizer = Tokenizer::from_dir(folder).unwrap();
    if args["padding_side"] == "left" {
        tokenizer.set_padding_side(Side::Left);
    }
    tokenizer
}

/// Ids or labels: what is ignored is negative in their files.
fn numbers(list: &Value) -> Vec<u32> {
    let number = |value: &Value| u32::try_from(value.as_i64().unwrap()).unwrap_or(IGNORE);
    list.as_array().unwrap().iter().map(number).collect()
}

fn rows(table: &Value) -> Vec<Vec<u32>> {
    table["data"].as_array().unwrap_or_else(|| panic!("{table} is no tensor")).iter().map(numbers).collect()
}

fn items_of(features: &Value) -> Vec<Item> {
    let item = |(row, feature): (usize, &Value)| {
        let ids = if feature.is_array() { numbers(feature) } else { numbers(&feature["input_ids"]) };
        let mask = feature.get("attention_mask").map(numbers);
        let labels = ["labels", "label"].iter().find_map(|name| feature.get(*name));
        let input = ItemInput::Tokens(Encoding {
            input_ids: ids,
            attention_mask: mask.unwrap_or_default(),
            ..Encoding::default()
        });
        Item { row, input, target: labels.map_or(Target::None, |labels| Target::Tokens(numbers(labels))) }
    };
    features.as_array().unwrap().iter().enumerate().map(item).collect()
}

fn collated(collator: &impl Collator, items: &[Item], collation: &Collation<'_>) -> Batch {
    collator.collate_in(&items.iter().collect::<Vec<_>>(), collation).unwrap()
}

fn refused(collator: &impl Collator, item: &Item, collation: &Collation<'_>) -> String {
    let refused = collator.collate_in(&[item], collation).map(|_| ()).unwrap_err().to_string();
    assert_eq!(collator.check(item, collation).unwrap_err().to_string(), refused, "it is known before the first step");
    refused
}

fn table(tensor: Option<&Tensor>) -> Vec<Vec<u32>> {
    tensor.expect("the batch has it").to_vec2().unwrap()
}

fn assert_inputs(batch: &Batch, output: &Value, what: &Value) {
    assert_eq!(table(batch.input_ids.as_ref()), rows(&output["input_ids"]), "{what}");
    if let Some(mask) = output.get("attention_mask") {
        assert_eq!(table(batch.attention_mask.as_ref()), rows(mask), "{what}");
    }
}

/// What padding is said by the arguments of a case.
macro_rules! padded {
    ($collator:expr, $args:expr) => {{
        let mut collator = $collator;
        if let Some(multiple) = $args["pad_to_multiple_of"].as_u64() {
            collator = collator.pad_to_multiple_of(multiple as usize);
        }
        if $args["padding"] == "max_length" {
            collator = collator.fixed_length($args["max_length"].as_u64().unwrap() as usize);
        }
        collator
    }};
}

/// The labels of each row moved to the place before, within sequences of these lengths.
fn moved(labels: &[Vec<u32>], lengths: &[Vec<usize>]) -> Vec<Vec<u32>> {
    let mut moved = Vec::new();
    for (labels, lengths) in labels.iter().zip(lengths) {
        let mut row = vec![IGNORE; labels.len()];
        let mut begin = 0;
        for length in lengths {
            row[begin..begin + length - 1].copy_from_slice(&labels[begin + 1..begin + length]);
            begin += length;
        }
        moved.push(row);
    }
    moved
}

/// Each row is one sequence, with its padding.
fn moved_in_rows(labels: &[Vec<u32>]) -> Vec<Vec<u32>> {
    moved(labels, &labels.iter().map(|row| vec![row.len()]).collect::<Vec<_>>())
}

#[test]
fn labels_of_tokens_are_padded_as_data_collator_for_token_classification_does() {
    let cases = cases("cases.json", "DataCollatorForTokenClassification");
    assert_eq!(cases.len(), 8);
    for case in &cases {
        let (args, output) = (&case["args"], &case["output"]);
        let tokenizer = tokenizer(args);
        let collator = padded!(TokenClassificationCollator::new(), args);
        let collation = Collation { tokenizer: Some(&tokenizer), ..Collation::default() };
        let batch = collated(&collator, &items_of(&case["features"]), &collation);
        assert_inputs(&batch, output, args);
        // `label_pad_token_id = -1` is ignored here like -100: there is one label that counts nothing.
        match ["labels", "label"].iter().find_map(|name| output.get(*name)) {
            Some(labels) => assert_eq!(table(batch.labels.as_ref()), rows(labels), "{args}"),
            None => assert!(batch.labels.is_none(), "{args}"),
        }
    }
}

#[test]
fn sources_and_targets_are_padded_as_data_collator_for_seq2seq_does() {
    let cases = cases("cases.json", "DataCollatorForSeq2Seq");
    assert_eq!(cases.len(), 19);
    for case in &cases {
        let (args, output) = (&case["args"], &case["output"]);
        let tokenizer = tokenizer(args);
        let collator = padded!(Seq2SeqCollator::new(), args);
        // What `config.json` of the two models says; without a model Hugging Face lays out nothing for a decoder.
        let decoder = match args["model"].as_str() {
            Some("bart") => DecoderStart { start: 2, padding: 1 },
            _ => DecoderStart { start: 0, padding: 0 },
        };
        let collation = Collation { tokenizer: Some(&tokenizer), decoder: Some(decoder), ..Collation::default() };
        let items = items_of(&case["features"]);
        let batch = collated(&collator, &items, &collation);
        assert_inputs(&batch, output, args);
        if output["labels"].get("python").is_some() {
            assert!(batch.labels.is_none() && batch.decoder_input_ids.is_none(), "{args}");
            continue;
        }
        assert_eq!(table(batch.labels.as_ref()), rows(&output["labels"]), "{args}");
        if let Some(ids) = output.get("decoder_input_ids") {
            assert_eq!(table(batch.decoder_input_ids.as_ref()), rows(ids), "{args}");
        }
        // The first place is the start; else what is read is real where a label is to be found.
        let masks = table(batch.decoder_attention_mask.as_ref());
        for (mask, labels) in masks.iter().zip(rows(&output["labels"])) {
            let expected = labels.iter().enumerate().map(|(at, label)| u32::from(at == 0 || *label != IGNORE));
            assert!(mask.iter().copied().eq(expected), "{args}: {mask:?} for {labels:?}");
        }
        let without = Collation { decoder: None, ..collation };
        let refused = collator.collate_in(&items.iter().collect::<Vec<_>>(), &without).map(|_| ()).unwrap_err();
        assert!(refused.message().starts_with("`Seq2Seq` does not know how the decoder begins"), "{refused}");
    }
}

#[test]
fn the_next_token_is_the_label_as_data_collator_for_language_modeling_has_it() {
    let cases = cases("cases.json", "DataCollatorForLanguageModeling");
    assert_eq!(cases.len(), 7);
    for case in &cases {
        let (args, output) = (&case["args"], &case["output"]);
        let note = args["note"].as_str().unwrap_or_default();
        let mut tokenizer = tokenizer(args);
        if note.starts_with("pad token = </s>") {
            tokenizer.set_pad_token("</s>").unwrap();
        }
        let collation = Collation { tokenizer: Some(&tokenizer), ..Collation::default() };
        let batch = collated(&padded!(CausalLm::new(), args), &items_of(&case["features"]), &collation);
        assert_inputs(&batch, output, args);
        let (found, theirs) = (table(batch.labels.as_ref()), moved_in_rows(&rows(&output["labels"])));
        // Two of their answers are not ours: labels that the rows have are theirs alone to leave out, and an end of a text that is
        // also the padding token stays an end.
        if note.starts_with("labels given") {
            assert_eq!(theirs, [[10, 2, IGNORE], [12, 2, IGNORE]]);
            assert_eq!(found, [[10, 2, IGNORE], [IGNORE, 2, IGNORE]]);
            let batch = collated(&CausalLm::new().every_token(), &items_of(&case["features"]), &collation);
            assert_eq!(table(batch.labels.as_ref()), theirs);
        } else if note.starts_with("pad token = </s>") {
            assert_eq!(theirs, [[10, 11, IGNORE, IGNORE], [12, IGNORE, IGNORE, IGNORE]]);
            assert_eq!(found, [[10, 11, 2, IGNORE], [12, 2, IGNORE, IGNORE]]);
        } else {
            // On the left, their padding has to find the first token; ours finds nothing.
            let real = table(batch.attention_mask.as_ref());
            for ((found, theirs), real) in found.iter().zip(&theirs).zip(&real) {
                let expected = theirs.iter().zip(real).map(|(label, real)| if *real == 1 { *label } else { IGNORE });
                assert!(found.iter().copied().eq(expected), "{args}: {found:?} for {theirs:?}");
            }
        }
    }
}

#[test]
fn rows_lie_one_after_another_as_data_collator_with_flattening_has_them() {
    let cases = cases("cases.json", "DataCollatorWithFlattening");
    assert_eq!(cases.len(), 10);
    for case in &cases {
        let (args, output) = (&case["args"], &case["output"]);
        let batch = collated(&Flattening::new(), &items_of(&case["features"]), &Collation::default());
        assert_inputs(&batch, output, args);
        assert_eq!(batch.rows, [0, 1, 2]);
        let lengths = batch.sequence_lengths.clone().unwrap();
        assert_eq!(lengths, [[4, 3, 1]]);
        // What stands at the first token of a sequence (`separator_id`) is nothing that has to be found.
        assert_eq!(table(batch.labels.as_ref()), moved(&rows(&output["labels"]), &lengths), "{args}");
        if let Some(positions) = output.get("position_ids") {
            // `position_ids_start` is what a model counts from: it adds it.
            let start = args["position_ids_start"].as_u64().unwrap_or(0) as u32;
            let from_zero = rows(positions)[0].iter().map(|position| position - start).collect::<Vec<_>>();
            assert_eq!(table(batch.position_ids.as_ref()), [from_zero], "{args}");
        }
    }
}

/// The collator of `SFTTrainer`, which honours the labels of rows.
#[test]
fn labels_of_rows_and_padding_free_batches_are_those_of_trl() {
    let (mut padded, mut flat) = (0, 0);
    for case in cases("sft.json", "") {
        let (args, output) = (&case["args"], &case["output"]);
        let mut items = items_of(&case["features"]);
        if let Some(lengths) = case["features"][0].get("seq_lengths") {
            if args["padding_free"] != true {
                // Rows that were packed before; here packing makes the rows, so there is nothing to compare.
                assert!(lengths.is_array());
                continue;
            }
            items = unpacked(&case["features"]);
        }
        let id = args["pad_token_id"].as_u64().unwrap() as u32;
        if args["padding_free"] == true {
            let flattening = match args["pad_to_multiple_of"].as_u64() {
                Some(multiple) => Flattening::new().pad_id(id).pad_to_multiple_of(multiple as usize),
                None => Flattening::new(),
            };
            let batch = collated(&flattening, &items, &Collation::default());
            assert_inputs(&batch, output, args);
            let lengths = batch.sequence_lengths.clone().unwrap();
            // Theirs counts what the row is filled up with as one more sequence.
            let boundaries = numbers(&output["cu_seq_lens_q"]["data"]);
            let theirs: Vec<usize> = boundaries.windows(2).map(|pair| (pair[1] - pair[0]) as usize).collect();
            assert_eq!(lengths[0], theirs[..lengths[0].len()], "{args}");
            assert_eq!(table(batch.labels.as_ref()), moved(&rows(&output["labels"]), &[theirs]), "{args}");
            assert_eq!(table(batch.position_ids.as_ref()), rows(&output["position_ids"]), "{args}");
            flat += 1;
        } else {
            let collator = padded!(CausalLm::new().pad_id(id), args);
            let batch = collated(&collator, &items, &Collation::default());
            assert_inputs(&batch, output, args);
            assert_eq!(table(batch.labels.as_ref()), moved_in_rows(&rows(&output["labels"])), "{args}");
            padded += 1;
        }
    }
    assert_eq!((padded, flat), (2, 3));
}

/// The sequences of rows that hold several.
fn unpacked(features: &Value) -> Vec<Item> {
    let mut items = Vec::new();
    for feature in features.as_array().unwrap() {
        let ids = numbers(&feature["input_ids"]);
        let mut rest = ids.as_slice();
        for length in numbers(&feature["seq_lengths"]) {
            let (sequence, behind) = rest.split_at(length as usize);
            let input = ItemInput::Tokens(Encoding::from_tokens(sequence, None, None).unwrap());
            items.push(Item { row: items.len(), input, target: Target::None });
            rest = behind;
        }
    }
    items
}

#[test]
fn rows_are_packed_as_trl_packs_a_data_set() {
    let cases = cases("packing.json", "");
    assert_eq!(cases.len(), 3);
    for case in &cases {
        let length = case["args"]["max_length"].as_u64().unwrap() as usize;
        let items = items_of(&case["given"]);
        let batch = collated(&Packing::new(length).pad_id(0), &items, &Collation::default());
        let packed = case["packed"].as_array().unwrap();
        let lengths = batch.sequence_lengths.clone().unwrap();
        let (ids, labels) = (table(batch.input_ids.as_ref()), table(batch.labels.as_ref()));
        let positions = table(batch.position_ids.as_ref());
        assert_eq!((ids.len(), lengths.len()), (packed.len(), packed.len()));
        for (row, expected) in packed.iter().enumerate() {
            let tokens = numbers(&expected["input_ids"]);
            let expected_lengths: Vec<usize> = numbers(&expected["seq_lengths"]).iter().map(|n| *n as usize).collect();
            assert_eq!(lengths[row], expected_lengths, "row {row}");
            assert_eq!(ids[row][..tokens.len()], tokens, "row {row}");
            let moved = moved(&[numbers(&expected["labels"])], std::slice::from_ref(&expected_lengths));
            assert_eq!(labels[row][..tokens.len()], moved[0], "row {row}");
            let restarting: Vec<u32> = expected_lengths.iter().flat_map(|length| 0..*length as u32).collect();
            assert_eq!(positions[row][..tokens.len()], restarting, "row {row}");
            assert!(labels[row][tokens.len()..].iter().all(|label| *label == IGNORE));
        }
        let mut rows = batch.rows.clone();
        rows.sort_unstable();
        assert_eq!(rows, (0..items.len()).collect::<Vec<_>>(), "every row is there once");
    }
}

#[test]
fn answers_behind_templates_are_those_of_data_collator_for_completion_only_lm() {
    let tokenizer = tokenizer(&serde_json::json!({"tokenizer": "bpe"}));
    let (mut compared, mut refusals) = (0, Vec::new());
    for case in cases("completion_only.json", "") {
        let mut collator = match case["response_template"].as_str() {
            Some(text) => CompletionOnly::new().response_template(text),
            None => CompletionOnly::new().response_template_ids(&numbers(&case["response_template"])),
        };
        if let Some(text) = case["instruction_template"].as_str() {
            collator = collator.instruction_template(text);
        }
        let collation = Collation { tokenizer: Some(&tokenizer), ..Collation::default() };
        let padded = &case["input_ids"];
        let texts = case["texts"].as_array().unwrap();
        let length = padded[0].as_array().unwrap().len();
        let items: Vec<Item> = texts
            .iter()
            .enumerate()
            .map(|(row, text)| {
                let encoding = tokenizer.encode(text.as_str().unwrap(), None).unwrap();
                assert_eq!(encoding.input_ids, numbers(&padded[row])[..encoding.len()], "{text}");
                Item { row, input: ItemInput::Tokens(encoding), target: Target::None }
            })
            .collect();
        let expected: Vec<Vec<u32>> = case["labels"].as_array().unwrap().iter().map(numbers).collect();
        let found = moved_in_rows(&expected);
        let (with, without): (Vec<usize>, Vec<usize>) =
            (0..items.len()).partition(|row| expected[*row].iter().any(|label| *label != IGNORE));
        let whole: Vec<&Item> = with.iter().map(|row| &items[*row]).collect();
        let collator = collator.fixed_length(length);
        let batch = collator.collate_in(&whole, &collation).unwrap();
        for (place, row) in with.iter().enumerate() {
            assert_eq!(table(batch.labels.as_ref())[place], found[*row], "{}: row {row}", case["name"]);
            compared += 1;
        }
        // They mask such a row altogether and warn.
        refusals.extend(without.iter().map(|row| refused(&collator, &items[*row], &collation)));
    }
    assert_eq!((compared, refusals.len()), (18, 5));
    for refusal in &refusals {
        assert!(refusal.contains("has nothing to learn from: `response_template` ("), "{refusal}");
    }
    assert!(
        refusals[0]
            .starts_with("row 2 has nothing to learn from: `response_template` (\"### Response:\\n\") is not among")
    );
}

#[test]
fn rows_without_marks_of_answers_are_refused() {
    let item = &items_of(&serde_json::json!([{"input_ids": [1, 2, 3]}]))[0];
    let settings = PaddingSettings { id: 0, type_id: 0, token: String::new(), side: Side::Right };
    let collator = CompletionOnly::new().settings(settings);
    let message = refused(&collator, item, &Collation::default());
    assert!(message.starts_with("row 0 does not say which of its tokens are an answer\nhelp: give"), "{message}");
    let message = refused(&collator.clone().response_template("### Response:\n"), item, &Collation::default());
    assert!(message.starts_with("`response_template` is a text, and the trainer has no tokenizer"), "{message}");
    let message = refused(&collator.instruction_template_ids(&[7]), item, &Collation::default());
    assert!(
        message.starts_with("`CompletionOnly` has an `instruction_template`, but no `response_template`"),
        "{message}"
    );
}
