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

const SELF_TEST_EXIT_CODES: &str = "\
Exit codes:
  0  every fault that breaks a must is caught, and no variant is blamed
  1  a fault is missed, or a case blames what is right
  2  the command line or a file it names is wrong
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
    /// Judge the cases: run them against endpoints with one fault each, which they must find
    #[command(after_help = SELF_TEST_EXIT_CODES)]
    SelfTest(Box<SelfTest>),
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

    /// How many policies an IPAM may have; AWS grants 10, and more on request
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    pub(crate) policies_per_ipam: usize,

    #[command(flatten)]
    pub(crate) quirk: Quirk,
}

/// How the endpoint differs from an honest one.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub(crate) struct Quirk {
    /// Make the endpoint wrong in one way, to see whether a test finds it; `list` lists the ways
    #[arg(long, value_name = "NAME")]
    pub(crate) sabotage: Option<String>,

    /// Let the endpoint answer otherwise, in a way that is as right; `list` lists the ways
    #[arg(long, value_name = "NAME")]
    pub(crate) variant: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SelfTest {
    /// The faults and variants to try, by name or glob; all where none is given
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,

    /// How many endpoints to judge at a time; as many as there are processors where left out
    #[arg(long, value_name = "NUMBER")]
    pub(crate) jobs: Option<std::num::NonZeroUsize>,

    /// The longest wait for an answer, in seconds; a fault that hangs costs it once a case
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(crate) timeout: u64,

    /// End a fault's trial with the first case that finds it
    #[arg(long)]
    pub(crate) first: bool,

    #[command(flatten)]
    pub(crate) selection: Selection,

    /// Show what each fault is, and every case that found it
    #[arg(long, short, help_heading = "Reports")]
    pub(crate) verbose: bool,

    /// Print the report as one JSON document
    #[arg(long, conflicts_with = "verbose", help_heading = "Reports")]
    pub(crate) json: bool,
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
