"""What both sides say: the user's answers, and the desk's words while it has the conversation.

Each is part of the caller's transaction, which writes the same words to the chat.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict

from sqlalchemy.engine import Connection

from lotsen.cases.case import NUMBER_FORMAT, OVER, Status
from lotsen.cases.changing import Held, hold, main_of, read
from lotsen.cases.due import Due
from lotsen.cases.history import HANDED_BACK, LIVE, SAID, TOOK_OVER, History
from lotsen.privacy.masking import mask


def hear(connection: Connection, history: History, due: Due, now: datetime, case: int, text: str) -> None:
    """Keep what the user has answered (``Work.heard``).

    Raises:
        LookupError: if there is no such case.
    """
    main = main_of(connection, case)
    if main is not None:
        _hear(connection, history, due, now, main, f"{NUMBER_FORMAT.format(case)}: {text}")
    _hear(connection, history, due, now, case, text)


def say_live(
    connection: Connection, history: History, due: Due, now: datetime, case: int, author: str, text: str
) -> None:
    """Keep what the desk says while it has the conversation (``Work.said_live``).

    Raises:
        LookupError: if there is no such case.
    """
    hold(connection, [case])
    held = Held(connection, history, due, read(connection, case, due), now, author, version=None)
    held.set(answered=0, changed=now)
    held.add(LIVE, mask(text))


def _hear(connection: Connection, history: History, due: Due, now: datetime, case: int, text: str) -> None:
    """Keep it in one case, which is held from here on."""
    hold(connection, [case])
    held = Held(connection, history, due, read(connection, case, due), now, "", version=None)
    live = history.last_of(connection, case, (TOOK_OVER, HANDED_BACK)) == TOOK_OVER
    back = held.status is Status.WAITING or held.status in OVER
    values: Dict[str, Any] = {"answered": 1, "changed": now}
    if not live or back:
        held.version = held.row.version + 1
        values.update(version=held.version, **held.count_anew(now))
    held.set(**values)
    held.add(SAID, mask(text))
    if back and held.row.merged_into is None:
        held.stand(Status.OPEN, quietly=True, resolution="")
    elif not live:
        held.stand(held.status)
