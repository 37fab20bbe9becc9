//! Tokenizers made from the user's own texts.
//!
//! What comes in: texts and settings. What goes out: a tokenizer whose vocabulary depends on these alone: the same texts
//! and settings give the same ids in every run. It refuses texts without a word, and a vocabulary without room for the
//! special tokens and single characters.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::{Map, Value, json};
use tokenizers::models::TrainerWrapper;
use tokenizers::models::bpe::{BpeTrainer, BpeTrainerBuilder};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{AddedToken, OffsetReferential, OffsetType};

use super::Tokenizer;
use super::config::Config;
use super::wordpiece::{self, CONTINUES, LONGEST_WORD, Limits};
use crate::error::{Error, ErrorKind, Result};

/// How [`Tokenizer::train_wordpiece`] makes a vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordPieceSettings {
    /// How many tokens there may be, special tokens included; fewer if the texts do not give as many.
    pub vocab_size: usize,
    /// How often two pieces must stand together to become one.
    pub min_frequency: u64,
    /// Whether capital letters are made small.
    pub lowercase: bool,
    /// Whether `é` becomes `e`. It also takes Korean syllables apart into single letters, so that it is off by default.
    pub strip_accents: bool,
    /// How many characters there may be, the most frequent ones; others are unknown. All that fit if left out.
    pub limit_alphabet: Option<usize>,
    /// Special tokens besides `[PAD] [UNK] [CLS] [SEP] [MASK]`; they follow these in the vocabulary.
    pub additional_special_tokens: Vec<String>,
    /// The most tokens that a text may have (`model_max_length`).
    pub max_length: usize,
}

impl Default for WordPieceSettings {
    fn default() -> Self {
        Self {
            vocab_size: 30_000,
            min_frequency: 2,
            lowercase: true,
            strip_accents: false,
            limit_alphabet: None,
            additional_special_tokens: Vec::new(),
            max_length: 512,
        }
    }
}

/// How [`Tokenizer::train_byte_level_bpe`] makes a vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteLevelBpeSettings {
    /// How many tokens there may be, special tokens included; fewer if the texts do not give as many.
    pub vocab_size: usize,
    /// How often two pieces must stand together to become one.
    pub min_frequency: u64,
    /// Whether a text is read as if a space stood before it, so that its first word looks like any other.
    pub add_prefix_space: bool,
    /// Whether `</s>` is put behind every text, so that a model learns where texts end: T5 and its kin need it, and models
    /// that continue texts.
    pub add_eos_token: bool,
    /// Special tokens besides `<pad> <s> </s> <unk> <mask>`; they follow these in the vocabulary.
    pub additional_special_tokens: Vec<String>,
    /// The most tokens that a text may have (`model_max_length`).
    pub max_length: usize,
}

impl Default for ByteLevelBpeSettings {
    fn default() -> Self {
        Self {
            vocab_size: 30_000,
            min_frequency: 2,
            add_prefix_space: false,
            add_eos_token: false,
            additional_special_tokens: Vec::new(),
            max_length: 1024,
        }
    }
}

/// The special tokens of BERT, in the order of their ids, and their roles.
const WORDPIECE_TOKENS: [(&str, &str); 5] = [
    ("[PAD]", "pad_token"),
    ("[UNK]", "unk_token"),
    ("[CLS]", "cls_token"),
    ("[SEP]", "sep_token"),
    ("[MASK]", "mask_token"),
];

/// The special tokens of models that continue texts, in the order of their ids, and their roles.
const BPE_TOKENS: [(&str, &str); 5] = [
    ("<pad>", "pad_token"),
    ("<s>", "bos_token"),
    ("</s>", "eos_token"),
    ("<unk>", "unk_token"),
    ("<mask>", "mask_token"),
];

impl Tokenizer {
    /// A tokenizer as BERT's, with a vocabulary made from `texts`: texts are split at spaces and punctuation, words into
    /// pieces that are frequent, and `[CLS] … [SEP]` is put around them (`[CLS] … [SEP] … [SEP]` for a pair). A word with
    /// a character that the texts did not have becomes `[UNK]`.
    ///
    /// # Errors
    /// Texts without a single word; a `vocab_size` without room for the special tokens and one character.
    pub fn train_wordpiece<S: AsRef<str> + Sync>(texts: &[S], settings: &WordPieceSettings) -> Result<Self> {
        let special = special_tokens(&WORDPIECE_TOKENS, &settings.additional_special_tokens)?;
        if settings.vocab_size <= special.len() {
            return Err(too_small(settings.vocab_size, special.len() + 1, "one character"));
        }
        let words = words_of(texts, &wordpiece_pipeline(&special, &special, settings)?)?;
        let limits = Limits {
            size: settings.vocab_size,
            min_frequency: settings.min_frequency,
            alphabet: settings.limit_alphabet,
        };
        let vocabulary = wordpiece::vocabulary(&special, &words, &limits);
        let vocabulary: Vec<&str> = vocabulary.iter().map(String::as_str).collect();
        let pipeline = wordpiece_pipeline(&vocabulary, &special, settings)?;
        trained(pipeline, &WORDPIECE_TOKENS, &settings.additional_special_tokens, settings.max_length, true)
    }

    /// A byte-level BPE tokenizer as GPT-2's, with a vocabulary made from `texts`. It can spell every text, adds no
    /// special tokens by itself but the one that [`add_eos_token`](ByteLevelBpeSettings::add_eos_token) asks for, and gives
    /// back exactly the text that it was given.
    ///
    /// # Errors
    /// Texts without a single word; a `vocab_size` without room for the special tokens and the 256 bytes.
    pub fn train_byte_level_bpe<S: AsRef<str> + Sync>(texts: &[S], settings: &ByteLevelBpeSettings) -> Result<Self> {
        let special = special_tokens(&BPE_TOKENS, &settings.additional_special_tokens)?;
        let least = special.len() + 256;
        if settings.vocab_size < least {
            return Err(too_small(settings.vocab_size, least, "the 256 bytes"));
        }
        if texts.iter().all(|text| text.as_ref().is_empty()) {
            return Err(no_words());
        }
        let mut pipeline = byte_level_pipeline(settings)?;
        let mut trainer: TrainerWrapper = byte_level_trainer(&special, settings).into();
        pipeline.train(&mut trainer, texts.iter().map(AsRef::as_ref)).map_err(cannot_train)?;
        trained(pipeline, &BPE_TOKENS, &settings.additional_special_tokens, settings.max_length, false)
    }
}

fn byte_level_trainer(special: &[&str], settings: &ByteLevelBpeSettings) -> BpeTrainer {
    // The mask takes the space before it along, so that `a <mask>` reads like `a word`.
    let token = |token: &&str| AddedToken::from(*token, true).lstrip(*token == "<mask>");
    BpeTrainerBuilder::new()
        .vocab_size(settings.vocab_size)
        .min_frequency(settings.min_frequency)
        .show_progress(false)
        .special_tokens(special.iter().map(token).collect())
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .build()
}

fn byte_level_pipeline(settings: &ByteLevelBpeSettings) -> Result<tokenizers::Tokenizer> {
    let byte_level = json!({ "type": "ByteLevel", "add_prefix_space": settings.add_prefix_space, "trim_offsets": true,
        "use_regex": true });
    let post_processor = if settings.add_eos_token {
        json!({ "type": "Sequence", "processors": [byte_level, ends_texts()] })
    } else {
        byte_level.clone()
    };
    from_json(&json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
        "pre_tokenizer": byte_level, "post_processor": post_processor, "decoder": byte_level,
        "model": { "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
            "vocab": {}, "merges": [] },
    }))
}

/// Puts the end token behind each text, and behind each of a pair.
fn ends_texts() -> Value {
    let id = 2;
    let (token, _) = BPE_TOKENS[id];
    let text = |text: &str| json!({ "Sequence": { "id": text, "type_id": 0 } });
    let end = json!({ "SpecialToken": { "id": token, "type_id": 0 } });
    json!({ "type": "TemplateProcessing", "single": [text("A"), end], "pair": [text("A"), end, text("B"), end],
        "special_tokens": { token: { "id": token, "ids": [id], "tokens": [token] } } })
}

fn wordpiece_pipeline(
    vocabulary: &[&str],
    special: &[&str],
    settings: &WordPieceSettings,
) -> Result<tokenizers::Tokenizer> {
    let ids: Map<String, Value> =
        vocabulary.iter().enumerate().map(|(id, token)| ((*token).to_owned(), id.into())).collect();
    let added: Vec<Value> = special
        .iter()
        .enumerate()
        .map(|(id, token)| {
            json!({ "id": id, "content": token, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true })
        })
        .collect();
    let token = |token: &str, type_id: u32| json!({ "SpecialToken": { "id": token, "type_id": type_id } });
    let text = |text: &str, type_id: u32| json!({ "Sequence": { "id": text, "type_id": type_id } });
    let with_id = |token: &str| json!({ "id": token, "ids": [ids.get(token)], "tokens": [token] });
    from_json(&json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": added,
        "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": settings.strip_accents, "lowercase": settings.lowercase },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "post_processor": { "type": "TemplateProcessing",
            "single": [token("[CLS]", 0), text("A", 0), token("[SEP]", 0)],
            "pair": [token("[CLS]", 0), text("A", 0), token("[SEP]", 0), text("B", 1), token("[SEP]", 1)],
            "special_tokens": { "[CLS]": with_id("[CLS]"), "[SEP]": with_id("[SEP]") } },
        "decoder": { "type": "WordPiece", "prefix": CONTINUES, "cleanup": true },
        "model": { "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": CONTINUES,
            "max_input_chars_per_word": LONGEST_WORD, "vocab": ids },
    }))
}

fn from_json(pipeline: &Value) -> Result<tokenizers::Tokenizer> {
    pipeline.to_string().parse().map_err(cannot_train)
}

/// The words of all texts, and how often each occurs. Special tokens that stand in a text are no words.
fn words_of<S: AsRef<str> + Sync>(texts: &[S], pipeline: &tokenizers::Tokenizer) -> Result<BTreeMap<String, u64>> {
    let splitter = Tokenizer::assemble(pipeline.clone(), Config::new(Map::new(), Path::new(""))?, PathBuf::new())?;
    let count = |mut words: BTreeMap<String, u64>, text: &S| -> Result<BTreeMap<String, u64>> {
        let split = splitter.split_into_words(text.as_ref()).map_err(cannot_train)?;
        for (word, _, token) in split.get_splits(OffsetReferential::Normalized, OffsetType::Byte) {
            if token.is_none() && !word.is_empty() {
                *words.entry(word.to_owned()).or_default() += 1;
            }
        }
        Ok(words)
    };
    let words = texts.par_iter().try_fold(BTreeMap::new, count).try_reduce(BTreeMap::new, |mut all, words| {
        for (word, count) in words {
            *all.entry(word).or_default() += count;
        }
        Ok(all)
    })?;
    if words.is_empty() { Err(no_words()) } else { Ok(words) }
}

/// Gives a trained pipeline the settings that Python reads beside it.
fn trained(
    pipeline: tokenizers::Tokenizer,
    tokens: &[(&str, &str)],
    additional: &[String],
    max_length: usize,
    token_types: bool,
) -> Result<Tokenizer> {
    let mut fields = Map::new();
    for (token, role) in tokens {
        fields.insert((*role).to_owned(), (*token).into());
    }
    if !additional.is_empty() {
        fields.insert("additional_special_tokens".to_owned(), additional.into());
    }
    let names: &[&str] =
        if token_types { &["input_ids", "token_type_ids", "attention_mask"] } else { &["input_ids", "attention_mask"] };
    fields.insert("model_input_names".to_owned(), names.into());
    fields.insert("clean_up_tokenization_spaces".to_owned(), false.into());
    let config = Config::new(fields, Path::new(""))?;
    let mut tokenizer = Tokenizer::assemble(pipeline, config, PathBuf::new())?;
    tokenizer.set_max_length(max_length);
    Ok(tokenizer)
}

fn special_tokens<'a>(own: &[(&'a str, &str)], additional: &'a [String]) -> Result<Vec<&'a str>> {
    let mut tokens: Vec<&str> = own.iter().map(|(token, _)| *token).collect();
    for token in additional {
        if token.trim().is_empty() || tokens.contains(&token.as_str()) {
            let wrong = if token.trim().is_empty() { "is empty" } else { "is there twice" };
            return Err(Error::new(ErrorKind::Text, format!("the special token `{token}` {wrong}"))
                .help(format!("leave it out of `additional_special_tokens`; there are {} already", tokens.join(" "))));
        }
        tokens.push(token);
    }
    Ok(tokens)
}

fn too_small(size: usize, least: usize, what: &str) -> Error {
    Error::new(ErrorKind::Text, format!("a `vocab_size` of {size} has no room for the special tokens and {what}"))
        .help(format!("write {least} or more; some thousand are usual for a small set of texts"))
}

fn no_words() -> Error {
    Error::new(ErrorKind::Text, "there is no word in the texts to make a vocabulary of")
        .help("give the texts of the training data")
}

fn cannot_train(source: tokenizers::Error) -> Error {
    Error::new(ErrorKind::Text, format!("no tokenizer can be made of these texts: {source}")).caused_by(source)
}
