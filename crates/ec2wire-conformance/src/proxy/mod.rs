//! A reverse proxy that passes bytes on unchanged and reports the exchanges.
//!
//! Bytes are passed on first and inspected afterwards, so neither judging nor unreadable messages
//! delay them. At most [`KEPT_OF_BODY`] bytes of each body are kept, and at most [`KEPT_OF_ALL`]
//! bytes of all connections together. At most [`WAITING`] exchanges wait to be judged; more are left
//! out and counted.
//!
//! ```
//! use ec2wire_conformance::proxy::Proxy;
//! use tokio::sync::{mpsc, watch};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let proxy = Proxy::bind(([127, 0, 0, 1], 0).into(), "http://127.0.0.1:4566").await?;
//! println!("listening on {}", proxy.url());
//! let (exchanges, mut judged) = mpsc::channel(ec2wire_conformance::proxy::WAITING);
//! let (stop, stopped) = watch::channel(false);
//! let running = tokio::spawn(proxy.run(exchanges, stopped));
//! stop.send(true)?;
//! assert!(judged.recv().await.is_none());
//! running.await?;
//! # Ok(())
//! # }
//! ```

mod memory;
mod observer;
mod places;

pub use memory::Passed;

use crate::record::{Kind, RunHead};
use crate::subject::http::connector;
use crate::subject::listener::ACCEPT_PAUSE;
use crate::text::count_of;
use http::Uri;
use hyper_util::rt::TokioIo;
use memory::Memory;
use observer::Observer;
use places::{Place, Places};
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tower_service::Service as _;

/// The maximum number of body bytes that are kept for judging.
pub const KEPT_OF_BODY: usize = 256 * 1024;
/// The maximum number of bytes that are kept of all connections together, until they are judged.
pub const KEPT_OF_ALL: usize = 64 * 1024 * 1024;
/// The maximum number of exchanges that wait to be judged.
pub const WAITING: usize = 8192;

/// How many bytes are passed on at a time.
const PIECE: usize = 16 * 1024;
/// How long a server may be silent after its client has closed its end.
const LINGER: Duration = Duration::from_secs(30);
/// The reason for an exchange that the client broke off.
const CLIENT_GONE: &str = "the client closed its end";
/// What clients are told that wait in vain for another connection to end.
const TOO_MANY: &str = "too many connections are open; does the upstream lead back here?";
/// How long a request that cannot be passed on may take to arrive.
const REFUSAL: Duration = Duration::from_secs(3);
/// The pause before a client's connection is reset, in which it gets what was passed on before.
const RESET_PAUSE: Duration = Duration::from_millis(50);
/// How long exchanges may take to end when the proxy stops.
const GRACE: Duration = Duration::from_secs(2);
/// The pause before each look whether a connection is idle when the proxy stops.
const IDLE_PAUSE: Duration = Duration::from_millis(20);

/// Why a proxy cannot be set up.
#[derive(Debug)]
pub struct ProxyError(String);

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ProxyError {}

/// A listening proxy.
#[derive(Debug)]
pub struct Proxy {
    listener: TcpListener,
    address: SocketAddr,
    upstream: Uri,
}

impl Proxy {
    /// Listens at an address for requests to a server, which an `http` or `https` URL without a
    /// path names.
    ///
    /// Fails if the URL is not like that, or the address is in use.
    pub async fn bind(address: SocketAddr, upstream: &str) -> Result<Self, ProxyError> {
        // Do not echo a URL with an @: it may contain a password.
        let uri: Uri = upstream
            .parse()
            .ok()
            .filter(|_| !upstream.contains('@'))
            .ok_or_else(|| ProxyError("the upstream is not a server's URL".into()))?;
        let has_scheme = matches!(uri.scheme_str(), Some("http" | "https"));
        if !has_scheme || uri.path_and_query().is_some_and(|path| path != "/") {
            let what =
                format!("the upstream `{upstream}` must be an http or https URL without a path");
            return Err(ProxyError(what));
        }
        if is_own(address, &uri).await {
            let what =
                format!("the upstream `{upstream}` is the address that the proxy listens at");
            return Err(ProxyError(what));
        }
        let taken = |error: io::Error| ProxyError(format!("{address}: {error}"));
        let listener = TcpListener::bind(address).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Self {
            listener,
            address,
            upstream: uri,
        })
    }

    /// The address that it listens at.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The head of the record of its traffic.
    pub fn head(&self) -> RunHead {
        let mut head = RunHead::new(Kind::Proxy, self.upstream.to_string());
        head.started = format!("{:.0}", jiff::Timestamp::now());
        head
    }

    /// Passes requests on until `stopped` becomes true, and sends each exchange to `exchanges` when
    /// it is over. Returns how many were left out because too many waited there.
    pub async fn run(
        self,
        exchanges: mpsc::Sender<Passed>,
        mut stopped: watch::Receiver<bool>,
    ) -> usize {
        let mut connections = JoinSet::new();
        let upstream = Arc::new(self.upstream);
        let sink = Arc::new(Sink::new(exchanges));
        let mut places = Places::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                Some(_) = connections.join_next() => continue,
                _ = stopped.wait_for(|stop| *stop) => break,
            };
            let Ok((client, _)) = accepted else {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let place = tokio::select! {
                place = places.take() => place,
                _ = stopped.wait_for(|stop| *stop) => break,
            };
            let (upstream, sink) = (Arc::clone(&upstream), Arc::clone(&sink));
            let stopped = stopped.clone();
            _ = client.set_nodelay(true);
            connections.spawn(async move {
                match place {
                    Place::Connection(_) => connection(client, &upstream, &sink, stopped).await,
                    Place::Refusal(_) => {
                        refuse(client, &sink, "503 Service Unavailable", TOO_MANY).await;
                    }
                }
                drop(place);
            });
        }
        drop(self.listener);
        // Each connection ends by itself after a while, and reports its unfinished exchanges.
        let ended = async { while connections.join_next().await.is_some() {} };
        _ = tokio::time::timeout(GRACE * 2, ended).await;
        sink.all_left_out.load(Ordering::Relaxed)
    }
}

/// Where exchanges go that are over. It never waits.
struct Sink {
    exchanges: mpsc::Sender<Passed>,
    memory: Memory,
    /// How many were left out since the last one that was not.
    left_out: AtomicUsize,
    all_left_out: AtomicUsize,
}

impl Sink {
    fn new(exchanges: mpsc::Sender<Passed>) -> Self {
        Self {
            exchanges,
            memory: Memory::new(KEPT_OF_ALL),
            left_out: AtomicUsize::new(0),
            all_left_out: AtomicUsize::new(0),
        }
    }

    fn put(&self, mut passed: Passed) {
        let Ok(place) = self.exchanges.try_reserve() else {
            self.left_out.fetch_add(1, Ordering::Relaxed);
            self.all_left_out.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let left_out = self.left_out.swap(0, Ordering::Relaxed);
        if left_out > 0 {
            passed.exchange.notes.push(format!(
                "{} before it were left out, because too many waited to be judged",
                count_of(left_out, "exchange")
            ));
        }
        place.send(passed);
    }
}

/// Whether a proxy that listens at that address would get what it sends to the upstream.
async fn is_own(listening: SocketAddr, upstream: &Uri) -> bool {
    let https = upstream.scheme_str() == Some("https");
    let port = upstream.port_u16().unwrap_or(if https { 443 } else { 80 });
    // Nobody knows in advance which free port it gets.
    if port != listening.port() || port == 0 {
        return false;
    }
    let host = upstream.host().unwrap_or_default().trim_matches(['[', ']']);
    // A name that has no address now may get one later.
    let found = tokio::net::lookup_host((host, port)).await;
    found.is_ok_and(|mut found| found.any(|one| leads_to(one.ip(), listening.ip())))
}

/// Whether a connection to one address ends at a listener at the other one.
fn leads_to(to: IpAddr, listening: IpAddr) -> bool {
    let (to, listening) = (to.to_canonical(), listening.to_canonical());
    // A listener at `::` usually gets connections to addresses of both kinds.
    let is_its_kind = listening.is_ipv6() || to.is_ipv4();
    // Only an address of this machine can be bound.
    let is_here = || to.is_loopback() || UdpSocket::bind((to, 0)).is_ok();
    to == listening
        || to.is_unspecified() && listening.is_loopback() && to.is_ipv4() == listening.is_ipv4()
        || listening.is_unspecified() && is_its_kind && is_here()
}

/// Answers in the place of the server, records the request, and ends the connection.
async fn refuse(mut client: TcpStream, sink: &Sink, status: &str, why: &str) {
    let mut observer = Observer::new(&sink.memory);
    let request = read_request(&mut client, &mut observer);
    _ = tokio::time::timeout(REFUSAL, request).await;
    let body = format!("ec2wire proxy: {why}\n");
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    // A client that is gone needs no answer.
    _ = client.write_all(answer.as_bytes()).await;
    _ = client.shutdown().await;
    for exchange in observer.give_up(why) {
        sink.put(exchange);
    }
}

/// Passes on the traffic of a connection.
async fn connection(
    client: TcpStream,
    upstream: &Uri,
    sink: &Sink,
    mut stopped: watch::Receiver<bool>,
) {
    let server = match connect(upstream).await {
        Ok(server) => server,
        Err(why) => {
            let why = format!("cannot reach the upstream: {why}");
            return refuse(client, sink, "502 Bad Gateway", &why).await;
        }
    };
    let observer = Mutex::new(Observer::new(&sink.memory));
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = tokio::io::split(TokioIo::new(server));
    // Both directions at once: a server may answer before it has read the request.
    let up = pass(
        &mut from_client,
        &mut to_server,
        &observer,
        sink,
        Observer::request,
    );
    let down = pass(
        &mut from_server,
        &mut to_client,
        &observer,
        sink,
        Observer::answer,
    );
    let both = async {
        tokio::pin!(up);
        tokio::pin!(down);
        let answered = tokio::select! {
            ended = &mut up => {
                // A server that stopped reading may have ended the exchange itself.
                if ended != End::Refused {
                    lock(&observer).breaks_off(CLIENT_GONE);
                }
                linger(down, &observer).await
            }
            // Without a server, nobody takes the rest.
            ended = &mut down => ended,
        };
        match answered {
            End::Closed => false,
            End::Broken => lock(&observer).is_broken_off(),
            End::Refused => {
                lock(&observer).breaks_off(CLIENT_GONE);
                false
            }
        }
    };
    let stop = async {
        _ = stopped.wait_for(|stop| *stop).await;
        _ = tokio::time::timeout(GRACE, until_idle(&observer)).await;
    };
    let is_broken_off = tokio::select! {
        is_broken_off = both => is_broken_off,
        () = stop => {
            lock(&observer).breaks_off("the proxy was stopped");
            false
        }
    };
    if is_broken_off {
        // A clean end would make a part of an answer look like all of it.
        tokio::time::sleep(RESET_PAUSE).await;
        _ = to_client.as_ref().set_zero_linger();
        to_client.forget();
        drop(from_client);
    }
    let rest = lock(&observer).end();
    for exchange in rest {
        sink.put(exchange);
    }
}

/// How a direction ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Its sender closed it.
    Closed,
    /// Its sender broke it off, as a reset does.
    Broken,
    /// Its receiver takes no more, or waits no longer.
    Refused,
}

/// Waits until nothing is in flight. What has just arrived is read first.
async fn until_idle(observer: &Mutex<Observer>) {
    loop {
        tokio::time::sleep(IDLE_PAUSE).await;
        if lock(observer).is_idle() {
            return;
        }
    }
}

/// Waits for what a server still sends to a client that has closed its end, as long as it sends
/// something.
async fn linger(mut down: Pin<&mut impl Future<Output = End>>, observer: &Mutex<Observer>) -> End {
    loop {
        let answered = lock(observer).answered();
        tokio::select! {
            ended = &mut down => return ended,
            () = tokio::time::sleep(LINGER) => {
                if lock(observer).answered() == answered {
                    return End::Refused;
                }
            }
        }
    }
}

/// Reads a request, up to the number of bytes that are kept.
async fn read_request(client: &mut TcpStream, observer: &mut Observer) {
    let mut room = KEPT_OF_BODY;
    while room > 0 && !observer.has_request() {
        let Ok(piece) = next(client).await else {
            return;
        };
        if piece.is_empty() {
            return;
        }
        observer.request(&piece);
        room = room.saturating_sub(piece.len());
    }
}

async fn connect(
    upstream: &Uri,
) -> Result<impl hyper::rt::Read + hyper::rt::Write + Send + Unpin + use<>, String> {
    let mut connector = connector()?;
    connector
        .call(upstream.clone())
        .await
        .map_err(|error| error.to_string())
}

/// What was observed is valid even after a panic.
fn lock(observer: &Mutex<Observer>) -> MutexGuard<'_, Observer> {
    observer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The next bytes; none at the end. As long as nothing comes, no memory waits for it: most connections
/// are idle most of the time.
async fn next(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    poll_fn(|context| {
        let mut place = [const { MaybeUninit::uninit() }; PIECE];
        let mut piece = ReadBuf::uninit(&mut place);
        ready!(Pin::new(&mut *from).poll_read(context, &mut piece))?;
        Poll::Ready(Ok(piece.filled().to_vec()))
    })
    .await
}

/// Passes bytes on in one direction until they end, and then shows them to the observer.
async fn pass(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    observer: &Mutex<Observer>,
    sink: &Sink,
    look: fn(&mut Observer, &[u8]) -> Vec<Passed>,
) -> End {
    loop {
        let piece = match next(from).await {
            Ok(piece) if piece.is_empty() => break,
            Ok(piece) => piece,
            // Many servers end TLS like that, and many clients read it as the end.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(_) => return End::Broken,
        };
        let written = to.write_all(&piece).await.is_ok() && to.flush().await.is_ok();
        let over = look(&mut lock(observer), &piece);
        for exchange in over {
            sink.put(exchange);
        }
        if !written {
            return End::Refused;
        }
    }
    _ = to.shutdown().await;
    End::Closed
}
