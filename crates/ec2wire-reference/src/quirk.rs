//! Faults and variants as others see them: their names and what they are about. The endpoint and
//! the client each have tables of their own.

use ec2wire::contract::Level;
use std::fmt;

/// One way in which the reference endpoint or client differs from an honest one: a fault or a
/// variant.
///
/// ```
/// use ec2wire_reference::sabotage::{self, Area};
///
/// let quirk = sabotage::fault("plus-not-decoded")?;
/// assert_eq!(quirk.area.map(Area::as_str), Some("parsing"));
/// # Ok::<(), sabotage::UnknownQuirk>(())
/// ```
pub struct Quirk {
    /// The name, in kebab case.
    pub name: &'static str,
    /// What the fault is about. `None` for a variant.
    pub area: Option<Area>,
    /// The gravest verdict that a fault deserves: a failed MUST or a failed SHOULD. A variant has
    /// [`Level::May`]: it deserves no blame.
    pub level: Level,
    /// What is different, in one sentence.
    pub summary: &'static str,
    changes: &'static str,
}

impl Quirk {
    pub(crate) const fn fault(
        area: Area,
        level: Level,
        name: &'static str,
        summary: &'static str,
        changes: &'static str,
    ) -> Self {
        Self {
            name,
            area: Some(area),
            level,
            summary,
            changes,
        }
    }

    pub(crate) const fn variant(
        name: &'static str,
        summary: &'static str,
        changes: &'static str,
    ) -> Self {
        Self {
            name,
            area: None,
            level: Level::May,
            summary,
            changes,
        }
    }

    /// Whether it is a variant, which deserves no blame.
    pub const fn is_variant(&self) -> bool {
        self.area.is_none()
    }

    /// Which part of the endpoint's or client's work is changed, as in `the document`.
    pub const fn changes(&self) -> &'static str {
        self.changes
    }
}

impl fmt::Debug for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quirk")
            .field("name", &self.name)
            .field("area", &self.area)
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}

/// Quirks with the same name are equal. A test ensures that names are unique.
impl PartialEq for Quirk {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Quirk {}

/// A row of a table: a quirk, and the change that it makes.
pub(crate) struct Row<C> {
    pub(crate) quirk: Quirk,
    pub(crate) change: C,
}

/// Defines `Row`, `fault_row` and `variant_row` for one side's changes. It is a macro since a
/// constant function cannot call the method of a generic type.
macro_rules! rows {
    ($change:ty) => {
        /// A row of a table.
        pub(super) type Row = $crate::quirk::Row<$change>;

        pub(super) const fn fault_row(
            area: $crate::quirk::Area,
            level: ec2wire::contract::Level,
            name: &'static str,
            summary: &'static str,
            change: $change,
        ) -> Row {
            Row {
                quirk: $crate::quirk::Quirk::fault(area, level, name, summary, change.place()),
                change,
            }
        }

        pub(super) const fn variant_row(
            name: &'static str,
            summary: &'static str,
            change: $change,
        ) -> Row {
            Row {
                quirk: $crate::quirk::Quirk::variant(name, summary, change.place()),
                change,
            }
        }
    };
}

pub(crate) use rows;

/// What a fault is about.
///
/// ```
/// assert_eq!(ec2wire_reference::sabotage::Area::DryRun.to_string(), "dry run");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Reading a request.
    Parsing,
    /// The rules for a request's members.
    Validation,
    /// Requests with `DryRun`.
    DryRun,
    /// Requests with a `ClientToken`.
    Idempotency,
    /// The status, the headers and the document around the members.
    Envelope,
    /// The members of an answer.
    Fields,
    /// What exists after a request.
    State,
    /// A policy's allocation rules and the targets that it is enabled for.
    Policy,
    /// Requests that no client should send.
    Robustness,
    /// What becomes of the resources of the table.
    World,
    /// A client's requests.
    Request,
    /// A client's signatures.
    Signature,
    /// A client's tokens and retries.
    Retries,
    /// How a client reads successes.
    Successes,
    /// How a client reads errors.
    Errors,
    /// How a client handles answers that are neither a success nor an error of EC2.
    Damage,
}

impl Area {
    /// The area's name, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Parsing => "parsing",
            Self::Validation => "validation",
            Self::DryRun => "dry run",
            Self::Idempotency => "idempotency",
            Self::Envelope => "envelope",
            Self::Fields => "fields",
            Self::State => "state",
            Self::Policy => "policy",
            Self::Robustness => "robustness",
            Self::World => "world",
            Self::Request => "request",
            Self::Signature => "signature",
            Self::Retries => "retries",
            Self::Successes => "successes",
            Self::Errors => "errors",
            Self::Damage => "damage",
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The quirk with this name. `what` is the option of the command that lists them.
pub(crate) fn find(
    what: &'static str,
    name: &str,
    quirks: impl Iterator<Item = &'static Quirk> + Clone,
) -> Result<&'static Quirk, UnknownQuirk> {
    quirks
        .clone()
        .find(|quirk| quirk.name == name)
        .ok_or_else(|| {
            let mut similar = ec2wire_model::similar(name, quirks.map(|quirk| quirk.name));
            similar.truncate(3);
            UnknownQuirk {
                what,
                name: name.to_owned(),
                similar,
            }
        })
}

/// There is no fault or variant with this name.
///
/// ```
/// let error = ec2wire_reference::sabotage::fault("dry-run-ignord").unwrap_err();
/// assert!(error.to_string().contains("did you mean `dry-run-ignored`"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownQuirk {
    what: &'static str,
    name: String,
    similar: Vec<&'static str>,
}

impl fmt::Display for UnknownQuirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            name,
            similar,
        } = self;
        write!(f, "no {what} is named `{name}`; ")?;
        if !similar.is_empty() {
            write!(f, "did you mean `{}`? ", similar.join("` or `"))?;
        }
        write!(f, "`--{what} list` shows all")
    }
}

impl std::error::Error for UnknownQuirk {}

#[cfg(test)]
mod tests {
    use super::*;

    static QUIRKS: [Quirk; 4] = [
        named("hang-on-bad-escape"),
        named("token-ignored"),
        named("one-token-for-all"),
        named("no-token-is-a-token"),
    ];

    const fn named(name: &'static str) -> Quirk {
        Quirk::variant(name, "a variant", "the document")
    }

    #[test]
    fn similar_names_are_suggested() {
        let similar = |name| match find("variant", name, QUIRKS.iter()) {
            Ok(_) => Vec::new(),
            Err(error) => error.similar,
        };
        assert_eq!(similar("hang-on-bad-escap"), ["hang-on-bad-escape"]);
        assert_eq!(similar("no-such-thing"), [""; 0]);
        assert_eq!(similar("token").len(), 3);
    }
}
