//! A connection that acknowledges at once what it receives.
//!
//! Many servers, Python's `http.server` among them, write the head and the body of an answer with a
//! call each. Their system then holds the body back until the head is acknowledged (Nagle's
//! algorithm), and ours waits 40 ms for something to send along with that (delayed acknowledgements,
//! RFC 9293, section 3.8.6.3). Where the system can be told not to wait, it is.

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::net::TcpStream;

type Inner = MaybeHttpsStream<TokioIo<TcpStream>>;

/// A connection, with or without TLS.
pub(super) struct Prompt(pub(super) Inner);

impl Prompt {
    /// Sending something makes the system wait again, so this is said before each reading.
    fn acknowledge_at_once(&self) {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            let tcp = match &self.0 {
                MaybeHttpsStream::Http(tcp) => tcp.inner(),
                MaybeHttpsStream::Https(tls) => tls.inner().get_ref().0.inner().inner(),
            };
            // Without it, answers only come later.
            _ = tcp.set_quickack(true);
        }
    }

    fn inner(self: Pin<&mut Self>) -> Pin<&mut Inner> {
        Pin::new(&mut self.get_mut().0)
    }
}

impl Read for Prompt {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
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
        self.0.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.inner().poll_write_vectored(context, pieces)
    }
}
