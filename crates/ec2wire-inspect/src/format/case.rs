//! The format of cases.
//!
//! A case is a list of steps; a step is a request and its legal answers. Texts may contain
//! variables:
//!
//! | variable | value |
//! |---|---|
//! | `${ipam}` | an IPAM that exists |
//! | `${unknown-ipam}` | a well-formed id of an IPAM that does not exist |
//! | `${region}` | the Region of the run |
//! | `${version}` | the API version of the request, nearly always 2016-11-15 |
//! | `${token}`, `${token-2}` ... | client tokens, new for every run of the case |
//! | `${item}` | the current value of `for-each` |
//! | `${n}` | the position in a generated list or body, from 1 |
//! | `${STEP:PATH}` | the text at that path of an earlier step's answer |
//! | `${STEP:PATH\|TEXT}` | the same, or TEXT if there is none |
//! | `${this:PATH}` | in a check: the text at that path of this step's answer |

use crate::format::aspect::Aspect;
use crate::format::body::Body;
use crate::format::requirement::Requirement;
use crate::format::template::{Template, mentions};
use ec2wire::ResourceType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A file of cases and requirements.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CaseFile {
    /// The prefix of the cases' ids. A file without cases needs none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// The phase of the cases, unless a case sets its own.
    #[serde(default)]
    pub phase: Phase,
    /// Requirements of one's own, for the cases of all files that are read.
    #[serde(rename = "requirement", default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<Requirement>,
    /// The cases.
    #[serde(rename = "case", default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<Case>,
}

/// What a case is about. Reports list the phases separately.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Requests as the documents show them.
    #[default]
    Examples,
    /// Each limit, from both sides.
    Boundaries,
    /// What a request does: dry runs, client tokens, what exists afterwards.
    Semantics,
    /// Status, headers and the documents around the members.
    Envelope,
    /// HTTP and the encoding of a request, as real clients vary them.
    Transport,
    /// Requests that no client should send.
    Robustness,
    /// Requests made from the contract.
    Generated,
}

impl Phase {
    /// All phases, in order.
    pub const ALL: [Self; 7] = [
        Self::Examples,
        Self::Boundaries,
        Self::Semantics,
        Self::Envelope,
        Self::Transport,
        Self::Robustness,
        Self::Generated,
    ];

    /// The phase's word in case files and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Examples => "examples",
            Self::Boundaries => "boundaries",
            Self::Semantics => "semantics",
            Self::Envelope => "envelope",
            Self::Transport => "transport",
            Self::Robustness => "robustness",
            Self::Generated => "generated",
        }
    }
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// One case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Case {
    /// Stable id in kebab-case; in a catalogue it includes the file's prefix.
    pub id: String,
    /// What the case shows, as a sentence.
    pub title: String,
    /// The requirement that an illegal answer breaks.
    pub requirement: String,
    /// The phase, if it differs from the file's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// Makes one case for each value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_each: Option<ForEach>,
    /// Whether no other case may run at the same time, because it is about the account and not only
    /// about its own policy.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alone: bool,
    /// The value of `${item}`, if `for-each` made the case.
    #[serde(skip)]
    pub item: Option<String>,
    /// The names of lists of steps that run first. They are put in front of the case's own steps
    /// when it is read.
    #[serde(default, skip_serializing)]
    pub given: Vec<String>,
    /// The requests to a server, in order. The first illegal answer ends the case.
    #[serde(rename = "step", default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// The calls that a client makes, in order; a client case has these and no steps. The first
    /// call that breaks something ends the case.
    #[serde(rename = "call", default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Call>,
    /// Why a case made from a law cannot run: for example, a fixture is missing.
    #[serde(skip)]
    pub blocked: Option<String>,
    /// Why it shows nothing that the server refuses what the case sends: no valid request comes
    /// before it, so that the refusal may have another reason. Set by laws.
    #[serde(skip)]
    pub unproven: Option<String>,
    /// What it shows of the resource that it is about. Set by laws.
    #[serde(skip)]
    pub aspect: Option<Aspect>,
    /// The name of that resource, if it is one of the table of resources. Set by laws.
    #[serde(skip)]
    pub resource: Option<String>,
}

impl Step {
    /// Calls a function with each text of the request and of the checks that may have variables.
    pub fn each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        self.needs.iter_mut().for_each(&mut *change);
        if let Some(members) = &mut self.members {
            members.each_text(change);
        }
        for (key, value) in &mut self.pairs {
            change(key);
            change(value);
        }
        for check in &mut self.checks {
            change(&mut check.at);
            match &mut check.test {
                Test::Equals(text)
                | Test::Differs(text)
                | Test::AtMost(text)
                | Test::MoreThan(text) => {
                    change(text);
                }
                Test::OneOf(texts) | Test::AbsentOrOneOf(texts) => {
                    texts.iter_mut().for_each(&mut *change);
                }
                Test::Tags(tags) => tags.each_text(change),
                _ => {}
            }
        }
    }

    /// Whether the step names an IPAM that must exist.
    pub fn needs_ipam(&self) -> bool {
        let mut values = self.pairs.iter().map(|(_, value)| value);
        let in_members = self.members.as_ref().is_some_and(|m| m.mentions("ipam"));
        let in_body = self.body.as_ref().is_some_and(|b| b.mentions("ipam"));
        in_members || in_body || values.any(|value| mentions(value, "ipam"))
    }
}

impl Case {
    /// Whether the case names an IPAM that must exist.
    pub fn needs_ipam(&self) -> bool {
        self.steps.iter().any(Step::needs_ipam)
    }

    /// The cases that `for-each` makes of it; without `for-each`, the case itself.
    pub fn expand(self) -> Vec<Self> {
        let Some(ForEach {
            values,
            named,
            list,
            except,
        }) = &self.for_each
        else {
            return vec![self];
        };
        let listed: &[ResourceType] = match list {
            Some(NamedList::ResourceTypes) => ResourceType::ALL,
            None => &[],
        };
        values
            .iter()
            .map(String::as_str)
            .chain(listed.iter().map(ResourceType::as_str))
            .filter(|value| !except.iter().any(|e| e == value))
            .map(|value| (value, value))
            .chain(named.iter().map(|(name, value)| (&**name, &**value)))
            .map(|(name, value)| Self {
                id: format!("{}/{name}", self.id),
                item: Some(value.to_owned()),
                ..self.clone()
            })
            .collect()
    }

    /// The phase of the case.
    pub fn phase(&self) -> Phase {
        self.phase.unwrap_or_default()
    }

    /// The id without the value that `for-each` appended.
    pub fn family(&self) -> &str {
        match &self.item {
            Some(_) => self
                .id
                .rsplit_once('/')
                .map_or(&self.id, |(family, _)| family),
            None => &self.id,
        }
    }
}

/// One call of a client and its answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Call {
    /// The operation, if it is not `CreateIpamPolicy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Which side the case's requirement is about. Mistakes on the other side break the
    /// requirements that apply to every call.
    #[serde(default, skip_serializing_if = "Side::is_usual")]
    pub asks: Side,
    /// The call's members by the API's names, as boto3 takes them.
    pub input: Template,
    /// The names of the answers in `answers.toml`, one for each request; the last one is repeated.
    pub answers: Vec<String>,
    /// Whether the client may refuse the call without sending anything.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_refuse: bool,
}

impl Call {
    /// The operation.
    pub fn operation(&self) -> &str {
        self.operation.as_deref().unwrap_or("CreateIpamPolicy")
    }
}

/// A side of a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// What the client sends.
    Request,
    /// How it reads the answer.
    #[default]
    Answer,
}

impl Side {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// The values that `for-each` goes through.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ForEach {
    /// Values that are also the ends of the ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Values that cannot be part of an id, by the names that the ids end with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub named: BTreeMap<String, String>,
    /// A list by its name: `resource-types` is every value of that enum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<NamedList>,
    /// Values of the list to leave out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
}

/// A list that is too long to write out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum NamedList {
    /// Every known `ResourceType`.
    ResourceTypes,
}

/// One request and its legal answers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the format")]
pub struct Step {
    /// The name by which later steps refer to the answer.
    pub name: Option<String>,
    /// Resources that the case makes before the step, as `${a:subnet}`, besides those that its request
    /// names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// The action, sent as `Action`; absent if `pairs` or `body` include it.
    pub action: Option<String>,
    /// Whether the action, or a member, is one on purpose that EC2's service model does not have, or
    /// a value has a type that it does not take. They are sent as they are.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub beyond_model: bool,
    /// The API version, if it is not EC2's.
    pub version: Option<String>,
    /// The request's members by the API's names, as boto3 takes them.
    pub members: Option<Template>,
    /// Pairs to append after the members, by their wire keys. The encoder escapes them.
    /// Keys and values may contain variables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<(String, String)>,
    /// The whole body, sent as it is: a text, or a list of pieces. A piece is a text,
    /// `{ hex = "ff" }`, `{ repeat = "x", times = 3 }` or `{ generate = 3, each = "&K.${n}=v" }`.
    /// `action` then only determines how the answer is judged.
    pub body: Option<Body>,
    /// `POST` by default. A `GET` sends the body as its query.
    pub method: Option<String>,
    /// Headers to add or replace; an empty value removes the header.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Template>,
    /// How HTTP carries the request.
    #[serde(skip_serializing_if = "Transport::is_usual")]
    pub transport: Transport,
    /// Whether the request is sent twice at the same time. Both answers are judged, and `creates`
    /// counts what both created.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub twice: bool,
    /// Whether this step only prepares the next one: if any part of it fails, the case is not run.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub setup: bool,
    /// Whether the case only presupposes the outcome and tests something else, such as an error's
    /// document. If another answer of the protocol comes, the case is not run.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub premise: bool,
    /// Whether the case tests that the action exists: if the server says that it lacks the action,
    /// that breaks the requirement, and the case is not just `unimplemented`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether to repeat the request for up to ten seconds, while the answer is a success but a
    /// check fails, or while a policy is not found.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub eventually: bool,
    /// A named set of outcomes, instead of `legal` and `tolerated`.
    pub expect: Option<String>,
    /// The legal outcomes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub legal: Vec<Outcome>,
    /// Outcomes that break only a weaker requirement than the case's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tolerated: Vec<Tolerated>,
    /// How many new policies must exist after the step.
    pub creates: Option<usize>,
    /// How to delete what a success created, after the case. IPAM policies are deleted without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// The kind of answer that shows what the case is about. After another one that breaks no more
    /// than a MAY, the case is not run: it has judged nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_by: Option<Answer>,
    /// Whether the case of a law rests on this request of its action. Set by laws.
    #[serde(skip)]
    pub plain: bool,
    /// Whether a refusal or a dry run must create nothing, and how to check that. Set by laws.
    #[serde(skip)]
    pub watch: Watch,
    /// Whether the request must be refused and, if the server accepts it, would do something that
    /// cannot be undone.
    #[serde(skip)]
    pub acts: bool,
    /// What must hold of a legal answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// Names of lists of checks that must hold too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

/// How to check that a request created nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Watch {
    /// It is not checked.
    #[default]
    No,
    /// It should be checked, but no way is known.
    Unknown,
    /// By comparing a listing from before with one from after.
    By(Listing),
}

/// How to list what an action creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The action that lists it.
    pub action: String,
    /// The path of the ids in its answer.
    pub at: String,
    /// How to delete new entries.
    pub undo: Option<Undo>,
}

/// How to delete what a step created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Undo {
    /// The path of the id in the answer.
    pub at: String,
    /// The action that deletes.
    pub action: String,
    /// The wire key that takes the id.
    pub key: String,
    /// Whether to delete it before the next step rather than after the case: the next step may need
    /// its place, name or addresses.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_once: bool,
    /// Another identifier of the same thing, for a server that deletes nothing by the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<Alias>,
}

/// Another identifier of what a step created, such as a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Alias {
    /// Its path in the answer. It counts only if the request sent the same text.
    pub at: String,
    /// The wire key of the deleting action that takes it.
    pub key: String,
}

/// How HTTP carries a request. Absent keys have the usual values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Transport {
    /// The connection to use.
    pub connection: Connection,
    /// How the body is sent.
    pub framing: Framing,
    /// The case of the headers' names.
    pub header_names: HeaderNames,
    /// The version of HTTP.
    pub http: Http,
}

impl Transport {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// The connection that carries a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Connection {
    /// Any open connection, or else a new one.
    #[default]
    Shared,
    /// The case's own, as long as the server keeps it open.
    Own,
    /// A new one.
    New,
}

/// How a body is sent over a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Framing {
    /// With its length, all at once.
    #[default]
    Sized,
    /// With its length, in several pieces.
    Pieces,
    /// In chunks, without a length.
    Chunked,
}

/// The case of header names, which HTTP ignores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum HeaderNames {
    /// `content-type`
    #[default]
    Lower,
    /// `Content-Type`
    Title,
}

/// A version of HTTP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Http {
    /// HTTP/1.1.
    #[default]
    #[serde(rename = "1.1")]
    One1,
    /// HTTP/1.0.
    #[serde(rename = "1.0")]
    One0,
}

/// A named set of outcomes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct OutcomeSet {
    /// The legal outcomes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub legal: Vec<Outcome>,
    /// Outcomes that break only a weaker requirement than the case's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tolerated: Vec<Tolerated>,
}

/// A kind of answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Outcome {
    /// Whether it is a success or a fault.
    pub answer: Answer,
    /// The statuses; if absent, any of the kind's class.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<u16>,
    /// The error codes of a fault; if absent, any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
}

impl Answer {
    /// The kind in words.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Success => "a success",
            Self::Fault => "a fault",
            Self::Error => "an error",
            Self::NoServerError => "anything but a server error",
            Self::Any => "any answer",
        }
    }
}

impl Outcome {
    /// The outcome in words.
    pub fn in_words(&self) -> String {
        let mut words = String::from(self.answer.in_words());
        if !self.status.is_empty() {
            words.push_str(", status ");
            words.push_str(&join(self.status.iter().map(ToString::to_string)));
        }
        if !self.codes.is_empty() {
            words.push_str(", code ");
            words.push_str(&join(self.codes.iter().cloned()));
        }
        words
    }
}

fn join(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(" or ")
}

/// An outcome that breaks only the named requirement.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tolerated {
    /// The outcome.
    pub outcome: Outcome,
    /// The requirement that it breaks.
    pub requirement: String,
}

/// Kinds of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A 2xx status and the action's response document.
    Success,
    /// A 4xx status and an error document.
    Fault,
    /// A 4xx or 5xx status and an error document.
    Error,
    /// A 2xx or 4xx status, whatever the body.
    NoServerError,
    /// Any HTTP answer.
    Any,
}

/// Something that must hold of an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Check {
    /// The requirement that is broken if it does not hold; the case's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
    /// The kind of answer that it applies to; all kinds if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Answer>,
    /// Where to look.
    ///
    /// - A path of elements below the root, such as `ipamPolicy.tagSet.item[0].key` or
    ///   `ipamPolicySet.item[ipamPolicyId=ID].state`.
    /// - `@root`, `@xmlns` and `@prefix`: the root's name, its namespace, and the first prefix of an
    ///   element inside it.
    /// - `@request-id`: the document's request id, however it is spelled.
    /// - `@status`, `@header:NAME`, `@body`: what HTTP carried.
    /// - `@connection`: `new`, `kept` from the previous request, or `announced`, a new one because
    ///   the server had said that it would close the old one.
    pub at: String,
    /// What must hold there.
    #[serde(flatten)]
    pub test: Test,
}

impl Check {
    /// The keys of a check besides its test.
    pub const KEYS: [&str; 3] = ["requirement", "of", "at"];
}

/// What must hold at a place.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// The text equals this.
    Equals(String),
    /// There is a text, and it differs from this.
    Differs(String),
    /// The text is one of these.
    OneOf(Vec<String>),
    /// There is nothing, or the text is one of these.
    AbsentOrOneOf(Vec<String>),
    /// The text matches the regular expression, which is not anchored.
    Matches(String),
    /// No text there matches the regular expression.
    Lacks(String),
    /// The text is the time of the exchange, give or take 45 minutes, or no time.
    Current(bool),
    /// Whether there is anything at all.
    Present(bool),
    /// The number of elements there.
    Count(usize),
    /// The maximum number of elements: a number or a variable.
    AtMost(String),
    /// The number of elements is greater than this: a number or a variable.
    MoreThan(String),
    /// No element is equal to one at the same place in the answer to the named step, not counting
    /// elements that occur twice there.
    Apart(String),
    /// The children of the elements there have only these names.
    Among(Vec<String>),
    /// Whether the children of each element there have different names.
    Once(bool),
    /// The list of tags there has exactly these, in any order; an absent list is empty.
    Tags(Template),
    /// The whole answer agrees with EC2's service model in this respect, whatever `at` is.
    Model(ModelTest),
}

/// A respect in which an answer may differ from the service model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ModelTest {
    /// Each text is a valid value of its member's type.
    Types,
    /// List entries have the element name from the model.
    Lists,
    /// No member appears twice.
    Once,
    /// Each element is a member in the model.
    Members,
    /// Each enum value is one in the model.
    Values,
    /// No number and no time has white space around it.
    Spaces,
}
