//! Reads the messages of a connection from its bytes without delaying them.

use super::KEPT;
use crate::wire::http1::{AnswerHead, BodyReader, Framing, NotHttp, RequestHead};
use crate::wire::{Exchange, Request, Response};
use std::collections::VecDeque;
use std::time::Instant;

/// How many requests may wait for their answers on one connection; the rest is not inspected.
const MOST_PIPELINED: usize = 32;

/// The state of a connection.
#[derive(Default)]
pub(super) struct Observer {
    requests: Side<RequestHead>,
    answers: Side<AnswerHead>,
    /// Requests without an answer so far, oldest first. The last one may be incomplete.
    waiting: VecDeque<Sent>,
    /// Whether the rest is not HTTP and is only passed on.
    blind: bool,
    /// What ended the unfinished exchanges, other than the server.
    broke_off: Option<&'static str>,
    /// Whether the server broke the connection off, as a reset does.
    is_reset: bool,
    /// How many bytes came from the server.
    answered: u64,
}

/// Why a connection is no longer inspected.
enum Unread {
    NotHttp(NotHttp),
    TooMany,
}

impl From<NotHttp> for Unread {
    fn from(error: NotHttp) -> Self {
        Self::NotHttp(error)
    }
}

/// A request.
struct Sent {
    request: Request,
    since: Instant,
    at: jiff::Timestamp,
    is_whole: bool,
    /// The number of body bytes that were not kept.
    left_out: u64,
}

/// One direction: the bytes of an incomplete head, or a message whose body is incomplete.
struct Side<H> {
    bytes: Vec<u8>,
    message: Option<Message<H>>,
}

struct Message<H> {
    head: H,
    reader: BodyReader,
    body: Vec<u8>,
    left_out: u64,
}

impl<H> Default for Side<H> {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            message: None,
        }
    }
}

impl<H> Message<H> {
    /// Takes bytes of the body, and returns how many belong to it.
    fn push(&mut self, bytes: &[u8]) -> Result<usize, NotHttp> {
        let Self {
            reader,
            body,
            left_out,
            ..
        } = self;
        reader.push(bytes, &mut |piece| {
            let room = KEPT.saturating_sub(body.len()).min(piece.len());
            let (kept, rest) = piece.split_at(room);
            body.extend_from_slice(kept);
            *left_out += rest.len() as u64;
        })
    }
}

impl Observer {
    /// Inspects bytes from the client.
    pub(super) fn request(&mut self, bytes: &[u8]) -> Vec<Exchange> {
        if self.blind {
            return Vec::new();
        }
        match self.read_requests(bytes) {
            Ok(()) => Vec::new(),
            Err(Unread::NotHttp(error)) => self.give_up(&format!(
                "the client sent something other than HTTP: {error}"
            )),
            Err(Unread::TooMany) => self.give_up(&format!(
                "more than {MOST_PIPELINED} requests wait for answers on one connection, which is \
                 passed on without inspection from here on"
            )),
        }
    }

    fn read_requests(&mut self, bytes: &[u8]) -> Result<(), Unread> {
        let mut rest = bytes;
        loop {
            if let Some(message) = &mut self.requests.message {
                let taken = message.push(rest)?;
                rest = rest.get(taken..).unwrap_or_default();
                let is_whole = message.reader.is_done();
                if let Some(sent) = self.waiting.back_mut() {
                    let known = sent.request.body.len();
                    let more = message.body.get(known..).unwrap_or_default();
                    sent.request.body.extend_from_slice(more);
                    sent.left_out = message.left_out;
                    sent.is_whole = is_whole;
                }
                if !is_whole {
                    return Ok(());
                }
                self.requests.message = None;
            }
            if rest.is_empty() {
                return Ok(());
            }
            let before = self.requests.bytes.len();
            self.requests.bytes.extend_from_slice(rest);
            // Ignore empty lines before a request.
            let blank = |byte: &&u8| matches!(byte, b'\r' | b'\n');
            if before == 0 && self.requests.bytes.iter().take_while(blank).count() == rest.len() {
                self.requests.bytes.clear();
                return Ok(());
            }
            let Some(head) = RequestHead::read(&self.requests.bytes)? else {
                return Ok(());
            };
            let taken = head.fields.length.saturating_sub(before);
            rest = rest.get(taken..).unwrap_or_default();
            self.requests.bytes.clear();
            if self.waiting.len() >= MOST_PIPELINED {
                return Err(Unread::TooMany);
            }
            let framing = head.framing()?;
            self.waiting.push_back(Sent {
                request: Request {
                    method: head.method.clone(),
                    target: head.target.clone(),
                    version: format!("HTTP/1.{}", head.fields.minor),
                    headers: head.fields.headers.clone(),
                    body: Vec::new(),
                },
                since: Instant::now(),
                at: jiff::Timestamp::now(),
                is_whole: framing == Framing::Sized(0),
                left_out: 0,
            });
            self.requests.message = Some(Message {
                head,
                reader: BodyReader::new(framing),
                body: Vec::new(),
                left_out: 0,
            });
        }
    }

    /// Inspects bytes from the server. Returns the finished exchanges.
    pub(super) fn answer(&mut self, bytes: &[u8]) -> Vec<Exchange> {
        self.answered += bytes.len() as u64;
        if self.blind {
            return Vec::new();
        }
        let mut over = Vec::new();
        if let Err(error) = self.read_answers(bytes, &mut over) {
            over.extend(self.give_up(&format!(
                "the server sent something other than HTTP: {error}"
            )));
        }
        over
    }

    fn read_answers(&mut self, bytes: &[u8], over: &mut Vec<Exchange>) -> Result<(), NotHttp> {
        let mut rest = bytes;
        loop {
            if let Some(message) = &mut self.answers.message {
                let taken = message.push(rest)?;
                rest = rest.get(taken..).unwrap_or_default();
                if !message.reader.is_done() {
                    return Ok(());
                }
                if let Some(message) = self.answers.message.take() {
                    over.push(self.exchange(message, true));
                }
            }
            if rest.is_empty() {
                return Ok(());
            }
            let before = self.answers.bytes.len();
            self.answers.bytes.extend_from_slice(rest);
            let Some(head) = AnswerHead::read(&self.answers.bytes)? else {
                return Ok(());
            };
            let taken = head.fields.length.saturating_sub(before);
            rest = rest.get(taken..).unwrap_or_default();
            self.answers.bytes.clear();
            match head.status {
                // Another protocol follows.
                101 => {
                    return Err(NotHttp(
                        "the connection switched to another protocol".into(),
                    ));
                }
                100..=199 => continue,
                _ => {}
            }
            let method = self
                .waiting
                .front()
                .map_or("POST", |sent| sent.request.method.as_str());
            let framing = head.framing(method)?;
            self.answers.message = Some(Message {
                head,
                reader: BodyReader::new(framing),
                body: Vec::new(),
                left_out: 0,
            });
        }
    }

    /// Joins an answer with its request.
    fn exchange(&mut self, message: Message<AnswerHead>, is_whole: bool) -> Exchange {
        let response = Response {
            status: message.head.status,
            headers: message.head.fields.headers,
            body: message.body,
        };
        let mut exchange = Exchange::new(None, Some(response));
        if message.left_out > 0 {
            exchange.response_cut = true;
            exchange.notes.push(format!(
                "the answer was not judged: {} of its bytes were not kept",
                message.left_out
            ));
        }
        if !is_whole {
            // It might have become complete if nobody else had ended it.
            // Nor can a document that looks complete pass.
            exchange.response_cut |= self.broke_off.is_some() || is_document(&exchange);
            let who = self.who();
            exchange
                .notes
                .push(format!("{who} before the answer was complete"));
        }
        if let Some(sent) = self.waiting.pop_front() {
            sent.put_into(&mut exchange);
        } else {
            exchange.notes.push("an answer without a request".into());
        }
        exchange
    }

    /// Whether a whole request came, or something that is not a request.
    pub(super) fn has_request(&self) -> bool {
        self.blind || self.waiting.front().is_some_and(|sent| sent.is_whole)
    }

    /// Notes what ended the unfinished exchanges, other than the server; the first reason counts.
    pub(super) fn breaks_off(&mut self, who: &'static str) {
        self.broke_off.get_or_insert(who);
    }

    /// Notes that the server broke the connection off. Returns whether something is unfinished.
    pub(super) fn is_broken_off(&mut self) -> bool {
        self.is_reset = true;
        let is_answering = self.answers.message.is_some() || !self.answers.bytes.is_empty();
        self.blind || is_answering || !self.waiting.is_empty()
    }

    /// Who ended the unfinished exchanges.
    fn who(&self) -> &'static str {
        self.broke_off.unwrap_or(if self.is_reset {
            "the server broke the connection off"
        } else {
            "the connection ended"
        })
    }

    /// How many bytes came from the server.
    pub(super) fn answered(&self) -> u64 {
        self.answered
    }

    /// Both ends are closed: what is unfinished stays so.
    pub(super) fn end(&mut self) -> Vec<Exchange> {
        let mut over = Vec::new();
        if let Some(message) = self.answers.message.take() {
            // A body that ends with the connection is complete if the server ended that.
            let is_whole = message.reader.may_end() && self.broke_off.is_none() && !self.is_reset;
            over.push(self.exchange(message, is_whole));
        }
        while let Some(sent) = self.waiting.pop_front() {
            let note = match self.broke_off {
                Some(who) => format!("{who} before an answer came"),
                None => format!("{} without an answer", self.who()),
            };
            let mut exchange = Exchange::default();
            exchange.notes.push(note);
            sent.put_into(&mut exchange);
            over.push(exchange);
        }
        over
    }

    /// Passes bytes on without inspection from here on.
    pub(super) fn give_up(&mut self, why: &str) -> Vec<Exchange> {
        self.blind = true;
        self.requests = Side::default();
        self.answers = Side::default();
        let waiting = std::mem::take(&mut self.waiting);
        let mut over: Vec<Exchange> = waiting
            .into_iter()
            .map(|sent| {
                let mut exchange = Exchange::default();
                exchange.notes.push(why.to_owned());
                sent.put_into(&mut exchange);
                exchange
            })
            .collect();
        if over.is_empty() {
            let mut exchange = Exchange::default();
            exchange.notes.push(why.to_owned());
            over.push(exchange);
        }
        over
    }
}

/// Whether the answer's body is a document with an end.
fn is_document(exchange: &Exchange) -> bool {
    let response = exchange.response.as_ref();
    response.is_some_and(|response| {
        let unpacked = response.unpacked();
        unpacked.is_ok_and(|answered| answered.document.is_ok())
    })
}

impl Sent {
    /// Puts the request into its exchange.
    fn put_into(self, exchange: &mut Exchange) {
        exchange.took = self.since.elapsed();
        exchange.sent_at = Some(self.at.into());
        if self.left_out > 0 {
            exchange.request_cut = true;
            exchange.notes.push(format!(
                "the request was not judged: {} of its bytes were not kept",
                self.left_out
            ));
        } else if !self.is_whole {
            exchange.request_cut = true;
            exchange
                .notes
                .push("the answer came before the request was complete".into());
        }
        exchange.request = Some(self.request);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    const REQUEST: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nA=1";
    const CHUNKED: &str =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n<a\r\n2\r\n/>\r\n0\r\n\r\n";

    /// The exchanges from these bytes in pieces of that size; the requests come first.
    fn observe(requests: &str, answers: &str, size: usize) -> Vec<(String, u16, String, usize)> {
        let mut observer = Observer::default();
        let mut over = Vec::new();
        for piece in requests.as_bytes().chunks(size) {
            over.extend(observer.request(piece));
        }
        for piece in answers.as_bytes().chunks(size) {
            over.extend(observer.answer(piece));
        }
        over.extend(observer.end());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        over.into_iter()
            .map(|one| {
                let request = one.request.map(|r| text(&r.body)).unwrap_or_default();
                let (status, body) = one
                    .response
                    .map(|a| (a.status, text(&a.body)))
                    .unwrap_or_default();
                (request, status, body, one.notes.len())
            })
            .collect()
    }

    #[test]
    fn messages_are_found_however_they_are_cut() {
        let requests = format!("{REQUEST}\r\n{}", REQUEST.replace("A=1", "B=2"));
        let answers = format!(
            "HTTP/1.1 100 Continue\r\n\r\n{CHUNKED}HTTP/1.1 400 No\r\nContent-Length: 1\r\n\r\nx"
        );
        let wanted = vec![
            ("A=1".to_owned(), 200, "<a/>".to_owned(), 0),
            ("B=2".to_owned(), 400, "x".to_owned(), 0),
        ];
        for size in [1, 2, 3, 7, 64, 4096] {
            assert_eq!(
                observe(&requests, &answers, size),
                wanted,
                "pieces of {size}"
            );
        }
    }

    #[test]
    fn what_breaks_off_is_noted() {
        let one = |request: &str, answer: &str| {
            let over = observe(request, answer, 8);
            assert_eq!(over.len(), 1, "{over:?}");
            over.into_iter().next().unwrap()
        };
        assert_eq!(one(REQUEST, ""), ("A=1".into(), 0, String::new(), 1));
        assert_eq!(
            one(&REQUEST.replace('3', "9"), ""),
            ("A=1".into(), 0, String::new(), 2)
        );
        let cut = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<a";
        assert_eq!(one(REQUEST, cut), ("A=1".into(), 200, "<a".into(), 1));
        let until_close = "HTTP/1.1 200 OK\r\n\r\n<a/>";
        assert_eq!(
            one(REQUEST, until_close),
            ("A=1".into(), 200, "<a/>".into(), 0)
        );
        assert_eq!(
            one("\x16\x03\x01", ""),
            (String::new(), 0, String::new(), 1)
        );
        assert_eq!(
            one(REQUEST, "SSH-2.0\r\n"),
            ("A=1".into(), 0, String::new(), 1)
        );
    }

    #[test]
    fn little_is_kept_of_what_is_long() {
        let mut observer = Observer::default();
        let length = KEPT + 5;
        let request = REQUEST.replace("Content-Length: 3\r\n\r\nA=1", "");
        let request = format!(
            "{request}Content-Length: {length}\r\n\r\n{}",
            "x".repeat(length)
        );
        assert!(observer.request(request.as_bytes()).is_empty());
        let over = observer.answer(CHUNKED.as_bytes());
        let exchange = over.first().unwrap();
        assert_eq!(exchange.request.as_ref().unwrap().body.len(), KEPT);
        assert!(exchange.request_cut && !exchange.response_cut);
    }
}
