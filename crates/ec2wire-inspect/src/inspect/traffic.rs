//! Traffic between a client and a server: what is EC2's, and what a record keeps of the rest.

use super::{Exchange, Inspector, Request, Response, Signing, signature};
use crate::record::{CaseRecord, Verdict};
use crate::text::quoted;
use ec2wire_model::Model;

impl Inspector {
    /// Judges an exchange that a proxy passed on, as a line of its record. An exchange with another
    /// service is not judged, and an incomplete one does not pass.
    pub fn judge_traffic(&self, exchange: &Exchange, signing: &Signing) -> CaseRecord {
        if let Some(request) = exchange.request.as_ref().filter(|request| !is_ec2(request)) {
            return self.passed_on(exchange, request);
        }
        let mut record = self.judge(exchange, signing);
        let is_half = exchange.request.is_none() || exchange.response.is_none();
        if is_half && record.verdict == Verdict::Pass {
            record.verdict = Verdict::NotRun;
        }
        record
    }

    /// The record of an exchange with another service. Only the heads are kept.
    fn passed_on(&self, exchange: &Exchange, request: &Request) -> CaseRecord {
        let secrets = exchange.secrets();
        let path = request
            .target
            .split(['?', ';', '#'])
            .next()
            .unwrap_or_default();
        let title = format!("{} {}", request.method, quoted(path));
        let head = Request {
            target: path.to_owned(),
            headers: plain_headers(&request.headers),
            body: Vec::new(),
            ..request.clone()
        };
        let response = exchange.response.as_ref().map(|response| Response {
            headers: plain_headers(&response.headers),
            body: Vec::new(),
            ..response.clone()
        });
        let mut heads = Exchange {
            request: Some(head),
            response,
            request_cut: true,
            response_cut: true,
            ..exchange.clone()
        };
        heads
            .notes
            .push("this is not an exchange with EC2; it was passed on and not judged".into());
        let mut record = self.judge(&heads, &Signing::Ignored);
        let action = request.action().filter(|action| is_action(action));
        record.title = action.unwrap_or(title);
        secrets.redact_words(&mut record);
        record
    }
}

/// Whether a text can be the name of an action, and so is no secret that stands in its place.
fn is_action(text: &str) -> bool {
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric());
    is_plain && text.starts_with(|c: char| c.is_ascii_uppercase()) && text.len() <= 80
}

/// Whether the request is to EC2, as far as one can tell: emulators serve all services at one
/// address, and browsers send preflight requests.
pub fn is_ec2(request: &Request) -> bool {
    if matches!(request.method.as_str(), "OPTIONS" | "HEAD" | "CONNECT") {
        return false;
    }
    let host = request.header("host").unwrap_or_default();
    if host.split('.').next() == Some("ec2") {
        return true;
    }
    let parameters = request.parameters();
    let action = parameters.first("Action");
    let version = parameters.first("Version");
    let is_current = version == Some(ec2wire::EC2_VERSION);
    let is_root = matches!(request.target.split('?').next(), Some("/" | ""));
    if is_root && is_current && action.is_some() {
        return true;
    }
    if let Some(service) = signature::service(request) {
        return service == "ec2";
    }
    // Old S3 signatures began like this, and S3 has its own parameters.
    let is_other = request.header("x-amz-target").is_some()
        || request
            .header("authorization")
            .is_some_and(|value| value.starts_with("AWS "));
    // Other services' requests may lack their version too; only what is EC2's is kept whole.
    let is_known = action.is_some_and(|action| Model::ec2().operation(action).is_some());
    is_root && !is_other && (is_current || version.is_none() && is_known)
}

/// The headers kept of exchanges with other services, whose secrets are not known here.
fn plain_headers(headers: &[(String, String)]) -> Vec<(String, String)> {
    const PLAIN: [&str; 6] = [
        "content-length",
        "content-type",
        "date",
        "host",
        "server",
        "user-agent",
    ];
    let is_plain = |name: &str| PLAIN.iter().any(|plain| name.eq_ignore_ascii_case(plain));
    let plain = headers.iter().filter(|(name, _)| is_plain(name));
    plain.cloned().collect()
}
