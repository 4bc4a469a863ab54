//! What tests of instances, images and volumes share.

use crate::calls::{done, text};
use ec2wire_reference::{Config, World};
use serde_json::{Value as Json, json};

pub(crate) fn world() -> World {
    World::new(Config {
        seed: Some(1),
        ..Config::default()
    })
}

/// A public image of the architecture.
pub(crate) fn image(world: &World, architecture: &str) -> String {
    let filters = json!({"Owners": ["amazon"], "Filters": [
        {"Name": "architecture", "Values": [architecture]},
        {"Name": "name", "Values": ["al2023-*"]},
    ]});
    text(
        &done(world, "DescribeImages", &filters),
        "/Images/0/ImageId",
    )
}

/// A request for one small instance.
pub(crate) fn launch(world: &World) -> Json {
    json!({
        "ImageId": image(world, "x86_64"),
        "InstanceType": "t3.micro",
        "MinCount": 1,
        "MaxCount": 1,
    })
}

/// The id of a new instance.
pub(crate) fn run(world: &World, more: &Json) -> String {
    let answer = done(world, "RunInstances", &with(launch(world), more));
    text(&answer, "/Instances/0/InstanceId")
}

/// Members with others put over them.
pub(crate) fn with(mut members: Json, more: &Json) -> Json {
    for (name, value) in more.as_object().into_iter().flatten() {
        members[name] = value.clone();
    }
    members
}

pub(crate) fn instance(world: &World, id: &str) -> Json {
    let answer = done(world, "DescribeInstances", &json!({"InstanceIds": [id]}));
    answer["Reservations"][0]["Instances"][0].clone()
}

/// The entries of a list, after a filter.
pub(crate) fn filtered(
    world: &World,
    action: &str,
    list: &str,
    name: &str,
    value: &str,
) -> Vec<Json> {
    let filter = json!({"Filters": [{"Name": name, "Values": [value]}]});
    let answer = done(world, action, &filter);
    answer[list].as_array().cloned().unwrap_or_default()
}
