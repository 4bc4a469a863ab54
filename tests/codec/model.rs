//! The codec for any action: properties that hold for all of EC2.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod values;

use ec2wire::{EC2_VERSION, ErrorKind, form, xml};
use ec2wire_model::{Kind, Model, Operation, Shape, Structure, Timestamp, Value, Violation, Wire};
use proptest::prelude::*;
use values::{Fill, Maker};

/// Runs a check for every action: once with the required members, once with all members, and several
/// times with random members.
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
        // As a server reads it: the action first.
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

/// A valid request of the action with tags and a client token, and the key of its list of tag
/// specifications; `None` if the action takes neither.
fn with_tags(operation: &Operation) -> Option<(Value<'static>, String)> {
    let input = operation.input()?;
    let tagging = input.member("TagSpecifications");
    let token = input.member("ClientToken");
    if tagging.is_none() && token.is_none() {
        return None;
    }
    let Value::Structure(mut request) = Maker::new(7, Fill::Required, Wire::Form).root(Some(input))
    else {
        panic!("{operation:?}");
    };
    if tagging.is_some() {
        let tag = |key: &str, value: &str| -> Value<'static> {
            Structure::from([
                ("Key", key.to_owned().into()),
                ("Value", value.to_owned().into()),
            ])
            .into()
        };
        let specification = |kind: &'static str| -> Value<'static> {
            let tags = vec![tag(&"é".repeat(127), &"v".repeat(256)), tag("Key", "")];
            Structure::from([("ResourceType", kind.into()), ("Tags", tags.into())]).into()
        };
        let both = vec![specification("vpc"), specification("subnet")];
        request.insert("TagSpecifications", Value::from(both));
    }
    if token.is_some() {
        request.insert("ClientToken", "t".repeat(64));
    }
    let key = tagging.map_or_else(String::new, |member| member.form_key());
    Some((request.into(), key))
}

type Edit = fn(&mut Vec<Value<'static>>);

/// Ways to break a rule with the tags of the second specification, with the place relative to it.
const BROKEN_TAGS: [(&str, &str, Edit); 9] = [
    ("tag-key-prefix", "Tag.1.Key", |tags| {
        set(tags, "Key", "aws:a");
    }),
    ("tag-key-required", "Tag.1.Key", |tags| {
        set(tags, "Key", "");
    }),
    ("tag-key-required", "Tag.1.Key", |tags| {
        if let Value::Structure(tag) = &mut tags[0] {
            tag.remove("Key");
        }
    }),
    ("tag-key-length", "Tag.1.Key", |tags| {
        set(tags, "Key", &"k".repeat(129));
    }),
    ("tag-key-length-api", "Tag.1.Key", |tags| {
        set(tags, "Key", &"k".repeat(128));
    }),
    ("tag-value-length", "Tag.1.Value", |tags| {
        set(tags, "Value", &"v".repeat(257));
    }),
    ("tag-key-unique", "Tag.3.Key", |tags| {
        let mut again = vec![tags[0].clone()];
        set(&mut again, "Value", "other");
        tags.append(&mut again);
    }),
    ("tag-limit", "Tag", |tags| {
        *tags = (0..51)
            .map(|n| Structure::from([("Key", format!("k{n}").into())]).into())
            .collect();
    }),
    ("specification-has-tags", "Tag", Vec::clear),
];

fn set(tags: &mut [Value<'static>], member: &'static str, text: &str) {
    if let Value::Structure(tag) = &mut tags[0] {
        tag.insert(member, text.to_owned());
    }
}

/// `CreateTags` takes the tags themselves, and the same rules hold for them.
#[test]
fn the_rules_for_tags_hold_where_they_stand_alone() {
    let operation = Model::ec2().operation("CreateTags").unwrap();
    let found = |tags: &str| -> Vec<(&'static str, String)> {
        let body = format!("Action=CreateTags&Version=2016-11-15&ResourceId.1=vpc-1{tags}");
        let request = operation.decode_request(&body).unwrap();
        let found = operation.contract_violations(&request).into_iter();
        found.map(|one| (one.rule.name, one.path)).collect()
    };
    assert_eq!(found("&Tag.1.Key=a&Tag.1.Value=b"), []);
    assert_eq!(
        found("&Tag.1.Key=a&Tag.1.Value=b&Tag.2.Key=aws%3Aa&Tag.2.Value=b"),
        [("tag-key-prefix", "Tag.2.Key".to_owned())]
    );
    let many = (1..=51).map(|n| format!("&Tag.{n}.Key=k{n}&Tag.{n}.Value="));
    assert_eq!(
        found(&many.collect::<Vec<_>>().concat()),
        [("tag-limit", "Tag".to_owned())]
    );
}

/// The rules for tags and client tokens, in every action that takes them. A valid request breaks none;
/// an invalid one breaks one rule, at the right place, also after decoding.
#[test]
fn the_rules_for_tags_and_tokens_hold_in_any_action() {
    let (mut tagging, mut with_token) = (0, 0);
    for operation in Model::ec2().operations() {
        let found = |request: &Value<'_>| -> Vec<(&'static str, String)> {
            let found = operation.contract_violations(request).into_iter();
            let found: Vec<_> = found.map(|found| (found.rule.name, found.path)).collect();
            let body = operation.encode_request(request).unwrap();
            let read = operation.decode_request(&body).unwrap();
            let on_the_wire = operation.contract_violations(&read).into_iter();
            let on_the_wire: Vec<_> = on_the_wire
                .map(|found| (found.rule.name, found.path))
                .collect();
            assert_eq!(found, on_the_wire, "{body}");
            found
        };
        let Some((right, key)) = with_tags(&operation) else {
            // The action takes nothing that the rules check.
            let any = Maker::new(8, Fill::All, Wire::Form).root(operation.input());
            assert_eq!(found(&any), [], "{operation:?}");
            continue;
        };
        assert_eq!(found(&right), [], "{operation:?}");
        let edited = |edit: &dyn Fn(&mut Structure<'static>)| {
            let mut request = right.clone();
            if let Value::Structure(request) = &mut request {
                edit(request);
            }
            request
        };
        let specifications = |edit: &dyn Fn(&mut Vec<Value<'static>>)| {
            edited(&|request| {
                let mut list = right
                    .get("TagSpecifications")
                    .unwrap()
                    .as_list()
                    .unwrap()
                    .to_vec();
                edit(&mut list);
                request.insert("TagSpecifications", list);
            })
        };
        if !key.is_empty() {
            tagging += 1;
            for (rule, place, edit) in BROKEN_TAGS {
                let broken = specifications(&|list| {
                    let mut tags = list[1].get("Tags").unwrap().as_list().unwrap().to_vec();
                    edit(&mut tags);
                    if let Value::Structure(specification) = &mut list[1] {
                        specification.insert("Tags", tags);
                    }
                });
                let wanted = (rule, format!("{key}.2.{place}"));
                assert_eq!(found(&broken), [wanted], "{operation:?}");
            }
            let twice = specifications(&|list| list[1] = list[0].clone());
            let wanted = ("resource-type-unique", format!("{key}.2.ResourceType"));
            assert_eq!(found(&twice), [wanted], "{operation:?}");
            let without = specifications(&|list| {
                if let Value::Structure(specification) = &mut list[1] {
                    specification.remove("ResourceType");
                }
            });
            let wanted = ("resource-type-required", format!("{key}.2.ResourceType"));
            assert_eq!(found(&without), [wanted], "{operation:?}");
        }
        let member = operation
            .input()
            .and_then(|input| input.member("ClientToken"));
        if let Some(member) = member {
            with_token += 1;
            let not_ascii = edited(&|request| {
                request.insert("ClientToken", "é");
            });
            let wanted = ("client-token-ascii", "ClientToken".to_owned());
            assert_eq!(found(&not_ascii), [wanted], "{operation:?}");
            // The model says 128 of two tokens.
            let is_other = member.shape().max().is_some();
            let long = found(&edited(&|request| {
                request.insert("ClientToken", "t".repeat(65));
            }));
            let wanted = [("client-token-length", "ClientToken".to_owned())];
            assert_eq!(
                long,
                if is_other { &[][..] } else { &wanted },
                "{operation:?}"
            );
        }
    }
    assert_eq!((tagging, with_token), (115, 116));
}

/// Finds requests that lack a required member, have an unknown one, or have one of another kind.
#[test]
fn invalid_requests_are_found_in_any_action() {
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
        assert_eq!(error.to_string(), "unknown member `NoSuchMember`");
    }
}

/// What the typed requests assume about tags, tokens and dry runs holds for nearly all actions.
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

/// A time with a year of four digits and its offset, and how many seconds it is after the start of
/// the year 0, counted by hand.
fn any_time() -> impl Strategy<Value = (String, i64)> {
    let years = prop_oneof![0..10_000_i64, Just(0), Just(9_999)];
    let days = prop_oneof![0..365_i64, Just(0), Just(364)];
    let offsets = prop_oneof![Just(0_i64), -1_439..1_440_i64];
    (years, days, 0..86_400_i64, offsets).prop_map(|(year, day, second, offset)| {
        let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let before: i64 = (0..year).map(|year| 365 + i64::from(is_leap(year))).sum();
        let february = 28 + i64::from(is_leap(year));
        let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let (mut month, mut rest) = (1, day);
        for length in lengths {
            if rest < length {
                break;
            }
            rest -= length;
            month += 1;
        }
        let (hour, minute) = (second / 3_600, second / 60 % 60);
        let zone = if offset == 0 {
            "Z".to_owned()
        } else {
            let sign = if offset < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60)
        };
        let text = format!(
            "{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{:02}{zone}",
            rest + 1,
            second % 60
        );
        (text, (before + day) * 86_400 + second - offset * 60)
    })
}

proptest! {
    #[test]
    fn every_time_with_a_year_of_four_digits_round_trips(
        (text, second) in any_time(),
        (other, other_second) in any_time(),
    ) {
        let action = Model::ec2().operation("CreateCapacityReservation").unwrap();
        let escaped = text.replace('+', "%2B");
        let body = format!("Action=CreateCapacityReservation&EndDate={escaped}");
        let input = action.decode_request(&body).unwrap();
        let Some(&Value::Timestamp(time)) = input.get("EndDate") else {
            panic!("{input:?}");
        };
        // In the form, in XML and in JSON.
        let form = action.encode_request(&input).unwrap();
        prop_assert_eq!(&action.decode_request(&form).unwrap(), &input);
        let output = Value::from(Structure::from([(
            "CapacityReservation",
            Value::from(Structure::from([("EndDate", Value::Timestamp(time))])),
        )]));
        let xml = action.encode_response("1", &output).unwrap();
        let reply = action.decode_reply(200, xml.as_bytes()).unwrap();
        prop_assert_eq!(&reply.into_result().unwrap().output, &output);
        let json = serde_json::to_string(&input).unwrap();
        let mut read: Value<'_> = serde_json::from_str(&json).unwrap();
        action.input().unwrap().conform(&mut read);
        prop_assert_eq!(&read, &input);
        // Times have their order, and those in UTC their text.
        let other: Timestamp = other.parse().unwrap();
        prop_assert_eq!(time.cmp(&other), second.cmp(&other_second));
        if text.ends_with('Z') {
            prop_assert_eq!(time.to_string(), text);
        }
    }
}

#[test]
fn the_last_times_are_read_in_each_spelling() {
    for (text, written) in [
        ("9999-12-30T22:00:00Z", "9999-12-30T22:00:00Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ("99991231T235959Z", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59+01:00", "9999-12-31T22:59:59Z"),
        ("9999-12-31T23:59:59-01:00", "9999-12-31T23:59:59-01:00"),
        ("9999-12-31T23:59:59-23:30", "9999-12-31T23:29:59-24:00"),
        ("0000-01-01T00:00:00+01:00", "0000-01-01T00:00:00+01:00"),
        ("-000044-03-15T12:00:00Z", "-000044-03-15T12:00:00Z"),
    ] {
        let time: Timestamp = text.parse().unwrap();
        assert_eq!(time.to_string(), written, "{text}");
    }
    // JSON also has dates, times without an offset, and seconds.
    let end = Model::ec2()
        .shape("CreateCapacityReservationRequest")
        .unwrap();
    for (json, written) in [
        (r#""9999-12-31""#, "9999-12-31T00:00:00Z"),
        (r#""9999-12-31T23:59:59""#, "9999-12-31T23:59:59Z"),
        ("253402300799", "9999-12-31T23:59:59Z"),
    ] {
        let json = format!(r#"{{"EndDate":{json}}}"#);
        let mut value = serde_json::from_str(&json).unwrap();
        end.conform(&mut value);
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(text, format!(r#"{{"EndDate":"{written}"}}"#));
    }
    for text in [
        "9999-12-31",
        "9999-12-31T23:59:59",
        "10000-01-01T00:00:00Z",
        "-009999-01-01T00:00:00+12:00",
        "-009999-01-01T00:00:00Z[UTC]",
        "2016-11-15T08:00:00Z[UTC]",
        "9999-13-31T00:00:00Z",
        "never",
        "",
    ] {
        assert!(text.parse::<Timestamp>().is_err(), "{text}");
    }
}

/// EC2 reads `ImageId=` as a list of one, and some of AWS's examples write it so.
#[test]
fn a_list_of_one_without_an_index_is_read_leniently_in_any_action() {
    let mut read = 0;
    for operation in Model::ec2().operations() {
        let Some(input) = operation.input() else {
            continue;
        };
        for member in input.members() {
            let Kind::List { entry, .. } = member.shape().kind() else {
                continue;
            };
            let key = member.form_key();
            let is_text = matches!(entry.kind(), Kind::String);
            let [body, body_indexed, body_empty] =
                ["=a", ".1=a", "="].map(|rest| format!("{key}{rest}"));
            let lenient = form::Options::new().lenient();
            let strict = operation.decode_request(&body).unwrap_err();
            let found = lenient.from_str_seed(operation.request_seed(), &body);
            if is_text {
                let indexed = operation.decode_request(&body_indexed).unwrap();
                assert_eq!(found.unwrap(), indexed, "{body}");
                assert_eq!(*strict.kind(), ErrorKind::ExpectedIndex, "{body}");
                let empty = lenient.from_str_seed(operation.request_seed(), &body_empty);
                assert_eq!(*empty.unwrap_err().kind(), ErrorKind::ExpectedMembers);
                read += 1;
            } else {
                assert_eq!(found.unwrap_err().kind(), strict.kind(), "{body}");
            }
        }
    }
    assert!(read > 200, "{read}");
}
