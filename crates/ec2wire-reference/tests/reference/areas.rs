//! Accounts and Regions are kept apart; the same seed gives the same ids; a reset forgets all.

use crate::http::{connect, post, send};
use ec2wire::ipam::CreateIpam;
use ec2wire::{Operation, Reply};
use ec2wire_reference::{Config, Endpoint, Request, World};

const CREATE: &[u8] = b"Action=CreateIpam&Version=2016-11-15";

fn signed(key: &str, region: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={key}/20261130/{region}/ec2/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// The owner, the Region and the id of a new IPAM.
fn created(world: &World, authorization: Option<&str>) -> Result<[String; 3], String> {
    let answer = world.answer(&Request {
        authorization,
        ..Request::post(CREATE)
    });
    match CreateIpam::decode_reply(answer.status, answer.body.as_bytes()).unwrap() {
        Reply::Success(success) => {
            let ipam = success.output.ipam.unwrap();
            Ok([ipam.owner_id, ipam.ipam_region, ipam.ipam_id].map(Option::unwrap))
        }
        Reply::Fault(fault) => Err(fault.code().unwrap().to_owned()),
    }
}

#[test]
fn each_account_has_its_own_resources_in_each_region() {
    let world = World::new(Config::default());
    let areas = [
        ("111122223333", "us-east-1"),
        ("111122223333", "eu-west-1"),
        ("444455556666", "us-east-1"),
    ];
    for (account, region) in areas {
        let signed = signed(account, region);
        let [owner, shown, _] = created(&world, Some(&signed)).unwrap();
        assert_eq!([owner.as_str(), shown.as_str()], [account, region]);
        // The quota is one for each account and Region.
        created(&world, Some(&signed)).unwrap_err();
    }
    let [owner, region, _] = created(&world, Some(&signed("AKIAEXAMPLE", "us-east-1"))).unwrap();
    assert_eq!(
        [owner.as_str(), region.as_str()],
        ["123456789012", "us-east-1"]
    );
    // Another key of the same account, and no signature.
    created(&world, Some(&signed("AKIAOTHER", "us-east-1"))).unwrap_err();
    created(&world, None).unwrap_err();
}

#[test]
fn the_same_seed_gives_the_same_ids() {
    let ids = |seed| {
        let world = World::new(Config {
            seed,
            ..Config::default()
        });
        ["us-east-1", "us-east-2"].map(|region| {
            let signed = signed("AKIAEXAMPLE", region);
            let [_, _, id] = created(&world, Some(&signed)).unwrap();
            id
        })
    };
    assert_eq!(ids(Some(7)), ids(Some(7)));
    assert_ne!(ids(Some(7)), ids(Some(8)));
    assert_ne!(ids(None), ids(None));
    let [one, other] = ids(Some(0));
    assert_ne!(one, other);
}

#[tokio::test]
async fn a_reset_forgets_what_requests_made() {
    let endpoint = Endpoint::bind(([127, 0, 0, 1], 0).into(), Config::default())
        .await
        .unwrap();
    let mut sender = connect(&endpoint).await;
    let mut at = async |method: &str, path: &str| {
        let request = http::Request::builder().method(method).uri(path);
        let request = request.body(http_body_util::Full::default()).unwrap();
        send(&mut sender, request).await.status().as_u16()
    };
    created(endpoint.world(), None).unwrap();
    assert_eq!(at("GET", "/_ec2wire/reset").await, 405);
    assert_eq!(at("POST", "/_ec2wire/other").await, 404);
    created(endpoint.world(), None).unwrap_err();
    assert_eq!(at("POST", "/_ec2wire/reset").await, 200);
    created(endpoint.world(), None).unwrap();
    assert_eq!(send(&mut sender, post(CREATE)).await.status(), 400);
    endpoint.stop().await;
}
