//! JSON Schemas.

/// x
pub const CASES_LINE: &str = "#:schema https://raw.githubusercontent.com/ec2wire/ec2wire/main/crates/ec2wire-conformance/schema/cases.json";
