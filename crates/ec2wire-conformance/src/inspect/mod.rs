//! The rules of the wire, for one exchange: what a client sent, and what it was answered.
//!
//! `lint`, the proxy, `verify client` and the mocks of `ec2wire-wiremock` all judge by this module.
//! It asks only what holds for any exchange. What a client was to send, and what a server was to
//! answer, the cases know.
//!
//! ```
//! use ec2wire_conformance::inspect::{Inspector, Request, Signing};
//!
//! let inspector = Inspector::embedded()?;
//! let request = Request::post("Action=DescribeIpamPolicies&Version=2016-11-15&Filter=");
//! let found = inspector.request(&request, &Signing::Ignored);
//! assert_eq!(found[0].requirement, "list-not-bare");
//! # Ok::<(), ec2wire_conformance::CatalogueError>(())
//! ```

mod answer;
pub(crate) mod parameters;
mod request;
mod signature;

pub use parameters::{Pair, Parameters};
pub use signature::Signing;

use crate::catalogue::{Catalogue, CatalogueError};
use crate::place;
use crate::record::{CaseRecord, Deviation, Difference, Exchange, Message, Verdict};
use crate::requirement::{Requirement, RequirementFile};
use crate::subject::{Answered, Reuse, answer_message, coding, message, secrets};
use crate::{Level, Phase, http1};
use ec2wire_model::Model;
pub(crate) use request::is_common;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The embedded data files.
pub(crate) const REQUIREMENTS: &str = include_str!("../../contract/client-requirements.toml");

/// A request as it was on the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The method, as it came.
    pub method: String,
    /// The target: path and query.
    pub target: String,
    /// The version, as in `HTTP/1.1`.
    pub version: String,
    /// Names and values, as they came, in order.
    pub headers: Vec<(String, String)>,
    /// The content, taken out of its chunks.
    pub body: Vec<u8>,
}

impl Request {
    /// A `POST` of a form, with the headers that it cannot do without.
    pub fn post(body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let header = |name: &str, value: String| (name.to_owned(), value);
        Self {
            method: "POST".into(),
            target: "/".into(),
            version: "HTTP/1.1".into(),
            headers: vec![
                header("host", "localhost".into()),
                header("content-type", ec2wire::form::CONTENT_TYPE.into()),
                header("content-length", body.len().to_string()),
            ],
            body,
        }
    }

    /// The value of the first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        http1::all(&self.headers, name).next()
    }

    /// Where the parameters stand: the query of a `GET`, else the body.
    pub(crate) fn form(&self) -> (&[u8], Where) {
        match self.target.split_once('?') {
            Some((path, query)) if self.body.is_empty() => {
                (query.as_bytes(), Where::Query(path.len() + 1))
            }
            _ => (&self.body, Where::Body),
        }
    }

    /// The parameters, as far as they can be read.
    pub fn parameters(&self) -> Parameters {
        Parameters::read(self.form().0)
    }

    /// Whether the request is one to EC2, as far as can be told: emulators have all services at one
    /// address, and browsers ask before they send.
    pub(crate) fn is_ec2(&self) -> bool {
        if matches!(self.method.as_str(), "OPTIONS" | "HEAD" | "CONNECT") {
            return false;
        }
        let host = self.header("host").unwrap_or_default();
        if host.split('.').next() == Some("ec2") {
            return true;
        }
        let parameters = self.parameters();
        let action = parameters.first("Action");
        let version = parameters.first("Version");
        let is_current = version == Some(ec2wire::EC2_VERSION);
        let is_root = matches!(self.target.split('?').next(), Some("/" | ""));
        if is_root && is_current && action.is_some() {
            return true;
        }
        if let Some(service) = signature::service(self) {
            return service == "ec2";
        }
        // S3 once signed so, and its parameters are its own.
        let is_other = self.header("x-amz-target").is_some()
            || self
                .header("authorization")
                .is_some_and(|value| value.starts_with("AWS "));
        is_root && !is_other && (is_current || version.is_none() && action.is_some())
    }

    /// The action, where the request names one.
    pub fn action(&self) -> Option<String> {
        self.parameters().first("Action").map(str::to_owned)
    }

    pub(crate) fn message(&self) -> Message {
        let query = self.clean_target();
        let target = query.as_deref().unwrap_or(&self.target);
        let start = format!("{} {target} {}", self.method, self.version);
        let mut kept = secrets::of_body(&self.headers, &self.body);
        kept.redacted |= query.is_some();
        message(start, &self.headers, kept)
    }

    /// The target without its secrets; `None` where it has none.
    fn clean_target(&self) -> Option<String> {
        let (path, query) = self.target.split_once('?')?;
        Some(format!("{path}?{}", secrets::of_form(query)?))
    }

    /// The same without the secrets in its target and its body; `None` where it has none.
    fn without_secrets(&self) -> Option<Self> {
        let kept = secrets::of_body(&self.headers, &self.body);
        let query = self.clean_target();
        (kept.redacted || query.is_some()).then(|| Self {
            target: query.unwrap_or_else(|| self.target.clone()),
            // One that is left out, the message leaves out.
            body: if kept.cut {
                self.body.clone()
            } else {
                kept.body
            },
            ..self.clone()
        })
    }
}

/// An answer as it was on the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names and values, as they came, in order.
    pub headers: Vec<(String, String)>,
    /// The content, taken out of its chunks.
    pub body: Vec<u8>,
}

impl Answer {
    pub(crate) fn answered(&self) -> Answered {
        Answered {
            status: self.status,
            headers: self.headers.clone(),
            body: self.body.clone(),
            document: crate::referee::Element::parse(&self.body),
            connection: Reuse::New,
        }
    }

    /// The same without the coding that the headers name.
    ///
    /// Fails where it cannot be unpacked, which says nothing of what is in it.
    pub(crate) fn unpacked(&self) -> Result<Answered, String> {
        match coding::unpacked(&self.headers, &self.body) {
            Ok(body) => Ok(self.with(body).answered()),
            // Nobody can read that.
            Err(packed) if packed.is_damaged => Ok(Answered {
                document: Err(format!("the body {}", packed.why)),
                ..self.answered()
            }),
            Err(packed) => Err(packed.why),
        }
    }

    pub(crate) fn message(&self) -> Message {
        answer_message(self.status, &self.headers, &self.body)
    }

    fn with(&self, body: Vec<u8>) -> Self {
        Self {
            body,
            ..self.clone()
        }
    }

    /// The same without its secrets, unpacked; `None` where it has none.
    fn without_secrets(&self) -> Option<Self> {
        let kept = secrets::of_body(&self.headers, &self.body);
        kept.redacted.then(|| self.with(kept.body))
    }
}

/// What was seen of an exchange.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sight<'m> {
    pub(crate) request: Option<&'m Request>,
    pub(crate) answer: Option<&'m Answer>,
    /// Whether that is a part of the request only, which says nothing of the whole.
    pub(crate) request_cut: bool,
    /// The same of the answer.
    pub(crate) answer_cut: bool,
    /// What is to be said of it besides.
    pub(crate) notes: &'m [String],
}

/// Where parameters stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Where {
    Body,
    /// In the target, from that byte on.
    Query(usize),
}

/// A place in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Spot {
    /// The request as a whole.
    Whole,
    Method,
    /// These bytes of the target.
    Target(Range<usize>),
    Header(String),
    /// These bytes of the body.
    Body(Range<usize>),
}

impl Spot {
    /// What the places in a request begin with, in [`Difference::at`].
    pub(crate) const PREFIX: &'static str = "@request";

    /// The place as a text, for [`Difference::at`].
    pub(crate) fn to_text(&self) -> String {
        let prefix = Self::PREFIX;
        match self {
            Self::Whole => prefix.to_owned(),
            Self::Method => format!("{prefix}:method"),
            Self::Target(range) => format!("{prefix}:target:{}-{}", range.start, range.end),
            Self::Header(name) => format!("{prefix}:header:{name}"),
            Self::Body(range) => format!("{prefix}:body:{}-{}", range.start, range.end),
        }
    }

    /// Reads what [`to_text`](Self::to_text) wrote; `None` for other places.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(Self::PREFIX)?;
        if rest.is_empty() {
            return Some(Self::Whole);
        }
        let rest = rest.strip_prefix(':')?;
        if rest == "method" {
            return Some(Self::Method);
        }
        let (kind, rest) = rest.split_once(':')?;
        let range = || {
            let (start, end) = rest.split_once('-')?;
            Some(start.parse().ok()?..end.parse().ok()?)
        };
        match kind {
            "header" => Some(Self::Header(rest.to_owned())),
            "target" => range().map(Self::Target),
            "body" => range().map(Self::Body),
            _ => None,
        }
    }
}

/// What a request broke, before its requirement is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) requirement: &'static str,
    pub(crate) found: String,
    pub(crate) spot: Spot,
}

/// How often a message is blamed for the same; more of it is counted.
const MOST_TOLD: usize = 8;

/// Judges exchanges by the embedded requirements.
#[derive(Debug)]
pub struct Inspector {
    servers: Catalogue,
    clients: BTreeMap<String, Requirement>,
}

impl Inspector {
    /// Reads the embedded tables. Fails only where one is wrong, which a test excludes.
    pub fn embedded() -> Result<Self, CatalogueError> {
        let RequirementFile { requirement } =
            place::read("client-requirements.toml", REQUIREMENTS)?;
        Ok(Self {
            servers: Catalogue::without_cases()?,
            clients: requirement.into_iter().map(|r| (r.id.clone(), r)).collect(),
        })
    }

    /// What the request breaks, in the order of the rules: first HTTP, then the form, then the
    /// action's own members, then the signature. What it breaks again and again is told eight
    /// times; the last of them says how often it was.
    pub fn request(&self, request: &Request, signing: &Signing) -> Vec<Deviation> {
        few(self.all_of_request(request, signing))
    }

    fn all_of_request(&self, request: &Request, signing: &Signing) -> Vec<Deviation> {
        let parameters = request.parameters();
        let action = parameters.first("Action");
        let known = action.and_then(|action| Model::ec2().operation(action));
        let shape = known.and_then(|known| known.input());
        let deviations = |broken: Vec<Broken>| broken.into_iter().map(|one| self.deviation(one));
        let mut found: Vec<Deviation> = deviations(request::http(request)).collect();
        found.extend(deviations(request::form(request, &parameters, shape)));
        if let Some(known) = known {
            found.extend(request::contract(known, request, &parameters));
        }
        found.extend(deviations(signature::check(request, signing)));
        found
    }

    /// What the answer breaks; `request` says which action it is to be an answer to.
    pub fn answer(&self, request: Option<&Request>, answer: &Answer) -> Vec<Deviation> {
        let action = request.and_then(Request::action);
        answer.unpacked().map_or_else(
            |_| Vec::new(),
            |answered| few(answer::check(&self.servers, action.as_deref(), &answered)),
        )
    }

    pub(crate) fn deviation(&self, broken: Broken) -> Deviation {
        let Broken {
            requirement,
            found,
            spot,
        } = broken;
        let known = self.clients.get(requirement);
        let wanted = known.map_or_else(String::new, |known| known.statement.clone());
        let difference = Difference::new(spot.to_text(), wanted, Some(found.clone()));
        Deviation::new(requirement.to_owned(), known, found, Some(difference))
    }

    /// The requirement of a client of that id.
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.clients.get(id)
    }

    /// All requirements of clients, by id.
    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.clients.values()
    }

    /// What a request broke, as text, with marks below the bytes that are wrong.
    pub fn explain(&self, request: &Request, broken: &[Deviation]) -> String {
        let name = request.action().unwrap_or_default();
        let sight = Sight {
            request: Some(request),
            ..Sight::default()
        };
        let mut record = self.record(name, sight, &Signing::Ignored);
        record.deviations = broken.to_vec();
        crate::report::explain_exchange(&record)
    }

    /// Judges an exchange and makes a line of a record of it.
    ///
    /// What is there in part only does not pass: it was not judged.
    pub(crate) fn record(&self, id: String, sight: Sight<'_>, signing: &Signing) -> CaseRecord {
        let Sight {
            request, answer, ..
        } = sight;
        let action = request.and_then(Request::action);
        let mut deviations = Vec::new();
        let mut notes = sight.notes.to_vec();
        let mut is_judged = !sight.request_cut && !sight.answer_cut;
        if let Some(request) = request.filter(|_| !sight.request_cut) {
            let clean = request.without_secrets();
            let shown = clean.map(|clean| self.all_of_request(&clean, signing));
            let all = self.all_of_request(request, signing);
            deviations.extend(few(without_secrets(all, shown)));
        }
        let unpacked = answer.map(Answer::unpacked);
        match (&unpacked, answer) {
            (Some(Ok(unpacked)), Some(answer)) if !sight.answer_cut => {
                let check =
                    |answered: &Answered| answer::check(&self.servers, action.as_deref(), answered);
                let clean = answer.without_secrets();
                let shown = clean.map(|clean| check(&clean.answered()));
                deviations.extend(few(without_secrets(check(unpacked), shown)));
            }
            (Some(Err(why)), _) if !sight.answer_cut => {
                is_judged = false;
                notes.push(format!("the answer was not judged: its body {why}"));
            }
            _ => {}
        }
        let title = match (request, &action) {
            (_, Some(action)) => action.clone(),
            (Some(_), None) => "a request without an action".into(),
            (None, None) if answer.is_some() => "an answer".into(),
            (None, None) => "nothing that can be read".into(),
        };
        let verdict = match Verdict::of(&deviations) {
            Verdict::Pass if !is_judged => Verdict::NotRun,
            verdict => verdict,
        };
        let answered = match unpacked {
            Some(Ok(unpacked)) => Some(unpacked),
            _ => answer.map(Answer::answered),
        };
        let cut = |mut message: Message, is_cut: bool| {
            message.cut |= is_cut;
            message
        };
        CaseRecord {
            id,
            title,
            phase: Phase::Transport,
            verdict,
            level: Level::Must,
            requirements: Deviation::requirements(&deviations),
            legal: Vec::new(),
            actual: answered.as_ref().map(Answered::actual),
            made: None,
            exchange: Some(Exchange {
                request: cut(
                    request.map(Request::message).unwrap_or_default(),
                    sight.request_cut,
                ),
                response: answer.map(|answer| cut(answer.message(), sight.answer_cut)),
            }),
            deviations,
            earlier: Vec::new(),
            curl: None,
            note: notes.join("; "),
            expected: None,
            retries: 0,
            ms: 0,
        }
    }
}

/// The deviations with no requirement told too often: a message may break one in each of its bytes.
fn few(deviations: Vec<Deviation>) -> Vec<Deviation> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for deviation in &deviations {
        *counts.entry(deviation.requirement.clone()).or_default() += 1;
    }
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    let mut few = Vec::new();
    for mut deviation in deviations {
        let told = told.entry(deviation.requirement.clone()).or_default();
        *told += 1;
        let all = counts.get(&deviation.requirement).copied().unwrap_or(*told);
        if *told == MOST_TOLD && all > MOST_TOLD {
            deviation.found = format!("{}; {} more like it", deviation.found, all - MOST_TOLD);
        }
        if *told <= MOST_TOLD {
            few.push(deviation);
        }
    }
    few
}

/// The deviations of a message as they may be shown. `shown` has those of the same message without
/// its secrets; what is not among them may quote one.
fn without_secrets(deviations: Vec<Deviation>, shown: Option<Vec<Deviation>>) -> Vec<Deviation> {
    let Some(shown) = shown else {
        return deviations;
    };
    let found = "not shown: it is in a secret";
    let text = |deviation: &Deviation| {
        let at = deviation.difference.as_ref().map(|one| one.at.clone());
        (deviation.requirement.clone(), deviation.found.clone(), at)
    };
    let shown: BTreeSet<_> = shown.iter().map(text).collect();
    deviations
        .into_iter()
        .map(|deviation| {
            if shown.contains(&text(&deviation)) {
                return deviation;
            }
            Deviation {
                found: found.into(),
                difference: deviation.difference.map(|difference| Difference {
                    got: None,
                    ..difference
                }),
                ..deviation
            }
        })
        .collect()
}
