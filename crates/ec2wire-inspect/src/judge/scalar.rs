//! Whether a text is a value of its type, in requests and in answers alike.
//!
//! The types' spellings are those that the codec reads; a test compares the two. Unlike the codec, it
//! takes base64 with line breaks, which some clients write.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ec2wire_model::{Kind, Timestamp, TimestampFormat};

/// How a text fits a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    Right,
    /// It is a number or a time with white space around it.
    Spaced,
    Wrong,
}

/// How a text fits a type. `format` is that of a member, which goes before the type's own.
pub fn fit(text: &str, kind: Kind, format: Option<TimestampFormat>) -> Fit {
    let trimmed = text.trim_matches([' ', '\t', '\r', '\n']);
    if is_value(text, kind, format) {
        Fit::Right
    } else if !matches!(kind, Kind::Boolean) && is_value(trimmed, kind, format) {
        Fit::Spaced
    } else {
        Fit::Wrong
    }
}

fn is_value(text: &str, kind: Kind, format: Option<TimestampFormat>) -> bool {
    // Rust takes a plus sign.
    let is_plain = !text.starts_with('+');
    match kind {
        Kind::Integer => is_plain && text.parse::<i32>().is_ok(),
        Kind::Long => is_plain && text.parse::<i64>().is_ok(),
        Kind::Float | Kind::Double => is_float(text),
        Kind::Boolean => ["true", "false"].contains(&text),
        Kind::Timestamp(own) => Timestamp::from_text(text, format.unwrap_or(own)).is_some(),
        Kind::Blob => is_base64(text),
        _ => true,
    }
}

/// Whether a text is a decimal number in range, or a name of one that is not.
fn is_float(text: &str) -> bool {
    let has_digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let is_decimal =
        has_digit(whole.strip_prefix('-').unwrap_or(whole)) && fraction.is_none_or(has_digit);
    is_decimal && text.parse().is_ok_and(f64::is_finite)
        || ["NaN", "Infinity", "-Infinity"].contains(&text)
}

/// Whether a text is base64, perhaps in several lines.
pub fn is_base64(text: &str) -> bool {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let text: Vec<u8> = text.bytes().filter(|byte| !is_space(byte)).collect();
    STANDARD.decode(text).is_ok()
}

/// The type in words.
pub fn in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Integer => "a 32-bit integer",
        Kind::Long => "a 64-bit integer",
        Kind::Float | Kind::Double => "a number",
        Kind::Boolean => "true or false",
        Kind::Timestamp(_) => "a time such as 2016-11-15T08:00:00Z",
        Kind::Blob => "base64",
        _ => "a text",
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use crate::wire::form::escaped;
    use ec2wire_model::Model;

    const TEXTS: [&str; 40] = [
        "",
        "true",
        "false",
        "True",
        "1",
        "0",
        "-1",
        "-0",
        "+1",
        "007",
        "0x1",
        "1.5",
        "-1.5",
        "1.",
        ".5",
        "1e5",
        "1.e5",
        "1e999",
        "NaN",
        "nan",
        "inf",
        "Infinity",
        "-Infinity",
        "2147483647",
        "9223372036854775808",
        "2016-11-15T08:00:00Z",
        "2016-11-15T08:00:00.000+02:00",
        "2016-11-15 08:00:00Z",
        "2016-11-15T08:00:00",
        "2016-11-15",
        "2017-02-01 12:40:45 -0700",
        "1537100040",
        "9999-12-31T23:59:59Z",
        "20161115T080000Z",
        "aGk=",
        "aGk",
        "aGl=",
        "a+/b",
        "a-_b",
        "ssh-rsa AAAA",
    ];

    /// A type has the same spellings here and in the codec.
    #[test]
    fn the_codec_reads_what_is_right() {
        let members = [
            ("CreateVolume", "Encrypted", "boolean"),
            ("CreateVolume", "Size", "integer"),
            ("CopyImage", "SnapshotCopyCompletionDurationMinutes", "long"),
            ("DescribeSpotPriceHistory", "StartTime", "timestamp"),
            ("ImportKeyPair", "PublicKeyMaterial", "blob"),
        ];
        for (name, key, kind_name) in members {
            let action = Model::ec2().operation(name).unwrap();
            let member = action.input().unwrap().member(key).unwrap();
            let kind = member.shape().kind();
            assert_eq!(kind.name(), kind_name);
            for text in TEXTS {
                let body = format!("Action={name}&{key}={}", escaped(text));
                let is_read = action.decode_request(&body).is_ok();
                let is_right = fit(text, kind, member.timestamp_format()) == Fit::Right;
                assert_eq!(is_right, is_read, "{name} {key} {text:?}");
            }
        }
        // No request has a number with a fraction at its top.
        let action = Model::ec2()
            .operation("CreateCapacityReservationFleet")
            .unwrap();
        for text in TEXTS {
            let body = format!(
                "<CreateCapacityReservationFleetResponse><totalFulfilledCapacity>{text}\
                </totalFulfilledCapacity></CreateCapacityReservationFleetResponse>"
            );
            let is_read = action.decode_reply(200, body.as_bytes()).is_ok();
            let is_right = fit(text, Kind::Double, None) == Fit::Right;
            assert_eq!(is_right, is_read, "{text:?}");
        }
    }

    #[test]
    fn white_space_is_not_a_wrong_type() {
        assert_eq!(fit(" 1\n", Kind::Integer, None), Fit::Spaced);
        assert_eq!(fit(" 1 1", Kind::Integer, None), Fit::Wrong);
        assert_eq!(fit(" true", Kind::Boolean, None), Fit::Wrong);
        assert_eq!(fit("aG\nk=\n", Kind::Blob, None), Fit::Right);
    }
}
