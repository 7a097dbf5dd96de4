"""bench/versions: after each write, reads and watches with the resourceVersion of the write, and measures how long the response takes.

It needs administrator permissions for a cluster with several API servers, in KUBECONFIG or in kubectl's default kubeconfig. Each caller
writes a config map of its own, and sends one request with the version that the write returned. "same replica" sends both to one API
server, as a client with one HTTP/2 connection does, and "another replica" reads from the next one. "proxy" sends both through the
guardian. Each watch is sent over a new connection, whose setup is part of its time. A response later than 5 ms counts as having waited,
and one that is not 200 as failed.
"""

import argparse
import concurrent.futures
import contextlib
import http.client
import json
import os
import ssl
import statistics
import sys
import tempfile
import time

import table
from conformance import NAME, Cluster, Guardian, kubectl, say
from processes import file_name

CALLERS = 8
WAITED = 0.005
PATH = f"/api/v1/namespaces/{NAME}/configmaps"
KINDS = {
    "get": "{path}/{name}?resourceVersion={version}",
    "list": "{path}?resourceVersion={version}&resourceVersionMatch=NotOlderThan&fieldSelector=metadata.name%3D{name}",
    "watch": "{path}?watch=true&resourceVersion={version}&fieldSelector=metadata.name%3D{name}",
}


def arguments():
    parser = argparse.ArgumentParser(prog="bench/versions", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--native", metavar="EXECUTABLE", required=True, help="the guardian's native executable")
    parser.add_argument("--requests", metavar="N", type=int, default=10_000, help="requests of each kind (default: %(default)s)")
    parser.add_argument("--only", metavar="TEXT", default="", help="measure only rows whose name contains this, such as proxy")
    return parser.parse_args()


class Way:
    """Where a caller's writes and reads go: to API servers by number, or through the proxy."""

    def __init__(self, name, connect, headers, distance):
        self.name, self.connect, self.headers, self.distance = name, connect, headers, distance

    def measure(self, kind, caller, count):
        """Sends ``count`` requests, each after a write. Returns the seconds of each, or None for a response that is not 200."""
        name = file_name(f"{self.name}-{kind}-{caller}")
        writer = self.connect(caller)
        send(writer, "POST", PATH, self.headers, {"metadata": {"name": name}})
        reader = self.connect(caller + self.distance) if kind != "watch" else None
        results = []
        for turn in range(count):
            status, body = send(writer, "PATCH", f"{PATH}/{name}", self.headers, {"data": {"turn": str(turn)}})
            if status != 200:
                raise RuntimeError(f"{self.name}: {status} for a write")
            version = json.loads(body)["metadata"]["resourceVersion"]
            begin = time.perf_counter()
            connection = reader or self.connect(caller + self.distance)
            connection.request("GET", KINDS[kind].format(path=PATH, name=name, version=version), headers=self.headers)
            response = connection.getresponse()
            results.append(time.perf_counter() - begin if response.status == 200 else None)
            if kind == "watch":
                connection.close()
            else:
                response.read()
        return results


def send(connection, method, path, headers, body):
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    connection.request(method, path, json.dumps(body), {**headers, "Content-Type": kind})
    response = connection.getresponse()
    return response.status, response.read()


def ways(cluster, guardian):
    with open(cluster.token, encoding="ascii") as file:
        headers = {"Authorization": "Bearer " + file.read()}
    endpoints = json.loads(kubectl("get", "endpointslice", "kubernetes", "-n", "default", "-o", "json"))
    addresses = [(endpoint["addresses"][0], endpoints["ports"][0]["port"]) for endpoint in endpoints["endpoints"]]
    tls = ssl.create_default_context(cafile=cluster.ca)

    def connect(number):
        connection = http.client.HTTPSConnection(*addresses[number % len(addresses)], context=tls, timeout=60)
        connection.connect()
        return connection

    def connect_to_proxy(_):
        return http.client.HTTPConnection("127.0.0.1", guardian.proxy, timeout=60)

    say(f"{len(addresses)} API servers")
    yield Way("same replica", connect, headers, 0)
    yield Way("another replica", connect, headers, 1)
    yield Way("proxy", connect_to_proxy, {}, 0)


def row(way, kind):
    return f"{kind}, {way.name}"


def line(way, kind, results):
    times = sorted(seconds for seconds in results if seconds is not None)
    waited = sum(seconds > WAITED for seconds in times)
    percentiles = (statistics.median(times), times[int(0.99 * len(times))], times[int(0.999 * len(times))], times[-1])
    return (
        row(way, kind),
        str(len(results)),
        str(len(results) - len(times)),
        str(waited),
        *(f"{1000 * seconds:.1f}" for seconds in percentiles),
    )


def main():
    given = arguments()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
        cluster = Cluster(directory, stack)
        guardian = Guardian(os.path.abspath(given.native), cluster, directory, stack)
        lines = []
        for way in ways(cluster, guardian):
            for kind in (kind for kind in KINDS if given.only in row(way, kind)):
                with concurrent.futures.ThreadPoolExecutor(CALLERS) as pool:
                    parts = pool.map(lambda caller: way.measure(kind, caller, given.requests // CALLERS), range(CALLERS))
                    lines.append(line(way, kind, [seconds for part in parts for seconds in part]))
                say(" ".join(lines[-1]))
        say("the proxy: " + ", ".join(f"{name} {count}" for name, count in guardian.counts().items()))
    header = ("after a write", "requests", "failed", "waited", "median ms", "p99 ms", "p99.9 ms", "longest ms")
    print("\n".join(table.rows(header, lines)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
