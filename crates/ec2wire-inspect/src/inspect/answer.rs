//! The rules for an answer: it must follow the protocol, and the document around its members must
//! be right.

use super::{date, version};
use crate::catalogue::Catalogue;
use crate::judge::{self, Finding};
use crate::record::{Deviation, Difference, Place};
use crate::wire::{Answered, Request};
use ec2wire::EC2_VERSION;
use ec2wire_model::Timestamp;

/// The lists of checks that hold for every answer.
const PROTOCOL: [&str; 3] = ["success-envelope", "error-envelope", "answer-time"];

/// The list of checks that needs the service model.
const MODEL: &str = "model-answer";

/// What is known about the request that an answer belongs to.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// The action, if the request names one.
    pub(super) action: Option<String>,
    /// The API version, if it names one.
    version: Option<String>,
    /// When it was sent, if that was recorded.
    sent_at: Option<Timestamp>,
}

impl Asked {
    pub(super) fn new(request: Option<&Request>, sent_at: Option<Timestamp>) -> Self {
        let parameters = request.map(Request::parameters).unwrap_or_default();
        let own = |text: Option<&str>| text.map(str::to_owned);
        Self {
            action: own(parameters.first("Action")),
            version: own(version::named(&parameters)),
            sent_at,
        }
    }

    /// The API version, if it is not the model's.
    pub(super) fn other_version(&self) -> Option<&str> {
        let version = self.version.as_deref();
        version.filter(|version| *version != EC2_VERSION)
    }

    /// When the answer was given: as recorded, or as the answer itself says.
    fn time(&self, answered: &Answered) -> Option<Timestamp> {
        self.sent_at.or_else(|| date(answered))
    }
}

/// The requirements for servers that the answer breaks.
pub(super) fn check(
    servers: &Catalogue,
    asked: &Asked,
    answered: &Answered,
    now: Option<Timestamp>,
) -> Vec<Deviation> {
    let action = asked.action.as_deref();
    let deviation = |finding: Finding| {
        let id = finding.requirement.unwrap_or_default();
        let known = servers.requirement(&id);
        Deviation::new(id, known, finding.found, finding.difference)
    };
    if !judge::is_error(answered) && !judge::is_success(action, answered) {
        let found = judge::describe(action, answered);
        let wanted = match action {
            Some(action) => format!("a success with `{action}Response`, or an error of EC2"),
            None => "a success, or an error of EC2".into(),
        };
        return vec![deviation(Finding {
            requirement: Some("answered-in-protocol".into()),
            difference: Some(Difference::new(Place::Answer, wanted, Some(found.clone()))),
            found,
        })];
    }
    let version = asked.version.as_deref();
    let version = version.or_else(|| version::of_answer(answered));
    let lookup = |name: &str| match name.strip_prefix("this:") {
        // An absent text fails the check.
        Some(path) => Some(answered.text_at(path).unwrap_or_else(|| "(absent)".into())),
        None if name == "now" => now.map(|now| now.to_string()),
        None if name == "version" => Some(version.unwrap_or(EC2_VERSION).to_owned()),
        None => None,
    };
    let time = asked.time(answered);
    let counts = |finding: &Finding| {
        let id = finding.requirement.as_deref().unwrap_or_default();
        let known = servers.requirement(id);
        known.is_none_or(|known| known.counts_at(time))
    };
    PROTOCOL
        .into_iter()
        .chain(asked.other_version().is_none().then_some(MODEL))
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
        .filter(counts)
        .map(deviation)
        .collect()
}
