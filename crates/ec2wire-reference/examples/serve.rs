//! Serves a world over HTTP until it is killed: `cargo run --example serve 127.0.0.1:4566`.
//! `ec2wire serve` does the same with options.

use ec2wire_reference::{Config, Endpoint};
use std::error::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:4566").parse()?;
    let config = Config {
        ipam_ids: vec!["ipam-0123456789abcdef0".into()],
        ..Config::default()
    };
    let endpoint = Endpoint::bind(address, config).await?;
    println!("listening on {}", endpoint.url());
    std::future::pending::<()>().await;
    Ok(())
}
