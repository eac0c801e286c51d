"""The queue page: which cases stand where and why, how lists are narrowed down and paged, and who takes what."""

from __future__ import annotations

import asyncio
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Callable, List
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from lotsen.cases.case import Category, Impact, Level, Status
from lotsen.cases.hours import DeskHours, read_hours
from lotsen.cases.queue import PAGE, Filter, Row, View
from lotsen.cases.work import Resolution
from lotsen.desk import changes
from lotsen.desk.pages import queue as page
from lotsen.desk.queue_words import FIELDS, address, lines_of, opening, wanted_of
from lotsen.desk.services import Desk
from lotsen.desk.who import Role
from lotsen.settings import Settings
from tests.desk.filled import add_case
from tests.desk.parsed import Parsed
from tests.support.desk import csrf, send

Client = Callable[..., TestClient]
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=timezone.utc)


def shown(client: TestClient, address: str = "/queue") -> List[str]:
    """Return the numbers of the cases in a list, in order."""
    return re.findall(r"data-open>(LOT-\d+)<", client.get(address).text)


def words(client: TestClient, address: str = "/queue") -> str:
    """Return what a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(address).text.split("<main")[1].split("</main>")[0]).split())


def test_the_most_urgent_is_first_with_its_reasons_in_words(desk: Desk, as_agent: TestClient) -> None:
    """A patient who waits is before several users, and they before one; each says why, not by colour alone."""
    one, several, patient = (
        add_case(desk, impact=impact) for impact in (Impact.ONE, Impact.SEVERAL, Impact.PATIENT_WAITS)
    )
    assert shown(as_agent) == [patient.number, several.number, one.number]
    said = words(as_agent)
    for part in ("▲ Brådskande Patient väntar", "◆ Hög Flera drabbade", "○ Normal", "Psyk norr", "Webbchatt", "Inom"):
        assert part in said


def test_each_list_has_its_cases_and_its_count(desk: Desk, as_agent: TestClient) -> None:
    """A case moves from list to list as it is worked on, and the tabs count along."""
    new, mine, waits, over = (add_case(desk, problem=f"Ärende {count}") for count in range(4))
    me = desk.sessions.staff()[0]
    for case in (mine, waits, over):
        desk.work.take(case.id, 1, me)
    desk.work.reply(waits.id, desk.work.get(waits.id).version, me, "Vilken webbläsare?", ask=True)
    desk.work.resolve(over.id, desk.work.get(over.id).version, me, Resolution.SOLVED)
    assert shown(as_agent) == [new.number]
    assert set(shown(as_agent, "/queue?view=mine")) == {mine.number, waits.number}
    assert set(shown(as_agent, "/queue?view=open")) == {new.number, mine.number, waits.number}
    assert shown(as_agent, "/queue?view=waiting") == [waits.number]
    assert shown(as_agent, "/queue?view=over") == [over.number]
    said = words(as_agent)
    for part in ("Nya ( 1 )", "Mina ( 2 )", "Alla öppna ( 3 )", "Väntar på användaren ( 1 )", "Avslutade ( 1 )"):
        assert part in said
    assert "<title>(1) Kö –" in as_agent.get("/queue").text
    assert "Du" in words(as_agent, "/queue?view=mine").split()


def test_a_case_that_its_user_has_answered_says_so(desk: Desk, as_agent: TestClient) -> None:
    """What is new in a case that waited stands in its row."""
    case, me = add_case(desk), desk.sessions.staff()[0]
    desk.work.take(case.id, 1, me)
    assert "Användaren har svarat" not in words(as_agent, "/queue?view=mine")
    with desk.engine.begin() as connection:
        desk.work.heard(connection, case.id, "Edge")
    assert "Användaren har svarat" in words(as_agent, "/queue?view=mine")


def test_lists_are_narrowed_down_and_say_so(desk: Desk, as_agent: TestClient) -> None:
    """Each filter does what it says, all tabs keep it, and it can be cleared with one link."""
    card = Category("card_reader", "Kortläsaren", "Inloggning")
    first = add_case(desk, "Kortet läses inte", unit="BUP söder", channel="teams", category=card)
    add_case(desk, "Sidan är tom")
    for query in (
        "category=card_reader",
        "unit=BUP+s%C3%B6der",
        "channel=teams",
        "text=kort+l%C3%A4ses",
        "text=LOT-000001",
    ):
        assert shown(as_agent, f"/queue?{query}") == [first.number]
    said = words(as_agent, "/queue?unit=BUP+s%C3%B6der&text=kortet")
    assert "Urval: enheten ”BUP söder”, sökorden ”kortet”. 1 ärende." in said
    page = as_agent.get("/queue?unit=BUP+s%C3%B6der&text=kortet").text
    assert page.count("unit=BUP+s%C3%B6der&amp;text=kortet") >= 5
    assert 'href="/queue?view=new">Rensa urvalet' in page
    assert '<option value="BUP söder" selected>' in page
    assert "Inget ärende i listan passar urvalet." in words(as_agent, "/queue?text=finnsinte")
    assert '<option value="Gone" selected>' in as_agent.get("/queue?unit=Gone").text


def test_pages_follow_each_other_without_a_gap(desk: Desk, as_agent: TestClient) -> None:
    """The next page begins after the last row of this one; every case is there once; n leads on."""
    made = {add_case(desk).number for _ in range(PAGE + 3)}
    first = as_agent.get("/queue").text
    link = re.search(r'href="([^"]+)" id="queue-next" data-key="n"', first)
    assert link is not None
    second = link[1].replace("&amp;", "&")
    assert (len(shown(as_agent)), len(shown(as_agent, second))) == (PAGE, 3)
    assert set(shown(as_agent)) | set(shown(as_agent, second)) == made
    assert "queue-first" in as_agent.get(second).text
    assert "Fler än 50 ärenden." in words(as_agent, "/queue?unit=Psyk+norr")


@pytest.mark.parametrize("key", ["x", "1_2_3", "-99999999999999999_1", "²_1", "%00"])
def test_a_page_that_there_is_not_leads_to_the_first(desk: Desk, as_agent: TestClient, key: str) -> None:
    """An old or broken link shows the list from its beginning, and says so once."""
    answer = as_agent.get(f"/queue?view=open&unit=Psyk&after={key}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue?view=open&unit=Psyk")
    assert "Sidan i listan finns inte längre." in words(as_agent, answer.headers["location"])
    assert "Sidan i listan finns inte längre." not in words(as_agent, answer.headers["location"])


def test_take_next_takes_the_most_urgent_and_opens_it(desk: Desk, as_agent: TestClient) -> None:
    """One press: the case is mine, open, in the audit log, and on the screen."""
    add_case(desk)
    urgent = add_case(desk, impact=Impact.PATIENT_WAITS)
    answer = send(as_agent, "/queue/next", page="/queue")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{urgent.id}")
    held = desk.work.get(urgent.id)
    assert held is not None
    assert (held.assignee.id, held.status) == ("agent", Status.OPEN)
    assert [(entry.action, entry.case) for entry in desk.audit.read(limit=1)] == [("take", urgent.id)]
    assert f"Du har tagit {urgent.number}." in words(as_agent)


def test_take_next_stays_within_what_is_shown(desk: Desk, as_agent: TestClient) -> None:
    """Who has narrowed the list down gets a case of that; if there is none, no other is taken."""
    add_case(desk, impact=Impact.PATIENT_WAITS)
    wanted = add_case(desk, unit="BUP söder")
    assert send(as_agent, "/queue/next", unit="BUP söder").headers["location"] == f"/cases/{wanted.id}"
    answer = send(as_agent, "/queue/next", unit="BUP söder")
    assert answer.headers["location"].startswith("/queue?view=new&unit=BUP")
    assert "Inget nytt ärende passar ditt urval." in words(as_agent, answer.headers["location"])


def test_an_empty_queue_says_so_kindly(desk: Desk, as_agent: TestClient) -> None:
    """There is nothing to take, and every list says that it is empty in its own words."""
    answer = send(as_agent, "/queue/next", page="/queue")
    assert answer.headers["location"] == "/queue?view=new"
    assert "Kön är tom." in words(as_agent)
    empty = {
        "new": "Allt är taget",
        "mine": "Du har inga",
        "open": "Inga öppna",
        "waiting": "Inget ärende väntar",
        "over": "än.",
    }
    for view, part in empty.items():
        assert part in words(as_agent, f"/queue?view={view}")


def test_whoever_is_second_gets_the_next_case(
    desk: Desk, as_agent: TestClient, as_lead: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another agent takes the case between our look and our press: we get the one after it."""
    first, second = add_case(desk, impact=Impact.PATIENT_WAITS), add_case(desk)
    real, quicker = desk.work.take, desk.sessions.staff()[1]

    def late(case: int, version: int, actor: object) -> None:
        if case == first.id and desk.work.get(case).assignee is None:
            real(case, version, quicker)
        real(case, version, actor)

    monkeypatch.setattr(desk.work, "take", late)
    assert send(as_agent, "/queue/next", page="/queue").headers["location"] == f"/cases/{second.id}"
    assert desk.work.get(first.id).assignee == quicker


def test_many_who_press_at_once_get_different_cases(desk: Desk, client: Client) -> None:
    """No case is given to two, and nobody goes away empty-handed while there are enough."""
    cases = [add_case(desk) for _ in range(6)]
    clients = [client(Role.AGENT, id=f"agent-{count}") for count in range(6)]
    tokens = [csrf(one.get("/queue").text) for one in clients]
    together = threading.Barrier(6)

    def press(count: int) -> str:
        together.wait()
        return clients[count].post("/queue/next", data={"csrf": tokens[count]}).headers["location"]

    with ThreadPoolExecutor(6) as pool:
        got = list(pool.map(press, range(6)))
    assert sorted(got) == sorted(f"/cases/{case.id}" for case in cases)


def test_a_page_that_refreshes_itself_gets_only_the_list(desk: Desk, as_agent: TestClient) -> None:
    """The part has the list, the counts and the title; it keeps no session alive and takes no sentence away."""
    case = add_case(desk)
    desk.sessions.say(as_agent.cookies["lotsen_desk"], "Kvar")
    part = as_agent.get("/queue?view=new", headers={"HX-Request": "true", "X-Lotsen-Live": "1"}).text
    assert "<main" not in part
    assert "<title>(1) Kö" in part
    assert f'id="case-{case.id}"' in part
    assert not Parsed(part, part=True).faults
    assert "Kvar" in words(as_agent)


def test_what_users_write_is_text(desk: Desk, as_agent: TestClient) -> None:
    """Marks in a problem, a unit or a search do nothing."""
    add_case(desk, '<script>alert(1)</script>"', unit="<b>'x'")
    page = as_agent.get('/queue?text="><script>alert(1)</script>').text
    assert "<script>alert" not in page
    assert "<script>alert" not in as_agent.get("/queue").text
    assert not Parsed(as_agent.get("/queue").text).faults


def test_a_closed_desk_says_when_it_opens(desk: Desk, as_agent: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a Saturday the page says Monday; a case that came then says that it came outside the hours."""
    hours = read_hours(
        Settings.read({"LOTSEN_DESK_HOURS": "mon-fri 07:30-16:30", "LOTSEN_TIME_ZONE": "Europe/Stockholm"})
    )
    object.__setattr__(desk, "hours", hours)
    monkeypatch.setattr(page, "utc_now", lambda: datetime(2026, 11, 28, 12, 0, tzinfo=timezone.utc))
    assert "IT kundservice har stängt nu. Öppnar på måndag kl. 07:30 ." in words(as_agent)
    monkeypatch.setattr(page, "utc_now", lambda: datetime(2026, 11, 27, 12, 0, tzinfo=timezone.utc))
    assert "har stängt" not in words(as_agent)


@pytest.mark.parametrize(
    ("now", "days"),
    [("2026-11-27T05:00", 0), ("2026-11-27T09:00", None), ("2026-11-27T20:00", 3), ("2026-11-29T12:00", 1)],
)
def test_when_the_desk_opens_is_told_in_days(now: str, days: int) -> None:
    """Today, tomorrow, in three days; nothing while it is open, or if its hours are not known."""
    hours = read_hours(Settings.read({"LOTSEN_DESK_HOURS": "mon-fri 07:30-16:30"}))
    moment = datetime.fromisoformat(now).replace(tzinfo=timezone.utc)
    found = opening(hours, moment)
    assert (found[1] if found else None) == days
    assert opening(DeskHours({}, frozenset(), ZoneInfo("Europe/Stockholm")), moment) is None


def _row(due: timedelta) -> Row:
    return Row(1, "LOT-000001", "p", "c", Status.NEW, Level.NORMAL, (), NOW, NOW + due, NOW, "", "", "", "", False)


@pytest.mark.parametrize(
    ("view", "due", "late"),
    [
        (View.NEW, timedelta(0), True),
        (View.NEW, timedelta(seconds=1), False),
        (View.OPEN, timedelta(minutes=-1), True),
        (View.WAITING, timedelta(minutes=-1), False),
        (View.OVER, timedelta(minutes=-1), False),
    ],
)
def test_late_is_what_should_have_been_seen(view: View, due: timedelta, late: bool) -> None:
    """A case is late from the minute it was due; one that is over or waits for its user is not."""
    hours = DeskHours({}, frozenset(), ZoneInfo("Europe/Stockholm"))
    (line,) = lines_of([_row(due)], view, hours, NOW)
    assert (line.late, line.outside) == (late, False)


@given(st.dictionaries(st.sampled_from(("view", "me", *FIELDS)), st.text(max_size=300)))
def test_any_query_is_a_list_and_its_address_leads_to_it(sent: "dict[str, str]") -> None:
    """Nothing in a query fails; what the address of a list says is read back the same."""
    from urllib.parse import parse_qsl, urlsplit

    wanted = wanted_of(sent, "me")
    assert wanted.me == "me"
    again = wanted_of(dict(parse_qsl(urlsplit(address(wanted)).query)), "me")
    assert again == wanted
    assert wanted_of(dict(parse_qsl(urlsplit(address(Filter(), View.OVER, "1_2")).query)), "").view is View.OVER


def test_an_event_that_comes_late_with_a_lower_number_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two transactions may end in another order than they began in; pages hear of both cases, once each."""
    written = [(7, 70), (8, 80)]
    monkeypatch.setattr(desk.changes._history, "newest", lambda: 8)
    monkeypatch.setattr(desk.changes._history, "after", lambda id: [one for one in sorted(written) if one[0] > id])
    monkeypatch.setattr(changes, "LOOK_SECONDS", 0.01)
    heard: List[str] = []

    async def listen() -> None:
        watching = asyncio.ensure_future(desk.changes.watch())
        async for event in desk.changes.stream(lambda: True):
            if event.startswith("event: case"):
                heard.append(event.split("data: ")[1].strip())
                if heard == ["100"]:
                    written.append((9, 90))
            elif not heard:
                await asyncio.sleep(0.05)
                written.append((10, 100))
            if len(heard) == 2:
                await asyncio.sleep(0.05)
                desk.changes.close()
        watching.cancel()

    asyncio.run(asyncio.wait_for(listen(), 20))
    assert heard == ["100", "90"]
