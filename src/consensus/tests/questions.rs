use super::*;

#[test]
fn one_question_is_open_at_a_time() {
    let mut inquiry = Inquiry::default();
    let question = ask(&mut inquiry, 0).unwrap();
    assert_eq!(ask(&mut inquiry, 0), None);
    assert_eq!(inquiry.settle(at(0), &question, Some(HASH)), Some(HASH));
    assert_eq!(inquiry.settle(at(0), &question, Some(HASH)), None, "an answer counts once");
    assert!(ask(&mut inquiry, 0).is_some());
}

#[test]
fn sixty_questions_follow_one_another_at_once_and_then_two_a_second() {
    let mut inquiry = Inquiry::default();
    for (millis, count) in [(0, 60), (499, 0), (500, 1), (10_000, 19), (600_000, 60)] {
        assert_eq!(ask_until_refused(&mut inquiry, millis), count, "after {millis} ms");
    }
}

#[test]
fn a_daemon_without_a_usable_answer_has_more_and_more_rest() {
    let mut inquiry = Inquiry::default();
    let mut millis = 0;
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
        let question = ask(&mut inquiry, millis).unwrap();
        inquiry.settle(at(millis), &question, None);
        assert!(inquiry.is_silent());
        millis += pause * 1_000;
        assert_eq!(ask(&mut inquiry, millis - 1), None);
    }
}

#[test]
fn a_lost_answer_is_waited_for_three_time_limits_and_a_second() {
    let mut inquiry = Inquiry::default();
    let lost = ask(&mut inquiry, 0).unwrap();
    assert_eq!((ask(&mut inquiry, 7_000), inquiry.is_silent()), (None, false));
    assert_eq!((ask(&mut inquiry, 7_001), inquiry.is_silent()), (None, true));
    assert!(ask(&mut inquiry, 8_001).is_some());
    assert_eq!(inquiry.settle(at(8_002), &lost, Some(HASH)), None, "too late");
}

const HASH: BlockHash = BlockHash::new([1; 32]);

fn ask_until_refused(inquiry: &mut Inquiry, millis: u64) -> usize {
    let answered = |inquiry: &mut Inquiry| {
        let question = ask(inquiry, millis)?;
        inquiry.settle(at(millis), &question, Some(HASH))
    };
    std::iter::from_fn(|| answered(inquiry)).count()
}

fn ask(inquiry: &mut Inquiry, millis: u64) -> Option<Question> {
    inquiry.ask(at(millis), Wanted { daemon: DaemonId(0), height: Height::GENESIS }, &Rules::default())
}

fn at(millis: u64) -> Moment {
    Moment { elapsed: Duration::from_millis(millis), unix: Duration::ZERO }
}
