//! The command-line arguments that are about cases: which ones, and the commands of `cases`.

use clap::{Subcommand, ValueEnum};
use ec2wire_conformance::catalogue::shard::Shard;
use std::path::PathBuf;

/// Which cases.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct Selection {
    /// Run only cases whose id matches; may be repeated. `*` also matches slashes, and `{a,b}`
    /// matches a or b. `stories/*` runs stories that need many actions, and that do not run otherwise
    #[arg(long, value_name = "GLOB")]
    pub(crate) run: Vec<String>,

    /// Skip cases whose id matches; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) skip: Vec<String>,

    /// Run only cases at this level or above
    #[arg(long, value_enum, default_value_t = LevelArg::May)]
    pub(crate) level: LevelArg,

    /// A file or folder with your own cases and requirements, added to the embedded ones; may be
    /// repeated
    #[arg(long, value_name = "PATH")]
    pub(crate) cases: Vec<PathBuf>,

    /// Leave out the embedded cases
    #[arg(long, requires = "cases")]
    pub(crate) no_embedded: bool,

    /// Split the selection into N parts and run the K-th; parts that run at the same time need a
    /// server, an account or a Region each
    #[arg(long, value_name = "K/N")]
    pub(crate) shard: Option<Shard>,
}

/// Cases for any EC2 action, instead of the embedded cases.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Any action")]
pub(crate) struct ByAction {
    /// Run cases generated from EC2's model for these actions, instead of the embedded cases; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) action: Vec<String>,

    /// Also run the cases of actions that may change something for everyone or for good, and that --action
    /// does not name in full
    #[arg(long, requires = "action")]
    pub(crate) allow_lasting: bool,

    /// Ids that exist on the server, and other values that requests for these actions need
    #[arg(long, value_name = "FILE", requires = "action")]
    pub(crate) fixtures: Option<PathBuf>,
}

/// How binding a requirement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LevelArg {
    Must,
    Should,
    May,
}

const CHECK_EXIT_CODES: &str = "\
Exit codes:
  0  the files have no mistake
  2  the command line is invalid, or a file has a mistake or cannot be read";

/// What to do with cases.
#[derive(Debug, Subcommand)]
pub(crate) enum Cases {
    /// List the ids, levels and titles
    List {
        /// List the client cases
        #[arg(long, conflicts_with = "action")]
        clients: bool,
        #[command(flatten)]
        selection: Selection,
        #[command(flatten)]
        by_action: ByAction,
    },
    /// Show a case: what it sends, which responses are legal, which requirements it tests
    Show {
        /// The case's id
        id: String,
        /// Look the id up among the client cases
        #[arg(long, conflicts_with = "action")]
        clients: bool,
        /// A file or folder with your own cases and requirements, added to the embedded ones; may be
        /// repeated
        #[arg(long, value_name = "PATH")]
        cases: Vec<PathBuf>,
        #[command(flatten)]
        by_action: ByAction,
    },
    /// Print a case to start your own from: the plain request of an action, with its other members
    /// in comments
    New {
        /// The action, such as `CreateVpc`
        #[arg(value_name = "ACTION")]
        action: String,
    },
    /// Check your own cases and requirements without running them, and print every mistake
    #[command(after_help = CHECK_EXIT_CODES)]
    Check {
        /// Files, and folders with `.toml` files
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
        /// Check cases for clients
        #[arg(long)]
        clients: bool,
        /// Leave out the embedded cases, whose ids are taken otherwise
        #[arg(long)]
        no_embedded: bool,
    },
    /// Write the embedded requirements and cases as files
    Export {
        /// The folder; created if it does not exist
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Overwrite files that differ
        #[arg(long)]
        force: bool,
    },
}
