//! Batches equal those of Hugging Face's `default_data_collator` and `DataCollatorWithPadding`, exactly.

use candle_core::{DType, Tensor};
use serde_json::{Map, Value};
use trainer_core::collate::{Batch, Collator, DefaultCollator, Item, ItemInput, Numbers, Padding, stack};
use trainer_core::data::Target;
use trainer_core::text::{Encoding, PaddingSettings, Side};

fn cases(collator: &str) -> Vec<Value> {
    let path = trainer_tests::fixtures().join("collators").join("cases.json");
    let figures: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let cases = figures["cases"].as_array().unwrap().iter();
    cases.filter(|case| case["collator"] == collator).cloned().collect()
}

fn features(case: &Value) -> Vec<&Map<String, Value>> {
    case["features"].as_array().unwrap().iter().map(|feature| feature.as_object().unwrap()).collect()
}

/// The name of a label column in a batch, and of others.
fn name_in_batch(column: &str) -> &str {
    if matches!(column, "label" | "label_ids") { "labels" } else { column }
}

/// A cell as a column of numbers has it; texts and `null` are in no tensor.
fn numbers(value: &Value) -> Option<Numbers> {
    match value {
        Value::Bool(value) => Some(Numbers::Integer(i64::from(*value))),
        Value::Number(number) => Some(match number.as_i64() {
            Some(value) => Numbers::Integer(value),
            None => Numbers::Float(number.as_f64()? as f32),
        }),
        Value::Array(values) if values.iter().all(Value::is_i64) => {
            Some(Numbers::Integers(values.iter().map(|value| value.as_i64().unwrap()).collect()))
        }
        Value::Array(_) => Some(Numbers::Floats(floats(value))),
        _ => None,
    }
}

fn floats(value: &Value) -> Vec<f32> {
    match value {
        Value::Array(values) => values.iter().flat_map(floats).collect(),
        _ => vec![value.as_f64().unwrap() as f32],
    }
}

fn shape(expected: &Value) -> Vec<usize> {
    expected["shape"].as_array().unwrap().iter().map(|size| size.as_u64().unwrap() as usize).collect()
}

/// The same shape and, being whole numbers or the same fractions, the same values to the bit.
fn assert_same(tensor: &Tensor, expected: &Value, what: &str) {
    assert_eq!(tensor.dims(), shape(expected), "{what}");
    let found: Vec<f32> = tensor.flatten_all().unwrap().to_dtype(DType::F32).unwrap().to_vec1().unwrap();
    assert_eq!(found, floats(&expected["data"]), "{what}");
}

fn ids(feature: &Map<String, Value>, column: &str) -> Vec<u32> {
    let list = feature.get(column).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|id| u32::try_from(id.as_u64().unwrap()).unwrap()).collect()
}

fn target(feature: &Map<String, Value>) -> Target {
    match ["label", "labels", "label_ids"].iter().find_map(|name| feature.get(*name)) {
        None => Target::None,
        Some(Value::Array(_)) => {
            Target::MultiHot(floats(feature.iter().find(|(name, _)| name_in_batch(name) == "labels").unwrap().1))
        }
        Some(Value::Bool(class)) => Target::Class(u32::from(*class)),
        Some(value) => match value.as_u64() {
            Some(class) => Target::Class(u32::try_from(class).unwrap()),
            None => Target::Values(floats(value)),
        },
    }
}

fn refs(items: &[Item]) -> Vec<&Item> {
    items.iter().collect()
}

fn items(case: &Value) -> Vec<Item> {
    let item = |(row, feature): (usize, &Map<String, Value>)| {
        let encoding = Encoding {
            input_ids: ids(feature, "input_ids"),
            attention_mask: ids(feature, "attention_mask"),
            token_type_ids: ids(feature, "token_type_ids"),
            ..Encoding::default()
        };
        Item { row, input: ItemInput::Tokens(encoding), target: target(feature) }
    };
    features(case).into_iter().enumerate().map(item).collect()
}

/// Compares a batch with all tensors of a case. Our ids and classes are `u32` where theirs are `int64`, and a label of one
/// number is `[batch, 1]` where theirs is `[batch]`.
fn assert_batch(batch: &Batch, case: &Value) {
    let what = case["args"].to_string();
    let expected = case["output"].as_object().unwrap();
    for (name, expected) in expected {
        let tensor = match name.as_str() {
            "input_ids" => batch.input_ids.clone(),
            "attention_mask" => batch.attention_mask.clone(),
            "token_type_ids" => batch.token_type_ids.clone(),
            "labels" => batch.labels.clone(),
            other => panic!("no tensor `{other}`"),
        };
        let tensor = tensor.unwrap_or_else(|| panic!("{what}: `{name}` is missing"));
        match (name.as_str(), expected["dtype"].as_str().unwrap()) {
            ("labels", "float32") => assert_eq!(tensor.dtype(), DType::F32, "{what}"),
            ("labels", _) if shape(expected).len() == 2 => assert_eq!(tensor.dtype(), DType::F32, "{what}"),
            _ => assert_eq!(tensor.dtype(), DType::U32, "{what}: {name}"),
        }
        let tensor =
            if name == "labels" && shape(expected).len() == 1 { tensor.flatten_all().unwrap() } else { tensor };
        assert_same(&tensor, expected, &format!("{what}: {name}"));
    }
    assert_eq!(batch.token_type_ids.is_some(), expected.contains_key("token_type_ids"), "{what}");
    assert_eq!(batch.labels.is_some(), expected.contains_key("labels"), "{what}");
    let mask = floats(&expected["attention_mask"]["data"]);
    let real: Vec<u32> = (0..mask.len()).filter(|index| mask[*index] > 0.0).map(|index| index as u32).collect();
    assert_eq!(batch.real_tokens, (real.len() < mask.len()).then_some(real), "{what}");
    assert_eq!(batch.rows, (0..features(case).len()).collect::<Vec<_>>());
}

#[test]
fn columns_are_stacked_as_the_default_collator_does() {
    let mut compared = 0;
    for case in cases("default_data_collator").iter().filter(|case| case["args"]["note"] != "first int, then float") {
        let features = features(case);
        for name in features[0].keys() {
            let rows: Option<Vec<Numbers>> = features.iter().map(|feature| numbers(&feature[name])).collect();
            let expected = &case["output"][name_in_batch(name)];
            match (rows, case["error"].as_str()) {
                (Some(rows), Some(_)) => {
                    let error = stack(name, &rows).unwrap_err().to_string();
                    assert_eq!(error, "`input_ids` has 2 numbers in row 0, but 3 in row 1");
                }
                (Some(rows), None) => {
                    let tensor = stack(name, &rows).unwrap();
                    let dtype = if expected["dtype"] == "int64" { DType::I64 } else { DType::F32 };
                    assert_eq!(tensor.dtype(), dtype, "{}: {name}", case["args"]);
                    assert_same(&tensor, expected, &format!("{}: {name}", case["args"]));
                }
                (None, _) => assert!(expected.is_null(), "{name} is no column of numbers"),
            }
            compared += 1;
        }
    }
    assert_eq!(compared, 26);
}

#[test]
fn items_are_stacked_as_the_default_collator_does() {
    let cases = cases("default_data_collator");
    assert_eq!(cases.len(), 10);
    for case in &cases {
        match case["args"]["note"].as_str().unwrap() {
            "unequal lengths" => {
                let error = DefaultCollator.collate(&refs(&items(case)), None).unwrap_err().to_string();
                assert!(
                    error.starts_with(
                        "`input_ids` has 2 numbers in row 0, but 3 in row 1\nhelp: write `collator = Padding`"
                    ),
                    "{error}"
                );
            }
            "first int, then float" => {}
            _ => assert_batch(&DefaultCollator.collate(&refs(&items(case)), None).unwrap(), case),
        }
    }
}

/// Hugging Face takes the kind of the first label and cuts 0.5 to 0 without a word. Here it is an error.
#[test]
fn a_fraction_after_an_integer_is_refused_where_hugging_face_cuts_it() {
    let cases = cases("default_data_collator");
    let case = cases.iter().find(|case| case["args"]["note"] == "first int, then float").unwrap();
    assert_eq!(floats(&case["output"]["labels"]["data"]), [1.0, 0.0]);
    let rows: Vec<Numbers> = features(case).iter().map(|feature| numbers(&feature["label"]).unwrap()).collect();
    let error = stack("label", &rows).unwrap_err().to_string();
    assert!(error.starts_with("`label` is an integer in row 0, but a number with a fraction in row 1"), "{error}");
    let error = DefaultCollator.collate(&refs(&items(case)), None).unwrap_err().to_string();
    assert_eq!(error, "the labels of the rows 0 and 1 are of different kinds");
}

#[test]
fn rows_are_padded_as_data_collator_with_padding_does() {
    let cases = cases("DataCollatorWithPadding");
    assert_eq!(cases.len(), 16);
    for case in &cases {
        let args = &case["args"];
        let side = if args["padding_side"] == "left" { Side::Left } else { Side::Right };
        let id = u32::try_from(case["padding"]["id"].as_u64().unwrap()).unwrap();
        let token = case["padding"]["token"].as_str().unwrap().to_owned();
        let mut padding = Padding::new().settings(PaddingSettings { id, type_id: 0, token, side });
        if let Some(multiple) = args["pad_to_multiple_of"].as_u64() {
            padding = padding.pad_to_multiple_of(multiple as usize);
        }
        if args["padding"] == "max_length" {
            padding = padding.fixed_length(args["max_length"].as_u64().unwrap() as usize);
        }
        assert_batch(&padding.collate(&refs(&items(case)), None).unwrap(), case);
    }
}

fn row_of(length: u32) -> Item {
    let encoding = Encoding { input_ids: (1..=length).collect(), ..Encoding::default() };
    Item { row: 7, input: ItemInput::Tokens(encoding), target: Target::None }
}

#[test]
fn a_row_beyond_the_maximum_length_is_named() {
    let error = Padding::new().pad_id(0).max_length(3).collate(&[&row_of(4)], None).unwrap_err().to_string();
    assert!(error.starts_with("row 7 has 4 tokens, but `max_length` is 3\n"), "{error}");
    let error = Padding::new().pad_id(0).fixed_length(2).collate(&[&row_of(3)], None).unwrap_err().to_string();
    assert!(error.starts_with("row 7 has 3 tokens, but `fixed_length` is 2\n"), "{error}");
}

#[test]
fn the_maximum_length_limits_the_multiple() {
    let padding = Padding::new().pad_id(0).pad_to_multiple_of(8).max_length(10);
    let length = |items: &[Item]| padding.collate(&refs(items), None).unwrap().input_ids.unwrap().dims()[1];
    assert_eq!(length(&[row_of(9)]), 10);
    assert_eq!(length(&[row_of(3)]), 8);
}

#[test]
fn padding_without_a_token_to_pad_with_is_refused() {
    let error = Padding::new().collate(&[&row_of(3)], None).unwrap_err().to_string();
    assert!(error.starts_with("`Padding` does not know what to pad with: there is no tokenizer\nhelp:"), "{error}");
}

#[test]
fn a_mask_of_the_data_is_kept_and_its_zeros_are_no_real_tokens() {
    let encoding = Encoding { input_ids: vec![5, 6, 0], attention_mask: vec![1, 1, 0], ..Encoding::default() };
    let masked = Item { row: 0, input: ItemInput::Tokens(encoding), target: Target::None };
    let batch = DefaultCollator.collate(&[&masked, &row_of(3)], None).unwrap();
    assert_eq!(batch.real_tokens, Some(vec![0, 1, 3, 4, 5]));
}

#[test]
fn features_are_stacked_and_not_padded() {
    let item =
        |row, values: &[f32]| Item { row, input: ItemInput::Features(values.to_vec()), target: Target::Class(0) };
    let batch = DefaultCollator.collate(&[&item(0, &[1.0, 2.0]), &item(1, &[3.0, 4.0])], None).unwrap();
    assert_eq!(batch.features().unwrap().to_vec2::<f32>().unwrap(), [[1.0, 2.0], [3.0, 4.0]]);
    let error = DefaultCollator.collate(&[&item(0, &[1.0, 2.0]), &item(1, &[3.0])], None).unwrap_err().to_string();
    assert_eq!(error, "`features` has 2 numbers in row 0, but 1 in row 1");
    let error = Padding::new().pad_id(0).collate(&[&item(0, &[1.0])], None).unwrap_err().to_string();
    assert_eq!(error, "`Padding` pads tokens, but these rows are features\nhelp: write `collator = Default`");
}
