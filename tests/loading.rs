//! Which parts of the service model and of the table of resources are read, and when. There is only one test, so that nothing else in
//! the process has read the model before.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ec2wire::Operation as _;
use ec2wire::ipam::CreateIpamPolicy;
use ec2wire_model::{Model, Operation, Resource, Shape, Structure, Value};
use ec2wire_test_support::allocations::counted;

#[global_allocator]
static ALLOCATOR: alloc_tracker::Allocator<std::alloc::System> = alloc_tracker::Allocator::system();

/// The lists of a model: its texts, actions, shapes, members, indexes and so on. Some grow.
const LISTS: u64 = 64;

fn request(id: &'static str) -> Value<'static> {
    Structure::from([(id, "a-1".into())]).into()
}

/// The number of allocations for encoding a request into a large enough buffer.
fn written(operation: Operation, id: &'static str) -> u64 {
    let value = request(id);
    let mut buffer = Vec::with_capacity(1 << 10);
    let (done, count) = counted(|| operation.append_request(&mut buffer, &value));
    done.unwrap();
    count
}

/// The entries of the longest lists of a row.
fn entries(row: &Resource) -> usize {
    let makes = row
        .make
        .iter()
        .map(|make| make.needs.len() + make.shown.len());
    let listings = row.list.iter().chain(&row.read);
    let filters = listings.map(|listing| listing.filters.len());
    row.id.members.len() + row.change.len() + makes.sum::<usize>() + filters.sum::<usize>()
}

#[test]
fn the_model_is_read_lazily_and_only_as_far_as_needed() {
    // A typed request does not need the model.
    let mut buffer = Vec::with_capacity(1 << 10);
    let typed: CreateIpamPolicy = CreateIpamPolicy::new("ipam-1");
    let ((), count) = counted(|| typed.append_body(&mut buffer).unwrap());
    assert_eq!(count, 0);

    // It was not read at the start, because it is read now. No text is copied, and the only shapes
    // with their own allocation are enums, for the list of values.
    let (model, first) = counted(Model::ec2);
    let enums = model
        .shapes()
        .filter(|shape| !shape.enum_values().is_empty());
    let enums = enums.count() as u64;
    assert!(model.shapes().len() > 4_000 && enums > 500);
    assert!(
        (enums..enums + LISTS).contains(&first),
        "{first} for {enums} enums"
    );
    let (_, again) = counted(Model::ec2);
    assert_eq!(again, 0);

    // Looking something up does not allocate.
    let ((), count) = counted(|| {
        for name in ["CreateIpamPolicy", "DescribeVpcs", "no such action"] {
            let operation = model.operation(name);
            let input = operation.and_then(|operation| operation.input());
            let members = input.iter().flat_map(Shape::members);
            assert!(members.count() > 3 || operation.is_none());
        }
    });
    assert_eq!(count, 0);

    // The table of resources is read apart, once. No text is copied: there are fewer allocations than
    // entries of lists, because each list grows a few times.
    let (rows, first) = counted(|| model.resources());
    let entries: usize = rows.iter().map(entries).sum();
    assert!(
        entries > 2_000 && first > 0,
        "{first} for {entries} entries"
    );
    assert!(first < entries as u64, "{first} for {entries} entries");
    let (_, again) = counted(|| model.resources());
    assert_eq!(again, 0);

    // The codec builds its list of names for each shape that it uses, once, and for no others.
    let [delete, other] = ["DeleteVpc", "DeleteSubnet"].map(|name| model.operation(name).unwrap());
    let first = written(delete, "VpcId");
    assert!(first > 0);
    assert_eq!(written(delete, "VpcId"), 0);
    assert_eq!(written(other, "SubnetId"), first);
    assert_eq!(written(other, "SubnetId"), 0);
}
