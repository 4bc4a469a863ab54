//! The codec builds without std.
//!
//! Two tests show it. One builds it for each installed target without std. The other builds it for the
//! host, with a sysroot that contains only `core` and `alloc`, in which no crate that needs std, the
//! codec or a dependency, can build.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The crates that a library without std links.
const WITHOUT_STD: [&str; 3] = ["libcore-", "liballoc-", "libcompiler_builtins-"];

fn rustc() -> OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

/// The output of rustc, without the final line break.
fn ask_rustc(args: &[&str]) -> String {
    let output = Command::new(rustc()).args(args).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    String::from_utf8(output.stdout).unwrap().trim_end().into()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The folder and the file names of a target's libraries.
fn libraries(target: &Path) -> Vec<(PathBuf, String)> {
    let Ok(files) = fs::read_dir(target.join("lib")) else {
        return Vec::new();
    };
    files
        .map(|file| file.unwrap())
        .map(|file| (file.path(), file.file_name().into_string().unwrap()))
        .collect()
}

/// Builds the codec for a target. `flags` also apply to its dependencies, `own` only to the codec.
fn build(target: &str, flags: &OsStr, own: &[&str]) -> Output {
    Command::new(std::env::var_os("CARGO").unwrap())
        .args(["rustc", "--offline", "--locked", "--package", "ec2wire"])
        .args(["--no-default-features", "--target", target, "--"])
        .args(own)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env(
            "CARGO_TARGET_DIR",
            concat!(env!("CARGO_TARGET_TMPDIR"), "/no-std"),
        )
        // With a target given, they do not apply to build scripts and macros, which run on the host.
        .env("CARGO_ENCODED_RUSTFLAGS", flags)
        .output()
        .unwrap()
}

#[test]
fn the_codec_builds_for_every_installed_target_without_std() {
    let targets = Path::new(&ask_rustc(&["--print=sysroot"])).join("lib/rustlib");
    let mut built = Vec::new();
    for target in fs::read_dir(targets).unwrap().map(Result::unwrap) {
        let libraries = libraries(&target.path());
        let has = |name| libraries.iter().any(|(_, file)| file.starts_with(name));
        if has("libcore-") && !has("libstd-") {
            let target = target.file_name().into_string().unwrap();
            let output = build(&target, OsStr::new(""), &[]);
            assert!(output.status.success(), "{target}: {}", stderr(&output));
            built.push(target);
        }
    }
    println!("targets without std: {built:?}");
}

#[test]
fn std_is_not_linked_in() {
    let host = ask_rustc(&["--print=host-tuple"]);
    let target = Path::new("lib/rustlib").join(&host);
    let theirs = Path::new(&ask_rustc(&["--print=sysroot"])).join(&target);
    let ours = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sysroot-without-std");
    let _ = fs::remove_dir_all(&ours);
    fs::create_dir_all(ours.join(&target).join("lib")).unwrap();
    for (path, file) in libraries(&theirs) {
        if WITHOUT_STD.iter().any(|name| file.starts_with(name)) {
            fs::copy(path, ours.join(&target).join("lib").join(file)).unwrap();
        }
    }
    let flags = [OsStr::new("--sysroot"), ours.as_os_str()].join(OsStr::new("\x1f"));

    let output = build(&host, &flags, &[]);
    assert!(output.status.success(), "{}", stderr(&output));

    // A codec with std must fail in the same setup; otherwise the test above proves nothing.
    let output = build(&host, &flags, &["--cfg", "feature=\"std\""]);
    let error = stderr(&output);
    assert!(!output.status.success());
    assert!(error.contains("can't find crate for `std`"), "{error}");
    assert!(error.contains("could not compile `ec2wire`"), "{error}");
}
