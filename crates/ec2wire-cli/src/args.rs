//! The command line.

use crate::model_args;
use clap::{Parser, Subcommand, ValueEnum};
use ec2wire_conformance::catalogue::shard::Shard;
use ec2wire_conformance::report::Format;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Judges servers that speak the EC2 Query protocol.
#[derive(Debug, Parser)]
#[command(name = "ec2wire", version, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Whether to use colours; `auto` does on a terminal, unless `NO_COLOR` is set
    #[arg(long, global = true, value_enum, default_value_t = ColorArg::Auto, value_name = "WHEN")]
    pub(crate) color: ColorArg,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorArg {
    Auto,
    Always,
    Never,
}

impl ColorArg {
    /// Makes it the choice for everything that is printed from now on.
    pub(crate) fn apply(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

const EXIT_CODES: &str = "\
Exit codes:
  0  no must is broken but those that --expect lists
  1  a must is broken, a listed case passes, or an entry of the list is stale
  2  the command line or a file it names is wrong
  3  the subject cannot be reached or died, the run was cut short, or the harness is at fault
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
    /// The reference client, for `verify client`
    #[command(hide = true)]
    Adapter(OwnAdapter),
    /// Render a run's record again
    Report(Report),
    /// Show what changed between two runs
    #[command(after_help = DIFF_EXIT_CODES)]
    Diff(Diff),
    /// Send the requests of a record again, and compare the answers
    Replay(Box<Replay>),
    /// Pass requests on to a server, unchanged, and judge them and their answers
    #[command(after_help = PROXY_EXIT_CODES)]
    Proxy(Box<Proxy>),
    /// Judge exchanges that were written down: raw HTTP, HAR files, records
    #[command(after_help = LINT_EXIT_CODES)]
    Lint(Lint),
    /// Encode JSON as a request or an answer of any action of EC2
    #[command(after_help = model_args::CODEC_EXIT_CODES)]
    Encode(model_args::Encode),
    /// Decode a request or an answer of any action to JSON
    #[command(after_help = model_args::CODEC_EXIT_CODES)]
    Decode(model_args::Decode),
    /// List EC2's actions
    Actions(model_args::Actions),
    /// Show an action's members, their names on the wire, and what they may be
    Describe(model_args::Describe),
    /// Run protocol tests in botocore's format through the codec
    #[command(after_help = model_args::PROTOCOL_EXIT_CODES)]
    ProtocolTests(model_args::ProtocolTests),
    /// Show what a service model adds, removes or changes, and which cases that touches
    #[command(after_help = model_args::DRIFT_EXIT_CODES)]
    Drift(model_args::Drift),
    /// Print completions for a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the man page
    Man {
        /// Write a page for each command into this folder instead
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Subject {
    /// Judge a server; without --endpoint, the embedded reference endpoint
    #[command(after_help = EXIT_CODES)]
    Server(Box<Server>),
    /// Judge a client, by way of a program that makes the calls that it is told to make
    #[command(after_help = ADAPTER_PROTOCOL)]
    Client(Box<Client>),
}

const ADAPTER_PROTOCOL: &str = "\
The program reads a line of JSON for each call from its standard input:
  {\"id\", \"endpoint\", \"region\", \"credentials\": {\"accessKeyId\", \"secretAccessKey\"},
   \"operation\", \"input\"}
and writes a line for each to its standard output:
  {\"id\", \"outcome\": \"ok\", \"output\"}
  {\"id\", \"outcome\": \"error\", \"kind\": \"service|client|transport\", \"code\", \"message\", \"status\",
   \"requestId\"}
docs/client-authors.md says more; adapters/ has some.

Exit codes:
  0  no must is broken but those that --expect lists
  1  a must is broken, a listed case passes, or an entry of the list is stale
  2  the command line or a file it names is wrong
  3  the client cannot be started or died for good, or the run was cut short
  4  nothing ran";

#[derive(Debug, clap::Args)]
pub(crate) struct Client {
    /// The program that makes the calls, and its arguments
    #[arg(value_name = "CMD", required = true, last = true)]
    pub(crate) command: Vec<std::ffi::OsString>,

    /// The longest that a call may take; a client that takes longer is started anew
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = parse_timeout, help_heading = "Limits")]
    pub(crate) timeout: Duration,

    /// How long the whole may take; what has not run by then does not run
    #[arg(long, value_name = "DURATION", default_value = "30m", value_parser = parse_timeout, help_heading = "Limits")]
    pub(crate) total_timeout: Duration,

    /// How many processes of the program to run cases with at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Running")]
    pub(crate) jobs: u16,

    /// End the run at the first failure that is not expected
    #[arg(long, help_heading = "Running")]
    pub(crate) fail_fast: bool,

    #[command(flatten)]
    pub(crate) expect: Expect,

    #[command(flatten)]
    pub(crate) selection: Selection,

    #[command(flatten)]
    pub(crate) reports: Reports,
}

/// The reference client behind the adapter protocol.
#[derive(Debug, clap::Args)]
pub(crate) struct OwnAdapter {
    /// Make the client wrong in one way; `list` lists the ways
    #[arg(long, value_name = "NAME")]
    pub(crate) sabotage: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Server {
    /// The server's URL, `http` or `https`, without a path
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,

    /// An IPAM that exists; without it one is created and deleted again
    #[arg(long, value_name = "ID")]
    pub(crate) ipam_id: Option<String>,

    #[command(flatten)]
    pub(crate) limits: Limits,

    #[command(flatten)]
    pub(crate) running: Running,

    #[command(flatten)]
    pub(crate) expect: Expect,

    /// Allow an endpoint of AWS: dry runs and requests that must be refused, only
    #[arg(long)]
    pub(crate) allow_aws: bool,

    /// With --allow-aws, allow the requests that create or change something, too
    #[arg(long, requires = "allow_aws")]
    pub(crate) allow_create: bool,

    #[command(flatten)]
    pub(crate) selection: Selection,

    #[command(flatten)]
    pub(crate) by_action: ByAction,

    #[command(flatten)]
    pub(crate) generate: Generate,

    #[command(flatten)]
    pub(crate) reports: Reports,

    #[command(flatten)]
    pub(crate) credentials: Credentials,
}

/// How long things may take. A bare number is one of seconds.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct Limits {
    /// The longest wait for an answer; a case ends when one does not come
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = parse_timeout)]
    pub(crate) timeout: Duration,

    /// How long a new policy may take to be seen, and its state to become final
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = parse_duration)]
    pub(crate) settle: Duration,

    /// How long the whole may take; what has not run by then does not run
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = parse_timeout)]
    pub(crate) total_timeout: Duration,

    /// How long to wait for a server that is starting
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = parse_duration)]
    pub(crate) wait: Duration,
}

/// How to go about the cases.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct Running {
    /// How many cases may run at once; those that would disturb each other still do not
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: u16,

    /// How often to run a case again when no answer comes, or the server says that it is busy
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) retries: u32,

    /// End the run at the first failure that is not expected
    #[arg(long)]
    pub(crate) fail_fast: bool,
}

/// Known failures.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Known failures")]
pub(crate) struct Expect {
    /// A list of cases that do not pass yet; they run, and the run fails when one passes
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: Option<PathBuf>,

    /// Write the list that makes this run succeed; it keeps what still holds of --expect
    #[arg(long, value_name = "FILE")]
    pub(crate) expect_write: Option<PathBuf>,
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let parsed = match text.parse::<u32>() {
        Ok(seconds) => Ok(Duration::from_secs(seconds.into())),
        Err(_) => text
            .parse::<jiff::SignedDuration>()
            .ok()
            .and_then(|duration| Duration::try_from(duration).ok())
            .ok_or("a duration is a number with a unit, as in 500ms, 30s or 10m"),
    };
    let duration = parsed?;
    if duration > LONGEST {
        return Err("a duration is at most 24h".into());
    }
    Ok(duration)
}

/// The longest duration that can be asked for.
const LONGEST: Duration = Duration::from_hours(24);

fn parse_timeout(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        Duration::ZERO => Err("a limit is more than nothing".into()),
        duration => Ok(duration),
    }
}

#[derive(Debug, clap::Args)]
#[command(after_help = REPLAY_CODES)]
pub(crate) struct Replay {
    /// The record of a run, as `--report ndjson=PATH` wrote it; of one that was killed, too
    #[arg(value_name = "RUN.ndjson")]
    pub(crate) record: PathBuf,

    /// The cases whose requests to send, by their ids or by globs; all where none is given
    #[arg(value_name = "CASE")]
    pub(crate) cases: Vec<String>,

    /// The server's URL where it is not the record's
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,

    /// An IPAM that exists, in place of the record's
    #[arg(long, value_name = "ID", conflicts_with = "verbatim")]
    pub(crate) ipam_id: Option<String>,

    /// Send the very same bytes: the IPAM, the ids and the client tokens of the recorded run
    #[arg(long)]
    pub(crate) verbatim: bool,

    /// Allow an endpoint of AWS, whatever the requests create or delete there
    #[arg(long)]
    pub(crate) allow_aws: bool,

    #[command(flatten)]
    pub(crate) limits: Limits,

    #[command(flatten)]
    pub(crate) credentials: Credentials,
}

const REPLAY_CODES: &str = "\
Unless --verbatim is given, an IPAM that was created for the recorded run is replaced by one that is
created now, client tokens by fresh ones, and an id that an earlier answer of the case gave by what
the new answer gives in its place.

Answers are alike when they differ in ids, times, order and how far a state has got at most.

Exit codes:
  0  all answers are alike
  1  an answer differs
  2  the command line or the record is wrong
  3  the subject cannot be reached or died, or the work was cut short
  4  nothing was sent";

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct Selection {
    /// Run only the cases whose id matches; may be given often, `*` matches slashes and
    /// `{a,b}` one of several
    #[arg(long, value_name = "GLOB")]
    pub(crate) run: Vec<String>,

    /// Leave out the cases whose id matches; may be given often
    #[arg(long, value_name = "GLOB")]
    pub(crate) skip: Vec<String>,

    /// Run only the cases that judge at this level or above
    #[arg(long, value_enum, default_value_t = LevelArg::May)]
    pub(crate) level: LevelArg,

    /// A folder with case files of your own, beside the embedded ones
    #[arg(long, value_name = "DIR")]
    pub(crate) cases: Vec<PathBuf>,

    /// Leave out the embedded cases
    #[arg(long, requires = "cases")]
    pub(crate) no_embedded: bool,

    /// Run the K-th of N parts of the selection; together the parts are the whole
    #[arg(long, value_name = "K/N")]
    pub(crate) shard: Option<Shard>,
}

/// Actions of all of EC2, in place of the embedded cases.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Any action")]
pub(crate) struct ByAction {
    /// In place of the embedded cases, those that EC2's model and laws make for these actions; may be given often
    #[arg(long, value_name = "GLOB")]
    pub(crate) action: Vec<String>,

    /// Ids that exist on the server, and what else requests of these actions need
    #[arg(long, value_name = "FILE", requires = "action")]
    pub(crate) fixtures: Option<PathBuf>,
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

/// What to show and to write of a run.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Reports")]
pub(crate) struct Reports {
    /// Write a report: ndjson=PATH, junit=PATH, markdown=PATH or html=PATH; may be given often, and
    /// once with `-` for the standard output, where the table then goes to the standard error
    #[arg(long, value_name = "FORMAT=PATH", value_parser = parse_report)]
    pub(crate) report: Vec<ReportTo>,

    /// Show every case in a line of its own, and explain every case that broke something
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// A report to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportTo {
    pub(crate) format: Format,
    /// `-` is the standard output.
    pub(crate) path: PathBuf,
}

fn parse_report(text: &str) -> Result<ReportTo, String> {
    let Some((word, path)) = text.split_once('=') else {
        return Err("a report is FORMAT=PATH, as in ndjson=run.ndjson".into());
    };
    let format = Format::parse(word).ok_or_else(|| {
        let known = Format::ALL.map(|format| format!("`{}`", format.as_str()));
        format!(
            "the format `{word}` is not known; there are {}",
            known.join(", ")
        )
    })?;
    if path.is_empty() {
        return Err("the path is missing".into());
    }
    Ok(ReportTo {
        format,
        path: path.into(),
    })
}

/// Renders a record.
#[derive(Debug, clap::Args)]
pub(crate) struct Report {
    /// The record of a run, as --report ndjson=PATH writes it; `-` for the standard input
    #[arg(value_name = "RUN.ndjson")]
    pub(crate) run: PathBuf,

    /// Write the HTML report; as --report html=PATH
    #[arg(long, value_name = "PATH", help_heading = "Reports")]
    pub(crate) html: Option<PathBuf>,

    /// Write JUnit's XML; as --report junit=PATH
    #[arg(long, value_name = "PATH", help_heading = "Reports")]
    pub(crate) junit: Option<PathBuf>,

    /// Write Markdown for a pull request; as --report markdown=PATH
    #[arg(long, value_name = "PATH", help_heading = "Reports")]
    pub(crate) markdown: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) reports: Reports,
}

impl Report {
    /// All that is to be written, whichever way it was asked for.
    pub(crate) fn wanted(&self) -> Vec<ReportTo> {
        let short = [
            (Format::Html, &self.html),
            (Format::Junit, &self.junit),
            (Format::Markdown, &self.markdown),
        ];
        let short = short.into_iter().filter_map(|(format, path)| {
            let path = path.clone()?;
            Some(ReportTo { format, path })
        });
        short.chain(self.reports.report.iter().cloned()).collect()
    }
}

const DIFF_EXIT_CODES: &str = "\
Verdicts from good to bad: pass, warn, not judged, fail. What only one run has is neither.

Exit codes:
  0  no case is worse
  1  a case is worse
  2  the command line or a record is wrong";

/// Compares two records.
#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// The record of the run before
    #[arg(value_name = "A.ndjson")]
    pub(crate) before: PathBuf,

    /// The record of the run after
    #[arg(value_name = "B.ndjson")]
    pub(crate) after: PathBuf,
}

const LINT_EXIT_CODES: &str = "\
Exit codes:
  0  no must is broken
  1  a must is broken
  2  the command line or a file is wrong
  4  there is no exchange with EC2 in the files";

/// Judges what was written down.
#[derive(Debug, clap::Args)]
pub(crate) struct Lint {
    /// Files of raw HTTP requests and answers, HAR files, or records of runs; `-` is the standard
    /// input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) signing: SigningArgs,

    #[command(flatten)]
    pub(crate) reports: Reports,
}

/// What signatures are judged by.
#[derive(clap::Args)]
#[command(next_help_heading = "Signing")]
pub(crate) struct SigningArgs {
    /// The id of the access key that the secret belongs to; the secret is tried on every signature
    /// where it is left out
    #[arg(long, env = "AWS_ACCESS_KEY_ID", hide_env_values = true)]
    pub(crate) access_key_id: Option<String>,

    /// The secret, to tell right signatures from wrong ones; better given in the environment
    #[arg(long, env = "AWS_SECRET_ACCESS_KEY", hide_env_values = true)]
    pub(crate) secret_access_key: Option<String>,

    /// Ask for no signature: requests to an emulator may have none
    #[arg(long)]
    pub(crate) unsigned: bool,
}

impl std::fmt::Debug for SigningArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningArgs")
            .field("unsigned", &self.unsigned)
            .finish_non_exhaustive()
    }
}

/// A proxy that judges what goes over it.
#[derive(Debug, clap::Args)]
pub(crate) struct Proxy {
    /// The server's URL, `http` or `https`, without a path
    #[arg(long, value_name = "URL")]
    pub(crate) upstream: String,

    /// The address to listen at; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4567")]
    pub(crate) listen: SocketAddr,

    /// Allow an upstream of AWS
    #[arg(long)]
    pub(crate) allow_aws: bool,

    #[command(flatten)]
    pub(crate) signing: SigningArgs,

    #[command(flatten)]
    pub(crate) reports: Reports,
}

const PROXY_EXIT_CODES: &str = "\
It runs until it is interrupted. With --verbose each exchange is explained, not only those that
broke something.

Exit codes:
  0  no must was broken
  1  a must was broken
  2  the command line is wrong
  3  the address is taken, or a report cannot be written
  4  nothing went over it";

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
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct SelfTest {
    /// The faults and variants to try, by name or glob; all where none is given
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,

    /// Judge the cases for clients, by the reference client with one fault each
    #[arg(long)]
    pub(crate) clients: bool,

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
        /// Those for clients
        #[arg(long, conflicts_with = "action")]
        clients: bool,
        #[command(flatten)]
        selection: Selection,
        #[command(flatten)]
        by_action: ByAction,
    },
    /// Show a case: what it sends, what is legal, which requirements it tests
    Show {
        /// The case's id
        id: String,
        /// It is one for clients
        #[arg(long, conflicts_with = "action")]
        clients: bool,
        /// A folder with case files of your own, beside the embedded ones
        #[arg(long, value_name = "DIR")]
        cases: Vec<PathBuf>,
        #[command(flatten)]
        by_action: ByAction,
    },
    /// Write the embedded requirements and cases as files
    Export {
        /// The folder, which is made where it does not exist
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Write over files that differ
        #[arg(long)]
        force: bool,
    },
}
