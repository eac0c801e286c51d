"""The time."""

from __future__ import annotations

from datetime import datetime, timezone


def read_utc(text: str) -> datetime:
    """Read a time as ISO 8601 writes it, with its offset or ``Z``; in UTC.

    >>> read_utc("2026-11-26T10:00:00Z").hour
    10
    """
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def utc_now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(timezone.utc)
