//! Points in time, in the whole range of ISO 8601 with years of four digits.

use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;
use jiff::{SignedDuration, SignedDurationRound, Unit};
use std::fmt;
use std::str::FromStr;

/// The start of 1970.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
/// One hour.
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// The longest offset in hours.
const MAX_HOURS: i32 = 26;

/// A point in time.
///
/// It has every time that ISO 8601 can say with a year of four digits and any offset. That is more
/// than a [`jiff::Timestamp`] has: `9999-12-31T23:59:59Z`, which people write for "never", is beyond
/// its end. The text is in UTC. If the year in UTC is not one of 0 to 9999, the text has the smallest
/// offset that makes it one.
///
/// ```
/// use ec2wire_model::Timestamp;
///
/// let time: Timestamp = "2016-11-15T08:00:00+02:00".parse()?;
/// assert_eq!(time.to_string(), "2016-11-15T06:00:00Z");
/// let never: Timestamp = "9999-12-31T23:59:59Z".parse()?;
/// assert_eq!(never.to_string(), "9999-12-31T23:59:59Z");
/// assert!(time < never && jiff::Timestamp::try_from(never).is_err());
/// # Ok::<(), ec2wire_model::TimestampError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(
    /// The time since the start of 1970.
    SignedDuration,
);

/// A text is not a timestamp, or another type cannot hold the timestamp.
///
/// ```
/// let error = "2016-11-15".parse::<ec2wire_model::Timestamp>().unwrap_err();
/// assert_eq!(error.to_string(), "expected a timestamp such as 2016-11-15T08:00:00Z");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimestampError(Problem);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    Text,
    Range,
}

impl Timestamp {
    /// A date and time in UTC.
    pub(crate) fn from_utc(time: DateTime) -> Self {
        Self(time.duration_since(EPOCH))
    }

    /// The point in time that many seconds after the start of 1970, rounded to microseconds: a
    /// float has no more digits.
    pub(crate) fn from_seconds(seconds: f64) -> Option<Self> {
        let round = SignedDurationRound::new().smallest(Unit::Microsecond);
        let since = SignedDuration::try_from_secs_f64(seconds).ok()?;
        let time = Self(since.round(round).ok()?);
        time.local().map(|_| time)
    }

    /// The time since the start of 1970.
    pub(crate) const fn since_epoch(self) -> SignedDuration {
        self.0
    }

    /// The date and time in UTC, up to the end of the year 9999.
    pub(crate) fn to_utc(self) -> Option<DateTime> {
        EPOCH.checked_add(self.0).ok()
    }

    /// The date and time with the smallest offset, in hours, that has a year of four digits. A time
    /// long before the year 0 has none, and is in UTC.
    fn local(self) -> Option<(DateTime, i32)> {
        let toward = if self.0.is_negative() { 1 } else { -1 };
        let mut near = (0..=MAX_HOURS).filter_map(|hours| {
            let hours = hours * toward;
            let since = self.0.checked_add(HOUR.checked_mul(hours)?)?;
            let time = EPOCH.checked_add(since).ok()?;
            (time.year() >= 0).then_some((time, hours))
        });
        near.next().or_else(|| Some((self.to_utc()?, 0)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.local() {
            Some((time, 0)) => write!(f, "{time}Z"),
            Some((time, hours)) => write!(f, "{time}{hours:+03}:00"),
            // No constructor makes such a time.
            None => Err(fmt::Error),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads a date and a time with its offset, in ISO 8601.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        // jiff also takes the names of time zones, which ISO 8601 does not have.
        if text.contains('[') {
            return Err(TimestampError(Problem::Text));
        }
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Ok(time.into());
        }
        let beyond = || {
            let parts = Pieces::parse(text).ok()?;
            let local = parts.date().to_datetime(parts.time()?);
            let offset = SignedDuration::from(parts.to_numeric_offset()?);
            local.duration_since(EPOCH).checked_sub(offset)
        };
        let time = beyond().map(Self).filter(|time| time.local().is_some());
        time.ok_or(TimestampError(Problem::Text))
    }
}

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Problem::Text => "expected a timestamp such as 2016-11-15T08:00:00Z",
            Problem::Range => "expected a timestamp before 9999-12-30T22:00:00Z",
        })
    }
}

impl std::error::Error for TimestampError {}

impl From<jiff::Timestamp> for Timestamp {
    fn from(time: jiff::Timestamp) -> Self {
        Self(time.as_duration())
    }
}

impl TryFrom<Timestamp> for jiff::Timestamp {
    type Error = TimestampError;

    fn try_from(time: Timestamp) -> Result<Self, TimestampError> {
        Self::from_duration(time.0).map_err(|_| TimestampError(Problem::Range))
    }
}
