//! Requests as recorders inside of a client write them: with their URL, and before the headers are
//! complete.

use crate::inspect::is_ec2;
use crate::wire::Request;

/// The request as it was on the wire; `None` if it is not to EC2. `found` has all but the target.
pub(super) fn completed(mut found: Request, url: &str) -> Option<Request> {
    // Browsers record data URLs and sockets too.
    let (host, target) = split(url)?;
    target.clone_into(&mut found.target);
    if found.header("host").is_none() {
        found.headers.insert(0, ("host".into(), host.to_owned()));
    }
    let is_framed = ["content-length", "transfer-encoding"]
        .iter()
        .any(|name| found.header(name).is_some());
    if !is_framed && !found.body.is_empty() {
        // They record the headers before they add the body's length.
        let length = found.body.len().to_string();
        found.headers.push(("content-length".into(), length));
    }
    is_ec2(&found).then_some(found)
}

/// Host and target of a URL.
fn split(url: &str) -> Option<(&str, &str)> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, target) = rest.split_at(end);
    let target = target.split('#').next().unwrap_or_default();
    Some((host, if target.is_empty() { "/" } else { target }))
}
