#![expect(clippy::unwrap_used, reason = "a test may fail")]

use super::*;

fn scanner(input: &str) -> Scanner<'_> {
    Scanner::new(input, Options::new()).unwrap()
}

/// A tag without attributes or a prefix is read in one go, any other is left for a closer look.
#[test]
fn a_start_tag_is_mostly_plain() {
    for (tag, name) in [
        ("<a>", Some("a")),
        ("<vpcId>", Some("vpcId")),
        ("<a-b.c_9>", Some("a-b.c_9")),
        ("<p:a>", None),
        ("<a/>", None),
        ("<a b='c'>", None),
        ("<9>", None),
        ("</a>", None),
        ("a", None),
    ] {
        let mut scanner = scanner(tag);
        let read = scanner.plain_start().unwrap();
        assert_eq!(read.as_ref().map(|tag| tag.name), name, "{tag}");
        let at = if name.is_some() { tag.len() } else { 0 };
        assert_eq!(scanner.at(), at, "{tag}");
    }
}

/// A text that needs no change is read with its end tag at once.
#[test]
fn a_text_is_mostly_plain() {
    for (input, text) in [
        ("<a>text</a>", Some("text")),
        ("<a></a>", Some("")),
        (
            "<a>two\nlines\tand \u{e9}</a>",
            Some("two\nlines\tand \u{e9}"),
        ),
        ("<a>a&amp;b</a>", None),
        ("<a>a\rb</a>", None),
        ("<a>a>b</a>", None),
        ("<a>text</b>", None),
        ("<a>text</a >", None),
        ("<a>text</ab>", None),
        ("<a><b/></a>", None),
        ("<a>text", None),
    ] {
        let mut scanner = scanner(input);
        let tag = scanner.plain_start().unwrap().unwrap();
        assert_eq!(scanner.plain_text(&tag), text, "{input}");
        let at = if text.is_some() { input.len() } else { 3 };
        assert_eq!(scanner.at(), at, "{input}");
    }
}

#[test]
fn an_error_in_an_attribute_has_its_place() {
    let error = |input| {
        let mut scanner = scanner(input);
        let error = scanner.root().unwrap_err();
        (error.kind().clone(), error.offset())
    };
    let less = ErrorKind::Malformed("unescaped `<` in an attribute value");
    assert_eq!(error("<a b='c<d'>"), (less, Some(7)));
    let (kind, at) = error("<a b='&lt;&amp;c&nbsp;'>");
    assert_eq!(kind, ErrorKind::UnknownEntity("nbsp".into()));
    assert_eq!(at, Some(16));
}
