//! Requests.

use super::scalars::{Time, show};
use super::table::Body::{self, Announced, Bytes, Repeated, Text};
use super::table::{Outcome, Row};
use ec2wire::{Error, form};
use ec2wire_test_support::Blob;
use serde::{Deserialize, Serialize};

/// A request with a member of each kind.
#[derive(Serialize, Deserialize)]
struct Request {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ok: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<i8>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show")]
    ratio: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blob: Option<Blob>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Time>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    id: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tag: Vec<Tag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<Target>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deep: Option<Deep>,
}

#[derive(Serialize, Deserialize)]
struct Tag {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

/// Requires its member.
#[derive(Serialize, Deserialize)]
struct Target {
    region: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
}

/// Nests as deeply as its input.
#[derive(Serialize, Deserialize)]
struct Deep {
    a: Option<Box<Self>>,
}

/// Decodes like a server: the action first, then the members. Shows both.
pub(crate) fn decode(options: form::Options, body: &[u8]) -> Result<String, Error> {
    let call = options.call_from_slice(body)?;
    let action = call.action()?;
    let request: Request = call.decode()?;
    let members = serde_json::to_string(&request).unwrap_or_default();
    Ok(match action {
        Some(action) => format!("{action} {members}"),
        None => members,
    })
}

pub(crate) fn outcome(options: form::Options, body: &Body) -> Outcome {
    let options = match *body {
        Announced(_, length) => options.content_length(length),
        _ => options,
    };
    Outcome::of(decode(options, &body.bytes()))
}

pub(crate) const ROWS: &[Row<Body>] = &[
    Row {
        input: "an empty body",
        cases: &[Text("")],
    },
    Row {
        input: "pairs in any order",
        cases: &[
            Text("Tag.1.Value=v&Name=n&Tag.1.Key=k&Action=A"),
            Text("Id.3=c&Id.1=a&Id.2=b"),
            Text("Id.1=1&Id.10=10&Id.2=2&Id.3=3&Id.4=4&Id.5=5&Id.6=6&Id.7=7&Id.8=8&Id.9=9"),
        ],
    },
    Row {
        input: "`+` and `%20`; `%2B`",
        cases: &[Text("Name=a+b%20c%2Bd"), Text("Name=+")],
    },
    Row {
        input: "escapes in lower case, in a key, or of unreserved characters",
        cases: &[
            Text("Name=%c3%a9"),
            Text("Name=%7e%61"),
            Text("N%61me=n"),
            Text("Tag%2E1%2EKey=k"),
        ],
    },
    Row {
        input: "an unescaped `*`, `/` or `é`, a second `=`",
        cases: &[Text("Name=*/:;'\"<>é😀"), Text("Name=a=b=")],
    },
    Row {
        input: "an unescaped space or control character",
        cases: &[
            Text("Name=a b"),
            Text("Name=a\r\n"),
            Text("Name=\u{0}"),
            Text("Name=\u{7F}"),
            Text(" Name=a"),
            Text("Na\tme=a"),
        ],
    },
    Row {
        input: "`%00`",
        cases: &[Text("Name=a%00b")],
    },
    Row {
        input: "`%zz`, `%4`, `%`",
        cases: &[
            Text("Name=a%zzb"),
            Text("Name=%4"),
            Text("Name=100%"),
            Text("Name=%+1"),
            Text("Name=%%34%31"),
            Text("Na%me=a"),
            Text("Name=a&Name=%zz"),
            Text("Id.1=a&Id.1=b%zz"),
            Text("Action=%zz"),
            Text("Signature=%zz"),
        ],
    },
    Row {
        input: "`%FF`, overlong UTF-8, surrogates, bytes that are not UTF-8",
        cases: &[
            Text("Name=a%FFb"),
            Text("Name=%C0%80"),
            Text("Name=%E0%80%AF"),
            Text("Name=%ED%A0%80"),
            Text("Name=%F4%90%80%80"),
            Text("Name=a+%F0%9F%98"),
            Text("%FF=a"),
            Text("Signature=%FF"),
            Bytes(b"Name=\xFF"),
            Bytes(b"Name=\xC0\x80"),
            Bytes(b"N\0a\0m\0e\0=\0\xE9\0"),
        ],
    },
    Row {
        input: "`&&`, an `&` at either end",
        cases: &[
            Text("Name=n&&Id.1=a"),
            Text("&Name=n"),
            Text("Name=n&"),
            Text("&"),
        ],
    },
    Row {
        input: "a pair without `=`",
        cases: &[Text("Name"), Text("Name&Id.1=a"), Text("Id.1=a&Name")],
    },
    Row {
        input: "`=`, `=a`",
        cases: &[Text("="), Text("=a"), Text("Name=n&=a")],
    },
    Row {
        input: "an empty part of a key where a member or an index is expected",
        cases: &[
            Text(".Name=a"),
            Text(".Colour=red"),
            Text("Tag.1..Key=k"),
            Text("Tag..Key=k"),
            Text("Id.=a"),
            Text("Id..1=a"),
            Text("Tag.1.=k"),
            Text(".=a"),
        ],
    },
    Row {
        input: "an empty value",
        cases: &[
            Text("Name="),
            Text("Tag.1.Key=k&Tag.1.Value="),
            Text("Id.1="),
        ],
    },
    Row {
        input: "an unknown key",
        cases: &[
            Text("Name=n&Colour=red"),
            Text("Co%0Alour%E2%80%AE=red"),
            Text("Colour.1.Hue=red&Name=n"),
            Text("Tag.1.Key=k&Tag.1.Colour=red"),
            Text("Name=n&Colour=red&Colour=blue&Colour.1=x"),
        ],
    },
    Row {
        input: "an unknown key with an empty part, or with more parts than are allowed",
        cases: &[
            Text("Colour..Hue=red"),
            Text("Colour.=red"),
            Text("Tag.1.Key=k&Tag.1.Colour..Hue=red"),
            Repeated(&[("Colour", 1), (".A", 10_000), ("=red", 1)]),
        ],
    },
    Row {
        input: "a key in another case",
        cases: &[Text("name=n"), Text("NAME=n"), Text("action=A&Name=n")],
    },
    Row {
        input: "a `?` or byte order mark in front",
        cases: &[Text("?Action=A&Name=n"), Text("\u{FEFF}Action=A&Name=n")],
    },
    Row {
        input: "the query string of a GET",
        cases: &[
            Text(
                "Action=A&Version=2016-11-15&Name=n&X-Amz-Algorithm=AWS4-HMAC-SHA256\
                 &X-Amz-Credential=AKID%2F20260101%2Fus-east-1%2Fec2%2Faws4_request\
                 &X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=0a1b",
            ),
            Text(
                "AWSAccessKeyId=AKID&Action=A&Name=n&Signature=c2ln&SignatureMethod=HmacSHA256\
                 &SignatureVersion=2&Timestamp=2026-01-01T00%3A00%3A00Z&Version=2016-11-15",
            ),
        ],
    },
    Row {
        input: "another `Action` or `Version` than the type's",
        cases: &[Text("Action=Other&Version=2006-03-01&Name=n")],
    },
    Row {
        input: "a common parameter with more parts",
        cases: &[
            Text("Action.1=A&Name=n"),
            Text("Action=A&Version.Name=v&Name=n"),
        ],
    },
    Row {
        input: "a repeated key",
        cases: &[
            Text("Name=a&Name=b"),
            Text("Name=a&Name=a"),
            Text("Name=a&Ok=true&Name=b"),
            Text("Id.1=a&Id.1=b"),
            Text("Tag.1.Key=a&Tag.2.Key=b&Tag.1.Key=c"),
            Text("Action=A&Action=B"),
            Text("Action=A&Version=1&Name=n&Version=2"),
        ],
    },
    Row {
        input: "a gap in a list's indexes",
        cases: &[
            Text("Id.1=a&Id.3=c"),
            Text("Id.2=b"),
            Text("Id.3=c&Id.1=a"),
            Text("Tag.1.Key=a&Tag.3.Key=c"),
        ],
    },
    Row {
        input: "index 0",
        cases: &[
            Text("Id.0=a"),
            Text("Id.0=a&Id.1=b"),
            Text("Tag.0.Key=a&Tag.1.Key=b"),
        ],
    },
    Row {
        input: "an index with leading zeros",
        cases: &[
            Text("Id.01=a"),
            Text("Id.1=a&Id.02=b"),
            Text("Id.0000000002=b&Id.1=a"),
            Text("Id.00000000000000000000002=b&Id.1=a"),
        ],
    },
    Row {
        input: "one index in two spellings",
        cases: &[
            Text("Id.1=a&Id.01=b"),
            Text("Id.01=a&Id.2=b&Id.1=c"),
            Text("Id.1=a&Id.2=b&Id.00000000001=c"),
        ],
    },
    Row {
        input: "a huge index, `Tag.4294967295`",
        cases: &[
            Text("Id.4294967295=a"),
            Text("Tag.4294967295.Key=a"),
            Text("Id.1=a&Id.4294967295=z"),
        ],
    },
    Row {
        input: "a larger index, or one that is not a number",
        cases: &[
            Text("Id.4294967296=a"),
            Text("Id.99999999999999999999=a"),
            Text("Id.-1=a"),
            Text("Id.%2B1=a"),
            Text("Id.1a=a"),
            Text("Id.0x1=a"),
            Text("Id.%EF%BC%91=a"),
            Text("Id.member.1=a"),
            Text("Tag.Key=a"),
        ],
    },
    Row {
        input: "a key that is both a value and a prefix",
        cases: &[
            Text("Name=n&Name.1=x"),
            Text("Name.1=x&Name=n"),
            Text("Id.1=a&Id=b"),
            Text("Id=b&Id.1=a"),
            Text("Id.1=a&Id.1.1=b"),
            Text("Tag.1=a&Tag.1.Key=k"),
            Text("Id=a&Id.1=b"),
            Text("Id.1=b&Id=a"),
        ],
    },
    Row {
        input: "a value for a list of values, `ImageId=ami-1`",
        cases: &[
            Text("Id=a"),
            Text("Id=a%20b"),
            Text("Name=b&Id=a&Count=1"),
            Text("Id=a&Name=b"),
        ],
    },
    Row {
        input: "a value for a structure or a list of structures, an empty value for any list, `Filter=`",
        cases: &[
            Text("Id="),
            Text("Tag=a"),
            Text("Tag.1="),
            Text("Target=eu"),
        ],
    },
    Row {
        input: "members or a list for a value",
        cases: &[
            Text("Name.1=a"),
            Text("Name.="),
            Text("Name..1=a"),
            Text("Ok.Name=true"),
            Text("Id.1.Name=a"),
        ],
    },
    Row {
        input: "a missing member",
        cases: &[Text("Action=A"), Text("Tag.1.Value=v")],
    },
    Row {
        input: "a missing member that the type requires",
        cases: &[Text("Target.Zone=a")],
    },
    Row {
        input: "booleans as `True`, `TRUE`, `1`, `0`",
        cases: &[
            Text("Ok=True"),
            Text("Ok=FALSE"),
            Text("Ok=1"),
            Text("Ok=0"),
        ],
    },
    Row {
        input: "other text for a boolean",
        cases: &[
            Text("Ok=yes"),
            Text("Ok="),
            Text("Ok=+true"),
            Text("Ok=t"),
            Text("Ok=2"),
        ],
    },
    Row {
        input: "an integer with a minus or with leading zeros",
        cases: &[
            Text("Count=-5"),
            Text("Count=-128"),
            Text("Count=007"),
            Text("Count=-0"),
            Text("Count=0000000000000000000000000000000000000000001"),
        ],
    },
    Row {
        input: "an integer with a plus, a space, a fraction or an exponent, in another base, or out of range",
        cases: &[
            Text("Count=%2B5"),
            Text("Count=+5"),
            Text("Count=5+"),
            Text("Count=5.0"),
            Text("Count=0x5"),
            Text("Count=1e1"),
            Text("Count="),
            Text("Count=-"),
            Text("Count=--5"),
            Text("Count=%D9%A5"),
            Text("Count=128"),
            Text("Count=-129"),
        ],
    },
    Row {
        input: "floats as `0.5`, `1e5`, `1.0E-10`; `NaN`, `Infinity`, `-Infinity`",
        cases: &[
            Text("Ratio=0.5"),
            Text("Ratio=-007.50"),
            Text("Ratio=5"),
            Text("Ratio=-0"),
            Text("Ratio=1e5"),
            Text("Ratio=1.0E-10"),
            Text("Ratio=1e%2B5"),
            Text("Ratio=1e-60"),
            Text("Ratio=NaN"),
            Text("Ratio=Infinity"),
            Text("Ratio=-Infinity"),
        ],
    },
    Row {
        input: "floats as `5.`, `.5`, `+5`, `inf`, `-NaN`, or out of range, `1e39`",
        cases: &[
            Text("Ratio=5."),
            Text("Ratio=5.e3"),
            Text("Ratio=.5"),
            Text("Ratio=."),
            Text("Ratio=-.5"),
            Text("Ratio=%2B5"),
            Text("Ratio=1e+5"),
            Text("Ratio=1e"),
            Text("Ratio=inf"),
            Text("Ratio=-inf"),
            Text("Ratio=infinity"),
            Text("Ratio=nan"),
            Text("Ratio=-NaN"),
            Text("Ratio=%2BNaN"),
            Text("Ratio=%2BInfinity"),
            Text("Ratio=1e39"),
            Text("Ratio=-1e999"),
        ],
    },
    Row {
        input: "base64 without padding, with line breaks, of the URL alphabet, or with bits to spare",
        cases: &[
            Text("Blob=YQ"),
            Text("Blob=YQ="),
            Text("Blob=YWJj%0AZGVm"),
            Text("Blob=YWJj%0D%0A"),
            Text("Blob=+YWJj"),
            Text("Blob=--__"),
            Text("Blob=+/8="),
            Text("Blob=YR=="),
            Text("Blob=YQ==YQ=="),
            Text("Blob=*"),
        ],
    },
    Row {
        input: "a timestamp",
        cases: &[
            Text("Time=2026-01-31T23%3A59%3A59Z"),
            Text("Time=2026-01-31T23:59:59.000%2B00:00"),
            Text("Time=tomorrow"),
        ],
    },
    Row {
        input: "a body that is cut short, its length not known",
        cases: &[
            Text("Name=ipam-0"),
            Text("Name=n&Ta"),
            Text("Name=caf%C3%A"),
        ],
    },
    Row {
        input: "a body that is shorter than [`Options::content_length`]",
        cases: &[
            Announced("Name=ipam-0", 12),
            Announced("Name=n", 9),
            Announced("", 1),
            Announced("&&", 1000),
        ],
    },
    Row {
        input: "a body that is longer than [`Options::content_length`]",
        cases: &[
            Announced("Name=ipam-0", 10),
            Announced("Name=n&", 6),
            Announced("Name=n\r\n", 6),
            Announced("Name=é", 6),
            Announced("Name=n", 0),
        ],
    },
    Row {
        input: "more than 4 MiB, 65,536 pairs, or 32 levels of members",
        cases: &[
            Repeated(&[("Name=", 1), ("a", 4 << 20)]),
            Repeated(&[("Id.1=a&", 65_536), ("Id.1=a", 1)]),
            Repeated(&[("Deep", 1), (".A", 10_000), ("=a", 1)]),
        ],
    },
];
