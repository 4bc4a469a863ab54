//! Signature Version 4: whether a request has a signature, and the right one.
//!
use super::{Broken, Parameters, Request};
use crate::record::Spot;
use crate::wire::http1;
use crate::wire::secrets::{REDACTED, is_filler};
use std::fmt;

/// What is known of the caller, which determines how a signature is judged.
#[derive(Clone, Default)]
pub enum Signing {
    /// Signatures are ignored.
    Ignored,
    /// A request may have no signature; if it has one, it must be well-formed.
    Optional,
    /// A request must have a well-formed signature. It cannot be checked against a secret.
    #[default]
    Required,
    /// A request must have a signature, and one made with this key must be right.
    #[cfg(feature = "signatures")]
    Known {
        /// The access key's id; `None` for any.
        access_key_id: Option<String>,
        /// The secret access key.
        secret_access_key: String,
        /// Whether a request may have no signature.
        may_be_absent: bool,
    },
}

impl Signing {
    /// Whether a request must have a signature.
    pub fn requires_signature(&self) -> bool {
        !matches!(self, Self::Ignored | Self::Optional)
    }

    /// Whether a request may have no signature.
    fn may_be_absent(&self) -> bool {
        match self {
            Self::Ignored | Self::Optional => true,
            Self::Required => false,
            #[cfg(feature = "signatures")]
            Self::Known { may_be_absent, .. } => *may_be_absent,
        }
    }
}

/// Without the secret.
impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ignored => "Ignored",
            Self::Optional => "Optional",
            Self::Required => "Required",
            #[cfg(feature = "signatures")]
            Self::Known { .. } => "Known",
        })
    }
}

pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// A signature from a header or a query.
pub(super) struct Signature<'r> {
    pub(super) access_key_id: &'r str,
    /// `date/region/service/aws4_request`
    pub(super) scope: &'r str,
    pub(super) signed: Vec<&'r str>,
    pub(super) digits: &'r str,
    /// When the request was made, as in `20261123T065514Z`.
    pub(super) time: Option<&'r str>,
    pub(super) in_query: bool,
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
            if signing.may_be_absent() {
                return Vec::new();
            }
            return one("request-signed", "the request has no signature".into());
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
    #[cfg(feature = "signatures")]
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
        && !super::computed::is_right(request, &parameters, &signature, secret_access_key)
    {
        add(
            "signature-correct",
            "the signature does not match the request".into(),
        );
    }
    broken
}

/// The service that the signature's scope names.
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
    // The slash may be escaped or not.
    let escaped = credential.split("%2F").flat_map(|part| part.split("%2f"));
    escaped.flat_map(|part| part.split('/')).nth(3)
}

/// A word of a signature, quoted only if it cannot be a misplaced secret.
fn word(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if text.len() <= 24 && text.bytes().all(is_plain) {
        format!("`{text}`")
    } else {
        "a value that is not shown".into()
    }
}

/// The parameters of the target's query, even if the request's own are in the body.
fn query(request: &Request) -> Parameters {
    match request.target.split_once('?') {
        Some((_, query)) => Parameters::read(query.as_bytes()),
        None => Parameters::default(),
    }
}

fn is_version_2(request: &Request, query: &Parameters) -> bool {
    let names_version_2 = |parameters: &Parameters| {
        parameters.first("SignatureVersion") == Some("2") && parameters.first("Signature").is_some()
    };
    names_version_2(query) || names_version_2(&request.parameters())
}

/// Describes a wrong algorithm. The text may be another scheme's token, so only known ones are
/// quoted.
fn other_algorithm(algorithm: &str) -> String {
    match algorithm {
        "AWS" | "AWS4-ECDSA-P256-SHA256" | "Basic" | "Bearer" | "Digest" => {
            format!("the algorithm is `{algorithm}`, expected {ALGORITHM}")
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
        fields.find_map(|field| field.strip_prefix(&prefix))
    };
    Ok(Signature {
        time: request.header("x-amz-date"),
        in_query: false,
        ..of_fields("", field)?
    })
}

fn in_query<'r>(parameters: &'r Parameters, algorithm: &str) -> Result<Signature<'r>, String> {
    if algorithm != ALGORITHM {
        return Err(other_algorithm(algorithm));
    }
    Ok(Signature {
        time: parameters.first("X-Amz-Date"),
        in_query: true,
        ..of_fields("X-Amz-", |name| parameters.first(name))?
    })
}

/// The signature without its time, from the fields whose names start with `prefix`.
fn of_fields<'r>(
    prefix: &str,
    find: impl Fn(&str) -> Option<&'r str>,
) -> Result<Signature<'r>, String> {
    let field = |name: &str| {
        let name = format!("{prefix}{name}");
        find(&name).ok_or_else(|| format!("{name} is missing"))
    };
    let (access_key_id, scope) = field("Credential")?
        .split_once('/')
        .ok_or("the credential has no scope")?;
    Ok(Signature {
        access_key_id,
        scope,
        signed: field("SignedHeaders")?.split(';').collect(),
        digits: field("Signature")?,
        time: None,
        in_query: false,
    })
}

/// Checks a signature's form, whoever made it.
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
                "the scope is not date, Region, `ec2` and `aws4_request`".into(),
            );
        }
        (Some(time), [date, ..]) if parts.len() == 4 => {
            if !is_time(time) {
                add(
                    "signature-form",
                    "the time is not in the form 20261123T065514Z".into(),
                );
            } else if !time.starts_with(date) {
                add(
                    "signature-scope",
                    format!("the scope's date is {}, but the time is {time}", word(date)),
                );
            }
        }
        // RFC 9110's Date may take the header's place.
        (None, [_, _, _, _]) if !signature.in_query && request.header("date").is_some() => {}
        (None, [_, _, _, _]) => add("signature-form", "X-Amz-Date is missing".into()),
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
            format!("signed header {} is missing", word(name)),
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
            "the names of the signed headers are not sorted or not lowercase".into(),
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
