#![doc = include_str!("../README.md")]
//!
//! # Exit codes
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | no MUST failed, except known failures |
//! | 1 | another MUST failed, a known failure passed, or an entry of the list of known failures matches no case |
//! | 2 | the command line is invalid, or a file it names is invalid or unreadable |
//! | 3 | the subject was unreachable or died, the run was cut short, or the harness has a bug |
//! | 4 | nothing ran, or too little was judged |

#![forbid(unsafe_code)]

mod adapter;
mod args;
mod case_args;
mod cases;
mod client;
mod codec;
mod describe;
mod diff;
mod drift;
mod examples;
mod expect;
mod generate;
mod lint;
mod log;
mod manual;
mod model_args;
mod protocol_tests;
mod proxy;
mod replace;
mod replay;
mod report;
mod resources;
mod run;
mod select;
mod self_test;
mod serve;
mod signals;
mod verify;

use args::{Args, Command};
use clap::FromArgMatches as _;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Why a command failed: the message and the exit code.
#[derive(Debug)]
struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// The command line, or a file that it names, is invalid.
    fn usage(message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            code: 2,
        }
    }

    /// The data on standard input is invalid.
    fn input(message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            code: 1,
        }
    }

    /// The environment failed: for example, no socket or a full disk.
    fn environment(message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            code: 3,
        }
    }
}

/// Both results as one: two failures are shown one below the other.
fn both(first: Result<(), Failure>, second: Result<(), Failure>) -> Result<(), Failure> {
    match (first, second) {
        (Err(first), Err(second)) => Err(Failure {
            message: format!("{}\nec2wire: {}", first.message, second.message),
            code: first.code.max(second.code),
        }),
        (first, second) => first.and(second),
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        // A reader that closes the pipe early, such as `head`, is not a failure.
        let code = if error.kind() == io::ErrorKind::BrokenPipe {
            0
        } else {
            3
        };
        Self {
            message: error.to_string(),
            code,
        }
    }
}

/// Runs the command with the given arguments. The first one is the program's name.
///
/// ```
/// let code = ec2wire_cli::main(["ec2wire", "verify", "server", "--run", "nothing/*"]);
/// assert_eq!(code, std::process::ExitCode::from(4));
/// ```
pub fn main<A: Into<OsString> + Clone>(args: impl IntoIterator<Item = A>) -> ExitCode {
    let args = examples::command().try_get_matches_from(args);
    let args = match args.and_then(|args| Args::from_arg_matches(&args)) {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    args.color.apply();
    let done = match args.command {
        Command::Verify {
            subject: args::Subject::Server(args),
        } => verify::server(&args),
        Command::Verify {
            subject: args::Subject::Client(args),
        } => client::run(&args),
        Command::Adapter(args) => adapter::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::SelfTest(args) => self_test::run(&args),
        Command::Cases { command } => cases::run(&command),
        Command::Report(args) => report::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::Proxy(args) => proxy::run(&args),
        Command::Encode(args) => codec::encode(&args),
        Command::Decode(args) => codec::decode(&args),
        Command::Actions(args) => describe::actions(&args),
        Command::Describe(args) => describe::describe(&args),
        Command::ProtocolTests(args) => protocol_tests::run(&args),
        Command::Drift(args) => drift::run(&args),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { dir } => manual::man(dir.as_deref()),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(Failure { code: 0, .. }) => ExitCode::SUCCESS,
        Err(Failure { message, code }) => {
            let _ = writeln!(io::stderr(), "ec2wire: {message}");
            ExitCode::from(code)
        }
    }
}

/// The runtime for a command's work. It has two threads: one for the embedded endpoint, one for the
/// client.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    signals::has_room().map_err(Failure::environment)?;
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::environment)?
        .block_on(work)
}
