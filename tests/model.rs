//! The codec for any action: what holds for all of EC2.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "common/values.rs"]
mod values;

use ec2wire::{EC2_VERSION, form, xml};
use ec2wire_model::{Kind, Model, Operation, Shape, Value, Violation, Wire};
use values::{Fill, Maker};

/// Runs a check for every action: once with what is required, once with all that there is, and
/// with some of it as often as is quick.
fn for_all(wire: Wire, shape: fn(&Operation) -> Option<Shape>, check: fn(&Operation, &Value<'_>)) {
    for (number, operation) in Model::ec2().operations().enumerate() {
        for fill in [Fill::Required, Fill::All, Fill::Some, Fill::Some] {
            let seed = number as u64 * 4 + fill as u64;
            let value = Maker::new(seed, fill, wire).root(shape(&operation));
            if let Some(shape) = shape(&operation) {
                let errors: Vec<_> = shape.violations(&value);
                assert_eq!(errors, [], "{operation:?} {fill:?}");
            }
            check(&operation, &value);
            json_round_trips(shape(&operation), &value);
        }
    }
}

fn json_round_trips(shape: Option<Shape>, value: &Value<'_>) {
    let json = serde_json::to_string(value).unwrap();
    let mut read: Value<'_> = serde_json::from_str(&json).unwrap();
    if let Some(shape) = shape {
        shape.conform(&mut read);
    }
    assert_eq!(read, *value, "{json}");
}

#[test]
fn a_request_of_any_action_round_trips() {
    for_all(Wire::Form, Operation::input, |operation, value| {
        let body = operation.encode_request(value).unwrap();
        let decoded = operation.decode_request(&body).unwrap();
        assert_eq!(decoded, *value, "{body}");
        assert_eq!(operation.encode_request(&decoded).unwrap(), body);
        // As a server meets it: the action first.
        let call = form::Call::from_str(&body).unwrap();
        assert_eq!(call.action().unwrap().as_deref(), Some(operation.name()));
        assert_eq!(call.version().unwrap().as_deref(), Some(EC2_VERSION));
        assert_eq!(call.decode_seed(operation.request_seed()).unwrap(), *value);
        // As some clients send it: sorted.
        let mut pairs: Vec<_> = body.split('&').collect();
        pairs.sort_unstable();
        let sorted = pairs.join("&");
        assert_eq!(
            operation.decode_request(&sorted).unwrap(),
            *value,
            "{sorted}"
        );
        let lenient = form::Options::new().lenient();
        assert_eq!(
            lenient
                .from_str_seed(operation.request_seed(), &body)
                .unwrap(),
            *value
        );
    });
}

#[test]
fn an_answer_of_any_action_round_trips() {
    for_all(Wire::Xml, Operation::output, |operation, value| {
        let body = operation.encode_response("id-1", value).unwrap();
        let success = operation.decode_reply(200, body.as_bytes()).unwrap();
        let success = success.into_result().unwrap();
        assert_eq!(success.output, *value, "{body}");
        assert_eq!(success.request_id.as_deref(), Some("id-1"));
        assert_eq!(
            operation.encode_response("id-1", &success.output).unwrap(),
            body
        );
        let strict = xml::Options::new().strict();
        let (strictly, _) = strict
            .from_str_seed(operation.response_seed(), &body)
            .unwrap();
        assert_eq!(strictly, *value);
    });
}

/// A request that lacks a required member, has one too many or one of another kind is found to.
#[test]
fn what_is_wrong_is_found_in_any_action() {
    for operation in Model::ec2().operations() {
        let Some(shape) = operation.input() else {
            continue;
        };
        let whole = Maker::new(1, Fill::Required, Wire::Form).root(Some(shape));
        let Value::Structure(whole) = whole else {
            panic!("{operation:?}");
        };
        let paths = |value: &Value<'_>| -> Vec<String> {
            let found = shape.violations(value).into_iter();
            found
                .filter(Violation::is_error)
                .map(|found| found.path)
                .collect()
        };
        for member in shape.members() {
            let mut input = whole.clone();
            input.remove(member.name());
            let missing = if member.is_required() {
                vec![member.name()]
            } else {
                vec![]
            };
            assert_eq!(paths(&input.clone().into()), missing, "{operation:?}");
            // No member is a list of lists.
            input.insert(member.name(), Value::List(vec![Value::List(vec![])]));
            let found = paths(&input.into());
            assert!(
                found.iter().any(|path| path.starts_with(member.name())),
                "{found:?}"
            );
        }
        let mut input = whole.clone();
        input.insert("NoSuchMember", true);
        assert_eq!(
            paths(&input.clone().into()),
            ["NoSuchMember"],
            "{operation:?}"
        );
        let error = operation.encode_request(&input.into()).unwrap_err();
        assert_eq!(error.to_string(), "there is no member `NoSuchMember`");
    }
}

/// What the typed requests assume of tags, tokens and dry runs holds for nearly all actions.
#[test]
fn tags_and_tokens_are_alike_in_all_actions() {
    let (mut tags, mut tokens, mut dry_runs) = (0, 0, 0);
    let mut other_tags = Vec::new();
    for operation in Model::ec2().operations() {
        for member in operation
            .input()
            .into_iter()
            .flat_map(|input| input.members().collect::<Vec<_>>())
        {
            if let Kind::List { entry, .. } = member.shape().kind()
                && entry.name() == "TagSpecification"
            {
                tags += 1;
                if member.form_key() != "TagSpecification" {
                    other_tags.push(format!("{} {}", operation.name(), member.form_key()));
                }
            }
            if member.is_idempotency_token() {
                tokens += 1;
                assert!(matches!(member.shape().kind(), Kind::String));
                let mut input = Maker::new(1, Fill::Required, Wire::Form).root(operation.input());
                if let Value::Structure(input) = &mut input {
                    // One action requires it.
                    input.remove(member.name());
                }
                operation.fill_tokens(&mut input, || "token-1".to_owned());
                let body = operation.encode_request(&input).unwrap();
                let pair = format!("{}=token-1", member.form_key());
                assert!(body.split('&').any(|found| found == pair), "{body}");
            }
            if member.name() == "DryRun" {
                dry_runs += 1;
                assert_eq!(member.form_key(), "DryRun");
                assert!(matches!(member.shape().kind(), Kind::Boolean));
            }
        }
    }
    assert_eq!((tags, tokens, dry_runs), (116, 100, 786));
    assert_eq!(
        other_tags,
        [
            "CreateCapacityReservation TagSpecifications",
            "CreateNetworkingFlexCostAllocationPolicy TagSpecifications",
            "CreateTransitGatewayMeteringPolicy TagSpecifications",
            "CreateTransitGatewayPolicyTable TagSpecifications",
            "CreateTransitGatewayRouteTable TagSpecifications",
            "CreateTransitGatewayVpcAttachment TagSpecifications",
            "ProvisionByoipCidr PoolTagSpecification",
        ]
    );
}
