//! `ec2wire completions` and `ec2wire man`.

use crate::Failure;
use crate::examples::command;
use clap_complete::Shell;
use std::fs;
use std::io::{Write as _, stdout};
use std::path::Path;

/// Prints completions for a shell.
pub(crate) fn completions(shell: Shell) -> Result<u8, Failure> {
    // Into memory first: the generator panics if the reader closes the pipe.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command(), "ec2wire", &mut text);
    stdout().write_all(&text)?;
    Ok(0)
}

/// Prints the man page, or writes one page per command into a folder.
pub(crate) fn man(folder: Option<&Path>) -> Result<u8, Failure> {
    match folder {
        None => clap_mangen::Man::new(command()).render(&mut stdout())?,
        Some(folder) => fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(command(), folder))
            .map_err(|error| Failure::usage(format!("{}: {error}", folder.display())))?,
    }
    Ok(0)
}
