//! The command line.

use clap::{Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Judges servers that speak the EC2 Query protocol.
#[derive(Debug, Parser)]
#[command(name = "ec2wire", version, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  no must is broken
  1  a must is broken
  2  the command line or a file it names is wrong
  3  the subject cannot be reached or died, or the harness is at fault
  4  nothing ran";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge a subject by the catalogue of cases
    Verify {
        #[command(subcommand)]
        subject: Subject,
    },
    /// Run the reference endpoint
    Serve(Serve),
    /// Look at the cases
    Cases {
        #[command(subcommand)]
        command: Cases,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Subject {
    /// Judge a server; without --endpoint, the embedded reference endpoint
    #[command(after_help = EXIT_CODES)]
    Server(Box<Server>),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Server {
    /// The server's URL, `http` or `https`, without a path
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,

    /// An IPAM that exists; without it one is created and deleted again
    #[arg(long, value_name = "ID")]
    pub(crate) ipam_id: Option<String>,

    /// The longest wait for an answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,

    /// How long a new policy may take to be seen, and its state to become final, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub(crate) settle: u64,

    /// Allow an endpoint of AWS: dry runs and requests that must be refused, only
    #[arg(long)]
    pub(crate) allow_aws: bool,

    /// With --allow-aws, allow the cases that create policies, too
    #[arg(long, requires = "allow_aws")]
    pub(crate) allow_create: bool,

    #[command(flatten)]
    pub(crate) selection: Selection,

    #[command(flatten)]
    pub(crate) generate: Generate,

    /// Write a report: ndjson=PATH
    #[arg(long, value_name = "FORMAT=PATH", value_parser = parse_report, help_heading = "Reports")]
    pub(crate) report: Vec<Report>,

    /// Show every case in a line of its own
    #[arg(long, short, help_heading = "Reports")]
    pub(crate) verbose: bool,

    #[command(flatten)]
    pub(crate) credentials: Credentials,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct Selection {
    /// Run only the cases whose id matches; may be given often, `*` matches slashes
    #[arg(long, value_name = "GLOB", num_args = 1..)]
    pub(crate) run: Vec<String>,

    /// Leave out the cases whose id matches
    #[arg(long, value_name = "GLOB", num_args = 1..)]
    pub(crate) skip: Vec<String>,

    /// Run only the cases that judge at this level or above
    #[arg(long, value_enum, default_value_t = LevelArg::May)]
    pub(crate) level: LevelArg,

    /// A folder with case files of your own, beside the embedded ones
    #[arg(long, value_name = "DIR")]
    pub(crate) cases: Vec<PathBuf>,
}

/// The generated phase.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Generated requests")]
pub(crate) struct Generate {
    /// Make N requests from the contract, every second one with one rule broken, and judge them too
    #[arg(long = "generate", value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub(crate) count: u32,

    /// What the requests follow from: the same seed makes the same ones
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub(crate) seed: u64,

    /// Write each failure of a generated request to a file of this folder, for --cases
    #[arg(long, value_name = "DIR")]
    pub(crate) save_failures: Option<PathBuf>,
}

/// How binding a requirement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LevelArg {
    Must,
    Should,
    May,
}

/// What the requests are signed with.
#[derive(clap::Args)]
#[command(next_help_heading = "Signing")]
pub(crate) struct Credentials {
    /// The access key's id
    #[arg(
        long,
        env = "AWS_ACCESS_KEY_ID",
        default_value = "test",
        hide_env_values = true
    )]
    pub(crate) access_key_id: String,

    /// The secret; better given in the environment
    #[arg(
        long,
        env = "AWS_SECRET_ACCESS_KEY",
        default_value = "test",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub(crate) secret_access_key: String,

    /// The token of temporary credentials
    #[arg(long, env = "AWS_SESSION_TOKEN", hide_env_values = true)]
    pub(crate) session_token: Option<String>,

    /// The Region
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    pub(crate) region: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// A report to be written.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) path: PathBuf,
}

fn parse_report(text: &str) -> Result<Report, String> {
    match text.split_once('=') {
        Some(("ndjson", path)) if !path.is_empty() => Ok(Report { path: path.into() }),
        Some(("ndjson", _)) => Err("the path is missing".into()),
        Some((format, _)) => Err(format!(
            "the format `{format}` is not known; there is `ndjson`"
        )),
        None => Err("a report is FORMAT=PATH, as in ndjson=run.ndjson".into()),
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// The address to listen at; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4566")]
    pub(crate) listen: SocketAddr,

    /// An IPAM that exists from the start; may be given often
    #[arg(long, value_name = "ID", default_value = "ipam-0123456789abcdef0")]
    pub(crate) ipam_id: Vec<String>,

    /// The account that owns everything: 12 digits
    #[arg(long, value_name = "ACCOUNT", default_value = "123456789012")]
    pub(crate) account: String,

    /// The Region that the endpoint is in
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    pub(crate) region: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Cases {
    /// List the ids, levels and titles
    List {
        #[command(flatten)]
        selection: Selection,
    },
    /// Show a case: what it sends, what is legal, which requirements it tests
    Show {
        /// The case's id
        id: String,
        /// A folder with case files of your own, beside the embedded ones
        #[arg(long, value_name = "DIR")]
        cases: Vec<PathBuf>,
    },
}
