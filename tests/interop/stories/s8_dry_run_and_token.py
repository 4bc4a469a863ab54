#!/usr/bin/env python3
"""Story 8: dry run and token of each action that has them.

The other stories are told again, and each of their requests is asked about first: with DryRun the
endpoint must answer DryRunOperation where the plain request then succeeds. A dry run that did what
it asks about would show: the plain request would find its work done. A request that makes something
is sent twice with the same ClientToken, and both answers must name the same ids.
"""

import collections
import importlib
import io
import sys
import time
import unittest

import world
from world import ClientError

STORIES = [
    "s1_network", "s2_security_groups", "s3_instances", "s4_storage", "s5_many_parts", "s6_ipam",
]
# An action that was asked about so often is known.
OFTEN = 3
# These parts of an answer name nothing that was made.
UNMADE = {"ResponseMetadata", "Unsuccessful"}
# So many actions must have been reached, or the stories did not run.
DUE = {"DryRun": 140, "ClientToken": 18}


def ids(answer, name=""):
    """All ids that an answer names, with the member that does."""
    if isinstance(answer, dict):
        return set().union(
            *(ids(value, key) for key, value in answer.items() if key not in UNMADE)
        )
    if isinstance(answer, list):
        return set().union(*(ids(value, name) for value in answer))
    return {(name.removesuffix("s"), answer)} if name.endswith(("Id", "Ids")) else set()


class Asking:
    """A client that asks with DryRun before each request, and sends those with a token twice."""

    def __init__(self, client):
        self.client = client
        self.asked = {member: collections.defaultdict(list) for member in DUE}

    def __getattr__(self, name):
        call = getattr(self.client, name)
        api = self.client.meta.method_to_api_mapping.get(name)
        if api is None:
            return call
        shape = self.client.meta.service_model.operation_model(api).input_shape
        members = shape.members if shape else {}

        def asking(**arguments):
            return self.ask(api, call, members, arguments)

        return asking

    def wants(self, member, api, members, arguments):
        return (
            member in members
            and member not in arguments
            and len(self.asked[member][api]) < OFTEN
        )

    def ask(self, api, call, members, arguments):
        dry = None
        if self.wants("DryRun", api, members, arguments):
            dry = self.dry(call, arguments)
        with_token = self.wants("ClientToken", api, members, arguments)
        if with_token:
            arguments = {**arguments, "ClientToken": world.token()}
        # Where the plain request is refused, nothing says what a dry run of it must answer.
        answer = call(**arguments)
        if dry is not None:
            due = "DryRunOperation, 412"
            self.asked["DryRun"][api].append("" if dry == due else f"{arguments}: {dry}, not {due}")
        if with_token:
            self.asked["ClientToken"][api].append(self.again(call, arguments, answer))
        return answer

    def dry(self, call, arguments):
        try:
            call(DryRun=True, **arguments)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            return f"{error.response['Error']['Code']}, {status}"
        return "success, 200"

    def again(self, call, arguments, first):
        try:
            second = call(**arguments)
        except ClientError as error:
            return f"{arguments}, again: {error.response['Error']}"
        missing = ids(first) - ids(second)
        return f"{arguments}, again: {sorted(ids(second))}, not {sorted(missing)}" if missing else ""


class Check(unittest.TestCase):
    """What an action did each time that it was asked."""

    def __init__(self, title, problems):
        super().__init__()
        self.title, self.problems = title, problems

    def __str__(self):
        return self.title

    def runTest(self):  # noqa: N802
        wrong = [problem for problem in self.problems if problem]
        if wrong:
            self.fail(f"{len(wrong)} of {len(self.problems)}; the first: {wrong[0]}"[:1500])


def main():
    given = world.arguments(__doc__.splitlines()[0])
    asking = Asking(world.client(given.endpoint))
    world.ec2 = asking
    started = time.monotonic()
    for name in STORIES:
        # What fails in a story is told by its own script.
        suite = unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(name))
        output = io.StringIO()
        unittest.TextTestRunner(stream=output, verbosity=0).run(suite)
    print(f"{__doc__.splitlines()[0]} {time.monotonic() - started:.1f} s against {given.endpoint}")

    suite = unittest.TestSuite()
    for member, actions in asking.asked.items():
        for api, problems in sorted(actions.items()):
            suite.addTest(Check(f"{member} of {api}", problems))
        few = f"only {len(actions)} of {DUE[member]} were reached"
        few = [few] if len(actions) < DUE[member] else []
        suite.addTest(Check(f"{member} of enough actions", few))
        print(f"{member}: {len(actions)} actions", flush=True)
    world.last.clear()
    return world.run(suite, "s8_dry_run_and_token.py")


if __name__ == "__main__":
    sys.exit(main())
