use super::*;

const SECOND: Duration = Duration::from_secs(1);
const MILLISECOND: Duration = Duration::from_millis(1);

/// One that has been refused at this moment, with this pause from then on.
fn refused(now: Instant, pause: Duration) -> Pace {
    let mut pace = Pace::default();
    pace.refuse(now, now, Some(pause), true);
    pace
}

fn wait(pace: &Pace, now: Instant) -> Duration {
    pace.wait_of_request(now)
}

#[test]
fn nobody_waits_before_a_refusal() {
    let (mut pace, now) = (Pace::default(), Instant::now());
    for turn in [Turn::Patient, Turn::Due, Turn::Request, Turn::Offer] {
        assert_eq!(pace.take(now, turn), Ok(()));
    }
    assert_eq!((pace.is_slow(), wait(&pace, now)), (false, Duration::ZERO));
}

#[test]
fn a_limit_of_a_request_a_second_is_found_in_three_refusals() {
    let (mut pace, mut now) = (Pace::default(), Instant::now());
    let mut last = now - SECOND;
    let mut refusals = 0;
    for _ in 0..20 {
        now += wait(&pace, now).max(MILLISECOND);
        assert_eq!(pace.take(now, Turn::Request), Ok(()));
        if now - last < SECOND {
            refusals += 1;
            pace.refuse(now, now, None, true);
        } else {
            last = now;
        }
    }
    assert_eq!((refusals, pace.gap()), (3, SECOND));
}

#[test]
fn refusals_of_what_left_together_count_once() {
    let (mut pace, now) = (Pace::default(), Instant::now());
    for _ in 0..4 {
        assert_eq!(pace.take(now, Turn::Request), Ok(()));
    }
    for after in 1..5 {
        pace.refuse(now, now + after * MILLISECOND, None, true);
    }
    assert_eq!(pace.gap(), SHORTEST);
}

#[test]
fn what_leaves_out_of_turn_and_is_refused_makes_nobody_slower() {
    let now = Instant::now();
    let mut pace = refused(now, SECOND);
    assert!(pace.force(now + 500 * MILLISECOND));
    pace.refuse(now + 500 * MILLISECOND, now + 501 * MILLISECOND, None, true);
    assert_eq!((pace.gap(), wait(&pace, now + 501 * MILLISECOND)), (SECOND, SECOND));
}

#[test]
fn what_is_told_is_kept_to() {
    let (mut pace, now) = (Pace::default(), Instant::now());
    pace.refuse(now, now, Some(2 * SECOND), true);
    assert_eq!((pace.gap(), wait(&pace, now)), (2 * SECOND, 2 * SECOND));
    // A long rest is taken once, and is no pace.
    pace.refuse(now, now, Some(30 * SECOND), true);
    assert_eq!((pace.gap(), wait(&pace, now)), (4 * SECOND, 30 * SECOND));
    pace.refuse(now, now, Some(Duration::MAX), true);
    assert_eq!((pace.gap(), wait(&pace, now)), (5 * SECOND, 60 * SECOND));
    pace.refuse(now, now, Some(Duration::ZERO), true);
    assert_eq!(wait(&pace, now), 5 * SECOND);
}

#[test]
fn what_may_be_a_daemon_that_is_gone_is_asked_every_second() {
    let (mut pace, now) = (Pace::default(), Instant::now());
    for _ in 0..10 {
        pace.refuse(now, now, None, false);
    }
    assert_eq!(wait(&pace, now), SECOND);
}

#[test]
fn a_poll_leaves_turns_to_requests_while_there_are_any_and_it_has_time() {
    let now = Instant::now();
    let mut pace = refused(now, SECOND);
    assert_eq!(pace.take(now + SECOND, Turn::Patient), Ok(()), "nobody else wants it");
    assert!(pace.take(now + SECOND, Turn::Request).is_err());
    let next = now + 2 * SECOND + SECOND / MARGIN;
    assert_eq!(pace.take(next, Turn::Patient), Err(SECOND / 2));
    assert_eq!(pace.take(next, Turn::Request), Ok(()));
}

#[test]
fn a_poll_that_has_waited_takes_the_next_turn_whoever_else_wants_it() {
    let now = Instant::now();
    let mut pace = refused(now, SECOND);
    assert_eq!(pace.take(now, Turn::Due), Err(SECOND));
    let next = now + SECOND;
    assert_eq!(pace.take(next, Turn::Request), Err(SECOND));
    assert_eq!(pace.take(next, Turn::Due), Ok(()));
    let next = next + SECOND + SECOND / MARGIN;
    assert_eq!(pace.take(next, Turn::Request), Ok(()), "it was one turn");
}

#[test]
fn a_poll_that_does_not_come_back_keeps_nobody_out() {
    let now = Instant::now();
    let mut pace = refused(now, SECOND);
    pace.claim(now);
    assert!(pace.take(now + SECOND, Turn::Request).is_err());
    assert_eq!(pace.take(now + CLAIM_KEPT, Turn::Request), Ok(()));
}

#[test]
fn an_offer_of_a_block_takes_the_next_turn_before_all_others() {
    let now = Instant::now();
    let mut pace = refused(now, SECOND);
    pace.claim(now);
    assert_eq!(pace.take(now, Turn::Offer), Err(SECOND));
    for turn in [Turn::Patient, Turn::Due, Turn::Request] {
        assert!(pace.take(now + SECOND, turn).is_err());
    }
    assert!(!pace.force(now + SECOND), "a look would take its turn");
    assert_eq!(pace.take(now + SECOND, Turn::Offer), Ok(()));
    assert_eq!(pace.take(now + 3 * SECOND, Turn::Due), Ok(()));
}

#[test]
fn an_offer_that_leaves_out_of_turn_lets_looks_leave_after_it() {
    let now = Instant::now();
    let mut pace = refused(now, SECOND);
    assert_eq!(pace.take(now, Turn::Offer), Err(SECOND));
    pace.force_offer(now);
    assert!(pace.force(now), "no offer waits any more");
    pace.refuse(now, now, None, true);
    assert_eq!(pace.gap(), SECOND, "that it is refused says nothing of the pace");
}

#[test]
fn after_ten_minutes_without_a_refusal_nobody_waits() {
    let (mut pace, now) = (Pace::default(), Instant::now());
    pace.refuse(now, now, None, true);
    assert_eq!(pace.take(now + 599 * SECOND, Turn::Request), Ok(()));
    assert!(pace.is_slow());
    assert_eq!(pace.take(now + 600 * SECOND, Turn::Request), Ok(()));
    assert!(!pace.is_slow());
}
