//! Timestamps as text.

use crate::{Timestamp, TimestampFormat};
use jiff::civil::DateTime;
use jiff::fmt::rfc2822;

/// RFC 822 as RFC 9110 writes it.
const RFC_822: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// Writes a timestamp.
pub(super) fn timestamp_to_text(timestamp: Timestamp, format: TimestampFormat) -> String {
    match format {
        TimestampFormat::Iso8601 => timestamp.to_string(),
        TimestampFormat::UnixTimestamp => {
            let since = timestamp.since_epoch();
            match since.subsec_nanos() {
                0 => since.as_secs().to_string(),
                _ => since.as_secs_f64().to_string(),
            }
        }
        TimestampFormat::Rfc822 => match timestamp.to_utc() {
            Some(time) if time.year() >= 0 => time.strftime(RFC_822).to_string(),
            // RFC 822 has only years of four digits.
            _ => timestamp.to_string(),
        },
    }
}

impl Timestamp {
    /// Reads a text in one of the formats of timestamps on the wire; `None` if it is not in it.
    ///
    /// ```
    /// use ec2wire_model::{Timestamp, TimestampFormat};
    ///
    /// let date = Timestamp::from_text("Tue, 15 Nov 2016 08:00:00 GMT", TimestampFormat::Rfc822);
    /// assert_eq!(date.unwrap().to_string(), "2016-11-15T08:00:00Z");
    /// ```
    pub fn from_text(text: &str, format: TimestampFormat) -> Option<Self> {
        timestamp_from_text(text, format)
    }
}

/// Reads a timestamp.
pub(crate) fn timestamp_from_text(text: &str, format: TimestampFormat) -> Option<Timestamp> {
    match format {
        TimestampFormat::Iso8601 => text.parse().ok(),
        TimestampFormat::UnixTimestamp => timestamp_from_seconds(text.parse().ok()?),
        TimestampFormat::Rfc822 => {
            let parsed = rfc2822::DateTimeParser::new().parse_timestamp(text);
            let beyond = || DateTime::strptime(RFC_822, text).map(Timestamp::from_utc);
            parsed.map(Timestamp::from).or_else(|_| beyond()).ok()
        }
    }
}

/// Reads a date, or a time without an offset, as a point in time in UTC.
pub(crate) fn timestamp_in_utc(text: &str) -> Option<Timestamp> {
    let time: DateTime = text.parse().ok()?;
    Some(Timestamp::from_utc(time))
}

/// The point in time that many seconds after the start of 1970, rounded to microseconds.
pub(crate) fn timestamp_from_seconds(seconds: f64) -> Option<Timestamp> {
    Timestamp::from_seconds(seconds)
}
