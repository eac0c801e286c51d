"""How far a disturbance reaches: who was told of it, who still waits to hear that it is over, and its cases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Dict, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lotsen.cases.table import cases as _cases
from lotsen.disturbances.notices import Notice
from lotsen.storage.database import UtcDateTime

_told = sa.table("notice_told", sa.column("notice"), sa.column("conversation"), sa.column("over_at", UtcDateTime))
_notices = sa.table("notices", sa.column("id"), sa.column("lead"))


@dataclass(frozen=True)
class Reach:
    """Numbers of one notice."""

    told: int = 0
    """Users who were told that it goes on."""
    waiting: int = 0
    """Those of them who hear when it is lifted."""
    cases: int = 0
    """Cases that were added to its lead or that the desk has linked to it, without the lead itself."""


def reach_of(engine: Engine, notices: Sequence[Notice]) -> Dict[int, Reach]:
    """Return the numbers of each notice, by its id. The tables of ``Audience`` and ``CaseStore`` must be there.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: if the database cannot be read.
    """
    found = {notice.id: Reach() for notice in notices}
    waits = sa.func.count(_told.c.over_at)
    told = sa.select(_told.c.notice, sa.func.count(), waits).where(_told.c.notice.in_(found)).group_by(_told.c.notice)
    # The one union keeps a case that is both from being counted twice.
    ours = _notices.c.id.in_(found)
    added = sa.select(_notices.c.id.label("notice"), _cases.c.id.label("case_id")).where(
        ours & (_cases.c.parent == _notices.c.lead)
    )
    linked = sa.select(_notices.c.id, _cases.c.id).where(
        ours & (_cases.c.notice == _notices.c.id) & (_cases.c.id != sa.func.coalesce(_notices.c.lead, 0))
    )
    both = sa.union(added, linked).subquery()
    cases = sa.select(both.c.notice, sa.func.count()).group_by(both.c.notice)
    with engine.connect() as connection:
        for notice, all_told, waiting in connection.execute(told):
            found[notice] = Reach(all_told, waiting)
        for notice, count in connection.execute(cases):
            found[notice] = replace(found[notice], cases=count)
    return found
