"""Looks at the proxy's record of the boto3 suite: every exchange is there, and only what the suite
breaks on purpose is blamed."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as record:
    head, *cases, summary = [json.loads(line) for line in record]
broken = {
    (deviation["level"], deviation["requirement"])
    for case in cases
    for deviation in case.get("deviations", [])
    if deviation["level"] != "may"
}
assert head["kind"] == "proxy", head
assert broken == {("must", "tag-key-prefix")}, broken
assert summary["total"] == len(cases) >= 50, summary
assert all(case["exchange"]["response"] for case in cases)
text = json.dumps(cases)
assert "Signature=" not in text and "<redacted>" in text
print(f"{len(cases)} exchanges are in the record")
