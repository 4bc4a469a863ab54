//! What a request asks for, together with its launch template.

use crate::server::engine::Input;
use crate::server::engine::input::check_references;
use crate::server::families::compute::launch_template::version::for_launch;
use crate::server::state::State;
use crate::server::store::path;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

/// Where a launch notes the template's id and version.
const TEMPLATE: &str = "ec2wire:template";

/// Members that a template has by another name than the request.
const RENAMED: [(&str, &str); 1] = [("RamDiskId", "RamdiskId")];

/// The request with what its launch template says and it does not.
pub(in crate::server::families::compute) fn with_template(
    input: &Input,
    state: &State,
) -> Result<Input, Fault> {
    let mut members = input.members.clone();
    if let Some((id, version, data)) = for_launch(input, state)? {
        for (name, value) in data.iter() {
            let renamed = RENAMED.iter().find(|(known, _)| *known == name);
            let name = renamed.map_or(name, |(_, name)| name);
            merge(&mut members, name, value);
        }
        // A subnet or groups in the request stand in for those of the template's interfaces.
        let names_place = ["SubnetId", "SecurityGroupIds", "SecurityGroups"]
            .iter()
            .any(|name| input.members.get(name).is_some());
        if names_place && input.members.get("NetworkInterfaces").is_none() {
            members.remove("NetworkInterfaces");
        }
        let noted = Structure::from([
            ("Id", Value::from(id)),
            ("Version", version.to_string().into()),
        ]);
        members.insert(TEMPLATE, noted);
    }
    let asked = Input {
        plan: input.plan,
        members,
        token: input.token.clone(),
        dry_run: input.dry_run,
        hooks: input.hooks,
    };
    // The template's ids have not been looked up.
    check_references(&asked, state)?;
    Ok(asked)
}

/// Adds what a template says of a member.
fn merge(members: &mut Structure<'static>, name: &str, value: &Value<'static>) {
    match name {
        "BlockDeviceMappings" => {
            let taken = path::texts(members, "BlockDeviceMappings[].DeviceName");
            let taken: Vec<String> = taken.into_iter().map(str::to_owned).collect();
            let own = value
                .as_list()
                .unwrap_or_default()
                .iter()
                .filter(|mapping| {
                    let name = mapping
                        .get("DeviceName")
                        .and_then(Value::as_str)
                        .unwrap_or_default();
                    !taken.iter().any(|taken| taken == name)
                });
            let own: Vec<_> = own.cloned().collect();
            if let Some(list) = path::list(members, name) {
                list.extend(own);
            }
        }
        "TagSpecifications" => merge_tags(members, value),
        _ if members.get(name).is_none() => {
            members.insert(name.to_owned(), value.clone());
        }
        _ => {}
    }
}

/// Adds a template's tags, of keys that the request does not have for that type.
fn merge_tags(members: &mut Structure<'static>, value: &Value<'static>) {
    let Some(list) = path::list(members, "TagSpecifications") else {
        return;
    };
    for specification in value.as_list().unwrap_or_default() {
        let kind = specification.get("ResourceType");
        let known = list
            .iter_mut()
            .find(|known| known.get("ResourceType") == kind);
        let Some(Value::Structure(known)) = known else {
            list.push(specification.clone());
            continue;
        };
        let tags = specification
            .get("Tags")
            .and_then(Value::as_list)
            .unwrap_or_default();
        let Some(own) = path::list(known, "Tags") else {
            continue;
        };
        for tag in tags {
            if !own.iter().any(|known| known.get("Key") == tag.get("Key")) {
                own.push(tag.clone());
            }
        }
    }
}

/// The tags that the instances get, with those that AWS gives.
pub(super) fn tags_of_instance(asked: &Input) -> Vec<(String, String)> {
    let mut tags = asked.tags_for("instance");
    for (member, key) in [
        ("Id", "aws:ec2launchtemplate:id"),
        ("Version", "aws:ec2launchtemplate:version"),
    ] {
        if let Some(value) = asked.text(&format!("{TEMPLATE}.{member}")) {
            tags.push((key.to_owned(), value.to_owned()));
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::families::shared::structures;

    #[test]
    fn the_request_wins_over_its_template() {
        let specification = |kind: &'static str, tags: &[(&'static str, &'static str)]| {
            let tags = tags.iter().map(|(key, value)| {
                Structure::from([("Key", Value::from(*key)), ("Value", (*value).into())]).into()
            });
            Value::from(Structure::from([
                ("ResourceType", Value::from(kind)),
                ("Tags", Value::List(tags.collect())),
            ]))
        };
        let mut members = Structure::from([(
            "TagSpecifications",
            Value::List(vec![specification("instance", &[("a", "request")])]),
        )]);
        let template = vec![
            specification("instance", &[("a", "template"), ("b", "template")]),
            specification("volume", &[("c", "template")]),
        ];
        merge(&mut members, "TagSpecifications", &Value::List(template));
        let values = path::texts(&members, "TagSpecifications[].Tags[].Value");
        assert_eq!(values, ["request", "template", "template"]);
        assert_eq!(structures(&members, "TagSpecifications").count(), 2);
    }
}
