//! Slips in what is made of an answer.

use super::ClientChange::{self, Answered, Ends, Outcome};
use super::edit::{
    closed, each_text, is_error, output, refuse, refuse_where, set, success, tags, text, without,
};
use crate::client::Ending;
use crate::sabotage::{Area, Change, Quirk};
use ec2wire::contract::Level::{self, Must, Should};
use serde_json::Value;

const fn fault(
    area: Area,
    level: Level,
    name: &'static str,
    summary: &'static str,
    change: ClientChange,
) -> Quirk {
    Quirk::fault(area, level, name, summary, Change::Client(change))
}

use Area::{Damage, Errors, Successes};

pub(super) static SUCCESS: &[Quirk] = &[
    fault(
        Successes,
        Must,
        "client-cdata-lost",
        "CDATA sections are passed over (aws-smithy-xml)",
        Answered(|answered| text(answered, |body| without(body, "<![CDATA[", "]]>"))),
    ),
    fault(
        Successes,
        Must,
        "client-comment-ends-text",
        "a text ends at a comment (aws-smithy-xml)",
        Answered(|answered| text(answered, |body| body.replace("<!-- x -->me", ""))),
    ),
    fault(
        Successes,
        Must,
        "client-entities-kept",
        "entities are not undone",
        Answered(|answered| {
            text(answered, |body| {
                body.replace("&amp;", "&amp;amp;")
                    .replace("&lt;", "&amp;lt;")
            });
        }),
    ),
    fault(
        Successes,
        Must,
        "client-references-kept",
        "numeric references are not undone",
        Answered(|answered| text(answered, |body| body.replace("&#", "&amp;#"))),
    ),
    fault(
        Successes,
        Must,
        "client-references-16-bit",
        "hexadecimal references are cut to 16 bits (JS v3)",
        Answered(|answered| text(answered, |body| body.replace("&#x1F600;", "&#xF600;"))),
    ),
    fault(
        Successes,
        Must,
        "client-crlf-kept",
        "a CR in front of a LF stays (aws-smithy-xml)",
        Answered(|answered| text(answered, |body| body.replace("a\r\nb", "a&#13;\nb"))),
    ),
    fault(
        Successes,
        Must,
        "client-text-trimmed",
        "white space at the ends of texts is taken off",
        Outcome(|outcome| {
            if let Some(output) = output(outcome) {
                each_text(output, &|text| text.trim().into());
            }
        }),
    ),
    fault(
        Successes,
        Must,
        "client-blank-lost",
        "a text of blanks is taken for none",
        Outcome(|outcome| {
            if let Some(output) = output(outcome) {
                each_text(output, &|text| {
                    if text.trim().is_empty() {
                        "".into()
                    } else {
                        text.into()
                    }
                });
            }
        }),
    ),
    fault(
        Successes,
        Must,
        "client-empty-is-null",
        "an empty text is handed out as null",
        Outcome(|outcome| {
            if let Some(output) = output(outcome) {
                each_text(output, &|text| {
                    if text.is_empty() {
                        Value::Null
                    } else {
                        text.into()
                    }
                });
            }
        }),
    ),
    fault(
        Successes,
        Must,
        "client-guesses-types",
        "texts that look like numbers become numbers",
        Outcome(|outcome| {
            if let Some(output) = output(outcome) {
                each_text(output, &|text| match text.parse::<u32>() {
                    Ok(number) if text.len() < 5 => number.into(),
                    _ => text.into(),
                });
            }
        }),
    ),
    fault(
        Successes,
        Must,
        "client-unescapes",
        "escapes of forms are undone in texts",
        Outcome(|outcome| {
            if let Some(output) = output(outcome) {
                each_text(output, &|text| text.replace("%41", "A").into());
            }
        }),
    ),
    fault(
        Successes,
        Must,
        "client-astral-replaced",
        "characters above U+FFFF become question marks",
        Outcome(|outcome| {
            if let Some(output) = output(outcome) {
                each_text(output, &|text| {
                    let plain = |c: char| if u32::from(c) > 0xFFFF { '?' } else { c };
                    text.chars().map(plain).collect::<String>().into()
                });
            }
        }),
    ),
    fault(
        Successes,
        Must,
        "client-one-tag",
        "just one tag is read",
        Outcome(|outcome| {
            if let Some(tags) = tags(outcome) {
                tags.truncate(1);
            }
        }),
    ),
    fault(
        Successes,
        Must,
        "client-tags-lost",
        "tags are not read",
        Outcome(|outcome| {
            if let Some(tags) = tags(outcome) {
                tags.clear();
            }
        }),
    ),
    fault(
        Successes,
        Must,
        "client-message-of-state-lost",
        "the message about the state is not read",
        Answered(|answered| {
            text(answered, |body| {
                without(body, "<stateMessage>", "</stateMessage>")
            });
        }),
    ),
    fault(
        Successes,
        Must,
        "client-unknown-refused",
        "an element that is not known is an error",
        Answered(|answered| refuse_where(answered, "<colour")),
    ),
    fault(
        Successes,
        Must,
        "client-unknown-taken",
        "elements are looked for at any depth",
        Answered(|answered| {
            if String::from_utf8_lossy(&answered.body).contains("<copy>") {
                text(answered, |body| {
                    body.replace("<state>create-complete</state>", "<state>y</state>")
                });
            }
        }),
    ),
    fault(
        Successes,
        Must,
        "client-state-refused",
        "a state that is not known is an error",
        Answered(|answered| refuse_where(answered, "archive-in-progress")),
    ),
    fault(
        Successes,
        Must,
        "client-state-lost",
        "a state that is not known is handed out as `unknown`",
        Outcome(|outcome| {
            if let Some(output) = output(outcome) {
                each_text(output, &|text| {
                    text.replace("archive-in-progress", "unknown").into()
                });
            }
        }),
    ),
    fault(
        Successes,
        Must,
        "client-empty-list-refused",
        "an empty list is an error",
        Answered(|answered| refuse_where(answered, "<tagSet/>")),
    ),
    fault(
        Successes,
        Must,
        "client-empty-list-filled",
        "an empty list has an entry without members",
        Answered(|answered| {
            text(answered, |body| {
                body.replace("<tagSet></tagSet>", "<tagSet><item/></tagSet>")
            });
        }),
    ),
    fault(
        Successes,
        Must,
        "client-order-expected",
        "the request id must come first",
        Answered(|answered| {
            if String::from_utf8_lossy(&answered.body).contains("</ipamPolicy><requestId>") {
                answered.body.clear();
            }
        }),
    ),
    fault(
        Successes,
        Must,
        "client-white-space-refused",
        "white space between elements is an error",
        Answered(|answered| refuse_where(answered, "\n    <ipamPolicy>")),
    ),
    fault(
        Successes,
        Should,
        "client-namespace-expected",
        "the namespace must be as EC2 writes it",
        Answered(|answered| {
            if answered.status == 200
                && !String::from_utf8_lossy(&answered.body).contains("doc/2016-11-15/\"")
            {
                answered.body.clear();
            }
        }),
    ),
];

pub(super) static ERROR: &[Quirk] = &[
    fault(
        Errors,
        Must,
        "client-errors-ignored",
        "every answer is a success",
        Outcome(|outcome| {
            if is_error(outcome, "service") {
                success(outcome);
            }
        }),
    ),
    fault(
        Errors,
        Must,
        "client-dry-run-ignored",
        "the error of a dry run is a success",
        Outcome(|outcome| {
            if outcome.get("status").is_some_and(|status| status == 412) {
                success(outcome);
            }
        }),
    ),
    fault(
        Errors,
        Must,
        "client-status-ignored",
        "just the document says whether it is a success",
        Answered(|answered| {
            if answered
                .body
                .windows(12)
                .any(|part| part == b"<ipamPolicy>")
            {
                answered.status = 200;
            }
        }),
    ),
    fault(
        Errors,
        Must,
        "client-code-lost",
        "the code is `Unknown`",
        Outcome(|outcome| set(outcome, "code", "Unknown".into())),
    ),
    fault(
        Errors,
        Must,
        "client-code-listed",
        "a code that is not documented becomes `Unknown`",
        Outcome(|outcome| {
            if outcome
                .get("code")
                .is_some_and(|code| code == "IpamPolicyColourNotSupported")
            {
                set(outcome, "code", "Unknown".into());
            }
        }),
    ),
    fault(
        Errors,
        Must,
        "client-code-short",
        "the code ends at its dot",
        Outcome(|outcome| {
            let code = outcome.get("code").and_then(Value::as_str);
            let short = code
                .and_then(|code| code.split('.').next())
                .map(str::to_owned);
            set(outcome, "code", short.into());
        }),
    ),
    fault(
        Errors,
        Must,
        "client-message-lost",
        "the message is not handed out",
        Outcome(|outcome| set(outcome, "message", Value::Null)),
    ),
    fault(
        Errors,
        Must,
        "client-message-cut",
        "the message is cut at 40 characters",
        Outcome(|outcome| {
            let message = outcome.get("message").and_then(Value::as_str);
            let cut: Option<String> = message.map(|text| text.chars().take(40).collect());
            set(outcome, "message", cut.into());
        }),
    ),
    fault(
        Errors,
        Should,
        "client-status-lost",
        "the status of an error is not handed out",
        Outcome(|outcome| set(outcome, "status", Value::Null)),
    ),
    fault(
        Errors,
        Should,
        "client-id-lost",
        "the request id of an error is not handed out",
        Outcome(|outcome| set(outcome, "requestId", Value::Null)),
    ),
    fault(
        Errors,
        Should,
        "client-id-of-header",
        "the request id of an error is looked for in the headers only (Rust, JS)",
        Answered(|answered| {
            if answered.status >= 400 {
                let id = answered.header_id.take();
                let id = id.map_or(String::new(), |id| format!("<RequestID>{id}</RequestID>"));
                text(answered, |body| {
                    let names = ["RequestID", "RequestId", "requestId"];
                    let bare = names.iter().fold(body.to_owned(), |body, name| {
                        without(&body, &format!("<{name}>"), &format!("</{name}>"))
                    });
                    bare.replace("</Response>", &format!("{id}</Response>"))
                });
            }
        }),
    ),
    fault(
        Errors,
        Must,
        "client-takes-for-transport",
        "an error of EC2 is taken for one of the connection",
        Outcome(|outcome| {
            if is_error(outcome, "service") {
                set(outcome, "kind", "transport".into());
            }
        }),
    ),
    fault(
        Errors,
        Should,
        "client-two-errors",
        "of two errors none is reported (JS)",
        Answered(|answered| {
            text(answered, |body| {
                if body.contains("second") {
                    without(body, "<Error>", "</Error>")
                } else {
                    body.to_owned()
                }
            });
        }),
    ),
    fault(
        Errors,
        Should,
        "client-other-root",
        "the root ErrorResponse has no code (Rust)",
        Answered(|answered| refuse_where(answered, "<ErrorResponse>")),
    ),
    fault(
        Errors,
        Must,
        "client-half-code",
        "a code that is cut short is reported (Rust)",
        Answered(|answered| {
            text(answered, |body| {
                if body.ends_with("InvalidIpa") {
                    closed(body)
                } else {
                    body.to_owned()
                }
            });
        }),
    ),
];

pub(super) static DAMAGE: &[Quirk] = &[
    fault(
        Damage,
        Must,
        "client-lenient",
        "a document that ends too soon, or whose tags do not fit, is read as far as it goes (aws-smithy-xml)",
        Answered(|answered| text(answered, closed)),
    ),
    fault(
        Damage,
        Must,
        "client-nbsp",
        "an entity that is not defined is passed over (JS)",
        Answered(|answered| text(answered, |body| body.replace("&nbsp;", ""))),
    ),
    fault(
        Damage,
        Must,
        "client-not-utf-8",
        "bytes that are no UTF-8 are replaced",
        Answered(|answered| {
            answered.body = String::from_utf8_lossy(&answered.body)
                .into_owned()
                .into_bytes();
        }),
    ),
    fault(
        Damage,
        Must,
        "client-strangers",
        "a success of which nothing can be read has no members (botocore, JS)",
        Outcome(|outcome| {
            if is_error(outcome, "client")
                && !outcome.get("message").is_some_and(|text| {
                    text.as_str()
                        .is_some_and(|text| text.contains("list entry"))
                })
            {
                success(outcome);
            }
        }),
    ),
    fault(
        Damage,
        Must,
        "client-cut-short",
        "an answer that is not whole is a success",
        Outcome(|outcome| {
            if is_error(outcome, "transport") {
                success(outcome);
            }
        }),
    ),
    fault(
        Damage,
        Must,
        "client-dies",
        "the client dies of what it cannot read",
        Ends(|outcome| {
            if is_error(outcome, "client") {
                Ending::Dies
            } else {
                Ending::Answers
            }
        }),
    ),
    fault(
        Damage,
        Must,
        "client-hangs",
        "the client loops for ever on what it cannot read (rusoto)",
        Ends(|outcome| {
            let message = outcome.get("message").and_then(Value::as_str);
            if message.is_some_and(|text| text.contains("ends")) {
                Ending::Hangs
            } else {
                Ending::Answers
            }
        }),
    ),
    fault(
        Damage,
        Must,
        "client-refuses-all",
        "no answer can be read",
        Outcome(refuse),
    ),
];
