//! Items of tasks over tokens: tags of words, texts to write, labels that are given.

use super::super::*;
use super::{entries, tokenizer};
use crate::collate::ItemInput;
use crate::data::{
    ClassLabel, Field, Files, IGNORE, LanguageModeling, Row, Seq2Seq, Target, Task, TaskKind, TokenClassification,
};

/// An example whose input and target are as the test says.
struct Given<T> {
    words: Vec<String>,
    target: Target,
    task: std::marker::PhantomData<fn() -> T>,
}

/// Derived, it would ask the same of the task.
impl<T> Clone for Given<T> {
    fn clone(&self) -> Self {
        Self { words: self.words.clone(), target: self.target.clone(), task: self.task }
    }
}

impl<T: Task> Example for Given<T> {
    type Task = T;
    const NAME: &'static str = "Given";
    const FIELDS: &'static [Field] = &[];
    const FILES: Files = Files { manifest_dir: "", train: None, eval: None, test: None };

    fn from_row(row: &Row<'_>) -> Result<Self> {
        Err(Error::new(ErrorKind::Data, "made in the program").at(row.place()))
    }

    fn input(&self) -> Input<'_> {
        match self.words.as_slice() {
            [source, target] if T::KIND == TaskKind::Seq2Seq => Input::SourceTarget { source, target },
            _ if T::KIND == TaskKind::LanguageModeling => {
                Input::Tokens { input_ids: &[5, 6, 7], attention_mask: None, token_type_ids: None }
            }
            words => Input::Words(words),
        }
    }

    fn target(&self) -> Target {
        self.target.clone()
    }
}

enum Entity {}

impl ClassLabel for Entity {
    const COUNT: usize = 9;
    const NAMES: &'static [&'static str] = &["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    const TYPE_NAME: &'static str = "Entity";

    fn index(&self) -> usize {
        0
    }

    fn from_index(_: usize) -> Option<Self> {
        None
    }
}

type Tagged = Given<TokenClassification<Entity>>;

fn given<T: Task>(words: &[&str], target: Target) -> Given<T> {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    Given { words, target, task: std::marker::PhantomData }
}

fn encoded<T: Task>(rows: Vec<Given<T>>, limits: Limits, cache: Option<&TokenCache>) -> Result<Encoded> {
    encode(&Dataset::from_examples(rows), Some(&tokenizer()?), limits, Purpose::Learning, None, cache)
}

const WHOLE: Limits = Limits::both(None, None);

/// The labels of an item with the tokens that they stand at.
fn labels(item: &Item) -> Vec<(u32, u32)> {
    let (ItemInput::Tokens(encoding), Target::Tokens(labels)) = (&item.input, &item.target) else {
        return Vec::new();
    };
    assert_eq!(encoding.len(), labels.len());
    encoding.input_ids.iter().copied().zip(labels.iter().copied()).collect()
}

#[test]
fn the_first_token_of_each_word_has_its_tag() -> Result<()> {
    let words = ["worth", "worthit", "it"];
    let row: Tagged = given(&words, Target::Tags(vec![3, 4, IGNORE]));
    let items = encoded(vec![row], WHOLE, None)?.items;
    let found = labels(&items[0]);
    let worthit = tokenizer()?.encode_without_special_tokens("worthit")?.input_ids;
    assert!(worthit.len() > 1, "a word of one token shows nothing");
    let tagged: Vec<(u32, u32)> = found.iter().copied().filter(|(_, tag)| *tag != IGNORE).collect();
    let worth = tokenizer()?.encode_without_special_tokens("worth")?.input_ids;
    assert_eq!(tagged, [(worth[0], 3), (worthit[0], 4)]);
    assert_eq!((found[0].1, found[found.len() - 1].1), (IGNORE, IGNORE), "special tokens");
    Ok(())
}

#[test]
fn words_that_are_cut_are_counted_and_a_row_without_a_tag_left_is_refused() -> Result<()> {
    let words = ["worth", "it", "every", "time"];
    let limits = Limits::both(Some(4), None);
    let row: Tagged = given(&words, Target::Tags(vec![1, 1, 2, 2]));
    let lost = encoded(vec![row], limits, None)?.lost;
    assert_eq!(lost, Lost { truncated: 1, words: lost.words, ..Lost::default() });
    assert!((1..4).contains(&lost.words), "{lost:?}");

    let late: Tagged = given(&words, Target::Tags(vec![IGNORE, IGNORE, IGNORE, 2]));
    let fits: Tagged = given(&["it"], Target::Tags(vec![1]));
    let message = encoded(vec![fits, late], limits, None).expect_err("nothing is left of row 1").to_string();
    let expected = "example 1: the row is cut to 4 tokens, and no word with a tag is left\nhelp: raise `max_length`, or make two rows of this one";
    assert_eq!(message, expected);
    Ok(())
}

#[test]
fn words_of_nothing_are_counted_and_rows_without_a_tag_are_too() -> Result<()> {
    let row: Tagged = given(&["worth", "\u{200b}"], Target::Tags(vec![1, 2]));
    let none: Tagged = given(&["worth"], Target::Tags(vec![IGNORE]));
    let blank: Tagged = given(&["it", " ", ""], Target::Tags(vec![1, 2, IGNORE]));
    let lost = encoded(vec![row, none, blank], WHOLE, None)?.lost;
    let first_without_tokens = Some((0, "\u{200b}".to_owned()));
    assert_eq!(lost, Lost { words_without_tokens: 2, first_without_tokens, unlabelled: 1, ..Lost::default() });
    let nothing: Tagged = given(&["\u{200b}"], Target::Tags(vec![2]));
    let message = encoded(vec![nothing], WHOLE, None).expect_err("no token has the tag").to_string();
    assert!(message.starts_with("example 0: the tokenizer makes nothing of the words that have a tag"), "{message}");
    Ok(())
}

#[test]
fn to_predict_every_word_with_a_token_is_asked_for_whatever_its_tag_is() -> Result<()> {
    let rows: Vec<Tagged> = vec![
        given(&["worth", " ", "it"], Target::Tags(vec![IGNORE, 2, 1])),
        given(&["\u{200b}"], Target::Tags(vec![2])),
        given(&["worth", "it", "every", "time"], Target::Tags(vec![IGNORE, IGNORE, IGNORE, 1])),
    ];
    let limits = Limits::both(Some(4), None);
    let dataset = Dataset::from_examples(rows);
    let Encoded { items, lost } = encode(&dataset, Some(&tokenizer()?), limits, Purpose::Prediction, None, None)?;
    let asked = |item: &Item| labels(item).iter().filter(|(_, label)| *label != IGNORE).count();
    assert_eq!(items.iter().map(asked).collect::<Vec<_>>(), [2, 0, 2]);
    assert_eq!(lost, Lost { truncated: 1, ..Lost::default() });
    Ok(())
}

#[test]
fn a_text_to_write_becomes_its_ids_and_is_cut_to_a_length_of_its_own() -> Result<()> {
    let tokenizer = tokenizer()?;
    let row: Given<Seq2Seq> = given(&["worth it", "does the job every time"], Target::None);
    let all = encoded(vec![row.clone()], WHOLE, None)?;
    let whole = tokenizer.encode("does the job every time", None)?.input_ids;
    assert_eq!(all.items[0].input.tokens(), Some(&tokenizer.encode("worth it", None)?));
    assert_eq!(all.items[0].target, Target::Tokens(whole));
    assert_eq!(all.lost, Lost::default(), "BERT's tokenizer adds an end");
    let cut = encoded(vec![row.clone()], Limits::both(Some(5), None), None)?;
    let shorter = tokenizer.encode("does the job every time", Some(5))?.input_ids;
    assert_eq!(cut.items[0].target, Target::Tokens(shorter));
    assert_eq!(cut.lost, Lost { targets: 1, ..Lost::default() });
    let shorter_to_write = Limits { written: Room { length: Some(4), vocabulary: None }, ..WHOLE };
    let cut = encoded(vec![row], shorter_to_write, None)?;
    let shorter = tokenizer.encode("does the job every time", Some(4))?.input_ids;
    assert_eq!(cut.items[0].input, all.items[0].input);
    assert_eq!(cut.items[0].target, Target::Tokens(shorter));
    Ok(())
}

#[test]
fn tags_and_texts_to_write_come_from_the_cache_as_they_were() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cache = TokenCache::at(folder.path(), 0);
    let limits = Limits::both(Some(5), None);
    let tagged: Vec<Tagged> =
        vec![given(&["worth", "worthit", "it"], Target::Tags(vec![3, 4, 5])), given(&["it"], Target::Tags(vec![6]))];
    let written: Vec<Given<Seq2Seq>> = vec![
        given(&["worth it", "does the job every time"], Target::None),
        given(&["does it", "it does"], Target::None),
    ];
    let (first, second) = (encoded(tagged.clone(), limits, None)?, encoded(tagged.clone(), limits, Some(&cache))?);
    let third = encoded(tagged, limits, Some(&cache))?;
    assert!(super::same(&first, &second) && super::same(&first, &third));
    let (first, second) = (encoded(written.clone(), limits, None)?, encoded(written.clone(), limits, Some(&cache))?);
    let third = encoded(written, limits, Some(&cache))?;
    assert!(super::same(&first, &second) && super::same(&first, &third));
    assert_eq!(entries(folder.path()), 2);
    Ok(())
}

#[test]
fn labels_that_are_given_are_ids_of_the_vocabulary() -> Result<()> {
    let row = |labels: &[u32]| -> Given<LanguageModeling> { given(&[], Target::Tokens(labels.to_vec())) };
    let limits = Limits::both(None, Some(10));
    let items = encoded(vec![row(&[IGNORE, 6, 7])], limits, None)?.items;
    assert_eq!(items[0].target, Target::Tokens(vec![IGNORE, 6, 7]));
    let message = encoded(vec![row(&[IGNORE, 6, 10])], limits, None).expect_err("there is no id 10").to_string();
    assert!(message.starts_with("example 0: the token id 10 is outside of the model's vocabulary of 10"), "{message}");
    Ok(())
}
