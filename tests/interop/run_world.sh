#!/usr/bin/env bash
# Tells the stories to `ec2wire serve`, on loopback, with boto3, the AWS CLI and the AWS SDK for
# JavaScript, and tries AWS's own examples. Each gets an endpoint of its own.
#   EC2WIRE  the binary         (target/release/ec2wire)
#   VENV     the Python folder  (.venv at the repository root)
#   SDK      the folder where adapters/package.json is installed; it is made if there is none
#            (target/interop-sdk)
#   run_world.sh [NAME ..]  only those: s1_network, .., cli, sdk, examples
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tests/interop/lib.sh

SDK="${SDK:-target/interop-sdk}"
stories=tests/interop/stories
# Python would leave its compiled modules beside the scripts.
export PYTHONDONTWRITEBYTECODE=1

names=()
for script in "$stories"/s[0-9]*.py; do
    names+=("$(basename "$script" .py)")
done
names+=(cli sdk examples)
[[ "$#" -eq 0 ]] || names=("$@")

python_packages adapters/requirements.txt
if [[ " ${names[*]} " == *" sdk "* && ! -d "$SDK/node_modules" ]]; then
    mkdir -p "$SDK"
    cp adapters/package.json "$SDK"
    npm install --prefix "$SDK" --no-audit --no-fund --no-package-lock --loglevel=error
fi

failed=()
for name in "${names[@]}"; do
    # Only this story waits until a terminated instance is forgotten.
    forget=60s
    [[ "$name" != s3_* ]] || forget=2s
    start server serve --forget-after "$forget"
    case "$name" in
    cli) command=(bash "$stories/cli.sh" "$VENV/bin/aws" "$url") ;;
    sdk) command=(node "$stories/sdk.mjs" "$SDK" "$url") ;;
    examples)
        command=("$VENV/bin/python" tests/interop/examples.py --endpoint "$url"
            --reset /_ec2wire/reset --known tests/interop/examples-known.txt --quiet)
        ;;
    s3_*) command=("$VENV/bin/python" "$stories/$name.py" --endpoint "$url" --forgets) ;;
    *) command=("$VENV/bin/python" "$stories/$name.py" --endpoint "$url") ;;
    esac
    before="$SECONDS"
    if timeout 900 "${command[@]}" >"$scratch/log" 2>&1; then
        echo "$name: $(tail -n 1 "$scratch/log"), in $((SECONDS - before)) s"
    else
        failed+=("$name")
        cat "$scratch/log" "$scratch/server.err"
        echo "$name failed"
    fi
    cleanup
done
if [[ "${#failed[@]}" -gt 0 ]]; then
    echo "failed: ${failed[*]}" >&2
    exit 1
fi
