//! Input truncated at every byte.

use super::{envelope, form, xml};
use ec2wire::ErrorKind;

/// All kinds of markup, to be truncated anywhere.
const DOCUMENT: &str = "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- é --><?a b?>\
    <p:r xmlns:p='urn:&#x70;' q=\"'\"><requestId>7a62c49f</requestId>\n  <id>caf&#xE9; &amp; \
    <![CDATA[<日本>]]><!-- -->é</id><count>-1</count><set><item><key>k</key></item><item/></set>\
    <other a='b'>text<deep><?c?></deep>&#x1F;</other></p:r>";

#[test]
fn every_beginning_of_a_response_is_an_error() {
    let options = ec2wire::xml::Options::new();
    assert!(xml::decode(options, DOCUMENT.as_bytes()).is_ok());
    for cut in 0..DOCUMENT.len() {
        let start = DOCUMENT.as_bytes().get(..cut).unwrap();
        let error = xml::decode(options, start).unwrap_err();
        let is_told = match error.kind() {
            ErrorKind::Truncated(_) => cut > 0,
            // At most a byte order mark.
            ErrorKind::NotXml("empty") => cut == 0 || cut == 3,
            _ => false,
        };
        assert!(is_told, "cut at {cut}: {error}");
        assert!(
            error.offset().is_some_and(|at| at <= cut),
            "cut at {cut}: {error}"
        );
    }
}

/// After the root's end tag, a document is complete: only a comment is missing.
#[test]
fn a_response_may_end_after_its_root() {
    let document = "<r><id>a</id></r>\n<!-- b -->\n";
    let options = ec2wire::xml::Options::new();
    let whole = "<r><id>a</id></r>".len();
    for cut in 0..document.len() {
        let start = document.as_bytes().get(..cut).unwrap();
        let in_comment = (whole + 2..document.len() - 1).contains(&cut);
        let is_whole = cut >= whole && !in_comment;
        assert_eq!(
            xml::decode(options, start).is_ok(),
            is_whole,
            "cut at {cut}"
        );
    }
}

#[test]
fn every_beginning_of_an_error_document_is_an_error() {
    let document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>\
        <Code>RequestLimitExceeded</Code><Message>é &amp; more</Message></Error></Errors>\
        <RequestID>7a62c49f</RequestID></Response>";
    for status in [200, 400, 503] {
        for cut in 1..document.len() {
            let outcome = envelope::decode(status, document.as_bytes().get(..cut).unwrap());
            assert_eq!(
                outcome.kind.as_deref(),
                Some("Truncated"),
                "cut at {cut}: {}",
                outcome.shown
            );
        }
    }
    // Nothing of the document is left.
    assert_eq!(envelope::decode(400, b"").kind.as_deref(), Some("Fault"));
}

const REQUEST: &str = "Action=A&Version=2016-11-15&Name=caf%C3%A9&Ok=true&Count=12&Id.1=a&Id.2=b+c\
    &Tag.1.Key=k&Tag.1.Value=&Tag.2.Key=%26&Target.Region=eu";

#[test]
fn every_beginning_of_a_request_of_known_length_is_an_error() {
    for options in [
        ec2wire::form::Options::new(),
        ec2wire::form::Options::new().lenient(),
    ] {
        let options = options.content_length(REQUEST.len());
        assert!(form::decode(options, REQUEST.as_bytes()).is_ok());
        for cut in 0..REQUEST.len() {
            let start = REQUEST.as_bytes().get(..cut).unwrap();
            let error = form::decode(options, start).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Truncated(_)), "{error}");
            assert_eq!(error.offset(), Some(cut));
        }
        let longer = format!("{REQUEST}&Name=n");
        let error = form::decode(options, longer.as_bytes()).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::TrailingContent);
        assert_eq!(error.offset(), Some(REQUEST.len()));
    }
}

/// A form has no end marker, so without a known length, truncation is only detected inside a pair.
#[test]
fn a_beginning_of_a_request_is_read_or_refused() {
    let body = REQUEST;
    for (options, may_miss_an_equals) in [
        (ec2wire::form::Options::new(), true),
        (ec2wire::form::Options::new().lenient(), false),
    ] {
        assert!(form::decode(options, body.as_bytes()).is_ok());
        for cut in 0..body.len() {
            let Err(error) = form::decode(options, body.as_bytes().get(..cut).unwrap()) else {
                continue;
            };
            let is_told = match error.kind() {
                ErrorKind::MissingEquals | ErrorKind::EmptyPair => may_miss_an_equals,
                // `Target`, `Target.`, `Id.`, `Tag.1.`: read as other keys.
                ErrorKind::ExpectedMembers
                | ErrorKind::MissingMember(_)
                | ErrorKind::BadIndex
                | ErrorKind::EmptyKey => !may_miss_an_equals,
                // `%C`, `%C3`, `tru`, and a `Count` of nothing.
                ErrorKind::BadPercentEscape
                | ErrorKind::InvalidUtf8
                | ErrorKind::InvalidScalar(_) => true,
                _ => false,
            };
            assert!(is_told, "cut at {cut}: {error}");
        }
    }
}
