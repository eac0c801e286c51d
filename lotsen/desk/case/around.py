"""What stands around a case: cases like it, and how far it has come to service desks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import List, Optional

from lotsen.cases.history import REPLY, Event
from lotsen.cases.queue import Row
from lotsen.desk.case.words import name_of
from lotsen.desk.services import Desk
from lotsen.outbox.outbox import WAITING, OutboxLetter


@dataclass(frozen=True)
class Delivery:
    """How far the case has come to one service desk."""

    desk: str
    state: str
    number: str
    url: str
    """Where it is there; empty unless it is an address of the web."""
    attempts: int
    error: str
    next_try: Optional[datetime]


@dataclass(frozen=True)
class Like:
    """A case like this one; if it is over, why, and what the user was told last."""

    row: Row
    resolution: str = ""
    answer: str = ""


def delivery_of(desk: Desk, letter: OutboxLetter) -> Delivery:
    """Return how far a letter has come."""
    receipt = letter.receipt
    url = receipt.url if receipt is not None else ""
    return Delivery(
        desk=name_of(desk, letter.desk),
        state=letter.state,
        number=(receipt.number or receipt.ref) if receipt is not None else "",
        url=url if url.startswith(("https://", "http://")) else "",
        attempts=letter.attempts,
        error=letter.error,
        next_try=letter.due if letter.state == WAITING and letter.attempts else None,
    )


def like_of(desk: Desk, row: Row) -> Like:
    """Return a case that is over with what became of it."""
    handling = desk.work.get(row.id)
    resolution = handling.resolution if handling is not None else None
    said: List[Event] = [one for one in desk.cases.history.of(row.id) if one.kind == REPLY]
    return Like(
        row,
        desk.say(f"case_because_{resolution.value}") if resolution is not None else "",
        said[-1].text if said else "",
    )


def dialled(phone: str) -> str:
    """Return a telephone number without what only groups it; empty if it cannot be dialled from anywhere.

    >>> dialled("070-174 06 35"), dialled("+46 (0)70 174 06 35"), dialled("ankn 4472")
    ('0701740635', '+46701740635', '')
    """
    abroad = phone.strip().startswith(("+", "00"))
    bare = re.sub(r"[\s\u00a0()./\u2010-\u2015-]", "", phone.replace("(0)", "") if abroad else phone)
    return bare if re.fullmatch(r"\+?\d{6,15}", bare) else ""
