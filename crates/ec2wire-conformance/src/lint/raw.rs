//! Reads raw HTTP/1: requests and answers in sequence, as they are on the wire.

use crate::wire::http1::{self, AnswerHead, BodyReader, Framing, MAX_HEAD, NotHttp, RequestHead};
use crate::wire::{Exchange, Request, Response};

/// The messages of a file. An answer belongs to the request before it.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Exchange>, String> {
    let mut found: Vec<Exchange> = Vec::new();
    let mut rest = skip_blank(bytes);
    if [b"* ", b"> "].iter().any(|mark| rest.starts_with(*mark)) {
        return Err(
            "this is the log of `curl -v`, which is not read; `curl -i` prints answers".into(),
        );
    }
    let mut line = 1 + lines(bytes) - lines(rest);
    while !rest.is_empty() {
        let wrong = |what: &dyn std::fmt::Display| format!("line {line}: {what}");
        let before = rest;
        if rest.starts_with(b"HTTP/") {
            let (response, behind) = response(rest, &found).map_err(|error| wrong(&error))?;
            match found.last_mut() {
                Some(last) if last.response.as_ref().is_none_or(is_interim) => {
                    last.response = Some(response);
                }
                _ => found.push(Exchange::new(None, Some(response))),
            }
            note_unpacked(&mut found, "answer", behind.is_unpacked);
            rest = behind.rest;
        } else {
            let (request, behind) = request(rest).map_err(|error| wrong(&error))?;
            found.push(Exchange::new(Some(request), None));
            note_unpacked(&mut found, "request", behind.is_unpacked);
            rest = behind.rest;
        }
        rest = skip_blank(rest);
        let taken = before.len() - rest.len();
        line += lines(before.get(..taken).unwrap_or_default());
    }
    if found.is_empty() {
        return Err("the file is empty".into());
    }
    Ok(found)
}

/// Whether another answer follows to the same request: RFC 9110, section 15.2.
fn is_interim(response: &Response) -> bool {
    (100..200).contains(&response.status)
}

/// Says of the last exchange that one of its messages was taken out of its chunks.
fn note_unpacked(found: &mut [Exchange], what: &str, is_unpacked: bool) {
    if let Some(last) = found.last_mut().filter(|_| is_unpacked) {
        last.is_unpacked = true;
        last.notes.push(format!(
            "the {what} was read as it stands: its headers say chunked, but its body has no chunks, \
             as if recorded by a program that takes them away"
        ));
    }
}

fn lines(bytes: &[u8]) -> usize {
    bytes.split(|&byte| byte == b'\n').count() - 1
}

fn is_blank(bytes: &[u8]) -> bool {
    skip_blank(bytes).is_empty()
}

fn skip_blank(bytes: &[u8]) -> &[u8] {
    let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let start = bytes.iter().position(|byte| !is_break(byte));
    start
        .and_then(|start| bytes.get(start..))
        .unwrap_or_default()
}

fn request(bytes: &[u8]) -> Result<(Request, Behind<'_>), NotHttp> {
    let head = RequestHead::read(bytes)?
        .ok_or_else(|| NotHttp("the request has no empty line after its headers".into()))?;
    let behind = bytes.get(head.fields.length..).unwrap_or_default();
    // An invalid length is a finding, and does not make the file unreadable.
    let framing = head.framing().unwrap_or(Framing::UntilClose);
    let (body, behind) = content(behind, framing)?;
    let request = Request {
        method: head.method,
        target: head.target,
        version: format!("HTTP/1.{}", head.fields.minor),
        headers: head.fields.headers,
        body,
    };
    Ok((request, behind))
}

fn response<'b>(bytes: &'b [u8], found: &[Exchange]) -> Result<(Response, Behind<'b>), NotHttp> {
    let (head, length) = answer_head(bytes)?
        .ok_or_else(|| NotHttp("the answer has no empty line after its headers".into()))?;
    let behind = bytes.get(length..).unwrap_or_default();
    let asked = found.last().and_then(|found| found.request.as_ref());
    let method = asked.map_or("POST", |request| request.method.as_str());
    let framing = head.framing(method).unwrap_or(Framing::UntilClose);
    let (body, behind) = content(behind, framing)?;
    let response = Response {
        status: head.status,
        headers: head.fields.headers,
        body,
    };
    Ok((response, behind))
}

/// The status lines that curl prints for HTTP/2 and HTTP/3; the rest is like HTTP/1.
const LATER: [&[u8]; 2] = [b"HTTP/2 ", b"HTTP/3 "];

/// The head at the start of the bytes, and its length.
fn answer_head(bytes: &[u8]) -> Result<Option<(AnswerHead, usize)>, NotHttp> {
    const FIRST: &[u8] = b"HTTP/1.1 ";
    let Some(rest) = LATER.iter().find_map(|later| bytes.strip_prefix(*later)) else {
        let head = AnswerHead::read(bytes)?;
        return Ok(head.map(|head| {
            let length = head.fields.length;
            (head, length)
        }));
    };
    let start = rest.get(..MAX_HEAD).unwrap_or(rest);
    let head = AnswerHead::read(&[FIRST, start].concat())?;
    Ok(head.map(|head| {
        let length = (bytes.len() - rest.len() + head.fields.length).saturating_sub(FIRST.len());
        (head, length)
    }))
}

/// What follows a body.
struct Behind<'b> {
    rest: &'b [u8],
    /// Whether the body is out of its chunks already, as in what curl prints.
    is_unpacked: bool,
}

/// A body and what follows it.
///
/// Files are edited by hand, and lengths are easily forgotten. So if no other message follows, the
/// body is the whole rest, except for the line break that editors put at the end.
fn content(bytes: &[u8], framing: Framing) -> Result<(Vec<u8>, Behind<'_>), NotHttp> {
    let is_unpacked = framing == Framing::Chunked && !http1::begins_chunk(bytes);
    let length = match framing {
        Framing::Chunked if !is_unpacked => {
            let mut reader = BodyReader::new(framing);
            let mut body = Vec::new();
            let taken = reader.push(bytes, &mut |piece| body.extend_from_slice(piece))?;
            if !reader.is_done() {
                return Err(NotHttp("the last chunk is missing".into()));
            }
            let rest = bytes.get(taken..).unwrap_or_default();
            return Ok((body, Behind { rest, is_unpacked }));
        }
        Framing::Sized(length) => usize::try_from(length).ok(),
        Framing::Chunked | Framing::UntilClose => None,
    };
    let next = next_message(bytes);
    let until_next = bytes.get(..next).unwrap_or(bytes);
    let trimmed = until_next
        .strip_suffix(b"\r\n")
        .or_else(|| until_next.strip_suffix(b"\n"))
        .unwrap_or(until_next);
    let end = match length {
        // A body may contain what looks like another message, and the next message may follow it
        // without a line break.
        Some(length) if bytes.get(length..).is_some_and(begins_message) => length,
        _ => trimmed.len(),
    };
    let (body, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    Ok((body.to_vec(), Behind { rest, is_unpacked }))
}

/// Where the next message begins: at a request line or a status line.
fn next_message(bytes: &[u8]) -> usize {
    let mut start = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        if is_start_line(line) {
            return start;
        }
        start += line.len();
    }
    bytes.len()
}

/// Whether a message begins with that line.
pub(super) fn is_start_line(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    line.starts_with(b"HTTP/1.")
        || LATER.iter().any(|later| line.starts_with(later))
        || line.ends_with(b" HTTP/1.1")
        || line.ends_with(b" HTTP/1.0")
}

/// Whether the bytes begin with a message, or are empty.
fn begins_message(bytes: &[u8]) -> bool {
    let bytes = skip_blank(bytes);
    let line = bytes.split(|&byte| byte == b'\n').next();
    is_blank(bytes) || line.is_some_and(is_start_line)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn bodies(text: &str) -> Vec<String> {
        let text = text.replace('\n', "\r\n").replace('$', "\n");
        read(text.as_bytes())
            .unwrap()
            .iter()
            .flat_map(|found| {
                let request = found.request.as_ref().map(|r| &r.body);
                let response = found.response.as_ref().map(|r| &r.body);
                request.into_iter().chain(response)
            })
            .map(|body| String::from_utf8(body.clone()).unwrap())
            .collect()
    }

    #[test]
    fn bodies_end_where_the_next_message_begins() {
        assert_eq!(bodies("POST / HTTP/1.1\nContent-Length: 3\n\nA=1"), ["A=1"]);
        assert_eq!(
            bodies("POST / HTTP/1.1\nContent-Length: 3\n\nA=1$"),
            ["A=1"]
        );
        // A wrong length leaves the body as it is.
        assert_eq!(bodies("POST / HTTP/1.1\nContent-Length: 9\n\nA=1"), ["A=1"]);
        assert_eq!(bodies("POST / HTTP/1.1\nContent-Length: 1\n\nA=1"), ["A=1"]);
        assert_eq!(
            bodies("POST / HTTP/1.1\nContent-Length: 3\n\nA=1HTTP/1.1 200 OK\n\n<a/>"),
            ["A=1", "<a/>"]
        );
        assert_eq!(
            bodies(
                "POST / HTTP/1.1\nContent-Length: 3\n\nA=1$$HTTP/1.1 200 OK\n\n<a/>\n\
                 GET /?B=2 HTTP/1.1\n\nHTTP/1.1 400 No\nTransfer-Encoding: chunked\n\n\
                 2\n<b\n2\n/>\n0\n\n"
            ),
            ["A=1", "<a/>", "", "<b/>"]
        );
        // An answer before the answer has no body, and is not judged.
        assert_eq!(
            bodies(
                "POST / HTTP/1.1\nExpect: 100-continue\n\nA=1$HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\n\n<a/>"
            ),
            ["A=1", "<a/>"]
        );
        // What curl prints for an answer.
        assert_eq!(
            bodies("POST / HTTP/1.1\nContent-Length: 3\n\nA=1$HTTP/2 200 \nx: y\n\n<a/>$"),
            ["A=1", "<a/>"]
        );
    }

    #[test]
    fn a_body_out_of_its_chunks_is_taken_as_it_stands() {
        let head = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n";
        let text = format!("POST / HTTP/1.1\nContent-Length: 3\n\nA=1\n{head}<a/>\n{head}");
        assert_eq!(bodies(&text), ["A=1", "<a/>", ""]);
        let found = read(text.as_bytes()).unwrap();
        assert!(
            found
                .iter()
                .all(|one| one.is_unpacked && one.notes.len() == 1)
        );
        let whole = read(format!("{head}1\na\n0\n\n").as_bytes()).unwrap();
        assert!(
            whole
                .iter()
                .all(|one| !one.is_unpacked && one.notes.is_empty())
        );
        // What begins like chunks has to be chunks.
        let damaged = read(format!("{head}4\n<a/>").as_bytes()).unwrap_err();
        assert_eq!(damaged, "line 1: the last chunk is missing");
    }

    #[test]
    fn what_is_no_message_is_refused_with_its_line() {
        assert_eq!(read(b"\n\n"), Err("the file is empty".into()));
        assert!(
            read(b"*   Trying 192.0.2.1:443...\n")
                .unwrap_err()
                .contains("`curl -v`")
        );
        let error = read(b"POST / HTTP/1.1\r\nHost: x\r\n\r\n\r\nwhat\r\n").unwrap();
        assert_eq!(
            error.first().unwrap().request.as_ref().unwrap().body,
            b"\r\nwhat"
        );
        assert!(
            read(b"POST / HTTP/1.1\r\nHost: x")
                .unwrap_err()
                .starts_with("line 1: ")
        );
        assert!(read(b"\n\x00\x01").unwrap_err().starts_with("line 2: "));
    }
}
