//! The endpoint for a client under test: it records every request and answers as the case says.

use crate::catalogue::answers::{Answers, Ready, Taker};
use crate::wire::http1::{self, BodyReader, RequestHead};
use crate::wire::secrets::Known;
use crate::wire::{Request, Response, exchange};
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// The maximum length of a recorded body, in bytes. The longest of a case has a tenth.
const MAX_BODY: usize = 256 * 1024;
/// The same of all bodies of a call together: a client that sends one call again and again must not
/// keep the run busy with judging them.
const MAX_BODIES: usize = 3 * MAX_BODY;
/// How long to wait after the system refused a connection, for example for lack of file descriptors.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How many requests of a call are recorded and judged: the first ones and the last. Few clients try
/// more than five times.
const MOST_SEEN: usize = 16;
/// How many messages that are not requests are told.
const MOST_STRAYS: usize = 8;

/// A received request and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) request: Request,
    /// The answer's name in the case.
    pub(crate) name: String,
    pub(crate) request_id: String,
    /// The answer; `None` if the connection was closed.
    pub(crate) response: Option<Response>,
    /// What is wrong with the request as an HTTP message.
    pub(crate) damage: Option<String>,
}

impl Seen {
    /// The secrets of both messages.
    pub(crate) fn secrets(&self) -> Known {
        exchange::secrets(Some(&self.request), self.response.as_ref())
    }
}

/// What was received since a call began.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    pub(crate) seen: Vec<Seen>,
    /// Bytes that are not a request.
    pub(crate) strays: Vec<String>,
    /// How many requests before the last one were not recorded, from a client that repeats them
    /// forever.
    pub(crate) left_out: usize,
}

/// What an endpoint answers, and what it received.
#[derive(Debug, Default)]
struct Script {
    /// The names of the answers; the last one is repeated.
    answers: Vec<String>,
    received: Received,
}

impl Script {
    fn keep(&mut self, seen: Seen) {
        let Received {
            seen: kept,
            left_out,
            ..
        } = &mut self.received;
        let bodies: usize = kept.iter().map(|one| one.request.body.len()).sum();
        if kept.len() >= MOST_SEEN || bodies + seen.request.body.len() > MAX_BODIES {
            *left_out += usize::from(kept.pop().is_some());
        }
        kept.push(seen);
    }

    fn stray(&mut self, what: String) {
        if self.received.strays.len() < MOST_STRAYS {
            self.received.strays.push(what);
        }
    }
}

/// An endpoint on loopback. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    url: String,
    script: Arc<Mutex<Script>>,
    server: AbortHandle,
}

impl Listener {
    /// Listens on a free port.
    pub(crate) async fn bind(answers: Arc<Answers>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let script = Arc::new(Mutex::new(Script::default()));
        let serve = serve(listener, Arc::clone(&script), answers);
        let server = tokio::spawn(serve).abort_handle();
        Ok(Self {
            url,
            script,
            server,
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Begins a call that gets these answers.
    pub(crate) fn begin(&self, answers: Vec<String>) {
        *lock(&self.script) = Script {
            answers,
            ..Script::default()
        };
    }

    /// What was received since the call began.
    pub(crate) fn received(&self) -> Received {
        lock(&self.script).received.clone()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What was received is valid even after a panic.
fn lock(script: &Mutex<Script>) -> MutexGuard<'_, Script> {
    script.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, script: Arc<Mutex<Script>>, answers: Arc<Answers>) {
    // All connections are dropped with this task.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                };
                _ = stream.set_nodelay(true);
                let (script, answers) = (Arc::clone(&script), Arc::clone(&answers));
                connections.spawn(async move {
                    // A broken connection is the client's business.
                    _ = connection(stream, &script, &answers).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Answers the requests on a connection.
async fn connection(
    mut stream: TcpStream,
    script: &Mutex<Script>,
    answers: &Answers,
) -> io::Result<()> {
    let mut bytes = Vec::new();
    loop {
        let (request, damage) = match read(&mut stream, &mut bytes).await? {
            Read::Nothing => return Ok(()),
            Read::NoRequest(what) => {
                lock(script).stray(what);
                return Ok(());
            }
            Read::Request(request, damage) => (request, damage),
        };
        let request_id = uuid::Uuid::new_v4().to_string();
        let name = {
            let script = lock(script);
            let Received { seen, left_out, .. } = &script.received;
            let at = (seen.len() + left_out).min(script.answers.len().saturating_sub(1));
            script.answers.get(at).cloned().unwrap_or_default()
        };
        let is_old = request.version == "HTTP/1.0";
        let keeps = !is_old
            && !request
                .header("connection")
                .is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let taker = Taker {
            gzip: takes_gzip(&request),
            chunks: !is_old,
        };
        let ready = answers.ready(&name, &request_id, taker);
        // Unknown names were refused when the case was read.
        let Ready {
            wire,
            closes,
            response,
        } = ready.map_err(io::Error::other)?;
        let ends = closes || !keeps || damage.is_some();
        lock(script).keep(Seen {
            request,
            name,
            request_id,
            response,
            damage,
        });
        stream.write_all(&wire).await?;
        stream.flush().await?;
        if ends {
            stream.shutdown().await?;
            return Ok(());
        }
    }
}

/// Whether the client accepts gzip, with a weight other than 0.
fn takes_gzip(request: &Request) -> bool {
    let codings =
        http1::all(&request.headers, "accept-encoding").flat_map(|value| value.split(','));
    codings.map(str::trim).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| {
            ["gzip", "x-gzip"]
                .iter()
                .any(|gzip| name.eq_ignore_ascii_case(gzip))
        });
        let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        let is_refused = weight.and_then(|weight| weight.parse::<f32>().ok()) == Some(0.0);
        is_gzip && !is_refused
    })
}

/// What came over a connection.
enum Read {
    Nothing,
    /// A request, and its damage.
    Request(Request, Option<String>),
    NoRequest(String),
}

/// Reads a request. The bytes after it stay in `bytes`.
async fn read(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<Read> {
    let head = loop {
        // Ignore empty lines before a request.
        let blank = bytes
            .iter()
            .take_while(|b| matches!(b, b'\r' | b'\n'))
            .count();
        bytes.drain(..blank);
        match RequestHead::read(bytes) {
            Ok(Some(head)) => break head,
            Ok(None) => {}
            Err(error) => {
                let start = bytes.get(..bytes.len().min(60)).unwrap_or_default();
                let start = start.escape_ascii().to_string();
                return Ok(Read::NoRequest(format!("{error}: `{start}`")));
            }
        }
        if stream.read_buf(bytes).await? == 0 {
            return Ok(if bytes.is_empty() {
                Read::Nothing
            } else {
                Read::NoRequest("the connection ended within a head".into())
            });
        }
    };
    bytes.drain(..head.fields.length);
    let framing = head.framing();
    let mut request = Request {
        method: head.method,
        target: head.target,
        version: format!("HTTP/1.{}", head.fields.minor),
        headers: head.fields.headers,
        body: Vec::new(),
    };
    let framing = match framing {
        Ok(framing) => framing,
        Err(error) => return Ok(Read::Request(request, Some(error.to_string()))),
    };
    let expects = request.header("expect");
    if expects.is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    let mut reader = BodyReader::new(framing);
    loop {
        let body = &mut request.body;
        let taken = reader.push(bytes, &mut |piece| body.extend_from_slice(piece));
        match taken {
            Ok(taken) => drop(bytes.drain(..taken)),
            Err(error) => return Ok(Read::Request(request, Some(error.to_string()))),
        }
        if reader.is_done() {
            return Ok(Read::Request(request, None));
        }
        if request.body.len() > MAX_BODY {
            let damage = format!("the body is longer than {MAX_BODY} bytes");
            return Ok(Read::Request(request, Some(damage)));
        }
        if stream.read_buf(bytes).await? == 0 {
            let damage = "the connection ended within the body".to_owned();
            return Ok(Read::Request(request, Some(damage)));
        }
    }
}
