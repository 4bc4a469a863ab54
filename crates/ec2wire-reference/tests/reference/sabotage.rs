//! The tables of faults and variants.

use ec2wire::contract::Level;
use ec2wire_reference::sabotage::{
    Area, Quirk, client_faults, client_variants, faults, variants, world_faults, world_variants,
};
use std::collections::HashSet;

fn all() -> impl Iterator<Item = &'static Quirk> {
    let clients = client_faults().chain(client_variants());
    let of_world = world_faults().chain(world_variants());
    let of_world = of_world.map(|quirk| quirk.quirk);
    faults().chain(variants()).chain(clients).chain(of_world)
}

#[test]
fn names_are_unique_and_in_kebab_case() {
    let mut names = HashSet::new();
    for quirk in all() {
        assert!(names.insert(quirk.name), "{} is not unique", quirk.name);
        let is_kebab = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        assert!(quirk.name.bytes().all(is_kebab), "{}", quirk.name);
        assert!(!quirk.summary.ends_with('.'), "{}", quirk.summary);
        assert!(!quirk.changes().is_empty(), "{}", quirk.name);
    }
}

#[test]
fn a_fault_has_a_level_that_binds_and_a_variant_has_none() {
    let of_world = world_faults().map(|fault| fault.quirk);
    for quirk in faults().chain(client_faults()).chain(of_world) {
        assert!(
            quirk.level > Level::May && !quirk.is_variant(),
            "{}",
            quirk.name
        );
    }
    let of_world = world_variants().map(|variant| variant.quirk);
    for quirk in variants().chain(client_variants()).chain(of_world) {
        assert!(
            quirk.level == Level::May && quirk.is_variant(),
            "{}",
            quirk.name
        );
    }
}

#[test]
fn every_area_has_faults() {
    let server: HashSet<_> = faults().filter_map(|quirk| quirk.area).collect();
    let client: HashSet<_> = client_faults().filter_map(|quirk| quirk.area).collect();
    assert_eq!((server.len(), client.len()), (9, 6));
    assert!(!server.contains(&Area::Request) && server.is_disjoint(&client));
}
