//! Rules that no numbered scenario pins down, one sentence each. Letters as in the scenarios.

mod world;

use std::time::Duration;

use turtle_pool_multi_daemon::consensus::{
    health::{Health, Reason},
    select::{Cause, Mode, Policy},
};
use world::{Behaviour::*, ByHeight, World};

#[test]
fn until_the_first_round_ends_the_primary_is_the_answer_and_its_tip_the_head() {
    let mut world = World::new(4);
    world.set("C", Hangs);
    world.run(2);
    assert_eq!((world.mode(), world.in_use()), (Mode::Single, 'P'));
    assert_eq!(world.head().unwrap().height.get(), 1_000);
    assert_eq!(*world.health('P'), Health::Unknown);
    world.run(3);
    assert_eq!((world.mode(), world.verdicts("PABC").as_str()), (Mode::Multi, "healthy healthy healthy timeout"));
}

#[test]
fn a_primary_that_is_dead_from_the_start_is_left_when_the_first_round_ends() {
    let mut world = World::new(4);
    world.set("P", Refuses);
    world.run(1);
    assert_eq!((world.in_use(), world.switches[0].cause), ('A', Cause::Start));
}

#[test]
fn equal_branches_go_to_the_primary_s_even_with_less_work() {
    let mut world = World::settled(4);
    world.mine_with_difficulty("PA", 3, 1);
    world.mine_with_difficulty("BC", 3, 1_000);
    world.run(11);
    assert_eq!(world.verdicts("PABC"), "healthy healthy forked forked");
}

#[test]
fn equal_branches_without_the_primary_go_to_the_one_with_more_work() {
    let mut world = World::settled(5);
    world.set("P", Refuses);
    world.run(20);
    world.mine_with_difficulty("AB", 3, 100);
    world.mine_with_difficulty("CD", 3, 101);
    world.run(16);
    assert_eq!(world.verdicts("ABCD"), "forked forked healthy healthy");
}

#[test]
fn equal_branches_of_equal_work_go_to_the_daemon_in_use() {
    let mut world = World::settled_best(5);
    world.set("PA", Refuses);
    world.run(10);
    assert_eq!(world.in_use(), 'B');
    world.set("A", Answers);
    world.run(20);
    world.mine("AC", 3);
    world.mine("BD", 3);
    world.run(16);
    assert_eq!((world.verdicts("ABCD").as_str(), world.in_use()), ("forked healthy forked healthy", 'B'));
}

#[test]
fn a_daemon_that_loses_race_after_race_is_forked_after_two_block_targets() {
    let mut world = World::settled(4);
    // A block of its own at every height, and back to the others' one when the next comes.
    for _ in 0..7 {
        world.mine("PBC", 1);
        world.mine("A", 1);
        world.run(10);
        world.adopt("A", 'P');
    }
    // It was seen on the branch in none of the rounds, though never two blocks off it.
    assert_eq!(world.verdict('A'), "forked");
    world.assert_never_bad("PBC");
}

#[test]
fn a_lag_of_three_is_within_the_deviance_for_twelve_seconds_only() {
    let mut world = World::settled(4);
    world.mine("PBC", 3);
    world.run(12);
    assert_eq!(world.verdict('A'), "healthy");
    world.run(10);
    assert_eq!(world.verdict('A'), "lagging");
}

#[test]
fn a_daemon_in_use_that_misses_a_block_for_an_interval_is_left_while_healthy() {
    let mut world = World::settled(4);
    world.mine("ABC", 1);
    world.run(11);
    assert_eq!((world.verdict('P'), world.in_use()), ("healthy", 'A'));
    assert_eq!(world.switches[0].cause, Cause::Overtaken);
}

#[test]
fn a_daemon_in_use_that_gets_every_block_late_but_gets_it_is_kept() {
    let mut world = World::settled(4);
    for _ in 0..60 {
        // The next one is there when the last has just come.
        world.mine("ABC", 1);
        world.run_for(Duration::from_millis(3_900));
        world.adopt("P", 'A');
        world.run_for(Duration::from_millis(1_100));
    }
    assert_eq!(world.switches, []);
}

#[test]
fn a_daemon_in_use_that_is_alone_with_its_block_in_a_race_is_left_while_healthy() {
    let mut world = World::settled(4);
    world.mine("P", 1);
    world.mine("ABC", 1);
    world.run(11);
    assert_eq!((world.verdicts("PABC").as_str(), world.in_use()), ("healthy healthy healthy healthy", 'A'));
    assert_eq!(world.switches[0].cause, Cause::Overtaken);
}

#[test]
fn in_an_open_race_the_daemon_in_use_stays() {
    for (one_side, other_side) in [("PB", "AC"), ("PBD", "AC")] {
        let mut world = world_that_left_the_primary(one_side.len() + other_side.len());
        let switches = world.switches.len();
        world.mine(one_side, 1);
        world.mine(other_side, 1);
        world.run(30);
        assert_eq!((world.in_use(), world.switches.len()), ('A', switches), "{one_side}");
        world.mine("P", 1);
        world.adopt("ABC", 'P');
        world.adopt(one_side, 'P');
        world.run(11);
        assert_eq!((world.in_use(), world.switches.len()), ('A', switches), "{one_side}");
        world.assert_never_bad("ABC");
    }
}

#[test]
fn in_a_race_a_daemon_in_use_is_left_for_a_clear_majority_and_alone_for_the_primary() {
    for (ahead, behind) in [("PBDE", "AC"), ("P", "A")] {
        let mut world = world_that_left_the_primary(6);
        world.mine(ahead, 1);
        world.mine(behind, 1);
        world.run(11);
        assert_eq!((world.in_use(), world.switches.last().unwrap().cause), ('P', Cause::Overtaken), "{ahead}");
        world.assert_never_bad("ABCDE");
    }
}

/// So many healthy daemons, of which A is in use.
fn world_that_left_the_primary(daemons: usize) -> World {
    let mut world = World::settled(daemons);
    world.set("P", Refuses);
    world.run(10);
    world.set("P", Answers);
    world.run(15);
    assert_eq!((world.healthy(), world.in_use()), (daemons, 'A'));
    world
}

#[test]
fn a_clock_that_jumps_makes_nobody_syncing_whose_peers_lie() {
    let mut world = World::settled(4);
    world.poison_network_height("PABC", 1_000);
    world.run_with_blocks(120, "PABC");
    world.jump_clock(Duration::from_secs(7_200));
    world.run_with_blocks(120, "PABC");
    world.assert_never_bad("PABC");
}

#[test]
fn a_daemon_in_use_that_fails_again_and_again_is_left_while_healthy() {
    let mut world = World::settled(4);
    world.set("P", Stumbles);
    world.run(6);
    assert_eq!(world.in_use(), 'P', "one failed try is nothing");
    world.run(5);
    assert_eq!((world.verdict('P'), world.in_use()), ("healthy", 'A'));
    world.set("P", Answers);
    world.run(60);
    assert_eq!(world.switches.len(), 1);
}

#[test]
fn a_daemon_in_use_that_alone_has_a_block_is_left_for_the_primary() {
    let mut world = World::settled(4);
    world.set("P", Refuses);
    world.run(10);
    world.set("P", Answers);
    world.run(15);
    assert_eq!((world.healthy(), world.in_use()), (4, 'A'));
    world.mine("A", 2);
    world.run(11);
    assert_eq!((world.in_use(), world.switches.last().unwrap().cause), ('P', Cause::Alone));
    world.assert_never_bad("ABC");
}

#[test]
fn the_primary_is_kept_that_alone_has_a_block() {
    let mut world = World::settled(4);
    world.mine("P", 2);
    world.run(60);
    assert_eq!((world.in_use(), world.switches.len()), ('P', 0));
}

#[test]
fn a_laggard_that_has_caught_up_is_healthy_after_two_good_polls() {
    let mut world = World::settled(4);
    world.mine("PBC", 5);
    world.run(11);
    assert_eq!(world.verdict('A'), "lagging");
    world.adopt("A", 'P');
    world.run(5);
    assert_eq!(world.verdict('A'), "lagging", "one good poll is not enough");
    world.run(5);
    assert_eq!(world.verdict('A'), "healthy");
}

#[test]
fn of_two_daemons_on_one_chain_the_lower_one_lags() {
    let mut world = World::with_best(2);
    world.run(11);
    world.run_with_blocks(180, "A");
    assert_eq!((world.verdicts("PA").as_str(), world.in_use()), ("lagging healthy", 'A'));
}

#[test]
fn of_two_daemons_neither_lags_behind_the_other_s_jump() {
    let mut world = World::with_best(2);
    world.run(11);
    world.mine("A", 10);
    world.run(11);
    assert_eq!((world.verdicts("PA").as_str(), world.in_use()), ("healthy unconfirmed", 'P'));
}

#[test]
fn a_busy_core_is_syncing_at_once_and_does_not_vote() {
    let mut world = World::settled(4);
    world.set("P", Busy);
    world.run(6);
    assert_eq!((world.verdict('P'), world.in_use(), world.votes()), ("syncing", 'A', (3, 3)));
}

#[test]
fn a_daemon_without_json_rpc_votes_but_is_never_used() {
    let mut world = World::with_best(4);
    world.take_json_rpc_from('A');
    world.run(11);
    assert_eq!((world.verdict('A'), world.votes(), world.healthy()), ("no-json-rpc", (4, 4), 3));
    world.set("PBC", Refuses);
    world.run(15);
    assert_eq!(world.in_use(), 'P');
}

#[test]
fn a_drained_daemon_has_no_vote_and_is_used_only_when_nothing_else_answers() {
    let best = World::with_best(4).policy;
    let mut world = World::drained(4, best, "A");
    world.run(11);
    assert_eq!((world.verdict('A'), world.votes(), world.healthy()), ("draining", (3, 3), 3));
    world.set("P", Refuses);
    world.run(10);
    assert_eq!(world.in_use(), 'B');
    world.set("BC", Refuses);
    world.run(10);
    assert_eq!(world.in_use(), 'A');
}

#[test]
fn fallback_best_takes_a_laggard_rather_than_a_forked_daemon() {
    let mut world = World::settled_best(4);
    world.mine("PA", 5);
    world.mine("B", 3);
    world.run(16);
    assert_eq!(world.verdicts("PABC"), "healthy healthy forked lagging");
    world.set("PA", Refuses);
    world.run(4);
    assert_eq!(world.in_use(), 'C');
}

#[test]
fn a_daemon_whose_latest_poll_failed_is_not_newly_chosen() {
    let policy = Policy { min_healthy: 2, ..Policy::default() };
    let mut world = World::with(4, policy);
    world.rules_mut(|rules| rules.max_polling_failures = 4);
    world.run(11);
    world.set("A", Refuses);
    world.run(5);
    assert_eq!(world.verdict('A'), "healthy", "one failed poll of two tries is not yet a verdict");
    world.mine("BC", 5);
    world.run(6);
    assert_eq!((world.verdict('P'), world.in_use()), ("lagging", 'B'));
}

#[test]
fn a_dead_daemon_does_not_hold_up_the_verdicts_on_the_others() {
    let mut world = World::settled(5);
    world.rules_mut(|rules| rules.polling_interval = Duration::from_secs(1));
    world.set("D", Hangs);
    world.run(15);
    world.mine("ABC", 4);
    let time = world.run_until(10, "P lagging", |world| world.verdict('P') == "lagging");
    assert!(time < Duration::from_secs(3), "{time:?}");
}

#[test]
fn a_voter_below_the_fork_point_counts_for_neither_side() {
    let mut world = World::settled(6);
    world.mine("PABCD", 1);
    world.run(5);
    world.mine("PAB", 3);
    world.mine("CD", 3);
    world.run(6);
    // E stands one below the fork point.
    assert_eq!((world.votes(), world.quorum(), world.hold()), ((3, 5), true, false));
}

#[test]
fn a_daemon_that_goes_on_alone_for_hours_stays_connected_to_those_that_stand_still() {
    let mut world = World::settled(4);
    for _ in 0..500 {
        world.mine("P", 1);
        world.run(30);
    }
    world.assert_never_bad("P");
    assert_eq!(world.switches, []);
}

#[test]
fn a_daemon_that_stands_still_for_1500_blocks_stays_linked_without_a_question() {
    let mut world = World::settled(4);
    world.run_with_blocks(30 * 1_500, "ABC");
    world.run(5);
    assert_eq!((world.verdict('P'), world.in_use()), ("lagging", 'A'));
    assert_eq!(*world.health('P'), Health::Unhealthy(Reason::Lagging { by: 1_500 }));
    assert_eq!(world.take_asked("PABC"), 0);
    assert!(world.ever('P').iter().all(|verdict| *verdict == "lagging"), "{:?}", world.ever('P'));
}

#[test]
fn a_fork_that_grows_for_1500_blocks_keeps_its_height_without_a_question() {
    let mut world = World::settled(4);
    let fork_height = world.height('P') + 1;
    for _ in 0..1_500 {
        world.mine("P", 1);
        world.mine("ABC", 1);
        world.run(30);
    }
    let Health::Unhealthy(Reason::Forked { at, exact, depth, .. }) = world.health('P') else { unreachable!() };
    assert_eq!((at.get(), *exact, *depth), (fork_height, true, 1_500));
    assert_eq!(world.take_asked("PABC"), 0);
}

#[test]
fn a_daemon_that_syncs_anew_from_the_first_block_lags_until_it_is_there() {
    let mut world = World::settled(4);
    world.mine("PABC", 5_000);
    world.run(11);
    world.rewind("C", 6_000);
    for _ in 0..60 {
        world.catch_up('C', 'P', 100);
        world.run(5);
    }
    assert!(
        world.ever('C').iter().all(|verdict| ["unconfirmed", "lagging"].contains(verdict)),
        "{:?}",
        world.ever('C')
    );
    world.run(11);
    assert_eq!(world.verdicts("PABC"), "healthy healthy healthy healthy");
    world.assert_never_bad("PAB");
    let asked = world.take_asked("PABC");
    assert!(asked <= 60, "a question a poll at most: {asked}");
}

#[test]
fn a_reorganisation_deeper_than_everything_that_is_known_of_a_daemon_is_found_out_anew() {
    let mut world = World::settled(4);
    let fork_height = world.height('P') - 399;
    world.rewind("C", 400);
    world.mine("C", 395);
    world.run(16);
    let Health::Unhealthy(Reason::Forked { at, exact: true, .. }) = world.health('C') else {
        panic!("{:?}", world.health('C'))
    };
    assert_eq!(at.get(), fork_height);
    world.rewind("C", 500);
    world.mine("C", 500);
    world.run(11);
    let Health::Unhealthy(Reason::Forked { at, exact: true, .. }) = world.health('C') else {
        panic!("{:?}", world.health('C'))
    };
    assert_eq!(at.get(), fork_height - 105);
    world.adopt("C", 'P');
    world.run(11);
    assert_eq!(world.verdicts("PABC"), "healthy healthy healthy healthy");
}

#[test]
fn a_view_that_is_not_yet_linked_neither_votes_nor_counts_as_healthy() {
    let mut world = World::new(4);
    world.mine("PAB", 500);
    world.set_by_height("PABC", ByHeight::Ignores);
    world.run(11);
    assert_eq!((world.verdict('C'), world.votes(), world.healthy()), ("unconfirmed", (3, 3), 3));
    let message = world.health('C').message().unwrap();
    assert_eq!(message, "its chain 500 blocks below the head is not yet connected to the others'");
}

#[test]
fn a_view_below_the_head_that_cannot_be_linked_is_forked_and_one_above_it_unconfirmed() {
    for by_height in [ByHeight::Ignores, ByHeight::Refuses] {
        let mut world = World::new(5);
        world.mine("ABC", 500);
        world.mine("D", 1_000);
        world.set_by_height("PABCD", by_height);
        world.run_with_blocks(90, "ABC");
        assert_eq!(world.verdicts("PABCD"), "forked healthy healthy healthy unconfirmed", "{by_height:?}");
        let message = world.health('P').message().unwrap();
        assert_eq!(message, "forked at 985 or below: its chain could not be linked to the others'");
        // It is never too late for an answer.
        world.set_by_height("PABCD", ByHeight::Answers);
        world.run_with_blocks(90, "ABC");
        assert_eq!(world.verdict('P'), "lagging", "{by_height:?}");
    }
}

#[test]
fn a_daemon_that_does_not_answer_is_asked_less_and_less_often() {
    for by_height in [ByHeight::Ignores, ByHeight::Refuses] {
        let mut world = World::new(4);
        world.mine("PAB", 500);
        world.set_by_height("PAB", by_height);
        world.run_with_blocks(3_600, "PAB");
        let asked = world.take_asked("PABC");
        assert!((10..=200).contains(&asked), "{asked} questions to three daemons in an hour");
    }
}

#[test]
fn one_daemon_that_does_not_answer_is_passed_over_where_another_one_can() {
    for silent in ["P", "A", "PA", "PB"] {
        let mut world = World::new(4);
        world.mine("PAB", 500);
        world.set_by_height(silent, ByHeight::Refuses);
        world.run(16);
        assert_eq!(world.verdict('C'), "lagging", "{silent} silent");
    }
}

#[test]
fn a_daemon_that_lies_about_single_blocks_hurts_nobody_but_itself() {
    for liar in ['P', 'A', 'B'] {
        let mut world = World::new(5);
        world.mine("PABC", 500);
        world.set_by_height(&liar.to_string(), ByHeight::Invents);
        world.run_with_blocks(125, "PABC");
        assert_eq!(*world.health('D'), Health::Unhealthy(Reason::Lagging { by: 504 }), "{liar} lies");
        let honest: String = "PABC".chars().filter(|name| *name != liar).collect();
        world.assert_never_bad(&honest);
        assert!(!world.hold(), "{liar} lies");
    }
}

#[test]
fn a_far_fork_is_found_whoever_of_those_on_the_branch_lies_about_single_blocks() {
    for liar in ['P', 'A', 'B'] {
        let mut world = World::new(5);
        let fork_height = world.height('D') + 1;
        world.mine("PABC", 500);
        world.mine("D", 500);
        world.set_by_height(&liar.to_string(), ByHeight::Invents);
        world.run_with_blocks(120, "PABC");
        let Health::Unhealthy(Reason::Forked { at, exact: true, .. }) = world.health('D') else {
            panic!("{liar} lies: {:?}", world.health('D'))
        };
        assert_eq!(at.get(), fork_height, "{liar} lies");
        let honest: String = "PABC".chars().filter(|name| *name != liar).collect();
        world.assert_never_bad(&honest);
    }
}

#[test]
fn a_far_fork_stays_linked_whoever_of_those_on_the_branch_goes_down() {
    for down in ["P", "A", "B", "PA", "AB"] {
        let mut world = World::new(5);
        world.mine("PABC", 500);
        world.mine("D", 500);
        world.run(16);
        world.take_asked("PABCD");
        world.set(down, Refuses);
        world.run_with_blocks(120, "PABC");
        assert_eq!((world.verdict('D'), world.take_asked("PABCD")), ("forked", 0), "{down} down");
    }
}

#[test]
fn after_a_pause_of_the_whole_network_nobody_is_stalled() {
    let mut world = World::settled(4);
    world.run(900);
    world.mine("A", 1);
    world.run(5);
    world.adopt("PBC", 'A');
    world.run_with_blocks(120, "PABC");
    world.assert_never_bad("PABC");
}

#[test]
fn hold_is_over_when_the_fork_is() {
    let mut world = World::settled(4);
    world.mine("PA", 3);
    world.mine("BC", 3);
    world.run(16);
    assert!(world.hold());
    world.adopt("BC", 'P');
    world.run(11);
    assert_eq!((world.hold(), world.mode(), world.healthy()), (false, Mode::Multi, 4));
}

#[test]
fn a_pool_process_that_slept_for_minutes_switches_nothing_when_it_wakes() {
    let mut world = World::settled(4);
    world.sleep_through(Duration::from_secs(600));
    world.mine("PABC", 20);
    world.run(30);
    world.assert_never_bad("PABC");
    assert_eq!(world.switches, []);
}

#[test]
fn a_daemon_without_any_connection_is_isolated_at_once_and_healthy_two_polls_after_it_has_one() {
    let mut world = World::settled(4);
    world.connect("P", 0, 0);
    world.run(5);
    assert_eq!((world.verdict('P'), world.in_use(), world.votes()), ("isolated", 'A', (3, 3)));
    world.connect("P", 0, 1);
    world.run(11);
    assert_eq!(world.verdicts("PABC"), "healthy healthy healthy healthy");
}

#[test]
fn the_info_is_looked_at_each_time_where_connections_are_compared() {
    let mut world = World::settled(4);
    world.connect("P", 1, 3);
    world.connect("A", 1, 4);
    world.hide_connections("B");
    world.set("C", Refuses);
    world.run(20);
    let short = |world: &World| ['P', 'A', 'B', 'C'].map(|name| world.is_short(name));
    assert_eq!(short(&world), [false, true, true, false]);
    world.rules_mut(|rules| rules.min_outside_peers = 0);
    world.run(20);
    assert_eq!(short(&world), [true, true, true, false]);
}

#[test]
fn daemons_that_hide_their_connections_are_never_isolated() {
    let mut world = World::new(4);
    world.hide_connections("PABC");
    world.run_with_blocks(600, "PABC");
    world.assert_never_bad("PABC");
}

#[test]
fn a_daemon_that_hides_its_connections_may_be_the_others_way_to_the_outside() {
    let mut world = World::new(4);
    world.connect_only_to_one_another("PABC");
    world.hide_connections("C");
    world.run_with_blocks(600, "PABC");
    world.assert_never_bad("PABC");
}

#[test]
fn a_daemon_that_stops_answering_may_still_be_the_others_way_to_the_outside() {
    let mut world = World::new(4);
    world.connect_only_to_one_another("PABC");
    world.connect("B", 3, 4);
    world.run(11);
    world.set("B", Hangs);
    world.run_with_blocks(600, "PABC");
    world.assert_never_bad("PAC");
}

#[test]
fn without_the_one_that_had_peers_outside_the_others_are_isolated() {
    let mut world = World::new(4);
    world.connect_only_to_one_another("PABC");
    world.connect("B", 3, 4);
    world.run(11);
    world.set("B", Refuses);
    world.connect_only_to_one_another("PAC");
    world.run_with_blocks(90, "PAC");
    assert_eq!(world.verdicts("PAC"), "isolated isolated isolated");
}

#[test]
fn a_daemon_of_another_network_is_nobody_s_peer() {
    let mut world = World::new(4);
    world.move_to_other_network('C');
    world.connect("PABC", 3, 3);
    world.run_with_blocks(600, "PABC");
    world.assert_never_bad("PAB");
}

#[test]
fn two_names_of_one_daemon_are_one_peer() {
    let mut world = World::new(4);
    world.place('P', "127.0.0.1:11898");
    world.place('A', "127.0.0.1:11898");
    world.connect("PABC", 3, 3);
    world.run_with_blocks(600, "PABC");
    world.assert_never_bad("PABC");
    world.connect("PABC", 2, 2);
    world.run_with_blocks(90, "PABC");
    assert_eq!(world.verdicts("PABC"), "isolated isolated isolated isolated");
}

#[test]
fn a_private_network_may_be_isolated_from_all_others() {
    let mut world = World::new(4);
    world.rules_mut(|rules| rules.min_outside_peers = 0);
    world.connect_only_to_one_another("PABC");
    world.run_with_blocks(600, "PABC");
    world.connect("PABC", 0, 0);
    world.run_with_blocks(60, "PABC");
    world.assert_never_bad("PABC");
}

#[test]
fn counts_that_do_not_fit_for_one_round_end_no_isolation() {
    let mut world = World::new(4);
    world.connect_only_to_one_another("PABC");
    world.run_with_blocks(80, "PABC");
    for _ in 0..20 {
        // A connection has ended between the polls of its two daemons.
        world.connect("A", 2, 3);
        world.run(5);
        world.connect("PABC", 2, 2);
        world.run(15);
        assert_eq!(world.verdicts("PABC"), "isolated isolated isolated isolated");
    }
}

#[test]
fn one_proof_of_a_peer_outside_in_two_block_targets_is_enough() {
    let mut world = World::new(4);
    for _ in 0..20 {
        world.connect_only_to_one_another("PABC");
        world.run_with_blocks(54, "PABC");
        world.connect("A", 2, 3);
        world.run(5);
    }
    world.assert_never_bad("PABC");
}

#[test]
fn daemons_left_behind_together_without_a_peer_outside_are_isolated() {
    let mut world = World::settled(5);
    world.connect_only_to_one_another("CD");
    world.mine("PAB", 1);
    world.run(11);
    world.assert_never_bad("PABCD");
    world.run(10);
    assert_eq!(world.verdicts("PABCD"), "healthy healthy healthy isolated isolated");
}

#[test]
fn a_side_that_is_cut_off_stays_isolated_while_one_of_it_does_not_answer() {
    let mut world = World::settled(7);
    world.connect_only_to_one_another("ABCDE");
    for block in 0..20 {
        world.mine("PF", 1);
        world.mine("ABCDE", 1);
        world.set("E", if block % 2 == 0 { Answers } else { Hangs });
        world.run(30);
        assert_eq!(world.in_use(), 'P');
    }
    assert_eq!(world.verdicts("ABCD"), "isolated isolated isolated isolated");
    assert_eq!(world.ever('A'), ["isolated"]);
}

#[test]
fn where_no_side_of_a_fork_proves_a_peer_outside_the_vote_decides() {
    let mut world = World::settled(5);
    world.connect_only_to_one_another("PA");
    world.connect_only_to_one_another("BCD");
    world.mine("PA", 3);
    world.mine("BCD", 3);
    world.run(16);
    assert_eq!(world.verdicts("PABCD"), "forked forked healthy healthy healthy");
    world.run_with_blocks(60, "BCD");
    assert_eq!(world.verdicts("BCD"), "isolated isolated isolated");
}

#[test]
fn a_daemon_is_outdated_once_the_head_has_reached_an_upgrade_that_it_does_not_know() {
    let mut world = World::settled(4);
    world.announce_upgrade("P", 1_003, 900);
    world.mine("PABC", 2);
    world.run(10);
    assert_eq!((world.verdict('P'), world.in_use()), ("healthy", 'P'));
    world.mine("PABC", 1);
    world.run(5);
    assert_eq!((world.verdicts("PABC").as_str(), world.in_use()), ("outdated healthy healthy healthy", 'A'));
    assert_eq!(world.votes(), (4, 4), "the round that found it");
    world.run(5);
    assert_eq!(world.votes(), (3, 3));
    world.upgrade_software("P");
    world.run(11);
    assert_eq!(world.verdict('P'), "healthy");
}

#[test]
fn outdated_daemons_do_not_outvote_those_that_know_the_upgrade() {
    let mut world = World::settled_best(5);
    world.announce_upgrade("PAB", 1_000, 900);
    world.run(10);
    world.mine("PAB", 3);
    world.mine("CD", 3);
    world.run_with_blocks(120, "CD");
    assert_eq!(world.verdicts("PABCD"), "outdated outdated outdated healthy healthy");
    assert_eq!((world.votes(), world.in_use()), ((2, 2), 'C'));
}

#[test]
fn an_upgrade_that_no_daemon_knows_tells_nobody_apart() {
    let mut world = World::settled(4);
    world.announce_upgrade("PABC", 1_001, 900);
    world.run_with_blocks(300, "PABC");
    assert_eq!(world.verdicts("PABC"), "healthy healthy healthy healthy");
    assert_eq!((world.mode(), world.in_use(), world.switches.len()), (Mode::Multi, 'P', 0));
}

#[test]
fn outdated_daemons_stay_so_when_nobody_is_left_who_knows_the_upgrade() {
    let mut world = World::settled(4);
    world.announce_upgrade("PAB", 1_001, 900);
    world.run_with_blocks(60, "PABC");
    assert_eq!(world.verdicts("PABC"), "outdated outdated outdated healthy");
    world.set("C", Refuses);
    world.run_with_blocks(300, "PAB");
    assert_eq!(world.verdicts("PAB"), "outdated outdated outdated");
    assert_eq!((world.mode(), world.in_use()), (Mode::Single, 'P'));
}

#[test]
fn a_daemon_that_announces_a_fantastic_upgrade_or_height_makes_nobody_else_outdated() {
    let mut world = World::settled(4);
    world.announce_upgrade("A", 1, 0);
    world.announce_upgrade("PBC", 2_000, 900);
    world.lie('A', 5_000);
    world.run_with_blocks(120, "PABC");
    world.assert_never_bad("PBC");
}

#[test]
fn lists_of_connections_tell_apart_who_has_a_peer_outside_and_who_has_not() {
    let mut world = World::new(4);
    // By their counts, C might as well be connected to the others: nothing is proven.
    world.list_connections(&["PA", "AP", "PB", "BP", "AB", "BA", "Cx", "xC"]);
    world.run_with_blocks(90, "PABC");
    assert_eq!(world.verdicts("PABC"), "isolated isolated isolated healthy");
    world.assert_never_bad("C");
}

#[test]
fn a_network_so_small_that_counts_prove_nothing_is_not_isolated_where_lists_show_a_peer_outside() {
    let mut world = World::new(4);
    world.list_connections(&["PA", "AB", "BC", "Cx", "xC", "BP"]);
    world.run_with_blocks(600, "PABC");
    world.assert_never_bad("PABC");
    assert!(world.lists_asked('P') <= 600 / 12, "{} times", world.lists_asked('P'));
}

#[test]
fn connections_are_not_asked_for_where_counts_are_proof() {
    let mut world = World::new(4);
    world.list_connections(&[
        "Pa", "Pb", "Pc", "Pd", "aA", "bA", "cA", "dA", "Ba", "Bb", "Bc", "Bd", "Ca", "Cb", "Cc", "Cd",
    ]);
    world.run_with_blocks(120, "PABC");
    assert_eq!("PABC".chars().map(|name| world.lists_asked(name)).sum::<usize>(), 0);
}

#[test]
fn a_side_of_a_fork_is_cut_off_where_its_lists_show_nobody_else() {
    let mut world = World::settled(4);
    world.list_connections(&["AB", "BA", "BC", "CB", "AC", "CA", "Px", "xP"]);
    for _ in 0..4 {
        world.mine("P", 1);
        world.mine("ABC", 1);
        world.run(30);
        assert_eq!(world.in_use(), 'P');
    }
    assert_eq!(world.verdicts("PABC"), "healthy isolated isolated isolated");
}

#[test]
fn a_list_from_before_connections_ended_proves_nothing() {
    let mut world = World::settled(4);
    let inside = ["AB", "BA", "BC", "CB", "AC", "CA"];
    world.list_connections(&[&inside[..], &["Px", "xP", "Ax", "xB"]].concat());
    world.run_with_blocks(36, "PABC");
    world.assert_never_bad("PABC");
    world.list_connections(&[&inside[..], &["Px", "xP"]].concat());
    world.mine("P", 2);
    world.mine("ABC", 3);
    world.run(30);
    assert_eq!((world.verdict('P'), world.in_use(), world.switches.len()), ("healthy", 'P', 0));
    assert_eq!(world.verdicts("ABC"), "isolated isolated isolated");
}
