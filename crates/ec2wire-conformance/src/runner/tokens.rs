//! The client tokens that a case names.

use std::cell::RefCell;
use std::collections::BTreeMap;

/// The values of `${token}`, `${token-2}` and the like, generated when they are first named.
#[derive(Default)]
pub(super) struct Tokens(RefCell<BTreeMap<String, String>>);

impl Tokens {
    /// The value of the variable; `None` if it is not a token.
    pub(super) fn lookup(&self, name: &str) -> Option<String> {
        if !name.starts_with("token") {
            return None;
        }
        let mut tokens = self.0.borrow_mut();
        let token = tokens
            .entry(name.to_owned())
            .or_insert_with(|| uuid::Uuid::new_v4().to_string());
        Some(token.clone())
    }
}
