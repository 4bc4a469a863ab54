//! Judges a call of a client: its requests, and how it reads the answers.

use super::reading::{differ, in_words, made_up, wire_path};
use crate::catalogue::answers::{Answers, Meaning, Spec};
use crate::format::case::{Call, Side};
use crate::format::template::{Member, Names};
use crate::inspect::{Broken, Inspector, Pair, Request, Signing, is_common, is_list};
use crate::record::{Deviation, Difference, Place, Spot};
use crate::subject::adapter::{CallResult, ErrorKind};
use crate::subject::listener::Seen;
use crate::wire::referee;
use ec2wire::contract::Level;
use ec2wire_model::Model;
use serde_json::Value;
use std::collections::BTreeMap;

/// The access key id of the caller in every run.
pub(crate) const ACCESS_KEY_ID: &str = "AKIDEC2WIREVERIFY000";
/// The Region of every run.
pub(crate) const REGION: &str = "us-east-1";

/// How many parts of a key are renumbered. No key of EC2 has half as many.
const DEEPEST: usize = 32;

/// The operation whose token clients fill in.
const WITH_TOKEN: &str = "CreateIpamPolicy";

/// A finished call.
pub(crate) struct Called<'c> {
    pub(crate) call: &'c Call,
    /// The case's requirement.
    pub(crate) requirement: &'c str,
    pub(crate) input: &'c Member,
    pub(crate) seen: &'c [Seen],
    pub(crate) result: &'c CallResult,
}

/// What judging needs.
pub(crate) struct Judge<'j> {
    pub(crate) inspector: &'j Inspector,
    pub(crate) answers: &'j Answers,
    pub(crate) secret: &'j str,
}

impl Judge<'_> {
    /// What the call broke; the requests' findings first.
    pub(crate) fn judge(&self, called: &Called<'_>) -> Result<Vec<Deviation>, String> {
        let mut found = Vec::new();
        for seen in called.seen {
            let more = self.request(called, seen);
            for one in more {
                if !is_reported(&found, &one) {
                    found.push(one);
                }
            }
        }
        found.extend(self.repeated(called));
        match called.seen.last() {
            Some(last) => found.extend(self.reading(called, last)?),
            None => found.extend(self.unsent(called)),
        }
        Ok(found)
    }

    /// The requirement that is broken: the case's own if the case is about `side`, else the usual
    /// one.
    fn requirement<'r>(called: &'r Called<'_>, side: Side, usual: &'r str) -> &'r str {
        if called.call.asks == side {
            called.requirement
        } else {
            usual
        }
    }

    /// The weaker of the case's own requirement and another one.
    fn weaker<'r>(&self, called: &'r Called<'_>, other: &'r str) -> &'r str {
        let level = |id: &str| {
            self.inspector
                .requirement(id)
                .map_or(Level::Must, |r| r.level)
        };
        if called.call.asks == Side::Answer && level(called.requirement) < level(other) {
            called.requirement
        } else {
            other
        }
    }

    fn deviation(
        &self,
        id: &str,
        found: String,
        at: impl Into<Place>,
        wanted: String,
    ) -> Deviation {
        let known = self.inspector.requirement(id);
        let difference = Difference::new(at, wanted, Some(found.clone()));
        Deviation::new(id.to_owned(), known, found, Some(difference))
    }

    /// Judges a request.
    fn request(&self, called: &Called<'_>, seen: &Seen) -> Vec<Deviation> {
        let signing = Signing::Known {
            access_key_id: None,
            secret_access_key: self.secret.to_owned(),
            may_be_absent: false,
        };
        let mut found: Vec<Deviation> = Vec::new();
        if let Some(damage) = &seen.damage {
            found.push(self.inspector.deviation(Broken {
                requirement: "content-length-true",
                found: damage.clone(),
                spot: Spot::Whole,
            }));
        }
        // The contract's rules do not bind the client: it sends the input that the case gives it.
        let by_rule = self.inspector.request(&seen.request, &signing);
        // Nor is it the client's fault what members it has: `carried` compares them.
        let of_clients = by_rule.into_iter().filter(|one| {
            self.inspector.requirement(&one.requirement).is_some()
                && one.requirement != "required-members-sent"
        });
        found.extend(of_clients);
        found.extend(self.action(called, &seen.request));
        found.extend(self.carried(called, &seen.request));
        found.extend(self.token(called, &seen.request));
        found
    }

    /// Checks that the request is for the operation.
    fn action(&self, called: &Called<'_>, request: &Request) -> Option<Deviation> {
        let wanted = called.call.operation();
        let action = request.action()?;
        (action != wanted && !action.is_empty()).then(|| {
            let found = format!("the action is `{action}`, expected `{wanted}`");
            self.deviation("input-carried", found, Spot::Whole, wanted.to_owned())
        })
    }

    /// Checks that the request has exactly the members of the call.
    fn carried(&self, called: &Called<'_>, request: &Request) -> Option<Deviation> {
        let mut wanted = referee::pairs(
            called.input,
            Names::of_action(Some(called.call.operation())),
        );
        let own_token = fills_token(called);
        let parameters = request.parameters();
        let sent: Vec<&Pair> = parameters
            .pairs
            .iter()
            .filter(|pair| !is_common(&pair.key) && !pair.key.is_empty())
            .filter(|pair| !(own_token && pair.key == "ClientToken"))
            .collect();
        if own_token {
            wanted.retain(|(key, _)| key != "ClientToken");
        }
        let keys = renumbered(wanted.iter().map(|(key, _)| key.as_str()));
        let wanted: Vec<(String, &str)> = keys
            .into_iter()
            .zip(wanted.iter().map(|(_, value)| value.as_str()))
            .collect();
        // A list of one value without its number has a rule of its own.
        let action = called.call.operation();
        let with_number = |pair: &&Pair| {
            let is_plain = !pair.value.is_empty() && is_list(action, &pair.key);
            let number = if is_plain { ".1" } else { "" };
            format!("{}{number}", pair.key)
        };
        let numbered: Vec<String> = sent.iter().map(with_number).collect();
        let keys = renumbered(numbered.iter().map(String::as_str));
        let sent: Vec<(String, &Pair)> = keys.into_iter().zip(sent).collect();
        let unexpected = sent.iter().find(|(key, pair)| {
            let matches = |(known, value): &&(String, &str)| known == key && *value == pair.value;
            !wanted.iter().any(|one| matches(&one))
        });
        let missing = wanted.iter().find(|(key, value)| {
            let matches = |(known, pair): &&(String, &Pair)| known == key && pair.value == *value;
            !sent.iter().any(|one| matches(&one))
        });
        let id = Self::requirement(called, Side::Request, "input-carried");
        match (unexpected, missing) {
            (None, None) if sent.len() == wanted.len() => None,
            (Some((key, pair)), _) => {
                let expected = wanted.iter().find(|(known, _)| known == key);
                let found = match expected {
                    Some((_, value)) => {
                        format!("`{}` is {:?}, expected {value:?}", pair.key, pair.value)
                    }
                    None => format!("`{}` is {:?}, expected nothing", pair.key, pair.value),
                };
                let (_, part) = request.form();
                let spot = part.spot(pair.span());
                let wanted = expected.map_or("nothing".into(), |(_, value)| format!("{value:?}"));
                Some(self.deviation(id, found, spot, wanted))
            }
            (None, Some((key, value))) => {
                let found = format!("`{key}` is missing, expected {value:?}");
                Some(self.deviation(id, found, Spot::Whole, format!("{value:?}")))
            }
            // Repeated parameters have a rule of their own.
            (None, None) => None,
        }
    }

    /// Checks that the client fills in a token if the call has none.
    fn token(&self, called: &Called<'_>, request: &Request) -> Option<Deviation> {
        if !fills_token(called) || given_token(called.input).is_some() {
            return None;
        }
        let parameters = request.parameters();
        match parameters
            .first("ClientToken")
            .filter(|token| !token.is_empty())
        {
            None => {
                let found = "ClientToken is missing".to_owned();
                Some(self.deviation("token-filled", found, Spot::Whole, "a token".into()))
            }
            Some(token) if !is_uuid_4(token) => {
                let found = format!("the token `{token}` is not a version 4 UUID");
                let wanted = "a version 4 UUID".to_owned();
                Some(self.deviation("client-token-uuid", found, Spot::Whole, wanted))
            }
            Some(_) => None,
        }
    }

    /// Checks the repetitions of a request.
    fn repeated(&self, called: &Called<'_>) -> Vec<Deviation> {
        let mut found = Vec::new();
        let token = |seen: &Seen| {
            seen.request
                .parameters()
                .first("ClientToken")
                .map(str::to_owned)
        };
        for (before, after) in called.seen.iter().zip(called.seen.iter().skip(1)) {
            let (one, other) = (token(before), token(after));
            if called.call.operation() == WITH_TOKEN && one != other {
                let shown = |token: Option<String>| {
                    token.map_or("no token".into(), |token| format!("`{token}`"))
                };
                let text = format!(
                    "the token changed from {} to {} when the call was sent again",
                    shown(one),
                    shown(other)
                );
                found.push(self.deviation("token-kept", text, Spot::Whole, "the same".into()));
            }
            let status = before.response.as_ref().map(|response| response.status);
            let is_final = matches!(status, Some(200..=299 | 400..=499))
                && self.answers.get(&before.name).is_some_and(is_readable);
            if is_final {
                let text = format!(
                    "the call was sent again after an answer with status {}",
                    status.unwrap_or_default()
                );
                found.push(self.deviation("answered-once", text, Spot::Whole, "once".into()));
                break;
            }
        }
        found
    }

    /// Judges a call that was not sent.
    fn unsent(&self, called: &Called<'_>) -> Vec<Deviation> {
        match called.result {
            CallResult::Error {
                kind: ErrorKind::Client | ErrorKind::Transport,
                ..
            } if called.call.may_refuse => Vec::new(),
            result => {
                let found = format!(
                    "expected a request, but none came; the client reports {}",
                    in_words(result)
                );
                let at = Place::Answer;
                vec![self.deviation("call-sent", found, at, "a request".into())]
            }
        }
    }

    /// Judges how the client reads the last answer.
    fn reading(&self, called: &Called<'_>, last: &Seen) -> Result<Vec<Deviation>, String> {
        let spec = self
            .answers
            .get(&last.name)
            .ok_or("the answer has no name")?;
        Ok(match (self.answers.meaning(&last.name)?, called.result) {
            (Meaning::Output(wanted), CallResult::Ok { output }) => {
                self.output(called, spec, &wanted, output)
            }
            (Meaning::Output(_), CallResult::Error { .. }) if spec.may_fail => Vec::new(),
            (Meaning::Output(_), result) => {
                let id = Self::requirement(called, Side::Answer, "success-read");
                let found = format!("the client reports {}", in_words(result));
                vec![self.deviation(id, found, Place::Answer, "a success".into())]
            }
            (Meaning::Failure, result @ CallResult::Ok { .. }) => {
                let id = Self::requirement(called, Side::Answer, "failure-not-success");
                let found = format!("the client reports {}", in_words(result));
                vec![self.deviation(id, found, Place::Answer, "an error".into())]
            }
            (Meaning::Failure, CallResult::Error { .. }) => self.error(called, spec, last),
        })
    }

    fn output(
        &self,
        called: &Called<'_>,
        spec: &Spec,
        wanted: &Member,
        output: &Value,
    ) -> Vec<Deviation> {
        let usual = self.weaker(called, "success-read").to_owned();
        let misread = differ(wanted, output, "", &spec.unchecked)
            .map(|difference| (Self::requirement(called, Side::Answer, &usual), difference));
        let made_up = || {
            let shape = Model::ec2().operation(called.call.operation())?.output()?;
            let difference = made_up(wanted, output, "", shape)?;
            Some((self.weaker(called, "nothing-made-up"), difference))
        };
        let Some((id, difference)) = misread.or_else(made_up) else {
            return Vec::new();
        };
        let mut deviation = self.deviation(id, difference.found(), Place::Answer, String::new());
        deviation.difference = Some(Difference::new(
            wire_path(&difference.path),
            difference.wanted,
            difference.got,
        ));
        vec![deviation]
    }

    /// Checks that the client reports the error in the answer.
    fn error(&self, called: &Called<'_>, spec: &Spec, last: &Seen) -> Vec<Deviation> {
        let CallResult::Error {
            kind,
            code,
            message,
            status,
            request_id,
        } = called.result
        else {
            return Vec::new();
        };
        let own = Self::requirement(called, Side::Answer, "fault-reported");
        let mut found = Vec::new();
        if let Some(code) = code.as_ref().filter(|code| spec.not_codes.contains(code)) {
            let text = format!("the code {code:?} is only a part of a code");
            // The case's own requirement, that the answer is a failure, still holds.
            let at = Place::Answer;
            found.push(self.deviation("fault-code-whole", text, at, "no code".into()));
        }
        let Some(error) = &spec.error else {
            return found;
        };
        let Some(wanted) = &error.code else {
            // Without a code, only the status shows the error, and any kind of error will do.
            return found;
        };
        let codes = [Some(wanted), error.or_code.as_ref()];
        if !codes
            .into_iter()
            .flatten()
            .any(|wanted| code.as_ref() == Some(wanted))
        {
            let with = code.as_ref().map_or_else(
                || "without a code".to_owned(),
                |code| format!("with the code {code:?}"),
            );
            let text = format!(
                "the client reports a {} error {with}, expected {wanted:?}",
                kind.as_str()
            );
            found.push(self.deviation(own, text, "Errors.Error.Code", format!("{wanted:?}")));
        } else if *kind != ErrorKind::Service {
            let text = format!(
                "the client reports EC2's error as a {} error",
                kind.as_str()
            );
            found.push(self.deviation(own, text, Place::Answer, "a service error".into()));
        }
        if let Some(wanted) = &error.message
            && message.as_ref() != Some(wanted)
        {
            let id = self.weaker(called, "fault-message");
            let text = reported("message", message.as_deref(), wanted);
            found.push(self.deviation(id, text, "Errors.Error.Message", format!("{wanted:?}")));
        }
        if *status != Some(spec.status) {
            let text = match status {
                Some(status) => format!("the status is {status}, expected {}", spec.status),
                None => format!("the client reports no status, expected {}", spec.status),
            };
            let id = self.weaker(called, "fault-status");
            found.push(self.deviation(id, text, "@status", spec.status.to_string()));
        }
        if request_id.as_deref() != Some(&*last.request_id) {
            let text = reported("request id", request_id.as_deref(), &last.request_id);
            let id = self.weaker(called, "fault-request-id");
            found.push(self.deviation(id, text, "@request-id", last.request_id.clone()));
        }
        found
    }

    /// The deviation for a token that was used for another call.
    pub(crate) fn stale_token(&self, token: &str, before: &str) -> Deviation {
        let found = format!("the token `{token}` was already used for {before}");
        self.deviation("token-fresh", found, Spot::Whole, "a new token".into())
    }
}

/// What the client reports of an error, and what it should report.
fn reported(what: &str, got: Option<&str>, expected: &str) -> String {
    match got {
        Some(got) => format!("the {what} is {got:?}, expected {expected:?}"),
        None => format!("the client reports no {what}, expected {expected:?}"),
    }
}

/// The token that a client generated for the call.
pub(crate) fn own_token(called: &Called<'_>) -> Option<String> {
    let first = called.seen.first()?;
    if !fills_token(called) {
        return None;
    }
    let token = first
        .request
        .parameters()
        .first("ClientToken")
        .map(str::to_owned);
    token.filter(|token| !token.is_empty())
}

/// Whether the client chooses the token: the call has none, or an empty one, which some clients
/// replace.
fn fills_token(called: &Called<'_>) -> bool {
    called.call.operation() == WITH_TOKEN && given_token(called.input).is_none_or(str::is_empty)
}

fn given_token(input: &Member) -> Option<&str> {
    match input {
        Member::Structure(members) => members.iter().find_map(|(name, member)| match member {
            Member::Text(text) if name == "ClientToken" => Some(text.as_str()),
            _ => None,
        }),
        _ => None,
    }
}

fn is_uuid_4(token: &str) -> bool {
    token.len() == 36
        && uuid::Uuid::try_parse(token).is_ok_and(|uuid| {
            uuid.get_version_num() == 4 && uuid.get_variant() == uuid::Variant::RFC4122
        })
}

/// Whether the client says that no complete answer came, although the last one was sent completely.
pub(crate) fn is_doubtful(answers: &Answers, result: &CallResult, seen: &[Seen]) -> bool {
    let is_transport = matches!(
        result,
        CallResult::Error {
            kind: ErrorKind::Transport,
            ..
        }
    );
    let spec = seen.last().and_then(|last| answers.get(&last.name));
    is_transport && spec.is_some_and(is_readable)
}

/// Whether every client can read the answer.
fn is_readable(spec: &Spec) -> bool {
    let has_code = spec
        .error
        .as_ref()
        .is_some_and(|error| error.code.is_some());
    !spec.damage && !spec.may_fail && (spec.error.is_none() || has_code)
}

/// Whether the same requirement was reported before.
fn is_reported(found: &[Deviation], one: &Deviation) -> bool {
    found
        .iter()
        .any(|known| known.requirement == one.requirement)
}

/// The keys with their lists renumbered from 1, in the order of the numbers.
fn renumbered<'k>(keys: impl Iterator<Item = &'k str>) -> Vec<String> {
    let keys: Vec<&str> = keys.collect();
    let mut lists: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let walk = |key: &str, each: &mut dyn FnMut(&str, u64)| {
        let mut at = 0;
        // Each part costs a copy of those before it.
        for part in key.split('.').take(DEEPEST) {
            if let (Ok(number), true) = (part.parse(), at > 0) {
                each(key.get(..at).unwrap_or_default(), number);
            }
            at += part.len() + 1;
        }
    };
    for key in &keys {
        walk(key, &mut |list, number| {
            lists.entry(list.to_owned()).or_default().push(number);
        });
    }
    for numbers in lists.values_mut() {
        numbers.sort_unstable();
        numbers.dedup();
    }
    keys.into_iter()
        .map(|key| {
            let mut ranks = Vec::new();
            walk(key, &mut |list, number| {
                let numbers = lists.get(list).map_or(&[][..], Vec::as_slice);
                ranks.push(numbers.binary_search(&number).map_or(0, |at| at + 1));
            });
            let mut ranks = ranks.into_iter();
            let parts: Vec<String> = key
                .split('.')
                .enumerate()
                .map(|(at, part)| match part.parse::<u64>() {
                    Ok(_) if at > 0 => ranks.next().map_or(part.to_owned(), |r| r.to_string()),
                    _ => part.to_owned(),
                })
                .collect();
            parts.join(".")
        })
        .collect()
}

/// A call's input as JSON, with booleans and numbers where the model has them.
pub(crate) fn json(input: &Member) -> Value {
    typed(input, "")
}

/// The request members that are not texts.
const BOOLEANS: [&str; 1] = ["DryRun"];
const INTEGERS: [&str; 1] = ["MaxResults"];

fn typed(member: &Member, name: &str) -> Value {
    match member {
        Member::Text(text) if BOOLEANS.contains(&name) => match text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::String(text.clone()),
        },
        Member::Text(text) if INTEGERS.contains(&name) => text
            .parse::<i64>()
            .map_or_else(|_| Value::String(text.clone()), Value::from),
        Member::Text(text) => Value::String(text.clone()),
        Member::List(entries) => entries.iter().map(|entry| typed(entry, "")).collect(),
        Member::Structure(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), typed(member, name)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_are_numbered_anew() {
        let keys = ["A.3.B.0", "A.3.B.7", "A.10.C", "D", "A.3.C", "5.x"];
        let renumbered_keys = renumbered(keys.into_iter());
        assert_eq!(
            renumbered_keys,
            ["A.1.B.1", "A.1.B.2", "A.2.C", "D", "A.1.C", "5.x"]
        );
    }

    #[test]
    fn inputs_keep_their_types() {
        let member = |name: &str, text: &str| (name.to_owned(), Member::Text(text.into()));
        let input = Member::Structure(vec![
            member("DryRun", "false"),
            member("MaxResults", "5"),
            member("Value", "true"),
        ]);
        assert_eq!(
            json(&input),
            json!({ "DryRun": false, "MaxResults": 5, "Value": "true" })
        );
    }
}
