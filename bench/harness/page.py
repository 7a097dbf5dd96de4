"""bench/page: measures how soon and with how much work a browser draws the page, and what an open page costs the guardian."""

import argparse
import contextlib
import http.client
import json
import os
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import machine
import table
from browser import Browser
from peers import await_answer
from processes import Process, free_port

JAVA_OPTIONS = "-XX:+UseSerialGC -Xmx128m"
REPLICAS = "0,0.4,-75"  # clock offsets in seconds: the last replica first refuses the token, and accepts it after 15 s
ASKED = "/api/v1/namespaces/default/pods"
PAGES_TO_WARM_UP = 15

# Records when the frame that contains the timeline has been handed over to be displayed.
NOTE_DRAWN = """
new PerformanceObserver(list => {
  if (list.getEntriesByName('shown').length && !window.awaited) {
    window.awaited = true;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => { window.drawn = performance.now(); };
      channel.port2.postMessage(null);
    });
  }
}).observe({type: 'mark', buffered: true});
"""

DRAWN = """
return new Promise(done => {
  const look = () => window.drawn && performance.getEntriesByName('first-contentful-paint').length ? done() : setTimeout(look, 20);
  look();
}).then(() => {
  const answer = performance.getEntriesByType('navigation')[0];
  return {
    bytes: answer.transferSize,
    asked: 1 + performance.getEntriesByType('resource').length,
    parsed: answer.domInteractive - answer.responseStart,
    first: performance.getEntriesByName('first-contentful-paint')[0].startTime - answer.responseStart,
    drawn: window.drawn - answer.responseStart,
    line: document.getElementById('clocks').children.length,
  };
})
"""

WALL = {
    "parsed": "the page is parsed and its script has run",
    "first": "the first contentful paint",
    "drawn": "the timeline is drawn",
}
WORK = {
    "ScriptDuration": "scripts",
    "RecalcStyleDuration": "style",
    "LayoutDuration": "layout",
    "TaskDuration": "all tasks",
}
COUNTS = {"LayoutCount": "layouts", "RecalcStyleCount": "style recalculations"}


def arguments():
    parser = argparse.ArgumentParser(prog="bench/page", description=__doc__)
    parser.add_argument("--native", metavar="EXECUTABLE", help="measure this native executable instead of the program on the JVM")
    parser.add_argument("--java-options", default=JAVA_OPTIONS, help=f"options for the guardian on the JVM (default: {JAVA_OPTIONS})")
    parser.add_argument("--loads", type=int, default=20, help="number of page loads (default: 20)")
    parser.add_argument("--seconds", type=int, default=20, help="length of one CPU measurement (default: 20)")
    parser.add_argument("--rounds", type=int, default=3, help="number of rounds, each with the page closed and open (default: 3)")
    parser.add_argument("--warm-up", type=int, default=30, help="seconds of warm-up, with many open pages and with requests (default: 30)")
    parser.add_argument("--rate", type=int, default=100, help="requests/s through the proxy, in the measurement with requests (default: 100)")
    return parser.parse_args()


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


class Requests:
    """A context that sends the given number of requests a second through the proxy, over one connection."""

    def __init__(self, port, rate):
        self.port, self.rate, self.ended, self.made = port, rate, threading.Event(), 0
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def _run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        due = time.monotonic()
        while not self.ended.wait(max(0.0, due - time.monotonic())):
            connection.request("GET", ASKED)
            connection.getresponse().read()
            self.made += 1
            due = max(due + 1 / self.rate, time.monotonic() - 1)


class OpenPages:
    """Open pages from the guardian's point of view: connections on which events are read and discarded."""

    def __init__(self, port, number):
        self.connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in range(number)]

    def __enter__(self):
        for connection in self.connections:
            connection.request("GET", "/events")
            threading.Thread(target=self._read, args=(connection.getresponse(),), daemon=True).start()
        return self

    @staticmethod
    def _read(answer):
        with contextlib.suppress(OSError, http.client.HTTPException, AttributeError, ValueError):
            while answer.read1(65536):
                pass

    def __exit__(self, *_):
        for connection in self.connections:
            connection.close()


class World:
    """A stand-in API server and the guardian in front of it; both end with the stack."""

    def __init__(self, executable, directory, stack):
        command = machine.stand_in("mount", "--replicas", "3", "--offsets", REPLICAS)
        stand_in = Process("stand-in", command, directory, stdout=subprocess.PIPE)
        stack.callback(stand_in.stop)
        line = stand_in.popen.stdout.readline()
        if not line:
            stand_in.popen.wait()
            stand_in.check_alive()
        self.proxy, self.local, self.management = free_port(), free_port(), free_port()
        environment = {
            "GUARDIAN_TOKEN_PATH": os.path.join(directory, "mount", "token"),
            "GUARDIAN_API_SERVER_URL": json.loads(line)["url"],
            "GUARDIAN_PROXY_PORT": str(self.proxy),
            "QUARKUS_HTTP_PORT": str(self.local),
            "QUARKUS_MANAGEMENT_HOST": "127.0.0.1",
            "QUARKUS_MANAGEMENT_PORT": str(self.management),
        }
        self.guardian = Process("guardian", executable, directory, environment)
        stack.callback(self.guardian.stop)
        await_answer(self.guardian, self.management, "/q/health/ready", pause=0.1)

    def page(self):
        return f"http://127.0.0.1:{self.local}/"


def loads(browser, page, number):
    """Draws every load in a new renderer, as for a page that a user opens."""
    browser.dev_tools("Page.enable")
    note = browser.dev_tools("Page.addScriptToEvaluateOnNewDocument", source=NOTE_DRAWN)
    browser.dev_tools("Performance.enable", timeDomain="threadTicks")
    figures = []
    for turn in range(number + 2):
        browser.open("about:blank")
        browser.open(page)
        seen = browser.run(DRAWN)
        for metric in browser.dev_tools("Performance.getMetrics")["metrics"]:
            if metric["name"] in WORK:
                seen[metric["name"]] = 1000 * metric["value"]
            elif metric["name"] in COUNTS:
                seen[metric["name"]] = metric["value"]
        if turn >= 2:  # the first two loads warm up the browser
            figures.append(seen)
    browser.dev_tools("Page.removeScriptToEvaluateOnNewDocument", identifier=note["identifier"])
    browser.dev_tools("Performance.disable")
    return figures


def cost(guardian, seconds):
    """Returns the guardian's CPU in percent of a core."""
    begin, before = time.monotonic(), guardian.cpu_seconds()
    time.sleep(seconds)
    return 100 * (guardian.cpu_seconds() - before) / (time.monotonic() - begin)


def costs(given, world, browser, closed, opened):
    """Measures the page open and closed in turn, so that other work of the machine affects both alike."""
    for _ in range(given.rounds):
        for page, figures in (("about:blank", closed), (world.page(), opened)):
            browser.open(page)
            time.sleep(2)  # excludes the cost of opening the page
            figures.append(cost(world.guardian, given.seconds))
    browser.open("about:blank")


def spread(figures, name):
    values = [one[name] for one in figures]
    return [table.number(value) for value in (min(values), statistics.median(values), max(values))]


def document(given, about, form, drawn, idle, busy, rate):
    yield f"Measured {about['date']} at revision {about['revision']} by `bench/page`, load average before the run: {about['load']}.\n"
    yield f"- Machine: {about['machine']}"
    yield f"- Browser: {about['browser']}, headless, without GPU; guardian: {form}"
    yield f"- Page: a response of {max(one['bytes'] for one in drawn):,} bytes; number of requests needed to draw it: {max(one['asked'] for one in drawn):.0f}\n"
    yield from table.rows(
        [f"{len(drawn)} loads, ms", "minimum", "median", "maximum"],
        [
            *([f"wall time from the response's first byte until {text}", *spread(drawn, key)] for key, text in WALL.items()),
            *([f"CPU of the main thread: {text}", *spread(drawn, key)] for key, text in WORK.items()),
            *([f"number of {text}", *spread(drawn, key)] for key, text in COUNTS.items()),
        ],
    )
    yield from table.rows(
        [f"CPU of the guardian, % of one core, {given.rounds} × {given.seconds} s", "no page", "one page open", "difference of medians"],
        [
            [name, table.spread(closed), table.spread(opened), table.number(statistics.median(opened) - statistics.median(closed))]
            for name, closed, opened in (("idle", *idle), (f"{rate:.0f} requests/s through the proxy", *busy))
        ],
    )


def main():
    given = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if given.native:
        executable, form = [os.path.abspath(given.native)], "native"
    else:
        executable = [machine.java(), *shlex.split(given.java_options), "-jar", os.path.abspath("target/quarkus-app/quarkus-run.jar")]
        form = f"JVM, `{given.java_options}`"
    about = machine.place()
    about["browser"] = machine.first_line(["chromium", "--version"])
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True))
        say("start the stand-in and the guardian")
        world = World(executable, directory, stack)
        browser = Browser(directory)
        stack.callback(browser.stop)
        browser.start()
        say(f"warm up for {given.warm_up} s")
        with Requests(world.proxy, given.rate), OpenPages(world.local, PAGES_TO_WARM_UP):
            time.sleep(given.warm_up)
        say(f"{given.loads} loads")
        drawn = loads(browser, world.page(), given.loads)
        idle, busy = ([], []), ([], [])
        say("CPU, idle")
        costs(given, world, browser, *idle)
        say("CPU, with requests")
        begin = time.monotonic()
        with Requests(world.proxy, given.rate) as requests:
            costs(given, world, browser, *busy)
            rate = requests.made / (time.monotonic() - begin)
    print("\n".join(document(given, about, form, drawn, idle, busy, rate)))
    if not all(one["line"] for one in drawn):
        print("NOT CLEAN: a page was drawn without its timeline", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
