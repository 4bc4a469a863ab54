//! Compares two answers to one request, ignoring what differs from run to run: ids, tokens, times,
//! and how far a state has progressed.

use crate::text::count_of;
use crate::wire::referee::Element;
use crate::wire::secrets::is_filler;
use regex_lite::Regex;
use std::collections::BTreeSet;

/// Elements whose content differs with every answer.
const VOLATILE: [&str; 5] = [
    "requestId",
    "RequestID",
    "RequestId",
    "nextToken",
    "clientToken",
];
/// The shortest text that is taken as an id.
const ID_LENGTH: usize = 8;

/// The parts of an answer that are compared.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    pub status: u16,
    pub content_type: Option<&'a str>,
    /// `None` if only a part of it is known.
    pub body: Option<&'a [u8]>,
}

/// Compares answers.
pub struct Likeness {
    volatile: Vec<(Regex, &'static str)>,
    foreign_id: Regex,
}

impl Likeness {
    /// Fails only if its patterns are wrong, which a test excludes.
    pub fn new() -> Result<Self, regex_lite::Error> {
        let compile = Regex::new;
        Ok(Self {
            volatile: vec![
                (
                    compile(
                        r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
                    )?,
                    "(uuid)",
                ),
                // EC2's ids have 17 digits, older ones 8.
                (
                    compile(r"\b(([a-z]+-)+)[0-9a-f]{8}([0-9a-f]{9})?\b")?,
                    "$1(id)",
                ),
                (
                    compile(r"\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?")?,
                    "(time)",
                ),
                (
                    compile(r"\b(create|modify|delete)-(in-progress|complete)\b")?,
                    "$1-(soon)",
                ),
            ],
            foreign_id: compile("[0-9A-Za-z]*[0-9][0-9A-Za-z]*")?,
        })
    }

    /// Describes each difference between the answers.
    pub fn differences(&self, recorded: Compared<'_>, now: Compared<'_>) -> Vec<String> {
        let mut found = Vec::new();
        if recorded.status != now.status {
            let (was, is) = (with_errors(recorded), with_errors(now));
            found.push(format!("status {was}, now {is}"));
        }
        if recorded.content_type != now.content_type {
            let shown = |text: Option<&str>| text.unwrap_or("none").to_owned();
            let (was, is) = (shown(recorded.content_type), shown(now.content_type));
            found.push(format!("content type {was}, now {is}"));
        }
        let (Some(was), Some(is)) = (recorded.body, now.body) else {
            return found;
        };
        match (Element::parse(was), Element::parse(is)) {
            (Ok(before), Ok(after)) => self.elements("", &before, &after, &mut found),
            (Ok(_), Err(why)) => found.push(format!("well-formed XML, now malformed: {why}")),
            (Err(_), Ok(after)) => {
                found.push(format!("malformed XML, now a `{}`", after.name));
            }
            (Err(_), Err(_)) => {
                let text = |body| self.plain(&String::from_utf8_lossy(body));
                if text(was) != text(is) {
                    found.push("a different body; both are malformed XML".into());
                }
            }
        }
        found
    }

    fn elements(&self, path: &str, before: &Element, after: &Element, found: &mut Vec<String>) {
        let here = if path.is_empty() { "the root" } else { path };
        if before.name != after.name {
            found.push(format!("{here} is `{}`, now `{}`", before.name, after.name));
            return;
        }
        if before.xmlns != after.xmlns {
            let shown = |xmlns: &Option<String>| xmlns.clone().unwrap_or_else(|| "none".into());
            let (was, is) = (shown(&before.xmlns), shown(&after.xmlns));
            found.push(format!("{here} has the namespace {was}, now {is}"));
        }
        if VOLATILE.contains(&before.name.as_str()) {
            return;
        }
        if !self.is_alike(&before.name, &before.text, &after.text) {
            let (was, is) = (&before.text, &after.text);
            found.push(format!("{here} is {was:?}, now {is:?}"));
        }
        // Order does not matter, not even inside a list.
        let names: BTreeSet<&str> = before
            .children
            .iter()
            .chain(&after.children)
            .map(|child| child.name.as_str())
            .collect();
        for name in names {
            let place = if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}.{name}")
            };
            let (was, is) = (self.sorted(before, name), self.sorted(after, name));
            if was.len() != is.len() {
                let was = count_of(was.len(), "element");
                found.push(format!("{place} has {was}, now {}", is.len()));
                continue;
            }
            let several = was.len() > 1;
            for (index, (was, is)) in was.iter().zip(&is).enumerate() {
                let place = if several {
                    format!("{place}[{index}]")
                } else {
                    place.clone()
                };
                self.elements(&place, was, is, found);
            }
        }
    }

    fn sorted<'e>(&self, parent: &'e Element, name: &str) -> Vec<&'e Element> {
        let mut named: Vec<&Element> = parent.children.iter().filter(|c| c.name == name).collect();
        named.sort_by_cached_key(|element| self.canonical(element));
        named
    }

    fn canonical(&self, element: &Element) -> String {
        let mut parts: Vec<String> = element.children.iter().map(|c| self.canonical(c)).collect();
        parts.sort();
        format!(
            "{}={}({})",
            element.name,
            self.plain(&element.text),
            parts.join(",")
        )
    }

    fn is_alike(&self, name: &str, before: &str, after: &str) -> bool {
        // A redacted text may have been anything.
        if is_filler(before) && !after.is_empty() {
            return true;
        }
        let (was, is) = (self.plain(before), self.plain(after));
        // Ids in other formats than EC2's are recognized by the element's name.
        let is_foreign = (name.ends_with("Id") || name.ends_with("Arn")) && was == before.trim();
        let foreign = |text| self.foreign_id.replace_all(text, "(id)");
        was == is || is_foreign && foreign(before.trim()) == foreign(after.trim())
    }

    /// The text with everything that differs from run to run replaced.
    fn plain(&self, text: &str) -> String {
        let mut plain = text.trim().to_owned();
        for (regex, replacement) in &self.volatile {
            plain = regex.replace_all(&plain, *replacement).into_owned();
        }
        plain
    }
}

/// An answer's status with the errors in its body, since they explain a changed status.
fn with_errors(answer: Compared<'_>) -> String {
    let document = answer.body.and_then(|body| Element::parse(body).ok());
    let errors = document.iter().flat_map(Element::errors);
    let errors: Vec<String> = errors
        .map(|(code, message)| match (code, message) {
            ("", message) => message.to_owned(),
            (code, "") => code.to_owned(),
            (code, message) => format!("{code}: {message}"),
        })
        .filter(|error| !error.is_empty())
        .collect();
    if errors.is_empty() {
        answer.status.to_string()
    } else {
        format!("{} ({})", answer.status, errors.join("; "))
    }
}

/// Pairs of differing texts at the same place in both documents: the recorded one and the new one.
/// Only texts that can be ids.
pub fn renamed(before: &Element, after: &Element) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    collect(before, after, &mut pairs);
    // The longest first: an ARN contains the id.
    pairs.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
    pairs
}

fn collect(before: &Element, after: &Element, pairs: &mut Vec<(String, String)>) {
    let (old, new) = (&before.text, &after.text);
    let is_id =
        old.len() >= ID_LENGTH && old.contains(|c: char| c.is_ascii_digit()) && !old.contains(' ');
    if is_id && old != new && !new.is_empty() {
        pairs.push((old.clone(), new.clone()));
    }
    let mut rest: Vec<&Element> = after.children.iter().collect();
    for child in &before.children {
        if let Some(place) = rest.iter().position(|other| other.name == child.name) {
            collect(child, rest.remove(place), pairs);
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn differences(before: &str, after: &str) -> Vec<String> {
        let answer = |body| Compared {
            status: 200,
            content_type: None,
            body: Some(body),
        };
        let likeness = Likeness::new().unwrap();
        likeness.differences(answer(before.as_bytes()), answer(after.as_bytes()))
    }

    #[test]
    fn what_differs_from_run_to_run_is_no_difference() {
        let before = "<R><requestId>a</requestId><s><item><id>ipam-policy-0123456789abcdef0</id>\
            <state>create-in-progress</state><at>2026-01-02T03:04:05.000Z</at></item>\
            <item><id>x</id></item></s></R>";
        let after = "<R><s><item><id>x</id></item><item><state>create-complete</state>\
            <at>2027-01-02T03:04:05Z</at><id>ipam-policy-0fedcba9876543210</id></item></s>\
            <requestId>b</requestId></R>";
        assert_eq!(differences(before, after), [""; 0]);
    }

    #[test]
    fn what_else_differs_is_named_with_its_place() {
        for (before, after, found) in [
            ("<A/>", "<B/>", "the root is `A`, now `B`"),
            (
                "<A xmlns='u'/>",
                "<A/>",
                "the root has the namespace u, now none",
            ),
            (
                "<A><b><c>x</c></b></A>",
                "<A><b><c>y</c></b></A>",
                "b.c is \"x\", now \"y\"",
            ),
            ("<A><b/></A>", "<A/>", "b has 1 element, now 0"),
            (
                "<A><s>create-complete</s></A>",
                "<A><s>create-failed</s></A>",
                "s is \"create-complete\", now \"create-failed\"",
            ),
            (
                "<A><i>ipam-0123456789abcdef0</i></A>",
                "<A><i>ipam-0123456789abcdef</i></A>",
                "i is \"ipam-0123456789abcdef0\", now \"ipam-0123456789abcdef\"",
            ),
            (
                "<A><ipamId>ipam-0123456789abcdef0</ipamId></A>",
                "<A><ipamId>vpc-0123456789abcdef0</ipamId></A>",
                "ipamId is \"ipam-0123456789abcdef0\", now \"vpc-0123456789abcdef0\"",
            ),
            ("<A/>", "A", "well-formed XML, now malformed"),
            ("a", "b", "a different body; both are malformed XML"),
        ] {
            let differences = differences(before, after);
            assert_eq!(differences.len(), 1, "{differences:?}");
            assert!(
                differences.iter().all(|text| text.starts_with(found)),
                "{differences:?}"
            );
        }
    }

    #[test]
    fn another_status_comes_with_the_errors() {
        let likeness = Likeness::new().unwrap();
        let status = |was: (u16, &str), is: (u16, &str)| {
            let [was, is] = [was, is].map(|(status, body)| Compared {
                status,
                content_type: None,
                body: Some(body.as_bytes()),
            });
            likeness.differences(was, is).first().cloned().unwrap()
        };
        let fault =
            |error: &str| format!("<Response><Errors><Error>{error}</Error></Errors></Response>");
        let blocked = fault("<Code>Blocked</Code><Message>not here</Message>");
        assert_eq!(
            status((200, "<A/>"), (400, &blocked)),
            "status 200, now 400 (Blocked: not here)"
        );
        assert_eq!(
            status(
                (503, "<html>busy</html>"),
                (400, &fault("<Code>Busy</Code>"))
            ),
            "status 503, now 400 (Busy)"
        );
        let two = "<Response><Errors><Error><Code>A</Code></Error><Error><Code>B</Code>\
            <Message>b</Message></Error></Errors></Response>";
        assert_eq!(
            status((400, &blocked), (500, two)),
            "status 400 (Blocked: not here), now 500 (A; B: b)"
        );
        assert_eq!(status((200, "<A/>"), (500, "bad")), "status 200, now 500");
    }

    #[test]
    fn ids_of_another_form_are_told_by_their_name() {
        let before = "<A><ipamPolicyId>pol-7Gh</ipamPolicyId></A>";
        let after = "<A><ipamPolicyId>pol-x81</ipamPolicyId></A>";
        assert_eq!(differences(before, after), [""; 0]);
        let other = "<A><ipamPolicyId>policy-x81</ipamPolicyId></A>";
        assert_eq!(differences(before, other).len(), 1);
    }

    #[test]
    fn ids_are_found_where_they_stand() {
        let parse = |text: &str| Element::parse(text.as_bytes()).unwrap();
        let before = parse("<A><n>first one</n><i>ipam-1111111</i><a>arn:ipam-1111111</a></A>");
        let after = parse("<A><a>arn:ipam-2222222</a><i>ipam-2222222</i><n>other</n></A>");
        let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
        assert_eq!(
            renamed(&before, &after),
            [
                pair("arn:ipam-1111111", "arn:ipam-2222222"),
                pair("ipam-1111111", "ipam-2222222")
            ]
        );
    }
}
