"""Where cases are kept. Writing one twice under the same key gives the same case."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from lotsen.cases.case import NUMBER_FORMAT, CaseDraft
from lotsen.privacy.masking import mask_all
from lotsen.storage.database import UtcDateTime

_metadata = sa.MetaData()

_cases = sa.Table(
    "cases",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("key", sa.String(64), nullable=False, unique=True),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class Case:
    """A stored case."""

    number: str
    created: datetime
    status: str
    conversation: str
    channel: str
    draft: CaseDraft


class CaseStore:
    """Cases in one SQL table. Personal identity numbers are masked on the way in, wherever they stand."""

    def __init__(self, engine: Engine) -> None:
        """Use ``engine``; makes the table if it is not there."""
        self._engine = engine
        _metadata.create_all(engine)

    def create(self, key: str, draft: CaseDraft, conversation: str, channel: str) -> Case:
        """Store ``draft`` and return the case; with a key that was used before, return that case unchanged.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be written. Nothing is stored then.
        """
        try:
            with self._engine.begin() as connection:
                known = self._by_key(connection, key)
                if known is not None:
                    return known
                connection.execute(
                    _cases.insert().values(
                        key=key,
                        created=datetime.now(timezone.utc),
                        status="new",
                        conversation=conversation,
                        channel=channel,
                        body=json.dumps(mask_all(draft.to_json()), ensure_ascii=False),
                    )
                )
                stored = self._by_key(connection, key)
        except IntegrityError:  # Another process stored the same key between our look and our write.
            with self._engine.connect() as connection:
                stored = self._by_key(connection, key)
        assert stored is not None, "the row was just written"
        return stored

    def all(self) -> List[Case]:
        """Return every case, oldest first."""
        with self._engine.connect() as connection:
            return [_case(row) for row in connection.execute(sa.select(_cases).order_by(_cases.c.id))]

    @staticmethod
    def _by_key(connection: Connection, key: str) -> Optional[Case]:
        row = connection.execute(sa.select(_cases).where(_cases.c.key == key)).first()
        return _case(row) if row is not None else None


def _case(row: sa.engine.Row) -> Case:
    """Turn a row into a case."""
    return Case(
        number=NUMBER_FORMAT.format(row.id),
        created=row.created,
        status=row.status,
        conversation=row.conversation,
        channel=row.channel,
        draft=CaseDraft.from_json(json.loads(row.body)),
    )
