"""bench/run: measures Token Guardian, kubectl proxy, nginx and haproxy in front of the same TLS upstream."""

import argparse
import asyncio
import contextlib
import os
import shlex
import signal
import sys
import tempfile
import time

import machine
import table
from load import CASES, STEADY, measure, wrk
from peers import Guardian, Haproxy, Kubectl, Nginx
from upstream import SMALL, Upstreams
from watches import observe

DIRECT = "no proxy"
WATCHED = "/api/v1/namespaces/watch-0/configmaps"
JAVA_OPTIONS = "-XX:+UseSerialGC -Xmx128m"
REST = 5  # seconds before idle memory is read; 1.5 s after the first verdict the guardian gives back the memory of its startup


def arguments():
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a trial with one short round")
    parser.add_argument("--native", metavar="EXECUTABLE", help="also measure this native executable")
    parser.add_argument("--before", metavar="EXECUTABLE", help="also measure this native executable from an earlier build")
    parser.add_argument("--java-options", default=JAVA_OPTIONS, help=f"options for the guardian on the JVM (default: {JAVA_OPTIONS})")
    parser.add_argument("--rounds", type=int, help="number of measurements for each proxy and case (default: 3; with --quick 1)")
    parser.add_argument("--seconds", type=int, help="length of one measurement (default: 3; with --native 2, with --quick 1)")
    parser.add_argument("--warm-up", type=int, help="seconds of warm-up on the JVM (default: 20; with --quick 6, which is too short)")
    parser.add_argument("--watches", type=int, default=1_000, help="number of watches (default: 1000)")
    parser.add_argument("--only", metavar="NAME", action="append", help="only measure proxies whose name contains NAME")
    given = parser.parse_args()
    given.rounds = given.rounds or (1 if given.quick else 3)
    given.seconds = given.seconds or (1 if given.quick else 2 if given.native else 3)
    given.warm_up = given.warm_up or (6 if given.quick else 20)
    return given


def all_peers(given, java):
    jvm = [java, *shlex.split(given.java_options), "-jar", os.path.abspath("target/quarkus-app/quarkus-run.jar")]
    peers = [
        Guardian("guardian", "the guardian on the JVM", jvm),
        Kubectl("kubectl proxy", "HTTP/2 to the upstream, one process"),
        Nginx("nginx", "HTTP/1.1 to the upstream, one worker per core, responses not buffered"),
        Haproxy("haproxy", "HTTP/1.1 to the upstream, one thread per core"),
    ]
    if given.native:
        native = [os.path.abspath(given.native)]
        peers[:0] = [Guardian("native", "the guardian as a native executable", native)]
    if given.before:
        before = [os.path.abspath(given.before)]
        peers[:0] = [Guardian("before", "native, an earlier build", before)]
    return [peer for peer in peers if not given.only or any(part in peer.name for part in given.only)]


def rotated(running, turn):
    """Starts each round with a different proxy, because the first proxy in a case finds the machine as the previous case left it."""
    first = turn % len(running)
    return running[first:] + running[:first]


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


class Bench:
    def __init__(self, given, peers, upstreams, stack):
        self.given, self.peers, self.upstreams, self.stack = given, peers, upstreams, stack
        self.complaints = []

    def start(self, peer, port, path, tls=False):
        running = peer.start(self.upstreams, port, path, tls)
        self.stack.callback(running.process.stop)
        return running

    def idle(self):
        """Measures one proxy at a time, because a page that two processes share counts half for each in PSS."""
        memory = {}
        for peer in self.peers:
            say(f"idle: {peer.name}")
            one = self.start(peer, self.upstreams.plain_port, SMALL)
            time.sleep(REST)
            idle = one.process.memory()
            for _ in range(10):
                time.sleep(0.5)
                one.probe()
            probed = one.process.memory()
            one.process.stop()
            memory[peer.name] = {
                "start": one.start_seconds,
                "idle_rss": idle["rss"],
                "idle_pss": idle["pss"],
                "probed_pss": probed["pss"],
            }
        return memory

    def plain(self):
        """Keeps all proxies running and measures them in turn, so that other work of the machine affects all of them alike."""
        port = self.upstreams.plain_port
        running = []
        for peer in self.peers:
            say(f"start {peer.name}")
            running.append(self.start(peer, port, SMALL, tls=True))
        for one in running:
            say(f"warm up {one.name}")
            measure(STEADY, one, self.given.warm_up if one.name.startswith("guardian") else 1)
            for case in CASES:
                if one.takes(case):
                    measure(case, one, 1 if self.given.quick else 2)
        figures = {case: {} for case in CASES}
        for turn in range(self.given.rounds):
            for case in CASES:
                say(f"round {turn + 1}: {case.title}")
                for one in rotated([each for each in running if each.takes(case)], turn):
                    self.add(figures[case], one.name, measure(case, one, self.given.seconds), case)
        for case in CASES:
            seen = wrk(case, f"https://127.0.0.1:{port}", self.given.seconds, self.upstreams.bearer())
            seen["rate"] = seen["requests"] / seen["seconds"]
            self.add(figures[case], DIRECT, seen, case)
        memory = {one.name: one.process.memory() for one in running}
        for one in running:
            one.process.stop()
        return figures, memory

    def add(self, figures, name, seen, case):
        figures.setdefault(name, []).append(seen)
        if seen["errors"]:
            self.complaints.append(f"{name}: {seen['errors']} errors in {seen['requests']} requests: {case.title}")

    def one_shots(self):
        """Measures a start and a check, one process at a time, and the size of the executable."""
        figures = {}
        for peer in self.peers:
            if isinstance(peer, Guardian):
                say(f"start and check: {peer.name}")
                port = self.upstreams.plain_port
                times = 3 if self.given.quick else 11
                figures[peer.name] = {
                    "ready": [peer.ready_seconds(self.upstreams, port) for _ in range(times)],
                    "check": [peer.check_seconds(self.upstreams, port) for _ in range(times)],
                }
                if len(peer.executable) == 1:
                    figures[peer.name].update(machine.sizes(peer.executable[0]))
        return figures

    def watches(self):
        """Measures the proxies one after another, each in a new process."""
        figures = {}
        for peer in self.peers:
            say(f"{self.given.watches} watches: {peer.name}")
            one = self.start(peer, self.upstreams.watch_port, WATCHED)
            time.sleep(REST)
            seen = asyncio.run(observe(self.upstreams, one, self.given.watches, 5 if self.given.quick else 8))
            one.process.stop()
            figures[peer.name] = seen
            if seen["refused"] or seen["lost"]:
                self.complaints.append(f"{peer.name}: {seen['refused']} watches refused, {seen['lost']} lost")
        return figures


def document(given, about, peers, figures, memory, watched, shots):
    yield f"Measured {about['date']} at revision {about['revision']}, load average before the run: {about['load']}.\n"
    yield f"- Machine: {about['machine']}"
    yield f"- Versions: {about['versions']}"
    yield f"- Rounds: {given.rounds} interleaved rounds of {given.seconds} s each, after a warm-up ({given.warm_up} s on the JVM); each figure is the median (minimum–maximum)"
    yield f"- JVM options: `{given.java_options}`"
    for peer in peers:
        yield f"- {peer.name}: {peer.note}"
    yield ""
    for case, runs in figures.items():
        yield from table.plain(case.title, runs)
    yield from table.watches(f"{given.watches:,} watches, 1 event/s each", watched)
    yield from table.memory(memory)
    if shots:
        yield from table.one_shots(shots)


def main():
    given = arguments()
    # Turns SIGTERM into an exception, so that everything that was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    java = machine.java()
    peers = all_peers(given, java)
    if not peers:
        sys.exit(f"bench/run: --only {' '.join(given.only)}: no proxy has that in its name")
    about = machine.description(java)
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
        say("start the upstreams")
        upstreams = Upstreams(directory)
        stack.callback(upstreams.stop)
        upstreams.start()
        bench = Bench(given, peers, upstreams, stack)
        idle = bench.idle()
        figures, loaded = bench.plain()
        memory = {name: idle[name] | loaded[name] for name in idle}
        shots = bench.one_shots()
        watched = bench.watches()
    print("\n".join(document(given, about, peers, figures, memory, watched, shots)))
    for complaint in bench.complaints:
        print("NOT CLEAN: " + complaint, file=sys.stderr)
    return 1 if bench.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
