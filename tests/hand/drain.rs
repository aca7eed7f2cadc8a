//! What draining makes of the choice.

use turtle_pool_multi_daemon::{
    consensus::block::Height,
    status::{Change, changes},
};

use crate::pool::Pool;

#[test]
fn a_drained_daemon_is_left_at_once_and_stays_watched() {
    let mut pool = Pool::settled(4);
    pool.drain('P');
    assert_eq!((pool.in_use(), pool.verdict('P'), pool.codes()), ('A', "draining", vec!["draining"]));
    assert_eq!(pool.last_reason(), "From p:1 to a:1, because p:1: drained by the operator; 3 of 3 other votes agree.");
    pool.mine();
    pool.round();
    assert_eq!((pool.daemon('P').height, pool.votes()), (Height::new(101), 3));
}

#[test]
fn a_daemon_that_is_left_does_not_count_among_those_that_agree_and_one_on_a_fork_does_not_agree() {
    let mut pool = Pool::settled(5);
    pool.fork('C');
    pool.mine_for("PABCD", 3);
    pool.round();
    pool.round();
    pool.refuse('P');
    pool.round();
    assert_eq!(pool.last_reason(), "From p:1 to a:1, because p:1: connection refused; 3 of 4 other votes agree.");
}

#[test]
fn a_daemon_given_back_is_healthy_at_once_but_not_returned_to() {
    let mut pool = Pool::settled(4);
    pool.drain('P');
    pool.undrain('P');
    assert_eq!((pool.in_use(), pool.verdict('P'), pool.status().healthy), ('A', "healthy", 4));
}

#[test]
fn a_daemon_that_went_down_while_drained_has_to_prove_itself_when_it_is_given_back() {
    let mut pool = Pool::settled(4);
    pool.drain('P');
    pool.refuse('P');
    pool.round();
    assert_eq!((pool.verdict('P'), pool.is_drained('P')), ("refused", true));
    pool.undrain('P');
    assert_eq!((pool.verdict('P'), pool.is_drained('P')), ("refused", false));
    pool.answer('P');
    pool.round();
    assert_eq!(pool.verdict('P'), "refused");
    pool.round();
    assert_eq!(pool.verdict('P'), "healthy");
}

#[test]
fn a_drained_primary_is_not_fallen_back_to_while_another_answers() {
    let mut pool = Pool::settled(3);
    pool.drain('P');
    assert_eq!((pool.mode(), pool.in_use()), ("single", 'A'));
    pool.refuse('A');
    pool.round();
    assert_eq!((pool.mode(), pool.in_use()), ("single", 'B'));
    pool.refuse('B');
    pool.round();
    assert_eq!(pool.in_use(), 'P');
}

#[test]
fn a_drained_daemon_that_lags_comes_after_one_that_only_lags() {
    let mut pool = Pool::settled_best(4);
    pool.mine_for("PC", 10);
    pool.round();
    pool.drain('A');
    assert_eq!((pool.verdict('A'), pool.verdict('B')), ("lagging", "lagging"));
    pool.refuse('P');
    pool.refuse('C');
    pool.round();
    assert_eq!(pool.in_use(), 'B');
    pool.refuse('B');
    pool.round();
    assert_eq!(pool.in_use(), 'A');
}

#[test]
fn two_names_of_one_daemon_are_drained_together() {
    let mut pool = Pool::settled(5);
    pool.place("AB", "127.0.0.1:9");
    pool.round();
    pool.drain('B');
    assert_eq!((pool.verdict('A'), pool.verdict('B'), pool.status().healthy), ("draining", "draining", 3));
    pool.undrain('A');
    assert_eq!((pool.is_drained('A'), pool.is_drained('B')), (false, false));
}

#[test]
fn a_drain_before_the_first_poll_counts_from_the_first_verdict() {
    let mut pool = Pool::new(4, "primary");
    pool.drain('P');
    assert_eq!((pool.in_use(), pool.is_drained('P')), ('P', true));
    pool.round();
    assert_eq!((pool.in_use(), pool.codes()), ('A', vec!["start"]));
}

#[test]
fn a_drain_that_changes_no_state_is_told_by_itself() {
    let mut pool = Pool::settled(4);
    pool.refuse('C');
    pool.round();
    let before = pool.status();
    pool.drain('C');
    let told = changes(&before, &pool.status());
    assert!(matches!(&told[..], [Change::Drain { daemon }] if daemon.drained), "{told:?}");
}

#[test]
fn what_is_not_watched_is_not_found() {
    let pool = Pool::settled(4);
    assert!(pool.core.find("p", 2).is_none() && pool.core.find("nobody", 1).is_none());
}
