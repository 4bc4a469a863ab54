//! The AWS SDK for Rust behind the adapter protocol of `ec2wire verify client`.
//!
//! ```text
//! cargo build --manifest-path adapters/aws-sdk-rust/Cargo.toml
//! ec2wire verify client -- adapters/aws-sdk-rust/target/debug/aws-sdk-rust-adapter
//! ```
//!
//! Reads a call a line and writes what came of it in a line.

use aws_credential_types::Credentials;
use aws_sdk_ec2::config::http::HttpResponse;
use aws_sdk_ec2::config::{BehaviorVersion, Region};
use aws_sdk_ec2::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::operation::RequestId;
use aws_sdk_ec2::types::{Filter, IpamPolicy, Tag, TagSpecification};
use aws_sdk_ec2::{Client, Config};
use aws_smithy_http_client::Builder;
use serde_json::{Map, Value, json};
use std::error::Error;
use std::io::{self, Write as _};
use std::iter;

type Outcome = Result<Value, Value>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    if std::env::args().nth(1).as_deref() == Some("--version") {
        println!("aws-sdk-ec2 {}", aws_sdk_ec2::meta::PKG_VERSION);
        return Ok(());
    }
    for line in io::stdin().lines() {
        let order: Value = serde_json::from_str(&line?)?;
        let mut answer = match call(&order).await {
            Ok(output) => json!({ "outcome": "ok", "output": output }),
            Err(error) => error,
        };
        answer["id"] = order["id"].clone();
        let mut out = io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn client(order: &Value) -> Client {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let keys = &order["credentials"];
    let credentials = Credentials::new(
        text(&keys["accessKeyId"]),
        text(&keys["secretAccessKey"]),
        None,
        None,
        "ec2wire",
    );
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(text(&order["endpoint"]))
        .region(Region::new(text(&order["region"])))
        .credentials_provider(credentials)
        .http_client(Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

async fn call(order: &Value) -> Outcome {
    let client = client(order);
    let input = &order["input"];
    match order["operation"].as_str() {
        Some("CreateIpamPolicy") => {
            let done = client
                .create_ipam_policy()
                .set_ipam_id(text(&input["IpamId"]))
                .set_client_token(text(&input["ClientToken"]))
                .set_dry_run(input["DryRun"].as_bool())
                .set_tag_specifications(list(&input["TagSpecifications"], specification))
                .send()
                .await
                .map_err(error)?;
            Ok(json!({ "IpamPolicy": done.ipam_policy().map(policy) }))
        }
        Some("DescribeIpamPolicies") => {
            let done = client
                .describe_ipam_policies()
                .set_dry_run(input["DryRun"].as_bool())
                .set_filters(list(&input["Filters"], filter))
                .set_ipam_policy_ids(list(&input["IpamPolicyIds"], string))
                .set_max_results(input["MaxResults"].as_i64().and_then(|n| n.try_into().ok()))
                .set_next_token(text(&input["NextToken"]))
                .send()
                .await
                .map_err(error)?;
            let policies: Option<Vec<Value>> = done
                .ipam_policies
                .as_ref()
                .map(|policies| policies.iter().map(policy).collect());
            Ok(json!({ "IpamPolicies": policies, "NextToken": done.next_token() }))
        }
        Some("DeleteIpamPolicy") => {
            let done = client
                .delete_ipam_policy()
                .set_dry_run(input["DryRun"].as_bool())
                .set_ipam_policy_id(text(&input["IpamPolicyId"]))
                .send()
                .await
                .map_err(error)?;
            Ok(json!({ "IpamPolicy": done.ipam_policy().map(policy) }))
        }
        other => Err(refused(format!("the adapter has no operation {other:?}"))),
    }
}

// ---- what the call has

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn string(value: &Value) -> String {
    text(value).unwrap_or_default()
}

fn list<T>(value: &Value, each: impl Fn(&Value) -> T) -> Option<Vec<T>> {
    Some(value.as_array()?.iter().map(each).collect())
}

fn specification(value: &Value) -> TagSpecification {
    TagSpecification::builder()
        .set_resource_type(value["ResourceType"].as_str().map(Into::into))
        .set_tags(list(&value["Tags"], |tag| {
            Tag::builder()
                .set_key(text(&tag["Key"]))
                .set_value(text(&tag["Value"]))
                .build()
        }))
        .build()
}

fn filter(value: &Value) -> Filter {
    Filter::builder()
        .set_name(text(&value["Name"]))
        .set_values(list(&value["Values"], string))
        .build()
}

// ---- what came of it

fn policy(policy: &IpamPolicy) -> Value {
    let tags = policy.tags.as_ref().map(|tags| {
        let tag = |tag: &Tag| json!({ "Key": tag.key(), "Value": tag.value() });
        tags.iter().map(tag).collect::<Vec<_>>()
    });
    json!({
        "OwnerId": policy.owner_id(),
        "IpamPolicyId": policy.ipam_policy_id(),
        "IpamPolicyArn": policy.ipam_policy_arn(),
        "IpamPolicyRegion": policy.ipam_policy_region(),
        "State": policy.state().map(|state| state.as_str()),
        "StateMessage": policy.state_message(),
        "Tags": tags,
        "IpamId": policy.ipam_id(),
    })
}

fn refused(message: String) -> Value {
    json!({ "outcome": "error", "kind": "client", "message": message })
}

fn lost(error: &impl Error) -> Value {
    let message = DisplayErrorContext(error).to_string();
    json!({ "outcome": "error", "kind": "transport", "message": message })
}

fn is_of_connection(error: &(dyn Error + 'static)) -> bool {
    let mut causes = iter::successors(Some(error), |&error| error.source());
    causes.any(|cause| cause.is::<io::Error>())
}

fn error<E>(error: SdkError<E, HttpResponse>) -> Value
where
    E: ProvideErrorMetadata + RequestId + Error + Send + Sync + 'static,
{
    match &error {
        // What cannot be read of a success is an error of the service to the SDK, too.
        SdkError::ServiceError(of_service) if !of_service.raw().status().is_success() => {
            let fault = of_service.err();
            let mut answer = Map::new();
            answer.insert("outcome".into(), json!("error"));
            answer.insert("kind".into(), json!("service"));
            answer.insert("code".into(), json!(fault.code()));
            answer.insert("message".into(), json!(fault.message()));
            answer.insert("status".into(), json!(of_service.raw().status().as_u16()));
            answer.insert("requestId".into(), json!(fault.request_id()));
            Value::Object(answer)
        }
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => lost(&error),
        // The body did not come to its end.
        SdkError::ResponseError(_) if is_of_connection(&error) => lost(&error),
        _ => refused(DisplayErrorContext(&error).to_string()),
    }
}
