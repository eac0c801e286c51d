"""What a desk says of a case: kept once, however often it is said, and put on the list of what the user must hear."""

from __future__ import annotations

from sqlalchemy.engine import Connection, Engine

from lotsen.cases.case import Status
from lotsen.cases.history import REPLY, STATUS
from lotsen.cases.store import CaseStore
from lotsen.clock import utc_now
from lotsen.content.texts import TOLD
from lotsen.outbox.outbox import OutboxLetter
from lotsen.privacy.masking import mask
from lotsen.service_desks.base import News


def record_news(engine: Engine, store: CaseStore, letter: OutboxLetter, news: News) -> bool:
    """Keep a desk's news of one letter's ticket, in one transaction; tell whether there was anything new.

    A case that was added to another is told what the desk says of that one, too: they are one ticket there. So are the
    users of its duplicates.
    """
    case = letter.case
    if store.get(case) is None:
        return False
    with engine.begin() as connection:
        new = False
        for reply in sorted(news.replies, key=lambda one: one.at):
            text, now = mask(reply.text), utc_now()
            for id, user in store.listeners(connection, case):
                new |= store.history.add(connection, id, REPLY, now, letter.desk, text, f"reply:{reply.id}", user)
        if new:
            store.touch(connection, case)
        if news.status is not None:
            # Who has just got an answer knows that somebody is at work.
            quiet = new and news.status is Status.OPEN
            new |= _set_status(connection, store, case, letter.desk, news.status, quiet)
        if news.mark and news.mark != letter.mark:
            store.outbox.set_mark(connection, letter.id, news.mark)
    return new


def _set_status(connection: Connection, store: CaseStore, case: int, desk: str, status: Status, quiet: bool) -> bool:
    """Set the status if it is another one; the users hear of it unless that is to be kept quiet."""
    if not store.set_status(connection, case, status):
        return False
    for id, user in store.listeners(connection, case):
        tell = user if status in TOLD and not quiet else None
        store.history.add(connection, id, STATUS, utc_now(), desk, status.value, tell=tell)
    return True
