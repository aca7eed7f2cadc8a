//! A daemon that is ill in two ways: one reason is told, and all of them count.

use turtle_pool_multi_daemon::consensus::block::Height;

use crate::pool::Pool;

#[test]
fn a_drained_daemon_that_forks_gets_no_blocks_and_its_orphan_marks_are_held() {
    let mut pool = Pool::settled(5);
    pool.drain('A');
    let forked = fork_a(&mut pool);
    assert_eq!((pool.verdict('A'), pool.takes_blocks('A')), ("draining", false));
    pool.pin('A', 60_000);
    assert_eq!((pool.in_use(), pool.status().hold, pool.chart().fork), ('A', true, forked));
}

#[test]
fn a_daemon_without_work_that_forks_is_no_measure_for_the_others() {
    let mut pool = Pool::settled(5);
    pool.lacks_work('A');
    assert_eq!((pool.verdict('A'), pool.comparable()), ("no-work", 5));
    fork_a(&mut pool);
    assert_eq!((pool.verdict('A'), pool.takes_blocks('A'), pool.comparable()), ("no-work", false, 4));
}

/// The others go on without it for longer than a race; gives the height where it left them.
fn fork_a(pool: &mut Pool) -> Option<Height> {
    pool.fork('A');
    pool.mine_for("PABCD", 3);
    pool.round();
    pool.round();
    Height::new(101)
}
