"""The rows of bench/abuse: what an untrusted client sends, and to which program."""

import contextlib
import dataclasses
import itertools
import ssl
from typing import Callable, Iterator, Optional

from upstream import CREATE, LIST, SMALL

KB, MB = 1_000, 1_000_000
HOST = b"Host: localhost\r\n"
BLOCK = memoryview(b"x" * 65_536)

# Paths of the upstream, in addition to the paths for bench/run
HANGS = "/hangs"
SINK = "/sink"
ENDLESS = "/endless"
LARGE = "/large"
LARGE_BYTES = 250 * MB
TUNNEL = "/tunnel/"
REFUSED = "/refused"  # a replica whose clock is behind refuses the token here


@dataclasses.dataclass(frozen=True)
class Row:
    """One flood, and the configuration of the flooded program."""

    name: str
    sentence: str
    callers: int
    script: Callable[[], Iterator]  # returns the data that one caller sends
    port: str = "proxy"  # proxy, tls, management or local
    tls: bool = False  # each caller completes the TLS handshake before it sends
    new_keys: bool = False  # after the TLS handshake, each caller only sends key updates
    reads: bool = False
    at_a_time: Optional[int] = None  # concurrent callers; by default all
    every: Optional[float] = None  # seconds between the pieces that a caller sends; by default as fast as possible
    returns: bool = False  # a caller that was cut off reconnects
    seconds: float = 20  # minimum length, unless all callers are done
    held: bool = False  # no token is accepted until 5 s before `seconds` are over
    lost_after: Optional[float] = None  # seconds until every packet to the API server is lost
    files: Optional[int] = None  # limit of files that the program can have open


# The data that a caller sends


def head(method, path, *lines, host=HOST):
    return f"{method} {path} HTTP/1.1\r\n".encode() + host + b"".join(line.encode() + b"\r\n" for line in lines) + b"\r\n"


def sized(length):
    """Yields ``length`` bytes, in pieces that share one buffer."""
    for _ in range(length // len(BLOCK)):
        yield BLOCK
    yield BLOCK[: length % len(BLOCK)]


def times(piece, count):
    """Repeats ``piece``, about 64 KB at a time."""
    together = max(1, min(count, len(BLOCK) // len(piece)))
    block = memoryview(piece * together)
    for _ in range(count // together):
        yield block
    yield block[: count % together * len(piece)]


def client_hello():
    """Returns the first message of a client's TLS handshake."""
    to_server = ssl.MemoryBIO()
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(ssl.MemoryBIO(), to_server, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return to_server.read()


def nothing():
    return iter(())


def requests(request, count=1):
    return lambda: times(request, count)


def body(method, path, length, behind=b"", count=0):
    """A request with a body of ``length`` bytes, followed by ``count`` requests."""
    first = head(method, path, f"Content-Length: {length}")
    return lambda: itertools.chain([first], sized(length), times(behind, count) if count else [])


def last_body(method, path, length):
    """A request with a body of ``length`` bytes, after which the connection ends."""
    first = head(method, path, f"Content-Length: {length}", "Connection: close")
    return lambda: itertools.chain([first], sized(length))


def chunks(path, chunk, count):
    """A request whose body has ``count`` chunks, after which the connection ends."""
    first = head("POST", path, "Transfer-Encoding: chunked", "Connection: close")
    return lambda: itertools.chain([first], times(chunk, count), [b"0\r\n\r\n"])


def endless(start, length=100 * MB, piece=b"x"):
    """An incomplete request: ``start``, followed by ``length`` bytes of repeated ``piece``."""
    return lambda: itertools.chain([start], times(piece, length // len(piece)))


def trickle(start):
    """Yields ``start``, then one byte at a time."""
    return lambda: itertools.chain([start], itertools.repeat(b"x"))


TINY = head("GET", "/")
assert len(TINY) == 35
OPEN_HEAD = b"GET / HTTP/1.1\r\n" + HOST + b"X: "
OPEN_CHUNKS = head("POST", SINK, "Transfer-Encoding: chunked")
LAST_CHUNKS = OPEN_CHUNKS + b"1\r\nx\r\n0\r\n"
MANY_LINES = "\r\n".join(["a:1"] * 12_000)
CHUNK = b"3e8\r\n" + b"x" * KB + b"\r\n"
LEAST_CHUNK = b"1\r\nx\r\n"
KEY_UPDATE = bytes(27)  # only its length counts; OpenSSL creates the record


# The rows


def of_each_size(name, counts, sentence, script, **more):
    return [Row(f"{name}-{count}", sentence.format(f"{count:,}"), count, script, **more) for count in counts]


def while_held(name, sentence, callers, script):
    return Row(
        "held-" + name,
        f"{callers:,} callers {sentence} while no token is accepted; a token is accepted 5 s before they leave",
        callers,
        script,
        held=True,
        seconds=30,
    )


def slow_and_idle(name, port):
    """Yields the rows in which no request is completed."""
    where = {"proxy": "the proxy", "tls": "the in-cluster listener", "management": "port 9000", "local": "port 8002"}[port]
    back = "callers that are cut off reconnect"
    common = {"port": port, "reads": True, "returns": True, "seconds": 40}
    yield Row(
        name + "slowloris", f"10,000 callers send {where} one byte of their headers per second; {back}", 10_000, trickle(OPEN_HEAD), every=1, **common
    )
    yield Row(name + "idle", f"10,000 callers connect to {where} and send nothing; {back}", 10_000, nothing, **common)


PROXY = [
    *of_each_size(
        "pipelined",
        (100, 200, 1_000),
        "{} callers POST 200 KB, so that the read buffers grow, then send 4,000 GETs of 35 bytes, and read nothing",
        body("POST", CREATE, 200 * KB, TINY, 4_000),
    ),
    Row("pipelined-read", "200 callers POST 200 KB, then send 4,000 GETs of 35 bytes, and read the responses", 200, body("POST", CREATE, 200 * KB, TINY, 4_000), reads=True),
    *of_each_size("unread", (1_000, 2_000), "{} callers request 5 MB and read nothing", requests(head("GET", LIST))),
    *of_each_size("slow-lists", (50, 160), "{} callers request 250 MB and read nothing", requests(head("GET", LARGE))),
    Row(
        "watches",
        "2,000 callers open a watch that sends events without a pause, and read nothing",
        2_000,
        requests(head("GET", ENDLESS)),
    ),
    Row("hanging", "2,000 callers request a path that never responds", 2_000, requests(head("GET", HANGS))),
    Row(
        "hanging-bodies",
        "1,000 callers PUT 8 MB to a path that neither reads them nor responds",
        1_000,
        body("PUT", HANGS, 8 * MB),
    ),
    Row(
        "lost-packets",
        "200 callers POST 100 MB; after 5 s, every packet to the API server is lost",
        200,
        body("POST", SINK, 100 * MB),
        lost_after=5,
    ),
    Row("upload", "4 callers send 250 MB each", 4, last_body("POST", SINK, LARGE_BYTES), reads=True),
    Row("download", "4 callers request 250 MB each, and read them", 4, requests(head("GET", LARGE, "Connection: close")), reads=True),
    *slow_and_idle("", "proxy"),
    Row("heads-incomplete", "4,000 callers send 60 KB of headers without the end", 4_000, endless(OPEN_HEAD, 60 * KB)),
    Row(
        "heads-complete",
        "4,000 callers send 60 KB of headers to a path that never responds",
        4_000,
        requests(head("GET", HANGS, "X: " + "x" * 60 * KB)),
    ),
    Row(
        "head-lines",
        "2,000 callers send 12,000 header lines (60 KB) to a path that never responds",
        2_000,
        requests(head("GET", HANGS, MANY_LINES)),
    ),
    Row(
        "trailers",
        "2,000 callers send 12,000 trailers (60 KB) without the end",
        2_000,
        endless(LAST_CHUNKS, 60 * KB, piece=b"a:1\r\n"),
    ),
    while_held("bodies", "POST 3 MB", 2_000, body("POST", CREATE, 3 * MB)),
    while_held("chunks", "POST 200,000 chunks of one byte", 1_000, chunks(CREATE, LEAST_CHUNK, 200_000)),
    while_held("heads", "send 12,000 header lines (60 KB)", 2_000, requests(head("GET", SMALL, MANY_LINES))),
    while_held("pipelined", "send 4,000 GETs of 35 bytes at once", 1_000, requests(TINY, 4_000)),
    Row(
        "short",
        "30,000 callers, 64 at a time, each with one connection and one small GET",
        30_000,
        requests(head("GET", SMALL, "Connection: close")),
        reads=True,
        at_a_time=64,
    ),
    *of_each_size(
        "tunnels-down",
        (100, 1_000),
        "{} callers open a tunnel whose other end floods it, and read nothing",
        requests(head("GET", TUNNEL + "floods", "Connection: Upgrade", "Upgrade: websocket")),
    ),
    Row(
        "tunnels-up",
        "1,000 callers open a tunnel and flood it; its other end reads nothing",
        1_000,
        endless(head("POST", TUNNEL + "silent", "Connection: Upgrade", "Upgrade: SPDY/3.1")),
    ),
    Row(
        "refused",
        "1,000 callers send 4,000 requests for a refused host, and read nothing",
        1_000,
        requests(head("GET", "/", host=b"Host: elsewhere\r\n"), 4_000),
    ),
    Row(
        "malformed",
        "1,000 callers send 4,000 malformed requests, and read nothing",
        1_000,
        requests(head("GET", "/", host=HOST + HOST), 4_000),
    ),
    Row("chunks", "200 callers POST 200,000 chunks of one byte", 200, chunks(SINK, LEAST_CHUNK, 200_000), reads=True),
    Row("endless-header", "10 callers send a single header line of 100 MB", 10, endless(OPEN_HEAD), reads=True),
    Row("endless-extension", "10 callers send a chunk extension of 100 MB", 10, endless(OPEN_CHUNKS + b"1;"), reads=True),
    Row("endless-trailer", "10 callers send a single trailer line of 100 MB", 10, endless(LAST_CHUNKS + b"X: "), reads=True),
    Row("endless-trailers", "10 callers send 20 million trailers", 10, endless(LAST_CHUNKS, piece=b"a:1\r\n"), reads=True),
]

IN_CLUSTER = [
    Row(
        "tls-unread",
        "1,000 callers request 5 MB from the in-cluster listener and read nothing",
        1_000,
        requests(head("GET", LIST)),
        port="tls",
        tls=True,
    ),
    Row(
        "tls-keys",
        "4 callers update the keys of their connection to the in-cluster listener without a pause, and read nothing",
        4,
        lambda: itertools.repeat(KEY_UPDATE),
        port="tls",
        tls=True,
        new_keys=True,
    ),
    Row(
        "tls-hello",
        "10,000 callers send the in-cluster listener only the first message of a TLS handshake; callers that are cut off reconnect",
        10_000,
        lambda: iter([client_hello()]),
        port="tls",
        returns=True,
        seconds=40,
    ),
    *slow_and_idle("tls-", "tls"),
]

MANAGEMENT = [
    Row("health-bodies", "300 callers POST 8 MB to /q/health", 300, body("POST", "/q/health", 8 * MB), port="management"),
    Row("health-chunks", "300 callers POST 1 MB to /q/health in chunks of 1 KB", 300, chunks("/q/health", CHUNK, 1_000), port="management"),
    *of_each_size(
        "metrics",
        (100, 500),
        "{} callers send 2,000 GET /q/metrics at once, and read nothing",
        requests(head("GET", "/q/metrics"), 2_000),
        port="management",
    ),
    Row(
        "health-pipelined",
        "500 callers send 2,000 GET /q/health at once, and read nothing",
        500,
        requests(head("GET", "/q/health"), 2_000),
        port="management",
    ),
    Row(
        "management-heads", "4,000 callers send port 9000 60 KB of headers without the end", 4_000, endless(OPEN_HEAD, 60 * KB), port="management"
    ),
    *slow_and_idle("management-", "management"),
]

LOCAL = [
    Row("status-bodies", "300 callers POST 8 MB to /status", 300, body("POST", "/status", 8 * MB), port="local"),
    Row("status-chunks", "300 callers POST 1 MB to /status in chunks of 1 KB", 300, chunks("/status", CHUNK, 1_000), port="local"),
    Row(
        "status-pipelined",
        "500 callers send 2,000 GET /status at once, and read nothing",
        500,
        requests(head("GET", "/status"), 2_000),
        port="local",
    ),
    Row("pages", "500 callers send 2,000 GET / at once, and read nothing", 500, requests(TINY, 2_000), port="local"),
    *slow_and_idle("local-", "local"),
]

FEW = 256
FILES = [
    Row(
        "files-connect",
        f"{FEW} files: 150 callers request a path that never responds, which needs 150 more connections",
        150,
        requests(head("GET", HANGS)),
        reads=True,
        files=FEW,
    ),
    Row(
        "files-short",
        f"{FEW} files: 10,000 callers, 400 at a time, each with one connection and one small GET",
        10_000,
        requests(head("GET", SMALL, "Connection: close")),
        reads=True,
        at_a_time=400,
        files=FEW,
    ),
    Row(
        "files-management",
        f"{FEW} files: 400 callers connect to port 9000 and send nothing",
        400,
        nothing,
        port="management",
        reads=True,
        files=FEW,
    ),
]

ROWS = [*PROXY, *IN_CLUSTER, *MANAGEMENT, *LOCAL, *FILES]
