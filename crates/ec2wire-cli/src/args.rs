//! The command line.

use crate::case_args::{ByAction, Cases, Selection};
use crate::model_args;
use clap::{Parser, Subcommand, ValueEnum};
use ec2wire_conformance::report::Format;
use ec2wire_conformance::report::terminal::Detail;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Judges servers and clients of the EC2 Query protocol.
#[derive(Debug, Parser)]
#[command(name = "ec2wire", version, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// When to use colours; `auto` uses them on a terminal, unless `NO_COLOR` is set
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
    /// Applies the choice to everything that is printed from now on.
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
  0  no MUST failed, except in cases that --expect lists
  1  a MUST failed in another case, a listed case passed, or an entry of the list matches no case
  2  the command line is invalid, or a file it names is invalid or unreadable
  3  the subject was unreachable or died, the run was cut short, or the harness has a bug
  4  nothing ran, or fewer cases were judged than --min-judged demands";

const SELF_TEST_EXIT_CODES: &str = "\
Exit codes:
  0  the cases caught every fault that breaks a MUST, and blamed no variant
  1  the cases missed a fault, or blamed correct behaviour
  2  the command line is invalid, or a file it names is invalid or unreadable
  4  nothing ran";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the catalogue of cases against a server or a client
    Verify {
        #[command(subcommand)]
        subject: Subject,
    },
    /// Run the reference endpoint
    Serve(Serve),
    /// Test the cases themselves: each endpoint has one fault, and the cases must find it
    #[command(after_help = SELF_TEST_EXIT_CODES)]
    SelfTest(Box<SelfTest>),
    /// List, show or export the cases, or begin and check your own
    Cases {
        #[command(subcommand)]
        command: Cases,
    },
    /// The reference client, for `verify client`
    #[command(hide = true)]
    Adapter(OwnAdapter),
    /// Render the record of a run
    Report(Report),
    /// Show what changed between two runs
    #[command(after_help = DIFF_EXIT_CODES)]
    Diff(Diff),
    /// Send the requests of a record again and compare the responses
    Replay(Box<Replay>),
    /// Forward requests to a server unchanged, and judge them and the responses
    #[command(after_help = PROXY_EXIT_CODES)]
    Proxy(Box<Proxy>),
    /// Judge recorded exchanges: raw HTTP, HAR files, VCR cassettes, records of runs
    #[command(after_help = LINT_EXIT_CODES)]
    Lint(Lint),
    /// Encode JSON as a request or response of any EC2 action
    ///
    /// The JSON is what boto3 takes: the `UserData` of `RunInstances` and the `Output` of
    /// `GetConsoleOutput` are text in it and base64 in messages, and the member `Filter` may be named
    /// `Filters`. Unlike boto3, this adds nothing: no client tokens, and no `PresignedUrl` and
    /// `DestinationRegion` in `CopySnapshot`. Blobs are base64 in JSON, as in the AWS CLI; boto3 has
    /// bytes.
    #[command(after_help = model_args::CODEC_EXIT_CODES)]
    Encode(model_args::Encode),
    /// Decode a request or response of any EC2 action to JSON
    ///
    /// The JSON is what boto3 takes or returns: the `UserData` of `RunInstances` and the `Output` of
    /// `GetConsoleOutput` are text in it and base64 in messages. `UserData` that is not text stays in
    /// base64, with a note. Blobs are base64 in JSON, as in the AWS CLI; boto3 has bytes.
    #[command(after_help = model_args::CODEC_EXIT_CODES)]
    Decode(model_args::Decode),
    /// List EC2's actions
    Actions(model_args::Actions),
    /// Show an action's members, with wire names, types and limits, or a resource
    #[command(after_help = model_args::SOURCES)]
    Describe(model_args::Describe),
    /// Run protocol tests, in botocore's format, through the codec
    #[command(after_help = model_args::PROTOCOL_EXIT_CODES)]
    ProtocolTests(model_args::ProtocolTests),
    /// Show what a service model adds, removes or changes, and which cases are affected
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
        /// Write one page per command into this folder instead
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Subject {
    /// Judge a server [default: the embedded reference endpoint]
    #[command(after_help = EXIT_CODES)]
    Server(Box<Server>),
    /// Judge a client, through an adapter program
    #[command(after_help = ADAPTER_PROTOCOL)]
    Client(Box<Client>),
}

const ADAPTER_PROTOCOL: &str = "\
The adapter reads one line of JSON per call from standard input:
  {\"id\", \"endpoint\", \"region\", \"credentials\": {\"accessKeyId\", \"secretAccessKey\"},
   \"operation\", \"input\"}
and writes one line per call to standard output:
  {\"id\", \"outcome\": \"ok\", \"output\"}
  {\"id\", \"outcome\": \"error\", \"kind\": \"service|client|transport\", \"code\", \"message\", \"status\",
   \"requestId\"}
See docs/client-authors.md for details and adapters/ for examples.

Exit codes:
  0  no MUST failed, except in cases that --expect lists
  1  a MUST failed in another case, a listed case passed, or an entry of the list matches no case
  2  the command line is invalid, or a file it names is invalid or unreadable
  3  the client could not be started or kept dying, or the run was cut short
  4  nothing ran";

#[derive(Debug, clap::Args)]
pub(crate) struct Client {
    /// The adapter program and its arguments
    #[arg(value_name = "CMD", required = true, last = true)]
    pub(crate) command: Vec<std::ffi::OsString>,

    /// Time limit per call; a client that exceeds it is restarted
    #[arg(long, value_name = "DURATION", default_value = "20s", value_parser = parse_timeout, help_heading = "Limits")]
    pub(crate) timeout: Duration,

    /// Time limit for the whole run; cases not started by then are not run
    #[arg(long, value_name = "DURATION", default_value = "30m", value_parser = parse_timeout, help_heading = "Limits")]
    pub(crate) total_timeout: Duration,

    /// How many adapter processes to run at the same time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Running")]
    pub(crate) jobs: u16,

    /// Stop at the first unexpected failure
    #[arg(long, help_heading = "Running")]
    pub(crate) fail_fast: bool,

    #[command(flatten)]
    pub(crate) expect: Expect,

    #[command(flatten)]
    pub(crate) selection: Selection,

    #[command(flatten)]
    pub(crate) reports: Reports,

    #[command(flatten)]
    pub(crate) quiet: Quiet,
}

/// The reference client behind the adapter protocol.
#[derive(Debug, clap::Args)]
pub(crate) struct OwnAdapter {
    /// Give the client one fault; `list` shows all faults
    #[arg(long, value_name = "NAME")]
    pub(crate) sabotage: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Server {
    /// The server's URL, `http` or `https`, without a path
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,

    /// An existing IPAM; without this option, the run creates one and deletes it
    #[arg(long, value_name = "ID")]
    pub(crate) ipam_id: Option<String>,

    /// Allow an AWS endpoint, but send only dry runs and requests that must be refused
    #[arg(long, help_heading = "AWS")]
    pub(crate) allow_aws: bool,

    /// With --allow-aws, also send requests that create or change something
    #[arg(long, requires = "allow_aws", help_heading = "AWS")]
    pub(crate) allow_create: bool,

    /// The percentage of the cases that must be judged; with fewer, the exit code is 4
    #[arg(long, value_name = "PERCENT", default_value_t = 20, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) min_judged: u8,

    #[command(flatten)]
    pub(crate) limits: Limits,

    #[command(flatten)]
    pub(crate) running: Running,

    #[command(flatten)]
    pub(crate) expect: Expect,

    #[command(flatten)]
    pub(crate) selection: Selection,

    #[command(flatten)]
    pub(crate) by_action: ByAction,

    #[command(flatten)]
    pub(crate) generate: Generate,

    #[command(flatten)]
    pub(crate) reports: Reports,

    #[command(flatten)]
    pub(crate) quiet: Quiet,

    #[command(flatten)]
    pub(crate) credentials: Credentials,
}

/// Time limits. A bare number is in seconds.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct Limits {
    /// Time limit per response; a case ends when it is exceeded
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = parse_timeout)]
    pub(crate) timeout: Duration,

    /// How long a new policy may take to become visible and reach its final state
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = parse_duration)]
    pub(crate) settle: Duration,

    /// Time limit for the whole run; cases not started by then are not run
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = parse_timeout)]
    pub(crate) total_timeout: Duration,

    /// How long to wait for the server to start
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = parse_duration)]
    pub(crate) wait: Duration,
}

/// How to run the cases.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct Running {
    /// How many cases may run at the same time; cases that would disturb each other still run alone
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: u16,

    /// How often to retry a case that gets no response or finds the server busy
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) retries: u32,

    /// Stop at the first unexpected failure
    #[arg(long)]
    pub(crate) fail_fast: bool,
}

/// Known failures.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Known failures")]
pub(crate) struct Expect {
    /// A list of known failures; these cases still run, and the run fails if one of them passes
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: Option<PathBuf>,

    /// Write the list of known failures that makes this run succeed; valid entries of --expect are kept
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
            .ok_or("expected a number with a unit, such as 500ms, 30s or 10m"),
    };
    let duration = parsed?;
    if duration > LONGEST {
        return Err("a duration must not exceed 24h".into());
    }
    Ok(duration)
}

/// The longest duration accepted.
const LONGEST: Duration = Duration::from_hours(24);

fn parse_timeout(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        Duration::ZERO => Err("a time limit must not be zero".into()),
        duration => Ok(duration),
    }
}

/// An address to listen on. `localhost` is the loopback of IPv4.
fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let address = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => text.to_owned(),
    };
    address
        .parse()
        .map_err(|_| "expected an IP address and a port, such as 127.0.0.1:4566".to_owned())
}

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Debug, clap::Args)]
#[command(after_help = REPLAY_CODES)]
pub(crate) struct Replay {
    /// The record of a run, as written by `--report ndjson=PATH`; the run may have been killed
    #[arg(value_name = "RUN.ndjson")]
    pub(crate) record: PathBuf,

    /// The cases whose requests to send: ids or globs [default: all]
    #[arg(value_name = "CASE")]
    pub(crate) cases: Vec<String>,

    /// The server's URL, if it differs from the record
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,

    /// An existing IPAM to use instead of the recorded one
    #[arg(long, value_name = "ID", conflicts_with = "verbatim")]
    pub(crate) ipam_id: Option<String>,

    /// Send exactly the recorded bytes, with the recorded IPAM, ids and client tokens
    #[arg(long)]
    pub(crate) verbatim: bool,

    /// Keep what the requests create; otherwise it is deleted again
    #[arg(long)]
    pub(crate) keep: bool,

    /// Allow an AWS endpoint, whatever the requests create or delete there
    #[arg(long, help_heading = "AWS")]
    pub(crate) allow_aws: bool,

    /// Print only the totals
    #[arg(long, short)]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) limits: Limits,

    #[command(flatten)]
    pub(crate) credentials: Credentials,
}

const REPLAY_CODES: &str = "\
Without --verbatim, the replay uses a new IPAM if the recorded run created its own, new client
tokens, and the ids from its own earlier responses in place of the recorded ids.

What the requests create is deleted after each case, and the replay looks whether it is gone. Before
it starts, it says what will stay because nothing is known to undo it, or because of --keep.

Responses count as the same if they differ only in ids, times, order and the progress of a state.

Exit codes:
  0  all responses are the same
  1  a response differs
  2  the command line or the record is invalid
  3  the subject was unreachable or died, or the replay was cut short
  4  nothing was sent";

/// The generated phase.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Generated requests")]
pub(crate) struct Generate {
    /// Also run N requests generated from the contract; every second one breaks one rule
    #[arg(long = "generate", value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub(crate) count: u32,

    /// The seed of the generator; the same seed gives the same requests
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub(crate) seed: u64,

    /// Save each failing generated request as a case file in this folder, for use with --cases
    #[arg(long, value_name = "DIR")]
    pub(crate) save_failures: Option<PathBuf>,
}

/// The credentials that sign the requests.
#[derive(clap::Args)]
#[command(next_help_heading = "Signing")]
pub(crate) struct Credentials {
    /// The access key id
    #[arg(
        long,
        env = "AWS_ACCESS_KEY_ID",
        default_value = "test",
        hide_env_values = true
    )]
    pub(crate) access_key_id: String,

    /// The secret access key; prefer the environment variable
    #[arg(
        long,
        env = "AWS_SECRET_ACCESS_KEY",
        default_value = "test",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub(crate) secret_access_key: String,

    /// The session token of temporary credentials
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

/// What to print and which reports to write.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Reports")]
pub(crate) struct Reports {
    /// Write a report: ndjson=PATH, junit=PATH, markdown=PATH or html=PATH; may be repeated. One PATH
    /// may be `-` for standard output; the table then goes to standard error
    #[arg(long, value_name = "FORMAT=PATH", value_parser = parse_report)]
    pub(crate) report: Vec<ReportTo>,

    /// Show every case on its own line, and explain every case that failed or warned
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// Whether to print the matrix and the totals only.
#[derive(Debug, Clone, Copy, clap::Args)]
#[command(next_help_heading = "Reports")]
pub(crate) struct Quiet {
    /// Print only the totals, after the matrix of resources if there is one
    #[arg(long, short, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

impl Reports {
    /// How much to show on the terminal.
    pub(crate) fn detail(&self, quiet: Quiet) -> Detail {
        match (self.verbose, quiet.quiet) {
            (true, _) => Detail::All,
            (false, true) => Detail::Totals,
            (false, false) => Detail::Findings,
        }
    }
}

/// A report to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportTo {
    pub(crate) format: Format,
    /// `-` is standard output.
    pub(crate) path: PathBuf,
}

fn parse_report(text: &str) -> Result<ReportTo, String> {
    let Some((word, path)) = text.split_once('=') else {
        return Err("expected FORMAT=PATH, such as ndjson=run.ndjson".into());
    };
    let format = Format::parse(word).ok_or_else(|| {
        let known = Format::ALL.map(|format| format!("`{}`", format.as_str()));
        format!(
            "unknown format `{word}`, expected one of {}",
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
    /// The record of a run, as written by --report ndjson=PATH; `-` for standard input
    #[arg(value_name = "RUN.ndjson")]
    pub(crate) run: PathBuf,

    /// Write the HTML report; same as --report html=PATH
    #[arg(long, value_name = "PATH", help_heading = "Reports")]
    pub(crate) html: Option<PathBuf>,

    /// Write JUnit XML; same as --report junit=PATH
    #[arg(long, value_name = "PATH", help_heading = "Reports")]
    pub(crate) junit: Option<PathBuf>,

    /// Write Markdown for a pull request; same as --report markdown=PATH
    #[arg(long, value_name = "PATH", help_heading = "Reports")]
    pub(crate) markdown: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) reports: Reports,

    #[command(flatten)]
    pub(crate) quiet: Quiet,
}

impl Report {
    /// All reports to write, whichever option asked for them.
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
Verdicts from best to worst: pass, warn, fail. A case that only one run has, or only one run judged,
is neither better nor worse. A server that now lacks an action which did not fail before is worse.

Exit codes:
  0  no case got worse
  1  a case got worse
  2  the command line or a record is invalid";

/// Compares two records.
#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// The record of the earlier run
    #[arg(value_name = "A.ndjson")]
    pub(crate) before: PathBuf,

    /// The record of the later run
    #[arg(value_name = "B.ndjson")]
    pub(crate) after: PathBuf,
}

const LINT_EXIT_CODES: &str = "\
Exit codes:
  0  no MUST failed
  1  a MUST failed
  2  the command line or a file is invalid
  4  the files contain no exchange with EC2";

/// Judges recorded exchanges.
#[derive(Debug, clap::Args)]
pub(crate) struct Lint {
    /// Files of raw HTTP requests and responses, HAR files, VCR cassettes, or records of runs; `-` for
    /// standard input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) signing: SigningArgs,

    #[command(flatten)]
    pub(crate) reports: Reports,

    #[command(flatten)]
    pub(crate) quiet: Quiet,
}

/// How to judge signatures.
#[derive(clap::Args)]
#[command(next_help_heading = "Signing")]
pub(crate) struct SigningArgs {
    /// The access key id of the secret; without it, every signature is checked with the secret
    #[arg(long, env = "AWS_ACCESS_KEY_ID", hide_env_values = true)]
    pub(crate) access_key_id: Option<String>,

    /// The secret access key, to verify signatures; prefer the environment variable
    #[arg(long, env = "AWS_SECRET_ACCESS_KEY", hide_env_values = true)]
    pub(crate) secret_access_key: Option<String>,

    /// Accept unsigned requests, as sent to an emulator
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

/// A proxy that judges the exchanges it forwards.
#[derive(Debug, clap::Args)]
pub(crate) struct Proxy {
    /// The server's URL, `http` or `https`, without a path
    #[arg(long, value_name = "URL")]
    pub(crate) upstream: String,

    /// The address to listen on; port 0 picks a free port
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:4567", value_parser = parse_address)]
    pub(crate) listen: SocketAddr,

    /// Allow AWS as the upstream
    #[arg(long, help_heading = "AWS")]
    pub(crate) allow_aws: bool,

    #[command(flatten)]
    pub(crate) signing: SigningArgs,

    #[command(flatten)]
    pub(crate) reports: Reports,

    #[command(flatten)]
    pub(crate) quiet: Quiet,
}

const PROXY_EXIT_CODES: &str = "\
Runs until interrupted. With --verbose, every exchange is explained, not only those that broke a
requirement.

Exit codes:
  0  no MUST failed
  1  a MUST failed
  2  the command line is invalid
  3  the address is in use, or a report could not be written
  4  no exchange was forwarded";

#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// The address to listen on; port 0 picks a free port
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:4566", value_parser = parse_address)]
    pub(crate) listen: SocketAddr,

    /// An IPAM that exists from the start, in each account and Region; may be repeated
    #[arg(long, value_name = "ID", default_value = "ipam-0123456789abcdef0")]
    pub(crate) ipam_id: Vec<String>,

    /// The 12-digit id of the account that owns everything, except for access keys of 12 digits:
    /// those are the id of an account of their own
    #[arg(long, value_name = "ACCOUNT", default_value = "123456789012")]
    pub(crate) account: String,

    /// The Region of requests that are not signed for another one
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    pub(crate) region: String,

    /// Give the same ids to the same requests each time
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,

    /// Begin with what this file says, if it exists, and save all resources to it at the end and on
    /// `POST /_ec2wire/save`
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,

    /// Refuse what only reads and the endpoint knows nothing of, instead of making up an empty
    /// answer
    #[arg(long)]
    pub(crate) strict: bool,

    /// For how long lists show what has ended, such as terminated instances; EC2 takes about an hour
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = parse_duration)]
    pub(crate) forget_after: Duration,

    /// How many policies an IPAM may have; AWS allows 10, and more on request
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    pub(crate) policies_per_ipam: usize,

    #[command(flatten)]
    pub(crate) quirk: Quirk,
}

/// How the endpoint differs from the default one.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub(crate) struct Quirk {
    /// Give the endpoint one fault, to see whether your tests find it; `list` shows all faults
    #[arg(long, value_name = "NAME")]
    pub(crate) sabotage: Option<String>,

    /// Make the endpoint behave differently but still correctly; `list` shows all variants
    #[arg(long, value_name = "NAME")]
    pub(crate) variant: Option<String>,
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a separate flag")]
pub(crate) struct SelfTest {
    /// The faults and variants to try: names or globs [default: all]
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,

    /// Test the client cases, with the reference client given one fault at a time
    #[arg(long)]
    pub(crate) clients: bool,

    /// Test the cases that the laws make, with one fault at a time in what becomes of resources
    #[arg(long, conflicts_with_all = ["clients", "Selection"])]
    pub(crate) world: bool,

    /// How many endpoints to judge at the same time [default: the number of processors]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) jobs: Option<std::num::NonZeroUsize>,

    /// Time limit per response, in seconds; a fault that hangs takes this long in every case
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(crate) timeout: u64,

    /// Stop testing a fault once a case has found it
    #[arg(long)]
    pub(crate) first: bool,

    #[command(flatten)]
    pub(crate) selection: Selection,

    /// Describe each fault and list every case that found it
    #[arg(long, short, help_heading = "Reports")]
    pub(crate) verbose: bool,

    /// Print the report as one JSON document
    #[arg(long, conflicts_with = "verbose", help_heading = "Reports")]
    pub(crate) json: bool,
}
