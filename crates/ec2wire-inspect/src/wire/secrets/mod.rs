//! Removes secrets from messages before they are kept.
//!
//! A header's secret becomes [`REDACTED`]. In a body or a target, letters replace the secret's
//! bytes one by one, so that lengths and the places of findings stay right. What was taken out once
//! is taken out wherever it occurs again in its exchange, in capitals too, if it has at least
//! 6 bytes: shorter texts occur by chance.
//!
//! | file | what |
//! |---|---|
//! | `table` | what is known of secrets by name |
//! | `names` | whether a name is that of a secret |
//! | `spans` | the places of secrets in a body, a form or a URL |
//! | `known` | secrets that are known, wherever they occur |
//! | `filler` | what replaces a secret |

mod filler;
mod known;
mod names;
mod spans;
mod table;

pub use filler::{REDACTED, filler, is_filler};
pub use known::Known;
pub use names::is_secret_header;

use super::coding;
use std::ops::Range;

/// How many values of a text that was taken out as a whole are looked for elsewhere.
const MOST_INSIDE: usize = 256;

/// A body that may be kept.
pub struct Kept {
    /// The body.
    pub body: Vec<u8>,
    /// Whether a secret was removed from it.
    pub redacted: bool,
    /// Whether it was left out because it may contain a secret and cannot be read to the end.
    pub cut: bool,
}

/// A body, form or document, without its secrets and those that are known.
///
/// A packed body that contains secrets is kept unpacked.
pub fn redact_body(headers: &[(String, String)], body: &[u8], known: &Known) -> Kept {
    let kept = |body: Vec<u8>, redacted: bool, cut: bool| Kept {
        body,
        redacted,
        cut,
    };
    let clean = |text: &[u8]| {
        let clean = known.redact(without(text, spans::in_body(text)));
        (clean != text).then_some(clean)
    };
    match unpacked(headers, body) {
        Ok(text) => match clean(&text) {
            Some(clean) => kept(clean, true, false),
            None => kept(body.to_vec(), false, false),
        },
        Err(coding::Packed {
            start: Some(start), ..
        }) if clean(&start).is_none() => kept(body.to_vec(), false, false),
        Err(_) => kept(Vec::new(), false, true),
    }
}

/// The body unpacked, also if no header says that it is packed.
fn unpacked(headers: &[(String, String)], body: &[u8]) -> Result<Vec<u8>, coding::Packed> {
    let text = coding::unpacked(headers, body)?;
    if !spans::is_packed(&text) {
        return Ok(text);
    }
    let gzip = [("content-encoding".to_owned(), "gzip".to_owned())];
    let text = coding::unpacked(&gzip, &text)?;
    if spans::is_packed(&text) {
        return Err(coding::Packed {
            why: "is packed twice".into(),
            start: None,
            is_damaged: false,
        });
    }
    Ok(text)
}

/// A target, or another text that may have a URL, without its secrets; `None` if it has none.
pub fn redact_url(text: &str, known: &Known) -> Option<String> {
    let clean = known.redact(without(text.as_bytes(), spans::in_url(text)));
    (clean != text.as_bytes()).then(|| String::from_utf8_lossy(&clean).into_owned())
}

/// A header's value without its secrets.
pub fn redact_header(name: &str, value: &str, known: &Known) -> String {
    if is_secret_header(name) {
        return REDACTED.into();
    }
    redact_url(value, known).unwrap_or_else(|| value.to_owned())
}

fn without(text: &[u8], spans: Vec<Range<usize>>) -> Vec<u8> {
    let mut clean = text.to_vec();
    for span in spans {
        if let Some(secret) = clean.get_mut(span) {
            let filler = filler(secret.len());
            secret.copy_from_slice(&filler);
        }
    }
    clean
}

/// The secrets that are taken out of the messages of an exchange.
#[derive(Default)]
pub struct Taken(Vec<Vec<u8>>);

impl Taken {
    /// Adds the secrets of a message. An answer has no target.
    pub fn add(&mut self, target: &str, headers: &[(String, String)], body: &[u8]) {
        self.add_spans(target.as_bytes(), spans::in_url(target));
        for (name, value) in headers {
            if is_secret_header(name) {
                self.add_credentials(value);
            } else {
                self.add_spans(value.as_bytes(), spans::in_url(value));
            }
        }
        // Nothing of a body that cannot be unpacked is kept, so what it has is not known.
        if let Ok(text) = unpacked(headers, body) {
            let spans = spans::in_body(&text);
            self.add_spans(&text, spans);
        }
    }

    fn add_spans(&mut self, text: &[u8], spans: Vec<Range<usize>>) {
        for span in spans {
            let secret = text.get(span.clone()).unwrap_or_default();
            let inside = names::values(&String::from_utf8_lossy(secret), MOST_INSIDE);
            self.0.extend(inside.into_iter().map(String::into_bytes));
            // What is taken out as a whole is not one secret.
            if span != (0..text.len()) {
                self.0.push(secret.to_vec());
            }
        }
    }

    /// Adds the parts of a secret header that are secrets: not the scheme and not what is signed.
    fn add_credentials(&mut self, value: &str) {
        if let Some((_, signature)) = value.split_once("Signature=") {
            let end = signature.find([',', ' ']).unwrap_or(signature.len());
            self.0
                .extend(signature.get(..end).map(|text| text.as_bytes().to_vec()));
            return;
        }
        let is_scheme =
            |part: &str| part.chars().all(|c| c.is_ascii_alphabetic()) && part.len() < 10;
        let is_one = !value.trim().contains([' ', ';', ',']);
        // A scheme does not stand alone.
        let parts = value.split([' ', ';', ',']);
        let parts = parts.filter(|part| is_one || !is_scheme(part));
        for part in parts.map(|part| part.trim_matches('"')) {
            self.0.push(part.as_bytes().to_vec());
            let inside = part.split_once('=').filter(|(_, value)| value.len() >= 8);
            self.0
                .extend(inside.map(|(_, value)| value.trim_matches('"').as_bytes().to_vec()));
        }
    }

    /// What is looked for in the rest of the exchange.
    pub fn known(&self) -> Known {
        Known::of(self.0.iter().map(Vec::as_slice))
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
        String::from_utf8(redact_body(&[], body.as_bytes(), &Known::default()).body).unwrap()
    }

    #[test]
    fn keys_and_passwords_are_taken_out_and_nothing_else() {
        let filler = String::from_utf8(filler(SECRET.len())).unwrap();
        for body in [
            "<R><keyName>a</keyName><keyMaterial>SECRET</keyMaterial>\
             <tagSet><item><key>k</key><value>v</value></item></tagSet></R>",
            "<R><keyMaterial a='' >SECRET</keyMaterial ></R>",
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
        let kept = redact_body(&headers("gzip"), &packed(&secret), &Known::default());
        assert!(kept.redacted && !kept.cut);
        assert_eq!(kept.body.len(), secret.len());
        assert!(kept.body.starts_with(b"<R><keyMaterial>redactedredacte<"));
        let plain = packed("<R><a>b</a></R>");
        let kept = redact_body(&headers("gzip"), &plain, &Known::default());
        assert!(!kept.redacted && !kept.cut && kept.body == plain);
        // The readable part has no secret, and nobody can read the rest.
        let cut = plain.get(..plain.len() - 6).unwrap();
        assert_eq!(
            redact_body(&headers("gzip"), cut, &Known::default()).body,
            cut
        );
        let cut = packed(&secret);
        let cut = cut.get(..cut.len() - 6).unwrap();
        let kept = redact_body(&headers("gzip"), cut, &Known::default());
        assert!(kept.cut && kept.body.is_empty());
        let kept = redact_body(&headers("br"), b"\x0b\x03\x80", &Known::default());
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
