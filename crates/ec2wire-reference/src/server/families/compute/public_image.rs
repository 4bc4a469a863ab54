//! The public images that exist from the beginning, with their snapshots.

use super::image::{IMAGE, PERMISSIONS};
use crate::server::engine::make::insert_named;
use crate::server::families::Draft;
use crate::server::families::storage::snapshot::{NO_VOLUME, SNAPSHOT};
use crate::server::state::State;
use crate::server::store::path;
use ec2wire_model::{Structure, Value};

/// An image that anyone may launch. Names, owners and devices are as those of the real ones.
struct Public {
    name: &'static str,
    description: &'static str,
    owner: &'static str,
    architecture: &'static str,
    root: &'static str,
    /// The root volume's size, in GiB.
    size: i64,
    volume_type: &'static str,
    boot_mode: Option<&'static str>,
    needs_tokens: bool,
    is_windows: bool,
    /// When it was made.
    date: &'static str,
}

const AMAZON: &str = "137112412989";
const CANONICAL: &str = "099720109477";
const WINDOWS: &str = "801119661308";

static IMAGES: &[Public] = &[
    Public {
        name: "al2023-ami-2023.9.20251117.1-kernel-6.1-x86_64",
        description: "Amazon Linux 2023 AMI 2023.9.20251117.1 x86_64 HVM kernel-6.1",
        owner: AMAZON,
        architecture: "x86_64",
        root: "/dev/xvda",
        size: 8,
        volume_type: "gp3",
        boot_mode: Some("uefi-preferred"),
        needs_tokens: true,
        is_windows: false,
        date: "2025-11-14T23:38:07.000Z",
    },
    Public {
        name: "al2023-ami-2023.9.20251117.1-kernel-6.1-arm64",
        description: "Amazon Linux 2023 AMI 2023.9.20251117.1 arm64 HVM kernel-6.1",
        owner: AMAZON,
        architecture: "arm64",
        root: "/dev/xvda",
        size: 8,
        volume_type: "gp3",
        boot_mode: Some("uefi"),
        needs_tokens: true,
        is_windows: false,
        date: "2025-11-14T23:38:05.000Z",
    },
    Public {
        name: "amzn2-ami-hvm-2.0.20251110.1-x86_64-gp2",
        description: "Amazon Linux 2 AMI 2.0.20251110.1 x86_64 HVM gp2",
        owner: AMAZON,
        architecture: "x86_64",
        root: "/dev/xvda",
        size: 8,
        volume_type: "gp2",
        boot_mode: None,
        needs_tokens: false,
        is_windows: false,
        date: "2025-11-10T22:21:44.000Z",
    },
    Public {
        name: "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20251015",
        description: "Canonical, Ubuntu, 22.04, amd64 jammy image",
        owner: CANONICAL,
        architecture: "x86_64",
        root: "/dev/sda1",
        size: 8,
        volume_type: "gp2",
        boot_mode: Some("uefi-preferred"),
        needs_tokens: false,
        is_windows: false,
        date: "2025-10-15T07:08:40.000Z",
    },
    Public {
        name: "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20251022",
        description: "Canonical, Ubuntu, 24.04, amd64 noble image",
        owner: CANONICAL,
        architecture: "x86_64",
        root: "/dev/sda1",
        size: 8,
        volume_type: "gp3",
        boot_mode: Some("uefi-preferred"),
        needs_tokens: true,
        is_windows: false,
        date: "2025-10-22T08:12:32.000Z",
    },
    Public {
        name: "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20251022",
        description: "Canonical, Ubuntu, 24.04, arm64 noble image",
        owner: CANONICAL,
        architecture: "arm64",
        root: "/dev/sda1",
        size: 8,
        volume_type: "gp3",
        boot_mode: Some("uefi"),
        needs_tokens: true,
        is_windows: false,
        date: "2025-10-22T08:14:03.000Z",
    },
    Public {
        name: "Windows_Server-2022-English-Full-Base-2025.11.12",
        description: "Microsoft Windows Server 2022 Full Locale English AMI provided by Amazon",
        owner: WINDOWS,
        architecture: "x86_64",
        root: "/dev/sda1",
        size: 30,
        volume_type: "gp2",
        boot_mode: None,
        needs_tokens: false,
        is_windows: true,
        date: "2025-11-12T08:45:19.000Z",
    },
];

/// Makes the images and their snapshots. Their ids are the same in each world of a Region.
pub(super) fn start(state: &mut State) {
    for image in IMAGES {
        let region = state.config.region.clone();
        let digits = digits(&format!("{region} {}", image.name));
        let snapshot = format!("snap-{digits}");
        let made = image.date.parse::<jiff::Timestamp>().unwrap_or_default();
        let entry = Structure::from([
            ("OwnerId", Value::from(image.owner)),
            ("OwnerAlias", "amazon".into()),
            ("Description", "".into()),
            ("VolumeId", NO_VOLUME.into()),
            ("VolumeSize", image.size.into()),
            ("Encrypted", false.into()),
            ("Progress", "100%".into()),
            ("StorageTier", "standard".into()),
            ("StartTime", Value::Timestamp(made.into())),
        ]);
        let all: Value<'static> = Structure::from([("Group", Value::from("all"))]).into();
        let hidden = Structure::from([("CreateVolumePermissions", Value::List(vec![all.clone()]))]);
        let draft = Draft {
            id: Some(snapshot.clone()),
            entry,
            hidden,
            ..Draft::default()
        };
        insert_named(state, SNAPSHOT, draft, Vec::new());
        let draft = Draft {
            id: Some(format!("ami-{digits}")),
            entry: entry_of(image, &snapshot),
            hidden: Structure::from([(PERMISSIONS.list, Value::List(vec![all]))]),
            ..Draft::default()
        };
        let id = insert_named(state, IMAGE, draft, Vec::new());
        // Its name is taken in its owner's account only.
        state.store.update(&id, |item| item.claims.clear());
    }
}

fn entry_of(image: &Public, snapshot: &str) -> Structure<'static> {
    let mut root = Structure::from([("DeviceName", Value::from(image.root))]);
    path::set_all(
        &mut root,
        [
            ("Ebs.DeleteOnTermination", Value::from(true)),
            ("Ebs.SnapshotId", snapshot.to_owned().into()),
            ("Ebs.VolumeSize", image.size.into()),
            ("Ebs.VolumeType", image.volume_type.into()),
            ("Ebs.Encrypted", false.into()),
        ],
    );
    if image.volume_type == "gp3" {
        path::set_all(
            &mut root,
            [("Ebs.Iops", 3000.into()), ("Ebs.Throughput", 125.into())],
        );
    }
    let mut devices = vec![root.into()];
    // Canonical's images name the host's disks.
    if image.owner == CANONICAL {
        for (device, disk) in [("/dev/sdb", "ephemeral0"), ("/dev/sdc", "ephemeral1")] {
            devices.push(
                Structure::from([
                    ("DeviceName", Value::from(device)),
                    ("VirtualName", disk.into()),
                ])
                .into(),
            );
        }
    }
    let (platform, operation) = if image.is_windows {
        ("Windows", "RunInstances:0002")
    } else {
        ("Linux/UNIX", "RunInstances")
    };
    let mut entry = Structure::from([
        ("Architecture", Value::from(image.architecture)),
        ("CreationDate", image.date.into()),
        ("ImageLocation", format!("amazon/{}", image.name).into()),
        ("ImageType", "machine".into()),
        ("Public", true.into()),
        ("OwnerId", image.owner.into()),
        ("PlatformDetails", platform.into()),
        ("UsageOperation", operation.into()),
        ("BlockDeviceMappings", Value::List(devices)),
        ("Description", image.description.into()),
        ("EnaSupport", true.into()),
        ("Hypervisor", "xen".into()),
        ("ImageOwnerAlias", "amazon".into()),
        ("Name", image.name.into()),
        ("RootDeviceName", image.root.into()),
        ("RootDeviceType", "ebs".into()),
        ("SriovNetSupport", "simple".into()),
        ("VirtualizationType", "hvm".into()),
        ("DeregistrationProtection", "disabled".into()),
        ("SourceImageRegion", Value::Null),
    ]);
    for (member, value) in [
        ("BootMode", image.boot_mode),
        ("ImdsSupport", image.needs_tokens.then_some("v2.0")),
        ("Platform", image.is_windows.then_some("windows")),
    ] {
        if let Some(value) = value {
            entry.insert(member, Value::from(value));
        }
    }
    entry
}

/// The 17 digits of an id, the same for the same text: FNV-1a.
fn digits(text: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("0{hash:016x}")
}
