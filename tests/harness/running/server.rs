//! The reference endpoint's world behind a server that misbehaves as a test requires.

use crate::common::fault;
use bytes::Bytes;
use ec2wire_reference::{Config, Request, World};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What to do with a request.
pub(crate) enum Deed {
    /// Let the world respond.
    Answer,
    /// Let the world respond after a delay.
    AnswerLate(Duration),
    /// Let the world respond to another body.
    AnswerInstead(String),
    /// Let the world respond, and change the body.
    AnswerEdited(Box<dyn FnOnce(String) -> String + Send>),
    /// Let the world respond to another body, and change the response's.
    AnswerOther(String, Box<dyn FnOnce(String) -> String + Send>),
    /// Respond with a status and a body.
    Say(u16, String),
    /// Never respond.
    Hang,
    /// Close the connection.
    Break,
    /// Close all connections and the port.
    Die,
}

/// EC2's error document.
pub(crate) fn fault(status: u16, code: &str) -> Deed {
    Deed::Say(status, fault::document(code, "m"))
}

/// When a server closes a connection that waits for a request, as RFC 9112, section 9.5, allows.
#[derive(Clone, Copy)]
pub(crate) enum Closing {
    Never,
    /// After that time.
    Idle(Duration),
    /// Just when the next request comes.
    WhenUsed,
}

/// A quota that servers whose policies cannot be deleted do not reach.
const MANY: usize = 100_000;

type Decide = dyn Fn(usize, &str) -> Deed + Send + Sync;

pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) world: Arc<World>,
    requests: Arc<AtomicUsize>,
    // Dropping it stops the server.
    _alive: Arc<watch::Sender<bool>>,
}

/// An IPAM that exists in every server's world.
pub(crate) const IPAM: &str = "ipam-0123456789abcdef0";

impl Server {
    /// A server that decides by the number of earlier requests and the body.
    pub(crate) async fn start(
        decide: impl Fn(usize, &str) -> Deed + Send + Sync + 'static,
    ) -> Self {
        Self::start_at(0, &[IPAM], decide).await
    }

    /// A right server that closes connections.
    pub(crate) async fn closing(closing: Closing) -> Self {
        Self::started(0, &[IPAM], |_, _| Deed::Answer, closing).await
    }

    pub(crate) async fn start_at(
        port: u16,
        ipams: &[&str],
        decide: impl Fn(usize, &str) -> Deed + Send + Sync + 'static,
    ) -> Self {
        Self::started(port, ipams, decide, Closing::Never).await
    }

    async fn started(
        port: u16,
        ipams: &[&str],
        decide: impl Fn(usize, &str) -> Deed + Send + Sync + 'static,
        closing: Closing,
    ) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let config = Config {
            ipam_ids: ipams.iter().map(ToString::to_string).collect(),
            policies_per_ipam: MANY,
            ..Config::default()
        };
        let world = Arc::new(World::new(config));
        let requests = Arc::new(AtomicUsize::new(0));
        let (alive, dead) = watch::channel(false);
        let alive = Arc::new(alive);
        let connection = Connection {
            world: Arc::clone(&world),
            requests: Arc::clone(&requests),
            alive: Arc::downgrade(&alive),
            decide: Arc::new(decide),
            closing,
        };
        tokio::spawn(serve(listener, connection, dead));
        Self {
            url,
            world,
            requests,
            _alive: alive,
        }
    }

    /// The number of received requests.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// The existing policies, as the world describes them.
    pub(crate) fn policies(&self) -> String {
        let describe = Request::post(b"Action=DescribeIpamPolicies&Version=2016-11-15");
        self.world.answer(&describe).body
    }
}

#[derive(Clone)]
struct Connection {
    world: Arc<World>,
    requests: Arc<AtomicUsize>,
    alive: std::sync::Weak<watch::Sender<bool>>,
    decide: Arc<Decide>,
    closing: Closing,
}

async fn serve(listener: TcpListener, connection: Connection, mut dead: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted.unwrap().0,
            _ = dead.changed() => return,
        };
        let connection = connection.clone();
        connections.spawn(serve_one(stream, connection));
    }
}

async fn serve_one(stream: TcpStream, connection: Connection) {
    let closing = connection.closing;
    // Whether a request is being answered.
    let (busy, mut is_busy) = watch::channel(true);
    let number = AtomicUsize::new(0);
    let service = service_fn(|request| {
        let (busy, connection) = (busy.clone(), connection.clone());
        let is_first = number.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            if matches!(closing, Closing::WhenUsed) && !is_first {
                return Err(io::Error::other("closed"));
            }
            busy.send_replace(true);
            let answer = connection.answer(request).await;
            busy.send_replace(false);
            answer
        }
    });
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut served = std::pin::pin!(served);
    let idle = async {
        let Closing::Idle(limit) = closing else {
            return never().await;
        };
        loop {
            let _ = is_busy.wait_for(|busy| !busy).await;
            let next = is_busy.wait_for(|busy| *busy);
            if tokio::time::timeout(limit, next).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        _ = served.as_mut() => return,
        () = idle => served.as_mut().graceful_shutdown(),
    }
    let _ = served.await;
}

impl Connection {
    async fn answer(
        &self,
        request: http::Request<Incoming>,
    ) -> Result<http::Response<Full<Bytes>>, io::Error> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let text = String::from_utf8_lossy(&body).into_owned();
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        let mut answered = body.to_vec();
        let mut edit: Option<Box<dyn FnOnce(String) -> String + Send>> = None;
        match (self.decide)(number, &text) {
            Deed::Answer => {}
            Deed::AnswerLate(pause) => tokio::time::sleep(pause).await,
            Deed::AnswerInstead(other) => answered = other.into_bytes(),
            Deed::AnswerEdited(change) => edit = Some(change),
            Deed::AnswerOther(other, change) => {
                answered = other.into_bytes();
                edit = Some(change);
            }
            Deed::Say(status, text) => {
                let response = http::Response::builder().status(status);
                return response.body(Full::from(text)).map_err(io::Error::other);
            }
            Deed::Hang => never().await,
            Deed::Break => return Err(io::Error::other("broken")),
            Deed::Die => {
                if let Some(alive) = self.alive.upgrade() {
                    alive.send_replace(true);
                }
                never().await;
            }
        }
        let answer = self.world.answer(&Request {
            method: head.method.as_str(),
            path_and_query: head.uri.path_and_query().map_or("/", |path| path.as_str()),
            content_type: head
                .headers
                .get(http::header::CONTENT_TYPE)
                .map(|value| value.to_str().unwrap_or_default()),
            authorization: None,
            body: &answered,
        });
        let mut response = http::Response::builder().status(answer.status);
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        let body = answer.body.clone();
        let body = Full::from(match edit {
            Some(edit) => edit(body),
            None => body,
        });
        response.body(body).map_err(io::Error::other)
    }
}

async fn never() {
    let forever: Infallible = std::future::pending().await;
    match forever {}
}
