"""bench/methods: lists the methods of the native executable that run after its start (CodeOrder).

The executable must have its symbols; CONTRIBUTING.md describes how to build it.
"""

import argparse
import contextlib
import http.client
import os
import signal
import ssl
import sys
import tempfile
import time

from load import Case, measure
from peers import Guardian
from upstream import Upstreams

TRACE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "trace.py")
LIST = "src/main/resources/META-INF/native-image/io.tokenguardian/token-guardian/methods.txt"
IDLE = 70  # seconds: the guardian measures a clock once a minute
TRIES = 5  # a traced program is slow, so the first requests can time out
GET = "/version"
POST = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
REVIEW = b'{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}'
WATCH = "/api/v1/namespaces/default/configmaps?watch=1"
LOADS = [Case("", 16, GET), Case("", 256, GET), Case("", 16, GET, tls=True)]
PROBES = [f"/q/health/{check}" for check in ("started", "ready", "live")] + ["/q/metrics"]


def arguments():
    parser = argparse.ArgumentParser(prog="bench/methods", description=__doc__)
    parser.add_argument("executable", metavar="EXECUTABLE", help="a native executable with its symbols")
    return parser.parse_args()


def ask(connection, method, path, body=None, headers=None):
    for _ in range(TRIES):
        connection.request(method, path, body() if callable(body) else body, headers or {})
        answer = connection.getresponse()
        answer.read()
        if answer.status < 300:
            return
    raise RuntimeError(f"{method} {path}: {answer.status}")


def use(running):
    """Sends what a pod sends to the guardian: kubelet's probes, Prometheus' scrape, and several kinds of requests."""
    for _ in range(3):
        for path in PROBES:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", running.values["management"], timeout=30)) as probe:
                ask(probe, "GET", path)
    unverified = ssl._create_unverified_context()
    for caller in (
        http.client.HTTPConnection("127.0.0.1", running.port, timeout=30),
        http.client.HTTPSConnection("127.0.0.1", running.tls_port, timeout=30, context=unverified),
    ):
        with contextlib.closing(caller):
            for _ in range(3):
                ask(caller, "GET", GET)
                ask(caller, "HEAD", GET)
                ask(caller, "POST", POST, REVIEW, {"Content-Type": "application/json"})
                ask(caller, "POST", POST, lambda: iter([REVIEW[:9], REVIEW[9:]]), {"Content-Type": "application/json"})  # in chunks
            caller.request("GET", WATCH)
            caller.getresponse()  # this response does not end


def trace(executable, directory, upstreams):
    """Returns the methods that run after the startup of a guardian."""
    met = os.path.join(directory, "met")
    traced = [sys.executable, TRACE, os.path.abspath(executable), met]
    running = Guardian("traced", "", traced).start(upstreams, upstreams.watch_port, GET, tls=True)
    try:
        time.sleep(5)  # the startup ends 1.5 s after the first verdict
        running.process.popen.send_signal(signal.SIGUSR1)
        time.sleep(1)
        use(running)
        for case in LOADS:
            measure(case, running, 2)
        time.sleep(IDLE)
        use(running)
    finally:
        running.process.stop()
    with open(met, encoding="utf-8") as file:
        return set(file.read().splitlines())


def main():
    given = arguments()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="methods-"))
        upstreams = Upstreams(directory)
        stack.callback(upstreams.stop)
        upstreams.start()
        methods = trace(given.executable, directory, upstreams)
    with open(LIST, "w", encoding="utf-8") as file:
        file.writelines(f"{method}\n" for method in sorted(methods))
    print(f"{len(methods)} methods, written to {LIST}")


if __name__ == "__main__":
    main()
