"""Changes as one unified diff that ``git apply`` takes, byte for byte. Pure."""

from __future__ import annotations

import difflib
from typing import Iterable, List

from lotsen.improvement.adding import Change

_NO_NEWLINE = b"\\ No newline at end of file\n"


def patch(changes: Iterable[Change]) -> bytes:
    """Return the diff; paths are from the root of the checkout, and none needs quoting."""
    return b"".join(part for change in changes for part in _of_file(change))


def _of_file(change: Change) -> List[bytes]:
    """Return the lines of one file's diff."""
    old, new = f"a/{change.path}".encode(), f"b/{change.path}".encode()
    lines = difflib.diff_bytes(difflib.unified_diff, _lines(change.before), _lines(change.after), old, new)
    written = [line if line.endswith(b"\n") else line + b"\n" + _NO_NEWLINE for line in lines]
    return [b"diff --git " + old + b" " + new + b"\n", *written] if written else []


def _lines(content: bytes) -> List[bytes]:
    """Return the lines as git sees them: a carriage return is part of its line."""
    lines = [line + b"\n" for line in content.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]
