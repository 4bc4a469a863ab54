//! Whole HTTP responses.

use super::table::Body::{self, Bytes, Repeated, Text};
use super::table::{Outcome, Row};
use ec2wire::ipam::CreateIpamPolicy;
use ec2wire::{Operation, Reply};

/// A status and a body.
pub(crate) type Answer = (u16, Body);

pub(crate) fn decode(status: u16, body: &[u8]) -> Outcome {
    match <CreateIpamPolicy>::decode_reply(status, body) {
        Ok(Reply::Success(success)) => {
            let output = serde_json::to_string(&success.output).unwrap_or_default();
            let id = match success.request_id {
                Some(id) => format!("request {id:?}"),
                None => "no request id".into(),
            };
            Outcome {
                kind: Some("Success".into()),
                shown: format!("success: {output}, {id}"),
            }
        }
        Ok(Reply::Fault(fault)) => {
            let length = fault.excerpt.chars().count();
            let start: String = fault.excerpt.chars().take(40).collect();
            let excerpt = match length {
                0 => String::new(),
                1..=40 => format!(", excerpt {start:?}"),
                _ => format!(", excerpt of {length} {start:?}.."),
            };
            Outcome {
                kind: Some("Fault".into()),
                shown: format!("fault: {fault}{excerpt}"),
            }
        }
        Err(error) => Outcome::of(Err(error)),
    }
}

pub(crate) const ROWS: &[Row<Answer>] = &[
    Row {
        input: "2xx, the action's document",
        cases: &[
            (
                200,
                Text(
                    "<CreateIpamPolicyResponse><requestId>q</requestId></CreateIpamPolicyResponse>",
                ),
            ),
            (202, Text("<CreateIpamPolicyResponse/>")),
        ],
    },
    Row {
        input: "the request id as `requestId`, `RequestId` or `RequestID`, first or last",
        cases: &[
            (
                200,
                Text(
                    "<CreateIpamPolicyResponse><ipamPolicy/><requestId>q</requestId>\
                     </CreateIpamPolicyResponse>",
                ),
            ),
            (
                200,
                Text(
                    "<CreateIpamPolicyResponse><RequestId>q</RequestId></CreateIpamPolicyResponse>",
                ),
            ),
            (
                400,
                Text("<Response><Errors/><RequestID>q</RequestID></Response>"),
            ),
            (
                400,
                Text("<Response><RequestId>q</RequestId><Errors/></Response>"),
            ),
            (400, Text("<Response><requestId>q</requestId></Response>")),
            (400, Text("<Response><Errors/><RequestID/></Response>")),
        ],
    },
    Row {
        input: "the request id elsewhere, or in another spelling",
        cases: &[
            (
                400,
                Text("<Response><Errors/><REQUESTID>q</REQUESTID></Response>"),
            ),
            (
                400,
                Text("<Response><Errors><RequestID>q</RequestID></Errors></Response>"),
            ),
            (
                200,
                Text(
                    "<CreateIpamPolicyResponse><ipamPolicy><requestId>q</requestId></ipamPolicy>\
                     </CreateIpamPolicyResponse>",
                ),
            ),
        ],
    },
    Row {
        input: "two request ids",
        cases: &[
            (
                400,
                Text("<Response><RequestID>q</RequestID><RequestId>q</RequestId></Response>"),
            ),
            (
                200,
                Text(
                    "<CreateIpamPolicyResponse><requestId>a</requestId><requestId>b</requestId>\
                     </CreateIpamPolicyResponse>",
                ),
            ),
        ],
    },
    Row {
        input: "any status, EC2's error document",
        cases: &[
            (
                400,
                Text(
                    "<Response><Errors><Error><Code>C</Code><Message>a &amp; b</Message></Error>\
                     </Errors><RequestID>q</RequestID></Response>",
                ),
            ),
            (
                412,
                Text(
                    "<Response><Errors><Error><Code>DryRunOperation</Code><Message>m</Message>\
                     </Error></Errors><RequestID>q</RequestID></Response>",
                ),
            ),
            (
                200,
                Text("<Response><Errors><Error><Code>C</Code></Error></Errors></Response>"),
            ),
            (
                0,
                Text("<Response><Errors><Error><Code>C</Code></Error></Errors></Response>"),
            ),
        ],
    },
    Row {
        input: "two `<Error>`",
        cases: &[(
            400,
            Text(
                "<Response><Errors><Error><Code>A</Code><Message>a</Message></Error>\
                 <Error><Code>B</Code><Message/></Error></Errors></Response>",
            ),
        )],
    },
    Row {
        input: "`<Errors/>`, or no `<Errors>`",
        cases: &[
            (400, Text("<Response><Errors/></Response>")),
            (400, Text("<Response/>")),
            (200, Text("<Response/>")),
        ],
    },
    Row {
        input: "an `<Error>` without `<Code>` or `<Message>`",
        cases: &[
            (400, Text("<Response><Errors><Error/></Errors></Response>")),
            (
                400,
                Text("<Response><Errors><Error><Code/></Error></Errors></Response>"),
            ),
            (
                400,
                Text("<Response><Errors><Error><Message>m</Message></Error></Errors></Response>"),
            ),
        ],
    },
    Row {
        input: "an `<ErrorResponse>` root, a bare `<Error>`, `<Error>` beside `<Errors>`",
        cases: &[
            (
                400,
                Text(
                    "<ErrorResponse><Error><Code>C</Code></Error><RequestId>q</RequestId></ErrorResponse>",
                ),
            ),
            (
                400,
                Text("<Response><Error><Code>C</Code></Error></Response>"),
            ),
            (
                400,
                Text(
                    "<Response><Errors><Error><Code>C</Code></Error></Errors>\
                     <Error><Code>C</Code></Error></Response>",
                ),
            ),
        ],
    },
    Row {
        input: "a namespace or unknown elements in the error document",
        cases: &[
            (
                400,
                Text(
                    "<Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><Errors><Error>\
                     <Code>C</Code></Error></Errors></Response>",
                ),
            ),
            (
                400,
                Text(
                    "<Response><Errors><Error><Type>Sender</Type><Code>C</Code></Error><a/></Errors>\
                     <b>text</b></Response>",
                ),
            ),
        ],
    },
    Row {
        input: "another status than 2xx, no XML",
        cases: &[
            (400, Text("")),
            (502, Text("upstream connect error")),
            (502, Text("upstream <")),
            (502, Text("x<R")),
            (500, Text("{\"m\":\"<Response\"}")),
            (500, Text("<?php echo 1; ?")),
            (503, Text("<!DOCTYPE html><p>a <ErrorResponse")),
            (
                503,
                Repeated(&[("<!DOCTYPE html>", 1), (" ", 240), ("<p", 1)]),
            ),
            (
                503,
                Text("<?xml version=\"1.0\"?><!DOCTYPE html><html><br></html>"),
            ),
            (503, Text(" \n")),
            (500, Text("{\"message\":\"Internal Server Error\"}")),
            (503, Text("<!DOCTYPE html><html><br></html>")),
            (
                503,
                Text("<html><body><br>503 Service Unavailable</body></html>"),
            ),
            (502, Bytes(b"caf\xE9 \xFF")),
            (500, Repeated(&[("é", 100_000)])),
        ],
    },
    Row {
        input: "another status than 2xx, another document",
        cases: &[
            (400, Text("<CreateIpamPolicyResponse/>")),
            (301, Text("<Moved/>")),
            (503, Text("<html/>")),
            (503, Text("<ResponseOverload")),
        ],
    },
    Row {
        input: "2xx, no XML or another document",
        cases: &[
            (200, Text("")),
            (204, Text("")),
            (200, Text("{}")),
            (200, Text("<!DOCTYPE html><html></html>")),
            (200, Text("<html><br></html>")),
            (200, Text("<DescribeIpamPoliciesResponse/>")),
            (200, Bytes(b"\xFF")),
        ],
    },
    Row {
        input: "a body that is longer than the limit",
        cases: &[
            (200, Repeated(&[(" ", 1 + (64 << 20))])),
            (400, Repeated(&[("<Response>", 1), (" ", 64 << 20)])),
            (503, Repeated(&[("x", 1 + (64 << 20))])),
        ],
    },
    Row {
        input: "2xx, the action's document cut short",
        cases: &[
            (200, Text("<CreateIpamPolicyRes")),
            (
                200,
                Text("<CreateIpamPolicyResponse><ipamPolicy><ipamPolicyId>ipam-po"),
            ),
        ],
    },
    Row {
        input: "any status, an error document cut short",
        cases: &[
            (400, Text("<Response><Errors><Error><Code>Reque")),
            (400, Text("<Respo")),
            (400, Text("<?xml version=\"1.0\"")),
            (400, Text("<?xml version=\"1.0\"?>\n")),
            (200, Text("<Response><Errors>")),
            (400, Bytes(b"<Response><Errors><Error><Message>\xC3")),
        ],
    },
    Row {
        input: "any status, an error document that is damaged",
        cases: &[
            (400, Text("<Response><Errors></Error></Response>")),
            (400, Text("<Response><Errors>text</Errors></Response>")),
            (400, Text("<Response/>junk")),
            (400, Bytes(b"<Response><Errors>\xFF</Errors></Response>")),
            (
                400,
                Text(
                    "<Response><Errors><Error><Code>A</Code><Code>B</Code></Error></Errors></Response>",
                ),
            ),
            (400, Text("<Response><Errors>a & b</Errors></Response>")),
            (400, Text("<Response><1/></Response>")),
            (
                503,
                Text(
                    "<Response><Errors><Error><Message>&nbsp;</Message></Error></Errors></Response>",
                ),
            ),
            (
                400,
                Text(
                    "<Response><Errors><Error><Message>&#0;</Message></Error></Errors></Response>",
                ),
            ),
            (
                400,
                Text("<Response><RequestID>\u{1}</RequestID></Response>"),
            ),
            (
                400,
                Text("<Response><Errors><Error><Code><b>C</b></Code></Error></Errors></Response>"),
            ),
            (
                400,
                Text("<Response><RequestID><a/></RequestID></Response>"),
            ),
            (400, Text("<Response><!DOCTYPE r></Response>")),
        ],
    },
];
