#!/usr/bin/env python3
"""How fast `ec2wire serve` is with many resources, beside other servers in the same run.

    benches/world.py ec2wire=target/dist/ec2wire [moto=.venv/bin/moto_server] [fakecloud=PROGRAM]

`cargo build --profile dist --bin ec2wire` builds what releases have. `cargo xtask scoreboard
fakecloud` builds fakecloud's EC2 service. A server that takes long to fill gets fewer resources:
`--count NAME=VPCS,INSTANCES`; the table says how many each had. wrk makes the requests, over
connections that stay open. Before anything is timed, the answer is looked at: a server that lacks
what is measured has no figure.
"""

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

# What wrk sends each time.
CREATE_VPC = "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16"
FIND_VPC = (
    "Action=DescribeVpcs&Version=2016-11-15"
    "&Filter.1.Name=tag%3AName&Filter.1.Value.1=the-one"
)
RUN_INSTANCE = (
    "Action=RunInstances&Version=2016-11-15&InstanceType=t3.micro&MinCount={0}&MaxCount={0}"
)
PAGE = "Action=DescribeInstances&Version=2016-11-15&MaxResults=100"
TAG = (
    "&TagSpecification.1.ResourceType=vpc"
    "&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value={}"
)
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=test/20261101/us-east-1/ec2/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=0"
)
COUNTS = {"moto": (1000, 1000)}
USUAL = (10_000, 100_000)
# So many instances are launched by a request that fills a server.
BATCH = 50
ROWS = [
    ("CreateVpc", 0),
    ("DescribeVpcs with a filter", "VPCs"),
    ("RunInstances", 0),
    ("DescribeInstances, the first page of 100", "instances"),
    ("DescribeInstances, a page in the middle", "instances"),
]


class Lacking(Exception):
    """The server does not do what is to be measured."""


class Server:
    def __init__(self, name, program):
        self.name, self.program = name, program
        self.process = None

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = {
            "ec2wire": [self.program, "serve", "--listen", f"127.0.0.1:{self.port}"],
            "moto": [self.program, "-H", "127.0.0.1", "-p", str(self.port)],
        }.get(self.name, [self.program, str(self.port)])
        started = time.monotonic()
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while True:
            try:
                self.connection = Connection(self.port)
                self.connection.ask("Action=DescribeVpcs&Version=2016-11-15")
                break
            except (OSError, EOFError):
                if self.process.poll() is not None or time.monotonic() - started > 60:
                    sys.exit(f"{self.name} did not start: {' '.join(command)}")
                time.sleep(0.001)
        self.first_answer = time.monotonic() - started
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def memory(self):
        """Resident memory in bytes."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            [kilobytes] = re.findall(r"^VmRSS:\s+(\d+) kB", status.read(), re.M)
        return int(kilobytes) * 1024

    def success(self, body):
        status, answer = self.connection.ask(body)
        if status != 200:
            raise Lacking(f"{status}: {answer[:200].decode(errors='replace')}")
        return answer

    def fill_vpcs(self, count):
        for number in range(count - 1):
            self.success(CREATE_VPC + TAG.format(f"number-{number}"))
        self.success(CREATE_VPC + TAG.format("the-one"))

    def launch(self):
        """RunInstances, with one of the images that the server has, and a subnet with room."""
        images = self.success("Action=DescribeImages&Version=2016-11-15&Owner.1=amazon")
        found = re.search(rb"<imageId>(ami-[0-9a-f]+)</imageId>", images)
        image = found[1].decode() if found else "ami-0123456789abcdef0"
        vpc = re.search(rb"<vpcId>([^<]+)</vpcId>", self.success(CREATE_VPC))[1].decode()
        subnet = self.success(
            f"Action=CreateSubnet&Version=2016-11-15&VpcId={vpc}&CidrBlock=10.0.0.0%2F16"
        )
        subnet = re.search(rb"<subnetId>([^<]+)</subnetId>", subnet)[1].decode()
        return f"{RUN_INSTANCE}&ImageId={image}&SubnetId={subnet}"

    def fill_instances(self, count):
        for number in range(count // BATCH):
            # A subnet has some 65,000 addresses.
            if number * BATCH % 50_000 == 0:
                body = self.launch().format(BATCH)
            self.success(body)


class Connection:
    """A persistent connection, as cheap as Python allows."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = port

    def ask(self, body):
        head = (
            f"POST / HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\nauthorization: {AUTHORIZATION}\r\n"
            "x-amz-date: 20261101T000000Z\r\n"
            "content-type: application/x-www-form-urlencoded; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        self.socket.sendall((head + body).encode())
        received = b""
        while b"\r\n\r\n" not in received:
            received += self.more()
        head, _, answer = received.partition(b"\r\n\r\n")
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        if length:
            while len(answer) < int(length[1]):
                answer += self.more()
        else:
            while not answer.endswith(b"0\r\n\r\n"):
                answer += self.more()
        if re.search(rb"(?im)^connection: *close", head):
            self.__init__(self.port)
        return int(head.split()[1]), answer

    def more(self):
        received = self.socket.recv(1 << 20)
        if not received:
            raise EOFError
        return received


def rate(server, body, connections, seconds):
    """Requests a second by wrk. Each must succeed."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(
            f'wrk.method = "POST"\nwrk.body = "{body}"\n'
            f'wrk.headers["Authorization"] = "{AUTHORIZATION}"\n'
            'wrk.headers["X-Amz-Date"] = "20261101T000000Z"\n'
            'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"\n'
        )
        script.flush()
        told = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s",
             script.name, f"http://127.0.0.1:{server.port}/"],
            check=True, capture_output=True, text=True,
        ).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise Lacking(" ".join(line.strip() for line in told.splitlines() if "Non" in line or "Socket" in line))
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", told)[1])


def both(server, body, seconds):
    return [rate(server, body, connections, seconds) for connections in (1, 4)]


def due(is_right, what):
    if not is_right:
        raise Lacking(what)


def measure(name, program, counts, seconds, notes):
    """The figures of one round: requests a second at 1 and 4 connections, by row."""
    figures, vpcs, instances = {}, *counts

    def row(title, measured):
        try:
            figures[title] = measured()
        except Lacking as lacking:
            notes[f"{name}: {title}: {lacking}"] = None

    with Server(name, program) as server:
        figures["start-up"] = server.first_answer * 1000
        figures["memory at first"] = server.memory() / 1e6
        row(ROWS[0][0], lambda: both(server, CREATE_VPC, seconds))
    with Server(name, program) as server:
        def filtered():
            before = server.memory()
            server.fill_vpcs(vpcs)
            figures["memory of a VPC"] = (server.memory() - before) / vpcs
            due(server.success(FIND_VPC).count(b"<vpcId>") == 1, "the filter does not find the one")
            return both(server, FIND_VPC, seconds)

        row(ROWS[1][0], filtered)
    with Server(name, program) as server:
        row(ROWS[2][0], lambda: both(server, server.launch().format(1), seconds))
    with Server(name, program) as server:
        def first_page():
            before = server.memory()
            server.fill_instances(instances)
            figures["memory of an instance"] = (server.memory() - before) / instances
            page = server.success(PAGE)
            due(page.count(b"<instanceState>") == 100 and token(page), "no page of 100")
            return both(server, PAGE, seconds)

        def middle():
            page = server.success(PAGE)
            for _ in range(instances // 200):
                page = server.success(f"{PAGE}&NextToken={token(page)}")
            return both(server, f"{PAGE}&NextToken={token(page)}", seconds)

        row(ROWS[3][0], first_page)
        if ROWS[3][0] in figures:
            row(ROWS[4][0], middle)
    return figures


def token(page):
    found = re.search(rb"<nextToken>([^<]+)</nextToken>", page)
    if not found:
        raise Lacking("a page without a token")
    return "".join(c if c.isalnum() else f"%{ord(c):02X}" for c in found[1].decode())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("servers", nargs="+", metavar="NAME=PROGRAM")
    parser.add_argument("--count", action="append", default=[], metavar="NAME=VPCS,INSTANCES")
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed; Debian has it as the package wrk")
    for count in given.count:
        name, _, numbers = count.partition("=")
        COUNTS[name] = tuple(int(number) for number in numbers.split(","))
    servers = [server.split("=", 1) for server in given.servers]

    notes, rounds = {}, {name: [] for name, _ in servers}
    for number in range(given.rounds):
        for name, program in servers:
            rounds[name].append(
                measure(name, program, COUNTS.get(name, USUAL), given.seconds, notes)
            )
            print(f"round {number + 1}, {name}", file=sys.stderr, flush=True)

    def median(name, title, at=None):
        values = [one[title] if at is None else one[title][at] for one in rounds[name] if title in one]
        return statistics.median(values) if values else None

    def cells(title, at, form):
        shown = []
        for name, _ in servers:
            value = median(name, title, at)
            shown.append("-" if value is None else form.format(value))
        return " | ".join(shown)

    names = [name for name, _ in servers]
    print(f"| requests a second | connections | {' | '.join(names)} |")
    print(f"|---|---|{'---|' * len(names)}")
    for title, over in ROWS:
        counts = {name: COUNTS.get(name, USUAL)[over == "instances"] for name in names}
        shown = title
        if over:
            shown += " over " + ", ".join(f"{count:,}" for count in sorted(set(counts.values()))[::-1])
            shown += f" {over}"
        for at, connections in enumerate((1, 4)):
            print(f"| {shown if at == 0 else ''} | {connections} | {cells(title, at, '{:,.0f}')} |")
    print(f"\n| | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    for title, form in (
        ("start-up", "{:,.0f} ms"),
        ("memory at first", "{:,.0f} MB"),
        ("memory of a VPC", "{:,.0f} bytes"),
        ("memory of an instance", "{:,.0f} bytes"),
    ):
        print(f"| {title} | {cells(title, None, form)} |")
    for name in names:
        vpcs, instances = COUNTS.get(name, USUAL)
        if (vpcs, instances) != USUAL:
            print(f"\n{name} had {vpcs:,} VPCs and {instances:,} instances.")
    for note in notes:
        print(f"\n{note}")
    print(f"\nMedians of {given.rounds} rounds of {given.seconds} s on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
