//! Asks before the cases whether the server has any of the actions that they are about.

use super::Runner;
use super::lack::{UNKNOWN_ACTION, is_alike};
use crate::catalogue::known::Way;
use crate::judge;
use crate::record::Verdict;
use crate::text::shell_quoted;
use crate::wire::Answered;
use ec2wire_model::Model;

/// What the names of the actions on IPAM policies have in common.
const FAMILY: &str = "IpamPolic";
/// The action that most cases call.
const FOREMOST: &str = "CreateIpamPolicy";
/// Actions that many servers have, that change nothing and that are answered quickly.
const WIDESPREAD: [&str; 6] = [
    "DescribeVpcs",
    "DescribeSubnets",
    "DescribeSecurityGroups",
    "DescribeVolumes",
    "DescribeInstances",
    "DescribeKeyPairs",
];
/// How many of them the command names.
const NAMED: usize = 3;

impl Runner<'_> {
    /// If the server says of each of the actions that it does not have it: what that means, and how to
    /// judge what it has.
    pub(super) async fn lacks_family(&self) -> Option<String> {
        if !self.says_it_lacks(FOREMOST).await {
            return None;
        }
        let family = Model::ec2().operations();
        let family: Vec<&str> = family
            .map(|operation| operation.name())
            .filter(|name| name.contains(FAMILY))
            .collect();
        for action in &family {
            if !self.says_it_lacks(action).await {
                return None;
            }
        }
        let mut present = Vec::new();
        for action in WIDESPREAD {
            if present.len() < NAMED && self.has(action).await {
                present.push(format!(" --action {action}"));
            }
        }
        if present.is_empty()
            && let Some(answered) = self.only_answer(&family).await
        {
            return Some(format!(
                "the server answers every action, even one that does not exist, in the same way, so \
                 nothing was judged: {}",
                judge::describe(None, &answered)
            ));
        }
        let lacking = format!(
            "the server says that it has none of the {} actions on IPAM policies, which these cases \
             are about, so nothing of this was judged",
            family.len()
        );
        Some(if present.is_empty() {
            format!("{lacking}; nor does it have the most common other actions")
        } else {
            let endpoint = shell_quoted(self.subject.url().trim_end_matches('/'));
            // The command has a line of its own, so that it can be copied.
            format!(
                "{lacking}; this judges what it has, and --action takes any other action's name, \
                 too:\nec2wire verify server --endpoint {endpoint}{}",
                present.concat()
            )
        })
    }

    /// The answer that the server gives to whatever it is asked, if that does not say that it lacks the
    /// action: it may be one of a server that always fails, or of one that is not EC2's at all.
    async fn only_answer(&self, family: &[&str]) -> Option<Answered> {
        let only = self.own_answer(UNKNOWN_ACTION, &[]).await?;
        // A status alone does not say it: many servers answer 501 to a method that they lack.
        let says_it = |way: &Way| way.body.is_some() || judge::is_error(&only);
        if self.way(&only, false).is_some_and(says_it) {
            return None;
        }
        for action in family.iter().chain(&WIDESPREAD) {
            let pairs = self.plain_request(action)?;
            let answered = self.own_answer(action, &pairs).await;
            if answered.is_some_and(|answered| !is_alike(&only, &answered)) {
                return None;
            }
        }
        Some(only)
    }

    /// Whether the server answers a plain request by saying that it does not have the action. Of a
    /// request that gets no answer nothing is known.
    async fn says_it_lacks(&self, action: &str) -> bool {
        let Some(pairs) = self.plain_request(action) else {
            return false;
        };
        let Some(answered) = self.own_answer(action, &pairs).await else {
            return false;
        };
        let as_unknown = self.lacks(action, &answered).await;
        let way = self.unjudged.find(&answered, as_unknown);
        way.is_some_and(|way| way.verdict == Verdict::Unimplemented)
    }

    /// Whether the server answers a plain request, and not by saying that it does not have the action.
    async fn has(&self, action: &str) -> bool {
        let Some(pairs) = self.plain_request(action) else {
            return false;
        };
        self.own_answer(action, &pairs).await.is_some() && !self.says_it_lacks(action).await
    }
}
