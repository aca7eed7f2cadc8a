use tokio::time::sleep;

use super::*;

/// Whoever waits is woken after its own time, and not by the others'.
#[tokio::test(start_paused = true)]
async fn everybody_waits_for_a_moment_of_their_own() {
    let ticks = Arc::<Ticks>::default();
    let began = Instant::now();
    let wait = async |millis| {
        ticks.reach(began + Duration::from_millis(millis)).await;
        u64::try_from(began.elapsed().as_millis()).unwrap()
    };
    let (soon, later, past) = tokio::join!(wait(50), wait(250), wait(0));
    assert!((50..=71).contains(&soon) && (250..=271).contains(&later) && past == 0, "{soon}, {later}, {past}");
}

#[tokio::test(start_paused = true)]
async fn it_rests_while_nobody_waits_and_goes_on_for_the_next() {
    let ticks = Arc::<Ticks>::default();
    for _ in 0..3 {
        drop(
            tokio::time::timeout(Duration::from_millis(30), ticks.reach(Instant::now() + Duration::from_secs(5))).await,
        );
        assert_eq!(ticks.waiting.load(Ordering::Acquire), 0);
        sleep(3 * TICK).await;
        assert!(!ticks.runs.load(Ordering::Acquire));
        let began = Instant::now();
        ticks.reach(began + Duration::from_millis(100)).await;
        assert!(began.elapsed() >= Duration::from_millis(100));
    }
}
