//! Special tokens: which token starts a text, which pads it, which hides a word.

use std::collections::BTreeSet;

use serde_json::Value;
use tokenizers::AddedToken;

/// A special token and its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecialToken {
    /// The token itself, such as `[MASK]`.
    pub token: String,
    /// Its id in the vocabulary.
    pub id: u32,
}

/// The special tokens of a tokenizer by their role; the names are those of `tokenizer_config.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpecialTokens {
    /// The beginning of a text.
    pub bos_token: Option<SpecialToken>,
    /// The end of a text.
    pub eos_token: Option<SpecialToken>,
    /// Stands for what the vocabulary does not have.
    pub unk_token: Option<SpecialToken>,
    /// Between two texts, and at the end.
    pub sep_token: Option<SpecialToken>,
    /// Fills up the shorter texts of a batch.
    pub pad_token: Option<SpecialToken>,
    /// The token whose hidden state stands for the whole text.
    pub cls_token: Option<SpecialToken>,
    /// Hides a token in masked language modelling.
    pub mask_token: Option<SpecialToken>,
    /// Special tokens without such a role, by id.
    pub additional: Vec<SpecialToken>,
}

impl SpecialTokens {
    /// The ids of all special tokens, each once.
    pub fn ids(&self) -> BTreeSet<u32> {
        ROLES.iter().filter_map(|role| self.of(role)).chain(&self.additional).map(|token| token.id).collect()
    }

    /// The token that has the role `role`, one of [`ROLES`].
    pub(super) fn of(&self, role: &str) -> Option<&SpecialToken> {
        match role {
            "bos_token" => self.bos_token.as_ref(),
            "eos_token" => self.eos_token.as_ref(),
            "unk_token" => self.unk_token.as_ref(),
            "sep_token" => self.sep_token.as_ref(),
            "pad_token" => self.pad_token.as_ref(),
            "cls_token" => self.cls_token.as_ref(),
            "mask_token" => self.mask_token.as_ref(),
            _ => None,
        }
    }

    pub(super) fn set(&mut self, role: &str, token: SpecialToken) {
        let slot = match role {
            "bos_token" => &mut self.bos_token,
            "eos_token" => &mut self.eos_token,
            "unk_token" => &mut self.unk_token,
            "sep_token" => &mut self.sep_token,
            "pad_token" => &mut self.pad_token,
            "cls_token" => &mut self.cls_token,
            "mask_token" => &mut self.mask_token,
            _ => return,
        };
        *slot = Some(token);
    }
}

/// The roles, as `tokenizer_config.json` calls them.
pub(super) const ROLES: [&str; 7] =
    ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

/// What a special token of that role is usually called, for folders that say nothing about roles.
pub(super) fn usual_names(role: &str) -> &'static [&'static str] {
    match role {
        "bos_token" => &["<s>", "[BOS]", "<|endoftext|>"],
        "eos_token" => &["</s>", "[EOS]", "<|endoftext|>"],
        "unk_token" => &["[UNK]", "<unk>", "<|endoftext|>"],
        "sep_token" => &["[SEP]"],
        "pad_token" => &["[PAD]", "<pad>"],
        "cls_token" => &["[CLS]"],
        "mask_token" => &["[MASK]", "<mask>"],
        _ => &[],
    }
}

/// A token as a JSON file writes it: a string, or an object with `content` and how to find it in a text.
pub(super) fn token_from_json(value: &Value, role_is_special: bool) -> Option<AddedToken> {
    match value {
        Value::String(content) => Some(AddedToken::from(content.as_str(), role_is_special)),
        Value::Object(fields) => {
            let content = fields.get("content")?.as_str()?;
            let flag = |name: &str| fields.get(name).and_then(Value::as_bool);
            let special = flag("special").unwrap_or(role_is_special);
            let token = AddedToken::from(content, special)
                .single_word(flag("single_word").unwrap_or(false))
                .lstrip(flag("lstrip").unwrap_or(false))
                .rstrip(flag("rstrip").unwrap_or(false));
            Some(token.normalized(flag("normalized").unwrap_or(!special)))
        }
        _ => None,
    }
}
