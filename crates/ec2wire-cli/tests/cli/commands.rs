//! The binary, as a user calls it. Only arguments and exit codes are tested here; the rest is tested in
//! process, by the suites of the crates that do the work.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};

fn ec2wire(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ec2wire"))
        .args(args)
        .env_remove("AWS_REGION")
        .env_remove("AWS_ACCESS_KEY_ID")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_main_job_passes_and_prints_a_table() {
    let output = ec2wire(&["verify", "server"]);
    let page = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{page}");
    assert!(
        page.lines().count() <= 10 && !page.contains("pass  "),
        "{page}"
    );
    let output = ec2wire(&["verify", "server", "--run", "*/refused/*", "--quiet"]);
    // The matrix has its head, a row and its legend.
    let quiet = text(&output.stdout);
    assert_eq!(quiet.lines().count(), 5, "{quiet}");
    assert!(quiet.contains("\nipam-policy "), "{quiet}");
    let output = ec2wire(&["verify", "server", "--run", "*/refused/*", "--verbose"]);
    let table = text(&output.stdout);
    assert!(
        table
            .lines()
            .filter(|line| line.starts_with("pass "))
            .count()
            >= 40
    );
    assert!(
        !table.contains('\u{1b}'),
        "colours belong on terminals only"
    );
}

#[test]
fn an_unreachable_server_is_reported_in_five_lines() {
    let output = ec2wire(&["verify", "server", "--endpoint", "http://127.0.0.1:1"]);
    let page = text(&output.stdout);
    assert!(page.lines().count() <= 5, "{page}");
    assert!(page.contains("the subject cannot be reached: "), "{page}");
    assert!(page.contains(" not run in "), "{page}");
}

#[test]
fn exit_codes_are_as_documented() {
    let code = |args: &[&str]| ec2wire(args).status.code();
    assert_eq!(code(&["verify", "server", "--run", "nothing/*"]), Some(4));
    assert_eq!(
        code(&["verify", "server", "--endpoint", "http://127.0.0.1:1"]),
        Some(3)
    );
    assert_eq!(code(&["cases", "list", "--run", "nothing/*"]), Some(4));
    for wrong in [
        &["verify"] as &[_],
        &["verify", "server", "--nonsense"],
        &["verify", "server", "--run", "[a"],
        &["verify", "server", "--endpoint", "ftp://x"],
        &["verify", "server", "--endpoint", "http://127.0.0.1:1/path"],
        &["verify", "server", "--report", "pdf=x"],
        &[
            "verify",
            "server",
            "--report",
            "ndjson=/nonexistent/run.ndjson",
        ],
        &["verify", "server", "--cases", "/nonexistent"],
        &["verify", "server", "--min-judged", "101"],
        &["verify", "server", "--report", "html="],
        &[
            "verify", "server", "--report", "html=-", "--report", "junit=-",
        ],
        &["report", "/nonexistent"],
        &["report", "Cargo.toml"],
        &["diff", "/nonexistent", "/nonexistent"],
        &["cases", "show", "nothing"],
        &["serve", "--account", "1"],
        &["serve", "--region", "US EAST"],
        &["serve", "--region", ""],
        &["serve", "--ipam-id", "x<y"],
        &["serve", "--sabotage", "dry-run-ignord"],
        &["serve", "--variant", "dry-run-ignored"],
        &["serve", "--sabotage", "token-ignored", "--variant", "cdata"],
        &["self-test", "no-such-fault"],
        &["self-test", "[a"],
        &["self-test", "--jobs", "0"],
    ] {
        let output = ec2wire(wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(!output.stderr.is_empty(), "{wrong:?}");
    }
}

#[test]
fn aws_is_refused_without_its_flag() {
    for url in [
        "https://ec2.us-east-1.amazonaws.com",
        "https://EC2.us-east-1.api.aws.",
    ] {
        let output = ec2wire(&["verify", "server", "--endpoint", url]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("--allow-aws"));
    }
}

#[test]
fn cases_are_listed_and_shown() {
    let list = text(&ec2wire(&["cases", "list", "--run", "*/dry-run/*", "--level", "must"]).stdout);
    assert!(list.lines().count() >= 10, "{list}");
    assert!(
        list.lines().all(|line| line.contains("/dry-run/")),
        "{list}"
    );
    let shown = text(&ec2wire(&["cases", "show", "create-ipam-policy/token/replay"]).stdout);
    assert!(
        shown.contains("# must token-replay: ") && shown.contains("ClientToken"),
        "{shown}"
    );
    // With several steps, the output says at which step a response is legal.
    for line in [
        "# legal at step 1 of 2: a success",
        "# legal at step 2 of 2: a success",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{shown}");
    }
    let one = text(&ec2wire(&["cases", "show", "create-ipam-policy/dry-run/valid"]).stdout);
    assert!(one.contains("\n# legal: "), "{one}");
}

/// A plain word does not match ids that contain it, although a newcomer may expect that.
#[test]
fn a_glob_that_matches_nothing_is_reported_with_a_suggestion() {
    let said = |args: &[&str]| {
        let output = ec2wire(args);
        (output.status.code(), text(&output.stderr))
    };
    let of_servers: &[&str] = &["cases", "list"];
    let of_clients: &[&str] = &["cases", "list", "--clients"];
    for (args, list) in [
        (&["verify", "server"] as &[_], of_servers),
        (of_servers, of_servers),
        (of_clients, of_clients),
    ] {
        let (code, message) = said(&[args, &["--run", "token"]].concat());
        // The number is the count of the suggested selection.
        let wider = text(&ec2wire(&[list, &["--run", "*token*"]].concat()).stdout);
        let number = wider.lines().count();
        assert!(number > 1, "{list:?}");
        let expected = format!(
            "ec2wire: `--run token` matches no case; `--run '*token*'` matches {number}; \
             `ec2wire {}` lists the ids\n",
            list.join(" ")
        );
        assert_eq!((code, message), (Some(4), expected), "{args:?}");
    }
    let client = said(&["verify", "client", "--run", "token", "--", "/nonexistent"]);
    assert!(
        client.1.contains("`--run '*token*'` matches ") && client.1.contains("list --clients`"),
        "{client:?}"
    );
    // Without a suggestion, the message still names the list, even if other globs match.
    let (code, message) = said(&["cases", "list", "--run", "*/dry-run/valid", "--run", "[z]y"]);
    assert_eq!(
        (code, message.as_str()),
        (
            Some(0),
            "ec2wire: `--run [z]y` matches no case; `ec2wire cases list` lists the ids\n"
        )
    );
    // Cases that only the level leaves out do match.
    let (code, message) = said(&["cases", "list", "--run", "*/token/empty", "--level", "must"]);
    assert_eq!((code, message.as_str()), (Some(4), ""));
}

#[test]
fn the_endpoint_is_served_and_judged() {
    let mut server = Command::new(env!("CARGO_BIN_EXE_ec2wire"))
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--ipam-id",
            "ipam-0aaaaaaaaaaaaaaaa",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let url = line
        .trim()
        .strip_prefix("listening on ")
        .unwrap()
        .to_owned();
    let folder = std::env::temp_dir().join(format!("ec2wire-cli-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let report = folder.join("run.ndjson");
    let output = ec2wire(&[
        "verify",
        "server",
        "--endpoint",
        &url,
        "--ipam-id",
        "ipam-0aaaaaaaaaaaaaaaa",
        "--report",
        &format!("ndjson={}", report.display()),
    ]);
    server.kill().unwrap();
    server.wait().unwrap();
    let record = std::fs::read_to_string(&report).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(record.starts_with("{\"type\":\"run\""));
    assert!(
        record
            .lines()
            .last()
            .unwrap()
            .starts_with("{\"type\":\"summary\"")
    );
}

#[test]
fn generated_requests_are_judged_and_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("run.ndjson");
    let output = ec2wire(&[
        "verify",
        "server",
        "--run",
        "generated/*",
        "--generate",
        "30",
        "--seed",
        "18446744073709551615",
        "--save-failures",
        &folder.path().join("new/failures").display().to_string(),
        "--report",
        &format!("ndjson={}", report.display()),
    ]);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{table}");
    assert!(table.contains("30 cases: 30 passed"), "{table}");
    assert!(
        table.contains("--generate 30 --seed 18446744073709551615"),
        "{table}"
    );
    let record = std::fs::read_to_string(&report).unwrap();
    let head = record.lines().next().unwrap();
    assert!(
        head.contains(r#""generated":{"count":30,"seed":18446744073709551615}"#),
        "{head}"
    );
    let output = ec2wire(&["verify", "server", "--save-failures", "x"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn an_invalid_command_line_keeps_an_existing_record() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept.ndjson");
    std::fs::write(&kept, "a record").unwrap();
    let report = format!("ndjson={}", kept.display());
    for endpoint in ["ftp://127.0.0.1", "https://ec2.us-east-1.amazonaws.com"] {
        let output = ec2wire(&[
            "verify",
            "server",
            "--endpoint",
            endpoint,
            "--report",
            &report,
        ]);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(std::fs::read(&kept).unwrap(), b"a record");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_affects_only_its_own_reports() {
    let folder = tempfile::tempdir().unwrap();
    let html = folder.path().join("run.html");
    let output = ec2wire(&[
        "verify",
        "server",
        "--run",
        "*/response/root",
        "--report",
        "ndjson=/dev/full",
        "--report",
        &format!("html={}", html.display()),
    ]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stdout).contains("1 case: 1 passed"));
    assert!(text(&output.stderr).contains("No space left"));
    assert!(std::fs::metadata(&html).unwrap().len() > 0);
}

#[test]
fn faults_and_variants_are_listed() {
    let list = |option| {
        let output = ec2wire(&["serve", option, "list"]);
        assert_eq!(output.status.code(), Some(0));
        text(&output.stdout)
    };
    let faults = list("--sabotage");
    assert!(faults.lines().count() >= 80, "{faults}");
    assert!(
        faults
            .lines()
            .all(|line| line.starts_with("must ") || line.starts_with("should "))
    );
    let variants = list("--variant");
    assert!(variants.lines().count() >= 6, "{variants}");
    assert!(faults.contains("  world        vpc-filters-ignored "));
    assert!(variants.contains("vpc-listed-later "));
    for (option, misspelt, meant) in [
        ("--sabotage", "dry-run-ignord", "dry-run-ignored"),
        ("--sabotage", "vpc-filters-ignord", "vpc-filters-ignored"),
        ("--variant", "vpc-listed-latr", "vpc-listed-later"),
    ] {
        let wrong = ec2wire(&["serve", option, misspelt]);
        let hint = format!("did you mean `{meant}`");
        assert!(text(&wrong.stderr).contains(&hint), "{misspelt}");
    }
}

#[test]
fn the_cases_are_tested_with_a_fault_and_a_variant() {
    let run = [
        "self-test",
        "dry-run-ignored",
        "cdata",
        "--run",
        "*/dry-run/*",
    ];
    let output = ec2wire(&run);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{table}");
    assert!(table.contains("1 of 1 MUST faults caught"), "{table}");
    assert!(table.contains("1 of 1 variants clear"), "{table}");

    let output = ec2wire(&[&run[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let finding = |path| json.pointer(path).and_then(serde_json::Value::as_str);
    assert_eq!(finding("/trials/0/finding"), Some("caught"));
    assert_eq!(finding("/trials/1/finding"), Some("clear"));

    let output = ec2wire(&["self-test", "arn-with-region", "--run", "*/dry-run/*"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("no case failed, but the fault breaks a MUST"));
    let output = ec2wire(&["self-test", "arn-with-region", "--run", "nothing/*"]);
    assert_eq!(output.status.code(), Some(4));
}

/// An argument after an option's value is not read as another value of the option.
#[test]
fn names_after_a_selection_are_positional() {
    let run = [
        "self-test",
        "--run",
        "*/dry-run/valid",
        "--run",
        "*/response/arn",
        "--skip",
        "nothing/*",
        "arn-with-region",
    ];
    let output = ec2wire(&run);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{table}");
    assert!(
        table.contains("2 cases against each of 1 endpoint"),
        "{table}"
    );
}

#[test]
fn a_password_in_the_endpoint_is_not_printed() {
    let output = ec2wire(&[
        "verify",
        "server",
        "--endpoint",
        "http://user:s3cret@127.0.0.1:1",
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!text(&output.stderr).contains("s3cret"));
}

#[test]
fn a_reader_that_closes_the_pipe_does_not_change_the_verdict() {
    let mut run = Command::new(env!("CARGO_BIN_EXE_ec2wire"))
        .args(["verify", "server", "--endpoint", "http://127.0.0.1:1"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(run.stdout.take());
    assert_eq!(run.wait().unwrap().code(), Some(3));
}

#[test]
fn the_output_of_cases_show_is_a_case_file() {
    let folder = std::env::temp_dir().join(format!("ec2wire-show-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let shown = text(&ec2wire(&["cases", "show", "create-ipam-policy/token/mismatch-tags"]).stdout);
    std::fs::write(
        folder.join("mine.toml"),
        shown.replace("create-ipam-policy/token", "mine"),
    )
    .unwrap();
    let cases = folder.display().to_string();
    let output = ec2wire(&["verify", "server", "--run", "mine/*", "--cases", &cases]);
    std::fs::remove_dir_all(&folder).unwrap();
    let table = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{table}{}",
        text(&output.stderr)
    );
    assert!(table.contains("1 case: 1 passed"), "{table}");
}

#[test]
fn a_record_is_rendered_later_and_compared() {
    let folder = std::env::temp_dir().join(format!("ec2wire-report-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = |name: &str| folder.join(name).display().to_string();
    let run = path("run.ndjson");
    let judged = ec2wire(&[
        "verify",
        "server",
        "--run",
        "*/response/*",
        "--report",
        &format!("ndjson={run}"),
        "--report",
        "junit=-",
    ]);
    assert_eq!(judged.status.code(), Some(0));
    // The report goes to standard output, and the table to standard error.
    assert!(text(&judged.stdout).starts_with("<?xml "));
    assert!(text(&judged.stderr).contains(" passed in "));

    let shown = ec2wire(&["report", &run]);
    assert_eq!(shown.status.code(), Some(0));
    assert_eq!(text(&shown.stdout), text(&judged.stderr));
    let (html, junit, markdown) = (path("a.html"), path("a.xml"), path("a.md"));
    let written = ec2wire(&[
        "report",
        &run,
        "--html",
        &html,
        "--junit",
        &junit,
        "--report",
        &format!("markdown={markdown}"),
    ]);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    assert!(written.stdout.is_empty());
    for (file, beginning) in [
        (&html, "<!DOCTYPE html>"),
        (&junit, "<?xml "),
        (&markdown, "### ec2wire: "),
    ] {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.starts_with(beginning), "{text}");
    }

    let record = std::fs::read_to_string(&run).unwrap();
    let worse = path("worse.ndjson");
    std::fs::write(&worse, record.replacen("\"pass\"", "\"fail\"", 1)).unwrap();
    let code = |args: &[&str]| ec2wire(args).status.code();
    assert_eq!(code(&["diff", &run, &run]), Some(0));
    assert_eq!(code(&["diff", &run, &worse]), Some(1));
    assert_eq!(code(&["diff", &worse, &run]), Some(0));
    // A report may replace its own record, which is read first.
    assert_eq!(
        code(&["report", &run, "--report", &format!("ndjson={run}")]),
        Some(0)
    );
    assert_eq!(std::fs::read_to_string(&run).unwrap(), record);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_replay_says_what_will_stay() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run.ndjson").display().to_string();
    let case = "create-ipam-policy/accepted/tags/one";
    let report = format!("ndjson={run}");
    let judged = ec2wire(&["verify", "server", "--run", case, "--report", &report]);
    assert_eq!(judged.status.code(), Some(0), "{}", text(&judged.stderr));
    for (keep, says) in [
        (None, None),
        (
            Some("--keep"),
            Some("what these requests create is kept: CreateIpamPolicy 1"),
        ),
    ] {
        let args = ["replay", &run].into_iter().chain(keep);
        let sent = ec2wire(&args.collect::<Vec<_>>());
        assert_eq!(sent.status.code(), Some(0));
        let told = text(&sent.stderr);
        let shown = told.lines().find(|line| line.contains("create is kept"));
        let says = says.map(|says| format!("ec2wire: {says}"));
        assert_eq!(shown, says.as_deref(), "{told}");
    }
}

#[test]
fn a_name_that_is_not_quite_right_gets_a_hint() {
    let said = |args: &[&str]| {
        let output = ec2wire(args);
        (
            output.status.code(),
            text(&output.stderr),
            text(&output.stdout),
        )
    };
    let (code, hint, _) = said(&["actions", "vpc"]);
    assert_eq!(code, Some(4));
    assert!(
        hint.contains("`vpc` matches no action; `*Vpc*` matches "),
        "{hint}"
    );
    let (_, hint, _) = said(&["actions", "createvpc"]);
    assert!(hint.contains("did you mean `CreateVpc`?"), "{hint}");
    let (code, hint, _) = said(&["cases", "show", "any/CreateVpc/plain"]);
    assert_eq!(code, Some(2));
    assert!(hint.contains("add `--action CreateVpc`"), "{hint}");
    for args in [
        &["describe", "createvpc"][..],
        &["cases", "list", "--action", "createvpc"],
    ] {
        let (code, hint, shown) = said(args);
        assert_eq!(code, Some(0), "{args:?}: {hint}");
        assert_eq!(hint, "ec2wire: taking `createvpc` as `CreateVpc`\n");
        assert!(shown.contains("CreateVpc"), "{shown}");
    }
}

#[test]
fn a_file_that_is_no_record_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    for (content, said) in [
        ("", "an empty file"),
        ("<!DOCTYPE html><p>", "an HTML page"),
        ("<?xml version=\"1.0\"?><testsuites/>", "XML"),
        ("POST / HTTP/1.1\r\n", "`ec2wire lint` judges that"),
        ("{\"log\": {}}", "a HAR file"),
        ("hello", "text"),
    ] {
        std::fs::write(&file, content).unwrap();
        let output = ec2wire(&["report", &file.display().to_string()]);
        assert_eq!(output.status.code(), Some(2));
        let message = text(&output.stderr);
        let expected = format!("file: not a record, but {said}");
        let either = message.contains(&expected) || message.contains(said);
        assert!(
            either && message.contains("not a record, but "),
            "{message}"
        );
    }
}

#[test]
fn a_folder_is_no_record() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().display().to_string();
    for args in [
        &["report", &name][..],
        &["diff", &name, &name],
        &["replay", &name, "--endpoint", "http://127.0.0.1:1"],
    ] {
        let output = ec2wire(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let message = text(&output.stderr);
        let expected = format!("{name}: not a record, but a folder");
        assert!(message.contains(&expected), "{args:?}: {message}");
    }
}

#[test]
fn an_action_is_described_within_the_width_and_as_json() {
    let output = Command::new(env!("CARGO_BIN_EXE_ec2wire"))
        .args(["describe", "RunInstances"])
        .env("COLUMNS", "80")
        .output()
        .unwrap();
    let page = text(&output.stdout);
    let wide = page.lines().filter(|line| line.chars().count() > 80);
    assert_eq!(wide.count(), 0, "{page}");
    let output = ec2wire(&["describe", "CreateVpc", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let at = |path| json.pointer(path).and_then(serde_json::Value::as_str);
    assert_eq!(at("/action"), Some("CreateVpc"));
    assert_eq!(at("/answerElement"), Some("CreateVpcResponse"));
    assert_eq!(at("/answer/0/wire"), Some("vpc"));
}

#[test]
fn options_about_aws_have_a_heading() {
    for command in [&["verify", "server"][..], &["replay"], &["proxy"]] {
        let help = text(&ec2wire(&[command, &["--help"]].concat()).stdout);
        let aws = help.split("\nAWS:\n").nth(1).unwrap_or_default();
        let section = aws.split("\n\n").next().unwrap();
        assert!(section.contains("--allow-aws"), "{help}");
        assert!(help.contains("\nExamples:\n  ec2wire "), "{help}");
    }
}
