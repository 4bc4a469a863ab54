//! Faults in what a request does: dry runs, client tokens, and what exists afterwards.

use super::{recode, succeed};
use crate::quirk::Area;
use crate::server::sabotage::change::Change::{
    self, After, Answer, Described, Document, Form, KeepsDeleted, Policy, Refusal, Refused, Replay,
    Unchecked,
};
use crate::server::sabotage::row::{Row, fault_row};
use crate::server::state::State;
use crate::server::tokens::Replay as Token;
use ec2wire::Fault;
use ec2wire::contract::Level::{self, Must, Should};
use ec2wire::ipam::IpamPolicyState;

const fn dry_run(level: Level, name: &'static str, summary: &'static str, change: Change) -> Row {
    fault_row(Area::DryRun, level, name, summary, change)
}

const fn idempotency(
    level: Level,
    name: &'static str,
    summary: &'static str,
    change: Change,
) -> Row {
    fault_row(Area::Idempotency, level, name, summary, change)
}

const fn state(level: Level, name: &'static str, summary: &'static str, change: Change) -> Row {
    fault_row(Area::State, level, name, summary, change)
}

const CREATE: &str = "CreateIpamPolicy";
const DRY_RUN_OPERATION: &str = "DryRunOperation";

pub(super) static DRY_RUN: &[Row] = &[
    dry_run(
        Must,
        "dry-run-ignored",
        "DryRun is ignored (moto, winterbaume, fakecloud)",
        Form(|form| {
            form.retain(|key| key != "DryRun");
        }),
    ),
    dry_run(
        Must,
        "dry-run-creates",
        "a dry run gets its error and creates the policy",
        After(|state, action| {
            if action.action == CREATE && action.refusal.is_some_and(Fault::is_dry_run) {
                create(state);
            }
        }),
    ),
    dry_run(
        Must,
        "dry-run-answered-as-success",
        "a dry run that would succeed gets a success",
        Answer(|_, response| {
            if response.body.contains(DRY_RUN_OPERATION) {
                succeed(CREATE, response);
            }
        }),
    ),
    dry_run(
        Must,
        "dry-run-status-400",
        "DryRunOperation has status 400",
        Refusal(|fault| {
            if fault.is_dry_run() {
                fault.status = 400;
            }
        }),
    ),
    dry_run(
        Must,
        "dry-run-status-200",
        "DryRunOperation has status 200",
        Refusal(|fault| {
            if fault.is_dry_run() {
                fault.status = 200;
            }
        }),
    ),
    dry_run(
        Must,
        "dry-run-code-misspelt",
        "the code of a dry run is DryRun",
        Refusal(|fault| {
            recode(fault, DRY_RUN_OPERATION, "DryRun");
        }),
    ),
    dry_run(
        Must,
        "dry-run-refused",
        "a dry run is refused as an invalid request",
        Refused(|request| request.dry_run == Some(true)),
    ),
    dry_run(
        Should,
        "dry-run-before-tag-checks",
        "a dry run ends before the tags are checked",
        Unchecked(|violation, request| {
            request.dry_run == Some(true) && violation.path.starts_with("TagSpecification")
        }),
    ),
];

pub(super) static IDEMPOTENCY: &[Row] = &[
    idempotency(
        Must,
        "token-ignored",
        "client tokens are ignored, so a replay creates another policy (moto, winterbaume, fakecloud)",
        Replay(|_| Token::First),
    ),
    idempotency(
        Must,
        "replay-makes-another",
        "a replay is answered with the first policy and secretly creates another",
        After(|state, action| {
            if action.action == CREATE && action.refusal.is_none() && !action.created {
                create(state);
            }
        }),
    ),
    idempotency(
        Must,
        "replay-refused",
        "a replay is refused",
        Replay(|token| match token {
            Token::Same(resource) => Token::Other(resource),
            other => other,
        }),
    ),
    idempotency(
        Should,
        "token-mismatch-taken",
        "a used client token gets the first policy, even with other parameters",
        Replay(|token| match token {
            Token::Other(resource) => Token::Same(resource),
            other => other,
        }),
    ),
    idempotency(
        Should,
        "token-mismatch-makes-another",
        "a used client token with other parameters creates another policy",
        Replay(|token| match token {
            Token::Other(_) => Token::First,
            other => other,
        }),
    ),
    idempotency(
        Should,
        "token-mismatch-status-409",
        "IdempotentParameterMismatch has status 409",
        Refusal(|fault| {
            if fault.code() == Some("IdempotentParameterMismatch") {
                fault.status = 409;
            }
        }),
    ),
    idempotency(
        Should,
        "token-mismatch-code",
        "the error code for a used client token with other parameters is InvalidParameterValue",
        Refusal(|fault| {
            recode(
                fault,
                "IdempotentParameterMismatch",
                "InvalidParameterValue",
            );
        }),
    ),
    idempotency(
        Must,
        "token-compared-without-case",
        "client tokens are compared without regard to case",
        Form(|form| {
            form.each_text(|key| key == "ClientToken", str::to_lowercase);
        }),
    ),
    idempotency(
        Must,
        "token-cut-at-32",
        "only the first 32 characters of a client token count",
        Form(|form| {
            form.each_text(
                |key| key == "ClientToken",
                |text| text.chars().take(32).collect(),
            );
        }),
    ),
    idempotency(
        Must,
        "one-token-for-all",
        "all client tokens count as the same",
        Form(|form| {
            form.each_text(|key| key == "ClientToken", |_| "token".to_owned());
        }),
    ),
    idempotency(
        Must,
        "no-token-is-a-token",
        "requests without a client token are replays of each other",
        Form(|form| {
            if form.is(CREATE) && form.get("ClientToken").is_none() {
                form.add("ClientToken", "none");
            }
        }),
    ),
    idempotency(
        Must,
        "replay-loses-tags",
        "the answer to a replay has no tags",
        Document(|document| {
            let is_replay = document
                .to_string()
                .contains("<state>create-complete</state>");
            if document.root.name == "CreateIpamPolicyResponse" && is_replay {
                document.root.remove("tagSet");
            }
        }),
    ),
];

pub(super) static STATE: &[Row] = &[
    state(
        Must,
        "refusal-still-creates",
        "a refused request creates the policy",
        After(|state, action| {
            if action.action == CREATE && action.refusal.is_some_and(|fault| !fault.is_dry_run()) {
                create(state);
            }
        }),
    ),
    state(
        Must,
        "two-created",
        "a request creates two policies",
        After(|state, action| {
            if action.action == CREATE && action.created {
                create(state);
            }
        }),
    ),
    state(
        Must,
        "created-not-kept",
        "a new policy is answered but not stored",
        After(|state, action| {
            if action.action == CREATE
                && action.created
                && let Some(newest) = ids(state).last()
            {
                state.remove_policy(newest);
            }
        }),
    ),
    state(
        Must,
        "one-policy-an-ipam",
        "a new policy replaces all earlier ones",
        After(|state, action| {
            if action.action == CREATE && action.created {
                let ids = ids(state);
                for id in ids.iter().rev().skip(1) {
                    state.remove_policy(id);
                }
            }
        }),
    ),
    state(
        Must,
        "describe-shows-nothing",
        "DescribeIpamPolicies shows no policies",
        Described(|set| set.children.clear()),
    ),
    state(
        Must,
        "describe-shows-one",
        "DescribeIpamPolicies shows only the first policy",
        Described(|set| set.children.truncate(1)),
    ),
    state(
        Must,
        "describe-ignores-ids",
        "DescribeIpamPolicies ignores the requested ids and shows all policies (fakecloud)",
        Form(|form| {
            if form.is("DescribeIpamPolicies") {
                form.retain(|key| !key.starts_with("IpamPolicyId."));
            }
        }),
    ),
    state(
        Must,
        "describe-hears-one-id",
        "DescribeIpamPolicies reads only the first of the requested ids",
        Form(|form| {
            if form.is("DescribeIpamPolicies") {
                form.retain(|key| !key.starts_with("IpamPolicyId.") || key == "IpamPolicyId.1");
            }
        }),
    ),
    state(
        Should,
        "describe-max-results-ignored",
        "DescribeIpamPolicies ignores MaxResults",
        Form(|form| {
            if form.is("DescribeIpamPolicies") {
                form.retain(|key| key != "MaxResults");
            }
        }),
    ),
    state(
        Should,
        "describe-next-token-ignored",
        "DescribeIpamPolicies ignores NextToken and shows the first page",
        Form(|form| {
            if form.is("DescribeIpamPolicies") {
                form.retain(|key| key != "NextToken");
            }
        }),
    ),
    state(
        Should,
        "pages-say-nothing-of-more",
        "a page has no token for the next page",
        Document(|document| {
            document.root.take("nextToken");
        }),
    ),
    state(
        Must,
        "describe-loses-tags",
        "DescribeIpamPolicies shows no tags",
        Described(|set| set.remove("tagSet")),
    ),
    state(
        Must,
        "describe-loses-ipam",
        "DescribeIpamPolicies does not show a policy's IPAM",
        Described(|set| set.remove("ipamId")),
    ),
    state(
        Must,
        "describe-escapes-twice",
        "DescribeIpamPolicies escapes tags twice",
        Described(|set| {
            set.each(&mut |element| element.text = element.text.replace('&', "&amp;"));
        }),
    ),
    state(
        Should,
        "describe-of-unknown-is-empty",
        "DescribeIpamPolicies answers an unknown id with an empty list",
        Form(|form| {
            if form.is("DescribeIpamPolicies") && form.get("IpamPolicyId.1").is_some() {
                for pair in &mut form.pairs {
                    pair.key = pair.key.replace("IpamPolicyId.", "Filter.1.Value.");
                }
                form.add("Filter.1.Name", "ipam-policy-id");
            }
        }),
    ),
    state(
        Should,
        "stays-in-progress",
        "a policy stays create-in-progress forever",
        Policy(|policy| {
            if policy.state == Some(IpamPolicyState::CreateComplete) {
                policy.state = Some(IpamPolicyState::CreateInProgress);
            }
        }),
    ),
    state(
        Should,
        "state-fails-later",
        "a policy becomes create-failed",
        Policy(|policy| {
            if policy.state == Some(IpamPolicyState::CreateComplete) {
                policy.state = Some(IpamPolicyState::CreateFailed);
            }
        }),
    ),
    state(
        Must,
        "deleted-stays",
        "DeleteIpamPolicy deletes nothing",
        KeepsDeleted(|_| true),
    ),
    state(
        Must,
        "deleted-stays-with-tags",
        "DeleteIpamPolicy succeeds and deletes nothing if the policy has tags",
        KeepsDeleted(|policy| !policy.tags.is_empty()),
    ),
    state(
        Must,
        "delete-takes-all",
        "DeleteIpamPolicy deletes all policies",
        After(|state, action| {
            if action.action == "DeleteIpamPolicy" && action.refusal.is_none() {
                for id in ids(state) {
                    state.remove_policy(&id);
                }
            }
        }),
    ),
    state(
        Should,
        "delete-answers-nothing",
        "DeleteIpamPolicy answers without the policy",
        Document(|document| {
            if document.root.name == "DeleteIpamPolicyResponse" {
                document.root.take("ipamPolicy");
            }
        }),
    ),
    state(
        Should,
        "deleted-state-create-complete",
        "DeleteIpamPolicy shows the state before the deletion",
        Policy(|policy| {
            if policy.state == Some(IpamPolicyState::DeleteInProgress) {
                policy.state = Some(IpamPolicyState::CreateComplete);
            }
        }),
    ),
    state(
        Should,
        "ids-reused",
        "a new policy gets the id of a deleted one",
        After(|state, action| {
            if action.action == "DeleteIpamPolicy" && action.refusal.is_none() {
                state.reuse_ids();
            }
        }),
    ),
    state(
        Must,
        "one-id-for-all",
        "every policy has the same id",
        Policy(|policy| {
            policy.ipam_policy_id = Some("ipam-policy-0123456789abcdef0".into());
        }),
    ),
];

/// Creates a policy that nobody asked for.
fn create(state: &mut State) {
    if let Some(ipam) = state.any_ipam() {
        state.create_policy(&ipam, Vec::new());
    }
}

/// The ids of the policies, oldest first.
fn ids(state: &State) -> Vec<String> {
    state
        .policies_after(0)
        .map(|policy| policy.id.clone())
        .collect()
}
