//! Cases that EC2 contradicts.

/// A case that asks for something that EC2 does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exception {
    /// The suite's description.
    pub suite: &'static str,
    /// The case's id, or its position in the suite from 0.
    pub case: &'static str,
    /// How the codec differs from the case.
    pub differs: &'static str,
    /// Why EC2 contradicts it.
    pub reason: &'static str,
}

/// The cases that EC2 contradicts, those of the older test files first. An entry is a failure if its
/// case passes, or differs in another way.
pub const EXCEPTIONS: &[Exception] = &[
    Exception {
        suite: "Structure with locationName and queryName applied to members",
        case: "0",
        differs: "missing pair yuckQueryName=val3; unexpected pair YuckQueryName=val3",
        reason: QUERY_NAME_CASE,
    },
    Exception {
        suite: "Endpoint host trait",
        case: "0",
        differs: "the host prefix is not applied",
        reason: NO_HOST,
    },
    Exception {
        suite: "Endpoint host trait",
        case: "1",
        differs: "the host prefix is not applied",
        reason: NO_HOST,
    },
    Exception {
        suite: "Modeled exceptions",
        case: "0",
        differs: "the error member BodyMember is not decoded",
        reason: NO_ERROR_MEMBERS,
    },
    Exception {
        suite: "Modeled exceptions",
        case: "1",
        differs: "the error member BodyMember is not decoded",
        reason: NO_ERROR_MEMBERS,
    },
    Exception {
        suite: "Test cases for EndpointOperation operation",
        case: "Ec2QueryEndpointTrait",
        differs: "the host prefix is not applied",
        reason: NO_HOST,
    },
    Exception {
        suite: "Test cases for EndpointWithHostLabelOperation operation",
        case: "Ec2QueryEndpointTraitWithHostLabel",
        differs: "the host prefix is not applied",
        reason: NO_HOST,
    },
    Exception {
        suite: "Test cases for HostWithPathOperation operation",
        case: "Ec2QueryHostWithPath",
        differs: "the host prefix is not applied",
        reason: NO_HOST,
    },
    Exception {
        suite: "Test cases for PutWithContentEncoding operation",
        case: "SDKAppliedContentEncoding_ec2Query",
        differs: "the body is not compressed",
        reason: NO_COMPRESSION,
    },
    Exception {
        suite: "Test cases for PutWithContentEncoding operation",
        case: "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_ec2Query",
        differs: "the body is not compressed",
        reason: NO_COMPRESSION,
    },
    Exception {
        suite: "Test cases for GreetingWithErrors operation",
        case: "Ec2ComplexError",
        differs: "the error member TopLevel is not decoded",
        reason: NO_ERROR_MEMBERS,
    },
];

const QUERY_NAME_CASE: &str = "in EC2, all request keys begin with a capital letter, and so do its only two \
    queryNames; the codec always capitalizes";
const NO_HOST: &str = "no EC2 action has a host prefix, and the host is not part of the body";
const NO_ERROR_MEMBERS: &str =
    "EC2 does not model errors; each error has only a code and a message";
const NO_COMPRESSION: &str = "no EC2 action takes a compressed request";
