//! Faults in a policy's allocation rules and in the targets that it is enabled for.

use super::succeed;
use crate::quirk::Area;
use crate::server::message::Response;
use crate::server::sabotage::change::Change::{self, After, Answer, Document, Form};
use crate::server::sabotage::form::Form as Pairs;
use crate::server::sabotage::row::{Row, fault_row};
use ec2wire::contract::Level::{self, Must, Should};

const fn policy(level: Level, name: &'static str, summary: &'static str, change: Change) -> Row {
    fault_row(Area::Policy, level, name, summary, change)
}

/// The actions on a policy.
const ENABLE: &str = "EnableIpamPolicy";
const MODIFY: &str = "ModifyIpamPolicyAllocationRules";
const GET_RULES: &str = "GetIpamPolicyAllocationRules";
const GET_TARGETS: &str = "GetIpamPolicyOrganizationTargets";
const ACTIONS: [&str; 5] = [ENABLE, "DisableIpamPolicy", MODIFY, GET_RULES, GET_TARGETS];

pub(super) static POLICY: &[Row] = &[
    policy(
        Must,
        "policy-dry-run-ignored",
        "the actions on a policy ignore DryRun",
        Form(|form| ignore(form, &ACTIONS, "DryRun")),
    ),
    policy(
        Must,
        "policy-id-optional",
        "the actions on a policy succeed without an id and do nothing",
        Answer(|request, response| {
            if response.body.contains("parameter IpamPolicyId<") {
                accept(request.body, response);
            }
        }),
    ),
    policy(
        Should,
        "policy-not-looked-up",
        "the actions on a policy succeed with an unknown id and do nothing",
        Answer(|request, response| {
            if response.body.contains("InvalidIpamPolicyId.NotFound") {
                accept(request.body, response);
            }
        }),
    ),
    policy(
        Should,
        "policy-id-form-unchecked",
        "the actions on a policy succeed with a malformed id and do nothing",
        Answer(|request, response| {
            if response.body.contains("InvalidIpamPolicyId.Malformed") {
                accept(request.body, response);
            }
        }),
    ),
    policy(
        Should,
        "policy-lists-max-results-unchecked",
        "the lists of a policy accept any MaxResults",
        Form(|form| ignore(form, &[GET_RULES, GET_TARGETS], "MaxResults")),
    ),
    policy(
        Must,
        "rules-not-kept",
        "ModifyIpamPolicyAllocationRules succeeds and stores no rules (fakecloud)",
        After(|state, action| {
            if action.action == MODIFY {
                state.forget_rules();
            }
        }),
    ),
    policy(
        Must,
        "rules-answer-empty",
        "ModifyIpamPolicyAllocationRules answers without the document",
        Document(|document| {
            document.root.take("ipamPolicyDocument");
        }),
    ),
    policy(
        Must,
        "rules-answer-without-rules",
        "ModifyIpamPolicyAllocationRules answers without the rules",
        Document(|document| {
            if let Some(shown) = document.root.child("ipamPolicyDocument") {
                shown.take("allocationRuleSet");
            }
        }),
    ),
    policy(
        Must,
        "rules-locale-ignored",
        "GetIpamPolicyAllocationRules shows the rules of all locales",
        Form(|form| ignore(form, &[GET_RULES], "Locale")),
    ),
    policy(
        Must,
        "rules-type-ignored",
        "GetIpamPolicyAllocationRules shows the rules of all resource types",
        Form(|form| ignore(form, &[GET_RULES], "ResourceType")),
    ),
    policy(
        Must,
        "rules-locale-optional",
        "a missing Locale becomes us-east-1",
        Form(|form| default(form, "Locale", "us-east-1")),
    ),
    policy(
        Must,
        "rules-type-optional",
        "a missing ResourceType becomes eip",
        Form(|form| default(form, "ResourceType", "eip")),
    ),
    policy(
        Should,
        "rules-type-unchecked",
        "an unknown ResourceType becomes eip",
        Form(|form| {
            if form.is(MODIFY) {
                let known = |text: &str| matches!(text, "alb" | "eip" | "rds" | "rnat");
                form.each_text(
                    |key| key == "ResourceType",
                    |text| if known(text) { text } else { "eip" }.to_owned(),
                );
            }
        }),
    ),
    policy(
        Must,
        "rules-in-one-place",
        "all locales share one set of rules",
        Form(|form| {
            if form.is(MODIFY) || form.is(GET_RULES) {
                form.each_text(|key| key == "Locale", |_| "us-east-1".to_owned());
            }
        }),
    ),
    policy(
        Must,
        "enable-not-kept",
        "EnableIpamPolicy succeeds and enables nothing (fakecloud)",
        After(|state, action| {
            if action.action == ENABLE {
                state.forget_enabled();
            }
        }),
    ),
    policy(
        Must,
        "enable-answers-nothing",
        "EnableIpamPolicy answers without the policy's id",
        Document(|document| {
            if document.root.name == "EnableIpamPolicyResponse" {
                document.root.take("ipamPolicyId");
            }
        }),
    ),
    policy(
        Must,
        "enabled-without-id",
        "GetEnabledIpamPolicy does not name the enabled policy",
        Document(|document| {
            if document.root.name == "GetEnabledIpamPolicyResponse" {
                document.root.take("ipamPolicyId");
            }
        }),
    ),
    policy(
        Should,
        "managed-by-account-id",
        "managedBy is the account's id (cloudemu)",
        Document(|document| {
            if let Some(by) = document.root.child("managedBy") {
                "123456789012".clone_into(&mut by.text);
            }
        }),
    ),
    policy(
        Must,
        "disable-answers-false",
        "DisableIpamPolicy always answers false",
        Document(|document| {
            if let Some(returned) = document.root.child("return") {
                "false".clone_into(&mut returned.text);
            }
        }),
    ),
    policy(
        Must,
        "disable-not-kept",
        "DisableIpamPolicy answers true and disables nothing (fakecloud)",
        After(|state, action| {
            if action.action == "DisableIpamPolicy" && action.refusal.is_none() {
                state.enable_newest();
            }
        }),
    ),
];

/// Adds a missing member to a request that modifies rules.
fn default(form: &mut Pairs<'_>, key: &str, value: &str) {
    if form.is(MODIFY) && form.get(key).is_none() {
        form.add(key, value);
    }
}

/// Removes a member from the requests of some actions.
fn ignore(form: &mut Pairs<'_>, actions: &[&str], key: &str) {
    if actions.iter().any(|action| form.is(action)) {
        form.retain(|other| other != key);
    }
}

/// Turns the refusal of an action on a policy into its success.
fn accept(request: &[u8], response: &mut Response) {
    let request = String::from_utf8_lossy(request);
    let is = |action: &&&str| {
        request
            .split('&')
            .any(|pair| pair == format!("Action={action}"))
    };
    if let Some(action) = ACTIONS.iter().find(is) {
        succeed(action, response);
    }
}
