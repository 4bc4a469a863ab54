//! Each fault and variant of the world changes what it says that it changes, and nothing before.

use crate::asking::{operation, without_times};
use ec2wire_model::{Model, Resource, Structure, Value};
use ec2wire_reference::sabotage::{
    Quirk, WorldQuirk, any_fault, any_variant, faults, world_faults, world_variants,
};
use ec2wire_reference::{Config, Request, Response, World};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

const LIFE: &str = include_str!("world_life.txt");

/// An action and its answer.
type Step = (String, String);

fn world(quirk: Option<&'static Quirk>) -> World {
    World::new(Config {
        seed: Some(7),
        quirk,
        ..Config::default()
    })
}

/// The life in a world, with looks at one resource. It ends when `goes_on` says so.
struct Life<'w> {
    world: &'w World,
    names: HashMap<&'static str, String>,
    goes_on: &'w mut dyn FnMut(Step, &Response) -> bool,
}

impl Life<'_> {
    fn live(mut self, resource: &'static Resource) {
        let lines = LIFE.lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with("# ")) {
            let goes_on = match line {
                "= looks" => self.look(resource),
                "= list" => self.list(resource, Structure::new()).1,
                _ => self.read(line),
            };
            if !goes_on {
                return;
            }
        }
    }

    /// Sends what a line says.
    fn read(&mut self, line: &'static str) -> bool {
        let (mut keep, mut region, mut tag, mut form) = (None, "us-east-1", String::new(), "");
        for word in line.split(' ').filter(|word| *word != "!") {
            if let Some(name) = word.strip_prefix('@') {
                region = name;
            } else if let Some((kind, name)) =
                word.strip_prefix('#').and_then(|w| w.split_once(':'))
            {
                let at = "TagSpecification.1";
                tag = format!(
                    "&{at}.ResourceType={kind}&{at}.Tag.1.Key=Name&{at}.Tag.1.Value={name}\
                     &{at}.Tag.2.Key=Kind&{at}.Tag.2.Value=Some"
                );
            } else if word.chars().next().is_some_and(char::is_lowercase) {
                keep = word.split_once('=');
            } else {
                form = word;
            }
        }
        // Longer names first, since one may begin with another.
        let mut body = format!("Action={form}&Version=2016-11-15{tag}");
        let mut names: Vec<_> = self.names.iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        for (name, value) in names {
            body = body.replace(&format!("${name}"), value);
        }
        let (response, goes_on) = self.send(&body, region);
        if let Some((name, element)) = keep {
            let text = response.body.split_once(&format!("<{element}>"));
            let text = text.and_then(|(_, rest)| rest.split_once('<'));
            let text = text.map_or(String::new(), |(text, _)| text.to_owned());
            self.names.insert(name, text);
        }
        goes_on
    }

    fn send(&mut self, body: &str, region: &str) -> (Response, bool) {
        let scope = format!("Credential=AKIAIOSFODNN7EXAMPLE/20261130/{region}/ec2/aws4_request");
        let response = self.world.answer(&Request {
            authorization: Some(&scope),
            ..Request::post(body.as_bytes())
        });
        let action = body.split(['=', '&']).nth(1).unwrap_or_default();
        let step = (action.to_owned(), without_times(&response));
        let goes_on = (self.goes_on)(step, &response);
        (response, goes_on)
    }

    /// Lists a resource in all ways.
    fn look(&mut self, resource: &'static Resource) -> bool {
        let listing = resource.list.as_ref().unwrap();
        let mut requests = vec![Structure::new()];
        let named = |ids: &[&str]| {
            let member = listing.member.as_ref().unwrap().as_str();
            let ids = ids.iter().map(|id| Value::from((*id).to_owned()));
            Structure::from([(member, Value::List(ids.collect()))])
        };
        let name = |name: &str| self.names.get(name).cloned().unwrap_or_default();
        let own = match resource.name {
            "security-group" => [name("group"), name("group2")],
            "security-group-rule" => [name("rule"), String::new()],
            own => [name(own), name(&format!("{own}2"))],
        };
        let unknown = resource.unknown_id().unwrap();
        for ids in [
            vec![own[0].as_str()],
            vec![&own[0], &own[1]],
            vec![&unknown],
            vec![&own[0], &unknown],
            vec!["malformed"],
        ] {
            if !ids.contains(&"") {
                requests.push(named(&ids));
            }
        }
        let many: Vec<String> = (0..201).map(|number| number.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for filters in [
            vec![("tag:Name", vec!["One"])],
            vec![("tag:Name", vec!["Two", "One"])],
            vec![("tag:Name", vec!["oNE"])],
            vec![("tag:Name", vec!["One"]), ("tag:Name", vec!["Two"])],
            vec![("tag-key", vec!["Kind"])],
            vec![("tag:Name", vec![])],
            vec![("tag:Name", many)],
            vec![("ec2wire-unknown", vec!["a"])],
        ] {
            let filters = filters.into_iter().map(|(name, values)| {
                let values = values
                    .into_iter()
                    .map(|value| Value::from(value.to_owned()));
                Structure::from([
                    ("Name", Value::from(name)),
                    ("Values", Value::List(values.collect())),
                ])
                .into()
            });
            if let Some(member) = listing.filters_member {
                requests.push(Structure::from([(member, Value::List(filters.collect()))]));
            }
        }
        for request in requests {
            if !self.list(resource, request).1 {
                return false;
            }
        }
        self.turn_pages(resource)
    }

    fn list(&mut self, resource: &Resource, request: Structure<'static>) -> (Response, bool) {
        let operation = operation(resource.list.as_ref().unwrap().action);
        let body = operation.encode_request(&request.into()).unwrap();
        self.send(&body, "us-east-1")
    }

    /// Reads the first pages.
    fn turn_pages(&mut self, resource: &'static Resource) -> bool {
        let pages = resource.list.as_ref().and_then(|list| list.pages.as_ref());
        let Some((pages, limit)) = pages.and_then(|pages| Some((pages, pages.limit?))) else {
            return true;
        };
        let mut token = String::new();
        for _ in 0..6 {
            let length = i64::from(pages.least.unwrap_or(5)) + 1;
            let mut request = Structure::from([(limit, Value::Integer(length))]);
            if !token.is_empty() {
                request.insert(pages.token, token.clone());
            }
            let (response, goes_on) = self.list(resource, request);
            if !goes_on {
                return false;
            }
            let next = response.body.split_once("<nextToken>");
            let next = next.and_then(|(_, rest)| rest.split_once('<'));
            match next {
                Some((next, _)) if !next.is_empty() => next.clone_into(&mut token),
                _ => break,
            }
        }
        true
    }
}

fn life(world: &World, resource: &'static Resource) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut goes_on = |step, _: &Response| {
        steps.push(step);
        true
    };
    Life {
        world,
        names: HashMap::new(),
        goes_on: &mut goes_on,
    }
    .live(resource);
    steps
}

/// The first step that differs from the honest ones.
fn first_difference(quirk: WorldQuirk, honest: &[Step]) -> Option<(Step, Step)> {
    let world = world(Some(quirk.quirk));
    let mut expected = honest.iter();
    let mut found = None;
    let mut goes_on = |step: Step, _: &Response| {
        let honest = expected.next().unwrap();
        if *honest != step {
            found = Some((honest.clone(), step));
        }
        found.is_none()
    };
    Life {
        world: &world,
        names: HashMap::new(),
        goes_on: &mut goes_on,
    }
    .live(row(quirk));
    found
}

fn row(quirk: WorldQuirk) -> &'static Resource {
    let name = quirk.resource;
    Model::ec2()
        .resource(name)
        .unwrap_or_else(|| panic!("{name}"))
}

#[test]
fn each_is_shown_by_the_actions_that_it_names() {
    let mut honest: BTreeMap<&str, Vec<Step>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for quirk in world_faults().chain(world_variants()) {
        let steps = honest
            .entry(quirk.resource)
            .or_insert_with(|| life(&world(None), row(quirk)));
        let name = quirk.quirk.name;
        match first_difference(quirk, steps) {
            None => wrong.push(format!("{name} changes nothing")),
            Some(((action, before), (_, now))) => {
                if !quirk.shown_by.contains(&action.as_str()) {
                    wrong.push(format!("{name} is shown by {action}:\n{before}\n{now}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_honest_life_goes_as_it_says_and_is_the_same_each_time() {
    let vpc = Model::ec2().resource("vpc").unwrap();
    let steps = life(&world(None), vpc);
    assert_eq!(steps, life(&world(None), vpc));
    // Looks are many steps of one line; those of the lines are in their order.
    let mut steps = steps.iter();
    let lines = LIFE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# "));
    for line in lines.filter(|line| !line.starts_with("= ")) {
        let form = line
            .split(' ')
            .find(|word| word.starts_with(char::is_uppercase));
        let action = form.and_then(|form| form.split('&').next()).unwrap();
        let (_, answer) = steps.find(|(known, _)| known == action).unwrap();
        let is_refused = answer.contains("<Errors>");
        assert_eq!(is_refused, line.starts_with("! "), "{line}\n{answer}");
    }
}

#[test]
fn variants_give_answers_of_the_model() {
    for quirk in world_variants() {
        let world = world(Some(quirk.quirk));
        let mut goes_on = |(action, _): Step, response: &Response| {
            let reply = operation(&action).decode_reply(response.status, response.body.as_bytes());
            let name = quirk.quirk.name;
            assert!(
                reply.is_ok() && response.status < 500,
                "{name}: {action} {reply:?}\n{}",
                response.body
            );
            true
        };
        Life {
            world: &world,
            names: HashMap::new(),
            goes_on: &mut goes_on,
        }
        .live(row(quirk));
    }
}

#[test]
fn they_are_of_many_resources_and_have_actions() {
    let resources: BTreeSet<&str> = world_faults().map(|fault| fault.resource).collect();
    assert!(resources.len() >= 29, "{resources:?}");
    for quirk in world_faults().chain(world_variants()) {
        let name = quirk.quirk.name;
        assert!(!quirk.shown_by.is_empty(), "{name}");
        for action in quirk.shown_by {
            assert!(Model::ec2().operation(action).is_some(), "{name}: {action}");
        }
    }
}

#[test]
fn they_are_found_by_name_beside_the_others() {
    for fault in world_faults() {
        assert_eq!(any_fault(fault.quirk.name).unwrap(), fault.quirk);
    }
    for variant in world_variants() {
        assert_eq!(any_variant(variant.quirk.name).unwrap(), variant.quirk);
    }
    assert!(any_fault("dry-run-ignored").is_ok());
    let names: HashSet<&str> = faults().map(|fault| fault.name).collect();
    assert!(world_faults().all(|fault| !names.contains(fault.quirk.name)));
}
