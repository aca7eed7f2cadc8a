//! What the code at the edges has to say besides its results.
//!
//! It says so with `tracing`, without knowing who hears it: a task that is given [what hears it](to) has its events reach the
//! listener of its engine, and so the pool's log. Only events of this crate, from `info` up: what happens once, never what
//! happens at every poll. Fields follow the message as `name=value`; spans are not told.

use std::{
    fmt::{self, Write},
    sync::Arc,
};

use tracing::{
    Dispatch, Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::status::{Change, Listener};

/// What has events reach a listener: `task.with_subscriber(log::to(listener))`.
pub fn to(listener: Arc<dyn Listener>) -> Dispatch {
    Dispatch::new(Log(listener))
}

struct Log(Arc<dyn Listener>);

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Other crates have their own words, and too many.
        *metadata.level() <= Level::INFO && metadata.target().starts_with(env!("CARGO_CRATE_NAME"))
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = String::new();
        event.record(&mut Text(&mut text));
        (self.0)(&[Change::Log { severity: severity(*event.metadata().level()), text }]);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// As the pools' logs call it.
fn severity(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        _ => "info",
    }
}

struct Text<'a>(&'a mut String);

impl Visit for Text<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
#[path = "tests/log.rs"]
mod tests;
