//! What training, evaluation and prediction share: the parts of a trainer, checked against each other.

use std::sync::Arc;

use super::TrainerParts;
use super::best::BestModel;
use super::encode::{Encoded, Limits, Purpose, Room, encode};
use super::evaluation::Pass;
use super::evaluation::writing::{Asked, NEW_TOKENS, NewTokens, Writing};
use super::feed::Layout;
use super::lay_out::LayOut;
use super::token_cache::TokenCache;
use crate::args::{ComputeDevice, TrainingArgs, TrainingArguments};
use crate::collate::{Collator, Item, Supervision};
use crate::data::{Dataset, Example, Task, TaskKind};
use crate::error::{Error, ErrorKind, Result};
use crate::loss::{self, Loss};
use crate::metrics::{MetricSet, Metrics};
use crate::model::generation::OwnGeneration;
use crate::model::seen::{accepted, length_fits, vocabulary_fits};
use crate::model::{GenerationConfig, Model, peft};
use crate::tensor::params::Parameters;
use crate::tensor::threads::Threads;
use crate::text::Learned;

/// The parts of a trainer, checked against each other.
pub(crate) struct Setup<'a, P: TrainerParts> {
    pub(crate) parts: &'a P,
    pub(crate) arguments: TrainingArguments,
    pub(crate) loss: Box<dyn Loss>,
    /// What the run computes on.
    pub(crate) threads: Threads,
    lay_out: LayOut,
}

/// The task of a trainer's examples.
pub(crate) type TaskOf<P> = <<P as TrainerParts>::Example as Example>::Task;

impl<'a, P: TrainerParts> Setup<'a, P> {
    /// Takes the parts of a trainer and the arguments in force.
    ///
    /// # Errors
    /// [`ErrorKind::Arguments`] for arguments that cannot work, and for a longest length that is beyond the positions of
    /// the model, and for a number of threads that the system does not start; [`ErrorKind::Model`] for parameters on another device
    /// than the arguments name, and for a tokenizer with more tokens than the model has embeddings.
    pub(crate) fn new(parts: &'a P) -> Result<Self> {
        let arguments = parts.args().arguments();
        arguments.validate()?;
        adapt(parts)?;
        let threads = Threads::new(arguments.num_threads)?;
        crate::tensor::kernels::keep_freed_memory();
        let parameters = parts.model().parameters();
        on_the_device(parameters, arguments.device)?;
        fits_the_vocabulary(parts)?;
        let mut loss = parts.loss().unwrap_or_else(|| loss::of_task(TaskOf::<P>::KIND));
        if arguments.label_smoothing_factor != 0.0 {
            loss = loss.with_label_smoothing(arguments.label_smoothing_factor)?;
        }
        let collator: Arc<dyn Collator> = parts.collator().into();
        fits_the_positions(parts, &arguments, collator.as_ref())?;
        let lay_out = LayOut::new(collator, parts.model(), parts.tokenizer(), arguments.seed);
        Ok(Self { parts, arguments, loss, threads, lay_out })
    }

    /// The model with what feeds it, in batches of so many items.
    pub(crate) fn pass(&self, batch_size: usize) -> Pass<'_, P::Model> {
        Pass { model: self.parts.model(), lay_out: &self.lay_out, batch_size, generation: self.generation() }
    }

    /// What lays the items out for training. Micro-batches are computed in parts only where that gives the same sums: a
    /// model and a loss of the user's own may look at all rows of a batch.
    pub(super) fn layout(&self, items: &Arc<[Item]>) -> Layout {
        let adds_up = self.parts.model().rows_are_alone() && self.loss.adds_up_over_rows();
        Layout {
            items: Arc::clone(items),
            lay_out: self.lay_out.clone(),
            tokens_per_chunk: adds_up.then_some(self.arguments.tokens_per_chunk()),
        }
    }

    /// How texts are written in evaluations and predictions: as the model's files say, or greedily; with the beams and at most
    /// as long as the arguments say, if they do.
    pub(crate) fn generation(&self) -> (GenerationConfig, NewTokens) {
        let own = self.parts.model().parameters().attached::<OwnGeneration>();
        let own_length = own.as_ref().filter(|own| own.says_length).map(|own| own.config.max_new_tokens);
        let config = own.map(|own| own.config).unwrap_or_default();
        let (length, beams) = (self.arguments.generation_max_length, self.arguments.generation_num_beams);
        let config = GenerationConfig {
            max_new_tokens: length.or(own_length).unwrap_or(NEW_TOKENS),
            num_beams: if beams > 1 { beams } else { config.num_beams },
            // Beams that the arguments ask for are not drawn.
            do_sample: config.do_sample && beams == 1,
            ..config
        };
        (config, if length.is_some() { NewTokens::OfTheArguments } else { NewTokens::Fitting })
    }

    /// The metric that the best model is chosen by; of each metric it is known whether a greater value is better.
    pub(super) fn best_model(&self) -> Result<Option<BestModel>> {
        let metrics = self.metrics()?;
        let sets = self.parts.eval_datasets();
        let direction = |name: &str| {
            let of_set =
                |set: &str| name.strip_prefix(set)?.strip_prefix('_').and_then(|name| metrics.greater_is_better(name));
            let of_sets = || sets.iter().filter_map(|(set, _)| *set).find_map(of_set);
            metrics.greater_is_better(name).or_else(of_sets)
        };
        Ok(BestModel::new(&self.arguments, direction))
    }

    /// The metrics of the trainer, fresh.
    pub(crate) fn metrics(&self) -> Result<MetricSet> {
        let mut metrics = MetricSet::new(self.parts.metrics())?;
        if let Some(labels) = TaskOf::<P>::LABELS {
            metrics.set_classes(labels.names)?;
        }
        Ok(metrics)
    }

    /// The loss and metrics on a data set.
    pub(crate) fn evaluate(&self, dataset: &Dataset<P::Example>) -> Result<Metrics> {
        let items = self.learnable(dataset)?;
        let asked = self.asked(dataset, &items)?;
        let mut metrics = self.metrics()?;
        let pass = self.pass(self.arguments.per_device_eval_batch_size);
        let rows = (items.as_slice(), asked.as_deref());
        let evaluated = || pass.evaluate::<TaskOf<P>>(rows, self.loss.as_ref(), &mut metrics, |_| Ok(()));
        Ok(self.threads.during(evaluated)?.0)
    }

    /// What the model and the collator can take.
    pub(crate) fn limits(&self) -> Limits {
        let (model, collator) = (self.parts.model(), &self.lay_out.collator);
        let said = [self.arguments.max_length, collator.max_length()];
        let known = [model.position_limit(), self.parts.tokenizer().and_then(crate::text::Tokenizer::max_length)];
        let least = |said: &[Option<usize>]| said.iter().chain(&known).copied().flatten().min();
        let read = Room { length: least(&said), vocabulary: model.vocabulary_size() };
        let written = match (TaskOf::<P>::KIND, collator.max_target_length()) {
            (TaskKind::Seq2Seq, Some(length)) => {
                Room { length: least(&[Some(length)]), vocabulary: model.target_vocabulary_size() }
            }
            (TaskKind::Seq2Seq, None) => Room { vocabulary: model.target_vocabulary_size(), ..read },
            _ => read,
        };
        let learned = if collator.learns_every_token() { Learned::Everything } else { Learned::Answers };
        Limits { read, written, learned }
    }

    /// The items of a data set to train or to evaluate on, of which each has something to learn.
    ///
    /// # Errors
    /// As [`encode`](Self::encode); the first row that the collator finds nothing to learn in, with its place.
    pub(crate) fn learnable(&self, dataset: &Dataset<P::Example>) -> Result<Vec<Item>> {
        let items = self.encode(dataset, Purpose::Learning)?;
        let check =
            |(row, item): (usize, &Item)| self.lay_out.check(item).map_err(|error| error.at(dataset.place(row)));
        items.iter().enumerate().try_for_each(check)?;
        Ok(items)
    }

    /// What a model is asked with for the texts that metrics compare, where that is not in the items of an evaluation: of a
    /// conversation that is learnt as a whole, these do not say where the answer begins.
    ///
    /// # Errors
    /// As [`encode`](Self::encode); the first row after which the model cannot write, with its place.
    pub(crate) fn asked(&self, dataset: &Dataset<P::Example>, items: &[Item]) -> Result<Option<Vec<Item>>> {
        if !self.metrics()?.needs_texts() {
            return Ok(None);
        }
        let is_a_conversation = TaskOf::<P>::KIND == TaskKind::Conversation;
        let asked = if is_a_conversation && self.lay_out.collator.learns_every_token() {
            Some(self.encoded(dataset, Purpose::Prediction)?.items)
        } else {
            None
        };
        let writing = Writing::new(self.parts.model(), self.parts.tokenizer(), self.generation())?;
        for (row, item) in asked.as_deref().unwrap_or(items).iter().enumerate() {
            let prompt = Asked::of(item, TaskOf::<P>::KIND).map(|asked| asked.prompt);
            prompt.and_then(|prompt| writing.check(prompt)).map_err(|error| error.at(dataset.place(row)))?;
        }
        Ok(asked)
    }

    /// Says of how many tokens a model learns, where tokens have labels.
    pub(crate) fn note_supervision(&self, items: &[Item]) -> Result<()> {
        /// Rows that are laid out at once to count.
        const ROWS: usize = 64;
        if !TaskOf::<P>::KIND.is_over_tokens() {
            return Ok(());
        }
        let mut all = Supervision::default();
        for rows in items.chunks(ROWS) {
            let rows: Vec<&Item> = rows.iter().collect();
            if let Some(of_rows) = Supervision::of(&self.lay_out.batch(&rows, Some(0))?)? {
                all += of_rows;
            }
        }
        if all.tokens > 0 {
            crate::note(format!("{all} of the training set are learnt"));
        }
        Ok(())
    }

    /// Encodes a data set, and says what was cut and which columns were not used.
    pub(crate) fn encode(&self, dataset: &Dataset<P::Example>, purpose: Purpose) -> Result<Vec<Item>> {
        let name = dataset.file().unwrap_or("the data set");
        dataset.check()?;
        for column in dataset.unused_columns() {
            crate::note(format!("{name}: the column `{}` is not used ({} rows have it)", column.name, column.rows));
        }
        let Encoded { items, lost } = self.encoded(dataset, purpose)?;
        let place = |row| dataset.place(row);
        lost.notes(name, items.len(), self.limits(), place).into_iter().for_each(crate::note);
        Ok(items)
    }

    fn encoded(&self, dataset: &Dataset<P::Example>, purpose: Purpose) -> Result<Encoded> {
        let mut limits = self.limits();
        if purpose == Purpose::Prediction {
            // A model is asked with what stands before the answer, whatever is learnt.
            limits.learned = Learned::Answers;
        }
        let tokenizer = self.parts.tokenizer();
        let cache = TokenCache::of_the_environment();
        self.threads.run(|| encode(dataset, tokenizer, limits, purpose, P::formatting(), cache.as_ref()))
    }
}

/// Puts the adapters on the model that the trainer names, if they are not on it.
pub(crate) fn adapt<P: TrainerParts>(parts: &P) -> Result<()> {
    match parts.peft() {
        Some(lora) => peft::adapt(parts.model(), &lora),
        None => Ok(()),
    }
}

fn on_the_device(parameters: &Parameters, device: ComputeDevice) -> Result<()> {
    let is_there = match device {
        ComputeDevice::Cpu => parameters.device().is_cpu(),
        ComputeDevice::Cuda(_) => parameters.device().is_cuda(),
        ComputeDevice::Metal(_) => parameters.device().is_metal(),
    };
    if is_there {
        return Ok(());
    }
    let message = format!("`device` is {device}, but the model is on {:?}", parameters.device().location());
    Err(Error::new(ErrorKind::Model, message).help("load the model on that device, or leave `device` out"))
}

fn fits_the_vocabulary<P: TrainerParts>(parts: &P) -> Result<()> {
    let (Some(tokenizer), Some(embeddings)) = (parts.tokenizer(), parts.model().vocabulary_size()) else {
        return Ok(());
    };
    accepted(vocabulary_fits(tokenizer.vocabulary_size(), embeddings), ErrorKind::Model)
}

/// The lengths that were asked for are within the positions of the model.
fn fits_the_positions<P: TrainerParts>(
    parts: &P,
    arguments: &TrainingArguments,
    collator: &dyn Collator,
) -> Result<()> {
    let positions = parts.model().position_limit();
    let lengths = [
        ("`max_length`", arguments.max_length),
        ("the length of the collator", collator.max_length()),
        ("`max_target_length` of the collator", collator.max_target_length()),
    ];
    for (name, length) in lengths {
        accepted(length_fits(name, length, positions, ""), ErrorKind::Arguments)?;
    }
    Ok(())
}
