//! The prefixes of EC2's ids, as a table.

/// A kind of resource and the form of its ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resource {
    /// The name that members for its id begin with: `Vpc` for `VpcId`.
    pub name: &'static str,
    /// What its ids begin with, without the hyphen after it.
    pub prefix: &'static str,
    /// What follows the prefix.
    pub digits: Digits,
}

/// What follows the prefix of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Digits {
    /// Seventeen hexadecimal digits; eight in old ids.
    Seventeen,
    /// A UUID.
    Uuid,
}

/// Words in front of a resource's name that only say what a request does with it, as in `PeerVpcId`.
const ROLES: &[&str] = &[
    "Accepter",
    "Add",
    "Associated",
    "Current",
    "Destination",
    "New",
    "Parent",
    "Peer",
    "Primary",
    "Referenced",
    "Referencing",
    "Remove",
    "Source",
    "Target",
    "Transport",
];

const fn row(name: &'static str, prefix: &'static str) -> Resource {
    let digits = Digits::Seventeen;
    Resource {
        name,
        prefix,
        digits,
    }
}

const fn uuid(name: &'static str, prefix: &'static str) -> Resource {
    let digits = Digits::Uuid;
    Resource {
        name,
        prefix,
        digits,
    }
}

/// The resources whose prefix AWS shows, in the examples of the AWS CLI 1.44, its error codes or its
/// user guides, or that was seen. An `AssociationId` has no row: its prefix depends on the action.
pub static RESOURCES: &[Resource] = &[
    row("Allocation", "eipalloc"),
    row("Ami", "ami"),
    row("Attachment", "eni-attach"),
    row("Bundle", "bun"),
    row("CapacityReservation", "cr"),
    row("CapacityReservationFleet", "crf"),
    row("CarrierGateway", "cagw"),
    row("ClientVpnEndpoint", "cvpn-endpoint"),
    row("Connection", "cvpn-connection"),
    row("ConnectionNotification", "vpce-nfn"),
    row("CustomerGateway", "cgw"),
    row("DhcpOptions", "dopt"),
    row("EgressOnlyInternetGateway", "eigw"),
    row("Eni", "eni"),
    row("ExportImageTask", "export-ami"),
    uuid("Fleet", "fleet"),
    row("FlowLog", "fl"),
    row("FpgaImage", "afi"),
    row("FpgaImageGlobal", "agfi"),
    row("Gateway", "igw"),
    row("Group", "sg"),
    row("Host", "h"),
    row("HostReservation", "hr"),
    row("Image", "ami"),
    row("Instance", "i"),
    row("InstanceConnectEndpoint", "eice"),
    row("InstanceEvent", "instance-event"),
    row("InstanceEventWindow", "iew"),
    row("InternetGateway", "igw"),
    row("Ipam", "ipam"),
    row("IpamPolicy", "ipam-policy"),
    row("IpamPool", "ipam-pool"),
    row("IpamPoolAllocation", "ipam-pool-alloc"),
    row("IpamResourceDiscovery", "ipam-res-disco"),
    row("IpamResourceDiscoveryAssociation", "ipam-res-disco-assoc"),
    row("IpamScope", "ipam-scope"),
    row("KeyPair", "key"),
    row("LaunchTemplate", "lt"),
    row("LocalGateway", "lgw"),
    row("LocalGatewayRouteTable", "lgw-rtb"),
    row("LocalGatewayRouteTableVpcAssociation", "lgw-vpc-assoc"),
    row("LocalGatewayVirtualInterface", "lgw-vif"),
    row("LocalGatewayVirtualInterfaceGroup", "lgw-vif-grp"),
    row("NatGateway", "nat"),
    row("NetworkAcl", "acl"),
    row("NetworkAclAssociation", "aclassoc"),
    row("NetworkInsightsAccessScope", "nis"),
    row("NetworkInsightsAccessScopeAnalysis", "nisa"),
    row("NetworkInsightsAnalysis", "nia"),
    row("NetworkInsightsPath", "nip"),
    row("NetworkInterface", "eni"),
    row("NetworkInterfacePermission", "eni-perm"),
    row("Offering", "hro"),
    row("PlacementGroup", "pg"),
    row("PrefixList", "pl"),
    row("PublicIpv4Pool", "ipv4pool-ec2"),
    row("ReplaceRootVolumeTask", "replacevol"),
    row("Reservation", "r"),
    uuid("ReservedInstancesModification", "rimod"),
    row("RouteTable", "rtb"),
    row("RouteTableAssociation", "rtbassoc"),
    row("SecurityGroup", "sg"),
    row("SecurityGroupRule", "sgr"),
    row("Service", "vpce-svc"),
    row("Snapshot", "snap"),
    uuid("SpotFleetRequest", "sfr"),
    row("SpotInstanceRequest", "sir"),
    row("Subnet", "subnet"),
    row("SubnetCidrReservation", "scr"),
    row("TrafficMirrorFilter", "tmf"),
    row("TrafficMirrorFilterRule", "tmfr"),
    row("TrafficMirrorSession", "tms"),
    row("TrafficMirrorTarget", "tmt"),
    row("TransitGateway", "tgw"),
    row("TransitGatewayAttachment", "tgw-attach"),
    row("TransitGatewayConnectPeer", "tgw-connect-peer"),
    row("TransitGatewayMulticastDomain", "tgw-mcast-domain"),
    row("TransitGatewayPolicyTable", "tgw-ptb"),
    row("TransitGatewayRouteTable", "tgw-rtb"),
    row("VerifiedAccessEndpoint", "vae"),
    row("VerifiedAccessGroup", "vagr"),
    row("VerifiedAccessInstance", "vai"),
    row("VerifiedAccessTrustProvider", "vatp"),
    row("Volume", "vol"),
    row("Vpc", "vpc"),
    row("VpcEndpoint", "vpce"),
    row("VpcPeeringConnection", "pcx"),
    row("VpnConnection", "vpn"),
    row("VpnGateway", "vgw"),
];

impl Resource {
    /// The resource whose id a member such as `VpcId`, `VpcIds` or `PeerVpcId` takes.
    ///
    /// ```
    /// use ec2wire_model::Resource;
    ///
    /// let found = Resource::of_member("SourceSecurityGroupIds").unwrap();
    /// assert_eq!(found.prefix, "sg");
    /// assert_eq!(Resource::of_member("ImageId").unwrap().unknown_id(), "ami-0fedcba9876543210");
    /// assert!(Resource::of_member("OwnerId").is_none());
    /// ```
    pub fn of_member(member: &str) -> Option<&'static Self> {
        let name = member.strip_suffix('s').unwrap_or(member);
        let name = name.strip_suffix("Id").unwrap_or(name);
        let find = |name: &str| RESOURCES.iter().find(|known| known.name == name);
        find(name).or_else(|| {
            let plain = ROLES.iter().find_map(|role| name.strip_prefix(role));
            plain.and_then(find)
        })
    }

    /// A well-formed id that no server has assigned.
    pub fn unknown_id(&self) -> String {
        let digits = match self.digits {
            Digits::Seventeen => "0fedcba9876543210",
            Digits::Uuid => "0fedcba9-8765-4321-8fed-cba987654321",
        };
        format!("{}-{digits}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Model, Shape};
    use std::collections::BTreeSet;

    #[test]
    fn each_row_is_of_a_member_of_ec2_and_none_is_twice() {
        let members = |shape: Shape| shape.members().map(|member| member.name()).collect();
        let members: Vec<Vec<&str>> = Model::ec2().shapes().map(members).collect();
        let members: BTreeSet<&str> = members.into_iter().flatten().collect();
        let mut names = BTreeSet::new();
        let mut absent = Vec::new();
        for resource in RESOURCES {
            assert!(names.insert(resource.name), "{}", resource.name);
            let is_there = ["Id", "Ids", "s"]
                .iter()
                .any(|end| members.contains(format!("{}{end}", resource.name).as_str()));
            absent.extend((!is_there).then_some(resource.name));
        }
        assert_eq!(absent, [""; 0]);
    }

    #[test]
    fn an_unknown_id_has_the_prefix_that_ec2_uses() {
        for (member, id) in [
            ("InstanceIds", "i-0fedcba9876543210"),
            ("NetworkInterfaceId", "eni-0fedcba9876543210"),
            ("PrefixListId", "pl-0fedcba9876543210"),
            ("PeerVpcId", "vpc-0fedcba9876543210"),
            ("FleetId", "fleet-0fedcba9-8765-4321-8fed-cba987654321"),
        ] {
            let found = Resource::of_member(member).map(Resource::unknown_id);
            assert_eq!(found.as_deref(), Some(id), "{member}");
        }
        assert_eq!(Resource::of_member("MiddleboxAttachmentId"), None);
    }
}
