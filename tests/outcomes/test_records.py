"""The record of runs on a real SQLite file: one row for each run, read back as it was written, masked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, List, Tuple

import pytest
import sqlalchemy as sa

from lotsen.guides.model import Outcome, Status
from lotsen.guides.run import StepOutcome
from lotsen.outcomes.records import RunRecords
from lotsen.privacy.masking import TOKEN
from lotsen.storage.database import open_engine
from tests.outcomes.made import BEGAN, DONE, FAILED, SOLVED, STOP, walk


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of an SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'new' / 'lotsen.db'}"


@pytest.fixture
def records(url: str) -> RunRecords:
    """An empty record."""
    return RunRecords(open_engine(url))


def test_a_run_is_read_back(records: RunRecords) -> None:
    """Every column and what is kept beside them is what the run was."""
    run = replace(walk("two", [FAILED, DONE]), facts={"browser": "Edge"})
    records.write(run, "web-1", "teams")
    (kept,) = records.all()
    assert (kept.id, kept.conversation, kept.channel, kept.guide) == ("r", "web-1", "teams", "two")
    assert (kept.version, kept.status, kept.place) == (run.version, Status.ACTIVE, ("two", "again"))
    assert (kept.began, kept.touched, kept.ended) == (BEGAN, BEGAN + timedelta(seconds=20), None)
    assert kept.outcomes == (
        StepOutcome("two", "reload", Outcome.FAILED, 10.0),
        StepOutcome("two", "log_out", Outcome.DONE, 10.0),
    )
    assert (kept.reason, kept.facts) == (None, {"browser": "Edge"})
    assert records.of("r") == kept
    assert records.of("another") is None


def test_a_run_is_one_row(records: RunRecords) -> None:
    """Writing a run again, also the same state twice, leaves one row with the last state."""
    for replies in ([], [FAILED], [FAILED], [FAILED, DONE, SOLVED]):
        records.write(walk("two", replies), "web-1", "web")
    (kept,) = records.all()
    assert (kept.status, kept.ended) == (Status.RESOLVED, BEGAN + timedelta(seconds=30))
    assert [outcome.step for outcome in kept.outcomes] == ["reload", "log_out", "again"]


def test_going_back_takes_outcomes_out(records: RunRecords) -> None:
    """The record equals the run as it is now, also when that has fewer outcomes than before."""
    records.write(walk("two", [FAILED, DONE]), "web-1", "web")
    records.write(walk("two", []), "web-1", "web")
    (kept,) = records.all()
    assert kept.outcomes == ()


def test_what_a_user_wrote_is_masked(records: RunRecords, tmp_path: Path) -> None:
    """A personal identity number in a note or a fact never reaches the file."""
    note = StepOutcome("two", "reload", Outcome.NOTED, 1.0, "pat 19121212-1212")
    run = replace(walk("two", []), outcomes=(note,), facts={"error_text": "19121212-1212"})
    records.write(run, "web-1", "web")
    (kept,) = records.all()
    assert (kept.outcomes[0].value, kept.facts) == (f"pat {TOKEN}", {"error_text": TOKEN})
    assert all(b"1212-1212" not in path.read_bytes() for path in (tmp_path / "new").iterdir())


def test_left_runs_are_closed(records: RunRecords) -> None:
    """Only runs that are open and were last touched before the limit are abandoned, at that time; once."""
    records.write(walk("two", [FAILED], run_id="left"), "web-1", "web")
    records.write(walk("two", [FAILED, DONE], run_id="later"), "web-2", "web")
    records.write(walk("two", [SOLVED], run_id="solved"), "web-3", "web")
    limit = BEGAN + timedelta(seconds=15)
    assert records.close_left(limit) == 1
    assert records.close_left(limit) == 0
    assert {record.id: record.status for record in records.all()} == {
        "left": Status.ABANDONED,
        "later": Status.ACTIVE,
        "solved": Status.RESOLVED,
    }
    left = records.of("left")
    assert left is not None
    assert left.ended == BEGAN + timedelta(seconds=10)


def test_an_abandoned_run_can_go_on(records: RunRecords) -> None:
    """What was counted as abandoned is open again when the user's next move is written."""
    records.write(walk("two", []), "web-1", "web")
    assert records.close_left(BEGAN + timedelta(days=3)) == 1
    records.write(walk("two", [FAILED]), "web-1", "web")
    (kept,) = records.all()
    assert (kept.status, kept.ended) == (Status.ACTIVE, None)


def test_since_and_order(records: RunRecords) -> None:
    """Runs come oldest first, from the moment asked for, whatever its time zone."""
    for day in (2, 0, 1):
        run = walk("two", [], run_id=f"day{day}")
        records.write(replace(run, began=run.began + 86400 * day), "web-1", "web")
    assert [record.id for record in records.all()] == ["day0", "day1", "day2"]
    swedish = datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=1)))
    assert [record.id for record in records.all(swedish)] == ["day1", "day2"]


def test_conversations_that_failed(records: RunRecords) -> None:
    """Each conversation with a hand-off in the guide, at the moment or later, comes once; nothing else does."""
    failed = walk("two", [FAILED, DONE, FAILED], run_id="a")
    assert failed.status is Status.HANDOFF
    for conversation, run in {
        "failed": failed,
        "solved": walk("two", [FAILED, DONE, SOLVED]),
        "stopped": walk("two", [FAILED, STOP]),
        "open": replace(walk("two", [FAILED, DONE]), handed_off=True),
        "other guide": walk("cache", [DONE, FAILED]),
    }.items():
        records.write(replace(run, id=conversation), conversation, "web")
    records.write(replace(failed, id="again"), "failed", "web")
    ended = BEGAN + timedelta(seconds=30)
    assert records.conversations_failed("two", BEGAN) == ["failed"]
    assert records.conversations_failed("two", ended.astimezone(timezone(timedelta(hours=1)))) == ["failed"]
    assert records.conversations_failed("two", ended + timedelta(microseconds=1)) == []
    assert records.conversations_failed("cache", BEGAN) == ["other guide"]


def test_a_run_closed_late_failed_when_it_was_left(records: RunRecords) -> None:
    """Closing what was left long ago is no failure now: it ended when it was last touched."""
    records.write(replace(walk("two", [FAILED]), handed_off=True), "web-1", "web")
    assert records.close_left(BEGAN + timedelta(days=3)) == 1
    assert records.conversations_failed("two", BEGAN + timedelta(seconds=10)) == ["web-1"]
    assert records.conversations_failed("two", BEGAN + timedelta(seconds=11)) == []


def test_failures_are_found_by_an_index(records: RunRecords, url: str) -> None:
    """However many runs there are, only the latest hand-offs are read."""
    engine = open_engine(url)
    asked: List[Tuple[str, Any]] = []
    sa.event.listen(
        engine, "before_cursor_execute", lambda c, u, statement, values, *_: asked.append((statement, values))
    )
    RunRecords(engine).conversations_failed("two", BEGAN)
    statement, values = asked[-1]
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    assert "guide_runs_open (status=? AND touched>?)" in str(plan)


def test_another_process_reads_it(records: RunRecords, url: str) -> None:
    """A second engine on the same file sees what the first wrote."""
    records.write(walk("two", [FAILED]), "web-1", "web")
    assert RunRecords(open_engine(url)).all() == records.all()
