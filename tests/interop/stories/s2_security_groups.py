#!/usr/bin/env python3
"""Story 2: security groups, and rules of every form."""

import sys

import world
from world import Story, equals, named, specification, tags_of, unknown

ANYWHERE = "0.0.0.0/0"


def tcp(port, **sources):
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **sources}


def of_group(permission):
    """A permission as a set of what it allows, whatever else the answer says."""
    sources = {("cidr", range_["CidrIp"]) for range_ in permission.get("IpRanges", [])}
    sources |= {("ipv6", range_["CidrIpv6"]) for range_ in permission.get("Ipv6Ranges", [])}
    sources |= {("list", list_["PrefixListId"]) for list_ in permission.get("PrefixListIds", [])}
    sources |= {("group", pair["GroupId"]) for pair in permission.get("UserIdGroupPairs", [])}
    ports = (permission["IpProtocol"], permission.get("FromPort"), permission.get("ToPort"))
    return {(*ports, *source) for source in sources}


class SecurityGroups(Story):
    def setUp(self):
        super().setUp()
        self.vpc_id = self.make_vpc()
        self.group_id = self.make_group("web")

    def make_group(self, name, **arguments):
        arguments = {"Description": f"for {name}", "VpcId": self.vpc_id, **arguments}
        return self.make("create_security_group", GroupName=name, **arguments)["GroupId"]

    def make_prefix_list(self):
        made = self.make(
            "create_managed_prefix_list",
            PrefixListName="offices",
            AddressFamily="IPv4",
            MaxEntries=2,
            Entries=[{"Cidr": "203.0.113.0/24", "Description": "one"}],
        )["PrefixList"]
        self.assert_id(made["PrefixListId"], "pl")
        self.assertIn(made["State"], {"create-in-progress", "create-complete"})

        def complete():
            shown = self.one(
                "describe_managed_prefix_lists",
                "PrefixLists",
                PrefixListIds=[made["PrefixListId"]],
            )
            return shown["State"] == "create-complete"

        self.until("the prefix list", complete)
        return made["PrefixListId"]

    def group(self, group_id=None):
        group_id = group_id or self.group_id
        return self.one("describe_security_groups", "SecurityGroups", GroupIds=[group_id])

    def allowed(self, side="IpPermissions", group_id=None):
        return set().union(*map(of_group, self.group(group_id)[side]))

    def rules(self, group_id=None):
        listed = self.ec2.describe_security_group_rules(
            Filters=equals(group_id=group_id or self.group_id)
        )["SecurityGroupRules"]
        return {rule["SecurityGroupRuleId"]: rule for rule in listed}

    def test_a_new_group(self):
        made = self.make(
            "create_security_group",
            GroupName="db",
            Description="for the database",
            VpcId=self.vpc_id,
            TagSpecifications=specification("security-group", Tier="data"),
        )
        group_id = made["GroupId"]
        self.assert_id(group_id, "sg")
        self.assertEqual(tags_of(made), {"Tier": "data"})
        group = self.group(group_id)
        self.assert_shown(
            group,
            GroupName="db",
            Description="for the database",
            VpcId=self.vpc_id,
            IpPermissions=[],
        )
        self.assertRegex(group["OwnerId"], world.ACCOUNT)
        self.assertEqual(tags_of(group), {"Tier": "data"})
        # It allows nothing in and everything out.
        self.assertEqual(
            self.allowed("IpPermissionsEgress", group_id), {("-1", None, None, "cidr", ANYWHERE)}
        )
        [rule] = self.rules(group_id).values()
        self.assert_shown(
            rule, IsEgress=True, IpProtocol="-1", FromPort=-1, ToPort=-1, CidrIpv4=ANYWHERE
        )

    def test_rules_of_every_form(self):
        other_id = self.make_group("balancer")
        list_id = self.make_prefix_list()
        answer = self.ec2.authorize_security_group_ingress(
            GroupId=self.group_id,
            IpPermissions=[
                tcp(443, IpRanges=[
                    {"CidrIp": "198.51.100.0/24", "Description": "the office"},
                    {"CidrIp": "203.0.113.7/32"},
                ]),
                tcp(443, Ipv6Ranges=[{"CidrIpv6": "2001:db8::/64", "Description": "v6"}]),
                tcp(80, UserIdGroupPairs=[{"GroupId": other_id, "Description": "balancer"}]),
                tcp(22, PrefixListIds=[{"PrefixListId": list_id}]),
                {
                    "IpProtocol": "icmp", "FromPort": 8, "ToPort": -1,
                    "IpRanges": [{"CidrIp": ANYWHERE}],
                },
                {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": self.group_id}]},
                {
                    "IpProtocol": "udp", "FromPort": 5000, "ToPort": 6000,
                    "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
                },
            ],
            TagSpecifications=specification("security-group-rule", By="test"),
        )
        self.assertTrue(answer["Return"])
        # A rule has one source, so two ranges are two rules.
        self.assertEqual(len(answer["SecurityGroupRules"]), 8)
        for rule in answer["SecurityGroupRules"]:
            self.assert_id(rule["SecurityGroupRuleId"], "sgr")
            self.assert_shown(rule, GroupId=self.group_id, IsEgress=False)
            self.assertEqual(tags_of(rule), {"By": "test"})

        expected = {
            ("tcp", 443, 443, "cidr", "198.51.100.0/24"),
            ("tcp", 443, 443, "cidr", "203.0.113.7/32"),
            ("tcp", 443, 443, "ipv6", "2001:db8::/64"),
            ("tcp", 80, 80, "group", other_id),
            ("tcp", 22, 22, "list", list_id),
            ("icmp", 8, -1, "cidr", ANYWHERE),
            ("-1", None, None, "group", self.group_id),
            ("udp", 5000, 6000, "cidr", "10.0.0.0/8"),
        }
        self.assertEqual(self.allowed(), expected)
        # DescribeSecurityGroups groups them by protocol and ports.
        permissions = self.group()["IpPermissions"]
        self.assertEqual(len(permissions), 6)
        [https] = [entry for entry in permissions if entry.get("FromPort") == 443]
        descriptions = {range_["CidrIp"]: range_.get("Description") for range_ in https["IpRanges"]}
        self.assertEqual(
            descriptions, {"198.51.100.0/24": "the office", "203.0.113.7/32": None}
        )

        rules = self.rules()
        entering = [rule for rule in rules.values() if not rule["IsEgress"]]
        self.assertEqual(len(entering), 8)
        [from_list] = [rule for rule in entering if rule.get("PrefixListId")]
        self.assert_shown(from_list, PrefixListId=list_id, FromPort=22, ToPort=22)
        [six] = [rule for rule in entering if rule.get("CidrIpv6")]
        self.assert_shown(six, CidrIpv6="2001:db8::/64", Description="v6")
        [balancer] = [rule for rule in entering if rule.get("Description") == "balancer"]
        self.assertEqual(balancer["ReferencedGroupInfo"]["GroupId"], other_id)
        by_tag = self.ec2.describe_security_group_rules(Filters=[named("tag:By", "test")])
        self.assertEqual(len(by_tag["SecurityGroupRules"]), 8)
        rule_id = six["SecurityGroupRuleId"]
        one = self.one(
            "describe_security_group_rules", "SecurityGroupRules", SecurityGroupRuleIds=[rule_id]
        )
        self.assertEqual(one["CidrIpv6"], "2001:db8::/64")

    def test_rules_out(self):
        self.ec2.revoke_security_group_egress(
            GroupId=self.group_id,
            IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANYWHERE}]}],
        )
        self.assertEqual(self.group()["IpPermissionsEgress"], [])
        made = self.ec2.authorize_security_group_egress(
            GroupId=self.group_id, IpPermissions=[tcp(5432, IpRanges=[{"CidrIp": "10.0.0.0/16"}])]
        )
        [rule] = made["SecurityGroupRules"]
        self.assert_shown(rule, IsEgress=True, CidrIpv4="10.0.0.0/16", FromPort=5432)
        self.assertEqual(
            self.allowed("IpPermissionsEgress"), {("tcp", 5432, 5432, "cidr", "10.0.0.0/16")}
        )
        self.assertEqual(self.group()["IpPermissions"], [])

    def test_the_short_form(self):
        self.ec2.authorize_security_group_ingress(
            GroupId=self.group_id, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="10.0.0.0/24"
        )
        self.assertEqual(self.allowed(), {("tcp", 22, 22, "cidr", "10.0.0.0/24")})
        self.ec2.revoke_security_group_ingress(
            GroupId=self.group_id, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="10.0.0.0/24"
        )
        self.assertEqual(self.allowed(), set())

    def test_duplicate_and_missing_rules(self):
        ssh = [tcp(22, IpRanges=[{"CidrIp": "10.0.0.0/24"}])]
        self.ec2.authorize_security_group_ingress(GroupId=self.group_id, IpPermissions=ssh)
        self.refused(
            "InvalidPermission.Duplicate",
            self.ec2.authorize_security_group_ingress,
            GroupId=self.group_id,
            IpPermissions=ssh,
        )
        # Nothing of a request that is refused is done.
        both = [tcp(23, IpRanges=[{"CidrIp": "10.0.0.0/24"}]), *ssh]
        self.refused(
            "InvalidPermission.Duplicate",
            self.ec2.authorize_security_group_ingress,
            GroupId=self.group_id,
            IpPermissions=both,
        )
        self.assertEqual(self.allowed(), {("tcp", 22, 22, "cidr", "10.0.0.0/24")})
        # Another description does not make it another rule.
        self.refused(
            "InvalidPermission.Duplicate",
            self.ec2.authorize_security_group_ingress,
            GroupId=self.group_id,
            IpPermissions=[tcp(22, IpRanges=[{"CidrIp": "10.0.0.0/24", "Description": "again"}])],
        )
        self.refused(
            "InvalidPermission.NotFound",
            self.ec2.revoke_security_group_ingress,
            GroupId=self.group_id,
            IpPermissions=both,
        )
        self.assertEqual(self.allowed(), {("tcp", 22, 22, "cidr", "10.0.0.0/24")})
        self.ec2.revoke_security_group_ingress(GroupId=self.group_id, IpPermissions=ssh)
        self.refused(
            "InvalidPermission.NotFound",
            self.ec2.revoke_security_group_ingress,
            GroupId=self.group_id,
            IpPermissions=ssh,
        )

    def test_rules_are_changed(self):
        made = self.ec2.authorize_security_group_ingress(
            GroupId=self.group_id,
            IpPermissions=[tcp(22, IpRanges=[{"CidrIp": "10.0.0.0/24", "Description": "old"}])],
        )
        rule_id = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        self.ec2.update_security_group_rule_descriptions_ingress(
            GroupId=self.group_id,
            IpPermissions=[tcp(22, IpRanges=[{"CidrIp": "10.0.0.0/24", "Description": "new"}])],
        )
        self.assertEqual(self.rules()[rule_id]["Description"], "new")
        self.ec2.modify_security_group_rules(
            GroupId=self.group_id,
            SecurityGroupRules=[
                {
                    "SecurityGroupRuleId": rule_id,
                    "SecurityGroupRule": {
                        "IpProtocol": "tcp", "FromPort": 2222, "ToPort": 2222,
                        "CidrIpv4": "10.0.1.0/24", "Description": "moved",
                    },
                }
            ],
        )
        self.assert_shown(
            self.rules()[rule_id],
            FromPort=2222, ToPort=2222, CidrIpv4="10.0.1.0/24", Description="moved",
        )
        self.assertEqual(self.allowed(), {("tcp", 2222, 2222, "cidr", "10.0.1.0/24")})
        self.ec2.revoke_security_group_ingress(
            GroupId=self.group_id, SecurityGroupRuleIds=[rule_id]
        )
        self.assertNotIn(rule_id, self.rules())
        self.refused(
            "InvalidSecurityGroupRuleId.NotFound",
            self.ec2.revoke_security_group_ingress,
            GroupId=self.group_id,
            SecurityGroupRuleIds=[rule_id],
        )

    def test_found_by_filters(self):
        other_id = self.make_group("cache")
        self.ec2.authorize_security_group_ingress(
            GroupId=self.group_id, IpPermissions=[tcp(443, IpRanges=[{"CidrIp": "10.1.0.0/16"}])]
        )
        self.ec2.authorize_security_group_ingress(
            GroupId=other_id, IpPermissions=[tcp(11211, UserIdGroupPairs=[{"GroupId": self.group_id}])]
        )

        def found(**filters):
            listed = self.ec2.describe_security_groups(
                Filters=equals(vpc_id=self.vpc_id, **filters)
            )["SecurityGroups"]
            return {group["GroupId"] for group in listed}

        self.assertEqual(found(group_name=["web", "cache"]), {self.group_id, other_id})
        self.assertEqual(found(description="for cache"), {other_id})
        self.assertEqual(found(**{"ip-permission.cidr": "10.1.0.0/16"}), {self.group_id})
        self.assertEqual(found(**{"ip-permission.from-port": "11211"}), {other_id})
        self.assertEqual(found(**{"ip-permission.group-id": self.group_id}), {other_id})
        self.assertEqual(found(**{"ip-permission.protocol": "udp"}), set())
        self.assertEqual(found(group_name="WEB"), set())

    def test_groups_that_are_refused(self):
        def create(**arguments):
            arguments = {"GroupName": "x", "Description": "x", "VpcId": self.vpc_id, **arguments}
            return self.ec2.create_security_group(**arguments)

        self.refused("InvalidGroup.Duplicate", create, GroupName="web")
        self.refused({"InvalidGroup.Reserved", "InvalidParameterValue", "InvalidGroup.Duplicate"},
                     create, GroupName="default")
        self.refused("InvalidVpcID.NotFound", create, VpcId=unknown("vpc"))
        self.refused("InvalidParameterValue", create, Description="not <allowed>")
        # The same name in another VPC is another group.
        other_vpc = self.make_vpc("10.7.0.0/16")
        self.make_group("web", VpcId=other_vpc)

    def test_rules_that_are_refused(self):
        def authorize(permission, group_id=None):
            self.ec2.authorize_security_group_ingress(
                GroupId=group_id or self.group_id, IpPermissions=[permission]
            )

        anywhere = [{"CidrIp": ANYWHERE}]
        self.refused(
            "InvalidGroup.NotFound", authorize,
            permission=tcp(1, IpRanges=anywhere), group_id=unknown("sg"),
        )
        self.refused(
            {"InvalidGroupId.Malformed", "InvalidSecurityGroupId.Malformed"}, authorize,
            permission=tcp(1, IpRanges=anywhere), group_id="sg-no",
        )
        self.refused(
            "InvalidGroup.NotFound", authorize,
            permission=tcp(1, UserIdGroupPairs=[{"GroupId": unknown("sg")}]),
        )
        self.refused(None, authorize, permission=tcp(1, IpRanges=[{"CidrIp": "10.0.0.0/33"}]))
        self.refused(None, authorize, permission=tcp(70000, IpRanges=anywhere))
        self.refused(
            None, authorize,
            permission={
                "IpProtocol": "tcp", "FromPort": 20, "ToPort": 10, "IpRanges": anywhere},
        )
        self.refused(None, authorize, permission={"IpProtocol": "nonsense", "IpRanges": anywhere})
        self.assertEqual(self.allowed(), set())

    def test_deleted(self):
        other_id = self.make_group("balancer")
        self.ec2.authorize_security_group_ingress(
            GroupId=self.group_id,
            IpPermissions=[tcp(80, UserIdGroupPairs=[{"GroupId": other_id}])],
        )
        self.refused(
            "DependencyViolation", self.ec2.delete_security_group, GroupId=other_id
        )
        self.ec2.revoke_security_group_ingress(
            GroupId=self.group_id,
            IpPermissions=[tcp(80, UserIdGroupPairs=[{"GroupId": other_id}])],
        )
        self.ec2.delete_security_group(GroupId=other_id)
        self.gone(
            "InvalidGroup.NotFound", "describe_security_groups", "SecurityGroups",
            GroupIds=[other_id],
        )
        self.refused("InvalidGroup.NotFound", self.ec2.delete_security_group, GroupId=other_id)
        self.refused("DependencyViolation", self.ec2.delete_vpc, VpcId=self.vpc_id)
        # What uses a group keeps it.
        subnet_id = self.make_subnet(self.vpc_id)
        interface = self.make(
            "create_network_interface", SubnetId=subnet_id, Groups=[self.group_id]
        )["NetworkInterface"]["NetworkInterfaceId"]
        self.refused("DependencyViolation", self.ec2.delete_security_group, GroupId=self.group_id)
        self.ec2.delete_network_interface(NetworkInterfaceId=interface)
        self.ec2.delete_security_group(GroupId=self.group_id)

    def test_prefix_lists(self):
        list_id = self.make_prefix_list()

        def entries():
            listed = self.ec2.get_managed_prefix_list_entries(PrefixListId=list_id)["Entries"]
            return {entry["Cidr"]: entry.get("Description") for entry in listed}

        self.assertEqual(entries(), {"203.0.113.0/24": "one"})

        def shown():
            return self.one(
                "describe_managed_prefix_lists", "PrefixLists", PrefixListIds=[list_id]
            )

        first = shown()
        self.assert_shown(
            first, PrefixListName="offices", MaxEntries=2, AddressFamily="IPv4", Version=1
        )
        self.ec2.modify_managed_prefix_list(
            PrefixListId=list_id,
            CurrentVersion=1,
            AddEntries=[{"Cidr": "198.51.100.0/24", "Description": "two"}],
        )
        self.until("the new version", lambda: shown()["State"] == "modify-complete")
        self.assertEqual(shown()["Version"], 2)
        self.assertEqual(entries(), {"203.0.113.0/24": "one", "198.51.100.0/24": "two"})
        self.refused(
            None,
            self.ec2.modify_managed_prefix_list,
            PrefixListId=list_id,
            CurrentVersion=2,
            AddEntries=[{"Cidr": "192.0.2.0/24"}],
        )
        self.refused(
            None,
            self.ec2.modify_managed_prefix_list,
            PrefixListId=list_id,
            CurrentVersion=1,
            RemoveEntries=[{"Cidr": "203.0.113.0/24"}],
        )
        self.ec2.delete_managed_prefix_list(PrefixListId=list_id)
        self.gone(
            "InvalidPrefixListID.NotFound",
            "describe_managed_prefix_lists",
            "PrefixLists",
            ["delete-complete"],
            PrefixListIds=[list_id],
        )


if __name__ == "__main__":
    sys.exit(world.main(__name__))
