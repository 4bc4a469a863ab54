//! Reads the messages of a connection from its bytes without delaying them.

use super::KEPT_OF_BODY;
use super::memory::{Memory, Passed, Share};
use crate::wire::http1::{AnswerHead, BodyReader, Framing, NotHttp, RequestHead};
use crate::wire::{Exchange, Request, Response};
use std::collections::VecDeque;
use std::mem;
use std::time::Instant;

/// How many requests may wait for their answers on one connection; the rest is not inspected.
const MOST_PIPELINED: usize = 32;

/// The state of a connection.
pub(super) struct Observer {
    memory: Memory,
    /// Its message is the rest of a request's body; the request itself waits for its answer.
    requests: Side<BodyReader>,
    answers: Side<Answer>,
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
    NoRoom,
}

impl From<NotHttp> for Unread {
    fn from(error: NotHttp) -> Self {
        Self::NotHttp(error)
    }
}

impl Unread {
    /// Why, if it is about what that end sent.
    fn in_words(&self, who: &str) -> String {
        const BLIND: &str = "is passed on without inspection from here on";
        match self {
            Self::NotHttp(error) => format!("the {who} sent something other than HTTP: {error}"),
            Self::TooMany => format!(
                "more than {MOST_PIPELINED} requests wait for answers on one connection, which {BLIND}"
            ),
            Self::NoRoom => {
                format!("too much is kept of all connections together, so this one {BLIND}")
            }
        }
    }
}

/// A request.
struct Sent {
    request: Request,
    since: Instant,
    at: jiff::Timestamp,
    is_whole: bool,
    body: Kept,
}

/// One direction: the bytes of an incomplete head, or a message whose body is incomplete.
struct Side<M> {
    bytes: Vec<u8>,
    /// The memory that the bytes take.
    share: Share,
    message: Option<M>,
}

/// An answer whose body is incomplete.
struct Answer {
    head: AnswerHead,
    reader: BodyReader,
    body: Kept,
}

/// What is kept of a body, and the memory that its message takes.
struct Kept {
    bytes: Vec<u8>,
    left_out: u64,
    share: Share,
}

impl<M> Side<M> {
    fn new(memory: &Memory) -> Self {
        Self {
            bytes: Vec::new(),
            share: memory.share(),
            message: None,
        }
    }

    /// Takes the memory for that many more bytes of a head. What follows it in the same piece is
    /// kept elsewhere, if at all.
    fn take(&mut self, bytes: usize) -> Result<(), Unread> {
        let is_taken = self.share.take(bytes);
        is_taken.then_some(()).ok_or(Unread::NoRoom)
    }

    /// Whether the last message is over and no other one has begun.
    fn is_between(&self) -> bool {
        self.bytes.is_empty() && self.message.is_none()
    }

    /// Ends a head, and returns the memory that it took.
    fn end_head(&mut self) -> Share {
        self.bytes = Vec::new();
        self.share.split_off()
    }
}

impl Kept {
    /// Nothing of a body so far; its head took that memory.
    fn new(share: Share) -> Self {
        Self {
            bytes: Vec::new(),
            left_out: 0,
            share,
        }
    }

    fn push(&mut self, piece: &[u8]) {
        let most = KEPT_OF_BODY
            .saturating_sub(self.bytes.len())
            .min(piece.len());
        // Nothing is kept after a gap.
        let is_kept = self.left_out == 0 && self.share.take(most);
        let (kept, rest) = piece.split_at(if is_kept { most } else { 0 });
        self.bytes.extend_from_slice(kept);
        self.left_out += rest.len() as u64;
    }
}

impl Observer {
    /// The observer of a new connection.
    pub(super) fn new(memory: &Memory) -> Self {
        Self {
            requests: Side::new(memory),
            answers: Side::new(memory),
            memory: memory.clone(),
            waiting: VecDeque::new(),
            blind: false,
            broke_off: None,
            is_reset: false,
            answered: 0,
        }
    }

    /// Inspects bytes from the client.
    pub(super) fn request(&mut self, bytes: &[u8]) -> Vec<Passed> {
        if self.blind {
            return Vec::new();
        }
        match self.read_requests(bytes) {
            Ok(()) => Vec::new(),
            Err(why) => self.give_up(&why.in_words("client")),
        }
    }

    fn read_requests(&mut self, bytes: &[u8]) -> Result<(), Unread> {
        let mut rest = bytes;
        loop {
            if let Some(reader) = &mut self.requests.message {
                let mut sent = self.waiting.back_mut();
                let taken = reader.push(rest, &mut |piece| {
                    if let Some(sent) = &mut sent {
                        sent.body.push(piece);
                    }
                })?;
                rest = rest.get(taken..).unwrap_or_default();
                let is_whole = reader.is_done();
                if let Some(sent) = sent {
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
                drop(self.requests.end_head());
                return Ok(());
            }
            let Some(head) = RequestHead::read(&self.requests.bytes)? else {
                return self.requests.take(rest.len());
            };
            let taken = head.fields.length.saturating_sub(before);
            self.requests.take(taken)?;
            rest = rest.get(taken..).unwrap_or_default();
            let share = self.requests.end_head();
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
                body: Kept::new(share),
            });
            self.requests.message = Some(BodyReader::new(framing));
        }
    }

    /// Inspects bytes from the server. Returns the finished exchanges.
    pub(super) fn answer(&mut self, bytes: &[u8]) -> Vec<Passed> {
        self.answered += bytes.len() as u64;
        if self.blind {
            return Vec::new();
        }
        let mut over = Vec::new();
        if let Err(why) = self.read_answers(bytes, &mut over) {
            over.extend(self.give_up(&why.in_words("server")));
        }
        over
    }

    fn read_answers(&mut self, bytes: &[u8], over: &mut Vec<Passed>) -> Result<(), Unread> {
        let mut rest = bytes;
        loop {
            if let Some(Answer { reader, body, .. }) = &mut self.answers.message {
                let taken = reader.push(rest, &mut |piece| body.push(piece))?;
                rest = rest.get(taken..).unwrap_or_default();
                if !reader.is_done() {
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
                return self.answers.take(rest.len());
            };
            let taken = head.fields.length.saturating_sub(before);
            self.answers.take(taken)?;
            rest = rest.get(taken..).unwrap_or_default();
            let share = self.answers.end_head();
            match head.status {
                // Another protocol follows.
                101 => {
                    let what = "the connection switched to another protocol";
                    return Err(NotHttp(what.into()).into());
                }
                100..=199 => continue,
                _ => {}
            }
            let method = self
                .waiting
                .front()
                .map_or("POST", |sent| sent.request.method.as_str());
            let framing = head.framing(method)?;
            self.answers.message = Some(Answer {
                head,
                reader: BodyReader::new(framing),
                body: Kept::new(share),
            });
        }
    }

    /// Joins an answer with its request.
    fn exchange(&mut self, answer: Answer, is_whole: bool) -> Passed {
        let Answer { head, body, .. } = answer;
        let response = Response {
            status: head.status,
            headers: head.fields.headers,
            body: body.bytes,
        };
        let mut share = body.share;
        let mut exchange = Exchange::new(None, Some(response));
        if body.left_out > 0 {
            exchange.response_cut = true;
            exchange.notes.push(format!(
                "the answer was not judged: {} of its bytes were not kept",
                body.left_out
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
            share = share.with(sent.put_into(&mut exchange));
        } else {
            exchange.notes.push("an answer without a request".into());
        }
        Passed { exchange, share }
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
        self.blind || !self.answers.is_between() || !self.waiting.is_empty()
    }

    /// Who ended the unfinished exchanges.
    fn who(&self) -> &'static str {
        self.broke_off.unwrap_or(if self.is_reset {
            "the server broke the connection off"
        } else {
            "the connection ended"
        })
    }

    /// Whether no message is unfinished, and no request without its answer. Nobody knows that of what
    /// is not HTTP.
    pub(super) fn is_idle(&self) -> bool {
        let is_between = self.requests.is_between() && self.answers.is_between();
        !self.blind && self.waiting.is_empty() && is_between
    }

    /// How many bytes came from the server.
    pub(super) fn answered(&self) -> u64 {
        self.answered
    }

    /// Both ends are closed: what is unfinished stays so.
    pub(super) fn end(&mut self) -> Vec<Passed> {
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
            over.push(sent.unanswered(note));
        }
        over
    }

    /// Passes bytes on without inspection from here on.
    pub(super) fn give_up(&mut self, why: &str) -> Vec<Passed> {
        self.blind = true;
        self.requests = Side::new(&self.memory);
        self.answers = Side::new(&self.memory);
        let waiting = mem::take(&mut self.waiting).into_iter();
        let mut over: Vec<Passed> = waiting
            .map(|sent| sent.unanswered(why.to_owned()))
            .collect();
        if over.is_empty() {
            let mut exchange = Exchange::default();
            exchange.notes.push(why.to_owned());
            over.push(Passed {
                exchange,
                share: self.memory.share(),
            });
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
    /// The exchange of a request without an answer, and why it has none.
    fn unanswered(self, why: String) -> Passed {
        let mut exchange = Exchange::default();
        exchange.notes.push(why);
        let share = self.put_into(&mut exchange);
        Passed { exchange, share }
    }

    /// Puts the request into its exchange, and returns the memory that it takes.
    fn put_into(mut self, exchange: &mut Exchange) -> Share {
        exchange.took = self.since.elapsed();
        exchange.sent_at = Some(self.at.into());
        if self.body.left_out > 0 {
            exchange.request_cut = true;
            exchange.notes.push(format!(
                "the request was not judged: {} of its bytes were not kept",
                self.body.left_out
            ));
        } else if !self.is_whole {
            exchange.request_cut = true;
            exchange
                .notes
                .push("the answer came before the request was complete".into());
        }
        self.request.body = self.body.bytes;
        exchange.request = Some(self.request);
        self.body.share
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::super::KEPT_OF_ALL;
    use super::*;

    const REQUEST: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nA=1";
    const CHUNKED: &str =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n<a\r\n2\r\n/>\r\n0\r\n\r\n";

    /// The exchanges from these bytes in pieces of that size; the requests come first.
    fn observe(requests: &str, answers: &str, size: usize) -> Vec<(String, u16, String, usize)> {
        let mut observer = Observer::new(&Memory::new(KEPT_OF_ALL));
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
            .map(|one| one.exchange)
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
        let mut observer = Observer::new(&Memory::new(KEPT_OF_ALL));
        let length = KEPT_OF_BODY + 5;
        let request = REQUEST.replace("Content-Length: 3\r\n\r\nA=1", "");
        let request = format!(
            "{request}Content-Length: {length}\r\n\r\n{}",
            "x".repeat(length)
        );
        assert!(observer.request(request.as_bytes()).is_empty());
        let over = observer.answer(CHUNKED.as_bytes());
        let exchange = over.first().unwrap();
        assert_eq!(exchange.request.as_ref().unwrap().body.len(), KEPT_OF_BODY);
        assert!(exchange.request_cut && !exchange.response_cut);
    }

    #[test]
    fn all_connections_share_the_memory() {
        const SMALL: usize = 4096;
        let memory = Memory::new(SMALL);
        let left = || memory.0.load(std::sync::atomic::Ordering::Relaxed);
        let request = REQUEST.replace('3', "3000") + &"x".repeat(2997);
        let observe = || {
            let mut observer = Observer::new(&memory);
            assert!(observer.request(request.as_bytes()).is_empty());
            observer
        };
        // The first is kept, the head of the second too, and nothing of the third.
        let mut first = observe();
        let mut second = observe();
        let blind = Observer::new(&memory).request("y".repeat(2000).as_bytes());
        let note = &blind.first().unwrap().notes;
        assert!(note.iter().any(|note| note.contains("too much is kept")));
        let over = second.answer(CHUNKED.as_bytes());
        let cut = over.first().unwrap();
        assert!(cut.request_cut && cut.notes.iter().any(|note| note.contains("were not kept")));
        drop(over);
        let over = first.answer(CHUNKED.as_bytes());
        let whole = over.first().unwrap();
        assert!(!whole.request_cut && whole.request.as_ref().unwrap().body.len() == 3000);
        // What was judged frees its memory.
        assert!(left() < SMALL);
        drop((over, first, second, blind));
        assert_eq!(left(), SMALL);
    }
}
