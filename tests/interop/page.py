#!/usr/bin/env python3
"""Runs the examples of docs/test-suites.md as a reader would, each in a folder of its own.

    page.py FOLDER SDK

FOLDER is where the files are written; SDK is where @aws-sdk/client-ec2 was installed. `ec2wire`,
`aws` and `pytest` must be on the path. The example in Rust is a test of the package of examples.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    folder, sdk = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    page = (ROOT / "docs/test-suites.md").read_text(encoding="utf-8")
    files = re.findall(r"^`([^`\n]+)`:\n\n```\w+\n(.*?)^```$", page, re.M | re.S)
    for name, text in files:
        (folder / name).write_text(text, encoding="utf-8")
    # Node looks for packages beside the script.
    (folder / "node_modules").symlink_to(sdk / "node_modules")
    commands = [["pytest", "-q", "-p", "no:cacheprovider"]]
    commands += [["node", "--test", name] for name, _ in files if name.endswith(".mjs")]
    commands += [["sh", name] for name, _ in files if name.endswith(".sh")]
    if len(files) < 5 or len(commands) < 3:
        sys.exit(f"only {[name for name, _ in files]} were found")
    for command in commands:
        subprocess.run(command, cwd=folder, check=True)
    subprocess.run(
        ["cargo", "test", "--quiet", "-p", "ec2wire-examples", "--test", "test_suites", "--",
         "--include-ignored"],
        cwd=ROOT,
        check=True,
    )
    print(f"{len(commands) + 1} examples passed")


if __name__ == "__main__":
    sys.exit(main())
