//! A timer of the system's own: it rings once, some time after it was set.
//!
//! The event loop sets a timer of tokio's anew each time that it waits, which happens twice or more for a request. With one that is due within some
//! 100 ms that takes a microsecond or two of each wait; this one is set once each time that it has to ring.

use std::time::Duration;

use tokio::{sync::Notify, time::sleep};

/// Rings once, so long after it was set.
#[derive(Debug)]
pub(super) struct Alarm {
    after: Duration,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    #[cfg(all(target_os = "linux", not(test)))]
    System(system::Timer),
    /// Tokio's timer: where the system has none of its own, and in tests that let time pass.
    Tokio(Notify),
}

impl Alarm {
    /// One that rings so long after it is set.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    pub(super) fn new(after: Duration) -> Self {
        Self { after, kind: Kind::new() }
    }

    /// Sets it. To be done when it has not been set before, or has rung since.
    pub(super) fn set(&self) {
        match &self.kind {
            #[cfg(all(target_os = "linux", not(test)))]
            // It could be set when it was made.
            Kind::System(timer) => drop(timer.set(self.after)),
            Kind::Tokio(set) => set.notify_one(),
        }
    }

    /// Resolves when it rings.
    pub(super) async fn rings(&self) {
        match &self.kind {
            #[cfg(all(target_os = "linux", not(test)))]
            Kind::System(timer) => timer.rings(self.after).await,
            Kind::Tokio(set) => {
                set.notified().await;
                sleep(self.after).await;
            }
        }
    }
}

impl Kind {
    fn new() -> Self {
        #[cfg(all(target_os = "linux", not(test)))]
        if let Ok(timer) = system::Timer::new() {
            return Self::System(timer);
        }
        Self::Tokio(Notify::new())
    }
}

#[cfg(all(target_os = "linux", not(test)))]
mod system {
    use std::{io, os::fd::OwnedFd, time::Duration};

    use rustix::{
        io::read,
        time::{
            Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
        },
    };
    use tokio::{
        io::{Interest, unix::AsyncFd},
        time::sleep,
    };

    /// One of the kernel's timers, as a file that can be read once it has rung.
    #[derive(Debug)]
    pub(super) struct Timer(AsyncFd<OwnedFd>);

    impl Timer {
        #[allow(unsafe_code)]
        pub(super) fn new() -> io::Result<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let file = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            // SAFETY: an `OwnedFd` is the same open file for as long as it lives, which is as long as its registration.
            let timer = Self(unsafe { AsyncFd::register_with_interest(file, Interest::READABLE) }?);
            // With this time it never rings: only to know whether the system lets it be set, which a sandbox may not.
            timer.set(Duration::ZERO)?;
            Ok(timer)
        }

        pub(super) fn set(&self, after: Duration) -> io::Result<()> {
            let never = Timespec { tv_sec: 0, tv_nsec: 0 };
            let after = Timespec::try_from(after).unwrap_or(never);
            let once = Itimerspec { it_interval: never, it_value: after };
            timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &once)?;
            Ok(())
        }

        pub(super) async fn rings(&self, after: Duration) {
            match self.0.readable().await {
                Ok(mut ready) => {
                    let _ = read(self.0.get_ref(), &mut [0; 8]);
                    ready.clear_ready();
                }
                // The runtime is about to end; whoever waits must not spin until then.
                Err(_) => sleep(after).await,
            }
        }
    }
}
