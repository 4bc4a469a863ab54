//! The command-line arguments of the commands that use the service model.

use std::path::PathBuf;

/// Which action, and which of its bodies.
#[derive(Debug, clap::Args)]
#[command(allow_missing_positional = true)]
pub(crate) struct What {
    /// `request` or `response` [default: request]
    #[arg(value_name = "SIDE")]
    pub(crate) side: Option<String>,

    /// The action, such as `CreateVpc`
    #[arg(value_name = "ACTION", required = true)]
    pub(crate) action: String,
}

/// Encodes JSON with the API's member names, as boto3 takes it, as a request or response.
#[derive(Debug, clap::Args)]
pub(crate) struct Encode {
    #[command(flatten)]
    pub(crate) what: What,

    /// Also encode values that violate the model, as far as the wire format allows
    #[arg(long)]
    pub(crate) unchecked: bool,

    /// Take `UserData` and `Output` as they are sent, in base64
    #[arg(long)]
    pub(crate) as_sent: bool,

    /// The request id of a response [default: the id in `ResponseMetadata`, or a placeholder]
    #[arg(long, value_name = "ID")]
    pub(crate) request_id: Option<String>,
}

/// Decodes the body of a request or response to JSON with the API's member names, as boto3 has it.
#[derive(Debug, clap::Args)]
pub(crate) struct Decode {
    #[command(flatten)]
    pub(crate) what: What,

    /// The HTTP status of the response; without it, the body decides whether it is a success or an
    /// error
    #[arg(long, value_name = "STATUS", value_parser = clap::value_parser!(u16).range(100..=599))]
    pub(crate) status: Option<u16>,

    /// Print `UserData` and `Output` as they were sent, in base64
    #[arg(long)]
    pub(crate) as_sent: bool,

    /// Accept requests that deployed servers accept, even if EC2 may not, and a list of one without
    /// its index, as in `ImageId=ami-1`
    #[arg(long)]
    pub(crate) lenient: bool,
}

/// Lists EC2's actions.
#[derive(Debug, clap::Args)]
pub(crate) struct Actions {
    /// Globs to match, such as `Describe*Ipam*` [default: all]
    #[arg(value_name = "GLOB")]
    pub(crate) globs: Vec<String>,
}

/// Shows an action's members, with wire names, types and limits, or a resource.
#[derive(Debug, clap::Args)]
pub(crate) struct Describe {
    /// The action, such as `CreateVpc`, or the resource, such as `vpc`
    #[arg(value_name = "ACTION|RESOURCE", required_unless_present = "resources")]
    pub(crate) name: Option<String>,

    /// List the resources of EC2, and count their actions and filters
    #[arg(long, conflicts_with_all = ["name", "values"])]
    pub(crate) resources: bool,

    /// Show all values of long enums, not only the first ones
    #[arg(long)]
    pub(crate) values: bool,

    /// Print the members, or what is known of the resource, as one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// Runs protocol tests, in botocore's format, through the codec.
#[derive(Debug, clap::Args)]
pub(crate) struct ProtocolTests {
    /// The files
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,

    /// Also show passing cases
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// Shows what a service model adds, removes or changes, and which cases are affected.
#[derive(Debug, clap::Args)]
pub(crate) struct Drift {
    /// The newer model, in botocore's format, gzipped or not
    #[arg(value_name = "MODEL.json", required_unless_present = "to")]
    pub(crate) model: Option<PathBuf>,

    /// The older model [default: the embedded one]
    #[arg(long, value_name = "A.json")]
    pub(crate) from: Option<PathBuf>,

    /// The newer model, instead of MODEL.json
    #[arg(long, value_name = "B.json", conflicts_with = "model")]
    pub(crate) to: Option<PathBuf>,

    /// Show only changes that affect matching actions; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) action: Vec<String>,

    /// Print the changes as one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) const CODEC_EXIT_CODES: &str = "\
Reads from standard input and writes to standard output.

Exit codes:
  0  success
  1  the input is invalid for the action, or cannot be represented on the wire
  2  the command line is invalid";

pub(crate) const SOURCES: &str = "\
Sources of facts about resources:
  model, documentation, waiters, paginators  AWS's files
  names  a rule of names, which proves nothing
  any other  explained below the facts";

pub(crate) const PROTOCOL_EXIT_CODES: &str = "\
Exit codes:
  0  every case passed, or is an exception because EC2's model contradicts it
  1  a case failed
  2  the command line or a file is invalid
  4  nothing ran";

pub(crate) const DRIFT_EXIT_CODES: &str = "\
Exit codes:
  0  no differences, or only additions
  1  something was removed or changed, or a request needs a new member
  2  the command line or a file is invalid";
