"""How every command ends: its exit code, and the one sentence that an expected fault is."""

from __future__ import annotations

import sys

OK, FAILED = 0, 1


def fail(message: str) -> int:
    """Say what went wrong on standard error, and return the exit code for it."""
    print(f"lotsen: {message}", file=sys.stderr)
    return FAILED
