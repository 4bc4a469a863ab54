//! Checks that requests follow EC2's rules.

use crate::{inspector, wire};
use ec2wire::contract::Level;
use ec2wire_inspect::record::Deviation;
use ec2wire_inspect::{Request, Signing};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use wiremock::Match;

/// A matcher for requests that follow EC2's rules. It fails the test if a request breaks one.
///
/// Keep a clone in the test. [`verify`](Self::verify), or dropping the test's last clone, panics and
/// shows the broken rules, with the place in the request marked. Clones given to mocks do not panic.
///
/// It checks the rules of the wire format and, for `CreateIpamPolicy`, those of the action. Requests
/// may be unsigned. Only MUST rules are checked.
///
/// ```should_panic
/// # use ec2wire_wiremock::{Contract, dry_run};
/// # use http_body_util::Full;
/// # use hyper_util::{client::legacy::Client, rt::TokioExecutor};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let contract = Contract::new();
/// let server = wiremock::MockServer::start().await;
/// wiremock::Mock::given(contract.clone()).respond_with(dry_run()).mount(&server).await;
/// # let client = Client::builder(TokioExecutor::new()).build_http();
/// let body = "Action=DescribeIpamPolicies&Version=2016-11-15&Filter=";
/// # let request = http::Request::post(server.uri())
/// #     .header("content-type", "application/x-www-form-urlencoded")
/// #     .body(Full::<bytes::Bytes>::from(body)).unwrap();
/// # client.request(request).await.unwrap();
/// contract.verify(); // an empty list is omitted: the name of a list cannot take a value
/// # }
/// ```
#[derive(Debug)]
pub struct Contract {
    broken: Arc<Mutex<Vec<String>>>,
    /// Whether a mock owns this clone: only the test's own clones panic.
    is_matcher: bool,
}

impl Contract {
    /// A contract that no request has broken yet.
    #[expect(
        clippy::new_without_default,
        reason = "it panics when dropped, and a default value should not"
    )]
    pub fn new() -> Self {
        Self {
            broken: Arc::default(),
            is_matcher: false,
        }
    }

    /// What was broken so far, one text per request.
    pub fn broken(&self) -> Vec<String> {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.clone()
    }

    /// Panics if a request broke a rule, and says which rule and where.
    ///
    /// # Panics
    ///
    /// If a request broke a rule.
    #[track_caller]
    pub fn verify(&self) {
        let broken = {
            let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *broken)
        };
        assert!(broken.is_empty(), "{}", told(&broken));
    }
}

fn told(broken: &[String]) -> String {
    let mut text = String::from("requests that EC2 would refuse\n");
    for request in broken {
        let _ = write!(text, "\n{request}");
    }
    text
}

/// Marks the clone as a mock's: it records broken rules and does not panic.
impl Clone for Contract {
    fn clone(&self) -> Self {
        Self {
            broken: Arc::clone(&self.broken),
            is_matcher: true,
        }
    }
}

impl Drop for Contract {
    fn drop(&mut self) {
        if !self.is_matcher && !std::thread::panicking() {
            self.verify();
        }
    }
}

impl Match for Contract {
    fn matches(&self, request: &wiremock::Request) -> bool {
        let request = wire(request);
        let musts = musts(&request);
        if musts.is_empty() {
            return true;
        }
        let text = inspector().explain(&request, &musts);
        let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.push(text);
        false
    }
}

/// A matcher for requests that follow EC2's rules.
///
/// If a request does not match, it prints the broken rules to standard error, which a failing test
/// shows. It does not fail the test; [`Contract`] does.
pub fn conforms() -> impl Match {
    |request: &wiremock::Request| {
        let request = wire(request);
        let musts = musts(&request);
        if !musts.is_empty() {
            eprintln!("{}", told(&[inspector().explain(&request, &musts)]));
        }
        musts.is_empty()
    }
}

/// The MUST rules that a request breaks.
pub(crate) fn musts(request: &Request) -> Vec<Deviation> {
    let mut found = inspector().request(request, &Signing::Optional);
    found.retain(|deviation| deviation.level == Level::Must);
    found
}
