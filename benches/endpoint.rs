//! How many requests a second an endpoint answers: `CreateIpamPolicy` with a tag, over connections
//! that are kept, and whether that falls as policies pile up.
//!
//! ```text
//! cargo bench --bench endpoint                                      the reference endpoint
//! cargo bench --bench endpoint -- fakecloud=http://127.0.0.1:4567   and another server
//! ```
//!
//! Each `NAME=URL` is measured by the same loader in the same run, in turn with the others. The
//! loader writes and reads bytes on plain sockets, so that its own work weighs little: the request
//! is made once, and of an answer only status and length are read. `--seconds S` sets how long a
//! measurement takes, `--rounds N` how often all are measured, and `--ipam-id ID` which IPAM the
//! requests name.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench may fail, and prints"
)]

use ec2wire::ipam::CreateIpamPolicy;
use ec2wire::{Operation as _, ResourceType, Tag, TagSpecification};
use ec2wire_reference::{Config, Endpoint};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How many connections at a time.
const CONNECTIONS: [usize; 2] = [1, 4];

/// A measurement is cut into as many parts, to see whether the rate falls.
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

/// Prints how many times as many requests the reference endpoint answered as each other server, by
/// the medians of the rounds: what else the machine does shakes single ones.
fn compare(servers: &[(String, SocketAddr)], means: &mut BTreeMap<(usize, usize), Vec<f64>>) {
    let mut median = |connections, at| {
        let rates = means.get_mut(&(connections, at)).unwrap();
        rates.sort_by(f64::total_cmp);
        *rates.get(rates.len() / 2).unwrap()
    };
    for (at, (name, _)) in servers.iter().enumerate().skip(1) {
        for connections in CONNECTIONS {
            let ratio = median(connections, 0) / median(connections, at);
            println!("{name:16} {connections:11}  ec2wire answers {ratio:.2} times as many");
        }
    }
}

/// `None` where cargo runs the bench as a test: then there is nothing to measure.
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

/// The requests a second in each part of the time, over all connections.
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

/// Sends the request over one connection until the time is over; how often in each part of it.
fn load(address: SocketAddr, request: &[u8], started: Instant, part: Duration) -> Vec<u32> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::with_capacity(1 << 16, stream.try_clone().unwrap());
    let mut stream = stream;
    let mut counts = vec![0; PARTS as usize];
    let mut line = String::new();
    let mut body = Vec::new();
    loop {
        stream.write_all(request).unwrap();
        read_answer(&mut reader, &mut line, &mut body);
        let elapsed = started.elapsed();
        let at = elapsed.as_nanos() / part.as_nanos();
        match counts.get_mut(usize::try_from(at).unwrap()) {
            Some(count) => *count += 1,
            None => return counts,
        }
    }
}

/// Reads an answer, which must be a success. Its length may be said, or its chunks'.
fn read_answer(reader: &mut BufReader<TcpStream>, line: &mut String, body: &mut Vec<u8>) {
    let mut next_line = |reader: &mut BufReader<TcpStream>| {
        line.clear();
        assert!(reader.read_line(line).unwrap() > 0, "the connection ended");
        line.trim_end().to_ascii_lowercase()
    };
    let status = next_line(reader);
    let mut length = None;
    loop {
        let header = next_line(reader);
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = Some(value.trim().parse::<usize>().unwrap());
        }
    }
    let mut read = |reader: &mut BufReader<TcpStream>, length: usize| {
        body.resize(length, 0);
        reader.read_exact(body).unwrap();
    };
    match length {
        Some(length) => read(reader, length),
        None => loop {
            let length = usize::from_str_radix(&next_line(reader), 16).unwrap();
            read(reader, length + 2);
            if length == 0 {
                break;
            }
        },
    }
    assert!(
        status.starts_with("http/1.1 200"),
        "{status}\n{}",
        String::from_utf8_lossy(body)
    );
}

fn request(address: SocketAddr, ipam_id: &str) -> Vec<u8> {
    let mut request: CreateIpamPolicy = CreateIpamPolicy::new(ipam_id);
    let tag = Tag::new("Name", "a b");
    request.tag_specifications = vec![TagSpecification::new(ResourceType::IpamPolicy, [tag])];
    let body = request.to_body().unwrap();
    format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\n\
         content-type: application/x-www-form-urlencoded; charset=utf-8\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=test/20261101/us-east-1/ec2/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=0\r\nx-amz-date: 20261101T000000Z\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
