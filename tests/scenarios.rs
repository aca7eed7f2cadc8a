//! The numbered scenarios of the rules, one test each. `P` is the primary, `A`, `B`, `C` … are the others in order.

mod world;

use std::time::Duration;

use turtle_pool_multi_daemon::consensus::{
    health::{Health, Reason},
    select::{Cause, Fallback, Mode, Policy},
};
use world::{Behaviour::*, World};

#[test]
fn scenario_01_all_agree() {
    let mut world = World::new(4);
    world.run_with_blocks(120, "PABC");
    assert_eq!(world.verdicts("PABC"), "healthy healthy healthy healthy");
    assert_eq!((world.mode(), world.quorum(), world.hold(), world.in_use()), (Mode::Multi, true, false, 'P'));
    assert_eq!(world.switches, []);
}

#[test]
fn scenario_02_the_primary_refuses_connections() {
    let mut world = World::settled(4);
    world.set("P", Refuses);
    let poll_at_most = Duration::from_secs(5);
    let time = world.run_until(7, "P unresponsive", |world| world.verdict('P') == "refused");
    assert!(time <= poll_at_most + Duration::from_secs(1), "{time:?}");
    assert_eq!((world.health('P').state(), world.mode(), world.in_use()), ("unresponsive", Mode::Multi, 'A'));
}

#[test]
fn scenario_03_the_primary_accepts_and_never_answers() {
    let mut world = World::settled(4);
    world.set("P", Hangs);
    let poll_at_most = world.rules.polling_interval;
    let two_timeouts = 2 * world.rules.timeout + Duration::from_millis(250);
    let time = world.run_until(10, "P unresponsive", |world| world.verdict('P') == "timeout");
    assert!(time <= poll_at_most + two_timeouts, "{time:?}");
    assert_eq!((world.mode(), world.in_use()), (Mode::Multi, 'A'));
}

#[test]
fn scenario_04_the_primary_comes_back_and_the_pool_stays() {
    let mut world = World::settled(4);
    world.set("P", Hangs);
    world.run(15);
    // Its second try is good.
    world.set("P", Answers);
    world.run(3);
    assert_eq!(world.verdict('P'), "timeout", "one good poll is not enough");
    world.run(3);
    assert_eq!((world.verdict('P'), world.in_use()), ("healthy", 'A'));
    world.run_with_blocks(3600, "PABC");
    assert_eq!(world.in_use(), 'A');
}

#[test]
fn scenario_04_the_primary_comes_back_and_failback_returns_to_it() {
    let mut world = World::with(4, Policy { failback: Some(Duration::from_secs(60)), ..Policy::default() });
    world.run(11);
    world.set("P", Hangs);
    world.run(15);
    world.set("P", Answers);
    world.run_until(20, "P healthy", |world| world.verdict('P') == "healthy");
    world.run(59);
    assert_eq!(world.in_use(), 'A');
    world.run(7);
    assert_eq!(world.in_use(), 'P');
    assert_eq!(world.switches.last().unwrap().cause, Cause::Failback);
}

#[test]
fn scenario_04_failback_is_on_time_whenever_the_next_poll_is() {
    for seconds in [1, 7, 59] {
        let failback = Duration::from_secs(seconds);
        let mut world = World::with(4, Policy { failback: Some(failback), ..Policy::default() });
        world.rules_mut(|rules| rules.polling_interval = Duration::from_secs(15));
        world.run(16);
        world.set("P", Refuses);
        world.run(15);
        world.set("P", Answers);
        world.run_until(50, "P healthy", |world| world.verdict('P') == "healthy");
        assert_eq!((world.in_use(), world.switches.len()), ('A', 1));
        let time = world.run_until(70, "P in use", |world| world.in_use() == 'P');
        // The world is looked at every 10 ms.
        assert!(time.abs_diff(failback) <= Duration::from_millis(10), "{time:?} instead of {failback:?}");
    }
}

#[test]
fn scenario_04_failback_waits_for_a_primary_that_just_failed() {
    let mut world = World::with(4, Policy { failback: Some(Duration::from_secs(8)), ..Policy::default() });
    world.run(11);
    world.set("P", Refuses);
    world.run(10);
    world.set("P", Answers);
    world.run_until(20, "P healthy", |world| world.verdict('P') == "healthy");
    world.set("P", Hangs);
    world.run(8);
    assert_eq!(world.in_use(), 'A', "its first try has failed");
    world.run_with_blocks(60, "ABC");
    assert_eq!(world.in_use(), 'A');
}

#[test]
fn scenario_05_two_healthy_daemons_are_too_few() {
    let mut world = World::settled(3);
    assert_eq!(world.mode(), Mode::Multi);
    world.set("A", Refuses);
    world.run(10);
    assert_eq!((world.healthy(), world.mode(), world.hold(), world.in_use()), (2, Mode::Single, false, 'P'));
}

#[test]
fn scenario_06_without_enough_daemons_the_pool_stays_with_its_dead_primary() {
    let mut world = World::settled(3);
    world.set("P", Refuses);
    world.run(10);
    assert_eq!((world.mode(), world.in_use()), (Mode::Single, 'P'));
    assert_eq!(world.switches, []);
}

#[test]
fn scenario_06_fallback_best_leaves_the_dead_primary() {
    let mut world = World::settled_best(3);
    world.set("P", Refuses);
    world.run(10);
    assert_eq!((world.mode(), world.in_use()), (Mode::Single, 'A'));
}

#[test]
fn scenario_07_any_three_of_seven_daemons_suffice() {
    for dead in 0..1u32 << 7 {
        if dead.count_ones() != 4 {
            continue;
        }
        let mut world = World::settled(7);
        let names = world.everybody();
        let dead: String =
            names.chars().enumerate().filter(|(i, _)| dead >> i & 1 == 1).map(|(_, name)| name).collect();
        world.set(&dead, Refuses);
        world.run(10);
        assert_eq!((world.healthy(), world.mode()), (3, Mode::Multi), "{dead} dead");
        assert!(!dead.contains(world.in_use()), "{dead} dead, {} in use", world.in_use());
    }
}

#[test]
fn scenario_08_the_primary_is_four_behind() {
    let mut world = World::settled(4);
    world.mine("ABC", 4);
    world.run(11);
    assert_eq!((world.verdict('P'), world.in_use()), ("lagging", 'A'));
    assert_eq!(*world.health('P'), Health::Unhealthy(Reason::Lagging { by: 4 }));
    let message = world.health('P').message().unwrap();
    assert!(message.contains("on same chain, lagging behind other nodes"), "{message}");
    world.assert_never_bad("ABC");
}

#[test]
fn scenario_08_the_primary_is_behind_from_the_start() {
    let mut world = World::new(4);
    world.rewind("P", 4);
    world.run(6);
    assert_eq!((world.verdict('P'), world.in_use()), ("lagging", 'A'));
}

#[test]
fn scenario_09_the_primary_is_one_behind_for_five_seconds() {
    let mut world = World::settled(4);
    world.mine("ABC", 1);
    world.run(5);
    world.adopt("P", 'A');
    world.run(30);
    world.assert_never_bad("PABC");
    assert_eq!(world.switches, []);
}

#[test]
fn scenario_10_the_primary_is_one_behind_for_twenty_seconds() {
    let mut world = World::settled(4);
    world.mine("ABC", 1);
    world.run(20);
    assert_eq!((world.verdict('P'), world.in_use()), ("lagging", 'A'));
}

#[test]
fn scenario_11_one_daemon_is_one_ahead() {
    let mut world = World::settled(4);
    world.mine("A", 1);
    world.run(60);
    world.assert_never_bad("PABC");
    assert_eq!((world.switches.len(), world.in_use()), (0, 'P'));
}

#[test]
fn scenario_12_a_daemon_claims_a_fantastic_height() {
    let mut world = World::settled(4);
    world.lie('C', 1_000_000);
    world.run_with_blocks(120, "PABC");
    world.assert_never_bad("PAB");
    assert_eq!((world.verdict('C'), world.in_use(), world.mode()), ("unconfirmed", 'P', Mode::Multi));
    // Also when the primary goes, and when only the liar and one honest daemon are left.
    world.set("P", Refuses);
    world.run(20);
    assert_ne!(world.in_use(), 'C');
    world.set("A", Refuses);
    world.run(20);
    assert_ne!(world.in_use(), 'C');
}

#[test]
fn scenario_12_a_daemon_claims_a_fantastic_height_from_the_start_and_tells_the_truth_about_what_is_below() {
    let mut world = World::new(5);
    world.lie('A', 1_000_000);
    world.run_with_blocks(120, "PABCD");
    assert_eq!(
        (world.verdicts("PABCD").as_str(), world.in_use()),
        ("healthy unconfirmed healthy healthy healthy", 'P')
    );
    assert!(world.take_asked("A") > 0);
    world.set("P", Refuses);
    world.run(20);
    assert_eq!(world.in_use(), 'B');
}

#[test]
fn scenario_12_fallback_best_never_takes_the_liar_while_another_stands() {
    let mut world = World::settled_best(4);
    world.lie('A', 1_000_000);
    world.run(20);
    world.set("PC", Refuses);
    world.run(20);
    assert_eq!((world.mode(), world.in_use()), (Mode::Single, 'B'));
}

#[test]
fn scenario_12b_the_network_height_of_a_majority_is_poisoned() {
    let mut world = World::settled(4);
    world.poison_network_height("PAB", 1_000_000);
    world.run_with_blocks(3600, "PABC");
    world.assert_never_bad("PABC");
    assert_eq!((world.switches.len(), world.in_use()), (0, 'P'));
}

#[test]
fn scenario_12c_the_primary_jumps_alone() {
    let mut world = World::settled(4);
    world.mine("P", 10);
    world.run(11);
    assert_eq!((world.verdicts("PABC").as_str(), world.in_use()), ("unconfirmed healthy healthy healthy", 'A'));
    world.adopt("ABC", 'P');
    world.run(6);
    assert_eq!((world.verdict('P'), world.in_use()), ("healthy", 'A'));
}

#[test]
fn scenario_13_the_primary_is_on_another_chain_for_two_blocks() {
    let mut world = World::settled(4);
    let fork_height = world.height('P') + 1;
    world.mine("P", 2);
    world.mine("ABC", 2);
    world.run(6);
    assert_eq!(world.verdict('P'), "healthy", "one round proves nothing");
    world.run(5);
    assert_eq!((world.verdict('P'), world.in_use()), ("forked", 'A'));
    let Health::Unhealthy(Reason::Forked { at, depth, with, against, .. }) = world.health('P') else { unreachable!() };
    assert_eq!((at.get(), *depth, with.len(), against.len()), (fork_height, 2, 1, 3));
    world.run_with_blocks(300, "ABC");
    world.assert_never_bad("ABC");
}

#[test]
fn scenario_14_two_against_two() {
    let mut world = World::settled(4);
    world.mine("PA", 3);
    world.mine("BC", 3);
    world.run(16);
    assert_eq!(world.verdicts("PABC"), "healthy healthy forked forked");
    assert_eq!((world.healthy(), world.mode(), world.hold(), world.in_use()), (2, Mode::Single, true, 'P'));
}

#[test]
fn scenario_15_three_against_three() {
    let mut world = World::settled(6);
    world.mine("PAB", 3);
    world.mine("CDE", 3);
    world.run(16);
    assert_eq!(world.verdicts("PABCDE"), "healthy healthy healthy forked forked forked");
    assert_eq!((world.mode(), world.quorum(), world.hold(), world.in_use()), (Mode::Multi, false, true, 'P'));
    assert_eq!(world.votes(), (3, 6));
}

#[test]
fn scenario_16_a_race_at_the_top_block_ends_by_itself() {
    for winner in ['P', 'C'] {
        let mut world = World::settled(4);
        world.mine("PA", 1);
        world.mine("BC", 1);
        world.run(600);
        world.assert_never_bad("PABC");
        assert_eq!((world.hold(), world.in_use()), (false, 'P'));
        world.mine(&winner.to_string(), 1);
        world.run_for(Duration::from_secs(2));
        world.adopt("PABC", winner);
        world.run_with_blocks(120, "PABC");
        world.assert_never_bad("PABC");
        assert_eq!(world.switches, []);
    }
}

#[test]
fn scenario_17_three_frozen_daemons_whose_network_moves_on() {
    let mut world = World::settled(4);
    for _ in 0..20 {
        world.mine("P", 1);
        let above = world.height('P') - world.height('A');
        world.poison_network_height("ABC", above);
        world.run(30);
        assert_eq!(world.in_use(), 'P', "never a frozen one");
    }
    for name in ['A', 'B', 'C'] {
        assert!(["syncing", "lagging"].contains(&world.verdict(name)), "{name} {}", world.verdict(name));
    }
    assert_eq!((world.verdict('P'), world.mode()), ("healthy", Mode::Single));
}

#[test]
fn scenario_18_a_frozen_majority_lags_behind_two_that_advance() {
    let mut world = World::settled(5);
    world.run_with_blocks(180, "CD");
    assert_eq!(world.verdicts("PABCD"), "lagging lagging lagging healthy healthy");
    assert_eq!((world.mode(), world.in_use()), (Mode::Single, 'P'));
}

#[test]
fn scenario_18_fallback_best_follows_the_two_that_advance() {
    let mut world = World::settled_best(5);
    world.run_with_blocks(180, "CD");
    assert_eq!((world.mode(), world.in_use()), (Mode::Single, 'C'));
}

#[test]
fn scenario_19_everybody_reorganises_within_one_interval() {
    let mut world = World::settled(4);
    world.mine("PABC", 3);
    world.run(12);
    world.run_for(Duration::from_millis(30));
    // A longer branch from 3 blocks below arrives everywhere while a round is under way.
    world.rewind("PABC", 3);
    world.mine("PABC", 5);
    world.run_with_blocks(120, "PABC");
    world.assert_never_bad("PABC");
    assert_eq!((world.mode(), world.switches.len(), world.hold()), (Mode::Multi, 0, false));
}

#[test]
fn scenario_20_all_are_connected_only_to_one_another() {
    for fallback in [Fallback::Primary, Fallback::Best] {
        let mut world = World::with(4, Policy { fallback, ..Policy::default() });
        world.connect_only_to_one_another("PABC");
        world.run_with_blocks(60, "PABC");
        assert_eq!((world.verdicts("PABC").as_str(), world.mode()), ("healthy healthy healthy healthy", Mode::Multi));
        world.run_with_blocks(10, "PABC");
        assert_eq!(world.verdicts("PABC"), "isolated isolated isolated isolated");
        assert_eq!(*world.health('P'), Health::Unhealthy(Reason::Isolated { incoming: 3, outgoing: 3 }));
        assert_eq!((world.mode(), world.hold(), world.in_use()), (Mode::Single, true, 'P'));
        assert_eq!(world.switches, []);
    }
}

#[test]
fn scenario_20_a_peer_outside_ends_it() {
    let mut world = World::new(4);
    world.connect_only_to_one_another("PABC");
    world.run_with_blocks(80, "PABC");
    assert_eq!(world.healthy(), 0);
    world.connect("C", 3, 4);
    // Two rounds that prove it, and two good polls.
    world.run(21);
    assert_eq!((world.healthy(), world.mode(), world.hold(), world.in_use()), (4, Mode::Multi, false, 'P'));
    world.run_with_blocks(600, "PABC");
    assert_eq!(world.healthy(), 4);
}

/// Whatever the order in which the two networks find their blocks.
#[test]
fn scenario_20b_a_majority_is_cut_off_together_and_mines_a_side_chain() {
    for (ours, theirs) in [(30, 40), (40, 30), (7, 3), (3, 7), (45, 20), (200, 10), (10, 200), (60, 60)] {
        for fallback in [Fallback::Primary, Fallback::Best] {
            let mut world = World::with(7, Policy { fallback, ..Policy::default() });
            world.run(11);
            world.connect_only_to_one_another("ABCDE");
            for second in 1..=400 {
                if second % ours == 0 {
                    world.mine("PF", 1);
                }
                if second % theirs == 0 {
                    world.mine("ABCDE", 1);
                }
                world.run(1);
                assert_eq!(world.in_use(), 'P', "blocks every {ours} s and {theirs} s, after {second} s");
            }
            assert_eq!(world.verdicts("ABCDE"), "isolated isolated isolated isolated isolated");
            assert_eq!((world.verdict('P'), world.verdict('F'), world.mode()), ("healthy", "healthy", Mode::Single));
            world.assert_never_bad("PF");
            assert_eq!((world.switches.len(), world.votes()), (0, (2, 2)));
        }
    }
}

#[test]
fn scenario_20b_the_side_that_is_cut_off_comes_back() {
    let mut world = World::settled(7);
    world.connect_only_to_one_another("ABCDE");
    for _ in 0..4 {
        world.mine("PF", 1);
        world.mine("ABCDE", 1);
        world.run(30);
    }
    assert_eq!(world.verdict('A'), "isolated");
    world.connect("ABCDE", 8, 8);
    world.mine("PF", 1);
    world.adopt("ABCDE", 'P');
    world.run(16);
    assert_eq!((world.healthy(), world.mode(), world.in_use()), (7, Mode::Multi, 'P'));
}

#[test]
fn scenario_21_a_daemon_is_on_another_network() {
    let mut world = World::new(4);
    world.move_to_other_network('C');
    world.run_with_blocks(60, "PABC");
    assert_eq!((world.verdicts("PABC").as_str(), world.votes()), ("healthy healthy healthy wrong-network", (3, 3)));
}

#[test]
fn scenario_22_a_daemon_talks_nonsense() {
    let mut world = World::settled(4);
    world.set("C", TalksNonsense);
    world.run_with_blocks(60, "PABC");
    assert_eq!((world.verdict('C'), world.health('C').state()), ("invalid-reply", "unhealthy"));
    world.assert_never_bad("PAB");
}

#[test]
fn scenario_23_the_primary_fails_every_second_poll() {
    let mut world = World::settled(4);
    world.set("P", Flickers);
    world.run_with_blocks(600, "PABC");
    assert_eq!((world.switches.len(), world.in_use()), (1, 'A'));
    world.set("P", Answers);
    world.run(15);
    assert_eq!((world.verdict('P'), world.in_use()), ("healthy", 'A'));
}

#[test]
fn scenario_25_the_primary_is_500_blocks_behind() {
    let mut world = World::new(4);
    world.mine("ABC", 500);
    world.run(11);
    assert_eq!((world.verdicts("PABC").as_str(), world.in_use()), ("lagging healthy healthy healthy", 'A'));
    assert_eq!(*world.health('P'), Health::Unhealthy(Reason::Lagging { by: 500 }));
    assert_eq!((world.votes(), world.mode(), world.quorum(), world.hold()), ((4, 4), Mode::Multi, true, false));
    assert_eq!(world.take_asked("PABC"), 1);
}

#[test]
fn scenario_25_the_primary_forked_500_blocks_ago() {
    let mut world = World::new(4);
    let fork_height = world.height('P') + 1;
    world.mine("P", 500);
    world.mine("ABC", 500);
    world.run(16);
    assert_eq!((world.verdicts("PABC").as_str(), world.in_use()), ("forked healthy healthy healthy", 'A'));
    let Health::Unhealthy(Reason::Forked { at, exact, depth, with, against }) = world.health('P') else {
        unreachable!()
    };
    assert_eq!((at.get(), *exact, *depth, with.len(), against.len()), (fork_height, true, 500, 1, 3));
    assert_eq!((world.votes(), world.mode(), world.quorum(), world.hold()), ((3, 4), Mode::Multi, true, false));
    // 15 steps at most, in which both daemons are asked, and what two of A, B and C have to show for themselves.
    let asked = world.take_asked("PABC");
    assert!(asked <= 34, "{asked}");
    world.run_with_blocks(600, "ABC");
    assert_eq!((world.verdict('P'), world.take_asked("PABC")), ("forked", 0), "what was asked once is remembered");
}

#[test]
fn scenario_25_two_against_two_500_deep() {
    let mut world = World::new(4);
    let fork_height = world.height('P') + 1;
    world.mine("PA", 500);
    world.mine("BC", 510);
    world.run(16);
    assert_eq!(world.verdicts("PABC"), "healthy healthy forked forked");
    assert_eq!((world.healthy(), world.mode(), world.hold(), world.in_use()), (2, Mode::Single, true, 'P'));
    assert_eq!(world.votes(), (2, 4));
    let Health::Unhealthy(Reason::Forked { at, depth, with, against, .. }) = world.health('C') else { unreachable!() };
    assert_eq!((at.get(), *depth, with.len(), against.len()), (fork_height, 510, 2, 2));
}

#[test]
fn scenario_26_no_daemon_answers() {
    let mut world = World::settled(4);
    world.set("A", Refuses);
    world.run(10);
    world.set("PBC", Hangs);
    world.run(30);
    assert_eq!((world.mode(), world.in_use()), (Mode::Single, 'P'));
    assert!(world.switches.len() <= 2, "{:?}", world.switches);
    world.set("PBC", Answers);
    world.run(16);
    assert_eq!((world.mode(), world.healthy()), (Mode::Multi, 3));
}

#[test]
fn scenario_27_two_names_of_one_daemon_are_one_voter() {
    let mut world = World::new(4);
    world.place('P', "127.0.0.1:11898");
    world.place('A', "127.0.0.1:11898");
    world.run(11);
    assert_eq!((world.votes(), world.healthy(), world.mode()), ((3, 3), 3, Mode::Multi));
    world.set("C", Refuses);
    world.run(10);
    assert_eq!((world.healthy(), world.mode()), (2, Mode::Single));
}

#[test]
fn scenario_28_a_daemon_that_moves_keeps_its_place() {
    let mut world = World::new(4);
    world.place('A', "127.0.0.1:11898");
    world.run(11);
    world.place('A', "127.0.0.2:11898");
    world.run(11);
    world.assert_never_bad("PABC");
    assert_eq!(world.healthy(), 4);
}

#[test]
fn scenario_29_one_daemon_goes_on_alone() {
    let mut world = World::settled(4);
    world.run_with_blocks(400, "C");
    assert_eq!(world.verdicts("PABC"), "stalled stalled stalled healthy");
    assert_eq!((world.mode(), world.in_use()), (Mode::Single, 'P'));
    world.adopt("PAB", 'C');
    world.run_with_blocks(60, "PABC");
    assert_eq!((world.healthy(), world.mode()), (4, Mode::Multi));
}

#[test]
fn scenario_29_fallback_best_follows_the_one_that_goes_on() {
    let mut world = World::settled_best(4);
    world.run_with_blocks(400, "C");
    assert_eq!((world.mode(), world.in_use()), (Mode::Single, 'C'));
}

#[test]
fn scenario_30_a_majority_stands_still_on_a_side_block() {
    let mut world = World::settled_best(4);
    world.mine("PAB", 1);
    world.mine("C", 1);
    world.run_with_blocks(420, "C");
    assert_eq!(world.verdicts("PABC"), "stalled stalled stalled healthy");
    assert_eq!((world.mode(), world.in_use()), (Mode::Single, 'C'));
}
