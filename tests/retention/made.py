"""A database with every table, rows of any age in them, and a clock that stands still."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import sqlalchemy as sa

from lotsen.audit import table as audit
from lotsen.audit.log import Actor, AuditLog
from lotsen.cases.store import NewCase
from lotsen.channels.teams.stores import TeamsStores
from lotsen.channels.web.stores import Stores
from lotsen.desk.access.guesses import Guesses
from lotsen.desk.access.local import Reserve
from lotsen.desk.access.pending import SignIns
from lotsen.desk.access.sessions import Sessions
from lotsen.desk.improve import readings
from lotsen.outcomes.records import RunRecords
from lotsen.retention.deletions import COMMAND, DeletionLog
from lotsen.retention.purge import Outcome, look, purge
from lotsen.retention.store import open_for_deleting
from lotsen.settings import Settings
from lotsen.storage import limits
from lotsen.storage.database import create_tables
from tests.cases.made import FULL, NOW, Clock

MINUTE = timedelta(minutes=1)
TEAMS, WEB = "teams", "web"


class World:
    """Everything that Lotsen keeps, at ``NOW``."""

    def __init__(self, url: str, folder: Path, **settings: str) -> None:
        from rasa.core.tracker_store import SQLTrackerStore

        self.url, self.clock = url, Clock()
        env = {"LOTSEN_DATABASE_URL": url, "LOTSEN_DATA_DIR": str(folder), **settings}
        self.settings = Settings.read(env)
        self.engine = open_for_deleting(url)
        self.web, self.teams = Stores.on(self.engine, "k" * 32), TeamsStores.on(self.engine, "k" * 32)
        self.cases = self.teams.cases
        self.audit = AuditLog(self.engine, self.clock)
        SQLTrackerStore.SQLEvent.metadata.create_all(self.engine)
        RunRecords(self.engine)
        Sessions(self.engine, timedelta(hours=1), timedelta(hours=10))
        guesses = Guesses(self.engine, "reserve", "k")
        Reserve(self.engine, False, guesses)
        SignIns(self.engine)
        create_tables(self.engine, readings._metadata)
        create_tables(self.engine, limits._metadata)
        DeletionLog(self.engine)
        self.tables = sa.MetaData()
        self.tables.reflect(self.engine)
        self._next = 0

    def empty(self, folder: Path) -> None:
        """Take everything out of it, the audit log too, so that the next test finds it as new."""
        self.settings = replace(self.settings, data_dir=folder, keep=Settings.read({}).keep)
        self.clock.now, self._next = NOW, 0
        names = sorted(self.tables.tables)
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "sqlite":
                for name in audit.SQLITE_TRIGGERS:
                    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
                for name in (*names, "sqlite_sequence"):
                    connection.exec_driver_sql(f"DELETE FROM {name}")
                audit.renew_triggers(connection)
            else:
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
                connection.exec_driver_sql(f"TRUNCATE {', '.join(names)} RESTART IDENTITY")
            connection.execute(audit.head.insert().values(id=1, entry=0, hash=audit.NOTHING))

    def put(self, table: str, **values: Any) -> None:
        """Write a row; what is not given is empty."""
        row: Dict[str, Any] = {}
        for column in self.tables.tables[table].columns:
            if column.name in values:
                row[column.name] = values[column.name]
            elif not column.nullable and not (column.primary_key and isinstance(column.type, sa.Integer)):
                row[column.name] = _empty(column.type)
        with self.engine.begin() as connection:
            connection.execute(self.tables.tables[table].insert().values(**row))

    def set(self, table: str, where: str, **values: Any) -> None:
        """Change rows."""
        one = self.tables.tables[table]
        with self.engine.begin() as connection:
            connection.execute(one.update().where(sa.text(where)).values(**values))

    def rows(self, table: str, where: str = "1 = 1") -> List[Any]:
        """Return rows."""
        with self.engine.connect() as connection:
            return list(connection.execute(sa.text(f"SELECT * FROM {table} WHERE {where}")))

    def count(self, table: str, where: str = "1 = 1") -> int:
        """Return how many rows there are."""
        return len(self.rows(table, where))

    def before(self, days: int) -> datetime:
        """Return a limit."""
        return NOW - timedelta(days=days)

    def session(self, name: str, at: datetime, words: Sequence[str] = ("Hej",)) -> None:
        """Let a user talk to Rasa in a session that begins at a time."""
        events: List[Dict[str, Any]] = [
            {"event": "action", "name": "action_session_start"},
            {"event": "session_started"},
            {"event": "slot", "name": "channel", "value": "teams"},
            {"event": "action", "name": "action_listen"},
            *({"event": "user", "text": word, "parse_data": {"intent": {"name": "greet"}}} for word in words),
        ]
        for place, event in enumerate(events):
            seconds = at.timestamp() + place / 100
            data = json.dumps({**event, "timestamp": seconds})
            kind, action = event["event"], event.get("name") if event["event"] == "action" else None
            self.put("events", sender_id=name, type_name=kind, timestamp=seconds, action_name=action, data=data)

    def said(self, name: str, at: datetime, text: str = "Hej", author: str = "user") -> None:
        """Put a message into the chat log."""
        with self.engine.connect() as connection:
            last = connection.execute(
                sa.text("SELECT coalesce(max(number), 0) FROM chat_messages WHERE conversation = :of"), {"of": name}
            ).scalar()
        body = json.dumps({"text": text})
        self.put("chat_messages", conversation=name, number=last + 1, author=author, created=at, body=body)

    def web_conversation(self, name: str, at: datetime, text: str = "Hej", /, **values: Any) -> str:
        """Make a conversation in a browser that was all at one time."""
        seconds = at.timestamp()
        self.put("chat_conversations", **{"conversation": name, "began": seconds, "seen": seconds, **values})
        self.session(name, at, (text,))
        self.said(name, at, text)
        self.put("resume_codes", conversation=name, hash=name, expires=NOW.timestamp() + 1e8)
        self.put("notice_told", notice=9, conversation=name, channel=WEB, told=at)
        return name

    def teams_conversation(self, name: str, *times: datetime) -> str:
        """Make one in Teams, with a session at each time."""
        self.put("teams_conversations", conversation=name, tenant="t", user=f"29:{name}", told=len(times))
        for at in times:
            self.session(name, at, (f"Hej {at:%Y-%m-%d}",))
            self.said(name, at, f"Hej {at:%Y-%m-%d}")
        return name

    def case(self, at: datetime, conversation: str = "", status: str = "new", **values: Any) -> int:
        """Store a case as it was made at a time, and stood since."""
        self._next += 1
        key = f"{self._next:032x}"
        problem = values.pop("problem", "Sidan kan inte visas")
        contact = values.pop("contact", FULL.contact)
        draft = replace(FULL, problem=problem, contact=contact)
        desks = values.pop("desks", ())
        self.cases._clock = self.cases.outbox._clock = lambda: at
        stored = self.cases.create(
            NewCase(key, draft, conversation, values.pop("channel", WEB), desks, f"Brev {problem}")
        )
        self.set("cases", f"id = {stored.id}", **{"created": at, "changed": at, "status": status, **values})
        return stored.id

    def delivered(self, case: int, at: datetime, ref: str = "4711") -> None:
        """Let a service desk have all letters of a case."""
        self.set("outbox", f"case_id = {case}", state="delivered", delivered=at, ref=ref, number=ref)

    def logged(self, *times: datetime) -> None:
        """Write entries to the audit log."""
        for at in times:
            self.clock.now = at
            self.audit.add(Actor("id-aasa", "Åsa Lind"), "view", 1)
        self.clock.now = NOW

    def look(self, *kinds: str, now: Optional[datetime] = None) -> Dict[str, int]:
        """Return how much would go of each kind of which something would."""
        return _counts(list(look(self.settings, self.engine, now or NOW, kinds)))

    def purge(self, *kinds: str, now: Optional[datetime] = None) -> Dict[str, int]:
        """Purge; return how much went."""
        outcomes = purge(self.settings, self.engine, now or NOW, COMMAND, kinds)
        assert not any(outcome.failed for outcome in outcomes)
        return _counts(outcomes)


def _counts(outcomes: Sequence[Outcome]) -> Dict[str, int]:
    return {outcome.kind.name: outcome.rows for outcome in outcomes if outcome.rows}


def _empty(kind: Any) -> Any:
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, (sa.Integer, sa.Float, sa.Numeric)):
        return 0
    if isinstance(kind, sa.DateTime):
        return NOW
    return b"" if isinstance(kind, sa.LargeBinary) else ""
