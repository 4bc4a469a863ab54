//! Secrets that are known, and so are found wherever they occur.

use super::filler::{filler, is_filler};
use super::names::decoded;
use super::table::{SHORTEST, SHORTEST_GIVEN};
use crate::record::{CaseRecord, Message};
use crate::text::hex;
use crate::wire::form::escaped;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;
use std::fmt;

/// The most bytes of secrets that are looked for. With more, nothing is kept that may have one.
const MOST: usize = 512 * 1024;

/// The longest secret that is looked for in every way to write it.
const LONG: usize = 1024;

/// Known secrets, which are removed wherever they occur.
#[derive(Clone, Default)]
pub struct Known {
    search: Search,
}

#[derive(Clone, Default)]
enum Search {
    #[default]
    Nothing,
    Found(AhoCorasick),
    /// There are too many secrets to look for.
    Everything,
}

/// Without the secrets.
impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").finish_non_exhaustive()
    }
}

impl Known {
    /// The secrets as they are and as they are written in forms, documents and JSON. Short ones, such
    /// as `test`, are ignored, since they occur in many texts.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let long = secrets
            .into_iter()
            .filter(|secret| secret.len() >= SHORTEST_GIVEN);
        Self::of(long.map(str::as_bytes))
    }

    /// The secrets that were taken out of messages, and what is written in them.
    pub(super) fn of<'s>(secrets: impl IntoIterator<Item = &'s [u8]>) -> Self {
        let mut forms = BTreeSet::new();
        for secret in secrets {
            add_forms(secret, &mut forms);
        }
        let is_long =
            |form: &Vec<u8>| form.len() >= SHORTEST && !is_filler(&String::from_utf8_lossy(form));
        forms.retain(is_long);
        let length: usize = forms.iter().map(Vec::len).sum();
        let search = if forms.is_empty() {
            Search::Nothing
        } else if length > MOST {
            Search::Everything
        } else {
            let mut builder = AhoCorasick::builder();
            // It is built for one exchange, so it must be cheap to build.
            builder
                .match_kind(MatchKind::LeftmostLongest)
                // It may be repeated in capitals, and escapes have letters in both cases.
                .ascii_case_insensitive(true)
                .kind(Some(AhoCorasickKind::NoncontiguousNFA));
            builder
                .build(forms)
                .map_or(Search::Everything, Search::Found)
        };
        Self { search }
    }

    /// The bytes without the secrets.
    pub fn redact(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        let spans: Vec<_> = match &self.search {
            Search::Nothing => Vec::new(),
            Search::Found(search) => search
                .find_iter(&bytes)
                .map(|found| found.range())
                .collect(),
            Search::Everything => std::iter::once(0..bytes.len()).collect(),
        };
        for span in spans {
            if let Some(found) = bytes.get_mut(span) {
                found.copy_from_slice(&filler(found.len()));
            }
        }
        bytes
    }

    /// The text without the secrets.
    pub fn redact_text(&self, text: String) -> String {
        if matches!(self.search, Search::Nothing) {
            return text;
        }
        String::from_utf8_lossy(&self.redact(text.into_bytes())).into_owned()
    }

    /// The message without the secrets.
    pub fn redact_message(&self, message: Message) -> Message {
        let headers = message.headers.into_iter();
        let mut clean = Message {
            start: self.redact_text(message.start),
            headers: headers
                .map(|(name, value)| (name, self.redact_text(value)))
                .collect(),
            ..message
        };
        let body = clean.bytes().into_owned();
        let kept = self.redact(body.clone());
        if kept != body {
            clean.redacted = true;
            clean.body_hex = clean.body_hex.map(|_| hex(&kept));
            clean.body = String::from_utf8_lossy(&kept).into_owned();
        }
        clean
    }

    /// Removes the secrets from what a record says about its messages.
    pub fn redact_words(&self, record: &mut CaseRecord) {
        let clean = |text: &mut String| *text = self.redact_text(std::mem::take(text));
        clean(&mut record.title);
        clean(&mut record.note);
        if let Some(actual) = &mut record.actual {
            actual.code.as_mut().map(clean);
            actual.request_id.as_mut().map(clean);
        }
        for deviation in &mut record.deviations {
            clean(&mut deviation.found);
            if let Some(difference) = &mut deviation.difference {
                difference.got.as_mut().map(clean);
            }
        }
    }
}

/// Adds a secret as it is, decoded, and as others may write it.
fn add_forms(secret: &[u8], forms: &mut BTreeSet<Vec<u8>>) {
    let raw = String::from_utf8_lossy(secret).trim().to_owned();
    let mut plain = vec![raw.clone(), decoded(&raw), decoded(&raw.replace('+', " "))];
    if let Ok(unescaped) = quick_xml::escape::unescape(&raw) {
        plain.push(unescaped.trim().to_owned());
    }
    for text in plain.clone() {
        let inside = text
            .strip_prefix("<![CDATA[")
            .and_then(|text| text.strip_suffix("]]>"));
        plain.extend(inside.map(str::to_owned));
        // User data and private keys have lines, which may occur without the others.
        let lines = text.lines().map(str::trim).filter(|line| line.len() >= 16);
        plain.extend(lines.map(str::to_owned));
        // What is packed in base64 may occur unpacked.
        let unpacked = STANDARD.decode(text.as_bytes()).ok();
        let unpacked = unpacked.and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some(unpacked) = unpacked {
            // As in `Basic`, it may be a user and a password.
            let password = unpacked.split_once(':').map(|(_, password)| password);
            plain.extend(password.map(str::to_owned));
            plain.push(unpacked);
        }
    }
    forms.insert(secret.trim_ascii().to_vec());
    for text in plain.iter().filter(|text| text.len() >= SHORTEST) {
        let escaped = escaped(text);
        if text.len() > LONG {
            forms.insert(escaped.into_bytes());
            forms.insert(text.clone().into_bytes());
            continue;
        }
        forms.insert(escaped.replace("%20", "+").into_bytes());
        forms.insert(self::escaped(&escaped).into_bytes());
        forms.insert(escaped.into_bytes());
        forms.insert(
            quick_xml::escape::escape(text.as_str())
                .into_owned()
                .into_bytes(),
        );
        forms.insert(
            quick_xml::escape::partial_escape(text.as_str())
                .into_owned()
                .into_bytes(),
        );
        let json = serde_json::to_string(text).unwrap_or_default();
        forms.insert(json.trim_matches('"').as_bytes().to_vec());
        forms.insert(text.escape_debug().to_string().into_bytes());
        forms.insert(STANDARD.encode(text).into_bytes());
        forms.insert(text.clone().into_bytes());
    }
}
