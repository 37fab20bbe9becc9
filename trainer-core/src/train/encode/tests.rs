mod of_tokens;

use std::fs;
use std::path::Path;

use super::*;
use crate::data::{Field, Files, Regression, Row, Target};
use crate::text::WordPieceSettings;

struct Review(&'static str);

impl Example for Review {
    type Task = Regression<1>;
    const NAME: &'static str = "Review";
    const FIELDS: &'static [Field] = &[];
    const FILES: Files = Files { manifest_dir: "", train: None, eval: None, test: None };

    fn from_row(row: &Row<'_>) -> Result<Self> {
        Err(Error::new(ErrorKind::Data, "made in the program").at(row.place()))
    }

    fn input(&self) -> Input<'_> {
        Input::Text { text: self.0, pair: None }
    }

    fn target(&self) -> Target {
        Target::Values(vec![self.0.len() as f32])
    }
}

const TEXTS: [&str; 4] = ["worth every penny", "crashes every time i open it", "does the job", "worth it"];
const LIMITS: Limits = Limits::both(Some(6), None);

fn tokenizer() -> Result<Tokenizer> {
    Tokenizer::train_wordpiece(&TEXTS, &WordPieceSettings { vocab_size: 80, ..WordPieceSettings::default() })
}

fn reviews() -> Dataset<Review> {
    Dataset::from_examples(TEXTS.map(Review).into())
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

fn same(left: &Encoded, right: &Encoded) -> bool {
    left.items == right.items && left.lost == right.lost
}

#[test]
fn a_second_start_has_the_items_of_the_first_and_takes_them_from_the_cache() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (cache, tokenizer, reviews) = (TokenCache::at(folder.path(), 20), tokenizer()?, reviews());
    let encode = |cache| encode(&reviews, Some(&tokenizer), LIMITS, Purpose::Learning, None, cache);
    let (without, first, second) = (encode(None)?, encode(Some(&cache))?, encode(Some(&cache))?);
    assert_eq!(entries(folder.path()), 1);
    assert!(without.lost.truncated > 0 && same(&without, &first) && same(&without, &second));

    let key = Inputs::new(reviews.examples(), None).key(&tokenizer, LIMITS, 20).expect("texts of more than 20 bytes");
    let other = Encoding::from_tokens(&[1, 2, 3], None, None)?;
    cache.write(&key, std::iter::repeat_n((&other, Cut::No), TEXTS.len()));
    let third = encode(Some(&cache))?;
    assert!(third.items.iter().all(|item| item.input.tokens() == Some(&other)), "what the cache says is taken");
    assert!(third.items.iter().zip(&first.items).all(|(third, first)| third.target == first.target));
    Ok(())
}

#[test]
fn what_is_kept_is_checked_against_the_model_again() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (cache, tokenizer, reviews) = (TokenCache::at(folder.path(), 0), tokenizer()?, reviews());
    encode(&reviews, Some(&tokenizer), LIMITS, Purpose::Learning, None, Some(&cache))?;
    let small = Limits::both(Some(6), Some(5));
    let message = |cache| {
        let refused = encode(&reviews, Some(&tokenizer), small, Purpose::Learning, None, cache);
        refused.expect_err("there are more than 5 ids").to_string()
    };
    assert_eq!(message(Some(&cache)), message(None));
    Ok(())
}

#[test]
fn another_formatting_is_another_entry_and_its_empty_text_is_refused_at_the_row() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (cache, tokenizer, reviews) = (TokenCache::at(folder.path(), 0), tokenizer()?, reviews());
    let encode = |formatting: Option<Formatting<Review>>| {
        encode(&reviews, Some(&tokenizer), LIMITS, Purpose::Learning, formatting, Some(&cache))
    };
    let plain = encode(None)?;
    assert!(same(&plain, &encode(Some(|review| review.0.to_owned()))?));
    assert_eq!(entries(folder.path()), 1, "the same texts are the same entry, whoever writes them");
    assert!(!same(&plain, &encode(Some(|review| format!("it {}", review.0)))?));
    assert_eq!(entries(folder.path()), 2);
    let empty: Formatting<Review> = |review| review.0.replace("does the job", " ");
    let message = encode(Some(empty)).expect_err("row 2 is empty").to_string();
    assert!(
        message.contains("`formatting` makes an empty text") && message.starts_with(&reviews.place(2)),
        "{message}"
    );
    assert_eq!(entries(folder.path()), 2);
    Ok(())
}

#[test]
fn small_data_sets_are_not_kept() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let bytes: usize = TEXTS.iter().map(|text| text.len()).sum();
    for (least, kept) in [(bytes + 1, 0), (bytes, 1)] {
        let cache = TokenCache::at(folder.path(), least);
        encode(&reviews(), Some(&tokenizer()?), LIMITS, Purpose::Learning, None, Some(&cache))?;
        assert_eq!(entries(folder.path()), kept, "{least}");
    }
    Ok(())
}
