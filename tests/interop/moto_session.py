"""Calls moto with boto3 through the proxy, without using IPAM.

Prints how many requests it made, none of them twice."""

import argparse

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

parser = argparse.ArgumentParser()
parser.add_argument("--endpoint", required=True)
ec2 = boto3.client(
    "ec2",
    endpoint_url=parser.parse_args().endpoint,
    region_name="us-east-1",
    aws_access_key_id="AKIDEXAMPLE",
    aws_secret_access_key="EXAMPLESECRET",
    config=Config(retries={"total_max_attempts": 1}),
)
requests = 0


def count(**_):
    global requests
    requests += 1


ec2.meta.events.register("before-send.ec2", count)


def fault(call, **input):
    """The code of the call's error."""
    try:
        call(**input)
    except ClientError as error:
        return error.response["Error"]["Code"]
    raise AssertionError(f"{input} was accepted")


tags = [{"Key": "a b", "Value": "c+d é"}]
vpc = ec2.create_vpc(
    CidrBlock="10.0.0.0/16",
    TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}],
)["Vpc"]
assert vpc["Tags"] == tags, vpc
for filters in (
    [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}],
    [{"Name": "tag:a b", "Values": ["c+d é", "other"]}],
):
    found = ec2.describe_vpcs(Filters=filters)["Vpcs"]
    assert [one["VpcId"] for one in found] == [vpc["VpcId"]], found
ec2.create_tags(Resources=[vpc["VpcId"]], Tags=[{"Key": "more", "Value": ""}])
subnet = ec2.create_subnet(VpcId=vpc["VpcId"], CidrBlock="10.0.1.0/24")["Subnet"]
assert fault(ec2.delete_vpc, VpcId="vpc-0123456789abcdef0") == "InvalidVpcID.NotFound"
ec2.delete_subnet(SubnetId=subnet["SubnetId"])
ec2.delete_vpc(VpcId=vpc["VpcId"])
key = ec2.create_key_pair(KeyName="one")["KeyMaterial"]
assert "PRIVATE KEY" in key, key
ec2.describe_regions()
print(f"{requests} requests")
