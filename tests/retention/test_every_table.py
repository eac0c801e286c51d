"""No table is forgotten: each is part of a kind, or is kept for ever for a reason that is written down."""

from __future__ import annotations

import re
from typing import Set

import pytest
from sqlalchemy.engine import Engine

from lotsen.retention.plan import KINDS
from lotsen.retention.tables import AUDIT, EXEMPT
from lotsen.settings import ROOT
from tests.retention.made import World
from tests.support.running import RunningLotsen

pytestmark = pytest.mark.xdist_group("retention running")

DATABASES_OWN = {"sqlite_sequence"}
_TABLE = re.compile(r'sa\.Table\(\s*"(\w+)"')


def known() -> Set[str]:
    """Return the tables that the plan knows."""
    covered = {table for kind in KINDS for part in kind.parts for table in part.tables}
    return {*covered, AUDIT.name, *EXEMPT}


def test_those_of_a_running_lotsen(own_lotsen: RunningLotsen) -> None:
    """What its processes have made."""
    own_lotsen.command("purge", "--dry-run")
    made = {name for (name,) in own_lotsen.query("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"events", "chat_messages", "cases", "desk_sessions"} <= made
    assert made - known() <= DATABASES_OWN


def test_those_that_the_code_makes() -> None:
    """Also where nobody has opened the page that makes them."""
    made = {name for path in (ROOT / "lotsen").rglob("*.py") for name in _TABLE.findall(path.read_text("utf-8"))}
    assert {"asked_readings", "guide_timers"} <= made
    migrations = {name for name in made if name.startswith("_")}
    assert made - migrations - known() == set()


def test_each_reason_is_a_tables(world: World) -> None:
    """A table that is gone is no exception any more. Alembic and the web channel make two that no purge looks at."""
    made = set(world.tables.tables)
    assert set(EXEMPT) - made <= {"lotsen_schema", "widget_versions"}
    assert known() - set(EXEMPT) <= made


def test_what_the_plan_reads_is_there(world: World) -> None:
    """Every column that the purge looks at is a column of the table."""
    import sqlalchemy as sa

    from lotsen.retention import tables

    engine: Engine = world.engine
    inspected = sa.inspect(engine)
    for one in vars(tables).values():
        if isinstance(one, sa.sql.TableClause):
            there = {column["name"] for column in inspected.get_columns(one.name)}
            assert {column.name for column in one.columns} <= there, one.name
