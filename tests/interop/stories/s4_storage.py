#!/usr/bin/env python3
"""Story 4: volumes, their snapshots, and an image of an instance."""

import sys

import world
from world import Story, equals, named, specification, tags_of, token, unknown


class Storage(Story):
    def make_volume(self, **arguments):
        arguments = {"AvailabilityZone": world.zones()[0], "Size": 8, **arguments}
        volume_id = self.make("create_volume", **arguments)["VolumeId"]
        self.wait("volume_available", VolumeIds=[volume_id])
        return volume_id

    def make_snapshot(self, volume_id, **arguments):
        snapshot_id = self.make("create_snapshot", VolumeId=volume_id, **arguments)["SnapshotId"]
        self.wait("snapshot_completed", SnapshotIds=[snapshot_id])
        return snapshot_id

    def make_image(self, instance_id, **arguments):
        """An image, whose snapshots go with it."""
        image_id = self.make("create_image", InstanceId=instance_id, **arguments)["ImageId"]
        self.wait("image_available", ImageIds=[image_id])
        image = self.one("describe_images", "Images", ImageIds=[image_id])
        for mapping in image["BlockDeviceMappings"]:
            if "Ebs" in mapping:
                made = {"SnapshotId": mapping["Ebs"]["SnapshotId"]}
                self.addCleanup(world.drop, "delete_snapshot", made)
        # Before them.
        self.addCleanup(world.drop, "deregister_image", {"ImageId": image_id})
        return image

    def volume(self, volume_id):
        return self.one("describe_volumes", "Volumes", VolumeIds=[volume_id])

    def launch(self):
        return self.make_instance(self.make_subnet(self.make_vpc()))

    def test_a_volume(self):
        zone = world.zones()[0]
        volume = self.make(
            "create_volume",
            AvailabilityZone=zone,
            Size=10,
            VolumeType="gp3",
            Iops=4000,
            Throughput=200,
            Encrypted=True,
            TagSpecifications=specification("volume", Name="data"),
        )
        volume_id = volume["VolumeId"]
        self.assert_id(volume_id, "vol")
        expected = {
            "AvailabilityZone": zone, "Size": 10, "VolumeType": "gp3", "Iops": 4000,
            "Throughput": 200, "Encrypted": True,
        }
        self.assert_shown(volume, State="creating", MultiAttachEnabled=False, **expected)
        self.assertEqual(tags_of(volume), {"Name": "data"})
        self.wait("volume_available", VolumeIds=[volume_id])
        shown = self.volume(volume_id)
        self.assert_shown(shown, State="available", **expected)
        self.assertEqual(shown["CreateTime"], volume["CreateTime"])
        self.assertEqual(shown.get("Attachments", []), [])
        status = self.one("describe_volume_status", "VolumeStatuses", VolumeIds=[volume_id])
        self.assertEqual(status["VolumeStatus"]["Status"], "ok")

        # The type is gp2 where none is asked for.
        plain = self.volume(self.make_volume())
        self.assert_shown(plain, VolumeType="gp2", Size=8, Encrypted=False)

        def found(*filters, **others):
            listed = self.ec2.describe_volumes(Filters=[*filters, *equals(**others)])["Volumes"]
            return {entry["VolumeId"] for entry in listed} & {volume_id, plain["VolumeId"]}

        self.assertEqual(found(volume_type="gp3"), {volume_id})
        self.assertEqual(found(named("tag:Name", "data")), {volume_id})
        self.assertEqual(found(encrypted="false", size="8"), {plain["VolumeId"]})
        self.assertEqual(found(status="creating"), set())

        self.ec2.delete_volume(VolumeId=volume_id)
        self.wait("volume_deleted", VolumeIds=[volume_id])
        self.refused("InvalidVolume.NotFound", self.ec2.delete_volume, VolumeId=volume_id)

    def test_volumes_that_are_refused(self):
        zone = world.zones()[0]

        def create(**arguments):
            return self.make("create_volume", **{"AvailabilityZone": zone, "Size": 8, **arguments})

        self.refused(
            {"MissingParameter"}, self.ec2.create_volume, AvailabilityZone=zone
        )
        self.refused({"InvalidZone.NotFound", "InvalidParameterValue"}, create,
                     AvailabilityZone="us-east-1zz")
        self.refused("InvalidSnapshot.NotFound", create, SnapshotId=unknown("snap"))
        self.refused({"InvalidParameterValue", "UnknownVolumeType"}, create, VolumeType="gp9")
        self.refused(None, create, VolumeType="gp3", Size=100000)
        self.refused(
            "InvalidVolume.NotFound", self.ec2.describe_volumes, VolumeIds=[unknown("vol")]
        )
        malformed = {"InvalidVolumeID.Malformed", "InvalidParameterValue"}
        self.refused(malformed, self.ec2.describe_volumes, VolumeIds=["vol-no"])

    def test_attached_and_detached(self):
        instance = self.launch()
        instance_id = instance["InstanceId"]
        volume_id = self.make_volume()
        attach = {"VolumeId": volume_id, "InstanceId": instance_id, "Device": "/dev/sdf"}
        made = self.ec2.attach_volume(**attach)
        self.addCleanup(world.drop, "detach_volume", {"VolumeId": volume_id})
        self.assert_shown(made, Device="/dev/sdf", InstanceId=instance_id, VolumeId=volume_id)
        self.assertIn(made["State"], {"attaching", "attached"})
        self.wait("volume_in_use", VolumeIds=[volume_id])

        def attachment():
            return self.volume(volume_id)["Attachments"][0]

        self.until("attached", lambda: attachment()["State"] == "attached")
        self.assert_shown(
            attachment(), Device="/dev/sdf", InstanceId=instance_id, DeleteOnTermination=False
        )
        disks = {
            disk["DeviceName"]: disk["Ebs"]["VolumeId"]
            for disk in self.instance(instance_id)["BlockDeviceMappings"]
        }
        self.assertEqual(disks.get("/dev/sdf"), volume_id)
        listed = self.ec2.describe_volumes(
            Filters=equals(**{"attachment.instance-id": instance_id, "attachment.device": "/dev/sdf"})
        )["Volumes"]
        self.assertEqual([entry["VolumeId"] for entry in listed], [volume_id])

        self.refused("VolumeInUse", self.ec2.delete_volume, VolumeId=volume_id)
        self.refused("VolumeInUse", self.ec2.attach_volume, **{**attach, "Device": "/dev/sdg"})
        other_id = self.make_volume()
        self.refused(
            {"InvalidParameterValue", "InvalidDevice.InUse"},
            self.ec2.attach_volume,
            **{**attach, "VolumeId": other_id},
        )
        far_id = self.make_volume(AvailabilityZone=world.zones()[1])
        self.refused(
            "InvalidVolume.ZoneMismatch",
            self.ec2.attach_volume,
            **{**attach, "VolumeId": far_id, "Device": "/dev/sdg"},
        )
        self.refused(
            "InvalidInstanceID.NotFound",
            self.ec2.attach_volume,
            **{**attach, "VolumeId": other_id, "InstanceId": unknown("i"), "Device": "/dev/sdg"},
        )
        # The root volume of an instance that runs stays.
        root_id = disks[instance["RootDeviceName"]]
        self.refused(
            {"OperationNotPermitted", "IncorrectState"}, self.ec2.detach_volume, VolumeId=root_id
        )

        left = self.ec2.detach_volume(VolumeId=volume_id)
        self.assert_shown(left, VolumeId=volume_id, InstanceId=instance_id)
        self.assertIn(left["State"], {"detaching", "detached"})
        self.wait("volume_available", VolumeIds=[volume_id])
        self.assertEqual(self.volume(volume_id).get("Attachments", []), [])
        self.refused("IncorrectState", self.ec2.detach_volume, VolumeId=volume_id)
        self.ec2.delete_volume(VolumeId=volume_id)
        self.wait("volume_deleted", VolumeIds=[volume_id])

    def test_a_snapshot(self):
        volume_id = self.make_volume(Size=9, TagSpecifications=specification("volume", Name="data"))
        snapshot = self.make(
            "create_snapshot",
            VolumeId=volume_id,
            Description="before the change",
            TagSpecifications=specification("snapshot", Name="backup"),
        )
        snapshot_id = snapshot["SnapshotId"]
        self.assert_id(snapshot_id, "snap")
        self.assert_shown(
            snapshot,
            VolumeId=volume_id,
            VolumeSize=9,
            Description="before the change",
            State="pending",
            Encrypted=False,
        )
        self.assertRegex(snapshot["OwnerId"], world.ACCOUNT)
        self.wait("snapshot_completed", SnapshotIds=[snapshot_id])
        shown = self.one("describe_snapshots", "Snapshots", SnapshotIds=[snapshot_id])
        self.assert_shown(shown, State="completed", Progress="100%", VolumeSize=9)
        self.assertEqual(tags_of(shown), {"Name": "backup"})
        own = self.ec2.describe_snapshots(
            OwnerIds=["self"], Filters=equals(volume_id=volume_id)
        )["Snapshots"]
        self.assertEqual([entry["SnapshotId"] for entry in own], [snapshot_id])

        # It outlives its volume, and another volume is made from it.
        self.ec2.delete_volume(VolumeId=volume_id)
        restored_id = self.make_volume_from(snapshot_id)
        self.assert_shown(self.volume(restored_id), Size=9, SnapshotId=snapshot_id)
        larger_id = self.make_volume_from(snapshot_id, Size=20)
        self.assertEqual(self.volume(larger_id)["Size"], 20)
        self.refused(
            None,
            self.ec2.create_volume,
            AvailabilityZone=world.zones()[0],
            SnapshotId=snapshot_id,
            Size=1,
        )

        copy_id = self.ec2.copy_snapshot(
            SourceRegion=world.REGION, SourceSnapshotId=snapshot_id, Description="copied"
        )["SnapshotId"]
        self.addCleanup(world.drop, "delete_snapshot", {"SnapshotId": copy_id})
        self.assertNotEqual(copy_id, snapshot_id)
        self.wait("snapshot_completed", SnapshotIds=[copy_id])
        copy = self.one("describe_snapshots", "Snapshots", SnapshotIds=[copy_id])
        self.assert_shown(copy, VolumeSize=9, Description="copied")

        self.ec2.delete_snapshot(SnapshotId=snapshot_id)
        self.gone(
            "InvalidSnapshot.NotFound", "describe_snapshots", "Snapshots", SnapshotIds=[snapshot_id]
        )
        self.refused("InvalidSnapshot.NotFound", self.ec2.delete_snapshot, SnapshotId=snapshot_id)
        self.refused(
            "InvalidVolume.NotFound", self.ec2.create_snapshot, VolumeId=unknown("vol")
        )

    def make_volume_from(self, snapshot_id, **arguments):
        volume_id = self.make(
            "create_volume",
            AvailabilityZone=world.zones()[0],
            SnapshotId=snapshot_id,
            **arguments,
        )["VolumeId"]
        self.wait("volume_available", VolumeIds=[volume_id])
        return volume_id

    def test_a_snapshot_is_shared(self):
        snapshot_id = self.make_snapshot(self.make_volume())
        one = {"SnapshotId": snapshot_id, "Attribute": "createVolumePermission"}

        def permissions():
            answer = self.ec2.describe_snapshot_attribute(**one)
            self.assertEqual(answer["SnapshotId"], snapshot_id)
            return answer["CreateVolumePermissions"]

        self.assertEqual(permissions(), [])
        self.ec2.modify_snapshot_attribute(OperationType="add", UserIds=["111122223333"], **one)
        self.assertEqual(permissions(), [{"UserId": "111122223333"}])
        self.ec2.modify_snapshot_attribute(OperationType="add", GroupNames=["all"], **one)
        self.assertIn({"Group": "all"}, permissions())
        self.ec2.modify_snapshot_attribute(OperationType="remove", UserIds=["111122223333"], **one)
        self.assertEqual(permissions(), [{"Group": "all"}])
        self.ec2.reset_snapshot_attribute(**one)
        self.assertEqual(permissions(), [])

    def test_a_volume_grows(self):
        volume_id = self.make_volume(VolumeType="gp3")
        change = self.ec2.modify_volume(VolumeId=volume_id, Size=16)["VolumeModification"]
        self.assert_shown(change, VolumeId=volume_id, OriginalSize=8, TargetSize=16)
        self.assertIn(change["ModificationState"], {"modifying", "optimizing", "completed"})
        self.until("the new size", lambda: self.volume(volume_id)["Size"] == 16)
        shown = self.one(
            "describe_volumes_modifications", "VolumesModifications", VolumeIds=[volume_id]
        )
        self.assert_shown(shown, OriginalSize=8, TargetSize=16)
        # A volume does not shrink.
        self.refused(None, self.ec2.modify_volume, VolumeId=volume_id, Size=4)
        self.ec2.modify_volume_attribute(VolumeId=volume_id, AutoEnableIO={"Value": True})
        attribute = self.ec2.describe_volume_attribute(VolumeId=volume_id, Attribute="autoEnableIO")
        self.assertEqual(attribute["AutoEnableIO"], {"Value": True})

    def test_the_same_token_makes_one_volume(self):
        arguments = {"AvailabilityZone": world.zones()[0], "Size": 8, "ClientToken": token()}
        first = self.make("create_volume", **arguments)["VolumeId"]
        self.assertEqual(self.ec2.create_volume(**arguments)["VolumeId"], first)
        self.refused(
            "IdempotentParameterMismatch", self.ec2.create_volume, **{**arguments, "Size": 9}
        )

    def test_an_image_of_an_instance(self):
        instance = self.launch()
        image = self.make_image(
            instance["InstanceId"],
            Name="golden",
            Description="with all updates",
            TagSpecifications=specification("image", Name="golden")
            + specification("snapshot", Of="golden"),
        )
        image_id = image["ImageId"]
        self.assert_id(image_id, "ami")
        self.assert_shown(
            image,
            Name="golden",
            Description="with all updates",
            State="available",
            Public=False,
            ImageType="machine",
            Architecture="x86_64",
            RootDeviceType="ebs",
            RootDeviceName=instance["RootDeviceName"],
        )
        self.assertRegex(image["OwnerId"], world.ACCOUNT)
        self.assertEqual(tags_of(image), {"Name": "golden"})
        own = self.ec2.describe_images(Owners=["self"], Filters=equals(name="gold*"))["Images"]
        self.assertEqual([entry["ImageId"] for entry in own], [image_id])
        amazon = self.ec2.describe_images(Owners=["amazon"], Filters=equals(name="golden"))
        self.assertEqual(amazon["Images"], [])
        [root] = [
            entry for entry in image["BlockDeviceMappings"]
            if entry["DeviceName"] == image["RootDeviceName"]
        ]
        snapshot_id = root["Ebs"]["SnapshotId"]
        snapshot = self.one("describe_snapshots", "Snapshots", SnapshotIds=[snapshot_id])
        self.assertEqual(tags_of(snapshot), {"Of": "golden"})
        self.assertEqual(snapshot["VolumeSize"], root["Ebs"]["VolumeSize"])

        self.refused(
            "InvalidAMIName.Duplicate",
            self.ec2.create_image,
            InstanceId=instance["InstanceId"],
            Name="golden",
        )
        self.refused("InvalidSnapshot.InUse", self.ec2.delete_snapshot, SnapshotId=snapshot_id)

        # It is shared, and launched.
        permission = {"ImageId": image_id, "Attribute": "launchPermission"}
        self.ec2.modify_image_attribute(
            ImageId=image_id, LaunchPermission={"Add": [{"UserId": "111122223333"}]}
        )
        shared = self.ec2.describe_image_attribute(**permission)
        self.assertEqual(shared["LaunchPermissions"], [{"UserId": "111122223333"}])
        self.ec2.modify_image_attribute(ImageId=image_id, Description={"Value": "newer"})
        shown = self.one("describe_images", "Images", ImageIds=[image_id])
        self.assert_shown(shown, Description="newer", Public=False)
        self.ec2.reset_image_attribute(**permission)
        self.assertEqual(self.ec2.describe_image_attribute(**permission)["LaunchPermissions"], [])
        child = self.make_instance(instance["SubnetId"], ImageId=image_id)
        self.assertEqual(child["ImageId"], image_id)
        root_id = child["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
        self.assertEqual(self.volume(root_id)["SnapshotId"], snapshot_id)

        copy_id = self.ec2.copy_image(
            Name="copied", SourceImageId=image_id, SourceRegion=world.REGION
        )["ImageId"]
        self.addCleanup(world.drop, "deregister_image", {"ImageId": copy_id})
        self.wait("image_available", ImageIds=[copy_id])
        copy = self.one("describe_images", "Images", ImageIds=[copy_id])
        self.assertEqual(copy["Name"], "copied")
        self.ec2.deregister_image(ImageId=copy_id)

        self.ec2.deregister_image(ImageId=image_id)
        self.refused(
            {"InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"},
            self.ec2.run_instances,
            ImageId=image_id,
            InstanceType="t3.micro",
            SubnetId=instance["SubnetId"],
            MinCount=1,
            MaxCount=1,
        )
        own = self.ec2.describe_images(
            Owners=["self"], Filters=equals(name="golden", state="available")
        )["Images"]
        self.assertEqual(own, [])
        # Its snapshots outlive it.
        self.ec2.delete_snapshot(SnapshotId=snapshot_id)

    def test_an_image_of_a_snapshot(self):
        snapshot_id = self.make_snapshot(self.make_volume())
        image_id = self.ec2.register_image(
            Name="registered",
            Architecture="arm64",
            RootDeviceName="/dev/xvda",
            VirtualizationType="hvm",
            BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot_id}}],
        )["ImageId"]
        self.addCleanup(world.drop, "deregister_image", {"ImageId": image_id})
        self.wait("image_available", ImageIds=[image_id])
        image = self.one("describe_images", "Images", ImageIds=[image_id])
        self.assert_shown(
            image, Name="registered", Architecture="arm64", RootDeviceName="/dev/xvda"
        )
        self.assertEqual(image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"], snapshot_id)
        self.refused("InvalidAMIID.NotFound", self.ec2.describe_images, ImageIds=[unknown("ami")])
        self.refused("InvalidAMIID.Malformed", self.ec2.describe_images, ImageIds=["ami-no"])


if __name__ == "__main__":
    sys.exit(world.main(__name__))
