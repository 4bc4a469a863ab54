#!/usr/bin/env python3
"""The AWS CLI behind the adapter protocol of `ec2wire verify client`.

    ec2wire verify client -- python3 adapters/awscli_adapter.py [AWS]

Runs `aws`, or the program that is named, once for each call, and reads its output. Version 1 and 2
both work. The CLI prints an error as one line, which has its code and message.
"""

import json
import os
import re
import subprocess
import sys

AWS = sys.argv[1] if len(sys.argv) > 1 else "aws"

FAULT = re.compile(
    r"An error occurred \((?P<code>.*?)\) when calling the \w+ operation"
    r"(?: \(reached max retries: \d+\))?: (?P<message>.*)",
    re.DOTALL,
)
# What the CLI and its HTTP library say when no whole answer came.
TRANSPORT = re.compile(
    r"Could not connect|Connection was closed|Connection reset|IncompleteRead|Connection broken"
    r"|Read timeout|Connect timeout|RemoteDisconnected",
)


def command(operation):
    """CreateIpamPolicy as create-ipam-policy."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", operation).lower()


def call(order):
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": order["credentials"]["accessKeyId"],
        "AWS_SECRET_ACCESS_KEY": order["credentials"]["secretAccessKey"],
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_RETRY_MODE": "standard",
        "AWS_PAGER": "",
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONIOENCODING": "utf-8",
        "LC_ALL": "C.UTF-8",
    }
    environment.pop("AWS_SESSION_TOKEN", None)
    done = subprocess.run(
        [
            AWS, "ec2", command(order["operation"]),
            "--cli-input-json", json.dumps(order["input"]),
            "--endpoint-url", order["endpoint"],
            "--region", order["region"],
            "--output", "json",
            # One page: what comes is what one answer holds.
            *(["--no-paginate"] if order["operation"].startswith("Describe") else []),
        ],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode == 0:
        # Without members the CLI prints nothing.
        return {"outcome": "ok", "output": json.loads(done.stdout) if done.stdout.strip() else {}}
    error = done.stderr.strip()
    fault = FAULT.search(error)
    if fault:
        message = fault["message"]
        return {
            "outcome": "error",
            "kind": "service",
            "code": fault["code"],
            "message": None if message == "None" else message,
        }
    kind = "transport" if TRANSPORT.search(error) else "client"
    return {"outcome": "error", "kind": kind, "message": error}


def main():
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps({"id": order["id"], **call(order)}), flush=True)


main()
