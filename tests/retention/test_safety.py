"""What is deleted is gone, a purge that is killed can be run again, two at once delete once, and nothing young goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Dict, List, Tuple

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lotsen.audit.verify import verify
from lotsen.clock import utc_now
from lotsen.retention.deletions import LEASE, DeletionLog
from lotsen.retention.schedule import due
from lotsen.settings import ROOT, Settings
from lotsen.storage.database import open_engine
from tests.cases.made import NOW
from tests.retention.made import MINUTE, World
from tests.retention.test_purge import KINDS

SECRET = "hemligheten om Moa"
DAY = timedelta(days=1)


def _bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("lotsen.db*")))


def test_what_is_deleted_is_not_in_the_file(tmp_path: Path) -> None:
    """Nor in the write-ahead log, in any encoding that it was stored in."""
    world = World(f"sqlite:///{tmp_path / 'lotsen.db'}", tmp_path)
    for number in range(40):
        world.web_conversation(f"gammalt-{number}", NOW - 31 * DAY, f"{SECRET} {number} " + "x" * 3000)
        world.delivered(world.case(NOW - 8 * DAY, problem=SECRET, desks=("email",)), NOW - 8 * DAY)
    world.web_conversation("nytt", NOW, "ung text")
    assert SECRET.encode() in _bytes_of(tmp_path)
    assert world.purge() == {"conversations": 40, "letters": 40}
    for word in (SECRET, "hemligheten", "gammalt-7", "Moas"):
        assert word.encode() not in _bytes_of(tmp_path), word
    assert b"ung text" in _bytes_of(tmp_path)


def _command(world: World, folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start ``lotsen purge``."""
    env = {**os.environ, "LOTSEN_DATABASE_URL": world.url, "LOTSEN_DATA_DIR": str(folder)}
    words = [sys.executable, "-m", "lotsen.cli", "purge", *arguments]
    return subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, encoding="utf-8")


def test_killed_in_the_middle(world: World, tmp_path: Path) -> None:
    """Whole transactions are left behind, the deletion log tells of each, and the next purge goes on."""
    old = utc_now() - 400 * DAY
    rows = [
        {"conversation": f"c{number}", "channel": "web", "at": old, "text": f"t{number}"} for number in range(20_000)
    ]
    empty = {"words": "", "kind": "answered", "intent": "", "confidence": 0.0, "suggestions": "", "model": ""}
    asked = world.tables.tables["asked"]
    with world.engine.begin() as connection:
        connection.execute(asked.insert(), [{**row, **empty} for row in rows])
    purge = _command(world, tmp_path, "--kind", "questions")
    until = time.monotonic() + 60
    while world.count("deletions") == 0:
        assert time.monotonic() < until
        assert purge.poll() is None
    purge.send_signal(signal.SIGKILL)
    purge.communicate()
    left = world.count("asked")
    (entry,) = world.rows("deletions")
    assert 0 < left < len(rows)
    assert entry.rows == len(rows) - left
    again = _command(world, tmp_path, "--kind", "questions")
    out, _ = again.communicate(timeout=120)
    assert (again.returncode, f"{left}  frågor och betyg" in out) == (0, True)
    assert world.count("asked") == 0


def test_two_at_once(world: World, tmp_path: Path) -> None:
    """Each row is deleted and counted once."""
    for number in range(60):
        world.web_conversation(f"w{number}", utc_now() - 60 * DAY)
        world.put("guide_runs", id=str(number), touched=utc_now() - 400 * DAY, body="{}")
    world.logged(*(utc_now() - 900 * DAY for _ in range(5)), utc_now())
    purges = [_command(world, tmp_path) for _ in range(2)]
    assert [purge.communicate(timeout=120) and purge.returncode for purge in purges] == [0, 0]
    counted: Dict[str, int] = {}
    for row in world.rows("deletions"):
        counted[row.kind] = counted.get(row.kind, 0) + row.rows
    counted.pop("nothing", None)
    assert counted == {"conversations": 60, "runs": 60, "audit": 5}
    assert world.count("events") + world.count("guide_runs") == 0
    assert verify(world.engine).whole


def test_of_several_machines_one_purges(world: World, tmp_path: Path) -> None:
    """The day is taken by one; when it was killed another takes it after a while."""
    world.put("guide_runs", id="a", touched=utc_now() - 400 * DAY, body="{}")
    assert due(world.settings, world.engine, utc_now())
    purges = [_command(world, tmp_path, "--scheduled") for _ in range(2)]
    said = sorted(purge.communicate(timeout=120)[0] for purge in purges)
    assert [purge.returncode for purge in purges] == [0, 0]
    assert said == [
        "Dagens gallring är gjord, eller görs av en annan process.\n",
        "Gallrat: 1 vandringar genom guider.\n",
    ]
    assert not due(world.settings, world.engine, utc_now())


def test_when_it_is_due(world: World) -> None:
    """Once a day from its time on, at the next start when Lotsen was off, and never when that is set."""
    night = datetime(2026, 11, 27, 2, 15, tzinfo=timezone.utc)  # 03:15 in Stockholm.
    log = DeletionLog(world.engine)

    def is_due(at: datetime) -> bool:
        return due(world.settings, world.engine, at)

    assert is_due(night - MINUTE)
    assert log.claim("2026-11-26", night - MINUTE)
    log.done("2026-11-26", night - MINUTE)
    assert not is_due(night - MINUTE)
    assert is_due(night)
    assert log.claim("2026-11-27", night)
    assert not log.claim("2026-11-27", night + MINUTE)
    assert not is_due(night + MINUTE)
    assert is_due(night + LEASE + MINUTE)
    assert log.claim("2026-11-27", night + LEASE + MINUTE)
    log.done("2026-11-27", night + LEASE + 2 * MINUTE)
    assert not is_due(night + DAY - MINUTE)
    assert is_due(night + 5 * DAY)
    never = Settings.read({"LOTSEN_PURGE_AT": "never", "LOTSEN_DATABASE_URL": world.url})
    assert not due(never, world.engine, night)


def test_before_there_is_a_table(tmp_path: Path) -> None:
    """It is due; a database that cannot be read is an error."""
    here = Settings.read({})
    assert due(here, open_engine(f"sqlite:///{tmp_path / 'lotsen.db'}"), NOW)
    with pytest.raises(sa.exc.SQLAlchemyError):
        due(here, sa.create_engine("postgresql://nobody@127.0.0.1:1/none"), NOW)


ROW = st.tuples(st.sampled_from(sorted(KINDS)), st.integers(0, 800), st.integers(-1, 1))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, max_size=8), later=st.integers(0, 60))
def test_never_anything_young(rows: List[Tuple[str, int, int]], later: int, own: World) -> None:
    """Whatever is there: all that is older than its limit goes, all that is younger stays, and again nothing goes."""
    own.empty(own.settings.data_dir)
    for path in (own.settings.data_dir / "logs").glob("*"):
        path.unlink()
    now = NOW + later * DAY
    expected: Dict[str, int] = {}
    for place, (name, extra, sign) in enumerate(rows):
        kind, days, make, _ = KINDS[name]
        at = now - days * DAY + (extra % 5) * sign * DAY - MINUTE
        make(own, f"{name} {place}", at)
        expected[kind] = expected.get(kind, 0) + (sign * (extra % 5) <= 0)
    expected = {kind: count for kind, count in expected.items() if count}
    assert own.look(now=now) == expected
    assert own.purge(now=now) == expected
    assert own.look(now=now) == own.purge(now=now) == {}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A database for what Hypothesis makes."""
    folder = tmp_path_factory.mktemp("own")
    return World(f"sqlite:///{folder / 'lotsen.db'}", folder)
