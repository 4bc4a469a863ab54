//! How many requests per second an endpoint handles: `CreateIpamPolicy` with a tag, over persistent
//! connections, and whether the rate drops as policies accumulate.
//!
//! ```text
//! cargo bench --bench endpoint                                      the reference endpoint
//! cargo bench --bench endpoint -- fakecloud=http://127.0.0.1:4567   and another server
//! ```
//!
//! The same loader measures each `NAME=URL` in the same run, in turn with the others. It works on plain
//! sockets to keep its own cost low: it builds the request once, and reads only the status and length
//! of a response. `--seconds S` sets the duration of a measurement, `--rounds N` the number of
//! measurements of each server, and `--ipam-id ID` the IPAM in the requests.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench may fail, and prints"
)]

use ec2wire_reference::{Config, Endpoint};
use ec2wire_test_support::loader::{Connection, request};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

/// The numbers of simultaneous connections.
const CONNECTIONS: [usize; 2] = [1, 4];

/// Each measurement is split into this many parts, to see whether the rate drops.
const PARTS: u32 = 4;

struct Arguments {
    ipam_id: String,
    seconds: f64,
    rounds: usize,
    servers: Vec<(String, SocketAddr)>,
}

fn main() {
    let Some(mut arguments) = arguments(std::env::args().skip(1)) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let endpoint = runtime.block_on(async {
        let config = Config {
            ipam_ids: vec![arguments.ipam_id.clone()],
            policies_per_ipam: usize::MAX,
            ..Config::default()
        };
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Endpoint::bind(loopback, config).await.unwrap()
    });
    let ours = ("ec2wire".to_owned(), endpoint.local_addr());
    arguments.servers.insert(0, ours);
    println!("server           connections  requests/s  in each quarter");
    let mut means: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    for _ in 0..arguments.rounds {
        for connections in CONNECTIONS {
            for (at, (name, address)) in arguments.servers.iter().enumerate() {
                let rates = measure(*address, &arguments, connections);
                let mean = rates.iter().sum::<f64>() / f64::from(PARTS);
                means.entry((connections, at)).or_default().push(mean);
                let parts: Vec<String> = rates.iter().map(|rate| format!("{rate:.0}")).collect();
                println!(
                    "{name:16} {connections:11}  {mean:10.0}  {}",
                    parts.join(" ")
                );
            }
        }
    }
    compare(&arguments.servers, &mut means);
}

/// Prints the ratio of the reference endpoint's rate to each other server's. It compares the medians of
/// the rounds, because other work on the machine disturbs single rounds.
fn compare(servers: &[(String, SocketAddr)], means: &mut BTreeMap<(usize, usize), Vec<f64>>) {
    let mut median = |connections, at| {
        let rates = means.get_mut(&(connections, at)).unwrap();
        rates.sort_by(f64::total_cmp);
        *rates.get(rates.len() / 2).unwrap()
    };
    for (at, (name, _)) in servers.iter().enumerate().skip(1) {
        for connections in CONNECTIONS {
            let ratio = median(connections, 0) / median(connections, at);
            println!("{name:16} {connections:11}  ec2wire handles {ratio:.2} times as many");
        }
    }
}

/// `None` if cargo runs the bench as a test: then there is nothing to measure.
fn arguments(mut given: impl Iterator<Item = String>) -> Option<Arguments> {
    let mut arguments = Arguments {
        ipam_id: "ipam-0123456789abcdef0".into(),
        seconds: 2.0,
        rounds: 1,
        servers: Vec::new(),
    };
    let mut is_bench = false;
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--bench" => is_bench = true,
            "--seconds" => arguments.seconds = given.next().unwrap().parse().unwrap(),
            "--rounds" => arguments.rounds = given.next().unwrap().parse().unwrap(),
            "--ipam-id" => arguments.ipam_id = given.next().unwrap(),
            server => {
                let (name, url) = server.split_once('=').unwrap();
                let address = url.trim_start_matches("http://").trim_end_matches('/');
                let server = (name.to_owned(), address.parse().unwrap());
                arguments.servers.push(server);
            }
        }
    }
    is_bench.then_some(arguments)
}

/// The requests per second in each part of the time, over all connections.
fn measure(address: SocketAddr, arguments: &Arguments, connections: usize) -> Vec<f64> {
    let request = request(address, &arguments.ipam_id);
    let part = Duration::from_secs_f64(arguments.seconds) / PARTS;
    let started = Instant::now();
    let counts: Vec<Vec<u32>> = std::thread::scope(|scope| {
        let loaders: Vec<_> = (0..connections)
            .map(|_| scope.spawn(|| load(address, &request, started, part)))
            .collect();
        loaders
            .into_iter()
            .map(|loader| loader.join().unwrap())
            .collect()
    });
    let sum = |at: usize| counts.iter().filter_map(|count| count.get(at)).sum::<u32>();
    (0..PARTS as usize)
        .map(|at| f64::from(sum(at)) / part.as_secs_f64())
        .collect()
}

/// Sends the request over one connection until the time is over. Returns the number of requests in each
/// part of the time.
fn load(address: SocketAddr, request: &[u8], started: Instant, part: Duration) -> Vec<u32> {
    let mut connection = Connection::new(address);
    let mut counts = vec![0; PARTS as usize];
    loop {
        connection.ask(request);
        let elapsed = started.elapsed();
        let at = elapsed.as_nanos() / part.as_nanos();
        match counts.get_mut(usize::try_from(at).unwrap()) {
            Some(count) => *count += 1,
            None => return counts,
        }
    }
}
