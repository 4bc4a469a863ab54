//! Tags, and their attachment to the resource that a request creates.

use crate::ResourceType;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// A tag: a key and a value that a user attaches to a resource.
///
/// Limits, in Unicode characters: a key has at most 127 (the API's reference; the user guide says
/// 128) and may not begin with `aws:`; a value has at most 256 and may be empty. Both are
/// case-sensitive. [`contract`](crate::contract) checks them.
///
/// Both members are optional on the wire: EC2's model requires neither.
///
/// Source: the seed, `TagSpecifications[].Tags[]`.
///
/// ```
/// use ec2wire::Tag;
///
/// let tag: Tag = Tag::new("Name", "edge");
/// assert_eq!(tag.key.as_deref(), Some("Name"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Tag<S = alloc::string::String> {
    /// The key.
    pub key: Option<S>,
    /// The value. Clients that leave it out mean an empty one.
    pub value: Option<S>,
}

impl<S> Tag<S> {
    /// A tag with both members set.
    ///
    /// ```
    /// use ec2wire::Tag;
    ///
    /// let borrowed: Tag<&str> = Tag::new("Name", "edge");
    /// assert_eq!(borrowed.value, Some("edge"));
    /// ```
    pub fn new(key: impl Into<S>, value: impl Into<S>) -> Self {
        Self {
            key: Some(key.into()),
            value: Some(value.into()),
        }
    }
}

impl<S: AsRef<str>> Tag<S> {
    /// The same tag, borrowed.
    ///
    /// ```
    /// use ec2wire::Tag;
    ///
    /// let tag: Tag = Tag::new("Name", "edge");
    /// assert_eq!(tag.as_view(), Tag::new("Name", "edge"));
    /// ```
    pub fn as_view(&self) -> Tag<&str> {
        Tag {
            key: self.key.as_ref().map(AsRef::as_ref),
            value: self.value.as_ref().map(AsRef::as_ref),
        }
    }
}

/// The tags to apply to a resource when it is created.
///
/// The resource type is required, and the action must support tagging it. An entry with neither type nor
/// tags cannot be encoded, because it would leave a gap in the list.
///
/// Source: the seed, `TagSpecifications[]`.
///
/// ```
/// use ec2wire::{ResourceType, Tag, TagSpecification};
///
/// let spec: TagSpecification =
///     TagSpecification::new(ResourceType::IpamPolicy, [Tag::new("Name", "edge")]);
/// assert_eq!(spec.tags.len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct TagSpecification<S = alloc::string::String> {
    /// The type of resource to tag on creation.
    #[serde(rename = "ResourceType")]
    pub resource_type: Option<ResourceType>,
    /// The tags, at most 50 per resource.
    #[serde(rename = "Tag", default = "Vec::new")]
    pub tags: Vec<Tag<S>>,
}

impl<S> TagSpecification<S> {
    /// The given tags for the given type of resource.
    ///
    /// ```
    /// use ec2wire::{ResourceType, Tag, TagSpecification};
    ///
    /// let tags = ["a", "b"].map(|key| Tag::new(key, ""));
    /// let spec: TagSpecification = TagSpecification::new(ResourceType::IpamPolicy, tags);
    /// assert_eq!(spec.tags[1].key.as_deref(), Some("b"));
    /// ```
    pub fn new(resource_type: ResourceType, tags: impl IntoIterator<Item = Tag<S>>) -> Self {
        Self {
            resource_type: Some(resource_type),
            tags: tags.into_iter().collect(),
        }
    }
}

impl<S: AsRef<str>> TagSpecification<S> {
    /// The same specification, borrowed. It copies the list of tags, but not their text.
    ///
    /// ```
    /// use ec2wire::{ResourceType, Tag, TagSpecification};
    ///
    /// let spec: TagSpecification =
    ///     TagSpecification::new(ResourceType::IpamPolicy, [Tag::new("Name", "edge")]);
    /// assert_eq!(spec.as_view().tags, [Tag::new("Name", "edge")]);
    /// ```
    pub fn as_view(&self) -> TagSpecification<&str> {
        TagSpecification {
            resource_type: self.resource_type.clone(),
            tags: self.tags.iter().map(Tag::as_view).collect(),
        }
    }
}
