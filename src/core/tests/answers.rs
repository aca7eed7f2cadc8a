use proptest::{collection::vec, prelude::*};

use super::*;

const P: DaemonId = DaemonId::PRIMARY;
const A: DaemonId = DaemonId(1);

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn answering(milliseconds: u64) -> Answers {
    let mut answers = Answers::new(2, &Rules::default());
    (0..20).for_each(|_| answers.answered(P, ms(milliseconds)));
    answers
}

#[test]
fn a_daemon_nearby_and_one_far_away_have_limits_of_their_own() {
    let mut answers = answering(2);
    (0..20).for_each(|_| answers.answered(A, ms(800)));
    assert_eq!(answers.limit(P), LEAST);
    assert!((ms(1_600)..ms(1_800)).contains(&answers.limit(A)), "{:?}", answers.limit(A));
}

#[test]
fn limits_that_are_reached_grow_up_to_the_configured_one_and_a_late_answer_counts() {
    let mut answers = answering(2);
    let mut fire = |_| {
        answers.late(P);
        answers.limit(P)
    };
    let limits: Vec<_> = (0..3).map(&mut fire).collect();
    assert_eq!(limits, [ms(2_000); 3]);
    answers.answered(P, ms(900));
    assert!(answers.limit(P) >= ms(1_800), "{:?}", answers.limit(P));
}

#[test]
fn a_daemon_that_pauses_with_each_block_soon_has_the_time_for_it() {
    let mut answers = answering(2);
    // A block every 30 s takes 1.1 s to add, in which nobody is answered; it is looked at once a second.
    let mut block = |_| {
        (0..30).for_each(|_| answers.answered(P, ms(2)));
        let is_late = answers.limit(P) < ms(1_100);
        if is_late {
            answers.late(P);
        }
        answers.answered(P, if is_late { ms(2) } else { ms(1_100) });
        is_late
    };
    let late: Vec<_> = (0..10).map(&mut block).collect();
    assert!(late[0] && !late[5..].contains(&true), "{late:?}");
}

#[test]
fn a_silence_of_several_tries_is_no_habit() {
    let mut answers = answering(2);
    (0..3).for_each(|_| answers.late(P));
    answers.answered(P, ms(2));
    assert_eq!(answers.limit(P), LEAST);
}

#[test]
fn who_answers_soon_is_looked_at_once_a_second_and_who_does_not_in_its_turns() {
    assert_eq!(answering(2).period(P), Some(ms(1_000)));
    assert_eq!(answering(60).period(P), Some(ms(3_000)));
    assert_eq!(answering(200).period(P), None);
    assert_eq!(answering(2).period(A), None);
}

#[test]
fn who_limits_how_often_it_is_asked_is_looked_at_in_its_turns() {
    let mut answers = answering(2);
    answers.spared(P);
    assert_eq!(answers.period(P), None);
}

proptest! {
    #[test]
    fn a_limit_is_within_its_bounds_and_a_slower_answer_never_makes_it_shorter(
        tries in vec(any_try(), 0..60), one in 0_u64..2_000, other in 0_u64..2_000,
    ) {
        let limit_after = |last: u64| {
            let mut answers = Answers::new(1, &Rules::default());
            tries.iter().copied().chain([Some(last)]).for_each(|it| note(&mut answers, P, it));
            answers.limit(P)
        };
        let (fast, slow) = (limit_after(one.min(other)), limit_after(one.max(other)));
        prop_assert!(LEAST <= fast && fast <= slow && slow <= Rules::default().timeout, "{fast:?} {slow:?}");
    }

    #[test]
    fn a_try_that_reached_its_limit_never_makes_the_next_one_shorter(tries in vec(any_try(), 0..60)) {
        let mut answers = Answers::new(1, &Rules::default());
        tries.into_iter().for_each(|it| note(&mut answers, P, it));
        let before = answers.limit(P);
        answers.late(P);
        prop_assert!(answers.limit(P) >= before);
    }

    #[test]
    fn what_one_daemon_does_changes_no_limit_of_another(mine in vec(any_try(), 60), its in vec(any_try(), 60)) {
        let (mut alone, mut both) = (Answers::new(2, &Rules::default()), Answers::new(2, &Rules::default()));
        for (mine, its) in mine.into_iter().zip(its) {
            note(&mut alone, P, mine);
            note(&mut both, P, mine);
            note(&mut both, A, its);
            prop_assert_eq!((alone.limit(P), alone.period(P)), (both.limit(P), both.period(P)));
        }
    }
}

/// How long an answer took; `None` for a try that reached its limit.
fn any_try() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![6 => (0_u64..100).prop_map(Some), 3 => (0_u64..2_000).prop_map(Some), 1 => Just(None)]
}

fn note(answers: &mut Answers, daemon: DaemonId, tried: Option<u64>) {
    match tried {
        Some(took) => answers.answered(daemon, ms(took)),
        None => answers.late(daemon),
    }
}
