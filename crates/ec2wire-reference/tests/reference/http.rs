//! The endpoint over HTTP.

use crate::forms::IPAM;
use bytes::Bytes;
use ec2wire::Operation;
use ec2wire::ipam::CreateIpamPolicy;
use ec2wire_reference::{Config, Endpoint};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

async fn endpoint() -> Endpoint {
    let config = Config {
        ipam_ids: vec![IPAM.into()],
        ..Config::default()
    };
    Endpoint::bind(([127, 0, 0, 1], 0).into(), config)
        .await
        .unwrap()
}

/// One connection, which is never reopened.
pub(crate) async fn connect(endpoint: &Endpoint) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(endpoint.local_addr()).await.unwrap();
    let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

pub(crate) async fn send(
    sender: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Response<Bytes> {
    sender.ready().await.unwrap();
    let (head, body) = sender.send_request(request).await.unwrap().into_parts();
    Response::from_parts(head, body.collect().await.unwrap().to_bytes())
}

/// Waits until the server's end of the connection is seen here.
async fn wait_until_closed(sender: &mut SendRequest<Full<Bytes>>) {
    let closed = async {
        while sender.ready().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), closed)
        .await
        .unwrap();
}

pub(crate) fn post(body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    Request::post("/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::new(body.into()))
        .unwrap()
}

fn form() -> String {
    format!("Action=CreateIpamPolicy&Version=2016-11-15&IpamId={IPAM}")
}

fn header<'r>(response: &'r Response<Bytes>, name: &str) -> Option<&'r str> {
    response.headers().get(name)?.to_str().ok()
}

/// The headers that EC2's answers have, on a success and an error alike.
fn check_headers(response: &Response<Bytes>) {
    assert_eq!(
        header(response, "content-type"),
        Some("text/xml;charset=UTF-8")
    );
    assert_eq!(header(response, "server"), Some("AmazonEC2"));
    assert!(header(response, "date").is_some());
    let reply = <CreateIpamPolicy>::decode_reply(response.status().as_u16(), response.body());
    assert_eq!(
        header(response, "x-amzn-requestid"),
        reply.unwrap().request_id()
    );
}

#[tokio::test]
async fn a_connection_serves_one_request_after_another() {
    let endpoint = endpoint().await;
    let mut sender = connect(&endpoint).await;
    for (request, status) in [
        (post(form()), 200),
        (post("Action=Fly&Version=2016-11-15"), 400),
        (post("%zz=%zz"), 400),
        (
            Request::get(format!("/?{}", form()))
                .body(Full::default())
                .unwrap(),
            200,
        ),
        (Request::put("/").body(Full::from("x")).unwrap(), 405),
        (post(vec![b'a'; (4 << 20) + 1]), 413),
        (post(form()), 200),
    ] {
        let response = send(&mut sender, request).await;
        assert_eq!(response.status(), status);
        check_headers(&response);
    }
    endpoint.stop().await;
}

#[tokio::test]
async fn plain_sockets_are_answered() {
    let endpoint = endpoint().await;
    let form = form();
    let mut stream = TcpStream::connect(endpoint.local_addr()).await.unwrap();
    // As `curl -d` sends it, except that the client closes its side after the request.
    let request = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\
         Content-Length: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("</CreateIpamPolicyResponse>"), "{answer}");
    endpoint.stop().await;
}

#[tokio::test]
async fn a_broken_body_is_answered() {
    let endpoint = endpoint().await;
    let mut stream = TcpStream::connect(endpoint.local_addr()).await.unwrap();
    stream
        .write_all(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("MalformedQueryString"), "{answer}");
    endpoint.stop().await;
}

#[tokio::test]
async fn stopping_closes_idle_connections_and_the_port() {
    let endpoint = endpoint().await;
    let address = endpoint.local_addr();
    let mut sender = connect(&endpoint).await;
    assert_eq!(send(&mut sender, post(form())).await.status(), 200);
    endpoint.stop().await;
    wait_until_closed(&mut sender).await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn dropping_the_endpoint_stops_it() {
    let endpoint = endpoint().await;
    let address = endpoint.local_addr();
    let mut sender = connect(&endpoint).await;
    drop(endpoint);
    wait_until_closed(&mut sender).await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn two_endpoints_may_share_a_world() {
    let one = endpoint().await;
    let address = ([127, 0, 0, 1], 0).into();
    let other = Endpoint::bind_world(address, one.world().clone())
        .await
        .unwrap();
    let first = send(&mut connect(&one).await, post(form() + "&ClientToken=t")).await;
    let second = send(&mut connect(&other).await, post(form() + "&ClientToken=t")).await;
    let id = |response: &Response<Bytes>| {
        let reply = <CreateIpamPolicy>::decode_reply(200, response.body()).unwrap();
        let policy = reply.into_result().unwrap().output.ipam_policy.unwrap();
        policy.ipam_policy_id.unwrap()
    };
    assert_eq!(id(&first), id(&second));
    one.stop().await;
    other.stop().await;
}
