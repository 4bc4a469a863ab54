//! Protocol tests in botocore's format, run through the codec.
//!
//! A file is a list of suites. Each suite defines the shapes that its cases use. A case has an
//! action's input and the request that it encodes to, or a response and the output that it decodes
//! to. Each case is run both ways: as the client that sends the request and as the server that reads
//! it, or as the server that sends the response and as the client that reads it.
//!
//! Requests are compared by their pairs, in any order, as `form_urlencoded` reads them. Responses
//! are compared by their decoded values. [`EXCEPTIONS`] lists the cases that EC2 contradicts.
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

mod case;
mod compare;
mod exceptions;

pub use exceptions::{EXCEPTIONS, Exception};

use crate::service::{self, Entries, Metadata, ShapeFile};
use crate::{Error, Model};
use case::Case;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::fmt;

/// The outcome of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The suite's description.
    pub suite: String,
    /// The case's id, or its position in the suite from 0.
    pub case: String,
    /// Whether it passed.
    pub verdict: Verdict,
}

/// Whether a case passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The codec does what the case expects.
    Pass,
    /// The codec differs from the case, as [`EXCEPTIONS`] says: how it differs, and the reason.
    Exception(String, &'static str),
    /// The codec differs from the case: how it differs.
    Fail(String),
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

/// Runs the cases of a file, in order.
///
/// # Errors
///
/// If the file is not a list of suites of the `ec2` protocol, or the shapes of a suite are invalid.
pub fn run(file: &[u8]) -> Result<Vec<Outcome>, Error> {
    let not_tests =
        |error: serde_json::Error| Error::new(format_args!("not protocol tests: {error}"));
    let suites: Vec<Suite<'_>> = serde_json::from_slice(file).map_err(not_tests)?;
    let mut outcomes = Vec::new();
    for suite in suites {
        if let Some(protocol) = suite.metadata.protocol.filter(|name| name != "ec2") {
            let name = &suite.description;
            let message = format!("{name}: expected the protocol `ec2`, got `{protocol}`");
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
        (Ok(()), Some(_)) => Verdict::Fail("it passes, but EXCEPTIONS lists it".to_owned()),
        (Err(differs), Some(listed)) if listed.differs == differs => {
            Verdict::Exception(differs, listed.reason)
        }
        (Err(differs), _) => Verdict::Fail(differs),
    }
}
