"""The picture of a guide's progress."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest

from lotsen.channels.teams.bar import HEIGHT, WIDTH, progress_bar


def rows(address: str) -> list[bytes]:
    """Return a picture's rows of colours, read by hand; every part's checksum is checked."""
    data = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, parts = 8, {}
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length]) == (zlib.crc32(name + body),)
        parts[name], at = body, at + 12 + length
    assert parts[b"IHDR"][:8] == struct.pack(">II", WIDTH, HEIGHT)
    pixels = zlib.decompress(parts[b"IDAT"])
    return [pixels[row * (WIDTH + 1) + 1 : (row + 1) * (WIDTH + 1)] for row in range(HEIGHT)]


@pytest.mark.parametrize(
    ("number", "total", "done"), [(1, 8, 30), (4, 8, 120), (8, 8, 240), (1, 400, 6), (399, 400, 234)]
)
def test_bar_shows_the_share(number: int, total: int, done: int) -> None:
    """As long as the share that is done; begun is seen, and only the end is full."""
    assert rows(progress_bar(number, total)) == [bytes(done) + b"\1" * (WIDTH - done)] * HEIGHT
