//! Resuming, starting anew and what is refused; the learning rates themselves are compared with torch's elsewhere.

use super::*;

const METRICS: [f64; 14] = [1.0, 0.9, f64::NAN, 0.9, 0.91, 0.7, 0.71, f64::INFINITY, 0.72, 0.73, 0.6, 0.5, 0.4, 0.45];

fn greedy() -> Plateau {
    let rule = Greedy {
        patience: 1,
        factor: 0.5,
        min_lr: 2.5e-4,
        cooldown: 1,
        warmup: 1,
        window_size: Some(3),
        ..Greedy::default()
    };
    Plateau::new(PlateauRule::Greedy(rule), 1e-3).unwrap()
}

#[test]
fn a_resumed_plateau_goes_on_exactly() {
    let reduce = ReduceOnPlateau { patience: 1, cooldown: 1, factor: 0.3, ..ReduceOnPlateau::default() };
    for fresh in [greedy(), Plateau::new(PlateauRule::ReduceOnPlateau(reduce), 1e-3).unwrap()] {
        for stop in 0..METRICS.len() {
            let mut whole = fresh.clone();
            let mut resumed = fresh.clone();
            METRICS[..stop].iter().for_each(|metric| {
                whole.observe(*metric);
            });
            let saved = serde_json::to_string(whole.state()).unwrap();
            resumed.load_state(serde_json::from_str(&saved).unwrap()).unwrap();
            for metric in &METRICS[stop..] {
                assert_eq!(whole.observe(*metric).to_bits(), resumed.observe(*metric).to_bits());
            }
            assert_eq!(whole, resumed);
        }
    }
}

#[test]
fn greedy_starts_anew_after_enough_plateaus_at_its_minimum() {
    let rule = Greedy { patience: 0, factor: 0.5, min_lr: 5e-4, reset_start: 2, ..Greedy::default() };
    let mut plateau = Plateau::new(PlateauRule::Greedy(rule), 1e-3).unwrap();
    // The first metric improves on none, so that the rate doubles; then it falls to the minimum and waits.
    let rates: Vec<f64> = [1.0; 5].iter().map(|metric| plateau.observe(*metric)).collect();
    assert_eq!(rates, [2e-3, 1e-3, 5e-4, 1e-3, 2e-3]);
}

#[test]
fn a_metric_that_is_no_number_does_not_spoil_the_mean_of_later_ones() {
    let mut plateau = greedy();
    for metric in METRICS {
        plateau.observe(metric);
    }
    assert!(plateau.state().window_sum.is_finite());
    assert_eq!(plateau.state().window, [0.5, 0.4, 0.45]);
}

#[test]
fn settings_that_cannot_work_are_refused_by_name() {
    let refused = |rule| Plateau::new(rule, 1e-3).unwrap_err().to_string();
    let reduce = |change: fn(&mut ReduceOnPlateau)| {
        let mut rule = ReduceOnPlateau::default();
        change(&mut rule);
        refused(PlateauRule::ReduceOnPlateau(rule))
    };
    assert!(reduce(|rule| rule.factor = 1.0).contains("`factor` is 1"));
    assert!(reduce(|rule| rule.threshold = 1.0).contains("`threshold` is 1"));
    assert!(reduce(|rule| rule.min_lr = 0.1).contains("`min_lr` is 0.1"));
    assert!(reduce(|rule| rule.eps = f64::NAN).contains("`eps`"));
    assert!(refused(PlateauRule::Greedy(Greedy { max_lr: 1e-4, ..Greedy::default() })).contains("`max_lr`"));
    assert!(
        refused(PlateauRule::Greedy(Greedy { window_size: Some(0), ..Greedy::default() })).contains("`window_size`")
    );
}
