//! The rules for tags and client tokens, for any action that takes them.

use crate::{Operation, Value};
use ec2wire::contract::{self, Violation};
use ec2wire::{ResourceType, Tag, TagSpecification};

/// The rule that the model's own limit overrides.
const TOKEN_LENGTH: &str = "client-token-length";

/// The action that takes tags without a specification around them.
const TAGS_ALONE: &str = "CreateTags";

impl Operation {
    /// Checks a request against the rules for tags and client tokens. Each path in the result is a key
    /// of the request.
    ///
    /// This skips values of the wrong kind. Use [`Shape::violations`](crate::Shape::violations) to
    /// check a request against the model.
    ///
    /// ```
    /// use ec2wire_model::{Model, Value};
    ///
    /// let action = Model::ec2().operation("CreateVpc").unwrap();
    /// let request: Value<'_> = serde_json::from_str(
    ///     r#"{"TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "aws:a"}]}]}"#,
    /// )?;
    /// let violations = action.contract_violations(&request);
    /// assert_eq!(
    ///     violations[0].to_string(),
    ///     "must: a tag key may not begin with `aws:` (TagSpecification.1.Tag.1.Key)",
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn contract_violations(&self, request: &Value<'_>) -> Vec<Violation> {
        let member = |name| self.input().and_then(|input| input.member(name));
        let tagging = member("TagSpecifications");
        let tags = tagging.and_then(|_| request.get("TagSpecifications"));
        let specifications: Vec<_> = entries(tags).map(specification).collect();
        let token_member = member("ClientToken");
        let token = token_member.and_then(|_| text(request, "ClientToken"));
        let mut found = contract::check_any(&specifications, token);
        // For a few tokens, the model has a limit of its own, which `Shape::violations` checks.
        if token_member.is_some_and(|member| member.shape().max().is_some()) {
            found.retain(|violation| violation.rule.name != TOKEN_LENGTH);
        }
        if self.name() == TAGS_ALONE {
            let alone = TagSpecification {
                // Any type will do: it is not in the request.
                resource_type: Some(ResourceType::Vpc),
                tags: tags_of(request).collect(),
            };
            let broken = contract::check_any(&[alone], None).into_iter();
            return broken
                .map(|mut violation| {
                    let place = violation.path.strip_prefix("TagSpecification.1.");
                    violation.path = place.unwrap_or("Tag").to_owned();
                    violation
                })
                .collect();
        }
        // A few actions have the key in the plural.
        let key = tagging.map(|member| member.form_key()).unwrap_or_default();
        for violation in &mut found {
            if let Some(rest) = violation.path.strip_prefix("TagSpecification.") {
                violation.path = format!("{key}.{rest}");
            }
        }
        found
    }
}

fn specification<'v>(value: &'v Value<'_>) -> TagSpecification<&'v str> {
    TagSpecification {
        resource_type: text(value, "ResourceType").map(ResourceType::from),
        tags: tags_of(value).collect(),
    }
}

fn tags_of<'v>(value: &'v Value<'_>) -> impl Iterator<Item = Tag<&'v str>> {
    entries(value.get("Tags")).map(|tag| Tag {
        key: text(tag, "Key"),
        value: text(tag, "Value"),
    })
}

fn text<'v>(value: &'v Value<'_>, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

fn entries<'v, 'a>(value: Option<&'v Value<'a>>) -> impl Iterator<Item = &'v Value<'a>> {
    value.and_then(Value::as_list).into_iter().flatten()
}
