//! What another configuration makes of the choice, and of what is known.

use turtle_pool_multi_daemon::status::{Change, changes};

use crate::pool::{Pool, seconds};

#[test]
fn a_configuration_that_says_the_same_changes_nothing() {
    let mut pool = Pool::settled(4);
    pool.refuse('P');
    pool.round();
    let before = pool.status();
    pool.reconfigure("PABC", "");
    assert!(changes(&before, &pool.status()).is_empty());
    assert_eq!((pool.status().polls, pool.status().epoch), (before.polls, before.epoch));
    assert_eq!((pool.in_use(), pool.verdicts("PABC")), ('A', "refused healthy healthy healthy".into()));
}

#[test]
fn daemons_that_stay_keep_what_is_known_of_them_wherever_they_are() {
    let mut pool = Pool::settled(5);
    pool.fork('C');
    pool.mine_for("PABCD", 3);
    pool.round();
    pool.round();
    pool.refuse('A');
    pool.round();
    let before = pool.status();
    pool.reconfigure("PDCBA", "");
    assert_eq!(pool.names(), "PDCBA");
    assert_eq!(pool.verdicts("PABCD"), "healthy refused healthy forked healthy");
    for name in "PABCD".chars() {
        let was = before.daemons.iter().find(|it| it.endpoint == pool.daemon(name).endpoint).unwrap();
        assert_eq!(pool.daemon(name), was, "{name}");
    }
    assert_eq!((pool.status().polls, pool.status().epoch), (before.polls, before.epoch));
}

#[test]
fn the_evidence_of_a_fork_names_the_daemons_that_are_left() {
    let mut pool = Pool::settled(5);
    pool.fork('C');
    pool.mine_for("PABCD", 3);
    pool.round();
    pool.round();
    pool.reconfigure("DCAP", "");
    let reason = pool.daemon('C').reason.clone().unwrap();
    assert_eq!(reason.message, "forked at 101, 3 deep; branch of p:1 has 3 of 4 votes");
    let evidence = format!("{:?}", reason.evidence);
    assert!(evidence.contains(r#"with: ["c:1"], against: ["p:1", "a:1", "d:1"]"#), "{evidence}");
}

#[test]
fn a_new_daemon_is_unknown_until_it_was_polled_and_holds_up_nobody() {
    let mut pool = Pool::settled(4);
    pool.reconfigure("PABCD", "");
    assert_eq!((pool.verdict('D'), pool.mode(), pool.in_use()), ("unknown", "multi", 'P'));
    pool.refuse('P');
    pool.round();
    assert_eq!((pool.verdict('D'), pool.in_use()), ("healthy", 'A'));
}

#[test]
fn when_the_daemon_in_use_is_removed_the_pool_is_elsewhere_at_once() {
    let mut pool = Pool::settled(5);
    pool.refuse('P');
    pool.round();
    pool.reconfigure("PBCD", "");
    assert_eq!((pool.in_use(), pool.codes()), ('B', vec!["refused", "reconfigured"]));
    assert_eq!(pool.last_reason(), "From a:1 to b:1, because the configuration was replaced.");
    pool.round();
    assert_eq!(pool.codes().len(), 2);
}

#[test]
fn another_primary_is_fallen_back_to_and_a_healthy_daemon_is_not_left_for_it() {
    let mut pool = Pool::settled(4);
    pool.reconfigure("BPAC", "");
    assert_eq!((pool.in_use(), pool.status().primary.host.as_str()), ('P', "b"));
    pool.refuse('C');
    pool.refuse('A');
    pool.round();
    assert_eq!((pool.mode(), pool.in_use(), pool.codes()), ("single", 'B', vec!["fallback"]));
}

#[test]
fn another_primary_is_used_at_once_in_mode_single() {
    let mut pool = Pool::settled(3);
    pool.refuse('B');
    pool.round();
    pool.reconfigure("APB", "");
    assert_eq!((pool.mode(), pool.in_use(), pool.codes()), ("single", 'A', vec!["reconfigured"]));
}

#[test]
fn too_few_daemons_that_stay_mean_mode_single_until_the_new_ones_are_known() {
    let mut pool = Pool::settled(3);
    pool.reconfigure("PCDE", "");
    assert_eq!((pool.mode(), pool.in_use()), ("single", 'P'));
    pool.round();
    assert_eq!((pool.mode(), pool.status().healthy), ("multi", 4));
}

#[test]
fn before_the_first_round_ends_the_new_primary_is_the_answer() {
    let mut pool = Pool::new(4, "primary");
    pool.reconfigure("DPAB", "");
    assert_eq!((pool.in_use(), pool.codes()), ('D', vec!["reconfigured"]));
    pool.refuse('D');
    pool.round();
    assert_eq!((pool.in_use(), pool.codes()), ('P', vec!["reconfigured", "start"]));
}

#[test]
fn other_thresholds_count_from_the_next_verdict_on() {
    let mut pool = Pool::settled(5);
    pool.mine_for("PABC", 2);
    pool.round();
    assert_eq!(pool.verdict('D'), "healthy");
    pool.reconfigure("PABCD", r#""maxDeviance": 1"#);
    pool.round();
    assert_eq!(pool.verdict('D'), "lagging");
    pool.reconfigure("PABCD", r#""maxDeviance": 1, "minHealthy": 5"#);
    assert_eq!(pool.mode(), "single");
}

#[test]
fn orders_of_the_operator_outlast_a_configuration_that_says_nothing_new() {
    let mut pool = Pool::settled(5);
    pool.drain('A');
    pool.pin('C', 60_000);
    pool.reconfigure("PDCBA", "");
    assert_eq!((pool.is_drained('A'), pool.in_use(), pool.pinned()), (true, 'C', Some(("c:1".into(), 60_000))));
    pool.wait(seconds(60));
    assert_eq!((pool.in_use(), pool.codes()), ('P', vec!["pinned", "unpinned"]));
}

#[test]
fn what_a_configuration_newly_says_of_draining_counts() {
    let mut pool = Pool::settled(5);
    pool.reconfigure("PaBCD", "");
    assert!(pool.is_drained('A'));
    pool.undrain('A');
    pool.drain('B');
    pool.reconfigure("PaBCD", "");
    assert_eq!((pool.is_drained('A'), pool.is_drained('B')), (false, true));
    pool.reconfigure("PABCD", "");
    assert_eq!((pool.is_drained('A'), pool.is_drained('B')), (false, true));
    pool.reconfigure("PAbCD", "");
    pool.reconfigure("PABCD", "");
    assert!(!pool.is_drained('B'));
}

#[test]
fn draining_the_daemon_in_use_by_configuration_is_a_switch() {
    let mut pool = Pool::settled(4);
    pool.reconfigure("pABC", "");
    assert_eq!((pool.in_use(), pool.verdict('P'), pool.codes()), ('A', "draining", vec!["reconfigured"]));
}

#[test]
fn a_pin_ends_with_its_daemon() {
    let mut pool = Pool::settled(5);
    pool.pin('D', 60_000);
    let before = pool.status();
    pool.reconfigure("PABC", "");
    assert_eq!((pool.in_use(), pool.pinned()), ('P', None));
    assert!(
        pool.core.next_deadline().is_some_and(|next| next <= pool.now + seconds(5)),
        "{:?}",
        pool.core.next_deadline()
    );
    assert_eq!(pool.codes(), ["pinned", "reconfigured"]);
    let told = changes(&before, &pool.status());
    assert!(told.iter().any(|change| matches!(change, Change::Pin { pin: None, before: Some(_) })), "{told:?}");
}

#[test]
fn warnings_are_those_of_the_configuration_that_counts() {
    let mut pool = Pool::settled(4);
    assert!(pool.status().warnings.is_empty());
    pool.reconfigure("PAB", "");
    assert_eq!(pool.status().warnings.len(), 1);
    pool.reconfigure("PABC", "");
    assert!(pool.status().warnings.is_empty());
}

#[test]
fn a_core_that_is_started_again_goes_on_with_the_latest_configuration() {
    let mut pool = Pool::settled(4);
    pool.reconfigure("BCDE", "");
    pool.break_off();
    assert_eq!((pool.in_use(), pool.names(), pool.codes()), ('B', "BCDE".into(), vec!["reconfigured"]));
}
