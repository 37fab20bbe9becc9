//! From the type of a field to the type of the training argument that it is.

use std::path::PathBuf;

use super::choice::{
    ComputeDevice, IntervalStrategy, OptimizerName, PlateauMode, RampType, ReportTo, ResumeFrom, SaveStrategy,
    SchedulerType, StepsOrRatio, ThresholdMode, Warmup,
};
use super::value::ArgumentValue;

/// A field's type that can stand for a training argument of type `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit this training argument, which is a `{T}`",
    label = "write `{T}` here",
    note = "if it is a hyper-parameter of your own, give it another name and `#[arg(own)]`"
)]
pub trait IntoArgument<T> {
    /// The argument's value.
    fn into_argument(self) -> T;
}

macro_rules! fits {
    ($($from:ty => $to:ty: $value:ident => $into:expr;)+) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoArgument<$to> for $from {
            fn into_argument(self) -> $to {
                let $value = self;
                $into
            }
        }

        #[diagnostic::do_not_recommend]
        impl IntoArgument<Option<$to>> for $from {
            fn into_argument(self) -> Option<$to> {
                Some(self.into_argument())
            }
        }
    )+};
}

fits! {
    f64 => f64: number => number;
    f32 => f64: number => f64::from(number);
    u8 => f64: number => f64::from(number);
    u16 => f64: number => f64::from(number);
    u32 => f64: number => f64::from(number);
    u64 => f64: number => number as f64;
    usize => f64: number => number as f64;
    u8 => usize: number => usize::from(number);
    u16 => usize: number => usize::from(number);
    u32 => usize: number => number as usize;
    u64 => usize: number => number as usize;
    usize => usize: number => number;
    u8 => u64: number => u64::from(number);
    u16 => u64: number => u64::from(number);
    u32 => u64: number => u64::from(number);
    u64 => u64: number => number;
    usize => u64: number => number as u64;
    bool => bool: flag => flag;
    String => String: text => text;
    &str => String: text => text.to_owned();
    String => PathBuf: text => PathBuf::from(text);
    &str => PathBuf: text => PathBuf::from(text);
    PathBuf => PathBuf: path => path;
    ResumeFrom => ResumeFrom: from => from;
    PathBuf => ResumeFrom: path => ResumeFrom::Path(path);
    String => ResumeFrom: text => checked(&text);
    &str => ResumeFrom: text => checked(text);
    ComputeDevice => ComputeDevice: device => device;
    String => ComputeDevice: text => checked(&text);
    &str => ComputeDevice: text => checked(text);
    StepsOrRatio => StepsOrRatio: steps => steps;
    Warmup => Warmup: warmup => warmup;
    StepsOrRatio => Warmup: steps => Warmup::from_number(steps.number());
}

macro_rules! choices_fit {
    ($($type:ident)+) => {$(
        fits! {
            $type => $type: choice => choice;
            String => $type: text => checked(&text);
            &str => $type: text => checked(text);
        }
    )+};
}

choices_fit!(IntervalStrategy SaveStrategy SchedulerType OptimizerName RampType PlateauMode ThresholdMode);

macro_rules! numbers_fit_steps {
    ($($type:ident)+) => {$(
        fits! {
            $type => StepsOrRatio: number => StepsOrRatio::from_number(IntoArgument::<f64>::into_argument(number));
            $type => Warmup: number => Warmup::from_number(IntoArgument::<f64>::into_argument(number));
        }
    )+};
}

numbers_fit_steps!(f64 f32 u8 u16 u32 u64 usize);

#[diagnostic::do_not_recommend]
impl<T, S: IntoArgument<T>> IntoArgument<Option<T>> for Option<S> {
    fn into_argument(self) -> Option<T> {
        self.map(S::into_argument)
    }
}

#[diagnostic::do_not_recommend]
impl IntoArgument<Option<ResumeFrom>> for bool {
    fn into_argument(self) -> Option<ResumeFrom> {
        self.then_some(ResumeFrom::Latest)
    }
}

#[diagnostic::do_not_recommend]
impl IntoArgument<Vec<ReportTo>> for Vec<ReportTo> {
    fn into_argument(self) -> Vec<ReportTo> {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<const COUNT: usize> IntoArgument<Vec<ReportTo>> for [ReportTo; COUNT] {
    fn into_argument(self) -> Vec<ReportTo> {
        self.into()
    }
}

#[diagnostic::do_not_recommend]
impl IntoArgument<Vec<ReportTo>> for ReportTo {
    fn into_argument(self) -> Vec<ReportTo> {
        vec![self]
    }
}

#[diagnostic::do_not_recommend]
impl IntoArgument<Vec<ReportTo>> for Vec<String> {
    fn into_argument(self) -> Vec<ReportTo> {
        self.iter().map(|name| checked(name)).collect()
    }
}

#[diagnostic::do_not_recommend]
impl IntoArgument<Vec<ReportTo>> for String {
    fn into_argument(self) -> Vec<ReportTo> {
        checked(&self)
    }
}

/// The value that a text says.
///
/// What was read is checked before: only code that puts another text into a field of its `Args` gets here with one that
/// says nothing.
///
/// # Panics
/// If the text is no such value.
#[track_caller]
fn checked<T: ArgumentValue>(text: &str) -> T {
    T::from_text(text).unwrap_or_else(|must| panic!("an argument was set to \"{text}\" in code, but must be {must}"))
}
