use super::*;

#[test]
fn a_daemon_is_unsteady_after_as_many_failures_as_would_make_it_unresponsive_in_a_row() {
    let mut track = Track::new(false);
    assert_eq!(unsteady_after(&mut track, 0, Track::stumble), [false, false]);
    assert_eq!(unsteady_after(&mut track, 5, Track::stumble), [true, true]);
}

#[test]
fn what_fails_before_the_next_poll_is_one_failure() {
    let mut track = Track::new(false);
    for _ in 0..8 {
        track.stumble(at(0), &Rules::default());
    }
    assert!(!track.is_unsteady(at(0), &Rules::default()));
}

#[test]
fn hints_that_no_poll_proves_make_nobody_unsteady() {
    let mut track = Track::new(false);
    for second in 0..8 {
        assert_eq!(unsteady_after(&mut track, second, |track, _, _| track.doubt()), [false, false]);
    }
}

#[test]
fn a_poll_that_a_limit_turned_away_changes_nothing_but_that_rounds_go_on() {
    let (mut track, rules) = (Track::new(false), Rules::default());
    track.record(at(0), Report::Answered(Observation::of_busy()), &rules);
    track.renew();
    track.doubt();
    track.record(at(5), Report::Spared, &rules);
    assert_eq!((track.reported(), track.is_doubted(), track.failed_tries()), (true, true, 0));
    assert_eq!(track.latest().map(|latest| latest.at), Some(at(0)), "its view is no younger for it");
    assert_eq!(track.tally().failed, 0);
}

/// Whether it is unsteady before and after a good poll that follows.
fn unsteady_after(track: &mut Track, second: u64, happens: fn(&mut Track, Moment, &Rules)) -> [bool; 2] {
    let (now, rules) = (at(second), Rules::default());
    happens(track, now, &rules);
    let before = track.is_unsteady(now, &rules);
    track.record(now, Report::Answered(Observation::of_busy()), &rules);
    [before, track.is_unsteady(now, &rules)]
}

fn at(second: u64) -> Moment {
    Moment { elapsed: Duration::from_secs(second), unix: Duration::from_secs(1_700_000_000 + second) }
}
