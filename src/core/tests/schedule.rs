use super::*;
use crate::consensus::observation::FailureKind;

fn at(seconds: f64) -> Moment {
    let elapsed = Duration::from_secs_f64(seconds);
    Moment { elapsed, unix: elapsed }
}

/// One daemon, which has its verdict after so many failed tries.
struct One {
    schedule: Schedule,
    tries_to_verdict: u32,
}

impl One {
    fn new() -> Self {
        Self { schedule: Schedule::new(at(0.0), 1, &Rules::default()), tries_to_verdict: 2 }
    }

    /// The try that begins then, if one does.
    fn begin(&mut self, seconds: f64) -> Option<Try> {
        self.schedule.begin(at(seconds)).pop().map(|(_, begins)| begins)
    }

    fn answer(&mut self, seconds: f64) {
        let ended = self.schedule.end(at(seconds), DaemonId(0), Ok(Observation::of_busy()), self.tries_to_verdict);
        assert!(matches!(ended, Some(TryOutcome::Ended { report: Report::Answered(_), .. })), "{ended:?}");
    }

    /// How many tries have failed, where the poll has ended.
    fn fail(&mut self, seconds: f64) -> Option<u32> {
        let failure = Failure { kind: FailureKind::Refused, detail: String::new() };
        match self.schedule.end(at(seconds), DaemonId(0), Err(failure), self.tries_to_verdict).unwrap() {
            TryOutcome::Ended { report: Report::Failed { tries, .. }, .. } => Some(tries),
            TryOutcome::FirstFailed => None,
            other => panic!("{other:?}"),
        }
    }

    fn next_due(&self) -> Option<f64> {
        self.schedule.next_due().map(|due| due.as_secs_f64())
    }
}

#[test]
fn polls_are_due_at_the_same_moments_whenever_the_last_one_was() {
    for (ended, turn) in [(0.0, 5.0), (0.5, 5.0), (4.99, 5.0), (5.0, 10.0), (5.01, 10.0), (12.01, 15.0)] {
        let mut one = One::new();
        assert_eq!(one.begin(0.0), Some(Try::First));
        one.answer(ended);
        assert_eq!(one.next_due(), Some(turn), "after a poll that ended at {ended} s");
    }
}

#[test]
fn a_poll_that_a_limit_turns_away_tells_nothing_and_the_next_follows_within_a_second() {
    let mut one = One::new();
    assert!(one.schedule.spare(at(0.0), DaemonId(0)).is_none(), "nobody waits for it");
    one.begin(0.0);
    let ended = one.schedule.spare(at(0.1), DaemonId(0));
    assert!(matches!(ended, Some(TryOutcome::Ended { report: Report::Spared, .. })), "{ended:?}");
    assert_eq!((one.next_due(), one.begin(1.1)), (Some(1.1), Some(Try::First)));
    one.schedule.spare(at(4.9), DaemonId(0));
    assert_eq!(one.next_due(), Some(5.0), "its turn comes first");
}

#[test]
fn what_failed_before_a_limit_turned_the_second_try_away_still_counts() {
    let mut one = One::new();
    one.begin(0.0);
    assert_eq!(one.fail(0.1), None);
    assert_eq!(one.begin(0.35), Some(Try::Second));
    let ended = one.schedule.spare(at(0.4), DaemonId(0));
    assert!(matches!(ended, Some(TryOutcome::Ended { report: Report::Failed { tries: 1, .. }, .. })), "{ended:?}");
}

#[test]
fn a_few_daemons_are_asked_at_once_and_many_within_a_tenth_of_the_interval() {
    let offset = |place| offset(place, Duration::from_secs(5)).as_millis();
    assert_eq!([0, 7, 8, 399, 400, 1_000, usize::MAX].map(offset), [0, 0, 10, 490, 0, 250, 450]);
}

#[test]
fn turns_that_come_after_the_others_stay_so() {
    let mut schedule = Schedule::new(at(1.0), 9, &Rules::default());
    schedule.begin(at(1.0));
    assert_eq!(schedule.begin(at(1.01)), [(DaemonId(8), Try::First)]);
    schedule.end(at(1.2), DaemonId(8), Ok(Observation::of_busy()), 2);
    assert_eq!(schedule.next_due(), Some(Duration::from_millis(5_010)));
}

#[test]
fn a_try_that_fails_is_followed_by_a_second_one_a_quarter_of_a_second_later() {
    let mut one = One::new();
    one.begin(0.0);
    assert_eq!((one.begin(1.9), one.next_due()), (None, None));
    assert_eq!((one.fail(2.0), one.next_due()), (None, Some(2.25)));
    assert_eq!((one.begin(2.24), one.begin(2.25)), (None, Some(Try::Second)));
    assert_eq!((one.fail(2.25), one.next_due()), (Some(2), Some(5.0)));
}

#[test]
fn no_second_try_is_made_where_one_is_enough_for_a_verdict() {
    let mut one = One { tries_to_verdict: 1, ..One::new() };
    one.begin(0.0);
    assert_eq!(one.fail(0.0), Some(1));
}

#[test]
fn a_daemon_that_has_its_verdict_gets_a_second_try() {
    let mut one = One { tries_to_verdict: 0, ..One::new() };
    one.begin(0.0);
    assert_eq!(one.fail(0.0), None);
}

#[test]
fn a_request_that_failed_counts_as_a_try_unless_the_daemon_answers() {
    let mut one = One { tries_to_verdict: 3, ..One::new() };
    one.begin(0.0);
    one.schedule.suspect(DaemonId(0));
    one.answer(0.1);
    assert_eq!(one.begin(0.1), Some(Try::Called), "asked for while the first poll was under way");
    one.schedule.suspect(DaemonId(0));
    one.schedule.suspect(DaemonId(0));
    assert_eq!(one.fail(0.2), Some(3));
}

#[test]
fn however_often_it_is_said_that_a_daemon_is_down_it_counts_once() {
    let mut one = One::new();
    (0..5).for_each(|_| one.schedule.doubt(DaemonId(0)));
    one.begin(0.0);
    assert_eq!(one.fail(0.0), Some(2));
}

#[test]
fn a_poll_out_of_turn_does_not_move_the_turns() {
    let mut one = One::new();
    one.begin(0.0);
    one.answer(0.1);
    assert_eq!(one.begin(4.8), None);
    one.schedule.call(DaemonId(0));
    assert_eq!(one.begin(4.8), Some(Try::Called));
    one.answer(4.9);
    assert_eq!(one.begin(5.0), Some(Try::First));
}

#[test]
fn a_try_without_an_end_is_made_again_and_what_comes_of_it_later_is_nobodys() {
    let mut one = One::new();
    one.begin(0.0);
    one.schedule.restart(at(1.0), DaemonId(0));
    let late = one.schedule.end(at(1.0), DaemonId(0), Ok(Observation::of_busy()), 2);
    assert!(late.is_none());
    assert_eq!(one.begin(1.0), Some(Try::First));
}

#[test]
fn another_interval_counts_from_the_next_turn_on() {
    let mut one = One::new();
    one.begin(0.0);
    one.answer(0.1);
    let rules = Rules { polling_interval: Duration::from_secs(2), ..Rules::default() };
    let endpoint = [crate::endpoint::Endpoint { host: "a".into(), port: 1, tls: false }];
    one.schedule.reconfigure(at(0.5), &Remap::new(&endpoint, &endpoint), &rules);
    assert_eq!(one.next_due(), Some(2.0));
}
