//! Hands an answer to hyper, in one piece or as a hook demands.

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http_body_util::{Either, Full};
use hyper::body::{Body, Frame};
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// How an answer is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    /// In one piece, with its length.
    Whole,
    /// In chunks.
    Chunked,
    /// Only the first half, with the length of the whole. Then the connection ends.
    Half,
    /// Only the first half, in chunks and without the last chunk. Then the connection ends.
    HalfChunked,
    /// In the encoding ISO 8859-1, with `?` for characters that it lacks.
    Latin1,
    /// Never.
    Hang,
    /// Not at all: the connection ends.
    Close,
}

/// An answer for hyper.
pub(super) type Answer = http::Response<Either<Full<Bytes>, Pieces>>;

/// A body whose length is not known in advance.
pub(super) struct Pieces {
    pieces: VecDeque<Bytes>,
    /// Whether the connection breaks after the last piece.
    breaks: bool,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(match self.pieces.pop_front() {
            Some(piece) => Some(Ok(Frame::data(piece))),
            None if self.breaks => Some(Err(broken())),
            None => None,
        })
    }
}

fn broken() -> io::Error {
    io::Error::other("the connection ends on purpose")
}

/// Delivers the answer. An error closes the connection.
pub(super) async fn deliver(
    response: http::Response<String>,
    delivery: Delivery,
) -> io::Result<Answer> {
    let (mut head, body) = response.into_parts();
    let body = Bytes::from(body);
    let body = match delivery {
        Delivery::Whole => Either::Left(Full::new(body)),
        Delivery::Latin1 => Either::Left(Full::new(latin_1(&body))),
        Delivery::Chunked => Either::Right(pieces(&body, false)),
        Delivery::HalfChunked => Either::Right(pieces(&half(&body), true)),
        Delivery::Half => {
            head.headers.insert(CONTENT_LENGTH, body.len().into());
            Either::Right(pieces(&half(&body), true))
        }
        Delivery::Hang => std::future::pending().await,
        Delivery::Close => return Err(broken()),
    };
    Ok(http::Response::from_parts(head, body))
}

/// A body in two pieces.
fn pieces(body: &Bytes, breaks: bool) -> Pieces {
    let mut rest = body.clone();
    let first = rest.split_to(rest.len() / 2);
    Pieces {
        pieces: [first, rest].into(),
        breaks,
    }
}

fn half(body: &Bytes) -> Bytes {
    body.slice(..body.len() / 2)
}

fn latin_1(body: &[u8]) -> Bytes {
    let text = String::from_utf8_lossy(body);
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect()
}
