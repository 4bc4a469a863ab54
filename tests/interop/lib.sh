# What the scripts of this folder share; it is sourced. They start from the repository's root.
#   EC2WIRE  the binary         (target/release/ec2wire)
#   VENV     the Python folder  (.venv at the repository root)

EC2WIRE="${EC2WIRE:-target/release/ec2wire}"
VENV="${VENV:-.venv}"

if [[ ! -x "$EC2WIRE" ]]; then
    echo "no binary at $EC2WIRE; build it with: cargo build --release --bin ec2wire" >&2
    exit 2
fi

# What is started is ended in the reverse order.
processes=()
scratch="$(mktemp -d)"
cleanup() {
    local at
    for ((at = ${#processes[@]} - 1; at >= 0; at--)); do
        kill "${processes[at]}" 2>/dev/null || true
        wait "${processes[at]}" 2>/dev/null || true
    done
    processes=()
}
trap 'cleanup; rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# python_packages REQUIREMENTS: installs them into VENV, which is made if there is none.
python_packages() {
    [[ -x "$VENV/bin/pip" ]] || python3 -m venv "$VENV"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -r "$1"
}

# start NAME ARGUMENT..: starts the binary, whose output is in NAME.out and NAME.err of the scratch
# folder, and sets `started` to its process and `url` to its URL, the first line that it prints.
start() {
    local name="$1"
    shift
    "$EC2WIRE" "$@" --listen 127.0.0.1:0 >"$scratch/$name.out" 2>"$scratch/$name.err" &
    started=$!
    processes+=("$started")
    for _ in $(seq 500); do
        [[ "$(wc -l <"$scratch/$name.out")" -ge 1 ]] && break
        kill -0 "$started" 2>/dev/null || break
        sleep 0.02
    done
    url="$(sed -nE '1s|^listening on (http://127\.0\.0\.1:[0-9]+)/?$|\1|p' "$scratch/$name.out")"
    if [[ -z "$url" ]]; then
        echo "the $name did not print its URL; it printed:" >&2
        cat "$scratch/$name.out" "$scratch/$name.err" >&2
        exit 3
    fi
}
