//! The wire rules for one exchange: a client's request and its answer.
//!
//! `lint`, the proxy, `verify client` and the mocks of `ec2wire-wiremock` all judge by this module.
//! It checks only what holds for any exchange. What a particular request or answer must contain is
//! the cases' business.
//!
//! ```
//! use ec2wire_inspect::{Inspector, Request, Signing};
//!
//! let inspector = Inspector::embedded()?;
//! let request = Request::post("Action=DescribeIpamPolicies&Version=2016-11-15&Filter=");
//! let found = inspector.request(&request, &Signing::Ignored);
//! assert_eq!(found[0].requirement, "list-not-bare");
//! # Ok::<(), ec2wire_inspect::CatalogueError>(())
//! ```

mod answer;
mod codes;
#[cfg(feature = "signatures")]
mod computed;
mod delivery;
mod exceptions;
mod halves;
mod parameters;
mod request;
mod required;
mod signature;
mod traffic;
mod version;

pub use crate::wire::form::{Pair, Parameters};
pub use crate::wire::{Exchange, Request, Response};
pub use request::{is_common, is_list};
pub use signature::Signing;
pub use traffic::is_ec2;

use crate::catalogue::Catalogue;
use crate::explain;
use crate::format::case::Phase;
use crate::format::embedded;
use crate::format::place::{self, CatalogueError};
use crate::format::requirement::{Requirement, RequirementFile};
use crate::judge;
use crate::record::{
    CaseRecord, Deviation, Difference, Exchange as Recorded, Kind, Message, Place, Spot, Verdict,
};
use crate::wire::Answered;
use crate::wire::secrets::Known;
use answer::Asked;
use ec2wire::contract::Level;
use ec2wire::ipam::CreateIpamPolicy;
use ec2wire_model::{Model, Operation, Timestamp, TimestampFormat};
use std::collections::{BTreeMap, HashSet};

/// A broken rule, before its requirement is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The requirement's id.
    pub requirement: &'static str,
    /// What was found, in words.
    pub found: String,
    /// The place in the request.
    pub spot: Spot,
}

/// How many findings one message may have for the same requirement; the rest is only counted.
const MOST_REPEATED: usize = 8;

/// Judges exchanges by the embedded requirements.
#[derive(Debug)]
pub struct Inspector {
    servers: Catalogue,
    clients: BTreeMap<String, Requirement>,
}

impl Inspector {
    /// Reads the embedded tables. Fails only if one is wrong, which a test excludes.
    pub fn embedded() -> Result<Self, CatalogueError> {
        let RequirementFile { requirement } = place::read_embedded(embedded::CLIENT_REQUIREMENTS)?;
        Ok(Self {
            servers: Catalogue::without_cases()?,
            clients: requirement.into_iter().map(|r| (r.id.clone(), r)).collect(),
        })
    }

    /// What the request breaks, in the order of the rules: HTTP, the form, the action's members,
    /// the signature. At most eight findings are reported for each requirement; the last one counts
    /// the rest.
    pub fn request(&self, request: &Request, signing: &Signing) -> Vec<Deviation> {
        limited(self.all_of_request(request, signing))
    }

    fn all_of_request(&self, request: &Request, signing: &Signing) -> Vec<Deviation> {
        let parameters = request.parameters();
        let action = parameters.first("Action");
        let is_of_model = version::other(&parameters).is_none();
        let known = action.filter(|_| is_of_model);
        let known = known.and_then(|action| Model::ec2().operation(action));
        let shape = known.and_then(|known| known.input());
        let deviations = |broken: Vec<Broken>| broken.into_iter().map(|one| self.deviation(one));
        let mut found: Vec<Deviation> = deviations(request::http(request)).collect();
        found.extend(deviations(request::form(request, &parameters, shape)));
        // The contract has a rule of its own for that action.
        let has_rule =
            |known: &Operation| known.name() == <CreateIpamPolicy as ec2wire::Operation>::ACTION;
        if let Some((known, shape)) = known.filter(|known| !has_rule(known)).zip(shape) {
            found.extend(deviations(required::missing(known, shape, &parameters)));
        }
        if let Some(known) = known {
            found.extend(request::contract(known, request, &parameters));
        }
        found.extend(deviations(signature::check(request, signing)));
        found
    }

    /// What the answer breaks; `request` determines which action it answers.
    pub fn response(&self, request: Option<&Request>, response: &Response) -> Vec<Deviation> {
        let asked = Asked::new(request, None);
        let around = Around {
            request,
            response,
            is_unpacked: false,
            is_stripped: false,
            sent_at: None,
        };
        let mut found = delivery::check(&self.servers, around);
        if let Ok(answered) = response.unpacked() {
            found.extend(self.all_of_response(around, &answered, &asked));
        }
        limited(found)
    }

    fn all_of_response(
        &self,
        around: Around<'_>,
        answered: &Answered,
        asked: &Asked,
    ) -> Vec<Deviation> {
        if is_of_another(answered) {
            return Vec::new();
        }
        let now = around.now(answered);
        let mut found = answer::check(&self.servers, asked, answered, now);
        found.extend(halves::check(&self.servers, around, answered));
        found
    }

    /// A broken rule with its requirement.
    pub fn deviation(&self, broken: Broken) -> Deviation {
        let Broken {
            requirement,
            found,
            spot,
        } = broken;
        violated(self.clients.get(requirement), requirement, spot, found)
    }

    /// The client requirement with that id.
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.clients.get(id)
    }

    /// All client requirements, by id.
    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.clients.values()
    }

    /// What a request broke, as text, with marks below the wrong bytes.
    pub fn explain(&self, request: &Request, broken: &[Deviation]) -> String {
        let exchange = Exchange {
            name: request.action().unwrap_or_default(),
            request: Some(request.clone()),
            ..Exchange::default()
        };
        let mut record = self.judge(&exchange, &Signing::Ignored);
        record.deviations = broken.to_vec();
        exchange.secrets().redact_words(&mut record);
        explain::request(&record)
    }

    /// Judges an exchange and returns a case line for a record.
    ///
    /// An exchange that is only partly there does not pass, since it was not judged.
    pub fn judge(&self, exchange: &Exchange, signing: &Signing) -> CaseRecord {
        let Exchange {
            request, response, ..
        } = exchange;
        let secrets = exchange.secrets();
        let asked = Asked::new(request.as_ref(), exchange.sent_at);
        let action = asked.action.clone();
        let mut notes = exchange.notes.clone();
        notes.extend(asked.other_version().map(version::note));
        let mut deviations = Vec::new();
        let unpacked = response.as_ref().map(Response::unpacked);
        let is_of_server = exchange.of_run == Some(Kind::Server);
        let read = request.as_ref().filter(|_| !exchange.request_cut);
        if let Some(request) = read.filter(|_| !is_of_server) {
            let mut shown = self.shown_of_request(request, signing, &secrets);
            let succeeded = unpacked
                .as_ref()
                .and_then(|unpacked| unpacked.as_ref().ok());
            if succeeded.is_some_and(|answered| judge::is_success(action.as_deref(), answered)) {
                shown = self.accepted(shown);
            }
            let is_edited =
                |one: &Deviation| exchange.is_stripped && one.requirement == "content-length-true";
            deviations.extend(shown.into_iter().filter(|one| !is_edited(one)));
        }
        let around = response.as_ref().map(|response| Around {
            request: request.as_ref().filter(|_| !exchange.request_cut),
            response,
            is_unpacked: exchange.is_unpacked,
            is_stripped: exchange.is_stripped,
            sent_at: exchange.sent_at,
        });
        let is_of_client = exchange.of_run == Some(Kind::Client);
        // An answer to HEAD has no body that could be judged.
        let is_head = request.as_ref().is_some_and(|one| one.method == "HEAD");
        let around = around.filter(|_| !exchange.response_cut && !is_of_client && !is_head);
        if let Some(around) = around {
            deviations.extend(delivery::check(&self.servers, around));
        }
        let mut is_judged = !exchange.request_cut && !exchange.response_cut;
        match (&unpacked, around) {
            (Some(Ok(unpacked)), Some(_)) if is_of_another(unpacked) => {
                is_judged = false;
                let found = judge::describe(action.as_deref(), unpacked);
                notes.push(format!(
                    "the answer was not judged: {found}; something between client and server gave it"
                ));
            }
            (Some(Ok(unpacked)), Some(around)) => {
                deviations.extend(self.shown_of_response(around, unpacked, &asked, &secrets));
            }
            (Some(Err(why)), Some(_)) => {
                is_judged = false;
                notes.push(format!("the answer was not judged: its body {why}"));
            }
            _ => {}
        }
        let verdict = match Verdict::from_deviations(&deviations) {
            Verdict::Pass if !is_judged => Verdict::NotRun,
            verdict => verdict,
        };
        let answered = match unpacked {
            Some(Ok(unpacked)) => Some(unpacked),
            _ => response.as_ref().map(Response::answered),
        };
        let mut record = CaseRecord::new(
            exchange.name.clone(),
            title(exchange, action),
            Phase::Transport,
            Level::Must,
            verdict,
        );
        record.requirements = Deviation::requirements(&deviations);
        record.actual = answered.as_ref().map(Answered::actual);
        record.exchange = Some(recorded(exchange, &secrets));
        record.deviations = deviations;
        record.note = notes.join("; ");
        record.ms = u64::try_from(exchange.took.as_millis()).unwrap_or(u64::MAX);
        if let Some(why) = &exchange.unreadable {
            record.verdict = Verdict::NotRun;
            record.deviations.clear();
            record.note.clone_from(why);
        }
        secrets.redact_words(&mut record);
        record
    }

    /// The findings about a request, without secrets.
    fn shown_of_request(
        &self,
        request: &Request,
        signing: &Signing,
        secrets: &Known,
    ) -> Vec<Deviation> {
        let clean = request.without_secrets(secrets);
        let shown = clean.map(|clean| self.all_of_request(&clean, signing));
        limited(without_secrets(
            self.all_of_request(request, signing),
            shown,
        ))
    }

    /// What a request broke that got a success. The server may be newer than the service model.
    fn accepted(&self, deviations: Vec<Deviation>) -> Vec<Deviation> {
        let weaker = |deviation: Deviation| match deviation.requirement.as_str() {
            "parameters-known" => {
                let id = "parameters-known-if-accepted";
                let known = self.clients.get(id);
                let wanted = known.map_or_else(String::new, |known| known.statement.clone());
                let difference = deviation.difference;
                let difference = difference.map(|one| Difference { wanted, ..one });
                Deviation::new(id.to_owned(), known, deviation.found, difference)
            }
            _ => deviation,
        };
        deviations.into_iter().map(weaker).collect()
    }

    /// The findings about a response, without secrets.
    fn shown_of_response(
        &self,
        around: Around<'_>,
        unpacked: &Answered,
        asked: &Asked,
        secrets: &Known,
    ) -> Vec<Deviation> {
        let check = |answered: &Answered| self.all_of_response(around, answered, asked);
        let clean = around.response.without_secrets(secrets);
        let shown = clean.map(|clean| check(&clean.answered()));
        limited(without_secrets(check(unpacked), shown))
    }
}

/// An answer with what is known around it.
#[derive(Debug, Clone, Copy)]
struct Around<'e> {
    request: Option<&'e Request>,
    response: &'e Response,
    /// Whether the body may have been unpacked already.
    is_unpacked: bool,
    /// Whether headers of the request may have been replaced.
    is_stripped: bool,
    /// When the request was sent, if that was recorded.
    sent_at: Option<Timestamp>,
}

impl Around<'_> {
    /// When the answer was given, apart from what it says itself: when the exchange was recorded, or
    /// when the request was signed. A server that grants a request finds its time right.
    fn now(&self, answered: &Answered) -> Option<Timestamp> {
        let signed = || {
            let request = self.request.filter(|_| !self.is_stripped)?;
            // A presigned URL has its time in the query and may be used days later.
            request.header("x-amz-date")?.parse().ok()
        };
        let is_granted = (200..300).contains(&answered.status) && answered.document.is_ok();
        self.sent_at.or_else(|| signed().filter(|_| is_granted))
    }

    /// When the answer says that it was given. A recorder that replaces headers may replace this one.
    fn dated(&self, answered: &Answered) -> Option<Timestamp> {
        date(answered).filter(|_| !self.is_stripped)
    }
}

/// The time of an answer's Date header.
fn date(answered: &Answered) -> Option<Timestamp> {
    Timestamp::from_text(answered.header("date")?, TimestampFormat::Rfc822)
}

/// Whether something between client and server may have given the answer. In a run, a server is
/// asked directly, and its own limits are judged.
fn is_of_another(answered: &Answered) -> bool {
    answered.is_from_between() || answered.is_limit_page()
}

/// A broken requirement for servers.
fn of_server(servers: &Catalogue, id: &str, place: Place, found: String) -> Deviation {
    violated(servers.requirement(id), id, place, found)
}

/// A broken requirement. What is wanted is its statement.
fn violated(
    known: Option<&Requirement>,
    id: &str,
    at: impl Into<Place>,
    found: String,
) -> Deviation {
    let wanted = known.map_or_else(String::new, |known| known.statement.clone());
    let difference = Difference::new(at, wanted, Some(found.clone()));
    Deviation::new(id.to_owned(), known, found, Some(difference))
}

fn title(exchange: &Exchange, action: Option<String>) -> String {
    match (&exchange.request, action) {
        (_, Some(action)) => action,
        (Some(_), None) => "a request without an action".into(),
        (None, None) if exchange.response.is_some() => "an answer".into(),
        (None, None) => "nothing readable".into(),
    }
}

/// The exchange as a record keeps it.
fn recorded(exchange: &Exchange, secrets: &Known) -> Recorded {
    let cut = |mut message: Message, is_cut: bool| {
        message.cut |= is_cut;
        message
    };
    let request = exchange.request.as_ref();
    let request = request.map(|request| request.message(secrets));
    let response = exchange.response.as_ref();
    let response = response.map(|response| response.message(secrets));
    Recorded {
        request: cut(request.unwrap_or_default(), exchange.request_cut),
        response: response.map(|response| cut(response, exchange.response_cut)),
    }
}

/// Limits the number of deviations for each requirement: a message may break one in every byte.
fn limited(deviations: Vec<Deviation>) -> Vec<Deviation> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for deviation in &deviations {
        *counts.entry(deviation.requirement.clone()).or_default() += 1;
    }
    let mut so_far: BTreeMap<String, usize> = BTreeMap::new();
    let mut limited = Vec::new();
    for mut deviation in deviations {
        let count = so_far.entry(deviation.requirement.clone()).or_default();
        *count += 1;
        let all = counts
            .get(&deviation.requirement)
            .copied()
            .unwrap_or(*count);
        if *count == MOST_REPEATED && all > MOST_REPEATED {
            deviation.found = format!("{}; {} more like it", deviation.found, all - MOST_REPEATED);
        }
        if *count <= MOST_REPEATED {
            limited.push(deviation);
        }
    }
    limited
}

/// The deviations without secrets. `shown` has those of the same message after its secrets were
/// removed; any deviation that is not among them may quote a secret.
fn without_secrets(deviations: Vec<Deviation>, shown: Option<Vec<Deviation>>) -> Vec<Deviation> {
    let Some(shown) = shown else {
        return deviations;
    };
    let found = "not shown: it may quote a secret";
    let text = |deviation: &Deviation| {
        let at = deviation.difference.as_ref().map(|one| one.at.clone());
        (deviation.requirement.clone(), deviation.found.clone(), at)
    };
    let shown: HashSet<_> = shown.iter().map(text).collect();
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
