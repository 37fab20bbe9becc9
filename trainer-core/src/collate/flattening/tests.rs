//! Tests of rows one after another.

use super::*;
use crate::collate::{ItemInput, Supervision};
use crate::data::IGNORE;
use crate::text::Encoding;

fn item(row: usize, ids: &[u32], labels: Option<&[u32]>) -> Result<Item> {
    let input = ItemInput::Tokens(Encoding::from_tokens(ids, None, None)?);
    Ok(Item { row, input, target: labels.map_or(Target::None, |labels| Target::Tokens(labels.to_vec())) })
}

#[test]
fn a_row_is_filled_up_behind_its_sequences() -> Result<()> {
    let (long, short) = (item(4, &[1, 10, 11, 2], None)?, item(7, &[1, 12, 2], None)?);
    let batch = Flattening::new().pad_to_multiple_of(4).pad_id(9).collate(&[&long, &short], None)?;
    assert_eq!(batch.rows, [4, 7]);
    assert_eq!(batch.input_ids()?.to_vec2::<u32>()?, [[1, 10, 11, 2, 1, 12, 2, 9]]);
    assert_eq!(batch.labels()?.to_vec2::<u32>()?, [[10, 11, 2, IGNORE, 12, 2, IGNORE, IGNORE]]);
    assert_eq!(batch.real_tokens.as_deref(), Some(&[0, 1, 2, 3, 4, 5, 6][..]));
    assert_eq!(batch.sequence_lengths, Some(vec![vec![4, 3]]));
    assert_eq!(batch.labels_of_examples()?, [3, 2]);
    let supervision = Supervision::of(&batch)?.unwrap_or_default();
    assert_eq!(supervision, Supervision { labelled: 5, tokens: 7 });
    assert_eq!(supervision.to_string(), "5 of 7 tokens (71.4 %)");
    Ok(())
}

#[test]
fn tokens_that_a_mask_hides_are_left_out() -> Result<()> {
    let input = ItemInput::Tokens(Encoding::from_tokens(&[1, 10, 2, 0], Some(&[1, 1, 1, 0]), None)?);
    let masked = Item { row: 0, input, target: Target::Tokens(vec![IGNORE, 10, 2, IGNORE]) };
    let batch = Flattening::new().collate(&[&masked, &item(1, &[1, 12], None)?], None)?;
    assert_eq!(batch.input_ids()?.to_vec2::<u32>()?, [[1, 10, 2, 1, 12]]);
    assert_eq!(batch.labels()?.to_vec2::<u32>()?, [[10, 2, IGNORE, 12, IGNORE]]);
    assert_eq!(batch.real_tokens, None);
    Ok(())
}

#[test]
fn every_token_is_learned_where_that_is_asked_for() -> Result<()> {
    let answer = item(0, &[1, 10, 2], Some(&[IGNORE, IGNORE, 2]))?;
    let labels =
        |collator: Flattening| collator.collate(&[&answer], None)?.labels()?.to_vec2::<u32>().map_err(Error::from);
    assert_eq!(labels(Flattening::new())?, [[IGNORE, 2, IGNORE]]);
    assert_eq!(labels(Flattening::new().every_token())?, [[10, 2, IGNORE]]);
    Ok(())
}

#[test]
fn a_row_whose_every_label_is_ignored_is_named() -> Result<()> {
    let cut = item(12, &[1, 10, 11], Some(&[IGNORE; 3]))?;
    let refused = Flattening::new().collate(&[&cut], None).map(|_| ()).unwrap_err().to_string();
    let words = "row 12 has nothing to learn from: none of its 3 tokens has a label, or those that have one were cut away\nhelp: raise";
    assert!(refused.starts_with(words), "{refused}");
    assert_eq!(Flattening::new().check(&cut, &Collation::default()).unwrap_err().to_string(), refused);
    let first = item(3, &[1, 10, 11], Some(&[1, IGNORE, IGNORE]))?;
    let refused = Flattening::new().collate(&[&first], None).map(|_| ()).unwrap_err().to_string();
    assert!(
        refused.starts_with("row 3 has nothing to learn from: the only tokens with a label are its first"),
        "{refused}"
    );
    let long = item(8, &[1, 10, 11], None)?;
    let refused = Flattening::new().max_length(2).collate(&[&long], None).map(|_| ()).unwrap_err().to_string();
    assert!(refused.starts_with("row 8 has 3 tokens, but `max_length` is 2"), "{refused}");
    Ok(())
}
