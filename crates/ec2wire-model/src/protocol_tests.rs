//! Protocol tests in botocore's format, run through the codec.
//!
//! A file is a list of suites. Each brings the shapes that its cases use; a case gives an action's
//! input and the request that it makes, or an answer and what it is read as. Each case is run in
//! both directions: what a client writes and a server reads, or the other way round.
//!
//! Forms are compared by their pairs, as `form_urlencoded` reads them, in any order; answers by
//! what is read. [`EXCEPTIONS`] lists the cases that EC2's own model leaves no place for.
//!
//! ```
//! use ec2wire_model::protocol_tests::{self, Verdict};
//!
//! let file = br#"[{"description": "Scalars", "metadata": {"apiVersion": "1"},
//!     "shapes": {"In": {"type": "structure", "members": {"foo": {"shape": "S"}}},
//!         "S": {"type": "string"}},
//!     "cases": [{"given": {"name": "Act", "input": {"shape": "In"}}, "params": {"foo": "a b"},
//!         "serialized": {"body": "Foo=a+b&Action=Act&Version=1"}}]}]"#;
//! let outcomes = protocol_tests::run(file)?;
//! assert_eq!(outcomes[0].verdict, Verdict::Pass);
//! # Ok::<(), ec2wire_model::Error>(())
//! ```

use crate::service::{self, Entries, Metadata, OperationFile, ShapeFile};
use crate::{Error, Model, Operation, Shape, Structure, Value};
use ec2wire::Reply;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The token that the tests expect where the caller gives none.
const TOKEN: &str = "00000000-0000-4000-8000-000000000000";

/// How one case went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The suite's description.
    pub suite: String,
    /// The case's id, or its position in the suite from 0.
    pub case: String,
    /// What became of it.
    pub verdict: Verdict,
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All is as the case says.
    Pass,
    /// It differs, and is listed in [`EXCEPTIONS`]; holds how it differs.
    Exception(String, &'static str),
    /// It differs; holds how.
    Fail(String),
}

/// A case that asks for what EC2 has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exception {
    /// The suite's description.
    pub suite: &'static str,
    /// The case's id, or its position in the suite from 0.
    pub case: &'static str,
    /// How the codec differs.
    pub differs: &'static str,
    /// Why EC2 contradicts it.
    pub reason: &'static str,
}

/// The cases that EC2's own model leaves no place for: the older ones, then the newer ones. An entry
/// whose case passes, or differs in another way, is a failure.
pub const EXCEPTIONS: &[Exception] = &[
    Exception {
        suite: "Structure with locationName and queryName applied to members",
        case: "0",
        differs: "the request lacks yuckQueryName=val3; the request has YuckQueryName=val3",
        reason: CAPITAL,
    },
    Exception {
        suite: "Endpoint host trait",
        case: "0",
        differs: "the host is not written",
        reason: NO_HOST,
    },
    Exception {
        suite: "Endpoint host trait",
        case: "1",
        differs: "the host is not written",
        reason: NO_HOST,
    },
    Exception {
        suite: "Modeled exceptions",
        case: "0",
        differs: "the error's member BodyMember is not read",
        reason: NO_ERROR_MEMBERS,
    },
    Exception {
        suite: "Modeled exceptions",
        case: "1",
        differs: "the error's member BodyMember is not read",
        reason: NO_ERROR_MEMBERS,
    },
    Exception {
        suite: "Test cases for EndpointOperation operation",
        case: "Ec2QueryEndpointTrait",
        differs: "the host is not written",
        reason: NO_HOST,
    },
    Exception {
        suite: "Test cases for EndpointWithHostLabelOperation operation",
        case: "Ec2QueryEndpointTraitWithHostLabel",
        differs: "the host is not written",
        reason: NO_HOST,
    },
    Exception {
        suite: "Test cases for HostWithPathOperation operation",
        case: "Ec2QueryHostWithPath",
        differs: "the host is not written",
        reason: NO_HOST,
    },
    Exception {
        suite: "Test cases for PutWithContentEncoding operation",
        case: "SDKAppliedContentEncoding_ec2Query",
        differs: "the body is not compressed",
        reason: NO_COMPRESSION,
    },
    Exception {
        suite: "Test cases for PutWithContentEncoding operation",
        case: "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_ec2Query",
        differs: "the body is not compressed",
        reason: NO_COMPRESSION,
    },
    Exception {
        suite: "Test cases for GreetingWithErrors operation",
        case: "Ec2ComplexError",
        differs: "the error's member TopLevel is not read",
        reason: NO_ERROR_MEMBERS,
    },
];

const CAPITAL: &str = "EC2's only two queryNames begin with a capital letter, as all of its keys do; \
    the codec writes no others";
const NO_HOST: &str =
    "no action of EC2 has a host of its own, and where a request is sent is not in its body";
const NO_ERROR_MEMBERS: &str = "EC2 models no errors; each that it sends has a code and a message";
const NO_COMPRESSION: &str = "no action of EC2 takes a compressed request";

#[derive(Deserialize)]
struct Suite<'f> {
    description: String,
    #[serde(default)]
    metadata: Metadata,
    #[serde(borrow)]
    shapes: &'f RawValue,
    #[serde(borrow)]
    cases: Vec<Case<'f>>,
}

#[derive(Deserialize)]
struct Case<'f> {
    id: Option<String>,
    given: OperationFile,
    #[serde(borrow)]
    params: Option<&'f RawValue>,
    serialized: Option<Serialized>,
    #[serde(borrow)]
    result: Option<&'f RawValue>,
    response: Option<Response>,
    #[serde(borrow)]
    error: Option<&'f RawValue>,
    #[serde(rename = "errorCode")]
    error_code: Option<String>,
    #[serde(rename = "errorMessage")]
    error_message: Option<String>,
}

#[derive(Deserialize)]
struct Serialized {
    #[serde(default)]
    body: String,
    host: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Response {
    status_code: u16,
    #[serde(default)]
    body: String,
}

/// Runs the cases of a file, in its order.
///
/// # Errors
///
/// Where the file is no list of suites, or a suite's shapes are no model.
pub fn run(file: &[u8]) -> Result<Vec<Outcome>, Error> {
    let not_tests =
        |error: serde_json::Error| Error::new(format_args!("not protocol tests: {error}"));
    let suites: Vec<Suite<'_>> = serde_json::from_slice(file).map_err(not_tests)?;
    let mut outcomes = Vec::new();
    for suite in suites {
        if let Some(protocol) = suite.metadata.protocol.filter(|name| name != "ec2") {
            let name = &suite.description;
            let message = format!("`{name}` is of the protocol `{protocol}`, not `ec2`");
            return Err(Error::new(message));
        }
        for (at, mut case) in suite.cases.into_iter().enumerate() {
            let shapes: Entries<ShapeFile> =
                serde_json::from_str(suite.shapes.get()).map_err(not_tests)?;
            let name = case.given.name.clone().unwrap_or_default();
            let given = std::mem::take(&mut case.given);
            let operations = Entries(vec![(name.clone(), given)]);
            let model = service::build(&suite.metadata.api_version, operations, shapes)?;
            let model: &'static Model = Box::leak(Box::new(model));
            let Some(operation) = model.operation(&name) else {
                continue;
            };
            let id = case.id.take().unwrap_or_else(|| at.to_string());
            outcomes.push(Outcome {
                verdict: judge(&suite.description, &id, case.run(operation)),
                case: id,
                suite: suite.description.clone(),
            });
        }
    }
    Ok(outcomes)
}

fn judge(suite: &str, case: &str, result: Result<(), String>) -> Verdict {
    let mut exceptions = EXCEPTIONS.iter();
    let listed = exceptions.find(|listed| listed.suite == suite && listed.case == case);
    match (result, listed) {
        (Ok(()), None) => Verdict::Pass,
        (Ok(()), Some(_)) => Verdict::Fail("it passes, but is listed as an exception".to_owned()),
        (Err(differs), Some(listed)) if listed.differs == differs => {
            Verdict::Exception(differs, listed.reason)
        }
        (Err(differs), _) => Verdict::Fail(differs),
    }
}

impl Case<'_> {
    fn run(&self, operation: Operation) -> Result<(), String> {
        match (&self.serialized, &self.response) {
            (Some(serialized), _) => self.run_input(operation, serialized),
            (None, Some(response)) if self.error_code.is_some() => {
                self.run_error(operation, response)
            }
            (None, Some(response)) => self.run_output(operation, response),
            (None, None) => Err("the case has neither a request nor an answer".to_owned()),
        }
    }

    fn run_input(&self, operation: Operation, serialized: &Serialized) -> Result<(), String> {
        if serialized.headers.contains_key("Content-Encoding") {
            return Err("the body is not compressed".to_owned());
        }
        let params = value(self.params, operation.input())?;
        let mut input = params.clone();
        operation.fill_tokens(&mut input, || TOKEN.to_owned());
        let body = said("encoding", operation.encode_request(&input))?;
        same_pairs(&body, &serialized.body)?;
        let read = said("decoding", operation.decode_request(&serialized.body))?;
        let mut sent = input.clone();
        without_empty_lists(&mut sent);
        same("the request is read as", &read, &sent)?;
        match serialized.host {
            Some(_) => Err("the host is not written".to_owned()),
            None => Ok(()),
        }
    }

    fn run_output(&self, operation: Operation, response: &Response) -> Result<(), String> {
        let result = value(self.result, operation.output())?;
        let read = |body: &str| {
            let reply = operation.decode_reply(response.status_code, body.as_bytes());
            match said("decoding", reply)? {
                Reply::Success(success) => Ok((success.output.into_owned(), success.request_id)),
                Reply::Fault(fault) => Err(format!("the answer is read as the error {fault}")),
            }
        };
        let (output, id) = read(&response.body)?;
        same("the answer is read as", &output, &result)?;
        let id = id.unwrap_or_default();
        let body = said("encoding", operation.encode_response(&id, &result))?;
        let (again, again_id) = read(&body)?;
        same("what a server writes is read as", &again, &result)?;
        if again_id.as_deref() == Some(&id) {
            Ok(())
        } else {
            Err(format!("the request id {id} is read as {again_id:?}"))
        }
    }

    fn run_error(&self, operation: Operation, response: &Response) -> Result<(), String> {
        let reply = operation.decode_reply(response.status_code, response.body.as_bytes());
        let Reply::Fault(fault) = said("decoding", reply)? else {
            return Err("the error is read as a success".to_owned());
        };
        let expected = (self.error_code.as_deref(), self.error_message.as_deref());
        let found = (fault.code(), fault.message());
        if found.0 != expected.0 || expected.1.is_some() && found.1 != expected.1 {
            return Err(format!("the error is read as {found:?}, not {expected:?}"));
        }
        // Beside these two, an error of EC2's has nothing.
        match value(self.error, None)? {
            Value::Structure(error) => error
                .iter()
                .find(|(name, _)| !matches!(*name, "Code" | "Message"))
                .map_or(Ok(()), |(name, _)| {
                    Err(format!("the error's member {name} is not read"))
                }),
            _ => Ok(()),
        }
    }
}

/// A value of a test, in which a blob's text is its bytes.
fn value<'f>(json: Option<&'f RawValue>, shape: Option<Shape>) -> Result<Value<'f>, String> {
    let Some(json) = json else {
        return Ok(Structure::new().into());
    };
    let mut value: Value<'f> =
        serde_json::from_str(json.get()).map_err(|error| format!("the case's value: {error}"))?;
    if let Some(shape) = shape {
        shape.conform_with(&mut value, |text| Some(text.as_bytes().to_vec()));
    }
    Ok(value)
}

/// A form has no way to write an empty list, so a server does not see it.
fn without_empty_lists(value: &mut Value<'_>) {
    match value {
        Value::List(entries) if entries.is_empty() => *value = Value::Null,
        Value::List(entries) => entries.iter_mut().for_each(without_empty_lists),
        Value::Structure(structure) => {
            for (_, value) in structure.values_mut() {
                without_empty_lists(value);
            }
        }
        _ => {}
    }
}

fn said<T>(doing: &str, result: ec2wire::Result<T>) -> Result<T, String> {
    result.map_err(|error| format!("{doing}: {error}"))
}

fn same(what: &str, found: &Value<'_>, expected: &Value<'_>) -> Result<(), String> {
    if is_alike(found, expected) {
        return Ok(());
    }
    let show = |value: &Value<'_>| serde_json::to_string(value).unwrap_or_default();
    let (found, expected) = (show(found), show(expected));
    Err(format!("{what} {found}, not {expected}"))
}

/// Whether both are the same; two of what is no number are, and what is null is absent.
fn is_alike(one: &Value<'_>, other: &Value<'_>) -> bool {
    match (one, other) {
        (Value::Float(one), Value::Float(other)) => one.total_cmp(other).is_eq(),
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_alike(one, other))
        }
        (Value::Structure(one), Value::Structure(other)) => {
            let names = one.iter().chain(other.iter()).map(|(name, _)| name);
            let get = |structure: &Structure<'_>, name| {
                structure
                    .get(name)
                    .cloned()
                    .unwrap_or_default()
                    .into_owned()
            };
            names
                .collect::<BTreeSet<_>>()
                .into_iter()
                .all(|name| is_alike(&get(one, name), &get(other, name)))
        }
        _ => one == other,
    }
}

fn same_pairs(found: &str, expected: &str) -> Result<(), String> {
    let pairs = |body: &str| {
        let mut pairs: Vec<String> = form_urlencoded::parse(body.as_bytes())
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        pairs.sort_unstable();
        pairs
    };
    let (found, expected) = (pairs(found), pairs(expected));
    let lacks = expected.iter().filter(|pair| !found.contains(pair));
    let has = found.iter().filter(|pair| !expected.contains(pair));
    let differences: Vec<String> = lacks
        .map(|pair| format!("the request lacks {pair}"))
        .chain(has.map(|pair| format!("the request has {pair}")))
        .collect();
    if !differences.is_empty() {
        return Err(differences.join("; "));
    }
    if found.len() != expected.len() {
        return Err("the request has a pair more than once".to_owned());
    }
    Ok(())
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass => f.write_str("pass"),
            Self::Exception(differs, reason) => write!(f, "exception: {differs}: {reason}"),
            Self::Fail(differs) => write!(f, "fail: {differs}"),
        }
    }
}
