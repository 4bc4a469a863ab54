//! What a case mentions, to find the cases that a change of the service model affects.

use crate::catalogue::Catalogue;
use crate::format::case::{Case, Check, Step, Test};
use crate::record::place::{Filter, parts};
use ec2wire_model::drift::{Change, Sort, Subject};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// What a case mentions.
///
/// ```
/// use ec2wire_inspect::Catalogue;
/// use ec2wire_inspect::catalogue::mentions::Mentions;
/// use ec2wire_model::{Model, drift};
///
/// let catalogue = Catalogue::embedded()?;
/// let mut mentions = catalogue.cases().iter().map(|case| Mentions::in_case(&catalogue, case));
/// let changes = drift::between(Model::ec2(), Model::ec2());
/// assert!(!mentions.any(|case| changes.iter().any(|change| case.is_touched_by(change))));
/// # Ok::<(), ec2wire_inspect::CatalogueError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Mentions {
    /// The words of its file, including the names of actions and members.
    words: BTreeSet<String>,
    /// Member names, of the API or on the wire, with the texts that a request sends for them or
    /// that an answer is compared with.
    values: BTreeSet<(String, String)>,
    /// The actions whose whole answers are compared with the service model.
    modelled: BTreeSet<String>,
}

impl Mentions {
    /// What the case and the checks that it names mention.
    pub fn in_case(catalogue: &Catalogue, case: &Case) -> Self {
        let mut mentions = Self::default();
        mentions.words_of(case);
        for step in &case.steps {
            mentions.request(step);
            for check in catalogue.checks(step) {
                mentions.words_of(check);
                mentions.check(check);
                if let (Test::Model(_), Some(action)) = (&check.test, &step.action) {
                    mentions.modelled.insert(action.clone());
                }
            }
        }
        // The value that `for-each` made the case for.
        if let Some(item) = &case.item {
            let values = std::mem::take(&mut mentions.values);
            let filled = values
                .into_iter()
                .map(|(name, text)| (name, text.replace("${item}", item)));
            mentions.values = filled.collect();
        }
        mentions
    }

    /// The mentioned actions, along with all other words.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// Whether the change affects the case. The case must send one of the change's actions, and one
    /// of these must hold:
    ///
    /// - the action was added or removed,
    /// - a value was added or removed, and the case sends it for one of the change's members or
    ///   expects it there,
    /// - a member changed in another way, and the case names it,
    /// - a member is required now, and the request may lack it,
    /// - the case compares the whole answer with the service model, and that part of it changed.
    pub fn is_touched_by(&self, change: &Change) -> bool {
        let of_actions = |names: &BTreeSet<String>| {
            let mut actions = change.actions.iter();
            actions.any(|action| names.contains(*action))
        };
        if !of_actions(&self.words) {
            return false;
        }
        let in_answer = change.in_answers
            && of_actions(&self.modelled)
            && matches!(
                change.subject,
                Subject::Member
                    | Subject::Value
                    | Subject::Kind
                    | Subject::WireName
                    | Subject::Form
            );
        let mut members = change.members.iter();
        in_answer
            || match change.subject {
                Subject::Action | Subject::Version => true,
                Subject::Value => {
                    members.any(|name| self.values.contains(&(name.clone(), change.detail.clone())))
                }
                Subject::Required if is_needed_now(change) => true,
                _ => members.any(|name| self.words.contains(name)),
            }
    }

    fn words_of(&mut self, told: &impl Serialize) {
        // Whatever a case file contains can be written as JSON.
        let mut open = vec![serde_json::to_value(told).unwrap_or_default()];
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let mut text = |text: &str| {
            let words = text.split(|c| !is_part(c)).filter(|word| !word.is_empty());
            self.words.extend(words.map(str::to_owned));
        };
        while let Some(value) = open.pop() {
            match value {
                Value::String(value) => text(&value),
                Value::Array(values) => open.extend(values),
                Value::Object(members) => {
                    members.keys().for_each(|name| text(name));
                    open.extend(members.into_iter().map(|(_, value)| value));
                }
                _ => {}
            }
        }
    }

    fn request(&mut self, step: &Step) {
        let members = serde_json::to_value(&step.members).unwrap_or_default();
        self.texts("", &members);
        for (key, value) in &step.pairs {
            self.pair(key, value);
        }
        let body = serde_json::to_value(&step.body).unwrap_or_default();
        let pieces = match &body {
            Value::Array(pieces) => pieces.as_slice(),
            whole => std::slice::from_ref(whole),
        };
        for text in pieces.iter().filter_map(Value::as_str) {
            let pairs = serde_urlencoded::from_str::<Vec<(String, String)>>(text);
            for (key, value) in pairs.unwrap_or_default() {
                self.pair(&key, &value);
            }
        }
    }

    fn pair(&mut self, key: &str, value: &str) {
        let is_name = |part: &&str| part.parse::<usize>().is_err();
        if let Some(name) = key.rsplit('.').find(is_name) {
            self.values.insert((name.to_owned(), value.to_owned()));
        }
    }

    fn check(&mut self, check: &Check) {
        let mut name = "";
        for part in parts(&check.at) {
            name = part.name;
            if let Some(Filter::Member { name, text }) = part.filter {
                self.values.insert((name.to_owned(), text.to_owned()));
            }
        }
        let test = serde_json::to_value(&check.test).unwrap_or_default();
        for wanted in test.as_object().into_iter().flat_map(|test| test.values()) {
            self.texts(name, wanted);
        }
    }

    /// The texts in a value, each with the name of the nearest member around it.
    fn texts(&mut self, name: &str, value: &Value) {
        match value {
            Value::String(text) => {
                self.values.insert((name.to_owned(), text.clone()));
            }
            Value::Array(entries) => entries.iter().for_each(|entry| self.texts(name, entry)),
            Value::Object(members) => {
                for (inner, value) in members {
                    self.texts(inner, value);
                }
            }
            _ => {}
        }
    }
}

/// Whether a member became required, so that requests may lack it.
fn is_needed_now(change: &Change) -> bool {
    change.sort == Sort::Added || change.detail.ends_with("now yes")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use ec2wire_model::{Model, drift};
    use serde_json::json;

    /// A model of two actions with enum values in requests and answers.
    fn model(values: &[&str], members: &[&str]) -> &'static Model {
        let mut input = json!({"T": {"shape": "Type", "locationName": "Type"}});
        let (is_required, members): (Vec<&str>, Vec<&str>) =
            members.iter().partition(|name| **name == "required");
        for name in &members {
            let input = input.as_object_mut().unwrap();
            input.insert((*name).to_owned(), json!({"shape": "Text"}));
        }
        let required = if is_required.is_empty() {
            Vec::new()
        } else {
            members
        };
        let model = json!({
            "metadata": {"apiVersion": "2016-11-15", "protocol": "ec2"},
            "operations": {
                "CreateVpc": {"name": "CreateVpc", "input": {"shape": "In"}, "output": {"shape": "Out"}},
                "DeleteVpc": {"name": "DeleteVpc", "input": {"shape": "Other"}},
            },
            "shapes": {
                "In": {"type": "structure", "required": required, "members": input},
                "Other": {"type": "structure", "members": {"VpcId": {"shape": "Text"}}},
                "Out": {"type": "structure", "members": {
                    "Kinds": {"shape": "Types", "locationName": "kindSet"},
                }},
                "Types": {"type": "list", "member": {"shape": "Type", "locationName": "item"}},
                "Type": {"type": "string", "enum": values},
                "Text": {"type": "string"},
            },
        });
        Model::read(model.to_string().as_bytes()).unwrap()
    }

    const CASES: &str = r#"
prefix = "my"
[[case]]
id = "members"
title = "says a value by the API's name"
requirement = "answers-anything"
[[case.step]]
action = "CreateVpc"
beyond-model = true
members = { T = "x" }
expect = "success"
[[case]]
id = "pairs"
title = "says it by the key"
requirement = "answers-anything"
[[case.step]]
action = "CreateVpc"
beyond-model = true
pairs = [["Deep.1.Type.2", "x"]]
expect = "success"
[[case]]
id = "body"
title = "says it in a body"
requirement = "answers-anything"
[[case.step]]
body = "Action=CreateVpc&Type=x"
expect = "success"
[[case]]
id = "each"
title = "says it of each"
requirement = "answers-anything"
for-each = { values = ["x", "y"] }
[[case.step]]
action = "CreateVpc"
beyond-model = true
members = { T = "${item}" }
expect = "success"
[[case]]
id = "expects"
title = "waits for it"
requirement = "answers-anything"
[[case.step]]
action = "CreateVpc"
beyond-model = true
expect = "success"
[[case.step.checks]]
at = "kindSet"
one-of = ["y", "x"]
[[case]]
id = "finds"
title = "looks for it"
requirement = "answers-anything"
[[case.step]]
action = "CreateVpc"
beyond-model = true
expect = "success"
[[case.step.checks]]
at = "set.item[kindSet=x].other"
present = true
[[case]]
id = "whole"
title = "compares all with the model"
requirement = "answers-anything"
[[case.step]]
action = "CreateVpc"
beyond-model = true
expect = "success"
also = ["model-answer"]
[[case]]
id = "other-value"
title = "names the member Type, and says T=y of it"
requirement = "answers-anything"
[[case.step]]
action = "CreateVpc"
beyond-model = true
members = { T = "y", Name = "x" }
expect = "success"
[[case]]
id = "other-action"
title = "says the value to another action"
requirement = "answers-anything"
[[case.step]]
action = "DeleteVpc"
beyond-model = true
pairs = [["Type", "x"]]
expect = "success"
"#;

    fn touched(before: &'static Model, after: &'static Model) -> BTreeSet<String> {
        let mut catalogue = Catalogue::without_cases().unwrap();
        catalogue.add_cases("my.toml", CASES).unwrap();
        let changes = drift::between(before, after);
        assert!(!changes.is_empty());
        let cases = catalogue.cases().iter().filter(|case| {
            let mentions = Mentions::in_case(&catalogue, case);
            changes.iter().any(|change| mentions.is_touched_by(change))
        });
        cases
            .map(|case| case.id.trim_start_matches("my/").to_owned())
            .collect()
    }

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_value_touches_the_cases_that_say_it() {
        let all = model(&["x", "y", "z"], &[]);
        let users = [
            "members", "pairs", "body", "each/x", "expects", "finds", "whole",
        ];
        assert_eq!(touched(all, model(&["y", "z"], &[])), set(&users));
        // No case sends it; one checks that the model knows it.
        assert_eq!(touched(all, model(&["x", "y"], &[])), set(&["whole"]));
        assert_eq!(
            touched(all, model(&["x", "y", "z", "w"], &[])),
            set(&["whole"])
        );
    }

    /// A request that was complete may lack it now.
    #[test]
    fn a_member_that_is_required_touches_all_of_the_action() {
        let (before, after) = (
            model(&["x"], &["Name"]),
            model(&["x"], &["Name", "required"]),
        );
        let mut users = touched(before, after);
        assert!(
            users.remove("other-value") && users.remove("finds"),
            "{users:?}"
        );
        assert!(!users.contains("other-action"));
        let back = touched(after, before);
        assert_eq!(back, set(&["other-value"]));
    }

    #[test]
    fn a_member_touches_the_cases_that_name_it() {
        let (with, without) = (model(&["x"], &["Name"]), model(&["x"], &[]));
        assert_eq!(touched(with, without), set(&["other-value"]));
        assert_eq!(touched(without, with), set(&["other-value"]));
    }
}
