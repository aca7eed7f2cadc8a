//! What holds of every request that is no block, whatever the daemons do.

use std::collections::HashSet;

use proptest::prelude::*;
use turtle_pool_multi_daemon::routing::{Learnt, NoWorkCause, route::Route};

use crate::{
    cases,
    errands::{alone, errand, never_alone, template},
    passage::{Answer, End, Plan, Reply, Request, Story, Turn, number, play, who},
    world::Ms,
};

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn whoever_asks_is_answered_with_what_was_heard(plan in errand()) {
        let story = play(&plan);
        match &story.end {
            Some(End { passed: Some(index), .. }) => {
                let heard = story.asks[*index].heard;
                prop_assert!(heard.is_some_and(|it| it.reply.speaks()), "{story:?}");
            }
            Some(End { passed: None, .. }) => {
                prop_assert!(story.heard().iter().all(|(_, answer)| !answer.reply.speaks()), "{story:?}");
            }
            // For ever is as long as the client likes: only where nobody else may be asked, and that one says nothing.
            None => {
                prop_assert!(is_unlimited(&plan, &story), "{story:?}");
                prop_assert!(story.asks.iter().any(|ask| ask.heard.is_none()), "{story:?}");
            }
        }
    }

    #[test]
    fn it_ends_in_time_unless_nobody_else_may_be_asked(plan in errand()) {
        prop_assume!(plan.request != Request::Other);
        let story = play(&plan);
        for wait in story.waits.iter().filter(|wait| !wait.scene.alone) {
            prop_assert!(wait.until.is_some_and(|until| until <= wait.at + LONGEST), "{wait:?} in {story:?}");
        }
        // Each of the four that are asked has a minute at most, from when on the chart lets others be asked.
        let limit = story.last_alone.unwrap_or(0) + MOST_ASKED as Ms * LONGEST + STALE_PATIENCE;
        prop_assert!(story.end.as_ref().is_none_or(|end| end.at <= limit), "{story:?}");
    }

    #[test]
    fn never_alone_it_always_ends(plan in never_alone()) {
        prop_assume!(plan.request != Request::Other);
        let story = play(&plan);
        let end = story.end.as_ref();
        prop_assert!(end.is_some_and(|end| end.at <= story.last_ask() + LONGEST + STALE_PATIENCE), "{story:?}");
    }

    #[test]
    fn no_wait_is_without_a_purpose(plan in errand()) {
        let story = play(&plan);
        for wait in &story.waits {
            prop_assert!(wait.until.is_none_or(|until| until > wait.at), "{wait:?} in {story:?}");
        }
    }

    #[test]
    fn whoever_is_alone_in_use_is_asked_at_once(plan in errand()) {
        prop_assume!(plan.request != Request::Other);
        let story = play(&plan);
        for wait in story.waits.iter().filter(|wait| wait.scene.alone) {
            prop_assert!(!wait.scene.has_another, "{wait:?} in {story:?}");
        }
    }

    #[test]
    fn few_are_asked_each_once_and_two_at_a_time_unless_both_hang(plan in errand()) {
        let story = play(&plan);
        let asked: HashSet<_> = story.asks.iter().map(|ask| ask.to).collect();
        prop_assert_eq!(asked.len(), story.asks.len(), "{:?}", story);
        prop_assert!(story.asks.iter().skip(MOST_ASKED).all(|ask| ask.alone), "{story:?}");
        prop_assert_eq!(story.asks[0].to, plan.in_use);
        for ask in &story.asks[1..] {
            let both_hang = || ask.at >= story.asks[1].at + CROWDED_AFTER;
            prop_assert!((ask.hopeful_others <= 1 || ask.alone || both_hang()) && ask.may_stand_in, "{ask:?} in {story:?}");
        }
    }

    #[test]
    fn a_second_one_is_asked_only_when_the_first_is_slow(plan in errand()) {
        let story = play(&plan);
        for (index, ask) in story.asks.iter().enumerate().skip(1).filter(|(_, ask)| ask.hopeful_others == 1 && !ask.alone) {
            let is_slow = story.asks[..index].iter().any(|before| before.slow_at.is_some_and(|at| ask.at >= at));
            prop_assert!(is_slow, "{ask:?} in {story:?}");
        }
    }

    #[test]
    fn a_slow_one_is_joined_in_time(plan in errand()) {
        prop_assume!(plan.request != Request::Other);
        let story = play(&plan);
        for wait in story.waits.iter().filter(|wait| wait.scene.has_another && !wait.scene.alone) {
            let (&[one], true) = (&*wait.scene.hopeful, wait.scene.asked < MOST_ASKED) else { continue };
            let slow_at = story.asks[one].slow_at.unwrap_or(Ms::MAX);
            prop_assert!(wait.until.is_some_and(|until| until <= slow_at), "{wait:?} in {story:?}");
        }
    }

    #[test]
    fn alone_the_daemon_in_use_is_asked_as_if_nobody_stood_between(plan in alone()) {
        let story = play(&plan);
        prop_assert_eq!(story.asks.len(), 1);
        prop_assert_eq!((story.asks[0].to, story.asks[0].at), (0, 0));
        match (plan.daemons[0].says, &story.end) {
            (Some((took, reply)), Some(end)) => {
                prop_assert_eq!(end.at, took);
                prop_assert_eq!(end.passed, Some(0).filter(|_| reply.speaks()));
            }
            (says, end) => prop_assert!(says.is_none() && end.is_none(), "{story:?}"),
        }
    }

    #[test]
    fn before_the_first_round_ends_only_what_fails_waits_for_it_and_not_for_long(plan in alone()) {
        let story = play(&Plan { ready: false, ..plan.clone() });
        prop_assert_eq!(story.asks.len(), 1);
        let Some((took, reply)) = plan.daemons[0].says else { return Ok(()) };
        let end = story.end.as_ref().expect("an end");
        let is_good = matches!(reply, Reply::Gives { .. } | Reply::Refuses) && !is_stale(&story, 0);
        let limit = if is_good || plan.request == Request::Other { took } else { took.max(STARTING) };
        prop_assert!(end.at >= took && end.at <= limit, "{story:?}");
        prop_assert_eq!(end.passed, Some(0).filter(|_| reply.speaks()));
    }

    #[test]
    fn the_first_good_answer_is_passed_on_as_it_comes(plan in errand()) {
        let story = play(&plan);
        let heard = story.heard();
        let good = heard.iter().find(|(_, answer)| answer.is_usable() || answer.is_refusal());
        if let Some((index, answer)) = good {
            let end = story.end.as_ref().expect("an end");
            prop_assert_eq!((end.passed, end.at), (Some(*index), answer.at), "{:?}", story);
        }
        // Whoever gives what was asked for later has nothing to add.
        let late = story.asks.iter().filter(|ask| ask.heard.is_none());
        for ask in late {
            let due = plan.daemons[ask.to].says.map(|(took, _)| ask.at + took);
            let ended = story.end.as_ref().map(|end| end.at);
            prop_assert!(due.is_none_or(|due| ended.is_some_and(|ended| due >= ended)), "{ask:?} in {story:?}");
        }
    }

    #[test]
    fn an_old_template_is_passed_on_only_where_no_better_one_comes_and_then_the_newest(plan in template()) {
        let story = play(&plan);
        let Some(End { passed: Some(index), at, scene }) = &story.end else { return Ok(()) };
        let stale = || story.asks.iter().filter_map(|ask| ask.heard?.spare());
        let Some(passed) = story.asks[*index].heard.and_then(|answer| answer.spare()) else {
            let good = story.asks[*index].heard.is_some_and(|it| it.is_usable() || it.is_refusal());
            prop_assert!(good || stale().next().is_none(), "words, in the place of an old template: {story:?}");
            return Ok(());
        };
        prop_assert_eq!(stale().max(), Some(passed), "{:?}", story);
        let since = story.stale_since().expect("a spare");
        let has_waited = *at >= since + STALE_PATIENCE;
        let may_ask = scene.has_another && (story.asks.len() < MOST_ASKED || scene.alone);
        prop_assert!(has_waited || (scene.hopeful.is_empty() && !may_ask), "{story:?}");
        // Nor is it kept back for long: each of the others that are asked has half a second.
        if story.last_alone.is_none() {
            prop_assert!(*at <= since.max(story.last_ask()) + STALE_PATIENCE, "{story:?}");
        }
    }

    #[test]
    fn nobody_gives_up_while_somebody_may_still_be_asked_or_answer(plan in errand()) {
        prop_assume!(plan.request != Request::Other);
        let story = play(&plan);
        let Some(end) = &story.end else { return Ok(()) };
        let passed = end.passed.and_then(|index| story.asks[index].heard);
        if passed.is_some_and(|it| it.is_usable() || it.is_refusal()) {
            return Ok(());
        }
        let patience = if story.stale_since().is_some() { STALE_PATIENCE } else { LONGEST };
        let since = story.last_ask().max(story.stale_since().unwrap_or(0));
        let has_all_time = end.scene.alone && end.scene.waits_for_in_use;
        let is_late = !has_all_time && end.at >= since + patience;
        let may_ask = end.scene.has_another && (story.asks.len() < MOST_ASKED || end.scene.alone);
        prop_assert!(is_late || (end.scene.hopeful.is_empty() && !may_ask), "{story:?}");
        prop_assert!(is_late || end.scene.ready || end.at >= STARTING, "{story:?}");
        // Somebody who may have come when the others had long been waited for is asked all the same.
        prop_assert!(!may_ask || story.last_alone.is_none_or(|at| end.at >= at + patience), "{story:?}");
        let words = story.asks.iter().position(|ask| ask.heard.is_some_and(|it| it.reply.speaks()));
        prop_assert!(story.stale_since().is_some() || end.passed == words, "{story:?}");
    }

    #[test]
    fn once_others_may_be_asked_too_they_are_however_long_that_took(mut plan in alone(), at in 0..300_000u64) {
        prop_assume!(plan.request != Request::Other);
        (plan.daemons[0].says, plan.turns) = (None, vec![(at, Turn::Alone(false))]);
        let story = play(&plan);
        let is_slow = story.asks[0].slow_at.is_some_and(|slow_at| slow_at < at + LONGEST);
        let is_silent = plan.daemons[0].looks.is_there && plan.daemons[0].looks.is_silent;
        let others = plan.daemons[1..].iter().any(|nature| nature.looks.is_there && (nature.looks.is_sound || nature.looks.is_reserve));
        prop_assert_eq!(story.asks.len() > 1, others && (is_slow || is_silent), "{:?}", story);
    }

    #[test]
    fn what_is_no_read_is_asked_once(mut plan in errand()) {
        plan.request = Request::Other;
        let story = play(&plan);
        prop_assert_eq!(story.asks.len(), 1);
        let expected = plan.daemons[plan.in_use].says.map(|(took, reply)| (took, reply.speaks()));
        let ended = story.end.as_ref().map(|end| (end.at, end.passed == Some(0)));
        // It is given up where its daemon is silent and another one has come into use.
        let may_be_left = plan.turns.iter().any(|(_, turn)| matches!(turn, Turn::Use(_)));
        let is_given_up = ended.is_some_and(|(_, is_passed)| !is_passed);
        prop_assert!(ended == expected || (may_be_left && is_given_up), "{story:?}");
    }

    #[test]
    fn a_request_teaches_what_it_showed_and_no_more(plan in errand()) {
        let story = play(&plan);
        for lesson in &story.lessons {
            let is_shown = match lesson {
                Learnt::Failed(daemon) => is_failure(&story, number(daemon)),
                Learnt::Suspect(daemon) if plan.request == Request::Other => is_failure(&story, number(daemon)),
                Learnt::Suspect(daemon) => is_outrun(&story, number(daemon)),
                Learnt::Works(daemon) => plan.request == Request::Template && works(&story, number(daemon)),
                Learnt::NoWork { daemon, cause, witnessed } => {
                    let daemon = number(daemon);
                    let somebody_works = story.asks.iter().any(|ask| ask.to != daemon && works(&story, ask.to));
                    plan.request == Request::Template && lack(&story, daemon) == Some(*cause) && *witnessed == somebody_works
                }
                Learnt::Template(_) | Learnt::NoTemplate(_) | Learnt::Blocks(_) => false,
            };
            prop_assert!(is_shown, "{lesson:?} in {story:?}");
        }
        let mut told = HashSet::new();
        prop_assert!(story.lessons.iter().all(|lesson| told.insert(format!("{lesson:?}"))), "{story:?}");
    }

    #[test]
    fn a_request_teaches_all_that_it_showed(plan in errand()) {
        let story = play(&plan);
        let taught = |wanted: &dyn Fn(&Learnt) -> bool| story.lessons.iter().any(wanted);
        let asked_for_work = plan.request == Request::Template;
        for daemon in story.asks.iter().map(|ask| ask.to) {
            let of = |it: &turtle_pool_multi_daemon::routing::Who| number(it) == daemon;
            let failed = taught(&|it| match it {
                Learnt::Failed(it) => plan.request != Request::Other && of(it),
                Learnt::Suspect(it) => plan.request == Request::Other && of(it),
                _ => false,
            });
            let gives = taught(&|it| matches!(it, Learnt::Works(it) if of(it)));
            let lacks = taught(&|it| matches!(it, Learnt::NoWork { daemon, .. } if of(daemon)));
            prop_assert_eq!(failed, is_failure(&story, daemon), "{:?}", story);
            prop_assert_eq!(gives, asked_for_work && works(&story, daemon), "{:?}", story);
            prop_assert_eq!(lacks, asked_for_work && lack(&story, daemon).is_some(), "{:?}", story);
        }
    }

    #[test]
    fn a_transaction_spreads_from_another_one_that_is_sound(plan in errand(), asked in 0..7usize) {
        let chart = crate::passage::chart(&plan);
        let also = Route::also(&plan.request.call(), &who(asked), &chart);
        let others = || plan.daemons.iter().enumerate().filter(|(it, nature)| *it != asked && nature.looks.is_there && nature.looks.is_sound);
        let may = plan.request == Request::Transaction && !plan.alone;
        prop_assert_eq!(also.is_some(), may && others().next().is_some());
        if let Some(also) = also.map(|also| number(&also)) {
            let best = others().find(|(_, nature)| nature.looks.is_on_head).or_else(|| others().next());
            prop_assert_eq!(Some(also), best.map(|(it, _)| it));
        }
    }
}

fn is_unlimited(plan: &Plan, story: &Story) -> bool {
    let ended_alone = story.waits.last().is_some_and(|wait| wait.scene.alone);
    plan.request == Request::Other || ended_alone
}

fn answer_of(story: &Story, daemon: usize) -> Option<Answer> {
    story.asks.iter().find(|ask| ask.to == daemon)?.heard
}

fn is_stale(story: &Story, daemon: usize) -> bool {
    answer_of(story, daemon).is_some_and(|answer| answer.is_stale)
}

fn is_failure(story: &Story, daemon: usize) -> bool {
    answer_of(story, daemon).is_some_and(|answer| matches!(answer.reply, Reply::Fails | Reply::IsLost))
}

fn works(story: &Story, daemon: usize) -> bool {
    answer_of(story, daemon).is_some_and(|answer| answer.is_usable())
}

/// Why a daemon gave no template that counts.
fn lack(story: &Story, daemon: usize) -> Option<NoWorkCause> {
    let answer = answer_of(story, daemon)?;
    match answer.reply {
        Reply::Gives { .. } if answer.is_stale && answer.head_was_old => Some(NoWorkCause::Stale),
        Reply::Lacks(cause) => Some(cause),
        Reply::Fails => Some(NoWorkCause::Error),
        Reply::Gives { .. } | Reply::Refuses | Reply::IsLost => None,
    }
}

/// Whether a daemon had had its time, and had not answered when another one's answer was passed on.
fn is_outrun(story: &Story, daemon: usize) -> bool {
    let ended = story.end.as_ref().map_or(Ms::MAX, |end| end.at);
    let ask = story.asks.iter().find(|ask| ask.to == daemon && ask.heard.is_none());
    story.asks.len() > 1 && ask.and_then(|ask| ask.slow_at).is_some_and(|slow_at| ended >= slow_at)
}

/// What route.rs says.
const MOST_ASKED: usize = 4;
const CROWDED_AFTER: Ms = 2_000;
const STARTING: Ms = 6_000;
const LONGEST: Ms = 60_000;
const STALE_PATIENCE: Ms = 500;
