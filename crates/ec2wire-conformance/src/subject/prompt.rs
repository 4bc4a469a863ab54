//! A connection that acknowledges at once what it receives.
//!
//! Many servers, Python's `http.server` among them, write the head and the body of an answer with a
//! call each. Their system then holds the body back until the head is acknowledged (Nagle's
//! algorithm), and ours waits 40 ms for something to send along with that (delayed acknowledgements,
//! RFC 9293, section 3.8.6.3). Where the system can be told not to wait, it is.
//!
//! It also ends a flood of interim responses, which hyper would read for ever.

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::net::TcpStream;

type Inner = MaybeHttpsStream<TokioIo<TcpStream>>;

/// How many interim responses (1xx) a request may get. A server that sends one a second has long
/// been given up before.
const MOST_INTERIM: usize = 1000;

/// How many interim responses the current request of a connection got.
#[derive(Debug, Clone, Default)]
pub(super) struct Interim(Arc<AtomicUsize>);

impl Interim {
    /// Starts again, for the next request.
    pub(super) fn renew(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    pub(super) fn note(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn are_too_many(&self) -> bool {
        self.0.load(Ordering::Relaxed) > MOST_INTERIM
    }
}

/// A connection, with or without TLS.
pub(super) struct Prompt {
    stream: Inner,
    interim: Interim,
}

impl Prompt {
    pub(super) fn new(stream: Inner, interim: Interim) -> Self {
        Self { stream, interim }
    }

    /// Sending something makes the system wait again, so this is said before each reading.
    fn acknowledge_at_once(&self) {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            let tcp = match &self.stream {
                MaybeHttpsStream::Http(tcp) => tcp.inner(),
                MaybeHttpsStream::Https(tls) => tls.inner().get_ref().0.inner().inner(),
            };
            // Without it, answers only come later.
            _ = tcp.set_quickack(true);
        }
    }

    fn inner(self: Pin<&mut Self>) -> Pin<&mut Inner> {
        Pin::new(&mut self.get_mut().stream)
    }
}

impl Read for Prompt {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if self.interim.are_too_many() {
            let what = format!("the server sent more than {MOST_INTERIM} interim responses");
            return Poll::Ready(Err(io::Error::other(what)));
        }
        self.acknowledge_at_once();
        self.inner().poll_read(context, buffer)
    }
}

impl Write for Prompt {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.inner().poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.inner().poll_write_vectored(context, pieces)
    }
}
