//! Signature Version 4: whether a request has one, and the right one.
//!
//! It is computed here from what was sent. The crate that signs the harness's own requests makes a
//! request's headers itself, and so cannot say whether those of another are right.

use super::{Broken, Parameters, Request, Spot};
use crate::body::hex;
use crate::http1;
use crate::subject::secrets::{REDACTED, is_filler};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt::{self, Write as _};

/// What is known of the caller, and so what a signature is judged for.
#[derive(Clone, Default)]
pub enum Signing {
    /// Signatures are not looked at.
    Ignored,
    /// A request may go without; a signature must be well-formed.
    Optional,
    /// A request must have a well-formed signature. That of another caller may be right or wrong.
    #[default]
    Required,
    /// A request must have a signature, and one with this key must be right.
    Known {
        /// The access key's id; any where there is none.
        access_key_id: Option<String>,
        /// The secret that belongs to it.
        secret_access_key: String,
        /// Whether a request may go without a signature.
        may_be_absent: bool,
    },
}

/// Without the secret.
impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ignored => "Ignored",
            Self::Optional => "Optional",
            Self::Required => "Required",
            Self::Known { .. } => "Known",
        })
    }
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// A signature, as a header or a query carries it.
struct Signature<'r> {
    access_key_id: &'r str,
    /// `date/region/service/aws4_request`
    scope: &'r str,
    signed: Vec<&'r str>,
    digits: &'r str,
    /// When the request was made, as in `20261123T065514Z`.
    time: Option<&'r str>,
    in_query: bool,
}

pub(super) fn check(request: &Request, signing: &Signing) -> Vec<Broken> {
    let parameters = query(request);
    let header = request.header("authorization");
    let spot = || match header {
        Some(_) => Spot::Header("authorization".into()),
        None => Spot::Whole,
    };
    let one = |requirement, found: String| {
        vec![Broken {
            requirement,
            found,
            spot: spot(),
        }]
    };
    if matches!(signing, Signing::Ignored) || header == Some(REDACTED) {
        return Vec::new();
    }
    let found = match (header, parameters.first("X-Amz-Algorithm")) {
        (Some(value), _) => in_header(request, value),
        (None, Some(algorithm)) => in_query(&parameters, algorithm),
        // Version 2, which EC2 documents too, is not computed here.
        (None, None) if is_version_2(request, &parameters) => return Vec::new(),
        (None, None) => {
            return match signing {
                Signing::Optional
                | Signing::Known {
                    may_be_absent: true,
                    ..
                } => Vec::new(),
                _ => one("request-signed", "there is no signature".into()),
            };
        }
    };
    let signature = match found {
        Ok(signature) => signature,
        Err(what) => return one("signature-form", what),
    };
    let mut broken = Vec::new();
    let mut add = |requirement, found: String| {
        broken.push(Broken {
            requirement,
            found,
            spot: spot(),
        });
    };
    form(request, &signature, &mut add);
    if let Signing::Known {
        access_key_id,
        secret_access_key,
        ..
    } = signing
        && access_key_id
            .as_deref()
            .is_none_or(|id| id == signature.access_key_id)
        && !is_filler(signature.digits)
        && signature.time.is_some()
        && !is_right(request, &parameters, &signature, secret_access_key)
    {
        add(
            "signature-correct",
            "the signature is not that of the request".into(),
        );
    }
    broken
}

/// The service that the request says that it is signed for.
pub(super) fn service(request: &Request) -> Option<&str> {
    let header = request.header("authorization");
    let credential = match header {
        Some(value) => value.split_once("Credential=")?.1.split(',').next()?,
        None => return service_in_query(&request.target),
    };
    credential.split('/').nth(3).map(str::trim)
}

fn service_in_query(target: &str) -> Option<&str> {
    let (_, query) = target.split_once('?')?;
    let mut pairs = query.split('&');
    let credential = pairs.find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?;
    // A slash may stand there as it is, or escaped.
    let escaped = credential.split("%2F").flat_map(|part| part.split("%2f"));
    escaped.flat_map(|part| part.split('/')).nth(3)
}

/// A word of a signature, quoted where it cannot be a secret that was put in the wrong place.
fn word(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if text.len() <= 24 && text.bytes().all(is_plain) {
        format!("`{text}`")
    } else {
        "something that is not shown here".into()
    }
}

/// The parameters of the target's query, wherever the others stand.
fn query(request: &Request) -> Parameters {
    match request.target.split_once('?') {
        Some((_, query)) => Parameters::read(query.as_bytes()),
        None => Parameters::default(),
    }
}

fn is_version_2(request: &Request, query: &Parameters) -> bool {
    let is_so = |parameters: &Parameters| {
        parameters.first("SignatureVersion") == Some("2") && parameters.first("Signature").is_some()
    };
    is_so(query) || is_so(&request.parameters())
}

/// What to say of an algorithm. What stands there may be a token of another scheme.
fn other_algorithm(algorithm: &str) -> String {
    match algorithm {
        "AWS" | "AWS4-ECDSA-P256-SHA256" | "Basic" | "Bearer" | "Digest" => {
            format!("the algorithm is `{algorithm}`")
        }
        _ => format!("the algorithm is not {ALGORITHM}"),
    }
}

fn in_header<'r>(request: &'r Request, value: &'r str) -> Result<Signature<'r>, String> {
    let (algorithm, fields) = value.split_once(' ').unwrap_or((value, ""));
    if algorithm != ALGORITHM {
        return Err(other_algorithm(algorithm));
    }
    let field = |name: &str| {
        let prefix = format!("{name}=");
        let mut fields = fields.split(',').map(str::trim);
        let found = fields.find_map(|field| field.strip_prefix(&prefix));
        found.ok_or_else(|| format!("there is no {name}"))
    };
    let credential = field("Credential")?;
    let (access_key_id, scope) = credential
        .split_once('/')
        .ok_or("the credential has no scope")?;
    Ok(Signature {
        access_key_id,
        scope,
        signed: field("SignedHeaders")?.split(';').collect(),
        digits: field("Signature")?,
        time: request.header("x-amz-date"),
        in_query: false,
    })
}

fn in_query<'r>(parameters: &'r Parameters, algorithm: &str) -> Result<Signature<'r>, String> {
    if algorithm != ALGORITHM {
        return Err(other_algorithm(algorithm));
    }
    let field = |name: &str| {
        let found = parameters.first(name);
        found.ok_or_else(|| format!("there is no {name}"))
    };
    let (access_key_id, scope) = field("X-Amz-Credential")?
        .split_once('/')
        .ok_or("the credential has no scope")?;
    Ok(Signature {
        access_key_id,
        scope,
        signed: field("X-Amz-SignedHeaders")?.split(';').collect(),
        digits: field("X-Amz-Signature")?,
        time: parameters.first("X-Amz-Date"),
        in_query: true,
    })
}

/// What is wrong with a signature's form, whoever made it.
fn form(request: &Request, signature: &Signature<'_>, add: &mut impl FnMut(&'static str, String)) {
    let digits = signature.digits;
    let is_digest = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_digest && !is_filler(digits) {
        add(
            "signature-form",
            "the signature is not 64 hexadecimal digits".into(),
        );
    }
    if signature.access_key_id.is_empty() {
        add("signature-form", "the credential has no access key".into());
    }
    let parts: Vec<&str> = signature.scope.split('/').collect();
    match (signature.time, parts.as_slice()) {
        (_, [_, _, service, _]) if *service != "ec2" => {
            add(
                "signature-scope",
                format!("the service is {}", word(service)),
            );
        }
        (_, [_, region, _, end]) if region.is_empty() || *end != "aws4_request" => {
            add(
                "signature-scope",
                "the scope is not that of a date, a Region, ec2 and aws4_request".into(),
            );
        }
        (Some(time), [date, ..]) if parts.len() == 4 => {
            if !is_time(time) {
                add(
                    "signature-form",
                    "the time is not like 20261123T065514Z".into(),
                );
            } else if !time.starts_with(date) {
                add(
                    "signature-scope",
                    format!("the day is {}, the time {time}", word(date)),
                );
            }
        }
        // RFC 9110's Date may stand in for the header.
        (None, [_, _, _, _]) if !signature.in_query && request.header("date").is_some() => {}
        (None, [_, _, _, _]) => add("signature-form", "there is no X-Amz-Date".into()),
        _ => add(
            "signature-scope",
            "the scope does not have four parts".into(),
        ),
    }
    let signed = &signature.signed;
    if !signed.contains(&"host") {
        add("signature-host", "the host is not signed".into());
    }
    let absent = |name: &&&str| http1::all(&request.headers, name).next().is_none();
    if let Some(name) = signed.iter().find(absent) {
        add(
            "signature-host",
            format!("of the signed headers {} is not there", word(name)),
        );
    }
    let is_sorted = signed.is_sorted();
    if !is_sorted
        || signed
            .iter()
            .any(|name| name.bytes().any(|b| b.is_ascii_uppercase()))
    {
        add(
            "signature-form",
            "the names of the signed headers are not sorted, or not in small letters".into(),
        );
    }
    let unsigned = request
        .headers
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase());
    if let Some(name) = unsigned
        .filter(|name| name.starts_with("x-amz-"))
        .find(|name| !signed.contains(&name.as_str()))
    {
        add("signature-amz-headers", format!("`{name}` is not signed"));
    }
}

fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 16
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 => *byte == b'T',
            15 => *byte == b'Z',
            _ => byte.is_ascii_digit(),
        })
}

/// Whether the secret makes that signature of the request.
fn is_right(
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
    // A plus in a query is a space to some and a plus to others; either is right.
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

/// The query with its pairs sorted and escaped anew, but for the signature itself.
fn canonical_query(request: &Request, parameters: &Parameters, plus_is_space: bool) -> String {
    use crate::subject::http::escaped;
    use percent_encoding::percent_decode;

    let query = match request.target.split_once('?') {
        Some((_, query)) => query.as_bytes(),
        None => return String::new(),
    };
    let escaped = |range: std::ops::Range<usize>| {
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
                escaped(pair.key_span.clone()),
                escaped(pair.value_span.clone()),
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
