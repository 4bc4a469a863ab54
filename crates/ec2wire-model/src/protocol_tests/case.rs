//! One case: its file format, and how it is run.

use super::compare::{check_pairs, check_value};
use crate::service::OperationFile;
use crate::{Operation, Shape, Structure, Value};
use ec2wire::Reply;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The token that the tests expect if the caller sets none.
const TOKEN: &str = "00000000-0000-4000-8000-000000000000";

#[derive(Deserialize)]
pub(super) struct Case<'f> {
    pub(super) id: Option<String>,
    pub(super) given: OperationFile,
    #[serde(borrow)]
    params: Option<&'f RawValue>,
    serialized: Option<Serialized>,
    #[serde(borrow)]
    result: Option<&'f RawValue>,
    response: Option<Response>,
    #[serde(borrow)]
    error: Option<&'f RawValue>,
    #[serde(rename = "errorCode")]
    error_code: Option<String>,
    #[serde(rename = "errorMessage")]
    error_message: Option<String>,
}

#[derive(Deserialize)]
struct Serialized {
    #[serde(default)]
    body: String,
    host: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Response {
    status_code: u16,
    #[serde(default)]
    body: String,
}

impl Case<'_> {
    pub(super) fn run(&self, operation: Operation) -> Result<(), String> {
        match (&self.serialized, &self.response) {
            (Some(serialized), _) => self.run_input(operation, serialized),
            (None, Some(response)) if self.error_code.is_some() => {
                self.run_error(operation, response)
            }
            (None, Some(response)) => self.run_output(operation, response),
            (None, None) => Err("the case has neither a request nor a response".to_owned()),
        }
    }

    fn run_input(&self, operation: Operation, serialized: &Serialized) -> Result<(), String> {
        if serialized.headers.contains_key("Content-Encoding") {
            return Err("the body is not compressed".to_owned());
        }
        let params = value(self.params, operation.input())?;
        let mut input = params.clone();
        operation.fill_tokens(&mut input, || TOKEN.to_owned());
        let body = context("encoding", operation.encode_request(&input))?;
        check_pairs(&body, &serialized.body)?;
        let read = context("decoding", operation.decode_request(&serialized.body))?;
        let mut sent = input.clone();
        without_empty_lists(&mut sent);
        check_value("request", &read, &sent)?;
        match serialized.host {
            Some(_) => Err("the host prefix is not applied".to_owned()),
            None => Ok(()),
        }
    }

    fn run_output(&self, operation: Operation, response: &Response) -> Result<(), String> {
        let result = value(self.result, operation.output())?;
        let read = |body: &str| {
            let reply = operation.decode_reply(response.status_code, body.as_bytes());
            match context("decoding", reply)? {
                Reply::Success(success) => Ok((success.output.into_owned(), success.request_id)),
                Reply::Fault(fault) => Err(format!("expected a success, got the error {fault}")),
            }
        };
        let (output, id) = read(&response.body)?;
        check_value("response", &output, &result)?;
        let id = id.unwrap_or_default();
        let body = context("encoding", operation.encode_response(&id, &result))?;
        let (again, again_id) = read(&body)?;
        check_value("re-encoded response", &again, &result)?;
        if again_id.as_deref() == Some(&id) {
            Ok(())
        } else {
            Err(format!("expected the request id {id}, got {again_id:?}"))
        }
    }

    fn run_error(&self, operation: Operation, response: &Response) -> Result<(), String> {
        let reply = operation.decode_reply(response.status_code, response.body.as_bytes());
        let Reply::Fault(fault) = context("decoding", reply)? else {
            return Err("expected an error, got a success".to_owned());
        };
        let expected = (self.error_code.as_deref(), self.error_message.as_deref());
        let found = (fault.code(), fault.message());
        if found.0 != expected.0 || expected.1.is_some() && found.1 != expected.1 {
            return Err(format!("expected the error {expected:?}, got {found:?}"));
        }
        // An EC2 error has nothing else.
        match value(self.error, None)? {
            Value::Structure(error) => error
                .iter()
                .find(|(name, _)| !matches!(*name, "Code" | "Message"))
                .map_or(Ok(()), |(name, _)| {
                    Err(format!("the error member {name} is not decoded"))
                }),
            _ => Ok(()),
        }
    }
}

/// Reads a value of a case. A blob is written as its bytes there, not as base64.
fn value<'f>(json: Option<&'f RawValue>, shape: Option<Shape>) -> Result<Value<'f>, String> {
    let Some(json) = json else {
        return Ok(Structure::new().into());
    };
    let mut value: Value<'f> = serde_json::from_str(json.get())
        .map_err(|error| format!("invalid value in the case: {error}"))?;
    if let Some(shape) = shape {
        shape.conform_with(&mut value, |text| Some(text.as_bytes().to_vec()));
    }
    Ok(value)
}

/// Removes empty lists. A form cannot carry them, so a server does not see them.
fn without_empty_lists(value: &mut Value<'_>) {
    match value {
        Value::List(entries) if entries.is_empty() => *value = Value::Null,
        Value::List(entries) => entries.iter_mut().for_each(without_empty_lists),
        Value::Structure(structure) => {
            for (_, value) in structure.values_mut() {
                without_empty_lists(value);
            }
        }
        _ => {}
    }
}

fn context<T>(doing: &str, result: ec2wire::Result<T>) -> Result<T, String> {
    result.map_err(|error| format!("{doing}: {error}"))
}
