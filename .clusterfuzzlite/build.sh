#!/usr/bin/env bash
# Builds every fuzz target into $OUT, each with its seeds and its dictionary beside it, under the
# names that ClusterFuzzLite and OSS-Fuzz look for.
set -euo pipefail

cd "$SRC/ec2wire"
source fuzz/targets.sh

target_dir="${CARGO_TARGET_DIR:-$PWD/target}"
host="$(rustc -vV | sed -n 's/^host: //p')"
# With `-O` alone an overflow would go by unseen.
cargo fuzz build --fuzz-dir fuzz --target-dir "$target_dir" -O --debug-assertions
for target in $(fuzz_targets); do
    cp "$target_dir/$host/release/$target" "$OUT/"
    cp "fuzz/dictionaries/$(fuzz_dictionary "$target")" "$OUT/$target.dict"
    # No extra attributes, so that the same seeds make the same file.
    (cd "fuzz/corpus/$target" && zip -qX "$OUT/${target}_seed_corpus.zip" ./*)
done
