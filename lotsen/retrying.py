"""When to try again: what another server says of it."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Optional

from lotsen.clock import utc_now


def retry_after(header: Optional[str]) -> Optional[float]:
    """Return the seconds that a ``Retry-After`` asks for, as a number or as a date; None if it says nothing.

    >>> retry_after("120")
    120.0
    """
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - utc_now()).total_seconds())
    except (TypeError, ValueError):
        return None
