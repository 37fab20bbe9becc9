//! Blocks of a decoder, which look at a source.

use super::fixture::{BERT, DROPS, Fixture, GPT2, LLAMA, MODE, T5, T5_GATED_DROPS};
use super::{both_ways_agree, on_threads};
use crate::error::Result;
use crate::tensor::gradients::into_slots;
use crate::tensor::random::Mode;
use crate::tensor::way::{Choice, Way, choosing, computing};
use crate::transformer::{BlockSettings, Direction, Pass, Positions, Wanted};

/// Tokens of targets and of their sources: longer, shorter, and more queries than are computed at once.
const PAIRS: [(usize, usize); 4] = [(9, 3), (1, 20), (68, 30), (5, 70)];

/// As in BART and in T5, with dropout and without, with norms before them and shared keys as no family has them yet.
const SETTINGS: [BlockSettings; 5] = [
    BlockSettings { direction: Direction::Causal, ..BERT },
    BlockSettings { direction: Direction::Causal, ..DROPS },
    BlockSettings { direction: Direction::Causal, ..T5 },
    BlockSettings { direction: Direction::Causal, ..T5_GATED_DROPS },
    BlockSettings { positions: Positions::Embedded, ..LLAMA },
];

#[test]
fn forward_and_every_gradient_are_those_of_the_reference() -> Result<()> {
    for settings in SETTINGS {
        let fixture = Fixture::reading(&settings, 2, &PAIRS)?;
        both_ways_agree(&fixture, MODE)?;
        both_ways_agree(&fixture, Mode::Evaluate)?;
        assert!(fixture.run(Wanted::All, MODE)?.1.contains_key("source"));
    }
    Ok(())
}

#[test]
fn they_are_covered() -> Result<()> {
    let fixture = Fixture::reading(&GPT2, 2, &PAIRS)?;
    let (rows, layout) = fixture.source.as_ref().expect("the fixture has a source");
    let source = Some(crate::transformer::Source { layout, rows });
    let pass = Pass { source, ..Pass::new(&fixture.layout, MODE) };
    let (blocks, pool) = (fixture.stack.blocks(), super::super::Pool::default());
    let covered = super::super::forward(blocks, &fixture.hidden, &pass, Wanted::All, false, &pool)?;
    assert!(covered.is_some());
    Ok(())
}

#[test]
fn the_bits_are_the_same_for_any_number_of_threads() -> Result<()> {
    for settings in SETTINGS {
        for pairs in [&[(13, 2)][..], &[(1, 5); 13], &PAIRS] {
            for wanted in [Wanted::All, Wanted::First] {
                let on = |threads| on_threads(threads, || Fixture::reading(&settings, 2, pairs)?.run(wanted, MODE));
                let one = on(1)?;
                for threads in [2, 3, 5] {
                    assert_eq!(one, on(threads)?, "{pairs:?} on {threads} threads");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn computing_again_gives_the_same_bits() -> Result<()> {
    for settings in [SETTINGS[1], SETTINGS[3]] {
        let fixture = Fixture::reading(&settings, 3, &PAIRS)?;
        let kept = fixture.run(Wanted::All, MODE)?;
        let choice = Choice { recomputes: true, ..Choice::default() };
        assert_eq!(choosing(choice, || fixture.run(Wanted::All, MODE))?, kept);
    }
    Ok(())
}

#[test]
fn slots_hold_what_the_graph_gives() -> Result<()> {
    let fixture = Fixture::reading(&SETTINGS[1], 2, &PAIRS)?;
    let (_, of_graph) = fixture.run(Wanted::All, MODE)?;
    assert_eq!(into_slots(|| fixture.run(Wanted::All, MODE))?.1, of_graph);
    Ok(())
}

#[test]
fn adapters_agree_and_frozen_weights_get_no_gradient() -> Result<()> {
    for (settings, dropout) in [(SETTINGS[0], 0.0), (SETTINGS[3], 0.3)] {
        let fixture = Fixture::reading(&settings, 2, &PAIRS)?.adapted(dropout)?;
        both_ways_agree(&fixture, MODE)?;
        let (_, gradients) = fixture.run(Wanted::All, MODE)?;
        assert!(gradients.keys().any(|name| name.contains("cross.key.lora_")));
        let are_trained = |name: &String| name == "hidden" || name == "source" || name.contains("lora_");
        assert!(gradients.keys().all(are_trained));
    }
    Ok(())
}

/// A decoder that is trained on the rows of an encoder that is not, and an encoder below a decoder that is not.
#[test]
fn only_what_is_asked_for_gets_a_gradient() -> Result<()> {
    for settings in [SETTINGS[0], SETTINGS[2]] {
        let mut fixture = Fixture::reading(&settings, 2, &PAIRS)?;
        let all = computing(Way::Reference, || fixture.run(Wanted::All, MODE))?.1;
        fixture.source_is_given = true;
        both_ways_agree(&fixture, MODE)?;
        assert!(!fixture.run(Wanted::All, MODE)?.1.contains_key("source"));
        fixture.parameters.freeze(|_| true);
        (fixture.source_is_given, fixture.hidden_is_given) = (false, true);
        both_ways_agree(&fixture, MODE)?;
        let alone = fixture.run(Wanted::All, MODE)?.1;
        assert_eq!(alone.keys().collect::<Vec<_>>(), ["source"]);
        assert_eq!(alone["source"].len(), all["source"].len());
    }
    Ok(())
}
