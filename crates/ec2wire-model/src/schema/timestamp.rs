//! Timestamps as text.

use crate::TimestampFormat;
use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// Writes a timestamp.
pub(super) fn timestamp_to_text(timestamp: Timestamp, format: TimestampFormat) -> String {
    match format {
        TimestampFormat::Iso8601 => timestamp.to_string(),
        TimestampFormat::UnixTimestamp if timestamp.subsec_nanosecond() == 0 => {
            timestamp.as_second().to_string()
        }
        TimestampFormat::UnixTimestamp => {
            jiff::SignedDuration::from_nanos_i128(timestamp.as_nanosecond())
                .as_secs_f64()
                .to_string()
        }
        TimestampFormat::Rfc822 => rfc2822::DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&timestamp)
            // RFC 822 cannot write years after 9999.
            .unwrap_or_else(|_| timestamp.to_string()),
    }
}

/// Reads a timestamp.
pub(crate) fn timestamp_from_text(text: &str, format: TimestampFormat) -> Option<Timestamp> {
    match format {
        TimestampFormat::Iso8601 => text.parse().ok(),
        TimestampFormat::UnixTimestamp => timestamp_from_seconds(text.parse().ok()?),
        TimestampFormat::Rfc822 => rfc2822::DateTimeParser::new().parse_timestamp(text).ok(),
    }
}

/// Reads a date, or a time without an offset, as a point in time in UTC.
pub(crate) fn timestamp_in_utc(text: &str) -> Option<Timestamp> {
    let time: jiff::civil::DateTime = text.parse().ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

/// The point in time that many seconds after the start of 1970, rounded to microseconds: a float
/// has no more digits.
pub(crate) fn timestamp_from_seconds(seconds: f64) -> Option<Timestamp> {
    let since = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
    let round = jiff::TimestampRound::new().smallest(jiff::Unit::Microsecond);
    Timestamp::from_duration(since).ok()?.round(round).ok()
}
