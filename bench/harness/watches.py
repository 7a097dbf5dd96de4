"""A small client for watches, and the changes that give each watch one event a second."""

import asyncio
import json
import re
import ssl
import time

from upstream import SERVER_NAME

NAMESPACES = 20
SENT = re.compile(rb'"sent":"(\d+)"')
LONGEST = 64


class Watch(asyncio.Protocol):
    """One watch over a separate connection. Records how long each event took to arrive."""

    def __init__(self, namespace, delays):
        self.namespace, self.delays = namespace, delays
        self.opened = asyncio.get_running_loop().create_future()
        self.lost = False
        self.rest = b""

    def connection_made(self, transport):
        self.transport = transport
        path = f"/api/v1/namespaces/{self.namespace}/configmaps?watch=1"
        transport.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def data_received(self, data):
        now = time.time_ns()
        text = self.rest + data
        if not self.opened.done() and b"\r\n" in text:
            self.opened.set_result(text.startswith(b"HTTP/1.1 200"))
        end = 0
        for found in SENT.finditer(text):
            self.delays.append((now - int(found[1])) / 1e6)
            end = found.end()
        self.rest = text[max(end, len(text) - LONGEST) :]

    def connection_lost(self, error):
        self.lost = True
        if not self.opened.done():
            self.opened.set_result(False)


class Changes:
    """Changes one object in each namespace once a second, spread over the second, directly at the upstream."""

    def __init__(self, upstreams):
        self.port, self.bearer, self.ca = upstreams.watch_port, upstreams.bearer(), upstreams.ca

    async def open(self):
        context = ssl.create_default_context(cafile=self.ca)
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self.port, ssl=context, server_hostname=SERVER_NAME
        )
        for number in range(NAMESPACES):
            body = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "ticks"}, "data": {"text": "x" * 500}}
            await self._send("POST", f"/api/v1/namespaces/watch-{number}/configmaps", body, {201, 409})

    async def run(self):
        due = time.monotonic()
        number = 0
        while True:
            await asyncio.sleep(max(0, due - time.monotonic()))
            due = max(due + 1 / NAMESPACES, time.monotonic())  # missed changes are not repeated
            path = f"/api/v1/namespaces/watch-{number}/configmaps/ticks"
            await self._send("PATCH", path, {"data": {"sent": str(time.time_ns())}}, {200})
            number = (number + 1) % NAMESPACES

    async def _send(self, method, path, body, expected):
        payload = json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {SERVER_NAME}\r\nAuthorization: Bearer {self.bearer}\r\n"
            f"Content-Type: application/merge-patch+json\r\nContent-Length: {len(payload)}\r\n\r\n"
        )
        self.writer.write(head.encode() + payload)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        await self.reader.readexactly(int(re.search(r"content-length: (\d+)", answer)[1]))
        status = int(answer.split()[1])
        if status not in expected:
            raise RuntimeError(f"{method} {path}: {status}")

    def close(self):
        self.writer.close()


async def observe(upstreams, running, count, seconds):
    """Returns the memory and CPU that ``count`` watches cost a new proxy, and how its events arrived."""
    changes = Changes(upstreams)
    await changes.open()
    before = running.process.memory()
    delays = []
    watches = []
    loop = asyncio.get_running_loop()
    for number in range(count):
        namespace = f"watch-{number % NAMESPACES}"
        _, watch = await loop.create_connection(lambda ns=namespace: Watch(ns, delays), "127.0.0.1", running.port)
        watches.append(watch)
    opened = await asyncio.wait_for(asyncio.gather(*(watch.opened for watch in watches)), 60)
    ticking = asyncio.create_task(changes.run())
    try:
        await asyncio.sleep(3)  # waits for the first events and the memory that they need
        delays.clear()
        cpu, begin = running.process.cpu_seconds(), time.monotonic()
        await asyncio.sleep(seconds)
        cpu, took = running.process.cpu_seconds() - cpu, time.monotonic() - begin
        arrived = sorted(delays)
        after = running.process.memory()
        if ticking.done():
            ticking.result()
        lost = sum(watch.lost for watch in watches)
    finally:
        ticking.cancel()
        for watch in watches:
            watch.transport.abort()
        changes.close()
    return {
        "refused": count - sum(opened),
        "lost": lost,
        "rate": len(arrived) / took,
        "p50": arrived[len(arrived) // 2] if arrived else float("nan"),
        "p99": arrived[len(arrived) * 99 // 100] if arrived else float("nan"),
        "cpu": cpu * 1e6 / max(1, len(arrived)),
        "rss": after["rss"] - before["rss"],
        "pss": after["pss"] - before["pss"],
        "peak": after["peak"],
    }
