//! The command line of what works on the service model.

use std::path::PathBuf;

/// Which body of which action.
#[derive(Debug, clap::Args)]
#[command(allow_missing_positional = true)]
pub(crate) struct What {
    /// `request` or `response`; a request where it is left out
    #[arg(value_name = "SIDE")]
    pub(crate) side: Option<String>,

    /// The action, as `CreateVpc`
    #[arg(value_name = "ACTION", required = true)]
    pub(crate) action: String,
}

/// Encodes JSON, in the API's member names, as a request or an answer.
#[derive(Debug, clap::Args)]
pub(crate) struct Encode {
    #[command(flatten)]
    pub(crate) what: What,

    /// Encode what breaks the model too, as far as it has a form on the wire
    #[arg(long)]
    pub(crate) unchecked: bool,

    /// The id of the request, in an answer; else that of `ResponseMetadata`, or a made-up one
    #[arg(long, value_name = "ID")]
    pub(crate) request_id: Option<String>,
}

/// Decodes a request's or an answer's body to JSON, in the API's member names.
#[derive(Debug, clap::Args)]
pub(crate) struct Decode {
    #[command(flatten)]
    pub(crate) what: What,

    /// The HTTP status that an answer came with; where it is left out, what the body is decides
    /// whether it is a success
    #[arg(long, value_name = "STATUS", value_parser = clap::value_parser!(u16).range(100..=599))]
    pub(crate) status: Option<u16>,

    /// Accept what deployed servers accept in a request and EC2 may not
    #[arg(long)]
    pub(crate) lenient: bool,
}

/// Lists EC2's actions.
#[derive(Debug, clap::Args)]
pub(crate) struct Actions {
    /// Those that match, as `Describe*Ipam*`; all where left out
    #[arg(value_name = "GLOB")]
    pub(crate) globs: Vec<String>,
}

/// Shows an action's members, their names on the wire, and what they may be.
#[derive(Debug, clap::Args)]
pub(crate) struct Describe {
    /// The action
    #[arg(value_name = "ACTION")]
    pub(crate) action: String,

    /// Show all values of long enums
    #[arg(long)]
    pub(crate) values: bool,
}

/// Runs protocol tests in botocore's format through the codec.
#[derive(Debug, clap::Args)]
pub(crate) struct ProtocolTests {
    /// The files
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,

    /// Show the cases that pass, too
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// Shows what a service model adds, removes or changes, and which cases that touches.
#[derive(Debug, clap::Args)]
pub(crate) struct Drift {
    /// The newer model, in botocore's format, gzipped or not
    #[arg(value_name = "MODEL.json", required_unless_present = "to")]
    pub(crate) model: Option<PathBuf>,

    /// The older model; the embedded one where left out
    #[arg(long, value_name = "A.json")]
    pub(crate) from: Option<PathBuf>,

    /// The newer model, instead of MODEL.json
    #[arg(long, value_name = "B.json", conflicts_with = "model")]
    pub(crate) to: Option<PathBuf>,

    /// Only what shows in the actions that match; may be given often
    #[arg(long, value_name = "GLOB")]
    pub(crate) action: Vec<String>,

    /// Print the changes as one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) const CODEC_EXIT_CODES: &str = "\
Reads from the standard input and writes to the standard output.

Exit codes:
  0  it is done
  1  the input is not what the action takes, or not what the wire carries
  2  the command line is wrong";

pub(crate) const PROTOCOL_EXIT_CODES: &str = "\
Exit codes:
  0  every case passes, or is one of those that EC2's model leaves no place for
  1  a case fails
  2  the command line or a file is wrong
  4  nothing ran";

pub(crate) const DRIFT_EXIT_CODES: &str = "\
Exit codes:
  0  nothing differs, or there are additions alone
  1  something is removed or changed, or a request needs what is new
  2  the command line or a file is wrong";
