use super::*;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn of(durations: impl IntoIterator<Item = u64>) -> Estimate {
    let mut estimate = Estimate::default();
    durations.into_iter().for_each(|duration| estimate.note(ms(duration), 64));
    estimate
}

#[test]
fn few_durations_show_no_habit() {
    assert_eq!((of([1; 7]).usual(), of([1; 7]).limit(2, ms(0), ms(2_000))), (None, ms(2_000)));
    assert_eq!(of([1; 8]).usual(), Some(ms(1)));
}

#[test]
fn a_steady_duration_has_twice_its_time_and_one_that_varies_has_more() {
    let steady = of([100; 200]).limit(2, ms(0), ms(2_000));
    assert!((ms(200)..ms(201)).contains(&steady), "{steady:?}");
    let varies = of([50, 150].repeat(100)).limit(2, ms(0), ms(2_000));
    assert!(varies > ms(280), "{varies:?}");
}

#[test]
fn what_was_long_once_is_not_late_soon_after_and_is_forgotten_in_the_end() {
    let after =
        |count: usize| of([1_u64; 100].into_iter().chain([400]).chain(vec![1; count])).limit(2, ms(0), ms(2_000));
    assert!(after(30) > ms(400));
    assert!(after(600) < ms(20), "{:?}", after(600));
}

#[test]
fn it_follows_what_becomes_longer_little_by_little() {
    let mut estimate = of([10; 50]);
    for duration in (10..1_900).step_by(3) {
        assert!(estimate.limit(2, ms(0), ms(2_000)) > ms(duration), "{duration}");
        estimate.note(ms(duration), 64);
    }
}
