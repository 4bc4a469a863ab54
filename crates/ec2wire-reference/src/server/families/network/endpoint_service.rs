//! Services that VPC endpoints lead to: AWS's, and one's own with their connections and permissions.

use super::endpoint::ENDPOINT;
use crate::server::engine::Input;
use crate::server::engine::end::unsuccessful;
use crate::server::engine::input::named;
use crate::server::engine::make::insert_named;
use crate::server::families::shared::{
    Defaults, Looks, Usual, complete, flag, page_of, passes, text,
};
use crate::server::families::{Draft, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server) static FAMILY: Family = Family {
    making: &[(
        "CreateVpcEndpointServiceConfiguration",
        Making { draft, made },
    )],
    changing: &[("ModifyVpcEndpointServiceConfiguration", modify)],
    perform: &[
        ("DescribeVpcEndpointServices", |input, state| {
            describe(input, state)
        }),
        ("ModifyVpcEndpointServicePermissions", modify_permissions),
        ("AcceptVpcEndpointConnections", |input, state| {
            settle(input, state, "available")
        }),
        ("RejectVpcEndpointConnections", |input, state| {
            settle(input, state, "rejected")
        }),
    ],
    selecting: &[("DescribeVpcEndpointServicePermissions", is_of_service)],
    // What had no success is told for each endpoint alone.
    lookups: &[
        ("AcceptVpcEndpointConnections", "VpcEndpointIds[]"),
        ("RejectVpcEndpointConnections", "VpcEndpointIds[]"),
    ],
    ..Family::NONE
};

const SERVICE: &str = "vpc-endpoint-service";
const CONNECTION: &str = "vpc-endpoint-connection";
const PERMISSION: &str = "vpc-endpoint-service-permission";

/// AWS's services with a gateway, and those with interfaces, by the last part of their names.
const GATEWAYS: &[&str] = &["dynamodb", "s3"];
const INTERFACES: &[&str] = &[
    "access-analyzer",
    "acm-pca",
    "athena",
    "autoscaling",
    "backup",
    "batch",
    "bedrock-runtime",
    "cloudformation",
    "cloudtrail",
    "codebuild",
    "codecommit",
    "codedeploy",
    "codepipeline",
    "config",
    "dynamodb",
    "ebs",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "ecs-agent",
    "ecs-telemetry",
    "eks",
    "elasticache",
    "elasticfilesystem",
    "elasticloadbalancing",
    "email-smtp",
    "events",
    "execute-api",
    "glue",
    "guardduty-data",
    "kinesis-firehose",
    "kinesis-streams",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "rds",
    "rds-data",
    "redshift",
    "s3",
    "sagemaker.api",
    "sagemaker.runtime",
    "secretsmanager",
    "servicecatalog",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "states",
    "sts",
    "transfer",
    "xray",
];

const FILTERS: Looks = &[
    ("owner", "Owner"),
    ("service-name", "ServiceName"),
    ("service-region", "ServiceRegion"),
    ("service-type", "ServiceType[].ServiceType"),
    ("supported-ip-address-types", "SupportedIpAddressTypes[]"),
    ("tag-key", "Tags[].Key"),
];

const ENTRY: Defaults = &[
    ("AcceptanceRequired", Usual::Flag(true)),
    ("ManagesVpcEndpoints", Usual::Flag(false)),
    ("RemoteAccessEnabled", Usual::Flag(false)),
];

/// Refuses a service that no endpoint of this kind leads to.
pub(super) fn check(state: &State, service: &str, kind: &str) -> Result<(), Fault> {
    let region = &state.config.region;
    let of_aws = service
        .strip_prefix("com.amazonaws.")
        .and_then(|rest| rest.strip_prefix(region.as_str()))
        .and_then(|rest| rest.strip_prefix('.'));
    let known = match kind {
        "Gateway" => GATEWAYS,
        "Interface" => INTERFACES,
        _ => &[],
    };
    let is_known = of_aws.is_some_and(|name| known.contains(&name));
    if is_known || own(state, service).is_some() {
        return Ok(());
    }
    let is_of_other_kind =
        of_aws.is_some_and(|name| GATEWAYS.contains(&name) || INTERFACES.contains(&name));
    if is_of_other_kind {
        let message =
            format!("The VPC endpoint service {service} does not support endpoints of type {kind}");
        return Err(fault::refusal("InvalidParameter", message));
    }
    let message = format!("The Vpc Endpoint Service '{service}' does not exist");
    Err(fault::refusal("InvalidServiceName", message))
}

/// The account's own service with this name.
fn own<'s>(state: &'s State, service: &str) -> Option<&'s Item> {
    let (_, id) = service.rsplit_once('.')?;
    let item = state.store.get(id)?;
    (item.resource.name == SERVICE && !item.is_gone()).then_some(item)
}

#[expect(clippy::unnecessary_wraps, reason = "the table of hooks asks for it")]
fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let has_gateways = !input.texts("GatewayLoadBalancerArns").is_empty();
    let kind = if has_gateways {
        "GatewayLoadBalancer"
    } else {
        "Interface"
    };
    let entry = &mut draft.entry;
    path::set(entry, "ServiceType[].ServiceType", kind.into());
    if path::first(entry, "SupportedIpAddressTypes[]").is_none() {
        let types = Value::List(vec!["ipv4".into()]);
        entry.insert("SupportedIpAddressTypes", types);
    }
    let zone = state.store.all("availability-zone").next();
    if let Some(zone) = zone {
        let id = zone.text("ZoneId").unwrap_or_default().to_owned();
        path::set(entry, "AvailabilityZones[]", zone.id.clone().into());
        path::set(entry, "AvailabilityZoneIds[]", id.into());
    }
    if let Some(name) = input.text("PrivateDnsName") {
        show_private_name(entry, name);
    }
    complete(entry, ENTRY);
    Ok(())
}

/// Shows a name whose owner is still to be proved.
fn show_private_name(entry: &mut Structure<'static>, name: &str) {
    entry.insert("PrivateDnsName", Value::from(name.to_owned()));
    let configuration = Structure::from([
        ("State", Value::from("pendingVerification")),
        ("Type", "TXT".into()),
        ("Name", format!("_{}", name.replace('.', "")).into()),
        ("Value", "vpce:ec2wire".into()),
    ]);
    entry.insert("PrivateDnsNameConfiguration", configuration);
}

fn made(_: &Input, state: &mut State, id: &str) {
    let region = state.config.region.clone();
    state.store.update(id, |item| {
        let name = format!("com.amazonaws.vpce.{region}.{id}");
        item.entry.insert("ServiceName", Value::from(name));
        let host = format!("{id}.{region}.vpce.amazonaws.com");
        path::set(&mut item.entry, "BaseEndpointDnsNames[]", host.into());
    });
}

#[expect(clippy::unnecessary_wraps, reason = "the table of hooks asks for it")]
fn modify(input: &Input, _: &State, item: &Item, draft: &mut Draft) -> Result<(), Fault> {
    let id_member = item.resource.id.member;
    crate::server::engine::change::apply(input, item.resource, id_member, draft);
    if let Some(name) = input.text("PrivateDnsName") {
        show_private_name(&mut draft.entry, name);
    }
    if input.flag("RemovePrivateDnsName") == Some(true) {
        draft.entry.remove("PrivateDnsName");
        draft.entry.remove("PrivateDnsNameConfiguration");
    }
    Ok(())
}

/// All services, AWS's first.
fn services(state: &State) -> Vec<Structure<'static>> {
    let region = &state.config.region;
    let zones: Vec<&Item> = state.store.all("availability-zone").collect();
    let names = zones.iter().map(|zone| zone.id.clone().into());
    let names = Value::List(names.collect());
    let ids = zones.iter().filter_map(|zone| zone.text("ZoneId"));
    let ids = Value::List(ids.map(|id| id.to_owned().into()).collect());
    let of_kind = |kind: &'static str| {
        let services = if kind == "Gateway" {
            GATEWAYS
        } else {
            INTERFACES
        };
        services.iter().map(move |service| (kind, *service))
    };
    let aws = of_kind("Gateway").chain(of_kind("Interface"));
    let aws = aws.map(|(kind, service)| {
        let host = match kind {
            "Gateway" => format!("{service}.{region}.amazonaws.com"),
            _ => format!("{service}.{region}.vpce.amazonaws.com"),
        };
        let is_interface = kind == "Interface";
        let kind = Structure::from([("ServiceType", Value::from(kind))]).into();
        let mut shown = Structure::from([
            (
                "ServiceName",
                Value::from(format!("com.amazonaws.{region}.{service}")),
            ),
            ("ServiceType", Value::List(vec![kind])),
            ("ServiceRegion", region.clone().into()),
            ("AvailabilityZones", names.clone()),
            ("AvailabilityZoneIds", ids.clone()),
            ("Owner", "amazon".into()),
            ("BaseEndpointDnsNames", Value::List(vec![host.into()])),
            ("VpcEndpointPolicySupported", true.into()),
            ("AcceptanceRequired", false.into()),
            ("ManagesVpcEndpoints", false.into()),
            ("Tags", Value::List(Vec::new())),
            ("SupportedIpAddressTypes", Value::List(vec!["ipv4".into()])),
        ]);
        if is_interface {
            let name = format!("{service}.{region}.amazonaws.com");
            let names = Structure::from([("PrivateDnsName", Value::from(name.clone()))]);
            shown.insert("PrivateDnsName", Value::from(name));
            shown.insert("PrivateDnsNames", Value::List(vec![names.into()]));
        }
        shown
    });
    let own = state.store.all(SERVICE).map(|item| {
        let mut entry = crate::server::engine::answer::entry(item);
        entry.insert("Owner", Value::from(state.config.account.clone()));
        entry.insert("ServiceRegion", Value::from(region.clone()));
        entry.insert("VpcEndpointPolicySupported", false);
        entry
    });
    aws.chain(own).collect()
}

fn describe(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let services = services(state);
    let asked = input.texts("ServiceNames");
    let is_asked = |service: &Structure<'static>| {
        let name = text(service, "ServiceName").unwrap_or_default();
        asked.is_empty() || asked.contains(&name)
    };
    for name in &asked {
        let is_known = services
            .iter()
            .any(|service| text(service, "ServiceName") == Some(name));
        if !is_known {
            let message = format!("The Vpc Endpoint Service '{name}' does not exist");
            return Err(fault::refusal("InvalidServiceName", message));
        }
    }
    let mut shown = Vec::new();
    for service in services {
        if is_asked(&service) && passes(input, FILTERS, &service)? {
            shown.push(Value::from(service));
        }
    }
    let (details, next) = page_of(input, state, shown)?;
    input.stop_dry_run()?;
    let mut names: Vec<Value<'static>> = Vec::new();
    for name in details
        .iter()
        .filter_map(|service| service.get("ServiceName"))
    {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let output = input.plan.operation.output();
    let details = output
        .and_then(|output| output.member("ServiceDetails"))
        .and_then(|member| {
            crate::server::engine::answer::convert(&Value::List(details), member.shape())
        });
    let mut answer = Structure::from([
        ("ServiceNames", Value::List(names)),
        ("ServiceDetails", details.unwrap_or_default()),
    ]);
    if let Some(next) = next {
        answer.insert("NextToken", Value::from(next));
    }
    Ok(answer)
}

/// Connects a new endpoint to the account's own service, if it leads to one.
pub(super) fn connect(state: &mut State, endpoint_id: &str) {
    let endpoint = state.store.get(endpoint_id);
    let service = endpoint.and_then(|item| item.text("ServiceName"));
    let Some(service) = service.and_then(|service| own(state, service)) else {
        return;
    };
    let shown = if flag(&service.entry, "AcceptanceRequired") {
        "pendingAcceptance"
    } else {
        "available"
    };
    let entry = Structure::from([
        ("ServiceId", Value::from(service.id.clone())),
        ("VpcEndpointId", endpoint_id.to_owned().into()),
        ("VpcEndpointOwner", state.config.account.clone().into()),
        ("VpcEndpointRegion", state.config.region.clone().into()),
        ("VpcEndpointState", shown.into()),
        ("IpAddressType", "ipv4".into()),
    ]);
    let draft = Draft {
        id: Some(format!("vpce-con-{}", state.new_digits())),
        entry,
        owner: Some(endpoint_id.to_owned()),
        ..Draft::default()
    };
    insert_named(state, CONNECTION, draft, Vec::new());
    state
        .store
        .update(endpoint_id, |item| item.entry.insert("State", shown));
}

/// Accepts or rejects connections.
fn settle(input: &Input, state: &mut State, to: &'static str) -> Result<Structure<'static>, Fault> {
    let service_id = input.required("ServiceId")?;
    named(state, SERVICE, service_id)?;
    let endpoints = input.texts("VpcEndpointIds");
    if endpoints.is_empty() {
        return Err(fault::missing_parameter("vpcEndpointId"));
    }
    input.stop_dry_run()?;
    let mut failed = Vec::new();
    for endpoint_id in endpoints {
        let connection = state.store.referrers(endpoint_id).find(|other| {
            other.resource.name == CONNECTION && other.text("ServiceId") == Some(service_id)
        });
        let known = connection.map(|item| {
            let state = item.text("VpcEndpointState").unwrap_or_default();
            (
                item.id.clone(),
                state == "pendingAcceptance" || to == "rejected",
            )
        });
        match known {
            Some((connection_id, true)) => {
                state.store.update(&connection_id, |item| {
                    item.entry.insert("VpcEndpointState", to);
                });
                state
                    .store
                    .update(endpoint_id, |item| item.entry.insert("State", to));
            }
            Some((_, false)) => {
                let message = format!("The endpoint {endpoint_id} is not pending acceptance");
                let fault = fault::refusal("InvalidState", message);
                failed.push(unsuccessful(endpoint_id, &fault));
            }
            None => {
                let fault = match named(state, ENDPOINT, endpoint_id) {
                    Err(fault) => fault,
                    Ok(_) => fault::refusal(
                        "InvalidVpcEndpointId.NotFound",
                        format!("The endpoint {endpoint_id} is not connected to {service_id}"),
                    ),
                };
                failed.push(unsuccessful(endpoint_id, &fault));
            }
        }
    }
    state.note_change();
    Ok(Structure::from([("Unsuccessful", Value::List(failed))]))
}

fn is_of_service(input: &Input, _: &State, item: &Item) -> bool {
    item.text("ServiceId") == input.text("ServiceId")
}

/// Permits principals to connect to a service, or not any more.
fn modify_permissions(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let service_id = input.required("ServiceId")?;
    named(state, SERVICE, service_id)?;
    let added = input.texts("AddAllowedPrincipals");
    let removed = input.texts("RemoveAllowedPrincipals");
    if added.is_empty() && removed.is_empty() {
        return Err(fault::missing_parameter("addAllowedPrincipals"));
    }
    let known: Vec<(String, String)> = (state.store.referrers(service_id))
        .filter(|other| other.resource.name == PERMISSION)
        .filter_map(|other| Some((other.id.clone(), other.text("Principal")?.to_owned())))
        .collect();
    input.stop_dry_run()?;
    for (id, principal) in &known {
        if removed.contains(&principal.as_str()) {
            state.store.remove(id);
        }
    }
    let mut shown = Vec::new();
    for principal in added {
        if known.iter().any(|(_, known)| known == principal) {
            continue;
        }
        let kind = match principal {
            "*" => "All",
            principal if principal.contains(":role/") => "Role",
            principal if principal.contains(":user/") => "User",
            principal if principal.ends_with(".amazonaws.com") => "Service",
            _ => "Account",
        };
        let entry = Structure::from([
            ("Principal", Value::from(principal.to_owned())),
            ("PrincipalType", kind.into()),
            ("ServiceId", service_id.to_owned().into()),
            (
                "PermissionType",
                input
                    .text("PermissionType")
                    .unwrap_or("vpc-endpoint")
                    .to_owned()
                    .into(),
            ),
        ]);
        let draft = Draft {
            id: Some(format!("vpce-svc-perm-{}", state.new_digits())),
            entry,
            owner: Some(service_id.to_owned()),
            ..Draft::default()
        };
        let id = insert_named(state, PERMISSION, draft, Vec::new());
        shown.extend(
            state
                .store
                .get(&id)
                .map(|item| Value::from(item.entry.clone())),
        );
    }
    state.note_change();
    Ok(Structure::from([
        ("AddedPrincipals", Value::List(shown)),
        ("ReturnValue", true.into()),
    ]))
}
