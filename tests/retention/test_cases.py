"""Cases: a delivered one loses its text, one that is worked on here keeps it, what is long over goes."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from lotsen.cases.history import DELIVERED, REPLY, SAID, TAKEN
from lotsen.retention.cases import PURGED, emptied
from tests.cases.made import FULL, NOW
from tests.retention.made import World

DAY = timedelta(days=1)


def _event(world: World, case: int, kind: str, days: int, text: str = "Ring 070-174 06 35", **values: object) -> None:
    with world.engine.begin() as connection:
        world.cases.history.add(connection, case, kind, NOW - days * DAY, "email", text, **values)  # type: ignore[arg-type]


def test_what_is_left_of_a_delivered_case(world: World) -> None:
    """Number, time, category, priority and the desk's own number stay; what the user wrote stands nowhere any more."""
    at = NOW - 8 * DAY
    case = world.case(at, "t", problem="Sidan visar Moas sida", desks=("email", "webhook"))
    world.delivered(case, at, "RT 4711")
    _event(world, case, DELIVERED, 8, "RT 4711")
    _event(world, case, SAID, 8)
    _event(world, case, REPLY, 8, "Vi har ringt Moa", external="1")
    _event(world, case, REPLY, 8, "Har du provat igen, Moa?", external="2", tell=("t", "teams"))
    _event(world, case, REPLY, 1, "Är allt bra, Moa?", external="3")
    assert world.look() == world.purge() == {"letters": 3}
    with world.engine.connect() as connection:
        rows = {
            table: str([list(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}")])
            for table in ("cases", "case_words", "outbox", "case_choices", "case_events")
        }
    kept = rows.pop("case_events")
    for word in ("Moa", "moa", "Psyk norr", "070", "Ta ut kortet", "SE2321000016"):
        assert word not in "".join(rows.values()), word
    assert "RT 4711" in kept
    assert "provat igen" in kept
    assert "allt bra" in kept
    assert "070" not in kept
    assert "ringt" not in kept
    stored = world.cases.get(case)
    assert stored is not None
    assert (stored.created, stored.number) == (at, "LOT-000001")
    assert (stored.draft.problem, stored.draft.priority, stored.draft.category) == (
        PURGED,
        FULL.priority,
        FULL.category,
    )
    assert [letter.receipt and letter.receipt.number for letter in world.cases.outbox.of(case)] == ["RT 4711"] * 2
    assert sorted(row.word for row in world.rows("case_words")) == ["000001", "1"]
    assert world.purge() == {}
    assert world.purge("letters", now=NOW + 7 * DAY) == {"letters": 1}


@pytest.mark.parametrize("reason", ["one waits", "nobody else has it", "somebody has it", "somebody has worked on it"])
def test_a_case_that_is_nowhere_else_keeps_its_text(reason: str, world: World) -> None:
    """Nothing that was confirmed is lost."""
    at = NOW - 300 * DAY
    case = world.case(at, desks=() if reason == "nobody else has it" else ("email", "webhook"))
    world.delivered(case, at)
    if reason == "one waits":
        world.set("outbox", "desk = 'webhook'", state="dead", delivered=None)
    elif reason == "somebody has it":
        world.set("cases", f"id = {case}", assignee="omar")
    elif reason == "somebody has worked on it":
        _event(world, case, TAKEN, 300, "", author="Omar")
    assert world.look() == world.purge() == {}


def test_who_takes_it_meanwhile_finds_it_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look and the emptying somebody at the triage desk may begin."""
    from lotsen.retention.cases import Delivered

    case = world.case(NOW - 8 * DAY, desks=("email",))
    world.delivered(case, NOW - 8 * DAY)
    find = Delivered.find

    def take(self: Delivered, *arguments: object) -> object:
        found = find(self, *arguments)  # type: ignore[arg-type]
        world.set("cases", f"id = {case}", assignee="omar", version=2)
        return found

    monkeypatch.setattr(Delivered, "find", take)
    assert world.purge("letters") == {}
    assert "Psyk norr" in world.rows("cases")[0].body


def test_a_case_that_is_over_goes_with_all_that_hangs_on_it(world: World) -> None:
    """Also where a desk never said how it stands, once its text is gone."""
    at = NOW - 731 * DAY
    over, lost, open_still = (world.case(at, status=one, desks=("email",)) for one in ("resolved", "new", "open"))
    world.delivered(lost, at)
    world.set("case_events", "1 = 1", at=at)
    assert world.purge() == {"letters": 1, "cases": 2}
    assert [row.id for row in world.rows("cases")] == [open_still]
    for table in ("case_events", "case_words", "outbox"):
        assert {row.case_id for row in world.rows(table)} == {open_still}, table
    assert over != open_still


def test_something_new_keeps_it(world: World) -> None:
    """The time is counted from the last thing that happened."""
    case = world.case(NOW - 800 * DAY, status="resolved")
    world.set("case_events", "1 = 1", at=NOW - 800 * DAY)
    _event(world, case, SAID, 729)
    assert world.purge() == {}
    assert world.purge(now=NOW + 2 * DAY) == {"cases": 1}


def test_duplicates_go_together(world: World) -> None:
    """A duplicate hears what is answered in the other, so neither goes before both may."""
    at = NOW - 800 * DAY
    main, young = world.case(at, status="resolved"), world.case(at, status="resolved")
    world.set("case_events", "1 = 1", at=at)
    world.set("cases", f"id = {young}", merged_into=main, changed=NOW)
    assert world.purge() == {}
    world.set("cases", f"id = {young}", changed=at)
    assert world.purge() == {"cases": 1}
    assert not world.count("cases")


def test_a_disturbance_stays_as_long_as_its_cases(world: World) -> None:
    """Reports of it name it."""
    at = NOW - 800 * DAY
    world.put("notices", kind="a", ends=at)
    case = world.case(at, status="resolved", notice=1)
    world.set("case_events", "1 = 1", at=NOW)
    assert world.purge() == {}
    world.set("case_events", "1 = 1", at=at)
    assert world.purge() == {"cases": 2}
    assert case == 1


def test_emptying_is_done_once() -> None:
    """What is emptied is as it was when it is emptied again, and can be read as a case."""
    once = emptied(FULL.to_json())
    assert emptied(once) == once
    assert FULL.contact.email not in json.dumps(once)
