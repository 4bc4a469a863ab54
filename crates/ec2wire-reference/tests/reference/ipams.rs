//! Creating and deleting IPAMs.

use crate::forms::{all, create, refused, refused_as, send, summary, world};
use ec2wire::ipam::{CreateIpam, CreateIpamPolicy, DeleteIpam, IpamPolicyState};
use ec2wire::{ResourceType, Tag, TagSpecification};
use ec2wire_reference::Request;

#[test]
fn an_ipam_is_created_once_and_deleted() {
    let world = world();
    let request: CreateIpam = CreateIpam {
        description: Some("d".into()),
        client_token: Some("t".into()),
        tag_specifications: vec![TagSpecification::new(
            ResourceType::Ipam,
            [Tag::new("Name", "x")],
        )],
        ..Default::default()
    };
    let ipam = send(&world, &request).unwrap().ipam.unwrap();
    let id = ipam.ipam_id.clone().unwrap();
    assert_eq!(ipam.state, Some(IpamPolicyState::CreateInProgress));
    assert_eq!(ipam.description.as_deref(), Some("d"));
    assert_eq!(ipam.tag_set, Some(vec![Tag::new("Name", "x")]));
    assert_eq!(
        ipam.ipam_arn,
        Some(format!("arn:aws:ec2::123456789012:ipam/{id}"))
    );

    let replay = send(&world, &request).unwrap().ipam.unwrap();
    assert_eq!(replay.ipam_id.as_ref(), Some(&id));
    let other: CreateIpam = CreateIpam {
        description: None,
        ..request.clone()
    };
    assert_eq!(
        summary(send(&world, &other)).1,
        "IdempotentParameterMismatch"
    );
    refused_as(
        &world,
        "Action=CreateIpam&Version=2016-11-15",
        "ResourceLimitExceeded",
        "You've reached the limit for ipams. \
         You have created 1 ipams and you are limited to 1.",
    );

    create(&world, &CreateIpamPolicy::new(id.clone()));
    let delete = <DeleteIpam>::new(id.clone());
    assert_eq!(summary(send(&world, &delete)).1, "DependencyViolation");
    let cascade: DeleteIpam = DeleteIpam {
        cascade: Some(true),
        ..delete.clone()
    };
    let deleted = send(&world, &cascade).unwrap().ipam.unwrap();
    assert_eq!(deleted.state, Some(IpamPolicyState::DeleteInProgress));
    assert_eq!(all(&world), []);
    assert_eq!(summary(send(&world, &delete)).1, "InvalidIpamId.NotFound");
    assert_eq!(
        summary(send(&world, &<CreateIpamPolicy>::new(id))).1,
        "InvalidIpamId.NotFound"
    );
    let replay = send(&world, &request).unwrap().ipam.unwrap();
    assert_eq!(replay.state, Some(IpamPolicyState::DeleteComplete));
    send(&world, &<CreateIpam>::default()).unwrap();
}

#[test]
fn the_members_of_an_ipam_are_checked() {
    let world = world();
    for members in [
        "Tier=gold",
        "MeteredAccount=nobody",
        "Description=%01",
        "OperatingRegion.1.RegionName=%01",
        "OperatingRegion.1.RegionName=",
        "TagSpecification.1.ResourceType=ipam-policy&TagSpecification.1.Tag.1.Key=a",
        "TagSpecification.1.ResourceType=ipam&TagSpecification.1.Tag.1.Key=aws:a",
    ] {
        let body = format!("Action=CreateIpam&Version=2016-11-15&{members}");
        assert_eq!(refused(&world, &body).0, 400, "{body}");
    }
    let body = "Action=CreateIpam&Version=2016-11-15&Tier=free";
    assert_eq!(world.answer(&Request::post(body.as_bytes())).status, 200);
}
