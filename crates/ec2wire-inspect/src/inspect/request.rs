//! The rules for a request: HTTP, the form, the members of its action.

use super::{Broken, Parameters, Request, parameters, version};
use crate::format::beyond::Beyond;
use crate::judge::scalar;
use crate::record::{Deviation, Difference, Spot};
use crate::text::quoted;
use crate::wire::form::FormPart;
use crate::wire::http1;
use ec2wire::contract;
use ec2wire::form::Options;
use ec2wire::ipam::CreateIpamPolicy;
use ec2wire_model::{Kind, Member, Model, Operation, Shape};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

/// Parameters that every action takes: its name, its version, and the signature's.
const COMMON: [&str; 10] = [
    "Action",
    "Version",
    "AWSAccessKeyId",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "Timestamp",
    "Expires",
    "AUTHPARAMS",
];

/// How many parts of a key are looked at. The model's deepest key has half as many.
pub(super) const DEEPEST: usize = 32;

/// Whether every action takes the parameter.
pub fn is_common(key: &str) -> bool {
    COMMON.contains(&key) || key.starts_with("X-Amz-")
}

/// Where a key leads in the shape of a request.
enum Reached {
    /// The member does not exist; `near` does, and differs from its name only in case.
    Nothing { near: Option<String> },
    /// A number after the name of a scalar.
    ListOfScalar,
    /// A list, without a number.
    List { of_scalars: bool },
    /// A structure.
    Structure,
    /// A scalar of this kind. An entry of a list has no holder.
    Scalar(Option<Holder>, Kind),
}

/// A structure, and a member of it.
type Holder = (Shape, Member);

/// Follows a key through the shape.
fn reach(action: Shape, key: &str) -> Reached {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_scalar = |shape: Shape| {
        !matches!(
            shape.kind(),
            Kind::Structure | Kind::List { .. } | Kind::Map { .. }
        )
    };
    let (mut shape, mut reached) = (action, None);
    let mut parts = key.split('.');
    loop {
        let holder = reached.take();
        shape = match (shape.kind(), parts.next()) {
            (Kind::Structure, Some(part)) => {
                let Some(member) = shape.members().find(|member| member.form_key() == part) else {
                    let mut keys = shape.members().map(|member| member.form_key());
                    let near = keys.find(|known| known.eq_ignore_ascii_case(part));
                    return Reached::Nothing { near };
                };
                reached = Some((shape, member));
                member.shape()
            }
            (Kind::List { entry, .. }, Some(part)) if is_number(part) => entry,
            (Kind::List { entry, .. }, None) => {
                let of_scalars = is_scalar(entry);
                return Reached::List { of_scalars };
            }
            (Kind::Structure, None) => return Reached::Structure,
            (_, Some(part)) if is_scalar(shape) && is_number(part) => {
                return Reached::ListOfScalar;
            }
            (_, Some(_)) => return Reached::Nothing { near: None },
            (kind, None) => return Reached::Scalar(holder, kind),
        };
    }
}

/// Whether the key names a list of scalars of the action. EC2 reads its value as the only entry.
pub fn is_list(action: &str, key: &str) -> bool {
    let operation = Model::ec2().operation(action);
    let shape = operation.and_then(|operation| operation.input());
    shape.is_some_and(|shape| matches!(reach(shape, key), Reached::List { of_scalars: true }))
}

/// Checks the request as HTTP.
pub(super) fn http(request: &Request) -> Vec<Broken> {
    let mut broken = Vec::new();
    let mut add = |requirement, found: String, spot| {
        broken.push(Broken {
            requirement,
            found,
            spot,
        });
    };
    if !matches!(request.method.as_str(), "POST" | "GET") {
        let found = format!("the method is `{}`", request.method);
        add("request-method", found, Spot::Method);
    }
    let path = request.target.split('?').next().unwrap_or_default();
    // A request to a proxy has the whole URL.
    let path = match path.split_once("://") {
        Some((_, rest)) => rest
            .find('/')
            .map_or("/", |at| rest.get(at..).unwrap_or("/")),
        None => path,
    };
    if path != "/" && !path.is_empty() {
        let start = request.target.find(path).unwrap_or_default();
        let found = format!("the path is `{}`", quoted(path));
        add(
            "request-target",
            found,
            Spot::Target(start..start + path.len()),
        );
    }
    if request.version.starts_with("HTTP/1.") {
        let hosts = http1::all(&request.headers, "host").count();
        match hosts {
            1 => {}
            0 if request.version == "HTTP/1.0" => {}
            0 => add(
                "host-once",
                "the Host header is missing".into(),
                Spot::Whole,
            ),
            count => add(
                "host-once",
                format!("{count} Host headers"),
                Spot::Header("host".into()),
            ),
        }
        length(request, &mut add);
    }
    if !request.body.is_empty() {
        match request.header("content-type") {
            None => add(
                "form-content-type-declared",
                "the Content-Type header is missing".into(),
                Spot::Whole,
            ),
            Some(value) if !is_form(value) => add(
                "form-content-type",
                format!("the body is declared as `{}`", quoted(value)),
                Spot::Header("content-type".into()),
            ),
            Some(_) => {}
        }
    }
    broken
}

fn length(request: &Request, add: &mut impl FnMut(&'static str, String, Spot)) {
    if request.header("transfer-encoding").is_some() {
        if request.header("content-length").is_some() {
            add(
                "request-framed-once",
                "Content-Length stands beside Transfer-Encoding".into(),
                Spot::Header("content-length".into()),
            );
        }
        add(
            "request-not-chunked",
            "the body is chunked".into(),
            Spot::Header("transfer-encoding".into()),
        );
        return;
    }
    let length = request.body.len();
    match request.header("content-length") {
        None if length > 0 => add(
            "content-length-true",
            format!("Content-Length is missing, but the body has {length} bytes"),
            Spot::Whole,
        ),
        Some(value) if value.parse() != Ok(length) => add(
            "content-length-true",
            format!("Content-Length is {value}, but the body has {length} bytes"),
            Spot::Header("content-length".into()),
        ),
        _ => {}
    }
}

fn is_form(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case(ec2wire::form::CONTENT_TYPE)
}

/// Checks the form, and its parameters against the action's.
pub(super) fn form(
    request: &Request,
    parameters: &Parameters,
    shape: Option<Shape>,
) -> Vec<Broken> {
    let (form, part) = request.form();
    let mut broken = parameters::check(form, parameters, part);
    let mut form = Form {
        part,
        broken: &mut broken,
        seen: BTreeMap::new(),
        lists: BTreeMap::new(),
    };
    form.named(parameters);
    for pair in &parameters.pairs {
        form.once(&pair.key, pair.key_span.clone());
        if is_common(&pair.key) || pair.key.is_empty() {
            continue;
        }
        form.indexes(&pair.key, &pair.key_span);
        if let Some(shape) = shape {
            form.known(shape, pair);
        }
    }
    form.values_with_members(parameters);
    form.numbering();
    broken
}

/// State of the walk over a form.
struct Form<'f> {
    part: FormPart,
    broken: &'f mut Vec<Broken>,
    /// Keys, with the place where each occurs first.
    seen: BTreeMap<String, Range<usize>>,
    /// The list numbers behind each key prefix, with the place where each occurs first.
    lists: BTreeMap<String, BTreeMap<u64, Range<usize>>>,
}

impl Form<'_> {
    fn add(&mut self, requirement: &'static str, found: String, range: Range<usize>) {
        self.broken.push(Broken {
            requirement,
            found,
            spot: self.part.spot(range),
        });
    }

    fn add_whole(&mut self, requirement: &'static str, found: &str) {
        self.broken.push(Broken {
            requirement,
            found: found.to_owned(),
            spot: Spot::Whole,
        });
    }

    /// Checks that action and version are named, and the version's form.
    fn named(&mut self, parameters: &Parameters) {
        if parameters.first("Action").is_none_or(str::is_empty) {
            self.add_whole("action-named", "Action is missing");
        }
        if let Some((requirement, found, spot)) = version::wrong(parameters, self.part) {
            self.broken.push(Broken {
                requirement,
                found,
                spot,
            });
        }
    }

    fn once(&mut self, key: &str, span: Range<usize>) {
        if self.seen.contains_key(key) {
            self.add(
                "parameters-once",
                format!("`{}` appears twice", quoted(key)),
                span,
            );
        } else {
            self.seen.insert(key.to_owned(), span);
        }
    }

    /// Collects the list numbers of a key.
    fn indexes(&mut self, key: &str, span: &Range<usize>) {
        let mut prefix = String::new();
        for part in key.split('.').take(DEEPEST) {
            let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            if is_number && !prefix.is_empty() {
                if part.len() > 1 && part.starts_with('0') {
                    let found = format!("`{}` has the list number `{part}`", quoted(key));
                    self.add("list-number-plain", found, span.clone());
                }
                if let Ok(number) = part.parse() {
                    let list = self.lists.entry(prefix.clone()).or_default();
                    list.entry(number).or_insert_with(|| span.clone());
                }
            }
            if !prefix.is_empty() {
                prefix.push('.');
            }
            prefix.push_str(part);
        }
    }

    /// Checks that lists are numbered from 1 without gaps.
    fn numbering(&mut self) {
        for (list, numbers) in std::mem::take(&mut self.lists) {
            let list = quoted(&list);
            let mut expected = match numbers.first_key_value() {
                Some((&first, span)) if first != 1 => {
                    let found = format!("`{list}` is numbered from {first}, expected 1");
                    self.add("list-from-one", found, span.clone());
                    first
                }
                _ => 1,
            };
            for (&number, span) in &numbers {
                if number != expected {
                    let found = format!(
                        "`{list}` has a gap: {} is followed by {number}",
                        expected.saturating_sub(1)
                    );
                    self.add("list-without-gaps", found, span.clone());
                    break;
                }
                expected = expected.saturating_add(1);
            }
        }
    }

    /// Checks that the action has the parameter, and that its value fits the type.
    fn known(&mut self, action: Shape, pair: &super::Pair) {
        let key = quoted(&pair.key);
        match reach(action, &pair.key) {
            Reached::Nothing { near } => {
                let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                let found = format!("the action has no `{key}`{near}");
                self.add("parameters-known", found, pair.key_span.clone());
            }
            Reached::ListOfScalar => {
                let found = format!("the scalar `{key}` is sent as a list");
                self.add("value-or-members", found, pair.key_span.clone());
            }
            Reached::List { .. } if pair.value.is_empty() => {
                let (id, found) = if pair.key.contains('.') {
                    let found = format!("the nested list `{key}` has an empty value");
                    ("nested-list-not-bare", found)
                } else {
                    (
                        "list-not-bare",
                        format!("the list `{key}` has an empty value"),
                    )
                };
                self.add(id, found, pair.span());
            }
            Reached::List { of_scalars: true } => {
                let found = format!("the list `{key}` has a value instead of `{key}.1`");
                self.add("list-numbered", found, pair.span());
            }
            Reached::List { .. } | Reached::Structure => {
                let found = format!("`{key}` is not a scalar and cannot take a value");
                self.add("value-or-members", found, pair.span());
            }
            Reached::Scalar(holder, kind) => self.scalar(holder, kind, &key, pair),
        }
    }

    fn scalar(&mut self, holder: Option<Holder>, kind: Kind, key: &str, pair: &super::Pair) {
        let value = pair.value.as_str();
        let format = holder.and_then(|(_, member)| member.timestamp_format());
        let is_in_base64 = holder.is_some_and(|(structure, member)| {
            Beyond::embedded().has_base64(structure.name(), &member.form_key())
        });
        let wanted = if is_in_base64 {
            (!scalar::is_base64(value)).then_some("base64")
        } else {
            let is_right = scalar::fit(value, kind, format) == scalar::Fit::Right;
            (!is_right).then(|| scalar::in_words(kind))
        };
        if let Some(wanted) = wanted {
            let found = format!("`{key}` is `{}`, expected {wanted}", quoted(value));
            self.add("scalar-spelling", found, pair.span());
        }
    }

    /// Checks that no key with a value is also the prefix of another.
    fn values_with_members(&mut self, parameters: &Parameters) {
        let mut reported = BTreeSet::new();
        for pair in &parameters.pairs {
            for (at, _) in pair.key.match_indices('.').take(DEEPEST) {
                let prefix = pair.key.get(..at).unwrap_or_default();
                if let Some(span) = self.seen.get(prefix).cloned()
                    && reported.insert(prefix)
                {
                    let found = format!("`{}` has both a value and members", quoted(prefix));
                    self.add("value-or-members", found, span);
                }
            }
        }
    }
}

/// What the request breaks of the contract: all rules for `CreateIpamPolicy`, the general ones for
/// other actions. The codec has these rules and applies them to what it decodes.
pub(super) fn contract(
    action: Operation,
    request: &Request,
    parameters: &Parameters,
) -> Vec<Deviation> {
    let (form, part) = request.form();
    let read = || -> ec2wire::Result<Vec<contract::Violation>> {
        let call = Options::new().lenient().call_from_slice(form)?;
        if action.name() == <CreateIpamPolicy as ec2wire::Operation>::ACTION {
            return Ok(contract::check(&call.decode::<CreateIpamPolicy>()?));
        }
        let value = call.decode_seed(action.request_seed())?;
        Ok(action.contract_violations(&value))
    };
    // Damage has been reported already.
    let violations = read().unwrap_or_default();
    if violations.is_empty() {
        return Vec::new();
    }
    // Where each key, and each prefix of one, occurs first.
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (index, pair) in parameters.pairs.iter().enumerate() {
        let dots = pair.key.match_indices('.').map(|(at, _)| at);
        for end in dots.take(DEEPEST).chain([pair.key.len()]) {
            let start = pair.key.get(..end).unwrap_or_default();
            places.entry(start).or_insert(index);
        }
    }
    let first = |path: &str| parameters.pairs.get(*places.get(path)?);
    violations
        .into_iter()
        .map(|violation| {
            // An absent member is reported at the innermost structure around it that is present.
            let mut path = violation.path.as_str();
            let span = loop {
                match (first(path), path.rsplit_once('.')) {
                    (Some(pair), _) => break Some(pair.span()),
                    (None, Some((outer, _))) => path = outer,
                    (None, None) => break None,
                }
            };
            let spot = span.map_or(Spot::Whole, |span| part.spot(span));
            let own = first(&violation.path).filter(|pair| pair.key == violation.path);
            let found = match own.map(|pair| pair.value.as_str()) {
                Some(value) => format!("`{}` is `{}`", violation.path, quoted(value)),
                None => format!("`{}` breaks the rule", violation.path),
            };
            Deviation {
                requirement: violation.rule.name.to_owned(),
                level: violation.rule.level,
                statement: violation.rule.statement.to_owned(),
                source: violation.rule.source.to_owned(),
                difference: Some(Difference::new(
                    spot,
                    violation.rule.statement.to_owned(),
                    Some(found.clone()),
                )),
                found,
            }
        })
        .collect()
}
