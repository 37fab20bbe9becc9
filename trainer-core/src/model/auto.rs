//! Models whose family `config.json` says: `model_type` chooses among the encoders that are known.
//!
//! What comes in: a model directory, or a configuration of one of the families. What goes out: the family's model with the head
//! that is asked for, as a value of one type. It refuses a `model_type` that no family has, and lists those that there are.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::bert::{Bert, BertConfig, BertForMaskedLM, BertForSequenceClassification, BertForTokenClassification};
use super::distilbert::{
    DistilBert, DistilBertConfig, DistilBertForMaskedLM, DistilBertForSequenceClassification,
    DistilBertForTokenClassification,
};
use super::electra::{
    Electra, ElectraConfig, ElectraForMaskedLM, ElectraForSequenceClassification, ElectraForTokenClassification,
};
use super::encoder::EncoderFamily as _;
use super::family::Family;
use super::loading::HeadFrom;
use super::peft::Module;
use super::pretrained::Pretrained;
use super::roberta::{
    Roberta, RobertaConfig, RobertaForMaskedLM, RobertaForSequenceClassification, RobertaForTokenClassification,
};
use super::seen::of_no_family;
use super::{Head, Model, Output, VocabularyRows};
use crate::collate::Batch;
use crate::data::{ClassLabel, LabelColumn};
use crate::error::{Error, ErrorKind, Result};
use crate::tensor::params::Parameters;
use crate::tensor::random::Mode;

/// The configuration of an encoder of any family.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each variant is what its name says")]
pub enum AutoConfig {
    Bert(BertConfig),
    Roberta(RobertaConfig),
    DistilBert(DistilBertConfig),
    Electra(ElectraConfig),
}

/// What `config.json` calls its family.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Called {
    model_type: Option<String>,
}

impl Called {
    /// Whether this is the family.
    fn is(&self, family: &Family) -> bool {
        self.model_type.as_deref().is_some_and(|model_type| family.is_called(model_type))
    }

    /// That no family is called so.
    fn refused(&self, files: &Pretrained, families: &[&Family]) -> Error {
        let (message, help) = of_no_family(self.model_type.as_deref(), families);
        let error = Error::new(ErrorKind::Model, message.as_str()).help(help.as_str());
        error.at(files.config_file().display())
    }
}

/// Defines the configuration over all families.
macro_rules! auto_config {
    ($($family:ident $config:ident,)+) => {
        $(impl From<$config> for AutoConfig {
            fn from(config: $config) -> Self {
                Self::$family(config)
            }
        })+

        impl AutoConfig {
            /// Reads the configuration of a model in a local directory, or by its name on the hub.
            ///
            /// # Errors
            /// [`ErrorKind::Model`] for a `model_type` that is not known, and for values of another type.
            pub fn from_pretrained(model: impl AsRef<Path>) -> Result<Self> {
                let files = Pretrained::open(model.as_ref())?;
                let called: Called = files.config()?;
                $(if called.is($family::SEQUENCE.family) {
                    return files.config().map(Self::$family);
                })+
                Err(called.refused(&files, &[$($family::SEQUENCE.family),+]))
            }
        }
    };
}

auto_config! {
    Bert BertConfig,
    Roberta RobertaConfig,
    DistilBert DistilBertConfig,
    Electra ElectraConfig,
}

/// The first of some expressions.
macro_rules! of_first {
    ($first:expr, $($rest:tt)*) => {
        $first
    };
}

/// Defines the model with one head over all families.
macro_rules! auto_model {
    (
        $(#[$doc:meta])*
        $name:ident $(<$label:ident: $bound:ident>)?, $head:ident { $($family:ident($model:ty),)+ }
    ) => {
        $(#[$doc])*
        #[expect(missing_docs, reason = "each variant is what its name says")]
        pub enum $name$(<$label>)? {
            $($family($model),)+
        }

        impl$(<$label: $bound>)? $name$(<$label>)? {
            /// Loads a model from a local directory, or by its name on the hub, as its family does.
            ///
            /// # Errors
            /// [`ErrorKind::Model`] for a `model_type` that is not known, and all that the family's own type refuses.
            pub fn from_pretrained(model: impl AsRef<Path>) -> Result<Self> {
                Self::load(&Pretrained::open(model.as_ref())?, HeadFrom::File)
            }

            /// A model from scratch: every parameter is drawn from the run's seed.
            ///
            /// # Errors
            /// [`ErrorKind::Model`] for a configuration that cannot work.
            pub fn from_config(config: impl Into<AutoConfig>) -> Result<Self> {
                match config.into() {
                    $(AutoConfig::$family(config) => <$model>::from_config(config).map(Self::$family),)+
                }
            }

            /// The model's configuration.
            pub fn config(&self) -> AutoConfig {
                match self {
                    $(Self::$family(model) => AutoConfig::$family(model.config().clone()),)+
                }
            }

            fn load(files: &Pretrained, head: HeadFrom) -> Result<Self> {
                let called: Called = files.config()?;
                $(if called.is($family::$head.family) {
                    return <$model>::load(files, head).map(Self::$family);
                })+
                Err(called.refused(files, Self::FAMILIES))
            }
        }

        impl$(<$label: $bound>)? Model for $name$(<$label>)? {
            const HEAD: Head = of_first!($(<$model as Model>::HEAD,)+);
            const FAMILIES: &'static [&'static Family] = &[$($family::$head.family),+];
            const MODULES: &'static [Module<'static>] = &{
                const LISTS: &[&[Module<'static>]] = &[$($family::$head.modules),+];
                const ALL: [Module<'static>; count(LISTS)] = joined(LISTS);
                ALL
            };

            fn forward(&self, batch: &Batch, mode: Mode) -> Result<Output> {
                match self {
                    $(Self::$family(model) => model.forward(batch, mode),)+
                }
            }

            fn parameters(&self) -> &Parameters {
                match self {
                    $(Self::$family(model) => model.parameters(),)+
                }
            }

            fn family(&self) -> Option<&'static Family> {
                match self {
                    $(Self::$family(_) => Some($family::$head.family),)+
                }
            }

            fn vocabulary_rows(&self, batch: &Batch, mode: Mode) -> Result<Option<VocabularyRows>> {
                match self {
                    $(Self::$family(model) => model.vocabulary_rows(batch, mode),)+
                }
            }

            fn configuration(&self) -> Option<Value> {
                match self {
                    $(Self::$family(model) => model.configuration(),)+
                }
            }

            fn resize_token_embeddings(&mut self, tokens: usize, pad_to_multiple_of: Option<usize>) -> Result<()> {
                match self {
                    $(Self::$family(model) => model.resize_token_embeddings(tokens, pad_to_multiple_of),)+
                }
            }

            fn vocabulary_size(&self) -> Option<usize> {
                match self {
                    $(Self::$family(model) => model.vocabulary_size(),)+
                }
            }

            fn target_vocabulary_size(&self) -> Option<usize> {
                match self {
                    $(Self::$family(model) => model.target_vocabulary_size(),)+
                }
            }

            fn position_limit(&self) -> Option<usize> {
                match self {
                    $(Self::$family(model) => model.position_limit(),)+
                }
            }
        }
    };
}

auto_model! {
    /// An encoder with a head over the first token of each text, of the family that `config.json` says.
    ///
    /// `L` is the label of the examples: an enum with `#[derive(ClassLabel)]` for one class, a `Vec` or `BTreeSet` of it for
    /// several, `f32` or `[f32; N]` for numbers.
    ///
    /// Source: `transformers.AutoModelForSequenceClassification`.
    AutoModelForSequenceClassification<L: LabelColumn>, SEQUENCE {
        Bert(BertForSequenceClassification<L>),
        Roberta(RobertaForSequenceClassification<L>),
        DistilBert(DistilBertForSequenceClassification<L>),
        Electra(ElectraForSequenceClassification<L>),
    }
}

auto_model! {
    /// An encoder with a head over every token, of the family that `config.json` says; `T` are the classes of words.
    ///
    /// Source: `transformers.AutoModelForTokenClassification`.
    AutoModelForTokenClassification<T: ClassLabel>, TOKENS {
        Bert(BertForTokenClassification<T>),
        Roberta(RobertaForTokenClassification<T>),
        DistilBert(DistilBertForTokenClassification<T>),
        Electra(ElectraForTokenClassification<T>),
    }
}

auto_model! {
    /// An encoder with a head over the vocabulary for masked tokens, of the family that `config.json` says.
    ///
    /// Source: `transformers.AutoModelForMaskedLM`.
    AutoModelForMaskedLM, MASKED {
        Bert(BertForMaskedLM),
        Roberta(RobertaForMaskedLM),
        DistilBert(DistilBertForMaskedLM),
        Electra(ElectraForMaskedLM),
    }
}

impl<L: LabelColumn> AutoModelForSequenceClassification<L> {
    /// As [`from_pretrained`](Self::from_pretrained), leaving the file's head and drawing one for the labels of `L`.
    ///
    /// # Errors
    /// As [`from_pretrained`](Self::from_pretrained), but for those of the head.
    pub fn from_pretrained_with_new_head(model: impl AsRef<Path>) -> Result<Self> {
        Self::load(&Pretrained::open(model.as_ref())?, HeadFrom::Seed)
    }
}

impl<T: ClassLabel> AutoModelForTokenClassification<T> {
    /// As [`from_pretrained`](Self::from_pretrained), leaving the file's head and drawing one for the classes of `T`.
    ///
    /// # Errors
    /// As [`from_pretrained`](Self::from_pretrained), but for those of the head.
    pub fn from_pretrained_with_new_head(model: impl AsRef<Path>) -> Result<Self> {
        Self::load(&Pretrained::open(model.as_ref())?, HeadFrom::Seed)
    }
}

/// How many modules there are in all lists.
const fn count(lists: &[&[Module<'static>]]) -> usize {
    let (mut count, mut at) = (0, 0);
    while at < lists.len() {
        count += lists[at].len();
        at += 1;
    }
    count
}

/// The modules of all lists, one list after the other.
const fn joined<const COUNT: usize>(lists: &[&[Module<'static>]]) -> [Module<'static>; COUNT] {
    let mut all = [Module::other(""); COUNT];
    let (mut list, mut at, mut place) = (0, 0, 0);
    while list < lists.len() {
        if at < lists[list].len() {
            all[place] = lists[list][at];
            (at, place) = (at + 1, place + 1);
        } else {
            (list, at) = (list + 1, 0);
        }
    }
    all
}
