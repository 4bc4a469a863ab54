#!/usr/bin/env python3
"""Story 3: an instance's life, from an image and from a launch template."""

import base64
import sys

import world
from world import Story, equals, named, specification, tags_of, token, unknown


def state(change, side="CurrentState"):
    return change[side]["Code"], change[side]["Name"]


class Instances(Story):
    def setUp(self):
        super().setUp()
        self.vpc_id = self.make_vpc()
        self.subnet_id = self.make_subnet(self.vpc_id)

    def status(self, instance_id):
        return self.instance(instance_id)["State"]["Name"]

    def attribute(self, instance_id, name):
        answer = self.ec2.describe_instance_attribute(InstanceId=instance_id, Attribute=name)
        self.assertEqual(answer["InstanceId"], instance_id)
        key = {"groupSet": "Groups"}.get(name, name[0].upper() + name[1:])
        value = answer[key]
        return value["Value"] if isinstance(value, dict) and "Value" in value else value

    def test_what_there_is_to_choose_from(self):
        kind = self.one(
            "describe_instance_types", "InstanceTypes", InstanceTypes=["t3.micro"]
        )
        self.assertEqual(kind["VCpuInfo"]["DefaultVCpus"], 2)
        self.assertEqual(kind["MemoryInfo"]["SizeInMiB"], 1024)
        self.assertIn("x86_64", kind["ProcessorInfo"]["SupportedArchitectures"])
        self.assertTrue(kind["CurrentGeneration"])
        self.refused(
            {"InvalidInstanceType", "InvalidParameterValue"},
            self.ec2.describe_instance_types,
            InstanceTypes=["t3.enormous"],
        )
        many = self.ec2.describe_instance_types(
            Filters=equals(**{"processor-info.supported-architecture": "arm64"})
        )["InstanceTypes"]
        names = {entry["InstanceType"] for entry in many}
        self.assertTrue(names)
        self.assertNotIn("t3.micro", names)
        offered = self.ec2.describe_instance_type_offerings(
            LocationType="availability-zone", Filters=equals(instance_type="t3.micro")
        )["InstanceTypeOfferings"]
        self.assertTrue(offered)
        self.assertLessEqual({entry["Location"] for entry in offered}, set(world.zones()))

        zones = self.ec2.describe_availability_zones()["AvailabilityZones"]
        self.assertGreaterEqual(len(zones), 2)
        for zone in zones:
            self.assert_shown(zone, State="available", RegionName=world.REGION)
            self.assertRegex(zone["ZoneId"], r"\Ause1-")
        regions = self.ec2.describe_regions()["Regions"]
        own = [region for region in regions if region["RegionName"] == world.REGION]
        self.assertEqual(
            [region["Endpoint"] for region in own], ["ec2.us-east-1.amazonaws.com"]
        )

        image = self.one("describe_images", "Images", ImageIds=[world.image()])
        self.assert_shown(image, State="available", Architecture="x86_64", RootDeviceType="ebs")
        self.assertTrue(image["BlockDeviceMappings"])

    def test_launched(self):
        image_id = world.image()
        reservation = self.make(
            "run_instances",
            ImageId=image_id,
            InstanceType="t3.micro",
            MinCount=2,
            MaxCount=2,
            SubnetId=self.subnet_id,
            TagSpecifications=specification("instance", Name="web")
            + specification("volume", Name="disk"),
        )
        self.assertRegex(reservation["OwnerId"], world.ACCOUNT)
        self.assert_id(reservation["ReservationId"], "r")
        first, second = reservation["Instances"]
        self.assertEqual([first["AmiLaunchIndex"], second["AmiLaunchIndex"]], [0, 1])
        zone = world.zones()[0]
        for instance in (first, second):
            self.assert_id(instance["InstanceId"], "i")
            self.assert_shown(
                instance,
                ImageId=image_id,
                InstanceType="t3.micro",
                SubnetId=self.subnet_id,
                VpcId=self.vpc_id,
                State={"Code": 0, "Name": "pending"},
                Architecture="x86_64",
                RootDeviceType="ebs",
            )
            self.assertEqual(instance["Placement"]["AvailabilityZone"], zone)
            self.assertEqual(instance["Monitoring"]["State"], "disabled")
            self.assertEqual(tags_of(instance), {"Name": "web"})
            self.assertTrue(instance["PrivateIpAddress"].startswith("10.0.1."))
            self.assertEqual([group["GroupName"] for group in instance["SecurityGroups"]], ["default"])
        self.assertNotEqual(first["PrivateIpAddress"], second["PrivateIpAddress"])
        ids = [first["InstanceId"], second["InstanceId"]]
        self.wait("instance_running", InstanceIds=ids)
        self.wait("instance_status_ok", InstanceIds=ids)
        self.wait("system_status_ok", InstanceIds=ids)

        found = self.ec2.describe_instances(InstanceIds=ids)["Reservations"]
        self.assertEqual(
            [entry["ReservationId"] for entry in found], [reservation["ReservationId"]]
        )
        shown = self.instance(ids[0])
        self.assertEqual(shown["State"], {"Code": 16, "Name": "running"})
        [interface] = shown["NetworkInterfaces"]
        self.assert_shown(
            interface,
            Status="in-use",
            SubnetId=self.subnet_id,
            PrivateIpAddress=shown["PrivateIpAddress"],
            SourceDestCheck=True,
        )
        self.assert_shown(
            interface["Attachment"], DeviceIndex=0, Status="attached", DeleteOnTermination=True
        )
        [disk] = shown["BlockDeviceMappings"]
        self.assertEqual(disk["DeviceName"], shown["RootDeviceName"])
        self.assert_shown(disk["Ebs"], Status="attached", DeleteOnTermination=True)
        volume = self.one("describe_volumes", "Volumes", VolumeIds=[disk["Ebs"]["VolumeId"]])
        self.assert_shown(volume, State="in-use", AvailabilityZone=zone)
        self.assertEqual(volume["Attachments"][0]["InstanceId"], ids[0])
        self.assertEqual(tags_of(volume), {"Name": "disk"})
        interface = self.one(
            "describe_network_interfaces",
            "NetworkInterfaces",
            Filters=equals(**{"attachment.instance-id": ids[0]}),
        )
        self.assert_shown(interface, Status="in-use", VpcId=self.vpc_id)

        statuses = self.ec2.describe_instance_status(InstanceIds=ids)["InstanceStatuses"]
        self.assertEqual({entry["InstanceId"] for entry in statuses}, set(ids))
        for entry in statuses:
            self.assertEqual(entry["InstanceState"]["Name"], "running")
            self.assertEqual(entry["AvailabilityZone"], zone)

        subnet = self.one("describe_subnets", "Subnets", SubnetIds=[self.subnet_id])
        self.assertEqual(subnet["AvailableIpAddressCount"], 249)
        self.refused("DependencyViolation", self.ec2.delete_subnet, SubnetId=self.subnet_id)

    def test_stopped_started_and_terminated(self):
        instance = self.make_instance(self.subnet_id)
        instance_id = instance["InstanceId"]
        root_id = instance["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
        address = instance["PrivateIpAddress"]

        self.ec2.reboot_instances(InstanceIds=[instance_id])
        self.assertEqual(self.status(instance_id), "running")

        [change] = self.ec2.stop_instances(InstanceIds=[instance_id])["StoppingInstances"]
        self.assertEqual(change["InstanceId"], instance_id)
        self.assertEqual(state(change), (64, "stopping"))
        self.assertEqual(state(change, "PreviousState"), (16, "running"))
        self.wait("instance_stopped", InstanceIds=[instance_id])
        stopped = self.instance(instance_id)
        self.assertEqual(stopped["State"], {"Code": 80, "Name": "stopped"})
        self.assertEqual(stopped["StateReason"]["Code"], "Client.UserInitiatedShutdown")
        self.assertIn("User initiated", stopped["StateTransitionReason"])
        # A stopped instance keeps its address and its volume, and has no status of its own.
        self.assertEqual(stopped["PrivateIpAddress"], address)
        volume = self.one("describe_volumes", "Volumes", VolumeIds=[root_id])
        self.assertEqual(volume["State"], "in-use")
        statuses = self.ec2.describe_instance_status(InstanceIds=[instance_id])
        self.assertEqual(statuses["InstanceStatuses"], [])
        status = self.one(
            "describe_instance_status",
            "InstanceStatuses",
            InstanceIds=[instance_id],
            IncludeAllInstances=True,
        )
        self.assertEqual(status["InstanceState"]["Name"], "stopped")

        [change] = self.ec2.start_instances(InstanceIds=[instance_id])["StartingInstances"]
        self.assertEqual(state(change), (0, "pending"))
        self.assertEqual(state(change, "PreviousState"), (80, "stopped"))
        self.wait("instance_running", InstanceIds=[instance_id])
        started = self.instance(instance_id)
        self.assertGreaterEqual(started["LaunchTime"], instance["LaunchTime"])
        self.assertFalse(started.get("StateTransitionReason"))

        [change] = self.ec2.terminate_instances(InstanceIds=[instance_id])["TerminatingInstances"]
        self.assertEqual(state(change), (32, "shutting-down"))
        self.assertEqual(state(change, "PreviousState"), (16, "running"))
        self.wait("instance_terminated", InstanceIds=[instance_id])
        ended = self.instance(instance_id)
        self.assertEqual(ended["State"], {"Code": 48, "Name": "terminated"})
        self.assertEqual(ended.get("BlockDeviceMappings", []), [])
        self.gone("InvalidVolume.NotFound", "describe_volumes", "Volumes", VolumeIds=[root_id])
        for call in (self.ec2.start_instances, self.ec2.stop_instances):
            self.refused("IncorrectInstanceState", call, InstanceIds=[instance_id])
        # To reboot it is ignored.
        self.ec2.reboot_instances(InstanceIds=[instance_id])
        self.assertEqual(self.status(instance_id), "terminated")
        # Terminating again does nothing, and is no error.
        [change] = self.ec2.terminate_instances(InstanceIds=[instance_id])["TerminatingInstances"]
        self.assertEqual(state(change), (48, "terminated"))
        self.ec2.delete_subnet(SubnetId=self.subnet_id)
        if world.forgets:
            self.gone(
                "InvalidInstanceID.NotFound",
                "describe_instances",
                "Reservations",
                InstanceIds=[instance_id],
            )

    def test_attributes(self):
        script = base64.b64encode(b"#!/bin/sh\necho hi\n").decode()
        instance = self.make_instance(
            self.subnet_id, UserData="#!/bin/sh\necho hi\n", DisableApiTermination=True
        )
        instance_id = instance["InstanceId"]
        protected = {"InstanceId": instance_id, "DisableApiTermination": {"Value": False}}
        self.addCleanup(self.until_terminated, [instance_id])
        self.addCleanup(world.drop, "terminate_instances", {"InstanceIds": [instance_id]})
        self.addCleanup(world.drop, "modify_instance_attribute", protected)
        self.assertEqual(self.attribute(instance_id, "userData"), script)
        self.assertEqual(self.attribute(instance_id, "instanceType"), "t3.micro")
        self.assertEqual(self.attribute(instance_id, "instanceInitiatedShutdownBehavior"), "stop")
        self.assertIs(self.attribute(instance_id, "disableApiTermination"), True)
        self.assertIs(self.attribute(instance_id, "sourceDestCheck"), True)

        self.refused(
            "OperationNotPermitted", self.ec2.terminate_instances, InstanceIds=[instance_id]
        )
        self.ec2.modify_instance_attribute(**protected)
        self.assertIs(self.attribute(instance_id, "disableApiTermination"), False)
        self.ec2.modify_instance_attribute(
            InstanceId=instance_id, SourceDestCheck={"Value": False}
        )
        self.assertIs(self.instance(instance_id)["SourceDestCheck"], False)
        self.ec2.modify_instance_attribute(
            InstanceId=instance_id, InstanceInitiatedShutdownBehavior={"Value": "terminate"}
        )
        self.assertEqual(
            self.attribute(instance_id, "instanceInitiatedShutdownBehavior"), "terminate"
        )

        group_id = self.make(
            "create_security_group", GroupName="x", Description="x", VpcId=self.vpc_id
        )["GroupId"]
        self.ec2.modify_instance_attribute(InstanceId=instance_id, Groups=[group_id])
        self.assertEqual(
            [group["GroupId"] for group in self.attribute(instance_id, "groupSet")], [group_id]
        )
        self.assertEqual(
            [group["GroupId"] for group in self.instance(instance_id)["SecurityGroups"]], [group_id]
        )
        self.refused("DependencyViolation", self.ec2.delete_security_group, GroupId=group_id)

        # The type of a running instance cannot be changed.
        larger = {"InstanceId": instance_id, "InstanceType": {"Value": "t3.small"}}
        self.refused("IncorrectInstanceState", self.ec2.modify_instance_attribute, **larger)
        self.ec2.stop_instances(InstanceIds=[instance_id])
        self.wait("instance_stopped", InstanceIds=[instance_id])
        self.ec2.modify_instance_attribute(**larger)
        self.assertEqual(self.instance(instance_id)["InstanceType"], "t3.small")

        monitored = self.ec2.monitor_instances(InstanceIds=[instance_id])["InstanceMonitorings"]
        self.assertIn(monitored[0]["Monitoring"]["State"], {"pending", "enabled"})
        unmonitored = self.ec2.unmonitor_instances(InstanceIds=[instance_id])
        self.assertIn(
            unmonitored["InstanceMonitorings"][0]["Monitoring"]["State"], {"disabling", "disabled"}
        )

    def test_tags(self):
        instance_id = self.make_instance(self.subnet_id)["InstanceId"]
        self.assertEqual(tags_of(self.instance(instance_id)), {})
        self.ec2.create_tags(
            Resources=[instance_id],
            Tags=[{"Key": "Name", "Value": "a"}, {"Key": "Stage", "Value": "test"}],
        )
        self.ec2.create_tags(Resources=[instance_id], Tags=[{"Key": "Name", "Value": "b"}])
        self.assertEqual(tags_of(self.instance(instance_id)), {"Name": "b", "Stage": "test"})
        # With a value, only a tag with that value goes.
        self.ec2.delete_tags(
            Resources=[instance_id],
            Tags=[{"Key": "Name", "Value": "other"}, {"Key": "Stage"}],
        )
        self.assertEqual(tags_of(self.instance(instance_id)), {"Name": "b"})

    def test_found_by_filters(self):
        first = self.make_instance(
            self.subnet_id, TagSpecifications=specification("instance", Name="one", Team="x")
        )
        second = self.make_instance(
            self.subnet_id,
            InstanceType="t3.small",
            TagSpecifications=specification("instance", Name="two", Team="x"),
        )
        one, two = first["InstanceId"], second["InstanceId"]

        def found(*filters, **others):
            pages = self.ec2.get_paginator("describe_instances").paginate(
                Filters=[*filters, *equals(subnet_id=self.subnet_id, **others)]
            )
            return {
                instance["InstanceId"]
                for page in pages
                for reservation in page["Reservations"]
                for instance in reservation["Instances"]
            }

        self.assertEqual(found(), {one, two})
        self.assertEqual(found(instance_type="t3.small"), {two})
        self.assertEqual(found(instance_type="t3.*"), {one, two})
        self.assertEqual(found(named("tag:Name", "one", "three")), {one})
        self.assertEqual(found(named("tag:Name", "t?o")), {two})
        self.assertEqual(found(named("tag:Team", "x"), instance_type="t3.micro"), {one})
        self.assertEqual(found(tag_key="Team", instance_state_name="running"), {one, two})
        self.assertEqual(found(private_ip_address=first["PrivateIpAddress"]), {one})
        self.assertEqual(found(instance_state_code="16"), {one, two})
        self.assertEqual(found(instance_state_name="stopped"), set())
        self.assertEqual(found(instance_id=[one, unknown("i")]), {one})
        self.assertEqual(found(vpc_id=self.vpc_id, image_id=first["ImageId"]), {one, two})

    def test_launches_that_are_refused(self):
        image_id = world.image()

        def launch(**arguments):
            usual = {"ImageId": image_id, "InstanceType": "t3.micro", "SubnetId": self.subnet_id}
            return self.make("run_instances", **{**usual, "MinCount": 1, "MaxCount": 1, **arguments})

        self.refused("InvalidAMIID.NotFound", launch, ImageId=unknown("ami"))
        self.refused("InvalidAMIID.Malformed", launch, ImageId="ami-no")
        self.refused("InvalidParameterValue", launch, InstanceType="t3.enormous")
        self.refused("InvalidSubnetID.NotFound", launch, SubnetId=unknown("subnet"))
        self.refused("InvalidGroup.NotFound", launch, SecurityGroupIds=[unknown("sg")])
        self.refused("InvalidKeyPair.NotFound", launch, KeyName="nobody")
        self.refused(None, launch, MinCount=2, MaxCount=1)
        self.refused(None, launch, MinCount=0, MaxCount=1)
        self.refused(
            {"InvalidLaunchTemplateId.NotFound"},
            launch,
            LaunchTemplate={"LaunchTemplateId": unknown("lt")},
        )
        listed = self.ec2.describe_instances(Filters=equals(subnet_id=self.subnet_id))
        self.assertEqual(listed["Reservations"], [])
        unknown_id = [unknown("i")]
        for call in (
            self.ec2.describe_instances,
            self.ec2.start_instances,
            self.ec2.stop_instances,
            self.ec2.terminate_instances,
        ):
            self.refused("InvalidInstanceID.NotFound", call, InstanceIds=unknown_id)
        self.refused(
            "InvalidInstanceID.Malformed", self.ec2.describe_instances, InstanceIds=["i-no"]
        )

    def test_the_same_token_launches_once(self):
        arguments = {
            "ImageId": world.image(), "InstanceType": "t3.micro", "SubnetId": self.subnet_id,
            "MinCount": 1, "MaxCount": 1, "ClientToken": token(),
        }
        first = self.make("run_instances", **arguments)["Instances"][0]
        second = self.ec2.run_instances(**arguments)["Instances"][0]
        self.assertEqual(first["InstanceId"], second["InstanceId"])
        self.assertEqual(second["ClientToken"], arguments["ClientToken"])
        self.refused(
            "IdempotentParameterMismatch",
            self.ec2.run_instances,
            **{**arguments, "InstanceType": "t3.small"},
        )
        listed = self.ec2.describe_instances(Filters=equals(client_token=arguments["ClientToken"]))
        self.assertEqual(len(listed["Reservations"]), 1)

    def test_disks_of_its_own(self):
        instance = self.make_instance(
            self.subnet_id,
            BlockDeviceMappings=[
                {
                    "DeviceName": "/dev/sdh",
                    "Ebs": {"VolumeSize": 12, "VolumeType": "gp3", "DeleteOnTermination": False},
                }
            ],
        )
        disks = {disk["DeviceName"]: disk["Ebs"] for disk in instance["BlockDeviceMappings"]}
        self.assertEqual(set(disks), {instance["RootDeviceName"], "/dev/sdh"})
        self.assertIs(disks["/dev/sdh"]["DeleteOnTermination"], False)
        volume_id = disks["/dev/sdh"]["VolumeId"]
        self.addCleanup(world.drop, "delete_volume", {"VolumeId": volume_id})
        volume = self.one("describe_volumes", "Volumes", VolumeIds=[volume_id])
        self.assert_shown(volume, Size=12, VolumeType="gp3", State="in-use")
        self.ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
        self.wait("instance_terminated", InstanceIds=[instance["InstanceId"]])
        self.wait("volume_available", VolumeIds=[volume_id])

    def test_in_the_default_vpc(self):
        answer = self.make(
            "run_instances", ImageId=world.image(), InstanceType="t3.micro", MinCount=1, MaxCount=1
        )
        instance_id = answer["Instances"][0]["InstanceId"]
        self.wait("instance_running", InstanceIds=[instance_id])
        instance = self.instance(instance_id)
        default = self.one("describe_vpcs", "Vpcs", Filters=equals(is_default="true"))
        self.assertEqual(instance["VpcId"], default["VpcId"])
        # A default subnet gives its instances public addresses.
        self.assertRegex(instance["PublicIpAddress"], r"\A\d+\.\d+\.\d+\.\d+\Z")


class LaunchTemplates(Story):
    def setUp(self):
        super().setUp()
        self.subnet_id = self.make_subnet(self.make_vpc())
        self.image_id = world.image()
        self.template = self.make(
            "create_launch_template",
            LaunchTemplateName="web",
            VersionDescription="first",
            LaunchTemplateData={
                "ImageId": self.image_id,
                "InstanceType": "t3.micro",
                "TagSpecifications": specification("instance", From="template"),
            },
            TagSpecifications=specification("launch-template", Name="web"),
        )["LaunchTemplate"]
        self.template_id = self.template["LaunchTemplateId"]

    def second_version(self):
        return self.ec2.create_launch_template_version(
            LaunchTemplateId=self.template_id,
            SourceVersion="1",
            VersionDescription="second",
            LaunchTemplateData={"InstanceType": "t3.small"},
        )["LaunchTemplateVersion"]

    def versions(self, **arguments):
        listed = self.ec2.describe_launch_template_versions(
            LaunchTemplateId=self.template_id, **arguments
        )["LaunchTemplateVersions"]
        return {entry["VersionNumber"]: entry for entry in listed}

    def test_versions(self):
        self.assert_id(self.template_id, "lt")
        self.assert_shown(
            self.template,
            LaunchTemplateName="web",
            DefaultVersionNumber=1,
            LatestVersionNumber=1,
        )
        self.assertTrue(self.template["CreatedBy"].startswith("arn:aws:"))
        self.assertEqual(tags_of(self.template), {"Name": "web"})
        second = self.second_version()
        self.assert_shown(second, VersionNumber=2, DefaultVersion=False, VersionDescription="second")
        # What the new version does not say it takes from its source.
        self.assertEqual(second["LaunchTemplateData"]["ImageId"], self.image_id)
        self.assertEqual(second["LaunchTemplateData"]["InstanceType"], "t3.small")

        self.assertEqual(set(self.versions()), {1, 2})
        self.assertEqual(set(self.versions(Versions=["$Latest"])), {2})
        self.assertEqual(set(self.versions(Versions=["$Default"])), {1})
        self.assertEqual(set(self.versions(MinVersion="2")), {2})
        self.refused(
            "InvalidLaunchTemplateId.VersionNotFound",
            self.ec2.describe_launch_template_versions,
            LaunchTemplateId=self.template_id,
            Versions=["7"],
        )

        changed = self.ec2.modify_launch_template(
            LaunchTemplateId=self.template_id, DefaultVersion="2"
        )["LaunchTemplate"]
        self.assert_shown(changed, DefaultVersionNumber=2, LatestVersionNumber=2)
        self.assertTrue(self.versions()[2]["DefaultVersion"])
        self.assertFalse(self.versions()[1]["DefaultVersion"])

        # The default version cannot be deleted.
        deleted = self.ec2.delete_launch_template_versions(
            LaunchTemplateId=self.template_id, Versions=["1", "2"]
        )
        gone = deleted["SuccessfullyDeletedLaunchTemplateVersions"]
        kept = deleted["UnsuccessfullyDeletedLaunchTemplateVersions"]
        self.assertEqual([entry["VersionNumber"] for entry in gone], [1])
        self.assertEqual([entry["VersionNumber"] for entry in kept], [2])
        self.assertTrue(kept[0]["ResponseError"]["Code"])
        self.assertEqual(set(self.versions()), {2})
        # Numbers are not given again.
        third = self.ec2.create_launch_template_version(
            LaunchTemplateName="web", LaunchTemplateData={"ImageId": self.image_id}
        )["LaunchTemplateVersion"]
        self.assertEqual(third["VersionNumber"], 3)
        self.assertNotIn("InstanceType", third["LaunchTemplateData"])

    def test_instances_of_a_template(self):
        self.second_version()

        def launch(**arguments):
            arguments = {"MinCount": 1, "MaxCount": 1, "SubnetId": self.subnet_id, **arguments}
            return self.make("run_instances", **arguments)["Instances"][0]

        by_default = launch(LaunchTemplate={"LaunchTemplateId": self.template_id})
        self.assert_shown(by_default, ImageId=self.image_id, InstanceType="t3.micro")
        self.assertEqual(tags_of(by_default).get("From"), "template")
        latest = launch(LaunchTemplate={"LaunchTemplateName": "web", "Version": "$Latest"})
        self.assertEqual(latest["InstanceType"], "t3.small")
        numbered = launch(LaunchTemplate={"LaunchTemplateName": "web", "Version": "2"})
        self.assertEqual(numbered["InstanceType"], "t3.small")
        # What the request says goes before what the template says.
        over = launch(
            LaunchTemplate={"LaunchTemplateId": self.template_id, "Version": "2"},
            InstanceType="t3.medium",
        )
        self.assertEqual(over["InstanceType"], "t3.medium")
        self.refused(
            {"InvalidLaunchTemplateId.VersionNotFound"},
            launch,
            LaunchTemplate={"LaunchTemplateId": self.template_id, "Version": "9"},
        )
        instance_id = by_default["InstanceId"]
        self.wait("instance_running", InstanceIds=[instance_id])
        data = self.ec2.get_launch_template_data(InstanceId=instance_id)["LaunchTemplateData"]
        self.assert_shown(data, ImageId=self.image_id, InstanceType="t3.micro")

    def test_named_and_deleted(self):
        self.refused(
            "InvalidLaunchTemplateName.AlreadyExistsException",
            self.ec2.create_launch_template,
            LaunchTemplateName="web",
            LaunchTemplateData={"InstanceType": "t3.micro"},
        )
        by_name = self.one(
            "describe_launch_templates", "LaunchTemplates", LaunchTemplateNames=["web"]
        )
        self.assertEqual(by_name["LaunchTemplateId"], self.template_id)
        by_filter = self.one(
            "describe_launch_templates", "LaunchTemplates", Filters=[named("tag:Name", "web")]
        )
        self.assertEqual(by_filter["LaunchTemplateId"], self.template_id)
        deleted = self.ec2.delete_launch_template(LaunchTemplateName="web")["LaunchTemplate"]
        self.assertEqual(deleted["LaunchTemplateId"], self.template_id)
        unknown_codes = {
            "InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateName.NotFoundException",
        }
        self.refused(
            unknown_codes,
            self.ec2.describe_launch_templates,
            LaunchTemplateIds=[self.template_id],
        )
        self.refused(
            unknown_codes, self.ec2.describe_launch_templates, LaunchTemplateNames=["web"]
        )
        self.refused(unknown_codes, self.ec2.delete_launch_template, LaunchTemplateName="web")


if __name__ == "__main__":
    sys.exit(world.main(__name__))
