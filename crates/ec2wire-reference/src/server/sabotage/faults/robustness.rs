//! Faults on requests that no client should send, and on those that only some clients send.

use crate::quirk::Area;
use crate::server::delivery::Delivery as Way;
use crate::server::message::Response;
use crate::server::sabotage::change::Change::{self, Answer, Delivery};
use crate::server::sabotage::row::{Row, fault_row};
use ec2wire::contract::Level::{self, Must, Should};

const fn robustness(
    level: Level,
    name: &'static str,
    summary: &'static str,
    change: Change,
) -> Row {
    fault_row(Area::Robustness, level, name, summary, change)
}

/// More parameters than any case sends, except for those about their number.
const MANY_PAIRS: usize = 1000;
const LONG: usize = 100_000;

pub(super) static TABLE: &[Row] = &[
    robustness(
        Should,
        "hang-on-bad-escape",
        "a request with an invalid escape is never answered",
        Delivery(|body| {
            if has_bad_escape(body) {
                Way::Hang
            } else {
                Way::Whole
            }
        }),
    ),
    robustness(
        Should,
        "500-on-bad-escape",
        "an invalid escape causes a server error",
        Answer(|request, response| {
            if has_bad_escape(request.body) {
                server_error(response);
            }
        }),
    ),
    robustness(
        Should,
        "500-on-bad-utf8",
        "text that is not UTF-8 causes a server error",
        Answer(|request, response| {
            if has(request.body, b"%FF") || has(request.body, b"%C3%28") {
                server_error(response);
            }
        }),
    ),
    robustness(
        Should,
        "closed-on-bad-utf8",
        "text that is not UTF-8 closes the connection",
        Delivery(|body| {
            if has(body, b"%FF") || has(body, b"%C3%28") {
                Way::Close
            } else {
                Way::Whole
            }
        }),
    ),
    robustness(
        Should,
        "500-on-many-parameters",
        "thousands of parameters cause a server error",
        Answer(|request, response| {
            if pairs(request.body) > MANY_PAIRS {
                server_error(response);
            }
        }),
    ),
    robustness(
        Should,
        "hang-on-many-parameters",
        "a request with thousands of parameters is never answered, as with a search of quadratic cost (LocalStack)",
        Delivery(|body| {
            if pairs(body) > MANY_PAIRS {
                Way::Hang
            } else {
                Way::Whole
            }
        }),
    ),
    robustness(
        Should,
        "closed-on-long-value",
        "a long value closes the connection",
        Delivery(|body| {
            if body.len() > LONG && pairs(body) < MANY_PAIRS {
                Way::Close
            } else {
                Way::Whole
            }
        }),
    ),
    robustness(
        Should,
        "500-on-missing-tag-key",
        "a tag without a key causes a server error (moto)",
        Answer(|_, response| {
            if response.body.contains("Tag key cannot be null") {
                server_error(response);
            }
        }),
    ),
    robustness(
        Should,
        "500-on-unknown-resource-type",
        "an unknown resource type causes a server error",
        Answer(|_, response| {
            if response
                .body
                .contains("is not a valid taggable resource type")
            {
                server_error(response);
            }
        }),
    ),
    robustness(
        Should,
        "500-on-missing-ipam-id",
        "a missing IpamId causes a server error",
        Answer(|_, response| {
            if response.body.contains("MissingParameter") {
                server_error(response);
            }
        }),
    ),
    robustness(
        Must,
        "html-on-unknown-action",
        "the answer to an unknown action is an HTML page with status 500 (moto)",
        Answer(|_, response| {
            if response.body.contains("<Code>InvalidAction</Code>") {
                response.status = 500;
                response.body =
                    "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n\
                <h1>Internal Server Error</h1>\n<p>The server encountered an internal error.</p>\n"
                        .into();
            }
        }),
    ),
    robustness(
        Must,
        "404-on-missing-action",
        "the answer to a request without an action is empty and has status 404 (moto)",
        Answer(|_, response| {
            if response.body.contains("<Code>MissingAction</Code>") {
                response.status = 404;
                response.body.clear();
            }
        }),
    ),
    robustness(
        Must,
        "closed-on-unknown-action",
        "an unknown action closes the connection",
        Delivery(|body| {
            let known = [&b"Action=Create"[..], b"Action=Delete", b"Action=Describe"];
            let is_known = known.iter().any(|action| has(body, action)) && !has(body, b"Policee");
            if is_known || body.is_empty() {
                Way::Whole
            } else {
                Way::Close
            }
        }),
    ),
    robustness(
        Must,
        "hang-on-fifty-tags",
        "a request with fifty tags is never answered",
        Delivery(|body| {
            if has(body, b".Tag.50.Key") {
                Way::Hang
            } else {
                Way::Whole
            }
        }),
    ),
];

fn server_error(response: &mut Response) {
    response.status = 500;
    response.body = format!(
        "<Response><Errors><Error><Code>InternalError</Code><Message>An internal error has occurred\
         </Message></Error></Errors><RequestID>{}</RequestID></Response>",
        response.request_id
    );
}

fn pairs(body: &[u8]) -> usize {
    body.split(|&byte| byte == b'&').count()
}

fn has(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}

fn has_bad_escape(body: &[u8]) -> bool {
    body.split(|&byte| byte == b'%').skip(1).any(|rest| {
        !rest
            .get(..2)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}
