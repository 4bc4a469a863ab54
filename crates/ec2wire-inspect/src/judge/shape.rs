//! Compares an answer with the shape that the service model gives it.

use super::scalar::{Fit, fit, in_words};
use crate::format::beyond::Beyond;
use crate::format::case::ModelTest;
use crate::record::Difference;
use crate::record::place::child as child_path;
use crate::wire::referee::Element;
use ec2wire_model::{Kind, Model, Shape, TimestampFormat};
use std::collections::BTreeSet;

/// The first departure of an answer from its shape in the model: in words, and as a difference.
pub fn departure(root: &Element, action: &str, asked: ModelTest) -> Option<(String, Difference)> {
    let output = Model::ec2().operation(action)?.output()?;
    Walk {
        asked,
        is_root: true,
        holder: (output.name(), ""),
    }
    .structure(root, output, "")
}

struct Walk<'e> {
    asked: ModelTest,
    /// Whether the structure is the answer itself, which has the request id beside its members.
    is_root: bool,
    /// The structure and the element that a text is in.
    holder: (&'static str, &'e str),
}

type Found = Option<(String, Difference)>;

impl Walk<'_> {
    fn structure(&self, element: &Element, shape: Shape, place: &str) -> Found {
        let mut seen = BTreeSet::new();
        for child in &element.children {
            if self.is_root && child.name == "requestId" {
                continue;
            }
            let at = child_path(place, &child.name, nth(element, child));
            let mut members = shape.members();
            let Some(member) = members.find(|member| member.element_name() == child.name) else {
                let is_known = Beyond::embedded().has_member(shape.name(), &child.name);
                if self.asked == ModelTest::Members && !is_known {
                    let wanted = "no such element".to_owned();
                    let got = format!("an element `{}`", child.name);
                    let found = format!("{at} is an element that the model does not know");
                    return Some((found, Difference::new(at, wanted, Some(got))));
                }
                continue;
            };
            if !seen.insert(&child.name) && !member.is_flattened() {
                if self.asked == ModelTest::Once {
                    let wanted = format!("one element `{}`", child.name);
                    let found = format!("{at} repeats the element `{}`", child.name);
                    let got = Some("a second one".to_owned());
                    return Some((found, Difference::new(at, wanted, got)));
                }
                continue;
            }
            let inner = match member.shape().kind() {
                Kind::List { entry, .. } if member.is_flattened() => entry,
                _ => member.shape(),
            };
            let inside = Walk {
                asked: self.asked,
                is_root: false,
                holder: (shape.name(), &child.name),
            };
            let found = inside.value(child, inner, member.timestamp_format(), &at);
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn value(
        &self,
        element: &Element,
        shape: Shape,
        format: Option<TimestampFormat>,
        place: &str,
    ) -> Found {
        match shape.kind() {
            Kind::Structure => self.structure(element, shape, place),
            Kind::List {
                entry, entry_name, ..
            } => {
                for child in &element.children {
                    let at = child_path(place, &child.name, nth(element, child));
                    if child.name != entry_name {
                        if self.asked == ModelTest::Lists {
                            let wanted = format!("elements `{entry_name}`");
                            let got = format!("an element `{}`", child.name);
                            let found = format!("{at} is {got}, expected {wanted}");
                            return Some((found, Difference::new(at, wanted, Some(got))));
                        }
                        continue;
                    }
                    let found = self.value(child, entry, None, &at);
                    if found.is_some() {
                        return found;
                    }
                }
                None
            }
            kind => self.scalar(element, shape, kind, format, place),
        }
    }

    fn scalar(
        &self,
        element: &Element,
        shape: Shape,
        kind: Kind,
        format: Option<TimestampFormat>,
        place: &str,
    ) -> Found {
        let text = element.text.as_str();
        let differs = |wanted: String| {
            let found = format!("{place} is {text:?}, expected {wanted}");
            Some((found, Difference::new(place, wanted, Some(text.to_owned()))))
        };
        match self.asked {
            ModelTest::Types if !element.children.is_empty() => {
                let found = format!("{place} contains elements, expected {}", in_words(kind));
                let got = Some("elements".to_owned());
                Some((
                    found,
                    Difference::new(place, in_words(kind).to_owned(), got),
                ))
            }
            ModelTest::Types if fit(text, kind, format) == Fit::Wrong => {
                differs(in_words(kind).to_owned())
            }
            ModelTest::Spaces if fit(text, kind, format) == Fit::Spaced => {
                differs(format!("{} without white space around it", in_words(kind)))
            }
            ModelTest::Values => {
                let known = shape.enum_values();
                // Some answers have an empty text for an absent value.
                let (structure, element) = self.holder;
                let holds = known.is_empty()
                    || text.is_empty()
                    || known.contains(&text)
                    || Beyond::embedded().has_value(structure, element, text);
                if holds {
                    None
                } else {
                    differs(format!("one of {}", known.join(", ")))
                }
            }
            _ => None,
        }
    }
}

/// The index of an element among its siblings of the same name.
fn nth(parent: &Element, child: &Element) -> usize {
    let before = parent
        .children
        .iter()
        .take_while(|other| other.span != child.span);
    before.filter(|other| other.name == child.name).count()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use ModelTest::{Lists, Members, Once, Spaces, Types, Values};

    /// What EC2 sends beyond the model is no departure, where EC2 sends it.
    #[test]
    fn what_ec2_sends_beyond_the_model_is_known() {
        let rows = [
            (
                "DescribeImages",
                "imagesSet",
                "<platform>windows</platform>",
                Values,
            ),
            (
                "DescribeInternetGateways",
                "internetGatewaySet",
                "<attachmentSet><item><state>available</state></item></attachmentSet>",
                Values,
            ),
            (
                "DescribeVpcEndpoints",
                "vpcEndpointSet",
                "<state>available</state>",
                Values,
            ),
            (
                "DescribeNetworkInterfaces",
                "networkInterfaceSet",
                "<status>pending</status><interfaceType>efs</interfaceType>",
                Values,
            ),
            (
                "DescribeNetworkInterfaces",
                "networkInterfaceSet",
                "<interfaceType>nat_gateway</interfaceType>",
                Values,
            ),
            (
                "DescribeSpotFleetRequests",
                "spotFleetRequestConfigSet",
                "<spotFleetRequestConfig><excessCapacityTerminationPolicy>Default\
                    </excessCapacityTerminationPolicy></spotFleetRequestConfig>",
                Values,
            ),
            (
                "DescribeNetworkInterfaces",
                "networkInterfaceSet",
                "<association><natEnabled>true</natEnabled></association>",
                Members,
            ),
        ];
        for (action, list, entry, asked) in rows {
            let found = |entry: &str| {
                let body = format!("<R><{list}><item>{entry}</item></{list}></R>");
                let root = Element::parse(body.as_bytes()).unwrap();
                departure(&root, action, asked)
            };
            assert_eq!(found(entry), None, "{entry}");
            // Anything else is one.
            let other = entry
                .replace("windows", "win")
                .replace("available", "Bereit");
            let other = other
                .replace("pending", "new")
                .replace("nat_gateway", "nat");
            let other = other
                .replace("Default", "None")
                .replace("natEnabled", "nat");
            assert!(found(&other).is_some(), "{other}");
        }
        let body =
            "<CreateSecurityGroupResponse><return>true</return></CreateSecurityGroupResponse>";
        let root = Element::parse(body.as_bytes()).unwrap();
        assert_eq!(departure(&root, "CreateSecurityGroup", Members), None);
        assert!(departure(&root, "CreateVpc", Members).is_some());
    }

    #[test]
    fn an_answer_is_compared_with_its_shape() {
        let body = "<DescribeVpcsResponse><requestId>1</requestId><vpcSet><item><vpcId>vpc-1</vpcId>\
            <isDefault>True</isDefault><state>ready</state><state>available</state><extra/>\
            <tagSet><member><key>a</key></member></tagSet></item></vpcSet></DescribeVpcsResponse>";
        let root = Element::parse(body.as_bytes()).unwrap();
        let found = [Types, Lists, Once, Members, Values].map(|asked| {
            let (found, _) = departure(&root, "DescribeVpcs", asked).unwrap();
            found
        });
        assert_eq!(
            found,
            [
                r#"vpcSet[0].item[0].isDefault[0] is "True", expected true or false"#,
                "vpcSet[0].item[0].tagSet[0].member[0] is an element `member`, expected elements `item`",
                "vpcSet[0].item[0].state[1] repeats the element `state`",
                "vpcSet[0].item[0].extra[0] is an element that the model does not know",
                r#"vpcSet[0].item[0].state[0] is "ready", expected one of pending, available, deleting"#,
            ]
        );
        let right = "<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>";
        let root = Element::parse(right.as_bytes()).unwrap();
        for asked in [Types, Lists, Once, Members, Values, Spaces] {
            assert_eq!(departure(&root, "DescribeVpcs", asked), None);
        }
        // White space around a number or a time is not a wrong type.
        let body = "<CreateVolumeResponse><size> 8\n</size><createTime> 2016-11-15T08:00:00Z \
            </createTime><encrypted> true</encrypted></CreateVolumeResponse>";
        let root = Element::parse(body.as_bytes()).unwrap();
        let found = [Types, Spaces].map(|asked| departure(&root, "CreateVolume", asked).unwrap().0);
        assert_eq!(
            found,
            [
                r#"encrypted[0] is " true", expected true or false"#,
                r#"size[0] is " 8\n", expected a 32-bit integer without white space around it"#,
            ]
        );
        // The last times that ISO 8601 has are what people write for "never".
        for (time, is_time) in [
            ("9999-12-31T23:59:59Z", true),
            ("9999-12-31T23:59:59-12:00", true),
            ("9999-12-31", false),
            ("never", false),
        ] {
            let body = format!(
                "<CreateCapacityReservationResponse><capacityReservation><endDate>{time}</endDate>\
                </capacityReservation></CreateCapacityReservationResponse>"
            );
            let root = Element::parse(body.as_bytes()).unwrap();
            let found = departure(&root, "CreateCapacityReservation", Types);
            assert_eq!(found.is_none(), is_time, "{time}");
        }
    }
}
