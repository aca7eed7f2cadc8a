//! Requests that get no block template from anybody: no daemon is at fault, and still the operator has to know.

use turtle_pool_multi_daemon::status::Change;

use crate::pool::{Pool, seconds};

#[test]
fn that_nobody_gives_a_template_is_told_once_and_its_end_once_while_nobody_is_blamed() {
    let mut pool = Pool::settled(4);
    let mut lines = vec![];
    for second in 0..15 {
        let before = pool.status();
        pool.asks_for_template(if second == 14 { Ok(()) } else { Err("p:1: Daemon must be synced") });
        lines.extend(pool.changes_since(&before).into_iter().filter_map(|change| match change {
            Change::Warning { text } | Change::Log { text, .. } => Some((second, text)),
            _ => None,
        }));
        assert_eq!(is_warned(&pool), (10..14).contains(&second), "after {second} s");
        assert_eq!(pool.status().healthy, 4);
        pool.wait(seconds(1));
    }
    let told = "no daemon has given a block template for 10 s or longer (p:1: Daemon must be synced)".into();
    assert_eq!(lines, [(10, told), (14, "daemons give block templates again, after 14 s".into())]);
}

#[test]
fn a_core_that_broke_off_goes_on_with_what_it_told() {
    let mut pool = Pool::settled(4);
    for _ in 0..3 {
        pool.asks_for_template(Err("p:1: Daemon must be synced"));
        pool.wait(seconds(5));
    }
    let before = pool.status();
    pool.break_off();
    assert!(is_warned(&pool));
    assert!(pool.changes_since(&before).iter().all(|change| !matches!(change, Change::Warning { .. })));
}

/// A daemon that was restarted is the only one that gives work, and still known to have failed again and again.
#[test]
fn whoever_gives_work_again_is_not_left_for_one_that_gives_none() {
    let mut pool = Pool::settled(4);
    pool.lacks_work('B');
    pool.lacks_work('C');
    assert_eq!(pool.verdicts("PABC"), "healthy healthy no-work no-work");
    pool.refuse('P');
    pool.refuse('A');
    pool.round();
    pool.round();
    assert_eq!(pool.verdicts("PABC"), "refused refused healthy healthy", "nobody gives work, so nobody is at fault");
    assert_eq!((pool.mode(), pool.in_use()), ("single", 'P'));
    pool.answer('P');
    let switches = pool.codes();
    while pool.verdict('P') != "healthy" {
        pool.wait(seconds(1));
    }
    assert_eq!(pool.verdicts("BC"), "no-work no-work");
    pool.round();
    assert_eq!((pool.codes(), pool.in_use()), (switches, 'P'));
}

#[test]
fn whoever_gives_work_and_fails_now_and_then_is_not_left_for_one_that_would_refuse_it() {
    let failing = |lied_to: &str| {
        let mut pool = Pool::settled(4);
        pool.lie_to(lied_to);
        pool.round();
        pool.round();
        pool.works('P');
        assert_eq!(pool.verdicts("PABC"), "healthy healthy healthy healthy");
        (0..3).for_each(|_| pool.fails_a_request('P'));
        pool.in_use()
    };
    assert_eq!(failing("ABC"), 'P', "more than half give none, and they may be right: they stay healthy");
    assert_eq!(failing("AB"), 'C');
}

fn is_warned(pool: &Pool) -> bool {
    pool.status().warnings.iter().any(|text| text.starts_with("no daemon has given a block template"))
}
