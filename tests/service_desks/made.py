"""Letters for the tests of single desks."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from lotsen.cases.case import Level
from lotsen.service_desks.base import Letter


def letter(**fields: Any) -> Letter:
    """Return a letter about a fault, with a key of its own."""
    made = Letter(
        key=uuid.uuid4().hex,
        number="LOT-000042",
        subject="LOT-000042 Webbsidan kan inte visas",
        text="Problem: Webbsidan kan inte visas\nPrioritet: Normal",
        level=Level.NORMAL,
        created=datetime(2026, 11, 26, 8, 10, tzinfo=timezone.utc),
        target="it_service",
    )
    return replace(made, **fields)
