//! What one daemon answered, judged as far as routing has to know it.

use bytes::Bytes;
use hyper::{Response, StatusCode, body::Incoming};

use super::{
    answer::Head,
    body::{self, LONGEST_READ, Reply, Unread},
    upstream::{Lease, UpstreamAnswer, words},
};
use crate::{
    routing::{
        NoWorkCause,
        call::{Call, Kind},
        reply::{Envelope, Outcome, Verdict, is_busy_status},
        template::Template,
    },
    words::text_of,
};

/// What came of asking one daemon.
pub(super) struct DaemonAnswer {
    pub(super) verdict: Verdict,
    pub(super) template: Option<Template>,
    /// The answer, where there is one that could be passed on.
    pub(super) answer: Option<Forwardable>,
    /// What is wrong, for people.
    pub(super) words: String,
}

/// An answer as it is passed on.
pub(super) struct Forwardable {
    pub(super) head: Head,
    /// What was read of it.
    pub(super) at_hand: Bytes,
    /// What still comes.
    pub(super) rest: Option<(Incoming, Lease)>,
}

impl DaemonAnswer {
    pub(super) fn lost(words: &str) -> Self {
        Self { verdict: Verdict::Lost, template: None, answer: None, words: words.into() }
    }

    /// It is not asked: it would refuse, and a refusal may count as a request.
    pub(super) fn turned_away() -> Self {
        let words = "it limits how often it may be asked, so this request was not sent to it".into();
        Self { verdict: Verdict::TurnedAway, template: None, answer: None, words }
    }

    /// What is passed on as it comes is judged by its head alone.
    pub(super) fn streamed(UpstreamAnswer { response, lease }: UpstreamAnswer, is_only: bool, is_head: bool) -> Self {
        let (head, body) = Head::of(response, is_head);
        let status = head.status.as_u16();
        let verdict = match status {
            _ if is_only => Verdict::Usable,
            _ if head.is_limit() => Verdict::TurnedAway,
            status if is_busy_status(status) => Verdict::Lacking(NoWorkCause::Busy),
            // A daemon that does not know it, or cannot.
            404 | 405 | 500..=599 => Verdict::Lacking(NoWorkCause::Error),
            _ => Verdict::Usable,
        };
        let answer = Forwardable { head, at_hand: Bytes::new(), rest: Some((body, lease)) };
        Self { verdict, template: None, answer: Some(answer), words: format!("HTTP status {status}") }
    }

    pub(super) async fn read(UpstreamAnswer { response, lease }: UpstreamAnswer, call: &Call, is_head: bool) -> Self {
        let (head, body) = Head::of(response, is_head);
        let (at_hand, rest) = match body::collect(body, LONGEST_READ).await {
            Ok(bytes) => {
                lease.end();
                (bytes, None)
            }
            Err(Unread::Broken(error)) => return Self::lost(&words(&error)),
            Err(Unread::Long(..)) if matches!(call.kind, Kind::Template) => {
                return Self::lost("it answered with more than 1 MiB");
            }
            Err(Unread::Long(bytes, body)) => (bytes, Some((body, lease))),
        };
        let body = match rest {
            None if is_head => Judged::Nothing,
            None => Judged::Whole(&at_hand),
            Some(_) => Judged::Long,
        };
        let (judged, template, words) = judge(call, head.status, body);
        let verdict = if head.is_limit() { Verdict::TurnedAway } else { judged };
        let answer = Some(Forwardable { head, at_hand, rest }).filter(|_| verdict != Verdict::Failure);
        Self { verdict, template, answer, words }
    }
}

/// What there is of an answer's body to judge it by.
#[derive(Debug, Clone, Copy)]
enum Judged<'a> {
    Whole(&'a [u8]),
    /// More than is looked at.
    Long,
    /// HEAD asks for none.
    Nothing,
}

/// What an answer is, the template in it, and what is wrong with it in words.
fn judge(call: &Call, status: StatusCode, body: Judged) -> (Verdict, Option<Template>, String) {
    let usable = (Verdict::Usable, None, String::new());
    match body {
        Judged::Long => usable,
        Judged::Nothing if status == StatusCode::OK => usable,
        Judged::Nothing => judge_status(call, status, b""),
        Judged::Whole(body) if status == StatusCode::OK => judge_body(call, body),
        Judged::Whole(body) => judge_status(call, status, body),
    }
}

fn judge_status(call: &Call, status: StatusCode, body: &[u8]) -> (Verdict, Option<Template>, String) {
    let words = format!("HTTP status {}", status.as_u16());
    match status.as_u16() {
        // A daemon that does not know the method, or something in front of it that does not let it through.
        404 | 405 => (Verdict::Lacking(NoWorkCause::Error), None, words),
        status if is_busy_status(status) => (Verdict::Lacking(NoWorkCause::Busy), None, words),
        500 if body.trim_ascii() == b"Core is busy" => (Verdict::Lacking(NoWorkCause::Busy), None, "busy".into()),
        _ if call.json_rpc || status.is_server_error() => (Verdict::Failure, None, words),
        _ => (Verdict::Usable, None, String::new()),
    }
}

fn judge_body(call: &Call, body: &[u8]) -> (Verdict, Option<Template>, String) {
    let none = |verdict, words: String| (verdict, None, words);
    let text = text_of(body);
    let is_batch = text.trim_ascii_start().starts_with('[');
    if is_batch && call.json_rpc && call.kind != Kind::Template {
        return none(Verdict::Usable, String::new());
    }
    match Envelope::of(&text) {
        None if call.kind == Kind::Transaction => none(Verdict::Usable, String::new()),
        None => none(Verdict::Failure, "its answer is not JSON".into()),
        Some(envelope) if call.json_rpc => judge_result(call, &envelope),
        Some(envelope) => match envelope.evasion() {
            Some(outcome) => none(Verdict::Lacking(outcome.lack()), outcome.words()),
            None => none(Verdict::Usable, String::new()),
        },
    }
}

fn judge_result(call: &Call, envelope: &Envelope) -> (Verdict, Option<Template>, String) {
    let outcome = envelope.outcome();
    match &outcome {
        Outcome::Result if call.kind == Kind::Template => match usable_template(call, envelope) {
            Some(template) => (Verdict::Usable, Some(template), String::new()),
            None => (Verdict::Lacking(NoWorkCause::Empty), None, "it gave an empty template".into()),
        },
        Outcome::Result if call.wants_header && !envelope.has_header() => {
            (Verdict::Lacking(NoWorkCause::Empty), None, "it gave no header".into())
        }
        Outcome::Result => (Verdict::Usable, None, String::new()),
        outcome if outcome.is_refusal() => (Verdict::Refusal, None, String::new()),
        outcome => (Verdict::Lacking(outcome.lack()), None, outcome.words()),
    }
}

fn usable_template(call: &Call, envelope: &Envelope) -> Option<Template> {
    envelope.template().filter(|template| template.has_room_for(call.reserve_size))
}

impl Forwardable {
    /// The answer for the client.
    pub(super) fn forward(self) -> Response<Reply> {
        let body = match self.rest {
            None => Reply::whole(self.at_hand),
            Some((body, lease)) => Reply::stream(self.at_hand, body, lease),
        };
        self.head.with(body)
    }
}
