use super::*;
use crate::consensus::{
    block::Height,
    observation::{Software, View, Window},
};

const CAUSE: NoWorkCause = NoWorkCause::Busy;

fn at(seconds: u64) -> Moment {
    Moment { elapsed: Duration::from_secs(seconds), unix: Duration::from_secs(1_700_000_000 + seconds) }
}

/// What a daemon shows whose peers claim so much more than it has.
fn poll(refuses_unsynced: bool, behind: u64) -> Observation {
    let height = Height::new(1000);
    let window = Window {
        genesis: None,
        height: height.unwrap_or(Height::GENESIS),
        blocks: [].into(),
        timestamp: Duration::from_secs(1_700_000_000),
    };
    Observation {
        view: View::Chain(window),
        network_height: Height::new(1000 + behind),
        software: Software { refuses_unsynced, ..Software::of("turtlecoin") },
        ..Observation::of_busy()
    }
}

#[test]
fn two_witnessed_failures_in_a_row_are_no_work() {
    let mut check = NoWork::default();
    check.fails(at(0), CAUSE, true);
    assert_eq!(check.reason(Others::Most), None);
    check.fails(at(1), CAUSE, true);
    assert_eq!(check.reason(Others::Most), Some(Reason::NoWork { cause: CAUSE }));
}

#[test]
fn what_all_processes_of_a_pool_ask_in_one_moment_is_one_failure() {
    let mut check = NoWork::default();
    (0..8).for_each(|_| check.fails(at(0), CAUSE, true));
    assert_eq!(check.reason(Others::Most), None);
}

#[test]
fn what_nobody_witnesses_is_held_against_nobody() {
    let mut check = NoWork::default();
    (0..10).for_each(|time| check.fails(at(time), CAUSE, false));
    check.fails(at(10), CAUSE, true);
    assert_eq!(check.reason(Others::Most), None);
}

#[test]
fn a_template_in_between_breaks_the_row() {
    let mut check = NoWork::default();
    check.fails(at(0), CAUSE, true);
    check.works(&Rules::default());
    check.fails(at(1), CAUSE, true);
    assert_eq!(check.reason(Others::Most), None);
}

#[test]
fn it_is_over_after_as_many_templates_as_polls_make_a_bad_daemon_healthy() {
    let (mut check, rules) = (NoWork::default(), Rules::default());
    (0..2).for_each(|time| check.fails(at(time), CAUSE, true));
    check.works(&rules);
    assert!(check.has_to_be_asked(), "one of two templates");
    check.works(&rules);
    assert_eq!(check.reason(Others::Most), None);
}

#[test]
fn a_turtlecoind_below_its_network_height_for_more_than_an_interval_is_no_work_unasked() {
    let (mut check, rules) = (NoWork::default(), Rules::default());
    check.observe(at(0), &poll(true, 40), &rules);
    check.observe(at(5), &poll(true, 40), &rules);
    assert_eq!(check.reason(Others::Most), None, "an interval is not more than an interval");
    check.observe(at(6), &poll(true, 40), &rules);
    assert_eq!(check.reason(Others::Most), Some(Reason::NoWork { cause: NoWorkCause::Unsynced }));
    check.observe(at(10), &poll(true, 0), &rules);
    assert_eq!(check.reason(Others::Most), None);
}

#[test]
fn software_that_gives_work_all_the_same_is_left_alone() {
    let rules = Rules::default();
    let mut check = NoWork::default();
    (0..9).for_each(|time| check.observe(at(5 * time), &poll(false, 40), &rules));
    assert_eq!(check.reason(Others::Most), None);
    let mut check = NoWork::default();
    check.observe(at(0), &poll(true, 40), &rules);
    check.works(&rules);
    (1..9).for_each(|time| check.observe(at(5 * time), &poll(true, 40), &rules));
    assert_eq!(check.reason(Others::Most), None, "it gave a template");
    assert!(check.may_work());
}

#[test]
fn a_template_from_before_its_peers_claimed_more_tells_nothing_of_now() {
    let (mut check, rules) = (NoWork::default(), Rules::default());
    check.works(&rules);
    check.observe(at(0), &poll(true, 40), &rules);
    assert!(check.may_work(), "at each new block it is so for an instant");
    check.observe(at(6), &poll(true, 40), &rules);
    assert_eq!(check.reason(Others::Most), Some(Reason::NoWork { cause: NoWorkCause::Unsynced }));
    assert!(!check.may_work());
    check.observe(at(11), &poll(true, 0), &rules);
    assert!(check.reason(Others::Most).is_none() && check.may_work());
}

#[test]
fn where_nobody_gives_work_nobody_is_at_fault() {
    let mut check = NoWork::default();
    (0..2).for_each(|time| check.fails(at(time), CAUSE, true));
    assert_eq!(check.reason(Others::Nothing), None);
}

#[test]
fn where_half_of_them_are_behind_their_peers_words_polls_prove_nothing() {
    let (mut check, rules) = (NoWork::default(), Rules::default());
    (0..9).for_each(|time| check.observe(at(5 * time), &poll(true, 40), &rules));
    assert_eq!(check.reason(Others::of(2, 4)), None);
    assert!(check.reason(Others::of(3, 4)).is_some());
}

#[test]
fn a_daemon_that_has_ended_starts_anew() {
    let mut check = NoWork::default();
    let rules = Rules::default();
    (0..4).for_each(|time| check.fails(at(time), CAUSE, true));
    (4..20).for_each(|time| check.observe(at(time), &poll(true, 40), &rules));
    assert!(check.has_to_be_asked() && !check.may_work());
    check.forget();
    assert_eq!((check.reason(Others::Most), check.has_to_be_asked(), check.may_work()), (None, false, true));
}
