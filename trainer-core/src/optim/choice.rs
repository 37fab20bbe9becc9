//! Which optimiser a run takes.
//!
//! In come the choice of a trainer, or the training argument `optim`, and the arguments in force; out comes the optimiser. It
//! refuses two choices that differ.

use super::{AdafactorSettings, AdamW, AdamWSettings, LionSettings, Optimizer, SgdSettings};
use crate::args::{OptimizerName, TrainingArguments};
use crate::{Error, ErrorKind, Result};

/// Makes the optimiser of a run: one of [`adamw`], [`sgd`], [`adafactor`] and [`lion`], or a function of the user's.
#[diagnostic::on_unimplemented(
    message = "`{Self}` makes no optimiser",
    label = "not an optimiser",
    note = "write `fn name(arguments: &TrainingArguments) -> Result<Box<dyn Optimizer>>`, or take `adamw`, `sgd`, \
            `adafactor` or `lion`"
)]
pub trait OptimizerChoice: Send + Sync {
    /// The optimiser, with the numbers that are training arguments.
    ///
    /// # Errors
    /// [`ErrorKind::Arguments`] for a number with which an update is not defined, with its name.
    fn optimizer(&self, arguments: &TrainingArguments) -> Result<Box<dyn Optimizer>>;

    /// Its name as a training argument, if it has one.
    fn name(&self) -> Option<OptimizerName> {
        None
    }

    /// What it keeps for what is trained, at most.
    fn keeps(&self) -> KeptNumbers {
        KeptNumbers::Each(2)
    }
}

/// Numbers that an optimiser keeps between updates, at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptNumbers {
    /// So many for each that is trained.
    Each(usize),
    /// One for each row and each column of a matrix, and for each number of anything else.
    RowsAndColumns,
}

impl KeptNumbers {
    /// Numbers that are kept for a parameter of this shape.
    pub fn of_shape(self, dims: &[usize]) -> usize {
        match (self, dims) {
            (Self::RowsAndColumns, [matrices @ .., rows, columns]) => {
                matrices.iter().product::<usize>() * (rows + columns)
            }
            (Self::RowsAndColumns, _) => dims.iter().product(),
            (Self::Each(count), _) => dims.iter().product::<usize>() * count,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<F: Fn(&TrainingArguments) -> Result<Box<dyn Optimizer>> + Send + Sync> OptimizerChoice for F {
    fn optimizer(&self, arguments: &TrainingArguments) -> Result<Box<dyn Optimizer>> {
        self(arguments)
    }
}

/// Adam with decoupled weight decay: `adam_beta1`, `adam_beta2`, `adam_epsilon` and `weight_decay` are training arguments.
pub const fn adamw() -> OptimizerName {
    OptimizerName::AdamW
}

/// Adafactor as Hugging Face's trainer takes it: with the learning rate of the schedule; `weight_decay` is a training argument.
pub const fn adafactor() -> OptimizerName {
    OptimizerName::Adafactor
}

/// Lion: `adam_beta1`, `adam_beta2` and `weight_decay` are training arguments.
pub const fn lion() -> OptimizerName {
    OptimizerName::Lion
}

/// Gradient descent, plain if nothing is said: `weight_decay` is a training argument.
pub const fn sgd() -> Sgd {
    Sgd { momentum: 0.0, dampening: 0.0, nesterov: false }
}

/// Gradient descent; made by [`sgd`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    momentum: f64,
    dampening: f64,
    nesterov: bool,
}

impl Sgd {
    /// How much of the change before stays in each update, at least 0 and below 1.
    #[must_use]
    pub const fn momentum(self, momentum: f64) -> Self {
        Self { momentum, ..self }
    }

    /// How much less of the gradient enters the momentum, 0 to 1.
    #[must_use]
    pub const fn dampening(self, dampening: f64) -> Self {
        Self { dampening, ..self }
    }

    /// Looks one step of momentum ahead.
    #[must_use]
    pub const fn nesterov(self) -> Self {
        Self { nesterov: true, ..self }
    }
}

impl OptimizerChoice for Sgd {
    fn optimizer(&self, arguments: &TrainingArguments) -> Result<Box<dyn Optimizer>> {
        let Self { momentum, dampening, nesterov } = *self;
        SgdSettings { momentum, dampening, nesterov, weight_decay: arguments.weight_decay }.optimizer()
    }

    fn name(&self) -> Option<OptimizerName> {
        Some(OptimizerName::Sgd)
    }

    fn keeps(&self) -> KeptNumbers {
        KeptNumbers::Each(usize::from(self.momentum != 0.0))
    }
}

impl OptimizerChoice for OptimizerName {
    fn optimizer(&self, arguments: &TrainingArguments) -> Result<Box<dyn Optimizer>> {
        let TrainingArguments { adam_beta1: beta1, adam_beta2: beta2, adam_epsilon: epsilon, weight_decay, .. } =
            *arguments;
        match self {
            Self::AdamW => Ok(Box::new(AdamW::new(AdamWSettings { beta1, beta2, epsilon, weight_decay })?)),
            Self::Sgd => sgd().optimizer(arguments),
            Self::Adafactor => AdafactorSettings { weight_decay, ..AdafactorSettings::default() }.optimizer(),
            Self::Lion => LionSettings { beta1, beta2, weight_decay }.optimizer(),
        }
    }

    fn name(&self) -> Option<OptimizerName> {
        Some(*self)
    }

    fn keeps(&self) -> KeptNumbers {
        OptimizerName::kept(*self)
    }
}

impl OptimizerName {
    /// What it keeps for what is trained, at most.
    pub const fn kept(self) -> KeptNumbers {
        match self {
            Self::AdamW => KeptNumbers::Each(2),
            Self::Sgd => KeptNumbers::Each(0),
            Self::Adafactor => KeptNumbers::RowsAndColumns,
            Self::Lion => KeptNumbers::Each(1),
        }
    }
}

/// A choice on the heap.
pub fn boxed<C: OptimizerChoice + 'static>(choice: C) -> Box<dyn OptimizerChoice> {
    Box::new(choice)
}

/// What a run takes: the choice of its trainer, or else the argument `optim`.
///
/// # Errors
/// [`ErrorKind::Arguments`] if `optim` is set to another one than the trainer's.
pub fn chosen(
    own: Option<Box<dyn OptimizerChoice>>,
    arguments: &TrainingArguments,
) -> Result<Box<dyn OptimizerChoice>> {
    let Some(own) = own else { return Ok(Box::new(arguments.optim)) };
    let is_set = arguments.optim != TrainingArguments::default().optim;
    if is_set && own.name() != Some(arguments.optim) {
        let other = own.name().map_or("of its own", OptimizerName::name);
        let message = format!("`optim` is {}, but the trainer's `optimizer` is {other}", arguments.optim);
        return Err(Error::new(ErrorKind::Arguments, message).help("leave one of them out"));
    }
    Ok(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trainers_choice_counts_unless_the_arguments_say_another() {
        let arguments = TrainingArguments::default();
        let name = |own, arguments: &TrainingArguments| chosen(own, arguments).map(|choice| choice.name());
        assert_eq!(name(None, &arguments).unwrap(), Some(OptimizerName::AdamW));
        assert_eq!(name(Some(Box::new(lion())), &arguments).unwrap(), Some(OptimizerName::Lion));
        let set = TrainingArguments { optim: OptimizerName::Sgd, ..TrainingArguments::default() };
        assert_eq!(name(None, &set).unwrap(), Some(OptimizerName::Sgd));
        assert_eq!(name(Some(Box::new(sgd().momentum(0.9))), &set).unwrap(), Some(OptimizerName::Sgd));
        let error = name(Some(Box::new(lion())), &set).unwrap_err();
        assert_eq!(error.message(), "`optim` is sgd, but the trainer's `optimizer` is lion");
    }

    #[test]
    fn a_function_can_make_an_optimizer() {
        fn own(arguments: &TrainingArguments) -> Result<Box<dyn Optimizer>> {
            sgd().momentum(0.5).optimizer(arguments)
        }
        let arguments = TrainingArguments::default();
        let choice = chosen(Some(Box::new(own)), &arguments).unwrap();
        assert_eq!((choice.name(), choice.keeps()), (None, KeptNumbers::Each(2)));
        assert!(choice.optimizer(&arguments).unwrap().state().unwrap().is_empty());
    }

    #[test]
    fn what_is_kept_is_what_an_update_leaves_behind() -> Result<()> {
        use candle_core::{DType, Device, Tensor, Var};

        use crate::tensor::params::Parameter;

        let shapes = [("matrix", vec![3, 5]), ("matrices", vec![2, 3, 4]), ("vector", vec![7])];
        let choices: [Box<dyn OptimizerChoice>; 5] =
            [boxed(adamw()), boxed(sgd()), boxed(sgd().momentum(0.9)), boxed(adafactor()), boxed(lion())];
        for choice in choices {
            let mut optimizer = choice.optimizer(&TrainingArguments::default())?;
            let mut parameters = Vec::new();
            for (name, shape) in &shapes {
                let variable = Var::ones(shape.as_slice(), DType::F32, &Device::Cpu)?;
                parameters.push(Parameter { name: (*name).to_owned(), variable, decays: true, trainable: true });
            }
            let ones = |(name, shape): &(&str, Vec<usize>)| -> Result<_> {
                Ok(((*name).to_owned(), Tensor::ones(shape.as_slice(), DType::F32, &Device::Cpu)?.into()))
            };
            let gradients = shapes.iter().map(ones).collect::<Result<_>>()?;
            optimizer.step(&parameters, &gradients, 1.0, 1e-3)?;
            let state = optimizer.state()?;
            let numbers = state.iter().filter(|(name, _)| !name.starts_with("step/"));
            let kept: usize = numbers.map(|(_, tensor)| tensor.elem_count()).sum();
            let expected: usize = shapes.iter().map(|(_, shape)| choice.keeps().of_shape(shape)).sum();
            assert_eq!(kept, expected, "{:?}", choice.name());
        }
        Ok(())
    }

    #[test]
    fn numbers_with_which_no_update_is_defined_are_refused() {
        let arguments = TrainingArguments::default();
        let message = |choice: Sgd| choice.optimizer(&arguments).err().map(|error| error.message().to_owned());
        assert_eq!(message(sgd().momentum(1.0)).as_deref(), Some("the `momentum` of `sgd` is 1"));
        assert_eq!(message(sgd().dampening(2.0)).as_deref(), Some("the `dampening` of `sgd` is 2"));
        let ahead = "`nesterov` looks ahead by the momentum, without dampening";
        assert_eq!(message(sgd().nesterov()).as_deref(), Some(ahead));
        assert_eq!(message(sgd().momentum(0.9).dampening(0.1).nesterov()).as_deref(), Some(ahead));
        let decay = TrainingArguments { weight_decay: -1.0, ..TrainingArguments::default() };
        for name in OptimizerName::ALL {
            assert!(name.optimizer(&decay).is_err(), "{name}");
            assert!(name.optimizer(&arguments).is_ok(), "{name}");
        }
        let settings = AdafactorSettings { clip_threshold: 0.0, ..AdafactorSettings::default() };
        assert!(settings.optimizer().is_err());
    }
}
