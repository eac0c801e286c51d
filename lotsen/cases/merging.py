"""Duplicates: a case merged into another stands as that one does, and its user hears what is answered there."""

from __future__ import annotations

import sqlalchemy as sa

from lotsen.cases.case import NUMBER_FORMAT, OVER, Status
from lotsen.cases.changing import Held
from lotsen.cases.handling import Impossible
from lotsen.cases.history import ABSORBED, MERGED, SEPARATED, STATUS
from lotsen.cases.listed import Lane
from lotsen.cases.table import cases
from lotsen.content.texts import TOLD

__all__ = ["Impossible", "merge", "separate"]


def merge(held: Held, into: int) -> None:
    """Make the held case a duplicate; its own duplicates become those of the other, too. Both rows are held.

    Raises:
        Impossible: if the other is unknown, over, or a duplicate itself.
    """
    other = held.connection.execute(sa.select(cases).where(cases.c.id == into)).first()
    if other is None:
        raise Impossible("merge_unknown")
    if other.merged_into is not None:
        raise Impossible("merge_duplicate")
    status = Status(other.status)
    if status in OVER:
        raise Impossible("merge_over")
    number = NUMBER_FORMAT.format(into)
    held.note(MERGED, number)
    if status is not held.status:
        if status in TOLD:
            held.tell(STATUS, status.value)
        else:
            held.note(STATUS, status.value)
    moved = {"merged_into": into, "status": status.value, "lane": Lane.MERGED.value, "live": 0}
    held.connection.execute(cases.update().where(cases.c.merged_into == held.id).values(**moved))
    held.set(**moved)
    _note_other(held, into, ABSORBED)
    held.detail = number
    held.also.append(("absorb", into, held.number))


def separate(held: Held) -> bool:
    """Make a duplicate a case of its own again; False if it is none. The row of the other is held, too."""
    main = held.row.merged_into
    if main is None:
        return False
    held.set(merged_into=None)
    held.set(**held.place(held.status))
    held.add(SEPARATED, NUMBER_FORMAT.format(main))
    _note_other(held, main, SEPARATED)
    held.detail = NUMBER_FORMAT.format(main)
    held.also.append(("separate", main, held.number))
    return True


def _note_other(held: Held, other: int, kind: str) -> None:
    """Note in the other case that it has got or lost this one: whoever answers there must know who hears it."""
    new = {"version": cases.c.version + 1, "changed": held.now}
    held.connection.execute(cases.update().where(cases.c.id == other).values(**new))
    version = held.connection.execute(sa.select(cases.c.version).where(cases.c.id == other)).scalar()
    held.history.add(held.connection, other, kind, held.now, text=held.number, author=held.author, version=version)
