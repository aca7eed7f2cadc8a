use super::*;

const SECOND: Duration = Duration::from_secs(1);
const MILLISECOND: Duration = Duration::from_millis(1);

#[test]
fn nobody_waits_before_a_refusal() {
    let (mut pace, now) = (Pace::default(), Instant::now());
    pace.sent(now);
    assert_eq!((pace.is_slow(), pace.wait(now)), (false, Duration::ZERO));
}

#[test]
fn a_limit_of_a_request_a_second_is_found_in_three_refusals() {
    let (mut pace, mut now) = (Pace::default(), Instant::now());
    let mut last = now - SECOND;
    let mut refusals = 0;
    for _ in 0..20 {
        now += pace.wait(now).max(MILLISECOND);
        pace.sent(now);
        if now - last < SECOND {
            refusals += 1;
            pace.refuse(now, None, true);
        } else {
            last = now;
        }
    }
    assert_eq!((refusals, pace.gap()), (3, SECOND));
}

#[test]
fn what_is_told_is_kept_to() {
    let (mut pace, now) = (Pace::default(), Instant::now());
    pace.refuse(now, Some(2 * SECOND), true);
    assert_eq!((pace.gap(), pace.wait(now)), (2 * SECOND, 2 * SECOND));
    // A long rest is taken once, and is no pace.
    pace.refuse(now, Some(30 * SECOND), true);
    assert_eq!((pace.gap(), pace.wait(now)), (4 * SECOND, 30 * SECOND));
    pace.refuse(now, Some(Duration::MAX), true);
    assert_eq!((pace.gap(), pace.wait(now)), (5 * SECOND, 60 * SECOND));
    pace.refuse(now, Some(Duration::ZERO), true);
    assert_eq!(pace.wait(now), 5 * SECOND);
}

#[test]
fn what_may_be_a_daemon_that_is_gone_is_asked_every_second() {
    let (mut pace, now) = (Pace::default(), Instant::now());
    for _ in 0..10 {
        pace.refuse(now, None, false);
    }
    assert_eq!(pace.wait(now), SECOND);
}

#[test]
fn after_ten_minutes_without_a_refusal_nobody_waits() {
    let (mut pace, now) = (Pace::default(), Instant::now());
    pace.refuse(now, None, true);
    pace.sent(now + 599 * SECOND);
    assert!(pace.is_slow());
    pace.sent(now + 600 * SECOND);
    assert!(!pace.is_slow());
}
