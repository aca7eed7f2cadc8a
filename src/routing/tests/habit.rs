use super::*;
use crate::endpoint::Endpoint;

const MOST: Duration = Duration::from_millis(500);

fn daemon() -> Who {
    Endpoint { host: "a".into(), port: 1, tls: false }.into()
}

fn after(durations: impl IntoIterator<Item = u64>) -> Duration {
    let (mut habits, daemon) = (Habits::default(), daemon());
    durations.into_iter().for_each(|milliseconds| habits.note(&daemon, Duration::from_millis(milliseconds)));
    habits.slow_after(&daemon, MOST)
}

#[test]
fn slow_is_three_times_what_is_usual() {
    assert_eq!(after([40; 64]), Duration::from_millis(120));
}

#[test]
fn nobody_is_slow_within_50_ms_nor_quick_beyond_the_limit() {
    assert_eq!(after([1; 64]), NEVER_BEFORE);
    assert_eq!(after([400; 64]), MOST);
}

#[test]
fn few_answers_show_no_habit() {
    assert_eq!(after([1; FEWEST - 1]), MOST);
}

#[test]
fn a_few_slow_answers_are_no_habit_and_what_is_long_ago_is_forgotten() {
    assert_eq!(after((0..64).map(|count| if count < 3 { 400 } else { 20 })), Duration::from_millis(60));
    assert_eq!(after([400; 64].into_iter().chain([20; 64])), Duration::from_millis(60));
}
