//! A form's pairs as they are on the wire, for the faults of both sides to rewrite.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The characters that are escaped: all but RFC 3986's unreserved ones.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A key and a value, both escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) key: String,
    /// `None` if the pair has no `=`.
    pub(crate) value: Option<String>,
}

impl Pair {
    /// A pair of a key and an escaped value.
    pub(crate) fn new(key: &str, value: &str) -> Self {
        Self {
            key: key.to_owned(),
            value: Some(value.to_owned()),
        }
    }

    /// Rewrites the unescaped text of the value. An invalid value stays as it is.
    pub(crate) fn edit_text(&mut self, edit: impl Fn(&str) -> String) {
        if let Some(text) = self.value.as_deref().and_then(unescape) {
            self.value = Some(escape(&edit(&text)));
        }
    }
}

/// Splits a form into its pairs.
pub(crate) fn split(form: &str) -> Vec<Pair> {
    form.split('&')
        .map(|pair| match pair.split_once('=') {
            Some((key, value)) => Pair::new(key, value),
            None => Pair {
                key: pair.to_owned(),
                value: None,
            },
        })
        .collect()
}

/// Joins pairs to a form.
pub(crate) fn join(pairs: &[Pair]) -> String {
    let mut form = String::new();
    for pair in pairs {
        if !form.is_empty() {
            form.push('&');
        }
        form.push_str(&pair.key);
        if let Some(value) = &pair.value {
            form.push('=');
            form.push_str(value);
        }
    }
    form
}

/// The text that an escaped value stands for. `None` if the value is invalid.
pub(crate) fn unescape(value: &str) -> Option<String> {
    let value = value.replace('+', " ");
    let is_invalid = value.split('%').skip(1).any(|rest| {
        !rest
            .as_bytes()
            .get(..2)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    if is_invalid {
        return None;
    }
    let text = percent_decode_str(&value).decode_utf8().ok()?;
    Some(text.into_owned())
}

/// The escaped text.
pub(crate) fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_that_is_not_rewritten_stays_as_it_was() {
        for form in ["", "a", "a=", "a=b=c&&=&%zz=+&d"] {
            assert_eq!(join(&split(form)), form);
        }
    }

    #[test]
    fn invalid_values_are_left_alone() {
        assert_eq!(unescape("a+b%20%C3%A9").as_deref(), Some("a b é"));
        for invalid in ["%", "%4", "%zz", "%FF", "%+1"] {
            assert_eq!(unescape(invalid), None, "{invalid}");
            let mut pair = Pair::new("k", invalid);
            pair.edit_text(str::to_uppercase);
            assert_eq!(pair, Pair::new("k", invalid));
        }
        assert_eq!(escape("a b~é+"), "a%20b~%C3%A9%2B");
    }
}
