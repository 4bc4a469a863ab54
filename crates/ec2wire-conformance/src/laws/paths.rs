//! Paths of the table of resources, as the wire has them.

use ec2wire_model::{Kind, Member, Path, Shape};

/// The elements from the root of a response down to a path. Of each list, all entries are meant.
pub(super) fn elements(from: Shape, path: Path) -> Option<String> {
    with_entries(from, path, |element, entry| format!("{element}.{entry}"))
}

/// The elements down to a path. Of each list, the first entry is meant.
pub(super) fn first_elements(from: Shape, path: Path) -> Option<String> {
    with_entries(from, path, |element, entry| format!("{element}.{entry}[0]"))
}

fn with_entries(from: Shape, path: Path, of_list: impl Fn(&str, &str) -> String) -> Option<String> {
    let members = path.members(from)?;
    let parts = members
        .iter()
        .zip(path.segments())
        .map(|(member, (_, is_list))| match member.shape().kind() {
            Kind::List { entry_name, .. } if is_list => of_list(member.element_name(), entry_name),
            _ => member.element_name().to_owned(),
        });
    Some(parts.collect::<Vec<_>>().join("."))
}

/// The key of a request that a path leads to; in each list, that of the first entry.
pub(super) fn key(from: Shape, path: Path) -> Option<String> {
    let members = path.members(from)?;
    let parts = members.iter().map(|member| {
        let first = if is_list(member) { ".1" } else { "" };
        format!("{}{first}", member.form_key())
    });
    Some(parts.collect::<Vec<_>>().join("."))
}

fn is_list(member: &Member) -> bool {
    matches!(member.shape().kind(), Kind::List { .. })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use ec2wire_model::Model;

    #[test]
    fn paths_of_the_table_have_a_form_on_the_wire() {
        let row = Model::ec2().resource("instance").unwrap();
        let list = row.list.as_ref().unwrap();
        let action = Model::ec2().operation(list.action).unwrap();
        let output = action.output().unwrap();
        assert_eq!(
            elements(output, list.path).unwrap(),
            "reservationSet.item.instancesSet.item"
        );
        let entry = list.path.shape(output).unwrap();
        let state = row.states.as_ref().unwrap().path;
        assert_eq!(elements(entry, state).unwrap(), "instanceState.name");
        let by_id = list.member.unwrap();
        assert_eq!(key(action.input().unwrap(), by_id).unwrap(), "InstanceId.1");
        let made = Model::ec2().operation("RunInstances").unwrap();
        let id = row.make.first().unwrap().id.unwrap();
        assert_eq!(
            first_elements(made.output().unwrap(), id).unwrap(),
            "instancesSet.item[0].instanceId"
        );
    }
}
