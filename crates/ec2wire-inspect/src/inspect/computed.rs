//! Computes the signature that a secret gives a request.
//!
//! It is computed here from what was sent. The crate that signs the harness's own requests builds
//! the headers itself, so it cannot check somebody else's.

use super::signature::{ALGORITHM, Signature};
use super::{Parameters, Request};
use crate::text::hex;
use crate::wire::form::escaped;
use crate::wire::http1;
use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::percent_decode;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Whether the request has the signature that the secret gives it.
pub(super) fn is_right(
    request: &Request,
    parameters: &Parameters,
    signature: &Signature<'_>,
    secret: &str,
) -> bool {
    let (Some(time), Some((date, rest))) = (signature.time, signature.scope.split_once('/')) else {
        return false;
    };
    let content = http1::all(&request.headers, "x-amz-content-sha256").next();
    let digest = hex(&Sha256::digest(&request.body));
    let payload = match content.filter(|_| signature.signed.contains(&"x-amz-content-sha256")) {
        Some("UNSIGNED-PAYLOAD") => "UNSIGNED-PAYLOAD",
        Some(claimed) if claimed != digest => return false,
        _ => &digest,
    };
    let mut headers = String::new();
    for name in &signature.signed {
        let values: Vec<String> = http1::all(&request.headers, name)
            .map(|value| value.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        let _ = writeln!(headers, "{name}:{}", values.join(","));
    }
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in [date].into_iter().chain(rest.split('/')) {
        let Some(next) = mac(&key, part.as_bytes()) else {
            return false;
        };
        key = next;
    }
    let path = request.target.split('?').next().unwrap_or("/");
    let path = if path.is_empty() { "/" } else { path };
    // Some decode a plus in a query as a space, others do not; either is accepted.
    [false, true].into_iter().any(|plus_is_space| {
        let canonical = format!(
            "{}\n{path}\n{}\n{headers}\n{}\n{payload}",
            request.method,
            canonical_query(request, parameters, plus_is_space),
            signature.signed.join(";"),
        );
        let to_sign = format!(
            "{ALGORITHM}\n{time}\n{}\n{}",
            signature.scope,
            hex(&Sha256::digest(canonical.as_bytes())),
        );
        mac(&key, to_sign.as_bytes()).is_some_and(|mac| hex(&mac) == signature.digits)
    })
}

fn mac(key: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text);
    Some(mac.finalize().into_bytes().to_vec())
}

/// The query without the signature, its pairs sorted and escaped again.
fn canonical_query(request: &Request, parameters: &Parameters, plus_is_space: bool) -> String {
    let query = match request.target.split_once('?') {
        Some((_, query)) => query.as_bytes(),
        None => return String::new(),
    };
    let escaped_again = |range: std::ops::Range<usize>| {
        let raw = query.get(range).unwrap_or_default();
        let raw: Vec<u8> = raw
            .iter()
            .map(|&byte| {
                if byte == b'+' && plus_is_space {
                    b' '
                } else {
                    byte
                }
            })
            .collect();
        let text = percent_decode(&raw).decode_utf8_lossy().into_owned();
        escaped(&text)
    };
    let mut pairs: Vec<(String, String)> = parameters
        .pairs
        .iter()
        .filter(|pair| pair.key != "X-Amz-Signature")
        .map(|pair| {
            (
                escaped_again(pair.key_span.clone()),
                escaped_again(pair.value_span.clone()),
            )
        })
        .collect();
    pairs.sort();
    pairs
        .into_iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect::<Vec<_>>()
        .join("&")
}
