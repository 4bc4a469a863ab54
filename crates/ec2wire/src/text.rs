//! Text that borrows from the input where possible.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use core::fmt;
use core::ops::Deref;
use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// Text that borrows from the input, unless it has escapes.
///
/// Use it as the text type of the operation types, to decode without copies: `IpamPolicy<Text<'_>>`. It
/// exists because serde's `Cow<str>` always decodes to the owned variant inside an `Option` or a `Vec`.
///
/// ```
/// use ec2wire::{Text, form, ipam::CreateIpamPolicy};
///
/// let body = "IpamId=ipam-1&ClientToken=a%2Bb";
/// let request: CreateIpamPolicy<Text<'_>> = form::from_str(body)?;
/// assert!(request.ipam_id.as_ref().is_some_and(Text::is_borrowed));
/// assert_eq!(request.client_token.as_deref(), Some("a+b"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text<'a>(Cow<'a, str>);

impl<'a> Text<'a> {
    /// The text.
    ///
    /// ```
    /// assert_eq!(ec2wire::Text::from("a").as_str(), "a");
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the text is a part of the input.
    ///
    /// ```
    /// use ec2wire::Text;
    ///
    /// assert!(Text::from("a").is_borrowed());
    /// assert!(!Text::from(String::from("a")).is_borrowed());
    /// ```
    pub fn is_borrowed(&self) -> bool {
        matches!(self.0, Cow::Borrowed(_))
    }

    /// The text as a `String`, copied if it was borrowed.
    ///
    /// ```
    /// assert_eq!(ec2wire::Text::from("a").into_owned(), String::from("a"));
    /// ```
    pub fn into_owned(self) -> String {
        self.0.into_owned()
    }

    /// The text as a `Cow`.
    ///
    /// ```
    /// use std::borrow::Cow;
    ///
    /// assert!(matches!(ec2wire::Text::from("a").into_cow(), Cow::Borrowed("a")));
    /// ```
    pub fn into_cow(self) -> Cow<'a, str> {
        self.0
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Text<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self(text)
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(text.into())
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(text.to_owned().into())
            }

            fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
                Ok(text.into())
            }
        }

        deserializer.deserialize_string(TextVisitor)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use alloc::format;
    use serde::de::IntoDeserializer as _;
    use serde::de::value::{BorrowedStrDeserializer, Error, StrDeserializer, U8Deserializer};

    #[test]
    fn a_text_is_like_a_str() {
        let text = Text::from("a\"b");
        assert_eq!(
            (format!("{text}"), format!("{text:?}")),
            ("a\"b".into(), r#""a\"b""#.into())
        );
        assert!(text == *"a\"b" && text == "a\"b");
        assert!(text != *"a" && text != "a");
        assert_eq!(AsRef::<str>::as_ref(&text), "a\"b");
    }

    #[test]
    fn a_text_borrows_where_it_can() {
        let borrowed = BorrowedStrDeserializer::<Error>::new("a");
        assert!(matches!(
            Text::deserialize(borrowed).unwrap().0,
            Cow::Borrowed("a")
        ));
        let passing: StrDeserializer<'_, Error> = "a".into_deserializer();
        assert!(matches!(Text::deserialize(passing).unwrap().0, Cow::Owned(text) if text == "a"));
        let number: U8Deserializer<Error> = 1_u8.into_deserializer();
        let error = Text::deserialize(number).unwrap_err();
        assert_eq!(
            format!("{error}"),
            "invalid type: integer `1`, expected text"
        );
    }
}
