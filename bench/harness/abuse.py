"""bench/abuse: floods the native program with requests that an untrusted client can send, each flood against a new process."""

import argparse
import asyncio
import collections
import contextlib
import errno
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import machine
import table
from floods import UNANSWERED
from peers import await_answer
from processes import Process, free_port
from rows import ROWS
from server import ApiServer
from upstream import SERVER_NAME, SMALL

MEMORY, LIVE, RECOVERY, EXIT = 150, 1.0, 5.0, 11.0  # limits for the program: MiB, then seconds
EVERY, LIMIT = 0.1, 5.0  # seconds between two measuring requests, and the timeout of each request
TIMEOUT = 20  # seconds to wait for the recovery, and then for the exit
IN_A_ROW = 3  # consecutive responses to a well-behaved caller that prove the recovery
SOCKET = re.compile(rb"skmem:\(r(\d+),.*?,f(\d+),w(\d+),")  # received and unread, reserved, written and not acknowledged
STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
TRACE = re.compile(r"^\s+at |^Caused by: ")
HERE = os.path.dirname(os.path.abspath(__file__))


def arguments():
    parser = argparse.ArgumentParser(prog="bench/abuse", description=__doc__)
    parser.add_argument("--native", metavar="EXECUTABLE", help="the program")
    parser.add_argument(
        "--only", metavar="ROW", action="append", help="only the row with this name, or if none has it, the rows whose names contain it"
    )
    parser.add_argument(
        "--behind", action="store_true", help="three of ten connections lead to a replica that is an hour behind and refuses the token"
    )
    parser.add_argument("--list", action="store_true", help="describe each row without running it")
    given = parser.parse_args()
    if not (given.native or given.list):
        parser.error("--native EXECUTABLE or --list")
    return given


def chosen(names):
    exact = {row.name for row in ROWS}
    return [row for row in ROWS if any(name == row.name or (name not in exact and name in row.name) for name in names)]


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


async def ask(port, path):
    """Returns the seconds until a new connection gets 200, or the reason why it does not."""
    begin = time.monotonic()
    writer = None
    try:
        async with asyncio.timeout(LIMIT):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
            line = await reader.readline()
            status = line.split(b" ", 2)[1:2]
            return time.monotonic() - begin if status == [b"200"] else (status[0].decode() if status else "cut off")
    except TimeoutError:
        return f"no answer in {LIMIT:.0f} s"
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)
    finally:
        if writer:
            writer.transport.abort()


class Live:
    """Requests ``live`` continually, as kubelet does, and sends a well-behaved caller's request to the proxy every second."""

    def __init__(self, management, proxy):
        self.management, self.proxy = management, proxy
        self.slowest, self.failures, self.asked = 0.0, collections.Counter(), 0
        self.callers, self.served = 0, 0
        self.late = 0.0
        self.questions = set()

    async def run(self):
        turn = 0
        while True:
            self._start(self._live())
            if turn % 10 == 0:
                self._start(self._call())
            turn += 1
            due = time.monotonic() + EVERY
            await asyncio.sleep(EVERY)
            self.late = max(self.late, time.monotonic() - due)

    def _start(self, question):
        task = asyncio.create_task(question)
        self.questions.add(task)
        task.add_done_callback(self.questions.discard)

    async def _live(self):
        seen = await ask(self.management, "/q/health/live")
        self.asked += 1
        if isinstance(seen, str):
            self.failures[seen] += 1
        else:
            self.slowest = max(self.slowest, seen)

    async def _call(self):
        seen = await ask(self.proxy, SMALL)
        self.callers += 1
        self.served += not isinstance(seen, str)

    async def end(self):
        """Waits for the requests that are still open."""
        if self.questions:
            await asyncio.wait(self.questions)


class Trial:
    """One row: a new process, its flood and the result."""

    def __init__(self, row, executable, server, directory):
        self.row, self.server = row, server
        self.in_cluster = os.path.join(directory, row.name + "-in-cluster")
        self.ports = {name: free_port() for name in ("proxy", "tls", "management", "local")}
        command = [executable]
        if row.files:
            command = ["sh", "-c", 'ulimit -n "$0" && exec "$@"', str(row.files), *command]
        server.issue(row.seconds - 5 if row.held else 0)
        self.accepted_at = time.time() + row.seconds - 5
        self.process = Process(row.name, command, directory, self._environment())
        self.peak = self.sockets = 0.0
        self.figures = {}

    def _environment(self):
        return {
            "GUARDIAN_TOKEN_PATH": self.server.token,
            "GUARDIAN_API_SERVER_URL": f"https://127.0.0.1:{self.server.port}",
            "GUARDIAN_API_SERVER_CA": self.server.ca,
            "GUARDIAN_API_SERVER_SERVER_NAME": SERVER_NAME,
            "GUARDIAN_READINESS_ACCEPTED_BY": "any" if self.server.behind else "every",
            "GUARDIAN_PROXY_PORT": str(self.ports["proxy"]),
            "GUARDIAN_IN_CLUSTER_PORT": str(self.ports["tls"]),
            "GUARDIAN_IN_CLUSTER_DIRECTORY": self.in_cluster,
            "QUARKUS_HTTP_PORT": str(self.ports["local"]),
            "QUARKUS_MANAGEMENT_HOST": "127.0.0.1",
            "QUARKUS_MANAGEMENT_PORT": str(self.ports["management"]),
        }

    def run(self):
        """Runs the row and returns its figures."""
        try:
            await_answer(self.process, self.ports["management"], "/q/health/live" if self.row.held else "/q/health/ready", pause=0.05)
            asyncio.run(self._observe())
            self._log()
            self._end()
        finally:
            self.process.stop()
        return self.figures

    async def _observe(self):
        watch = asyncio.create_task(self._watch())
        counting = asyncio.create_task(self._watch_sockets())
        live = Live(self.ports["management"], self.ports["proxy"])
        asking = asyncio.create_task(live.run())
        accepting = asyncio.create_task(self._accept()) if self.row.held else None
        self.before = os.path.getsize(self.process.log)
        flood = await self._flood()
        over = time.monotonic()
        during = live.served, live.callers
        recovery = await asyncio.gather(
            self._recovery(over, self.ports["proxy"], SMALL), self._recovery(over, self.ports["management"], "/q/health/live")
        )
        asking.cancel()
        await live.end()
        os.setpriority(os.PRIO_PROCESS, 0, 0)
        watch.cancel()
        counting.cancel()
        if accepting:
            await accepting
        self._look()
        self.figures = {
            "flood": flood,
            "peak": self.peak,
            "sockets": self.sockets,
            "live": live.slowest,
            "failures": live.failures,
            "asked": live.asked,
            "served": during,
            "late": live.late,
            "recovery": None if None in recovery else max(recovery),
        }

    async def _flood(self):
        ports = [str(self.ports[name]) for name in ("proxy", "tls", "management", "local")]
        command = ["nice", "-n", "10", sys.executable, os.path.join(HERE, "floods.py"), self.row.name, *ports]
        flood = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        losing = asyncio.create_task(self._lose_packets()) if self.row.lost_after else None
        with contextlib.suppress(PermissionError):
            # The measuring requests must not be delayed. The priority is raised only now, because child processes inherit it.
            os.setpriority(os.PRIO_PROCESS, 0, -10)
        try:
            seen = json.loads(await flood.stdout.readline())
        finally:
            with contextlib.suppress(ProcessLookupError):
                flood.kill()
            await flood.wait()
            if losing and not losing.cancel():
                self.server.lose_packets(False)
        return seen

    async def _lose_packets(self):
        await asyncio.sleep(self.row.lost_after)
        self.server.lose_packets(True)

    async def _accept(self):
        """Accepts the token shortly before its time, because a 401 at that time would have a different meaning."""
        await asyncio.sleep(self.accepted_at - time.time() - 1)
        self.server.accept()

    async def _watch(self):
        while True:
            self._look()
            await asyncio.sleep(0.25)

    async def _watch_sockets(self):
        """Updates the peak of the kernel memory that the program's sockets use. ``ss`` prints a negative size as 2³² minus it."""
        own = [f"sport = :{port}" for port in self.ports.values()]
        command = ["ss", "-tmnH", " or ".join([*own, f"dport = :{self.server.port}"])]
        while True:
            ss = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
            seen = (await ss.communicate())[0]
            sizes = [int(size) for socket in SOCKET.findall(seen) for size in socket]
            self.sockets = max(self.sockets, sum(size for size in sizes if size < 2**31) / 2**20)
            await asyncio.sleep(0.5)

    def _look(self):
        """Updates the peak, if it can be read: a process that has ended has none."""
        with contextlib.suppress(OSError, StopIteration):
            self.peak = max(self.peak, self.process.peak())

    async def _recovery(self, over, port, path):
        """Returns the seconds from the end of the flood to the first of several consecutive responses, each to a new connection."""
        first, answers = None, 0
        while time.monotonic() - over < TIMEOUT:
            seen = await ask(port, path)
            if isinstance(seen, str):
                first, answers = None, 0
            else:
                first = first or time.monotonic() - over
                answers += 1
                if answers == IN_A_ROW:
                    return first
            await asyncio.sleep(EVERY)
        return None

    def _log(self):
        with open(self.process.log, encoding="utf-8", errors="replace") as file:
            file.seek(self.before)
            lines = file.read().splitlines()
        seconds, last = collections.Counter(), ""
        for line in lines:
            stamp = STAMP.match(line)
            last = stamp[0] if stamp else last
            seconds[last] += " verdict=" not in line  # lines about the guardian's own token are not caused by the flood
        self.figures["lines"] = len(lines)
        self.figures["rate"] = max(seconds.values(), default=0)
        self.figures["traces"] = sum(bool(TRACE.match(line)) for line in lines)
        self.figures["first"] = lines[:4]

    def _end(self):
        popen = self.process.popen
        begin = time.monotonic()
        self.figures["died"] = popen.poll() is not None
        popen.send_signal(signal.SIGTERM)
        try:
            popen.wait(TIMEOUT)
            self.figures["end"] = time.monotonic() - begin
        except subprocess.TimeoutExpired:
            popen.kill()
            popen.wait()
            self.figures["end"] = None
        self.figures["exit"] = popen.returncode


def failures(row, seen):
    """Yields each limit that was exceeded."""
    if seen["died"]:
        yield f"ended by itself with exit code {seen['exit']}"
    if seen["peak"] + seen["sockets"] > MEMORY:
        yield f"peak RSS {seen['peak']:.0f} MiB and sockets {seen['sockets']:.0f} MiB"
    if seen["failures"]:
        yield "`live`: " + ", ".join(f"{count} of {seen['asked']} {why}" for why, count in seen["failures"].items())
    elif seen["live"] > LIVE:
        yield f"`live` after {seen['live']:.1f} s"
    if seen["recovery"] is None or seen["recovery"] > RECOVERY:
        yield "not recovered" if seen["recovery"] is None else f"recovered after {seen['recovery']:.1f} s"
    if not seen["died"]:
        if seen["end"] is None or seen["end"] > EXIT:
            yield "SIGTERM did not end it" if seen["end"] is None else f"SIGTERM ended it after {seen['end']:.1f} s"
        elif seen["exit"] != 0:
            yield f"exit code {seen['exit']}"
    if seen["traces"]:
        yield f"{seen['traces']} lines of stack traces"
    if row.files:
        if seen["rate"] > 1:
            yield f"{seen['rate']} log lines in a second"
        others = {key for key in seen["flood"] if key.isdigit()} - {"200", "502", "503"}
        if others:
            yield "callers got " + ", ".join(sorted(others))
        if seen["flood"].get(UNANSWERED):
            yield f"{seen['flood'][UNANSWERED]:,} callers were cut off without a response"


def seconds(value):
    return "never" if value is None else f"{value:.1f}"


def cells(row, seen):
    live = f"{1000 * seen['live']:.0f}" if not seen["failures"] else f"{sum(seen['failures'].values())} of {seen['asked']} failed"
    served = "{} of {}".format(*seen["served"])
    end = "by itself" if seen["died"] else seconds(seen["end"])
    code = "killed" if seen["end"] is None else str(seen["exit"])
    within = "no" if list(failures(row, seen)) else "yes"
    return [row.name, f"{seen['peak']:.0f}", f"{seen['sockets']:.0f}", live, served, seconds(seen["recovery"]), f"{seen['lines']:,}", end, code, within]


HEADER = ["", "peak RSS MiB", "peak sockets MiB", "slowest `live` ms", "served meanwhile", "recovered after s", "log lines", "SIGTERM s", "exit", "within"]


def document(about, version, figures):
    yield f"Measured {about['date']} at revision {about['revision']} by `bench/abuse`, load average before the run: {about['load']}.\n"
    yield f"- Machine: {about['machine']}"
    yield f"- Program: {version}\n"
    yield from table.rows(HEADER, [cells(row, seen) for row, seen in figures.items()])


def tell(seen):
    """Prints the figures that are not in the table."""
    say("  the flood: " + ", ".join(f"{key} {value:,}" for key, value in seen["flood"].items()))
    say(
        f"  peak {seen['peak']:.0f} MiB and {seen['sockets']:.0f} MiB in sockets, `live` {seen['live']:.3f} s, recovered after {seconds(seen['recovery'])} s, "
        f"ended in {seconds(seen['end'])} s with {seen['exit']}; the measuring requests were up to {seen['late']:.3f} s late"
    )
    if seen["lines"]:
        say(f"  the log: {seen['lines']:,} lines, up to {seen['rate']:,} in a second; the first:")
        for line in seen["first"]:
            say("    " + line[:400])


def main():
    given = arguments()
    rows = chosen(given.only) if given.only else ROWS
    if not rows:
        sys.exit(f"bench/abuse: --only {' '.join(given.only)}: no row has that in its name; --list says which there are")
    if given.list:
        for row in rows:
            print(f"{row.name:24} {row.sentence}")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    executable = os.path.abspath(given.native)
    about = machine.place()
    figures, complaints = {}, []
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True))
        server = ApiServer(directory, given.behind)
        stack.callback(server.stop)
        server.start()
        for row in rows:
            say(f"{row.name}: {row.sentence}")
            try:
                seen = figures[row] = Trial(row, executable, server, directory).run()
            except RuntimeError as error:
                found = [str(error)]  # it did not start
            else:
                found = list(failures(row, seen))
                tell(seen)
            if found:
                complaints.append(f"{row.name}: " + "; ".join(found))
                say("  FAILED: " + "; ".join(found))
    print("\n".join(document(about, machine.first_line([executable, "--version"]), figures)))
    for complaint in complaints:
        print("PAST THE BOUNDS: " + complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
