//! The two wire formats, and how timestamps are written in them.

use std::fmt;

/// One of the two wire formats.
///
/// ```
/// use ec2wire_model::{Model, Wire};
///
/// let tag = Model::ec2().shape("Tag").unwrap();
/// assert_eq!(tag.wire_names(Wire::Form), ["key", "value"]); // written as `Key` and `Value`
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// Requests.
    Form,
    /// Responses.
    Xml,
}

/// How a timestamp is written.
///
/// EC2 uses only the first. The others are part of botocore's format.
///
/// ```
/// assert_eq!(
///     ec2wire_model::TimestampFormat::default(),
///     ec2wire_model::TimestampFormat::Iso8601,
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimestampFormat {
    /// `2015-01-25T08:00:00Z`
    #[default]
    Iso8601,
    /// `1422172800`: seconds since 1970.
    UnixTimestamp,
    /// `Sun, 25 Jan 2015 08:00:00 GMT`
    Rfc822,
}

impl fmt::Display for TimestampFormat {
    /// Writes the name that botocore's format uses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Iso8601 => "iso8601",
            Self::UnixTimestamp => "unixTimestamp",
            Self::Rfc822 => "rfc822",
        })
    }
}
