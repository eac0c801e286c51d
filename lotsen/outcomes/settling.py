"""What an ended conversation's messages count as from then on: read from the tables while their ties still hold."""

from __future__ import annotations

from datetime import tzinfo
from typing import Iterator, Optional, Sequence, Tuple

from sqlalchemy.engine import Connection

from lotsen.outcomes import facts
from lotsen.outcomes.asked import Asked
from lotsen.outcomes.deflection import kept_as


def settled(connection: Connection, rows: Sequence[Asked], zone: tzinfo) -> Iterator[Tuple[int, Optional[str], str]]:
    """Yield each message's id, what the user did next, and how the conversation ended.

    ``rows`` are all messages of one conversation, oldest first. In the caller's transaction.
    """
    known = facts.of(connection, rows[0].conversation)
    for asked, sign, outcome in kept_as(rows, known, zone):
        yield asked.id, sign.value if sign is not None else None, outcome
