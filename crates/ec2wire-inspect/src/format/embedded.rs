//! The data files of `contract/`, embedded in the program.

/// A data file. Errors name it by its path.
#[derive(Debug, Clone, Copy)]
pub struct DataFile {
    /// The path below `contract/`.
    pub path: &'static str,
    /// The text.
    pub text: &'static str,
}

macro_rules! data_file {
    ($path:literal) => {
        DataFile {
            path: $path,
            text: include_str!(concat!("../../contract/", $path)),
        }
    };
}

macro_rules! data_files {
    ($($path:literal),* $(,)?) => {
        &[$(data_file!($path)),*]
    };
}

/// The requirements for servers.
pub const REQUIREMENTS: DataFile = data_file!("requirements.toml");
/// The requirements for clients.
pub const CLIENT_REQUIREMENTS: DataFile = data_file!("client-requirements.toml");
/// Sets of outcomes.
pub const OUTCOMES: DataFile = data_file!("outcomes.toml");
/// Lists of checks.
pub const CHECKS: DataFile = data_file!("checks.toml");
/// Lists of steps that cases build on.
pub const PREMISES: DataFile = data_file!("premises.toml");
/// What EC2 does beyond the service model.
pub const BEYOND_MODEL: DataFile = data_file!("beyond-model.toml");
/// Answers that say nothing about a case.
pub const UNJUDGED: DataFile = data_file!("unjudged.toml");
/// The versions of EC2's API.
pub const VERSIONS: DataFile = data_file!("versions.toml");
/// Codes of errors that are the request's fault.
pub const CLIENT_CODES: DataFile = data_file!("client-codes.toml");
/// The answers that clients get.
pub const ANSWERS: DataFile = data_file!("answers.toml");
/// Laws: what holds for every action.
pub const LAWS: DataFile = data_file!("laws.toml");
/// Members of plain requests.
pub const SAMPLES: DataFile = data_file!("samples.toml");
/// How a listing shows that something is deleted.
pub const GONE: DataFile = data_file!("gone.toml");
/// The kinds of generated requests.
pub const GENERATED: DataFile = data_file!("generated.toml");
/// Causes that explain several failures.
pub const CAUSES: DataFile = data_file!("causes.toml");
/// How real clients misread damaged answers.
pub const MISREADINGS: DataFile = data_file!("misreadings.toml");
/// The requirements that each fault of the reference endpoint breaks.
pub const BREAKS: DataFile = data_file!("breaks.toml");
/// The requirements that each fault of the reference client breaks.
pub const CLIENT_BREAKS: DataFile = data_file!("client-breaks.toml");
/// The requirements that each fault in what becomes of resources breaks. They are not written yet.
pub const WORLD_BREAKS: DataFile = data_file!("world-breaks.toml");

/// The files of cases, in the order in which they run.
pub const CASES: &[DataFile] = data_files![
    "cases/accepted.toml",
    "cases/refused.toml",
    "cases/clients.toml",
    "cases/boundaries-text.toml",
    "cases/boundaries-lists.toml",
    "cases/boundaries-scalars.toml",
    "cases/dry-run.toml",
    "cases/token-replay.toml",
    "cases/token-other.toml",
    "cases/afterwards.toml",
    "cases/deleted.toml",
    "cases/policy-actions.toml",
    "cases/policy-rules.toml",
    "cases/policy-enabled.toml",
    "cases/response.toml",
    "cases/characters.toml",
    "cases/errors.toml",
    "cases/protocol.toml",
    "cases/encoding.toml",
    "cases/transport.toml",
    "cases/robustness-http.toml",
    "cases/robustness-shape.toml",
    "cases/robustness-size.toml",
    "cases/robustness-bytes.toml",
];

/// The stories, which need many actions, and their requirements, in the order in which they run.
pub const STORIES: &[DataFile] = data_files![
    "cases/stories/requirements.toml",
    "cases/stories/instance-life.toml",
    "cases/stories/security-group-rules.toml",
    "cases/stories/volume-snapshots.toml",
    "cases/stories/vpc-to-internet.toml",
    "cases/stories/vpc-in-use.toml",
    "cases/stories/image-of-instance.toml",
    "cases/stories/launch-template-versions.toml",
    "cases/stories/address-moves.toml",
];

/// The files of client cases, in the order in which they run.
pub const CLIENT_CASES: &[DataFile] = data_files![
    "client-cases/requests.toml",
    "client-cases/tokens.toml",
    "client-cases/retries.toml",
    "client-cases/answers.toml",
    "client-cases/errors.toml",
    "client-cases/damage.toml",
    "client-cases/other-actions.toml",
];

/// The files that `cases export` writes, in order.
pub const EXPORTED: &[DataFile] = &[
    REQUIREMENTS,
    OUTCOMES,
    CHECKS,
    PREMISES,
    GENERATED,
    UNJUDGED,
    CLIENT_REQUIREMENTS,
    ANSWERS,
    LAWS,
    SAMPLES,
];

/// The line that names a case file's schema for editors.
pub const CASES_SCHEMA_LINE: &str = "#:schema https://raw.githubusercontent.com/ec2wire/ec2wire/main/\
    crates/ec2wire-conformance/schema/cases.json";

impl DataFile {
    /// Replaces the relative schema path by the schema's address, so that editors find it from any
    /// folder.
    pub fn with_schema_address(&self) -> String {
        let Some((start, rest)) = self.text.split_once("#:schema ") else {
            return self.text.to_owned();
        };
        let rest = rest
            .trim_start_matches("../")
            .trim_start_matches("ec2wire-conformance/");
        match (
            rest.strip_prefix("schema/"),
            CASES_SCHEMA_LINE.strip_suffix("cases.json"),
        ) {
            (Some(rest), Some(line)) => format!("{start}{line}{rest}"),
            _ => self.text.to_owned(),
        }
    }
}
