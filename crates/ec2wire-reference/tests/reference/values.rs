//! Values for members about which the model says too little.

/// Values by action and path in the request. Without an action, by the member's name in any.
const VALUES: &[(&str, &str, &str)] = &[
    ("", "CidrBlock", "10.0.0.0/16"),
    ("CreateSubnet", "CidrBlock", "10.0.1.0/24"),
    ("", "DestinationCidrBlock", "10.99.0.0/16"),
    ("", "Cidr", "10.0.0.0/24"),
    ("", "AvailabilityZone", "us-east-1a"),
    ("", "InstanceType", "t3.micro"),
    ("", "AddressFamily", "ipv4"),
    ("", "BgpAsn", "65000"),
    ("DescribeByoipCidrs", "MaxResults", "100"),
];

/// The value of a member, if it is known.
pub(crate) fn of(action: &str, path: &str) -> Option<&'static str> {
    let name = path.rsplit('.').next().unwrap_or(path);
    let own = VALUES.iter().find(|row| row.0 == action && row.1 == path);
    let any = || VALUES.iter().find(|row| row.0.is_empty() && row.1 == name);
    own.or_else(any).map(|row| row.2)
}

/// Whether a request has the member although the model does not require it.
pub(crate) fn wanted(action: &str, path: &str) -> bool {
    VALUES.iter().any(|row| row.0 == action && row.1 == path)
}
