"""Sends plain requests with wrk."""

import json
import os
import subprocess

from upstream import CREATE, LIST, SMALL

SCRIPTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "wrk")


class Case:
    def __init__(self, title, connections, path, script="report.lua", tls=False):
        self.title, self.connections, self.path, self.script, self.tls = title, connections, path, script, tls


CASES = [
    Case("Small GET, 1 connection", 1, SMALL),
    Case("Small GET, 16 connections", 16, SMALL),
    Case("Small GET, 256 connections", 256, SMALL),
    Case("List of 5 MB, 4 connections", 4, LIST),
    Case("POST of 10 KB, 16 connections", 16, CREATE, "post.lua"),
    Case("Small GET over TLS, 16 connections", 16, SMALL, tls=True),
]

STEADY = CASES[1]


def wrk(case, base, seconds, bearer=None):
    """Returns wrk's results: requests, seconds, p50 and p99 in milliseconds, errors."""
    command = ["wrk", "-t1", f"-c{case.connections}", f"-d{seconds}s", "-s", case.script]
    if bearer:
        command += ["-H", f"Authorization: Bearer {bearer}"]
    run = subprocess.run(
        [*command, base + case.path],
        cwd=SCRIPTS,
        env={**os.environ, "OPENSSL_CONF": os.path.join(SCRIPTS, "openssl.cnf")},
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(run.stdout.strip().splitlines()[-1])


def measure(case, running, seconds):
    """Returns wrk's results and the CPU microseconds that each request cost the proxy."""
    base = f"https://127.0.0.1:{running.tls_port}" if case.tls else f"http://127.0.0.1:{running.port}"
    if case.connections > 16:
        wrk(case, base, 2)  # reopens connections that were closed as idle since the last round
    before = running.process.cpu_seconds()
    seen = wrk(case, base, seconds)
    spent = running.process.cpu_seconds() - before
    seen["cpu"] = spent * 1e6 / max(1, seen["requests"])
    seen["rate"] = seen["requests"] / seen["seconds"]
    return seen
