"""What the desk does with a case: each change with its event, its entry in the audit log, and what the user hears."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Callable

import pytest

from lotsen.audit.log import Actor
from lotsen.cases.case import CaseDraft, Category, Level, Priority, Status
from lotsen.cases.history import HANDED_BACK, TOOK_OVER
from lotsen.cases.queue import View
from lotsen.cases.store import NewCase
from lotsen.cases.work import Conflict, Impossible, Resolution
from lotsen.privacy.masking import TOKEN
from tests.cases.desk import AASA, OMAR, Stores
from tests.cases.made import NOW, NUMBER

Change = Callable[[Stores, int, int], None]


@pytest.fixture
def desk(database_url: str) -> Stores:
    """A desk without cases."""
    return Stores(database_url)


def audited(desk: Stores) -> "list[tuple[str, str, int | None, str]]":
    """Return the audit log, oldest first: who, what, which case, what else."""
    return [(entry.actor.id, entry.action, entry.case, entry.detail) for entry in desk.audit.read()][::-1]


def test_a_new_case(desk: Stores) -> None:
    """Nobody has it, and it is due in eight hours."""
    case = desk.case(category="login")
    found = desk.get(case.id)
    assert found.case == case
    assert (found.version, found.status, found.level) == (1, Status.NEW, Level.NORMAL)
    assert (found.category, found.due) == (Category("login", "Login"), NOW + timedelta(hours=8))
    assert (found.assignee, found.resolution, found.merged_into, found.duplicates) == (None, None, None, ())
    assert (found.notice, found.answered, found.reasons) == (None, False, ())
    assert desk.work.get(99) is None


def test_take(desk: Stores) -> None:
    """A new case is open then, and its user hears that somebody is at work."""
    desk.case()
    desk.work.take(1, 1, AASA)
    found = desk.get(1)
    assert (found.assignee, found.status, found.version) == (AASA, Status.OPEN, 2)
    assert desk.events(1) == [("confirmed", ""), ("taken", ""), ("status", "open")]
    assert [event.author for event in desk.cases.history.of(1)] == ["", "Åsa Lind", "Åsa Lind"]
    assert desk.told("web-1") == [("status", "open")]
    assert audited(desk) == [("id-aasa", "take", 1, "")]


def test_taking_what_one_has_changes_nothing(desk: Stores) -> None:
    """Neither version nor history; another agent may take it over."""
    desk.case()
    desk.work.take(1, 1, AASA)
    desk.work.take(1, 2, AASA)
    assert (desk.version(1), len(desk.events(1)), len(audited(desk))) == (2, 3, 1)
    desk.work.take(1, 2, OMAR)
    assert desk.get(1).assignee == OMAR
    assert desk.told("web-1") == [("status", "open")]


def test_assign(desk: Stores) -> None:
    """To somebody, and back to the queue; the history has the name, the audit log the id."""
    desk.case()
    desk.work.assign(1, 1, AASA, OMAR)
    assert (desk.get(1).assignee, desk.get(1).status, desk.listed()) == (OMAR, Status.NEW, [])
    desk.work.assign(1, 2, AASA, None)
    assert (desk.get(1).assignee, desk.listed()) == (None, [1])
    desk.work.assign(1, 3, AASA, None)
    assert desk.events(1)[1:] == [("assigned", "Omar Haddad"), ("assigned", "")]
    assert audited(desk) == [("id-aasa", "assign", 1, "id-omar"), ("id-aasa", "assign", 1, "")]


def test_level(desk: Stores) -> None:
    """When it is due follows from when it came."""
    desk.case()
    desk.clock.tick(hours=1)
    desk.work.set_level(1, 1, AASA, Level.URGENT)
    found = desk.get(1)
    assert (found.level, found.due) == (Level.URGENT, NOW + timedelta(minutes=15))
    assert found.case.draft.priority.level is Level.NORMAL
    assert desk.events(1)[1:] == [("level", "urgent")]


def test_due_is_counted_in_open_hours(database_url: str) -> None:
    """At 20:00 on a Thursday nobody is there: somebody looks on Friday morning."""
    desk = Stores(database_url, hours="mon-fri 08:00-16:00")
    desk.clock.tick(hours=11)
    desk.case()
    desk.work.set_level(1, 1, AASA, Level.HIGH)
    assert desk.get(1).due == datetime(2026, 11, 27, 9, 0, tzinfo=timezone.utc)
    desk.heard(1)
    desk.work.set_level(1, desk.version(1), AASA, Level.URGENT)
    assert desk.get(1).due == datetime(2026, 11, 27, 7, 15, tzinfo=timezone.utc)


def test_category(desk: Stores) -> None:
    """What it is about can be put right; what the user confirmed stays."""
    desk.case(category="login")
    desk.work.set_category(1, 1, AASA, Category("cache", "Rensa cache", "Teknik"))
    assert desk.get(1).category == Category("cache", "Rensa cache", "Teknik")
    assert desk.cases.get(1).draft.category.id == "login"  # type: ignore[union-attr]
    assert desk.listed(category="cache") == [1]
    assert desk.queue.choices()["category"] == ["cache", "login"]
    assert desk.events(1)[1:] == [("category", "Rensa cache")]


def test_a_note_needs_no_version(desk: Stores) -> None:
    """It changes nothing that others have looked at, and its text is only in the case."""
    desk.case()
    desk.work.note(1, AASA, f"  Ringt om {NUMBER}.  ")
    assert desk.version(1) == 1
    assert desk.events(1)[1:] == [("note", f"Ringt om {TOKEN}.")]
    assert audited(desk) == [("id-aasa", "note", 1, "")]
    assert desk.told("web-1") == []


def test_reply(desk: Stores) -> None:
    """The user hears it in their channel; that somebody is at work they need not hear beside it."""
    desk.case(channel="teams")
    desk.work.reply(1, 1, AASA, f"Hej! Pröva igen, {NUMBER}.")
    assert desk.cases.history.take_untold("teams", desk.clock()) == ["teams-1"]
    assert desk.told("teams-1") == [("reply", f"Hej! Pröva igen, {TOKEN}.")]
    assert desk.get(1).status is Status.OPEN
    assert desk.events(1)[1:] == [("reply", f"Hej! Pröva igen, {TOKEN}."), ("status", "open")]


def test_asking_and_the_answer(desk: Stores) -> None:
    """The case waits; when the user has answered it is open and due anew, and stands out until somebody acts."""
    desk.case()
    desk.work.take(1, 1, AASA)
    desk.work.reply(1, 2, AASA, "Vilken webbläsare?", ask=True)
    assert (desk.get(1).status, desk.listed(View.WAITING)) == (Status.WAITING, [1])
    assert desk.told("web-1")[1:] == [("reply", "Vilken webbläsare?"), ("status", "waiting")]
    desk.clock.tick(hours=20)
    desk.heard(1, f"Edge, {NUMBER}")
    found = desk.get(1)
    assert (found.status, found.answered, found.version) == (Status.OPEN, True, 4)
    assert found.due == desk.clock() + timedelta(hours=8)
    assert desk.events(1)[-2:] == [("said", f"Edge, {TOKEN}"), ("status", "open")]
    assert len(desk.told("web-1")) == 3
    with pytest.raises(Conflict) as caught:
        desk.work.resolve(1, 3, AASA, Resolution.NO_ANSWER)
    assert [event.kind for event in caught.value.since] == ["said", "status"]
    desk.work.note(1, AASA, "Läst.")
    assert desk.get(1).answered is False


def test_resolve(desk: Stores) -> None:
    """The last word is a reply; then the user hears how it ended."""
    desk.case()
    desk.work.resolve(1, 1, AASA, Resolution.ANSWERED, "Det ska vara så.")
    found = desk.get(1)
    assert (found.status, found.resolution) == (Status.RESOLVED, Resolution.ANSWERED)
    assert desk.told("web-1") == [("reply", "Det ska vara så."), ("status", "resolved")]
    assert desk.events(1)[1:] == [("reply", "Det ska vara så."), ("resolution", "answered"), ("status", "resolved")]
    assert audited(desk) == [("id-aasa", "resolve", 1, "answered")]


def test_not_ours(desk: Stores) -> None:
    """Then the case is rejected."""
    desk.case()
    desk.work.resolve(1, 1, AASA, Resolution.NOT_OURS)
    assert desk.get(1).status is Status.REJECTED
    assert desk.told("web-1") == [("status", "rejected")]


def test_a_status_is_not_told_twice(desk: Stores) -> None:
    """What a service desk says afterwards is no news."""
    desk.case()
    desk.work.resolve(1, 1, AASA, Resolution.SOLVED)
    desk.status(1, Status.RESOLVED)
    assert (desk.version(1), desk.get(1).resolution) == (2, Resolution.SOLVED)
    desk.status(1, Status.OPEN)
    assert (desk.version(1), desk.get(1).resolution, desk.listed(View.OVER)) == (3, None, [])


def test_reopen(desk: Stores) -> None:
    """It is open, without how it ended, and due anew; its user hears that somebody is at work."""
    desk.case()
    desk.work.resolve(1, 1, AASA, Resolution.SOLVED)
    desk.clock.tick(days=2)
    desk.work.reopen(1, 2, OMAR)
    found = desk.get(1)
    assert (found.status, found.resolution, found.due) == (Status.OPEN, None, desk.clock() + timedelta(hours=8))
    assert desk.told("web-1") == [("status", "resolved"), ("status", "open")]


def test_an_answer_opens_what_was_over(desk: Stores) -> None:
    """Who writes that it still does not work must be seen."""
    desk.case()
    desk.work.resolve(1, 1, AASA, Resolution.SOLVED)
    desk.heard(1)
    assert (desk.get(1).status, desk.get(1).resolution, desk.listed()) == (Status.OPEN, None, [1])


def test_forward(desk: Stores) -> None:
    """A letter for that desk is in the outbox, masked; the same desk gets it once."""
    desk.case()
    desk.work.forward(1, 1, AASA, "zammad", f"Ärende {NUMBER}")
    assert [(letter.desk, letter.text) for letter in desk.cases.outbox.of(1)] == [("zammad", f"Ärende {TOKEN}")]
    with pytest.raises(Impossible, match="already_sent"):
        desk.work.forward(1, 2, AASA, "zammad", "Ärende")
    desk.work.forward(1, 2, AASA, "email", "Ärende")
    assert [event.desk for event in desk.cases.history.of(1)[1:]] == ["zammad", "email"]
    assert desk.version(1) == 3


def test_link(desk: Stores) -> None:
    """Part of a disturbance, with that as a reason; and no longer."""
    desk.case(priority=Priority(Level.HIGH, ("several",)))
    desk.work.link(1, 1, AASA, 7)
    assert (desk.get(1).notice, desk.get(1).reasons) == (7, ("several", "disturbance"))
    desk.work.link(1, 2, AASA, None)
    assert (desk.get(1).notice, desk.get(1).reasons) == (None, ("several",))
    assert desk.events(1)[1:] == [("linked", "7"), ("linked", "")]


def test_a_case_from_text(desk: Stores) -> None:
    """It has no user to tell; made once, however often the form is sent, and due by the desk's minutes."""
    new = NewCase(
        "f" * 32, CaseDraft(f"Ringde om {NUMBER}", priority=Priority(Level.HIGH)), "", "desk", ("email",), "x"
    )
    case = desk.work.create(AASA, new)
    assert desk.work.create(AASA, new) == case
    assert case.draft.problem == f"Ringde om {TOKEN}"
    assert desk.get(case.id).due == NOW + timedelta(hours=2)
    assert [(event.kind, event.author) for event in desk.cases.history.of(case.id)] == [("confirmed", "Åsa Lind")]
    assert [letter.desk for letter in desk.cases.outbox.of(case.id)] == ["email"]
    assert audited(desk) == [("id-aasa", "create", case.id, "")]
    with pytest.raises(Impossible, match="nobody_to_tell"):
        desk.work.reply(case.id, 1, AASA, "Hej!")
    desk.work.resolve(case.id, 1, AASA, Resolution.SOLVED, "Ringt upp.")
    assert desk.events(case.id)[1:] == [("note", "Ringt upp."), ("resolution", "solved"), ("status", "resolved")]


def test_speaking_live(desk: Stores) -> None:
    """What both say is kept; while the desk has the conversation, its own forms are not out of date for that."""
    desk.case()
    desk.work.take(1, 1, AASA)
    with desk.engine.begin() as connection:
        desk.cases.history.add(connection, 1, TOOK_OVER, desk.clock(), author="Åsa Lind")
        desk.work.heard(connection, 1, f"Jag är {NUMBER}")
        desk.work.said_live(connection, 1, AASA, f"Hej {NUMBER}")
    assert desk.events(1)[-2:] == [("said", f"Jag är {TOKEN}"), ("live", f"Hej {TOKEN}")]
    assert (desk.version(1), desk.get(1).answered) == (2, False)
    assert desk.told("web-1") == [("status", "open")]
    assert audited(desk)[-1] == ("id-aasa", "live", 1, "")
    with desk.engine.begin() as connection:
        desk.cases.history.add(connection, 1, HANDED_BACK, desk.clock(), author="Åsa Lind")
        desk.work.heard(connection, 1, "En sak till")
    assert (desk.version(1), desk.get(1).answered) == (3, True)


CHANGES: "dict[str, Change]" = {
    "take": lambda desk, case, version: desk.work.take(case, version, OMAR),
    "assign": lambda desk, case, version: desk.work.assign(case, version, AASA, OMAR),
    "level": lambda desk, case, version: desk.work.set_level(case, version, AASA, Level.HIGH),
    "category": lambda desk, case, version: desk.work.set_category(case, version, AASA, Category("x", "X")),
    "reply": lambda desk, case, version: desk.work.reply(case, version, AASA, "Hej"),
    "ask": lambda desk, case, version: desk.work.reply(case, version, AASA, "Hej?", ask=True),
    "resolve": lambda desk, case, version: desk.work.resolve(case, version, AASA, Resolution.SOLVED, "Klart"),
    "forward": lambda desk, case, version: desk.work.forward(case, version, AASA, "email", "x"),
    "link": lambda desk, case, version: desk.work.link(case, version, AASA, 3),
    "merge": lambda desk, case, version: desk.work.merge(case, version, AASA, 2),
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_old_version_changes_nothing(name: str, desk: Stores) -> None:
    """Whoever has not seen what happened gets to see it; the case, its history and the audit log are as before."""
    desk.case()
    desk.case()
    desk.work.note(1, AASA, "Före.")
    desk.work.set_level(1, 1, OMAR, Level.URGENT)
    desk.work.note(1, OMAR, "Efter.")
    before = (desk.get(1), desk.get(2), desk.events(1), desk.events(2), audited(desk), desk.cases.outbox.of(1))
    for version in (1, 3, -1):
        with pytest.raises(Conflict) as caught:
            CHANGES[name](desk, 1, version)
        if version == 1:
            assert [(event.kind, event.author) for event in caught.value.since][-2:] == [
                ("level", "Omar Haddad"),
                ("note", "Omar Haddad"),
            ]
    after = (desk.get(1), desk.get(2), desk.events(1), desk.events(2), audited(desk), desk.cases.outbox.of(1))
    assert after == before
    assert desk.audit.read()[0].action == "note"


@pytest.mark.parametrize("name", CHANGES)
def test_no_such_case(name: str, desk: Stores) -> None:
    """That is told apart from an old version."""
    with pytest.raises(Impossible, match="no_such_case"):
        CHANGES[name](desk, 99, 1)
    assert audited(desk) == []


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_all_or_nothing(name: str, desk: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the audit log cannot be written, nothing has happened."""
    desk.case()
    desk.case()
    before = (desk.get(1), desk.events(1), desk.events(2), desk.cases.outbox.of(1))
    monkeypatch.setattr(desk.audit, "_append", lambda *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        CHANGES[name](desk, 1, 1)
    assert (desk.get(1), desk.events(1), desk.events(2), desk.cases.outbox.of(1)) == before


@pytest.mark.parametrize("name", ["take", "assign", "resolve", "merge"])
def test_what_is_over_is_opened_first(name: str, desk: Stores) -> None:
    """Some changes make no sense then."""
    desk.case()
    desk.case()
    desk.work.resolve(1, 1, AASA, Resolution.SOLVED)
    with pytest.raises(Impossible, match="case_over"):
        CHANGES[name](desk, 1, 2)
    assert desk.version(1) == 2


def test_what_cannot_be(desk: Stores) -> None:
    """Opening what is open, and saying nothing."""
    desk.case()
    with pytest.raises(Impossible, match="case_not_over"):
        desk.work.reopen(1, 1, AASA)
    for say in (lambda: desk.work.reply(1, 1, AASA, " \n"), lambda: desk.work.note(1, AASA, "")):
        with pytest.raises(Impossible, match="missing_text"):
            say()
    assert desk.version(1) == 1


def test_asking_opens_what_was_over(desk: Stores) -> None:
    """A reply does not, a question does."""
    desk.case()
    desk.work.resolve(1, 1, AASA, Resolution.SOLVED)
    desk.work.reply(1, 2, AASA, "Tack för svaret.")
    assert desk.get(1).status is Status.RESOLVED
    desk.work.reply(1, 3, AASA, "Gick det bra?", ask=True)
    assert (desk.get(1).status, desk.get(1).resolution) == (Status.WAITING, None)


def test_who_has_no_name(desk: Stores) -> None:
    """Is called by the id, and a very long name is cut in the case."""
    desk.case()
    desk.work.take(1, 1, Actor("id-x", ""))
    assert desk.get(1).assignee == Actor("id-x", "id-x")
    desk.work.take(1, 2, Actor("id-y", "y" * 500))
    assert desk.get(1).assignee == Actor("id-y", "y" * 200)
