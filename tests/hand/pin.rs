//! What pinning makes of the choice.

use std::time::Duration;

use turtle_pool_multi_daemon::status::{Change, changes};

use crate::pool::{Pool, seconds};

#[test]
fn a_pin_is_heeded_at_once_and_ends_by_itself() {
    let mut pool = Pool::settled(4);
    pool.pin('B', 60_000);
    assert_eq!((pool.in_use(), pool.codes()), ('B', vec!["pinned"]));
    assert_eq!(pool.last_reason(), "From p:1 to b:1, because the operator pinned it; p:1: healthy.");
    assert_eq!(pool.pinned(), Some(("b:1".into(), 60_000)));
    pool.wait(seconds(60) - Duration::from_nanos(1));
    assert_eq!(pool.in_use(), 'B');
    assert_eq!(pool.core.next_deadline(), Some(pool.now + Duration::from_nanos(1)));
    pool.wait(Duration::from_nanos(1));
    assert_eq!((pool.in_use(), pool.codes()), ('P', vec!["pinned", "unpinned"]));
    assert_eq!(pool.last_reason(), "From b:1 to p:1, because the operator's pin ended.");
    // The daemon in use was looked at right then, and answers at once.
    let next_look = pool.now + seconds(1);
    assert_eq!((pool.pinned(), pool.core.next_deadline()), (None, Some(next_look)));
}

#[test]
fn a_pin_ends_when_the_operator_says_so() {
    let mut pool = Pool::settled(4);
    pool.pin('C', 1);
    pool.unpin();
    pool.unpin();
    assert_eq!((pool.in_use(), pool.codes()), ('P', vec!["pinned", "unpinned"]));
}

#[test]
fn a_pin_wins_over_a_dead_daemon_and_over_the_mode_single() {
    let mut pool = Pool::settled(4);
    pool.refuse('A');
    pool.refuse('B');
    pool.round();
    assert_eq!((pool.mode(), pool.verdict('B')), ("single", "refused"));
    pool.pin('B', 60_000);
    pool.round();
    assert_eq!((pool.mode(), pool.in_use()), ("single", 'B'));
}

#[test]
fn a_pin_wins_over_a_drain() {
    let mut pool = Pool::settled(4);
    pool.pin('B', 60_000);
    pool.drain('B');
    pool.round();
    assert_eq!((pool.in_use(), pool.verdict('B')), ('B', "draining"));
}

#[test]
fn a_pin_counts_before_anything_is_known_and_does_not_spoil_the_start() {
    let mut pool = Pool::new(4, "primary");
    pool.pin('C', 60_000);
    assert_eq!((pool.in_use(), pool.mode()), ('C', "single"));
    pool.refuse('P');
    pool.round();
    assert_eq!(pool.in_use(), 'C');
    pool.unpin();
    assert_eq!((pool.in_use(), pool.codes()), ('A', vec!["pinned", "unpinned"]));
}

#[test]
fn a_pin_to_the_daemon_in_use_is_no_switch_but_is_told() {
    let mut pool = Pool::settled(4);
    let before = pool.status();
    pool.pin('P', 60_000);
    assert_eq!(pool.codes(), Vec::<&str>::new());
    let told = changes(&before, &pool.status());
    assert!(matches!(&told[..], [Change::Pin { pin: Some(_), before: None }]), "{told:?}");
}

#[test]
fn a_second_pin_takes_the_place_of_the_first() {
    let mut pool = Pool::settled(4);
    pool.pin('B', 60_000);
    pool.pin('C', 1_000);
    assert_eq!((pool.in_use(), pool.codes()), ('C', vec!["pinned", "pinned"]));
    pool.wait(seconds(1));
    assert_eq!(pool.in_use(), 'P');
}

#[test]
fn what_happens_behind_a_pin_is_where_the_pool_goes_when_it_ends() {
    let mut pool = Pool::settled(4);
    pool.pin('C', 60_000);
    pool.refuse('P');
    pool.round();
    assert_eq!((pool.in_use(), pool.codes()), ('C', vec!["pinned"]));
    pool.unpin();
    assert_eq!(pool.in_use(), 'A');
}

#[test]
fn a_pin_to_a_forked_daemon_says_hold() {
    let mut pool = Pool::settled(4);
    pool.pin('C', 60_000);
    pool.fork('C');
    pool.mine_for("PABC", 3);
    pool.round();
    pool.round();
    assert_eq!((pool.verdict('C'), pool.in_use(), pool.status().hold), ("forked", 'C', true));
    pool.unpin();
    assert_eq!((pool.in_use(), pool.status().hold), ('P', false));
}

#[test]
fn a_core_that_is_started_again_keeps_what_the_operator_said() {
    let mut pool = Pool::settled(4);
    pool.drain('A');
    pool.pin('B', 60_000);
    let before = pool.status();
    pool.break_off();
    assert_eq!((pool.in_use(), pool.is_drained('A'), pool.pinned()), ('B', true, Some(("b:1".into(), 60_000))));
    assert_eq!((pool.status().epoch, pool.codes()), (before.epoch, vec!["pinned"]));
    pool.round();
    pool.unpin();
    assert_eq!((pool.in_use(), pool.verdict('A')), ('P', "draining"));
}
