//! Responses by hand. The decoder checks UTF-8, nesting, end tags, references, control characters,
//! text between members, repeated members and what follows the root. It does not support comments,
//! CDATA, processing instructions except the first, the content of attributes, prefixes, texts of
//! unknown elements, U+FFFE, limits, or error messages with a place.

use super::{below, equal, find, put};
use ec2wire::ipam::{
    CreateIpamPolicyResponse, DescribeIpamPoliciesResponse, IpamPolicy, IpamPolicyState,
};
use ec2wire::{Tag, xml};
use std::borrow::Cow;

/// The type of an owned or borrowing text.
pub(crate) trait Chars<'a>: From<Cow<'a, str>> + Default {}

impl<'a, S: From<Cow<'a, str>> + Default> Chars<'a> for S {}

/// A response, with any text type, that is read by hand.
pub(crate) trait Answer<'a>: Default {
    const ROOT: &'static str;

    fn member(&mut self, cursor: &mut Cursor<'a>, element: Element<'a>) -> Option<()>;
}

/// A response that is written by hand.
pub(crate) trait Write {
    const ROOT: &'static str;

    fn write(&self, out: &mut Vec<u8>);
}

pub(crate) fn decode<'a, R: Answer<'a>>(body: &'a [u8]) -> Option<R> {
    let text = std::str::from_utf8(body).ok()?;
    let mut cursor = Cursor { text, at: 0 };
    if text.starts_with("<?xml") {
        cursor.at = text.find("?>")? + 2;
    }
    let Next::Start(root) = cursor.open()? else {
        return None;
    };
    if root.name != R::ROOT {
        return None;
    }
    let mut answer = R::default();
    cursor.members(root, |cursor, element| answer.member(cursor, element))?;
    text.get(cursor.at..)?
        .trim_ascii()
        .is_empty()
        .then_some(answer)
}

impl<'a, S: Chars<'a>> Answer<'a> for CreateIpamPolicyResponse<S> {
    const ROOT: &'static str = "CreateIpamPolicyResponse";

    fn member(&mut self, cursor: &mut Cursor<'a>, element: Element<'a>) -> Option<()> {
        match element.name {
            "ipamPolicy" => put(&mut self.ipam_policy, cursor.policy(element)),
            _ => cursor.skip(element),
        }
    }
}

impl<'a, S: Chars<'a>> Answer<'a> for DescribeIpamPoliciesResponse<S> {
    const ROOT: &'static str = "DescribeIpamPoliciesResponse";

    fn member(&mut self, cursor: &mut Cursor<'a>, element: Element<'a>) -> Option<()> {
        match element.name {
            "ipamPolicySet" => put(
                &mut self.ipam_policies,
                cursor.list(element, Cursor::policy),
            ),
            "nextToken" => put(&mut self.next_token, cursor.text(element)),
            _ => cursor.skip(element),
        }
    }
}

/// A start tag.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    name: &'a str,
    is_empty: bool,
}

enum Next<'a> {
    Start(Element<'a>),
    End,
}

pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> Option<&'a str> {
        self.text.get(self.at..)
    }

    fn space(&mut self) {
        let mut rest = self.rest().unwrap_or_default().as_bytes();
        let before = rest.len();
        while let [b'\n' | b'\r' | b'\t' | b' ', after @ ..] = rest {
            rest = after;
            while let Some(after) = rest.strip_prefix(b"        ") {
                rest = after;
            }
        }
        self.at += before - rest.len();
    }

    /// The next start tag; `None` if an end tag comes first.
    fn open(&mut self) -> Option<Next<'a>> {
        self.space();
        let rest = self.rest()?.strip_prefix('<')?;
        if rest.starts_with('/') {
            return Some(Next::End);
        }
        let end = find(rest.as_bytes(), |word| {
            equal(word, b'>') | equal(word, b' ') | equal(word, b'/')
        })?;
        let (name, after) = rest.split_at(end);
        let close = if after.starts_with('>') {
            0
        } else {
            after.find('>')?
        };
        self.at += 1 + end + close + 1;
        let is_empty = close > 0 && after.as_bytes().get(close - 1) == Some(&b'/');
        Some(Next::Start(Element { name, is_empty }))
    }

    fn close(&mut self, element: Element<'a>) -> Option<()> {
        let rest = self.rest()?.strip_prefix("</")?;
        rest.strip_prefix(element.name)?.strip_prefix('>')?;
        self.at += element.name.len() + 3;
        Some(())
    }

    fn members(
        &mut self,
        element: Element<'a>,
        mut member: impl FnMut(&mut Self, Element<'a>) -> Option<()>,
    ) -> Option<()> {
        if element.is_empty {
            return Some(());
        }
        while let Next::Start(inner) = self.open()? {
            member(self, inner)?;
        }
        self.close(element)
    }

    fn list<T>(
        &mut self,
        element: Element<'a>,
        read: impl Fn(&mut Self, Element<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut list = Vec::new();
        self.members(element, |cursor, inner| {
            if inner.name != "item" {
                return None;
            }
            list.push(read(cursor, inner)?);
            Some(())
        })?;
        Some(list)
    }

    fn skip(&mut self, element: Element<'a>) -> Option<()> {
        if element.is_empty {
            return Some(());
        }
        loop {
            self.at += find(self.rest()?.as_bytes(), |word| equal(word, b'<'))?;
            match self.open()? {
                Next::Start(inner) => self.skip(inner)?,
                Next::End => return self.close(element),
            }
        }
    }

    fn text<S: From<Cow<'a, str>>>(&mut self, element: Element<'a>) -> Option<S> {
        self.raw_text(element).map(S::from)
    }

    fn raw_text(&mut self, element: Element<'a>) -> Option<Cow<'a, str>> {
        if element.is_empty {
            return Some("".into());
        }
        let rest = self.rest()?;
        let end = find(rest.as_bytes(), |word| {
            equal(word, b'<') | equal(word, b'&') | below(word, b' ')
        })?;
        let (text, after) = rest.split_at(end);
        let text = if after.starts_with('<') {
            self.at += end;
            text.into()
        } else {
            let end = find(rest.as_bytes(), |word| equal(word, b'<'))?;
            self.at += end;
            unescape(rest.get(..end)?)?.into()
        };
        self.close(element)?;
        Some(text)
    }

    fn policy<S: Chars<'a>>(&mut self, element: Element<'a>) -> Option<IpamPolicy<S>> {
        let mut policy = IpamPolicy::default();
        self.members(element, |cursor, member| match member.name {
            "ownerId" => put(&mut policy.owner_id, cursor.text(member)),
            "ipamPolicyId" => put(&mut policy.ipam_policy_id, cursor.text(member)),
            "ipamPolicyArn" => put(&mut policy.ipam_policy_arn, cursor.text(member)),
            "ipamPolicyRegion" => put(&mut policy.ipam_policy_region, cursor.text(member)),
            "state" => {
                let state = cursor.raw_text(member);
                put(&mut policy.state, state.map(|text| text.as_ref().into()))
            }
            "stateMessage" => put(&mut policy.state_message, cursor.text(member)),
            "tagSet" => put(&mut policy.tag_set, cursor.list(member, Self::tag)),
            "ipamId" => put(&mut policy.ipam_id, cursor.text(member)),
            _ => cursor.skip(member),
        })?;
        Some(policy)
    }

    fn tag<S: Chars<'a>>(&mut self, element: Element<'a>) -> Option<Tag<S>> {
        let mut tag = Tag::default();
        self.members(element, |cursor, member| match member.name {
            "key" => put(&mut tag.key, cursor.text(member)),
            "value" => put(&mut tag.value, cursor.text(member)),
            _ => cursor.skip(member),
        })?;
        Some(tag)
    }
}

fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find(rest.as_bytes(), |word| {
        equal(word, b'&') | below(word, b' ')
    }) {
        let (plain, from) = rest.split_at(at);
        out.push_str(plain);
        let (c, after) = match from.as_bytes().first()? {
            b'&' => reference(from.get(1..)?)?,
            b'\r' => ('\n', from.strip_prefix("\r\n").or_else(|| from.get(1..))?),
            b'\n' => ('\n', from.get(1..)?),
            b'\t' => ('\t', from.get(1..)?),
            _ => return None,
        };
        out.push(c);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

fn reference(from: &str) -> Option<(char, &str)> {
    let (name, after) = from.split_once(';')?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        name => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => digits.parse(),
            };
            char::from_u32(code.ok()?).filter(|c| *c != '\0')?
        }
    };
    Some((c, after))
}

/// Panics if XML forbids a character of the text.
pub(crate) fn encode<R: Write>(request_id: &str, answer: &R, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<");
    out.extend_from_slice(R::ROOT.as_bytes());
    out.extend_from_slice(b" xmlns=\"");
    out.extend_from_slice(xml::EC2_NAMESPACE.as_bytes());
    out.extend_from_slice(b"\">");
    element(out, b"<requestId>", b"</requestId>", Some(request_id));
    answer.write(out);
    out.extend_from_slice(b"</");
    out.extend_from_slice(R::ROOT.as_bytes());
    out.push(b'>');
}

impl Write for CreateIpamPolicyResponse {
    const ROOT: &'static str = "CreateIpamPolicyResponse";

    fn write(&self, out: &mut Vec<u8>) {
        if let Some(policy) = &self.ipam_policy {
            out.extend_from_slice(b"<ipamPolicy>");
            write_policy(out, policy);
            out.extend_from_slice(b"</ipamPolicy>");
        }
    }
}

impl Write for DescribeIpamPoliciesResponse {
    const ROOT: &'static str = "DescribeIpamPoliciesResponse";

    fn write(&self, out: &mut Vec<u8>) {
        if let Some(policies) = &self.ipam_policies {
            out.extend_from_slice(b"<ipamPolicySet>");
            for policy in policies {
                out.extend_from_slice(b"<item>");
                write_policy(out, policy);
                out.extend_from_slice(b"</item>");
            }
            out.extend_from_slice(b"</ipamPolicySet>");
        }
        element(
            out,
            b"<nextToken>",
            b"</nextToken>",
            self.next_token.as_deref(),
        );
    }
}

fn write_policy(out: &mut Vec<u8>, policy: &IpamPolicy) {
    element(out, b"<ownerId>", b"</ownerId>", policy.owner_id.as_deref());
    let id = policy.ipam_policy_id.as_deref();
    element(out, b"<ipamPolicyId>", b"</ipamPolicyId>", id);
    let arn = policy.ipam_policy_arn.as_deref();
    element(out, b"<ipamPolicyArn>", b"</ipamPolicyArn>", arn);
    let region = policy.ipam_policy_region.as_deref();
    element(out, b"<ipamPolicyRegion>", b"</ipamPolicyRegion>", region);
    let state = policy.state.as_ref().map(IpamPolicyState::as_str);
    element(out, b"<state>", b"</state>", state);
    let message = policy.state_message.as_deref();
    element(out, b"<stateMessage>", b"</stateMessage>", message);
    match policy.tag_set.as_deref() {
        None => {}
        Some([]) => out.extend_from_slice(b"<tagSet/>"),
        Some(tags) => {
            out.extend_from_slice(b"<tagSet>");
            for Tag { key, value } in tags {
                // Adjacent literals are merged into one.
                if let (Some(key), Some(value)) = (key, value) {
                    element(out, b"<item><key>", b"</key><value>", Some(key));
                    element(out, b"", b"</value></item>", Some(value));
                } else {
                    out.extend_from_slice(b"<item>");
                    element(out, b"<key>", b"</key>", key.as_deref());
                    element(out, b"<value>", b"</value>", value.as_deref());
                    out.extend_from_slice(b"</item>");
                }
            }
            out.extend_from_slice(b"</tagSet>");
        }
    }
    element(out, b"<ipamId>", b"</ipamId>", policy.ipam_id.as_deref());
}

fn element(out: &mut Vec<u8>, open: &[u8], close: &[u8], text: Option<&str>) {
    let Some(text) = text else { return };
    out.extend_from_slice(open);
    let mut rest = text.as_bytes();
    let stop = |word| {
        let markup = equal(word, b'<') | equal(word, b'>') | equal(word, b'&');
        markup | below(word, b' ')
    };
    while let Some(at) = find(rest, stop) {
        let (plain, from) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((byte, after)) = from.split_first() else {
            return;
        };
        let escaped = match byte {
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'&' => "&amp;",
            b'\r' => "&#xD;",
            b'\t' => "\t",
            b'\n' => "\n",
            byte => unreachable!("XML forbids {byte:#x}"),
        };
        out.extend_from_slice(escaped.as_bytes());
        rest = after;
    }
    out.extend_from_slice(rest);
    out.extend_from_slice(close);
}
