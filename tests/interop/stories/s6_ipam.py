#!/usr/bin/env python3
"""Story 6: an IPAM with its scopes, pools, CIDRs, allocations and policies."""

import sys

import world
from world import Story, specification, tags_of, token, unknown

COMPLETE = {"create-complete", "modify-complete"}
GONE = ["delete-complete"]


class Ipam(Story):
    def setUp(self):
        super().setUp()
        self.ipam = self.make(
            "create_ipam",
            Description="for the stories",
            OperatingRegions=[{"RegionName": world.REGION}],
            TagSpecifications=specification("ipam", Name="main"),
        )["Ipam"]
        self.ipam_id = self.ipam["IpamId"]
        # Whatever a test leaves in it goes with it.
        self.addCleanup(world.drop, "delete_ipam", {"IpamId": self.ipam_id, "Cascade": True})
        self.complete("describe_ipams", "Ipams", IpamIds=[self.ipam_id])

    def complete(self, action, key, **arguments):
        return self.until(f"{key} complete", lambda: self.is_complete(action, key, arguments))

    def is_complete(self, action, key, arguments):
        entry = self.one(action, key, **arguments)
        self.assertNotIn("failed", entry["State"])
        return entry if entry["State"] in COMPLETE else None

    def make_pool(self, scope_id=None, **arguments):
        """A pool for IPv4."""
        made = self.make(
            "create_ipam_pool",
            IpamScopeId=scope_id or self.ipam["PrivateDefaultScopeId"],
            AddressFamily="ipv4",
            **arguments,
        )["IpamPool"]
        self.complete("describe_ipam_pools", "IpamPools", IpamPoolIds=[made["IpamPoolId"]])
        return made

    def cidrs(self, pool_id):
        listed = self.ec2.get_ipam_pool_cidrs(IpamPoolId=pool_id)["IpamPoolCidrs"]
        return {entry["Cidr"]: entry["State"] for entry in listed}

    def provision(self, pool_id, cidr):
        answer = self.ec2.provision_ipam_pool_cidr(IpamPoolId=pool_id, Cidr=cidr)["IpamPoolCidr"]
        self.assertEqual(answer["Cidr"], cidr)
        self.assertIn(answer["State"], {"pending-provision", "provisioned"})
        self.until(f"{cidr} provisioned", lambda: self.cidrs(pool_id).get(cidr) == "provisioned")

    def allocations(self, pool_id):
        listed = self.ec2.get_ipam_pool_allocations(IpamPoolId=pool_id)["IpamPoolAllocations"]
        return {entry["IpamPoolAllocationId"]: entry for entry in listed}

    def test_an_ipam(self):
        ipam = self.ipam
        self.assert_id(self.ipam_id, "ipam")
        self.assert_shown(ipam, Description="for the stories", IpamRegion=world.REGION)
        self.assertIn(ipam["State"], {"create-in-progress", "create-complete"})
        self.assertEqual(
            ipam["IpamArn"], f"arn:aws:ec2::{ipam['OwnerId']}:ipam/{self.ipam_id}"
        )
        shown = self.one("describe_ipams", "Ipams", IpamIds=[self.ipam_id])
        self.assertEqual(tags_of(shown), {"Name": "main"})
        self.assertEqual(
            [region["RegionName"] for region in shown["OperatingRegions"]], [world.REGION]
        )
        # It comes with a scope for private and one for public addresses.
        self.assertEqual(shown["ScopeCount"], 2)
        for side in ("private", "public"):
            scope_id = ipam[f"{side.capitalize()}DefaultScopeId"]
            scope = self.one("describe_ipam_scopes", "IpamScopes", IpamScopeIds=[scope_id])
            self.assert_shown(
                scope, IpamScopeType=side, IsDefault=True, PoolCount=0, IpamArn=ipam["IpamArn"]
            )
            self.refused(None, self.ec2.delete_ipam_scope, IpamScopeId=scope_id)

        changed = self.ec2.modify_ipam(IpamId=self.ipam_id, Description="changed")["Ipam"]
        self.assertEqual(changed["Description"], "changed")
        shown = self.complete("describe_ipams", "Ipams", IpamIds=[self.ipam_id])
        self.assertEqual(shown["Description"], "changed")
        self.refused("InvalidIpamId.NotFound", self.ec2.describe_ipams, IpamIds=[unknown("ipam")])
        self.refused(
            "InvalidIpamId.NotFound",
            self.ec2.modify_ipam,
            IpamId=unknown("ipam"),
            Description="x",
        )

    def test_scopes(self):
        made = self.make(
            "create_ipam_scope",
            IpamId=self.ipam_id,
            Description="a second",
            TagSpecifications=specification("ipam-scope", Name="two"),
        )["IpamScope"]
        scope_id = made["IpamScopeId"]
        self.assert_id(scope_id, "ipam-scope")
        self.assert_shown(made, IpamScopeType="private", IsDefault=False, Description="a second")
        scope = self.complete("describe_ipam_scopes", "IpamScopes", IpamScopeIds=[scope_id])
        self.assertEqual(tags_of(scope), {"Name": "two"})
        ipam = self.one("describe_ipams", "Ipams", IpamIds=[self.ipam_id])
        self.assertEqual(ipam["ScopeCount"], 3)

        pool_id = self.make_pool(scope_id)["IpamPoolId"]
        scope = self.one("describe_ipam_scopes", "IpamScopes", IpamScopeIds=[scope_id])
        self.assertEqual(scope["PoolCount"], 1)
        self.refused("DependencyViolation", self.ec2.delete_ipam_scope, IpamScopeId=scope_id)
        self.ec2.delete_ipam_pool(IpamPoolId=pool_id)
        self.gone(
            "InvalidIpamPoolId.NotFound", "describe_ipam_pools", "IpamPools", GONE,
            IpamPoolIds=[pool_id],
        )
        self.ec2.delete_ipam_scope(IpamScopeId=scope_id)
        self.gone(
            "InvalidIpamScopeId.NotFound", "describe_ipam_scopes", "IpamScopes", GONE,
            IpamScopeIds=[scope_id],
        )
        self.refused(
            "InvalidIpamId.NotFound", self.ec2.create_ipam_scope, IpamId=unknown("ipam")
        )

    def test_pools_cidrs_and_allocations(self):
        pool = self.make_pool(
            Description="all", TagSpecifications=specification("ipam-pool", Name="top")
        )
        pool_id = pool["IpamPoolId"]
        self.assert_id(pool_id, "ipam-pool")
        self.assert_shown(
            pool, AddressFamily="ipv4", IpamScopeType="private", Locale="None", PoolDepth=1
        )
        self.assertEqual(pool["IpamArn"], self.ipam["IpamArn"])
        self.provision(pool_id, "10.0.0.0/8")
        # A pool's CIDRs do not overlap.
        self.refused_or_failed(pool_id, "10.128.0.0/16")

        regional = self.make_pool(
            SourceIpamPoolId=pool_id,
            Locale=world.REGION,
            AllocationDefaultNetmaskLength=24,
            AllocationMinNetmaskLength=16,
            AllocationMaxNetmaskLength=28,
        )
        regional_id = regional["IpamPoolId"]
        self.assert_shown(regional, SourceIpamPoolId=pool_id, Locale=world.REGION, PoolDepth=2)
        self.provision(regional_id, "10.0.0.0/16")
        # What a pool gives to another it has allocated.
        [given] = self.allocations(pool_id).values()
        self.assert_shown(
            given, Cidr="10.0.0.0/16", ResourceType="ipam-pool", ResourceId=regional_id
        )

        allocated = self.ec2.allocate_ipam_pool_cidr(
            IpamPoolId=regional_id, NetmaskLength=24, Description="by length"
        )["IpamPoolAllocation"]
        allocation_id = allocated["IpamPoolAllocationId"]
        # These ids have more digits than others.
        self.assertRegex(allocation_id, r"\Aipam-pool-alloc-[0-9a-f]{32}\Z")
        self.assert_shown(allocated, ResourceType="custom", Description="by length")
        self.assertRegex(allocated["Cidr"], r"\A10\.0\.\d+\.0/24\Z")
        chosen = self.ec2.allocate_ipam_pool_cidr(IpamPoolId=regional_id, Cidr="10.0.200.0/24")
        chosen_id = chosen["IpamPoolAllocation"]["IpamPoolAllocationId"]
        self.assertEqual(chosen["IpamPoolAllocation"]["Cidr"], "10.0.200.0/24")
        by_default = self.ec2.allocate_ipam_pool_cidr(IpamPoolId=regional_id)["IpamPoolAllocation"]
        self.assertTrue(by_default["Cidr"].endswith("/24"), by_default)
        self.assertEqual(
            set(self.allocations(regional_id)),
            {allocation_id, chosen_id, by_default["IpamPoolAllocationId"]},
        )
        previewed = self.ec2.allocate_ipam_pool_cidr(
            IpamPoolId=regional_id, NetmaskLength=24, PreviewNextCidr=True
        )["IpamPoolAllocation"]["Cidr"]
        self.assertNotIn(
            previewed, {entry["Cidr"] for entry in self.allocations(regional_id).values()}
        )
        self.assertEqual(len(self.allocations(regional_id)), 3)

        # Taken, outside the pool, and too large or too small for it.
        for arguments in (
            {"Cidr": "10.0.200.128/25"},
            {"Cidr": "10.9.0.0/24"},
            {"NetmaskLength": 12},
            {"NetmaskLength": 30},
        ):
            self.refused(
                None, self.ec2.allocate_ipam_pool_cidr, IpamPoolId=regional_id, **arguments
            )
        self.refused(
            "InvalidIpamPoolId.NotFound",
            self.ec2.allocate_ipam_pool_cidr,
            IpamPoolId=unknown("ipam-pool"),
            NetmaskLength=24,
        )

        # A VPC takes its block from a pool, and gives it back.
        vpc_id = self.make("create_vpc", Ipv4IpamPoolId=regional_id, Ipv4NetmaskLength=20)["Vpc"][
            "VpcId"
        ]
        self.wait("vpc_available", VpcIds=[vpc_id])
        block = self.one("describe_vpcs", "Vpcs", VpcIds=[vpc_id])["CidrBlock"]
        self.assertRegex(block, r"\A10\.0\.\d+\.0/20\Z")

        def of_vpc():
            return [
                entry for entry in self.allocations(regional_id).values()
                if entry.get("ResourceId") == vpc_id
            ]

        [of_it] = self.until("the VPC's allocation", of_vpc)
        self.assert_shown(of_it, Cidr=block, ResourceType="vpc")
        self.ec2.delete_vpc(VpcId=vpc_id)
        self.until("the block is free", lambda: not of_vpc())

        # While something is in a pool, neither it nor its CIDR goes.
        self.refused(None, self.ec2.delete_ipam_pool, IpamPoolId=regional_id)
        for one in (allocation_id, chosen_id, by_default["IpamPoolAllocationId"]):
            cidr = self.allocations(regional_id)[one]["Cidr"]
            released = self.ec2.release_ipam_pool_allocation(
                IpamPoolId=regional_id, Cidr=cidr, IpamPoolAllocationId=one
            )
            self.assertTrue(released["Success"])
        self.assertEqual(self.allocations(regional_id), {})
        self.refused(None, self.ec2.delete_ipam_pool, IpamPoolId=regional_id)
        for id_, cidr in ((regional_id, "10.0.0.0/16"), (pool_id, "10.0.0.0/8")):
            taken = self.ec2.deprovision_ipam_pool_cidr(IpamPoolId=id_, Cidr=cidr)["IpamPoolCidr"]
            self.assertIn(taken["State"], {"pending-deprovision", "deprovisioned"})
            self.until(
                f"{cidr} deprovisioned",
                lambda id_=id_, cidr=cidr: self.cidrs(id_).get(cidr, "deprovisioned") == "deprovisioned",
            )
            self.ec2.delete_ipam_pool(IpamPoolId=id_)
            self.gone(
                "InvalidIpamPoolId.NotFound", "describe_ipam_pools", "IpamPools", GONE,
                IpamPoolIds=[id_],
            )

    def refused_or_failed(self, pool_id, cidr):
        """EC2 may refuse a CIDR at once, or find out later that it cannot provision it."""
        try:
            self.ec2.provision_ipam_pool_cidr(IpamPoolId=pool_id, Cidr=cidr)
        except world.ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            self.assertIn(status, range(400, 500), error.response)
            return
        self.until(
            f"{cidr} failed", lambda: self.cidrs(pool_id).get(cidr) == "failed-provision"
        )

    def test_the_same_token_makes_one_pool(self):
        arguments = {
            "IpamScopeId": self.ipam["PrivateDefaultScopeId"],
            "AddressFamily": "ipv4",
            "ClientToken": token(),
        }
        first = self.make("create_ipam_pool", **arguments)["IpamPool"]["IpamPoolId"]
        second = self.ec2.create_ipam_pool(**arguments)["IpamPool"]["IpamPoolId"]
        self.assertEqual(first, second)
        listed = self.ec2.describe_ipam_pools()["IpamPools"]
        of_ipam = [entry for entry in listed if entry["IpamArn"] == self.ipam["IpamArn"]]
        self.assertEqual(len(of_ipam), 1)

    def test_policies(self):
        made = self.make(
            "create_ipam_policy",
            IpamId=self.ipam_id,
            TagSpecifications=specification("ipam-policy", Name="first"),
        )["IpamPolicy"]
        policy_id = made["IpamPolicyId"]
        self.assert_id(policy_id, "ipam-policy")
        self.assert_shown(made, IpamId=self.ipam_id, IpamPolicyRegion=world.REGION)
        shown = self.complete(
            "describe_ipam_policies", "IpamPolicies", IpamPolicyIds=[policy_id]
        )
        self.assertEqual(tags_of(shown), {"Name": "first"})
        # An IPAM with something in it goes only with all of it.
        self.refused(None, self.ec2.delete_ipam, IpamId=self.ipam_id)
        self.ec2.delete_ipam_policy(IpamPolicyId=policy_id)
        self.gone(
            "InvalidIpamPolicyId.NotFound", "describe_ipam_policies", "IpamPolicies", GONE,
            IpamPolicyIds=[policy_id],
        )

    def test_deleted_with_all_that_is_in_it(self):
        pool_id = self.make_pool()["IpamPoolId"]
        self.provision(pool_id, "10.0.0.0/8")
        self.refused(None, self.ec2.delete_ipam, IpamId=self.ipam_id)
        deleted = self.ec2.delete_ipam(IpamId=self.ipam_id, Cascade=True)["Ipam"]
        self.assertIn(deleted["State"], {"delete-in-progress", "delete-complete"})
        self.gone("InvalidIpamId.NotFound", "describe_ipams", "Ipams", GONE, IpamIds=[self.ipam_id])
        self.gone(
            "InvalidIpamPoolId.NotFound", "describe_ipam_pools", "IpamPools", GONE,
            IpamPoolIds=[pool_id],
        )


if __name__ == "__main__":
    sys.exit(world.main(__name__))
