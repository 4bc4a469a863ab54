//! The time that `ec2wire proxy` adds to a request: `CreateIpamPolicy` with a tag, over persistent
//! connections, alternately to the reference endpoint and through the proxy. Each exchange is judged,
//! as in the command.
//!
//! ```text
//! cargo bench --bench proxy
//! ```
//!
//! `--requests N` sets the number of requests each way, and `--pause MS` the wait between two requests.
//! Without a pause, the proxy judges one exchange while it forwards the next.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench may fail, and prints"
)]

use ec2wire_conformance::inspect::{Inspector, Signing};
use ec2wire_conformance::proxy::{Proxy, WAITING};
use ec2wire_reference::{Config, Endpoint};
use ec2wire_test_support::loader::{Connection, request};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

const IPAM: &str = "ipam-0123456789abcdef0";

/// The number of requests each way if cargo runs the bench as a test.
const FEW: usize = 20;

fn main() {
    let mut requests = 20_000;
    let mut pause = Duration::ZERO;
    let mut is_bench = false;
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--bench" => is_bench = true,
            "--requests" => requests = given.next().unwrap().parse().unwrap(),
            "--pause" => pause = Duration::from_millis(given.next().unwrap().parse().unwrap()),
            other => assert!(other.is_empty(), "unknown option {other}"),
        }
    }
    let requests = if is_bench { requests } else { FEW };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let config = Config {
        ipam_ids: vec![IPAM.into()],
        policies_per_ipam: usize::MAX,
        ..Config::default()
    };
    let endpoint = runtime.block_on(Endpoint::bind(loopback, config)).unwrap();
    let proxy = runtime
        .block_on(Proxy::bind(loopback, &endpoint.url()))
        .unwrap();
    let address = proxy.url().trim_start_matches("http://").parse().unwrap();
    let (exchanges, mut judged) = mpsc::channel(WAITING);
    let (stop, stopped) = watch::channel(false);
    let running = runtime.spawn(proxy.run(exchanges, stopped));
    let judging = runtime.spawn(async move {
        let inspector = Inspector::embedded().unwrap();
        let mut count = 0;
        while let Some(exchange) = judged.recv().await {
            let record = inspector.judge_traffic(&exchange, &Signing::Optional);
            assert!(record.actual.is_some_and(|actual| actual.status == 200));
            count += 1;
        }
        count
    });

    let ways = [endpoint.local_addr(), address];
    let mut connections = ways.map(Connection::new);
    let asked = request(endpoint.local_addr(), IPAM);
    let mut times = ways.map(|_| Vec::with_capacity(requests));
    for _ in 0..requests {
        for (connection, times) in connections.iter_mut().zip(&mut times) {
            std::thread::sleep(pause);
            let started = Instant::now();
            connection.ask(&asked);
            times.push(started.elapsed());
        }
    }
    drop(connections);
    stop.send(true).unwrap();
    let count = runtime.block_on(async {
        running.await.unwrap();
        judging.await.unwrap()
    });
    assert_eq!(count, requests, "exchanges were lost");
    if is_bench {
        report(times);
    }
}

fn report(times: [Vec<Duration>; 2]) {
    let quantiles = times.map(|mut times| {
        times.sort_unstable();
        [50, 90, 99].map(|percent| {
            let at = times.len() * percent / 100;
            times.get(at).unwrap().as_secs_f64() * 1e6
        })
    });
    println!("             median    90 %    99 %  (in us)");
    let [direct, proxied] = quantiles;
    let row = |name: &str, [median, ninety, most]: [f64; 3]| {
        println!("{name:11} {median:7.0} {ninety:7.0} {most:7.0}");
    };
    row("direct", direct);
    row("through proxy", proxied);
    println!(
        "the median is {:.0} us longer through the proxy",
        proxied[0] - direct[0]
    );
}
