//! `ec2wire adapter`: the reference client behind the adapter protocol.

use crate::args::OwnAdapter;
use crate::{Failure, block_on};
use ec2wire_reference::client;
use ec2wire_reference::sabotage::{self, Quirk};
use std::io::{Write as _, stdout};
use tokio::io::BufReader;

/// Makes calls until the input ends.
pub(crate) fn run(args: &OwnAdapter) -> Result<u8, Failure> {
    let quirk = match args.sabotage.as_deref() {
        None => None,
        Some("list") => return list(),
        Some(name) => Some(sabotage::client_quirk(name).map_err(Failure::usage)?),
    };
    block_on(async {
        let orders = BufReader::new(tokio::io::stdin());
        client::adapt(orders, tokio::io::stdout(), quirk).await?;
        Ok(0)
    })
}

fn list() -> Result<u8, Failure> {
    let all: Vec<&Quirk> = sabotage::client_faults()
        .chain(sabotage::client_variants())
        .collect();
    let width = all.iter().map(|quirk| quirk.name.len()).max().unwrap_or(0);
    let mut out = stdout().lock();
    for quirk in all {
        writeln!(
            out,
            "{:6}  {:width$}  {}",
            quirk.level, quirk.name, quirk.summary
        )?;
    }
    Ok(0)
}
