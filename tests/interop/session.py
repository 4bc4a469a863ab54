"""Checks the proxy's record of a session: it has every exchange, only known failures, and no
secret."""

import json
import sys

# What the boto3 suite breaks on purpose, and what moto 5.2.5 breaks.
KNOWN = {
    "ipam": (50, {("must", "tag-key-prefix")}),
    "moto": (
        10,
        {
            ("should", "response-namespace"),
            ("should", "request-id-header"),
            ("should", "response-content-type"),
            ("should", "error-no-namespace"),
        },
    ),
}

session, path = sys.argv[1:]
least, known = KNOWN[session]
with open(path, encoding="utf-8") as record:
    head, *cases, summary = [json.loads(line) for line in record]
broken = {
    (deviation["level"], deviation["requirement"])
    for case in cases
    for deviation in case.get("deviations", [])
    if deviation["level"] != "may"
}
assert head["kind"] == "proxy", head
assert broken == known, broken
assert summary["total"] == len(cases) >= least, summary
assert all(case["exchange"]["response"] for case in cases)
text = json.dumps(cases)
assert "Signature=" not in text and "<redacted>" in text
keys = [case for case in cases if case["title"] == "CreateKeyPair"]
assert len(keys) == (session == "moto"), keys
assert "PRIVATE KEY" not in text
print(f"{len(cases)} exchanges are in the record")
