//! The walk of the decoder over the pairs.

use super::key::{is_used_up, part_of, shared_prefix};
use super::pair::{Pair, RawPair};
use super::{Options, escape};
use crate::{Error, ErrorKind, Result, swar};
use alloc::borrow::Cow;

/// A view of a pair. The value is still escaped.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct View<'k, 'de> {
    pub(super) key: &'k str,
    value: &'de str,
    /// Whether the value has escapes to undo.
    escaped: bool,
    pub(super) key_at: usize,
    pub(super) value_at: usize,
    /// The length of the prefix, in whole parts with their dots, that it shares with the previous pair.
    shared: usize,
}

impl<'de> View<'_, 'de> {
    /// Whether the prefix is the whole key, so that the pair is a scalar.
    #[inline]
    pub(super) fn is_scalar(&self, prefix: usize) -> bool {
        is_used_up(self.key, prefix)
    }

    /// Whether the value is empty.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// The value if it has no escapes.
    #[inline]
    pub(super) fn plain(&self) -> Option<&'de str> {
        (!self.escaped).then_some(self.value)
    }

    /// The value without its escapes.
    #[inline]
    pub(super) fn text(&self) -> Result<Cow<'de, str>> {
        match self.plain() {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => escape::unescape(self.value, self.value_at),
        }
    }
}

/// The source of the pairs.
enum Source<'k, 'de> {
    /// The body itself, from an offset on. It does not handle damage, or escapes in keys.
    Body(&'de str, usize),
    Pairs(core::slice::Iter<'k, Pair<'de>>),
}

/// A walk over the pairs.
///
/// The pairs of each member must be together, and the entries of a list in order. If that is not known,
/// it is checked on the way, and the walk is [given up](Self::give_up) if it is not so.
pub(super) struct Reader<'k, 'de> {
    source: Source<'k, 'de>,
    /// The next pair. It is not moved, because copying what was just written is slow.
    ahead: View<'k, 'de>,
    /// Whether there is a next pair.
    more: bool,
    /// The number of pairs that were passed.
    passed: usize,
    options: Options,
    arranged: bool,
    gave_up: bool,
}

impl<'k, 'de: 'k> Reader<'k, 'de> {
    fn new(source: Source<'k, 'de>, options: Options, arranged: bool) -> Self {
        let mut reader = Self {
            source,
            ahead: View::default(),
            more: true,
            passed: 0,
            options,
            arranged,
            gave_up: false,
        };
        reader.look_ahead();
        reader
    }

    /// Walks a body that was not read before.
    pub(super) fn from_body(body: &'de str, options: Options) -> Self {
        let start = usize::from(body.is_empty());
        Self::new(Source::Body(body, start), options, false)
    }

    /// Walks pairs. `arranged` says whether they are known to be in order.
    pub(super) fn from_pairs(pairs: &'k [Pair<'de>], options: Options, arranged: bool) -> Self {
        Self::new(Source::Pairs(pairs.iter()), options, arranged)
    }

    pub(super) fn options(&self) -> Options {
        self.options
    }

    pub(super) fn passed(&self) -> usize {
        self.passed
    }

    /// Whether the pairs are known to be in order.
    pub(super) fn is_arranged(&self) -> bool {
        self.arranged
    }

    /// Whether the walk was given up, so that its result must not be used.
    pub(super) fn gave_up(&self) -> bool {
        self.gave_up
    }

    /// Ends the walk. The error never reaches the caller.
    #[cold]
    pub(super) fn give_up(&mut self) -> Error {
        self.gave_up = true;
        self.more = false;
        Error::new(ErrorKind::Unsupported("pairs in this order"))
    }

    /// The next pair of the node that begins with the pair at `start`, all of whose keys begin with
    /// the same `prefix` bytes.
    #[inline]
    pub(super) fn peek(&self, start: usize, prefix: usize) -> Option<&View<'k, 'de>> {
        (self.more && (self.ahead.shared >= prefix || self.passed == start)).then_some(&self.ahead)
    }

    #[inline]
    pub(super) fn pass(&mut self) {
        self.passed += 1;
        self.look_ahead();
    }

    #[inline]
    fn look_ahead(&mut self) {
        match &mut self.source {
            Source::Body(body, at) => {
                let (body, mut start) = (*body, *at);
                loop {
                    let rest = body.as_bytes().get(start..);
                    let (Some(rest), false) = (rest, self.gave_up) else {
                        self.more = false;
                        return;
                    };
                    let last = self.ahead.key;
                    let common = swar::common_prefix(last.as_bytes(), rest);
                    let pair = match RawPair::read(body, start, common, self.options) {
                        Ok(None) => {
                            start += 1;
                            continue;
                        }
                        Ok(Some(pair))
                            if !pair.key.escaped && self.passed < self.options.limits.entries =>
                        {
                            pair
                        }
                        _ => {
                            self.give_up();
                            return;
                        }
                    };
                    let key = pair.key.text(body);
                    self.ahead.key = key;
                    self.ahead.shared = shared_prefix(last, key, common.min(key.len()));
                    self.ahead.value = pair.value.text(body);
                    self.ahead.escaped = pair.value.escaped;
                    self.ahead.key_at = start;
                    self.ahead.value_at = pair.value.start;
                    if let Source::Body(_, at) = &mut self.source {
                        *at = pair.value.end + 1;
                    }
                    return;
                }
            }
            Source::Pairs(pairs) => {
                let Some(pair) = pairs.next() else {
                    self.more = false;
                    return;
                };
                let last = self.ahead.key;
                let common = swar::common_prefix(last.as_bytes(), pair.key.as_bytes());
                self.ahead = View {
                    key: &pair.key,
                    value: pair.value,
                    escaped: pair.escaped,
                    key_at: pair.key_at,
                    value_at: pair.value_at,
                    shared: shared_prefix(last, &pair.key, common),
                };
            }
        }
    }

    /// Skips the rest of a node. It checks the values, but does not decode them. The path of an error
    /// begins after the first `known` bytes of the key.
    #[inline]
    pub(super) fn pass_rest(&mut self, start: usize, prefix: usize, known: usize) -> Result<()> {
        while let Some(pair) = self.peek(start, prefix) {
            if pair.escaped {
                pair.text().map_err(|error| match pair.key.get(known..) {
                    Some(path) => error.in_member(path),
                    None => error,
                })?;
            }
            self.pass();
        }
        Ok(())
    }

    /// Skips what a node, which began at `start` with the key `first`, left unread: more pairs under the
    /// key of a scalar, or members that the type ignores. The path of an error begins after the first
    /// `parent` bytes of the key.
    #[inline]
    pub(super) fn finish(
        &mut self,
        start: usize,
        first: &str,
        prefix: usize,
        parent: usize,
    ) -> Result<()> {
        match self.peek(start, prefix) {
            Some(_) => self.pass_left(start, first, prefix, parent),
            None => Ok(()),
        }
    }

    #[cold]
    fn pass_left(&mut self, start: usize, first: &str, prefix: usize, parent: usize) -> Result<()> {
        if !is_used_up(first, prefix) {
            return self.pass_rest(start, prefix, parent);
        }
        let part = part_of(first, parent);
        let second = self.ahead.key_at;
        while let Some(pair) = self.peek(start, prefix) {
            if !pair.is_scalar(prefix) {
                return Err(Error::at(ErrorKind::ExpectedScalar, pair.key_at).in_member(part));
            }
            pair.text().map_err(|error| error.in_member(part))?;
            self.pass();
        }
        if self.options.lenient {
            return Ok(());
        }
        Err(Error::at(ErrorKind::RepeatedMember(part.into()), second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_without_escapes_is_taken_as_it_is() {
        let value = |body| {
            let reader = Reader::from_body(body, Options::new());
            reader.peek(0, 0).and_then(View::plain)
        };
        assert_eq!(value("A=b"), Some("b"));
        assert_eq!(value("A="), Some(""));
        assert_eq!(value("A=b%20c"), None);
        assert_eq!(value("A=b+c"), None);
    }
}
