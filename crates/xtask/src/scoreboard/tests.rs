#![expect(clippy::unwrap_used, reason = "a test may fail")]

use super::install::{locked, manifest, tail};
use super::result::{Judged, Outcome, Package};
use super::table::Install;
use super::*;
use crate::root;
use ec2wire_conformance::Catalogue;
use ec2wire_conformance::laws::{self, Fixtures};
use ec2wire_conformance::record::{RunRecord, Stopped};

const SERVERS: &str = r#"
    actions = ["CreateVpc"]

    [[server]]
    name = "right"
    home = "https://example.com/right"
    package = "right"
    version = "1.2.3"
    note = "As it is."
    args = ["--port", "{port}"]
    install = { kind = "python", program = "right" }

    [[server]]
    name = "wrong"
    home = "https://example.com/wrong"
    package = "wrong-ec2"
    version = "0.4.0"
    note = "Its EC2 service alone."
    [server.install]
    kind = "crate"
    wrapper = "wrong.rs"
    dependencies = { wrong-core = "0.4", tokio = { version = "1", features = ["net"] } }

    [[server]]
    name = "lacking"
    home = "https://example.com/lacking"
    package = "lacking"
    version = "5"
    note = "It has little."
    install = { kind = "python", program = "lacking" }

    [[server]]
    name = "gone"
    home = "https://example.com/gone"
    package = "gone"
    version = "7"
    note = "It was."
    install = { kind = "python", extras = ["a", "b"], program = "gone" }

    [[server]]
    name = "never-judged"
    home = "https://example.com/never"
    package = "never"
    version = "0"
    note = "-"
    install = { kind = "python", program = "never" }
"#;

/// Small records: of an endpoint that ignores dry runs, of a correct one, and of an emulator without
/// the action.
fn record(name: &str) -> RunRecord {
    let text: &[u8] = match name {
        "right" => include_bytes!("testdata/right.ndjson"),
        "wrong" => include_bytes!("testdata/wrong.ndjson"),
        _ => include_bytes!("testdata/lacking.ndjson"),
    };
    RunRecord::read_ndjson(text).unwrap()
}

fn result(name: &str, version: &str) -> ServerResult {
    let packages = vec![Package::new(name, version)];
    ServerResult {
        server: name.to_owned(),
        date: "2026-11-24".to_owned(),
        outcome: Outcome::Judged(Box::new(
            Judged::new(packages.clone(), &record(name)).unwrap(),
        )),
        // One server was also judged by other actions, with the same result.
        actions: (name == "lacking").then(|| Judged::new(packages, &record("wrong")).unwrap()),
    }
}

fn results() -> Vec<ServerResult> {
    let gone = ServerResult {
        server: "gone".to_owned(),
        date: "2026-11-25".to_owned(),
        outcome: Outcome::Absent("does not install: no such version | 404".to_owned()),
        actions: None,
    };
    vec![
        result("right", "1.2.3"),
        result("wrong", "0.4.0"),
        result("lacking", "5"),
        gone,
    ]
}

fn checked(server: &str, version: &str, case: &str, verdict: &str) -> String {
    format!(
        "[[checked]]\nserver = \"{server}\"\nversions = [\"{version}\"]\ncases = [\"{case}\"]\n\
         verdict = \"{verdict}\"\nanswer = \"200, <a> policy\"\n"
    )
}

const DRY_RUN: &str = "create-ipam-policy/dry-run/creates-nothing";
const CONTROL: &str = "robustness/control/in-action";

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../../snapshots/scoreboard");
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn the_page_prints_what_was_checked_and_counts_the_rest() {
    let Table { servers, .. } = table::parse(SERVERS).unwrap();
    let entries = checked("wrong", "0.4.0", DRY_RUN, "confirmed")
        + &checked("lacking", "5", CONTROL, "doubtful");
    let entries = checked::parse(&entries).unwrap();
    let page = page::render(&servers, &results(), &entries);
    snapshot("page", &page);
    assert!(checked::stale(&entries, &results()).is_empty());
}

#[test]
fn a_check_of_another_version_is_not_printed() {
    let Table { servers, .. } = table::parse(SERVERS).unwrap();
    let entries = checked::parse(&checked("wrong", "0.3.9", DRY_RUN, "confirmed")).unwrap();
    let page = page::render(&servers, &results(), &entries);
    assert!(!page.contains("DryRun is ignored"), "{page}");
    assert!(page.contains("1 finding (2 cases) that is not yet checked by hand"));
    assert_eq!(
        checked::stale(&entries, &results()),
        [format!(
            "checked.toml: wrong: `{DRY_RUN}` is in no finding of the stored result"
        )]
    );
}

#[test]
fn one_doubtful_check_hides_a_finding() {
    let Table { servers, .. } = table::parse(SERVERS).unwrap();
    let entries = checked("wrong", "0.4.0", DRY_RUN, "confirmed")
        + &checked(
            "wrong",
            "0.4.0",
            "create-ipam-policy/dry-run/valid",
            "doubtful",
        );
    let entries = checked::parse(&entries).unwrap();
    let page = page::render(&servers, &results(), &entries);
    assert!(!page.contains("DryRun is ignored"), "{page}");
}

#[test]
fn a_run_that_was_cut_short_gives_no_result() {
    let mut cut = record("wrong");
    cut.summary.stopped = Some(Stopped::TimeLimit);
    let error = Judged::new(Vec::new(), &cut).unwrap_err().to_string();
    assert_eq!(error, "was not judged: the run reached its time limit");
    let mut faulty = record("wrong");
    faulty.summary.harness_faults = 1;
    let error = Judged::new(Vec::new(), &faulty).unwrap_err().to_string();
    assert!(error.contains("harness has a bug"), "{error}");
}

#[test]
fn results_are_kept_if_a_server_cannot_be_judged() {
    let data = tempfile::tempdir().unwrap();
    let Table { servers, .. } = table::parse(SERVERS).unwrap();
    let [right, wrong, ..] = servers.as_slice() else {
        unreachable!("the table has them");
    };
    let absent = ServerResult::absent(right, "does not install: no route to host");
    assert!(absent.store(data.path()).unwrap().is_some());
    assert_eq!(result::read(data.path(), &servers).unwrap(), [absent]);
    let judged = result("right", "1.2.3");
    assert!(judged.store(data.path()).unwrap().is_some());
    let absent = ServerResult::absent(right, "does not install: no route to host");
    assert_eq!(absent.store(data.path()).unwrap(), None);
    assert_eq!(result::read(data.path(), &servers).unwrap(), [judged]);

    fs::write(data.path().join("results/wrong.json"), "{").unwrap();
    let error = result::read(data.path(), std::slice::from_ref(wrong)).unwrap_err();
    assert!(
        error.to_string().starts_with("results/wrong.json: "),
        "{error}"
    );
}

#[test]
fn an_invalid_table_is_refused() {
    for (from, to, why) in [
        (
            "name = \"gone\"",
            "name = \"right\"",
            "duplicate server `right`",
        ),
        ("name = \"gone\"", "name = \"../gone\"", "invalid name"),
        (
            "kind = \"crate\"",
            "kind = \"crates\"",
            "unknown variant `crates`",
        ),
        (
            "note = \"It was.\"",
            "notes = \"It was.\"",
            "unknown field `notes`",
        ),
    ] {
        let error = table::parse(&SERVERS.replacen(from, to, 1)).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    let Table { servers, .. } = table::parse(SERVERS).unwrap();
    let error = table::select(&servers, &["right".into(), "moto".into()]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "unknown server `moto`, expected one of right, wrong, lacking, gone, never-judged"
    );
    let picked = table::select(&servers, &["gone".into(), "right".into()]).unwrap();
    let names: Vec<&str> = picked.iter().map(|server| server.name.as_str()).collect();
    assert_eq!(names, ["right", "gone"]);

    let error = checked::parse(&checked("a", "1", "b", "sure")).unwrap_err();
    assert!(
        error.to_string().contains("unknown variant `sure`"),
        "{error}"
    );
    let nothing = checked("a", "1", "b", "confirmed").replace("200, <a> policy", " ");
    let error = checked::parse(&nothing).unwrap_err();
    assert_eq!(
        error.to_string(),
        "checked.toml: a: [\"b\"] lacks what was answered"
    );
}

#[test]
fn a_wrapper_has_its_dependencies_and_reports_the_built_versions() {
    let Table { servers, .. } = table::parse(SERVERS).unwrap();
    let wrong = servers
        .iter()
        .find(|server| server.name == "wrong")
        .unwrap();
    let Install::Crate { dependencies, .. } = &wrong.install else {
        unreachable!("it is a crate");
    };
    let text = manifest(wrong, dependencies).unwrap();
    snapshot("manifest", &text);

    let lock = r#"
        version = 4
        [[package]]
        name = "tokio"
        version = "1.54.1"
        [[package]]
        name = "wrong-core"
        version = "0.4.7"
        [[package]]
        name = "wrong-ec2"
        version = "0.4.0"
    "#;
    assert_eq!(
        locked(lock, wrong, dependencies).unwrap(),
        [
            Package::new("wrong-ec2", "0.4.0"),
            Package::new("wrong-core", "0.4.7")
        ]
    );
    let error = locked(&lock.replace("wrong-ec2", "other"), wrong, dependencies).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the server's crate is missing from Cargo.lock"
    );
}

#[test]
fn the_error_of_a_server_that_ends_quotes_its_output() {
    let dir = tempfile::tempdir().unwrap();
    let Table { servers, .. } = table::parse(SERVERS).unwrap();
    let installed = |program: &str| install::Installed {
        program: program.into(),
        packages: Vec::new(),
    };
    let mut server = servers.first().unwrap().clone();
    server.args = [
        "-c",
        "echo first; echo; echo port {port} is taken >&2; exit 7",
    ]
    .map(str::to_owned)
    .into();
    let error = serving::start(dir.path(), &server, &installed("sh")).unwrap_err();
    let error = error.to_string();
    assert!(
        error.starts_with("does not start: exit status: 7: first / port "),
        "{error}"
    );
    assert!(!error.contains("{port}"), "{error}");
    let error = serving::start(dir.path(), &server, &installed("./no-such-program")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("does not start: ./no-such-program: "),
        "{error}"
    );
    assert_eq!(tail(&dir.path().join("none")), "it printed nothing");
}

#[test]
fn the_stored_tables_are_valid_and_no_check_is_stale() {
    let data = data(&root());
    let Table { servers, actions } = table::read(&data).unwrap();
    // The fixtures and globs for other actions are valid, and match some cases.
    let fixtures = fs::read_to_string(data.join("fixtures.toml")).unwrap();
    let fixtures = Fixtures::read("fixtures.toml", &fixtures).unwrap();
    let mut catalogue = Catalogue::without_cases().unwrap();
    laws::add(&mut catalogue, &actions, &fixtures).unwrap();
    assert!(catalogue.cases().len() > 60);
    for server in &servers {
        if let Install::Crate { wrapper, .. } = &server.install {
            assert!(data.join("wrappers").join(wrapper).exists(), "{wrapper}");
        }
    }
    let results = result::read(&data, &servers).unwrap();
    let entries = checked::read(&data).unwrap();
    assert_eq!(checked::stale(&entries, &results), Vec::<String>::new());
}
