#!/usr/bin/env bash
# Drives the reference endpoint with boto3, on loopback.
#   EC2WIRE  the binary         (target/release/ec2wire)
#   VENV     the Python folder  (.venv at the repository root)
#   PROXY    where it is set, `ec2wire proxy` stands between the two, and its record is looked at
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

EC2WIRE="${EC2WIRE:-target/release/ec2wire}"
VENV="${VENV:-.venv}"
IPAM_ID=ipam-0123456789abcdef0

if [[ ! -x "$EC2WIRE" ]]; then
    echo "no binary at $EC2WIRE; build it with: cargo build --release --bin ec2wire" >&2
    exit 2
fi

scratch="$(mktemp -d)"
server=
proxy=
cleanup() {
    for process in $proxy $server; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

[[ -x "$VENV/bin/pip" ]] || python3 -m venv "$VENV"
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -r tests/interop/requirements.txt

# url PROCESS NAME: where a process listens, which the first line of its stdout says.
url() {
    local process="$1" name="$2" url
    for _ in $(seq 100); do
        [[ "$(wc -l <"$scratch/$name.out")" -ge 1 ]] && break
        kill -0 "$process" 2>/dev/null || break
        sleep 0.1
    done
    url="$(sed -nE '1s|^listening on (http://127\.0\.0\.1:[0-9]+)/?$|\1|p' "$scratch/$name.out")"
    if [[ -z "$url" ]]; then
        echo "the $name did not say where it listens; it wrote:" >&2
        cat "$scratch/$name.out" "$scratch/$name.err" >&2
        exit 3
    fi
    echo "$url"
}

"$EC2WIRE" serve --listen 127.0.0.1:0 --ipam-id "$IPAM_ID" >"$scratch/server.out" 2>"$scratch/server.err" &
server=$!
endpoint="$(url "$server" server)"

if [[ -n "${PROXY:-}" ]]; then
    "$EC2WIRE" proxy --upstream "$endpoint" --listen 127.0.0.1:0 \
        --report "ndjson=$scratch/session.ndjson" >"$scratch/proxy.out" 2>"$scratch/proxy.err" &
    proxy=$!
    endpoint="$(url "$proxy" proxy)"
fi

status=0
"$VENV/bin/python" tests/interop/boto3_interop.py --endpoint "$endpoint" --ipam-id "$IPAM_ID" || status=$?
if [[ "$status" -ne 0 && -s "$scratch/server.err" ]]; then
    echo "the server's stderr:" >&2
    tail -n 50 "$scratch/server.err" >&2
fi
if [[ "$status" -eq 0 && -n "$proxy" ]]; then
    # The suite sends one request that breaks a must, which is what the proxy ends with.
    kill -INT "$proxy"
    judged=0
    wait "$proxy" || judged=$?
    proxy=
    tail -n 1 "$scratch/proxy.out"
    if [[ "$judged" -ne 1 ]]; then
        echo "the proxy ended with $judged, where 1 is due" >&2
        cat "$scratch/proxy.out" "$scratch/proxy.err" >&2
        exit 1
    fi
    "$VENV/bin/python" tests/interop/session.py "$scratch/session.ndjson"
fi
exit "$status"
