//! An evaluation whose rows go through the model by length gives what one in batches gives, to the same metrics.

use std::sync::{Arc, Mutex};

use super::writing::NewTokens;
use super::*;
use crate::collate::{CausalLm, Collator, ItemInput, Padding};
use crate::data::{LanguageModeling, Regression, Target};
use crate::loss::{ce, mse};
use crate::metrics::{EvaluationBatch, EvaluationLabels, Metric, MetricValue};
use crate::model::{BertConfig, BertForSequenceClassification, LlamaConfig, LlamaForCausalLM, Output};
use crate::tensor::threads::Threads;
use crate::text::{Encoding, Tokenizer};

type Small = BertForSequenceClassification<[f32; 2]>;
type Numbers = Regression<2>;

/// Sums of a few hundred products in `f32`, in blocks of another size.
const ROUNDING: f32 = 1e-5;

fn model() -> Small {
    let config = BertConfig {
        vocab_size: 50,
        hidden_size: 8,
        num_hidden_layers: 2,
        num_attention_heads: 2,
        intermediate_size: 16,
        max_position_embeddings: 64,
        initializer_range: 0.5,
        ..BertConfig::default()
    };
    Small::from_config(config).unwrap()
}

/// Rows of all lengths from 1 to 37, mixed, each with its number as its label.
fn items(count: usize) -> Vec<Item> {
    let item = |row: usize| {
        let ids: Vec<u32> = (0..=row * 11 % 37).map(|place| ((row * 7 + place * 3) % 50) as u32).collect();
        let input = ItemInput::Tokens(Encoding::from_tokens(&ids, None, None).unwrap());
        Item { row, input, target: Target::Values(vec![row as f32, -1.0]) }
    };
    (0..count).map(item).collect()
}

/// What a metric was told of a batch: logits, labels, losses.
type OfBatch = (Vec<f32>, Vec<f32>, Option<Vec<f32>>);
type Told = Arc<Mutex<Vec<OfBatch>>>;

struct Telling(Told);

impl Metric for Telling {
    fn name(&self) -> &'static str {
        "told"
    }

    fn reset(&mut self) {}

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        let EvaluationLabels::Values(labels) = batch.labels else { panic!("labels are numbers here") };
        let losses = batch.losses.map(<[f32]>::to_vec);
        self.0.lock().unwrap().push((batch.logits.to_vec(), labels.to_vec(), losses));
        Ok(())
    }

    fn compute(&self) -> Result<Vec<MetricValue>> {
        Ok(Vec::new())
    }
}

/// Padding that notes the rows of each batch, and may keep it to itself that it pads.
struct Noting {
    padding: Padding,
    says_so: bool,
    rows: Mutex<Vec<Vec<usize>>>,
}

impl Noting {
    fn new(says_so: bool) -> Arc<Self> {
        Arc::new(Self { padding: Padding::new().pad_id(0), says_so, rows: Mutex::default() })
    }

    fn rows(&self) -> Vec<Vec<usize>> {
        self.rows.lock().unwrap().clone()
    }
}

impl Collator for Noting {
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> Result<Batch> {
        self.rows.lock().unwrap().push(items.iter().map(|item| item.row).collect());
        self.padding.collate(items, tokenizer)
    }

    fn padded_length(&self, longest: usize) -> Option<usize> {
        self.padding.padded_length(longest).filter(|_| self.says_so)
    }
}

/// A loss of the user's own, which may look at whole batches.
struct Own;

impl Loss for Own {
    fn loss(&self, output: &Output, batch: &Batch) -> Result<LossSum> {
        mse().loss(output, batch)
    }
}

struct Evaluated {
    loss: f64,
    told: Vec<OfBatch>,
    done: Vec<usize>,
}

fn evaluate(collator: &Arc<Noting>, items: &[Item], loss: &dyn Loss) -> Evaluated {
    let told = Told::default();
    let mut metrics = MetricSet::new(vec![Box::new(Telling(Arc::clone(&told)))]).unwrap();
    let mut done = Vec::new();
    let model = model();
    let lay_out = LayOut::of(Arc::clone(collator) as Arc<dyn Collator>);
    let pass = Pass {
        model: &model,
        lay_out: &lay_out,
        batch_size: 7,
        generation: (GenerationConfig::default(), NewTokens::Fitting),
    };
    let (values, pace) = pass
        .evaluate::<Numbers>((items, None), loss, &mut metrics, |batch| {
            done.push(batch);
            Ok(())
        })
        .unwrap();
    assert_eq!((pace.rows, pace.batches), (items.len(), items.len().div_ceil(7)));
    let told = told.lock().unwrap().clone();
    Evaluated { loss: values["loss"], told, done }
}

#[test]
fn metrics_are_told_the_same_batches_whatever_goes_through_the_model_together() {
    // More than a window, and a last batch that is not full.
    let items = items(1200);
    let (by_length, as_they_stand) = (Noting::new(true), Noting::new(false));
    let found = evaluate(&by_length, &items, &mse());
    let expected = evaluate(&as_they_stand, &items, &mse());
    assert_eq!(as_they_stand.rows().len(), 172);
    assert!(by_length.rows().len() < 50, "{} groups", by_length.rows().len());
    assert!((found.loss / expected.loss - 1.0).abs() < 1e-6, "{} and {}", found.loss, expected.loss);
    assert_eq!(found.told.len(), expected.told.len());
    for (found, expected) in found.told.iter().zip(&expected.told) {
        assert_eq!(found.1, expected.1, "labels");
        assert_eq!(found.0.len(), expected.0.len());
        let losses = |told: &OfBatch| told.2.clone().unwrap();
        let numbers = found
            .0
            .iter()
            .zip(&expected.0)
            .chain(losses(found).iter().zip(&losses(expected)))
            .map(|(a, b)| (*a, *b))
            .collect::<Vec<_>>();
        for (a, b) in numbers {
            assert!((a - b).abs() <= ROUNDING * b.abs().max(1.0), "{a} and {b}");
        }
    }
    let every: Vec<usize> = (1..=172).collect();
    assert_eq!((&found.done, &expected.done), (&every, &every));
}

#[test]
fn two_evaluations_give_the_same_bits() {
    let items = items(300);
    let (first, second) = (evaluate(&Noting::new(true), &items, &mse()), evaluate(&Noting::new(true), &items, &mse()));
    assert_eq!(first.loss.to_bits(), second.loss.to_bits());
    assert_eq!(first.told, second.told);
}

#[test]
fn a_loss_that_may_look_at_whole_batches_gets_them_as_they_stand() {
    let collator = Noting::new(true);
    let items = items(100);
    evaluate(&collator, &items, &Own);
    let batches: Vec<Vec<usize>> = items.chunks(7).map(|batch| batch.iter().map(|item| item.row).collect()).collect();
    assert_eq!(collator.rows(), batches);
}

#[test]
fn logits_come_in_the_order_of_the_rows() {
    let (items, model) = (items(100), model());
    let lay_out = LayOut::of(Noting::new(true));
    let pass = Pass {
        model: &model,
        lay_out: &lay_out,
        batch_size: 7,
        generation: (GenerationConfig::default(), NewTokens::Fitting),
    };
    let all = pass.logits::<Numbers>(&items).unwrap();
    for (item, logits) in items.iter().zip(&all) {
        let alone = pass.logits::<Numbers>(std::slice::from_ref(item)).unwrap();
        let difference = (logits[0] - alone[0][0]).abs().max((logits[1] - alone[0][1]).abs());
        assert!(difference < ROUNDING, "row {}: {logits:?} and {alone:?}", item.row);
    }
    assert!(all.windows(2).any(|pair| (pair[0][0] - pair[1][0]).abs() > 1e-2), "the rows differ");
}

/// A model that remembers whether what it gave can be gone back through.
struct Watched(Small, Mutex<Vec<bool>>);

impl Model for Watched {
    fn forward(&self, batch: &Batch, mode: Mode) -> Result<Output> {
        let output = self.0.forward(batch, mode)?;
        self.1.lock().unwrap().push(output.logits.track_op());
        Ok(output)
    }

    fn parameters(&self) -> &crate::tensor::params::Parameters {
        self.0.parameters()
    }
}

#[test]
fn nothing_is_kept_for_a_way_back() {
    let (model, items) = (Watched(model(), Mutex::default()), items(20));
    let lay_out = LayOut::of(Arc::new(Padding::new().pad_id(0)));
    let pass = Pass {
        model: &model,
        lay_out: &lay_out,
        batch_size: 7,
        generation: (GenerationConfig::default(), NewTokens::Fitting),
    };
    pass.loss::<Numbers>(&pass.batch(&items).unwrap(), Mode::Evaluate, &mse()).unwrap();
    assert_eq!(std::mem::take(&mut *model.1.lock().unwrap()), [true], "outside of an evaluation there is a graph");
    Threads::new(Some(2)).unwrap().during(|| {
        pass.evaluate::<Numbers>((&items, None), &mse(), &mut MetricSet::new(Vec::new()).unwrap(), |_| Ok(())).unwrap();
        pass.logits::<Numbers>(&items).unwrap();
    });
    let tracked = model.1.lock().unwrap().clone();
    assert!(tracked.len() >= 2 && tracked.iter().all(|tracked| !tracked), "{tracked:?}");
}

/// How many labels, losses and most probable tokens a metric is told of.
type Counts = (usize, usize, Option<usize>);

/// A metric of tokens, which asks for the most probable ones or does not.
struct OfTokens {
    asks: bool,
    told: Arc<Mutex<Vec<Counts>>>,
}

impl Metric for OfTokens {
    fn name(&self) -> &'static str {
        "of_tokens"
    }

    fn reset(&mut self) {}

    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        let EvaluationLabels::Tokens(labels) = batch.labels else { panic!("labels are tokens here") };
        let told = (labels.len(), batch.losses.map_or(0, <[f32]>::len), batch.predicted.map(<[u32]>::len));
        self.told.lock().unwrap().push(told);
        Ok(())
    }

    fn compute(&self) -> Result<Vec<MetricValue>> {
        Ok(Vec::new())
    }

    fn needs_predicted_tokens(&self) -> bool {
        self.asks
    }
}

#[test]
fn the_most_probable_token_is_found_where_a_metric_asks_and_the_loss_has_the_same_bits() {
    let model = LlamaForCausalLM::from_config(LlamaConfig {
        vocab_size: 50,
        hidden_size: 8,
        intermediate_size: 16,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        max_position_embeddings: 64,
        ..LlamaConfig::default()
    })
    .unwrap();
    let items: Vec<Item> = items(20).into_iter().map(|item| Item { target: Target::None, ..item }).collect();
    // A text of one token says nothing of what comes next.
    let items = &items[1..];
    let lay_out = LayOut::of(Arc::new(CausalLm::new().pad_id(0)));
    let pass = Pass {
        model: &model,
        lay_out: &lay_out,
        batch_size: 7,
        generation: (GenerationConfig::default(), NewTokens::Fitting),
    };
    let evaluated = |metrics: Vec<Box<dyn Metric>>| {
        let mut metrics = MetricSet::new(metrics).unwrap();
        pass.evaluate::<LanguageModeling>((items, None), &ce(), &mut metrics, |_| Ok(())).unwrap().0["loss"].to_bits()
    };
    let loss = evaluated(Vec::new());
    for asks in [false, true] {
        let told = Arc::default();
        assert_eq!(evaluated(vec![Box::new(OfTokens { asks, told: Arc::clone(&told) })]), loss);
        let told = told.lock().unwrap();
        assert_eq!(told.len(), 3);
        for (labels, losses, predicted) in told.iter() {
            assert!(*labels > 0);
            assert_eq!((losses, predicted), (labels, &asks.then_some(*labels)));
        }
    }
}
