//! Large inputs: a limit refuses them, or they are read. `linear.rs` checks that this is fast.

use super::{form, xml};
use ec2wire::{Error, ErrorKind, Limit, Limits, envelope};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

const BOUNDLESS: Limits = Limits {
    bytes: usize::MAX,
    depth: usize::MAX,
    entries: usize::MAX,
};

const WHITE_SPACE: usize = 100_000_000;

const XML: ec2wire::xml::Options = ec2wire::xml::Options::new();
const FORM: ec2wire::form::Options = ec2wire::form::Options::new();

fn limit<T>(result: Result<T, Error>) -> (Limit, usize) {
    match result.map_err(|error| error.kind().clone()) {
        Err(ErrorKind::LimitExceeded(limit, max)) => (limit, max),
        Err(kind) => panic!("{kind:?}"),
        Ok(_) => panic!("accepted"),
    }
}

#[test]
fn white_space_is_skipped_up_to_the_length_limit() {
    let mut body = b"<r>".to_vec();
    body.resize(WHITE_SPACE, b' ');
    body.extend_from_slice(b"</r>");
    assert_eq!(limit(xml::decode(XML, &body)), (Limit::Bytes, 64 << 20));
    assert_eq!(
        limit(envelope::decode::<IgnoredAny>(200, &body)),
        (Limit::Bytes, 64 << 20)
    );
    assert_eq!(limit(form::decode(FORM, &body)), (Limit::Bytes, 4 << 20));
    assert_eq!(xml::decode(XML.limits(BOUNDLESS), &body).unwrap(), "{}");
}

#[test]
fn a_body_of_ampersands_is_refused_or_skipped() {
    let body = vec![b'&'; 4 << 20];
    let error = form::decode(FORM, &body).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::EmptyPair);
    assert_eq!(form::decode(FORM.lenient(), &body).unwrap(), "{}");
}

#[test]
fn a_list_is_no_larger_than_its_text() {
    // The last entry first, and each index as large as possible.
    let pairs: Vec<String> = (0..50_000)
        .map(|n| format!("Id.{}=a", u32::MAX - n))
        .collect();
    let body = pairs.join("&");
    let error = form::decode(FORM, body.as_bytes()).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::IndexGap(1));
    let decoded = form::decode(FORM.lenient(), body.as_bytes()).unwrap();
    assert_eq!(decoded.matches("\"a\"").count(), 50_000);
}

/// Nests as deeply as its input.
#[derive(Serialize, Deserialize)]
struct Deep {
    #[serde(rename = "A")]
    inner: Option<Box<Self>>,
}

impl Deep {
    fn levels(&self) -> usize {
        1 + self.inner.as_ref().map_or(0, |inner| inner.levels())
    }
}

fn nested_elements(levels: usize) -> String {
    format!("{}{}", "<A>".repeat(levels), "</A>".repeat(levels))
}

#[test]
fn nesting_ends_at_the_limit() {
    // For a nesting type, a type that ignores everything, and an unknown element.
    let xml = |options: ec2wire::xml::Options, levels: usize| {
        let body = nested_elements(levels);
        let options = options.any_root();
        let results = [
            options.from_str::<Deep>(&body).map(|deep| deep.levels()),
            options.from_str::<IgnoredAny>(&body).map(|_| levels),
            options.from_str::<Unknowing>(&body).map(|_| levels),
        ];
        results.map(|result| result.map_err(|error| limit::<()>(Err(error))))
    };
    let deepest = Limits::MAX_DEPTH;
    assert_eq!(xml(XML, 64), [Ok(64); 3]);
    assert_eq!(xml(XML, 65), [Err((Limit::Depth, 64)); 3]);
    assert_eq!(xml(XML, 10_000), [Err((Limit::Depth, 64)); 3]);
    let raised = XML.limits(BOUNDLESS);
    assert_eq!(xml(raised, deepest), [Ok(deepest); 3]);
    assert_eq!(xml(raised, deepest + 1), [Err((Limit::Depth, deepest)); 3]);
    assert_eq!(xml(raised, 10_000), [Err((Limit::Depth, deepest)); 3]);
    let lowered = XML.limits(Limits {
        depth: 0,
        ..BOUNDLESS
    });
    assert_eq!(xml(lowered, 1), [Err((Limit::Depth, 0)); 3]);

    let form = |options: ec2wire::form::Options, parts: usize| {
        let key = "A.".repeat(parts - 1);
        let body = format!("{key}A.B=x");
        let result = options.from_str::<Deep>(&body);
        result
            .map(|deep| deep.levels())
            .map_err(|error| match error.kind() {
                ErrorKind::LimitExceeded(limit, max) => (*limit, *max),
                kind => panic!("{kind:?}"),
            })
    };
    // `B` is unknown, which only the lenient decoder accepts.
    let lenient = FORM.lenient();
    assert_eq!(form(lenient, 31), Ok(32));
    assert_eq!(form(lenient, 32), Err((Limit::Depth, 32)));
    assert_eq!(form(FORM, 10_000), Err((Limit::Depth, 32)));
    assert_eq!(form(lenient, 10_000), Err((Limit::Depth, 32)));
    let raised = lenient.limits(BOUNDLESS);
    assert_eq!(form(raised, deepest - 1), Ok(deepest));
    assert_eq!(form(raised, deepest), Err((Limit::Depth, deepest)));
    assert_eq!(form(raised, 10_000), Err((Limit::Depth, deepest)));
    assert_eq!(
        form(FORM.limits(BOUNDLESS), 10_000),
        Err((Limit::Depth, deepest))
    );
}

/// Nests in lists as deeply as its input.
#[derive(Debug, Serialize, Deserialize)]
struct DeepList {
    #[serde(rename = "item", alias = "A", default)]
    list: Vec<Self>,
}

/// A list is a level, and so is each of its entries.
#[test]
fn nesting_in_lists_ends_at_the_limit() {
    let parts = |parts: usize| format!("{}A.1.B=x", "A.1.".repeat(parts / 2 - 1));
    let form = |key: usize| FORM.lenient().from_str::<DeepList>(&parts(key));
    assert!(form(30).is_ok());
    assert_eq!(limit(form(32)), (Limit::Depth, 32));
    let elements = |levels: usize| {
        let inside = nested_elements(levels - 1).replace('A', "item");
        format!("<r>{inside}</r>")
    };
    assert!(
        XML.any_root()
            .from_str::<Vec<DeepList>>(&elements(64))
            .is_ok()
    );
    let error = XML.any_root().from_str::<Vec<DeepList>>(&elements(65));
    assert_eq!(limit(error), (Limit::Depth, 64));
}

/// Has no members.
#[derive(Debug, Deserialize)]
struct Unknowing {}

#[test]
fn an_unknown_key_of_many_parts_is_reported_as_unknown() {
    let body = format!("A{}=x", ".A".repeat(10_000));
    let error = FORM.from_str::<Unknowing>(&body).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::UnknownMember("A".into()));
    assert!(FORM.lenient().from_str::<Unknowing>(&body).is_ok());
    let scattered = format!("{body}&B=x&{body}&B.B=x&A=x");
    let options = FORM.lenient().limits(BOUNDLESS);
    assert!(options.from_str::<Unknowing>(&scattered).is_ok());
    assert!(options.from_str::<IgnoredAny>(&scattered).is_ok());
}

/// Keys of a million parts are sorted only down to the depth limit.
#[test]
fn sorting_ends_at_the_limit() {
    let key = "A.".repeat(1_000_000);
    let body = format!("{key}A=x&B=x&{key}B=x");
    let result = FORM.lenient().from_str::<Deep>(&body);
    assert_eq!(limit(result), (Limit::Depth, 32));
    assert!(FORM.lenient().from_str::<Unknowing>(&body).is_ok());
}

/// Even for very long and odd names in the input; the kind and the path keep them complete.
#[test]
fn a_message_is_one_line_of_bounded_length() {
    let long = "\u{1b}[31m\u{202e}\n".repeat(50_000);
    let escaped: String = form_urlencoded::byte_serialize(long.as_bytes()).collect();
    let key = FORM.from_str::<Unknowing>(&format!("{escaped}=x"));
    let index = FORM
        .lenient()
        .from_str::<Vec<String>>(&format!("{escaped}=x"));
    let name = "n".repeat(1 << 20);
    let end = XML.from_str::<IgnoredAny>(&format!("<{name}></{name}n>"));
    let entity = XML.from_str::<IgnoredAny>(&format!("<r>&{name};</r>"));
    for error in [
        key.map(drop).unwrap_err(),
        index.map(drop).unwrap_err(),
        end.map(drop).unwrap_err(),
        entity.map(drop).unwrap_err(),
    ] {
        let message = error.to_string();
        assert!(message.len() < 2_000, "{} bytes", message.len());
        assert!(!message.contains(['\u{1b}', '\u{202e}', '\n']), "{message}");
        assert!(message.contains("..."), "{message}");
    }
}

/// A proxy's page is quoted, truncated to the length of a name.
#[test]
fn a_message_quotes_the_beginning_of_a_foreign_page() {
    let shown = |body: &str| {
        let reply = envelope::decode::<IgnoredAny>(503, body.as_bytes()).unwrap();
        reply.into_result().unwrap_err().to_string()
    };
    assert_eq!(shown(" \n"), "no error code (HTTP 503)");
    assert_eq!(
        shown("\nbusy\ntry later\n"),
        "no error code (HTTP 503): busy\\ntry later"
    );
    let page = format!("<p>{}</p>", "\u{1b}[31m".repeat(1_000));
    let message = shown(&page);
    assert!(message.starts_with("no error code (HTTP 503): <p>\\u{1b}[31m"));
    assert!(message.ends_with("..."), "{message}");
    assert!(message.len() < 512, "{message}");
}

#[test]
fn the_defaults_are_those_documented() {
    assert_eq!(
        ec2wire::form::Options::LIMITS,
        Limits {
            bytes: 4 << 20,
            depth: 32,
            entries: 65_536,
        }
    );
    assert_eq!(
        ec2wire::xml::Options::LIMITS,
        Limits {
            bytes: 64 << 20,
            depth: 64,
            entries: 4_194_304,
        }
    );
}

#[test]
fn the_limits_can_be_set() {
    let small = Limits {
        bytes: 64,
        depth: 3,
        entries: 4,
    };
    let form = |body: &str| limit(form::decode(FORM.limits(small), body.as_bytes()));
    // A form whose only problem is its length.
    let long = format!("A={}", "a".repeat(63));
    assert_eq!(form(&long), (Limit::Bytes, 64));
    let in_text = FORM.limits(small).from_str::<IgnoredAny>(&long);
    assert_eq!(limit(in_text), (Limit::Bytes, 64));
    let in_text = XML.limits(small).from_str::<IgnoredAny>(&long);
    assert_eq!(limit(in_text), (Limit::Bytes, 64));
    assert_eq!(
        form("Id.1=a&Id.2=b&Id.3=c&Id.4=d&Id.5=e"),
        (Limit::Entries, 4)
    );
    assert_eq!(form("Deep.A.A.A=a"), (Limit::Depth, 3));
    let xml = |body: &str| limit(xml::decode(XML.limits(small), body.as_bytes()));
    assert_eq!(
        xml(&format!("<r>{}</r>", " ".repeat(58))),
        (Limit::Bytes, 64)
    );
    assert_eq!(xml("<r><a/><a/><a/><a/></r>"), (Limit::Entries, 4));
    assert_eq!(xml("<r><a><b><c/></b></a></r>"), (Limit::Depth, 3));
    assert_eq!(
        xml("<r><set><item><key/></item></set></r>"),
        (Limit::Depth, 3)
    );

    let at_limit = "Id.1=a&Id.2=b&Id.3=c&Name=nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn";
    assert_eq!(at_limit.len(), 64);
    assert!(form::decode(FORM.limits(small), at_limit.as_bytes()).is_ok());
    assert!(xml::decode(XML.limits(small), b"<r><a><b/></a><c/></r>").is_ok());

    let options = XML.limits(small);
    assert_eq!(
        limit(envelope::decode_with::<IgnoredAny>(
            options,
            200,
            long.as_bytes()
        )),
        (Limit::Bytes, 64)
    );
    let reply = envelope::decode_with::<IgnoredAny>(options, 500, long.as_bytes()).unwrap();
    assert_eq!(reply.into_result().unwrap_err().excerpt, long);
}
