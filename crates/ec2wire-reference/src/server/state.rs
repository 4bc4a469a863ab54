//! What an account has in a Region: the items of its store, and the policies of IPAMs.

use super::area::Area;
use super::config::Config;
use super::engine::Used;
use super::engine::input::base;
use super::families;
use super::hooks::{Afterlife, Hooks, Noted};
use super::store::{Item, Store};
use super::tokens::Tokens;
use ec2wire::Tag;
use ec2wire::ipam::{CreateIpamPolicy, IpamPolicyResourceType};
use ec2wire_model::{Digits, Model, Resource, Timestamp};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;
use std::sync::Arc;
use uuid::Uuid;

mod saved;

/// An IPAM policy. It never changes: its rules and targets are stored elsewhere in the state.
#[derive(Debug)]
pub(super) struct Policy {
    pub(super) id: String,
    pub(super) ipam_id: String,
    pub(super) tags: Vec<Tag>,
    /// Its place in the order of creation.
    pub(super) order: u64,
}

/// The rules of a policy, by locale and resource type.
pub(super) type Documents = HashMap<(String, IpamPolicyResourceType), Document>;

/// The rules for one locale and resource type.
#[derive(Debug)]
pub(super) struct Document {
    /// Its place in the order of modification.
    pub(super) order: u64,
    pub(super) pools: Vec<String>,
}

/// Keys and values.
type Tags = Vec<(String, String)>;

/// What a policy can be enabled for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Target {
    /// The account, by its own choice.
    Account,
    /// A part of the organization.
    Organization(String),
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) config: Config,
    pub(super) hooks: &'static dyn Hooks,
    ids: Ids,
    /// Whether requests ever created or deleted something.
    is_changed: bool,
    policies: HashMap<String, Arc<Policy>>,
    /// The ids of the policies on each IPAM.
    policies_of: HashMap<String, HashSet<String>>,
    /// The id of the policy that was removed last, and the one that the next policy gets, for a
    /// fault.
    removed: Option<String>,
    reused: Option<String>,
    /// The same policies in order of creation, for paging.
    by_order: BTreeMap<u64, Arc<Policy>>,
    /// Deleted policies that a list still shows, and how often.
    ghosts: BTreeMap<u64, u8>,
    /// The rules of the modified policies.
    rules: HashMap<String, Documents>,
    /// The policy that is enabled for each target, with its place in the order of enabling.
    enabled: HashMap<Target, (u64, String)>,
    /// The last place in the orders of modification and enabling.
    changes: u64,
    /// How many ids were issued when policies were last described.
    described: u64,
    pub(super) policy_tokens: Tokens<CreateIpamPolicy, Policy>,
    /// All resources but the policies of IPAMs.
    pub(super) store: Store,
    /// What each action's client tokens made.
    pub(super) tokens: HashMap<(&'static str, String), Used>,
    /// What a fault or variant remembers, mostly of ids. Nothing else reads it.
    pub(super) noted: HashMap<String, Noted>,
}

impl State {
    /// What an area has before the first request.
    pub(super) fn new(config: &Config, area: &Area, hooks: &'static dyn Hooks) -> Self {
        let mut state = Self::empty(config, area, hooks);
        families::start(&mut state);
        state.is_changed = false;
        state
    }

    /// Nothing at all.
    fn empty(config: &Config, area: &Area, hooks: &'static dyn Hooks) -> Self {
        let config = Config {
            account: area.account.clone(),
            region: area.region.clone(),
            ..config.clone()
        };
        let seed = config.seed.map(|seed| area.seed(seed));
        Self {
            config,
            hooks,
            ids: Ids::new(seed),
            is_changed: false,
            policies_of: HashMap::new(),
            removed: None,
            reused: None,
            policies: HashMap::new(),
            by_order: BTreeMap::new(),
            ghosts: BTreeMap::new(),
            rules: HashMap::new(),
            enabled: HashMap::new(),
            changes: 0,
            described: 0,
            policy_tokens: Tokens::default(),
            store: Store::default(),
            tokens: HashMap::new(),
            noted: HashMap::new(),
        }
    }

    /// Notes that a request created, changed or deleted something.
    pub(super) fn note_change(&mut self) {
        self.is_changed = true;
    }

    /// The next place in the order of creation, and a new id of a resource.
    pub(super) fn new_id(&mut self, resource: &Resource) -> (u64, String) {
        let (order, digits) = self.ids.next();
        let resource = base(resource);
        let digits = match resource.id.digits {
            Digits::Uuid => self.ids.uuid(order),
            Digits::ThirtyTwo => self.ids.uuid(order).replace('-', ""),
            Digits::Eight => digits.chars().skip(9).collect(),
            _ => digits,
        };
        let id = match resource.id.prefix {
            Some(prefix) => format!("{}-{digits}", prefix.value),
            // The prefix is not known, but there is one.
            None if resource.id.digits == Digits::Free => format!("{}-{digits}", resource.name),
            None => digits,
        };
        (order, self.hooks.rewrite_id(resource, id))
    }

    /// The 17 digits of a new id that is not a resource's own.
    pub(super) fn new_digits(&mut self) -> String {
        self.ids.next().1
    }

    /// The 17 digits that the next new id will have.
    pub(super) fn next_digits(&self) -> String {
        format!("{:017x}", self.ids.mix(self.ids.issued + 1))
    }

    /// The time of the clock.
    #[expect(clippy::unused_self, reason = "a state may have a clock of its own")]
    pub(super) fn now(&self) -> Timestamp {
        let now = jiff::Timestamp::now();
        // EC2's answers have whole seconds.
        jiff::Timestamp::from_second(now.as_second())
            .unwrap_or(now)
            .into()
    }

    /// Forgets what ended long enough ago.
    pub(super) fn sweep(&mut self) {
        self.store.sweep(self.config.forget_after);
    }

    /// The tags of any resource. `None` if no resource has this id.
    pub(super) fn tags(&self, id: &str) -> Option<Vec<(String, String)>> {
        if let Some(policy) = self.policies.get(id) {
            let tags = policy.tags.iter();
            return Some(
                tags.map(|tag| {
                    (
                        tag.key.clone().unwrap_or_default(),
                        tag.value.clone().unwrap_or_default(),
                    )
                })
                .collect(),
            );
        }
        self.store.get(id).map(|item| item.tags.clone())
    }

    /// Replaces the tags of any resource.
    pub(super) fn set_tags(&mut self, id: &str, tags: Vec<(String, String)>) {
        self.is_changed = true;
        if let Some(policy) = self.policies.get(id) {
            let policy = Arc::new(Policy {
                id: policy.id.clone(),
                ipam_id: policy.ipam_id.clone(),
                tags: tags
                    .into_iter()
                    .map(|(key, value)| Tag {
                        key: Some(key),
                        value: Some(value),
                    })
                    .collect(),
                order: policy.order,
            });
            self.by_order.insert(policy.order, Arc::clone(&policy));
            self.policies.insert(policy.id.clone(), policy);
            return;
        }
        self.store.update(id, |item| item.tags = tags);
    }

    /// All tagged resources that exist, in the order of creation: id, type and tags.
    pub(super) fn tagged(&self) -> Vec<(&str, &str, Tags)> {
        let items = self.store.everything().filter(|item| !item.tags.is_empty());
        let mut found: Vec<(u64, &str, &str)> = items
            .map(|item| {
                (
                    item.order,
                    item.id.as_str(),
                    item.resource.resource_type.unwrap_or(item.resource.name),
                )
            })
            .collect();
        let policies = self
            .policies
            .values()
            .filter(|policy| !policy.tags.is_empty());
        found.extend(policies.map(|policy| (policy.order, policy.id.as_str(), "ipam-policy")));
        found.sort_unstable();
        (found.into_iter())
            .map(|(_, id, kind)| (id, kind, self.tags(id).unwrap_or_default()))
            .collect()
    }

    /// Whether requests ever created or deleted something. Otherwise it is as good as a new one: all
    /// other changes are to policies, and page tokens are given only where there are some.
    pub(super) fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// The IPAM with this id.
    pub(super) fn ipam(&self, id: &str) -> Option<&Item> {
        self.store.live(Model::ec2().resource("ipam")?, id)
    }

    /// Removes the policies on an IPAM.
    pub(super) fn remove_policies_on(&mut self, ipam_id: &str) {
        let policies = self.policies_of.remove(ipam_id);
        for policy in policies.into_iter().flatten() {
            self.remove_policy(&policy);
        }
    }

    pub(super) fn policy(&self, id: &str) -> Option<&Arc<Policy>> {
        self.policies.get(id)
    }

    /// How many policies the IPAM has.
    pub(super) fn policies_on(&self, ipam_id: &str) -> usize {
        self.policies_of.get(ipam_id).map_or(0, HashSet::len)
    }

    /// The policies after a place in the order of creation, oldest first.
    pub(super) fn policies_after(&self, order: u64) -> impl Iterator<Item = &Arc<Policy>> {
        self.by_order
            .range((Bound::Excluded(order), Bound::Unbounded))
            .map(|(_, policy)| policy)
    }

    pub(super) fn create_policy(&mut self, ipam_id: &str, tags: Vec<Tag>) -> Arc<Policy> {
        self.is_changed = true;
        let (order, digits) = self.ids.next();
        let id = self
            .hooks
            .rewrite_policy_id(format!("ipam-policy-{digits}"));
        let policy = Arc::new(Policy {
            id: self.reused.take().unwrap_or(id),
            ipam_id: ipam_id.to_owned(),
            tags,
            order,
        });
        let of_ipam = self.policies_of.entry(ipam_id.to_owned()).or_default();
        of_ipam.insert(policy.id.clone());
        self.policies.insert(policy.id.clone(), Arc::clone(&policy));
        self.by_order.insert(order, Arc::clone(&policy));
        policy
    }

    pub(super) fn remove_policy(&mut self, id: &str) {
        let keeps = |policy: &Arc<Policy>| self.hooks.keeps_deleted(policy);
        if self.policies.get(id).is_some_and(keeps) {
            return;
        }
        if let Some(policy) = self.policies.remove(id) {
            match self.hooks.afterlife() {
                Some(afterlife) => {
                    self.ghosts.insert(policy.order, afterlife.descriptions());
                }
                None => {
                    self.by_order.remove(&policy.order);
                }
            }
            self.rules.remove(id);
            self.enabled.retain(|_, (_, enabled)| enabled != id);
            if let Some(of_ipam) = self.policies_of.get_mut(&policy.ipam_id) {
                of_ipam.remove(id);
            }
            self.removed = Some(policy.id.clone());
        }
    }

    /// The rules of a policy. `None` if it was never modified.
    pub(super) fn rules(&self, policy_id: &str) -> Option<&Documents> {
        self.rules.get(policy_id)
    }

    /// Replaces the rules of a policy for one locale and resource type.
    pub(super) fn set_rules(
        &mut self,
        policy_id: &str,
        key: (String, IpamPolicyResourceType),
        pools: Vec<String>,
    ) {
        let documents = self.rules.entry(policy_id.to_owned()).or_default();
        if pools.is_empty() {
            documents.remove(&key);
            return;
        }
        self.changes += 1;
        let order = self.changes;
        // An existing document keeps its place.
        let document = documents.entry(key).or_insert(Document {
            order,
            pools: Vec::new(),
        });
        document.pools = pools;
    }

    /// Enables a policy for a target. It replaces the one that was enabled.
    pub(super) fn enable(&mut self, target: Target, policy_id: &str) {
        self.changes += 1;
        let enabled = (self.changes, policy_id.to_owned());
        self.enabled.insert(target, enabled);
    }

    /// Disables a policy for a target. Returns whether it was enabled for it.
    pub(super) fn disable(&mut self, target: &Target, policy_id: &str) -> bool {
        let is_enabled = self.enabled_for(target) == Some(policy_id);
        if is_enabled {
            self.enabled.remove(target);
        }
        is_enabled
    }

    /// The policy that is enabled for a target.
    pub(super) fn enabled_for(&self, target: &Target) -> Option<&str> {
        self.enabled.get(target).map(|(_, id)| id.as_str())
    }

    /// Forgets all rules, for a fault.
    pub(super) fn forget_rules(&mut self) {
        self.rules.clear();
    }

    /// Disables all policies, for a fault.
    pub(super) fn forget_enabled(&mut self) {
        self.enabled.clear();
    }

    /// Enables the newest policy, for a fault.
    pub(super) fn enable_newest(&mut self) {
        if let Some(id) = self
            .by_order
            .values()
            .next_back()
            .map(|policy| policy.id.clone())
        {
            self.enable(Target::Account, &id);
        }
    }

    /// The parts of the organization that a policy is enabled for, with their places in the order of
    /// enabling.
    pub(super) fn organization_targets(
        &self,
        policy_id: &str,
    ) -> impl Iterator<Item = (u64, &str)> {
        self.enabled
            .iter()
            .filter_map(move |(target, (order, id))| match target {
                Target::Organization(target) if id == policy_id => Some((*order, target.as_str())),
                _ => None,
            })
    }

    /// Whether descriptions show the policy yet.
    pub(super) fn is_shown(&self, policy: &Policy) -> bool {
        !self.hooks.describes_late() || policy.order <= self.described
    }

    /// Records that policies were described.
    pub(super) fn note_described(&mut self) {
        self.described = self.ids.issued;
        let Self {
            ghosts, by_order, ..
        } = self;
        ghosts.retain(|order, left| {
            *left -= 1;
            if *left == 0 {
                by_order.remove(order);
            }
            *left > 0
        });
    }

    /// Whether the policy is deleted, and a list says so.
    pub(super) fn is_shown_deleted(&self, policy: &Policy) -> bool {
        let is_ghost = self.ghosts.contains_key(&policy.order);
        is_ghost && self.hooks.afterlife() == Some(Afterlife::Deleted)
    }

    /// How many ids were issued.
    pub(super) fn issued(&self) -> u64 {
        self.ids.issued
    }

    /// Gives the next policy the id of the one that was removed last, for a fault. Its place in the
    /// order of creation is its own.
    pub(super) fn reuse_ids(&mut self) {
        self.reused = self.removed.take();
    }

    /// The id of any IPAM, for a fault.
    pub(super) fn any_ipam(&self) -> Option<String> {
        self.store.all("ipam").next().map(|item| item.id.clone())
    }

    /// The token for the page after a place in an order.
    pub(super) fn page_token(&self, order: u64) -> String {
        format!("{order:016x}{:016x}", self.ids.mix(order))
    }

    /// The place that a page token stands for. `None` if the token is not from this world.
    pub(super) fn read_page_token(&self, token: &str) -> Option<u64> {
        let order = u64::from_str_radix(token.get(..16)?, 16).ok()?;
        (token == self.page_token(order)).then_some(order)
    }
}

/// The source of resource ids.
#[derive(Debug)]
struct Ids {
    /// Random unless it is configured, so that no two worlds give the same ids.
    seed: u64,
    issued: u64,
}

impl Ids {
    fn new(seed: Option<u64>) -> Self {
        Self {
            seed: seed.unwrap_or_else(|| Uuid::new_v4().as_u64_pair().1),
            issued: 0,
        }
    }

    /// The next place in the order of creation, from 1, and the 17 digits of an id. Like EC2's, they
    /// start with 0.
    fn next(&mut self) -> (u64, String) {
        self.issued += 1;
        (self.issued, format!("{:017x}", self.mix(self.issued)))
    }

    /// A UUID's text for a place in the order.
    fn uuid(&self, order: u64) -> String {
        let halves = (self.mix(order), self.mix(!order));
        Uuid::from_u64_pair(halves.0, halves.1).to_string()
    }

    /// Spreads numbers over all of `u64`. The factor is odd, so no two results are equal.
    fn mix(&self, number: u64) -> u64 {
        const GOLDEN_RATIO: u64 = 0x9E37_79B9_7F4A_7C15;
        self.seed.wrapping_add(number.wrapping_mul(GOLDEN_RATIO))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::hooks::Honest;
    use crate::server::message::Request;

    #[test]
    fn ids_are_17_digits_and_differ() {
        let mut ids = Ids {
            seed: u64::MAX,
            issued: 0,
        };
        let issued: HashSet<String> = (0..1000).map(|_| ids.next().1).collect();
        assert_eq!(issued.len(), 1000);
        assert!(
            issued
                .iter()
                .all(|id| id.len() == 17 && id.starts_with('0'))
        );
    }

    #[test]
    fn a_page_token_is_valid_only_in_its_own_world() {
        let area = Area::of(&Request::get("/"), &Config::default());
        let state = || State::new(&Config::default(), &area, &Honest);
        let (state, other) = (state(), state());
        let token = state.page_token(7);
        assert_eq!(state.read_page_token(&token), Some(7));
        assert_eq!(other.read_page_token(&token), None);
        assert_eq!(state.read_page_token("7"), None);
        assert_eq!(state.read_page_token("ééééééééééééééééé"), None);
    }
}
