"""Duplicates: they stand as the case that they are merged into, and their users hear what is answered there, once."""

from __future__ import annotations

import pytest

from lotsen.cases.case import Status
from lotsen.cases.queue import View
from lotsen.cases.work import Conflict, Impossible, Resolution
from tests.cases.desk import AASA, Stores


@pytest.fixture
def desk(database_url: str) -> Stores:
    """Three cases; the second is merged into the first, which somebody has."""
    desk = Stores(database_url)
    for _ in range(3):
        desk.case()
    desk.work.take(1, 1, AASA)
    desk.work.merge(2, 1, AASA, 1)
    return desk


def test_merged(desk: Stores) -> None:
    """Both know of each other; the duplicate stands as the other, its user hears of that, and no list shows it."""
    assert desk.get(1).duplicates == (2,)
    assert (desk.get(2).merged_into, desk.get(2).status) == (1, Status.OPEN)
    assert desk.events(1)[-1] == ("absorbed", "LOT-000002")
    assert desk.events(2)[1:] == [("merged", "LOT-000001"), ("status", "open")]
    assert desk.told("web-2") == [("status", "open")]
    assert desk.listed(View.OPEN) == [1, 3]
    assert [(entry.action, entry.case) for entry in desk.audit.read()[:2]] == [("absorb", 1), ("merge", 2)]


def test_whoever_answers_has_seen_who_hears_it(desk: Stores) -> None:
    """The case that got a duplicate has another version, too."""
    with pytest.raises(Conflict) as caught:
        desk.work.reply(1, 2, AASA, "Hej")
    assert [(event.kind, event.text) for event in caught.value.since] == [("absorbed", "LOT-000002")]


def test_both_users_hear_the_answer(desk: Stores) -> None:
    """Under the number of their own case; the end of it, too."""
    desk.work.reply(1, 3, AASA, "Vi tittar på det.")
    desk.work.resolve(1, 4, AASA, Resolution.SOLVED, "Nu går det.")
    heard = [("reply", "Vi tittar på det."), ("reply", "Nu går det."), ("status", "resolved")]
    assert desk.told("web-1")[1:] == heard
    assert desk.told("web-2")[1:] == heard
    assert (desk.get(2).status, desk.get(2).version) == (Status.RESOLVED, 4)
    assert desk.listed(View.OVER) == [1]


def test_who_has_both_cases_hears_it_once(desk: Stores) -> None:
    """The same conversation is told under one number."""
    again = desk.case(conversation="web-1").id
    desk.work.merge(again, 1, AASA, 1)
    before = len(desk.told("web-1"))
    desk.work.reply(1, desk.version(1), AASA, "Hej")
    assert desk.told("web-1")[before:] == [("reply", "Hej")]
    assert desk.events(again)[-1] == ("reply", "Hej")


def test_a_case_without_a_user_answers_those_of_its_duplicates(desk: Stores) -> None:
    """As the one that leads a disturbance does."""
    lead = desk.case(channel="system", conversation=" ").id
    with desk.engine.begin() as connection:
        connection.execute("UPDATE cases SET conversation = '' WHERE id = 4")
    desk.work.merge(3, 1, AASA, lead)
    desk.work.reply(lead, desk.version(lead), AASA, "Det är lagat.")
    assert desk.told("web-3") == [("reply", "Det är lagat.")]
    assert desk.events(lead)[-2] == ("reply", "Det är lagat.")


def test_what_its_user_says_is_seen_in_the_other_case(desk: Stores) -> None:
    """In both histories; the case that is worked with waits no more."""
    desk.work.reply(1, 3, AASA, "Går det nu?", ask=True)
    desk.heard(2, "Nej.")
    assert ("said", "Nej.") in desk.events(2)
    assert ("said", "LOT-000002: Nej.") in desk.events(1)
    assert (desk.get(1).status, desk.get(1).answered, desk.get(2).status) == (Status.OPEN, True, Status.OPEN)


def test_duplicates_of_a_duplicate(desk: Stores) -> None:
    """When the case is itself merged, its duplicates go with it."""
    desk.work.merge(1, 3, AASA, 3)
    assert desk.get(3).duplicates == (1, 2)
    assert (desk.get(1).duplicates, desk.get(2).merged_into, desk.get(2).status) == ((), 3, Status.NEW)
    assert desk.events(2)[-2:] == [("merged", "LOT-000003"), ("status", "new")]
    desk.work.reply(3, desk.version(3), AASA, "Hej")
    assert [desk.told(f"web-{number}")[-1] for number in (1, 2, 3)] == [("reply", "Hej")] * 3


def test_a_service_desk_says_how_it_stands(desk: Stores) -> None:
    """That is so for the duplicates, too."""
    desk.status(1, Status.WAITING)
    assert (desk.get(2).status, desk.get(2).version) == (Status.WAITING, 3)


def test_taken_apart(desk: Stores) -> None:
    """A duplicate that was none is a case of its own again, in the queue; it hears no more of the other."""
    desk.work.reopen(2, desk.version(2), AASA)
    assert (desk.get(2).merged_into, desk.get(2).status, desk.get(1).duplicates) == (None, Status.OPEN, ())
    assert desk.listed() == [2, 3]
    assert desk.events(1)[-1] == ("separated", "LOT-000002")
    assert desk.events(2)[-1] == ("separated", "LOT-000001")
    before = desk.told("web-2")
    desk.work.reply(1, desk.version(1), AASA, "Hej")
    assert desk.told("web-2") == before


@pytest.mark.parametrize(
    ("case", "into", "why"),
    [(1, 1, "merge_same"), (1, 99, "merge_unknown"), (3, 2, "merge_duplicate"), (2, 3, "case_merged")],
)
def test_what_cannot_be_merged(case: int, into: int, why: str, desk: Stores) -> None:
    """Nothing is written then."""
    before = desk.events(case)
    with pytest.raises(Impossible, match=why):
        desk.work.merge(case, desk.version(case), AASA, into)
    assert desk.events(case) == before


def test_merging_into_what_is_over(desk: Stores) -> None:
    """Its user would hear nothing more."""
    desk.work.resolve(3, 1, AASA, Resolution.SOLVED)
    with pytest.raises(Impossible, match="merge_over"):
        desk.work.merge(1, 3, AASA, 3)


def test_a_duplicate_is_worked_with_in_the_other_case(desk: Stores) -> None:
    """Notes are all that it takes."""
    version = desk.version(2)
    with pytest.raises(Impossible, match="case_merged"):
        desk.work.take(2, version, AASA)
    with pytest.raises(Impossible, match="case_merged"):
        desk.work.reply(2, version, AASA, "Hej")
    desk.work.note(2, AASA, "Samma fel.")
    assert desk.events(2)[-1] == ("note", "Samma fel.")
