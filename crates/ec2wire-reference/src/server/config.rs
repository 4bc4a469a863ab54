//! What a world is like before the first request.

use crate::quirk::Quirk;
use std::time::Duration;

/// What a [`World`](crate::World) is like before the first request.
///
/// ```
/// let config = ec2wire_reference::Config::default();
/// assert_eq!((config.account.as_str(), config.region.as_str()), ("123456789012", "us-east-1"));
/// assert_eq!((config.ipam_ids.len(), config.policies_per_ipam), (0, 10));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The account of requests whose access key does not say another one: 12 digits.
    pub account: String,
    /// The Region of requests whose signature does not say another one.
    pub region: String,
    /// The IPAMs that exist from the start, in each account and Region. The quota of IPAMs does not
    /// count them.
    pub ipam_ids: Vec<String>,
    /// The quota of policies on one IPAM. AWS grants 10, and more on request.
    pub policies_per_ipam: usize,
    /// Where the ids of resources begin. Worlds with the same seed give the same ids to the same
    /// requests; without one, each world has ids of its own.
    pub seed: Option<u64>,
    /// Whether answers are refused that would be made up: those to actions that only read something
    /// which the world does not have.
    pub strict: bool,
    /// For how long lists show what has ended, where EC2 does. EC2 takes about an hour.
    pub forget_after: Duration,
    /// What is wrong with the endpoint or different. `None` for an honest endpoint.
    pub quirk: Option<&'static Quirk>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            account: "123456789012".into(),
            region: "us-east-1".into(),
            ipam_ids: Vec::new(),
            policies_per_ipam: 10,
            seed: None,
            strict: false,
            forget_after: Duration::from_secs(60),
            quirk: None,
        }
    }
}
