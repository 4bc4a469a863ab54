#!/usr/bin/env bash
# Drives the reference endpoint with boto3, on loopback, and compares the JSON of `encode` and
# `decode` with boto3's.
#   EC2WIRE  the binary         (target/release/ec2wire)
#   VENV     the Python folder  (.venv at the repository root)
#   PROXY    if set, the calls go through `ec2wire proxy`, and its record is checked
#   MOTO     if set, the server is moto, and moto_session.py makes the calls, always through the
#            proxy
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

source tests/interop/lib.sh
IPAM_ID=ipam-0123456789abcdef0

python_packages tests/interop/requirements.txt
proxy=

if [[ -n "${MOTO:-}" ]]; then
    PROXY=1
    python_packages tests/interop/moto.txt
    # moto cannot pick a free port itself.
    port="$("$VENV/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
    "$VENV/bin/moto_server" -H 127.0.0.1 -p "$port" >"$scratch/server.out" 2>"$scratch/server.err" &
    server=$!
    processes+=("$server")
    endpoint="http://127.0.0.1:$port"
    for _ in $(seq 300); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            break
        fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
else
    start server serve --ipam-id "$IPAM_ID"
    endpoint="$url"
fi

if [[ -n "${PROXY:-}" ]]; then
    start proxy proxy --upstream "$endpoint" --report "ndjson=$scratch/session.ndjson"
    proxy="$started"
    endpoint="$url"
fi

status=0
if [[ -n "${MOTO:-}" ]]; then
    session=moto
    # None of those calls breaks a MUST, nor does any of moto's responses.
    due=0
    env -u AWS_PROFILE AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null \
        "$VENV/bin/python" tests/interop/moto_session.py --endpoint "$endpoint" || status=$?
else
    session=ipam
    # The suite sends one request that breaks a MUST, so the proxy exits with 1.
    due=1
    "$VENV/bin/python" tests/interop/boto3_interop.py --endpoint "$endpoint" --ipam-id "$IPAM_ID" || status=$?
    "$VENV/bin/python" tests/interop/json_as_boto3.py "$EC2WIRE" || status=$?
fi
if [[ "$status" -ne 0 && -s "$scratch/server.err" ]]; then
    echo "the server's stderr:" >&2
    tail -n 50 "$scratch/server.err" >&2
fi
if [[ "$status" -eq 0 && -n "$proxy" ]]; then
    kill -INT "$proxy"
    judged=0
    wait "$proxy" || judged=$?
    tail -n 1 "$scratch/proxy.out"
    if [[ "$judged" -ne "$due" ]]; then
        echo "the proxy exited with $judged, expected $due" >&2
        cat "$scratch/proxy.out" "$scratch/proxy.err" >&2
        exit 1
    fi
    "$VENV/bin/python" tests/interop/session.py "$session" "$scratch/session.ndjson"
fi
exit "$status"
