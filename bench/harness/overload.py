"""bench/overload: how many connections the proxy opens to an API server that is broken or slow.

Each row starts the program before a server that works. Then the server closes its connections, and gets its fault.
"""

import argparse
import collections
import contextlib
import http.client
import os
import queue
import socket
import ssl
import sys
import tempfile
import threading
import time

import table
from peers import await_answer
from processes import Process, free_port
from server import token
from upstream import SERVER_NAME, make_certificate, write

MARK = "X-Kubernetes-Pf-Flowschema-Uid: 1f0a\r\n"
VERSION, REVIEW = '{"gitVersion":"v1.37.0"}', '{"kind":"SelfSubjectReview","status":{"userInfo":{"username":"bench"}}}'
FIRST, THEN = 5, 10  # seconds
PER_SECOND = 2  # handshakes
TURN = 30  # seconds for which a caller's turn is waited for

Row = collections.namedtuple("Row", "name fault callers path first then least")
ROWS = (
    Row("closes, 1 caller", "close", 1, "/version", 15, 3, 0),
    Row("closes, 8 callers", "close", 8, "/version", None, 5, 0),
    Row("2 handshakes/s, 64 callers", "slow", 64, "/version", 80, None, 64),
    Row("2 handshakes/s, 64 watches", "slow", 64, "/watch", 80, None, PER_SECOND * TURN),
)


class Server:
    """An API server with a thread for each connection. ``fault`` is None, ``close`` or ``slow``."""

    def __init__(self, directory):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(os.path.join(directory, "server.crt"), os.path.join(directory, "server.key"))
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.fault, self.accepted, self.open, self.waiting = None, [], [], queue.SimpleQueue()
        threading.Thread(target=self._accept, daemon=True).start()
        threading.Thread(target=self._shake_hands_slowly, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):  # until it is stopped
            while True:
                connection = self.listener.accept()[0]
                self.accepted.append(time.monotonic())
                if self.fault == "close":
                    connection.close()
                elif self.fault == "slow":
                    self.waiting.put(connection)
                else:
                    self._serve(connection)

    def _shake_hands_slowly(self):
        """A handshake takes its time even if the client has left, as the work of a real server does."""
        while True:
            connection = self.waiting.get()
            time.sleep(1 / PER_SECOND)
            self._serve(connection)

    def _serve(self, connection):
        self.open.append(connection)
        threading.Thread(target=self._respond, args=(connection,), daemon=True).start()

    def _respond(self, connection):
        with contextlib.suppress(OSError), self.context.wrap_socket(connection, server_side=True) as tls, tls.makefile("rb") as reader:
            self.open.append(tls)
            while line := reader.readline():
                length = 0
                while (header := reader.readline()) not in (b"\r\n", b""):
                    name, _, value = header.decode().partition(":")
                    length = int(value) if name.lower() == "content-length" else length
                reader.read(length)
                tls.sendall(self._response(*line.decode().split(" ")[:2]).encode())

    def _response(self, method, path):
        body = VERSION if path == "/version" else REVIEW
        date = f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S GMT', time.gmtime())}\r\n{MARK}"
        if path == "/watch":
            return f"HTTP/1.1 200 OK\r\n{date}Transfer-Encoding: chunked\r\n\r\n3\r\n{{}}\n\r\n"
        return f"HTTP/1.1 {201 if method == 'POST' else 200} OK\r\n{date}Content-Length: {len(body)}\r\n\r\n{body}"

    def break_down(self, fault):
        self.fault = fault
        for each in self.open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def stop(self):
        self.listener.close()


class Callers:
    """Threads that send GETs: one each, or the next as soon as the last has its response."""

    def __init__(self, row, port, begin):
        self.row, self.port, self.begin = row, port, begin
        self.seen, self.connections = [], []
        self.threads = [threading.Thread(target=self._call, daemon=True) for _ in range(row.callers)]
        for each in self.threads:
            each.start()

    def _call(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.connections.append(connection)
        while True:
            try:
                connection.request("GET", self.row.path)
                response = connection.getresponse()
                if self.row.path != "/watch":
                    response.read()
                self.seen.append((response.status, time.monotonic() - self.begin))
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                self.seen.append((type(error).__name__, time.monotonic() - self.begin))
            if self.row.fault == "slow" or time.monotonic() - self.begin > FIRST + THEN:
                return

    def join(self):
        for each in self.threads:
            each.join(90)


def run(row, command, directory):
    """Returns the figures of a row, and what is wrong with them."""
    server = Server(directory)
    ports = {name: free_port() for name in ("proxy", "local", "management")}
    process = Process(row.name, command, directory, environment(directory, server, ports))
    try:
        await_answer(process, ports["management"], "/q/health/ready", pause=0.05)
        await_answer(process, ports["proxy"], "/version", pause=0.05)
        time.sleep(1)
        server.break_down(row.fault)
        time.sleep(0.2)
        begin = time.monotonic()
        callers = Callers(row, ports["proxy"], begin)
        callers.join()
        process.check_alive()
    finally:
        process.stop()
        server.stop()
    return figures(row, [at - begin for at in server.accepted if at >= begin], callers.seen)


def environment(directory, server, ports):
    return {
        "GUARDIAN_TOKEN_PATH": os.path.join(directory, "token"),
        "GUARDIAN_API_SERVER_URL": f"https://127.0.0.1:{server.port}",
        "GUARDIAN_API_SERVER_CA": os.path.join(directory, "own-ca.pem"),
        "GUARDIAN_API_SERVER_SERVER_NAME": SERVER_NAME,
        "GUARDIAN_PROXY_PORT": str(ports["proxy"]),
        "QUARKUS_HTTP_PORT": str(ports["local"]),
        "QUARKUS_MANAGEMENT_HOST": "127.0.0.1",
        "QUARKUS_MANAGEMENT_PORT": str(ports["management"]),
    }


def figures(row, opened, seen):
    first = sum(at < FIRST for at in opened)
    later = [at for at in opened if FIRST <= at < FIRST + THEN]
    highest = max((sum(at <= other < at + 1 for other in later) for at in later), default=0)
    served = [at for status, at in seen if status == 200]
    failed = collections.Counter(str(status) for status, _ in seen if status != 200)
    earliest = min((at for status, at in seen if status != 200), default=None)
    wrong = []
    if row.first is not None and first > row.first:
        wrong.append(f"{first} connections in {FIRST} s, more than {row.first}")
    if row.then is not None and len(later) > row.then * THEN:
        wrong.append(f"{len(later) / THEN:.1f} connections a second after {FIRST} s, more than {row.then}")
    if len(served) < row.least:
        wrong.append(f"{len(served)} callers served, fewer than {row.least}")
    if row.least and earliest is not None and earliest < TURN:
        wrong.append(f"a caller failed after {earliest:.1f} s")
    line = [row.name, first, f"{len(later) / THEN:.1f}", highest, len(served), f"{max(served):.1f}" if served else ""]
    line += [", ".join(f"{count} × {status}" for status, count in sorted(failed.items())), "" if earliest is None else f"{earliest:.1f}"]
    return [*map(str, line), "no" if wrong else "yes"], wrong


def main():
    parser = argparse.ArgumentParser(prog="bench/overload", description=__doc__.partition("\n")[0])
    parser.add_argument("--native", metavar="EXECUTABLE", help="the program; otherwise, target/quarkus-app/quarkus-run.jar on the JVM")
    parser.add_argument("--only", metavar="ROW", default="", help="only the rows whose names contain this")
    given = parser.parse_args()
    command = [os.path.abspath(given.native)] if given.native else ["java", "-jar", os.path.abspath("target/quarkus-app/quarkus-run.jar")]
    lines, all_wrong = [], []
    with tempfile.TemporaryDirectory(prefix="overload-") as directory:
        make_certificate(directory)
        write(directory, "token", token(int(time.time())))
        for row in ROWS:
            if given.only in row.name:
                line, wrong = run(row, command, directory)
                print(" ".join(line), file=sys.stderr)
                lines.append(line)
                all_wrong += [f"{row.name}: {each}" for each in wrong]
    header = ["", f"connections in {FIRST} s", "per second then", "highest second", "served", "last s", "failed", "first s", "within"]
    print("\n".join(table.rows(header, lines)))
    for each in all_wrong:
        print(f"bench/overload: {each}", file=sys.stderr)
    sys.exit(1 if all_wrong else 0)


if __name__ == "__main__":
    main()
