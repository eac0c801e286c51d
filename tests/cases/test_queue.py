"""The queue: which cases each list has, in which order, page by page; what they are filtered and found by."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.cases.case import Contact, Level, Priority, Status
from lotsen.cases.queue import PAGE, Filter, Queue, View
from lotsen.cases.work import Resolution
from lotsen.storage.database import open_engine
from tests.cases.desk import AASA, OMAR, Stores
from tests.cases.made import FULL, NOW


@pytest.fixture
def desk(database_url: str) -> Stores:
    """An empty queue."""
    return Stores(database_url)


def test_an_empty_queue(desk: Stores) -> None:
    """Every list is empty, and there is nothing to filter by."""
    for view in View:
        assert desk.queue.page(Filter(view=view, me=AASA.id)) == desk.queue.page(Filter(view=view, text="x"))
        assert desk.listed(view, me=AASA.id) == []
    assert set(desk.queue.counts(AASA.id).values()) == {0}
    assert desk.queue.choices() == {"category": [], "guide": [], "unit": [], "channel": []}
    assert desk.queue.similar(1) == ((), ())
    assert desk.queue.latest_change() == desk.queue.latest_change(1) == 0


def test_a_row(desk: Stores) -> None:
    """What the list shows of a case."""
    case = desk.case(
        "Sidan\nkan inte visas",
        Level.URGENT,
        category="login",
        tried=FULL.tried,
        contact=Contact(unit="  Psyk   norr "),
        priority=Priority(Level.URGENT, ("patient_waits", "several")),
    )
    (row,) = desk.queue.page(Filter()).rows
    assert (row.id, row.number, row.problem, row.category) == (case.id, "LOT-000001", "Sidan kan inte visas", "Login")
    assert (row.status, row.level, row.reasons) == (Status.NEW, Level.URGENT, ("patient_waits", "several"))
    assert (row.created, row.changed, row.due) == (NOW, NOW, NOW + timedelta(minutes=15))
    assert (row.assignee, row.assignee_name, row.unit, row.channel) == ("", "", "Psyk norr", "web")
    assert row.answered is False
    assert desk.queue.choices() == {
        "category": ["login"],
        "guide": ["login"],
        "unit": ["Psyk norr"],
        "channel": ["web"],
    }


def test_urgent_cases_first_and_old_ones_overtake(desk: Stores) -> None:
    """By the moment when somebody should have looked: 15 minutes, 2 hours, 8 hours after they came."""
    old = desk.case(level=Level.NORMAL)
    desk.clock.tick(hours=7, minutes=30)
    high, urgent, normal = (desk.case(level=level).id for level in (Level.HIGH, Level.URGENT, Level.NORMAL))
    assert desk.listed() == [urgent, old.id, high, normal]
    assert desk.listed(View.OPEN) == [urgent, old.id, high, normal]


def test_which_list_a_case_is_in(desk: Stores) -> None:
    """One for each way that it can stand; mine are those that are not over, whatever they wait for."""
    new, mine, his, waiting, solved, rejected, duplicate = (desk.case().id for _ in range(7))
    for id in (mine, waiting, solved, rejected):
        desk.work.take(id, 1, AASA)
    desk.work.take(his, 1, OMAR)
    desk.work.reply(waiting, 2, AASA, "Vilken webbläsare?", ask=True)
    desk.clock.tick(minutes=1)
    desk.work.resolve(solved, 2, AASA, Resolution.SOLVED)
    desk.clock.tick(minutes=1)
    desk.work.resolve(rejected, 2, AASA, Resolution.NOT_OURS)
    desk.work.merge(duplicate, 1, AASA, his)
    assert desk.listed() == [new]
    assert desk.listed(View.MINE, me=AASA.id) == [mine, waiting]
    assert desk.listed(View.MINE) == []
    assert desk.listed(View.OPEN) == [new, mine, his, waiting]
    assert desk.listed(View.WAITING) == [waiting]
    assert desk.listed(View.OVER) == [rejected, solved]
    counts = desk.queue.counts(AASA.id)
    assert {view: counts[view] for view in View} == {
        View.NEW: 1,
        View.MINE: 2,
        View.OPEN: 4,
        View.WAITING: 1,
        View.OVER: 2,
    }


def test_a_service_desk_that_has_begun_takes_it_off_the_new_ones(desk: Stores) -> None:
    """Somebody works with it there. Given back to the queue, or answered by its user, it is a new one again."""
    case = desk.case().id
    desk.status(case, Status.OPEN)
    assert (desk.listed(), desk.listed(View.OPEN)) == ([], [case])
    desk.work.assign(case, desk.version(case), AASA, None)
    assert desk.listed() == [case]
    desk.status(case, Status.RESOLVED)
    assert (desk.listed(), desk.listed(View.OVER)) == ([], [case])
    desk.heard(case)
    assert desk.listed() == [case]


def test_filters(desk: Stores) -> None:
    """By category, guide, unit and channel, alone and together; what no case has gives an empty list."""
    first = desk.case(category="login", unit="BUP Solna", channel="web").id
    second = desk.case(category="login", unit="Rehab", channel="teams", tried=FULL.tried).id
    desk.case(category="cache", unit="Rehab", channel="web")
    assert desk.listed(category="login") == [first, second]
    assert desk.listed(unit="BUP Solna") == [first]
    assert desk.listed(channel="teams") == [second] == desk.listed(guide="login")
    assert desk.listed(category="login", unit="Rehab", channel="teams", guide="login", text="sidan") == [second]
    assert desk.listed(category="login", unit="BUP") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("LOT-000002", [2]),
        ("lot-2", [2]),
        ("2", [2]),
        ("åsenmott", [2]),
        ("ÅSENMOTTAGNINGEN", [2]),
        ("asenmottagningen", []),
        ("sidan", [1, 2]),
        ("sid vis", [1]),
        ("vis sid", [1]),
        ("sidan 070-174 06 35", [2]),
        ("moa@example", [2]),
        ("e4711", [2]),
        ("edge", []),
        ("sidan xyz", []),
        ("'; DROP TABLE cases; --", []),
        ("%", [1, 2]),
    ],
)
def test_free_text(text: str, found: List[int], desk: Stores) -> None:
    """Every word must begin a word of the case; the letters of Swedish are letters of their own."""
    desk.case("Sidan kan inte visas")
    contact = Contact("070-174 06 35", "moa@example.se", "Moa Berg", "Åsenmottagningen")
    desk.case("Hela sidan är vit", contact=contact, facts={"error_text": "Fel E4711", "browser": "Edge 142"})
    assert desk.listed(text=text) == found


def test_every_case_is_on_one_page(desk: Stores) -> None:
    """Page after page, each case comes once, although more come in between and several are due at one moment."""
    ids = [desk.case(level=level).id for level in (Level.NORMAL, Level.HIGH, Level.URGENT) for _ in range(5)]
    seen: List[int] = []
    after = ""
    while True:
        page = desk.queue.page(Filter(), after, limit=4)
        seen += [row.id for row in page.rows]
        desk.clock.tick(minutes=1)
        desk.case(level=Level.URGENT) if not after else None
        if not page.next:
            break
        after = page.next
    assert sorted(set(seen) & set(ids)) == ids
    assert len(seen) == len(set(seen))
    assert seen[:5] == ids[10:]


def test_pages_of_what_is_over(desk: Stores) -> None:
    """The latest first, and the last page says that there is none after it."""
    ids = []
    for _ in range(5):
        ids.append(desk.case().id)
        desk.work.resolve(ids[-1], 1, AASA, Resolution.SOLVED)
        desk.clock.tick(minutes=1)
    first = desk.queue.page(Filter(view=View.OVER), limit=3)
    second = desk.queue.page(Filter(view=View.OVER), first.next, limit=3)
    assert [row.id for row in (*first.rows, *second.rows)] == ids[::-1]
    assert second.next == ""
    assert desk.queue.page(Filter(view=View.OVER), limit=5).next == ""


def test_a_page_has_fifty_rows(desk: Stores) -> None:
    """No more, and words that all have make no difference."""
    for _ in range(PAGE + 1):
        desk.case()
    for wanted in (Filter(), Filter(text="sidan kan")):
        page = desk.queue.page(wanted)
        assert len(page.rows) == PAGE
        assert len(desk.queue.page(wanted, page.next).rows) == 1


@pytest.mark.parametrize(
    "key", ["x", "1", "_", "1_", "_1", "1_x", "1_1 ", "１_1", "999999999999999999_1", "1_9999999999", "' OR 1"]
)
def test_a_place_that_is_none(key: str) -> None:
    """Whatever stands in the address is either a place in the list or refused."""
    queue = Queue(Stores("sqlite://").engine)
    with pytest.raises(ValueError, match="no place in a list"):
        queue.page(Filter(), key)


@given(st.text(max_size=30))
def test_any_place(key: str) -> None:
    """Nothing else than ``ValueError`` comes of one."""
    with contextlib.suppress(ValueError):
        assert _EMPTY.page(Filter(), key).rows == ()


_EMPTY = Stores("sqlite://").queue


def test_cases_alike(desk: Stores) -> None:
    """Those with rare words in common come first, open ones apart from those that are over; duplicates are left out."""
    for number in range(3):
        desk.case(f"Något helt annat {number}", category="other")
    code = desk.case("Fel E4711 i sömndagboken", category="diary").id
    topic = desk.case("Den sparas inte", category="diary").id
    solved = desk.case("Åter E4711 i sömndagboken", category="diary").id
    merged = desk.case("E4711", category="diary").id
    desk.work.resolve(solved, 1, AASA, Resolution.SOLVED)
    desk.work.merge(merged, 1, AASA, code)
    asked = desk.case("Nu kommer E4711 när sömndagboken sparas", category="diary").id
    live, over = desk.queue.similar(asked)
    assert [row.id for row in live] == [code, topic]
    assert [row.id for row in over] == [solved]
    assert [row.id for row in desk.queue.similar(asked, limit=1)[0]] == [code]


def test_the_latest_change(desk: Stores) -> None:
    """It grows with whatever happens, for all cases and for the one."""
    first, second = desk.case().id, desk.case().id
    before = desk.queue.latest_change()
    desk.work.note(second, AASA, "Ringt, inget svar.")
    assert desk.queue.latest_change() == desk.queue.latest_change(second) > before
    assert desk.queue.latest_change(first) < before


def test_another_process_sees_the_same(desk: Stores, database_url: str) -> None:
    """The queue is what the database has."""
    desk.case()
    other = Queue(open_engine(database_url))
    assert other.page(Filter()) == desk.queue.page(Filter())
