//! Keeps a task running.

use std::{future::Future, time::Duration};

use tokio::{task::JoinHandle, time::sleep};

/// Runs a task, starts it again whenever it panics, and reports each panic. The task ends with its supervisor.
pub async fn supervise<F>(start: impl Fn() -> F, panicked: impl Fn())
where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        let mut task = AbortOnDrop(tokio::spawn(start()));
        match (&mut task.0).await {
            Err(error) if error.is_panic() => panicked(),
            _ => return,
        }
        // Seldom if ever: no task has to have room for it.
        Box::pin(sleep(RESTART_AFTER)).await;
    }
}

/// Keeps a task that panics again and again from taking all the processor's time.
const RESTART_AFTER: Duration = Duration::from_secs(1);

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
