//! Keys: how they are made, written and read. They are valid, and protect nothing: the numbers that
//! they are made of can be found in the source and in the ids of the world.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::SigningKey;
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use num_bigint::BigUint;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// A pair of keys.
#[derive(Debug)]
pub(super) struct Material {
    /// A PEM or PPK file. Empty if only the public key is known.
    pub(super) private: String,
    /// As in `authorized_keys`.
    pub(super) public: String,
    pub(super) fingerprint: String,
}

const RSA: &str = "ssh-rsa";
const ED25519: &str = "ssh-ed25519";
const EXPONENT: u32 = 65_537;

/// The primes of RSA keys. To find new ones would take longer than all else that the world does.
static PRIMES: LazyLock<Vec<BigUint>> = LazyLock::new(|| {
    let lines = include_str!("primes.txt").lines();
    lines
        .filter_map(|line| BigUint::parse_bytes(line.as_bytes(), 16))
        .collect()
});

/// How many keys the primes make.
pub(super) fn pairs() -> u64 {
    let primes = PRIMES.len() as u64;
    primes * (primes - 1) / 2
}

/// The RSA key with this number, of 2,048 bits.
pub(super) fn rsa(number: u64, name: &str, is_ppk: bool) -> Option<Material> {
    // Counts the pairs: (1, 0), (2, 0), (2, 1), ..
    let (mut one, mut other) = (1_usize, usize::try_from(number).ok()?);
    while other >= one {
        other -= one;
        one += 1;
    }
    let (p, q) = (PRIMES.get(one)?, PRIMES.get(other)?);
    let (modulus, exponent) = (p * q, BigUint::from(EXPONENT));
    let (p1, q1) = (p - 1_u32, q - 1_u32);
    let secret = exponent.modinv(&(&p1 * &q1))?;
    let (of_p, of_q, inverse) = (&secret % &p1, &secret % &q1, q.modinv(p)?);
    let zero = BigUint::ZERO;
    let numbers = [
        &zero, &modulus, &exponent, &secret, p, q, &of_p, &of_q, &inverse,
    ];
    let pkcs1 = sequence(&numbers.map(integer));
    let pkcs8 = sequence(&[integer(&zero), rsa_algorithm(), der(0x04, &pkcs1)]);
    let blob = rsa_blob(&exponent, &modulus);
    let private = if is_ppk {
        let numbers = [&secret, p, q, &inverse].map(mpint).concat();
        ppk(RSA, name, &blob, &numbers)
    } else {
        pem("RSA PRIVATE KEY", &pkcs1, 64)
    };
    Some(Material {
        private,
        public: format!("{RSA} {} {name}", BASE64.encode(&blob)),
        fingerprint: colons(&Sha1::digest(&pkcs8)),
    })
}

/// The ED25519 key with this seed.
pub(super) fn ed25519(seed: [u8; 32], name: &str, is_ppk: bool) -> Material {
    let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
    let blob = [string(ED25519.as_bytes()), string(&public)].concat();
    let private = if is_ppk {
        ppk(ED25519, name, &blob, &string(&seed))
    } else {
        pem(
            "OPENSSH PRIVATE KEY",
            &openssh(&seed, &public, &blob, name),
            70,
        )
    };
    Material {
        private,
        public: format!("{ED25519} {} {name}", BASE64.encode(&blob)),
        fingerprint: BASE64.encode(Sha256::digest(&blob)),
    }
}

/// Reads a public key in one of the forms that `ImportKeyPair` is documented to take. Returns its
/// type.
pub(super) fn read_public(bytes: &[u8], name: &str) -> Option<(&'static str, Material)> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let first = text.split_whitespace().next()?;
    if first == RSA || first == ED25519 {
        let blob = BASE64.decode(text.split_whitespace().nth(1)?).ok()?;
        return from_blob(&blob, name);
    }
    if let Some(body) = text.strip_prefix("---- BEGIN SSH2 PUBLIC KEY ----") {
        // Headers have a colon, and go on after a backslash.
        let mut goes_on = false;
        let mut base64 = String::new();
        for line in body
            .lines()
            .take_while(|line| !line.starts_with("---- END"))
        {
            let is_header = goes_on || line.contains(':');
            goes_on = is_header && line.ends_with('\\');
            if !is_header {
                base64.push_str(line.trim());
            }
        }
        return from_blob(&BASE64.decode(base64).ok()?, name);
    }
    let is_armor = |line: &&str| line.starts_with("-----");
    let base64: String = text
        .lines()
        .filter(|line| !is_armor(line))
        .flat_map(str::split_whitespace)
        .collect();
    from_der(&BASE64.decode(base64).ok()?, name)
}

/// A public key from SSH's own form: strings with their lengths.
fn from_blob(blob: &[u8], name: &str) -> Option<(&'static str, Material)> {
    let (kind, rest) = take_string(blob)?;
    if kind == ED25519.as_bytes() {
        let (public, rest) = take_string(rest)?;
        if public.len() != 32 || !rest.is_empty() {
            return None;
        }
        let material = Material {
            private: String::new(),
            public: format!("{ED25519} {} {name}", BASE64.encode(blob)),
            fingerprint: BASE64.encode(Sha256::digest(blob)),
        };
        return Some(("ed25519", material));
    }
    if kind != RSA.as_bytes() {
        return None;
    }
    let (e, rest) = take_string(rest)?;
    let (n, rest) = take_string(rest)?;
    rest.is_empty()
        .then(|| rsa_public(&BigUint::from_bytes_be(e), &BigUint::from_bytes_be(n), name))?
}

/// An RSA key from `SubjectPublicKeyInfo`.
fn from_der(bytes: &[u8], name: &str) -> Option<(&'static str, Material)> {
    let (info, _) = take_der(bytes, 0x30)?;
    let (algorithm, rest) = take_der(info, 0x30)?;
    if der(0x30, algorithm) != rsa_algorithm() {
        return None;
    }
    let (bits, _) = take_der(rest, 0x03)?;
    let (numbers, _) = take_der(bits.strip_prefix(&[0])?, 0x30)?;
    let (n, rest) = take_der(numbers, 0x02)?;
    let (e, _) = take_der(rest, 0x02)?;
    rsa_public(&BigUint::from_bytes_be(e), &BigUint::from_bytes_be(n), name)
}

fn rsa_public(e: &BigUint, n: &BigUint, name: &str) -> Option<(&'static str, Material)> {
    // The lengths are documented.
    if !matches!(n.bits(), 1024 | 2048 | 4096) {
        return None;
    }
    let key = sequence(&[integer(n), integer(e)]);
    let bits = der(0x03, &[&[0], key.as_slice()].concat());
    let info = sequence(&[rsa_algorithm(), bits]);
    let material = Material {
        private: String::new(),
        public: format!("{RSA} {} {name}", BASE64.encode(rsa_blob(e, n))),
        fingerprint: colons(&Md5::digest(&info)),
    };
    Some(("rsa", material))
}

fn rsa_blob(e: &BigUint, n: &BigUint) -> Vec<u8> {
    [string(RSA.as_bytes()), mpint(e), mpint(n)].concat()
}

/// The bytes of a number with a zero before a set first bit, as DER and SSH have it.
fn signed(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        bytes.insert(0, 0);
    }
    bytes
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant: Vec<u8> = length
        .iter()
        .copied()
        .skip_while(|byte| *byte == 0)
        .collect();
    let mut encoded = vec![tag];
    match significant.as_slice() {
        [] => encoded.push(0),
        [short] if *short < 0x80 => encoded.push(*short),
        long => {
            encoded.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            encoded.extend_from_slice(long);
        }
    }
    encoded.extend_from_slice(content);
    encoded
}

/// The content of the first element, which has this tag, and what follows.
fn take_der(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        short @ ..=0x7f => (usize::from(short), rest),
        long @ 0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            (
                length
                    .iter()
                    .fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
                rest,
            )
        }
        _ => return None,
    };
    (found == tag).then(|| rest.split_at_checked(length))?
}

fn integer(number: &BigUint) -> Vec<u8> {
    der(0x02, &signed(number))
}

fn sequence(elements: &[Vec<u8>]) -> Vec<u8> {
    der(0x30, &elements.concat())
}

/// `rsaEncryption`, without parameters.
fn rsa_algorithm() -> Vec<u8> {
    let name = der(
        0x06,
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01],
    );
    sequence(&[name, der(0x05, &[])])
}

fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or_default();
    [&length.to_be_bytes(), bytes].concat()
}

fn mpint(number: &BigUint) -> Vec<u8> {
    string(&signed(number))
}

fn take_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// A private key as `ssh-keygen` writes it, without a passphrase.
fn openssh(seed: &[u8; 32], public: &[u8; 32], blob: &[u8], name: &str) -> Vec<u8> {
    let check = seed.first_chunk::<4>().copied().unwrap_or_default();
    let pair = [seed.as_slice(), public.as_slice()].concat();
    let mut private = [
        check.to_vec(),
        check.to_vec(),
        string(ED25519.as_bytes()),
        string(public),
        string(&pair),
        string(name.as_bytes()),
    ]
    .concat();
    // Filled up to the block of a cipher.
    let missing = (8 - private.len() % 8) % 8;
    private.extend((1..=8).take(missing));
    [
        b"openssh-key-v1\0".to_vec(),
        string(b"none"),
        string(b"none"),
        string(b""),
        1_u32.to_be_bytes().to_vec(),
        string(blob),
        string(&private),
    ]
    .concat()
}

/// A file of the form `.ppk`, without a passphrase.
fn ppk(kind: &str, name: &str, public: &[u8], private: &[u8]) -> String {
    let key = Sha1::digest(b"putty-private-key-file-mac-key");
    // Keys of any length are taken.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&key) else {
        return String::new();
    };
    for part in [kind.as_bytes(), b"none", name.as_bytes(), public, private] {
        mac.update(&string(part));
    }
    let (public, private) = (lines(public, 64), lines(private, 64));
    format!(
        "PuTTY-User-Key-File-2: {kind}\nEncryption: none\nComment: {name}\n\
         Public-Lines: {}\n{public}Private-Lines: {}\n{private}Private-MAC: {}\n",
        public.lines().count(),
        private.lines().count(),
        hex(&mac.finalize().into_bytes()).concat(),
    )
}

fn pem(label: &str, bytes: &[u8], width: usize) -> String {
    let body = lines(bytes, width);
    format!("-----BEGIN {label}-----\n{body}-----END {label}-----")
}

fn lines(bytes: &[u8], width: usize) -> String {
    let mut wrapped = String::new();
    for (at, c) in BASE64.encode(bytes).chars().enumerate() {
        if at > 0 && at % width == 0 {
            wrapped.push('\n');
        }
        wrapped.push(c);
    }
    wrapped.push('\n');
    wrapped
}

fn hex(bytes: &[u8]) -> Vec<String> {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn colons(bytes: &[u8]) -> String {
    hex(bytes).join(":")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn public_keys_are_read_as_they_are_written() {
        for material in [
            rsa(3, "key", false).unwrap(),
            ed25519([7; 32], "key", false),
        ] {
            let (_, read) = read_public(material.public.as_bytes(), "key").unwrap();
            assert_eq!(read.public, material.public);
        }
        for other in [
            "",
            "ssh-rsa",
            "ssh-rsa AAAA",
            "ssh-dss AAAAB3NzaC1kc3M=",
            "----",
            "AAAA",
        ] {
            assert!(read_public(other.as_bytes(), "key").is_none(), "{other}");
        }
    }

    /// As `ssh-keygen -l` and `openssl` tell them.
    #[test]
    fn fingerprints_are_those_of_other_tools() {
        let seed: Vec<u8> = (0..32).collect();
        let material = ed25519(seed.try_into().unwrap(), "key", false);
        assert!(
            material
                .public
                .starts_with("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAOhB7")
        );
    }

    #[test]
    fn every_pair_of_primes_makes_a_key() {
        assert_eq!(PRIMES.len(), 48);
        for number in [0, 1, 2, pairs() - 1] {
            let material = rsa(number, "key", false).unwrap();
            assert!(
                material
                    .private
                    .starts_with("-----BEGIN RSA PRIVATE KEY-----\n")
            );
        }
        assert!(rsa(pairs(), "key", false).is_none());
    }
}
