#!/usr/bin/env python3
"""Compares the JSON of `ec2wire encode` and `ec2wire decode` with what boto3 takes and returns.

    json_as_boto3.py EC2WIRE

No request leaves the process. What boto3 adds to a request and ec2wire does not is in `ADDED`.
"""

import json
import os
import subprocess
import sys
import unittest
import urllib.parse

# The caller's own AWS settings must not leak into the run.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ["AWS_CONFIG_FILE"] = os.devnull
os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

import boto3  # noqa: E402
from botocore.awsrequest import AWSResponse  # noqa: E402

# What boto3 adds by itself: it has credentials, a Region, and makes tokens.
ADDED = {"ClientToken", "PresignedUrl", "DestinationRegion"}

FILTERS = [{"Name": "a", "Values": ["b", "c"]}]

# The actions, and their members as boto3 takes them.
REQUESTS = [
    ("RunInstances", {"UserData": "#!/bin/sh\necho Größe", "MinCount": 1, "MaxCount": 1}),
    ("RunInstances", {"UserData": "", "MinCount": 1, "MaxCount": 1}),
    ("RunInstances", {"UserData": "Qm9vdA==", "MinCount": 1, "MaxCount": 1}),
    ("CreateLaunchTemplate", {"LaunchTemplateName": "abc", "LaunchTemplateData": {"UserData": "Qm9vdA=="}}),
    ("RequestSpotInstances", {"LaunchSpecification": {"UserData": "Qm9vdA=="}}),
    ("CopySnapshot", {"SourceRegion": "eu-west-1", "SourceSnapshotId": "snap-1"}),
    ("DescribeFlowLogs", {"Filters": FILTERS}),
    ("DescribeHosts", {"Filters": FILTERS}),
    ("DescribeHosts", {"Filter": FILTERS}),
    ("DescribeHostReservations", {"Filters": FILTERS}),
    ("DescribeHostReservationOfferings", {"Filters": FILTERS}),
    ("DescribeNatGateways", {"Filters": FILTERS}),
    ("DescribeVpcs", {"Filters": FILTERS}),
    ("CreateCapacityReservation", {"InstanceType": "m5.large", "InstancePlatform": "Linux/UNIX", "InstanceCount": 1, "EndDate": "9999-12-31T23:59:59Z"}),
]

OUTPUTS = ["", "Qm9vdA==", "Qm9v\ndA==\n", "/0Jvb3Q=", "Boots", "Qm9vdA==Qm9vdA==", "Qm9vdA=Q=", "Qm9vdA=\u20ac="]


class Body:
    def __init__(self, content):
        self.content = content

    def stream(self, **_):
        yield self.content


def client(answer, seen):
    made = boto3.client(
        "ec2", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )

    def send(request, **_):
        seen.append(request.body.decode() if isinstance(request.body, bytes) else request.body)
        return AWSResponse(request.url, 200, {}, Body(answer.encode()))

    made.meta.events.register("before-send.ec2.*", send)
    return made


def call(action, members, answer):
    """What boto3 sends, and what it returns for an answer."""
    seen = []
    made = client(answer, seen)
    method = next(name for name, of in made.meta.method_to_api_mapping.items() if of == action)
    return getattr(made, method)(**members), seen[0]


def ec2wire(*args, text):
    return subprocess.run(
        [EC2WIRE, *args], input=text, capture_output=True, encoding="utf-8", check=True
    ).stdout


def pairs(body):
    found = urllib.parse.parse_qsl(body, keep_blank_values=True, strict_parsing=True)
    return sorted((key, value) for key, value in found if key not in ADDED)


class AsBoto3(unittest.TestCase):
    def test_requests_are_encoded_alike(self):
        for action, members in REQUESTS:
            with self.subTest(action=action, members=members):
                answer = f"<{action}Response><requestId>1</requestId></{action}Response>"
                _, sent = call(action, members, answer)
                ours = ec2wire("encode", action, text=json.dumps(members))
                self.assertEqual(pairs(ours), pairs(sent))

    def test_requests_of_boto3_are_decoded_to_what_it_took(self):
        members = {"UserData": "#!/bin/sh\necho Größe", "MinCount": 1, "MaxCount": 1}
        answer = "<RunInstancesResponse><requestId>1</requestId></RunInstancesResponse>"
        _, sent = call("RunInstances", members, answer)
        read = json.loads(ec2wire("decode", "RunInstances", text=sent))
        read.pop("ClientToken")
        self.assertEqual(read, members)

    def test_responses_are_decoded_alike(self):
        for output in OUTPUTS:
            with self.subTest(output=output):
                answer = (
                    "<GetConsoleOutputResponse><requestId>1</requestId><instanceId>i-1</instanceId>"
                    f"<output>{output}</output></GetConsoleOutputResponse>"
                )
                theirs, _ = call("GetConsoleOutput", {"InstanceId": "i-1"}, answer)
                ours = json.loads(ec2wire("decode", "response", "GetConsoleOutput", text=answer))
                self.assertEqual(ours["Output"], theirs["Output"])
                self.assertEqual(ours["InstanceId"], theirs["InstanceId"])


if __name__ == "__main__":
    EC2WIRE = os.path.abspath(sys.argv.pop(1))
    unittest.main()
