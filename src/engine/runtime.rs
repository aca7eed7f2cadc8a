//! The one tokio runtime of the process.

use std::{future::pending, io, sync::OnceLock, thread};

use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle};

/// The runtime, started at the first call and never shut down.
///
/// It has one thread, which it does not share work out to: all its work is waiting for sockets. Name look-ups block, and have
/// threads of their own (`net/resolver.rs`).
///
/// # Errors
///
/// Where the operating system gives no thread.
pub fn shared() -> io::Result<&'static Handle> {
    static RUNTIME: OnceLock<Handle> = OnceLock::new();
    static STARTING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = STARTING.lock();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let runtime = Builder::new_current_thread().max_blocking_threads(BLOCKING_THREADS).enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name(NAME.into()).spawn(move || runtime.block_on(pending::<()>()))?;
    Ok(RUNTIME.get_or_init(|| handle))
}

/// Nothing of ours blocks there.
const BLOCKING_THREADS: usize = 1;
const NAME: &str = "multi-daemon";
