//! Short runs of the simulator: what has to hold for any seed.

mod simulator;

use simulator::{
    climate::Climate,
    policies::Policy,
    run::{Outcome, play},
    score::Requests,
    seconds,
    table::table,
    world::Grade,
};

#[test]
fn equal_seeds_give_equal_outcomes_and_others_do_not() {
    let times = |seed| Policy::ALL.map(|policy| play(&Climate::harsh(), seed, 2).of(policy).time);
    assert_eq!(times(1), times(1));
    assert_ne!(times(1), times(2));
}

#[test]
fn every_moment_of_every_world_is_scored_once() {
    let outcome = play(&Climate::harsh(), 3, 3);
    for policy in Policy::ALL {
        let tally = outcome.of(policy);
        assert_eq!(tally.total(), 3 * Climate::harsh().length, "{}", policy.name());
        let lost: u64 = tally.lost_to.iter().sum::<u64>() + tally.without;
        assert_eq!(lost, tally.total() - tally.best(), "{}", policy.name());
    }
}

#[test]
fn nobody_is_better_than_the_oracle() {
    let outcome = play(&Climate::harsh(), 5, 5);
    let oracle = outcome.of(Policy::Oracle);
    for policy in Policy::ALL {
        assert!(outcome.of(policy).best() <= oracle.best(), "{}", policy.name());
    }
    assert!(oracle.time[Grade::Nothing as usize] <= outcome.of(Policy::PrimaryAlone).time[Grade::Nothing as usize]);
}

#[test]
fn equal_seeds_give_equal_tables_and_others_do_not() {
    let text = |seed| table(&play(&Climate::harsh(), seed, 2), &Climate::harsh());
    assert_eq!(text(4), text(4));
    assert_ne!(requests(&play(&Climate::harsh(), 4, 2)), requests(&play(&Climate::harsh(), 6, 2)));
}

#[test]
fn a_template_is_asked_for_at_each_whole_second() {
    let outcome = play(&Climate::harsh(), 7, 2);
    for requests in requests(&outcome) {
        assert_eq!(requests.asked, 2 * Climate::harsh().length / 1_000);
        assert!(requests.found > 0 && requests.without_work < requests.asked, "{requests:?}");
    }
}

/// The oracle asks the one daemon that takes a block and tells the network. Whoever does not know that can do no better, unless it asks again.
#[test]
fn where_daemons_stay_in_the_network_the_project_loses_no_block_that_the_oracle_does_not_lose() {
    let outcome = play(&Climate::connected(), 8, WORLDS);
    let lost = |policy| outcome.of(policy).requests.lost_needlessly;
    assert_eq!(lost(Policy::FallbackBest), 0);
    assert!(lost(Policy::PrimaryAlone) > 0 && lost(Policy::HaProxy) > 0, "{:?}", requests(&outcome));
    assert!(lost(Policy::FallbackPrimary) <= lost(Policy::PrimaryAlone));
}

/// In hours as they are; in harsh worlds a daemon that wakes up late may still get a block from its peers at the moment it is offered it.
#[test]
fn the_project_damages_no_database_and_whoever_offers_a_block_to_all_at_once_does() {
    let hours = Climate { length: seconds(28_800), between_finds: seconds(150), ..Climate::week() };
    assert_eq!(damaged(&hours, 1), [0, 0]);
    let planted = damaged(&Climate { offers_to_all: true, ..hours }, 1);
    assert!(planted.iter().all(|count| *count > 20), "{planted:?}");

    let harsh = damaged(&Climate::harsh(), WORLDS);
    let planted = damaged(&Climate { offers_to_all: true, ..Climate::harsh() }, WORLDS);
    assert!(harsh.iter().zip(planted).all(|(ours, planted)| 20 * ours < planted), "{harsh:?} beside {planted:?}");
}

/// By this project's policies.
fn damaged(climate: &Climate, worlds: u64) -> [u64; 2] {
    let outcome = play(climate, 9, worlds);
    [Policy::FallbackPrimary, Policy::FallbackBest].map(|policy| outcome.of(policy).requests.damaged)
}

#[test]
fn the_gateway_gets_work_where_the_daemon_in_use_gives_none() {
    let outcome = play(&Climate::harsh(), 10, WORLDS);
    let without = |policy| outcome.of(policy).requests.without_work;
    assert!(without(Policy::FallbackBest) < without(Policy::NaiveMajority), "{:?}", requests(&outcome));
    assert!(without(Policy::FallbackPrimary) < without(Policy::PrimaryAlone), "{:?}", requests(&outcome));
    assert!(
        Policy::ALL.into_iter().all(|policy| without(Policy::Oracle) <= without(policy)),
        "{:?}",
        requests(&outcome)
    );
}

fn requests(outcome: &Outcome) -> [Requests; 6] {
    Policy::ALL.map(|policy| outcome.of(policy).requests)
}

/// As many as show every kind of loss, in a build that is not optimised too.
const WORLDS: u64 = 12;

/// Few worlds, so the limits are wider than what thousands of them reach.
#[test]
#[cfg_attr(debug_assertions, ignore = "takes an optimised build: cargo test --profile simulation")]
fn harsh_worlds_cost_little_more_than_the_oracle_s() {
    let outcome = play(&Climate::harsh(), 11, 400);
    let [alone, primary, best, oracle] = shares(&outcome);
    assert!(best >= 0.945 * oracle, "{best} of {oracle}");
    assert!(primary > alone + 0.05, "{primary} beside {alone}");
    assert!(best > outcome.of(Policy::NaiveMajority).best() as f64 / outcome.of(Policy::NaiveMajority).total() as f64);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "takes an optimised build: cargo test --profile simulation")]
fn weeks_cost_hardly_more_than_the_oracle_s_and_never_more_than_the_primary_alone() {
    let outcome = play(&Climate::week(), 12, 8);
    let [alone, primary, best, oracle] = shares(&outcome);
    assert!(best >= 0.999 * oracle, "{best} of {oracle}");
    assert!(primary >= alone, "{primary} beside {alone}");
}

fn shares(outcome: &Outcome) -> [f64; 4] {
    let policies = [Policy::PrimaryAlone, Policy::FallbackPrimary, Policy::FallbackBest, Policy::Oracle];
    policies.map(|policy| outcome.of(policy).best() as f64 / outcome.of(policy).total() as f64)
}
