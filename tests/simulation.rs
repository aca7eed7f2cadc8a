//! Short runs of the simulator: what has to hold for any seed.

mod simulator;

use simulator::{climate::Climate, policies::Policy, run::play, world::Grade};

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
