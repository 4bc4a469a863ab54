//! The same codec, driven by the service model instead of by a type.

use crate::cases::keep;
use crate::input::REQUEST_ID;
use crate::measure::Contender;
use ec2wire::xml;
use ec2wire_model::{Model, Operation, Value};
use std::hint::black_box;

/// The maximum ratio of a way's time to the time of the same way with a type, at 50 tags.
pub(crate) const AT_MOST: f64 = 2.5;

fn operation(name: &str) -> Operation {
    Model::ec2().operation(name).unwrap()
}

fn request(operation: Operation, body: &'static [u8]) -> Value<'static> {
    let body = std::str::from_utf8(body).unwrap();
    operation.decode_request(body).unwrap()
}

fn answer(operation: Operation, body: &'static [u8]) -> Value<'static> {
    let body = std::str::from_utf8(body).unwrap();
    let options = xml::Options::new();
    let (output, _) = options
        .from_str_seed(operation.response_seed(), body)
        .unwrap();
    output
}

pub(crate) fn form_encode(action: &str, body: &'static [u8]) -> [Contender; 2] {
    let operation = operation(action);
    let value = keep(request(operation, body).into_owned());
    let append = move |value: &Value<'_>, buffer: &mut Vec<u8>| {
        operation.append_request(buffer, value).unwrap();
    };
    [
        reusing(value, body, append),
        Contender::new(
            "model, new buffer",
            value,
            move |value| operation.encode_request(value).unwrap(),
            |other| assert_eq!(other.as_bytes(), body),
        ),
    ]
}

pub(crate) fn form_decode(action: &str, body: &'static [u8]) -> [Contender; 2] {
    let operation = operation(action);
    let again = move |value: &Value<'_>| {
        assert_eq!(operation.encode_request(value).unwrap().as_bytes(), body);
    };
    [
        Contender::new(
            "model, borrowed",
            body,
            move |body| request(operation, body),
            move |value| again(&value),
        ),
        Contender::new(
            "model, owned",
            body,
            move |body| request(operation, body).into_owned(),
            move |value| again(&value),
        ),
    ]
}

pub(crate) fn xml_encode(action: &str, body: &'static [u8]) -> [Contender; 2] {
    let operation = operation(action);
    let value = keep(answer(operation, body).into_owned());
    let append = move |value: &Value<'_>, buffer: &mut Vec<u8>| {
        operation
            .append_response(buffer, REQUEST_ID, value)
            .unwrap();
    };
    [
        reusing(value, body, append),
        Contender::new(
            "model, new buffer",
            value,
            move |value| operation.encode_response(REQUEST_ID, value).unwrap(),
            |other| assert_eq!(other.as_bytes(), body),
        ),
    ]
}

/// `document` is the body without white space and unknown elements.
pub(crate) fn xml_decode(
    action: &str,
    body: &'static [u8],
    document: &'static [u8],
) -> [Contender; 2] {
    let operation = operation(action);
    let again = move |value: &Value<'_>| {
        let body = operation.encode_response(REQUEST_ID, value).unwrap();
        assert_eq!(body.as_bytes(), document);
    };
    [
        Contender::new(
            "model, borrowed",
            body,
            move |body| answer(operation, body),
            move |value| again(&value),
        ),
        Contender::new(
            "model, owned",
            body,
            move |body| answer(operation, body).into_owned(),
            move |value| again(&value),
        ),
    ]
}

fn reusing(
    value: &'static Value<'static>,
    expected: &'static [u8],
    append: impl Fn(&Value<'_>, &mut Vec<u8>) + 'static,
) -> Contender {
    let mut buffer = Vec::new();
    append(value, &mut buffer);
    assert_eq!(buffer, expected);
    let call = move |value| {
        buffer.clear();
        append(value, &mut buffer);
        black_box(buffer.as_slice());
    };
    Contender::new("model, reused buffer", value, call, |()| ())
}
