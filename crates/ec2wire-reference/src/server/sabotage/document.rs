//! The endpoint's own documents as trees, for a fault or variant to rewrite.
//!
//! Texts stay escaped, as on the wire, because some faults are in the escapes.

use std::fmt;

/// A document.
pub(super) struct Document {
    /// What precedes the root.
    pub(super) prolog: String,
    pub(super) root: Element,
    /// Whether each element is on a line of its own.
    pub(super) is_pretty: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    /// The attributes as on the wire, with the space in front.
    pub(super) attributes: String,
    /// The escaped text of an element without children.
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Document {
    /// Reads what the endpoint's encoder wrote. `None` for anything else.
    pub(super) fn read(body: &str) -> Option<Self> {
        let start = match body.strip_prefix("<?") {
            Some(_) => body.find("?>")? + 2,
            None => 0,
        };
        let start = start + body.get(start..)?.find('<')?;
        let (prolog, mut rest) = body.split_at_checked(start)?;
        let root = Element::read(&mut rest)?;
        Some(Self {
            prolog: prolog.to_owned(),
            root,
            is_pretty: false,
        })
    }

    /// Whether it is an error.
    pub(super) fn is_refusal(&self) -> bool {
        self.root.name == "Response"
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.prolog)?;
        self.root.write(f, self.is_pretty.then_some(0))
    }
}

impl Element {
    fn read(rest: &mut &str) -> Option<Self> {
        let (tag, after) = rest.strip_prefix('<')?.split_once('>')?;
        *rest = after;
        let (tag, is_empty) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let (name, attributes) = tag.split_at(tag.find(' ').unwrap_or(tag.len()));
        let mut element = Self {
            name: name.to_owned(),
            attributes: attributes.to_owned(),
            ..Self::default()
        };
        if is_empty {
            return Some(element);
        }
        let end = format!("</{name}>");
        loop {
            let (text, _) = rest.split_at_checked(rest.find('<')?)?;
            element.text.push_str(text);
            *rest = rest.get(text.len()..)?;
            if let Some(after) = rest.strip_prefix(&*end) {
                *rest = after;
                return Some(element);
            }
            element.children.push(Self::read(rest)?);
        }
    }

    /// Writes the element. With a depth, each child gets a line of its own.
    fn write(&self, f: &mut fmt::Formatter<'_>, depth: Option<usize>) -> fmt::Result {
        let Self {
            name,
            attributes,
            text,
            children,
        } = self;
        if text.is_empty() && children.is_empty() {
            return write!(f, "<{name}{attributes}/>");
        }
        write!(f, "<{name}{attributes}>{text}")?;
        for child in children {
            new_line(f, depth.map(|depth| depth + 1))?;
            child.write(f, depth.map(|depth| depth + 1))?;
        }
        if !children.is_empty() {
            new_line(f, depth)?;
        }
        write!(f, "</{name}>")
    }

    pub(super) fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
            ..Self::default()
        }
    }

    /// The first child with this name.
    pub(super) fn child(&mut self, name: &str) -> Option<&mut Self> {
        self.children.iter_mut().find(|child| child.name == name)
    }

    /// Removes the children with this name and returns them.
    pub(super) fn take(&mut self, name: &str) -> Vec<Self> {
        self.children
            .extract_if(.., |child| child.name == name)
            .collect()
    }

    /// Calls `edit` with the element and all elements below it, the innermost first.
    pub(super) fn each(&mut self, edit: &mut impl FnMut(&mut Self)) {
        for child in &mut self.children {
            child.each(edit);
        }
        edit(self);
    }

    /// Renames elements, at any depth.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        self.each(&mut |element| {
            if element.name == from {
                to.clone_into(&mut element.name);
            }
        });
    }

    /// Removes the elements with this name, at any depth.
    pub(super) fn remove(&mut self, name: &str) {
        self.each(&mut |element| element.children.retain(|child| child.name != name));
    }
}

fn new_line(f: &mut fmt::Formatter<'_>, depth: Option<usize>) -> fmt::Result {
    match depth {
        Some(depth) => write!(f, "\n{:1$}", "", depth * 4),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_document_that_is_not_rewritten_stays_as_it_was() {
        for body in [
            "<?xml version=\"1.0\"?>\n<a xmlns=\"u\"><b>x&amp;y</b><c/><d><e>1</e><e>2</e></d></a>",
            "<a/>",
        ] {
            assert_eq!(Document::read(body).unwrap().to_string(), body);
        }
        let mut document = Document::read("<a><b>1</b><c/></a>").unwrap();
        document.is_pretty = true;
        assert_eq!(document.to_string(), "<a>\n    <b>1</b>\n    <c/>\n</a>");
        for other in ["", "x", "<a>", "<a></b>", "<html"] {
            assert!(Document::read(other).is_none(), "{other}");
        }
    }

    #[test]
    fn elements_are_found_renamed_and_removed() {
        let mut document = Document::read("<a><b>1</b><c><b>2</b></c></a>").unwrap();
        document.root.rename("b", "x");
        assert_eq!(document.to_string(), "<a><x>1</x><c><x>2</x></c></a>");
        document.root.child("c").unwrap().remove("x");
        assert_eq!(document.root.take("x").len(), 1);
        assert_eq!(document.to_string(), "<a><c/></a>");
    }
}
