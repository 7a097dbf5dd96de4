"""The server behind the nginx of bench/abuse: ``origin.py SOCKET``. Depending on the path, it reads the request's body, never responds,
responds without an end, is the other end of a tunnel, or is a replica that is an hour behind and refuses the token."""

import asyncio
import contextlib
import email.utils
import re
import sys
import time

from rows import ENDLESS, REFUSED, TUNNEL

EVENT = b'{"type":"MODIFIED","object":{"kind":"ConfigMap","data":{"text":"' + b"x" * 900 + b'"}}}\n'
BEHIND = 3_600  # seconds
UNAUTHORIZED = b'{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}'
READ, LAST_CHUNK = 262_144, b"0\r\n\r\n"
EVENTS = b"%x\r\n%b\r\n" % (len(EVENT), EVENT) * 8


async def serve(reader, writer):
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ", 2)[1].decode()
        if path == TUNNEL + "floods":
            await flood(writer, b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", EVENTS)
        elif path == TUNNEL + "silent":
            writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n")
            writer.transport.pause_reading()
            await asyncio.sleep(3600)
        elif path == ENDLESS:
            await flood(writer, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", EVENTS)
        elif path == REFUSED:
            date = email.utils.formatdate(time.time() - BEHIND, usegmt=True).encode()
            lines = b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nConnection: close\r\n"
            writer.write(lines + b"Date: %b\r\nContent-Length: %d\r\n\r\n%b" % (date, len(UNAUTHORIZED), UNAUTHORIZED))
            await writer.drain()
            writer.close()
            return
        elif head.startswith(b"PUT "):
            writer.transport.pause_reading()
            await asyncio.sleep(3600)
        elif head.startswith(b"POST "):
            await swallow(reader, head)
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            await writer.drain()
            writer.close()
            return
        else:
            await reader.read()
    writer.transport.abort()


async def swallow(reader, head):
    """Reads the whole body."""
    length = re.search(rb"\r\ncontent-length: (\d+)", head, re.IGNORECASE)
    if length:
        left = int(length[1])
        while left:
            left -= len(await some(reader, min(left, READ)))
    else:
        tail = b""
        while tail != LAST_CHUNK:
            tail = (tail + await some(reader, READ))[-len(LAST_CHUNK) :]


async def some(reader, most):
    data = await reader.read(most)
    if not data:
        raise ConnectionResetError
    return data


async def flood(writer, head, piece):
    writer.write(head)
    while True:
        writer.write(piece)
        await writer.drain()


async def main(path):
    server = await asyncio.start_unix_server(serve, path, limit=1_048_576, backlog=4_096)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
