//! Instances that are stopped, hibernate, and start again.

use crate::calls::{done, refuses, text};
use crate::compute;
use serde_json::json;

#[test]
fn only_an_instance_that_was_launched_for_it_hibernates() {
    let world = compute::world();
    let id = compute::run(&world, &json!({"HibernationOptions": {"Configured": true}}));
    let other = compute::run(&world, &json!({}));
    let code = "UnsupportedHibernationConfiguration";
    let both = json!({"InstanceIds": [id, other], "Hibernate": true});
    refuses(&world, code, "StopInstances", &both);
    let members = json!({"InstanceIds": [id], "Hibernate": true});
    done(&world, "StopInstances", &members);
    let instance = compute::instance(&world, &id);
    assert_eq!(instance["State"]["Name"], "stopped");
    let code = "Client.UserInitiatedHibernate";
    assert_eq!(instance["StateReason"]["Code"], code);
    assert!(text(&instance, "/StateReason/Message").starts_with(code));
    assert!(text(&instance, "/StateTransitionReason").starts_with("User initiated ("));
    done(&world, "StartInstances", &json!({"InstanceIds": [id]}));
    assert!(compute::instance(&world, &id).get("StateReason").is_none());
    done(&world, "StopInstances", &json!({"InstanceIds": [id]}));
    let instance = compute::instance(&world, &id);
    assert_eq!(
        instance["StateReason"]["Code"],
        "Client.UserInitiatedShutdown"
    );
}

#[test]
fn an_instance_without_its_root_volume_does_not_start() {
    let world = compute::world();
    let id = compute::run(&world, &json!({}));
    let instance = compute::instance(&world, &id);
    let root = text(&instance, "/RootDeviceName");
    let volume = text(&instance, "/BlockDeviceMappings/0/Ebs/VolumeId");
    let ids = json!({"InstanceIds": [id]});
    done(&world, "StopInstances", &ids);
    done(&world, "DetachVolume", &json!({"VolumeId": volume}));
    let attach = |device: &str| {
        let members = json!({"VolumeId": volume, "InstanceId": id, "Device": device});
        done(&world, "AttachVolume", &members);
    };
    let code = "InvalidParameterValue";
    refuses(&world, code, "StartInstances", &ids);
    // Elsewhere it is not the root.
    attach("/dev/sdz");
    refuses(&world, code, "StartInstances", &ids);
    done(&world, "DetachVolume", &json!({"VolumeId": volume}));
    attach(&root);
    done(&world, "StartInstances", &ids);
    assert_eq!(compute::instance(&world, &id)["State"]["Name"], "running");
}
