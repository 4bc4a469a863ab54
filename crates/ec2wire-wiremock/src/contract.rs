//! What a request must be for EC2 to take it.

use crate::{inspector, wire};
use ec2wire::contract::Level;
use ec2wire_inspect::record::Deviation;
use ec2wire_inspect::{Request, Signing};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use wiremock::Match;

/// A matcher for requests that break no rule of EC2's, which fails the test where one does.
///
/// Keep a clone of it in the test: [`verify`](Self::verify), or dropping the last clone that is in
/// the test's hands, panics with what was broken, the place in the request marked. The clones that
/// are given to mocks do not panic.
///
/// The rules are those of the wire and, for `CreateIpamPolicy`, those of the action; a request need
/// not be signed. Only what is a must is asked for.
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
    /// Whether it is a mock's: only the test's own panics.
    is_matcher: bool,
}

impl Contract {
    /// A contract that nothing has broken yet.
    #[expect(
        clippy::new_without_default,
        reason = "it panics when it is dropped, which a default should not"
    )]
    pub fn new() -> Self {
        Self {
            broken: Arc::default(),
            is_matcher: false,
        }
    }

    /// What was broken so far, a text for each request.
    pub fn broken(&self) -> Vec<String> {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.clone()
    }

    /// Panics where a request broke a rule, and says which and where.
    ///
    /// # Panics
    ///
    /// Where a request broke a rule.
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
    let mut text = String::from("requests that EC2 would not take\n");
    for request in broken {
        let _ = write!(text, "\n{request}");
    }
    text
}

/// The clone is for a mock: it notes what is broken, and does not panic.
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

/// A matcher for requests that break no rule of EC2's.
///
/// It tells the standard error what a request broke that it did not match, which a test that fails
/// shows. [`Contract`] fails the test by itself.
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

/// The musts that a request breaks.
pub(crate) fn musts(request: &Request) -> Vec<Deviation> {
    let mut found = inspector().request(request, &Signing::Optional);
    found.retain(|deviation| deviation.level == Level::Must);
    found
}
