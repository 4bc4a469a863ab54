#![expect(clippy::unwrap_used, reason = "a test may fail")]

use super::*;
use clients::Options as ClientsOptions;
use scoreboard::Options as ScoreboardOptions;
use serde_json::Value;

#[test]
fn the_stored_files_are_fresh() {
    for (command, name) in [
        (Command::Schema, "schema"),
        (Command::Catalogue, "catalogue"),
        (
            Command::Scoreboard(ScoreboardOptions::default()),
            "scoreboard --page",
        ),
        (
            Command::Clients(ClientsOptions::default()),
            "clients --page",
        ),
    ] {
        for (path, text) in files(&command).unwrap() {
            let stored = fs::read(root().join(&path)).unwrap_or_default();
            assert!(
                stored == text,
                "{path} is out of date: run `cargo xtask {name}`"
            );
        }
    }
}

#[test]
fn modules_import_only_from_the_floors_below() {
    assert_eq!(floors::problems().unwrap(), [""; 0]);
}

#[test]
fn outdated_files_are_written_or_reported() {
    let folder = std::env::temp_dir().join(format!("xtask-{}", std::process::id()));
    let files = [("a/b.txt".to_owned(), b"new".to_vec())];
    let update = |check| format!("{:?}", update(&folder, &files, check).unwrap());
    let code = |code: u8| format!("{:?}", ExitCode::from(code));
    assert_eq!(update(true), code(1));
    assert!(!folder.exists());
    assert_eq!(update(false), code(0));
    assert_eq!(fs::read_to_string(folder.join("a/b.txt")).unwrap(), "new");
    assert_eq!(update(true), code(0));
    fs::write(folder.join("a/b.txt"), "old").unwrap();
    assert_eq!(update(true), code(1));
    fs::remove_dir_all(&folder).unwrap();
}

fn validator(name: &str) -> jsonschema::Validator {
    let schemas = schema::all().unwrap();
    let (_, text) = schemas
        .into_iter()
        .find(|(known, _)| *known == name)
        .unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::validator_for(&schema).unwrap()
}

fn value(text: &str) -> Value {
    serde_json::to_value(toml::from_str::<toml::Value>(text).unwrap()).unwrap()
}

fn assert_valid(schema: &jsonschema::Validator, path: &Path) {
    let document = value(&fs::read_to_string(path).unwrap());
    let errors: Vec<String> = schema
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
}

#[test]
fn the_embedded_files_match_their_schemas() {
    let contract = root().join("crates/ec2wire-inspect/contract");
    for name in ["requirements", "outcomes", "checks", "premises", "answers"] {
        assert_valid(&validator(name), &contract.join(format!("{name}.toml")));
    }
    assert_valid(&validator("laws"), &contract.join("laws.toml"));
    assert_valid(&validator("fixtures"), &contract.join("samples.toml"));
    for (name, folder) in [
        ("cases", "cases"),
        ("cases", "cases/stories"),
        ("client-cases", "client-cases"),
    ] {
        let cases = validator(name);
        let mut files: Vec<_> = fs::read_dir(contract.join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.retain(|path| path.is_file());
        assert!(!files.is_empty());
        for path in files {
            assert_valid(&cases, &path);
        }
    }
}

#[test]
fn an_invalid_case_file_does_not_match() {
    let right = r#"
        prefix = "mine"
        phase = "examples"
        [[case]]
        id = "a"
        title = "t"
        requirement = "any-character"
        given = ["a-tag"]
        [[case.step]]
        action = "CreateIpamPolicy"
        members = { IpamId = "${ipam}", Tags = { generate = 2, each = { Key = "${n}" } } }
        body = ["a", { hex = "ff" }, { repeat = "x", times = 2 }]
        expect = "success"
        also = ["success-envelope"]
        [[case.step.checks]]
        at = "ipamPolicy.state"
        matches = "^create"
    "#;
    let cases = validator("cases");
    assert!(cases.is_valid(&value(right)));
    // It may be a requirement of one's own.
    let own = right.replacen("any-character", "my-own", 1);
    assert!(cases.is_valid(&value(&own)));
    for (from, to) in [
        ("title =", "titel ="),
        ("title = \"t\"", ""),
        ("\"examples\"", "\"example\""),
        ("\"success\"", "\"sucess\""),
        ("\"success-envelope\"", "\"envelope\""),
        ("\"a-tag\"", "\"tag\""),
        ("matches =", "match ="),
        ("matches = \"^create\"", ""),
        ("matches =", "equals = \"x\"\nmatches ="),
        ("matches = \"^create\"", "matches = 5"),
        ("hex = \"ff\"", "hex = \"f\""),
        ("\"${ipam}\"", "1.5"),
    ] {
        assert!(right.contains(from), "{from}");
        assert!(
            !cases.is_valid(&value(&right.replacen(from, to, 1))),
            "{from} -> {to}"
        );
    }
}

#[test]
fn an_invalid_client_case_file_does_not_match() {
    let right = r#"
        prefix = "mine"
        [[case]]
        id = "a"
        title = "t"
        requirement = "token-kept"
        for-each = { values = ["plain"] }
        [[case.call]]
        asks = "request"
        input = { IpamId = "${ipam}" }
        answers = ["throttled", "${item}"]
        may-refuse = true
    "#;
    let cases = validator("client-cases");
    assert!(cases.is_valid(&value(right)));
    for (from, to) in [
        ("\"throttled\"", "\"throtled\""),
        ("\"request\"", "\"requests\""),
        ("may-refuse", "may_refuse"),
        ("input =", "inputs ="),
    ] {
        assert!(right.contains(from), "{from}");
        let wrong = value(&right.replacen(from, to, 1));
        assert!(!cases.is_valid(&wrong), "{from} -> {to}");
    }
    let answer = "part = { a = 'b' }\nx = { title = 't', status = 400, error = { code = 'c' } }";
    let answers = validator("answers");
    assert!(answers.is_valid(&value(answer)));
    for (from, to) in [("title", "titel"), ("400", "'400'"), ("code", "cod")] {
        assert!(
            !answers.is_valid(&value(&answer.replacen(from, to, 1))),
            "{from}"
        );
    }
}

/// The embedded data is what importing the file named in `source.toml` gives. The file is not in the
/// repository; if `EC2_SERVICE_MODEL` has its path, it is imported again.
#[test]
fn importing_again_gives_the_same_bytes() {
    let model = ec2wire_model::Model::ec2();
    let packed = model.pack().unwrap();
    let stored = |name: &str| fs::read(root().join(import::FOLDER).join(name)).unwrap();
    assert!(stored("names.txt") == packed.names.as_bytes());
    assert!(stored("facts.bin") == packed.facts);
    let source: toml::Table = toml::from_slice(&stored("source.toml")).unwrap();
    let text = |key: &str| source.get(key).unwrap().as_str().unwrap().to_owned();
    assert_eq!(text("names-sha256"), import::sha256(&stored("names.txt")));
    assert_eq!(text("facts-sha256"), import::sha256(&stored("facts.bin")));
    let count = |key: &str| source.get(key).unwrap().as_integer().unwrap();
    assert_eq!(
        count("operations"),
        i64::try_from(model.operations().len()).unwrap()
    );
    assert_eq!(
        count("shapes"),
        i64::try_from(model.shapes().len()).unwrap()
    );

    if let Some(path) = std::env::var_os("EC2_SERVICE_MODEL") {
        let file = fs::read(path).unwrap();
        assert_eq!(
            import::sha256(&file),
            text("sha256"),
            "the file is not the one in source.toml"
        );
        for (path, bytes) in import::files(&file, &text("source")).unwrap() {
            assert!(fs::read(root().join(&path)).unwrap() == bytes, "{path}");
        }
    }
}

/// The folder of botocore that the embedded data comes from, if `EC2_SERVICE_MODEL` names it.
pub(crate) fn botocore() -> Option<PathBuf> {
    let model = std::env::var_os("EC2_SERVICE_MODEL");
    if model.is_none() {
        eprintln!("skipped: EC2_SERVICE_MODEL does not name botocore's service-2.json.gz");
    }
    Path::new(&model?).parent().map(Path::to_owned)
}

#[test]
fn importing_the_resources_again_gives_the_same_bytes() {
    let Some(folder) = botocore() else {
        return;
    };
    for (path, bytes) in resources::files(&root(), &folder).unwrap() {
        let stored = fs::read(root().join(&path)).unwrap();
        assert!(
            stored == bytes,
            "{path} is out of date: run `cargo xtask import-resources`"
        );
    }
}

/// Also the filters, which only the documentation names.
#[test]
fn the_table_of_resources_fits_the_file_that_it_was_made_from() {
    let Some(folder) = botocore() else {
        return;
    };
    let file = fs::read(folder.join("service-2.json.gz")).unwrap();
    let documentation = ec2wire_model::Documentation::read(&file).unwrap();
    let model = ec2wire_model::Model::read(&file).unwrap();
    let changes = ec2wire_model::drift::of_resources(model, Some(&documentation));
    assert_eq!(changes, []);
}

#[test]
fn a_model_with_unknown_facts_is_not_imported() {
    let file = br#"{"metadata": {"apiVersion": "1"}, "operations": {},
        "shapes": {"S": {"type": "structure", "members": {}, "union": true}}}"#;
    let error = import::files(file, "a test").unwrap_err().to_string();
    assert_eq!(
        error,
        "the model has 1 unknown facts, the first is S: the trait `union`"
    );
}
