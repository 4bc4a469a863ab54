//! fakecloud's router with only its EC2 service. Like fakecloud's own binary, it sends every request
//! to a service to `dispatch`.

use axum::extract::Extension;
use fakecloud_core::auth::IamMode;
use fakecloud_core::dispatch::{DispatchConfig, dispatch};
use fakecloud_core::registry::ServiceRegistry;
use std::net::SocketAddr;
use std::sync::Arc;

#[tokio::main]
async fn main() {
    let port = std::env::args().nth(1).expect("a port");
    let mut registry = ServiceRegistry::new();
    registry.register(Arc::new(fakecloud_ec2::Ec2Service::new()));
    // The defaults of the binary's command line.
    let config = DispatchConfig {
        region: "us-east-1".into(),
        account_id: "123456789012".into(),
        verify_sigv4: false,
        iam_mode: IamMode::Off,
        credential_resolver: None,
        policy_evaluator: None,
        resource_policy_provider: None,
        scp_resolver: None,
    };
    let app = axum::Router::new()
        .fallback(dispatch)
        .layer(Extension(Arc::new(registry)))
        .layer(Extension(Arc::new(config)));
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}"))
        .await
        .expect("the port is free");
    axum::serve(
        listener,
        app.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .await
    .expect("the server runs");
}
