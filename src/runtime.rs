//! The one tokio runtime of the process.

use std::{io, sync::OnceLock};

use parking_lot::Mutex;
use tokio::runtime::{Builder, Runtime};

/// The runtime, started at the first call and never shut down.
///
/// It has one worker: all its work is waiting for sockets. Name look-ups block, so they have threads of their own, which
/// exist only while one is under way; several, so that a hanging look-up holds up no other.
///
/// # Errors
///
/// Where the operating system gives no thread.
pub fn shared() -> io::Result<&'static Runtime> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    static STARTING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = STARTING.lock();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let started = Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(LOOKUP_THREADS)
        .thread_name("multi-daemon")
        .enable_all()
        .build()?;
    Ok(RUNTIME.get_or_init(|| started))
}

const LOOKUP_THREADS: usize = 4;
