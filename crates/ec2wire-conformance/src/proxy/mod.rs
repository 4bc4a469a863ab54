//! A reverse proxy that passes bytes on as they are, and says what went over it.
//!
//! Bytes are passed on first and looked at then, so that neither judging nor a message that cannot
//! be read holds them up. Of a message at most [`KEPT`] bytes of its body are kept, and at most
//! [`WAITING`] exchanges wait to be judged; where more come, their connections wait.
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

mod observer;

use crate::record::{Kind, RunHead};
use crate::subject::http::connector;
use crate::wire::Exchange;
use http::Uri;
use hyper_util::rt::TokioIo;
use observer::Observer;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tower_service::Service as _;

/// The most bytes of a body that are kept to be judged.
pub const KEPT: usize = 256 * 1024;
/// How many exchanges may wait to be judged.
pub const WAITING: usize = 64;

/// How much is passed on at a time, in bytes.
const PIECE: usize = 16 * 1024;
/// How long to wait after the system refused a connection, as it does when files run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long a server may say nothing to a client that has said its last.
const LINGER: Duration = Duration::from_secs(30);
/// Who ended an exchange that is not over.
const CLIENT_GONE: &str = "the client closed its end";
/// How long a request may take to come that cannot be passed on.
const REFUSAL: Duration = Duration::from_secs(3);
/// How long connections may take to end when the proxy stops.
const GRACE: Duration = Duration::from_secs(2);

/// A proxy that cannot be set up.
#[derive(Debug)]
pub struct ProxyError(String);

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ProxyError {}

/// A proxy that listens.
#[derive(Debug)]
pub struct Proxy {
    listener: TcpListener,
    address: SocketAddr,
    upstream: Uri,
}

impl Proxy {
    /// Listens at an address for requests to a server at an `http` or `https` URL without a path.
    ///
    /// Fails where the URL is another one, or the address is taken.
    pub async fn bind(address: SocketAddr, upstream: &str) -> Result<Self, ProxyError> {
        // What stands in front of an @ may be a password; the URL is not echoed.
        let uri: Uri = upstream
            .parse()
            .ok()
            .filter(|_| !upstream.contains('@'))
            .ok_or_else(|| ProxyError("the upstream is no URL of a server".into()))?;
        let has_scheme = matches!(uri.scheme_str(), Some("http" | "https"));
        if !has_scheme || uri.path_and_query().is_some_and(|path| path != "/") {
            let what = format!("the upstream `{upstream}` is no http or https URL without a path");
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

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The head of the record of what goes over it.
    pub fn head(&self) -> RunHead {
        let mut head = RunHead::new(Kind::Proxy, self.upstream.to_string());
        head.started = jiff::Timestamp::now().to_string();
        head
    }

    /// Passes requests on until `stopped` becomes true, and hands out each exchange when it is
    /// over.
    pub async fn run(self, exchanges: mpsc::Sender<Exchange>, mut stopped: watch::Receiver<bool>) {
        let mut connections = JoinSet::new();
        let upstream = Arc::new(self.upstream);
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
            let (upstream, exchanges) = (Arc::clone(&upstream), exchanges.clone());
            let stopped = stopped.clone();
            connections.spawn(async move {
                _ = client.set_nodelay(true);
                connection(client, &upstream, &exchanges, stopped).await;
            });
        }
        drop(self.listener);
        // Each ends by itself after a while, and hands out what is not over.
        let ended = async { while connections.join_next().await.is_some() {} };
        _ = tokio::time::timeout(GRACE * 2, ended).await;
    }
}

/// Passes on what comes over a connection.
async fn connection(
    mut client: TcpStream,
    upstream: &Uri,
    sink: &mpsc::Sender<Exchange>,
    mut stopped: watch::Receiver<bool>,
) {
    let server = match connect(upstream).await {
        Ok(server) => server,
        Err(why) => {
            let why = format!("the upstream cannot be reached: {why}");
            // What it would have been sent is in the record all the same.
            let mut observer = Observer::default();
            let request = read_request(&mut client, &mut observer);
            _ = tokio::time::timeout(REFUSAL, request).await;
            let body = format!("ec2wire proxy: {why}\n");
            let answer = format!(
                "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{body}",
                body.len()
            );
            // A client that is gone needs no answer.
            _ = client.write_all(answer.as_bytes()).await;
            _ = client.shutdown().await;
            for exchange in observer.give_up(&why) {
                _ = sink.send(exchange).await;
            }
            return;
        }
    };
    let observer = Mutex::new(Observer::default());
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = tokio::io::split(TokioIo::new(server));
    // Both at once: a server may answer before it has read the request.
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
        let to_client = tokio::select! {
            ended = &mut up => {
                // A server that takes no more may have ended itself.
                if ended {
                    lock(&observer).breaks_off(CLIENT_GONE);
                }
                linger(down, &observer).await
            }
            // Without a server there is nobody to send the rest to.
            written = &mut down => written,
        };
        if !to_client {
            lock(&observer).breaks_off(CLIENT_GONE);
        }
    };
    let stop = async {
        // Where nobody can stop it any more it is stopped.
        _ = stopped.wait_for(|stop| *stop).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        () = both => {}
        () = stop => lock(&observer).breaks_off("the proxy was stopped"),
    }
    let rest = lock(&observer).end();
    for exchange in rest {
        _ = sink.send(exchange).await;
    }
}

/// Waits for what a server still has to say to a client that says nothing more itself, as long as
/// it says something.
async fn linger(
    mut down: Pin<&mut impl Future<Output = bool>>,
    observer: &Mutex<Observer>,
) -> bool {
    loop {
        let said = lock(observer).answered();
        tokio::select! {
            written = &mut down => return written,
            () = tokio::time::sleep(LINGER) => {
                if lock(observer).answered() == said {
                    return false;
                }
            }
        }
    }
}

/// Reads a request, and no more of it than is kept.
async fn read_request(client: &mut TcpStream, observer: &mut Observer) {
    let mut piece = vec![0; PIECE];
    let mut room = KEPT;
    while room > 0 && !observer.has_request() {
        let Ok(length @ 1..) = client.read(&mut piece).await else {
            return;
        };
        observer.request(piece.get(..length).unwrap_or_default());
        room = room.saturating_sub(length);
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

/// What a panic left behind is still what came.
fn lock(observer: &Mutex<Observer>) -> MutexGuard<'_, Observer> {
    observer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Passes bytes on in one direction until they end, and lets the observer look at them then. Returns
/// whether all could be written.
async fn pass(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    observer: &Mutex<Observer>,
    sink: &mpsc::Sender<Exchange>,
    look: fn(&mut Observer, &[u8]) -> Vec<Exchange>,
) -> bool {
    let mut piece = vec![0; PIECE];
    // A connection that breaks ends like one that is closed; the observer sees what is missing.
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let bytes = piece.get(..length).unwrap_or_default();
        let written = to.write_all(bytes).await.is_ok() && to.flush().await.is_ok();
        let over = look(&mut lock(observer), bytes);
        for exchange in over {
            _ = sink.send(exchange).await;
        }
        if !written {
            return false;
        }
    }
    _ = to.shutdown().await;
    true
}
