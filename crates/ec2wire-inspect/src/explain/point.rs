//! Finds the place in an exchange that a deviation refers to.

use super::reading::Document;
use crate::record::place::{self, Place};
use crate::record::{Difference, Exchange, Message, Spot};
use crate::wire::referee::Element;
use std::ops::Range;

/// The part of a message that a point marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A range of the first line, in bytes.
    Line(Range<usize>),
    /// The header with that index.
    Header(usize),
    /// A range of the body, in bytes; empty if something is missing there.
    Body(Range<usize>),
}

/// A part of a message, and its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The marked part.
    pub target: Target,
    /// Whether it is in the request.
    pub in_request: bool,
    /// The label of the part.
    pub label: String,
}

impl Point {
    /// The message that contains the part.
    pub fn message<'x>(&self, exchange: &'x Exchange) -> Option<&'x Message> {
        if self.in_request {
            Some(&exchange.request)
        } else {
            exchange.response.as_ref()
        }
    }

    fn in_response(target: Target, label: &str) -> Self {
        Self {
            target,
            in_request: false,
            label: label.to_owned(),
        }
    }
}

/// The point in the exchange that the difference refers to, if there is one.
///
/// `document` parses the response; it is called only if needed.
pub fn find<'d>(
    exchange: &Exchange,
    difference: &Difference,
    document: &dyn Fn() -> Option<&'d Document>,
) -> Option<Point> {
    let response = match &difference.at {
        Place::Request(spot) => return in_request(&exchange.request, spot.clone()),
        _ => exchange.response.as_ref()?,
    };
    match &difference.at {
        Place::Header(name) => {
            let known = response
                .headers
                .iter()
                .position(|(known, _)| known.eq_ignore_ascii_case(name));
            known.map(|index| {
                Point::in_response(Target::Header(index), &format!("the header {name}"))
            })
        }
        Place::Status => Some(status(response, "the status")),
        place => in_document(response, document()?, place, difference),
    }
}

fn status(response: &Message, label: &str) -> Point {
    Point::in_response(Target::Line(response.second_span()), label)
}

/// The point in the body of a response, or the place where the body stops being well-formed.
fn in_document(
    response: &Message,
    document: &Document,
    place: &Place,
    difference: &Difference,
) -> Option<Point> {
    let body = &document.body;
    let root = match &document.root {
        Ok(root) => root,
        Err(_) if body.is_empty() => return Some(status(response, "the body is empty")),
        Err(damage) => {
            let end = next_character(body, damage.offset);
            let label = if end == damage.offset {
                "the body ends here"
            } else {
                "the document is malformed here"
            };
            return Some(Point::in_response(Target::Body(damage.offset..end), label));
        }
    };
    let point = |range, label: &str| Some(Point::in_response(Target::Body(range), label));
    match place {
        Place::Answer => Some(answer(response, root, body, difference)),
        Place::Root => point(name(root, body), "the root's name"),
        Place::Namespace | Place::Prefix => point(start_tag(root), "the root's start tag"),
        Place::RequestId => match root.request_id_element() {
            Some(id) => point(text(id), "the request id"),
            None => point(start_tag(root), "no request id in this element"),
        },
        Place::Path(path) => Some(at_path(root, path, body, difference)),
        _ => None,
    }
}

/// The point in a request.
fn in_request(request: &Message, spot: Spot) -> Option<Point> {
    let (target, label) = match spot {
        Spot::Whole => return None,
        Spot::Method => (Target::Line(request.method_span()), "the method".to_owned()),
        Spot::Target(range) => {
            let start = request.second_span().start;
            let range = start + range.start..start + range.end;
            (Target::Line(range), "the target".to_owned())
        }
        Spot::Header(name) => {
            let known = request
                .headers
                .iter()
                .position(|(known, _)| known.eq_ignore_ascii_case(&name))?;
            (Target::Header(known), format!("the header {name}"))
        }
        Spot::Body(range) => (Target::Body(range), "the request".to_owned()),
    };
    Some(Point {
        target,
        in_request: true,
        label,
    })
}

/// Whether the description of a response is that of a success.
pub fn is_success(got: &str) -> bool {
    got.starts_with("a success")
}

/// The part of the response that makes it illegal.
fn answer(response: &Message, root: &Element, body: &[u8], difference: &Difference) -> Point {
    let nested = root.at("Errors.Error.Code");
    let code = nested
        .first()
        .copied()
        .or_else(|| root.at("Error.Code").first().copied());
    let status_word = response.target().unwrap_or_default();
    let wants = |word: &str| difference.wanted.contains(word);
    match code {
        // The code is legal, so the status is not.
        Some(code) if wants(&code.text) && !wants(status_word) => status(response, "the status"),
        Some(code) => Point::in_response(Target::Body(text(code)), "the code"),
        // The document is a success, but no success is legal.
        None if difference.got.as_deref().is_some_and(is_success) => status(response, "the status"),
        None => Point::in_response(Target::Body(name(root, body)), "the root's name"),
    }
}

/// The element at the path or, if it is missing, its nearest existing ancestor.
fn at_path(root: &Element, path: &str, body: &[u8], difference: &Difference) -> Point {
    if let Some(element) = root.at(path).first() {
        return Point::in_response(Target::Body(differing(element, body, difference)), path);
    }
    let parts: Vec<&str> = place::texts(path).collect();
    let found = (0..parts.len()).rev().find_map(|length| {
        let around = parts.get(..length)?.join(".");
        let element = root.at(&around).first().copied()?;
        Some((element, *parts.get(length)?))
    });
    let (element, missing) = found.unwrap_or((root, path));
    let label = format!("no `{missing}` in this element");
    Point::in_response(Target::Body(start_tag(element)), &label)
}

/// The part of an element's text that differs from the expected text; the whole text if the exact
/// text is not known.
fn differing(element: &Element, body: &[u8], difference: &Difference) -> Range<usize> {
    let whole = text(element);
    let raw = body.get(whole.clone()).unwrap_or_default();
    // With references or comments, the raw body differs from the text that was compared.
    if !difference.exact || raw != element.text.as_bytes() {
        return whole;
    }
    let (got, wanted) = (element.text.as_str(), difference.wanted.as_str());
    let common = |a: &mut dyn Iterator<Item = char>, b: &mut dyn Iterator<Item = char>| {
        a.zip(b)
            .take_while(|(a, b)| a == b)
            .map(|(a, _)| a.len_utf8())
            .sum::<usize>()
    };
    let prefix = common(&mut got.chars(), &mut wanted.chars());
    let rest = |text: &'_ str| text.get(prefix..).unwrap_or_default().to_owned();
    let (got_rest, wanted_rest) = (rest(got), rest(wanted));
    let suffix = common(&mut got_rest.chars().rev(), &mut wanted_rest.chars().rev());
    whole.start + prefix..whole.end.saturating_sub(suffix)
}

/// The range of an element's text, or of its start tag if it has no text.
fn text(element: &Element) -> Range<usize> {
    if element.content.is_empty() {
        element.span.clone()
    } else {
        element.content.clone()
    }
}

fn start_tag(element: &Element) -> Range<usize> {
    let end = if element.content.is_empty() && element.content.start == element.span.end {
        element.span.end
    } else {
        element.content.start
    };
    element.span.start..end
}

/// The range of the element's local name in its start tag.
fn name(element: &Element, body: &[u8]) -> Range<usize> {
    let tag = body.get(element.span.start + 1..).unwrap_or_default();
    let name = element.name.as_bytes();
    let prefix = tag
        .windows(name.len().max(1))
        .position(|window| window == name);
    let start = element.span.start + 1 + prefix.unwrap_or(0);
    start..start + name.len()
}

/// The end of the character at an offset, in bytes.
fn next_character(body: &[u8], offset: usize) -> usize {
    let rest = body.get(offset..).unwrap_or_default();
    let chunk = rest.utf8_chunks().next();
    let length = chunk.map_or(0, |chunk| match chunk.valid().chars().next() {
        Some(c) => c.len_utf8(),
        None => chunk.invalid().len(),
    });
    offset + length
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn pointed(body: &str, at: &str, wanted: &str, exact: bool) -> (String, String) {
        let exchange = Exchange {
            request: message("POST / HTTP/1.1", ""),
            response: Some(message("HTTP/1.1 400", body)),
        };
        let difference = Difference {
            at: at.into(),
            wanted: wanted.into(),
            got: (wanted == "a fault").then(|| "a success, status 200".into()),
            exact,
        };
        let document = exchange.response.as_ref().map(Document::read);
        let point = find(&exchange, &difference, &|| document.as_ref()).unwrap();
        let shown = match point.target {
            Target::Header(index) => format!("(header {index})"),
            Target::Line(range) => {
                assert_eq!("HTTP/1.1 400".get(range), Some("400"));
                "(status)".to_owned()
            }
            Target::Body(range) => body.get(range).unwrap().to_owned(),
        };
        (shown, point.label)
    }

    fn message(start: &str, body: &str) -> Message {
        Message {
            start: start.into(),
            headers: vec![("Content-Type".into(), "text/xml".into())],
            body: body.into(),
            ..Message::default()
        }
    }

    #[test]
    fn the_differing_part_is_found() {
        let body = "<R xmlns='u'><requestId>1</requestId><p><id>pol-12x4</id><e/>\
            <s><item><k>a&amp;b</k></item></s></p></R>";
        let shown = |at, wanted, exact| pointed(body, at, wanted, exact).0;
        assert_eq!(shown("p.id", "pol-1234", true), "x");
        assert_eq!(shown("p.id", "pol-1x4", true), "2");
        assert_eq!(shown("p.id", "pol-123x4", true), "");
        assert_eq!(shown("p.id", "a match of x", false), "pol-12x4");
        assert_eq!(shown("p.s.item[0].k", "a&c", true), "a&amp;b");
        assert_eq!(shown("p.e", "x", true), "<e/>");
        assert_eq!(shown("@xmlns", "v", true), "<R xmlns='u'>");
        assert_eq!(shown("@root", "Q", true), "R");
        assert_eq!(shown("@request-id", "something", false), "1");
        assert_eq!(shown("@header:content-type", "x", false), "(header 0)");
        assert_eq!(
            pointed(body, "p.s.item[1].k", "x", true),
            ("<s>".into(), "no `item[1]` in this element".into())
        );
    }

    #[test]
    fn an_illegal_answer_is_pointed_at() {
        let fault = "<Response><Errors><Error><Code>Odd</Code></Error></Errors></Response>";
        let at = |body, wanted| pointed(body, "@answer", wanted, false).0;
        assert_eq!(
            at(fault, "a fault, status 412, code DryRunOperation"),
            "Odd"
        );
        assert_eq!(at(fault, "a fault, status 412, code Odd"), "(status)");
        assert_eq!(at("<html><p/></html>", "a success"), "html");
        assert_eq!(at("<AResponse/>", "a success"), "AResponse");
        assert_eq!(at("<A:AB xmlns:A=''/>", "a success"), "AB");
        assert_eq!(at("<AResponse/>", "a fault"), "(status)");
        assert_eq!(at("", "a success"), "(status)");
        assert_eq!(at("<a>&zz;</a>", "a success"), "&");
        assert_eq!(at("<a>", "a success"), "");
    }
}
