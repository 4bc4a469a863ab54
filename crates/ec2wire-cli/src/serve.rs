//! `ec2wire serve`.

use crate::args::Serve;
use crate::signals::Signals;
use crate::{Failure, block_on};
use ec2wire_reference::{Config, Endpoint};
use std::io::{Write as _, stdout};

/// Runs the reference endpoint until it is interrupted.
pub(crate) fn run(args: &Serve) -> Result<u8, Failure> {
    if args.account.len() != 12 || !args.account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failure::usage("an account is 12 digits"));
    }
    block_on(async {
        let config = Config {
            account: args.account.clone(),
            region: args.region.clone(),
            ipam_ids: args.ipam_id.clone(),
            ..Config::default()
        };
        let endpoint = Endpoint::bind(args.listen, config)
            .await
            .map_err(|error| Failure::environment(format!("{}: {error}", args.listen)))?;
        // The first line is for programs: they read the port from it. One that then closes its end
        // still wants the endpoint, so what comes after may fail.
        let mut out = stdout().lock();
        writeln!(out, "listening on {}", endpoint.url())?;
        out.flush()?;
        for id in &args.ipam_id {
            let _ = writeln!(out, "ipam {id}");
        }
        drop(out);
        Signals::new().map_err(Failure::environment)?.next().await;
        endpoint.stop().await;
        Ok(0)
    })
}
