//! Client tokens.

use crate::forms::{OTHER_IPAM, all, create, id, request, send, summary, tagged, world};
use ec2wire::Tag;
use ec2wire::ipam::{CreateIpamPolicy, DeleteIpamPolicy, IpamPolicyState};

#[test]
fn a_client_token_creates_one_policy() {
    let world = world();
    let first = create(&world, &request(Some("not a UUID")));
    let replay = create(&world, &request(Some("not a UUID")));
    assert_eq!(id(&first), id(&replay));
    assert_eq!(replay.state, Some(IpamPolicyState::CreateComplete));
    // Tokens are case-sensitive.
    assert_ne!(
        id(&first),
        id(&create(&world, &request(Some("NOT A UUID"))))
    );
    assert_eq!(all(&world).len(), 2);
}

#[test]
fn requests_without_a_token_create_a_policy_each_time() {
    let world = world();
    for token in [None, None, Some(""), Some("")] {
        create(&world, &request(token));
    }
    assert_eq!(all(&world).len(), 4);
}

#[test]
fn a_client_token_with_other_parameters_is_refused() {
    let world = world();
    create(&world, &request(Some("t")));
    let other_ipam = CreateIpamPolicy {
        ipam_id: Some(OTHER_IPAM.into()),
        ..request(Some("t"))
    };
    let other_tags = CreateIpamPolicy {
        client_token: Some("t".into()),
        ..tagged([Tag::new("a", "")])
    };
    for other in [other_ipam, other_tags] {
        let fault = send(&world, &other).unwrap_err();
        assert_eq!(fault.status, 400);
        assert_eq!(fault.code(), Some("IdempotentParameterMismatch"));
        assert_eq!(
            fault.message(),
            Some(
                "Arguments on this idempotent request are inconsistent with arguments used in \
                 previous request(s)."
            )
        );
    }
    // The dry-run flag is not one of the parameters.
    let explicit = CreateIpamPolicy {
        dry_run: Some(false),
        ..request(Some("t"))
    };
    create(&world, &explicit);
    assert_eq!(all(&world).len(), 1);
}

#[test]
fn a_refused_request_does_not_use_its_token_up() {
    let world = world();
    let unknown = CreateIpamPolicy {
        ipam_id: Some("ipam-9".into()),
        ..request(Some("t"))
    };
    send(&world, &unknown).unwrap_err();
    create(&world, &request(Some("t")));
}

#[test]
fn a_replay_after_the_deletion_creates_nothing() {
    let world = world();
    let first = create(&world, &request(Some("t")));
    send(&world, &<DeleteIpamPolicy>::new(id(&first))).unwrap();
    let replay = create(&world, &request(Some("t")));
    assert_eq!(id(&first), id(&replay));
    assert_eq!(replay.state, Some(IpamPolicyState::DeleteComplete));
    assert_eq!(all(&world), []);
}

#[test]
fn client_tokens_have_at_most_64_ascii_characters() {
    let world = world();
    create(&world, &request(Some(&"t".repeat(64))));
    for token in ["t".repeat(65), "é".into()] {
        let (status, code) = summary(send(&world, &request(Some(&token))));
        assert_eq!((status, code.as_str()), (400, "InvalidClientToken"));
    }
}
