//! The JSON Schemas of the formats that people write, generated from the types that read them.
//!
//! `schema/` contains them as files, for editors; `cargo xtask schema` updates those. They use
//! draft 7, which TOML editors support best. They include the names of requirements, outcomes,
//! checks, lists of steps and answers, so that editors complete those too.

use crate::catalogue::answers::AnswerFile;
use crate::catalogue::{Catalogue, CatalogueError};
use crate::format::case::{CaseFile, Check, OutcomeSet, Step};
use crate::format::requirement::RequirementFile;
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The schemas by name, as JSON texts that end with a newline.
///
/// Fails only if the embedded catalogue does.
///
/// ```
/// let schemas = ec2wire_conformance::schema::all()?;
/// assert!(schemas.iter().any(|(name, _)| *name == "cases"));
/// # Ok::<(), ec2wire_conformance::CatalogueError>(())
/// ```
pub fn all() -> Result<Vec<(&'static str, String)>, CatalogueError> {
    let names = Names::new(&Catalogue::embedded()?);
    let client_names = Names::new(&Catalogue::clients()?);
    // To add a format, add a line here.
    let documents = [
        ("cases", document::<CaseFile>(&names)),
        ("client-cases", document::<CaseFile>(&client_names)),
        ("answers", document::<AnswerFile>(&client_names)),
        ("requirements", document::<RequirementFile>(&names)),
        ("outcomes", document::<BTreeMap<String, OutcomeSet>>(&names)),
        ("checks", document::<BTreeMap<String, Vec<Check>>>(&names)),
        ("premises", document::<BTreeMap<String, Vec<Step>>>(&names)),
        (
            "expectations",
            document::<crate::catalogue::expectation::File>(&names),
        ),
        ("laws", document::<crate::laws::LawFile>(&names)),
        ("fixtures", document::<crate::laws::Fixtures>(&names)),
    ];
    Ok(documents
        .into_iter()
        .map(|(name, schema)| (name, format!("{:#}\n", schema.to_value())))
        .collect())
}

fn document<T: JsonSchema>(names: &Names) -> Schema {
    SchemaSettings::draft07()
        .with_transform(close)
        .with_transform(names.clone())
        .into_generator()
        .into_root_schema_for::<T>()
}

/// Moves the properties of alternatives, which `serde(flatten)` creates, to the other properties:
/// draft 7 has no other way to forbid unknown ones.
fn close(schema: &mut Schema) {
    transform_subschemas(&mut close, schema);
    let Some(fields) = schema.as_object_mut() else {
        return;
    };
    if fields.remove("unevaluatedProperties") != Some(Value::Bool(false)) {
        return;
    }
    fields.insert("additionalProperties".into(), Value::Bool(false));
    let mut moved = Vec::new();
    let alternatives = fields.get_mut("oneOf").and_then(Value::as_array_mut);
    for alternative in alternatives
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
    {
        let description = alternative.remove("description");
        alternative.remove("additionalProperties");
        if let Some(Value::Object(properties)) = alternative.remove("properties") {
            moved.extend(properties.into_iter().map(|(name, mut property)| {
                if let (Some(property), Some(description)) =
                    (property.as_object_mut(), &description)
                {
                    property.insert("description".into(), description.clone());
                }
                (name, property)
            }));
        }
    }
    let properties = fields.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        properties.extend(moved);
    }
}

/// The names that some keys take.
#[derive(Debug, Clone)]
struct Names {
    requirements: Vec<String>,
    outcomes: Vec<String>,
    checks: Vec<String>,
    premises: Vec<String>,
    answers: Vec<String>,
}

impl Names {
    fn new(catalogue: &Catalogue) -> Self {
        Self {
            requirements: catalogue.requirements().map(|r| r.id.clone()).collect(),
            outcomes: catalogue.outcome_names().map(str::to_owned).collect(),
            checks: catalogue.check_names().map(str::to_owned).collect(),
            premises: catalogue.premise_names().map(str::to_owned).collect(),
            answers: catalogue.answers().map_or_else(Vec::new, |answers| {
                let item = std::iter::once("${item}");
                answers.names().chain(item).map(str::to_owned).collect()
            }),
        }
    }
}

impl Transform for Names {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
            return;
        };
        let keys = [
            ("requirement", "", &self.requirements),
            ("expect", "", &self.outcomes),
            ("also", "/items", &self.checks),
            ("given", "/items", &self.premises),
            ("answers", "/items", &self.answers),
        ];
        for (key, inside, names) in keys {
            // Clients and servers do not have all of them.
            if names.is_empty() {
                continue;
            }
            let property = properties.get_mut(key).and_then(|p| p.pointer_mut(inside));
            let Some(property) = property.and_then(Value::as_object_mut) else {
                continue;
            };
            // The list of requirements has the same key.
            if property.get("type") == Some(&json!("array")) {
                continue;
            }
            let optional = property.get("type") != Some(&json!("string"));
            let names = names.iter().map(|name| json!(name));
            let names = names.chain(optional.then_some(Value::Null)).collect();
            let names = Value::Array(names);
            if key == "requirement" {
                // People have requirements of their own, too.
                property.insert(
                    "anyOf".into(),
                    json!([{ "enum": names }, { "type": "string" }]),
                );
            } else {
                property.insert("enum".into(), names);
            }
        }
    }
}
