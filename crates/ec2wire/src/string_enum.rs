//! A macro for open string enums.

/// Defines an enum of strings. Unknown values are kept in a variant of their own.
macro_rules! string_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident: $what:literal {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* #[doc = concat!("`", $text, "`")] $variant,)+
            /// A value that this version of the crate does not know.
            Unknown(alloc::boxed::Box<str>),
        }

        impl $name {
            /// The known values, in the service model's order.
            ///
            /// ```
            /// # use ec2wire::{ResourceType, ipam::*};
            #[doc = concat!("for value in ", stringify!($name), "::ALL {")]
            #[doc = concat!("    assert_eq!(", stringify!($name), "::from(value.as_str()), *value);")]
            /// }
            /// ```
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The value on the wire.
            ///
            /// ```
            /// # use ec2wire::{ResourceType, ipam::*};
            #[doc = concat!("assert_eq!(", stringify!($name), "::from(\"new-value\").as_str(), \"new-value\");")]
            /// ```
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(text) => text,
                }
            }

            fn known(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// Whether the value is one that this version of the crate does not know.
            ///
            /// ```
            /// # use ec2wire::{ResourceType, ipam::*};
            #[doc = concat!("assert!(", stringify!($name), "::from(\"new-value\").is_unknown());")]
            /// ```
            pub fn is_unknown(&self) -> bool {
                matches!(self, Self::Unknown(_))
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::known(text).unwrap_or_else(|| Self::Unknown(text.into()))
            }
        }

        impl From<alloc::string::String> for $name {
            fn from(text: alloc::string::String) -> Self {
                Self::known(&text).unwrap_or_else(|| Self::Unknown(text.into()))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                struct NameVisitor;

                impl serde::de::Visitor<'_> for NameVisitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                        f.write_str($what)
                    }

                    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                        Ok(text.into())
                    }
                }

                deserializer.deserialize_str(NameVisitor)
            }
        }
    };
}
