//! The proxy forwards every byte unchanged and without delay, and judges the exchanges.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use ec2wire_conformance::inspect::{Inspector, Signing};
use ec2wire_conformance::proxy::{KEPT_OF_BODY, Passed, Proxy, WAITING};
use ec2wire_conformance::record::RunHead;
use ec2wire_conformance::{CaseRecord, Level, RunRecord, Verdict, lint};
use ec2wire_reference::{Config, Endpoint};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

const ANY: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// A running proxy.
struct Running {
    address: SocketAddr,
    head: RunHead,
    exchanges: mpsc::Receiver<Passed>,
    stop: watch::Sender<bool>,
    task: JoinHandle<usize>,
}

async fn proxy(upstream: SocketAddr) -> Running {
    let proxy = Proxy::bind(ANY.into(), &format!("http://{upstream}"))
        .await
        .unwrap();
    let address = proxy
        .url()
        .strip_prefix("http://")
        .unwrap()
        .parse()
        .unwrap();
    let head = proxy.head();
    let (to, exchanges) = mpsc::channel(WAITING);
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(proxy.run(to, stopped));
    Running {
        address,
        head,
        exchanges,
        stop,
        task,
    }
}

impl Running {
    /// The next exchange, judged.
    async fn judged(&mut self) -> CaseRecord {
        let exchange = self.exchanges.recv().await.unwrap();
        Inspector::embedded()
            .unwrap()
            .judge_traffic(&exchange, &Signing::Optional)
    }

    /// Stops it, and checks that there were no further exchanges.
    async fn end(mut self) {
        self.stop.send(true).unwrap();
        assert!(self.exchanges.recv().await.is_none());
        self.task.await.unwrap();
    }
}

/// A proxy, and both ends of a connection through it.
async fn connected() -> (Running, TcpStream, TcpStream) {
    let server = TcpListener::bind(ANY).await.unwrap();
    let proxy = proxy(server.local_addr().unwrap()).await;
    let client = TcpStream::connect(proxy.address).await.unwrap();
    let (upstream, _) = server.accept().await.unwrap();
    (proxy, client, upstream)
}

async fn read(stream: &mut TcpStream, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await.unwrap();
    bytes
}

/// Whether the exchange breaks the requirement.
fn breaks(judged: &CaseRecord, requirement: &str) -> bool {
    let mut deviations = judged.deviations.iter();
    deviations.any(|one| one.requirement == requirement)
}

const REQUEST: &[u8] = b"POST / HTTP/1.1\r\nhOsT:  ec2.example \r\nX-Odd: a\tb\r\n\
    content-type: application/x-www-form-urlencoded\r\nContent-Length: 00046\r\n\r\n\
    Action=DescribeIpamPolicies&Version=2016-11-15";

const CALL: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 38\r\n\r\n\
    Action=DescribeVpcs&Version=2016-11-15";

const ANSWER: &[u8] = b"HTTP/1.1 200 Fine By Me\r\nSERVER: x\r\ntransfer-encoding: chunked\r\n\r\n\
    00003;a=\"b\"\r\n<a>\r\n4\r\n</a>\r\n000\r\nTrailer: yes\r\n\r\n";

#[tokio::test]
async fn bytes_are_forwarded_unchanged() {
    let (mut proxy, mut client, mut upstream) = connected().await;
    // Twice over one connection, split at odd places.
    for cut in [1, 20] {
        let request = [REQUEST, b"\r\n\r\n"].concat();
        let (first, rest) = request.split_at(cut);
        client.write_all(first).await.unwrap();
        assert_eq!(read(&mut upstream, cut).await, first);
        client.write_all(rest).await.unwrap();
        assert_eq!(read(&mut upstream, rest.len()).await, rest);
        // The proxy does not wait for the end of a response.
        let (first, rest) = ANSWER.split_at(80 + cut);
        upstream.write_all(first).await.unwrap();
        assert_eq!(read(&mut client, first.len()).await, first);
        upstream.write_all(rest).await.unwrap();
        assert_eq!(read(&mut client, rest.len()).await, rest);
        let judged = proxy.judged().await;
        let exchange = judged.exchange.unwrap();
        let response = exchange.response.unwrap();
        assert_eq!(
            (&*exchange.request.start, &*response.body),
            ("POST / HTTP/1.1", "<a></a>")
        );
    }
    // The end of each direction is forwarded too.
    client.shutdown().await.unwrap();
    assert_eq!(upstream.read(&mut [0; 1]).await.unwrap(), 0);
    upstream.write_all(b"late").await.unwrap();
    assert_eq!(read(&mut client, 4).await, b"late");
    drop(upstream);
    assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
    // The last bytes were not HTTP.
    let judged = proxy.judged().await;
    assert_eq!(judged.verdict, Verdict::NotRun);
    assert!(judged.note.contains("other than HTTP"), "{}", judged.note);
    proxy.end().await;
}

#[tokio::test]
async fn exchanges_are_judged_and_secrets_redacted() {
    let config = Config {
        ipam_ids: vec!["ipam-1".into()],
        ..Config::default()
    };
    let endpoint = Endpoint::bind(ANY.into(), config).await.unwrap();
    let mut proxy = proxy(endpoint.local_addr()).await;
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    let ask = |body: &str| {
        format!(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             X-Amz-Security-Token: hidden\r\nX-Amz-Date: 20261123T065514Z\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/ec2/aws4_request, \
             SignedHeaders=host;x-amz-date;x-amz-security-token, Signature={}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            "5ec1".repeat(16),
            body.len()
        )
    };
    let right = "Action=CreateIpamPolicy&Version=2016-11-15&IpamId=ipam-1";
    let wrong = "Action=CreateIpamPolicy&Version=2016-11-15&IpamId=ipam-1&Tags=";
    for (body, verdict, broken) in [
        (right, Verdict::Pass, None),
        (wrong, Verdict::Fail, Some("parameters-known")),
    ] {
        client.write_all(ask(body).as_bytes()).await.unwrap();
        let judged = proxy.judged().await;
        assert_eq!(judged.verdict, verdict, "{:?}", judged.deviations);
        let found = judged
            .deviations
            .first()
            .map(|one| one.requirement.as_str());
        assert_eq!(found, broken);
        assert_eq!(judged.title, "CreateIpamPolicy");
        let text = format!("{judged:?}");
        assert!(!text.contains("hidden") && !text.contains("5ec1"), "{text}");
    }
    drop(client);
    proxy.end().await;
    endpoint.stop().await;
}

/// The findings of `lint` on the record of these exchanges.
fn linted(proxy: &Running, cases: Vec<CaseRecord>) -> RunRecord {
    let record = RunRecord::from_cases(proxy.head.clone(), cases);
    let mut text = Vec::new();
    record.write_ndjson(&mut text).unwrap();
    let found = lint::read("record", &text).unwrap();
    lint::judge(&Inspector::embedded().unwrap(), &found, &Signing::Optional)
}

#[tokio::test]
async fn secrets_in_bodies_stay_out_of_the_record_and_change_no_verdict() {
    let (mut proxy, mut client, mut upstream) = connected().await;
    let secret = "-----BEGIN-RSA";
    let document = |action: &str, inner: &str| {
        format!(
            "<{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
             <requestId>1</requestId>{inner}</{action}Response>"
        )
    };
    let key = |material: &str| {
        let inner = format!("<keyMaterial >{material}</keyMaterial><keyName>a</keyName>");
        document("CreateKeyPair", &inner)
    };
    let plain = |text: &str| (String::new(), text.as_bytes().to_vec());
    let packed = |text: &str| {
        let mut writer = GzEncoder::new(Vec::new(), Compression::default());
        std::io::Write::write_all(&mut writer, text.as_bytes()).unwrap();
        (
            "Content-Encoding: gzip\r\n".to_owned(),
            writer.finish().unwrap(),
        )
    };
    let escaped = secret.replace('-', "%2D");
    let create = "Action=CreateKeyPair&Version=2016-11-15&KeyName=a".to_owned();
    let tunnel = format!(
        "Action=ModifyVpnTunnelOptions&Version=2016-11-15&VpnConnectionId=vpn-1\
         &VpnTunnelOutsideIpAddress=192.0.2.1&TunnelOptions.PreShared%4Bey={escaped}"
    );
    // The escape is invalid, which is reported without the secret.
    let damaged = tunnel.replace("%2DBEGIN", "%2BEGIN%G");
    let modified = plain(&document("ModifyVpnTunnelOptions", ""));
    let mut cases = Vec::new();
    for (request, (coding, body), broken) in [
        (create.clone(), plain(&key(secret)), None),
        (create, packed(&key(secret)), None),
        (tunnel, modified.clone(), None),
        (damaged, modified, Some("percent-encoding-valid")),
    ] {
        let request = format!(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{request}",
            request.len()
        );
        client.write_all(request.as_bytes()).await.unwrap();
        read(&mut upstream, request.len()).await;
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml;charset=UTF-8\r\nx-amzn-requestid: 1\r\n\
             {coding}Content-Length: {}\r\n\r\n",
            body.len()
        );
        upstream.write_all(head.as_bytes()).await.unwrap();
        upstream.write_all(&body).await.unwrap();
        read(&mut client, head.len() + body.len()).await;
        let exchange = proxy.exchanges.recv().await.unwrap();
        let inspector = Inspector::embedded().unwrap();
        let judged = inspector.judge_traffic(&exchange, &Signing::Optional);
        let text = serde_json::to_string(&judged).unwrap();
        for part in ["BEGIN", "RSA", "1f8b"] {
            assert!(!text.contains(part), "{text}");
        }
        let found: Vec<&str> = judged
            .deviations
            .iter()
            .filter(|one| one.level == Level::Must)
            .map(|one| one.requirement.as_str())
            .collect();
        assert_eq!(found.first().copied(), broken, "{:?}", judged.deviations);
        let exchange = judged.exchange.as_ref().unwrap();
        let answer = exchange.response.as_ref().unwrap();
        assert!(exchange.request.redacted || answer.redacted);
        if broken.is_none() {
            cases.push(judged);
        }
    }
    let again = linted(&proxy, cases);
    for case in &again.cases {
        assert_eq!(case.verdict, Verdict::Pass, "{:?}", case.deviations);
    }
    drop((client, upstream));
    proxy.end().await;
}

#[tokio::test]
async fn long_messages_are_streamed_and_not_kept() {
    let server = TcpListener::bind(ANY).await.unwrap();
    let mut proxy = proxy(server.local_addr().unwrap()).await;
    let length = 40 * KEPT_OF_BODY;
    let upload = async {
        let mut client = TcpStream::connect(proxy.address).await.unwrap();
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n");
        client.write_all(head.as_bytes()).await.unwrap();
        client.write_all(&vec![b'a'; length]).await.unwrap();
        // The response is as long, and is sent while nobody reads it.
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        answer.len()
    };
    let serve = async {
        let (mut upstream, _) = server.accept().await.unwrap();
        let mut came = 0;
        let mut piece = vec![0; 64 * 1024];
        while came < length {
            match upstream.read(&mut piece).await.unwrap() {
                0 => panic!("it ends after {came}"),
                more => came += more,
            }
        }
        upstream
            .write_all(b"HTTP/1.1 200 OK\r\n\r\n")
            .await
            .unwrap();
        upstream.write_all(&vec![b'b'; length]).await.unwrap();
    };
    let (received, ()) = tokio::join!(upload, serve);
    assert_eq!(received, length + "HTTP/1.1 200 OK\r\n\r\n".len());
    let exchange = proxy.exchanges.recv().await.unwrap();
    assert_eq!(exchange.request.as_ref().unwrap().body.len(), KEPT_OF_BODY);
    assert_eq!(exchange.response.as_ref().unwrap().body.len(), KEPT_OF_BODY);
    let judged = Inspector::embedded()
        .unwrap()
        .judge_traffic(&exchange, &Signing::Ignored);
    // An incomplete message cannot be judged.
    assert!(judged.deviations.is_empty(), "{:?}", judged.deviations);
    assert!(judged.note.contains("were not kept"), "{}", judged.note);
    // It does not pass either, and the record says so.
    assert_eq!(judged.verdict, Verdict::NotRun);
    let again = linted(&proxy, vec![judged]);
    let case = again.cases.first().unwrap();
    assert_eq!(case.verdict, Verdict::NotRun, "{:?}", case.deviations);
    let parts = ["request", "answer"];
    assert!(
        parts
            .iter()
            .all(|part| case.note.contains(&format!("the {part} was not judged"))),
        "{}",
        case.note
    );
    proxy.end().await;
}

#[tokio::test]
async fn requests_to_other_services_are_only_forwarded() {
    let server = TcpListener::bind(ANY).await.unwrap();
    let mut proxy = proxy(server.local_addr().unwrap()).await;
    let signed = |service: &str| {
        format!(
            "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/{service}/\
             aws4_request, SignedHeaders=host, Signature=00\r\n"
        )
    };
    let sts = "Action=GetCallerIdentity&Version=2011-06-15";
    let sqs = "Action=ListQueues&Version=2012-11-05";
    for (start, headers, body) in [
        ("POST /", signed("sts"), sts),
        ("PUT /bucket/key", signed("s3"), "the user's own"),
        ("GET /health", String::new(), ""),
        ("POST /", String::new(), sqs),
        (
            "POST /",
            "X-Amz-Target: DynamoDB_20120810.ListTables\r\n".into(),
            "{}",
        ),
        ("OPTIONS /", String::new(), ""),
        ("GET /?list-type=2", String::new(), ""),
        (
            "POST /?delete",
            "Authorization: AWS K:sig\r\n".into(),
            "<Delete/>",
        ),
        ("POST /", String::new(), "{\"q\":\"a\"}"),
        (
            "POST /",
            String::new(),
            "Action=DescribeTags&Version=2011-01-01",
        ),
        (
            "PUT /bucket/key",
            signed("s3"),
            "Action=DescribeVpcs&Version=2016-11-15",
        ),
        (
            "GET /?X-Amz-Credential=A%2f20261123%2fus-east-1%2fs3%2faws4_request&Action=A",
            String::new(),
            "",
        ),
        (
            "POST /?Action=AssumeRoleWithWebIdentity&WebIdentityToken=hello.own",
            "X-Amz-Server-Side-Encryption-Customer-Key: hello\r\n".into(),
            "Version=2011-06-15",
        ),
    ] {
        let mut client = TcpStream::connect(proxy.address).await.unwrap();
        let (mut upstream, _) = server.accept().await.unwrap();
        let request = format!(
            "{start} HTTP/1.1\r\nHost: a\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        client.write_all(request.as_bytes()).await.unwrap();
        read(&mut upstream, request.len()).await;
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        upstream.write_all(answer).await.unwrap();
        read(&mut client, answer.len()).await;
        let judged = proxy.judged().await;
        assert_eq!(
            judged.verdict,
            Verdict::NotRun,
            "{start} {:?}",
            judged.deviations
        );
        assert_eq!(judged.deviations, []);
        assert!(
            judged.note.contains("not an exchange with EC2"),
            "{}",
            judged.note
        );
        // Requests to other services are not in the record.
        let text = serde_json::to_string(&judged).unwrap();
        assert!(!text.contains("own") && !text.contains("hello"), "{text}");
    }
    // A request to EC2 with an invalid signature is still one to EC2.
    let wrong = format!(
        "POST / HTTP/1.1\r\nHost: a\r\n{}Content-Length: 38\r\n\r\n\
         Action=DescribeVpcs&Version=2016-11-15",
        signed("s3")
    );
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    let (upstream, _) = server.accept().await.unwrap();
    client.write_all(wrong.as_bytes()).await.unwrap();
    client.shutdown().await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(upstream);
    let judged = proxy.judged().await;
    assert!(
        breaks(&judged, "signature-scope"),
        "{:?}",
        judged.deviations
    );
    proxy.end().await;
}

/// A response without a length ends with the connection. If the client closed it, the response may be
/// incomplete.
#[tokio::test]
async fn a_response_without_a_length_is_not_judged_if_the_client_closed() {
    let (mut proxy, mut client, mut upstream) = connected().await;
    client.write_all(CALL).await.unwrap();
    read(&mut upstream, CALL.len()).await;
    let half = "HTTP/1.1 200 OK\r\n\r\n<DescribeVpcsResponse>";
    upstream.write_all(half.as_bytes()).await.unwrap();
    read(&mut client, half.len()).await;
    client.shutdown().await.unwrap();
    assert_eq!(upstream.read(&mut [0; 1]).await.unwrap(), 0);
    drop(upstream);
    let judged = proxy.judged().await;
    let musts = judged
        .deviations
        .iter()
        .filter(|one| one.level == Level::Must && one.requirement == "answered-in-protocol");
    assert_eq!(musts.count(), 0, "{:?}", judged.deviations);
    assert!(
        judged.note.contains("the client closed its end"),
        "{}",
        judged.note
    );
    proxy.end().await;
}

/// A response without a length ends with the connection. If the server reset that, the client must
/// not take what came for all of it.
#[tokio::test]
async fn a_reset_in_a_response_without_a_length_reaches_the_client() {
    let half = "<DescribeVpcsResponse>";
    let whole = "<DescribeVpcsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
                 <requestId>1</requestId><vpcSet/></DescribeVpcsResponse>";
    let call = "GET /?Action=DescribeVpcs&Version=2016-11-15 HTTP/1.1\r\nHost: a\r\n\r\n";
    for (body, verdict) in [(half, Verdict::Fail), (whole, Verdict::NotRun)] {
        let (mut proxy, mut client, mut upstream) = connected().await;
        client.write_all(call.as_bytes()).await.unwrap();
        read(&mut upstream, call.len()).await;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n{body}");
        upstream.write_all(answer.as_bytes()).await.unwrap();
        upstream.set_zero_linger().unwrap();
        drop(upstream);
        assert_eq!(read(&mut client, answer.len()).await, answer.as_bytes());
        let error = client.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        let exchange = proxy.exchanges.recv().await.unwrap();
        let inspector = Inspector::embedded().unwrap();
        let judged = inspector.judge_traffic(&exchange, &Signing::Ignored);
        assert_eq!(judged.verdict, verdict, "{:?}", judged.deviations);
        assert!(
            judged.note.contains("the server broke the connection off"),
            "{}",
            judged.note
        );
        proxy.end().await;
    }
}

#[tokio::test]
async fn exchanges_in_progress_at_the_stop_are_recorded() {
    let (mut proxy, mut client, mut upstream) = connected().await;
    client.write_all(CALL).await.unwrap();
    read(&mut upstream, CALL.len()).await;
    proxy.stop.send(true).unwrap();
    let judged = proxy.judged().await;
    assert_eq!(judged.title, "DescribeVpcs");
    assert_eq!(judged.note, "the proxy was stopped before an answer came");
    assert!(proxy.exchanges.recv().await.is_none());
    proxy.task.await.unwrap();
}

/// Its client keeps the connection for later requests.
#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let server = Endpoint::bind(ANY.into(), Config::default()).await.unwrap();
    let mut proxy = proxy(server.local_addr()).await;
    let mut used = TcpStream::connect(proxy.address).await.unwrap();
    used.write_all(CALL).await.unwrap();
    read(&mut used, 12).await;
    let unused = TcpStream::connect(proxy.address).await.unwrap();
    proxy.judged().await;
    let since = Instant::now();
    proxy.end().await;
    // What is in flight may take two seconds.
    assert!(since.elapsed() < Duration::from_millis(1500));
    drop((used, unused));
}

/// The answer comes after the stop, and the connection ends then.
#[tokio::test]
async fn what_is_in_flight_at_the_stop_comes_to_its_end() {
    let (mut proxy, mut client, mut upstream) = connected().await;
    client.write_all(CALL).await.unwrap();
    read(&mut upstream, CALL.len()).await;
    proxy.stop.send(true).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    upstream.write_all(ANSWER).await.unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer, ANSWER);
    assert!(!proxy.judged().await.note.contains("stopped"));
    assert!(proxy.exchanges.recv().await.is_none());
    proxy.task.await.unwrap();
}

#[tokio::test]
async fn too_many_pipelined_requests_are_forwarded_without_judging() {
    let (mut proxy, mut client, mut upstream) = connected().await;
    let request = "GET /?Action=DescribeVpcs&Version=2016-11-15 HTTP/1.1\r\nHost: a\r\n\r\n";
    let all = request.repeat(40);
    client.write_all(all.as_bytes()).await.unwrap();
    read(&mut upstream, all.len()).await;
    let judged = proxy.judged().await;
    assert!(
        judged.note.starts_with("more than 32 requests wait"),
        "{}",
        judged.note
    );
    for _ in 1..32 {
        proxy.judged().await;
    }
    drop((client, upstream));
    proxy.end().await;
}

#[tokio::test]
async fn a_client_that_hangs_up_is_not_blamed_on_the_server() {
    let (mut proxy, mut client, mut upstream) = connected().await;
    let request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 39\r\n\r\n\
                   Action=DescribeVpcs&Version=2016-11-15x";
    client.write_all(request.as_bytes()).await.unwrap();
    let mut piece = vec![0; 4096];
    assert!(upstream.read(&mut piece).await.unwrap() > 0);
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<DescribeVpcsResponse>";
    upstream.write_all(head.as_bytes()).await.unwrap();
    assert!(client.read(&mut piece).await.unwrap() > 0);
    drop(client);
    // The server notices and closes too.
    while upstream
        .read(&mut piece)
        .await
        .is_ok_and(|length| length > 0)
    {}
    drop(upstream);
    let judged = proxy.judged().await;
    let of_answer = breaks(&judged, "answered-in-protocol");
    assert!(!of_answer, "{:?}", judged.deviations);
    assert!(
        judged.note.contains("the client closed its end"),
        "{}",
        judged.note
    );
    proxy.end().await;
}

#[tokio::test]
async fn an_unreachable_server_gives_a_bad_gateway() {
    let free = TcpListener::bind(ANY).await.unwrap().local_addr().unwrap();
    let mut proxy = proxy(free).await;
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    let request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 19\r\n\r\nAction=DescribeVpcs";
    client.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 502 Bad Gateway\r\n"),
        "{answer}"
    );
    assert!(answer.contains("cannot reach the upstream"), "{answer}");
    // What was sent is in the record, and judged.
    let judged = proxy.judged().await;
    assert_eq!(judged.verdict, Verdict::Fail);
    assert_eq!(judged.exchange.unwrap().request.body, "Action=DescribeVpcs");
    assert!(judged.note.contains("cannot reach"), "{}", judged.note);
    // One that ends without a request is answered too.
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    client.shutdown().await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    assert_eq!(proxy.judged().await.verdict, Verdict::NotRun);
    proxy.end().await;
}

#[tokio::test]
async fn a_server_that_closes_leaves_the_request_without_an_answer() {
    let (mut proxy, mut client, mut upstream) = connected().await;
    client
        .write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 19\r\n\r\nAction=DescribeVpcs")
        .await
        .unwrap();
    read(&mut upstream, 20).await;
    drop(upstream);
    let mut rest = Vec::new();
    _ = client.read_to_end(&mut rest).await;
    let judged = proxy.judged().await;
    assert!(judged.note.contains("without an answer"), "{}", judged.note);
    // The request is still judged.
    assert_eq!(judged.verdict, Verdict::Fail);
    assert!(breaks(&judged, "version-named"), "{:?}", judged.deviations);
    proxy.end().await;
}

#[tokio::test]
async fn an_invalid_upstream_is_refused() {
    for upstream in [
        "",
        "127.0.0.1:4566",
        "ftp://a",
        "http://a/b",
        "http://me:pass@a",
    ] {
        let error = Proxy::bind(ANY.into(), upstream)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("the upstream "), "{error}");
        assert!(!error.contains("pass"), "{error}");
    }
}

#[tokio::test]
async fn the_proxy_itself_is_refused_as_its_upstream() {
    let free = TcpListener::bind(ANY).await.unwrap();
    let port = free.local_addr().unwrap().port();
    for (listening, hosts) in [
        (
            "127.0.0.1",
            &["127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]"][..],
        ),
        (
            "0.0.0.0",
            &["127.0.0.1", "localhost", "0.0.0.0", "127.1.2.3"],
        ),
        ("[::]", &["[::1]", "127.0.0.1", "[::]"]),
        ("[::1]", &["[::1]", "[::]"]),
    ] {
        for host in hosts {
            let address = format!("{listening}:{port}").parse().unwrap();
            let upstream = format!("http://{host}:{port}");
            let error = Proxy::bind(address, &upstream).await.unwrap_err();
            let error = error.to_string();
            assert!(
                error.ends_with("is the address that the proxy listens at"),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn traffic_does_not_wait_for_judging() {
    let server = Endpoint::bind(ANY.into(), Config::default()).await.unwrap();
    let proxy = Proxy::bind(ANY.into(), &server.url()).await.unwrap();
    let address = proxy.url().strip_prefix("http://").unwrap().to_owned();
    // Nobody judges, and there is room for two.
    let (to, mut exchanges) = mpsc::channel(2);
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(proxy.run(to, stopped));
    let ask = async || {
        let mut client = TcpStream::connect(&address).await.unwrap();
        let close = b"GET /?Action=A HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        client.write_all(close).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    };
    for _ in 0..10 {
        ask().await;
    }
    for _ in 0..2 {
        assert!(exchanges.recv().await.unwrap().notes.is_empty());
    }
    ask().await;
    let notes = exchanges.recv().await.unwrap().exchange.notes;
    let note = "8 exchanges before it were left out, because too many waited to be judged";
    assert_eq!(notes, [note]);
    stop.send(true).unwrap();
    assert_eq!(task.await.unwrap(), 8);
}
