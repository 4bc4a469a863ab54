"""Proves the minimum Rust version of the crates that others build on.

These are the workspace's crates that declare an older rust-version than the rest. No dependency of
theirs may declare a newer one, and each crate must build with that version where it can be had: from
rustup, if it is installed there, or from Debian's package rustc-web, which is unpacked into the target
folder and not installed.
"""

import json
import os
import pathlib
import subprocess
import sys

DEBIAN = "rustc-web"


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def succeeds(*command, env=None):
    try:
        result = subprocess.run(
            command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
    except FileNotFoundError:
        return False
    return result.returncode == 0


def number(version):
    """A version as numbers that can be compared: 1.85 is 1.85.0."""
    parts = [int(part) for part in version.split(".")]
    return tuple(parts + [0] * (3 - len(parts)))


def features(package):
    """The features that the declared version is for: the default ones, but for those that its
    manifest names under package.metadata.minimum-rust.without."""
    table = (package["metadata"] or {}).get("minimum-rust", {})
    left_out = table.get("without", [])
    kept = [name for name in package["features"].get("default", []) if name not in left_out]
    return ["--no-default-features", "--features", ",".join(kept)]


def dependencies(metadata, package):
    """The packages that a package is built with, itself included; not those of its tests."""
    kinds = ["--edges", "normal,build", "--target", "all", "--prefix", "none", "--format", "{p}"]
    tree = output("cargo", "tree", "--locked", "-p", package["name"], *features(package), *kinds)
    # A line is `name vVERSION`, and a path behind it where the package is a member.
    names = {tuple(line.split(" ")[:2]) for line in tree.splitlines() if line}
    return [p for p in metadata["packages"] if (p["name"], f"v{p['version']}") in names]


def newer_dependencies(metadata, package):
    """The dependencies that declare a newer version than the package does."""
    version = package["rust_version"]
    built_with = dependencies(metadata, package)
    silent = [other["name"] for other in built_with if not other["rust_version"]]
    newer = [
        f"{other['name']} {other['version']} needs Rust {other['rust_version']}"
        for other in built_with
        if other["rust_version"] and number(other["rust_version"]) > number(version)
    ]
    print(f"{package['name']}: Rust {version}, {len(built_with)} crates")
    if silent:
        print(f"  without a rust-version: {', '.join(sorted(silent))}")
    return [f"{package['name']}: {problem}" for problem in newer]


def from_rustup(version):
    """The environment in which a toolchain of rustup compiles."""
    if not succeeds("rustup", "run", "--no-install", version, "rustc", "--version"):
        return None
    rustc = output("rustup", "which", "--toolchain", version, "rustc").strip()
    return {**os.environ, "RUSTC": rustc}


def from_debian(version, folder):
    """The environment in which Debian's package compiles."""
    if not succeeds("apt-cache", "show", DEBIAN):
        return None
    candidate = output("apt-cache", "show", "--no-all-versions", DEBIAN)
    if f"Version: {version}." not in candidate:
        return None
    rustc = folder / "usr/bin/rustc"
    if not rustc.exists():
        folder.mkdir(parents=True, exist_ok=True)
        no = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"]
        tree = output("apt-cache", "depends", "--recurse", *(f"--no-{kind}" for kind in no), DEBIAN)
        names = [line for line in tree.splitlines() if line and line[0] not in " |<"]
        missing = [
            name
            for name in names
            if name == DEBIAN or name.startswith("lib") and not succeeds("dpkg", "-s", name)
        ]
        subprocess.run(["apt-get", "download", *missing], cwd=folder, check=True)
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, folder], check=True)
            package.unlink()
    libraries = ":".join(str(path) for path in folder.glob("**/x86_64-linux-gnu"))
    env = {**os.environ, "RUSTC": str(rustc), "LD_LIBRARY_PATH": libraries}
    return env if succeeds(rustc, "--version", env=env) else None


def main():
    metadata = json.loads(output("cargo", "metadata", "--format-version", "1", "--locked"))
    members = [p for p in metadata["packages"] if p["id"] in metadata["workspace_members"]]
    newest = max(number(package["rust_version"]) for package in members)
    older = [package for package in members if number(package["rust_version"]) < newest]
    if not older:
        sys.exit("no crate declares an older rust-version than the workspace")

    problems = [problem for package in older for problem in newer_dependencies(metadata, package)]
    if problems:
        sys.exit("\n".join(problems))

    lints = ["-D", "warnings", "-D", "clippy::incompatible_msrv"]
    for package in older:
        flags = ["--locked", "-p", package["name"], *features(package)]
        subprocess.run(["cargo", "clippy", *flags, "--", *lints], check=True)

    target = pathlib.Path(metadata["target_directory"])
    for version in sorted({package["rust_version"] for package in older}, key=number):
        env = from_rustup(version) or from_debian(version, target / f"rust-{version}")
        if env is None:
            # Clippy knows the standard library's versions, but not the language's.
            print(f"Rust {version} is not available; only clippy checked the crates that name it")
            continue
        folder = ["--target-dir", target / f"minimum-rust-{version}"]
        packages = [package for package in older if package["rust_version"] == version]
        for package in packages:
            flags = ["--locked", "-p", package["name"], *features(package), *folder]
            subprocess.run(["cargo", "check", *flags], env=env, check=True)
        print(f"Rust {version} builds {', '.join(package['name'] for package in packages)}")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(str(error))
