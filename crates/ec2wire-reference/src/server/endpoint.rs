//! A world behind an HTTP server.

use super::config::Config;
use super::control;
use super::delivery::{Answer, Delivery, deliver};
use super::fault;
use super::message::{Request, Response};
use super::world::{self, World};
use ec2wire::{Fault, form};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::task::{JoinError, JoinHandle, JoinSet};

/// The longest body that is read as a request, in bytes.
const MAX_BODY: usize = form::Options::LIMITS.bytes;

/// The longest target and body that are answered at once, in bytes. Few requests are longer.
const QUICK: usize = 16 << 10;

/// How many bytes of long requests are kept at a time, beyond the first of each.
const ROOM: usize = 16 * MAX_BODY;

/// The longest body that is read to its end before it is refused, in bytes. A client that is still
/// sending when the connection is closed may never see the answer.
const MAX_DRAINED: usize = 16 * MAX_BODY;

/// How long a connection may take for the head of its next request. Idle ones are closed then, too.
const HEAD_TIME: Duration = Duration::from_secs(60);

/// For how long a connection that sends nothing is kept even if the process may open no more files.
const NEW: Duration = Duration::from_secs(2);

/// How long pending answers may take when the endpoint stops.
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait after the system refused a connection, for example for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A running reference endpoint: a [`World`] behind an HTTP/1 server.
///
/// It runs on the tokio runtime that it was started on, until it is [stopped](Self::stop) or
/// dropped. It closes a connection on which no whole head of a request comes for a minute, and those
/// without a request after two seconds if the process may open no more files.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// use ec2wire_reference::{Config, Endpoint};
///
/// let endpoint = Endpoint::bind(([127, 0, 0, 1], 0).into(), Config::default()).await?;
/// println!("listening on {}", endpoint.url());
/// endpoint.stop().await;
/// # Ok(())
/// # }
/// ```
pub struct Endpoint {
    world: Arc<World>,
    address: SocketAddr,
    /// Stops the server when it is dropped.
    running: oneshot::Sender<Infallible>,
    server: JoinHandle<()>,
}

impl Endpoint {
    /// Listens on the address and serves a new world. Port 0 picks a free port.
    ///
    /// Anyone who can reach the address can use the endpoint: it checks no signatures.
    pub async fn bind(address: SocketAddr, config: Config) -> io::Result<Self> {
        Self::bind_world(address, Arc::new(World::new(config))).await
    }

    /// Listens on the address and serves a world that may be shared.
    pub async fn bind_world(address: SocketAddr, world: Arc<World>) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (running, stopped) = oneshot::channel();
        let slow = Arc::new(Slow::new(1, ROOM));
        let serving = serve(listener, Arc::clone(&world), slow, HEAD_TIME, stopped);
        let server = tokio::spawn(serving);
        Ok(Self {
            world,
            address,
            running,
            server,
        })
    }

    /// The address that the endpoint listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint's URL, as in `http://127.0.0.1:4566`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The world that the endpoint serves.
    pub fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// Stops listening, closes idle connections and waits up to 5 seconds for pending answers.
    pub async fn stop(self) {
        let Self {
            running, server, ..
        } = self;
        drop(running);
        // It fails only if the task panicked or its runtime ended, and then the server has stopped too.
        _ = server.await;
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// What long requests share.
struct Slow {
    /// Which of them is answered.
    turn: Arc<Semaphore>,
    /// The bytes that they may have together.
    room: Arc<Semaphore>,
}

impl Slow {
    fn new(turns: usize, room: usize) -> Self {
        Self {
            turn: Arc::new(Semaphore::new(turns)),
            room: Arc::new(Semaphore::new(room)),
        }
    }
}

async fn serve(
    listener: TcpListener,
    world: Arc<World>,
    slow: Arc<Slow>,
    head_time: Duration,
    mut stopped: oneshot::Receiver<Infallible>,
) {
    let mut http = http1::Builder::new();
    // A client may close its side after the request, as `printf .. | nc` does.
    http.half_close(true)
        .timer(TokioTimer::new())
        .header_read_timeout(head_time);
    // Connections that are told of a change close as soon as they have no request.
    let (close, closing) = watch::channel(false);
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            _ = &mut stopped => break,
        };
        let Ok((stream, _)) = accepted else {
            // It may be lack of file descriptors, which idle connections have.
            close.send_replace(false);
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // Otherwise an answer may wait for the client's delayed acknowledgement.
        _ = stream.set_nodelay(true);
        let world = Arc::clone(&world);
        let slow = Arc::clone(&slow);
        let service =
            service_fn(move |request| handle(Arc::clone(&world), request, Arc::clone(&slow)));
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let mut closing = closing.clone();
        closing.mark_unchanged();
        connections.spawn(async move {
            let since = Instant::now();
            let mut connection = pin!(connection);
            loop {
                // A broken connection concerns only its client.
                tokio::select! {
                    _ = &mut connection => return,
                    told = closing.changed() => {
                        // The request of a new one may have come but not been read.
                        let stops = told.is_err() || *closing.borrow_and_update();
                        if stops || since.elapsed() >= NEW {
                            break;
                        }
                    }
                }
            }
            connection.as_mut().graceful_shutdown();
            _ = connection.await;
        });
    }
    drop(listener);
    close.send_replace(true);
    // Whatever still runs after that is aborted with the set.
    let ended = async { while connections.join_next().await.is_some() {} };
    _ = tokio::time::timeout(GRACE, ended).await;
}

/// Answers a request. An error closes the connection; only a fault causes one.
async fn handle(
    world: Arc<World>,
    request: http::Request<Incoming>,
    slow: Arc<Slow>,
) -> io::Result<Answer> {
    let (head, body) = request.into_parts();
    if let Some(answer) = control::answer(&world, &head.method, head.uri.path()).await {
        return deliver(answer, Delivery::Whole).await;
    }
    let mut delivery = Delivery::Whole;
    // The room is taken until the answer is known.
    let answer = match read(body, &slow.room).await {
        Ok((body, _taken)) => {
            delivery = world.hooks().delivery(&body);
            let target = head
                .uri
                .path_and_query()
                .map_or(0, |one| one.as_str().len());
            if target + body.len() > QUICK {
                // Only a fault of this program ends it early.
                let answered = apart(Arc::clone(&world), head, body, slow).await;
                answered.map_err(io::Error::other)?
            } else {
                answer(&world, &head, &body)
            }
        }
        Err(fault) => world::refuse(fault),
    };
    let mut response = http::Response::builder().status(answer.status);
    for (name, value) in answer.headers() {
        response = response.header(name, value);
    }
    // All names, values and statuses are valid, so this does not fail.
    let mut response = response
        .body(answer.body)
        .unwrap_or_else(|_| http::Response::default());
    world.hooks().edit_headers(response.headers_mut());
    deliver(response, delivery).await
}

/// Answers a long request on a thread of its own, one of all at a time, so that it delays no short
/// one.
async fn apart(
    world: Arc<World>,
    head: Parts,
    body: Vec<u8>,
    slow: Arc<Slow>,
) -> Result<Response, JoinError> {
    // It is never closed.
    let turn = Arc::clone(&slow.turn).acquire_owned().await.ok();
    tokio::task::spawn_blocking(move || {
        let answer = answer(&world, &head, &body);
        drop(turn);
        answer
    })
    .await
}

fn answer(world: &World, head: &Parts, body: &[u8]) -> Response {
    let target = head.uri.path_and_query();
    world.answer(&Request {
        method: head.method.as_str(),
        path_and_query: target.map_or("/", http::uri::PathAndQuery::as_str),
        // A header that is not text does not declare a form.
        content_type: head
            .headers
            .get(CONTENT_TYPE)
            .map(|value| value.to_str().unwrap_or_default()),
        authorization: head
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok()),
        body,
    })
}

/// The body, and the room that it takes.
async fn read(
    mut body: Incoming,
    room: &Arc<Semaphore>,
) -> Result<(Vec<u8>, Option<OwnedSemaphorePermit>), Fault> {
    if body.size_hint().lower() > MAX_DRAINED as u64 {
        return Err(fault::too_long());
    }
    let mut bytes = Vec::new();
    let mut length = 0_usize;
    let mut taken: Option<OwnedSemaphorePermit> = None;
    let mut has_room = true;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(fault::malformed)?;
        let Ok(data) = frame.into_data() else {
            continue; // Trailers have no meaning here.
        };
        length = length.saturating_add(data.len());
        if length > MAX_DRAINED {
            break;
        }
        if length <= MAX_BODY && has_room {
            let more = length.saturating_sub(QUICK.max(bytes.len()));
            let more = u32::try_from(more).unwrap_or(u32::MAX);
            match (Arc::clone(room).try_acquire_many_owned(more), &mut taken) {
                (Ok(more), Some(taken)) => taken.merge(more),
                (Ok(more), None) => taken = Some(more),
                // The rest is read even so, so that the client sees the answer.
                (Err(_), _) => {
                    has_room = false;
                    (bytes, taken) = (Vec::new(), None);
                    continue;
                }
            }
            bytes.extend_from_slice(&data);
        }
    }
    if length > MAX_BODY {
        return Err(fault::too_long());
    }
    if !has_room {
        return Err(fault::overloaded());
    }
    Ok((bytes, taken))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    /// The code of the answer to a request.
    async fn ask(address: SocketAddr, target: &str, body: &str) -> String {
        let mut client = TcpStream::connect(address).await.unwrap();
        let length = body.len();
        let request = format!(
            "POST {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        client.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        let (_, after) = answer.split_once("<Code>").unwrap();
        after.split('<').next().unwrap().to_owned()
    }

    async fn start(slow: &Arc<Slow>) -> (SocketAddr, oneshot::Sender<Infallible>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let world = Arc::new(World::new(Config::default()));
        let (running, stopped) = oneshot::channel();
        let time = Duration::from_secs(1);
        tokio::spawn(serve(listener, world, Arc::clone(slow), time, stopped));
        (address, running)
    }

    #[tokio::test]
    async fn a_long_request_delays_no_short_one() {
        // No long request has its turn yet.
        let slow = Arc::new(Slow::new(0, ROOM));
        let (address, _running) = start(&slow).await;
        let pairs = "a=&".repeat(10_000) + "a=";
        let mut long = Box::pin(ask(address, "/", &pairs));
        let target = format!("/?{pairs}");
        let mut in_query = Box::pin(ask(address, &target, ""));
        for _ in 0..10 {
            tokio::select! {
                biased;
                _ = &mut long => unreachable!("it has no turn"),
                _ = &mut in_query => unreachable!("it has no turn"),
                code = ask(address, "/", "a=") => assert_eq!(code, "MissingAction"),
            }
        }
        slow.turn.add_permits(1);
        assert_eq!(long.await, "MissingAction");
        assert_eq!(in_query.await, "MissingAction");
    }

    #[tokio::test]
    async fn a_connection_without_a_whole_head_is_closed() {
        let slow = Arc::new(Slow::new(1, ROOM));
        let (address, _running) = start(&slow).await;
        let whole = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
        for sent in ["", "POST / HTTP/1.1\r\nHost:", whole] {
            let mut client = TcpStream::connect(address).await.unwrap();
            client.write_all(sent.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            client.read_to_end(&mut answer).await.unwrap();
            assert_eq!(answer.is_empty(), sent != whole, "{sent}");
        }
    }

    #[tokio::test]
    async fn long_requests_share_a_room() {
        let pairs = "a=&".repeat(10_000) + "a=";
        let slow = Arc::new(Slow::new(1, pairs.len() - QUICK - 1));
        let (address, _running) = start(&slow).await;
        assert_eq!(ask(address, "/", &pairs).await, "Unavailable");
        slow.room.add_permits(1);
        for _ in 0..3 {
            assert_eq!(ask(address, "/", &pairs).await, "MissingAction");
        }
    }
}
