//! Values for members about which the model says too little.

/// The id of the resource that the member names.
const ID: &str = "id";

/// Values by action and path in the request. Without an action, by the member's name in any. `id of`
/// and a resource's name is that of one.
const VALUES: &[(&str, &str, &str)] = &[
    ("", "CidrBlock", "10.0.0.0/16"),
    ("CreateVpc", "CidrBlock", "10.0.0.0/16"),
    ("CreateSubnet", "CidrBlock", "10.0.1.0/24"),
    ("CreateSubnetCidrReservation", "Cidr", "10.0.1.16/28"),
    ("", "DestinationCidrBlock", "10.99.0.0/16"),
    ("", "Cidr", "10.0.0.0/24"),
    ("", "AvailabilityZone", "us-east-1a"),
    ("", "InstanceType", "t3.micro"),
    ("", "AddressFamily", "ipv4"),
    ("", "BgpAsn", "65000"),
    ("CreateDhcpOptions", "DhcpConfigurations.Key", "domain-name"),
    (
        "CreateDhcpOptions",
        "DhcpConfigurations.Values",
        "example.com",
    ),
    ("RunInstances", "ImageId", ID),
    ("CreateVolume", "AvailabilityZone", "us-east-1a"),
    ("CreateVolume", "Size", "8"),
    ("CreatePlacementGroup", "GroupName", "ec2wire"),
    ("CreateLaunchTemplateVersion", "LaunchTemplateId", ID),
    ("CreateCustomerGateway", "IpAddress", "192.0.2.1"),
    ("CreateCustomerGateway", "BgpAsn", "65000"),
    ("CreateNatGateway", "SubnetId", ID),
    ("CreateNatGateway", "ConnectivityType", "private"),
    ("CreateFlowLogs", "ResourceIds", "id of vpc"),
    ("CreateFlowLogs", "ResourceType", "VPC"),
    ("CreateFlowLogs", "TrafficType", "ALL"),
    ("CreateFlowLogs", "LogDestinationType", "s3"),
    ("CreateFlowLogs", "LogDestination", "arn:aws:s3:::logs"),
    ("CreateManagedPrefixList", "AddressFamily", "IPv4"),
    (
        "CreateVpcEndpoint",
        "ServiceName",
        "com.amazonaws.us-east-1.s3",
    ),
    // Another Region's: there is only one VPC here.
    ("CreateVpcPeeringConnection", "PeerVpcId", "vpc-12345678"),
    ("CreateVpcPeeringConnection", "PeerRegion", "eu-west-1"),
    ("AuthorizeSecurityGroupIngress", "GroupId", ID),
    ("AuthorizeSecurityGroupIngress", "IpProtocol", "tcp"),
    ("AuthorizeSecurityGroupIngress", "FromPort", "80"),
    ("AuthorizeSecurityGroupIngress", "ToPort", "80"),
    ("AuthorizeSecurityGroupIngress", "CidrIp", "10.0.0.0/8"),
    ("RevokeSecurityGroupIngress", "GroupId", ID),
    ("DescribeByoipCidrs", "MaxResults", "100"),
];

/// The value of a member, if it is known.
pub(crate) fn of(action: &str, path: &str) -> Option<&'static str> {
    let name = path.rsplit('.').next().unwrap_or(path);
    let own = VALUES.iter().find(|row| row.0 == action && row.1 == path);
    let any = || VALUES.iter().find(|row| row.0.is_empty() && row.1 == name);
    own.or_else(any)
        .map(|row| row.2)
        .filter(|value| *value != ID)
}

/// Whether a request has the member although the model does not require it.
pub(crate) fn wanted(action: &str, path: &str) -> bool {
    VALUES.iter().any(|row| row.0 == action && row.1 == path)
}
