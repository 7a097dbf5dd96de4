"""The process that runs one flood of bench/abuse: ``floods.py ROW PROXY TLS MANAGEMENT LOCAL`` (the last four are ports)."""

import ctypes
import errno
import itertools
import json
import re
import select
import socket
import ssl
import struct
import sys
import time
from collections import Counter, deque

from rows import ROWS

LONGEST = 60  # maximum seconds of a flood
QUIET = 3  # seconds without a byte in either direction, after which an unfinished flood is considered stalled
PENDING = 512  # concurrent connection attempts; more would fill the accept queue
UNANSWERED = "cut off without an answer"
STATUS = re.compile(rb"HTTP/1\.[01] (\d\d\d)")


class KeyUpdates(socket.socket):
    """A TLS connection whose ``send`` sends a key update, which the server must answer. Python's ``ssl`` can't send any."""

    def __init__(self, plain):
        super().__init__(fileno=plain.detach())
        self.openssl = ctypes.CDLL("libssl.so.3")
        for create in (self.openssl.TLS_client_method, self.openssl.SSL_CTX_new, self.openssl.SSL_new):
            create.restype = ctypes.c_void_p
        context = self.openssl.SSL_CTX_new(ctypes.c_void_p(self.openssl.TLS_client_method()))
        self.tls = ctypes.c_void_p(self.openssl.SSL_new(ctypes.c_void_p(context)))
        self.openssl.SSL_set_fd(self.tls, self.fileno())

    def shake_hands(self):
        limit = struct.pack("@ll", int(LONGEST), 0)
        self.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        self.setblocking(True)
        if self.openssl.SSL_connect(self.tls) != 1:
            raise OSError(errno.ECONNRESET, "TLS")
        self.setblocking(False)

    def send(self, update):
        """Sends a key update, or the rest of the last one."""
        self.openssl.ERR_clear_error()
        self.openssl.SSL_key_update(self.tls, 1)  # SSL_KEY_UPDATE_REQUESTED
        result = self.openssl.SSL_do_handshake(self.tls)
        if result == 1:
            return len(update)
        if self.openssl.SSL_get_error(self.tls, result) == 3:  # SSL_ERROR_WANT_WRITE
            raise BlockingIOError
        raise OSError(errno.ECONNRESET, "TLS")


class Caller:
    """A connection and the data that still has to be sent over it."""

    __slots__ = ("socket", "script", "rest", "connected", "asked", "answered")

    def __init__(self, script):
        self.script = iter(script())
        self.rest = None
        self.connected = self.asked = self.answered = False
        self.socket = None

    def shake_hands(self, new_keys):
        """Serves one caller at a time, because a flood does not have to be fast."""
        if new_keys:
            self.socket = KeyUpdates(self.socket)
            self.socket.shake_hands()
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.socket.settimeout(LONGEST)
        self.socket = context.wrap_socket(self.socket, do_handshake_on_connect=False)
        self.socket.do_handshake()
        self.socket.setblocking(False)

    def connect(self, number, port, reads):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not reads:
            # Unread data must stay in the program, not in the kernel.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        # Uses several addresses, because one address has 28,000 ports and a closed connection keeps its port for a minute.
        self.socket.bind((f"127.0.0.{2 + number % 8}", 0))
        with_error = self.socket.connect_ex(("127.0.0.1", port))
        if with_error not in (0, errno.EINPROGRESS):
            raise OSError(with_error, "connect")


class Flood:
    """Runs all callers of a row in one thread."""

    def __init__(self, row, port):
        self.row, self.port = row, port
        self.epoll = select.epoll()
        self.open = {}
        self.waiting = row.callers
        self.numbers = itertools.count()
        self.due = deque()  # the callers that pause between pieces
        self.coming_back = deque()
        self.pending = 0
        self.seen = Counter()
        self.statuses = Counter()
        self.buffer = bytearray(262_144)

    def run(self):
        begin = self.moved = time.monotonic()
        while not self._over(time.monotonic() - begin):
            self._connect_more()
            for number, events in self.epoll.poll(0.05, 1_024):
                caller = self.open.get(number)
                if caller is not None:
                    self._turn(caller, events)
            self._send_what_is_due()
        self.seen["still open"] = len(self.open)
        for caller in self.open.values():
            caller.socket.close()
        return {"seconds": round(time.monotonic() - begin, 1), **self.seen, **{str(k): v for k, v in sorted(self.statuses.items())}}

    def _over(self, elapsed):
        if not (self.open or self.waiting or self.coming_back) or elapsed > LONGEST:
            return True
        stands_still = self.row.every or self.row.returns or time.monotonic() - self.moved > QUIET
        return elapsed > self.row.seconds and stands_still

    def _connect_more(self):
        now = time.monotonic()
        while self.coming_back and self.coming_back[0] <= now:
            self.coming_back.popleft()
            self.waiting += 1
        most = self.row.at_a_time or self.row.callers
        while self.waiting and self.pending < PENDING and len(self.open) < most:
            self.waiting -= 1
            caller = Caller(self.row.script)
            try:
                caller.connect(next(self.numbers), self.port, self.row.reads)
            except OSError as error:
                self.seen["not connected: " + errno.errorcode.get(error.errno, "?")] += 1
                self._gone(caller)
                continue
            self.pending += 1
            self.open[caller.socket.fileno()] = caller
            self.epoll.register(caller.socket.fileno(), select.EPOLLOUT)

    def _turn(self, caller, events):
        try:
            if not caller.connected:
                error = caller.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if error:
                    raise OSError(error, "connect")
                if self.row.tls:
                    caller.shake_hands(self.row.new_keys)
                caller.connected = True
                self.pending -= 1
                self.seen["connected"] += 1
                self.moved = time.monotonic()
                if self.row.every:
                    self.due.append((0, caller))
                    self._listen(caller, False)
            if events & select.EPOLLIN and self.row.reads:
                self._read(caller)
            elif events & (select.EPOLLHUP | select.EPOLLERR | select.EPOLLRDHUP):
                raise OSError(caller.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), "closed")
            if events & select.EPOLLOUT and not self.row.every:
                self._listen(caller, self._send(caller))
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            pass
        except OSError as error:
            self.seen["ended: " + errno.errorcode.get(error.errno, "closed")] += 1
            self._close(caller)

    def _read(self, caller):
        length = caller.socket.recv_into(self.buffer)
        if not length:
            raise OSError(0, "closed")
        self.seen["bytes read"] += length
        self.moved = time.monotonic()
        found = [int(status) for status in STATUS.findall(memoryview(self.buffer)[:length])]
        caller.answered |= bool(found)
        self.statuses.update(found)

    def _send(self, caller):
        """Returns whether more data follows."""
        if not caller.rest:
            caller.rest = next(caller.script, None)
            if caller.rest is None:
                return False
        sent = caller.socket.send(caller.rest)
        caller.asked = True
        self.seen["bytes sent"] += sent
        self.moved = time.monotonic()
        caller.rest = memoryview(caller.rest)[sent:]
        return True

    def _send_what_is_due(self):
        now = time.monotonic()
        while self.due and self.due[0][0] <= now:
            caller = self.due.popleft()[1]
            if caller.socket is None:
                continue
            try:
                self._send(caller)
            except BlockingIOError:
                pass
            except OSError as error:
                self.seen["ended: " + errno.errorcode.get(error.errno, "closed")] += 1
                self._close(caller)
                continue
            self.due.append((now + self.row.every, caller))

    def _listen(self, caller, sends):
        events = select.EPOLLIN | select.EPOLLRDHUP if self.row.reads else select.EPOLLRDHUP
        self.epoll.modify(caller.socket.fileno(), events | (select.EPOLLOUT if sends else 0))

    def _close(self, caller):
        if not caller.connected:
            self.pending -= 1
        elif self.row.reads and caller.asked and not caller.answered:
            self.seen[UNANSWERED] += 1
        del self.open[caller.socket.fileno()]
        caller.socket.close()
        self._gone(caller)

    def _gone(self, caller):
        caller.socket = None
        if self.row.returns:
            self.coming_back.append(time.monotonic() + 1)


def main(name, *ports):
    row = next(row for row in ROWS if row.name == name)
    port = dict(zip(("proxy", "tls", "management", "local"), map(int, ports)))[row.port]
    print(json.dumps(Flood(row, port).run()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
