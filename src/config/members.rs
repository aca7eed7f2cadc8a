//! Walks one object of the configuration.

use serde_json::{Map, Value};

use super::{
    quote::{kind, name, quote},
    report::BadValue,
    report::Report,
};

/// The members of one object: knows where the object is, which members were asked for, and where to report.
///
/// Asking for a member makes its name known, so the names of an object are written once, where they are read.
pub(super) struct Members<'json, 'report> {
    path: String,
    object: &'json Map<String, Value>,
    known: Vec<&'static str>,
    report: &'report mut Report,
}

impl<'json, 'report> Members<'json, 'report> {
    /// The members of `value`. Anything but an object is a mistake; only its kind is told, since a text in the
    /// place of a block may be a password.
    pub fn of(value: &'json Value, path: &str, expected: &str, report: &'report mut Report) -> Option<Self> {
        let Value::Object(object) = value else {
            let place = if path.is_empty() { "the configuration" } else { path };
            report.mistake(format!("{place}: {} is not {expected}", kind(value)));
            return None;
        };
        Some(Self { path: path.to_owned(), object, known: Vec::new(), report })
    }

    /// The member's value, `default` where it is missing or bad.
    pub fn or<T, U: From<T>>(&mut self, name: &'static str, parse: impl Parse<T>, default: U) -> U {
        self.optional(name, parse).map_or(default, U::from)
    }

    /// The member's value, `None` where it is missing or bad.
    pub fn optional<T>(&mut self, name: &'static str, parse: impl Parse<T>) -> Option<T> {
        let value = self.get(name)?;
        let bad = match parse(value) {
            Ok(parsed) => return Some(parsed),
            Err(bad) => bad,
        };
        let shown = if bad.is_secret { kind(value).to_owned() } else { quote(value) };
        self.mistake(name, &bad.about(&shown));
        None
    }

    /// The member's value, `None` where it is bad; to be missing is a mistake too.
    pub fn required<T>(&mut self, name: &'static str, parse: impl Parse<T>) -> Option<T> {
        if self.get(name).is_some() {
            return self.optional(name, parse);
        }
        // No member takes null, so the parser tells what it would have liked instead.
        if let Err(bad) = parse(&Value::Null) {
            self.missing(name, &bad.expected);
        }
        None
    }

    /// The members of the object called `name`.
    pub fn object(&mut self, name: &'static str, expected: &str) -> Option<Members<'json, '_>> {
        let value = self.get(name)?;
        self.child(name, value, expected)
    }

    /// The members of the object called `name`; to be missing is a mistake too.
    pub fn required_object(&mut self, name: &'static str, expected: &str) -> Option<Members<'json, '_>> {
        if self.get(name).is_none() {
            self.missing(name, expected);
        }
        self.object(name, expected)
    }

    /// The members of `value`, which is found at `place` in this object: `daemon`, `daemons[2]`.
    pub fn child(&mut self, place: &str, value: &'json Value, expected: &str) -> Option<Members<'json, '_>> {
        Members::of(value, &self.path_of(place), expected, self.report)
    }

    /// The raw member.
    pub fn get(&mut self, name: &'static str) -> Option<&'json Value> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        self.object.get(name)
    }

    /// Whether the object has such a member; this alone does not make the name known.
    pub fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// Reports every member that nobody asked for. Leave it out for an object that others own as well.
    pub fn finish(&mut self) {
        for given in self.object.keys().filter(|given| !self.known.contains(&given.as_str())) {
            let hint = nearest(given, &self.known).map(|near| format!("; did you mean {near}?"));
            let path = self.path_of(&name(given));
            self.report.mistake(format!("{path} is not known{}", hint.unwrap_or_default()));
        }
    }

    /// Reports what is wrong at `place` in this object.
    pub fn mistake(&mut self, place: &str, text: &str) {
        let path = self.path_of(place);
        self.report.mistake(format!("{path}: {text}"));
    }

    /// Reports that a member is needed.
    pub fn missing(&mut self, name: &str, expected: &str) {
        self.mistake(name, &format!("missing; expected {expected}"));
    }

    /// Reports what the operator should know, though it stops nothing.
    pub fn warn(&mut self, text: String) {
        self.report.warn(text);
    }

    /// The path of what is found at `place` in this object.
    pub fn path_of(&self, place: &str) -> String {
        if self.path.is_empty() { place.to_owned() } else { format!("{}.{place}", self.path) }
    }
}

/// Reads a value, or tells what is wrong with it.
pub(super) trait Parse<T>: Fn(&Value) -> Result<T, BadValue> {}

impl<T, F: Fn(&Value) -> Result<T, BadValue>> Parse<T> for F {}

/// The known name that is meant, if one is near: up to a third of its letters wrong.
fn nearest(given: &str, known: &[&'static str]) -> Option<&'static str> {
    // No option is nearly as long, and the comparison takes time in proportion to the length.
    const LONGEST: usize = 40;
    if given.len() > LONGEST {
        return None;
    }
    let given = plain(given);
    let distance = |name: &str| strsim::osa_distance(&given, &plain(name));
    let near = known.iter().copied().min_by_key(|name| distance(name))?;
    (distance(near) <= near.len() / 3).then_some(near)
}

/// `polling_interval`, `PollingInterval` and `polling-interval` are one name to somebody who misremembers it.
fn plain(name: &str) -> String {
    name.replace(['_', '-'], "").to_lowercase()
}
