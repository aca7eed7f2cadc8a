use std::{
    future::pending,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};

use super::*;

const LAST: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// Knows one name at first, and then no answer comes for anything.
#[derive(Default)]
struct Once {
    lookups: AtomicUsize,
}

impl Lookup for Once {
    fn lookup(&self, host: String) -> Addresses {
        match self.lookups.fetch_add(1, SeqCst) {
            0 if host == "known" => Box::pin(async { Ok(vec![LAST]) }),
            _ => Box::pin(pending()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_was_known_is_not_waited_for() {
    let source = Arc::new(Once::default());
    let resolver = Resolver::new(source.clone());
    assert_eq!(resolver.resolve("known").await.unwrap(), [LAST]);
    let before = tokio::time::Instant::now();
    for _ in 0..100 {
        assert_eq!(resolver.resolve("known").await.unwrap(), [LAST]);
    }
    assert_eq!((before.elapsed(), source.lookups.load(SeqCst)), (100 * GRACE, 2), "one lookup is under way");
    assert!(!resolver.is_waiting("known"));
}

#[tokio::test(start_paused = true)]
async fn a_name_that_was_never_known_waits_for_itself_alone_and_not_for_ever() {
    let resolver = Resolver::new(Arc::new(Once::default()));
    let (known, hung) = tokio::join!(resolver.resolve("known"), resolver.resolve("hung"));
    assert_eq!(known.unwrap(), [LAST]);
    assert_eq!(hung.unwrap_err().to_string(), "no address for hung: no answer from a name server");
    assert!(resolver.is_waiting("hung"));
}

#[tokio::test]
async fn what_the_machine_lists_is_known_though_all_threads_wait() {
    let _all = LANES.quick.clone().acquire_many_owned(QUICK as u32).await.unwrap();
    let _slow = LANES.slow.clone().acquire_many_owned(SLOW as u32).await.unwrap();
    let addresses = timeout(Duration::from_secs(10), SystemLookup.lookup("localhost".into())).await;
    assert!(addresses.unwrap().unwrap().iter().all(IpAddr::is_loopback));
}

/// Blocks until its other end is dropped.
fn hung(
    until: &Arc<std::sync::Mutex<std::sync::mpsc::Receiver<()>>>,
) -> impl FnOnce(&str) -> io::Result<Vec<IpAddr>> + use<> {
    let until = until.clone();
    move |_| {
        // One waits for the end, and the others for that one.
        let _ = until.lock().unwrap().recv();
        Err(io::Error::from(io::ErrorKind::TimedOut))
    }
}

/// So many lookups that hang, and then one that does not, which has to end within this time.
async fn good_name_behind(hung_names: usize, lanes: &Lanes, limit: Duration) -> Result<Vec<IpAddr>, String> {
    let (release, until) = std::sync::mpsc::channel::<()>();
    let until = Arc::new(std::sync::Mutex::new(until));
    let others: Vec<_> = (0..hung_names)
        .map(|name| {
            let (lanes, look) = (lanes.clone(), hung(&until));
            tokio::spawn(async move { lanes.look_up(format!("hung{name}.test"), look).await })
        })
        .collect();
    tokio::task::yield_now().await;
    let good = timeout(limit, lanes.look_up("good.test".into(), |_| Ok(vec![LAST]))).await;
    drop(release);
    for other in others {
        assert!(other.await.unwrap().is_err());
    }
    good.map_err(|_| "nothing within the time".to_owned())?.map_err(|error| error.to_string())
}

#[tokio::test]
async fn lookups_that_hang_leave_their_places_to_names_that_answer() {
    let lanes = Lanes::new();
    assert_eq!(good_name_behind(2 * QUICK, &lanes, Duration::from_secs(60)).await, Ok(vec![LAST]));
    assert!(lanes.slow_names.lock().contains("hung0.test"));
    // All places are free again, once nobody is in them.
    let all = [(&lanes.quick, QUICK), (&lanes.overdue, OVERDUE), (&lanes.slow, SLOW)];
    for (lane, places) in all {
        let free = timeout(Duration::from_secs(60), lane.clone().acquire_many_owned(places as u32)).await;
        assert!(free.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn there_are_never_more_than_so_many_lookups() {
    let lanes = Lanes::new();
    let _taken = lanes.overdue.clone().acquire_many_owned(OVERDUE as u32).await.unwrap();
    let behind = good_name_behind(QUICK, &lanes, Duration::from_secs(60)).await;
    assert_eq!(behind, Err("nothing within the time".into()));
}

/// Knows nothing at first, and then the name.
#[derive(Default)]
struct Later(AtomicUsize);

impl Lookup for Later {
    fn lookup(&self, _: String) -> Addresses {
        match self.0.fetch_add(1, SeqCst) {
            0 => Box::pin(pending()),
            _ => Box::pin(async { Ok(vec![LAST]) }),
        }
    }
}

#[test]
fn a_lookup_that_ended_with_its_runtime_is_begun_anew() {
    let resolver = Resolver::new(Arc::new(Later::default()));
    let run = |wait| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async { timeout(wait, resolver.resolve("name")).await })
    };
    assert!(run(Duration::from_millis(1)).is_err());
    assert_eq!(run(Duration::from_secs(10)).unwrap().unwrap(), [LAST]);
}

#[test]
fn a_name_that_was_slow_has_a_lane_of_its_own_until_it_is_quick() {
    let lanes = &*LANES;
    lanes.note("slow.test".into(), SLOW_FROM);
    assert!(lanes.slow_names.lock().contains("slow.test"));
    lanes.note("slow.test".into(), Duration::ZERO);
    assert!(!lanes.slow_names.lock().contains("slow.test"));
}
