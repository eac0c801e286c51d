"""The record of runs: for each, which guide and version, what became of each step and how long it took, how it ended.

A run is written as a whole at each move, by its id: whatever is sent twice or lost in between, the record equals the
run that the conversation goes on with. Personal identity numbers in notes are masked on the way in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Iterator, List, Mapping, Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lotsen.guides.model import Outcome, Status
from lotsen.guides.run import GuideRun, StepOutcome
from lotsen.privacy.masking import mask_all
from lotsen.storage.database import UtcDateTime, create_tables

_metadata = sa.MetaData()

_runs = sa.Table(
    "guide_runs",
    _metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("guide", sa.String(80), nullable=False),
    sa.Column("version", sa.String(20), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("began", UtcDateTime, nullable=False),
    sa.Column("touched", UtcDateTime, nullable=False),
    sa.Column("ended", UtcDateTime),
    sa.Column("handed_off", sa.Boolean, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("guide_runs_open", "status", "touched"),
    sa.Index("guide_runs_of", "guide", "began"),
)


@dataclass(frozen=True)
class RunRecord:
    """One run as it is kept. Times are UTC; ``ended`` is None while it is open."""

    id: str
    conversation: str
    channel: str
    guide: str
    version: str
    status: Status
    began: datetime
    touched: datetime
    ended: Optional[datetime]
    outcomes: Tuple[StepOutcome, ...]
    place: Tuple[str, str]
    """Guide and step where it stands, or ended."""
    reason: Optional[str] = None
    facts: Mapping[str, str] = field(default_factory=dict)
    """What was found out on the way, by fact."""


class RunRecords:
    """The record, in one SQL table."""

    def __init__(self, engine: Engine) -> None:
        """Use ``engine``; makes the table if it is not there."""
        self._engine = engine
        create_tables(engine, _metadata)

    def write(self, run: GuideRun, conversation: str, channel: str) -> None:
        """Keep the run as it is now, in place of what was kept of it.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be written.
        """
        values = {
            "conversation": conversation,
            "channel": channel,
            "guide": run.guide,
            "version": run.version,
            "status": run.status.value,
            "began": _time(run.began),
            "touched": _time(run.touched),
            "ended": None if run.active else _time(run.touched),
            "handed_off": run.handed_off,
            "body": json.dumps(_body(run), ensure_ascii=False),
        }
        with self._engine.begin() as connection:
            changed = connection.execute(_runs.update().where(_runs.c.id == run.id).values(**values)).rowcount
            if not changed:
                connection.execute(_runs.insert().values(id=run.id, **values))

    def close_left(self, before: datetime) -> int:
        """Count as abandoned what was left open and not touched since ``before``; return how many there were.

        What a case has told of in the meantime was handed off, not abandoned.
        """
        left = (_runs.c.status == Status.ACTIVE.value) & (_runs.c.touched < before)
        status = sa.case((_runs.c.handed_off, Status.HANDOFF.value), else_=Status.ABANDONED.value)
        values = {"status": status, "ended": _runs.c.touched}
        with self._engine.begin() as connection:
            return int(connection.execute(_runs.update().where(left).values(**values)).rowcount)

    def all(self, since: Optional[datetime] = None) -> List[RunRecord]:
        """Return the runs that began at ``since`` or later, oldest first."""
        query = sa.select(_runs).order_by(_runs.c.began, _runs.c.id)
        if since is not None:
            query = query.where(_runs.c.began >= since)
        with self._engine.connect() as connection:
            return list(_records(connection.execute(query)))

    def conversations_failed(self, guide: str, since: datetime) -> List[str]:
        """Return the conversations in which a run of the guide ended in a hand-off at ``since`` or later, each once."""
        # An ended run was last touched when it ended, and there is an index on status and ``touched``.
        late = (_runs.c.status == Status.HANDOFF.value) & (_runs.c.touched >= since)
        query = sa.select(_runs.c.conversation).where(late & (_runs.c.guide == guide)).distinct()
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def of(self, run_id: str) -> Optional[RunRecord]:
        """Return one run."""
        with self._engine.connect() as connection:
            return next(_records(connection.execute(sa.select(_runs).where(_runs.c.id == run_id))), None)


def _records(rows: Any) -> Iterator[RunRecord]:
    """Turn rows into records."""
    for row in rows:
        body = json.loads(row.body)
        yield RunRecord(
            id=row.id,
            conversation=row.conversation,
            channel=row.channel,
            guide=row.guide,
            version=row.version,
            status=Status(row.status),
            began=row.began,
            touched=row.touched,
            ended=row.ended,
            outcomes=tuple(StepOutcome(**{**o, "outcome": Outcome(o["outcome"])}) for o in body["outcomes"]),
            place=tuple(body["place"]),
            reason=body["reason"],
            facts=body["facts"],
        )


def _body(run: GuideRun) -> Any:
    """Return what is kept beside the columns, masked."""
    stored = run.to_json()
    body = {"outcomes": stored["outcomes"], "place": stored["path"][-1], "reason": run.reason, "facts": stored["facts"]}
    return mask_all(body)


def _time(seconds: float) -> datetime:
    """Return a moment in UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc)
