//! A case with its parsed response, which is parsed only once.

use super::point::{self, Point};
use crate::record::{CaseRecord, Deviation, Message};
use crate::wire::referee::{Damage, Element};
use std::cell::OnceCell;

/// A response's body, and the document that the referee reads from it.
#[derive(Debug, Clone)]
pub struct Document {
    /// The body as on the wire.
    pub body: Vec<u8>,
    /// The root element, or why the body is not a well-formed document.
    pub root: Result<Element, Damage>,
}

impl Document {
    /// Parses the body of a response.
    pub fn read(response: &Message) -> Self {
        let body = response.bytes().into_owned();
        Self {
            root: Element::read(&body),
            body,
        }
    }
}

/// A case with its parsed response.
#[derive(Debug)]
pub struct Reading<'c> {
    /// The case.
    pub case: &'c CaseRecord,
    document: OnceCell<Option<Document>>,
}

impl<'c> Reading<'c> {
    /// Wraps a case. Its response is parsed when first needed.
    pub fn new(case: &'c CaseRecord) -> Self {
        Self {
            case,
            document: OnceCell::new(),
        }
    }

    /// The response of the deciding exchange.
    pub fn response(&self) -> Option<&'c Message> {
        self.case.exchange.as_ref()?.response.as_ref()
    }

    /// The document of the response.
    pub fn document(&self) -> Option<&Document> {
        let read = || self.response().map(Document::read);
        self.document.get_or_init(read).as_ref()
    }

    /// The point in the exchange that a deviation refers to.
    pub fn point(&self, deviation: &Deviation) -> Option<Point> {
        let exchange = self.case.exchange.as_ref()?;
        let document = || self.document();
        point::find(exchange, deviation.difference.as_ref()?, &document)
    }
}
