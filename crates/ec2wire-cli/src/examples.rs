//! Examples in the help of each command.

use crate::args::Args;
use clap::{Command, CommandFactory as _};

/// Commands and how they are called.
pub(crate) const EXAMPLES: [(&[&str], &[&str]); 22] = [
    (
        &["verify"],
        &[
            "ec2wire verify server --endpoint http://127.0.0.1:4566",
            "ec2wire verify client -- python3 adapters/boto3_adapter.py",
        ],
    ),
    (
        &["verify", "server"],
        &[
            "ec2wire verify server --endpoint http://127.0.0.1:4566",
            "ec2wire verify server --endpoint http://127.0.0.1:5000 --action DescribeVpcs",
            "ec2wire verify server --run '*/dry-run/*' --report html=run.html",
        ],
    ),
    (
        &["verify", "client"],
        &[
            "ec2wire verify client -- python3 adapters/boto3_adapter.py",
            "ec2wire verify client --run '*/token/*' --verbose -- ./adapter",
        ],
    ),
    (
        &["serve"],
        &[
            "ec2wire serve",
            "ec2wire serve --listen 127.0.0.1:0 --sabotage dry-run-ignored",
        ],
    ),
    (&["self-test"], &["ec2wire self-test 'token-*' --verbose"]),
    (&["cases"], &["ec2wire cases list --level must"]),
    (
        &["cases", "list"],
        &[
            "ec2wire cases list --run '*/tags/*'",
            "ec2wire cases list --action CreateVpc",
        ],
    ),
    (
        &["cases", "show"],
        &[
            "ec2wire cases show create-ipam-policy/dry-run/valid",
            "ec2wire cases show any/CreateVpc/plain --action CreateVpc",
        ],
    ),
    (
        &["cases", "new"],
        &["ec2wire cases new CreateVpc > my-cases/vpc.toml"],
    ),
    (&["cases", "check"], &["ec2wire cases check my-cases"]),
    (&["cases", "export"], &["ec2wire cases export my-cases"]),
    (
        &["report"],
        &[
            "ec2wire report run.ndjson --verbose",
            "ec2wire report run.ndjson --html run.html",
        ],
    ),
    (&["diff"], &["ec2wire diff before.ndjson after.ndjson"]),
    (
        &["replay"],
        &[
            "ec2wire replay run.ndjson create-ipam-policy/dry-run/valid --endpoint http://127.0.0.1:4566",
        ],
    ),
    (
        &["proxy"],
        &["ec2wire proxy --upstream http://127.0.0.1:4566 --report ndjson=proxy.ndjson"],
    ),
    (
        &["lint"],
        &[
            "ec2wire lint exchange.http capture.har",
            "ec2wire lint --unsigned -",
        ],
    ),
    (
        &["encode"],
        &["echo '{\"CidrBlock\": \"10.0.0.0/16\"}' | ec2wire encode CreateVpc"],
    ),
    (
        &["decode"],
        &[
            "echo 'Action=DescribeVpcs&Version=2016-11-15&VpcId.1=vpc-1' | ec2wire decode DescribeVpcs",
            "ec2wire decode response DescribeVpcs < answer.xml",
        ],
    ),
    (&["actions"], &["ec2wire actions 'Describe*Ipam*'"]),
    (
        &["describe"],
        &[
            "ec2wire describe CreateVpc",
            "ec2wire describe RunInstances --json",
            "ec2wire describe vpc",
            "ec2wire describe --resources",
        ],
    ),
    (
        &["protocol-tests"],
        &["ec2wire protocol-tests input/ec2.json output/ec2.json"],
    ),
    (
        &["drift"],
        &["ec2wire drift service-2.json.gz --action '*Ipam*'"],
    ),
];

/// The command line, with the examples in the help of each command.
pub(crate) fn command() -> Command {
    let mut command = Args::command();
    for (path, examples) in EXAMPLES {
        command = with_examples(command, path, examples);
    }
    command
}

fn with_examples(command: Command, path: &[&str], examples: &[&str]) -> Command {
    if let [name, rest @ ..] = path {
        return command.mut_subcommand(name, |inner| with_examples(inner, rest, examples));
    }
    let shown = format!("Examples:\n  {}", examples.join("\n  "));
    let help = match command.get_after_help() {
        Some(help) => format!("{shown}\n\n{help}"),
        None => shown,
    };
    command.after_help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// The names of the commands that have help, with those that they are in.
    fn paths(command: &Command, above: &[String], found: &mut Vec<Vec<String>>) {
        for inner in command
            .get_subcommands()
            .filter(|inner| !inner.is_hide_set())
        {
            let path = [above, &[inner.get_name().to_owned()]].concat();
            paths(inner, &path, found);
            found.push(path);
        }
    }

    #[test]
    fn every_command_has_examples_that_its_arguments_allow() {
        let mut found = Vec::new();
        paths(&Args::command(), &[], &mut found);
        for path in &found {
            let is_own = |(known, _): &&(&[&str], &[&str])| known == path;
            // These print what does not depend on anything.
            let plain = path
                .iter()
                .any(|name| name == "completions" || name == "man");
            assert!(plain || EXAMPLES.iter().any(|row| is_own(&row)), "{path:?}");
        }
        for (path, examples) in EXAMPLES {
            assert!(found.iter().any(|known| known == path), "{path:?}");
            for example in examples {
                // Without what a shell does.
                let call = example.rsplit("| ").next().unwrap_or_default();
                let call = call
                    .split(['<', '>'])
                    .next()
                    .unwrap_or_default()
                    .trim_end()
                    .replace('\'', "");
                let parsed = command().try_get_matches_from(call.split(' '));
                assert!(parsed.is_ok(), "{example}: {parsed:?}");
                assert!(
                    call.starts_with(&format!("ec2wire {}", path.join(" "))),
                    "{example}"
                );
            }
        }
    }
    /// A path in a folder of the repository is one of its files, which the reader has too.
    #[test]
    fn files_of_the_repository_that_examples_name_exist() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let words = EXAMPLES.iter().flat_map(|(_, examples)| *examples);
        let words = words.flat_map(|example| example.split(' '));
        let is_ours = |word: &&str| {
            let folder = word.split_once('/').map(|(folder, _)| folder);
            folder.is_some_and(|name| {
                !name.is_empty() && !name.contains([':', '.']) && root.join(name).is_dir()
            })
        };
        let named: BTreeSet<&str> = words.filter(is_ours).collect();
        assert!(!named.is_empty());
        for name in named {
            assert!(root.join(name).is_file(), "{name}");
        }
    }
}
