#!/usr/bin/env python3
"""Drives an EC2 endpoint's IPAM policy actions with boto3.

    boto3_interop.py --endpoint http://127.0.0.1:PORT --ipam-id ipam-0123456789abcdef0

The IPAM must exist and have room for seven policies (EC2's limit is ten an IPAM). Nothing else may
use the endpoint meanwhile, since some tests compare the policies before and after. What the script
creates it deletes. The last line is `N passed, M failed`; the exit code is 0 when M is 0.
"""

import argparse
import contextlib
import sys
import time
import unittest
import uuid

# First: it takes the caller's own AWS settings away, which must not leak into the run.
from stories.world import REGION  # noqa: E402

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

UNKNOWN_IPAM_ID = "ipam-0fedcba9876543210"
PATIENCE_SECONDS = 10

POLICY_ID = r"\Aipam-policy-[0-9a-f]{8,32}\Z"
IPAM_ID = r"\Aipam-[0-9a-f]{8,32}\Z"
ACCOUNT_ID = r"\A[0-9]{12}\Z"
CREATED = {"create-in-progress", "create-complete"}
DELETED = {"delete-in-progress", "delete-complete"}

# Texts that form encoding or XML escaping often damage.
TAGS = [
    {"Key": "Name", "Value": "é 日本 😀"},
    {"Key": "é 日本 😀", "Value": "multi-byte key"},
    {"Key": "markup", "Value": "a&b<c>\"d'"},
    {"Key": "a&b<c>\"d'", "Value": "markup key"},
    {"Key": "form", "Value": "a b+c=d%20e~f*g/h;i"},
    {"Key": "form key+%41", "Value": "form key"},
    {"Key": "entity text", "Value": "&amp; &#65; <![CDATA[x]]>"},
    {"Key": "empty", "Value": ""},
]

client = None
ipam_id = None


def specification(tags, resource_type="ipam-policy"):
    return [{"ResourceType": resource_type, "Tags": tags}]


def by_key(tags):
    # EC2 promises no order of tags.
    return sorted(tags, key=lambda tag: tag["Key"])


def all_policies():
    """All policies that the endpoint lists, with any page size."""
    found, arguments, tokens = [], {}, set()
    while True:
        page = client.describe_ipam_policies(**arguments)
        found.extend(page.get("IpamPolicies", []))
        token = page.get("NextToken")
        if not token:
            return found
        if token in tokens:
            raise AssertionError(f"repeated NextToken {token!r}")
        tokens.add(token)
        arguments = {"NextToken": token}


def policy_ids():
    return {policy["IpamPolicyId"] for policy in all_policies() if policy.get("State") not in DELETED}


def ignore_not_found(call, code, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] != code:
            raise


def drop_policy(policy_id):
    ignore_not_found(
        client.delete_ipam_policy, "InvalidIpamPolicyId.NotFound", IpamPolicyId=policy_id
    )


def drop_ipam(dropped_id):
    ignore_not_found(client.delete_ipam, "InvalidIpamId.NotFound", IpamId=dropped_id)


class Interop(unittest.TestCase):
    maxDiff = None

    def create(self, **arguments):
        """Creates a policy, which is deleted when the test ends; returns the whole response."""
        answer = client.create_ipam_policy(**{"IpamId": ipam_id, **arguments})
        self.addCleanup(drop_policy, answer["IpamPolicy"]["IpamPolicyId"])
        return answer

    @contextlib.contextmanager
    def creates_nothing(self):
        before = policy_ids()
        try:
            yield
        finally:
            extra = sorted(policy_ids() - before)
            for policy_id in extra:
                drop_policy(policy_id)
        self.assertEqual(extra, [], "policies were created")

    def assert_rejected(self, code, statuses, call, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        response = caught.exception.response
        self.assertEqual(response["Error"]["Code"], code, response)
        self.assertIn(response["ResponseMetadata"]["HTTPStatusCode"], statuses, response)
        self.assertTrue(response["Error"].get("Message"), response)
        self.assertTrue(response["ResponseMetadata"].get("RequestId"), response)

    def assert_metadata(self, answer):
        metadata = answer["ResponseMetadata"]
        self.assertEqual(metadata["HTTPStatusCode"], 200)
        self.assertIsInstance(metadata.get("RequestId"), str, metadata)
        self.assertTrue(metadata["RequestId"], metadata)

    def assert_policy(self, policy, tags, states=CREATED, owner=None):
        """Checks every member of an IpamPolicy."""
        self.assertRegex(policy["OwnerId"], ACCOUNT_ID)
        self.assertEqual(policy["OwnerId"], owner or policy["OwnerId"])
        self.assertRegex(policy["IpamPolicyId"], POLICY_ID)
        self.assertEqual(
            policy["IpamPolicyArn"],
            f"arn:aws:ec2::{policy['OwnerId']}:ipam-policy/{policy['IpamPolicyId']}",
        )
        self.assertEqual(policy["IpamPolicyRegion"], REGION)
        self.assertIn(policy["State"], states)
        # Optional: EC2 omits it if there is no message.
        self.assertIsInstance(policy.get("StateMessage", ""), str)
        # Without tags the list is empty or absent.
        self.assertEqual(by_key(policy.get("Tags", [])), by_key(tags))
        self.assertEqual(policy["IpamId"], ipam_id)

    def describe_one(self, policy_id):
        answer = client.describe_ipam_policies(IpamPolicyIds=[policy_id])
        self.assert_metadata(answer)
        self.assertEqual([p["IpamPolicyId"] for p in answer["IpamPolicies"]], [policy_id])
        return answer["IpamPolicies"][0]

    def wait_until(self, what, done):
        """EC2 is eventually consistent; an emulator answers on the first try."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done():
            if time.monotonic() > deadline:
                self.fail(f"not within {PATIENCE_SECONDS} s: {what}")
            time.sleep(0.2)

    def test_create_answers_every_member(self):
        answer = self.create(TagSpecifications=specification(TAGS))
        self.assert_metadata(answer)
        self.assert_policy(answer["IpamPolicy"], TAGS)

    def test_create_without_tags(self):
        answer = self.create()
        self.assert_metadata(answer)
        self.assert_policy(answer["IpamPolicy"], [])

    def test_create_is_complete_in_the_end(self):
        policy_id = self.create()["IpamPolicy"]["IpamPolicyId"]
        self.wait_until(
            "create-complete", lambda: self.describe_one(policy_id)["State"] == "create-complete"
        )

    def test_dry_run_creates_nothing(self):
        with self.creates_nothing():
            self.assert_rejected(
                "DryRunOperation",
                {412},
                client.create_ipam_policy,
                IpamId=ipam_id,
                DryRun=True,
                TagSpecifications=specification(TAGS),
            )

    def test_dry_run_false_creates(self):
        answer = self.create(DryRun=False)
        self.assert_policy(answer["IpamPolicy"], [])

    def test_client_token_replay_gives_the_same_policy(self):
        arguments = {"ClientToken": str(uuid.uuid4()), "TagSpecifications": specification(TAGS)}
        first = self.create(**arguments)["IpamPolicy"]
        with self.creates_nothing():
            second = client.create_ipam_policy(IpamId=ipam_id, **arguments)
        self.assert_metadata(second)
        self.assertEqual(second["IpamPolicy"]["IpamPolicyId"], first["IpamPolicyId"])
        self.assert_policy(second["IpamPolicy"], TAGS, owner=first["OwnerId"])

    def test_client_token_with_other_tags_is_a_mismatch(self):
        token = str(uuid.uuid4())
        self.create(
            ClientToken=token, TagSpecifications=specification([{"Key": "k", "Value": "one"}])
        )
        with self.creates_nothing():
            self.assert_rejected(
                "IdempotentParameterMismatch",
                range(400, 500),
                client.create_ipam_policy,
                IpamId=ipam_id,
                ClientToken=token,
                TagSpecifications=specification([{"Key": "k", "Value": "two"}]),
            )

    def test_reserved_tag_key_is_rejected(self):
        with self.creates_nothing():
            self.assert_rejected(
                "InvalidParameterValue",
                {400},
                client.create_ipam_policy,
                IpamId=ipam_id,
                TagSpecifications=specification([{"Key": "aws:x", "Value": "v"}]),
            )

    def test_unknown_ipam_is_not_found(self):
        self.assertNotEqual(ipam_id, UNKNOWN_IPAM_ID)
        with self.creates_nothing():
            self.assert_rejected(
                "InvalidIpamId.NotFound", {400}, client.create_ipam_policy, IpamId=UNKNOWN_IPAM_ID
            )

    def test_describe_by_id(self):
        created = self.create(TagSpecifications=specification(TAGS))["IpamPolicy"]
        other = self.create()["IpamPolicy"]
        self.assertNotEqual(created["IpamPolicyId"], other["IpamPolicyId"])
        described = self.describe_one(created["IpamPolicyId"])
        self.assert_policy(described, TAGS, owner=created["OwnerId"])
        wanted = {created["IpamPolicyId"], other["IpamPolicyId"]}
        both = client.describe_ipam_policies(IpamPolicyIds=sorted(wanted))
        self.assertEqual(len(both["IpamPolicies"]), 2)
        self.assertEqual({p["IpamPolicyId"] for p in both["IpamPolicies"]}, wanted)

    def test_describe_in_pages(self):
        tags = [{"Key": "n", "Value": "é&"}]
        created = {
            self.create(TagSpecifications=specification(tags))["IpamPolicy"]["IpamPolicyId"]
            for _ in range(7)
        }
        self.assertEqual(len(created), 7, "each call without a token creates a policy")
        seen, pages, arguments = [], 0, {}
        while True:
            page = client.describe_ipam_policies(MaxResults=5, **arguments)
            self.assert_metadata(page)
            self.assertLessEqual(len(page["IpamPolicies"]), 5)
            seen.extend(page["IpamPolicies"])
            pages += 1
            if not page.get("NextToken"):
                break
            self.assertLess(pages, 50, "too many pages")
            arguments = {"NextToken": page["NextToken"]}
        ids = [policy["IpamPolicyId"] for policy in seen]
        self.assertGreaterEqual(pages, 2)
        self.assertEqual(len(ids), len(set(ids)), "a policy is on two pages")
        self.assertEqual(created - set(ids), set(), "policies missing from the pages")
        for policy in seen:
            if policy["IpamPolicyId"] in created:
                self.assert_policy(policy, tags)

    def test_delete(self):
        created = self.create(TagSpecifications=specification(TAGS))["IpamPolicy"]
        policy_id = created["IpamPolicyId"]
        answer = client.delete_ipam_policy(IpamPolicyId=policy_id)
        self.assert_metadata(answer)
        self.assert_policy(answer["IpamPolicy"], TAGS, states=DELETED, owner=created["OwnerId"])
        self.assertEqual(answer["IpamPolicy"]["IpamPolicyId"], policy_id)

        def gone():
            try:
                left = client.describe_ipam_policies(IpamPolicyIds=[policy_id])["IpamPolicies"]
            except ClientError:
                return True
            self.assertTrue(left, "a deleted policy's id gives an error, not an empty list")
            self.assertIn(left[0]["State"], DELETED)
            return False

        self.wait_until("deleted", gone)
        not_found = "InvalidIpamPolicyId.NotFound"
        self.assert_rejected(
            not_found, {400}, client.describe_ipam_policies, IpamPolicyIds=[policy_id]
        )
        self.assert_rejected(not_found, {400}, client.delete_ipam_policy, IpamPolicyId=policy_id)
        self.assertNotIn(policy_id, policy_ids())

    def test_create_and_delete_ipam(self):
        tags = [{"Key": "Name", "Value": "é 日本 😀"}]
        answer = client.create_ipam(
            Description="made by a test & deleted",
            TagSpecifications=specification(tags, "ipam"),
        )
        ipam = answer["Ipam"]
        self.addCleanup(drop_ipam, ipam["IpamId"])
        self.assert_metadata(answer)
        self.assertRegex(ipam["OwnerId"], ACCOUNT_ID)
        self.assertRegex(ipam["IpamId"], IPAM_ID)
        self.assertNotEqual(ipam["IpamId"], ipam_id)
        self.assertEqual(ipam["IpamArn"], f"arn:aws:ec2::{ipam['OwnerId']}:ipam/{ipam['IpamId']}")
        self.assertEqual(ipam["IpamRegion"], REGION)
        self.assertIn(ipam["State"], CREATED)
        self.assertEqual(ipam["Description"], "made by a test & deleted")
        self.assertEqual(by_key(ipam.get("Tags", [])), by_key(tags))

        policy = self.create(IpamId=ipam["IpamId"])["IpamPolicy"]
        self.assertEqual(policy["IpamId"], ipam["IpamId"])
        client.delete_ipam_policy(IpamPolicyId=policy["IpamPolicyId"])

        answer = client.delete_ipam(IpamId=ipam["IpamId"])
        self.assert_metadata(answer)
        self.assertEqual(answer["Ipam"]["IpamId"], ipam["IpamId"])
        self.assertIn(answer["Ipam"]["State"], DELETED)

        def refused():
            # While the IPAM is being deleted, a policy on it is refused because of its state.
            with self.creates_nothing():
                with self.assertRaises(ClientError) as caught:
                    client.create_ipam_policy(IpamId=ipam["IpamId"])
            code = caught.exception.response["Error"]["Code"]
            self.assertIn(code, {"InvalidIpamId.NotFound", "IncorrectState"})
            return code == "InvalidIpamId.NotFound"

        self.wait_until("the IPAM is gone", refused)


class Result(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):  # noqa: N802
        super().addSuccess(test)
        self.passed += 1


def main():
    global client, ipam_id
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoint", required=True, help="the URL of the EC2 endpoint")
    parser.add_argument("--ipam-id", required=True, help="an IPAM that exists there")
    arguments = parser.parse_args()
    ipam_id = arguments.ipam_id
    client = boto3.client(
        "ec2",
        endpoint_url=arguments.endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(
            # One attempt: a retry would hide a fault.
            retries={"total_max_attempts": 1},
            connect_timeout=5,
            read_timeout=30,
            # Never through a proxy, even if the environment sets one.
            proxies={},
        ),
    )
    print(f"boto3 {boto3.__version__} against {arguments.endpoint}", flush=True)
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Interop)
    runner = unittest.TextTestRunner(
        stream=sys.stdout, verbosity=2, descriptions=False, resultclass=Result
    )
    result = runner.run(suite)
    total = suite.countTestCases()
    print(f"{result.passed} passed, {total - result.passed} failed", flush=True)
    return 0 if result.passed == total and total > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
