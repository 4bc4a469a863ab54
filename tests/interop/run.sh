#!/usr/bin/env bash
# Drives the reference endpoint with boto3, on loopback.
#   EC2WIRE  the binary         (target/release/ec2wire)
#   VENV     the Python folder  (.venv at the repository root)
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
cleanup() {
    if [[ -n "$server" ]]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

[[ -x "$VENV/bin/pip" ]] || python3 -m venv "$VENV"
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -r tests/interop/requirements.txt

"$EC2WIRE" serve --listen 127.0.0.1:0 --ipam-id "$IPAM_ID" >"$scratch/out" 2>"$scratch/err" &
server=$!

# The first line of stdout is `listening on http://127.0.0.1:PORT`.
for _ in $(seq 100); do
    [[ "$(wc -l <"$scratch/out")" -ge 1 ]] && break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
done
endpoint="$(sed -nE '1s|^listening on (http://127\.0\.0\.1:[0-9]+)/?$|\1|p' "$scratch/out")"
if [[ -z "$endpoint" ]]; then
    echo "the server did not say where it listens; it wrote:" >&2
    cat "$scratch/out" "$scratch/err" >&2
    exit 3
fi

status=0
"$VENV/bin/python" tests/interop/boto3_interop.py --endpoint "$endpoint" --ipam-id "$IPAM_ID" || status=$?
if [[ "$status" -ne 0 && -s "$scratch/err" ]]; then
    echo "the server's stderr:" >&2
    tail -n 50 "$scratch/err" >&2
fi
exit "$status"
