//! Instance types: a fixed list, the same in each Region and zone.

use crate::server::engine::filter::Pattern;
use crate::server::engine::list::{self, list_these};
use crate::server::engine::{Input, Role};
use crate::server::families::Family;
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Model, Structure, Value};
use std::sync::LazyLock;

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("DescribeInstanceTypes", |input, state| {
            describe(input, state)
        }),
        ("DescribeInstanceTypeOfferings", |input, state| {
            offerings(input, state)
        }),
        (
            "GetInstanceTypesFromInstanceRequirements",
            |input, state| fitting(input, state),
        ),
    ],
    lookups: &[("DescribeInstanceTypes", "InstanceTypes[]")],
    ..Family::NONE
};

/// A type's facts that other families need.
#[derive(Debug)]
pub(super) struct Type {
    pub(super) name: &'static str,
    pub(super) vcpus: i64,
    pub(super) threads_per_core: i64,
    memory_mib: i64,
    architectures: Vec<&'static str>,
    pub(super) is_nitro: bool,
    pub(super) is_burstable: bool,
    generation: &'static str,
    ebs_support: &'static str,
    maker: &'static str,
    interfaces: i64,
    /// How many addresses of a kind each can have.
    addresses: i64,
    /// What `DescribeInstanceTypes` shows.
    item: Item,
}

/// The types that cost nothing in an account's first year.
const FREE: [&str; 2] = ["t2.micro", "t3.micro"];

static TYPES: LazyLock<Vec<Type>> = LazyLock::new(|| read(include_str!("instance_types.txt")));

/// The type with this name. EC2 has more than are known here.
pub(super) fn find(name: &str) -> Option<&'static Type> {
    TYPES.iter().find(|known| known.name == name)
}

/// All types that are known here.
pub(super) fn all() -> impl Iterator<Item = &'static Type> {
    TYPES.iter()
}

impl Type {
    /// What an hour costs, about: enough to compare types with each other.
    #[expect(clippy::cast_precision_loss, reason = "sizes are small")]
    pub(super) fn price(&self) -> f64 {
        let memory_gib = self.memory_mib as f64 / 1024.0;
        if self.is_burstable {
            memory_gib * 0.0104
        } else {
            self.vcpus as f64 * 0.037 + memory_gib * 0.00275
        }
    }
}

/// Refuses more interfaces than an instance of a type can have.
pub(in crate::server::families) fn check_interfaces(name: &str, count: usize) -> Result<(), Fault> {
    let Some(known) = find(name) else {
        return Ok(());
    };
    if usize::try_from(known.interfaces).is_ok_and(|most| count > most) {
        let message = format!("Interface count {count} exceeds the limit for {name}");
        return Err(fault::refusal("AttachmentLimitExceeded", message));
    }
    Ok(())
}

/// Refuses more addresses of a kind than an interface at an instance of a type can have. Without a
/// type that is known, it is what no type allows.
pub(in crate::server::families) fn check_addresses(name: &str, count: usize) -> Result<(), Fault> {
    const MOST: usize = 64;
    let most = find(name).and_then(|known| usize::try_from(known.addresses).ok());
    let most = most.unwrap_or(MOST);
    if count > most {
        let message =
            format!("Number of private addresses will exceed limit: {count} is more than {most}");
        return Err(fault::refusal("PrivateIpAddressLimitExceeded", message));
    }
    Ok(())
}

/// The architectures that run on a type, the best one last.
pub(super) fn architectures(name: &str) -> Vec<&'static str> {
    if let Some(known) = find(name) {
        return known.architectures.clone();
    }
    // The letters behind the generation say it: `m7gd`.
    let family = name.split('.').next().unwrap_or_default();
    let options = family.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let is_arm = family == "a1"
        || options
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .contains('g');
    vec![if is_arm { "arm64" } else { "x86_64" }]
}

/// Reads the list: lines of words.
fn read(text: &'static str) -> Vec<Type> {
    let Some(resource) = Model::ec2().resource("instance-type") else {
        return Vec::new();
    };
    let mut family: Vec<&'static str> = Vec::new();
    let mut types = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default();
        if name == "family" {
            family = words.collect();
            continue;
        }
        let words: Vec<&'static str> = words.collect();
        let order = types.len() as u64 + 1;
        let item = Item::new(name.to_owned(), resource, order);
        if let Some(mut known) = parse(name, &words, &family, item) {
            known.item.entry = entry(&known, &words);
            types.push(known);
        }
    }
    types
}

fn parse(
    name: &'static str,
    words: &[&'static str],
    family: &[&'static str],
    item: Item,
) -> Option<Type> {
    let [
        _,
        architectures,
        hypervisor,
        threads,
        bursts,
        generation,
        ebs,
        maker,
    ] = family
    else {
        return None;
    };
    let number = |at: usize| words.get(at)?.parse::<i64>().ok();
    Some(Type {
        name,
        vcpus: number(0)?,
        threads_per_core: threads.parse().ok()?,
        memory_mib: number(1)?,
        architectures: architectures.split(',').collect(),
        is_nitro: *hypervisor == "nitro",
        is_burstable: *bursts == "burstable",
        generation,
        ebs_support: ebs,
        maker,
        interfaces: number(3)?,
        addresses: number(4)?,
        item,
    })
}

fn list_of(texts: &[&'static str]) -> Value<'static> {
    Value::List(texts.iter().map(|text| Value::from(*text)).collect())
}

fn yes(flag: bool) -> Value<'static> {
    Value::from(if flag { "supported" } else { "unsupported" })
}

fn is_current(known: &Type) -> bool {
    known.generation == "current"
}

/// What `DescribeInstanceTypes` shows of a type.
fn entry(known: &Type, words: &[&'static str]) -> Structure<'static> {
    let option = |name: &str| words.iter().find_map(|word| word.strip_prefix(name));
    let disk = option("disk=");
    let mut entry = Structure::new();
    show_machine(&mut entry, known);
    show_processor(&mut entry, known, words);
    show_network(&mut entry, known, words);
    path::set_all(
        &mut entry,
        [
            ("InstanceStorageSupported", disk.is_some().into()),
            (
                "AutoRecoverySupported",
                (is_current(known) && disk.is_none()).into(),
            ),
        ],
    );
    if let Some(disk) = disk {
        show_disk(&mut entry, disk, known.is_nitro);
    }
    if let Some(gpu) = option("gpu=") {
        show_gpu(&mut entry, gpu);
    }
    entry
}

fn show_machine(entry: &mut Structure<'static>, known: &Type) {
    let is_arm = known.architectures.contains(&"arm64");
    let roots: &[&str] = if is_current(known) {
        &["ebs"]
    } else {
        &["ebs", "instance-store"]
    };
    let kinds: &[&str] = if is_current(known) {
        &["hvm"]
    } else {
        &["hvm", "paravirtual"]
    };
    let strategies: &[&str] = if known.is_burstable {
        &["partition", "spread"]
    } else {
        &["cluster", "partition", "spread"]
    };
    let modes: &[&str] = match (is_arm, known.is_nitro) {
        (true, _) => &["uefi"],
        (_, true) => &["legacy-bios", "uefi"],
        _ => &["legacy-bios"],
    };
    let hibernates = is_current(known) && !is_arm && known.memory_mib <= 150 * 1024;
    let has_hosts = known.name != "t1.micro" && !known.name.starts_with("t2.");
    let has_enclaves = known.is_nitro && !known.is_burstable && known.vcpus >= 4;
    path::set_all(
        entry,
        [
            ("InstanceType", Value::from(known.name)),
            ("CurrentGeneration", is_current(known).into()),
            ("FreeTierEligible", FREE.contains(&known.name).into()),
            ("SupportedUsageClasses", list_of(&["on-demand", "spot"])),
            ("SupportedRootDeviceTypes", list_of(roots)),
            ("SupportedVirtualizationTypes", list_of(kinds)),
            ("BareMetal", false.into()),
            (
                "Hypervisor",
                if known.is_nitro { "nitro" } else { "xen" }.into(),
            ),
            ("MemoryInfo.SizeInMiB", known.memory_mib.into()),
            ("EbsInfo.EbsOptimizedSupport", known.ebs_support.into()),
            ("EbsInfo.EncryptionSupport", yes(true)),
            (
                "EbsInfo.NvmeSupport",
                if known.is_nitro {
                    "required".into()
                } else {
                    yes(false)
                },
            ),
            (
                "PlacementGroupInfo.SupportedStrategies",
                list_of(strategies),
            ),
            ("HibernationSupported", hibernates.into()),
            ("BurstablePerformanceSupported", known.is_burstable.into()),
            ("DedicatedHostsSupported", has_hosts.into()),
            ("SupportedBootModes", list_of(modes)),
            ("NitroEnclavesSupport", yes(has_enclaves)),
            ("NitroTpmSupport", yes(known.is_nitro && !is_arm)),
            ("PhcSupport", yes(false)),
        ],
    );
}

fn show_processor(entry: &mut Structure<'static>, known: &Type, words: &[&'static str]) {
    let cores = (known.vcpus / known.threads_per_core).max(1);
    let is_valid = |some: &i64| cores % some == 0 && (*some == 1 || some % 2 == 0);
    let valid = (1..=cores).filter(is_valid).map(Value::Integer);
    let threads = (1..=known.threads_per_core).map(Value::Integer);
    path::set_all(
        entry,
        [
            (
                "ProcessorInfo.SupportedArchitectures",
                list_of(&known.architectures),
            ),
            ("ProcessorInfo.Manufacturer", known.maker.into()),
            ("VCpuInfo.DefaultVCpus", known.vcpus.into()),
            ("VCpuInfo.DefaultCores", cores.into()),
            (
                "VCpuInfo.DefaultThreadsPerCore",
                known.threads_per_core.into(),
            ),
            ("VCpuInfo.ValidCores", Value::List(valid.collect())),
            (
                "VCpuInfo.ValidThreadsPerCore",
                Value::List(threads.collect()),
            ),
        ],
    );
    if let Some(Ok(speed)) = words.get(2).map(|word| word.parse::<f64>()) {
        path::set(
            entry,
            "ProcessorInfo.SustainedClockSpeedInGhz",
            speed.into(),
        );
    }
}

fn show_network(entry: &mut Structure<'static>, known: &Type, words: &[&'static str]) {
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let number = |at: usize| Value::Integer(word(at).parse().unwrap_or_default());
    let performance = Value::from(word(5).replace('_', " "));
    let has_ena = matches!(known.name, "p3.2xlarge" | "i3.large" | "i3.xlarge");
    let ena = match (known.is_nitro, has_ena) {
        (true, _) => "required",
        (_, true) => "supported",
        _ => "unsupported",
    };
    let card = Structure::from([
        ("NetworkCardIndex", Value::Integer(0)),
        ("NetworkPerformance", performance.clone()),
        ("MaximumNetworkInterfaces", number(3)),
    ]);
    path::set_all(
        entry,
        [
            ("NetworkInfo.NetworkPerformance", performance),
            ("NetworkInfo.MaximumNetworkInterfaces", number(3)),
            ("NetworkInfo.MaximumNetworkCards", 1.into()),
            ("NetworkInfo.DefaultNetworkCardIndex", 0.into()),
            ("NetworkInfo.NetworkCards", Value::List(vec![card.into()])),
            ("NetworkInfo.Ipv4AddressesPerInterface", number(4)),
            ("NetworkInfo.Ipv6AddressesPerInterface", number(4)),
            ("NetworkInfo.Ipv6Supported", is_current(known).into()),
            ("NetworkInfo.EnaSupport", ena.into()),
            ("NetworkInfo.EfaSupported", false.into()),
            ("NetworkInfo.EncryptionInTransitSupported", false.into()),
        ],
    );
}

/// Shows disks of the form `1x475-ssd`.
fn show_disk(entry: &mut Structure<'static>, disk: &'static str, is_nvme: bool) {
    let (size, kind) = disk.split_once('-').unwrap_or((disk, "ssd"));
    let (count, size) = size.split_once('x').unwrap_or(("1", size));
    let (count, size): (i64, i64) = (count.parse().unwrap_or(1), size.parse().unwrap_or_default());
    let disk = Structure::from([
        ("SizeInGB", Value::Integer(size)),
        ("Count", count.into()),
        ("Type", kind.into()),
    ]);
    let is_nvme = is_nvme || kind == "ssd";
    for (path, value) in [
        (
            "InstanceStorageInfo.TotalSizeInGB",
            Value::Integer(size * count),
        ),
        ("InstanceStorageInfo.Disks", Value::List(vec![disk.into()])),
        (
            "InstanceStorageInfo.NvmeSupport",
            if is_nvme {
                "required".into()
            } else {
                yes(false)
            },
        ),
        (
            "InstanceStorageInfo.EncryptionSupport",
            if is_nvme {
                "required".into()
            } else {
                yes(false)
            },
        ),
    ] {
        path::set(entry, path, value);
    }
}

/// Shows accelerators of the form `1xNVIDIA-T4-16384`.
fn show_gpu(entry: &mut Structure<'static>, gpu: &'static str) {
    let (count, gpu) = gpu.split_once('x').unwrap_or(("1", gpu));
    let count: i64 = count.parse().unwrap_or(1);
    let mut words = gpu.split('-');
    let maker = words.next().unwrap_or_default();
    let name = words.next().unwrap_or_default();
    let memory: i64 = words
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or_default();
    let gpu = Structure::from([
        ("Name", Value::from(name)),
        ("Manufacturer", maker.into()),
        ("Count", count.into()),
        (
            "MemoryInfo",
            Structure::from([("SizeInMiB", Value::Integer(memory))]).into(),
        ),
    ]);
    path::set(entry, "GpuInfo.Gpus", Value::List(vec![gpu.into()]));
    path::set(
        entry,
        "GpuInfo.TotalGpuMemoryInMiB",
        (memory * count).into(),
    );
}

fn describe(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let Some((resource, Role::List(listing))) = input.plan.role else {
        return Err(fault::internal());
    };
    let names = input.texts("InstanceTypes");
    let unknown: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| find(name).is_none())
        .collect();
    if !unknown.is_empty() {
        let names = unknown.join(", ");
        return Err(fault::refusal(
            "InvalidInstanceType",
            format!("The following supplied instance types do not exist: [{names}]"),
        ));
    }
    list_these(input, resource, listing, state, |after| {
        let later = TYPES
            .iter()
            .map(|known| &known.item)
            .filter(move |item| item.order > after);
        later.filter(|item| names.is_empty() || names.contains(&item.id.as_str()))
    })
}

/// Lists in which places types can be had: everywhere.
fn offerings(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let kind = input.text("LocationType").unwrap_or("region");
    let of_zones = |member: &'static str| {
        let zones = state.store.all("availability-zone");
        zones
            .filter_map(|zone| zone.text(member))
            .map(str::to_owned)
            .collect()
    };
    let places: Vec<String> = match kind {
        "availability-zone" => of_zones("ZoneName"),
        "availability-zone-id" => of_zones("ZoneId"),
        "outpost" => Vec::new(),
        _ => vec![state.config.region.clone()],
    };
    let mut wanted: [Vec<Vec<Pattern<'_>>>; 2] = Default::default();
    for filter in input.structures("Filters") {
        let name = filter.get("Name").and_then(Value::as_str).unwrap_or("null");
        let [types, locations] = &mut wanted;
        let patterns = path::texts(filter, "Values[]")
            .into_iter()
            .map(Pattern::new)
            .collect();
        match name {
            "instance-type" => types.push(patterns),
            "location" => locations.push(patterns),
            _ => {
                return Err(fault::invalid_value(format!(
                    "The filter '{name}' is invalid"
                )));
            }
        }
    }
    let [types, locations] = &wanted;
    let holds = |filters: &[Vec<Pattern<'_>>], text: &str| {
        filters
            .iter()
            .all(|patterns| patterns.iter().any(|pattern| pattern.matches(text)))
    };
    let mut offers = Vec::new();
    for place in places.iter().filter(|place| holds(locations, place)) {
        for known in TYPES.iter().filter(|known| holds(types, known.name)) {
            let offer = Structure::from([
                ("InstanceType", Value::from(known.name)),
                ("LocationType", kind.to_owned().into()),
                ("Location", place.clone().into()),
            ]);
            offers.push(offer.into());
        }
    }
    in_pages(input, state, "InstanceTypeOfferings", offers)
}

/// A page of entries that are the same at each request.
fn in_pages(
    input: &Input,
    state: &State,
    member: &'static str,
    entries: Vec<Value<'static>>,
) -> Result<Structure<'static>, Fault> {
    const USUAL: usize = 1000;
    let after = list::start_of_page(state, input.text("NextToken"))?;
    let length = input
        .integer("MaxResults")
        .map_or(USUAL, |asked| usize::try_from(asked).unwrap_or(USUAL));
    input.stop_dry_run()?;
    let start = usize::try_from(after).unwrap_or_default();
    let count = entries.len();
    let page: Vec<Value<'static>> = entries.into_iter().skip(start).take(length).collect();
    let end = start + page.len();
    let mut answer = Structure::from([(member, Value::List(page))]);
    if end < count {
        answer.insert("NextToken", Value::from(state.page_token(end as u64)));
    }
    Ok(answer)
}

fn float(number: i64) -> f64 {
    f64::from(i32::try_from(number).unwrap_or(i32::MAX))
}

/// Lists the types that have what is asked for.
fn fitting(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let asked = |member: &str| format!("InstanceRequirements.{member}");
    let within = |member: &str, value: f64| {
        let bound = |name: &str| match input.get(&format!("{}.{name}", asked(member))) {
            Some(Value::Integer(number)) => Some(float(*number)),
            Some(Value::Float(number)) => Some(*number),
            _ => None,
        };
        bound("Min").is_none_or(|least| value >= least)
            && bound("Max").is_none_or(|most| value <= most)
    };
    // What is not said is excluded or included as documented.
    let allows =
        |member: &str, usual: &str, has: bool| match input.text(&asked(member)).unwrap_or(usual) {
            "required" => has,
            "excluded" => !has,
            _ => true,
        };
    let among = |member: &str, value: &str| {
        let list = input.texts(&asked(member));
        list.is_empty() || list.contains(&value)
    };
    let named = |member: &str, name: &str| {
        input
            .texts(&asked(member))
            .iter()
            .any(|pattern| Pattern::new(*pattern).matches(name))
    };
    let architectures = input.texts("ArchitectureTypes");
    let virtualizations = input.texts("VirtualizationTypes");
    let fits = |known: &&Type| {
        let maker = match known.maker {
            "Intel" => "intel",
            "AMD" => "amd",
            _ => "amazon-web-services",
        };
        let has_disk = known.item.entry.get("InstanceStorageInfo").is_some();
        let gpus = i64::try_from(path::all(&known.item.entry, "GpuInfo.Gpus[]").len()).unwrap_or(0);
        known
            .architectures
            .iter()
            .any(|own| architectures.contains(own))
            && (virtualizations.contains(&"hvm")
                || !is_current(known) && virtualizations.contains(&"paravirtual"))
            && within("VCpuCount", float(known.vcpus))
            && within("MemoryMiB", float(known.memory_mib))
            && within(
                "MemoryGiBPerVCpu",
                float(known.memory_mib) / 1024.0 / float(known.vcpus),
            )
            && within("NetworkInterfaceCount", float(known.interfaces))
            && within("AcceleratorCount", float(gpus))
            && among("CpuManufacturers", maker)
            && among("InstanceGenerations", known.generation)
            && allows("BurstablePerformance", "excluded", known.is_burstable)
            && allows("LocalStorage", "included", has_disk)
            && allows("BareMetal", "excluded", false)
            && !named("ExcludedInstanceTypes", known.name)
            && (input.texts(&asked("AllowedInstanceTypes")).is_empty()
                || named("AllowedInstanceTypes", known.name))
    };
    let found = TYPES.iter().filter(fits);
    let found =
        found.map(|known| Structure::from([("InstanceType", Value::from(known.name))]).into());
    in_pages(input, state, "InstanceTypes", found.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read() {
        let lines = include_str!("instance_types.txt").lines();
        let types = lines.filter(|line| !line.starts_with('#') && !line.starts_with("family"));
        assert_eq!(TYPES.len(), types.count());
    }

    #[test]
    fn names_tell_the_architecture() {
        for (name, architecture) in [
            ("m4.large", "x86_64"),
            ("a1.large", "arm64"),
            ("m7gd.large", "arm64"),
            ("g4dn.xlarge", "x86_64"),
            ("g5.xlarge", "x86_64"),
            ("g5g.xlarge", "arm64"),
            ("x2gd.medium", "arm64"),
            ("x2iedn.xlarge", "x86_64"),
            ("c6gn.large", "arm64"),
        ] {
            assert_eq!(architectures(name).last(), Some(&architecture), "{name}");
        }
    }
}
