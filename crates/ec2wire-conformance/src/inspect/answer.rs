//! The rules for an answer: an answer of the protocol, and the document around its members.

use crate::catalogue::Catalogue;
use crate::judge::{self, Finding};
use crate::record::{Deviation, Difference};
use crate::subject::Answered;
use std::io::Read as _;

/// The longest document that is unpacked, in bytes.
const UNPACKED: u64 = 16 * 1024 * 1024;

/// The body without the coding that the headers name, as HAR files have it already; `None` where it
/// cannot be unpacked, or is longer than can be judged.
pub(super) fn unpacked(headers: &[(String, String)], body: &[u8]) -> Option<Vec<u8>> {
    let coding = crate::http1::all(headers, "content-encoding").last();
    let is_text = body.trim_ascii_start().starts_with(b"<");
    match coding.map(str::trim) {
        None | Some("" | "identity") => Some(body.to_vec()),
        _ if is_text || body.is_empty() => Some(body.to_vec()),
        Some("gzip" | "x-gzip") => {
            let mut text = Vec::new();
            let mut reader = flate2::read::MultiGzDecoder::new(body).take(UNPACKED + 1);
            let length = reader.read_to_end(&mut text).ok()?;
            // Of a longer one only a part would be judged.
            (length as u64 <= UNPACKED).then_some(text)
        }
        Some(_) => None,
    }
}

/// The lists of checks that hold for every answer.
const LISTS: [&str; 3] = ["success-envelope", "error-envelope", "model-answer"];

/// What the answer breaks of what is required of servers.
pub(super) fn check(
    servers: &Catalogue,
    action: Option<&str>,
    answered: &Answered,
) -> Vec<Deviation> {
    let deviation = |finding: Finding| {
        let id = finding.requirement.unwrap_or_default();
        let known = servers.requirement(&id);
        Deviation::new(id, known, finding.found, finding.difference)
    };
    let is_error = answered.status >= 400 && answered.codes().iter().any(|code| !code.is_empty());
    if !is_error && !judge::is_success(action, answered) {
        let found = judge::describe(action, answered);
        let wanted = match action {
            Some(action) => format!("a success with `{action}Response`, or an error of EC2"),
            None => "a success, or an error of EC2".into(),
        };
        return vec![deviation(Finding {
            requirement: Some("answered-in-protocol".into()),
            difference: Some(Difference::new(
                Difference::ANSWER,
                wanted,
                Some(found.clone()),
            )),
            found,
        })];
    }
    let lookup = |name: &str| {
        let path = name.strip_prefix("this:")?;
        // What is absent fails the check.
        Some(crate::runner::text_at(answered, path).unwrap_or_else(|| "(absent)".into()))
    };
    LISTS
        .into_iter()
        .flat_map(|list| servers.named_checks(list))
        .filter(|check| {
            check
                .of
                .is_none_or(|kind| judge::is_kind(kind, action, answered))
        })
        .filter_map(|check| {
            judge::check(check, action, answered, &lookup, &|_| None)
                .ok()
                .flatten()
        })
        .map(deviation)
        .collect()
}
