//! What a daemon has told in a poll that could not be finished.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    dialect::{Header, Info, Which, first_question},
    turns::Turns,
};

/// What a daemon that limits how often it is asked has told so far: the next try goes on from there.
///
/// Of one that does not, nothing is kept here.
#[derive(Debug)]
pub(super) struct Unfinished {
    /// How often it may be asked, by whomever.
    pub(super) turns: Arc<Turns>,
    /// The status by which it said last that it was asked too often, and whether that cannot mean anything else.
    pub(super) limit: Option<(u16, bool)>,
    question: &'static str,
    met_web_page: bool,
    info: Option<(Instant, Info)>,
    tip: Option<(Instant, Header)>,
    headers: Vec<Header>,
}

impl Unfinished {
    /// Nothing yet, of a daemon that is asked in these turns.
    pub(super) fn new(turns: Arc<Turns>) -> Self {
        Self {
            turns,
            limit: None,
            question: first_question(),
            met_web_page: false,
            info: None,
            tip: None,
            headers: Vec::new(),
        }
    }

    /// Whether its last refusal can mean nothing but a limit: a proxy without a daemon may say the same as some do.
    pub(super) fn is_certain(&self) -> bool {
        self.limit.is_none_or(|(_, is_certain)| is_certain)
    }

    /// What to ask next to recognise it.
    pub(super) fn question(&self) -> &'static str {
        self.question
    }

    /// Takes in whether a question was answered with a web page.
    pub(super) fn note_web_page(&mut self, is_one: bool) {
        self.met_web_page |= is_one;
    }

    /// Whether one was, on the way to what is asked now.
    pub(super) fn met_web_page(&self) -> bool {
        self.met_web_page
    }

    /// What was asked last is not known there: this is next.
    pub(super) fn ask_next(&mut self, question: &'static str) {
        self.question = question;
    }

    /// Its info, while that is young enough to be told again instead of being asked for.
    pub(super) fn info(&self, now: Instant) -> Option<Info> {
        let (told, info) = self.info.as_ref().filter(|_| self.turns.are_slow())?;
        // A daemon that is busy is asked until it is not.
        (!info.busy && now.saturating_duration_since(*told) < INFO_KEPT).then(|| info.clone())
    }

    pub(super) fn keep_info(&mut self, now: Instant, info: &Info) {
        self.info = Some((now, info.clone()));
    }

    /// A header that was told in a try before.
    pub(super) fn header(&self, now: Instant, which: Which) -> Option<Header> {
        match which {
            Which::Last => {
                let (told, tip) = self.tip.as_ref()?;
                (now.saturating_duration_since(*told) < TIP_KEPT).then(|| tip.clone())
            }
            Which::Of(hash) => self.headers.iter().find(|header| header.hash == hash).cloned(),
            // The first block is remembered for good, elsewhere.
            Which::At(_) => None,
        }
    }

    pub(super) fn keep_header(&mut self, now: Instant, which: Which, header: &Header) {
        match which {
            Which::Last => self.tip = Some((now, header.clone())),
            Which::Of(_) => {
                self.headers.truncate(MOST_HEADERS - 1);
                self.headers.insert(0, header.clone());
            }
            Which::At(_) => {}
        }
    }

    /// The poll is over: the next one looks anew, at the blocks first of all.
    pub(super) fn end(&mut self) {
        (self.tip, self.headers) = (None, Vec::new());
        if !self.turns.are_slow() {
            self.info = None;
        }
    }

    /// Nothing is known of it any more, but how often it may be asked.
    pub(super) fn forget(&mut self) {
        *self = Self { limit: self.limit, ..Self::new(self.turns.clone()) };
    }
}

/// Its connections and what its peers claim may be so old.
const INFO_KEPT: Duration = Duration::from_secs(30);
/// Its tip may be so old when the blocks below it have been asked for one by one.
const TIP_KEPT: Duration = Duration::from_secs(10);
/// As many as a poll asks for where it may not ask often, and some.
const MOST_HEADERS: usize = 16;
