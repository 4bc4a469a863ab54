//! The JSON Schemas of members and bodies, which have handwritten deserializers.

use super::body::{Body, Piece};
use super::template::{MOST_TIMES, Template};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use std::borrow::Cow;

impl JsonSchema for Template {
    fn schema_name() -> Cow<'static, str> {
        "Member".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let member = generator.subschema_for::<Self>();
        json_schema!({
            "description": "A member of a request: a text with variables, a number or a boolean, \
                a list, a structure, or an expansion. `{ repeat = \"x\", times = 3 }` is a text; \
                `{ generate = 3, each = MEMBER }` is a list, in which `at = { 3 = MEMBER }` gives \
                another entry at a position.",
            "anyOf": [
                { "type": ["string", "integer", "boolean"] },
                { "type": "array", "items": member },
                repeat(),
                {
                    "type": "object",
                    "properties": {
                        "generate": times("The number of entries."),
                        "each": member,
                        "at": { "type": "object", "additionalProperties": member },
                    },
                    "required": ["generate", "each"],
                    "additionalProperties": false,
                },
                { "type": "object", "additionalProperties": member },
            ],
        })
    }
}

impl JsonSchema for Body {
    fn schema_name() -> Cow<'static, str> {
        "Body".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let piece = generator.subschema_for::<Piece>();
        json_schema!({
            "description": "A body, byte for byte: a text with variables, or a list of pieces.",
            "anyOf": [{ "type": "string" }, { "type": "array", "items": piece }],
        })
    }
}

impl JsonSchema for Piece {
    fn schema_name() -> Cow<'static, str> {
        "Piece".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A piece of a body.",
            "oneOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "properties": {
                        "hex": {
                            "description": "Bytes.",
                            "type": "string",
                            "pattern": "^([0-9A-Fa-f]{2})*$",
                        },
                    },
                    "required": ["hex"],
                    "additionalProperties": false,
                },
                repeat(),
                {
                    "type": "object",
                    "properties": {
                        "generate": times("The number of positions, which `${n}` stands for."),
                        "each": { "type": "string" },
                    },
                    "required": ["generate", "each"],
                    "additionalProperties": false,
                },
            ],
        })
    }
}

fn repeat() -> Value {
    json!({
        "type": "object",
        "properties": {
            "repeat": { "description": "The text.", "type": "string" },
            "times": times("How often the text is repeated."),
        },
        "required": ["repeat", "times"],
        "additionalProperties": false,
    })
}

fn times(description: &str) -> Value {
    json!({
        "description": description,
        "type": "integer",
        "minimum": 0,
        "maximum": MOST_TIMES,
    })
}
