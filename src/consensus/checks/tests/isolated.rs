use std::time::Duration;

use super::*;

#[test]
fn nothing_proven_counts_after_two_block_targets() {
    let mut isolated = telling(3, 3);
    assert_eq!(rounds(&mut isolated, 0..=60, NOTHING), None);
    assert_eq!(rounds(&mut isolated, 65..=65, NOTHING), Some(Reason::Isolated { incoming: 3, outgoing: 3 }));
}

#[test]
fn one_proof_starts_the_waiting_anew() {
    let mut isolated = telling(3, 3);
    rounds(&mut isolated, 0..=60, NOTHING);
    rounds(&mut isolated, 65..=65, PROVEN);
    assert_eq!(rounds(&mut isolated, 70..=130, NOTHING), None);
}

#[test]
fn a_group_that_is_cut_off_counts_after_the_grace() {
    let mut isolated = telling(1, 1);
    assert_eq!(rounds(&mut isolated, 0..=10, CUT_OFF), None);
    assert!(rounds(&mut isolated, 15..=15, CUT_OFF).is_some());
}

#[test]
fn it_ends_with_the_second_proof_in_a_row() {
    let mut isolated = telling(1, 1);
    rounds(&mut isolated, 0..=15, CUT_OFF);
    assert!(!isolated.passes());
    assert!(rounds(&mut isolated, 20..=20, PROVEN).is_some());
    assert!(isolated.passes());
    assert!(rounds(&mut isolated, 25..=25, CUT_OFF).is_some());
    assert!(rounds(&mut isolated, 30..=30, PROVEN).is_some());
    assert_eq!(rounds(&mut isolated, 35..=35, PROVEN), None);
}

#[test]
fn what_is_unclear_neither_begins_nor_ends_it() {
    let mut isolated = telling(3, 3);
    assert_eq!(rounds(&mut isolated, 0..=600, UNCLEAR), None);
    rounds(&mut isolated, 605..=670, NOTHING);
    assert!(rounds(&mut isolated, 675..=1200, UNCLEAR).is_some());
}

#[test]
fn a_daemon_that_hides_its_connections_is_judged_no_more() {
    let mut isolated = telling(0, 0);
    assert_eq!(isolated.reason(), Some(Reason::Isolated { incoming: 0, outgoing: 0 }));
    isolated.observe(&observation(None, None), &Rules::default());
    assert_eq!((isolated.reason(), isolated.passes()), (None, true));
}

#[test]
fn zero_outside_peers_turns_it_off() {
    let rules = Rules { min_outside_peers: 0, ..Rules::default() };
    let mut isolated = Isolated::default();
    isolated.observe(&observation(Some(0), Some(0)), &rules);
    (0..100).for_each(|second| isolated.end_of_round(at(second), CUT_OFF, &rules));
    assert_eq!((isolated.reason(), isolated.is_measured_by_isolated()), (None, false));
}

const PROVEN: Standing = Standing { whole: Proof::Outside, cut_off: false, ahead_cut_off: false };
const NOTHING: Standing = Standing { whole: Proof::Nothing, ..PROVEN };
const UNCLEAR: Standing = Standing { whole: Proof::Unclear, ..PROVEN };
const CUT_OFF: Standing = Standing { cut_off: true, ..PROVEN };

fn telling(incoming: u32, outgoing: u32) -> Isolated {
    let mut isolated = Isolated::default();
    isolated.observe(&observation(Some(incoming), Some(outgoing)), &Rules::default());
    isolated
}

/// A round every 5 s.
fn rounds(isolated: &mut Isolated, seconds: std::ops::RangeInclusive<u64>, standing: Standing) -> Option<Reason> {
    let rules = Rules::default();
    seconds.step_by(5).for_each(|second| isolated.end_of_round(at(second), standing, &rules));
    isolated.reason()
}

fn at(second: u64) -> Moment {
    Moment { elapsed: Duration::from_secs(second), unix: Duration::ZERO }
}

fn observation(incoming: Option<u32>, outgoing: Option<u32>) -> Observation {
    Observation { incoming, outgoing, ..Observation::of_busy() }
}
