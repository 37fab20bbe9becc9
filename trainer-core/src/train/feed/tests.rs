use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::collate::{Collator, ItemInput, Padding};
use crate::data::Target;
use crate::loss::{self, Loss};
use crate::model::{BertConfig, BertForSequenceClassification, Model};
use crate::tensor::gradients::Gradients;
use crate::tensor::random::Mode;
use crate::text::{Encoding, Tokenizer};
use crate::train::gradients::WindowSums;

/// Pads, and counts how often it was asked; refuses and panics at the rows it is told.
struct Counting {
    calls: AtomicUsize,
    refuses: Option<usize>,
    panics: Option<usize>,
}

impl Collator for Counting {
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> Result<Batch> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let has = |row: Option<usize>| items.iter().any(|item| Some(item.row) == row);
        assert!(!has(self.panics), "this collator does not like the row");
        if has(self.refuses) {
            return Err(Error::new(ErrorKind::Data, "refused"));
        }
        Padding::new().pad_id(0).collate(items, tokenizer)
    }
}

fn items(lengths: &[usize]) -> Result<Arc<[Item]>> {
    let item = |(row, length): (usize, &usize)| {
        let ids: Vec<u32> = (0..*length).map(|place| 1 + ((7 * row + 3 * place) % 19) as u32).collect();
        let input = ItemInput::Tokens(Encoding::from_tokens(&ids, None, None)?);
        Ok(Item { row, input, target: Target::Class((row % 3) as u32) })
    };
    Ok(lengths.iter().enumerate().map(item).collect::<Result<Vec<Item>>>()?.into())
}

fn layout(rows: usize, refuses: Option<usize>, panics: Option<usize>) -> Result<(Layout, Arc<Counting>)> {
    let lengths: Vec<usize> = (0..rows).map(|row| 1 + row % 4).collect();
    let collator = Arc::new(Counting { calls: AtomicUsize::new(0), refuses, panics });
    let shared: Arc<dyn Collator> = Arc::clone(&collator) as Arc<dyn Collator>;
    Ok((Layout { items: items(&lengths)?, lay_out: LayOut::of(shared), tokens_per_chunk: None }, collator))
}

/// Micro-batches of two rows.
fn pairs(rows: usize) -> Vec<Range<usize>> {
    (0..rows / 2).map(|pair| 2 * pair..2 * pair + 2).collect()
}

#[test]
fn micro_batches_come_in_the_order_of_the_epoch_as_if_laid_out_when_asked_for() -> Result<()> {
    let (layout, _) = layout(20, None, None)?;
    let order: Vec<usize> = (0..20).map(|place| (7 * place) % 20).collect();
    let mut feed = Feed::new(layout.clone(), 0, order.clone(), pairs(20))?;
    for places in pairs(20) {
        let (found, expected) = (feed.next()?, layout.micro_batch(0, &order[places.clone()]));
        assert_eq!(found.rows, order[places]);
        let (found, expected) = (found.chunks?, expected.chunks?);
        assert_eq!(found[0].rows, expected[0].rows);
        assert_eq!(found[0].input_ids()?.to_vec2::<u32>()?, expected[0].input_ids()?.to_vec2::<u32>()?);
        assert_eq!(found[0].real_tokens, expected[0].real_tokens);
    }
    assert_eq!(feed.next().err().map(|error| error.kind()), Some(ErrorKind::Data), "the epoch is over");
    Ok(())
}

#[test]
fn what_a_collator_refuses_comes_out_at_its_micro_batch() -> Result<()> {
    let (layout, _) = layout(20, Some(9), None)?;
    let mut feed = Feed::new(layout, 0, (0..20).collect(), pairs(20))?;
    for _ in 0..4 {
        assert!(feed.next()?.chunks.is_ok());
    }
    let refused = feed.next()?;
    assert_eq!(
        (refused.rows, refused.chunks.err().map(|error| error.message().to_owned())),
        (vec![8, 9], Some("refused".to_owned()))
    );
    Ok(())
}

#[test]
fn a_panic_of_the_collator_goes_on_where_the_batch_is_asked_for() -> Result<()> {
    let (layout, _) = layout(20, None, Some(5))?;
    let mut feed = Feed::new(layout, 0, (0..20).collect(), pairs(20))?;
    assert!(feed.next()?.chunks.is_ok() && feed.next()?.chunks.is_ok());
    let panic = catch_unwind(AssertUnwindSafe(|| feed.next().map(|_| ()))).expect_err("the collator panicked");
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"this collator does not like the row"));
    Ok(())
}

#[test]
fn a_feed_that_is_dropped_early_ends_its_thread_which_is_only_a_few_batches_ahead() -> Result<()> {
    let (layout, collator) = layout(400, None, None)?;
    let mut feed = Feed::new(layout.clone(), 0, (0..400).collect(), pairs(400))?;
    feed.next()?;
    // One was taken, some wait, and one may be ready to wait.
    let most = 1 + AHEAD + 1;
    let begin = Instant::now();
    while collator.calls.load(Ordering::SeqCst) < most && begin.elapsed() < Duration::from_secs(10) {
        std::thread::yield_now();
    }
    drop(feed);
    assert!(collator.calls.load(Ordering::SeqCst) <= most + 1, "{:?}", collator.calls);
    assert_eq!(Arc::strong_count(&layout.items), 1, "the thread has let go of the items");
    Ok(())
}

/// The sums of some chunks: the mean loss, the weight and the gradients.
fn sums(
    model: &BertForSequenceClassification<[f32; 3]>,
    loss: &dyn Loss,
    chunks: &[Batch],
) -> Result<(f64, f64, Gradients)> {
    let (mut sums, parameters) = (WindowSums::begin(model.parameters()), model.parameters().list());
    for chunk in chunks {
        sums.add(&loss.loss(&model.forward(chunk, Mode::Evaluate)?, chunk)?, &parameters)?;
    }
    sums.gather()?;
    Ok((sums.mean_loss(), sums.weight(), std::mem::take(&mut sums.gradients)))
}

#[test]
fn any_limit_of_tokens_gives_the_same_sums() -> Result<()> {
    let config = BertConfig {
        vocab_size: 24,
        hidden_size: 8,
        num_hidden_layers: 2,
        num_attention_heads: 2,
        intermediate_size: 16,
        ..BertConfig::default()
    };
    let model = BertForSequenceClassification::<[f32; 3]>::from_config(BertConfig {
        max_position_embeddings: 12,
        initializer_range: 0.2,
        ..config
    })?;
    let losses: [Box<dyn Loss>; 2] =
        [Box::new(loss::ce()), Box::new(loss::weighted_ce(&[0.5, 2.0, 1.0]).label_smoothing(0.1))];
    for (lengths, limit) in [(vec![3, 9, 1, 5, 5, 2], 10), (vec![7, 7, 7], 7), (vec![2, 11, 4, 1], 3), (vec![4; 9], 17)]
    {
        let rows: Vec<usize> = (0..lengths.len()).collect();
        let whole = Layout {
            items: items(&lengths)?,
            lay_out: LayOut::of(Arc::new(Padding::new().pad_id(0))),
            tokens_per_chunk: None,
        };
        let uncut = whole.micro_batch(0, &rows).chunks?;
        let cut = Layout { tokens_per_chunk: Some(limit), ..whole }.micro_batch(0, &rows).chunks?;
        assert!(uncut.len() == 1 && cut.len() > 1, "{lengths:?} by {limit}");
        assert_eq!(cut.iter().flat_map(|chunk| chunk.rows.clone()).collect::<Vec<_>>(), rows);
        assert_eq!(cut.iter().map(Batch::tokens).sum::<usize>(), uncut[0].tokens());
        assert_eq!(
            cut.iter().map(Batch::padded_tokens).sum::<usize>(),
            uncut[0].padded_tokens(),
            "flos are counted by these"
        );
        for loss in &losses {
            assert!(loss.adds_up_over_rows());
            let (expected, found) = (sums(&model, loss.as_ref(), &uncut)?, sums(&model, loss.as_ref(), &cut)?);
            assert!(
                (expected.0 - found.0).abs() < 1e-6 && (expected.1 - found.1).abs() < 1e-6,
                "{lengths:?} by {limit}"
            );
            for (name, gradient) in &expected.2 {
                let gradient = gradient.to_tensor()?;
                let difference =
                    (&gradient - found.2[name].to_tensor()?)?.abs()?.flatten_all()?.max(0)?.to_scalar::<f32>()?;
                let largest = gradient.abs()?.flatten_all()?.max(0)?.to_scalar::<f32>()?.max(1.0);
                assert!(difference < 1e-6 * largest, "{lengths:?} by {limit}: `{name}` differs by {difference}");
            }
        }
    }
    Ok(())
}
