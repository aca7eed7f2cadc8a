//! A reply as it comes over a connection, piece by piece. Pure: bytes in, a reply out as soon as it is whole.

use std::{str, time::Duration};

use http::HeaderValue;
use httparse::{EMPTY_HEADER, Header, Status};
use thiserror::Error;

use super::dialect::Reply;
use crate::words::into_text;

/// A reply of which not all has come yet.
#[derive(Debug)]
pub struct Response {
    /// What has come and is not taken in.
    bytes: Vec<u8>,
    part: Part,
    asides: Asides,
    max_body: usize,
}

/// A reply of which nothing is missing.
#[derive(Debug, PartialEq, Eq)]
pub struct Whole {
    /// What the daemon said.
    pub reply: Reply,
    /// Whether the connection is good for another request.
    pub reusable: bool,
    /// What its first lines say besides.
    pub asides: Asides,
}

/// What a reply's first lines say to who asks again.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Asides {
    /// How long to wait before asking again.
    pub retry_after: Option<Duration>,
    /// What the daemon wants to see before it lets a request in (RFC 7235).
    pub challenges: Vec<HeaderValue>,
}

/// Why something is no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Malformed {
    /// Its first lines are none of HTTP's.
    #[error("{0}")]
    Head(#[from] httparse::Error),
    /// Its first lines do not end.
    #[error("more than {MAX_HEAD} bytes of headers")]
    LongHead,
    /// It does not say how long its body is in a way that can be relied upon.
    #[error("no usable length")]
    Length,
    /// A piece of its body does not begin or end as it should.
    #[error("invalid chunk")]
    Chunk,
    /// Its body is compressed or otherwise encoded, which was not asked for.
    #[error("the reply is encoded (content-encoding: gzip or the like), though the request allows plain text alone")]
    Encoding,
    /// Its body is longer than is read of any.
    #[error("the reply is longer than {0} bytes")]
    LongBody(usize),
}

#[derive(Debug)]
enum Part {
    Head,
    Body { status: u16, persistent: bool, end: End },
}

/// How one knows where a body ends.
#[derive(Debug)]
enum End {
    /// It has so many bytes.
    Length(usize),
    /// It comes in chunks; those that came are in here.
    Chunks(Chunk, Vec<u8>),
    /// The connection ends with it.
    Connection,
}

/// What comes next of a body in chunks.
#[derive(Debug, Clone, Copy)]
enum Chunk {
    Size,
    Data(usize),
    Break,
    Trailer,
}

/// What the first lines say.
struct Head {
    length: usize,
    status: u16,
    persistent: bool,
    end: End,
    is_encoded: bool,
    asides: Asides,
}

/// Memory for the first lines. Daemons send some 200 bytes of them.
const MAX_HEAD: usize = 32 * 1024;
const MAX_HEADERS: usize = 64;
/// Ways to prove who one is that are looked at.
const MAX_CHALLENGES: usize = 8;
/// The longest line that tells a chunk's size.
const MAX_SIZE_LINE: usize = 256;

impl Response {
    /// Nothing yet, of a reply with a body of at most `max_body` bytes.
    pub fn new(max_body: usize) -> Self {
        Self { bytes: Vec::new(), part: Part::Head, asides: Asides::default(), max_body }
    }

    /// Where to put, at the end, what comes next.
    pub fn room(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Whether nothing has come at all.
    pub fn is_empty(&self) -> bool {
        matches!(self.part, Part::Head) && self.bytes.is_empty()
    }

    /// Takes in what came. A whole reply is given once; nothing is to be asked of it after that, or after an error.
    pub fn advance(&mut self) -> Result<Option<Whole>, Malformed> {
        while let Part::Head = self.part {
            let Some(head) = head(&self.bytes)? else { return Ok(None) };
            self.bytes.drain(..head.length);
            // Whatever else a daemon says before its answer is none of ours.
            if !is_interim(head.status) {
                self.part = self.begin(head)?;
            }
        }
        self.advance_body()
    }

    /// Takes in that the connection has ended. Gives nothing where the reply is cut off by that.
    pub fn end(self) -> Option<Whole> {
        let Part::Body { status, end: End::Connection, .. } = self.part else { return None };
        Some(Whole { reply: Reply { status, body: into_text(self.bytes) }, reusable: false, asides: self.asides })
    }

    fn begin(&mut self, head: Head) -> Result<Part, Malformed> {
        let Head { status, persistent, end, is_encoded, asides, .. } = head;
        self.asides = asides;
        match end {
            _ if is_encoded && Reply::has_meaning(status) => Err(Malformed::Encoding),
            // What is announced is no reason to reserve memory, but reason enough to hang up.
            End::Length(length) if length > self.max_body && Reply::has_meaning(status) => {
                Err(Malformed::LongBody(self.max_body))
            }
            // A body that means nothing is not waited for; only where its end is seen already, the connection is good for more.
            End::Chunks(..) | End::Connection if !Reply::has_meaning(status) => {
                Ok(Part::Body { status, persistent: false, end: End::Length(0) })
            }
            end => Ok(Part::Body { status, persistent, end }),
        }
    }

    fn advance_body(&mut self) -> Result<Option<Whole>, Malformed> {
        let Part::Body { status, persistent, end } = &mut self.part else { return Ok(None) };
        let is_whole = match end {
            End::Length(length) => self.bytes.len() >= *length,
            End::Chunks(chunk, body) => dechunk(&mut self.bytes, chunk, body, self.max_body)?,
            End::Connection if self.bytes.len() > self.max_body => return Err(Malformed::LongBody(self.max_body)),
            End::Connection => false,
        };
        let (status, persistent) = (*status, *persistent);
        let is_enough = is_whole || !Reply::has_meaning(status);
        Ok(is_enough.then(|| self.whole(status, persistent && is_whole)))
    }

    /// What came after it was not asked for: whoever sends that is not to be asked again over this connection.
    fn whole(&mut self, status: u16, persistent: bool) -> Whole {
        let mut bytes = std::mem::take(&mut self.bytes);
        let (body, rest) = match &mut self.part {
            Part::Body { end: End::Chunks(_, body), .. } => (std::mem::take(body), !bytes.is_empty()),
            Part::Body { end: End::Length(length), .. } => {
                let rest = bytes.len() > *length;
                bytes.truncate(*length);
                (bytes, rest)
            }
            _ => (bytes, false),
        };
        let body = if Reply::has_meaning(status) { into_text(body) } else { String::new() };
        let asides = std::mem::take(&mut self.asides);
        Whole { reply: Reply { status, body }, reusable: persistent && !rest, asides }
    }
}

/// The first lines, once they are all there.
fn head(bytes: &[u8]) -> Result<Option<Head>, Malformed> {
    let mut headers = [EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(bytes)? {
        Status::Complete(length) if length > MAX_HEAD => Err(Malformed::LongHead),
        Status::Complete(length) => {
            let status = response.code.filter(|code| *code >= 100).ok_or(httparse::Error::Status)?;
            let said = Said::by(response.headers, response.version == Some(1))?;
            let (end, persistent) = said.framing(status);
            Ok(Some(Head { length, status, persistent, end, is_encoded: said.is_encoded, asides: said.asides }))
        }
        Status::Partial if bytes.len() >= MAX_HEAD => Err(Malformed::LongHead),
        Status::Partial => Ok(None),
    }
}

/// What the headers say, each of them looked at once.
struct Said<'a> {
    length: Option<usize>,
    coding: Option<&'a str>,
    persistent: bool,
    is_encoded: bool,
    asides: Asides,
}

impl<'a> Said<'a> {
    /// By a daemon that keeps connections unless it says otherwise, or does not.
    fn by(headers: &[Header<'a>], persistent: bool) -> Result<Self, Malformed> {
        let mut said = Self { length: None, coding: None, persistent, is_encoded: false, asides: Asides::default() };
        headers.iter().try_for_each(|header| said.take_in(header))?;
        Ok(said)
    }

    fn take_in(&mut self, header: &Header<'a>) -> Result<(), Malformed> {
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        if is("content-length") {
            self.take_length(length_in(header.value)?)?;
        } else if is("transfer-encoding") {
            self.coding = tokens(header.value).last();
        } else if is("connection") {
            self.persistent = tokens(header.value).fold(self.persistent, persistence);
        } else if is("content-encoding") {
            self.is_encoded |= !tokens(header.value).all(is_plain);
        } else if is("retry-after") {
            // A date instead of seconds is rare enough to go without.
            let seconds = || str::from_utf8(header.value).ok()?.trim().parse().ok();
            self.asides.retry_after = self.asides.retry_after.or_else(|| seconds().map(Duration::from_secs));
        } else if is("www-authenticate") && self.asides.challenges.len() < MAX_CHALLENGES {
            self.asides.challenges.extend(HeaderValue::from_bytes(header.value));
        }
        Ok(())
    }

    fn take_length(&mut self, announced: usize) -> Result<(), Malformed> {
        match self.length.replace(announced) {
            Some(before) if before != announced => Err(Malformed::Length),
            _ => Ok(()),
        }
    }

    /// Where the body ends, and whether the connection outlasts it (RFC 9112, sections 6.3 and 9.3).
    fn framing(&self, status: u16) -> (End, bool) {
        match (self.coding, self.length) {
            _ if has_no_body(status) => (End::Length(0), self.persistent),
            (Some(coding), _) if coding.eq_ignore_ascii_case("chunked") => {
                (End::Chunks(Chunk::Size, Vec::new()), self.persistent)
            }
            (None, Some(length)) => (End::Length(length), self.persistent),
            _ => (End::Connection, false),
        }
    }
}

/// What means "as it is".
fn is_plain(coding: &str) -> bool {
    coding.is_empty() || coding.eq_ignore_ascii_case("identity")
}

fn is_interim(status: u16) -> bool {
    // 101 ends the talk in HTTP, and nobody asked for that.
    (100..200).contains(&status) && status != 101
}

fn has_no_body(status: u16) -> bool {
    matches!(status, 101 | 204 | 304)
}

/// A number of digits alone: signs and blanks are understood differently by different software.
fn length_in(value: &[u8]) -> Result<usize, Malformed> {
    let digits = value.trim_ascii();
    let number = str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    number.and_then(|text| text.parse().ok()).ok_or(Malformed::Length)
}

fn tokens(value: &[u8]) -> impl Iterator<Item = &str> {
    str::from_utf8(value).unwrap_or_default().split(',').map(str::trim)
}

fn persistence(before: bool, token: &str) -> bool {
    match token {
        _ if token.eq_ignore_ascii_case("close") => false,
        _ if token.eq_ignore_ascii_case("keep-alive") => true,
        _ => before,
    }
}

/// Moves what came of a body in chunks to the body, and tells whether that was all of it.
fn dechunk(bytes: &mut Vec<u8>, next: &mut Chunk, body: &mut Vec<u8>, max_body: usize) -> Result<bool, Malformed> {
    let mut at = 0;
    let mut is_whole = false;
    while let Some((taken, then)) = step(&bytes[at..], *next, body, max_body)? {
        at += taken;
        let Some(then) = then else {
            is_whole = true;
            break;
        };
        *next = then;
    }
    bytes.drain(..at);
    Ok(is_whole)
}

/// Takes in the next thing, if it is there: gives how many bytes that took, and what is next, unless that was the end.
fn step(
    rest: &[u8],
    next: Chunk,
    body: &mut Vec<u8>,
    max_body: usize,
) -> Result<Option<(usize, Option<Chunk>)>, Malformed> {
    match next {
        Chunk::Size => match httparse::parse_chunk_size(rest).map_err(|_| Malformed::Chunk)? {
            Status::Complete((taken, _)) if taken > MAX_SIZE_LINE => Err(Malformed::Chunk),
            Status::Complete((taken, 0)) => Ok(Some((taken, Some(Chunk::Trailer)))),
            Status::Complete((_, size)) if size > (max_body - body.len()) as u64 => Err(Malformed::LongBody(max_body)),
            Status::Complete((taken, size)) => Ok(Some((taken, Some(Chunk::Data(size as usize))))),
            Status::Partial if rest.len() >= MAX_SIZE_LINE => Err(Malformed::Chunk),
            Status::Partial => Ok(None),
        },
        Chunk::Data(_) if rest.is_empty() => Ok(None),
        Chunk::Data(size) => {
            let taken = size.min(rest.len());
            body.extend_from_slice(&rest[..taken]);
            Ok(Some((taken, Some(if taken == size { Chunk::Break } else { Chunk::Data(size - taken) }))))
        }
        Chunk::Break => match rest {
            [b'\r', b'\n', ..] => Ok(Some((2, Some(Chunk::Size)))),
            [] | [b'\r'] => Ok(None),
            _ => Err(Malformed::Chunk),
        },
        Chunk::Trailer => match httparse::parse_headers(rest, &mut [EMPTY_HEADER; MAX_HEADERS])? {
            Status::Complete((taken, _)) if taken > MAX_HEAD => Err(Malformed::LongHead),
            Status::Complete((taken, _)) => Ok(Some((taken, None))),
            Status::Partial if rest.len() >= MAX_HEAD => Err(Malformed::LongHead),
            Status::Partial => Ok(None),
        },
    }
}

#[cfg(test)]
#[path = "tests/response.rs"]
mod tests;
