//! The adapter protocol: calls from one stream, outcomes to another.

use super::call::Call;
use super::hooks::Ending;
use super::outcome::failure;
use super::perform::perform;
use super::sabotage;
use crate::quirk::Quirk;
use serde_json::Value;
use std::io;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Makes the calls that arrive as lines of JSON, and writes a line about the outcome of each.
///
/// It returns when there are no more calls. A line that is not a call gets an error of the kind
/// `client`, with the line's id if it has one.
///
/// `quirk` is what the client does wrong or differently, if anything; see
/// [`client_faults`](crate::sabotage::client_faults).
pub async fn adapt(
    calls: impl AsyncBufRead + Unpin,
    mut outcomes: impl AsyncWrite + Unpin,
    quirk: Option<&'static Quirk>,
) -> io::Result<()> {
    let hooks = sabotage::hooks(quirk);
    let mut lines = calls.lines();
    while let Some(line) = lines.next_line().await? {
        if line.trim().is_empty() {
            continue;
        }
        let outcome = match serde_json::from_str::<Call>(&line) {
            Ok(call) => {
                let (outcome, ending) = perform(&call, hooks).await;
                match ending {
                    Ending::Continues => outcome,
                    Ending::Dies => return Ok(()),
                    Ending::Hangs => std::future::pending().await,
                }
            }
            Err(error) => {
                let id = serde_json::from_str::<Value>(&line).ok();
                let id = id.and_then(|line| line.get("id").cloned());
                with_id(
                    failure("client", &error.to_string()),
                    id.unwrap_or_default(),
                )
            }
        };
        outcomes
            .write_all(format!("{outcome}\n").as_bytes())
            .await?;
        outcomes.flush().await?;
    }
    Ok(())
}

fn with_id(mut outcome: Value, id: Value) -> Value {
    if let Value::Object(members) = &mut outcome {
        members.insert("id".into(), id);
    }
    outcome
}
