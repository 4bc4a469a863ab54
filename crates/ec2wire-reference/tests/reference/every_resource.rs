//! The life of each resource that the table alone can make.

use crate::asking::{Maker, ask, at, entries};
use crate::forms::world;
use ec2wire_model::{Listing, Model, Resource, Structure, Value};

/// How many rows must live it whole.
const LEAST: usize = 101;

#[test]
fn resources_are_made_listed_tagged_and_ended() {
    let rows = Model::ec2().resources().iter();
    let lives: Vec<_> = rows
        .filter(|row| !row.make.is_empty() && row.list.is_some())
        .map(|row| (row.name, live(row)))
        .collect();
    let mut whole = 0;
    for (name, life) in &lives {
        match life {
            Ok(()) => whole += 1,
            Err(reason) => println!("{name}: {reason}"),
        }
    }
    println!("{whole} of {}", lives.len());
    assert!(whole >= LEAST, "{whole}");
}

fn live(row: &'static Resource) -> Result<(), String> {
    let world = world();
    let mut maker = Maker::new(&world);
    let id = maker.id(row)?;
    if let Some(prefix) = row.id.prefix
        && !id.starts_with(&format!("{}-", prefix.value))
    {
        return Err(format!(
            "the id {id} has another prefix than {}",
            prefix.value
        ));
    }
    let list = row.list.as_ref().ok_or("no list")?;
    let shown = find(&mut maker, list, &id, None)?.ok_or("not listed")?;
    if let Some(tags) = &list.tags {
        let tag = || {
            Value::from(Structure::from([
                ("Key", Value::from("k")),
                ("Value", "v".into()),
            ]))
        };
        let request = Structure::from([
            ("Resources", Value::List(vec![id.clone().into()])),
            ("Tags", Value::List(vec![tag()])),
        ]);
        ask(&world, "CreateTags", request).map_err(|error| format!("CreateTags: {error}"))?;
        let tagged = find(&mut maker, list, &id, None)?.ok_or("not listed with tags")?;
        let name = tags.as_str().trim_end_matches("[]");
        if at(&tagged, name) == at(&shown, name) {
            return Err(format!("no tag is shown: {tagged:?}"));
        }
        if list
            .filters
            .iter()
            .any(|filter| filter.name.starts_with("tag:"))
        {
            find(&mut maker, list, &id, Some(("tag:k", "v")))?.ok_or("not found by its tag")?;
            if find(&mut maker, list, &id, Some(("tag:k", "w")))?.is_some() {
                return Err("found by another tag".into());
            }
        }
    }
    let Some(end) = row.end.first() else {
        return Ok(());
    };
    let mut request = maker
        .request(end.action)
        .map_err(|error| format!("{}: {error}", end.action))?;
    // Some are ended by their name.
    let named = at(&shown, end.member.as_str()).and_then(Value::as_str);
    let id_or_name = named.unwrap_or(&id);
    set(&mut request, end.action, end.member.as_str(), id_or_name);
    ask(&world, end.action, request).map_err(|error| format!("{}: {error}", end.action))?;
    match find(&mut maker, list, &id, None) {
        Err(_) | Ok(None) => Ok(()),
        Ok(Some(entry)) => {
            let states = row.states.as_ref().ok_or("listed after its end")?;
            let state = at(&entry, states.path.as_str()).and_then(Value::as_str);
            let is_ended =
                (states.gone.iter().chain(&states.ending)).any(|end| Some(end.value) == state);
            if is_ended {
                Ok(())
            } else {
                Err(format!("after its end it is {state:?}"))
            }
        }
    }
}

/// Sets a member at the top of a request, in a list if it takes one.
fn set(request: &mut Structure<'static>, action: &str, path: &str, id: &str) {
    let input = Model::ec2()
        .operation(action)
        .and_then(|operation| operation.input())
        .unwrap();
    let name = path.split(['.', '[']).next().unwrap_or(path);
    let is_list = matches!(
        input.member(name).unwrap().shape().kind(),
        ec2wire_model::Kind::List { .. }
    );
    let id = Value::from(id.to_owned());
    let value = if is_list { Value::List(vec![id]) } else { id };
    request.insert(name.to_owned(), value);
}

/// The entry with this id.
fn find(
    maker: &mut Maker<'_>,
    list: &Listing,
    id: &str,
    filter: Option<(&str, &str)>,
) -> Result<Option<Value<'static>>, String> {
    let mut request = maker.request(list.action)?;
    if let Some(member) = &list.member {
        set(&mut request, list.action, member.as_str(), id);
    }
    if let (Some((name, value)), Some(member)) = (filter, list.filters_member) {
        let filter = Structure::from([
            ("Name", Value::from(name.to_owned())),
            ("Values", Value::List(vec![value.to_owned().into()])),
        ]);
        request.insert(member, Value::List(vec![filter.into()]));
    }
    let answer = ask(maker.world, list.action, request)
        .map_err(|error| format!("{}: {error}", list.action))?;
    let path = list.id.as_ref().ok_or("its entries have no id")?;
    let found = entries(&answer, list.path.as_str());
    let own = |entry: &&&Value<'static>| {
        entries(entry, path.as_str())
            .first()
            .and_then(|id| id.as_str())
            == Some(id)
    };
    Ok(found.iter().find(own).map(|entry| (*entry).clone()))
}
