//! Removes secrets from messages before they are kept.
//!
//! A header's secret becomes [`REDACTED`]. In a body or a target, letters replace the secret's
//! bytes one by one, so that lengths and the places of findings stay right.

use super::coding;
use super::form::{Parameters, escaped};
use crate::record::Message;
use crate::text::hex;
use crate::wire::referee::Element;
use ec2wire_model::{Kind, Model};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::sync::LazyLock;

/// Replaces a header's secret.
pub const REDACTED: &str = "<redacted>";

/// Replaces a secret in a body, repeated or cut to its length.
const FILLER: &[u8] = b"redacted";

/// Headers that carry secrets: their values never reach a record.
const HEADERS: [&str; 8] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "x-amz-copy-source-server-side-encryption-customer-key",
    "x-amz-security-token",
    "x-amz-server-side-encryption-customer-key",
    "x-api-key",
];

/// Parameters that grant something to whoever has them, in lowercase.
const PARAMETERS: [&str; 4] = [
    "x-amz-signature",
    "x-amz-security-token",
    "signature",
    "securitytoken",
];

/// The wire names of members that are keys, passwords and the like, in lowercase. A name that is a
/// secret in at most half of its uses, such as `value`, is left out.
static MEMBERS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for shape in Model::ec2().shapes() {
        for member in shape.members() {
            let value = member.shape();
            // The members of a list or a structure count for themselves.
            let is_scalar = !matches!(value.kind(), Kind::Structure | Kind::List { .. });
            let names = [member.element_name().to_owned(), member.form_key()];
            let names: BTreeSet<String> =
                names.iter().map(|name| name.to_ascii_lowercase()).collect();
            for name in names {
                let (secret, all) = counts.entry(name).or_default();
                *secret += usize::from(is_scalar && value.is_sensitive());
                *all += 1;
            }
        }
    }
    let mostly = counts
        .into_iter()
        .filter(|(_, (secret, all))| secret * 2 > *all);
    mostly.map(|(name, _)| name).collect()
});

fn is_member(name: &str) -> bool {
    MEMBERS.contains(&name.to_ascii_lowercase())
}

/// Whether a header's value is a secret.
pub fn is_secret_header(name: &str) -> bool {
    HEADERS
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
}

/// The replacement for a secret of that many bytes.
pub fn filler(length: usize) -> Vec<u8> {
    FILLER.iter().copied().cycle().take(length).collect()
}

/// Whether a text replaces a secret. A very short one is not recognized.
pub fn is_filler(text: &str) -> bool {
    text == REDACTED || text.len() >= FILLER.len() && text.as_bytes() == filler(text.len())
}

/// A body that may be kept.
pub struct Kept {
    /// The body.
    pub body: Vec<u8>,
    /// Whether a secret was removed from it.
    pub redacted: bool,
    /// Whether it was left out because it may contain a secret and cannot be read to the end.
    pub cut: bool,
}

/// A body, form or document, without its secrets.
///
/// A packed body that contains secrets is kept unpacked.
pub fn redact_body(headers: &[(String, String)], body: &[u8]) -> Kept {
    let kept = |body: Vec<u8>, redacted: bool, cut: bool| Kept {
        body,
        redacted,
        cut,
    };
    match coding::unpacked(headers, body) {
        Ok(text) => match redact_spans(&text, spans(&text)) {
            Some(clean) => kept(clean, true, false),
            None => kept(body.to_vec(), false, false),
        },
        Err(coding::Packed {
            start: Some(start), ..
        }) if spans(&start).is_empty() => kept(body.to_vec(), false, false),
        Err(_) => kept(Vec::new(), false, true),
    }
}

/// A form without its secrets; `None` if it has none.
pub fn redact_form(form: &str) -> Option<String> {
    let clean = redact_spans(form.as_bytes(), in_form(form.as_bytes()))?;
    Some(String::from_utf8_lossy(&clean).into_owned())
}

fn redact_spans(text: &[u8], spans: Vec<Range<usize>>) -> Option<Vec<u8>> {
    if spans.is_empty() {
        return None;
    }
    let mut clean = text.to_vec();
    for span in spans {
        if let Some(secret) = clean.get_mut(span) {
            let filler = filler(secret.len());
            secret.copy_from_slice(&filler);
        }
    }
    Some(clean)
}

/// The places of the secrets.
fn spans(text: &[u8]) -> Vec<Range<usize>> {
    let start = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    match start.trim_ascii_start() {
        [b'<', ..] => {}
        // JSON and multipart forms are not parsed here, so nothing of them is kept.
        [b'{' | b'[', ..] | [b'-', b'-', ..] if names_member(text) => {
            return std::iter::once(0..text.len()).collect();
        }
        // UTF-16 is not parsed here either.
        [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] => return std::iter::once(0..text.len()).collect(),
        _ => {
            // A document may follow junk.
            let mut spans = in_form(text);
            spans.extend(in_damage(text));
            return spans;
        }
    }
    match Element::parse(text) {
        Ok(root) => {
            let mut spans = Vec::new();
            add_secrets(&root, text, &mut spans);
            spans
        }
        // The end of an element is unknown, so nothing after the start of a secret is kept.
        Err(_) => in_damage(text).into_iter().collect(),
    }
}

/// Whether the name of a secret occurs anywhere.
fn names_member(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    let is_end = |c: char| !c.is_ascii_alphanumeric() && c != '-';
    text.split(is_end)
        .any(|word| MEMBERS.contains(word) || PARAMETERS.contains(&word))
}

fn in_form(form: &[u8]) -> Vec<Range<usize>> {
    let is_secret = |key: &str| {
        let key = key.to_ascii_lowercase();
        PARAMETERS.contains(&key.as_str()) || key.split('.').any(|part| MEMBERS.contains(part))
    };
    let pairs = Parameters::read(form).pairs.into_iter();
    pairs
        .filter(|pair| is_secret(&pair.key) && !pair.value_span.is_empty())
        .map(|pair| pair.value_span)
        .collect()
}

/// Adds the places of the secrets inside an element.
fn add_secrets(element: &Element, text: &[u8], spans: &mut Vec<Range<usize>>) {
    if is_member(&element.name) {
        add_texts(element, text, spans);
    } else {
        for child in &element.children {
            add_secrets(child, text, spans);
        }
    }
}

/// Adds the places of an element's texts, its children's included.
fn add_texts(element: &Element, text: &[u8], spans: &mut Vec<Range<usize>>) {
    let mut start = element.content.start;
    let end = element.content.end;
    let gaps = element.children.iter().map(|child| &child.span);
    let gaps = gaps.map(|child| (child.start, child.end));
    for (stop, next) in gaps.chain([(end, end)]) {
        let between = text.get(start..stop).unwrap_or_default();
        if !between.trim_ascii().is_empty() {
            spans.push(start..stop);
        }
        start = next;
    }
    for child in &element.children {
        add_texts(child, text, spans);
    }
}

/// The place from after the first tag of a secret to the end.
fn in_damage(text: &[u8]) -> Option<Range<usize>> {
    let tags = text.iter().enumerate().filter(|(_, byte)| **byte == b'<');
    for (at, _) in tags {
        let name = text.get(at + 1..).unwrap_or_default();
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'<');
        let length = name.iter().position(is_end).unwrap_or(name.len());
        let (name, rest) = name.split_at(length);
        let name = String::from_utf8_lossy(name);
        let local = name.rsplit(':').next().unwrap_or(&name);
        if !is_member(local) {
            continue;
        }
        let close = rest.iter().position(|&byte| byte == b'>');
        let tag = rest.get(..close.unwrap_or(rest.len())).unwrap_or(rest);
        // A `/` at the end may belong to a quoted value.
        let is_empty = tag.ends_with(b"/") && !tag.iter().any(|b| matches!(b, b'\'' | b'"'));
        let start = text.len() - rest.len() + close.map_or(0, |close| close + 1);
        if !is_empty && start < text.len() {
            return Some(start..text.len());
        }
    }
    None
}

/// Known secrets, which are removed wherever they occur.
#[derive(Clone, Default)]
pub struct Known(Vec<Vec<u8>>);

/// Without the secrets.
impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").finish_non_exhaustive()
    }
}

impl Known {
    /// The secrets as they are and percent-encoded. Short ones, such as `test`, are ignored, since
    /// they occur in many texts.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        const SHORTEST: usize = 8;
        let mut forms = Vec::new();
        for secret in secrets {
            let escaped = escaped(secret);
            for form in [secret, &escaped, &escaped.to_ascii_lowercase()] {
                let form = form.as_bytes().to_vec();
                if secret.len() >= SHORTEST && !forms.contains(&form) {
                    forms.push(form);
                }
            }
        }
        Self(forms)
    }

    /// The bytes without the secrets.
    pub fn redact(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        for secret in &self.0 {
            let mut from = 0;
            while let Some(at) = bytes.get(from..).and_then(|rest| {
                rest.windows(secret.len())
                    .position(|window| window == secret)
            }) {
                let span = from + at..from + at + secret.len();
                from = span.end;
                if let Some(found) = bytes.get_mut(span) {
                    found.copy_from_slice(&filler(secret.len()));
                }
            }
        }
        bytes
    }

    /// The text without the secrets.
    pub fn redact_text(&self, text: String) -> String {
        String::from_utf8_lossy(&self.redact(text.into_bytes())).into_owned()
    }

    /// The message without the secrets.
    pub fn redact_message(&self, message: Message) -> Message {
        let headers = message.headers.into_iter();
        let mut clean = Message {
            start: self.redact_text(message.start),
            headers: headers
                .map(|(name, value)| (name, self.redact_text(value)))
                .collect(),
            ..message
        };
        let body = clean.bytes().into_owned();
        let kept = self.redact(body.clone());
        if kept != body {
            clean.redacted = true;
            clean.body_hex = clean.body_hex.map(|_| hex(&kept));
            clean.body = String::from_utf8_lossy(&kept).into_owned();
        }
        clean
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    const SECRET: &str = "-----BEGIN-----";

    fn redacted(body: &str) -> String {
        String::from_utf8(redact_body(&[], body.as_bytes()).body).unwrap()
    }

    #[test]
    fn keys_and_passwords_are_taken_out_and_nothing_else() {
        let filler = String::from_utf8(filler(SECRET.len())).unwrap();
        for body in [
            "<R><keyName>a</keyName><keyMaterial>SECRET</keyMaterial>\
             <tagSet><item><key>k</key><value>v</value></item></tagSet></R>",
            "<R><keyMaterial a='>' >SECRET</keyMaterial ></R>",
            "<n:R xmlns:n='u'><n:keyMaterial>SECRET</n:keyMaterial></n:R>",
            "<R><KEYMATERIAL>SECRET</KEYMATERIAL><b>x</b></R>",
            "<R><userData> <value>SECRET</value> </userData></R>",
            "\u{FEFF} <R><keyMaterial>SECRET</keyMaterial></R>",
            "<R><keyMaterial >SECRET",
            "<R><x><n:keyMaterial>SECRET",
            "Warning: x\n<R><keyMaterial>SECRET",
            "Action=A&TunnelOption.1.PreSharedKey=SECRET&Tag.1.Value=v",
            "Action=A&SecurityToken=SECRET",
            "Action=A&UserData.Value=SECRET",
            "Action=A&x-amz-security-token=SECRET",
            "Action=A&Tunnel%4Fption.1.PreShared%4bey=SECRET&B=c",
        ] {
            assert_eq!(
                redacted(&body.replace("SECRET", SECRET)),
                body.replace("SECRET", &filler),
                "{body}"
            );
        }
        for body in [
            "",
            "plain text",
            "{\"keyName\":\"a\"}",
            "<R><keyMaterial/><a>b</a></R>",
            "<R><keyMaterial></keyMaterial></R>",
            "<R><value>v</value><description>d</description><x>",
            "Action=A&Description=d&Tag.1.Key=k&PreSharedKey=",
        ] {
            assert_eq!(redacted(body), body);
        }
        for body in [
            r#" {"a":1,"keyMaterial":"x"}"#,
            "--b\r\nContent-Disposition: form-data; name=\"UserData\"\r\n\r\nx\r\n--b--",
        ] {
            assert_eq!(
                redacted(body).as_bytes(),
                super::filler(body.len()),
                "{body}"
            );
        }
        // A document that cannot be read to its end keeps nothing after the start of a secret.
        let damaged = "<R><keyMaterial>a</keyMaterial>b</S>";
        assert_eq!(redacted(damaged), "<R><keyMaterial>redactedredactedreda");
        for header in [
            "Cookie",
            "set-cookie",
            "Proxy-Authorization",
            "Authorization",
        ] {
            assert!(is_secret_header(header), "{header}");
        }
        assert!(!is_secret_header("host"));
    }

    #[test]
    fn nothing_secret_is_kept_packed() {
        let headers = |coding: &str| vec![("Content-Encoding".to_owned(), coding.to_owned())];
        let packed = |text: &str| {
            let mut writer = GzEncoder::new(Vec::new(), Compression::default());
            writer.write_all(text.as_bytes()).unwrap();
            writer.finish().unwrap()
        };
        let secret = format!("<R><keyMaterial>{SECRET}</keyMaterial></R>");
        let kept = redact_body(&headers("gzip"), &packed(&secret));
        assert!(kept.redacted && !kept.cut);
        assert_eq!(kept.body.len(), secret.len());
        assert!(kept.body.starts_with(b"<R><keyMaterial>redactedredacte<"));
        let plain = packed("<R><a>b</a></R>");
        let kept = redact_body(&headers("gzip"), &plain);
        assert!(!kept.redacted && !kept.cut && kept.body == plain);
        // The readable part has no secret, and nobody can read the rest.
        let cut = plain.get(..plain.len() - 6).unwrap();
        assert_eq!(redact_body(&headers("gzip"), cut).body, cut);
        let cut = packed(&secret);
        let cut = cut.get(..cut.len() - 6).unwrap();
        let kept = redact_body(&headers("gzip"), cut);
        assert!(kept.cut && kept.body.is_empty());
        let kept = redact_body(&headers("br"), b"\x0b\x03\x80");
        assert!(kept.cut && kept.body.is_empty());
    }

    #[test]
    fn known_secrets_are_found_escaped_too() {
        let known = Known::new(["a/b+c=defg", "test"]);
        assert_eq!(
            known.redact_text("a/b+c=defg a%2Fb%2Bc%3Ddefg a%2fb%2bc%3ddefg test".into()),
            "redactedre redactedredacted redactedredacted test"
        );
        assert!(is_filler("redactedre") && is_filler(REDACTED));
        assert!(!is_filler("") && !is_filler("redacting"));
    }
}
