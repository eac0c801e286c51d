"""From the previous release's database to this one: nothing is lost, and today's code goes on with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

import pytest
import sqlalchemy as sa

from lotsen.cases.store import CaseStore
from lotsen.channels.chat.log import ChatLog
from lotsen.cli import main
from lotsen.outbox.deliverer import Deliverer
from lotsen.outbox.outbox import DELIVERED, WAITING
from lotsen.outbox.pace import Pace
from lotsen.storage import revision, schema
from lotsen.storage.database import open_engine
from tests.outbox.made import ToldDesk
from tests.storage import releases

AT_ONCE = Pace(settle=0.0, first=0.0, idle=0.01, poll=0.01)
DESK = "webhook"


@pytest.fixture(params=releases.RELEASES)
def release(request: pytest.FixtureRequest, database_url: str) -> str:
    """A release whose database is in ``database_url``."""
    releases.load(request.param, database_url)
    return str(request.param)


def rows(engine: sa.engine.Engine) -> Dict[str, List[Any]]:
    """Return every row of every table."""
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        return {
            name: sorted((dict(row) for row in connection.execute(sa.select(table)).mappings()), key=repr)
            for name, table in metadata.tables.items()
        }


def test_every_row_is_kept(release: str, database_url: str) -> None:
    """Each value stands where it stood; what is new is empty."""
    engine = open_engine(database_url)
    before = rows(engine)
    assert schema.upgrade(database_url)
    after = rows(engine)
    assert sum(map(len, before.values())) > 100
    for name, were in before.items():
        kept = [{column: row[column] for column in were[0]} for row in after[name]] if were else after[name]
        assert sorted(kept, key=repr) == were, name
    assert all(after[name] == [] for name in after.keys() - before.keys() - {revision.VERSION_TABLE})


def test_the_commands_read_it(
    release: str,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Before the upgrade they say what to do; after it cases are listed, and the audit log is whole."""
    monkeypatch.setenv("LOTSEN_DATABASE_URL", database_url)
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(tmp_path))
    known = releases.known(release)
    assert main(["migrate", "--check"]) == 1
    assert main(["cases", "list"]) == 1
    assert capsys.readouterr().err.count("lotsen migrate") == 2
    assert main(["migrate"]) == 0
    assert main(["migrate", "--check"]) == 0
    capsys.readouterr()
    assert main(["cases", "list"]) == 0
    listed = capsys.readouterr().out
    assert known["delivered"]["number"] in listed
    assert known["waiting"]["number"] in listed
    assert main(["audit", "verify"]) == 0
    assert main(["audit", "show"]) == 0
    assert "Åsa Lind" in capsys.readouterr().out


@pytest.mark.asyncio
async def test_a_waiting_letter_is_delivered(release: str, database_url: str) -> None:
    """The case whose desk was down before the upgrade reaches it afterwards, with its conversation."""
    schema.upgrade(database_url)
    engine, desk = open_engine(database_url), ToldDesk()
    store, case = CaseStore(engine), int(releases.known(release)["waiting"]["number"][4:])
    assert [letter.state for letter in store.outbox.of(case)] == [WAITING]
    with engine.begin() as connection:
        store.outbox.retry(connection, case)
    assert await Deliverer(engine, {DESK: desk}, 3, AT_ONCE).deliver_next(DESK)
    assert [letter.state for letter in store.outbox.of(case)] == [DELIVERED]
    stored = store.get(case)
    assert stored is not None
    assert ChatLog(engine).after(stored.conversation, 0)
