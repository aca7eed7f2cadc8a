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
