//! Members of JSON objects as typed values, with the member's name in every complaint.

use std::{borrow::Cow, fmt, time::Duration};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{error::Category, value::RawValue};

use super::{Reply, Request, failure, request_for};
use crate::consensus::{
    block::{BlockHash, Height},
    observation::{Failure, Upgrade},
};
use crate::words::one_line;

/// A member not looked at yet; `None` where it is missing or null.
pub(super) type Raw<'a> = Option<&'a RawValue>;

/// What is wrong with a reply.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Defect(pub(super) String);

impl Defect {
    /// The failure of the request that was replied to like this.
    pub(super) fn of(self, request: &Request) -> Failure {
        failure::invalid_reply(format_args!("{request}: {}", self.0))
    }
}

/// What is read in the body of a reply to this question, if its status is 200.
pub(super) fn read<T>(
    question: &'static str,
    reply: &Reply,
    read: impl FnOnce(&str) -> Result<T, Defect>,
) -> Result<T, Failure> {
    read(reply.body_if_ok()?).map_err(|defect| defect.of(&request_for(question)))
}

/// An object's members that are looked at, found by their names.
pub(super) trait Members<'a> {
    /// The place of a member; `None` for one that nobody looks at.
    fn member(&mut self, name: &str) -> Option<&mut Raw<'a>>;
}

/// Members not looked at yet, each with its name in JSON. serde's own way would read every such struct with code of its own.
macro_rules! members {
    (struct $object:ident { $($(#[$note:meta])* $member:ident: $name:literal,)* }) => {
        #[derive(Default)]
        struct $object<'a> { $($(#[$note])* $member: $crate::rpc::dialect::members::Raw<'a>,)* }

        impl<'a> $crate::rpc::dialect::members::Members<'a> for $object<'a> {
            fn member(&mut self, name: &str) -> Option<&mut $crate::rpc::dialect::members::Raw<'a>> {
                match name {
                    $($name => Some(&mut self.$member),)*
                    _ => None,
                }
            }
        }
    };
}
pub(super) use members;

/// The members of a JSON object that `T` names; the others are skipped, however deep they go. Where one is there twice the last one counts, as whoever
/// reads JSON with JavaScript has it; but of those that a reply is judged by there must be one.
pub(super) fn object<'a, T: Members<'a> + Default>(json: &'a str) -> Result<T, Defect> {
    let mut members = T::default();
    read_into(json, &mut members)?;
    Ok(members)
}

fn read_into<'a>(json: &'a str, members: &mut dyn Members<'a>) -> Result<(), Defect> {
    if !is_object(json) {
        return Err(no_object(json));
    }
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let read = deserializer.deserialize_map(EachMember(members));
    read.and_then(|()| deserializer.end()).map_err(defect)
}

/// What a reply is judged by: a daemon that tells two of one of these tells nothing.
const JUDGED_BY: [&str; 8] =
    ["result", "error", "block_header", "height", "hash", "prev_hash", "prevHash", "timestamp"];

struct EachMember<'m, 'a>(&'m mut dyn Members<'a>);

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Visitor<'de> for EachMember<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut told = [false; JUDGED_BY.len()];
        while let Some(Name(name)) = map.next_key()? {
            let Some(member) = self.0.member(&name) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let judged_by = JUDGED_BY.iter().position(|it| *it == name);
            if judged_by.is_some_and(|it| std::mem::replace(&mut told[it], true)) {
                return Err(A::Error::custom("there twice"));
            }
            *member = map.next_value()?;
        }
        Ok(())
    }
}

fn is_object(json: &str) -> bool {
    json.trim_ascii_start().starts_with('{')
}

fn no_object(text: &str) -> Defect {
    Defect(if is_web_page(text) { "a web page instead of JSON".into() } else { "no JSON object".into() })
}

/// Whether a body is no JSON at all, but HTML or XML.
pub(super) fn is_web_page(body: &str) -> bool {
    let text = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    text.trim_ascii_start().starts_with('<')
}

const BYTE_ORDER_MARK: char = '\u{feff}';

fn defect(error: serde_json::Error) -> Defect {
    let (line, column) = (error.line(), error.column());
    Defect(match error.classify() {
        Category::Eof => format!("the JSON breaks off at line {line} column {column}"),
        Category::Data => format!("a member is there twice, at line {line} column {column}"),
        Category::Syntax | Category::Io => format!("no valid JSON at line {line} column {column}"),
    })
}

/// The members of an object inside another one.
pub(super) fn inner<'a, T: Members<'a> + Default>(name: &'static str, raw: Raw<'a>) -> Result<T, Defect> {
    let json = required(name, raw)?.get();
    object(json).map_err(|defect| Defect(format!("\"{name}\": {}", defect.0)))
}

/// The value, or a complaint that it is missing.
pub(super) fn required<T>(name: &'static str, value: Option<T>) -> Result<T, Defect> {
    value.ok_or_else(|| Defect(format!("\"{name}\" is missing")))
}

/// A whole number that is not negative.
fn number(name: &'static str, raw: Raw) -> Result<Option<u64>, Defect> {
    value(name, raw, "not a whole number from 0 to 2^64-1")
}

/// A member that a daemon need not have: one of another type, or out of range, counts as absent, for it says nothing
/// against what the daemon shows of its chain.
pub(super) fn optional<'a, T: Deserialize<'a>>(raw: Raw<'a>) -> Option<T> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
}

/// True or false, where it is told.
pub(super) fn flag(raw: Raw) -> Option<bool> {
    optional(raw)
}

/// A string, where it is told.
pub(super) fn text(raw: Raw) -> Option<String> {
    optional(raw)
}

/// A number of connections, where it is told.
pub(super) fn connections(raw: Raw) -> Option<u32> {
    optional(raw)
}

/// The version that a daemon reports; `None` where it is empty.
pub(super) fn version(raw: Raw) -> Option<String> {
    let version = text(raw).map(|version| one_line(&version, MAX_VERSION));
    version.filter(|version| !version.is_empty())
}

/// A block's difficulty, which some tell as a text; `None` where it has more than 64 bits.
pub(super) fn difficulty(raw: Raw) -> Option<u64> {
    optional(raw).or_else(|| text(raw)?.parse().ok())
}

/// A list of objects.
pub(super) fn list<'a, T: Deserialize<'a>>(name: &'static str, raw: Raw<'a>) -> Result<Option<Vec<T>>, Defect> {
    value(name, raw, "not a list of such objects as it should have")
}

/// A daemon's own height, which it gives as a count of its blocks.
pub(super) fn own_height(raw: Raw) -> Result<Height, Defect> {
    let count = required("height", number("height", raw)?)?;
    Height::from_count(count).ok_or_else(|| Defect(format!("\"height\" is {count}, which is no count of blocks")))
}

/// A height as a count of blocks, where it is one.
pub(super) fn counted(raw: Raw) -> Option<Height> {
    optional(raw).and_then(Height::from_count)
}

/// A height that a daemon's peers claim, as a count; `None` where it is 0, nobody having claimed any.
///
/// A daemon is not to blame for what it is told, so a fantastic claim is the greatest height there is.
pub(super) fn claimed_height(raw: Raw) -> Option<Height> {
    let count = optional(raw).filter(|count| *count > 0)?;
    Height::from_count(count).or_else(greatest_height)
}

/// The same as an index; `None` where it is 0.
pub(super) fn claimed_index(raw: Raw) -> Option<Height> {
    let index = optional(raw).filter(|index| *index > 0)?;
    Height::new(index).or_else(greatest_height)
}

/// The first of the network's upgrades that is above the last one that the daemon supports; `None` where it does not
/// tell one of the two. Both are block indexes: the last block under the old rules.
pub(super) fn unknown_upgrade(upgrades: Raw, supported: Raw) -> Option<Upgrade> {
    let (heights, last) = (optional::<Vec<u64>>(upgrades)?, optional(supported)?);
    // A place holder beyond all chains is no upgrade.
    let first = heights.into_iter().filter(|height| *height > last).min().and_then(Height::new);
    first.zip(Height::new(last)).map(|(at, supported)| Upgrade { at, supported })
}

/// A block's height, an index.
pub(super) fn block_height(raw: Raw) -> Result<Height, Defect> {
    let index = required("height", number("height", raw)?)?;
    Height::new(index).ok_or_else(|| Defect(format!("\"height\" is {index}, which no chain has")))
}

/// A block's hash.
pub(super) fn hash(name: &'static str, raw: Raw) -> Result<BlockHash, Defect> {
    let text: String = required(name, value(name, raw, "not a string")?)?;
    text.parse().map_err(|_| Defect(format!("\"{name}\" is not a hash of 64 hex digits")))
}

/// A block's hash, where it is told.
pub(super) fn optional_hash(raw: Raw) -> Option<BlockHash> {
    text(raw)?.parse().ok()
}

/// A block's time stamp.
pub(super) fn timestamp(raw: Raw) -> Result<Duration, Defect> {
    let seconds = required("timestamp", number("timestamp", raw)?)?;
    if seconds > LAST_SECOND {
        return Err(Defect(format!("\"timestamp\" is {seconds}, which is no time in seconds")));
    }
    Ok(Duration::from_secs(seconds))
}

fn value<'a, T: Deserialize<'a>>(name: &'static str, raw: Raw<'a>, kind: &str) -> Result<Option<T>, Defect> {
    let parse = |raw: &'a RawValue| serde_json::from_str(raw.get());
    raw.map(parse).transpose().map_err(|_| Defect(format!("\"{name}\" is {kind}")))
}

fn greatest_height() -> Option<Height> {
    Height::new(499_999_999)
}

/// The longest version that is kept, in characters.
const MAX_VERSION: usize = 64;

/// The end of the year 9999: what is later is not in seconds.
const LAST_SECOND: u64 = 253_402_300_799;
