//! The format of cases.
//!
//! A case is a list of steps; a step is a request and the answers that are legal for it. Texts may
//! hold variables:
//!
//! | variable | stands for |
//! |---|---|
//! | `${ipam}` | an IPAM that exists |
//! | `${unknown-ipam}` | a well-formed id of an IPAM that does not exist |
//! | `${region}` | the Region that the run speaks to |
//! | `${token}`, `${token-2}` ... | client tokens, fresh for every run of the case |
//! | `${item}` | the value that `for-each` is at |
//! | `${n}` | the position in a generated list or body, from 1 |
//! | `${STEP:PATH}` | what an earlier step was answered at that path |
//! | `${STEP:PATH\|TEXT}` | the same, or the text where nothing stands there |
//! | `${this:PATH}` | in a check, what this step was answered at that path |

use crate::format::body::Body;
use crate::format::template::{Template, mentions};
use ec2wire::ResourceType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A file of cases.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CaseFile {
    /// The path in front of the cases' ids.
    pub prefix: String,
    /// What the cases are after; a case may say otherwise of itself.
    #[serde(default)]
    pub phase: Phase,
    /// The cases.
    #[serde(rename = "case")]
    pub cases: Vec<Case>,
}

/// What a case is after. Reports keep the phases apart.
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
    /// What a request does: dry runs, client tokens, what is there afterwards.
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

    /// The word for it, as in case files and records.
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
    /// Stable kebab-case id; with the file's prefix in front once it is in a catalogue.
    pub id: String,
    /// What the case shows, as a sentence.
    pub title: String,
    /// The requirement that an illegal answer breaks.
    pub requirement: String,
    /// What the case is after, where that is not its file's phase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// Makes one case of each value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_each: Option<ForEach>,
    /// Whether no other case may run beside it: what it is after is the account's and not its
    /// policy's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alone: bool,
    /// The value of `${item}` in a case that came from `for-each`.
    #[serde(skip)]
    pub item: Option<String>,
    /// Named lists of steps that the case rests on. They go in front of its own when it is read.
    #[serde(default, skip_serializing)]
    pub given: Vec<String>,
    /// The requests to a server, in order. The first illegal answer ends the case.
    #[serde(rename = "step", default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// The calls that a client is to make, in order, in place of steps. The first that breaks
    /// something ends the case.
    #[serde(rename = "call", default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Call>,
    /// Why a case that a law was made into cannot run, where that is so: a fixture is missing, say.
    #[serde(skip)]
    pub blocked: Option<String>,
}

impl Step {
    /// Whether the step speaks of an IPAM that must exist.
    pub fn needs_ipam(&self) -> bool {
        let mut values = self.pairs.iter().map(|(_, value)| value);
        let in_members = self.members.as_ref().is_some_and(|m| m.mentions("ipam"));
        let in_body = self.body.as_ref().is_some_and(|b| b.mentions("ipam"));
        in_members || in_body || values.any(|value| mentions(value, "ipam"))
    }
}

impl Case {
    /// Whether the case speaks of an IPAM that must exist.
    pub fn needs_ipam(&self) -> bool {
        self.steps.iter().any(Step::needs_ipam)
    }

    /// The cases that `for-each` makes of it, or the case itself.
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

    /// What the case is after.
    pub fn phase(&self) -> Phase {
        self.phase.unwrap_or_default()
    }

    /// The id without the value that `for-each` put at its end.
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

/// One call of a client, and what it is answered with.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Call {
    /// The operation, where it is not `CreateIpamPolicy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What the case's requirement is about; where the other side is at fault, the requirements of
    /// every call are broken.
    #[serde(default, skip_serializing_if = "Side::is_usual")]
    pub asks: Side,
    /// The call's members by the API's names, as boto3 takes them.
    pub input: Template,
    /// The answers by their names in `answers.toml`, one for each request; the last one for all
    /// that follow.
    pub answers: Vec<String>,
    /// Whether the client may refuse the call and send nothing.
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
    /// What it makes of the answer.
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

/// The values that a case is made for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ForEach {
    /// The values themselves, which the ids end with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Values that no id can end with, by the names that the ids end with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub named: BTreeMap<String, String>,
    /// A list by name: `resource-types` is every value of that enum.
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

/// One request and what may be answered.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the format")]
pub struct Step {
    /// The name under which later steps refer to the answer.
    pub name: Option<String>,
    /// The action, sent as `Action`; left out where `pairs` or `body` say all.
    pub action: Option<String>,
    /// The API version where it is not EC2's.
    pub version: Option<String>,
    /// The request's members by the API's names, as boto3 takes them.
    pub members: Option<Template>,
    /// Pairs to append behind the members, by their keys on the wire, escaped by the encoder.
    /// Variables may stand in keys and values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<(String, String)>,
    /// The whole body, sent as it is: a text, or a list of pieces. A piece is a text,
    /// `{ hex = "ff" }`, `{ repeat = "x", times = 3 }` or `{ generate = 3, each = "&K.${n}=v" }`.
    /// `action` then only says what the answer is to be judged as.
    pub body: Option<Body>,
    /// `POST` by default. A `GET` carries the body as its query.
    pub method: Option<String>,
    /// Headers to add or to replace; an empty one is left out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Template>,
    /// How HTTP carries the request.
    #[serde(skip_serializing_if = "Transport::is_usual")]
    pub transport: Transport,
    /// Whether the request is sent twice at the same time. Both answers are judged, and `creates`
    /// counts what both made.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub twice: bool,
    /// Whether this step only prepares the next: where anything of it fails, the case is not run.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub setup: bool,
    /// Whether the case only rests on the outcome and is about something else, such as the document
    /// of an error: where another answer of the protocol comes, the case is not run.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub premise: bool,
    /// Whether the case is about the action being there: where the server says that it lacks the
    /// action, that breaks the requirement, and the case is not just `unimplemented`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether to ask again, for up to ten seconds, while the answer is a success and a check does
    /// not hold, or while a policy is not found.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub eventually: bool,
    /// A named set of outcomes, in place of `legal` and `tolerated`.
    pub expect: Option<String>,
    /// The legal outcomes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub legal: Vec<Outcome>,
    /// Outcomes that break a weaker requirement than the case's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tolerated: Vec<Tolerated>,
    /// How many policies exist after the step that did not before.
    pub creates: Option<usize>,
    /// How to delete what a success made, once the case is over. IPAM policies are deleted without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// Whether a refusal or a dry run must have made nothing, and how that is seen. Laws say so.
    #[serde(skip)]
    pub watch: Watch,
    /// Whether a request that is to be refused would do something that is not undone, were it taken.
    #[serde(skip)]
    pub acts: bool,
    /// What must hold of a legal answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// Named lists of checks that must hold too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

/// How it is seen that a request made nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Watch {
    /// It is not looked at.
    #[default]
    No,
    /// It would be, and it is not known how.
    Unknown,
    /// By what is listed before and after.
    By(Listing),
}

/// How what an action makes is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The action that lists.
    pub action: String,
    /// Where its answer has the ids.
    pub at: String,
    /// How what is new is deleted.
    pub undo: Option<Undo>,
}

/// How to delete what a step made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Undo {
    /// Where the answer has the id.
    pub at: String,
    /// The action that deletes.
    pub action: String,
    /// The key on the wire that takes the id.
    pub key: String,
    /// Whether it is sent before the next step, and not when the case is over: the next may need
    /// the room, the name or the addresses.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_once: bool,
}

/// How HTTP carries a request. What is left out is as usual.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Transport {
    /// The connection that it goes over.
    pub connection: Connection,
    /// How its body goes over the connection.
    pub framing: Framing,
    /// The letters of the headers' names.
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

/// The connection that a request goes over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Connection {
    /// Any that is open, or else a new one.
    #[default]
    Shared,
    /// The case's own, for as long as the server keeps it.
    Own,
    /// A new one.
    New,
}

/// How a body goes over a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Framing {
    /// With its length, at once.
    #[default]
    Sized,
    /// With its length, in pieces that come one after the other.
    Pieces,
    /// In chunks, without a length.
    Chunked,
}

/// The letters of headers' names. HTTP makes no difference between them.
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

/// A set of outcomes under a name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct OutcomeSet {
    /// The legal outcomes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub legal: Vec<Outcome>,
    /// Outcomes that break a weaker requirement than the case's.
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
    /// The statuses; any of the answer's class where it is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<u16>,
    /// The error codes of a fault; any where it is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
}

impl Outcome {
    /// The outcome in words.
    pub fn in_words(&self) -> String {
        let mut words = String::from(match self.answer {
            Answer::Success => "a success",
            Answer::Fault => "a fault",
            Answer::NoServerError => "anything but a server error",
            Answer::Any => "any answer",
        });
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

/// The kinds of answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A 2xx status and the action's response document.
    Success,
    /// A 4xx status and an error document.
    Fault,
    /// A 2xx or 4xx status, whatever the body.
    NoServerError,
    /// Anything that is an answer at all.
    Any,
}

/// Something that must hold of an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Check {
    /// The requirement that is broken where it does not hold; the case's own where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
    /// The kind of answer that it is tested of; all kinds where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Answer>,
    /// Where to look.
    ///
    /// - A path of elements below the root, as in `ipamPolicy.tagSet.item[0].key` or
    ///   `ipamPolicySet.item[ipamPolicyId=ID].state`.
    /// - `@root` and `@xmlns`: the root's name and namespace.
    /// - `@request-id`: the document's request id, however it is spelled.
    /// - `@status`, `@header:NAME`, `@body`: what HTTP carried.
    /// - `@connection`: `new`, `kept` from the request before, or `announced`, a new one because
    ///   the server had said that it would close.
    pub at: String,
    /// What must hold there.
    #[serde(flatten)]
    pub test: Test,
}

impl Check {
    /// The keys beside the one that says what must hold.
    pub const KEYS: [&str; 3] = ["requirement", "of", "at"];
}

/// What must hold at a place.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// The text is this.
    Equals(String),
    /// The text is not this.
    Differs(String),
    /// The text is one of these.
    OneOf(Vec<String>),
    /// There is nothing, or the text is one of these.
    AbsentOrOneOf(Vec<String>),
    /// The text matches the regular expression, which is not anchored.
    Matches(String),
    /// There is nothing, or no text there matches the regular expression.
    Lacks(String),
    /// Whether there is something at all.
    Present(bool),
    /// The elements there, by number.
    Count(usize),
    /// No more elements than that, a number or a variable.
    AtMost(String),
    /// More elements than that, a number or a variable.
    MoreThan(String),
    /// No element is the same as one that the step of that name was answered with there, unless
    /// that one stood twice.
    Apart(String),
    /// The elements inside of those there have no other names than these.
    Among(Vec<String>),
    /// Whether the elements inside of those there all have different names.
    Once(bool),
    /// The list of tags there has these and no others, in any order; an absent list is empty.
    Tags(Template),
    /// The whole answer is in that respect as EC2's service model has it, wherever `at` looks.
    Model(ModelTest),
}

/// A respect in which an answer may be other than the service model has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ModelTest {
    /// Each text is a value of its member's type.
    Types,
    /// The entries of each list have the name that the model gives them.
    Lists,
    /// No member stands twice.
    Once,
    /// Each element is a member that the model knows.
    Members,
    /// Each value of an enum is one that the model knows.
    Values,
}
