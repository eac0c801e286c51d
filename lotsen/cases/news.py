"""What a desk says of a case: kept once, however often it is said, and put on the list of what the user must hear."""

from __future__ import annotations

from typing import Optional, Tuple

from sqlalchemy.engine import Connection, Engine

from lotsen.cases.case import Status
from lotsen.cases.history import REPLY, STATUS
from lotsen.cases.store import Case, CaseStore
from lotsen.clock import utc_now
from lotsen.content.texts import TOLD
from lotsen.outbox.outbox import OutboxLetter
from lotsen.privacy.masking import mask
from lotsen.service_desks.base import News


def record_news(engine: Engine, store: CaseStore, letter: OutboxLetter, news: News) -> bool:
    """Keep a desk's news of one letter's ticket, in one transaction; tell whether there was anything new.

    A case that was added to another is told what the desk says of that one, too: they are one ticket there.
    """
    case = store.get(letter.case)
    if case is None:
        return False
    with engine.begin() as connection:
        new = False
        for reply in sorted(news.replies, key=lambda one: one.at):
            text = mask(reply.text)
            new |= store.history.add(
                connection, case.id, REPLY, utc_now(), letter.desk, text, f"reply:{reply.id}", _whom(case)
            )
        if news.status is not None:
            # Who has just got an answer knows that somebody is at work.
            quiet = new and news.status is Status.OPEN
            new |= _set_status(connection, store, case, letter.desk, news.status, quiet)
        if news.mark and news.mark != letter.mark:
            store.outbox.set_mark(connection, letter.id, news.mark)
    return new


def _set_status(connection: Connection, store: CaseStore, case: Case, desk: str, status: Status, quiet: bool) -> bool:
    """Set the status if it is another one; the user hears of it unless that is to be kept quiet."""
    if not store.set_status(connection, case.id, status):
        return False
    tell = _whom(case) if status in TOLD and not quiet else None
    store.history.add(connection, case.id, STATUS, utc_now(), desk, status.value, tell=tell)
    return True


def _whom(case: Case) -> Optional[Tuple[str, str]]:
    """Return who is to be told: nobody for a case that Lotsen made itself."""
    return (case.conversation, case.channel) if case.conversation else None
