//! Decoding a document with given options.

use super::scan::Scanner;
use super::{Options, de};
use crate::{Result, Text};
use core::marker::PhantomData;
use serde::Deserialize;
use serde::de::DeserializeSeed;

impl Options {
    /// Decodes a response.
    ///
    /// ```
    /// use ec2wire::{Tag, xml};
    ///
    /// let tag: Tag = xml::Options::new().from_str("<Tag><key>Name</key></Tag>")?;
    /// assert_eq!(tag.key.as_deref(), Some("Name"));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`xml::from_str`](super::from_str), for these options.
    pub fn from_str<'de, T: Deserialize<'de>>(&self, body: &'de str) -> Result<T> {
        self.from_str_with_id(body).map(|(value, _)| value)
    }

    /// Decodes a response from bytes, which must be UTF-8.
    ///
    /// ```
    /// use ec2wire::{ErrorKind, Tag, xml};
    ///
    /// let error = xml::Options::new().from_slice::<Tag>(b"<Tag>\xFF</Tag>").unwrap_err();
    /// assert_eq!((error.kind(), error.offset()), (&ErrorKind::InvalidUtf8, Some(5)));
    /// ```
    ///
    /// # Errors
    ///
    /// As [`from_str`](Self::from_str).
    pub fn from_slice<'de, T: Deserialize<'de>>(&self, body: &'de [u8]) -> Result<T> {
        self.from_str(self.utf8(body)?)
    }

    /// Decodes a response and its request ID, if it has one: the root's child `requestId`, `RequestId` or
    /// `RequestID`.
    ///
    /// ```
    /// use ec2wire::{ipam::DeleteIpamResponse, xml};
    ///
    /// let body = "<DeleteIpamResponse><requestId>1</requestId></DeleteIpamResponse>";
    /// let (response, id) = xml::Options::new().from_str_with_id::<DeleteIpamResponse>(body)?;
    /// assert_eq!((response.ipam, id.as_deref()), (None, Some("1")));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`from_str`](Self::from_str), and [`RepeatedMember`](crate::ErrorKind::RepeatedMember) if there
    /// are two request IDs.
    pub fn from_str_with_id<'de, T: Deserialize<'de>>(
        &self,
        body: &'de str,
    ) -> Result<(T, Option<Text<'de>>)> {
        self.from_str_seed(PhantomData::<T>, body)
    }

    /// As [`from_str_with_id`](Self::from_str_with_id), with a seed.
    ///
    /// ```
    /// use ec2wire::{ipam::DeleteIpamResponse, xml};
    /// use std::marker::PhantomData;
    ///
    /// let seed = PhantomData::<DeleteIpamResponse>;
    /// let (response, id) = xml::Options::new().from_str_seed(seed, "<DeleteIpamResponse/>")?;
    /// assert_eq!((response.ipam, id), (None, None));
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`from_str_with_id`](Self::from_str_with_id).
    pub fn from_str_seed<'de, S: DeserializeSeed<'de>>(
        &self,
        seed: S,
        body: &'de str,
    ) -> Result<(S::Value, Option<Text<'de>>)> {
        de::decode(seed, body, *self)
    }

    /// The name of the root element, without a prefix. It reads no further than the root's start tag.
    ///
    /// ```
    /// let name = ec2wire::xml::Options::new().root_name("<?xml version='1.0'?><Response>")?;
    /// assert_eq!(name, "Response");
    /// # Ok::<(), ec2wire::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Of the kinds that [the module](super#what-is-read) lists, those that can occur up to there: [`NotXml`](crate::ErrorKind::NotXml),
    /// [`Doctype`](crate::ErrorKind::Doctype), [`Malformed`](crate::ErrorKind::Malformed),
    /// [`Truncated`](crate::ErrorKind::Truncated), [`IllegalCharacter`](crate::ErrorKind::IllegalCharacter),
    /// [`UnknownEntity`](crate::ErrorKind::UnknownEntity) and
    /// [`LimitExceeded`](crate::ErrorKind::LimitExceeded).
    pub fn root_name<'de>(&self, body: &'de str) -> Result<&'de str> {
        Scanner::new(body, *self)?
            .root()
            .map(|tag| tag.local_name())
    }
}
