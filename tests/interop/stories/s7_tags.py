#!/usr/bin/env python3
"""Story 7: 500 tagged things, found again by filters and by pages."""

import sys

import world
from world import ClientError, Story, equals, named, specification, tags_of, unknown

VOLUMES = 300
GROUPS = 120
KEY_PAIRS = 80


class Tags(Story):
    @classmethod
    def setUpClass(cls):
        """The things stay for all tests of the class, since to make them takes the longest."""
        cls.undo = []
        try:
            cls.make_all()
        except BaseException:
            cls.tearDownClass()
            raise

    @classmethod
    def make_all(cls):
        ec2 = world.ec2
        cls.vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        cls.undo.append(("delete_vpc", {"VpcId": cls.vpc_id}))
        cls.zones = world.zones()
        cls.volumes, cls.groups, cls.keys = {}, {}, {}
        for number in range(VOLUMES):
            made = ec2.create_volume(
                AvailabilityZone=cls.zones[number % 2],
                Size=1 + number % 3,
                TagSpecifications=specification("volume", **cls.tags(number)),
            )
            cls.volumes[made["VolumeId"]] = number
            cls.undo.append(("delete_volume", {"VolumeId": made["VolumeId"]}))
        for number in range(GROUPS):
            made = ec2.create_security_group(
                GroupName=f"group-{number}",
                Description=f"of shade {number % 4}",
                VpcId=cls.vpc_id,
                TagSpecifications=specification("security-group", **cls.tags(number)),
            )
            cls.groups[made["GroupId"]] = number
            cls.undo.append(("delete_security_group", {"GroupId": made["GroupId"]}))
        for number in range(KEY_PAIRS):
            made = ec2.create_key_pair(
                KeyName=f"key-{number}",
                KeyType="ed25519",
                TagSpecifications=specification("key-pair", **cls.tags(number)),
            )
            cls.keys[made["KeyPairId"]] = number
            cls.undo.append(("delete_key_pair", {"KeyPairId": made["KeyPairId"]}))

    @classmethod
    def tearDownClass(cls):
        for action, arguments in reversed(cls.undo):
            world.drop(action, arguments)

    @staticmethod
    def tags(number):
        tags = {"Story": "seven", "Number": str(number), "Shade": f"shade {number % 5}"}
        if number % 10 == 0:
            tags["Tenth"] = ""
        return tags

    def expected(self, of, matches):
        return {id_ for id_, number in of.items() if matches(number)}

    def volume_ids(self, *filters, **others):
        pages = self.ec2.get_paginator("describe_volumes").paginate(
            Filters=[named("tag:Story", "seven"), *filters, *equals(**others)]
        )
        return {volume["VolumeId"] for page in pages for volume in page["Volumes"]}

    def test_by_tag(self):
        volumes = self.volumes
        self.assertEqual(self.volume_ids(), set(volumes))
        self.assertEqual(
            self.volume_ids(named("tag:Number", "7")), self.expected(volumes, lambda n: n == 7)
        )
        # Values of one filter are alternatives, and all filters must hold.
        self.assertEqual(
            self.volume_ids(named("tag:Shade", "shade 1", "shade 3")),
            self.expected(volumes, lambda n: n % 5 in (1, 3)),
        )
        self.assertEqual(
            self.volume_ids(named("tag:Shade", "shade 1"), size="2"),
            self.expected(volumes, lambda n: n % 5 == 1 and n % 3 == 1),
        )
        self.assertEqual(
            self.volume_ids(tag_key="Tenth"), self.expected(volumes, lambda n: n % 10 == 0)
        )
        self.assertEqual(
            self.volume_ids(named("tag:Tenth", "")), self.expected(volumes, lambda n: n % 10 == 0)
        )
        self.assertEqual(
            self.volume_ids(named("tag-key", "Tenth"), named("tag:Shade", "shade 5")), set()
        )

    def test_wildcards_and_case(self):
        volumes = self.volumes
        self.assertEqual(
            self.volume_ids(named("tag:Number", "1?")),
            self.expected(volumes, lambda n: 10 <= n < 20),
        )
        self.assertEqual(
            self.volume_ids(named("tag:Number", "2*")),
            self.expected(volumes, lambda n: str(n).startswith("2")),
        )
        self.assertEqual(self.volume_ids(named("tag:Shade", "SHADE 1")), set())
        self.assertEqual(self.volume_ids(named("tag:shade", "shade 1")), set())
        # A backslash takes the wildcard's meaning away.
        self.assertEqual(self.volume_ids(named("tag:Number", r"2\*")), set())

    def test_by_what_they_are(self):
        volumes = self.volumes
        self.assertEqual(
            self.volume_ids(availability_zone=self.zones[1]),
            self.expected(volumes, lambda n: n % 2 == 1),
        )
        self.assertEqual(
            self.volume_ids(size=["1", "3"]), self.expected(volumes, lambda n: n % 3 != 1)
        )
        some = sorted(volumes)[:150]
        self.assertEqual(self.volume_ids(volume_id=some), set(some))
        self.assertEqual(self.volume_ids(status="available", encrypted="false"), set(volumes))

        def groups(**filters):
            listed = self.ec2.describe_security_groups(
                Filters=equals(vpc_id=self.vpc_id, **filters)
            )["SecurityGroups"]
            return {group["GroupId"] for group in listed} & set(self.groups)

        self.assertEqual(
            groups(description="of shade 2"), self.expected(self.groups, lambda n: n % 4 == 2)
        )
        self.assertEqual(
            groups(group_name="group-1*"),
            self.expected(self.groups, lambda n: str(n).startswith("1")),
        )
        keys = self.ec2.describe_key_pairs(
            Filters=[named("tag:Shade", "shade 0"), named("key-name", "key-*")]
        )["KeyPairs"]
        self.assertEqual(
            {key["KeyPairId"] for key in keys}, self.expected(self.keys, lambda n: n % 5 == 0)
        )

    def pages(self, action, key, **arguments):
        """All pages of seven entries; each has a token but the last."""
        call, found, tokens = getattr(self.ec2, action), [], set()
        while True:
            page = call(MaxResults=7, **arguments)
            self.assertLessEqual(len(page[key]), 7)
            found.extend(page[key])
            next_token = page.get("NextToken")
            if not next_token:
                return found
            self.assertNotIn(next_token, tokens, "a token appears again")
            tokens.add(next_token)
            self.assertLess(len(tokens), 1000, "the pages do not end")
            arguments["NextToken"] = next_token

    def test_by_pages(self):
        volumes = self.pages(
            "describe_volumes", "Volumes", Filters=[named("tag:Story", "seven")]
        )
        ids = [volume["VolumeId"] for volume in volumes]
        self.assertEqual(len(ids), len(set(ids)), "a volume is on two pages")
        self.assertEqual(set(ids), set(self.volumes))
        some = self.pages(
            "describe_volumes", "Volumes",
            Filters=[named("tag:Story", "seven"), named("tag:Shade", "shade 4")],
        )
        self.assertEqual(
            {volume["VolumeId"] for volume in some},
            self.expected(self.volumes, lambda n: n % 5 == 4),
        )
        groups = self.pages(
            "describe_security_groups", "SecurityGroups", Filters=equals(vpc_id=self.vpc_id)
        )
        ids = [group["GroupId"] for group in groups if group["GroupName"] != "default"]
        self.assertEqual(len(ids), len(set(ids)), "a group is on two pages")
        self.assertEqual(set(ids), set(self.groups))

    def test_pages_that_are_refused(self):
        self.refused(
            "InvalidParameterCombination",
            self.ec2.describe_volumes,
            VolumeIds=sorted(self.volumes)[:1],
            MaxResults=7,
        )
        self.refused(
            {"InvalidParameterValue", "InvalidNextToken", "InvalidPaginationToken"},
            self.ec2.describe_volumes,
            NextToken="no-such-token",
        )
        self.refused(
            {"FilterLimitExceeded", "InvalidParameterValue"},
            self.ec2.describe_volumes,
            Filters=[named("volume-id", *(f"vol-{number:017x}" for number in range(201)))],
        )
        self.refused(
            "InvalidParameterValue", self.ec2.describe_volumes, Filters=[named("tag", "seven")]
        )
        self.refused(
            "InvalidParameterValue", self.ec2.describe_volumes, Filters=[named("Size", "1")]
        )

    def test_describe_tags(self):
        def found(*filters, **others):
            pages = self.ec2.get_paginator("describe_tags").paginate(
                Filters=[*filters, *equals(**others)]
            )
            return [tag for page in pages for tag in page["Tags"]]

        of_story = found(key="Story", value="seven")
        everything = set(self.volumes) | set(self.groups) | set(self.keys)
        self.assertEqual({tag["ResourceId"] for tag in of_story}, everything)
        self.assertEqual(len(of_story), VOLUMES + GROUPS + KEY_PAIRS)
        for tag in of_story[:3]:
            self.assert_shown(tag, Key="Story", Value="seven")
        kinds = {
            tag["ResourceId"]: tag["ResourceType"] for tag in of_story
        }
        self.assertEqual({kinds[id_] for id_ in self.volumes}, {"volume"})
        self.assertEqual({kinds[id_] for id_ in self.keys}, {"key-pair"})

        volumes = found(named("tag:Shade", "shade 2"), resource_type="volume")
        self.assertEqual(
            {tag["ResourceId"] for tag in volumes},
            self.expected(self.volumes, lambda n: n % 5 == 2),
        )
        one = sorted(self.volumes)[0]
        tags = {tag["Key"]: tag["Value"] for tag in found(resource_id=one)}
        self.assertEqual(tags, self.tags(self.volumes[one]))
        paged = self.pages("describe_tags", "Tags", Filters=equals(key="Tenth"))
        self.assertEqual(
            {tag["ResourceId"] for tag in paged},
            {
                id_
                for of in (self.volumes, self.groups, self.keys)
                for id_ in self.expected(of, lambda n: n % 10 == 0)
            },
        )

    def test_tags_of_several(self):
        volume = next(id_ for id_, number in self.volumes.items() if number == 1)
        group = next(id_ for id_, number in self.groups.items() if number == 1)
        self.ec2.create_tags(
            Resources=[volume, group],
            Tags=[{"Key": "Shade", "Value": "repainted"}, {"Key": "é & <1>", "Value": "ü"}],
        )
        repainted = self.ec2.describe_tags(Filters=equals(key="Shade", value="repainted"))["Tags"]
        self.assertEqual({tag["ResourceId"] for tag in repainted}, {volume, group})
        shown = self.one("describe_volumes", "Volumes", VolumeIds=[volume])
        self.assertEqual(
            tags_of(shown), {**self.tags(1), "Shade": "repainted", "é & <1>": "ü"}
        )
        self.ec2.delete_tags(
            Resources=[volume, group],
            Tags=[{"Key": "é & <1>"}, {"Key": "Shade", "Value": "not this"}],
        )
        shown = self.one("describe_volumes", "Volumes", VolumeIds=[volume])
        self.assertEqual(tags_of(shown), {**self.tags(1), "Shade": "repainted"})
        self.ec2.create_tags(
            Resources=[volume, group], Tags=[{"Key": "Shade", "Value": "shade 1"}]
        )

        # One unknown id spoils the whole request.
        with self.assertRaises(ClientError):
            self.ec2.create_tags(
                Resources=[volume, unknown("vol")], Tags=[{"Key": "New", "Value": ""}]
            )
        shown = self.one("describe_volumes", "Volumes", VolumeIds=[volume])
        self.assertEqual(tags_of(shown), self.tags(1))

    def test_tags_that_are_refused(self):
        volume = sorted(self.volumes)[5]
        before = tags_of(self.one("describe_volumes", "Volumes", VolumeIds=[volume]))

        def tag(key, value="", **arguments):
            self.ec2.create_tags(
                **{"Resources": [volume], "Tags": [{"Key": key, "Value": value}], **arguments}
            )

        self.refused("InvalidParameterValue", tag, key="aws:reserved")
        self.refused("InvalidParameterValue", tag, key="k" * 129)
        self.refused("InvalidParameterValue", tag, key="k", value="v" * 257)
        self.refused(None, tag, key="")
        self.refused(
            {"InvalidVolume.NotFound", "InvalidID"}, tag, key="k", Resources=[unknown("vol")]
        )
        self.refused({"InvalidID"}, tag, key="k", Resources=["nonsense"])
        many = [{"Key": f"k{number}", "Value": ""} for number in range(51)]
        self.refused(
            {"TagLimitExceeded"}, self.ec2.create_tags, Resources=[volume], Tags=many
        )
        after = tags_of(self.one("describe_volumes", "Volumes", VolumeIds=[volume]))
        self.assertEqual(after, before)


if __name__ == "__main__":
    sys.exit(world.main(__name__))
