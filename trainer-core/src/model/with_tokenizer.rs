//! Configurations of fresh models that say of their vocabulary what a tokenizer says.
//!
//! What comes in: a configuration and the tokenizer that makes the model's ids. What goes out: the configuration with as many ids
//! as the tokenizer has tokens, and with the ids of its special tokens. A special token that the tokenizer does not have is left
//! out.

use serde_json::{Map, Value};

use super::{
    BartConfig, BertConfig, DistilBertConfig, ElectraConfig, GPT2Config, LlamaConfig, MarianConfig, RobertaConfig,
    T5Config,
};
use crate::text::{SpecialToken, Tokenizer};

/// The ids of a tokenizer's special tokens, by the keys of `config.json`.
struct Ids {
    padding: Option<u32>,
    begin: Option<u32>,
    end: Option<u32>,
}

impl Ids {
    fn of(tokenizer: &Tokenizer) -> Self {
        let id = |token: &Option<SpecialToken>| token.as_ref().map(|token| token.id);
        let special = tokenizer.special_tokens();
        Self { padding: id(&special.pad_token), begin: id(&special.bos_token), end: id(&special.eos_token) }
    }
}

/// Sets a key that the configuration has no field for.
fn say(other: &mut Map<String, Value>, key: &str, id: Option<u32>) {
    match id {
        Some(id) => drop(other.insert(key.to_owned(), id.into())),
        None => drop(other.remove(key)),
    }
}

/// A method for each configuration, with what it does beside `vocab_size`.
macro_rules! with_tokenizer {
    ($($config:ident: |$this:ident, $ids:ident| $change:block)*) => {$(
        impl $config {
            /// The same with what follows from the tokenizer of the model: `vocab_size`, and the ids of padding, of the beginning and
            /// of the end of a text, as far as the model is told of them. A special token that the tokenizer does not have is left out.
            ///
            /// ```
            #[doc = concat!("use trainer_core::model::", stringify!($config), ";")]
            /// use trainer_core::text::{ByteLevelBpeSettings, Tokenizer};
            ///
            /// let tokenizer = Tokenizer::train_byte_level_bpe(&["worth every penny"], &ByteLevelBpeSettings::default())?;
            #[doc = concat!("let config = ", stringify!($config), "::default().with_tokenizer(&tokenizer);")]
            /// assert_eq!(config.vocab_size, tokenizer.vocabulary_size());
            /// # Ok::<(), trainer_core::Error>(())
            /// ```
            #[must_use]
            pub fn with_tokenizer(self, tokenizer: &Tokenizer) -> Self {
                let mut $this = self;
                let $ids = Ids::of(tokenizer);
                $this.vocab_size = tokenizer.vocabulary_size();
                $change
                $this
            }
        }
    )*};
}

with_tokenizer! {
    BertConfig: |config, ids| { config.pad_token_id = ids.padding; }
    DistilBertConfig: |config, ids| { config.pad_token_id = ids.padding; }
    ElectraConfig: |config, ids| { config.pad_token_id = ids.padding; }
    RobertaConfig: |config, ids| {
        config.pad_token_id = ids.padding;
        say(&mut config.other, "bos_token_id", ids.begin);
        say(&mut config.other, "eos_token_id", ids.end);
    }
    GPT2Config: |config, ids| {
        config.bos_token_id = ids.begin;
        config.eos_token_id = ids.end.map(Value::from);
        say(&mut config.other, "pad_token_id", ids.padding);
    }
    LlamaConfig: |config, ids| {
        config.bos_token_id = ids.begin;
        config.eos_token_id = ids.end.map(Value::from);
        say(&mut config.other, "pad_token_id", ids.padding);
    }
    T5Config: |config, ids| {
        config.pad_token_id = ids.padding;
        config.decoder_start_token_id = ids.padding;
        say(&mut config.other, "eos_token_id", ids.end);
    }
    // As it was pretrained, its decoder begins with the end of a text.
    BartConfig: |config, ids| {
        config.pad_token_id = ids.padding;
        config.decoder_start_token_id = ids.end;
        say(&mut config.other, "bos_token_id", ids.begin);
        say(&mut config.other, "eos_token_id", ids.end);
        say(&mut config.other, "forced_eos_token_id", ids.end);
    }
    // A vocabulary of the target's own is that of another tokenizer.
    MarianConfig: |config, ids| {
        config.pad_token_id = ids.padding;
        config.decoder_start_token_id = ids.padding;
        say(&mut config.other, "eos_token_id", ids.end);
        say(&mut config.other, "forced_eos_token_id", ids.end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Result;
    use crate::text::{ByteLevelBpeSettings, WordPieceSettings};

    #[test]
    fn a_configuration_says_what_the_tokenizer_says() -> Result<()> {
        let tokenizer = Tokenizer::train_byte_level_bpe(&["worth every penny"], &ByteLevelBpeSettings::default())?;
        let id = |token: &str| tokenizer.token_to_id(token);
        let (begin, end, padding) = (id("<s>"), id("</s>"), id("<pad>"));
        assert!(begin.is_some() && end.is_some() && padding.is_some());

        let llama = LlamaConfig::default().with_tokenizer(&tokenizer);
        assert_eq!((llama.bos_token_id, llama.eos_token_id), (begin, end.map(Value::from)));
        assert_eq!(llama.other.get("pad_token_id"), padding.map(Value::from).as_ref());
        let t5 = T5Config::default().with_tokenizer(&tokenizer);
        assert_eq!((t5.pad_token_id, t5.decoder_start_token_id), (padding, padding));
        assert_eq!(t5.other.get("eos_token_id"), end.map(Value::from).as_ref());
        let bart = BartConfig::default().with_tokenizer(&tokenizer);
        assert_eq!((bart.pad_token_id, bart.decoder_start_token_id), (padding, end));
        assert_eq!(bart.other.get("forced_eos_token_id"), end.map(Value::from).as_ref());
        Ok(())
    }

    #[test]
    fn a_token_that_the_tokenizer_lacks_is_left_out() -> Result<()> {
        let tokenizer = Tokenizer::train_wordpiece(&["worth every penny"], &WordPieceSettings::default())?;
        assert!(tokenizer.special_tokens().eos_token.is_none());
        let gpt2 = GPT2Config::default().with_tokenizer(&tokenizer);
        assert_eq!((gpt2.bos_token_id, gpt2.eos_token_id), (None, None));
        let marian = MarianConfig::default().with_tokenizer(&tokenizer);
        assert!(!marian.other.contains_key("eos_token_id") && marian.pad_token_id.is_some());
        Ok(())
    }
}
