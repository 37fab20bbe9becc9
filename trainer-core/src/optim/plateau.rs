//! Schedules that follow the evaluations instead of the updates.
//!
//! In comes the metric of each evaluation; out goes the learning rate from then on. What a [`Plateau`] remembers is its
//! [`PlateauState`], which a checkpoint keeps, so that a resumed run decides exactly as one that never stopped. Refused
//! when it is made: factors that do not shrink, bounds that are none.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Result};

/// Whether a better metric is smaller or larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Smaller is better, as for a loss.
    Min,
    /// Larger is better, as for an accuracy.
    Max,
}

/// How a threshold is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdMode {
    /// As a share of the best metric.
    Relative,
    /// In the unit of the metric.
    Absolute,
}

/// What a plateau does to the learning rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PlateauRule {
    /// It is multiplied by a factor when the metric has stopped improving.
    ReduceOnPlateau(ReduceOnPlateau),
    /// It is also divided by the factor while the metric improves.
    Greedy(Greedy),
}

/// The settings of `reduce_lr_on_plateau`; the default is torch's.
///
/// Source: `torch.optim.lr_scheduler.ReduceLROnPlateau`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReduceOnPlateau {
    /// Which way is better.
    pub mode: Goal,
    /// What the learning rate is multiplied by, between 0 and 1.
    pub factor: f64,
    /// Evaluations without improvement that are let pass.
    pub patience: usize,
    /// By how much a metric must be better to count as an improvement.
    pub threshold: f64,
    /// How `threshold` is read.
    pub threshold_mode: ThresholdMode,
    /// Evaluations after a reduction that do not count as bad.
    pub cooldown: usize,
    /// The learning rate never goes below this.
    pub min_lr: f64,
    /// A reduction by no more than this is not made.
    pub eps: f64,
}

impl Default for ReduceOnPlateau {
    fn default() -> Self {
        Self {
            mode: Goal::Min,
            factor: 0.1,
            patience: 10,
            threshold: 1e-4,
            threshold_mode: ThresholdMode::Relative,
            cooldown: 0,
            min_lr: 0.0,
            eps: 1e-8,
        }
    }
}

/// The settings of `greedy`; the default is Hugging Face's, whose `min_lr` of 1e-3 suits learning rates above it: a run
/// that starts below is never reduced.
///
/// Source: `transformers.optimization.GreedyLR`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Greedy {
    /// Which way is better.
    pub mode: Goal,
    /// What the learning rate is multiplied by on a plateau and divided by on improvement, between 0 and 1.
    pub factor: f64,
    /// Evaluations in a row, without improvement or with it, that are let pass.
    pub patience: usize,
    /// By how much a metric must be better to count as an improvement.
    pub threshold: f64,
    /// How `threshold` is read.
    pub threshold_mode: ThresholdMode,
    /// Evaluations after a reduction that are not looked at.
    pub cooldown: usize,
    /// Evaluations after an increase that are not looked at.
    pub warmup: usize,
    /// The learning rate is not reduced below this.
    pub min_lr: f64,
    /// The learning rate is not increased above this.
    pub max_lr: f64,
    /// A change by no more than this is not made.
    pub eps: f64,
    /// Compare the mean of the last so many metrics instead of each alone.
    pub window_size: Option<usize>,
    /// After so many plateaus at `min_lr` everything starts anew at the first learning rate.
    pub reset_start: usize,
}

impl Default for Greedy {
    fn default() -> Self {
        Self {
            mode: Goal::Min,
            factor: 0.95,
            patience: 10,
            threshold: 1e-6,
            threshold_mode: ThresholdMode::Absolute,
            cooldown: 0,
            warmup: 0,
            min_lr: 1e-3,
            max_lr: 1.0,
            eps: 1e-8,
            window_size: None,
            reset_start: 500,
        }
    }
}

/// What a [`Plateau`] remembers between evaluations, and a checkpoint keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlateauState {
    learning_rate: f64,
    best: Option<f64>,
    bad_evaluations: usize,
    good_evaluations: usize,
    cooldown_left: usize,
    warmup_left: usize,
    plateaus_to_reset: usize,
    window: VecDeque<f64>,
    window_sum: f64,
}

/// A learning rate that is changed after an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Plateau {
    rule: PlateauRule,
    first_learning_rate: f64,
    state: PlateauState,
}

impl Plateau {
    /// Starts at `learning_rate`.
    ///
    /// # Errors
    /// [`ErrorKind::Arguments`] for a setting outside what the rule can work with, with its name.
    pub fn new(rule: PlateauRule, learning_rate: f64) -> Result<Self> {
        at_least_zero("learning_rate", learning_rate)?;
        match rule {
            PlateauRule::ReduceOnPlateau(rule) => rule.check(learning_rate)?,
            PlateauRule::Greedy(rule) => rule.check()?,
        }
        let state = PlateauState::start(&rule, learning_rate);
        Ok(Self { rule, first_learning_rate: learning_rate, state })
    }

    /// The learning rate of the next update.
    pub fn learning_rate(&self) -> f64 {
        self.state.learning_rate
    }

    /// Takes in the metric of an evaluation and gives the learning rate from then on.
    ///
    /// A metric that is not a finite number counts as no improvement.
    pub fn observe(&mut self, metric: f64) -> f64 {
        match self.rule {
            PlateauRule::ReduceOnPlateau(rule) => rule.observe(&mut self.state, metric),
            PlateauRule::Greedy(rule) => {
                if rule.observe(&mut self.state, metric) {
                    let cooldown = self.state.cooldown_left;
                    self.state = PlateauState::start(&self.rule, self.first_learning_rate);
                    self.state.cooldown_left = cooldown;
                }
            }
        }
        self.state.learning_rate
    }

    /// What a checkpoint must keep.
    pub fn state(&self) -> &PlateauState {
        &self.state
    }

    /// Goes on from the state of a checkpoint.
    ///
    /// # Errors
    /// [`ErrorKind::Checkpoint`] if its learning rate is none.
    pub fn load_state(&mut self, state: PlateauState) -> Result<()> {
        if !(state.learning_rate.is_finite() && state.learning_rate >= 0.0) {
            return Err(Error::new(
                ErrorKind::Checkpoint,
                format!("the learning rate of the plateau schedule is {}", state.learning_rate),
            ));
        }
        self.state = state;
        Ok(())
    }
}

impl PlateauState {
    fn start(rule: &PlateauRule, learning_rate: f64) -> Self {
        let plateaus_to_reset = match rule {
            PlateauRule::ReduceOnPlateau(_) => 0,
            PlateauRule::Greedy(rule) => rule.reset_start,
        };
        Self {
            learning_rate,
            best: None,
            bad_evaluations: 0,
            good_evaluations: 0,
            cooldown_left: 0,
            warmup_left: 0,
            plateaus_to_reset,
            window: VecDeque::new(),
            window_sum: 0.0,
        }
    }

    /// The mean of the last `size` metrics; one that is not finite is left out, or no later mean would be.
    fn smooth(&mut self, metric: f64, size: usize) -> f64 {
        if !metric.is_finite() {
            return metric;
        }
        self.window.push_back(metric);
        self.window_sum += metric;
        if self.window.len() > size
            && let Some(oldest) = self.window.pop_front()
        {
            self.window_sum -= oldest;
        }
        self.window_sum / self.window.len() as f64
    }
}

impl ReduceOnPlateau {
    fn check(&self, learning_rate: f64) -> Result<()> {
        check_factor_and_threshold(self.factor, self.threshold, self.threshold_mode)?;
        at_least_zero("min_lr", self.min_lr)?;
        at_least_zero("eps", self.eps)?;
        if self.min_lr > learning_rate {
            return Err(Error::new(
                ErrorKind::Arguments,
                format!("`min_lr` is {}, and the learning rate is only {learning_rate}", self.min_lr),
            )
            .help("write a smaller `min_lr`, or nothing is ever reduced"));
        }
        Ok(())
    }

    fn observe(&self, state: &mut PlateauState, metric: f64) {
        if improves(metric, state.best, self.mode, self.threshold, self.threshold_mode) {
            state.best = Some(metric);
            state.bad_evaluations = 0;
        } else {
            state.bad_evaluations += 1;
        }
        if state.cooldown_left > 0 {
            state.cooldown_left -= 1;
            state.bad_evaluations = 0;
        }
        if state.bad_evaluations > self.patience {
            reduce(state, self.factor, self.min_lr, self.eps);
            state.cooldown_left = self.cooldown;
            state.bad_evaluations = 0;
        }
    }
}

impl Greedy {
    fn check(&self) -> Result<()> {
        check_factor_and_threshold(self.factor, self.threshold, self.threshold_mode)?;
        at_least_zero("min_lr", self.min_lr)?;
        at_least_zero("eps", self.eps)?;
        let problem = if !self.max_lr.is_finite() || self.max_lr < self.min_lr {
            format!("`max_lr` is {}, below `min_lr` = {}", self.max_lr, self.min_lr)
        } else if self.window_size == Some(0) {
            "`window_size` is 0, and the mean of no metric is not defined".to_string()
        } else {
            return Ok(());
        };
        Err(Error::new(ErrorKind::Arguments, problem))
    }

    /// Changes the state by a metric; tells whether everything is to start anew.
    fn observe(&self, state: &mut PlateauState, metric: f64) -> bool {
        let metric = self.window_size.map_or(metric, |size| state.smooth(metric, size));
        let waiting = if state.cooldown_left > 0 { &mut state.cooldown_left } else { &mut state.warmup_left };
        if *waiting > 0 {
            *waiting -= 1;
            state.bad_evaluations = 0;
            state.good_evaluations = 0;
            return false;
        }
        if improves(metric, state.best, self.mode, self.threshold, self.threshold_mode) {
            state.best = Some(metric);
            state.bad_evaluations = 0;
            state.good_evaluations += 1;
        } else {
            state.bad_evaluations += 1;
            state.good_evaluations = 0;
        }
        if state.good_evaluations > self.patience {
            let raised = (state.learning_rate / self.factor).min(self.max_lr);
            if raised - state.learning_rate > self.eps {
                state.learning_rate = raised;
            }
            state.plateaus_to_reset = self.reset_start;
            state.warmup_left = self.warmup;
            state.good_evaluations = 0;
        } else if state.bad_evaluations > self.patience {
            reduce(state, self.factor, self.min_lr, self.eps);
            state.cooldown_left = self.cooldown;
            state.bad_evaluations = 0;
            if state.learning_rate <= self.min_lr {
                state.plateaus_to_reset = state.plateaus_to_reset.saturating_sub(1);
                return state.plateaus_to_reset == 0;
            }
        }
        false
    }
}

fn reduce(state: &mut PlateauState, factor: f64, min_lr: f64, eps: f64) {
    let reduced = (state.learning_rate * factor).max(min_lr);
    if state.learning_rate - reduced > eps {
        state.learning_rate = reduced;
    }
}

fn improves(metric: f64, best: Option<f64>, goal: Goal, threshold: f64, mode: ThresholdMode) -> bool {
    let Some(best) = best else {
        return metric.is_finite();
    };
    metric.is_finite()
        && match (goal, mode) {
            (Goal::Min, ThresholdMode::Relative) => metric < best * (1.0 - threshold),
            (Goal::Min, ThresholdMode::Absolute) => metric < best - threshold,
            (Goal::Max, ThresholdMode::Relative) => metric > best * (1.0 + threshold),
            (Goal::Max, ThresholdMode::Absolute) => metric > best + threshold,
        }
}

fn check_factor_and_threshold(factor: f64, threshold: f64, mode: ThresholdMode) -> Result<()> {
    if !(factor > 0.0 && factor < 1.0) {
        return Err(Error::new(ErrorKind::Arguments, format!("`factor` is {factor}, which does not reduce"))
            .help("write a `factor` between 0 and 1, such as 0.1"));
    }
    at_least_zero("threshold", threshold)?;
    if mode == ThresholdMode::Relative && threshold >= 1.0 {
        return Err(Error::new(
            ErrorKind::Arguments,
            format!("`threshold` is {threshold}, a share of the best metric"),
        )
        .help("write a `threshold` below 1, or `threshold_mode = \"abs\"`"));
    }
    Ok(())
}

fn at_least_zero(name: &str, value: f64) -> Result<()> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Arguments, format!("`{name}` is {value}")).help(format!("write a `{name}` of 0 or more")))
}

#[cfg(test)]
mod tests;
