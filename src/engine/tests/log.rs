use parking_lot::Mutex;
use tracing::{debug, dispatcher::with_default, error, info, info_span, warn};

use super::*;

#[test]
fn events_of_this_crate_from_info_up_reach_the_listener() {
    let said = Arc::new(Mutex::new(vec![]));
    let heard = said.clone();
    let listener = move |changes: &[Change]| {
        for change in changes {
            let Change::Log { severity, text } = change else { unreachable!() };
            heard.lock().push(format!("{severity}: {text}"));
        }
    };
    with_default(&to(Arc::new(listener)), || {
        let _span = info_span!("poll").entered();
        info!("{} has moved", "a.example:11898");
        warn!(attempts = 2, "no connection");
        error!("broken");
        debug!("a poll");
        info!(target: "hyper_util", "a connection");
    });
    assert_eq!(*said.lock(), ["info: a.example:11898 has moved", "warn: no connection attempts=2", "error: broken"]);
}
