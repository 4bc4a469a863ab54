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
mod parameters;
mod request;
mod signature;

pub use parameters::{Pair, Parameters};
pub use signature::Signing;

use crate::catalogue::{Catalogue, CatalogueError};
use crate::place;
use crate::record::{CaseRecord, Deviation, Difference, Exchange, Message, Verdict};
use crate::requirement::{Requirement, RequirementFile};
use crate::subject::{Answered, Reuse, message};
use crate::{Level, Phase, http1};
use ec2wire_model::Model;
pub(crate) use request::is_common;
use std::collections::BTreeMap;
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

    /// The action, where the request names one.
    pub fn action(&self) -> Option<String> {
        self.parameters().first("Action").map(str::to_owned)
    }

    pub(crate) fn message(&self) -> Message {
        let target = signature::without_secrets(&self.target);
        let start = format!("{} {target} {}", self.method, self.version);
        message(start, &self.headers, &self.body)
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

    /// The same without the coding that the headers name; `None` where it cannot be unpacked.
    pub(crate) fn unpacked(&self) -> Option<Answered> {
        let mut answered = self.answered();
        let body = answer::unpacked(&self.headers, &self.body)?;
        if body != answered.body {
            answered.document = crate::referee::Element::parse(&body);
            answered.body = body;
        }
        Some(answered)
    }
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
    /// action's own members, then the signature.
    pub fn request(&self, request: &Request, signing: &Signing) -> Vec<Deviation> {
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
        // A coding that is not known here says nothing of what is in it.
        answer.unpacked().map_or_else(Vec::new, |answered| {
            answer::check(&self.servers, action.as_deref(), &answered)
        })
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
        let mut record = self.record(name, Some(request), None, &Signing::Ignored);
        record.deviations = broken.to_vec();
        crate::report::explain_exchange(&record)
    }

    /// Judges an exchange and makes a line of a record of it.
    pub(crate) fn record(
        &self,
        id: String,
        request: Option<&Request>,
        answer: Option<&Answer>,
        signing: &Signing,
    ) -> CaseRecord {
        let action = request.and_then(Request::action);
        let unpacked = answer.and_then(Answer::unpacked);
        let answered = unpacked.clone().or_else(|| answer.map(Answer::answered));
        let mut deviations = request.map_or_else(Vec::new, |r| self.request(r, signing));
        if let Some(unpacked) = &unpacked {
            deviations.extend(answer::check(&self.servers, action.as_deref(), unpacked));
        }
        let title = match (request, &action) {
            (_, Some(action)) => action.clone(),
            (Some(_), None) => "a request without an action".into(),
            (None, None) => "an answer".into(),
        };
        let nothing = || Message {
            start: String::new(),
            headers: Vec::new(),
            body: String::new(),
            body_hex: None,
        };
        CaseRecord {
            id,
            title,
            phase: Phase::Transport,
            verdict: Verdict::of(&deviations),
            level: Level::Must,
            requirements: Deviation::requirements(&deviations),
            legal: Vec::new(),
            actual: answered.as_ref().map(Answered::actual),
            made: None,
            exchange: Some(Exchange {
                request: request.map_or_else(nothing, Request::message),
                response: answer.map(|answer| answer.answered().message()),
            }),
            deviations,
            earlier: Vec::new(),
            curl: None,
            note: String::new(),
            expected: None,
            retries: 0,
            ms: 0,
        }
    }
}
