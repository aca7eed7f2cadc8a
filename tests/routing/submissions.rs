//! What holds of every block that is found, whatever the daemons do.

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use turtle_pool_multi_daemon::routing::{offer::Said, sight::Sight, submission::Answer};

use crate::{
    cases,
    plans::{gentle, wild, wild_nature},
    story::{play, without_us},
    world::{Headers, Layout, Manner, Ms, Nature, Plan, Stands, Turn},
};

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_two_daemons_have_a_fresh_offer_at_once(plan in wild()) {
        let story = play(&plan);
        for (index, offer) in story.offers.iter().enumerate() {
            for before in &story.offers[..index] {
                prop_assert!(offer.at >= free_after(before, offer.at), "{before:?}, then {offer:?}");
            }
        }
    }

    #[test]
    fn whoever_found_it_is_told_once_and_in_time(plan in wild()) {
        let story = play(&plan);
        prop_assert_eq!(story.told.len(), 1, "{:?}", story);
        let was_alone = plan.alone || plan.turns.iter().any(|(_, turn)| *turn == Turn::Alone(true));
        let limit = if was_alone { ALONE + SLACK } else { LONGEST + SLACK };
        prop_assert!(story.told[0].at <= limit, "{:?}", story);
    }

    #[test]
    fn accepted_is_what_a_daemon_said_or_a_chain_shows(plan in wild()) {
        let story = play(&plan);
        for telling in &story.told {
            match &telling.answer {
                Answer::Accepted(_) => prop_assert!(!telling.said_ok.is_empty(), "{:?}", story),
                Answer::Found if plan.layout == Layout::Unknown => prop_assert!(telling.grown, "{:?}", story),
                // It may have been lost while the answer to the look was on its way.
                Answer::Found => prop_assert!(telling.was_in_a_chain, "{:?}", story),
                _ => {}
            }
        }
    }

    #[test]
    fn what_a_chain_on_the_branch_shows_is_not_told_as_refused_or_unknown(plan in wild()) {
        prop_assume!(plan.layout != Layout::Unknown);
        let story = play(&plan);
        for telling in story.told.iter().filter(|it| matches!(it.answer, Answer::Refused(_) | Answer::Replaced(_) | Answer::Unknown(_))) {
            let shown = telling.shown.iter().find(|(_, length)| *length >= SEEN_WITHIN);
            prop_assert_eq!(shown, None, "{:?}", story);
        }
    }

    #[test]
    fn refused_is_what_a_daemon_said(plan in wild()) {
        let story = play(&plan);
        if let Some(Answer::Refused(who)) = story.answer() {
            let refused = story.offers.iter().any(|offer| matches!(offer.said, Some((_, Said::Refused(_)))));
            prop_assert!(refused, "{who}: {story:?}");
        }
    }

    #[test]
    fn nobody_is_offered_it_who_has_another_block_in_its_place_or_may_be_getting_it(plan in wild()) {
        let story = play(&plan);
        for offer in &story.offers {
            let before = |(at, daemon, _): &&(Ms, usize, Sight)| *at <= offer.at && *daemon == offer.to;
            let latest = story.sights.iter().rev().find(before).map(|(_, _, sight)| *sight);
            prop_assert!(latest != Some(Sight::Other), "{offer:?}: {story:?}");
            let is_young = offer.rival.is_some_and(|rival| (rival..rival + SETTLING).contains(&offer.at));
            prop_assert!(offer.alone || !is_young, "{offer:?}: {story:?}");
        }
    }

    #[test]
    fn replaced_is_what_a_chain_shows_and_nobody_was_offered_it(plan in wild()) {
        let story = play(&plan);
        if let Some(Answer::Replaced(who)) = story.answer() {
            prop_assert!(story.sights.iter().any(|(_, _, sight)| *sight == Sight::Other), "{who}: {story:?}");
            prop_assert!(story.offers.is_empty(), "{who}: {story:?}");
        }
    }

    #[test]
    fn it_is_saved_where_one_daemon_stands_on_the_parent_and_takes_it(plan in with_a_good_one()) {
        let story = play(&plan);
        prop_assert!(story.was_in_a_chain, "{:?}", story);
        prop_assert!(story.is_accepted(), "{:?}", story);
    }

    #[test]
    fn nobody_is_damaged_where_nothing_takes_longer_than_offers_wait(plan in gentle()) {
        let story = play(&plan);
        prop_assert_eq!(story.damages, 0, "{:?}", story);
    }

    #[test]
    fn alone_it_is_no_worse_than_the_primary_without_us(mut plan in wild()) {
        (plan.alone, plan.in_use, plan.turns) = (true, 0, vec![]);
        let (said, _) = without_us(&plan);
        let story = play(&plan);
        if let Some((at, Said::Taken)) = said && at < ALONE {
            prop_assert!(story.is_accepted(), "{:?}", story);
            prop_assert!(story.told[0].at <= at, "{:?}", story);
        }
        for offer in story.offers.iter().filter(|offer| offer.to != 0) {
            prop_assert!(!offer.primary_has_it || plan.layout == Layout::Unknown, "{:?}", story);
        }
        let took = story.offers.iter().find_map(|offer| match &offer.said {
            Some((at, Said::Taken)) if offer.to == 0 => Some(*at),
            _ => None,
        });
        let after = |offer: &&crate::story::Offer| offer.to != 0 && took.is_some_and(|took| offer.at >= took);
        prop_assert!(story.offers.iter().find(after).is_none(), "{:?}", story);
    }

    #[test]
    fn it_ends_and_never_spins(plan in wild()) {
        let story = play(&plan);
        prop_assert_eq!(story.spins, 0, "{:?}", story);
        let daemons = plan.daemons.len();
        let most = if story.ended > 60_000 { 700 } else { 120 };
        prop_assert!(story.looks <= most * daemons, "{} looks, {} offers", story.looks, story.offers.len());
        prop_assert!(story.offers.len() <= 45 * daemons, "{} offers", story.offers.len());
        prop_assert!(story.steps <= 6 * most * daemons + 1_000, "{} steps", story.steps);
    }
}

/// From when on nobody else has an offer in hand: an answer ends it; without one it is given up after a while, and what came to an unclear end
/// is given the time to spread.
fn free_after(offer: &crate::story::Offer, now: Ms) -> Ms {
    match &offer.said {
        Some((at, Said::Taken)) if *at <= now => at + SPREADING,
        Some((at, Said::Unclear(_))) if *at <= now => at + SETTLING,
        Some((at, _)) if *at <= now => *at,
        _ => offer.at + GIVEN_UP,
    }
}

/// Wild worlds with one daemon that nothing is wrong with, wherever it stands in the list, and no other block in the place.
fn with_a_good_one() -> impl Strategy<Value = Plan> {
    let others = proptest::collection::vec(wild_nature(), 0..=3);
    (wild(), others, any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1..300u64, 0..500u64).prop_map(
        |(mut plan, mut daemons, place, in_use, latency, adds)| {
            let place = place.index(daemons.len() + 1);
            for daemon in &mut daemons {
                if matches!(daemon.stands, Stands::OnRival | Stands::AboveRival) {
                    daemon.stands = Stands::OnParent;
                }
            }
            daemons.insert(
                place,
                Nature {
                    is_turtle: false,
                    stands: Stands::OnParent,
                    latency,
                    slow: 0,
                    adds,
                    manner: Manner::Sound,
                    ills: vec![],
                    headers: Headers::Shown,
                    takes_blocks: true,
                    is_known: true,
                },
            );
            let there = daemons.len();
            let fits = |turn: &Turn| match turn {
                Turn::Use(daemon) | Turn::Comes(daemon) => *daemon < there,
                Turn::Leaves(daemon) => *daemon < there && *daemon != place,
                Turn::Alone(_) => false,
            };
            plan.turns.retain(|(_, turn)| fits(turn));
            let in_use = in_use.index(there);
            // Nobody sees that a block which cannot be read is nowhere.
            let lies = daemons.iter().any(|daemon| daemon.manner == Manner::Lies);
            let layout = if lies { Layout::Plain } else { plan.layout };
            Plan { daemons, in_use, alone: false, finds: vec![], layout, ..plan }
        },
    )
}

/// What submission.rs says.
const GIVEN_UP: Ms = 3_000;
const SETTLING: Ms = 2_000;
const SPREADING: Ms = 5_000;
const LONGEST: Ms = 30_000;
const ALONE: Ms = 300_000;
/// The last looks and the last offer may begin just before that.
const SLACK: Ms = 5_000;
/// A round of looks, the pause between two of them, and a round in which a daemon that has just come back is not waited for.
const SEEN_WITHIN: Ms = 4_000;

/// How the blocks of so many worlds end, beside the one offer that they would have without us.
#[test]
#[ignore = "numbers for people: run with --ignored --nocapture"]
fn numbers() {
    for (name, plans) in [
        ("gentle", gentle().boxed()),
        ("wild", wild().boxed()),
        (
            "wild, no slow adds",
            wild()
                .prop_map(|mut plan| {
                    plan.daemons.iter_mut().for_each(|it| it.adds = it.adds.min(1_000));
                    plan
                })
                .boxed(),
        ),
        ("good one", with_a_good_one().boxed()),
    ] {
        let mut runner =
            TestRunner::new_with_rng(ProptestConfig::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let cases = cases().cases;
        let mut sums = [0; 8];
        let mut worst = 0;
        for _ in 0..cases {
            let mut plan = plans.new_tree(&mut runner).unwrap().current();
            plan.turns.retain(|(_, turn)| !matches!(turn, Turn::Alone(_)));
            plan.alone = false;
            let story = play(&plan);
            let (said, world) = without_us(&plan);
            let show = std::env::var("SHOW").unwrap_or_default();
            if (show == "dmg" && story.damages > 0 && name == "wild, no slow adds")
                || (show == "lost" && name == "good one" && (!story.is_accepted() || story.holders.is_empty()))
            {
                let brief: Vec<_> = story
                    .offers
                    .iter()
                    .map(|o| {
                        (
                            o.to,
                            o.at,
                            o.said
                                .clone()
                                .map(|(at, said)| (at, format!("{said:?}").chars().take(12).collect::<String>())),
                        )
                    })
                    .collect();
                let who: Vec<_> = story
                    .damaged
                    .iter()
                    .map(|(d, at)| {
                        let n = &plan.daemons[*d];
                        format!("{d} at {at} slow {} adds {} {:?} {:?}", n.slow, n.adds, n.ills, n.manner)
                    })
                    .collect();
                let nat: Vec<_> = plan
                    .daemons
                    .iter()
                    .map(|n| {
                        format!(
                            "{:?} slow {} adds {} lat {} {:?} {:?} {:?} takes {} known {}",
                            n.stands,
                            n.slow,
                            n.adds,
                            n.latency,
                            n.manner,
                            n.ills,
                            n.headers,
                            n.takes_blocks,
                            n.is_known
                        )
                    })
                    .collect();
                println!(
                    "DMG {who:?}\n   {brief:?} told {} {:?}\n   {nat:#?} in use {} finds {:?} turns {:?} {:?} holders {:?}",
                    story.told[0].at,
                    story.answer(),
                    plan.in_use,
                    plan.finds,
                    plan.turns,
                    plan.layout,
                    story.holders
                );
            }
            worst = worst.max(story.told[0].at);
            let counts = [
                story.damages > 0,
                world.damages > 0,
                !story.holders.is_empty(),
                world.anybody_has(),
                story.is_accepted(),
                matches!(said, Some((_, Said::Taken))),
                story.is_accepted() && story.holders.is_empty(),
                !story.is_accepted() && !story.holders.is_empty(),
            ];
            (0..counts.len()).for_each(|it| sums[it] += usize::from(counts[it]));
        }
        println!(
            "{name}: {cases} worlds; with damage {} (without us {}); in a chain in the end {} ({}); accepted {} ({}); accepted and in none {}, in \
             one and not accepted {}; told within {worst} ms",
            sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7]
        );
    }
}
