"""Sends letters until they are delivered, and asks desks what became of them. One task for each desk.

Nothing here is remembered: what is in the database says all, so the process may be killed at any moment. Between the
attempt and writing down how it went lies the only gap, which ``Outbox.claim`` closes by handing out the letter again,
after a while, as doubtful.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any, Awaitable, Callable, Coroutine, Dict, List, Mapping, TypeVar

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from lotsen.cases.history import DELIVERED, GAVE_UP
from lotsen.cases.news import record_news
from lotsen.cases.store import CaseStore
from lotsen.clock import utc_now
from lotsen.observability import metrics, turn_id
from lotsen.outbox.letters import write_letter
from lotsen.outbox.outbox import OutboxLetter
from lotsen.outbox.pace import Pace
from lotsen.service_desks.base import Desk, DeskError, DeskRefuses, Receipt, Sent

ASKED_ABOUT = timedelta(days=90)
"""A delivered case is asked about for so long."""
OVER_FOR = timedelta(days=2)
"""And for so long after it was resolved: a last word may still come."""
FAULTS = ("claimed", "sending", "sent", "recorded", "failing", "failed")
"""The moments at which the crash test kills the process."""

Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


class Deliverer:
    """Delivers the letters of an outbox to desks."""

    def __init__(
        self,
        engine: Engine,
        desks: Mapping[str, Desk],
        tries: int,
        pace: Pace,
        at: Callable[[str], None] = lambda moment: None,
    ) -> None:
        """``tries``: failed attempts before a letter is given up; ``at`` is told each moment of ``FAULTS``."""
        self._engine, self._desks, self._tries, self._pace, self._at = engine, desks, tries, pace, at
        self._store = CaseStore(engine)
        self._outbox = self._store.outbox

    async def run(self) -> None:
        """Deliver and ask, until cancelled; then the connections are closed."""
        tasks: List["asyncio.Task[None]"] = []
        for name, desk in self._desks.items():
            tasks.append(asyncio.ensure_future(self._forever(name, self.deliver_next, self._pace.idle)))
            if desk.polls:
                tasks.append(asyncio.ensure_future(self._forever(name, self.ask, self._pace.poll)))
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for desk in self._desks.values():
                await desk.close()

    async def deliver_next(self, name: str) -> bool:
        """Send the letter to a desk that has waited longest; False if none is due, or the desk does not answer."""
        letter = self._outbox.claim(name, self._pace.lease)
        turn_id.carry_on(letter.turn if letter is not None else "")
        if letter is None:
            return False
        self._at("claimed")
        written = write_letter(self._store, letter)
        if written is None:
            self._outbox.put_off(letter, utc_now() + timedelta(seconds=self._pace.first))
            return True
        self._at("sending")
        metrics.delivery_begun(name)
        try:
            receipt = await self._in_time(self._desks[name].deliver(written))
        except asyncio.TimeoutError:
            return self._failed(letter, DeskError(f"no answer in {self._pace.attempt:.0f} s"))
        except DeskError as error:
            return self._failed(letter, error)
        except Exception as error:  # A desk module that cannot read an answer must not stop the others' letters.
            logger.exception("The desk %s failed in an unexpected way.", name)
            return self._failed(letter, DeskError(f"unexpected: {type(error).__name__}"))
        self._at("sent")
        self._delivered(letter, receipt)
        self._at("recorded")
        return True

    async def ask(self, name: str) -> bool:
        """Ask a desk what is new about its tickets, and keep it; always False: once is enough for now."""
        letters: Dict[str, List[OutboxLetter]] = {}
        for letter in self._outbox.to_ask_about(name, utc_now() - ASKED_ABOUT):
            if letter.receipt is not None:
                letters.setdefault(letter.receipt.ref, []).append(letter)
        over = self._store.over_for(OVER_FOR)
        # A letter added to a ticket later has no mark yet, and is to hear all that was said there.
        asked = [
            Sent(ref, min(one.mark for one in some))
            for ref, some in letters.items()
            if not all(one.case in over for one in some)
        ]
        if not asked:
            return False
        try:
            found = await self._in_time(self._desks[name].news(asked))
        except (DeskError, asyncio.TimeoutError) as error:
            logger.warning("The desk %s could not be asked: %s", name, error or "no answer in time")
            return False
        for news in found:
            for letter in letters.get(news.ref, ()):
                record_news(self._engine, self._store, letter, news)
        return False

    async def _forever(self, name: str, work: Callable[[str], Awaitable[bool]], pause: float) -> None:
        """Do ``work`` again and again, with a pause whenever it says False; a database that fails is tried again."""
        while True:
            try:
                more = await work(name)
            except SQLAlchemyError:
                logger.exception("The outbox could not be read or written; trying again.")
                more = False
            except Exception:
                logger.exception("The work for the desk %s failed; trying again.", name)
                more = False
            if not more:
                await asyncio.sleep(pause)

    async def _in_time(self, asking: Coroutine[Any, Any, Answer]) -> Answer:
        """Return what a desk answers.

        Raises:
            asyncio.TimeoutError: if it takes too long; and whatever the desk raises.
        """
        task = asyncio.ensure_future(asking)
        # Stopped at the moment in which it fails, nobody else would look at the failure, and asyncio complains of that.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.wait_for(task, self._pace.attempt)

    def _delivered(self, letter: OutboxLetter, receipt: Receipt) -> None:
        """Write down that the desk has the letter."""
        with self._engine.begin() as connection:
            if self._outbox.delivered(connection, letter, receipt):
                shown = receipt.number or receipt.ref
                self._store.history.add(connection, letter.case, DELIVERED, utc_now(), letter.desk, shown)
        metrics.delivered(letter.desk)
        logger.info("Case %d was delivered to %s as %s.", letter.case, letter.desk, receipt.number or receipt.ref)

    def _failed(self, letter: OutboxLetter, error: DeskError) -> bool:
        """Write down that it failed, and when to try again; tell whether the desk may take other letters at once."""
        self._at("failing")
        refused = isinstance(error, DeskRefuses)
        dead = refused or letter.attempts >= self._tries
        wait = max(self._pace.back_off(letter.attempts), min(error.retry_after or 0.0, self._pace.longest))
        if error.arrived:
            wait = max(wait, self._pace.settle)
        with self._engine.begin() as connection:
            due = utc_now() + timedelta(seconds=wait)
            if self._outbox.failed(connection, letter, str(error), due, error.arrived, dead) and dead:
                self._store.history.add(connection, letter.case, GAVE_UP, utc_now(), letter.desk, str(error))
        metrics.delivery_failed(letter.desk, dead)
        level = logging.ERROR if dead else logging.WARNING
        logger.log(level, "Case %d to %s, attempt %d: %s", letter.case, letter.desk, letter.attempts, error)
        self._at("failed")
        return refused
