//! Dry runs.

use crate::forms::{IPAM, all, call, create, id, refused, request, send, tagged, world};
use ec2wire::Tag;
use ec2wire::ipam::{
    CreateIpam, CreateIpamPolicy, DeleteIpam, DeleteIpamPolicy, DescribeIpamPolicies,
};

#[test]
fn a_dry_run_changes_nothing() {
    let world = world();
    let dry = CreateIpamPolicy {
        dry_run: Some(true),
        ..request(Some("t"))
    };
    let fault = send(&world, &dry).unwrap_err();
    assert_eq!((fault.status, fault.is_dry_run()), (412, true));
    assert_eq!(
        fault.message(),
        Some("Request would have succeeded, but DryRun flag is set.")
    );
    assert_eq!(all(&world), []);

    // The token is still free, for other parameters as well.
    let policy = create(
        &world,
        &CreateIpamPolicy {
            client_token: Some("t".into()),
            ..tagged([Tag::new("a", "")])
        },
    );
    let delete: DeleteIpamPolicy = DeleteIpamPolicy {
        dry_run: Some(true),
        ..DeleteIpamPolicy::new(id(&policy))
    };
    assert_eq!(send(&world, &delete).unwrap_err().status, 412);
    let cascade: DeleteIpam = DeleteIpam {
        dry_run: Some(true),
        cascade: Some(true),
        ..DeleteIpam::new(IPAM)
    };
    assert_eq!(send(&world, &cascade).unwrap_err().status, 412);
    let describe: DescribeIpamPolicies = DescribeIpamPolicies {
        dry_run: Some(true),
        ..Default::default()
    };
    assert_eq!(send(&world, &describe).unwrap_err().status, 412);
    let ipam: CreateIpam = CreateIpam {
        dry_run: Some(true),
        ..Default::default()
    };
    assert_eq!(send(&world, &ipam).unwrap_err().status, 412);
    assert_eq!(all(&world).len(), 1);
    send(&world, &<CreateIpam>::default()).unwrap();
}

#[test]
fn a_dry_run_of_a_bad_request_is_refused_as_the_request_is() {
    let body = call("&DryRun=true&TagSpecification.1.Tag.1.Key=a");
    assert_eq!(refused(&world(), body).1, "InvalidParameterValue");
}
