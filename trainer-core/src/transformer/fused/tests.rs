//! The blocks written out by hand against the blocks' own operations, and against themselves on other threads.

mod cross;
mod fixture;

use candle_core::{DType, Device, Tensor};

use self::fixture::{
    BERT, ByName, DROPS, Fixture, GPT2, LENGTHS, LLAMA, MODE, NAMES, T5, T5_GATED_DROPS, agree, agree_within,
    layout_of, packed_layout_of, tolerance,
};
use crate::error::Result;
use crate::nn::{LinearLayers, LowRank, LowRankSettings};
use crate::tensor::Activation;
use crate::tensor::gradients::into_slots;
use crate::tensor::random::Mode;
use crate::tensor::way::{Choice, choosing};
use crate::transformer::{
    Block, BlockSettings, Direction, FeedForward, NormKind, NormPlace, Pass, Positions, Stack, Wanted, Way, computing,
};

fn both_ways_agree(fixture: &Fixture, mode: Mode) -> Result<()> {
    for wanted in [Wanted::All, Wanted::First] {
        let (expected, of_expected) = computing(Way::Reference, || fixture.run(wanted, mode))?;
        let (found, of_found) = fixture.run(wanted, mode)?;
        agree("the result", &found, &expected);
        assert_eq!(of_found.keys().collect::<Vec<_>>(), of_expected.keys().collect::<Vec<_>>());
        for (name, expected) in &of_expected {
            let what = format!("{wanted:?}: the gradient of `{name}`");
            agree_within(&what, &of_found[name], expected, tolerance(&of_expected, name));
        }
    }
    Ok(())
}

#[test]
fn forward_and_every_gradient_are_those_of_the_reference() -> Result<()> {
    for settings in [BERT, LLAMA, GPT2, T5, DROPS, T5_GATED_DROPS] {
        both_ways_agree(&Fixture::new(&settings, 2)?, MODE)?;
    }
    Ok(())
}

#[test]
fn every_activation_norm_and_direction_agrees() -> Result<()> {
    for activation in [Activation::Gelu, Activation::GeluTanh, Activation::Relu, Activation::Silu] {
        for (norm, norm_place) in [
            (NormKind::LayerNorm, NormPlace::After),
            (NormKind::LayerNorm, NormPlace::Before),
            (NormKind::RmsNorm, NormPlace::After),
            (NormKind::RmsNorm, NormPlace::Before),
        ] {
            for feed_forward in [FeedForward::Plain, FeedForward::Gated] {
                let direction =
                    if activation == Activation::Relu { Direction::Causal } else { Direction::Bidirectional };
                let settings = BlockSettings { feed_forward, activation, norm, norm_place, direction, ..BERT };
                both_ways_agree(&Fixture::new(&settings, 1)?, Mode::Evaluate)?;
            }
        }
    }
    Ok(())
}

#[test]
fn adapters_agree_and_frozen_weights_get_no_gradient() -> Result<()> {
    for (settings, dropout) in [(BERT, 0.0), (BERT, 0.3), (LLAMA, 0.3)] {
        let fixture = Fixture::new(&settings, 2)?.adapted(dropout)?;
        both_ways_agree(&fixture, MODE)?;
        let (_, gradients) = fixture.run(Wanted::All, MODE)?;
        assert!(gradients.keys().all(|name| name == "hidden" || name.contains("lora_")));
    }
    Ok(())
}

#[test]
fn blocks_below_the_first_that_is_trained_are_not_gone_through() -> Result<()> {
    let fixture = Fixture::new(&BERT, 3)?;
    fixture.parameters.freeze(|name| !name.starts_with("1."));
    both_ways_agree(&fixture, MODE)
}

#[test]
fn slots_hold_what_the_graph_gives_and_add_up() -> Result<()> {
    let fixture = Fixture::new(&DROPS, 2)?;
    let (_, of_graph) = fixture.run(Wanted::First, MODE)?;
    let once = into_slots(|| fixture.run(Wanted::First, MODE))?.1;
    assert_eq!(once, of_graph);
    let twice = into_slots(|| {
        let pass = Pass::new(&fixture.layout, MODE);
        let rows = fixture.stack.forward(&fixture.hidden, &pass, Wanted::First)?;
        rows.mul(&fixture.layout.first(&fixture.scale)?)?.sum_all()?.backward()?;
        fixture.run(Wanted::First, MODE)
    })?;
    for (name, expected) in of_graph.iter().filter(|(name, _)| *name != "hidden") {
        let doubled: Vec<f32> = expected.iter().map(|value| 2.0 * value).collect();
        agree_within(name, &twice.1[name], &doubled, tolerance(&of_graph, name));
    }
    Ok(())
}

fn on_threads<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

#[test]
fn the_bits_are_the_same_for_any_number_of_threads() -> Result<()> {
    // Few rows, rows of which one is left over, and many; widths below and above those of tiles.
    let wide = BlockSettings { hidden_size: 96, attention_heads: 6, key_value_heads: 6, head_size: 16, ..DROPS };
    for settings in [DROPS, LLAMA, T5_GATED_DROPS, wide] {
        for lengths in [&[9, 4][..], &[1; 13], &[20, 20], &LENGTHS] {
            for wanted in [Wanted::All, Wanted::First] {
                let on =
                    |threads| on_threads(threads, || Fixture::with_lengths(&settings, 2, lengths)?.run(wanted, MODE));
                let one = on(1)?;
                for threads in [2, 3, 5] {
                    assert_eq!(one, on(threads)?, "{lengths:?} on {threads} threads");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn so_are_those_of_adapters() -> Result<()> {
    for lengths in [&[13][..], &[20, 20], &LENGTHS] {
        let on = |threads| {
            on_threads(threads, || Fixture::with_lengths(&DROPS, 2, lengths)?.adapted(0.1)?.run(Wanted::All, MODE))
        };
        let one = on(1)?;
        assert_eq!(one, on(2)?);
        assert_eq!(one, on(4)?);
    }
    Ok(())
}

#[test]
fn relative_positions_alone_are_trained_through_every_block() -> Result<()> {
    let mut fixture = Fixture::new(&T5, 3)?;
    fixture.parameters.freeze(|name| !name.starts_with("relative"));
    both_ways_agree(&fixture, MODE)?;
    let of_all = fixture.run(Wanted::All, MODE)?.1["relative.weight"].clone();
    fixture.hidden_is_given = true;
    let without_rows = fixture.run(Wanted::All, MODE)?.1["relative.weight"].clone();
    assert_eq!(of_all, without_rows);
    Ok(())
}

#[test]
fn biases_of_norms_alone_are_trained() -> Result<()> {
    let mut fixture = Fixture::new(&GPT2, 2)?;
    fixture.parameters.freeze(|name| !name.ends_with("norm.bias"));
    let expected = computing(Way::Reference, || fixture.run(Wanted::All, MODE))?.1;
    fixture.hidden_is_given = true;
    let found = fixture.run(Wanted::All, MODE)?.1;
    for (name, found) in &found {
        agree_within(name, found, &expected[name], tolerance(&expected, name));
    }
    assert_eq!(found.len(), 4);
    Ok(())
}

#[test]
fn blocks_that_compute_with_other_angles_are_left_to_the_reference() -> Result<()> {
    let other = BlockSettings { positions: Positions::Rotary { base: 500.0 }, ..LLAMA };
    let mut fixture = Fixture::new(&LLAMA, 1)?;
    let second = Block::new(&other, &NAMES, &fixture.parameters.builder().pp("other"))?;
    fixture.stack = Stack::new([fixture.stack.blocks(), &[second]].concat());
    let expected = computing(Way::Reference, || fixture.run(Wanted::All, Mode::Evaluate))?;
    assert_eq!(fixture.run(Wanted::All, Mode::Evaluate)?, expected);
    Ok(())
}

#[test]
fn rows_of_another_number_are_an_error_and_not_a_panic() -> Result<()> {
    let fixture = Fixture::new(&BERT, 1)?;
    let pass = Pass::new(&fixture.layout, Mode::Evaluate);
    assert!(fixture.stack.forward(&fixture.hidden.narrow(0, 0, 5)?, &pass, Wanted::All).is_err());
    Ok(())
}

#[test]
fn computing_again_gives_the_same_bits() -> Result<()> {
    let fixture = Fixture::new(&DROPS, 3)?;
    let kept = fixture.run(Wanted::First, MODE)?;
    let choice = Choice { recomputes: true, ..Choice::default() };
    assert_eq!(choosing(choice, || fixture.run(Wanted::First, MODE))?, kept);
    Ok(())
}

#[test]
fn two_passes_at_once_keep_their_own_numbers() -> Result<()> {
    let fixture = Fixture::new(&BERT, 2)?;
    let pass = Pass::new(&fixture.layout, Mode::Evaluate);
    let first = fixture.stack.forward(&fixture.hidden, &pass, Wanted::All)?;
    let second = fixture.stack.forward(&(fixture.hidden.as_tensor() * 2.0)?, &pass, Wanted::All)?;
    let together = (first + second)?.sum_all()?.backward()?;
    let alone = |scale: f64| -> Result<Tensor> {
        let rows = fixture.stack.forward(&(fixture.hidden.as_tensor() * scale)?, &pass, Wanted::All)?;
        let store = rows.sum_all()?.backward()?;
        Ok(store.get(&fixture.hidden).expect("the rows get a gradient").clone())
    };
    let expected = (alone(1.0)? + alone(2.0)?)?.flatten_all()?.to_vec1::<f32>()?;
    let found = together.get(&fixture.hidden).expect("the rows get a gradient").flatten_all()?.to_vec1::<f32>()?;
    agree("the sum", &found, &expected);
    Ok(())
}

/// What the blocks' own operations give for a fixture that is not covered; in bits the same whichever way is asked for.
fn by_their_own_operations(fixture: &Fixture) -> Result<(Vec<f32>, ByName)> {
    let pass = Pass::new(&fixture.layout, MODE);
    let (blocks, pool) = (fixture.stack.blocks(), super::Pool::default());
    assert!(super::forward(blocks, &fixture.hidden, &pass, Wanted::All, false, &pool)?.is_none(), "it is covered");
    let found = fixture.run(Wanted::All, MODE)?;
    assert_eq!(found, computing(Way::Reference, || fixture.run(Wanted::All, MODE))?);
    Ok(found)
}

/// Each case computes what a case that is covered does: with more digits; with adapters that have learnt nothing; and with
/// padding between tokens, which blocks without positions of their own do not see.
#[test]
fn what_is_not_covered_is_left_to_the_blocks_own_operations() -> Result<()> {
    let (covered, of_covered) = Fixture::new(&BERT, 2)?.run(Wanted::All, MODE)?;
    let double = by_their_own_operations(&Fixture::with_dtype(&BERT, 2, DType::F64)?)?;
    let mut holes = Fixture::new(&BERT, 2)?;
    holes.layout = layout_of(&LENGTHS, DType::F32, true)?;
    for (found, of_found) in [double, by_their_own_operations(&holes)?] {
        agree("the result", &found, &covered);
        assert!(of_found.keys().eq(of_covered.keys()));
        for (name, expected) in &of_covered {
            agree_within(name, &of_found[name], expected, tolerance(&of_covered, name));
        }
    }
    let lengths = LowRankSettings { rank: 3, scale: 0.7, dropout: 0.0, trains_lengths: true };
    let adapted = Fixture::new(&BERT, 2)?.with_adapters(lengths)?;
    for (name, layer) in adapted.parameters.attached::<LinearLayers>().unwrap_or_default() {
        let get = |part: &str| adapted.parameters.get(&format!("{name}.{part}")).expect("it is a parameter").variable;
        get("lora_B.weight").set(&Tensor::zeros((layer.outputs, 3), DType::F32, &Device::Cpu)?)?;
        let of_rows = get("weight").as_detached_tensor().sqr()?.sum(1)?.sqrt()?;
        get(LowRank::LENGTHS).set(&of_rows)?;
    }
    let (found, gradients) = by_their_own_operations(&adapted)?;
    agree("the result with adapters", &found, &covered);
    agree_within("rows", &gradients["hidden"], &of_covered["hidden"], tolerance(&of_covered, "hidden"));
    assert!(gradients.keys().any(|name| name.ends_with(LowRank::LENGTHS)), "lengths get a gradient");
    Ok(())
}

/// Three sequences in a row and two in another, with padding behind them; dropout is that of the places in the rows.
#[test]
fn sequences_that_share_a_row_agree_too() -> Result<()> {
    for settings in [BERT, LLAMA, GPT2, T5, DROPS, T5_GATED_DROPS] {
        let mut fixture = Fixture::new(&settings, 2)?;
        fixture.layout = packed_layout_of(&[&LENGTHS[..3], &LENGTHS[3..]], 83)?;
        both_ways_agree(&fixture, MODE)?;
    }
    Ok(())
}
