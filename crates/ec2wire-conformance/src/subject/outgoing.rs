//! Sends a request's body.

use crate::format::case::Framing;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// The number of pieces that a body is split into.
const PIECES: usize = 3;

/// The pause after each piece, so that a server that reads only once gets only a part.
const PAUSE: Duration = Duration::from_millis(10);

/// A body that is sent at once, in pieces or in chunks.
pub(super) struct Outgoing {
    left: Bytes,
    /// The length of a piece, in bytes.
    piece: usize,
    has_length: bool,
    /// The pause before the next piece.
    pause: Option<Pin<Box<Sleep>>>,
}

impl Outgoing {
    pub(super) fn new(body: Vec<u8>, framing: Framing) -> Self {
        let at_once = framing == Framing::Sized || body.is_empty();
        let piece = if at_once {
            body.len()
        } else {
            body.len().div_ceil(PIECES)
        };
        Self {
            left: body.into(),
            piece,
            has_length: framing != Framing::Chunked,
            pause: (!at_once).then(|| Box::pin(sleep(PAUSE))),
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        if let Some(pause) = &mut self.pause {
            if pause.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.pause = Some(Box::pin(sleep(PAUSE)));
        }
        let length = self.piece.min(self.left.len());
        let piece = self.left.split_to(length);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.has_length && self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        match u64::try_from(self.left.len()) {
            Ok(length) if self.has_length => SizeHint::with_exact(length),
            _ => SizeHint::new(),
        }
    }
}
