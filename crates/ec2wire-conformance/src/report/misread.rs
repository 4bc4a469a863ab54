//! How real clients misread certain responses, as far as that is known.

use crate::catalogue::CatalogueError;
use crate::explain::Reading;
use crate::explain::reading::Document;
use crate::format::{embedded, place};
use crate::record::Message;
use crate::wire::answered::is_html;
use crate::wire::referee::{Damage, Element};
use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Deserialize;

/// A kind of response that some clients misread.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Misreading {
    pub(super) answer: Trait,
    /// A description of the kind.
    pub(super) meaning: String,
    pub(super) clients: Vec<Reader>,
    /// Globs of the related requirements; if empty, all requirements.
    #[serde(default)]
    requirements: Vec<String>,
}

/// A client, and how it reads such a response.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reader {
    pub(super) client: String,
    pub(super) version: String,
    pub(super) reads: String,
}

/// Predicates over a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Trait {
    Truncated,
    MismatchedEndTag,
    JunkAfterRoot,
    Cdata,
    CommentInText,
    NbspEntity,
    AstralHexReference,
    ControlReference,
    Crlf,
    RepeatedMember,
    HtmlWithSuccess,
    Bom,
    TwoErrors,
    NoErrors,
    #[serde(rename = "html-with-503")]
    HtmlWith503,
    #[serde(rename = "html-with-500")]
    HtmlWith500,
    #[serde(rename = "empty-400")]
    Empty400,
    TruncatedError,
    ErrorResponseRoot,
    IdNotInHeader,
}

/// The embedded table.
#[derive(Debug)]
pub(super) struct Misreadings(Vec<(Misreading, Option<GlobSet>)>);

impl Misreadings {
    /// Reads the embedded table. Fails only if the table is invalid; a test checks that it is not.
    pub(super) fn embedded() -> Result<Self, CatalogueError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            misreading: Vec<Misreading>,
        }
        let table: Table = place::read_embedded(embedded::MISREADINGS)?;
        let bounded = table.misreading.into_iter().map(|misreading| {
            let globs = match misreading.requirements.as_slice() {
                [] => None,
                globs => Some(globs_of(globs)?),
            };
            Ok((misreading, globs))
        });
        let bounded: Result<_, globset::Error> = bounded.collect();
        let wrong = |error| CatalogueError::new(embedded::MISREADINGS.path, &error);
        bounded.map(Self).map_err(wrong)
    }

    /// The kinds that the case's response belongs to.
    pub(super) fn of(&self, reading: &Reading<'_>) -> Vec<&Misreading> {
        let (Some(message), Some(document)) = (reading.response(), reading.document()) else {
            return Vec::new();
        };
        let response = Read::new(message, document);
        let fits = |globs: &GlobSet| {
            let mut deviations = reading.case.deviations.iter();
            deviations.any(|deviation| globs.is_match(&deviation.requirement))
        };
        self.0
            .iter()
            .filter(|(_, globs)| globs.as_ref().is_none_or(fits))
            .filter(|(misreading, _)| response.is(misreading.answer))
            .map(|(misreading, _)| misreading)
            .collect()
    }
}

/// A set of globs in which `*` matches everything.
pub(super) fn globs_of(patterns: &[String]) -> Result<GlobSet, globset::Error> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern)?);
    }
    set.build()
}

/// A response and its parsed parts.
struct Read<'r> {
    message: &'r Message,
    status: u16,
    body: &'r [u8],
    document: &'r Result<Element, Damage>,
}

impl<'r> Read<'r> {
    fn new(message: &'r Message, document: &'r Document) -> Self {
        Self {
            message,
            status: message.status().unwrap_or(0),
            body: &document.body,
            document: &document.root,
        }
    }

    fn is(&self, is: Trait) -> bool {
        let success = (200..300).contains(&self.status);
        match is {
            Trait::Truncated => success && self.is_truncated(),
            Trait::TruncatedError => self.status >= 400 && self.is_truncated(),
            Trait::MismatchedEndTag => {
                !self.is_truncated() && !self.has_junk() && self.damaged_at().starts_with(b"</")
            }
            Trait::JunkAfterRoot => self.has_junk(),
            Trait::Cdata => self.any_leaf(&|raw, _| contains(raw, b"<![CDATA[")),
            Trait::CommentInText => self.any_leaf(&|raw, leaf| {
                let first = raw.windows(4).position(|window| window == b"<!--");
                // A comment before the text, or without any text, hides nothing.
                first.is_some_and(|at| {
                    let before = raw.get(..at).unwrap_or_default();
                    !before.is_empty() && leaf.text.len() > before.len()
                })
            }),
            Trait::NbspEntity => self.damaged_at().starts_with(b"&nbsp;"),
            Trait::AstralHexReference => self
                .references()
                .any(|(hexadecimal, code)| hexadecimal && code > 0xFFFF),
            Trait::ControlReference => self
                .references()
                .any(|(_, code)| code < 0x20 && ![0x9, 0xA, 0xD].contains(&code)),
            Trait::Crlf => self.any_leaf(&|raw, _| contains(raw, b"\r\n")),
            Trait::RepeatedMember => {
                success && self.document.as_ref().is_ok_and(has_repeated_member)
            }
            Trait::HtmlWithSuccess => self.status == 200 && is_html(self.body),
            Trait::HtmlWith503 => self.status == 503 && is_html(self.body),
            Trait::HtmlWith500 => self.status == 500 && is_html(self.body),
            Trait::Bom => self.body.starts_with("\u{FEFF}".as_bytes()),
            Trait::TwoErrors => self
                .document
                .as_ref()
                .is_ok_and(|root| root.at("Errors.Error").len() > 1),
            Trait::NoErrors => {
                self.status >= 400
                    && self.document.as_ref().is_ok_and(|root| {
                        root.child("Errors").is_some_and(|e| e.children.is_empty())
                    })
            }
            Trait::Empty400 => self.status == 400 && self.body.is_empty(),
            Trait::ErrorResponseRoot => {
                self.status >= 400
                    && self
                        .document
                        .as_ref()
                        .is_ok_and(|root| root.name == "ErrorResponse")
            }
            Trait::IdNotInHeader => {
                let names = self.message.headers.iter().map(|(name, _)| name);
                self.status >= 400
                    && !names
                        .into_iter()
                        .any(|name| name.eq_ignore_ascii_case("x-amzn-requestid"))
            }
        }
    }

    /// The rest of the body, from where it stops being a well-formed document.
    fn damaged_at(&self) -> &[u8] {
        match &self.document {
            Ok(_) => &[],
            Err(damage) => self.body.get(damage.offset..).unwrap_or_default(),
        }
    }

    /// Whether the document is well-formed up to its end, but ends inside an element.
    fn is_truncated(&self) -> bool {
        let rest = self.damaged_at();
        let looks_like_xml = self.body.trim_ascii_start().first() == Some(&b'<');
        self.document.is_err()
            && looks_like_xml
            && !is_html(self.body)
            && (rest.is_empty() || (rest.first() == Some(&b'<') && !rest.contains(&b'>')))
    }

    fn has_junk(&self) -> bool {
        self.document.as_ref().is_err_and(|damage| {
            let before = self.body.get(..damage.offset).unwrap_or_default();
            damage.offset < self.body.len() && Element::read(before).is_ok()
        })
    }

    /// Whether any element without children satisfies the predicate, which gets the element and its raw
    /// content.
    fn any_leaf(&self, test: &dyn Fn(&[u8], &Element) -> bool) -> bool {
        fn any(element: &Element, body: &[u8], test: &dyn Fn(&[u8], &Element) -> bool) -> bool {
            if element.children.is_empty() {
                return test(
                    body.get(element.content.clone()).unwrap_or_default(),
                    element,
                );
            }
            element.children.iter().any(|child| any(child, body, test))
        }
        self.document
            .as_ref()
            .is_ok_and(|root| any(root, self.body, test))
    }

    /// The numeric character references: whether each one is hexadecimal, and its number.
    fn references(&self) -> impl Iterator<Item = (bool, u32)> {
        let text = str::from_utf8(self.body).unwrap_or_default();
        text.split("&#").skip(1).filter_map(|rest| {
            let (digits, _) = rest.split_once(';')?;
            match digits.strip_prefix('x') {
                Some(digits) => Some((true, u32::from_str_radix(digits, 16).ok()?)),
                None => Some((false, digits.parse().ok()?)),
            }
        })
    }
}

/// Whether an element has two children with the same name, which is not `item`.
fn has_repeated_member(element: &Element) -> bool {
    let mut names: Vec<&str> = element.children.iter().map(|c| c.name.as_str()).collect();
    names.sort_unstable();
    names
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a == b && *a != "item"))
        || element.children.iter().any(has_repeated_member)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    /// For each kind, a response of that kind and a similar one that is not of that kind.
    const ANSWERS: &[(Trait, u16, &str, &str)] = &[
        (
            Trait::Truncated,
            200,
            "<R><id>ipam-0",
            "<R><id>ipam-0</id></R>",
        ),
        (Trait::Truncated, 200, "<R><id>ipam-0</i", "ipam"),
        (
            Trait::TruncatedError,
            400,
            "<Response><Errors><Error><Code>Reque",
            "<Response/>",
        ),
        (
            Trait::MismatchedEndTag,
            200,
            "<R><a>x</b></R>",
            "<R><a>x</a></R>",
        ),
        (Trait::JunkAfterRoot, 200, "<R/>junk", "<R/>\n"),
        (Trait::JunkAfterRoot, 200, "<R/><R/>", "<R><a></R>"),
        (
            Trait::Cdata,
            200,
            "<R><a><![CDATA[a&b]]></a></R>",
            "<R><a>a&amp;b</a></R>",
        ),
        (
            Trait::CommentInText,
            200,
            "<R><a>ab<!-- -->cd</a></R>",
            "<R><!-- --><a>abcd</a></R>",
        ),
        (Trait::NbspEntity, 200, "<R>&nbsp;</R>", "<R>&amp;nbsp;</R>"),
        (
            Trait::AstralHexReference,
            200,
            "<R>&#x1F600;</R>",
            "<R>&#128512;</R>",
        ),
        (
            Trait::ControlReference,
            200,
            "<R>&#x1F;</R>",
            "<R>&#x9;</R>",
        ),
        (
            Trait::Crlf,
            200,
            "<R><a>x\r\ny</a></R>",
            "<R>\r\n<a>x</a>\r\n</R>",
        ),
        (
            Trait::RepeatedMember,
            200,
            "<R><a>1</a><a>2</a></R>",
            "<R><item/><item/></R>",
        ),
        (Trait::HtmlWithSuccess, 200, "<!DOCTYPE html><p>", "<R/>"),
        (Trait::HtmlWith503, 503, "<html></html>", "<Response/>"),
        (Trait::HtmlWith500, 500, "<html></html>", "<Response/>"),
        (Trait::Bom, 200, "\u{FEFF}<R/>", "<R/>"),
        (
            Trait::TwoErrors,
            400,
            "<Response><Errors><Error/><Error/></Errors></Response>",
            "<Response><Errors><Error/></Errors></Response>",
        ),
        (
            Trait::NoErrors,
            400,
            "<Response><Errors/></Response>",
            "<Response/>",
        ),
        (Trait::Empty400, 400, "", "x"),
        (
            Trait::ErrorResponseRoot,
            400,
            "<ErrorResponse/>",
            "<Response/>",
        ),
    ];

    fn is(kind: Trait, status: u16, headers: &[(&str, &str)], body: &str) -> bool {
        let message = Message {
            start: format!("HTTP/1.1 {status}"),
            headers: headers
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: body.to_owned(),
            ..Message::default()
        };
        Read::new(&message, &Document::read(&message)).is(kind)
    }

    #[test]
    fn each_kind_is_distinguished_from_similar_responses() {
        for &(kind, status, body, other) in ANSWERS {
            assert!(is(kind, status, &[], body), "{kind:?}: {body}");
            assert!(!is(kind, status, &[], other), "{kind:?}: {other}");
        }
        assert!(is(Trait::IdNotInHeader, 412, &[], "<Response/>"));
        let header = [("X-Amzn-RequestId", "1")];
        assert!(!is(Trait::IdNotInHeader, 412, &header, "<Response/>"));
    }

    #[test]
    fn every_row_has_a_kind_that_is_tested() {
        for (misreading, _) in &Misreadings::embedded().unwrap().0 {
            let kind = misreading.answer;
            let tested = ANSWERS.iter().any(|(known, ..)| *known == kind);
            assert!(tested || kind == Trait::IdNotInHeader, "{kind:?}");
            assert!(!misreading.clients.is_empty());
        }
    }
}
