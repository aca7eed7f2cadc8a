//! What a request leaves to be done once its answer has left: nobody waits for that.

use std::sync::Arc;

use parking_lot::Mutex;

use super::{
    ask::{Errand, PROBE_LIMIT, PROBE_TURN, Patience, ask},
    request::Asking,
    round::Round,
    shared::Shared,
};
use crate::routing::{
    Learnt,
    call::{Call, Kind},
    reply::Verdict,
    route::Route,
};

/// A request that has its answer, and what it has shown.
pub(super) struct Aftermath {
    shared: Arc<Shared>,
    asking: Arc<Asking>,
    call: Arc<Call>,
    round: Box<Round>,
}

impl Aftermath {
    pub(super) fn new(shared: &Arc<Shared>, asking: Arc<Asking>, call: &Arc<Call>, round: Box<Round>) -> Self {
        Self { shared: shared.clone(), asking, call: call.clone(), round }
    }

    /// Takes in what the request has shown.
    fn take_in(self) {
        self.also();
        // What a daemon refuses as wrong tells nothing of whether others give work.
        let usable = self.round.passed().filter(|asked| asked.verdict == Verdict::Usable);
        if let Some(template) = usable.and_then(|asked| asked.template.as_ref()) {
            self.shared.work.lock().note(&self.asking, template);
        }
        let lesson = self.template_lesson();
        self.round.route.lessons().into_iter().chain(lesson).for_each(|lesson| self.shared.teach(lesson));
    }

    /// Spreads a transaction from a second daemon, unheard.
    fn also(&self) {
        let Some(first) = self.round.route.asked().last() else { return };
        let Some(daemon) = Route::also(&self.call, first, &self.shared.chart()) else { return };
        let patience = Patience { wait: PROBE_TURN, insists: false };
        let (asking, call) = (self.asking.clone(), self.call.clone());
        let ask = ask(self.shared.clone(), daemon, asking, call, patience, Errand::Client);
        tokio::spawn(tokio::time::timeout(PROBE_LIMIT, ask));
    }

    /// What a request for a template shows of whether anybody gives one; nothing where the request is wrong.
    fn template_lesson(&self) -> Option<Learnt> {
        if self.call.kind != Kind::Template {
            return None;
        }
        match self.round.passed() {
            Some(asked) if asked.template.is_some() => Some(Learnt::Template(Ok(()))),
            Some(asked) if asked.verdict == Verdict::Refusal => None,
            _ => Some(Learnt::Template(Err(self.round.said()))),
        }
    }
}

/// What the latest request on a connection has left to be done, if that has not been done yet.
#[derive(Default)]
pub(super) struct Afterwards(Mutex<Option<Aftermath>>);

impl Afterwards {
    /// To be done when the answer has left.
    pub(super) fn leave(&self, aftermath: Aftermath) {
        let before = self.0.lock().replace(aftermath);
        if let Some(before) = before {
            before.take_in();
        }
    }

    /// Does what is left to be done.
    pub(super) fn settle(&self) {
        let left = self.0.lock().take();
        if let Some(left) = left {
            left.take_in();
        }
    }
}

impl Drop for Afterwards {
    fn drop(&mut self) {
        self.settle();
    }
}
