"""What the head of an HTTP request may look like. Pure.

Sanic 21.12 reads more than the standard allows: a length with an underscore, a name with a space behind it, two lengths
of which it takes the first. A proxy before us may read such a head in another way, and then they disagree about where
a request ends: that is how one user's request is smuggled into another's. So what is not written by the standard
(RFC 9112) is refused.
"""

from __future__ import annotations

import re
from typing import List

_REQUEST_LINE = re.compile(rb"[A-Z]{1,20} /[\x21-\x7e]* HTTP/1\.[01]")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)")
_HOST = re.compile(rb"[A-Za-z0-9._-]*(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")
_LENGTH = re.compile(rb"\d{1,12}")
_ONCE = (b"content-length", b"content-type", b"host", b"origin", b"transfer-encoding", b"upgrade")
"""Headers that decide which page asks whom, and what is the body. Of two, a proxy may take the other one."""


def well_formed(head: bytes) -> bool:
    """Tell whether the head, from the request line to the last header, can be read in one way only.

    Takes no longer than the head is long.
    """
    request_line, *lines = head.split(b"\r\n")
    if not _REQUEST_LINE.fullmatch(request_line):
        return False
    headers = [_HEADER.fullmatch(line) for line in lines]
    if None in headers:
        return False
    found = [(match[1].lower(), match[2].rstrip(b"\t ")) for match in headers if match is not None]
    given = {name: [value for other, value in found if other == name] for name in _ONCE}
    if any(len(values) > 1 for values in given.values()):
        return False
    if not all(_HOST.fullmatch(host) for host in given[b"host"]):
        return False
    if b"websocket" in (value.lower() for value in given[b"upgrade"]):
        return False  # There is none here, and Sanic takes its time limits off.
    return _has_one_end(given[b"content-length"], given[b"transfer-encoding"])


def _has_one_end(lengths: List[bytes], codings: List[bytes]) -> bool:
    """Tell whether it is clear where the body ends: after a number of bytes, or with the last chunk."""
    if codings:
        return not lengths and codings == [b"chunked"]
    return all(_LENGTH.fullmatch(length) for length in lengths)
