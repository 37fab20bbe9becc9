//! Adafactor: an update like Adam's that keeps a number for each row and column of a matrix instead of one for each element.
//!
//! In come parameters and gradients of one update; the parameters are changed in place. Sums are taken in f64, over pieces of a
//! fixed size that are added in their order, so that the bits are the same for any number of threads.

use candle_core::Shape;
use rayon::prelude::*;

use super::Optimizer;
use super::per_parameter::{PerParameter, Rule, Update};
use crate::tensor::kernels::Real;
use crate::tensor::kernels::optimizer::PIECE;
use crate::{Error, ErrorKind, Result};

/// Rows of a matrix in one piece.
const PIECE_ROWS: usize = 64;

/// The learning rate of [`AdafactorSettings`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AdafactorRate {
    /// That of the schedule, as it is.
    #[default]
    Scheduled,
    /// One over the root of the update, at most 0.01, whatever the schedule says.
    Relative,
    /// The same, at most a millionth times the update.
    RelativeWithWarmup,
}

/// The settings of Adafactor; the default is what Hugging Face's trainer takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdafactorSettings {
    /// The learning rate.
    pub rate: AdafactorRate,
    /// Whether the learning rate of a parameter is multiplied by the root mean square of its elements.
    pub scale_parameter: bool,
    /// How much of the mean of the updates stays, 0 to below 1; `None` to keep no such mean.
    pub beta1: Option<f64>,
    /// The root mean square above which an update is scaled down, above 0.
    pub clip_threshold: f64,
    /// How fast the mean of the squares forgets: `1 - update^decay_rate` of it stays; below 0.
    pub decay_rate: f64,
    /// Added to the squared gradients.
    pub epsilon: f64,
    /// The least scale of a parameter.
    pub least_scale: f64,
    /// Share of a parameter that each update takes away, times the learning rate; only where the parameter decays.
    pub weight_decay: f64,
}

impl Default for AdafactorSettings {
    fn default() -> Self {
        Self {
            rate: AdafactorRate::default(),
            scale_parameter: false,
            beta1: None,
            clip_threshold: 1.0,
            decay_rate: -0.8,
            epsilon: 1e-30,
            least_scale: 1e-3,
            weight_decay: 0.0,
        }
    }
}

/// Adafactor.
///
/// Source: Shazeer and Stern 2018; `transformers.Adafactor`.
#[derive(Debug)]
struct Adafactor(AdafactorSettings);

impl AdafactorSettings {
    /// An optimiser that has not seen a gradient yet.
    ///
    /// # Errors
    /// [`ErrorKind::Arguments`] for a setting with which an update is not defined, with its name.
    pub fn optimizer(self) -> Result<Box<dyn Optimizer>> {
        let refused = |name: &str, value: f64, help: &str| {
            Err(Error::new(ErrorKind::Arguments, format!("the `{name}` of `adafactor` is {value}")).help(help))
        };
        if let Some(beta1) = self.beta1.filter(|beta1| !(0.0..1.0).contains(beta1)) {
            return refused("beta1", beta1, "write a `beta1` of at least 0 and below 1");
        }
        if !(self.clip_threshold > 0.0 && self.clip_threshold.is_finite()) {
            return refused("clip_threshold", self.clip_threshold, "write a `clip_threshold` above 0, such as 1.0");
        }
        if !(self.decay_rate < 0.0 && self.decay_rate.is_finite()) {
            return refused("decay_rate", self.decay_rate, "write a `decay_rate` below 0, such as -0.8");
        }
        // In f32 a smaller number is 0, and the quotient of a gradient of 0 not defined.
        if !(self.epsilon as f32 > 0.0 && self.epsilon.is_finite()) {
            return refused("epsilon", self.epsilon, "write an `epsilon` above 0, such as 1e-30");
        }
        Ok(Box::new(PerParameter::new(Adafactor(self), self.weight_decay)?))
    }

    fn learning_rate<T: Real>(&self, parameter: &[T], update: &Update<'_>) -> f64 {
        let step = update.step as f64;
        let rate = match self.rate {
            AdafactorRate::Scheduled => update.learning_rate,
            AdafactorRate::Relative => 1e-2f64.min(1.0 / step.sqrt()),
            AdafactorRate::RelativeWithWarmup => (1e-6 * step).min(1.0 / step.sqrt()),
        };
        if !self.scale_parameter {
            return rate;
        }
        let squares = sum_of_pieces(parameter, PIECE, |piece, _| piece.iter().map(|value| wide(*value).powi(2)).sum());
        rate * self.least_scale.max((squares / parameter.len().max(1) as f64).sqrt())
    }
}

/// The matrices of a parameter: how many rows and columns each has.
fn matrix(dims: &[usize]) -> Option<(usize, usize)> {
    match dims {
        [.., rows, columns] => Some((*rows, *columns)),
        _ => None,
    }
}

impl Rule for Adafactor {
    fn kept(&self, shape: &Shape) -> Vec<(&'static str, Shape)> {
        let mut kept = match shape.dims() {
            [matrices @ .., rows, columns] => {
                let of = |last: usize| Shape::from_dims(&[matrices, &[last]].concat());
                vec![("exp_avg_sq_row", of(*rows)), ("exp_avg_sq_col", of(*columns))]
            }
            _ => vec![("exp_avg_sq", shape.clone())],
        };
        if self.0.beta1.is_some() {
            kept.push(("exp_avg", shape.clone()));
        }
        kept
    }

    fn update<T: Real>(&self, parameter: &mut [T], kept: &mut [Vec<T>], gradient: &[T], update: &Update<'_>) {
        let rate = self.0.learning_rate(parameter, update);
        let keep = 1.0 - (update.step as f64).powf(self.0.decay_rate);
        let squares = Squares { keep, epsilon: T::of(self.0.epsilon), scale: T::of(update.scale) };
        match (matrix(update.dims), kept) {
            (Some((rows, columns)), [of_rows, of_columns, mean @ ..]) => {
                squares.of_matrices(of_rows, of_columns, gradient, columns, rows);
                let (of_rows, of_columns) = (factors_of_rows(of_rows, rows), roots(of_columns));
                let of = |at: usize| {
                    let (row, column) = (at / columns, at % columns);
                    of_rows[row] * of_columns[row / rows * columns + column]
                };
                self.apply(parameter, mean.first_mut(), gradient, update, rate, of);
            }
            (None, [of_elements, mean @ ..]) => {
                squares.of_elements(of_elements, gradient);
                let roots = roots(of_elements);
                self.apply(parameter, mean.first_mut(), gradient, update, rate, |at| roots[at]);
            }
            _ => {}
        }
    }
}

impl Adafactor {
    /// Subtracts the gradient times `factor`, scaled down where it is large, from the parameter.
    fn apply<T: Real>(
        &self,
        parameter: &mut [T],
        mean: Option<&mut Vec<T>>,
        gradient: &[T],
        update: &Update<'_>,
        rate: f64,
        factor: impl Fn(usize) -> T + Sync,
    ) {
        let scale = T::of(update.scale);
        let change = |at: usize, gradient: T| factor(at) * (gradient * scale);
        let squares = sum_of_pieces(gradient, PIECE, |piece, start| {
            piece.iter().enumerate().map(|(at, gradient)| wide(change(start + at, *gradient)).powi(2)).sum()
        });
        let size = (squares / gradient.len().max(1) as f64).sqrt();
        let divisor = T::of((size / self.0.clip_threshold).max(1.0));
        let (decay, rate) = (T::of(1.0 - update.weight_decay * rate), T::of(rate));
        let change = |at: usize, gradient: T| change(at, gradient) / divisor * rate;
        let pieces = parameter.par_chunks_mut(PIECE).zip(gradient.par_chunks(PIECE)).enumerate();
        let (Some(mean), Some(beta1)) = (mean, self.0.beta1) else {
            return pieces.for_each(|(piece, (parameter, gradient))| {
                for (at, (p, g)) in parameter.iter_mut().zip(gradient).enumerate() {
                    *p = *p * decay - change(piece * PIECE + at, *g);
                }
            });
        };
        let (keep, enters) = (T::of(beta1), T::of(1.0 - beta1));
        pieces.zip(mean.par_chunks_mut(PIECE)).for_each(|((piece, (parameter, gradient)), mean)| {
            for (at, ((p, g), m)) in parameter.iter_mut().zip(gradient).zip(mean).enumerate() {
                *m = *m * keep + enters * change(piece * PIECE + at, *g);
                *p = *p * decay - *m;
            }
        });
    }
}

/// The running means of the squared gradients.
struct Squares<T> {
    /// How much of a mean stays.
    keep: f64,
    epsilon: T,
    scale: T,
}

impl<T: Real> Squares<T> {
    fn of(&self, gradient: T) -> T {
        let gradient = gradient * self.scale;
        gradient * gradient + self.epsilon
    }

    fn mixed(&self, mean: T, new: T) -> T {
        mean * T::of(self.keep) + T::of(1.0 - self.keep) * new
    }

    fn of_elements(&self, means: &mut [T], gradient: &[T]) {
        means.par_chunks_mut(PIECE).zip(gradient.par_chunks(PIECE)).for_each(|(means, gradient)| {
            for (mean, gradient) in means.iter_mut().zip(gradient) {
                *mean = self.mixed(*mean, self.of(*gradient));
            }
        });
    }

    fn of_matrices(&self, of_rows: &mut [T], of_columns: &mut [T], gradient: &[T], columns: usize, rows: usize) {
        let matrices = gradient.chunks((rows * columns).max(1));
        let means = of_rows.chunks_mut(rows.max(1)).zip(of_columns.chunks_mut(columns.max(1)));
        for (gradient, (of_rows, of_columns)) in matrices.zip(means) {
            let sums: Vec<Vec<f64>> = gradient
                .par_chunks((PIECE_ROWS * columns).max(1))
                .zip(of_rows.par_chunks_mut(PIECE_ROWS))
                .map(|(gradient, of_rows)| {
                    let mut sums = vec![0.0; columns];
                    for (row, mean) in gradient.chunks(columns.max(1)).zip(of_rows) {
                        let mut sum = 0.0;
                        for (gradient, of_column) in row.iter().zip(&mut sums) {
                            let square = wide(self.of(*gradient));
                            sum += square;
                            *of_column += square;
                        }
                        *mean = self.mixed(*mean, T::of(sum / columns as f64));
                    }
                    sums
                })
                .collect();
            for (column, mean) in of_columns.iter_mut().enumerate() {
                let sum: f64 = sums.iter().filter_map(|sums| sums.get(column)).sum();
                *mean = self.mixed(*mean, T::of(sum / rows as f64));
            }
        }
    }
}

/// `1 / sqrt(x / mean)` of the means of rows, where the mean is over the rows of each matrix.
fn factors_of_rows<T: Real>(of_rows: &[T], rows: usize) -> Vec<T> {
    let of_matrix = |of_rows: &[T]| {
        let mean = T::of(of_rows.iter().map(|mean| wide(*mean)).sum::<f64>() / of_rows.len().max(1) as f64);
        of_rows.iter().map(|of_row| (*of_row / mean).sqrt().recip()).collect::<Vec<T>>()
    };
    of_rows.chunks(rows.max(1)).flat_map(of_matrix).collect()
}

fn roots<T: Real>(means: &[T]) -> Vec<T> {
    means.iter().map(|mean| mean.sqrt().recip()).collect()
}

/// Sums of pieces, added in their order; `sum` gets a piece and the place of its first element.
fn sum_of_pieces<T: Real>(values: &[T], piece: usize, sum: impl Fn(&[T], usize) -> f64 + Sync) -> f64 {
    let sums: Vec<f64> = values.par_chunks(piece).enumerate().map(|(at, values)| sum(values, at * piece)).collect();
    sums.iter().sum()
}

fn wide<T: Real>(value: T) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}
