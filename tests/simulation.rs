//! Short runs of the simulator: what has to hold for any seed.

mod simulator;

use simulator::{
    climate::Climate,
    policies::Policy,
    run::{Outcome, play},
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
