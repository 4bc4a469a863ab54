//! Whose request it is: accounts and Regions have nothing in common.

use super::config::Config;
use super::message::Request;
use crate::pairs;

/// How many digits an account's id has.
const ACCOUNT_DIGITS: usize = 12;
/// The longest name of a Region that is taken as one.
const LONGEST_REGION: usize = 32;

/// An account in a Region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Area {
    pub(super) account: String,
    pub(super) region: String,
}

impl Area {
    /// The area that a request is signed for. What its signature does not say is as configured. No
    /// signature is checked.
    pub(super) fn of(request: &Request<'_>, config: &Config) -> Self {
        let scope = scope(request).unwrap_or_default();
        let mut parts = scope.split('/');
        let key = parts.next().unwrap_or_default();
        // After the key and the day.
        let region = parts.nth(1).unwrap_or_default();
        let or = |value: &str, is_valid: bool, configured: &str| {
            if is_valid { value } else { configured }.to_owned()
        };
        Self {
            account: or(key, is_account(key), &config.account),
            region: or(region, is_region(region), &config.region),
        }
    }

    /// Whether a request can name its account.
    pub(super) fn has_valid_account(&self) -> bool {
        is_account(&self.account)
    }

    /// Whether a request can name its Region.
    pub(super) fn has_valid_region(&self) -> bool {
        is_region(&self.region)
    }

    /// A seed that differs from those of other areas.
    pub(super) fn seed(&self, seed: u64) -> u64 {
        // FNV-1a, which stays the same in all versions.
        let mut bytes = self.account.bytes().chain(self.region.bytes());
        bytes.by_ref().fold(seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        })
    }
}

/// The credential of a signature of version 4, in the header or in the query string:
/// `KEY/DAY/REGION/ec2/aws4_request`.
fn scope(request: &Request<'_>) -> Option<String> {
    if let Some(header) = request.authorization {
        let (_, credential) = header.split_once("Credential=")?;
        return credential.split([',', ' ']).next().map(str::to_owned);
    }
    let (_, query) = request.path_and_query.split_once('?')?;
    let mut pairs = pairs::split(query).into_iter();
    let credential = pairs.find(|pair| pair.key == "X-Amz-Credential")?;
    pairs::unescape(&credential.value?)
}

fn is_account(key: &str) -> bool {
    key.len() == ACCOUNT_DIGITS && key.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_region(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=LONGEST_REGION).contains(&name.len()) && name.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(authorization: Option<&str>, path: &str) -> (String, String) {
        let request = Request {
            authorization,
            ..Request::get(path)
        };
        let area = Area::of(&request, &Config::default());
        (area.account, area.region)
    }

    #[test]
    fn the_signature_says_whose_request_it_is() {
        let named = ("111122223333".to_owned(), "eu-west-1".to_owned());
        let header = "AWS4-HMAC-SHA256 Credential=111122223333/20261130/eu-west-1/ec2/aws4_request, \
                      SignedHeaders=host, Signature=0";
        assert_eq!(area(Some(header), "/"), named);
        let query =
            "/?Action=X&X-Amz-Credential=111122223333%2F20261130%2Feu-west-1%2Fec2%2Faws4_request";
        assert_eq!(area(None, query), named);
    }

    #[test]
    fn what_the_signature_does_not_say_is_as_configured() {
        let configured = ("123456789012".to_owned(), "us-east-1".to_owned());
        for header in [
            "",
            "Bearer x",
            "AWS4-HMAC-SHA256 Credential=",
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261130",
            "AWS4-HMAC-SHA256 Credential=AKIA/20261130/EU WEST/ec2/aws4_request",
            "AWS4-HMAC-SHA256 Credential=11112222333/1/../ec2",
        ] {
            assert_eq!(area(Some(header), "/"), configured, "{header}");
        }
        assert_eq!(area(None, "/?X-Amz-Credential=%zz"), configured);
    }

    #[test]
    fn areas_have_different_seeds() {
        let area = |account: &str, region: &str| Area {
            account: account.into(),
            region: region.into(),
        };
        let seeds = [
            area("111122223333", "us-east-1").seed(1),
            area("111122223334", "us-east-1").seed(1),
            area("111122223333", "us-east-2").seed(1),
            area("111122223333", "us-east-1").seed(2),
        ];
        for (index, seed) in seeds.iter().enumerate() {
            assert!(!seeds.iter().skip(index + 1).any(|other| other == seed));
        }
    }
}
