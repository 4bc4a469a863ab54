// The main lines of the eight stories, with the AWS SDK for JavaScript.
//
//     node sdk.mjs FOLDER ENDPOINT
//
// FOLDER is where @aws-sdk/client-ec2 was installed, with `npm install --prefix FOLDER`. The last
// line is `N passed, M failed`; the exit code is 0 when M is 0.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [folder, endpoint] = process.argv.slice(2);
const sdk = createRequire(resolve(folder, "index.js"))("@aws-sdk/client-ec2");
const client = new sdk.EC2Client({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  // One attempt: a retry would hide a fault.
  maxAttempts: 1,
});

const send = (action, input = {}) => client.send(new sdk[`${action}Command`](input));

// AWS's waiters decide what to wait for; only the pauses are shorter than theirs.
const wait = (waiter, input) =>
  sdk[`waitUntil${waiter}`]({ client, minDelay: 0.2, maxDelay: 0.2, maxWaitTime: 15 }, input);

async function refused(code, action, input) {
  try {
    await send(action, input);
  } catch (error) {
    assert.equal(error.name, code, `${action}: ${error.message}`);
    assert.ok(error.$metadata.httpStatusCode >= 400 && error.$metadata.httpStatusCode < 500);
    assert.ok(error.$metadata.requestId);
    return;
  }
  assert.fail(`${action} was accepted, where ${code} is due`);
}

const tagged = (ResourceType, tags) => [
  { ResourceType, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
];
const filter = (Name, ...Values) => ({ Name, Values });

async function network() {
  const { Vpc } = await send("CreateVpc", { CidrBlock: "10.0.0.0/16" });
  assert.match(Vpc.VpcId, /^vpc-[0-9a-f]{17}$/);
  await wait("VpcAvailable", { VpcIds: [Vpc.VpcId] });
  const { Subnet } = await send("CreateSubnet", {
    VpcId: Vpc.VpcId, CidrBlock: "10.0.1.0/24", AvailabilityZone: "us-east-1a",
  });
  await wait("SubnetAvailable", { SubnetIds: [Subnet.SubnetId] });
  return { vpcId: Vpc.VpcId, subnetId: Subnet.SubnetId };
}

async function image() {
  const { Images } = await send("DescribeImages", {
    Owners: ["amazon"],
    Filters: [filter("architecture", "x86_64"), filter("root-device-type", "ebs")],
  });
  return Images.find((entry) => entry.Platform !== "windows").ImageId;
}

const stories = {
  async "1: a VPC that reaches the internet"() {
    const { vpcId, subnetId } = await network();
    const { InternetGateway } = await send("CreateInternetGateway");
    const attachment = { InternetGatewayId: InternetGateway.InternetGatewayId, VpcId: vpcId };
    await send("AttachInternetGateway", attachment);
    const { RouteTable } = await send("CreateRouteTable", { VpcId: vpcId });
    const route = await send("CreateRoute", {
      RouteTableId: RouteTable.RouteTableId,
      DestinationCidrBlock: "0.0.0.0/0",
      GatewayId: attachment.InternetGatewayId,
    });
    assert.equal(route.Return, true);
    const { AllocationId } = await send("AllocateAddress", { Domain: "vpc" });
    const { NatGateway } = await send("CreateNatGateway", { SubnetId: subnetId, AllocationId });
    assert.equal(NatGateway.State, "pending");
    const ids = { NatGatewayIds: [NatGateway.NatGatewayId] };
    await wait("NatGatewayAvailable", ids);
    await refused("DependencyViolation", "DeleteVpc", { VpcId: vpcId });
    await refused("DependencyViolation", "DeleteSubnet", { SubnetId: subnetId });
    await send("DeleteNatGateway", { NatGatewayId: NatGateway.NatGatewayId });
    await wait("NatGatewayDeleted", ids);
    await send("ReleaseAddress", { AllocationId });
    await send("DeleteRouteTable", { RouteTableId: RouteTable.RouteTableId });
    await send("DetachInternetGateway", attachment);
    await send("DeleteInternetGateway", { InternetGatewayId: attachment.InternetGatewayId });
    await send("DeleteSubnet", { SubnetId: subnetId });
    await send("DeleteVpc", { VpcId: vpcId });
    await refused("InvalidVpcID.NotFound", "DescribeVpcs", { VpcIds: [vpcId] });
  },

  async "2: rules of a security group"() {
    const { vpcId } = await network();
    const { GroupId } = await send("CreateSecurityGroup", {
      GroupName: "web", Description: "web", VpcId: vpcId,
    });
    const rules = {
      GroupId,
      IpPermissions: [
        { IpProtocol: "tcp", FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: "10.0.0.0/8" }],
          Ipv6Ranges: [{ CidrIpv6: "2001:db8::/64" }] },
        { IpProtocol: "-1", UserIdGroupPairs: [{ GroupId }] },
      ],
    };
    const made = await send("AuthorizeSecurityGroupIngress", rules);
    assert.equal(made.SecurityGroupRules.length, 3);
    await refused("InvalidPermission.Duplicate", "AuthorizeSecurityGroupIngress", rules);
    const { SecurityGroups: [group] } = await send("DescribeSecurityGroups", { GroupIds: [GroupId] });
    assert.equal(group.IpPermissions.length, 2);
    await send("RevokeSecurityGroupIngress", rules);
    await refused("InvalidPermission.NotFound", "RevokeSecurityGroupIngress", rules);
  },

  async "3: the life of an instance"() {
    const { subnetId } = await network();
    const template = await send("CreateLaunchTemplate", {
      LaunchTemplateName: "web",
      LaunchTemplateData: { ImageId: await image(), InstanceType: "t3.micro" },
    });
    const { LaunchTemplateId } = template.LaunchTemplate;
    const launched = await send("RunInstances", {
      MinCount: 1, MaxCount: 1, SubnetId: subnetId, LaunchTemplate: { LaunchTemplateId },
      TagSpecifications: tagged("instance", { Name: "js" }),
    });
    const [{ InstanceId, State }] = launched.Instances;
    assert.equal(State.Name, "pending");
    const ids = { InstanceIds: [InstanceId] };
    await wait("InstanceRunning", ids);
    const found = await send("DescribeInstances", { Filters: [filter("tag:Name", "js")] });
    assert.equal(found.Reservations[0].Instances[0].InstanceId, InstanceId);
    assert.ok(found.Reservations[0].Instances[0].LaunchTime instanceof Date);
    await send("StopInstances", ids);
    await wait("InstanceStopped", ids);
    await send("StartInstances", ids);
    await wait("InstanceRunning", ids);
    await send("RebootInstances", ids);
    await send("TerminateInstances", ids);
    await wait("InstanceTerminated", ids);
    await send("DeleteLaunchTemplate", { LaunchTemplateId });
  },

  async "4: volumes, snapshots and images"() {
    const { subnetId } = await network();
    const { Instances: [{ InstanceId }] } = await send("RunInstances", {
      ImageId: await image(), InstanceType: "t3.micro", MinCount: 1, MaxCount: 1, SubnetId: subnetId,
    });
    await wait("InstanceRunning", { InstanceIds: [InstanceId] });
    const volume = await send("CreateVolume", { AvailabilityZone: "us-east-1a", Size: 8 });
    const { VolumeId } = volume;
    await wait("VolumeAvailable", { VolumeIds: [VolumeId] });
    await send("AttachVolume", { VolumeId, InstanceId, Device: "/dev/sdf" });
    await wait("VolumeInUse", { VolumeIds: [VolumeId] });
    await refused("VolumeInUse", "DeleteVolume", { VolumeId });
    await send("DetachVolume", { VolumeId });
    await wait("VolumeAvailable", { VolumeIds: [VolumeId] });
    const { SnapshotId } = await send("CreateSnapshot", { VolumeId, Description: "js" });
    await wait("SnapshotCompleted", { SnapshotIds: [SnapshotId] });
    const { ImageId } = await send("CreateImage", { InstanceId, Name: "of-js" });
    await wait("ImageAvailable", { ImageIds: [ImageId] });
    await send("DeregisterImage", { ImageId });
    await send("DeleteSnapshot", { SnapshotId });
    await send("DeleteVolume", { VolumeId });
    await wait("VolumeDeleted", { VolumeIds: [VolumeId] });
    await send("TerminateInstances", { InstanceIds: [InstanceId] });
  },

  async "5: key pairs, addresses and interfaces"() {
    const key = await send("CreateKeyPair", { KeyName: "js" });
    assert.match(key.KeyMaterial, /^-----BEGIN (RSA )?PRIVATE KEY-----\n/);
    await refused("InvalidKeyPair.Duplicate", "CreateKeyPair", { KeyName: "js" });
    await send("DeleteKeyPair", { KeyName: "js" });
    const { subnetId } = await network();
    const { NetworkInterface } = await send("CreateNetworkInterface", { SubnetId: subnetId });
    const { NetworkInterfaceId } = NetworkInterface;
    await wait("NetworkInterfaceAvailable", { NetworkInterfaceIds: [NetworkInterfaceId] });
    await refused("DependencyViolation", "DeleteSubnet", { SubnetId: subnetId });
    await send("DeleteNetworkInterface", { NetworkInterfaceId });
    await send("DeleteSubnet", { SubnetId: subnetId });
  },

  async "6: an IPAM"() {
    const { Ipam } = await send("CreateIpam", { Description: "js" });
    const { IpamPool: { IpamPoolId } } = await send("CreateIpamPool", {
      IpamScopeId: Ipam.PrivateDefaultScopeId, AddressFamily: "ipv4",
    });
    await send("ProvisionIpamPoolCidr", { IpamPoolId, Cidr: "10.0.0.0/8" });
    const { IpamPoolCidrs } = await send("GetIpamPoolCidrs", { IpamPoolId });
    assert.deepEqual(IpamPoolCidrs.map((entry) => entry.Cidr), ["10.0.0.0/8"]);
    const allocated = await send("AllocateIpamPoolCidr", { IpamPoolId, NetmaskLength: 24 });
    assert.match(allocated.IpamPoolAllocation.Cidr, /^10\.\d+\.\d+\.0\/24$/);
    await send("DeleteIpam", { IpamId: Ipam.IpamId, Cascade: true });
  },

  async "7: tags, filters and pages"() {
    const made = new Set();
    for (let number = 0; number < 20; number += 1) {
      const { VolumeId } = await send("CreateVolume", {
        AvailabilityZone: "us-east-1a", Size: 1,
        TagSpecifications: tagged("volume", { Story: "js", Odd: String(number % 2) }),
      });
      made.add(VolumeId);
    }
    const found = new Set();
    let pages = 0;
    const paginator = sdk.paginateDescribeVolumes(
      { client, pageSize: 7 }, { Filters: [filter("tag:Story", "js")] },
    );
    for await (const page of paginator) {
      pages += 1;
      page.Volumes.forEach((volume) => found.add(volume.VolumeId));
    }
    assert.deepEqual([...found].sort(), [...made].sort());
    assert.ok(pages >= 3);
    const odd = await send("DescribeTags", { Filters: [filter("key", "Odd"), filter("value", "1")] });
    assert.equal(odd.Tags.length, 10);
    for (const VolumeId of made) {
      await send("DeleteVolume", { VolumeId });
    }
  },

  async "8: dry run and token"() {
    await refused("DryRunOperation", "CreateVpc", { CidrBlock: "10.0.0.0/16", DryRun: true });
    const request = { AvailabilityZone: "us-east-1a", Size: 8, ClientToken: "a-token-of-js" };
    const first = await send("CreateVolume", request);
    const second = await send("CreateVolume", request);
    assert.equal(first.VolumeId, second.VolumeId);
    await refused("IdempotentParameterMismatch", "CreateVolume", { ...request, Size: 9 });
    await send("DeleteVolume", { VolumeId: first.VolumeId });
  },
};

let [passed, failed] = [0, 0];
for (const [name, story] of Object.entries(stories)) {
  try {
    await story();
    passed += 1;
    console.log(`story ${name}: ok`);
  } catch (error) {
    failed += 1;
    console.log(`story ${name}: ${error.stack}`);
  }
}
client.destroy();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
