//! Slips in what is sent.

use super::ClientChange::{self, Again, Headers, Input, Request, Sent, Signer, Token};
use super::edit::{each_number, each_pair, each_value};
use crate::sabotage::{Area, Change, Quirk};
use ec2wire::contract::Level::{self, Must, Should};

const fn request(
    level: Level,
    name: &'static str,
    summary: &'static str,
    change: ClientChange,
) -> Quirk {
    Quirk::fault(Area::Request, level, name, summary, Change::Client(change))
}

const fn signature(
    level: Level,
    name: &'static str,
    summary: &'static str,
    change: ClientChange,
) -> Quirk {
    Quirk::fault(
        Area::Signature,
        level,
        name,
        summary,
        Change::Client(change),
    )
}

const fn token(
    level: Level,
    name: &'static str,
    summary: &'static str,
    change: ClientChange,
) -> Quirk {
    Quirk::fault(Area::Retries, level, name, summary, Change::Client(change))
}

pub(super) static REQUEST: &[Quirk] = &[
    request(
        Must,
        "client-plus-bare",
        "a plus is not escaped, and so becomes a space",
        Request(|body, _| each_value(body, |value| value.replace("%2B", "+"))),
    ),
    request(
        Must,
        "client-percent-bare",
        "a percent sign is not escaped",
        Request(|body, _| each_value(body, |value| value.replace("%25", "%"))),
    ),
    request(
        Must,
        "client-ampersand-bare",
        "an ampersand is not escaped, and so ends the value",
        Request(|body, _| each_value(body, |value| value.replace("%26", "&"))),
    ),
    request(
        Must,
        "client-escaped-twice",
        "values are escaped twice",
        Request(|body, _| each_value(body, |value| value.replace('%', "%25"))),
    ),
    request(
        Should,
        "client-controls-bare",
        "tabs and line feeds stand bare",
        Request(|body, _| {
            each_value(body, |value| {
                value.replace("%09", "\t").replace("%0A", "\n")
            });
        }),
    ),
    request(
        Must,
        "client-latin-1",
        "accents go in Latin-1",
        Request(|body, _| {
            each_value(body, |value| {
                value.replace("%C3%B6", "%F6").replace("%C3%A9", "%E9")
            });
        }),
    ),
    request(
        Must,
        "client-astral-lost",
        "characters above U+FFFF become question marks",
        Request(|body, _| each_value(body, |value| value.replace("%F0%9F%98%80", "%3F"))),
    ),
    request(
        Must,
        "client-values-trimmed",
        "white space at the ends of values is taken off",
        Request(|body, _| {
            each_value(body, |value| {
                let value = value.trim_start_matches("%20");
                value.trim_end_matches("%20").to_owned()
            });
        }),
    ),
    request(
        Must,
        "client-line-feed-lost",
        "a line feed becomes a space",
        Request(|body, _| each_value(body, |value| value.replace("%0A", "%20"))),
    ),
    request(
        Must,
        "client-value-cut",
        "values are cut at 255 characters",
        Request(|body, _| {
            each_value(body, |value| {
                value.get(..255 * 9).unwrap_or(value).to_owned()
            });
        }),
    ),
    request(
        Should,
        "client-list-from-zero",
        "lists are numbered from 0",
        Request(|body, _| each_number(body, |n| (n - 1).to_string())),
    ),
    request(
        Should,
        "client-list-gaps",
        "lists are numbered 1, 3, 5",
        Request(|body, _| each_number(body, |n| (2 * n - 1).to_string())),
    ),
    request(
        Should,
        "client-list-zeros",
        "the numbers of lists have leading zeros",
        Request(|body, _| each_number(body, |n| format!("{n:02}"))),
    ),
    request(
        Must,
        "client-list-member",
        "lists are written as other AWS services have them",
        Request(|body, _| *body = body.replace("TagSpecification.", "TagSpecification.member.")),
    ),
    request(
        Must,
        "client-plural-names",
        "lists have the API's names",
        Request(|body, _| {
            *body = body
                .replace("TagSpecification.", "TagSpecifications.")
                .replace(".Tag.", ".Tags.");
        }),
    ),
    request(
        Must,
        "client-list-empty",
        "an empty list is sent with an empty value",
        Request(|body, _| {
            if !body.contains("Filter.") && body.contains("Action=Describe") {
                body.push_str("&Filter=");
            }
        }),
    ),
    request(
        Must,
        "client-list-reversed",
        "the entries of lists go in reverse",
        Input(|input| {
            if let Some(tags) = input
                .pointer_mut("/TagSpecifications/0/Tags")
                .and_then(|v| v.as_array_mut())
            {
                tags.reverse();
            }
        }),
    ),
    request(
        Must,
        "client-second-lost",
        "just the first tag specification is sent",
        Input(|input| {
            if let Some(all) = input
                .pointer_mut("/TagSpecifications")
                .and_then(|v| v.as_array_mut())
            {
                all.truncate(1);
            }
        }),
    ),
    request(
        Must,
        "client-ten-tags",
        "just the first nine entries of a list are sent",
        Request(|body, _| {
            each_pair(body, |key, value| {
                let long = key
                    .split('.')
                    .any(|part| part.parse::<u64>().is_ok_and(|n| n > 9));
                (!long).then(|| (key.to_owned(), value.to_owned()))
            });
        }),
    ),
    request(
        Must,
        "client-boolean-capital",
        "a boolean is `True` or `False`",
        Request(|body, _| {
            *body = body
                .replace("DryRun=true", "DryRun=True")
                .replace("DryRun=false", "DryRun=False");
        }),
    ),
    request(
        Must,
        "client-dry-run-lost",
        "DryRun is not sent",
        Request(|body, _| {
            each_pair(body, |key, value| {
                (key != "DryRun").then(|| (key.to_owned(), value.to_owned()))
            });
        }),
    ),
    request(
        Must,
        "client-false-lost",
        "DryRun is sent where it is true only",
        Request(|body, _| *body = body.replace("&DryRun=false", "")),
    ),
    request(
        Must,
        "client-empty-value-lost",
        "a member with an empty text is not sent",
        Request(|body, _| {
            each_pair(body, |key, value| {
                (!value.is_empty()).then(|| (key.to_owned(), value.to_owned()))
            });
        }),
    ),
    request(
        Must,
        "client-absent-value-sent",
        "a tag without a value is sent with an empty one",
        Input(|input| {
            if let Some(tags) = input
                .pointer_mut("/TagSpecifications/0/Tags")
                .and_then(|v| v.as_array_mut())
            {
                for tag in tags {
                    if let Some(tag) = tag.as_object_mut() {
                        tag.entry("Value").or_insert_with(|| "".into());
                    }
                }
            }
        }),
    ),
    request(
        Must,
        "client-type-unknown-lost",
        "a resource type that the client does not know is not sent",
        Request(|body, _| {
            *body = body.replace("TagSpecification.1.ResourceType=colour-policy&", "");
        }),
    ),
    request(
        Must,
        "client-member-unknown",
        "a member that the action does not have is sent",
        Request(|body, _| body.push_str("&Region=us-east-1")),
    ),
    request(
        Must,
        "client-member-twice",
        "a member is sent twice",
        Request(|body, _| {
            if body.contains("&IpamId=ipam-0123456789abcdef0") {
                body.push_str("&IpamId=ipam-0123456789abcdef0");
            }
        }),
    ),
    request(
        Must,
        "client-member-small",
        "the names of members begin with small letters",
        Request(|body, _| *body = body.replace("&IpamId=", "&ipamId=")),
    ),
    request(
        Must,
        "client-action-other",
        "another action is asked for",
        Request(|body, _| *body = body.replace("Action=CreateIpamPolicy", "Action=CreateIpam")),
    ),
    request(
        Must,
        "client-version-lost",
        "the version is not sent",
        Request(|body, _| *body = body.replace("&Version=2016-11-15", "")),
    ),
    request(
        Should,
        "client-version-old",
        "the version is an old one",
        Request(|body, _| *body = body.replace("2016-11-15", "2014-10-01")),
    ),
    request(
        Must,
        "client-json",
        "the body is declared as JSON",
        Signer(|signer| signer.content_type = Some("application/json")),
    ),
    request(
        Should,
        "client-no-type",
        "the body is not declared",
        Signer(|signer| signer.content_type = None),
    ),
];

pub(super) static SIGNATURE: &[Quirk] = &[
    signature(
        Must,
        "client-unsigned",
        "the request is not signed",
        Headers(|headers| replace(headers, "authorization", "")),
    ),
    signature(
        Must,
        "client-other-secret",
        "the request is signed with another secret",
        Signer(|signer| signer.secret.push('x')),
    ),
    signature(
        Must,
        "client-other-service",
        "the request is signed for S3",
        Signer(|signer| "s3".clone_into(&mut signer.service)),
    ),
    signature(
        Must,
        "client-changed-after",
        "the body is changed after it was signed",
        Sent(|body| *body = body.replace("%20", "+")),
    ),
    signature(
        Must,
        "client-time-lost",
        "the time of the request is not sent",
        Headers(|headers| replace(headers, "x-amz-date", "")),
    ),
    signature(
        Should,
        "client-amz-unsigned",
        "an x-amz- header is added after signing",
        Headers(|headers| headers.push(("x-amz-user-agent".into(), "client".into()))),
    ),
];

pub(super) static TOKEN: &[Quirk] = &[
    token(
        Must,
        "client-token-constant",
        "all calls have one token",
        Token(|| Some("11111111-2222-4333-8444-555555555555".into())),
    ),
    token(
        Should,
        "client-token-missing",
        "no token is made up",
        Token(|| None),
    ),
    token(
        Must,
        "client-token-each-attempt",
        "a call that is sent again has another token",
        Request(|body, attempt| {
            each_pair(body, |key, value| {
                Some((
                    key.to_owned(),
                    match key {
                        "ClientToken" if attempt > 1 => format!("{value}-{attempt}"),
                        _ => value.to_owned(),
                    },
                ))
            });
        }),
    ),
    token(
        Must,
        "client-token-small",
        "a token goes in small letters",
        Request(|body, _| {
            each_pair(body, |key, value| {
                Some((
                    key.to_owned(),
                    match key {
                        "ClientToken" => value.to_ascii_lowercase(),
                        _ => value.to_owned(),
                    },
                ))
            });
        }),
    ),
    token(
        Must,
        "client-token-cut",
        "a token is cut at 36 characters",
        Request(|body, _| {
            each_pair(body, |key, value| {
                Some((
                    key.to_owned(),
                    match key {
                        "ClientToken" => value.get(..36).unwrap_or(value).to_owned(),
                        _ => value.to_owned(),
                    },
                ))
            });
        }),
    ),
    token(
        Should,
        "client-sends-twice",
        "a call is sent again after its success",
        Again(|status| status.is_none_or(|status| status == 200 || status >= 500)),
    ),
    token(
        Should,
        "client-insists",
        "a call is sent again after it was refused",
        Again(|status| status.is_none_or(|status| status >= 400)),
    ),
];

pub(super) static VARIANTS: &[Quirk] = &[
    Quirk::variant(
        "client-plus-for-space",
        "a space is sent as a plus, as botocore does",
        Change::Client(Request(|body, _| *body = body.replace("%20", "+"))),
    ),
    Quirk::variant(
        "client-keys-sorted",
        "the parameters are sorted, as Go's are",
        Change::Client(Request(|body, _| {
            let mut pairs: Vec<&str> = body.split('&').collect();
            pairs.sort_unstable();
            *body = pairs.join("&");
        })),
    ),
    Quirk::variant(
        "client-small-escapes",
        "escapes have small letters",
        Change::Client(Request(|body, _| {
            each_value(body, |value| {
                let mut small = String::new();
                let mut left = 0_u8;
                for c in value.chars() {
                    left = if c == '%' {
                        2
                    } else {
                        left.saturating_sub(1) + u8::from(left == 3)
                    };
                    small.push(if left > 0 || c.is_ascii_digit() {
                        c.to_ascii_lowercase()
                    } else {
                        c
                    });
                }
                small
            });
        })),
    ),
    Quirk::variant(
        "client-asterisk-bare",
        "an asterisk stands bare, as rusoto's does",
        Change::Client(Request(|body, _| {
            *body = body.replace("%2A", "*").replace('~', "%7E");
        })),
    ),
    Quirk::variant(
        "client-charset",
        "the type of the body has a charset, as boto3's has",
        Change::Client(Signer(|signer| {
            signer.content_type = Some("application/x-www-form-urlencoded; charset=utf-8");
        })),
    ),
    Quirk::variant(
        "client-token-not-uuid",
        "the token is no UUID of version 4, as the Rust SDK's",
        Change::Client(Token(|| {
            Some(format!("{}-c", uuid::Uuid::new_v4().simple()))
        })),
    ),
    Quirk::variant(
        "client-sends-once",
        "nothing is sent again",
        Change::Client(Again(|_| false)),
    ),
];

/// Replaces a header, or takes it out where the value is empty.
fn replace(headers: &mut Vec<(String, String)>, name: &str, value: &str) {
    headers.retain(|(known, _)| known != name);
    if !value.is_empty() {
        headers.push((name.to_owned(), value.to_owned()));
    }
}
