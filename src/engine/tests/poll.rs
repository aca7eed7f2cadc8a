use super::*;

#[test]
fn polls_are_due_at_the_same_moments_whenever_the_last_one_was() {
    let began = Instant::now();
    let seconds = Duration::from_secs_f64;
    let schedule = Schedule::new(DaemonId(9), began, &Rules::default());
    assert_eq!((schedule.offset, schedule.interval), (seconds(0.01), seconds(5.0)));
    for (now, left) in [(0.01, 5.0), (0.51, 4.5), (5.0, 0.01), (5.01, 5.0), (12.01, 3.0), (0.0, 5.0)] {
        assert_eq!(schedule.left(began + seconds(now)), seconds(left), "at {now} s");
    }
}

#[test]
fn a_few_daemons_are_asked_at_once_and_many_within_a_tenth_of_the_interval() {
    let offset = |id| Schedule::new(DaemonId(id), Instant::now(), &Rules::default()).offset.as_millis();
    assert_eq!([0, 7, 8, 399, 400, 1_000, usize::MAX].map(offset), [0, 0, 10, 490, 0, 250, 450]);
}
