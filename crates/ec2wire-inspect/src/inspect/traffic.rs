//! Traffic between a client and a server: what is EC2's, and what a record keeps of the rest.

use super::{Exchange, Inspector, Request, Response, Signing, signature};
use crate::format::embedded::VERSIONS;
use crate::format::place;
use crate::record::{CaseRecord, Verdict};
use crate::text::quoted;
use ec2wire_model::Model;
use serde::Deserialize;
use std::sync::LazyLock;

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

/// Whether a text can be the name of an action. Anything else in its place may be a secret.
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
    let host = request
        .header("host")
        .unwrap_or_default()
        .to_ascii_lowercase();
    if is_host(&host) {
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
    // A signature of SigV2 names no service.
    let is_old = || version.zip(action).is_some_and(|(v, a)| is_known(v, a));
    if is_root && !host.contains(".amazonaws.com") && is_old() {
        return true;
    }
    // Old S3 signatures began like this, and S3 has its own parameters.
    let is_other = request.header("x-amz-target").is_some()
        || request
            .header("authorization")
            .is_some_and(|value| value.starts_with("AWS "));
    // Other services' requests may lack their version too; only what is EC2's is kept whole.
    let is_an_action = action.is_some_and(|action| Model::ec2().operation(action).is_some());
    is_root && !is_other && (is_current || version.is_none() && is_an_action)
}

/// Whether a host, in lower case, is EC2's: a region is after the service's name, or before it as in
/// old days. A private endpoint has its id before it.
fn is_host(host: &str) -> bool {
    let mut labels = host.split('.');
    let [first, second, third] = [labels.next(), labels.next(), labels.next()];
    // The name of a bucket may contain `.ec2`.
    let is_behind = third == Some("amazonaws") || host.contains(".vpce.amazonaws.com");
    first == Some("ec2") || second == Some("ec2") && is_behind
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Versions {
    versions: Vec<String>,
    shared_actions: Vec<String>,
}

/// Whether an action in a version of the API can be EC2's only.
fn is_known(version: &str, action: &str) -> bool {
    // A test excludes that the file is wrong.
    static READ: LazyLock<Option<Versions>> = LazyLock::new(|| place::read_embedded(VERSIONS).ok());
    let has = |list: &[String], text: &str| list.iter().any(|one| one == text);
    READ.as_ref()
        .is_some_and(|known| has(&known.versions, version) && !has(&known.shared_actions, action))
        && Model::ec2().operation(action).is_some()
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

#[cfg(test)]
mod tests {
    use super::{Request, is_ec2};

    /// A request with the old signature, to a host.
    fn to(host: &str, parameters: &str) -> bool {
        let signed = format!("{parameters}&SignatureVersion=2&AWSAccessKeyId=AKID&Signature=a%3D");
        let mut request = Request::post(signed);
        request
            .headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case("host"));
        request.headers.push(("Host".into(), host.into()));
        is_ec2(&request)
    }

    #[test]
    fn old_traffic_is_that_of_ec2() {
        let run = "Action=RunInstances&Version=2010-08-31";
        for host in [
            "ec2.amazonaws.com",
            "us-east-1.ec2.amazonaws.com",
            "US-East-1.EC2.amazonaws.com:443",
            "cn-north-1.ec2.amazonaws.com.cn",
            "vpce-1-a.ec2.us-east-1.vpce.amazonaws.com",
            "localhost:4566",
            "cloud.example.org:8773",
        ] {
            assert!(to(host, run), "{host}");
        }
        for host in ["my.ec2.s3.amazonaws.com", "rds.us-east-1.amazonaws.com"] {
            assert!(!to(host, run), "{host}");
        }
    }

    #[test]
    fn other_services_are_not_ec2() {
        for parameters in [
            "Action=ListUsers&Version=2010-05-08",
            "Action=DescribeDBInstances&Version=2014-10-31",
            "Action=GetCallerIdentity&Version=2011-06-15",
            "Action=DescribeTags&Version=2011-01-01",
            "Action=DescribeTags&Version=2012-12-01",
            "Action=DescribeAccountAttributes&Version=2014-09-01",
            "Action=DescribeInstances&Version=2010-12-01",
            "Action=DescribeLoadBalancers&Version=2012-06-01",
        ] {
            assert!(!to("localhost:4566", parameters), "{parameters}");
        }
        let scope = "Credential=AKID/20110101/us-east-1/autoscaling/aws4_request";
        let mut scoped = Request::post("Action=DescribeInstances&Version=2011-01-01");
        let value = format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=a");
        scoped.headers.push(("Authorization".into(), value));
        assert!(!is_ec2(&scoped));
    }
}
