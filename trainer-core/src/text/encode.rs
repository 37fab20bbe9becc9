//! From texts to encodings and back.
//!
//! The steps are those of the `tokenizers` crate, called one by one, because truncation is the caller's choice for each
//! text: split at added tokens and normalise, split into words, look words up, truncate, add special tokens.

use rayon::prelude::*;
use tokenizers::utils::truncation::{TruncationDirection, TruncationParams, TruncationStrategy, truncate_encodings};
use tokenizers::{Model, OffsetType, PostProcessor, PreTokenizedString, PreTokenizer, PreTokenizerWrapper};

use super::{Encoding, Side, Tokenizer};
use crate::data::Input;
use crate::error::{Error, ErrorKind, Result};

/// One side of an input: running text, or words that were split already.
#[derive(Clone, Copy)]
enum Sequence<'a> {
    Text(&'a str),
    Words(&'a [String]),
}

impl Tokenizer {
    /// Encodes a text, with its special tokens, cut to at most `max_length` tokens (special ones included).
    ///
    /// Source: `tokenizer(text, truncation=True, max_length=max_length)`; without `max_length` nothing is cut.
    ///
    /// # Errors
    /// A `max_length` without room for the special tokens; a word that the vocabulary cannot express when it has no
    /// token for unknown ones.
    pub fn encode(&self, text: &str, max_length: Option<usize>) -> Result<Encoding> {
        self.encode_sequences(Sequence::Text(text), None, max_length)
    }

    /// Encodes a pair of texts; what is too long is taken from the longer one first.
    ///
    /// Source: `tokenizer(text, pair, truncation="longest_first", max_length=max_length)`.
    pub fn encode_pair(&self, text: &str, pair: &str, max_length: Option<usize>) -> Result<Encoding> {
        self.encode_sequences(Sequence::Text(text), Some(Sequence::Text(pair)), max_length)
    }

    /// Encodes a text that is split into words already; `word_ids` tells which word each token is a part of, and offsets
    /// count from the start of the word. Where a space belongs to the token after it, as in GPT-2 and `RoBERTa`, each word
    /// is read as in running text, after a space.
    ///
    /// Source: `tokenizer(words, is_split_into_words=True)`, with `add_prefix_space=True` for such tokenizers.
    pub fn encode_words(&self, words: &[String], max_length: Option<usize>) -> Result<Encoding> {
        self.encode_sequences(Sequence::Words(words), None, max_length)
    }

    /// Encodes what an example gives to the model. Token ids pass through: special tokens among them are marked, and
    /// nothing is added or cut.
    ///
    /// # Errors
    /// As [`encode`](Self::encode); token ids that are more than `max_length`; an input of numbers.
    pub fn encode_input(&self, input: &Input<'_>, max_length: Option<usize>) -> Result<Encoding> {
        match *input {
            Input::Text { text, pair: None } => self.encode(text, max_length),
            Input::Text { text, pair: Some(pair) } => self.encode_pair(text, pair, max_length),
            Input::Tokens { input_ids, attention_mask, token_type_ids } => {
                if let Some(max) = max_length.filter(|&max| input_ids.len() > max) {
                    let message = format!("`input_ids` has {} tokens, but at most {max} are allowed", input_ids.len());
                    return Err(Error::new(ErrorKind::Data, message)
                        .help("cut the texts where they are tokenised, so that their last special token stays"));
                }
                let mut encoding = Encoding::from_tokens(input_ids, attention_mask, token_type_ids)?;
                self.mark_special_tokens(&mut encoding);
                Ok(encoding)
            }
            Input::Words(words) => self.encode_words(words, max_length),
            _ => Err(Error::new(ErrorKind::Data, "an example of numbers has no text to tokenise")
                .help("leave `tokenizer` out of the trainer, or give the example a `text` field")),
        }
    }

    /// Encodes several texts, on all threads, in their order.
    ///
    /// # Errors
    /// As [`encode`](Self::encode), with the number of the text, counted from 1.
    pub fn encode_batch<S: AsRef<str> + Sync>(&self, texts: &[S], max_length: Option<usize>) -> Result<Vec<Encoding>> {
        let encode = |(n, text): (usize, &S)| {
            self.encode(text.as_ref(), max_length).map_err(|error| error.at(format!("text {}", n + 1)))
        };
        texts.par_iter().enumerate().map(encode).collect()
    }

    /// Encodes several inputs, on all threads, in their order.
    ///
    /// # Errors
    /// As [`encode_input`](Self::encode_input), with the number of the row, counted from 1.
    pub fn encode_inputs(&self, inputs: &[Input<'_>], max_length: Option<usize>) -> Result<Vec<Encoding>> {
        let encode = |(n, input): (usize, &Input<'_>)| {
            self.encode_input(input, max_length).map_err(|error| error.at(format!("row {}", n + 1)))
        };
        inputs.par_iter().enumerate().map(encode).collect()
    }

    /// Encodes a text without special tokens and without a limit, for texts that are put together by hand.
    ///
    /// Source: `tokenizer(text, add_special_tokens=False)`.
    pub fn encode_without_special_tokens(&self, text: &str) -> Result<Encoding> {
        let encoding = self.look_up(Sequence::Text(text), 0, None)?;
        Ok(from_crate(&self.put_together(encoding, None, false)?))
    }

    /// The text of these ids, special tokens included. An id that the vocabulary does not have gives nothing.
    ///
    /// Source: `tokenizer.decode(ids)`.
    pub fn decode(&self, ids: &[u32]) -> Result<String> {
        self.decode_filtered(ids, false)
    }

    /// The text of these ids without its special tokens: what a person wants to read.
    ///
    /// Source: `tokenizer.decode(ids, skip_special_tokens=True)`.
    pub fn decode_without_special_tokens(&self, ids: &[u32]) -> Result<String> {
        self.decode_filtered(ids, true)
    }

    /// How many tokens of the encoding are unknown to the vocabulary; padding does not count.
    pub fn unknown_tokens(&self, encoding: &Encoding) -> usize {
        let Some(unknown) = self.unknown_id() else { return 0 };
        let real = encoding.input_ids.iter().zip(&encoding.attention_mask).zip(&encoding.special_tokens_mask);
        real.filter(|&((&id, &attention), &special)| id == unknown && attention != 0 && special == 0).count()
    }

    /// How many special tokens the tokenizer adds to a text.
    pub fn tokens_added_to_a_text(&self) -> usize {
        self.pipeline.get_post_processor().map_or(0, |processor| processor.added_tokens(false))
    }

    /// How many special tokens the tokenizer adds to a pair of texts.
    pub fn tokens_added_to_a_pair(&self) -> usize {
        self.pipeline.get_post_processor().map_or(0, |processor| processor.added_tokens(true))
    }

    fn encode_sequences(
        &self,
        text: Sequence<'_>,
        pair: Option<Sequence<'_>>,
        max_length: Option<usize>,
    ) -> Result<Encoding> {
        // Which of two texts loses a token depends on how long both really are, and from the right words could not be
        // numbered, so only a single text that is cut at its end need not be looked up as a whole.
        let limit = max_length.filter(|_| pair.is_none() && self.truncation_side() == Side::Right);
        let first = self.look_up(text, 0, limit)?;
        let second = pair.map(|pair| self.look_up(pair, 1, limit)).transpose()?;
        let (first, second) = match max_length {
            Some(max_length) => self.truncate(first, second, max_length)?,
            None => (first, second),
        };
        let mut encoding = from_crate(&self.put_together(first, second, true)?);
        if matches!(text, Sequence::Words(_)) && self.words_need_a_space() {
            for (start, end) in &mut encoding.offsets {
                (*start, *end) = (start.saturating_sub(1), end.saturating_sub(1));
            }
        }
        Ok(encoding)
    }

    /// Normalises, splits into words and looks the words up. With a limit, words that truncation would take away
    /// anyway are not looked up.
    fn look_up(&self, text: Sequence<'_>, type_id: u32, limit: Option<usize>) -> Result<tokenizers::Encoding> {
        match text {
            Sequence::Text(text) => self.look_up_text(text, type_id, None, limit).map_err(cannot_encode),
            Sequence::Words(words) => {
                let space = if self.words_need_a_space() { " " } else { "" };
                let encode = |(n, word): (usize, &String)| {
                    let word = if word.is_empty() { String::new() } else { format!("{space}{word}") };
                    self.look_up_text(&word, type_id, Some(n as u32), None).map_err(cannot_encode)
                };
                words.iter().enumerate().map(encode).collect()
            }
        }
    }

    pub(super) fn look_up_text(
        &self,
        text: &str,
        type_id: u32,
        word: Option<u32>,
        limit: Option<usize>,
    ) -> tokenizers::Result<tokenizers::Encoding> {
        let mut words = self.split_into_words(text)?;
        let limit = limit.map(|limit| (limit, self.direction()));
        self.pipeline.get_model().tokenize_in_pretokenized(&mut words, limit)?;
        words.into_encoding(word, type_id, OffsetType::Char)
    }

    /// Whether the space before a word is a part of its first token, and has to be written there.
    fn words_need_a_space(&self) -> bool {
        let bytes_without_space = |splitter: &PreTokenizerWrapper| match splitter {
            PreTokenizerWrapper::ByteLevel(bytes) => !bytes.add_prefix_space,
            _ => false,
        };
        match self.pipeline.get_pre_tokenizer() {
            Some(PreTokenizerWrapper::Sequence(steps)) => steps.as_ref().iter().any(bytes_without_space),
            Some(splitter) => bytes_without_space(splitter),
            None => false,
        }
    }

    /// The text as the model looks it up, with added tokens split off.
    pub(super) fn normalise(&self, text: &str) -> PreTokenizedString {
        self.pipeline.get_added_vocabulary().extract_and_normalize(self.pipeline.get_normalizer(), text)
    }

    /// The words of a text, normalised, as the model looks them up.
    pub(super) fn split_into_words(&self, text: &str) -> tokenizers::Result<PreTokenizedString> {
        let mut words = self.normalise(text);
        if let Some(splitter) = self.pipeline.get_pre_tokenizer() {
            splitter.pre_tokenize(&mut words)?;
        }
        Ok(words)
    }

    fn truncate(
        &self,
        first: tokenizers::Encoding,
        second: Option<tokenizers::Encoding>,
        max_length: usize,
    ) -> Result<(tokenizers::Encoding, Option<tokenizers::Encoding>)> {
        let added = if second.is_some() { self.tokens_added_to_a_pair() } else { self.tokens_added_to_a_text() };
        let Some(room) = max_length.checked_sub(added) else {
            let message = format!(
                "a length of {max_length} leaves no room for a text: the tokenizer adds {added} special tokens"
            );
            return Err(Error::new(ErrorKind::Text, message)
                .help(format!("give a `max_length` of more than {added}; usual are 128, 256 and 512")));
        };
        let params = TruncationParams {
            direction: self.direction(),
            max_length: room,
            strategy: TruncationStrategy::LongestFirst,
            stride: 0,
        };
        truncate_encodings(first, second, &params).map_err(cannot_encode)
    }

    /// Adds the special tokens, and makes one of two.
    pub(super) fn put_together(
        &self,
        first: tokenizers::Encoding,
        second: Option<tokenizers::Encoding>,
        add_special_tokens: bool,
    ) -> Result<tokenizers::Encoding> {
        let processed = match (self.pipeline.get_post_processor(), second) {
            (Some(processor), second) => processor.process(first, second, add_special_tokens),
            (None, None) => Ok(first),
            (None, Some(second)) => Ok(tokenizers::Encoding::merge([first, second], false)),
        };
        processed.map_err(cannot_encode)
    }

    fn direction(&self) -> TruncationDirection {
        match self.truncation_side() {
            Side::Left => TruncationDirection::Left,
            Side::Right => TruncationDirection::Right,
        }
    }

    fn mark_special_tokens(&self, encoding: &mut Encoding) {
        let mut special = self.special_tokens().ids();
        // An unknown word is a word of the text, though its token is a special one.
        if let Some(unknown) = self.unknown_id() {
            special.remove(&unknown);
        }
        for (mask, id) in encoding.special_tokens_mask.iter_mut().zip(&encoding.input_ids) {
            *mask = u32::from(special.contains(id));
        }
    }

    fn decode_filtered(&self, ids: &[u32], without_special_tokens: bool) -> Result<String> {
        let text = self.pipeline.decode(ids, without_special_tokens).map_err(|source| {
            Error::new(ErrorKind::Text, format!("these ids cannot be decoded: {source}")).caused_by(source)
        })?;
        Ok(if self.config.is_true("clean_up_tokenization_spaces") { close_up(text) } else { text })
    }
}

/// Takes out the spaces that splitting off punctuation leaves behind.
///
/// Source: `PreTrainedTokenizerBase.clean_up_tokenization`.
fn close_up(mut text: String) -> String {
    for (apart, together) in [
        (" .", "."),
        (" ?", "?"),
        (" !", "!"),
        (" ,", ","),
        (" ' ", "'"),
        (" n't", "n't"),
        (" 'm", "'m"),
        (" 's", "'s"),
        (" 've", "'ve"),
        (" 're", "'re"),
    ] {
        if text.contains(apart) {
            text = text.replace(apart, together);
        }
    }
    text
}

pub(super) fn from_crate(encoding: &tokenizers::Encoding) -> Encoding {
    Encoding {
        input_ids: encoding.get_ids().to_vec(),
        attention_mask: encoding.get_attention_mask().to_vec(),
        token_type_ids: encoding.get_type_ids().to_vec(),
        special_tokens_mask: encoding.get_special_tokens_mask().to_vec(),
        offsets: encoding.get_offsets().to_vec(),
        word_ids: encoding.get_word_ids().to_vec(),
    }
}

pub(super) fn cannot_encode(source: tokenizers::Error) -> Error {
    Error::new(ErrorKind::Text, format!("the text cannot be tokenised: {source}"))
        .help("the vocabulary lacks a token for what it does not know; take a tokenizer that has one, such as `[UNK]`")
        .caused_by(source)
}
