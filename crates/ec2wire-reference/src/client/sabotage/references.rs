//! References in escaped texts: entities, as `&amp;`, and characters by number, as `&#38;`.

/// The entities that XML predefines.
const PREDEFINED: [&str; 5] = ["amp", "lt", "gt", "quot", "apos"];

/// A reference, without `&` and `;`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference<'t> {
    /// An entity that XML predefines.
    Predefined(&'t str),
    /// An entity that XML does not define.
    Undefined(&'t str),
    /// A character by its decimal number.
    Decimal(&'t str),
    /// A character by its hexadecimal number.
    Hexadecimal(&'t str),
}

impl<'t> Reference<'t> {
    fn read(content: &'t str) -> Option<Self> {
        if let Some(digits) = content.strip_prefix("#x") {
            return Some(Self::Hexadecimal(digits));
        }
        if let Some(digits) = content.strip_prefix('#') {
            return Some(Self::Decimal(digits));
        }
        let is_name = !content.is_empty() && content.bytes().all(|b| b.is_ascii_alphanumeric());
        is_name.then(|| match content {
            name if PREDEFINED.contains(&name) => Self::Predefined(name),
            name => Self::Undefined(name),
        })
    }
}

/// Replaces references of an escaped text. `None` keeps one as it is.
pub(super) fn replace(text: &str, with: impl Fn(Reference<'_>) -> Option<String>) -> String {
    let mut pieces = text.split('&');
    let mut replaced = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let replacement = piece.split_once(';').and_then(|(content, after)| {
            let replacement = with(Reference::read(content)?)?;
            Some(replacement + after)
        });
        replaced.push_str(&replacement.unwrap_or_else(|| format!("&{piece}")));
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_replaced_by_kind() {
        let shown = replace(
            "a&lt;&#97;&#x1F;&nbsp;& b;&amp",
            |reference| match reference {
                Reference::Predefined("lt") => None,
                other => Some(format!("[{other:?}]")),
            },
        );
        assert_eq!(
            shown,
            "a&lt;[Decimal(\"97\")][Hexadecimal(\"1F\")][Undefined(\"nbsp\")]& b;&amp"
        );
    }
}
