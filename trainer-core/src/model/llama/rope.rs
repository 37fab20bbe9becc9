//! How rotary positions turn, as `config.json` says it.
//!
//! What comes in: `rope_parameters` (transformers 5) or `rope_scaling` (transformers 4). What goes out: what blocks compute
//! with. It refuses kinds of scaling that are not computed here, and numbers that cannot work.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::transformer::{Rotary, RotaryScaling};

/// How rotary positions turn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RopeParameters {
    /// The base: the slowest pair turns once in about `2π · base` tokens.
    pub rope_theta: Option<f64>,
    /// `default`, or a kind of scaling.
    pub rope_type: Option<String>,
    /// Everything else, such as the factor of a scaling.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The numbers of the scaling "llama3".
const OF_LLAMA3: [&str; 4] = ["factor", "low_freq_factor", "high_freq_factor", POSITIONS];
const POSITIONS: &str = "original_max_position_embeddings";

impl RopeParameters {
    /// The base, 10 000 where nothing says it.
    pub(super) fn base(&self) -> f64 {
        self.rope_theta.unwrap_or(10_000.0)
    }

    /// What kind of scaling it is, if it is one.
    pub(super) fn scaling(&self) -> Option<&str> {
        // Older files call the kind `type`.
        let kind = self.rope_type.as_deref().or_else(|| self.other.get("type").and_then(Value::as_str));
        kind.filter(|kind| *kind != "default")
    }

    /// Takes the positions of the first training from the rest of a configuration, where some files say them.
    pub(super) fn take_positions(&mut self, of: &Map<String, Value>) {
        if let Some(positions) = of.get(POSITIONS).filter(|_| self.scaling() == Some("llama3")) {
            self.other.insert(POSITIONS.to_owned(), positions.clone());
        }
    }

    /// What blocks compute with, of a model of so many positions; `key` is what says it in the file.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] for a kind that is not computed here, and for a number that is missing or cannot work.
    pub(super) fn rotary(&self, key: &str, positions: usize) -> Result<Rotary> {
        if let Some(share) = self.other.get("partial_rotary_factor").filter(|share| share.as_f64() != Some(1.0)) {
            let message = format!("`partial_rotary_factor` of `{key}` is {share}, which is not computed here");
            return Err(Error::new(ErrorKind::Model, message).help("take a model whose heads turn as a whole"));
        }
        let number = |name: &str| self.number(key, name);
        let scaling = match self.scaling() {
            None => RotaryScaling::None,
            Some("linear") => RotaryScaling::Linear { factor: number("factor")? },
            Some("llama3") => {
                let [factor, low, high, said] = OF_LLAMA3;
                let original_positions = match self.other.get(said) {
                    Some(Value::Null) | None => positions as f64,
                    Some(_) => number(said)?,
                };
                let (low_frequency_factor, high_frequency_factor) = (number(low)?, number(high)?);
                if low_frequency_factor >= high_frequency_factor {
                    let message = format!(
                        "`{low}` of `{key}` is {low_frequency_factor}, but must be below `{high}`, {high_frequency_factor}"
                    );
                    return Err(Error::new(ErrorKind::Model, message));
                }
                let factor = number(factor)?;
                RotaryScaling::Llama3 { factor, low_frequency_factor, high_frequency_factor, original_positions }
            }
            Some(kind) => {
                let message =
                    format!("`{key}` says rotary positions of the kind \"{kind}\", which are not computed here");
                return Err(Error::new(ErrorKind::Model, message).help("known are: default, linear, llama3"));
            }
        };
        Ok(Rotary { base: self.base(), scaling })
    }

    /// A number above 0.
    fn number(&self, key: &str, name: &str) -> Result<f64> {
        let found = self.other.get(name);
        match found.and_then(Value::as_f64).filter(|number| *number > 0.0) {
            Some(number) => Ok(number),
            None => {
                let kind = self.scaling().unwrap_or_default();
                let message = match found {
                    Some(value) => format!("`{name}` of `{key}` is {value}, expected a number above 0"),
                    None => format!("`{key}` of the kind \"{kind}\" says no `{name}`"),
                };
                Err(Error::new(ErrorKind::Model, message).help("take `config.json` from where the weights are from"))
            }
        }
    }

    /// The same as transformers writes it, of a model of so many positions.
    pub(super) fn written(&self, positions: usize) -> Value {
        let kind = self.scaling().unwrap_or("default");
        let mut written = json!({ "rope_theta": self.base(), "rope_type": kind });
        for (name, value) in &self.other {
            if name != "type" && !value.is_null() {
                written[name.as_str()] = value.clone();
            }
        }
        if kind == "llama3" && written.get(POSITIONS).is_none() {
            written[POSITIONS] = json!(positions);
        }
        written
    }
}
