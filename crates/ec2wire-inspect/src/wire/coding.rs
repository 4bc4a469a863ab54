//! The content codings of bodies.

use super::http1;
use super::referee::Element;
#[cfg(feature = "gzip")]
use super::referee::{MOST_TAGS, has_many_tags};

/// The first bytes of a body in gzip.
const GZIP: &[u8] = b"\x1f\x8b";

/// The longest unpacked body, in bytes.
#[cfg(feature = "gzip")]
const LIMIT: u64 = 16 * 1024 * 1024;

/// A body that could not be unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Why, in words that follow a subject.
    pub why: String,
    /// The readable start of a damaged body; `None` if nothing is known of its content, or if it
    /// exceeds the limit.
    pub start: Option<Vec<u8>>,
    /// Whether it is packed as the headers say but damaged. A body that is not packed at all may
    /// have been unpacked by whoever recorded it.
    pub is_damaged: bool,
}

/// The codings that the headers name, in lower case.
fn named(headers: &[(String, String)]) -> Vec<String> {
    let codings = http1::all(headers, "content-encoding").flat_map(|value| value.split(','));
    codings
        .map(|coding| coding.trim().to_ascii_lowercase())
        .filter(|coding| !coding.is_empty() && coding != "identity")
        .collect()
}

/// The coding that the headers name, if the body certainly does not have it: it is a document as
/// it stands, or does not begin as gzip does.
pub fn is_absent(headers: &[(String, String)], body: &[u8]) -> Option<String> {
    let codings = named(headers);
    let last = codings.last()?;
    let is_gzip = matches!(last.as_str(), "gzip" | "x-gzip");
    let is_plain = Element::parse(body).is_ok() || is_gzip && !body.starts_with(GZIP);
    (!body.is_empty() && is_plain).then(|| codings.join(", "))
}

/// Undoes the coding that the headers name. HAR files have bodies without it already.
pub fn unpacked(headers: &[(String, String)], body: &[u8]) -> Result<Vec<u8>, Packed> {
    let codings = named(headers);
    let is_text = body.trim_ascii_start().starts_with(b"<");
    match codings.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Ok(body.to_vec()),
        _ if is_text || body.is_empty() => Ok(body.to_vec()),
        #[cfg(feature = "gzip")]
        ["gzip" | "x-gzip"] => gunzipped(body),
        _ => Err(Packed {
            why: format!(
                "has the unsupported coding `{}`",
                codings.join(", ").escape_debug()
            ),
            start: None,
            is_damaged: false,
        }),
    }
}

#[cfg(feature = "gzip")]
fn gunzipped(body: &[u8]) -> Result<Vec<u8>, Packed> {
    use std::io::Read as _;

    let mut text = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(body).take(LIMIT + 1);
    match reader.read_to_end(&mut text) {
        // Judging only a part of it would be wrong.
        Ok(length) if length as u64 > LIMIT => Err(Packed {
            why: format!("has more than {LIMIT} bytes after unpacking"),
            start: None,
            is_damaged: false,
        }),
        // Few packed bytes may be a document that fills the memory.
        Ok(_) if has_many_tags(&text) => Err(Packed {
            why: format!("has more than {MOST_TAGS} tags after unpacking"),
            start: None,
            is_damaged: false,
        }),
        Ok(_) => Ok(text),
        Err(error) => Err(Packed {
            why: format!("cannot be unpacked: {error}"),
            start: Some(text),
            is_damaged: body.starts_with(GZIP),
        }),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    #[test]
    fn what_is_too_long_is_not_cut_without_a_word() {
        let headers = [("content-encoding".to_owned(), "gzip".to_owned())];
        let packed = |length: u64| {
            let mut writer = GzEncoder::new(Vec::new(), Compression::fast());
            let piece = vec![b' '; 1 << 20];
            for _ in 0..length >> 20 {
                writer.write_all(&piece).unwrap();
            }
            writer.write_all(b"x").unwrap();
            writer.finish().unwrap()
        };
        // Coding names are case-insensitive, and `identity` does nothing.
        let spelled = [("Content-Encoding".to_owned(), "identity, GZIP".to_owned())];
        assert_eq!(unpacked(&spelled, &packed(0)).unwrap(), b"x");
        let just = unpacked(&headers, &packed(LIMIT - (1 << 20))).unwrap();
        assert_eq!(just.len() as u64, LIMIT - (1 << 20) + 1);
        let mut writer = GzEncoder::new(Vec::new(), Compression::fast());
        let document = format!("<R>{}</R>", "<a/>".repeat(MOST_TAGS));
        writer.write_all(document.as_bytes()).unwrap();
        let tags = unpacked(&headers, &writer.finish().unwrap()).unwrap_err();
        assert_eq!(tags.why, "has more than 524288 tags after unpacking");
        let over = unpacked(&headers, &packed(LIMIT)).unwrap_err();
        assert_eq!(over.start, None);
        assert!(
            over.why.contains("more than 16777216 bytes"),
            "{}",
            over.why
        );
    }
}
