//! What a rule allows, as requests and lists write it.

use crate::server::fault;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use ipnet::{Ipv4Net, Ipv6Net};

/// The protocol that stands for all.
pub(super) const ALL: &str = "-1";
/// The numbers of protocols that have names here.
pub(super) const PROTOCOLS: [(&str, &str); 5] = [
    ("tcp", "6"),
    ("udp", "17"),
    ("icmp", "1"),
    ("icmpv6", "58"),
    (ALL, "all"),
];

/// What a rule allows, without its id.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    pub(super) is_egress: bool,
    pub(super) protocol: String,
    /// The first and the last port, or the type and the code of ICMP.
    pub(super) ports: Option<(i64, i64)>,
    pub(super) peer: Peer,
    pub(super) description: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Peer {
    V4(String),
    V6(String),
    PrefixList(String),
    Group { id: String, user: String },
}

impl Rule {
    pub(super) fn all(is_egress: bool, peer: Peer) -> Self {
        Self {
            is_egress,
            protocol: ALL.into(),
            ports: None,
            peer,
            description: None,
        }
    }

    pub(super) fn all_egress() -> Self {
        Self::all(true, Peer::V4("0.0.0.0/0".into()))
    }

    pub(super) fn all_egress_v6() -> Self {
        Self::all(true, Peer::V6("::/0".into()))
    }

    /// Whether both allow the same. Descriptions do not count.
    pub(super) fn allows_same(&self, other: &Self) -> bool {
        self.is_egress == other.is_egress
            && self.protocol == other.protocol
            && self.ports == other.ports
            && self.peer == other.peer
    }

    /// The rule as a list of rules shows it, without its id.
    pub(super) fn entry(&self, group: &str, owner: &str) -> Structure<'static> {
        // Rules for all protocols show -1 as their ports.
        let (from, to) = self.ports.unwrap_or((-1, -1));
        let mut entry = Structure::from([
            ("GroupId", Value::from(group.to_owned())),
            ("GroupOwnerId", owner.to_owned().into()),
            ("IsEgress", self.is_egress.into()),
            ("IpProtocol", self.protocol.clone().into()),
            ("FromPort", from.into()),
            ("ToPort", to.into()),
        ]);
        match &self.peer {
            Peer::V4(cidr) => entry.insert("CidrIpv4", Value::from(cidr.clone())),
            Peer::V6(cidr) => entry.insert("CidrIpv6", Value::from(cidr.clone())),
            Peer::PrefixList(id) => entry.insert("PrefixListId", Value::from(id.clone())),
            Peer::Group { id, user } => entry.insert(
                "ReferencedGroupInfo",
                Structure::from([
                    ("GroupId", Value::from(id.clone())),
                    ("UserId", user.clone().into()),
                ]),
            ),
        };
        if let Some(description) = &self.description {
            entry.insert("Description", Value::from(description.clone()));
        }
        entry
    }

    /// The rule that an item is.
    pub(super) fn of(item: &Item) -> Option<Self> {
        let text = |path: &str| item.text(path).map(str::to_owned);
        let number = |name: &str| match item.entry.get(name) {
            Some(Value::Integer(number)) => *number,
            _ => -1,
        };
        let protocol = text("IpProtocol")?;
        let peer = match (text("CidrIpv4"), text("CidrIpv6"), text("PrefixListId")) {
            (Some(cidr), _, _) => Peer::V4(cidr),
            (_, Some(cidr), _) => Peer::V6(cidr),
            (_, _, Some(id)) => Peer::PrefixList(id),
            _ => Peer::Group {
                id: text("ReferencedGroupInfo.GroupId")?,
                user: text("ReferencedGroupInfo.UserId")?,
            },
        };
        let (from, to) = (number("FromPort"), number("ToPort"));
        let has_ports = protocol != ALL && (from, to) != (-1, -1) || is_icmp(&protocol);
        Some(Self {
            is_egress: item.entry.get("IsEgress") == Some(&Value::Bool(true)),
            ports: has_ports.then_some((from, to)),
            protocol,
            peer,
            description: text("Description"),
        })
    }

    /// How EC2's messages name it.
    pub(super) fn shown(&self) -> String {
        let peer = match &self.peer {
            Peer::V4(text) | Peer::V6(text) | Peer::PrefixList(text) => text,
            Peer::Group { id, .. } => id,
        };
        let protocol = match self.protocol.as_str() {
            ALL => "ALL".to_owned(),
            other => other.to_uppercase(),
        };
        let ports = self.ports.map_or_else(String::new, |(from, to)| {
            format!(", from port: {from}, to port: {to}")
        });
        format!("peer: {peer}, {protocol}{ports}, ALLOW")
    }
}

pub(super) fn is_icmp(protocol: &str) -> bool {
    matches!(protocol, "icmp" | "icmpv6")
}

/// The name of a protocol, which may be given by its number.
pub(super) fn protocol(given: Option<&str>) -> Result<String, Fault> {
    let given = given.ok_or_else(|| fault::missing_parameter("IpProtocol"))?;
    let lower = given.to_lowercase();
    if let Some((name, _)) = PROTOCOLS
        .iter()
        .find(|(name, number)| [*name, *number].contains(&lower.as_str()))
    {
        return Ok((*name).to_owned());
    }
    match lower.parse::<u8>() {
        Ok(number) => Ok(number.to_string()),
        Err(_) => Err(fault::invalid_value(format!(
            "Invalid value '{given}' for IP protocol. Unknown protocol."
        ))),
    }
}

/// The ports of a rule. Only TCP and UDP need them, and ICMP has types and codes.
pub(super) fn ports(
    protocol: &str,
    from: Option<i64>,
    to: Option<i64>,
) -> Result<Option<(i64, i64)>, Fault> {
    match protocol {
        "tcp" | "udp" => {
            let (Some(from), Some(to)) = (from, to) else {
                return Err(fault::invalid_value(
                    "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
                ));
            };
            if (from, to) == (-1, -1) {
                return Ok(Some((0, 65535)));
            }
            let is_port = |port: i64| (0..=65535).contains(&port);
            if !is_port(from) || !is_port(to) || from > to {
                return Err(fault::invalid_value(format!(
                    "Invalid value '{from}-{to}' for portRange. Must be from 0 to 65535, the lower port first."
                )));
            }
            Ok(Some((from, to)))
        }
        protocol if is_icmp(protocol) => Ok(Some((from.unwrap_or(-1), to.unwrap_or(-1)))),
        _ => Ok(None),
    }
}

pub(super) fn v4(text: &str) -> Result<Peer, Fault> {
    let cidr: Ipv4Net = text.parse().map_err(|_| malformed_cidr(text))?;
    Ok(Peer::V4(cidr.trunc().to_string()))
}

pub(super) fn v6(text: &str) -> Result<Peer, Fault> {
    let cidr: Ipv6Net = text.parse().map_err(|_| malformed_cidr(text))?;
    Ok(Peer::V6(cidr.trunc().to_string()))
}

pub(super) fn malformed_cidr(text: &str) -> Fault {
    fault::invalid_value(format!("CIDR block {text} is malformed"))
}
