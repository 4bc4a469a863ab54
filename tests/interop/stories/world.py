"""What the stories share: the client, waiters, expected refusals, and the end of a run.

A story is a script with `unittest` cases on `Story`. Each of its tests is a chapter that makes what
it needs. `make` registers how to take a thing away again, so a story may also be run against an
endpoint that others use. The last line of a script is `N passed, M failed`; the exit code is 0 when
M is 0.

What a story expects is what AWS documents: the service model with its waiters, the pages of the
actions, and the page of the error codes. A refusal whose code nobody has documented or seen need
only be an error of the client.
"""

import argparse
import os
import sys
import time
import traceback
import unittest
import uuid

# The caller's own AWS settings must not leak into the run.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ["AWS_CONFIG_FILE"] = os.devnull
os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError, WaiterError  # noqa: E402

REGION = "us-east-1"
ACCOUNT = r"\A[0-9]{12}\Z"
PATIENCE_SECONDS = 15
# AWS's waiters decide what to wait for; only the pauses are shorter than theirs.
WAITER = {"Delay": 0.2, "MaxAttempts": 75}

# How what was made is taken away again: the place of the id in the answer, the action, its member.
UNDO = {
    "allocate_address": ("AllocationId", "release_address", "AllocationId"),
    "create_customer_gateway": (
        "CustomerGateway.CustomerGatewayId", "delete_customer_gateway", "CustomerGatewayId"),
    "create_dhcp_options": ("DhcpOptions.DhcpOptionsId", "delete_dhcp_options", "DhcpOptionsId"),
    "create_image": ("ImageId", "deregister_image", "ImageId"),
    "create_internet_gateway": (
        "InternetGateway.InternetGatewayId", "delete_internet_gateway", "InternetGatewayId"),
    "create_ipam": ("Ipam.IpamId", "delete_ipam", "IpamId"),
    "create_ipam_policy": ("IpamPolicy.IpamPolicyId", "delete_ipam_policy", "IpamPolicyId"),
    "create_ipam_pool": ("IpamPool.IpamPoolId", "delete_ipam_pool", "IpamPoolId"),
    "create_ipam_scope": ("IpamScope.IpamScopeId", "delete_ipam_scope", "IpamScopeId"),
    "create_key_pair": ("KeyPairId", "delete_key_pair", "KeyPairId"),
    "create_launch_template": (
        "LaunchTemplate.LaunchTemplateId", "delete_launch_template", "LaunchTemplateId"),
    "create_managed_prefix_list": (
        "PrefixList.PrefixListId", "delete_managed_prefix_list", "PrefixListId"),
    "create_nat_gateway": ("NatGateway.NatGatewayId", "delete_nat_gateway", "NatGatewayId"),
    "create_network_acl": ("NetworkAcl.NetworkAclId", "delete_network_acl", "NetworkAclId"),
    "create_network_interface": (
        "NetworkInterface.NetworkInterfaceId", "delete_network_interface", "NetworkInterfaceId"),
    "create_placement_group": (
        "PlacementGroup.GroupName", "delete_placement_group", "GroupName"),
    "create_route_table": ("RouteTable.RouteTableId", "delete_route_table", "RouteTableId"),
    "create_security_group": ("GroupId", "delete_security_group", "GroupId"),
    "create_snapshot": ("SnapshotId", "delete_snapshot", "SnapshotId"),
    "create_subnet": ("Subnet.SubnetId", "delete_subnet", "SubnetId"),
    "create_volume": ("VolumeId", "delete_volume", "VolumeId"),
    "create_vpc": ("Vpc.VpcId", "delete_vpc", "VpcId"),
    "create_vpc_endpoint": ("VpcEndpoint.VpcEndpointId", "delete_vpc_endpoints", "VpcEndpointIds"),
    "create_vpc_peering_connection": (
        "VpcPeeringConnection.VpcPeeringConnectionId", "delete_vpc_peering_connection",
        "VpcPeeringConnectionId"),
    "create_vpn_gateway": ("VpnGateway.VpnGatewayId", "delete_vpn_gateway", "VpnGatewayId"),
    "import_key_pair": ("KeyPairId", "delete_key_pair", "KeyPairId"),
    "run_instances": ("Instances", "terminate_instances", "InstanceIds"),
}

ec2 = None
# The last request and its answer, which a failure shows.
last = {}
# Whether a chapter goes on after a check that failed, to show all of them in one run.
keep_going = False
# Whether the endpoint forgets within seconds what has ended, where EC2 takes an hour.
forgets = False


def client(endpoint, access_key="test", region=REGION):
    made = boto3.client(
        "ec2",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=access_key,
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
    made.meta.events.register("provide-client-params.ec2.*", remember_request)
    made.meta.events.register("after-call.ec2.*", remember_answer)
    return made


def remember_request(params, model, **_):
    last.clear()
    last.update(action=model.name, request=dict(params))


def remember_answer(http_response, parsed, **_):
    last["answer"] = parsed
    last["status"] = http_response.status_code


def specification(resource_type, **tags):
    """TagSpecifications for one type of resource."""
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"ResourceType": resource_type, "Tags": pairs}]


def tags_of(entry):
    return {tag["Key"]: tag["Value"] for tag in entry.get("Tags", entry.get("TagSet", []))}


def equals(**filters):
    """Filters: each name with one value or a list of them. `vpc_id` stands for `vpc-id`."""
    return [
        {"Name": name.replace("_", "-"), "Values": [values] if isinstance(values, str) else values}
        for name, values in filters.items()
    ]


def named(name, *values):
    """A filter whose name is no Python identifier, such as `tag:Name`."""
    return {"Name": name, "Values": list(values)}


def at(answer, path):
    for part in path.split("."):
        answer = answer[part]
    return answer


def token():
    return str(uuid.uuid4())


def unknown(prefix):
    """An id of the right form that nothing has."""
    return f"{prefix}-0fedcba9876543210"


def zones():
    listed = ec2.describe_availability_zones(Filters=equals(state="available"))
    return [
        zone["ZoneName"]
        for zone in listed["AvailabilityZones"]
        if zone.get("ZoneType", "availability-zone") == "availability-zone"
    ]


def image():
    """An image that Amazon owns, for the processors of `t3`."""
    listed = ec2.describe_images(
        Owners=["amazon"],
        Filters=equals(architecture="x86_64", state="available", root_device_type="ebs"),
    )["Images"]
    # Some images are for Windows, and need larger volumes.
    plain = [entry for entry in listed if entry.get("Platform") != "windows"]
    return plain[0]["ImageId"]


def drop(action, arguments):
    """Takes away what a story may have deleted itself; the story has checked that already."""
    try:
        getattr(ec2, action)(**arguments)
    except ClientError:
        pass


class Story(unittest.TestCase):
    maxDiff = None

    @property
    def ec2(self):
        return ec2

    def setUp(self):
        self.problems = []
        # Cleanups run in reverse, so this one is the last.
        self.addCleanup(self.tell_problems)

    def tell_problems(self):
        if self.problems:
            raise self.failureException(f"{len(self.problems)} checks failed")

    def make(self, action, **arguments):
        """Makes something that is taken away when the test ends; returns the whole answer."""
        answer = getattr(ec2, action)(**arguments)
        path, undo, member = UNDO[action]
        made = at(answer, path)
        if action == "run_instances":
            made = [instance["InstanceId"] for instance in made]
            self.addCleanup(self.until_terminated, made)
        elif member.endswith("Ids"):
            made = [made]
        self.addCleanup(drop, undo, {member: made})
        return answer

    def until_terminated(self, ids):
        """What an instance uses can be deleted only after it."""
        try:
            ec2.get_waiter("instance_terminated").wait(InstanceIds=ids, WaiterConfig=WAITER)
        except (ClientError, WaiterError):
            pass

    def make_vpc(self, cidr="10.0.0.0/16", **arguments):
        vpc_id = self.make("create_vpc", CidrBlock=cidr, **arguments)["Vpc"]["VpcId"]
        self.wait("vpc_available", VpcIds=[vpc_id])
        return vpc_id

    def make_subnet(self, vpc_id, cidr="10.0.1.0/24", **arguments):
        arguments = {"AvailabilityZone": zones()[0], **arguments}
        made = self.make("create_subnet", VpcId=vpc_id, CidrBlock=cidr, **arguments)
        subnet_id = made["Subnet"]["SubnetId"]
        self.wait("subnet_available", SubnetIds=[subnet_id])
        return subnet_id

    def make_instance(self, subnet_id, **arguments):
        """One instance that runs."""
        arguments = {"ImageId": image(), "InstanceType": "t3.micro", **arguments}
        answer = self.make(
            "run_instances", MinCount=1, MaxCount=1, SubnetId=subnet_id, **arguments
        )
        instance_id = answer["Instances"][0]["InstanceId"]
        self.wait("instance_running", InstanceIds=[instance_id])
        return self.instance(instance_id)

    def make_address(self):
        return self.make("allocate_address", Domain="vpc")

    def instance(self, instance_id):
        reservations = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"]
        [found] = [entry for reservation in reservations for entry in reservation["Instances"]]
        self.assertEqual(found["InstanceId"], instance_id)
        return found

    def one(self, action, key, **arguments):
        """The only entry of a listing."""
        entries = getattr(ec2, action)(**arguments)[key]
        self.assertEqual(len(entries), 1, entries)
        return entries[0]

    def wait(self, waiter, **arguments):
        ec2.get_waiter(waiter).wait(WaiterConfig=WAITER, **arguments)

    def until(self, what, done):
        """EC2 is eventually consistent, and an emulator may be, too."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            result = done()
            if result:
                return result
            if time.monotonic() > deadline:
                self.fail(f"not within {PATIENCE_SECONDS} s: {what}")
                return None
            time.sleep(0.1)

    def refused(self, codes, call, **arguments):
        """The call is refused as the client's error, with one of the codes if any is known."""
        codes = {codes} if isinstance(codes, str) else set(codes or ())
        try:
            call(**arguments)
        except ClientError as caught:
            error, metadata = caught.response["Error"], caught.response["ResponseMetadata"]
        else:
            self.fail(f"accepted, where {' or '.join(sorted(codes)) or 'a refusal'} is due")
            return None
        self.assertIn(metadata["HTTPStatusCode"], range(400, 500), error)
        if codes:
            self.assertIn(error["Code"], codes, error["Message"])
        self.assertTrue(error.get("Message"), error)
        self.assertTrue(metadata.get("RequestId"), metadata)
        return error["Code"]

    def gone(self, codes, action, key, states=(), state="State", **arguments):
        """In the end the listing refuses the id, or shows it in a state of what is deleted."""
        codes = {codes} if isinstance(codes, str) else codes

        def done():
            try:
                entries = getattr(ec2, action)(**arguments)[key]
            except ClientError as error:
                self.assertIn(error.response["Error"]["Code"], codes)
                return True
            self.assertTrue(entries, f"{action} of a deleted id gives neither an error nor an entry")
            return bool(states) and {at(entry, state) for entry in entries} <= set(states)

        self.until(f"{arguments} gone", done)

    def assert_id(self, value, prefix):
        self.assertRegex(value, rf"\A{prefix}-([0-9a-f]{{8}}|[0-9a-f]{{17}})\Z")

    def assert_shown(self, entry, **members):
        """The entry has at least these members, with these values."""
        shown = {name: entry.get(name) for name in members}
        self.assertEqual(shown, members)


def going_on(check):
    """The check of a test case, which notes that it failed and goes on if the run is to."""

    def checked(self, *arguments, **named_arguments):
        try:
            return check(self, *arguments, **named_arguments)
        except AssertionError as error:
            if not keep_going:
                raise
            line = next(
                frame.lineno
                for frame in reversed(traceback.extract_stack())
                if frame.filename != __file__ and "unittest" not in frame.filename
            )
            self.problems.append(error)
            show(f"{self.id().split('.', 1)[-1]}, line {line}: {error}")
            return None

    return checked


for name in (
    "assertEqual", "assertNotEqual", "assertTrue", "assertFalse", "assertIs", "assertIn",
    "assertNotIn", "assertRegex", "assertLessEqual", "assertGreaterEqual", "assertGreater",
    "assertLess", "fail",
):
    setattr(Story, name, going_on(getattr(unittest.TestCase, name)))


def show(what):
    what = str(what)
    what = what if len(what) < 1000 else f"{what[:1000]} .."
    if not last:
        return
    answer = last.get("answer") or {}
    shown = answer.get("Error") or {k: v for k, v in answer.items() if k != "ResponseMetadata"}
    print(f"\n  {what}\n  the last request: {last.get('action')} {last.get('request')}")
    print(f"  its answer: {last.get('status')} {shown}"[:1500], flush=True)


class Result(unittest.TextTestResult):
    """Counts what passed, and keeps the last request of what failed."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.passed = 0

    def addSuccess(self, test):  # noqa: N802
        super().addSuccess(test)
        self.passed += 1

    def addFailure(self, test, error):  # noqa: N802
        super().addFailure(test, error)
        if not keep_going:
            show("failed")

    def addError(self, test, error):  # noqa: N802
        super().addError(test, error)
        show("error")


def run(suite, title):
    started = time.monotonic()
    runner = unittest.TextTestRunner(
        stream=sys.stdout, verbosity=2, descriptions=False, resultclass=Result
    )
    result = runner.run(suite)
    total = suite.countTestCases()
    print(f"{title}: {time.monotonic() - started:.1f} s")
    print(f"{result.passed} passed, {total - result.passed} failed", flush=True)
    return 0 if result.passed == total and total > 0 else 1


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--endpoint", required=True, help="the URL of the EC2 endpoint")
    parser.add_argument("-k", dest="only", action="append", help="only tests with this in their name")
    parser.add_argument(
        "--forgets", action="store_true", help="the endpoint forgets within seconds what has ended"
    )
    parser.add_argument(
        "--keep-going", action="store_true", help="go on in a test after a check that failed"
    )
    return parser.parse_args()


def main(module):
    """Runs the stories of a script."""
    global ec2, keep_going, forgets
    module = sys.modules[module]
    title = module.__doc__.splitlines()[0]
    given = arguments(title)
    ec2 = client(given.endpoint)
    keep_going, forgets = given.keep_going, given.forgets
    print(f"{title} boto3 {boto3.__version__} against {given.endpoint}", flush=True)
    loader = unittest.TestLoader()
    if given.only:
        loader.testNamePatterns = [f"*{pattern}*" for pattern in given.only]
    return run(loader.loadTestsFromModule(module), module.__file__.rsplit("/", 1)[-1])
