//! Answers as trees that keep what a decoder normally throws away: comments, CDATA sections and
//! white space.
//!
//! Texts stay as they are on the wire, escaped, since that is where some faults are.

use std::fmt;

/// How deep elements may be nested.
const MAX_DEPTH: usize = 100;

/// A document that is well-formed as far as its tags go.
pub(super) struct Document {
    /// What is in front of the root.
    before: String,
    pub(super) root: Element,
    /// What follows the root.
    after: String,
}

/// An element.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    /// The name, with its prefix.
    name: String,
    /// The attributes as they are on the wire, with the white space in front.
    attributes: String,
    pub(super) nodes: Vec<Node>,
}

/// A part of an element.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Node {
    Element(Element),
    /// Text between markup, escaped.
    Text(String),
    /// A CDATA section, with its delimiters.
    Cdata(String),
    /// A comment, with its delimiters.
    Comment(String),
    /// A processing instruction or document type declaration, with its delimiters.
    Other(String),
}

impl Document {
    /// Reads an answer. `None` if its tags do not fit together, or if it is not UTF-8.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut rest = std::str::from_utf8(body).ok()?;
        let mut before = String::new();
        loop {
            match Node::read(&mut rest, 0)? {
                Node::Element(root) => {
                    return Some(Self {
                        before,
                        root,
                        after: rest.to_owned(),
                    });
                }
                other => before.push_str(&other.to_string()),
            }
        }
    }

    /// Whether the root is that of an action's success, as `CreateIpamPolicyResponse`.
    pub(super) fn is_success(&self) -> bool {
        let action = self.root.local_name().strip_suffix("Response");
        action.is_some_and(|action| !action.is_empty() && action != "Error")
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            before,
            root,
            after,
        } = self;
        write!(f, "{before}{root}{after}")
    }
}

impl Element {
    /// Reads the element whose start tag follows.
    fn read(rest: &mut &str, depth: usize) -> Option<Self> {
        if depth > MAX_DEPTH {
            return None;
        }
        let after = rest.strip_prefix('<')?;
        let (tag, after) = after.split_at_checked(tag_length(after)?)?;
        *rest = after.strip_prefix('>')?;
        let (tag, is_empty) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let name_end = tag.find(|c: char| c.is_ascii_whitespace());
        let (name, attributes) = tag.split_at(name_end.unwrap_or(tag.len()));
        let mut element = Self {
            name: name.to_owned(),
            attributes: attributes.to_owned(),
            nodes: Vec::new(),
        };
        if is_empty {
            return Some(element);
        }
        loop {
            if let Some(after) = rest.strip_prefix("</") {
                let (end, after) = after.split_once('>')?;
                *rest = after;
                return (end.trim_end() == name).then_some(element);
            }
            element.nodes.push(Node::read(rest, depth + 1)?);
        }
    }

    /// An element without attributes and content.
    pub(super) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// The name without its prefix.
    pub(super) fn local_name(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or_default()
    }

    /// The default namespace that the element declares, if it declares one.
    pub(super) fn namespace(&self) -> Option<&str> {
        let (_, declared) = self.attributes.split_once("xmlns=")?;
        let quote = declared.chars().next()?;
        declared.get(1..)?.split(quote).next()
    }

    /// The child elements.
    pub(super) fn children(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(child) => Some(child),
            _ => None,
        })
    }

    /// The element and all elements below it.
    pub(super) fn descendants(&self) -> Vec<&Self> {
        let below = self.children().flat_map(Self::descendants);
        std::iter::once(self).chain(below).collect()
    }

    /// Calls `edit` with the element and all elements below it, the innermost first.
    pub(super) fn each(&mut self, edit: &mut impl FnMut(&mut Self)) {
        for node in &mut self.nodes {
            if let Node::Element(child) = node {
                child.each(edit);
            }
        }
        edit(self);
    }

    /// Calls `edit` with each element that holds text and no elements.
    pub(super) fn each_leaf(&mut self, edit: impl Fn(&mut Self)) {
        self.each(&mut |element| {
            if element.children().next().is_none() {
                edit(element);
            }
        });
    }

    /// Rewrites the escaped texts, but not those in CDATA sections.
    pub(super) fn each_text(&mut self, edit: impl Fn(&str) -> String) {
        self.each_leaf(|element| {
            for node in &mut element.nodes {
                if let Node::Text(text) = node {
                    *text = edit(text);
                }
            }
        });
    }

    /// Removes the child elements that `matches` accepts.
    pub(super) fn remove(&mut self, matches: impl Fn(&Self) -> bool) {
        self.nodes
            .retain(|node| !matches!(node, Node::Element(child) if matches(child)));
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            attributes,
            nodes,
        } = self;
        if nodes.is_empty() {
            return write!(f, "<{name}{attributes}/>");
        }
        write!(f, "<{name}{attributes}>")?;
        for node in nodes {
            write!(f, "{node}")?;
        }
        write!(f, "</{name}>")
    }
}

impl Node {
    fn read(rest: &mut &str, depth: usize) -> Option<Self> {
        type Make = fn(String) -> Node;
        let delimited: [(&str, &str, Make); 4] = [
            ("<!--", "-->", Self::Comment),
            ("<![CDATA[", "]]>", Self::Cdata),
            ("<?", "?>", Self::Other),
            ("<!", ">", Self::Other),
        ];
        for (start, end, make) in delimited {
            if let Some(content) = rest.strip_prefix(start) {
                let length = start.len() + content.find(end)? + end.len();
                let (whole, after) = rest.split_at_checked(length)?;
                *rest = after;
                return Some(make(whole.to_owned()));
            }
        }
        if rest.starts_with('<') {
            return Element::read(rest, depth).map(Self::Element);
        }
        let (text, after) = rest.split_at_checked(rest.find('<')?)?;
        *rest = after;
        Some(Self::Text(text.to_owned()))
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Element(element) => element.fmt(f),
            Self::Text(text) | Self::Cdata(text) | Self::Comment(text) | Self::Other(text) => {
                f.write_str(text)
            }
        }
    }
}

/// How long a tag is up to its `>`, which may also be in the value of an attribute.
fn tag_length(text: &str) -> Option<usize> {
    let mut quote = None;
    text.bytes().position(|byte| {
        match quote {
            Some(open) if byte == open => quote = None,
            None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
            _ => {}
        }
        byte == b'>' && quote.is_none()
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_document_that_is_not_rewritten_stays_as_it_was() {
        for body in [
            "<?xml version='1.0'?>\n<a xmlns=\"u\" b='>'>\n <b>x<!-- <c> -->y</b><c/></a><!-- d -->",
            "<!DOCTYPE html><html><p><![CDATA[<p>]]>&lt;</p></html>",
            "<a/>",
        ] {
            assert_eq!(Document::read(body.as_bytes()).unwrap().to_string(), body);
        }
        let body = "<a></a ><!--";
        assert_eq!(
            Document::read(body.as_bytes()).unwrap().to_string(),
            "<a/><!--"
        );
    }

    #[test]
    fn tags_that_do_not_fit_together_are_not_read() {
        for body in ["", "x", "<a>", "<a></b>", "<a", "<a><!-- </a>"] {
            assert!(Document::read(body.as_bytes()).is_none(), "{body}");
        }
        assert!(Document::read(b"<a>\xFF</a>").is_none());
        let deep = "<a>".repeat(100_000);
        assert!(Document::read(deep.as_bytes()).is_none());
    }

    #[test]
    fn names_and_namespaces_are_found() {
        let read = |body: &str| Document::read(body.as_bytes()).unwrap();
        let document = read("<e:RunResponse a='b' xmlns='u'><e:c/>x<d/></e:RunResponse>");
        assert_eq!(document.root.namespace(), Some("u"));
        let names: Vec<&str> = document.root.children().map(Element::local_name).collect();
        assert_eq!(names, ["c", "d"]);
        assert!(document.is_success());
        for other in ["<Response/>", "<ErrorResponse/>", "<html/>"] {
            assert!(!read(other).is_success(), "{other}");
        }
    }
}
