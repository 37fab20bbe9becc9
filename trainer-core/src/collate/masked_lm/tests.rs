//! Tests of masking.

use super::*;
use crate::collate::ItemInput;

const WORDPIECE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/tokenizers/wordpiece");

fn tokenizer() -> Result<Tokenizer> {
    Tokenizer::from_dir(WORDPIECE)
}

/// The same tokenizer, in which no token is called what mask tokens are called.
fn without_mask_token() -> Result<Tokenizer> {
    let folder = tempfile::tempdir()?;
    for file in ["tokenizer.json", "tokenizer_config.json"] {
        let text = std::fs::read_to_string(format!("{WORDPIECE}/{file}"))?;
        let text = text.replace("[MASK]", "[HIDE]").replace("mask_token", "other_token");
        std::fs::write(folder.path().join(file), text)?;
    }
    Tokenizer::from_dir(folder.path())
}

fn items(tokenizer: &Tokenizer) -> Result<Vec<Item>> {
    let texts = ["worth every penny, and more than that", "the waiter ignored us for an hour", "a free upgrade"];
    let item = |(row, text): (usize, &str)| {
        Ok(Item { row, input: ItemInput::Tokens(tokenizer.encode(text, None)?), target: Target::None })
    };
    texts.into_iter().enumerate().map(item).collect()
}

fn ids_and_labels(items: &[&Item], collator: &MaskedLm, collation: &Collation<'_>) -> Result<[Vec<Vec<u32>>; 2]> {
    let batch = collator.collate_in(items, collation)?;
    Ok([batch.input_ids()?.to_vec2()?, batch.labels()?.to_vec2()?])
}

#[test]
fn a_row_is_masked_the_same_whoever_stands_beside_it_and_otherwise_in_another_epoch_or_run() -> Result<()> {
    let tokenizer = tokenizer()?;
    let items = items(&tokenizer)?;
    let all: Vec<&Item> = items.iter().collect();
    let collator = MaskedLm::new().probability(0.5);
    let first = Collation { tokenizer: Some(&tokenizer), seed: 42, epoch: Some(0), ..Collation::default() };
    let [ids, labels] = ids_and_labels(&all, &collator, &first)?;
    let [alone, of_alone] = ids_and_labels(&all[1..2], &collator, &first)?;
    let tokens = alone[0].len();
    assert_eq!((&ids[1][..tokens], &labels[1][..tokens]), (&alone[0][..], &of_alone[0][..]));
    let [again, _] = ids_and_labels(&[all[2], all[0], all[1]], &collator, &first)?;
    assert_eq!(again[1], ids[0]);
    for other in
        [Collation { epoch: Some(1), ..first }, Collation { seed: 43, ..first }, Collation { epoch: None, ..first }]
    {
        assert_ne!(ids_and_labels(&all, &collator, &other)?[1], labels);
    }
    let evaluation = Collation { epoch: None, ..first };
    let elsewhere = Collation { seed: 7, ..evaluation };
    assert_eq!(ids_and_labels(&all, &collator, &evaluation)?, ids_and_labels(&all, &collator, &elsewhere)?);
    Ok(())
}

#[test]
fn special_tokens_and_padding_are_never_chosen() -> Result<()> {
    let tokenizer = tokenizer()?;
    let items = items(&tokenizer)?;
    let all: Vec<&Item> = items.iter().collect();
    let collation = Collation { tokenizer: Some(&tokenizer), epoch: Some(0), ..Collation::default() };
    let collator = MaskedLm::new().probability(1.0).mask(1.0).random(0.0);
    let [ids, labels] = ids_and_labels(&all, &collator, &collation)?;
    let mask = tokenizer.token_to_id("[MASK]").unwrap_or_default();
    for ((item, ids), labels) in items.iter().zip(&ids).zip(&labels) {
        let encoding = item.input.tokens().cloned().unwrap_or_default();
        for (place, (id, label)) in ids.iter().zip(labels).enumerate() {
            match encoding.special_tokens_mask.get(place) {
                Some(0) => assert_eq!((*id, *label), (mask, encoding.input_ids[place])),
                _ => assert_eq!(*label, IGNORE),
            }
        }
    }
    Ok(())
}

#[test]
fn what_is_tokenised_already_knows_special_tokens_by_their_ids() -> Result<()> {
    let tokenizer = tokenizer()?;
    let row = [2u32, 20, 21, 3];
    let input = ItemInput::Tokens(Encoding::from_tokens(&row, None, None)?);
    let item = Item { row: 9, input, target: Target::None };
    let collation = Collation { tokenizer: Some(&tokenizer), epoch: Some(0), ..Collation::default() };
    let [_, labels] = ids_and_labels(&[&item], &MaskedLm::new().probability(1.0), &collation)?;
    assert_eq!(labels, [[IGNORE, 20, 21, IGNORE]]);
    let whole = MaskedLm::new().whole_word().collate_in(&[&item], &collation).map(|_| ()).unwrap_err();
    assert!(whole.message().starts_with("`whole_word` has to know which tokens make a word, but row 9"), "{whole}");
    Ok(())
}

#[test]
fn random_tokens_are_within_the_vocabulary_of_the_model() -> Result<()> {
    let tokenizer = tokenizer()?;
    let items = items(&tokenizer)?;
    let all: Vec<&Item> = items.iter().collect();
    let collation =
        Collation { tokenizer: Some(&tokenizer), vocabulary_size: Some(10), epoch: Some(0), ..Collation::default() };
    let collator = MaskedLm::new().probability(1.0).mask(0.0).random(1.0);
    let [ids, labels] = ids_and_labels(&all, &collator, &collation)?;
    let drawn = ids.iter().flatten().zip(labels.iter().flatten()).filter(|(_, label)| **label != IGNORE);
    assert!(drawn.clone().count() > 10 && drawn.clone().all(|(id, _)| *id < 10));
    Ok(())
}

#[test]
fn what_cannot_be_masked_is_refused() -> Result<()> {
    let tokenizer = tokenizer()?;
    let items = items(&tokenizer)?;
    let message = |collator: &MaskedLm, item: &Item, tokenizer: Option<&Tokenizer>| {
        let collation = Collation { tokenizer, ..Collation::default() };
        let refused = collator.collate_in(&[item], &collation).map(|_| ()).unwrap_err();
        let checked = collator.check(item, &collation).unwrap_err();
        assert_eq!(refused.to_string(), checked.to_string());
        refused.to_string()
    };
    let plain = MaskedLm::new();
    assert!(message(&plain, &items[0], None).starts_with("`MaskedLm` takes its mask token from the tokenizer"));
    let without = without_mask_token()?;
    assert!(message(&plain, &items[0], Some(&without)).contains("this tokenizer has no `mask_token`"));
    let never = MaskedLm::new().probability(0.0);
    assert!(message(&never, &items[0], Some(&tokenizer)).starts_with("`probability` is how likely"));
    let labelled = Item { target: Target::Class(1), ..items[0].clone() };
    assert!(message(&plain, &labelled, Some(&tokenizer)).starts_with("row 0 has labels, but `MaskedLm` makes them"));
    let empty = Item { row: 5, input: ItemInput::Tokens(tokenizer.encode("", None)?), target: Target::None };
    assert!(
        message(&plain, &empty, Some(&tokenizer)).starts_with("row 5 has nothing to learn from: all of its 2 tokens")
    );
    Ok(())
}
