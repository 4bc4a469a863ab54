//! HTTP/1 messages as bytes: where a head ends, and which of the following bytes are the body.
//!
//! hyper would parse the messages and write new ones. Here they are only looked at, so that the
//! very bytes can be judged and passed on unchanged.

use std::fmt;

/// The maximum length of a head, in bytes.
pub const MAX_HEAD: usize = 64 * 1024;
/// The maximum number of headers in a head.
const MAX_HEADERS: usize = 128;
/// The maximum length of a chunk's size line, in bytes.
const MAX_CHUNK_LINE: usize = 4096;

/// The head of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHead {
    /// The method.
    pub method: String,
    /// The target: path and query.
    pub target: String,
    /// The common part of every head.
    pub fields: Fields,
}

/// The head of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerHead {
    /// The status.
    pub status: u16,
    /// The reason phrase.
    pub reason: String,
    /// The common part of every head.
    pub fields: Fields,
}

/// The common part of every head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// The minor version of HTTP/1.
    pub minor: u8,
    /// Names and values as received, in order; bytes that are not UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// The length of the head with its empty line, in bytes.
    pub length: usize,
}

impl Fields {
    /// The values of the headers with that name.
    pub fn all<'h, 'n>(&'h self, name: &'n str) -> impl Iterator<Item = &'h str> + use<'h, 'n> {
        all(&self.headers, name)
    }
}

/// The values of the headers with a name.
pub fn all<'h, 'n>(
    headers: &'h [(String, String)],
    name: &'n str,
) -> impl Iterator<Item = &'h str> + use<'h, 'n> {
    headers
        .iter()
        .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// Why bytes are not an HTTP/1 message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotHttp(pub String);

impl fmt::Display for NotHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl RequestHead {
    /// Reads the head at the start of the bytes; `None` if it is not complete.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, NotHttp> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => Ok(Some(Self {
                method: request.method.unwrap_or_default().to_owned(),
                target: request.path.unwrap_or_default().to_owned(),
                fields: fields(request.version, request.headers, length),
            })),
            Ok(httparse::Status::Partial) => partial(bytes),
            Err(error) => Err(NotHttp(error.to_string())),
        }
    }

    /// How the body is delimited.
    pub fn framing(&self) -> Result<Framing, NotHttp> {
        Ok(delimited(&self.fields)?.unwrap_or(Framing::Sized(0)))
    }
}

impl AnswerHead {
    /// Reads the head at the start of the bytes; `None` if it is not complete.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, NotHttp> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut answer = httparse::Response::new(&mut headers);
        match answer.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => Ok(Some(Self {
                status: answer.code.unwrap_or_default(),
                reason: answer.reason.unwrap_or_default().to_owned(),
                fields: fields(answer.version, answer.headers, length),
            })),
            Ok(httparse::Status::Partial) => partial(bytes),
            Err(error) => Err(NotHttp(error.to_string())),
        }
    }

    /// How the body is delimited, in the answer to a request with that method.
    pub fn framing(&self, method: &str) -> Result<Framing, NotHttp> {
        if method == "HEAD" || matches!(self.status, 100..=199 | 204 | 304) {
            return Ok(Framing::Sized(0));
        }
        Ok(delimited(&self.fields)?.unwrap_or(Framing::UntilClose))
    }
}

fn partial<T>(bytes: &[u8]) -> Result<Option<T>, NotHttp> {
    if bytes.len() > MAX_HEAD {
        return Err(NotHttp(format!("the head is longer than {MAX_HEAD} bytes")));
    }
    Ok(None)
}

fn fields(minor: Option<u8>, headers: &[httparse::Header<'_>], length: usize) -> Fields {
    let headers = headers.iter().map(|header| {
        let value = String::from_utf8_lossy(header.value).into_owned();
        (header.name.to_owned(), value)
    });
    Fields {
        minor: minor.unwrap_or(1),
        headers: headers.collect(),
        length,
    }
}

/// How a body is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// By Content-Length.
    Sized(u64),
    /// By the last chunk.
    Chunked,
    /// By the end of the connection.
    UntilClose,
}

/// What the headers say about framing; `None` if nothing.
fn delimited(fields: &Fields) -> Result<Option<Framing>, NotHttp> {
    if let Some(coding) = fields.all("transfer-encoding").last() {
        let last = coding.rsplit(',').next().unwrap_or(coding).trim();
        return if last.eq_ignore_ascii_case("chunked") {
            Ok(Some(Framing::Chunked))
        } else {
            Err(NotHttp("the transfer coding is not chunked".into()))
        };
    }
    let mut length = None;
    for value in fields.all("content-length") {
        let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        let value: u64 = match value.parse() {
            Ok(value) if digits => value,
            _ => {
                // What is there instead may be a secret.
                return Err(NotHttp("the Content-Length is no number".into()));
            }
        };
        if length.replace(value).is_some_and(|other| other != value) {
            return Err(NotHttp("the Content-Length headers differ".into()));
        }
    }
    Ok(length.map(Framing::Sized))
}

/// Finds the end of a body in bytes that arrive in pieces of any size.
#[derive(Debug, Clone)]
pub struct BodyReader {
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Sized(u64),
    UntilClose,
    /// In a chunk's size line; the part received so far.
    ChunkLine(Vec<u8>),
    Chunk(u64),
    /// In the line break after a chunk.
    ChunkEnd,
    /// In the trailer; whether the current line is empty so far.
    Trailer {
        is_empty: bool,
        length: usize,
    },
    Done,
}

impl BodyReader {
    /// A body with that framing.
    pub fn new(framing: Framing) -> Self {
        Self {
            state: match framing {
                Framing::Sized(0) => State::Done,
                Framing::Sized(length) => State::Sized(length),
                Framing::UntilClose => State::UntilClose,
                Framing::Chunked => State::ChunkLine(Vec::new()),
            },
        }
    }

    /// Whether the body has ended. A body that ends with the connection never ends by itself.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Whether the body ends with the connection.
    pub fn may_end(&self) -> bool {
        matches!(self.state, State::Done | State::UntilClose)
    }

    /// Reads bytes up to the body's end, passes its content on, and returns how many bytes belong
    /// to the body.
    ///
    /// Fails on damaged chunks.
    pub fn push(&mut self, bytes: &[u8], content: &mut dyn FnMut(&[u8])) -> Result<usize, NotHttp> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match &mut self.state {
                State::Done => break,
                State::UntilClose => {
                    content(rest);
                    rest = &[];
                }
                State::Sized(left) | State::Chunk(left) => {
                    let here = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                    let (now, later) = rest.split_at(here);
                    content(now);
                    rest = later;
                    *left -= here as u64;
                    if *left == 0 {
                        self.state = match self.state {
                            State::Chunk(_) => State::ChunkEnd,
                            _ => State::Done,
                        };
                    }
                }
                State::ChunkLine(line) => {
                    let (first, later) = rest.split_at(1);
                    line.extend_from_slice(first);
                    rest = later;
                    if first == b"\n" {
                        let size = chunk_size(line)?;
                        self.state = if size == 0 {
                            State::Trailer {
                                is_empty: true,
                                length: 0,
                            }
                        } else {
                            State::Chunk(size)
                        };
                    } else if line.len() > MAX_CHUNK_LINE {
                        return Err(NotHttp("a chunk's size line is too long".into()));
                    }
                }
                State::ChunkEnd => {
                    let (first, later) = rest.split_at(1);
                    rest = later;
                    match first {
                        b"\r" => {}
                        b"\n" => self.state = State::ChunkLine(Vec::new()),
                        _ => return Err(NotHttp("a chunk is longer than its size".into())),
                    }
                }
                State::Trailer { is_empty, length } => {
                    let (first, later) = rest.split_at(1);
                    rest = later;
                    *length += 1;
                    match first {
                        b"\r" => {}
                        b"\n" if *is_empty => self.state = State::Done,
                        b"\n" => *is_empty = true,
                        _ => *is_empty = false,
                    }
                    if matches!(self.state, State::Trailer { length, .. } if length > MAX_HEAD) {
                        return Err(NotHttp("the trailer is too long".into()));
                    }
                }
            }
        }
        Ok(bytes.len() - rest.len())
    }
}

/// Whether the bytes begin with a chunk's size line.
pub fn begins_chunk(bytes: &[u8]) -> bool {
    let start = bytes.get(..MAX_CHUNK_LINE).unwrap_or(bytes);
    let end = start.iter().position(|&byte| byte == b'\n');
    let line = end.and_then(|end| start.get(..end));
    line.is_some_and(|line| chunk_size(line).is_ok())
}

fn chunk_size(line: &[u8]) -> Result<u64, NotHttp> {
    let text = String::from_utf8_lossy(line);
    let size = text.split(';').next().unwrap_or_default().trim();
    // RFC 9112 allows digits only, no sign.
    let digits = size.bytes().all(|byte| byte.is_ascii_hexdigit());
    match u64::from_str_radix(size, 16) {
        Ok(size) if digits => Ok(size),
        _ => Err(NotHttp("a chunk has an invalid size".into())),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    /// The content, the remaining bytes, and whether the body ended, for pieces of every size.
    fn read(framing: Framing, bytes: &[u8]) -> (String, String, bool) {
        let whole = read_in(framing, bytes, bytes.len().max(1));
        for size in 1..bytes.len().max(1) {
            assert_eq!(read_in(framing, bytes, size), whole, "pieces of {size}");
        }
        whole
    }

    fn read_in(framing: Framing, bytes: &[u8], size: usize) -> (String, String, bool) {
        let mut reader = BodyReader::new(framing);
        let mut content = Vec::new();
        let mut taken = 0;
        for piece in bytes.chunks(size) {
            taken += reader
                .push(piece, &mut |bytes| content.extend_from_slice(bytes))
                .unwrap();
            if reader.is_done() {
                break;
            }
        }
        (
            String::from_utf8(content).unwrap(),
            String::from_utf8(bytes.get(taken..).unwrap().to_vec()).unwrap(),
            reader.is_done(),
        )
    }

    #[test]
    fn bodies_end_where_their_framing_says() {
        let got = |content: &str, rest: &str, done| (content.to_owned(), rest.to_owned(), done);
        assert_eq!(read(Framing::Sized(3), b"abcde"), got("abc", "de", true));
        assert_eq!(read(Framing::Sized(9), b"abc"), got("abc", "", false));
        assert_eq!(read(Framing::Sized(0), b"abc"), got("", "abc", true));
        assert_eq!(read(Framing::UntilClose, b"abc"), got("abc", "", false));
        let chunks = b"3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\nPOST";
        assert_eq!(
            read(Framing::Chunked, chunks),
            got("abc0123456789", "POST", true)
        );
        assert_eq!(
            read(Framing::Chunked, b"2\r\nab\r\n0\r\n"),
            got("ab", "", false)
        );
    }

    #[test]
    fn damaged_chunks_are_refused() {
        for bytes in [
            &b"x\r\n"[..],
            b"+2\r\nab",
            b"-1\r\n",
            b"1\r\nab\r\n",
            b"\r\n",
        ] {
            let mut reader = BodyReader::new(Framing::Chunked);
            assert!(reader.push(bytes, &mut |_| {}).is_err(), "{bytes:?}");
        }
        assert!(begins_chunk(b"1A ;x\r\n") && begins_chunk(b"1\nab\r\n"));
        for bytes in [&b""[..], b"<a/>\n", b"A=1", b"\r\n", b"1"] {
            assert!(!begins_chunk(bytes), "{bytes:?}");
        }
    }

    #[test]
    fn heads_say_how_bodies_are_framed() {
        let request = |head: &str| RequestHead::read(head.as_bytes()).unwrap().unwrap();
        let post = request("POST /?a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
        assert_eq!(post.framing(), Ok(Framing::Sized(5)));
        assert_eq!((&*post.target, post.fields.length), ("/?a", 49));
        let bare = request("GET / HTTP/1.0\n\n");
        assert_eq!(bare.framing(), Ok(Framing::Sized(0)));
        assert_eq!(
            request("POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n").framing(),
            Ok(Framing::Chunked)
        );
        for wrong in [
            "Content-Length: 1\r\nContent-Length: 2",
            "Content-Length: +1",
            "Transfer-Encoding: gzip",
        ] {
            assert!(
                request(&format!("POST / HTTP/1.1\r\n{wrong}\r\n\r\n"))
                    .framing()
                    .is_err()
            );
        }
        assert_eq!(RequestHead::read(b"POST / HTT"), Ok(None));
        assert!(RequestHead::read(b"\x00\x01").is_err());
        assert!(RequestHead::read(&vec![b'a'; MAX_HEAD + 1]).is_err());

        let answer = |head: &str| AnswerHead::read(head.as_bytes()).unwrap().unwrap();
        let ok = answer("HTTP/1.1 200 OK\r\n\r\n");
        assert_eq!(ok.framing("POST"), Ok(Framing::UntilClose));
        assert_eq!(ok.framing("HEAD"), Ok(Framing::Sized(0)));
        assert_eq!(
            answer("HTTP/1.1 204\r\n\r\n").framing("POST"),
            Ok(Framing::Sized(0))
        );
    }
}
