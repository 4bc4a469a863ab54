//! What a resource of EC2 is, as a table: how it is named, made, listed, changed and ended, what its
//! states and codes are, and where each fact comes from.
//!
//! `row` is what the table says of a resource, `table` the embedded table, `path` where something
//! stands in a request or response, `source` where a fact comes from. `documentation` reads facts out
//! of the documentation strings of a service model. `check` compares the table with a model.

mod check;
mod documentation;
mod path;
mod row;
mod source;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use check::lacks;
pub use documentation::Documentation;
pub use path::Path;
pub use row::{
    Act, Codes, Digits, Filter, Id, Join, Joined, Keeper, Link, Listing, Make, Need, Pages,
    Resource, Shown, States, Unique,
};
pub use source::{Evidence, Fact, Source};

impl Resource {
    /// The resource whose id a member such as `VpcId`, `VpcIds` or `PeerVpcId` takes, if that does not
    /// depend on the action.
    ///
    /// ```
    /// use ec2wire_model::Resource;
    ///
    /// let found = Resource::of_member("AddSecurityGroupIds").unwrap();
    /// assert_eq!(found.name, "security-group");
    /// let image = Resource::of_member("ImageId").unwrap();
    /// assert_eq!(image.unknown_id().unwrap(), "ami-0fedcba9876543210");
    /// assert!(Resource::of_member("OwnerId").is_none());
    /// ```
    pub fn of_member(member: &str) -> Option<&'static Self> {
        table::Resources::embedded().of_member(member)
    }

    /// A well-formed id that no server has assigned, if the form of the resource's ids is known.
    pub fn unknown_id(&self) -> Option<String> {
        let digits = match self.id.digits {
            Digits::Seventeen => "0fedcba9876543210",
            Digits::Uuid => "0fedcba9-8765-4321-8fed-cba987654321",
            Digits::ThirtyTwo => "0fedcba9876543210fedcba987654321",
            Digits::Eight => "0fedcba9",
            Digits::Free => return None,
        };
        Some(match self.id.prefix {
            Some(prefix) => format!("{}-{digits}", prefix.value),
            None if self.id.digits == Digits::Uuid => digits.to_owned(),
            None => return None,
        })
    }
}
