//! Runs the conformance suite from Rust, as the tests of an EC2 emulator might do.
//!
//! ```text
//! cargo run -p ec2wire-examples --bin run_conformance -- 'create-ipam-policy/*' http://127.0.0.1:4566
//! ```
//!
//! Without a URL, it judges the reference endpoint in this process. The exit code is the same as for
//! `ec2wire verify server`: 0 if no MUST failed.

use ec2wire_conformance::subject::http::{HttpSubject, Signer};
use ec2wire_conformance::{Catalogue, Level, Selection, Verdict, runner};
use ec2wire_reference::{Config, Endpoint};
use std::process::ExitCode;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let glob = args.next().unwrap_or("*".into());
    let url = args.next();

    // An emulator's test would start the emulator here.
    let ipam_id = "ipam-0123456789abcdef0".to_owned();
    let config = Config {
        ipam_ids: vec![ipam_id.clone()],
        ..Config::default()
    };
    let reference = Endpoint::bind(([127, 0, 0, 1], 0).into(), config).await?;
    let url = url.unwrap_or(reference.url());

    let catalogue = Catalogue::embedded()?;
    // All matching cases, at every level.
    let selection = Selection::new(&[glob], &[], Level::May)?;
    let cases = catalogue.select(&selection);
    let subject = HttpSubject::new(&url, Signer::default(), Duration::from_secs(10))?;
    let options = runner::Options::default()
        .ipam_id(ipam_id)
        .allow_create(true)
        .settle(Duration::from_secs(5))
        .jobs(4);
    let mut watch = |event: runner::Event<'_>| {
        if let runner::Event::Judged(case) = event
            && case.verdict != Verdict::Pass
        {
            println!("{} {}", case.verdict.as_str(), case.id);
            for deviation in &case.deviations {
                println!("    {}: {}", deviation.requirement, deviation.found);
            }
        }
    };
    let record = runner::run(&catalogue, &cases, &subject, &options, &mut watch).await?;
    reference.stop().await;

    let summary = &record.summary;
    println!("{} of {} cases passed", summary.pass, summary.total);
    Ok(ExitCode::from(summary.exit_code()))
}
