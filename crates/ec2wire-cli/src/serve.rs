//! `ec2wire serve`.

use crate::args::{self, Serve};
use crate::{Failure, block_on, signals};
use ec2wire_reference::sabotage::{self, Quirk};
use ec2wire_reference::{Config, Endpoint};
use std::io::{ErrorKind, Write as _, stdout};

/// The name that lists all faults or variants.
const LIST: &str = "list";

/// Runs the reference endpoint until it is interrupted.
pub(crate) fn run(args: &Serve) -> Result<u8, Failure> {
    if args.account.len() != 12 || !args.account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failure::usage("an account id must have 12 digits"));
    }
    if [&args.quirk.sabotage, &args.quirk.variant].contains(&&Some(LIST.into())) {
        return list(args.quirk.variant.is_some());
    }
    let quirk = find(&args.quirk)?;
    block_on(async {
        let config = Config {
            account: args.account.clone(),
            region: args.region.clone(),
            ipam_ids: args.ipam_id.clone(),
            policies_per_ipam: args.policies_per_ipam,
            strict: args.strict,
            forget_after: args.forget_after,
            seed: args.seed,
            quirk,
        };
        let endpoint = Endpoint::bind(args.listen, config).await.map_err(|error| {
            let hint = match error.kind() {
                ErrorKind::AddrInUse => "; choose another one with --listen",
                _ => "",
            };
            Failure::environment(format!("{}: {error}{hint}", args.listen))
        })?;
        // Programs read the port from the first line. A program that then closes the pipe still needs the
        // endpoint, so later writes may fail.
        let mut out = stdout().lock();
        writeln!(out, "listening on {}", endpoint.url())?;
        out.flush()?;
        for id in &args.ipam_id {
            let _ = writeln!(out, "ipam {id}");
        }
        if let Some(quirk) = quirk {
            let kind = if quirk.is_variant() {
                "variant"
            } else {
                "sabotage"
            };
            let _ = writeln!(out, "{kind} {}: {}", quirk.name, quirk.summary);
        }
        drop(out);
        let mut stopped = signals::interrupted().map_err(Failure::environment)?;
        _ = stopped.wait_for(|stop| *stop).await;
        endpoint.stop().await;
        Ok(0)
    })
}

fn find(args: &args::Quirk) -> Result<Option<&'static Quirk>, Failure> {
    match (&args.sabotage, &args.variant) {
        (Some(name), _) => sabotage::fault(name).map(Some),
        (None, Some(name)) => sabotage::variant(name).map(Some),
        (None, None) => Ok(None),
    }
    .map_err(Failure::usage)
}

/// Lists the faults or the variants, one per line.
fn list(variants: bool) -> Result<u8, Failure> {
    let quirks: Vec<&Quirk> = if variants {
        sabotage::variants().collect()
    } else {
        sabotage::faults().collect()
    };
    let name_width = quirks
        .iter()
        .map(|quirk| quirk.name.len())
        .max()
        .unwrap_or(0);
    let mut out = anstream::stdout().lock();
    for quirk in quirks {
        match quirk.area {
            Some(area) => writeln!(
                out,
                "{:6}  {area:11}  {:name_width$}  {}",
                quirk.level, quirk.name, quirk.summary
            )?,
            None => writeln!(out, "{:name_width$}  {}", quirk.name, quirk.summary)?,
        }
    }
    Ok(0)
}
