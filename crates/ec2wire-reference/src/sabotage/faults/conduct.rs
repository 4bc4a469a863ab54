//! Slips in what a request does: dry runs, client tokens, and what exists afterwards.

use super::super::change::Change::{
    self, After, Answer, Described, Document, Form, KeepsDeleted, Policy, Refusal, Refused, Replay,
    Unchecked,
};
use super::super::{Area, Quirk};
use super::{recode, succeed};
use crate::state::{Replay as Token, State};
use ec2wire::Fault;
use ec2wire::contract::Level::{self, Must, Should};
use ec2wire::ipam::IpamPolicyState;

const fn dry_run(level: Level, name: &'static str, summary: &'static str, change: Change) -> Quirk {
    Quirk::fault(Area::DryRun, level, name, summary, change)
}

const fn idempotency(
    level: Level,
    name: &'static str,
    summary: &'static str,
    change: Change,
) -> Quirk {
    Quirk::fault(Area::Idempotency, level, name, summary, change)
}

const fn state(level: Level, name: &'static str, summary: &'static str, change: Change) -> Quirk {
    Quirk::fault(Area::State, level, name, summary, change)
}

const CREATE: &str = "CreateIpamPolicy";
const DRY_RUN_OPERATION: &str = "DryRunOperation";

pub(super) static DRY_RUN: &[Quirk] = &[
    dry_run(
        Must,
        "dry-run-ignored",
        "DryRun is not looked at (moto, winterbaume, fakecloud)",
        Form(|form| {
            form.retain(|key| key != "DryRun");
        }),
    ),
    dry_run(
        Must,
        "dry-run-creates",
        "a dry run gets its error, and makes the policy too",
        After(|state, done| {
            if done.action == CREATE && done.refusal.is_some_and(Fault::is_dry_run) {
                create(state);
            }
        }),
    ),
    dry_run(
        Must,
        "dry-run-answered-as-success",
        "a dry run that would succeed is answered with status 200",
        Answer(|_, response| {
            if response.body.contains(DRY_RUN_OPERATION) {
                succeed(CREATE, response);
            }
        }),
    ),
    dry_run(
        Must,
        "dry-run-status-400",
        "DryRunOperation comes with status 400",
        Refusal(|fault| {
            if fault.is_dry_run() {
                fault.status = 400;
            }
        }),
    ),
    dry_run(
        Must,
        "dry-run-status-200",
        "DryRunOperation comes with status 200",
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
        "DryRun is said to be an unknown parameter",
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

pub(super) static IDEMPOTENCY: &[Quirk] = &[
    idempotency(
        Must,
        "token-ignored",
        "a client token is not looked at, so that a replay makes another policy (moto, winterbaume, fakecloud)",
        Replay(|_| Token::First),
    ),
    idempotency(
        Must,
        "replay-makes-another",
        "a replay is answered with the first policy, and makes another that nobody hears of",
        After(|state, done| {
            if done.action == CREATE && done.refusal.is_none() && !done.made {
                create(state);
            }
        }),
    ),
    idempotency(
        Must,
        "replay-refused",
        "a client token that was used is refused",
        Replay(|token| match token {
            Token::Same(made) => Token::Other(made),
            other => other,
        }),
    ),
    idempotency(
        Must,
        "token-mismatch-taken",
        "a used client token gets the first policy, whatever the other parameters",
        Replay(|token| match token {
            Token::Other(made) => Token::Same(made),
            other => other,
        }),
    ),
    idempotency(
        Must,
        "token-mismatch-makes-another",
        "a used client token with other parameters makes another policy",
        Replay(|token| match token {
            Token::Other(_) => Token::First,
            other => other,
        }),
    ),
    idempotency(
        Should,
        "token-mismatch-status-409",
        "IdempotentParameterMismatch comes with status 409",
        Refusal(|fault| {
            if fault.code() == Some("IdempotentParameterMismatch") {
                fault.status = 409;
            }
        }),
    ),
    idempotency(
        Must,
        "token-mismatch-code",
        "the code of a mismatch is InvalidParameterValue",
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
        "client tokens that differ in case are taken for one",
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
        "every client token is taken for the same",
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

pub(super) static STATE: &[Quirk] = &[
    state(
        Must,
        "refusal-still-creates",
        "a request is refused, and makes the policy too",
        After(|state, done| {
            if done.action == CREATE && done.refusal.is_some_and(|fault| !fault.is_dry_run()) {
                create(state);
            }
        }),
    ),
    state(
        Must,
        "two-created",
        "a request makes two policies",
        After(|state, done| {
            if done.action == CREATE && done.made {
                create(state);
            }
        }),
    ),
    state(
        Must,
        "created-not-kept",
        "a policy is answered and not kept",
        After(|state, done| {
            if done.action == CREATE
                && done.made
                && let Some(newest) = ids(state).last()
            {
                state.remove_policy(newest);
            }
        }),
    ),
    state(
        Must,
        "one-policy-an-ipam",
        "a new policy takes the place of the IPAM's last one",
        After(|state, done| {
            if done.action == CREATE && done.made {
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
        "DescribeIpamPolicies shows the first policy only, and says nothing of others",
        Described(|set| set.children.truncate(1)),
    ),
    state(
        Must,
        "describe-ignores-ids",
        "DescribeIpamPolicies shows all policies, whichever are asked for (fakecloud)",
        Form(|form| {
            if form.is("DescribeIpamPolicies") {
                form.retain(|key| !key.starts_with("IpamPolicyId."));
            }
        }),
    ),
    state(
        Must,
        "describe-hears-one-id",
        "DescribeIpamPolicies hears the first of the ids that are asked for",
        Form(|form| {
            if form.is("DescribeIpamPolicies") {
                form.retain(|key| !key.starts_with("IpamPolicyId.") || key == "IpamPolicyId.1");
            }
        }),
    ),
    state(
        Should,
        "describe-max-results-ignored",
        "DescribeIpamPolicies does not look at MaxResults",
        Form(|form| {
            if form.is("DescribeIpamPolicies") {
                form.retain(|key| key != "MaxResults");
            }
        }),
    ),
    state(
        Should,
        "describe-next-token-ignored",
        "DescribeIpamPolicies shows the first page, whichever is asked for",
        Form(|form| {
            if form.is("DescribeIpamPolicies") {
                form.retain(|key| key != "NextToken");
            }
        }),
    ),
    state(
        Should,
        "pages-say-nothing-of-more",
        "a list gives no token of its next page",
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
        "DescribeIpamPolicies does not say which IPAM a policy is on",
        Described(|set| set.remove("ipamId")),
    ),
    state(
        Must,
        "describe-escapes-twice",
        "DescribeIpamPolicies shows tags with their escapes",
        Described(|set| {
            set.each(&mut |element| element.text = element.text.replace('&', "&amp;"));
        }),
    ),
    state(
        Should,
        "describe-of-unknown-is-empty",
        "DescribeIpamPolicies answers with an empty list where an id is unknown",
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
        "a policy is create-in-progress for ever",
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
        KeepsDeleted,
    ),
    state(
        Must,
        "delete-takes-all",
        "DeleteIpamPolicy deletes all policies",
        After(|state, done| {
            if done.action == "DeleteIpamPolicy" && done.refusal.is_none() {
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
        "DeleteIpamPolicy answers with the state from before",
        Policy(|policy| {
            if policy.state == Some(IpamPolicyState::DeleteInProgress) {
                policy.state = Some(IpamPolicyState::CreateComplete);
            }
        }),
    ),
    state(
        Should,
        "ids-reused",
        "a new policy gets the id of one that was deleted",
        After(|state, done| {
            if done.action == "DeleteIpamPolicy" && done.refusal.is_none() {
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

/// Makes a policy that nobody asked for.
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
