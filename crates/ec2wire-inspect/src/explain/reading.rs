//! A case with the document of its response, which is read once for all that is said of it.

use super::point::{self, Point};
use crate::record::{CaseRecord, Deviation, Message};
use crate::wire::referee::{Damage, Element};
use std::cell::OnceCell;

/// A response's body, and what the referee reads in it.
#[derive(Debug, Clone)]
pub struct Document {
    /// The body as it was on the wire.
    pub body: Vec<u8>,
    /// The root, or why the body is no document.
    pub root: Result<Element, Damage>,
}

impl Document {
    /// Reads the body of a response.
    pub fn read(response: &Message) -> Self {
        let body = response.bytes().into_owned();
        Self {
            root: Element::read(&body),
            body,
        }
    }
}

/// A case with the document of its response.
#[derive(Debug)]
pub struct Reading<'c> {
    /// The case.
    pub case: &'c CaseRecord,
    document: OnceCell<Option<Document>>,
}

impl<'c> Reading<'c> {
    /// A case whose response is read when that is first needed.
    pub fn new(case: &'c CaseRecord) -> Self {
        Self {
            case,
            document: OnceCell::new(),
        }
    }

    /// The response of the exchange that decided.
    pub fn response(&self) -> Option<&'c Message> {
        self.case.exchange.as_ref()?.response.as_ref()
    }

    /// The document of that response.
    pub fn document(&self) -> Option<&Document> {
        let read = || self.response().map(Document::read);
        self.document.get_or_init(read).as_ref()
    }

    /// The point in the exchange that a deviation is about.
    pub fn point(&self, deviation: &Deviation) -> Option<Point> {
        let exchange = self.case.exchange.as_ref()?;
        let document = || self.document();
        point::find(exchange, deviation.difference.as_ref()?, &document)
    }
}
