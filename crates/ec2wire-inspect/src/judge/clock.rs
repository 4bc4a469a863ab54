//! Compares the times that an answer states with the time when it was given.

use ec2wire_model::{Timestamp, TimestampFormat};
use jiff::SignedDuration;

/// How far a right time may be off: more than the 15 minutes that a signature may be old, and less
/// than a wrong time zone.
const MOST_OFF: SignedDuration = SignedDuration::from_mins(45);

/// A time as headers or as members spell it.
pub fn read(text: &str) -> Option<Timestamp> {
    let member = || text.parse().ok();
    Timestamp::from_text(text, TimestampFormat::Rfc822).or_else(member)
}

/// Whether a time is so far from the present that a clock or a zone is wrong.
pub fn is_off(time: Timestamp, now: Timestamp) -> bool {
    is_past(time, now) || is_past(now, time)
}

/// Whether a time is so far before another.
pub fn is_past(time: Timestamp, other: Timestamp) -> bool {
    let [time, other] = [time, other].map(jiff::Timestamp::try_from);
    match (time, other) {
        (Ok(time), Ok(other)) => other.duration_since(time) > MOST_OFF,
        // Only the last days of the year 9999 cannot be converted.
        (Ok(_), Err(_)) => true,
        (Err(_), _) => false,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn a_wrong_zone_is_off_and_a_slow_clock_is_not() {
        let now = read("Tue, 15 Nov 2016 08:00:00 GMT").unwrap();
        for (text, off) in [
            ("Tue, 15 Nov 2016 08:20:00 GMT", false),
            ("2016-11-15T07:30:00Z", false),
            ("2016-11-15T09:00:00.000+01:00", false),
            ("Tue, 15 Nov 2016 09:00:00 GMT", true),
            ("2016-11-15T07:00:00Z", true),
            ("9999-12-31T23:59:59Z", true),
        ] {
            assert_eq!(is_off(read(text).unwrap(), now), off, "{text}");
        }
        assert_eq!(read("now"), None);
    }
}
