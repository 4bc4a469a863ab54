//! The `ec2wire` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ec2wire_cli::main(std::env::args_os())
}
