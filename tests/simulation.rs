//! Short runs of the simulator: what has to hold for any seed.

mod simulator;

use simulator::{
    climate::{Class, Climate},
    daemon::Rpc,
    dice::Dice,
    json::json,
    policies::Policy,
    run::{Outcome, play},
    score::{Played, Requests, Score},
    seconds,
    table::table,
    world::{Grade, World},
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

/// Worlds of a hundred seconds. In the first one `best` has 30 s less than the primary alone, in the second one 20 s more.
#[test]
fn better_worlds_add_to_what_is_gained_and_worse_ones_to_what_is_lost() {
    let mut outcome = Outcome::new(1, 2);
    outcome.add_world(0, &by_hand(0, 30));
    outcome.add_world(1, &by_hand(20, 0));
    let against = outcome.against(Policy::FallbackBest);
    assert_eq!((against.time.gained, against.time.lost), (seconds(20), seconds(30)));
    assert_eq!(against.time.ratio(), Some(20.0 / 30.0));
    assert_eq!((against.work.gained, against.work.lost), (seconds(2), seconds(3)));
    assert_eq!(outcome.against(Policy::PrimaryAlone).time, Default::default());
    assert_eq!(outcome.against(Policy::PrimaryAlone).time.ratio(), None);
}

#[test]
fn the_worst_worlds_are_told_by_what_ailed_the_daemon_in_use_at_the_moments_lost() {
    let mut outcome = Outcome::new(1, 20);
    (0..20).for_each(|number| outcome.add_world(number, &by_hand(0, number + 1)));
    let worst = &outcome.against(Policy::FallbackBest).worst;
    let told: Vec<_> = worst.iter().map(|world| (world.number, world.lost)).collect();
    assert_eq!(told, (10..20).rev().map(|number| (number, seconds(number + 1))).collect::<Vec<_>>());
    let [(cause, time)] = worst[0].causes[..] else { panic!("{:?}", worst[0].causes) };
    let label = "the one in use hangs, the primary is in order again (crash); elsewhere: height liar";
    assert_eq!((format!("{cause}").as_str(), time), (label, seconds(20)));

    assert!(table(&outcome, &Climate::harsh()).contains(label), "{}", table(&outcome, &Climate::harsh()));
    let json = &json(&outcome)["policies"]["fallback-best"];
    assert_eq!((json["gainedSeconds"].as_f64(), json["lostSeconds"].as_f64()), (Some(0.0), Some(210.0)));
    assert_eq!(json["worstWorlds"][0]["causes"][0]["cause"], label);
}

/// A world in which the primary is down for so many seconds at first, and later hangs the daemon that `best` uses. Of ten templates missed, one is asked for.
fn by_hand(primary: u64, best: u64) -> Played {
    let mut world = World::new(&Climate::harsh(), &Dice::new(1));
    let mut score = Score::new(false);
    score.choose(Policy::FallbackBest, Some(1));
    world.grades[0] = Grade::Nothing;
    world.daemons[0].rpc_fault = Some(Class::Crash);
    score.advance(&world, seconds(primary));
    world.grades[0] = Grade::Best;
    (world.daemons[0].rpc_fault, world.daemons[0].last_fault) = (None, Some(Class::Crash));
    world.grades[1] = Grade::Nothing;
    (world.daemons[1].rpc, world.daemons[1].rpc_fault) = (Rpc::Silent, Some(Class::Hang));
    world.daemons[2].chain_fault = Some(Class::HeightLiar);
    score.advance(&world, seconds(primary + best));
    world.grades[1] = Grade::Best;
    score.advance(&world, seconds(100));
    for policy in Policy::ALL {
        score.requests(policy).asked = 10;
    }
    score.requests(Policy::PrimaryAlone).without_work = primary / 10;
    score.requests(Policy::FallbackBest).without_work = best / 10;
    score.finish()
}

#[test]
fn worlds_with_regions_are_late_where_others_are_not_and_the_same_for_a_seed() {
    let late = |climate: &Climate| {
        let outcome = play(climate, 13, 2);
        Policy::ALL.map(|policy| outcome.of(policy).lost_to[Class::Far as usize])
    };
    let short = Climate { length: seconds(900), ..Climate::regions() };
    assert!(late(&short).iter().sum::<u64>() > 0);
    assert_eq!(late(&short), late(&short));
    assert_eq!(late(&Climate { geography: None, ..short }), [0; Policy::ALL.len()]);
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
    assert!(work_of_oracle(&outcome) >= 0.965, "{:?}", requests(&outcome));
    assert!(primary > alone + 0.05, "{primary} beside {alone}");
    assert!(best > outcome.of(Policy::NaiveMajority).best() as f64 / outcome.of(Policy::NaiveMajority).total() as f64);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "takes an optimised build: cargo test --profile simulation")]
fn weeks_cost_hardly_more_than_the_oracle_s_and_never_more_than_the_primary_alone() {
    let outcome = play(&Climate::week(), 12, 8);
    let [alone, primary, best, oracle] = shares(&outcome);
    assert!(best >= 0.999 * oracle, "{best} of {oracle}");
    assert!(work_of_oracle(&outcome) >= 0.9993, "{:?}", requests(&outcome));
    assert!(primary >= alone, "{primary} beside {alone}");
}

fn work_of_oracle(outcome: &Outcome) -> f64 {
    outcome.of(Policy::FallbackBest).requests.working() / outcome.of(Policy::Oracle).requests.working()
}

fn shares(outcome: &Outcome) -> [f64; 4] {
    let policies = [Policy::PrimaryAlone, Policy::FallbackPrimary, Policy::FallbackBest, Policy::Oracle];
    policies.map(|policy| outcome.of(policy).best() as f64 / outcome.of(policy).total() as f64)
}
