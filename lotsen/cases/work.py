"""What somebody at the triage desk does with a case. Each method is one transaction: the change, its event, its audit.

Nobody overwrites what they have not seen: who changes a case says which version of it they looked at.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Callable, Iterator, Mapping, Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from lotsen.audit.log import Actor, AuditLog
from lotsen.cases import merging, talk
from lotsen.cases.case import OVER, Category, Level, Status
from lotsen.cases.changing import Gone, Held, hold, main_of, must_be_itself, must_be_live, read
from lotsen.cases.due import counting
from lotsen.cases.handling import (
    Conflict,
    Handling,
    Impossible,
    Resolution,
    handling_of,
    name_of,
    written_text,
)
from lotsen.cases.history import ASSIGNED, CATEGORY, FORWARDED, LEVEL, LINKED, NOTE, RESOLUTION, TAKEN
from lotsen.cases.hours import DeskHours
from lotsen.cases.listed import Lane, joined, one_line, split, with_disturbance
from lotsen.cases.store import Case, CaseStore, NewCase, keep_choices
from lotsen.cases.table import MAX_TITLE, cases
from lotsen.clock import utc_now
from lotsen.privacy.masking import mask, mask_all

__all__ = ["Conflict", "Handling", "Impossible", "Resolution", "Work"]


class Work:
    """Changes cases. Whoever cannot, as the version is an old one, gets ``Conflict``."""

    def __init__(
        self,
        engine: Engine,
        store: CaseStore,
        audit: AuditLog,
        hours: DeskHours,
        minutes: Mapping[Level, int],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """``minutes``: within so many of the desk's open minutes somebody should look at a case of each level."""
        self._engine, self._store, self._audit, self._clock = engine, store, audit, clock
        self._due = counting(hours, minutes)

    def fill_in(self) -> int:
        """Fill in how the desk has the cases of an older Lotsen, when it starts; return how many there were."""
        return self._store.fill_in(self._due)

    def get(self, case: int) -> Optional[Handling]:
        """Return a case as the desk has it; None if there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(cases).where(cases.c.id == case)).first()
            merged = sa.select(cases.c.id).where(cases.c.merged_into == case).order_by(cases.c.id)
            duplicates = tuple(connection.execute(merged).scalars())
        if row is None:
            return None
        if not row.lane:
            with self._engine.begin() as connection:
                row = read(connection, case, self._due)
        return handling_of(row, duplicates)

    def take(self, case: int, version: int, actor: Actor) -> None:
        """Make it one's own; a new case is open then.

        Raises:
            Impossible: if it is over, or a duplicate.
        """
        with self._changing(case, version, actor, "take") as held:
            must_be_live(held)
            if held.row.assignee == actor.id and held.status is not Status.NEW:
                raise _Unchanged
            held.set(assignee=actor.id, assignee_name=name_of(actor))
            held.add(TAKEN)
            held.stand(Status.OPEN if held.status is Status.NEW else held.status)

    def assign(self, case: int, version: int, actor: Actor, to: Optional[Actor]) -> None:
        """Give it to somebody, or back to the queue.

        Raises:
            Impossible: if it is over, or a duplicate.
        """
        with self._changing(case, version, actor, "assign") as held:
            must_be_live(held)
            id, name = (to.id, name_of(to)) if to is not None else ("", "")
            if held.row.assignee == id and (id or held.row.lane != Lane.TAKEN.value):
                raise _Unchanged
            held.set(assignee=id, assignee_name=name)
            held.stand(held.status)
            held.add(ASSIGNED, name)
            held.detail = id

    def set_level(self, case: int, version: int, actor: Actor, level: Level) -> None:
        """Make it more or less urgent; when it is due follows: from when it came, or from its user's last answer."""
        with self._changing(case, version, actor, "level") as held:
            must_be_itself(held)
            if held.row.level == level.value:
                raise _Unchanged
            held.set(level=level.value, **held.count_anew(held.row.due_from or held.row.created, level))
            held.add(LEVEL, level.value)
            held.detail = level.value

    def set_category(self, case: int, version: int, actor: Actor, category: Category) -> None:
        """Say what it is about. What its user has confirmed stays as it is."""
        title, section = (mask(one_line(text, MAX_TITLE)) for text in (category.title, category.section))
        with self._changing(case, version, actor, "category") as held:
            must_be_itself(held)
            if (held.row.category, held.row.title) == (category.id, title):
                raise _Unchanged
            held.set(category=category.id, title=title, section=section)
            keep_choices(held.connection, [{"category": category.id}])
            held.add(CATEGORY, title or category.id)
            held.detail = category.id

    def note(self, case: int, actor: Actor, text: str) -> None:
        """Write something down that only the desk reads; needs no version, as it changes nothing.

        Raises:
            Impossible: if there is no such case, or nothing is said.
        """
        written = written_text(text)
        with self._changing(case, None, actor, "note") as held:
            held.add(NOTE, written)

    def reply(self, case: int, version: int, actor: Actor, text: str, ask: bool = False) -> None:
        """Answer the user, who is told at once or next time; with ``ask`` the case then waits for them.

        The users of its duplicates are told, too. A case that was over waits again if they are asked.

        Raises:
            Impossible: if the case has no user.
        """
        written = written_text(text)
        with self._changing(case, version, actor, "ask" if ask else "reply") as held:
            must_be_itself(held)
            if not held.say(written):
                raise Impossible("nobody_to_tell")
            if ask:
                held.stand(Status.WAITING, resolution="")
            elif held.status is Status.NEW:  # Who has just got an answer knows that somebody is at work.
                held.stand(Status.OPEN, quietly=True)

    def resolve(self, case: int, version: int, actor: Actor, resolution: Resolution, text: str = "") -> None:
        """End it, with a last word to the user if there is a text; they are told in any case.

        Raises:
            Impossible: if it is over, or a duplicate.
        """
        with self._changing(case, version, actor, "resolve") as held:
            must_be_live(held)
            if text.strip() and not held.say(written_text(text)):
                held.add(NOTE, written_text(text))
            held.add(RESOLUTION, resolution.value)
            status = Status.REJECTED if resolution is Resolution.NOT_OURS else Status.RESOLVED
            held.stand(status, resolution=resolution.value)
            held.detail = resolution.value

    def reopen(self, case: int, version: int, actor: Actor) -> None:
        """Take up again a case that was over, or that was merged into another.

        Raises:
            Impossible: if it is neither.
        """
        with self._changing(case, version, actor, "reopen", with_main=True) as held:
            if not merging.separate(held) and held.status not in OVER:
                raise Impossible("case_not_over")
            held.stand(Status.OPEN if held.status in OVER else held.status, resolution="", **held.count_anew(held.now))

    def forward(self, case: int, version: int, actor: Actor, desk: str, letter: str) -> None:
        """Send it to a service desk.

        Raises:
            Impossible: if that desk has it already.
        """
        with self._changing(case, version, actor, "forward") as held:
            must_be_itself(held)
            try:
                self._store.outbox.add(held.connection, case, [desk], mask_all(letter))
            except IntegrityError:
                raise Impossible("already_sent") from None
            held.add(FORWARDED, desk=desk)
            held.detail = desk

    def merge(self, case: int, version: int, actor: Actor, into: int) -> None:
        """Make it a duplicate of another; what the desk answers there is told to its user, too.

        Raises:
            Impossible: if the other is the same one, unknown, over, or a duplicate itself.
        """
        if case == into:
            raise Impossible("merge_same")
        with self._changing(case, version, actor, "merge", (into,)) as held:
            must_be_live(held)
            merging.merge(held, into)

    def link(self, case: int, version: int, actor: Actor, notice: Optional[int]) -> None:
        """Make it part of a disturbance, or no longer."""
        with self._changing(case, version, actor, "link") as held:
            must_be_itself(held)
            if held.row.notice == notice:
                raise _Unchanged
            reasons = with_disturbance(split(held.row.reasons), notice is not None)
            held.set(notice=notice, reasons=joined(reasons))
            held.add(LINKED, str(notice) if notice is not None else "")
            held.detail = str(notice) if notice is not None else ""

    def create(self, actor: Actor, new: NewCase) -> Case:
        """Make a case of something that came another way, e.g. an e-mail."""
        due = self._due(new.draft.priority.level, self._clock())
        try:
            with self._engine.begin() as connection:
                case, is_new = self._store.write(connection, replace(new, due=due), author=name_of(actor))
                if is_new:
                    self._audit.add(actor, "create", case.id, connection=connection)
                return case
        except IntegrityError:  # The same form was sent twice at one moment.
            stored = self._store.with_key(new.key)
            assert stored is not None, "the row was just written"
            return stored

    def heard(self, connection: Connection, case: int, text: str) -> None:
        """Keep what the user has answered, in the caller's transaction; a case that waited for them is open again.

        So is one that was over. What is said in a duplicate is seen in the case that it is merged into. While the desk
        has the conversation it sees at once what is said, so that nothing else changes.

        Raises:
            LookupError: if there is no such case.
        """
        talk.hear(connection, self._store.history, self._due, self._clock(), case, text)

    def said_live(self, connection: Connection, case: int, actor: Actor, text: str) -> None:
        """Keep what the desk says while it has the conversation, in the caller's transaction.

        Raises:
            LookupError: if there is no such case.
        """
        talk.say_live(connection, self._store.history, self._due, self._clock(), case, name_of(actor), text)
        self._audit.add(actor, "live", case, connection=connection)

    @contextmanager
    def _changing(
        self,
        case: int,
        version: Optional[int],
        actor: Actor,
        action: str,
        others: Tuple[int, ...] = (),
        with_main: bool = False,
    ) -> Iterator[Held]:
        """Hold a case during one transaction, which ends with the entry in the audit log.

        Raises:
            Conflict: if it has another version.
            Impossible: if there is no such case.
        """
        try:
            with self._engine.begin() as connection:
                main = main_of(connection, case) if with_main else None
                hold(connection, [*others, *([case] if others else []), *([main] if main else [])])
                same = cases.c.id == case
                values = {"changed": self._clock(), "answered": 0}
                if version is not None:
                    same &= cases.c.version == version
                    values["version"] = version + 1
                if not connection.execute(cases.update().where(same).values(**values)).rowcount:
                    raise _Stale
                held = self._held(connection, case, name_of(actor), None if version is None else version + 1)
                yield held
                self._audit.add(actor, action, case, held.detail, connection)
                for other, id, detail in held.also:
                    self._audit.add(actor, other, id, detail, connection)
        except _Unchanged:
            return
        except Gone:
            raise Impossible("no_such_case") from None
        except _Stale:
            if version is None or self._store.get(case) is None:
                raise Impossible("no_such_case") from None
            raise Conflict(tuple(self._store.history.since(case, version))) from None

    def _held(self, connection: Connection, case: int, author: str, version: Optional[int]) -> Held:
        row = read(connection, case, self._due)
        return Held(connection, self._store.history, self._due, row, self._clock(), author, version)


class _Unchanged(Exception):
    """It is so already: nothing is written."""


class _Stale(Exception):
    """There is no case with this id and version."""
