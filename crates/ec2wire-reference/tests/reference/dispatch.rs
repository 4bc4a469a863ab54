//! How requests are read, whatever their action.

use crate::forms::{all, call, fault, refused, refused_as, world};
use ec2wire_reference::Request;

#[test]
fn request_ids_are_fresh_version_4_uuids() {
    let world = world();
    let ids: Vec<String> = (0..2)
        .map(|_| world.answer(&Request::get("/")).request_id)
        .collect();
    assert!(
        ids.iter()
            .all(|id| id.len() == 36 && id.get(14..15) == Some("4"))
    );
    assert_ne!(ids.first(), ids.last());
}

#[test]
fn the_action_and_version_are_checked() {
    let world = world();
    for (body, code, message) in [
        (
            "",
            "MissingAction",
            "The request is missing an action or a required parameter.",
        ),
        (
            "Action=DescribeFoo&Version=2016-11-15",
            "InvalidAction",
            "The action DescribeFoo is not valid for this web service.",
        ),
        (
            "Action=createIpamPolicy&Version=2016-11-15",
            "InvalidAction",
            "The action createIpamPolicy is not valid for this web service.",
        ),
        (
            "Action=CreateIpamPolicy&IpamId=ipam-1",
            "MissingParameter",
            "The request must contain the parameter Version",
        ),
        (
            "Action=CreateIpamPolicy&Version=2010-03-31&IpamId=ipam-1",
            "NoSuchVersion",
            "The requested version (2010-03-31) of service AmazonEC2 does not exist",
        ),
        (
            "Action=CreateIpamPolicy&Action=CreateIpam&Version=2016-11-15",
            "InvalidParameterValue",
            "The parameter 'Action' may only be specified once",
        ),
    ] {
        refused_as(&world, body, code, message);
    }
}

#[test]
fn what_does_not_decode_is_refused() {
    let world = world();
    for (members, code, message) in [
        (
            "&ImageType=x",
            "UnknownParameter",
            "The parameter ImageType is not recognized",
        ),
        (
            "&TagSpecification.1.ResourceType=ipam-policy&TagSpecification.1.Foo.1=x",
            "UnknownParameter",
            "The parameter Foo is not recognized",
        ),
        (
            "&IpamId=ipam-2",
            "InvalidParameterValue",
            "The parameter 'IpamId' may only be specified once",
        ),
        (
            "&DryRun=True",
            "InvalidParameterValue",
            "The value of the parameter DryRun is invalid: expected `true` or `false`",
        ),
        (
            "&TagSpecification.2.ResourceType=ipam-policy",
            "InvalidParameterValue",
            "The value of the parameter TagSpecification is invalid: missing list entry 1",
        ),
        (
            "&TagSpecification=",
            "InvalidRequest",
            "The request received was invalid",
        ),
    ] {
        refused_as(&world, &call(members), code, message);
    }
    assert_eq!(all(&world), []);
}

#[test]
fn bytes_that_are_not_a_form_are_refused() {
    let world = world();
    for members in [
        "&ClientToken=%zz",
        "&ClientToken=%FF",
        "&ClientToken",
        "&&",
        "&",
        "&=",
        "&.=",
        "&ClientToken=a b",
    ] {
        let (status, code, _) = refused(&world, call(members));
        assert_eq!(
            (status, code.as_str()),
            (400, "MalformedQueryString"),
            "{members}"
        );
    }
    for body in [
        &b"\xFF"[..],
        b"\0",
        b"{}",
        b"<x/>",
        b"Action=CreateIpam&\xC3=",
    ] {
        assert_eq!(refused(&world, body).0, 400, "{body:?}");
    }
    assert_eq!(refused(&world, vec![b'a'; (4 << 20) + 1]).0, 413);
}

#[test]
fn the_method_and_the_content_type_are_checked() {
    let world = world();
    let body = call("");
    let post = Request::post(body.as_bytes());
    for method in ["PUT", "DELETE", "HEAD", "post"] {
        let response = world.answer(&Request { method, ..post });
        assert_eq!(fault(&response).0, 405);
        assert!(
            response
                .headers()
                .any(|header| header == ("allow", "GET, POST"))
        );
    }
    for content_type in ["application/json", "text/plain", ""] {
        let response = world.answer(&Request {
            content_type: Some(content_type),
            ..post
        });
        assert_eq!(fault(&response).0, 400);
    }
    assert_eq!(all(&world), []);
    for content_type in [
        None,
        Some("application/x-www-form-urlencoded; charset=utf-8"),
        Some("Application/X-WWW-Form-URLEncoded"),
    ] {
        let response = world.answer(&Request {
            content_type,
            ..post
        });
        assert_eq!(response.status, 200);
    }
}

#[test]
fn members_may_be_in_the_query_string() {
    let world = world();
    let query = format!("/?{}", call(""));
    assert_eq!(world.answer(&Request::get(&query)).status, 200);
    let both = Request {
        path_and_query: "/?Action=CreateIpamPolicy&Version=2016-11-15",
        ..Request::post(b"IpamId=ipam-0123456789abcdef0")
    };
    assert_eq!(world.answer(&both).status, 200);
    assert_eq!(all(&world).len(), 2);
}
