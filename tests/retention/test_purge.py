"""What is too old goes, and nothing else: each kind with rows just inside and just outside its limit."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Callable, Dict, Tuple

from lotsen.settings import Keep
from tests.cases.made import NOW
from tests.retention.made import MINUTE, World


def _question(world: World, name: str, at: datetime) -> None:
    world.put("asked", conversation=name, channel="web", at=at, text=name, words=name, kind="answered")
    world.put("asked_readings", text=hashlib.sha256(name.encode()).hexdigest())


def _rating(world: World, name: str, at: datetime) -> None:
    world.put("feedback", conversation=name, message=1, answer="a", rating="up", comment=name, created=at)


def _run(world: World, name: str, at: datetime) -> None:
    world.put("guide_runs", id=name, conversation=name, touched=at, status="active", body="{}")


def _case(world: World, name: str, at: datetime) -> None:
    world.case(at, problem=name, status="resolved")
    world.set("case_events", "case_id = (SELECT max(id) FROM cases)", at=at)


def _notice(world: World, name: str, at: datetime) -> None:
    world.put("notices", kind=name, ends=at)


def _delivered(world: World, name: str, at: datetime) -> None:
    world.delivered(world.case(at, problem=name, desks=("email",)), at)


def _person(world: World, name: str, at: datetime) -> None:
    world.put("desk_people", id=name, seen=at)


def _log_file(world: World, name: str, at: datetime) -> None:
    path = world.settings.data_dir / "logs" / f"{name}.log.2026-01-01.1"
    path.parent.mkdir(exist_ok=True)
    path.write_text("rad\n", encoding="utf-8")
    os.utime(path, (at.timestamp(), at.timestamp()))


Make = Callable[[World, str, datetime], object]
KINDS: Dict[str, Tuple[str, int, Make, str]] = {
    "a conversation": ("conversations", 30, World.web_conversation, "SELECT conversation FROM chat_messages"),
    "its events": ("conversations", 30, World.session, "SELECT sender_id FROM events"),
    "one in Teams": ("conversations", 30, World.teams_conversation, "SELECT conversation FROM teams_conversations"),
    "a question": ("questions", 180, _question, "SELECT text FROM asked"),
    "a rating": ("questions", 180, _rating, "SELECT comment FROM feedback"),
    "a run": ("runs", 365, _run, "SELECT id FROM guide_runs"),
    "a delivered case": ("letters", 7, _delivered, "SELECT text FROM outbox"),
    "a case": ("cases", 730, _case, "SELECT problem FROM cases"),
    "a notice": ("cases", 730, _notice, "SELECT kind FROM notices"),
    "somebody at the desk": ("staff", 730, _person, "SELECT id FROM desk_people"),
    "a log file": ("logs", 14, _log_file, ""),
}


def test_just_inside_and_just_outside(world: World) -> None:
    """What is a minute too old goes, what has a minute left stays; a dry run says so before; again nothing goes."""

    def left(query: str) -> str:
        if not query:
            return " ".join(path.name for path in (world.settings.data_dir / "logs").iterdir())
        with world.engine.connect() as connection:
            return " ".join(str(row[0]) for row in connection.exec_driver_sql(query))

    for name, (kind, days, make, query) in KINDS.items():
        old, young = f"{name} gammal", f"{name} ung"
        make(world, old, world.before(days) - MINUTE)
        make(world, young, world.before(days) + MINUTE)
        assert world.look() == {kind: 1}, name
        assert old in left(query)
        assert world.purge() == {kind: 1}, name
        assert young in left(query)
        assert old not in left(query)
        assert world.look() == world.purge() == {}, name
    entries = [(row.kind, row.rows) for row in world.rows("deletions", "kind <> 'nothing'")]
    assert entries == [(kind, 1) for kind, *_ in KINDS.values()]


def test_never(world: World) -> None:
    """0 days is for ever, but for what is of no use to anybody."""
    world.settings = replace(world.settings, keep=Keep(0, 0, 0, 0, 0, 0, 0))
    for kind, _, make, _ in KINDS.values():
        make(world, f"{kind}{make.__name__}", NOW - timedelta(days=5000))
    world.logged(NOW - timedelta(days=5000))
    gone = world.web_conversation("avslutat", NOW - timedelta(days=1))
    world.web.end(gone)
    assert world.look() == {"ended": 1}
    assert world.purge() == {"ended": 1}
    assert not world.count("events", "sender_id = 'avslutat'")


def test_a_question_keeps_the_reading_that_another_needs(world: World) -> None:
    """What the model made of a wording goes with the last question that has it."""
    _question(world, "Hur loggar jag in", world.before(180) - MINUTE)
    world.put("asked", conversation="b", at=NOW, text="Hur loggar jag in", words="Hur loggar jag in", kind="answered")
    assert world.purge() == {"questions": 1}
    assert (world.count("asked"), world.count("asked_readings")) == (1, 1)
    assert world.purge(now=NOW + timedelta(days=181)) == {"questions": 1}
    assert (world.count("asked"), world.count("asked_readings")) == (0, 0)


def test_one_kind_only(world: World) -> None:
    """Others are left alone."""
    _run(world, "a", NOW - timedelta(days=400))
    _question(world, "b", NOW - timedelta(days=400))
    assert world.purge("runs") == {"runs": 1}
    assert world.look() == {"questions": 1}


def test_leftovers(world: World) -> None:
    """Codes, sign-ins, sessions and counted guesses go when they have run out."""
    second = timedelta(seconds=1)
    for name, over in (("a", True), ("b", False)):
        sign = -second if over else second
        world.put("resume_codes", conversation=name, hash=name, expires=(NOW + sign).timestamp())
        world.put("desk_sign_ins", state=name, expires=NOW + sign)
        world.put("desk_guesses", who=name, last=NOW - timedelta(days=1) + sign)
        world.put("desk_sessions", token=name, used=NOW - timedelta(days=7) + sign)
    assert world.purge() == {"leftovers": 4}
    for table in ("resume_codes", "desk_sign_ins", "desk_guesses", "desk_sessions"):
        assert "a" not in [row[0] for row in world.rows(table)]
        assert world.count(table) == 1


def test_a_handler_with_a_case_stays(world: World) -> None:
    """Who has a case that is not over is somebody that the desk must know by name."""
    _person(world, "omar", NOW - timedelta(days=800))
    case = world.case(NOW, assignee="omar")
    assert world.look() == {}
    world.set("cases", f"id = {case}", status="resolved")
    assert world.purge() == {"staff": 1}


def test_the_audit_log(world: World) -> None:
    """Loses its oldest part, and says so itself."""
    world.logged(NOW - timedelta(days=800), NOW - timedelta(days=731), NOW - timedelta(days=729), NOW)
    assert world.look() == {"audit": 2}
    assert world.purge() == {"audit": 2}
    assert [entry.action for entry in world.audit.read()] == ["purge", "view", "view"]
    assert world.purge() == {}
