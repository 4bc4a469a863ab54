//! Responses.

use super::scalars::{Time, show};
use super::table::Body::{self, Bytes, Repeated, Text};
use super::table::Row;
use ec2wire::{Error, xml};
use ec2wire_test_support::Blob;
use serde::{Deserialize, Serialize};

/// A response with a member of each kind.
#[derive(Serialize, Deserialize)]
#[serde(rename = "r")]
struct Response {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    set: Option<Vec<Entry>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<Target>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// Requires its member.
#[derive(Serialize, Deserialize)]
struct Target {
    region: String,
}

pub(crate) fn decode(options: xml::Options, body: &[u8]) -> Result<String, Error> {
    let response: Response = options.from_slice(body)?;
    Ok(serde_json::to_string(&response).unwrap_or_default())
}

pub(crate) const ROWS: &[Row<Body>] = &[
    Row {
        input: "white space, comments and processing instructions",
        cases: &[
            Text("\r\n\t <r >\n<id\n>a</id\t>\n</r >\n "),
            Text("<!-- a --><?b c?><r><!----><id>a</id><?d?></r><!-- - --><?e f='<'?>"),
            Text("<?xml-stylesheet href='a.css'?><r/>"),
        ],
    },
    Row {
        input: "a byte order mark",
        cases: &[
            Text("\u{FEFF}<r><id>a</id></r>"),
            Text("\u{FEFF}<?xml version='1.0'?><r/>"),
        ],
    },
    Row {
        input: "an XML declaration, or none; UTF-8 or US-ASCII",
        cases: &[
            Text("<r/>"),
            Text("<?xml version=\"1.0\"?><r/>"),
            Text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<r/>"),
            Text("<?xml version='1.0' encoding='utf-8' standalone='yes'?><r/>"),
            Text("<?xml version = '1.1' encoding = 'us-ascii' ?><r/>"),
            Text("<?xml version='1.0' standalone='no'?><r/>"),
        ],
    },
    Row {
        input: "another encoding, as UTF-16",
        cases: &[
            Text("<?xml version='1.0' encoding='UTF-16'?><r/>"),
            Text("<?xml version='1.0' encoding='ISO-8859-1'?><r/>"),
            Bytes(b"\xFF\xFE<\0r\0/\0>\0"),
            Bytes(b"\xFE\xFF\0<\0r\0/\0>"),
            Bytes(b"<\0r\0/\0>\0"),
            Bytes(b"\0<\0r\0/\0>"),
        ],
    },
    Row {
        input: "a damaged declaration, or one not at the start",
        cases: &[
            Text("<?xml encoding='UTF-8'?><r/>"),
            Text("<?xml ?><r/>"),
            Text("<?xml?><r/>"),
            Text("<?xml version=?><r/>"),
            Text("<?xml version='1.0?><r/>"),
            Text("<?xml version='2.0'?><r/>"),
            Text("<?xml version='1.0'encoding='UTF-8'?><r/>"),
            Text("<?xml version='1.0' encoding='UTF-8' encoding='UTF-16'?><r/>"),
            Text("<?xml version='1.0' encoding=UTF-8?><r/>"),
            Text("<?xml version='1.0' standalone='maybe'?><r/>"),
            Text("<?xml version='1.0' junk?><r/>"),
            Text(" <?xml version='1.0'?><r/>"),
            Text("<!-- --><?xml version='1.0'?><r/>"),
            Text("<r><?xml version='1.0'?></r>"),
            Text("<r/><?xml version='1.0'?>"),
        ],
    },
    Row {
        input: "bytes that are not UTF-8, overlong UTF-8",
        cases: &[
            Bytes(b"<r><id>\xFF</id></r>"),
            Bytes(b"<r><id>caf\xE9</id></r>"),
            Bytes(b"<r><other>\xC0\x80</other></r>"),
            Bytes(b"<r><id>\xED\xA0\x80</id></r>"),
        ],
    },
    Row {
        input: "text, CDATA and references in any mixture",
        cases: &[
            Text("<r><id><![CDATA[a&b]]></id></r>"),
            Text("<r><id>ab<!-- -->cd</id></r>"),
            Text("<r><id>a<?b?>c<![CDATA[<d>]]><![CDATA[]]>&lt;e&gt;</id></r>"),
            Text("<r><id>a > b</id></r>"),
        ],
    },
    Row {
        input: "the five predefined entities, numeric references",
        cases: &[
            Text("<r><id>&amp;&lt;&gt;&quot;&apos;</id></r>"),
            Text("<r><id>&#65;&#x41;&#xe9;&#xE9;&#x1F600;</id></r>"),
            Text("<r><id>&#0000000000000000065;&#x00000000000000041;</id></r>"),
            Text("<r><id>&#9;&#10;&#13;&#x20;&#x7F;&#x80;&#xD7FF;</id></r>"),
            Text("<r><id>&#xE000;&#xFFFD;&#x10000;&#x10FFFF;</id></r>"),
            Text("<r><id>&amp;lt;</id></r>"),
        ],
    },
    Row {
        input: "a reference to a control character, `&#x1F;`",
        cases: &[
            Text("<r><id>a&#x1F;</id></r>"),
            Text("<r><id>&#1;</id></r>"),
            Text("<r><other>&#8;</other></r>"),
        ],
    },
    Row {
        input: "`&#0;`, `&#x110000;`, surrogates, `&#xFFFE;`",
        cases: &[
            Text("<r><id>&#0;</id></r>"),
            Text("<r><id>&#x0000;</id></r>"),
            Text("<r><id>&#x110000;</id></r>"),
            Text("<r><id>&#xD800;</id></r>"),
            Text("<r><id>&#xD83D;&#xDE00;</id></r>"),
            Text("<r><id>&#xDFFF;</id></r>"),
            Text("<r><id>&#xFFFE;</id></r>"),
            Text("<r><other>&#65535;</other></r>"),
        ],
    },
    Row {
        input: "an unescaped control character, U+FFFE, U+FFFF",
        cases: &[
            Text("<r><id>a\u{1}</id></r>"),
            Text("<r><id>\u{0}</id></r>"),
            Text("<r><id><![CDATA[\u{1F}]]></id></r>"),
            Text("<r><id>\u{FFFE}</id></r>"),
            Text("<r><other>\u{FFFF}</other></r>"),
            Text("<r><a\u{FFFE}/></r>"),
            Text("<r><!-- \u{8} --></r>"),
            Text("<r a='\u{B}'/>"),
        ],
    },
    Row {
        input: "an `&` that does not begin a complete reference",
        cases: &[
            Text("<r><id>a & b</id></r>"),
            Text("<r><id>a&b</id></r>"),
            Text("<r><id>a&amp b</id></r>"),
            Text("<r><id>&#;</id></r>"),
            Text("<r><id>&#x;</id></r>"),
            Text("<r><id>&#1A;</id></r>"),
            Text("<r><id>&#X41;</id></r>"),
            Text("<r><id>&#+65;</id></r>"),
            Text("<r><id>&#-1;</id></r>"),
            Text("<r><id>&#99999999999999999999;</id></r>"),
            Text("<r><id>&#4294967296;</id></r>"),
        ],
    },
    Row {
        input: "an entity that XML does not predefine",
        cases: &[
            Text("<r><id>&nbsp;</id></r>"),
            Text("<r><id>&AMP;</id></r>"),
            Text("<r><id>&;</id></r>"),
            Text("<r><other>&nbsp;</other></r>"),
            Text("<r a='&b;'/>"),
        ],
    },
    Row {
        input: "a DOCTYPE",
        cases: &[
            Text("<!DOCTYPE r><r/>"),
            Text("<!doctype html><html></html>"),
            Text(
                "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>\
                 <!ENTITY c '&b;&b;&b;&b;'>]><r><id>&c;</id></r>",
            ),
            Text("<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><r><id>&x;</id></r>"),
            Text("<r><!DOCTYPE r></r>"),
        ],
    },
    Row {
        input: "another declaration",
        cases: &[
            Text("<r><!ELEMENT a></r>"),
            Text("<!ENTITY a 'b'><r/>"),
            Text("<r><![cdata[a]]></r>"),
        ],
    },
    Row {
        input: "CRLF and CR in text",
        cases: &[
            Text("<r><id>a\r\nb\rc\nd\r\r\ne</id></r>"),
            Text("<r><id><![CDATA[a\r\nb]]></id></r>"),
            Text("<r><id>a&#13;\nb</id></r>"),
        ],
    },
    Row {
        input: "white space around a text",
        cases: &[
            Text("<r><id> a\n</id></r>"),
            Text("<r><id>  </id></r>"),
            Text("<r><ids><item> a </item></ids></r>"),
        ],
    },
    Row {
        input: "attributes, namespaces and prefixes of any name",
        cases: &[
            Text("<r xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><id>a</id></r>"),
            Text("<r xmlns='urn:other'><id xmlns='' b = 'c&lt;' >a</id></r>"),
            Text("<p:r xmlns:p='urn:p'><p:id p:q='1'>a</p:id></p:r>"),
            Text("<p:r><id>a</id></p:r>"),
            Text("<r xmlns:xsi='urn:xsi'><set xsi:nil='true'/></r>"),
        ],
    },
    Row {
        input: "a damaged attribute",
        cases: &[
            Text("<r a/>"),
            Text("<r a=b/>"),
            Text("<r a='<'/>"),
            Text("<r a='b'c='d'/>"),
            Text("<r a='b' a='c'/>"),
            Text("<r 1='b'/>"),
            Text("<r a=''''/>"),
        ],
    },
    Row {
        input: "members in any order, unknown elements",
        cases: &[
            Text("<r><count>1</count><id>a</id></r>"),
            Text("<r><requestId>q</requestId><id>a</id></r>"),
            Text("<r><a/><a>text<b>&amp;</b>text</a><id>a</id><c><![CDATA[<]]></c></r>"),
            Text("<r><ID>a</ID></r>"),
        ],
    },
    Row {
        input: "damage inside an unknown element",
        cases: &[
            Text("<r><other><a></other></a></r>"),
            Text("<r><other>a & b</other></r>"),
            Text("<r><other><1/></other></r>"),
        ],
    },
    Row {
        input: "`<set/>`, `<set></set>`",
        cases: &[
            Text("<r><set/></r>"),
            Text("<r><set></set></r>"),
            Text("<r><set>\n  <!-- none -->\n</set></r>"),
            Text("<r><ids><item/><item></item></ids></r>"),
            Text("<r><set><item/></set></r>"),
        ],
    },
    Row {
        input: "an empty element for a text or structure",
        cases: &[
            Text("<r><id/></r>"),
            Text("<r><id></id></r>"),
            Text("<r><set><item><key/></item></set></r>"),
        ],
    },
    Row {
        input: "a missing member",
        cases: &[Text("<r/>"), Text("<r><set><item></item></set></r>")],
    },
    Row {
        input: "a missing member that the type requires",
        cases: &[
            Text("<r><target/></r>"),
            Text("<r><target><zone>a</zone></target></r>"),
        ],
    },
    Row {
        input: "a repeated member",
        cases: &[
            Text("<r><id>a</id><id>b</id></r>"),
            Text("<r><set/><id>a</id><set/></r>"),
            Text("<r><set><item/><item><key>k</key><key>k</key></item></set></r>"),
            Text("<r><requestId>q</requestId><RequestID>q</RequestID></r>"),
        ],
    },
    Row {
        input: "a list's child that is not `item`",
        cases: &[
            Text("<r><set><member><key>k</key></member></set></r>"),
            Text("<r><set><item/><Item/></set></r>"),
            Text("<r><set><key>k</key></set></r>"),
        ],
    },
    Row {
        input: "text between members or list entries",
        cases: &[
            Text("<r>a</r>"),
            Text("<r><id>a</id>b</r>"),
            Text("<r><![CDATA[ ]]></r>"),
            Text("<r>&#32;</r>"),
            Text("<r><set>a</set></r>"),
            Text("<r><set><item>a</item></set></r>"),
        ],
    },
    Row {
        input: "elements inside a text",
        cases: &[
            Text("<r><id><a/></id></r>"),
            Text("<r><id>a<b>c</b></id></r>"),
            Text("<r><ids><item><a/></item></ids></r>"),
            Text("<r><requestId><a/></requestId></r>"),
        ],
    },
    Row {
        input: "a boolean or integer in another spelling, or out of range",
        cases: &[
            Text("<r><ok>True</ok></r>"),
            Text("<r><ok>1</ok></r>"),
            Text("<r><ok/></r>"),
            Text("<r><ok> true </ok></r>"),
            Text("<r><count>+1</count></r>"),
            Text("<r><count> 1</count></r>"),
            Text("<r><count>1.0</count></r>"),
            Text("<r><count>1e1</count></r>"),
            Text("<r><count>-</count></r>"),
            Text("<r><count/></r>"),
            Text("<r><count>128</count></r>"),
        ],
    },
    Row {
        input: "an integer with a minus or with leading zeros",
        cases: &[
            Text("<r><count>-5</count></r>"),
            Text("<r><count>007</count></r>"),
            Text("<r><count>-0</count></r>"),
        ],
    },
    Row {
        input: "floats as `0.5`, `1e5`, `1.0E-10`; `NaN`, `Infinity`, `-Infinity`",
        cases: &[
            Text("<r><ratio>0.5</ratio></r>"),
            Text("<r><ratio>-5</ratio></r>"),
            Text("<r><ratio>1e5</ratio></r>"),
            Text("<r><ratio>1.0E-10</ratio></r>"),
            Text("<r><ratio>1e+5</ratio></r>"),
            Text("<r><ratio>NaN</ratio></r>"),
            Text("<r><ratio>Infinity</ratio></r>"),
            Text("<r><ratio>-Infinity</ratio></r>"),
        ],
    },
    Row {
        input: "floats as `5.`, `.5`, `+5`, `inf`, `-NaN`, or out of range, `1e39`",
        cases: &[
            Text("<r><ratio>5.</ratio></r>"),
            Text("<r><ratio>.5</ratio></r>"),
            Text("<r><ratio>+5</ratio></r>"),
            Text("<r><ratio>inf</ratio></r>"),
            Text("<r><ratio>INF</ratio></r>"),
            Text("<r><ratio>-NaN</ratio></r>"),
            Text("<r><ratio> 1</ratio></r>"),
            Text("<r><ratio/></r>"),
            Text("<r><ratio>1e39</ratio></r>"),
        ],
    },
    Row {
        input: "base64 without padding, with line breaks, of the URL alphabet, or with bits to spare",
        cases: &[
            Text("<r><blob>YQ</blob></r>"),
            Text("<r><blob>YWJj\nZGVm</blob></r>"),
            Text("<r><blob> YWJj </blob></r>"),
            Text("<r><blob>--__</blob></r>"),
            Text("<r><blob>YR==</blob></r>"),
        ],
    },
    Row {
        input: "a timestamp",
        cases: &[
            Text("<r><time>2026-01-31T23:59:59.000Z</time></r>"),
            Text("<r><time>tomorrow</time></r>"),
        ],
    },
    Row {
        input: "a root other than the type's",
        cases: &[
            Text("<R/>"),
            Text("<Response><Errors/></Response>"),
            Text("<r2><r/></r2>"),
        ],
    },
    Row {
        input: "mismatched tags",
        cases: &[
            Text("<r></R>"),
            Text("<r><id>a</r></id>"),
            Text("<p:r></r>"),
            Text("<r></p:r>"),
            Text("<r><id>a</ids></r>"),
        ],
    },
    Row {
        input: "markup that is not well-formed",
        cases: &[
            Text("<1r/>"),
            Text("< r/>"),
            Text("<r><></></r>"),
            Text("<r><target><region>a</region><></></target></r>"),
            Text("<r></ r>"),
            Text("<r></r a='b'>"),
            Text("<r/ >"),
            Text("<r\u{1}/>"),
            Text("<:r/>"),
            Text("<p:/>"),
            Text("<p:q:r/>"),
            Text("<r><id>a]]>b</id></r>"),
            Text("<r><!-- a--b --></r>"),
            Text("<r><!-- a ---></r>"),
            Text("<r><?a$b?></r>"),
            Text("<r><? a?></r>"),
        ],
    },
    Row {
        input: "text or an end tag in front of the root",
        cases: &[
            Text("<?xml version='1.0'?>a<r/>"),
            Text("<?xml version='1.0'?><![CDATA[a]]><r/>"),
            Text("<!-- --></r>"),
            Text("<!-- -->{}"),
        ],
    },
    Row {
        input: "junk behind the root",
        cases: &[
            Text("<r/>a"),
            Text("<r/><r/>"),
            Text("<r></r>\n{}"),
            Text("<r/></r>"),
            Text("<r/>\u{0}"),
            Text("<r/>\u{FEFF}"),
            Text("<r/>&#32;"),
            Text("<r/><![CDATA[]]>"),
        ],
    },
    Row {
        input: "truncation anywhere",
        cases: &[
            Text("<"),
            Text("<?"),
            Text("<?xml version='1.0'"),
            Text("<?xml version='1.0'?>"),
            Text("<?xml version='1.0'?><?c?"),
            Text("<!"),
            Text("<!-- a"),
            Text("<!-- a -->"),
            Text("<!DOC"),
            Text("<?a b"),
            Text("<r"),
            Text("<r a"),
            Text("<r a="),
            Text("<r a='b"),
            Text("<r/"),
            Text("<r>"),
            Text("<r></"),
            Text("<r></r"),
            Text("<r><id>ipam-0"),
            Text("<r><id>ipam-0&am"),
            Text("<r><id>ipam-0&#x4"),
            Text("<r><id><![CDATA[ipam-0]]"),
            Text("<r><id>ipam-0<!-- -"),
            Text("<r><set><item><key>k</key>"),
            Text("<r><other>text<![CDA"),
            Bytes(b"<r><id>\xE6\x97"),
        ],
    },
    Row {
        input: "an empty body, JSON, plain text",
        cases: &[
            Text(""),
            Text(" \r\n"),
            Text("\u{FEFF}"),
            Text("{\"message\":\"Internal Server Error\"}"),
            Text("\n[1]"),
            Text("upstream connect error"),
        ],
    },
    Row {
        input: "an HTML page",
        cases: &[
            Text("<html><body>503</body></html>"),
            Text("<!DOCTYPE html><html></html>"),
            Text("<HTML><BR></HTML>"),
        ],
    },
    Row {
        input: "more than 64 MiB, 4,194,304 elements or 64 levels",
        cases: &[
            Repeated(&[(" ", (64 << 20) - 3), ("<r/>", 1)]),
            Repeated(&[("<r>", 1), ("<a>", 10_000), ("</a>", 10_000), ("</r>", 1)]),
            Repeated(&[("<r>", 1), ("<target>", 10_000)]),
        ],
    },
];
