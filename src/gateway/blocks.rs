//! Blocks that were found: offered as routing says, in tasks of their own, which go on when the client or the gateway ends.

use std::{collections::HashMap, sync::Arc, time::Duration};

use hyper::Response;
use parking_lot::Mutex;
use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        watch,
    },
    time::sleep_until,
};

use super::{
    answer::{self, Head, SERVER_ERROR},
    body::Reply,
    look, offer,
    request::Asking,
    shared::{Shared, unix_millis},
    siblings::{Siblings, Turn},
};
use crate::{
    consensus::block::{BlockHash, Height},
    routing::{
        Learnt, Who,
        blob::Marks,
        call::{Call, Ids},
        ledger::{EntryId, Ledger},
        offer::Said,
        sight::Sight,
        submission::{Answer, Order, Submission},
        traffic::Ending,
    },
};

/// The blocks that are under way, and the last ones.
#[derive(Default)]
pub(super) struct Blocks {
    /// By its hex digits in lower case: the same block may come in either.
    open: Mutex<HashMap<String, Open>>,
    siblings: Siblings,
    ledger: Mutex<Ledger>,
}

/// One that is under way, or was a moment ago.
#[derive(Debug, Clone)]
struct Open {
    /// Of the request that is offered: the daemons answer with it.
    ids: Ids,
    told: watch::Receiver<Option<Statement>>,
}

/// The answer to whoever submitted a block.
#[derive(Debug, Clone)]
enum Statement {
    /// A daemon's own words.
    Words(Head, bytes::Bytes),
    /// It is in the chain.
    Found,
    /// It came too late: this daemon has another block in its place.
    Replaced(Who, Option<Height>),
    /// It is not known, with the cause.
    Unknown(String),
}

/// What a task of a submission hears.
enum Event {
    Seen(Who, Sight, Option<Height>),
    Said(Who, Said, Option<(Head, bytes::Bytes)>),
}

/// Submits a block, and gives the answer for the client. The same block twice is one.
pub(super) async fn submit(shared: &Arc<Shared>, asking: Asking, call: &Call, blob: &str) -> Response<Reply> {
    let Some(Open { ids, mut told }) = open(shared, asking, call, blob) else {
        return answer::error(call, SERVER_ERROR, "submitblock: the gateway already offers as many blocks as it can");
    };
    let counted = shared.counted();
    let told = match told.wait_for(Option::is_some).await {
        Ok(told) => told.clone(),
        Err(_) => None,
    };
    counted.end(match told {
        Some(Statement::Words(..) | Statement::Found | Statement::Replaced(..)) => Ending::Answered,
        Some(Statement::Unknown(_)) | None => Ending::Failed,
    });
    match told {
        Some(Statement::Words(head, bytes)) if ids == call.ids => head.with(Reply::whole(bytes)),
        Some(Statement::Words(head, bytes)) => answer::with_own_id(head, bytes, call),
        Some(Statement::Found) => answer::accepted(call),
        Some(Statement::Replaced(daemon, height)) => {
            let height = height.map_or_else(|| "its height".into(), |height| format!("height {height}"));
            let message = format!("Block not accepted: it came too late, {daemon} has another block at {height}");
            answer::error(call, NOT_ACCEPTED, &message)
        }
        Some(Statement::Unknown(why)) => {
            answer::error(call, SERVER_ERROR, &format!("it is not known whether a daemon accepted the block: {why}"))
        }
        None => answer::error(
            call,
            SERVER_ERROR,
            "it is not known whether a daemon accepted the block: the offer ended without a result",
        ),
    }
}

impl Blocks {
    /// Whether there is one whose submitter, who may have left, has not been told what became of it.
    pub(super) fn are_pending(&self) -> bool {
        self.open.lock().values().any(|open| open.told.borrow().is_none())
    }
}

fn open(shared: &Arc<Shared>, asking: Asking, call: &Call, blob: &str) -> Option<Open> {
    let blob = blob.to_ascii_lowercase();
    let mut open = shared.blocks.open.lock();
    if let Some(known) = open.get(&blob) {
        return Some(known.clone());
    }
    if open.len() >= MOST {
        // What is over is only remembered.
        open.retain(|_, block| block.told.has_changed().is_ok());
        if open.len() >= MOST {
            return None;
        }
    }
    let (tell, told) = watch::channel(None);
    let opened = Open { ids: call.ids.clone(), told };
    open.insert(blob.clone(), opened.clone());
    let (shared, told) = (shared.clone(), opened.told.clone());
    tokio::spawn(async move {
        Drive::new(shared.clone(), asking, &blob, tell).run().await;
        tokio::time::sleep(REMEMBERED).await;
        let mut open = shared.blocks.open.lock();
        if open.get(&blob).is_some_and(|it| it.told.same_channel(&told)) {
            open.remove(&blob);
        }
    });
    Some(opened)
}

/// Looks again, with each new head, at the last blocks, until they lie deep; ends with the charts.
pub(super) async fn follow(shared: Arc<Shared>) {
    let mut charts = shared.charts();
    while charts.changed().await.is_ok() {
        let chart = charts.borrow_and_update().clone();
        shared.note_head(shared.now(), &chart);
        let is_news = shared.blocks.ledger.lock().place(&chart);
        if is_news {
            publish(&shared);
        }
        let due = shared.blocks.ledger.lock().due(&chart);
        for (id, height) in due {
            let Some(marks) = shared.blocks.ledger.lock().marks(id).cloned() else { continue };
            // One that does not answer would take as long for each of them, while the next chart waits; there is a next head.
            let Some(header) = look::header_at(&shared, &chart.in_use, height).await else { break };
            let sight = Sight::of(&header, &marks, Some(height));
            let is_news = shared.blocks.ledger.lock().look(id, sight, &chart);
            if is_news {
                publish(&shared);
            }
        }
    }
}

fn publish(shared: &Shared) {
    let fates = shared.blocks.ledger.lock().fates();
    shared.teach(Learnt::Blocks(fates));
}

/// One submission and its I/O.
struct Drive {
    shared: Arc<Shared>,
    asking: Arc<Asking>,
    submission: Submission,
    entry: EntryId,
    tell: watch::Sender<Option<Statement>>,
    /// The block that it builds on, where that is known.
    parent: Option<BlockHash>,
    /// Until its submitter is told what became of it.
    turn: Option<Turn>,
    /// The daemons' own words about it, the latest of each.
    words: Vec<(Who, Head, bytes::Bytes)>,
    events: UnboundedSender<Event>,
    heard: UnboundedReceiver<Event>,
}

impl Drive {
    fn new(shared: Arc<Shared>, asking: Asking, blob: &str, tell: watch::Sender<Option<Statement>>) -> Self {
        let submission = Submission::new(shared.now(), Marks::of(blob), &shared.chart());
        let promised = shared.work.lock().height_of(submission.marks());
        let entry = shared.blocks.ledger.lock().begin(unix_millis(), &submission, promised);
        let (events, heard) = unbounded_channel();
        let (asking, parent, turn, words) = (Arc::new(asking), None, None, vec![]);
        Self { shared, asking, submission, entry, tell, parent, turn, words, events, heard }
    }

    async fn run(mut self) {
        publish(&self.shared);
        self.wait_for_turn().await;
        let mut charts = self.shared.charts();
        loop {
            let chart = charts.borrow_and_update().clone();
            for order in self.submission.orders(self.shared.now(), &chart) {
                self.carry_out(order);
            }
            self.note();
            let Some(deadline) = self.submission.deadline(&chart) else { return };
            tokio::select! {
                Some(event) = self.heard.recv() => self.take(event),
                () = sleep_until(self.shared.instant(deadline)) => {}
                Ok(()) = charts.changed() => {}
            }
        }
    }

    /// Waits for what becomes of the pool's block on the same parent before this one, and begins anew after that. Where no other daemon may be asked,
    /// blocks go to the primary as they come.
    async fn wait_for_turn(&mut self) {
        let (marks, chart) = (self.submission.marks().clone(), self.shared.chart());
        let Some(parent) = marks.parent(|hash| chart.height_of(hash).is_some()) else { return };
        self.parent = Some(parent);
        let siblings = &self.shared.blocks.siblings;
        self.turn = if chart.alone { siblings.turn_if_free(parent) } else { siblings.turn(parent).await };
        let now = self.shared.now();
        self.submission = Submission::new(now, marks, &self.shared.chart());
        if siblings.is_late(parent, now) {
            self.submission.has_sibling(now);
        }
    }

    fn carry_out(&mut self, order: Order) {
        let (shared, events) = (self.shared.clone(), self.events.clone());
        match order {
            Order::Look(daemon) => {
                let (marks, height) = (self.submission.marks().clone(), self.submission.height());
                tokio::spawn(async move {
                    let (sight, parent) = look::look(&shared, &daemon, &marks, height).await;
                    drop(events.send(Event::Seen(daemon, sight, parent)));
                });
            }
            Order::Offer(daemon) => {
                let asking = self.asking.clone();
                tokio::spawn(async move {
                    let (said, words) = offer::offer(&shared, &daemon, &asking).await;
                    drop(events.send(Event::Said(daemon, said, words)));
                });
            }
            Order::Tell(answer) => self.answer(answer),
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Seen(daemon, sight, parent) => {
                parent.into_iter().for_each(|height| self.submission.learn_parent(height));
                self.submission.seen(self.shared.now(), &daemon, sight);
            }
            Event::Said(daemon, said, words) => {
                if matches!(said, Said::Unreached(_)) {
                    self.shared.teach(Learnt::Failed(daemon.clone()));
                }
                self.words.extend(words.map(|(head, bytes)| (daemon.clone(), head, bytes)));
                self.submission.heard(self.shared.now(), &daemon, said);
            }
        }
    }

    fn answer(&mut self, answer: Answer) {
        if let Some(parent) = self.parent.filter(|_| matches!(answer, Answer::Accepted(_) | Answer::Found)) {
            self.shared.blocks.siblings.note_accepted(parent, self.shared.now());
        }
        self.turn = None;
        let told = match answer {
            Answer::Found => Statement::Found,
            Answer::Unknown(why) => Statement::Unknown(why),
            Answer::Replaced(daemon) => Statement::Replaced(daemon, self.submission.height()),
            Answer::Accepted(daemon) => self.words_of(&daemon).unwrap_or(Statement::Found),
            Answer::Refused(daemon) => {
                self.words_of(&daemon).unwrap_or_else(|| Statement::Unknown(format!("{daemon} refused it")))
            }
        };
        self.tell.send_replace(Some(told));
    }

    fn words_of(&self, daemon: &Who) -> Option<Statement> {
        let said = self.words.iter().rev().find(|(who, ..)| who == daemon);
        said.map(|(_, head, bytes)| Statement::Words(head.clone(), bytes.clone()))
    }

    fn note(&self) {
        let is_news = self.shared.blocks.ledger.lock().note(self.entry, &self.submission);
        if is_news {
            publish(&self.shared);
        }
    }
}

/// Blocks under way at once; a pool finds one in minutes.
const MOST: usize = 4096;
/// For how long the same block is answered the same.
const REMEMBERED: Duration = Duration::from_secs(60);
/// What TurtleCoind and monerod say of a block that they do not take.
const NOT_ACCEPTED: i32 = -7;
