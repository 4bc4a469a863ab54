//! Members of both tables, with types that show what was read.

use serde::{Deserialize, Serialize, Serializer};

/// The text of a timestamp, which a date type would parse.
#[derive(Serialize, Deserialize)]
pub(crate) struct Time(String);

/// A float as Rust prints it, because JSON has no `NaN`.
#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for it so"
)]
pub(crate) fn show<S: Serializer>(value: &Option<f32>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{:?}", value.unwrap_or_default()))
}
