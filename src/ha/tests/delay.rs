use super::*;

#[test]
fn delays_grow_to_a_minute_and_begin_anew_after_a_connection_that_held() {
    let mut delay = Delay::default();
    let whole = [1, 2, 4, 8, 16, 32, 60, 60, 60];
    for seconds in whole {
        let next = delay.after(Duration::ZERO).as_secs_f64();
        assert!((seconds as f64 / 2.0..=seconds as f64).contains(&next), "{next} is not about {seconds}");
    }
    assert!(delay.after(Duration::from_secs(61)) <= SHORTEST);
}

#[test]
fn two_delays_are_hardly_ever_the_same() {
    let first = || Delay::default().after(Duration::ZERO);
    assert!((0..10).any(|_| first() != first()));
}
