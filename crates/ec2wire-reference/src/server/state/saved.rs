//! What an account has in a Region as lines of a file, and back.

use super::{Document, Policy, State, Target};
use crate::server::area::Area;
use crate::server::config::Config;
use crate::server::engine::Used;
use crate::server::hooks::Hooks;
use crate::server::saved::{Fields, Line, Problem, write_line};
use crate::server::store::Item;
use ec2wire::form::{Call, Options};
use ec2wire::ipam::{CreateIpamPolicy, IpamPolicyResourceType};
use ec2wire::{Operation as _, Tag};
use ec2wire_model::Model;
use std::io::{self, Write};
use std::sync::Arc;

/// The number that shares one with another line.
const SAME_ORDER: &str = "another line has this number";
const SAME_ID: &str = "another line has this id";

impl State {
    /// Writes everything, in the same order each time.
    pub(in crate::server) fn save(&self, area: &Area, out: &mut dyn Write) -> io::Result<()> {
        let line = Line::default()
            .set("account", area.account.clone())
            .set("region", area.region.clone())
            .set("seed", format!("{:016x}", self.ids.seed))
            .number("issued", self.ids.issued)
            .number("changes", self.changes);
        write_line(out, "area", line)?;
        let mut items: Vec<&Item> = self.store.everything().collect();
        items.sort_unstable_by_key(|item| item.order);
        for item in items {
            write_line(out, "item", item_line(item))?;
        }
        for policy in self.by_order.values() {
            // A fault may show some that do not exist any more.
            if self.policies.contains_key(&policy.id) {
                write_line(out, "policy", policy_line(policy))?;
            }
        }
        let mut rules: Vec<_> = (self.rules.iter())
            .flat_map(|(policy, documents)| documents.iter().map(move |rule| (policy, rule)))
            .collect();
        rules.sort_unstable_by_key(|(_, (_, document))| document.order);
        for (policy, ((locale, resource_type), document)) in rules {
            let line = Line::default()
                .set("policy", policy.clone())
                .set("locale", locale.clone())
                .set("resourceType", resource_type.as_str().to_owned())
                .number("order", document.order)
                .texts("pools", &document.pools);
            write_line(out, "rules", line)?;
        }
        // A policy that once had rules is different from one that never had.
        let mut modified: Vec<&String> = (self.rules.iter())
            .filter(|(_, documents)| documents.is_empty())
            .map(|(policy, _)| policy)
            .collect();
        modified.sort_unstable();
        for policy in modified {
            write_line(out, "rules", Line::default().set("policy", policy.clone()))?;
        }
        let mut enabled: Vec<_> = self.enabled.iter().collect();
        enabled.sort_unstable_by_key(|(_, (order, _))| *order);
        for (target, (order, policy)) in enabled {
            let line = Line::default()
                .set("policy", policy.clone())
                .number("order", *order);
            let line = match target {
                Target::Account => line,
                Target::Organization(target) => line.set("target", target.clone()),
            };
            write_line(out, "enabled", line)?;
        }
        self.save_tokens(out)
    }

    fn save_tokens(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut tokens: Vec<_> = self.tokens.iter().collect();
        tokens.sort_unstable_by_key(|(key, _)| *key);
        for ((action, token), used) in tokens {
            let line = Line::default()
                .set("action", (*action).to_owned())
                .set("token", token.clone())
                .structure("request", &used.members)
                .texts("ids", &used.ids);
            write_line(out, "token", line)?;
        }
        let mut tokens: Vec<_> = self.policy_tokens.iter().collect();
        tokens.sort_unstable_by_key(|(token, ..)| *token);
        for (token, request, policy) in tokens {
            let line = Line::default()
                .set("token", token.clone())
                .set("request", request.to_body().map_err(io::Error::other)?)
                .set("policy", policy_line(policy).into_value());
            write_line(out, "policyToken", line)?;
        }
        Ok(())
    }

    /// An area that the file is about to fill.
    pub(in crate::server) fn load_area(
        area: &Area,
        mut fields: Fields,
        config: &Config,
        hooks: &'static dyn Hooks,
    ) -> Result<Self, Problem> {
        let mut state = Self::empty(config, area, hooks);
        let seed = fields.text("seed")?;
        state.ids.seed = u64::from_str_radix(&seed, 16)
            .map_err(|_| fields.problem("seed", "it is not a hexadecimal number"))?;
        state.ids.issued = fields.number("issued")?;
        state.described = state.ids.issued;
        state.changes = fields.number("changes")?;
        // Otherwise it would be forgotten.
        state.is_changed = true;
        fields.end()?;
        Ok(state)
    }

    /// Takes what a line says.
    pub(in crate::server) fn load_line(
        &mut self,
        kind: &str,
        fields: Fields,
    ) -> Result<(), Problem> {
        match kind {
            "item" => self.load_item(fields),
            "policy" => self.load_policy(fields),
            "rules" => self.load_rules(fields),
            "enabled" => self.load_enabled(fields),
            "token" => self.load_token(fields),
            "policyToken" => self.load_policy_token(fields),
            _ => Err(Problem::new(kind, "no line has this name")),
        }
    }

    fn load_item(&mut self, mut fields: Fields) -> Result<(), Problem> {
        let name = fields.text("resource")?;
        let resource = (Model::ec2().resource(&name))
            .ok_or_else(|| fields.problem("resource", format!("'{name}' is not one")))?;
        let order = self.new_order(&mut fields)?;
        let id = fields.shown_text("id")?;
        if self.store.get(&id).is_some() {
            return Err(fields.problem("id", SAME_ID));
        }
        let mut item = Item::new(id, resource, order);
        item.entry = fields.structure("entry")?;
        item.hidden = fields.structure("hidden")?;
        item.tags = fields.pairs("tags")?;
        item.owner = fields.optional_text("owner")?;
        item.claims = fields.texts("claims")?;
        item.gone = fields.flag("gone")?;
        fields.end()?;
        self.store.insert(item);
        Ok(())
    }

    /// The place of a line in the order of creation, which no other has.
    fn new_order(&mut self, fields: &mut Fields) -> Result<u64, Problem> {
        let order = fields.number("order")?;
        if order == 0 || self.store.at(order).is_some() || self.by_order.contains_key(&order) {
            return Err(fields.problem("order", SAME_ORDER));
        }
        // No id is given twice.
        self.ids.issued = self.ids.issued.max(order);
        Ok(order)
    }

    fn load_policy(&mut self, mut fields: Fields) -> Result<(), Problem> {
        let order = self.new_order(&mut fields)?;
        let policy = Arc::new(read_policy(&mut fields, order)?);
        if self.policies.contains_key(&policy.id) {
            return Err(fields.problem("id", SAME_ID));
        }
        fields.end()?;
        let of_ipam = self.policies_of.entry(policy.ipam_id.clone()).or_default();
        of_ipam.insert(policy.id.clone());
        self.by_order.insert(order, Arc::clone(&policy));
        self.policies.insert(policy.id.clone(), policy);
        Ok(())
    }

    /// The id of a policy that an earlier line has.
    fn known_policy(&self, fields: &mut Fields) -> Result<String, Problem> {
        let id = fields.text("policy")?;
        if self.policies.contains_key(&id) {
            return Ok(id);
        }
        Err(fields.problem("policy", format!("no line before it has the policy '{id}'")))
    }

    fn load_rules(&mut self, mut fields: Fields) -> Result<(), Problem> {
        let policy = self.known_policy(&mut fields)?;
        let documents = self.rules.entry(policy).or_default();
        if let Some(locale) = fields.optional_text("locale")? {
            let resource_type = IpamPolicyResourceType::from(fields.shown_text("resourceType")?);
            let order = fields.number("order")?;
            let pools = fields.texts("pools")?;
            self.changes = self.changes.max(order);
            documents.insert((locale, resource_type), Document { order, pools });
        }
        fields.end()
    }

    fn load_enabled(&mut self, mut fields: Fields) -> Result<(), Problem> {
        let policy = self.known_policy(&mut fields)?;
        let order = fields.number("order")?;
        let target = match fields.optional_text("target")? {
            None => Target::Account,
            Some(target) => Target::Organization(target),
        };
        fields.end()?;
        self.changes = self.changes.max(order);
        self.enabled.insert(target, (order, policy));
        Ok(())
    }

    fn load_token(&mut self, mut fields: Fields) -> Result<(), Problem> {
        let action = fields.text("action")?;
        let operation = (Model::ec2().operation(&action))
            .ok_or_else(|| fields.problem("action", format!("'{action}' is not one")))?;
        let token = fields.text("token")?;
        let used = Used {
            members: fields.structure("request")?,
            ids: fields.texts("ids")?,
        };
        fields.end()?;
        self.tokens.insert((operation.name(), token), used);
        Ok(())
    }

    fn load_policy_token(&mut self, mut fields: Fields) -> Result<(), Problem> {
        let token = fields.text("token")?;
        let form = fields.text("request")?;
        let call = Options::new().call_from_slice(form.as_bytes());
        let request: CreateIpamPolicy = call
            .and_then(Call::decode)
            .map_err(|error| fields.problem("request", error.to_string()))?;
        let mut inner = fields.fields("policy")?;
        let order = inner.number("order")?;
        let mut policy = Arc::new(read_policy(&mut inner, order)?);
        inner.end()?;
        fields.end()?;
        if let Some(known) = self.policies.get(&policy.id)
            && known.tags == policy.tags
            && known.order == policy.order
        {
            policy = Arc::clone(known);
        }
        self.policy_tokens.remember(Some(token), request, &policy);
        Ok(())
    }
}

fn item_line(item: &Item) -> Line {
    // A new field must be saved, too.
    let Item {
        id,
        resource,
        order,
        entry,
        hidden,
        tags,
        owner,
        claims,
        gone,
    } = item;
    let line = Line::default()
        .set("resource", resource.name)
        .number("order", *order)
        .set("id", id.clone())
        .structure("entry", entry)
        .structure("hidden", hidden)
        .pairs("tags", tags)
        .texts("claims", claims)
        .set("gone", *gone);
    match owner {
        Some(owner) => line.set("owner", owner.clone()),
        None => line,
    }
}

fn policy_line(policy: &Policy) -> Line {
    let tag = |tag: &Tag| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        (text(&tag.key), text(&tag.value))
    };
    let tags: Vec<_> = policy.tags.iter().map(tag).collect();
    Line::default()
        .number("order", policy.order)
        .set("id", policy.id.clone())
        .set("ipam", policy.ipam_id.clone())
        .pairs("tags", &tags)
}

/// A policy without its place.
fn read_policy(fields: &mut Fields, order: u64) -> Result<Policy, Problem> {
    let tags = fields.pairs("tags")?.into_iter();
    Ok(Policy {
        id: fields.shown_text("id")?,
        ipam_id: fields.shown_text("ipam")?,
        tags: tags.map(|(key, value)| Tag::new(key, value)).collect(),
        order,
    })
}
