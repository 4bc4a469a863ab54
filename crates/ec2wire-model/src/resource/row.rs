//! What the table says of a resource.

use super::{Fact, Path, Source};
use crate::Model;
use serde::{Deserialize, Serialize};

/// What is known of a kind of resource. See [`Model::resource`](crate::Model::resource).
///
/// Members and paths are written as the API names them. Paths with `entry` in their description begin
/// at an entry of [`Listing::path`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Resource {
    /// Its name here, as in `nat-gateway`.
    pub name: &'static str,
    /// Its value in the enum `ResourceType`, as in `natgateway`, which tags and ARNs use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<&'static str>,
    /// The resource that it is a kind of, and whose ids it shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind_of: Option<&'static str>,
    /// How it is named.
    pub id: Id,
    /// The actions that make one. The first is the usual one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub make: Vec<Make>,
    /// The action that lists them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<Listing>,
    /// The actions that change one, or what it does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub change: Vec<Act>,
    /// The actions that end one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub end: Vec<Act>,
    /// The actions that join it to another resource, and those that part them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub join: Vec<Join>,
    /// Further actions that only read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<Listing>,
    /// Its states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub states: Option<States>,
    /// What keeps it from being ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept_by: Vec<Keeper>,
    /// What no two of them may share.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unique: Vec<Unique>,
    /// The codes of errors.
    #[serde(default)]
    pub codes: Codes,
}

/// How a resource is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Id {
    /// The member that names one, as in `VpcId`.
    pub member: &'static str,
    /// All members that name one or more, as in `VpcIds` and `PeerVpcId`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Fact>,
    /// What its ids begin with, without the hyphen after it. Ids of some resources have no prefix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<Fact>,
    /// What follows the prefix.
    #[serde(default, skip_serializing_if = "Digits::is_usual")]
    pub digits: Digits,
    /// Its ARN, with `REGION`, `ACCOUNT` and `ID` in their places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<Fact>,
}

/// What follows the prefix of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Digits {
    /// Seventeen hexadecimal digits; eight in old ids.
    #[default]
    Seventeen,
    /// A UUID.
    Uuid,
    /// Thirty-two hexadecimal digits.
    ThirtyTwo,
    /// Eight letters and digits.
    Eight,
    /// The form is unknown, or the resource has only a name.
    Free,
}

impl Digits {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
    fn is_usual(&self) -> bool {
        *self == Self::Seventeen
    }
}

/// An action that makes a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Make {
    /// The action.
    pub action: &'static str,
    /// Where that comes from.
    #[serde(default = "Source::names")]
    pub source: Source,
    /// Where the new id stands in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Path>,
    /// Where the new resource is described in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Path>,
    /// The member of the request that takes tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<&'static str>,
    /// The other resources that the request names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// The members of the request that an entry of the list shows again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<Shown>,
}

/// A resource that a request names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Need {
    /// Where it is named in the request.
    pub member: Path,
    /// The name of the resource.
    pub resource: &'static str,
    /// Whether the request must name it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// Where that comes from.
    #[serde(default = "Source::names")]
    pub source: Source,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A member of a request that an entry shows again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    bound(deserialize = "'de: 'static"),
    rename_all = "camelCase",
    deny_unknown_fields
)]
#[non_exhaustive]
pub struct Shown {
    /// Where it stands in the request.
    pub member: Path,
    /// Where an entry shows it.
    pub path: Path,
    /// Where that comes from.
    #[serde(default = "Source::names")]
    pub source: Source,
}

/// An action on a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Act {
    /// The action.
    pub action: &'static str,
    /// The member of the request that names the resource.
    pub member: Path,
    /// Where that comes from.
    #[serde(default = "Source::names")]
    pub source: Source,
}

/// A pair of actions that joins two resources and parts them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Join {
    /// The action that joins.
    pub action: &'static str,
    /// The member of its request that names this resource.
    pub member: Path,
    /// The action that parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<&'static str>,
    /// The member of the parting request that names this resource, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_member: Option<&'static str>,
    /// What the parting request takes from the response to the joining one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// The other resources that the request can name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<Joined>,
    /// Where that comes from.
    #[serde(default = "Source::names")]
    pub source: Source,
}

/// An id that joining gives and parting takes, as that of an attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Link {
    /// The member of the parting request.
    pub member: &'static str,
    /// Where the response to the joining request has it: in one of these places.
    pub paths: Vec<Path>,
}

/// The other side of a [`Join`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Joined {
    /// The name of the other resource.
    pub resource: &'static str,
    /// Where the request names it.
    pub member: Path,
    /// Where an entry of this resource shows the other's id: found by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Path>,
}

/// An action that lists resources, or reads something about them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Listing {
    /// The action.
    pub action: &'static str,
    /// Where that comes from.
    #[serde(default = "Source::names")]
    pub source: Source,
    /// The member of the request that names the resource, or a list of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Path>,
    /// Where the response has its entries. If it has no list: nothing.
    #[serde(default, skip_serializing_if = "Path::is_nowhere")]
    pub path: Path,
    /// Where an entry has its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Path>,
    /// Where an entry has its tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Path>,
    /// The member of the request that takes filters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filters_member: Option<&'static str>,
    /// The filters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    /// How it pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<Pages>,
}

/// A documented filter. `tag:<key>` stands for all filters on the values of tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Filter {
    /// Its name.
    pub name: &'static str,
    /// Where that comes from.
    #[serde(default = "Source::documentation")]
    pub source: Source,
    /// What it looks at, in an entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Path>,
    /// Where the path comes from, if there is one.
    #[serde(default = "Source::names")]
    pub path_source: Source,
}

/// How a list pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Pages {
    /// The member of the request that takes the token.
    pub token: &'static str,
    /// The member of the response that has the next one.
    pub next: &'static str,
    /// The member of the request that takes the greatest number of entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<&'static str>,
    /// Where that comes from.
    #[serde(default = "Source::names")]
    pub source: Source,
    /// The least value of the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<u32>,
    /// The greatest value of the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u32>,
    /// Where these values come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounds_source: Option<Source>,
    /// Where it is said that a request must not have both ids and a limit, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_with_ids: Option<Source>,
}

/// The states of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    bound(deserialize = "'de: 'static"),
    rename_all = "camelCase",
    deny_unknown_fields
)]
#[non_exhaustive]
pub struct States {
    /// Where an entry has it.
    pub path: Path,
    /// Where that comes from.
    #[serde(default = "Source::names")]
    pub source: Source,
    /// The states at the beginning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<Fact>,
    /// The states in which it can be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settled: Vec<Fact>,
    /// The states after something failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<Fact>,
    /// The states on the way to its end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ending: Vec<Fact>,
    /// The states in which it has ended, but is still listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<Fact>,
    /// For how many seconds AWS's waiter waits until it is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles_within: Option<u32>,
    /// For how many seconds AWS's waiter waits until it is listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_within: Option<u32>,
}

/// What keeps a resource from being ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Keeper {
    /// The name of a resource that depends on it.
    pub resource: &'static str,
    /// The code of the error, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// Where that comes from.
    #[serde(default = "Source::names")]
    pub source: Source,
}

/// What no two resources may share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Unique {
    /// The members of the request that together must be new.
    pub members: Vec<Path>,
    /// The code of the error.
    pub code: &'static str,
    /// Where that comes from.
    #[serde(default = "Source::names")]
    pub source: Source,
}

/// The codes of errors about a resource.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(
    bound(deserialize = "'de: 'static"),
    rename_all = "camelCase",
    deny_unknown_fields
)]
#[non_exhaustive]
pub struct Codes {
    /// A well-formed id that does not exist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<Fact>,
    /// An id that is not well formed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub malformed: Vec<Fact>,
    /// It is in use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_use: Vec<Fact>,
    /// There is one already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duplicate: Vec<Fact>,
    /// There are too many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limit: Vec<Fact>,
}

impl States {
    /// The lists of states with their names, from the first ones to those after the end.
    ///
    /// ```
    /// let instance = ec2wire_model::Model::ec2().resource("instance").unwrap();
    /// let (name, first) = instance.states.as_ref().unwrap().lists()[0];
    /// assert_eq!((name, first[0].value), ("first", "pending"));
    /// ```
    pub fn lists(&self) -> [(&'static str, &[Fact]); 5] {
        [
            ("first", &self.first),
            ("settled", &self.settled),
            ("failed", &self.failed),
            ("ending", &self.ending),
            ("gone", &self.gone),
        ]
    }
}

impl Codes {
    /// Whether an answer with the code may be about a resource that was only just made: some row has it
    /// for ids that do not exist.
    ///
    /// ```
    /// assert!(ec2wire_model::Codes::may_be_early("InvalidVpcID.NotFound"));
    /// assert!(!ec2wire_model::Codes::may_be_early("InvalidVpcID.Malformed"));
    /// ```
    pub fn may_be_early(code: &str) -> bool {
        let rows = Model::ec2().resources().iter();
        let mut unknown = rows.flat_map(|row| &row.codes.unknown);
        unknown.any(|known| known.value == code)
    }

    /// The lists of codes with what they are about.
    ///
    /// ```
    /// let vpc = ec2wire_model::Model::ec2().resource("vpc").unwrap();
    /// let (about, unknown) = vpc.codes.lists()[0];
    /// assert_eq!((about, unknown[0].value), ("unknown", "InvalidVpcID.NotFound"));
    /// ```
    pub fn lists(&self) -> [(&'static str, &[Fact]); 5] {
        [
            ("unknown", &self.unknown),
            ("malformed", &self.malformed),
            ("in-use", &self.in_use),
            ("duplicate", &self.duplicate),
            ("limit", &self.limit),
        ]
    }
}
