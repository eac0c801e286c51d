"""The page of a case: what it shows, of whatever case, and to whom."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Callable, Iterator, List

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from lotsen.cases import history as kinds
from lotsen.cases.case import CaseDraft, Category, Contact, Line, Status, TriedGuide, TriedStep
from lotsen.cases.history import Event
from lotsen.cases.work import Resolution
from lotsen.clock import utc_now
from lotsen.desk.case.words import told
from lotsen.desk.services import Desk
from lotsen.guides.model import Status as RunStatus
from lotsen.outbox.outbox import DEAD, DELIVERED, SENDING, WAITING
from lotsen.service_desks.base import Receipt
from lotsen.service_desks.config import DESKS
from tests.cases.made import FULL, NOW, NUMBER
from tests.desk.case_made import HOSTILE, desk_on, do, stored, words

Client = Callable[..., TestClient]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The desk on an empty SQLite."""
    made = desk_on(f"sqlite:///{tmp_path / 'lotsen.db'}", tmp_path)
    yield made
    made.engine.dispose()


def test_all_that_is_known(desk: Desk, as_agent: TestClient) -> None:
    """One sees who, what, how urgent and why, whose it is, and when it is due."""
    stored(desk)
    page = as_agent.get("/cases/1").text
    shown = words(page)
    for part in ("LOT-000001", "Sidan kan inte visas", "Moa", "Psyk norr", "SE2321000016-1ABC", "Brådskande"):
        assert part in shown
    assert "en patient väntar, kan höra till en störning" in shown
    assert all(f"Det här är {name}" in shown for name in ("error_text", "browser", "place", "program", "region"))
    assert 'href="tel:0701740635"' in page and 'href="mailto:moa@example.se?subject=LOT-000001"' in page
    assert "Status Nytt" in shown and "Har ärendet Ingen" in shown and "Ska ses" in shown
    assert page.index("Läget") < page.index("Vem och vad") < page.index("Det här är provat") < page.index("Samtalet")
    assert page.count("<h1") == 1


def test_what_was_tried(desk: Desk, as_agent: TestClient) -> None:
    """Each step has its outcome and time; where it stopped stands out in words, with the guide's conclusion."""
    steps = (
        TriedStep("Logga in", "Ta ut **kortet**.", "gjort", 7.5, "login/card", "done"),
        TriedStep("Rensa", "Rensa.", "gick inte", 75, "clear_cache/clear", "failed"),
    )
    runs = (TriedGuide("login", "Logga in", "v", "handoff", steps), TriedGuide("other", "Annan", "v", "resolved", ()))
    stored(desk, replace(FULL, tried=runs))
    page = as_agent.get("/cases/1").text
    shown = words(page)
    assert "Ta ut <strong>kortet</strong>." in page and "1 min 15 s" in shown and "(Rensa)" in shown
    assert shown.index("gick inte Här tog det stopp") > shown.index("8 s")
    assert shown.count("Här tog det stopp") == 1
    assert "Guidens slutsats: Felet är kvar." in shown and "löste problemet" in shown


def test_the_transcript(desk: Desk, as_agent: TestClient, as_lead: TestClient) -> None:
    """Before and after the case was made: who said what, and when; an internal note is not among it."""
    lines = (
        Line("2026-11-26T07:59:00+00:00", "user", "**Hej** [x](https://a.se)"),
        Line("2026-11-26T07:59:01+00:00", "bot", "**Välj** [hjälp](https://a.se)"),
    )
    stored(desk, replace(FULL, transcript=lines))
    do(as_lead, "/cases/1/reply", text="Vi *tittar*.")
    with desk.engine.begin() as connection:
        desk.work.heard(connection, 1, "Tack!")
    do(as_lead, "/cases/1/note", text="Bara för oss")
    page = as_agent.get("/cases/1").text
    talk = page[page.index('class="talk-lines"') : page.index("</ol>", page.index('class="talk-lines"'))]
    assert "**Hej** [x](https://a.se)" in talk
    assert '<strong>Välj</strong> <a href="https://a.se">hjälp</a>' in talk
    shown = words(talk)
    assert shown.index("Lotsen 2026-11-26 08:59") < shown.index("Lars Öberg") < shown.index("Vi *tittar*.")
    assert shown.endswith("Tack!") and "Bara för oss" not in shown
    assert "Användaren har svarat" in words(page) or "Bara för oss" in page


def test_nothing_is_known(desk: Desk, as_agent: TestClient) -> None:
    """A case that Lotsen made itself, with a problem and nothing else, has a page that says so."""
    stored(desk, CaseDraft(problem="Många får fel"), conversation="", channel="system")
    shown = words(as_agent.get("/cases/1").text)
    for part in ("Namn Inte angett", "Nås på Inte angett", "Kategori Ingen", "Ärendet kom inte från chatten."):
        assert part in shown
    assert "Användaren har inte gått någon guide." in shown and "Ärendet finns bara här." in shown
    assert "Ta över samtalet" not in shown


def test_a_case_of_an_old_lotsen(desk: Desk, as_agent: TestClient) -> None:
    """A case of the time before there were versions is shown, and what was tried is not proposed again."""
    step = desk.content.guides["login_error"].steps[0]
    old = {
        "problem": "Fel vid inloggning",
        "guide": "login_error",
        "reason": "Felet är kvar.",
        "target": "IT kundservice",
        "tried": [["Fel vid inloggning", step.text, "gjort"]],
        "facts": {"hsa_id": "SE2321000016-1ABC", "browser": "Edge"},
        "added": "Sedan i går",
    }
    stored(desk)
    with desk.engine.begin() as connection:
        connection.execute(sa.text("UPDATE cases SET body = :body, lane = ''"), {"body": json.dumps(old)})
        connection.execute(sa.text("DELETE FROM case_words"))
    page = as_agent.get("/cases/1")
    shown = words(page.text)
    assert page.status_code == 200 and "SE2321000016-1ABC" in shown and "Sedan i går" in shown
    assert "Guidens slutsats: Felet är kvar." in shown
    assert words(page.text).count(step.text) == 1


@pytest.mark.parametrize(
    "path", ["/cases/7", "/cases/abc", "/cases/LOT-000001", "/cases/99999999999999999999", "/cases/²"]
)
def test_no_such_case(desk: Desk, as_agent: TestClient, path: str) -> None:
    """What is no case is said to be none."""
    for there in (path, f"{path}/parts"):
        page = as_agent.get(there)
        assert page.status_code == 404 and "Det finns inget ärende" in page.text


@pytest.mark.parametrize("path", ["/cases/1", "/cases/1/parts"])
def test_only_staff(desk: Desk, as_owner: TestClient, as_auditor: TestClient, stranger: TestClient, path: str) -> None:
    """Owners and auditors are refused, strangers sent to the sign-in; nobody sees a word of it."""
    stored(desk)
    for other in (as_owner, as_auditor):
        page = other.get(path)
        assert page.status_code == 403 and "Moa" not in page.text
    assert stranger.get(path).status_code == 303


def test_hostile_words(desk: Desk, as_agent: TestClient) -> None:
    """Whatever a user or a service desk wrote is shown as it was written, never as HTML."""
    draft = CaseDraft(
        problem=HOSTILE,
        category=Category("x", HOSTILE, HOSTILE),
        reason=HOSTILE,
        target_name=HOSTILE,
        tried=(TriedGuide("g", HOSTILE, "v", "handoff", (TriedStep(HOSTILE, HOSTILE, HOSTILE, 3, "g/s", "failed"),)),),
        facts={"error_text": HOSTILE, "browser": HOSTILE},
        contact=Contact('"><script>', 'a"><script>@x', HOSTILE, HOSTILE, HOSTILE, False, HOSTILE),
        added=HOSTILE,
        transcript=(Line("2026-11-26T07:59:00+00:00", "user", HOSTILE), Line("2026-11-26T07:59:00", "bot", HOSTILE)),
    )
    stored(desk, draft, desks=("email",))
    stored(desk, draft, conversation="web-2")
    deliver(desk, HOSTILE, "javascript:alert(1)")
    with desk.engine.begin() as connection:
        desk.work.heard(connection, 1, HOSTILE)
    for path in ("/cases/1", "/cases/1/parts?seen=1", "/cases/2"):
        page = as_agent.get(path).text
        assert "<script>" not in page.replace('<script src="/static', "") and "<img src=x" not in page
        assert "javascript:" not in page.lower() and "&lt;script&gt;" in page


def test_numbers_are_masked(desk: Desk, as_agent: TestClient) -> None:
    """No personal identity number comes onto the page, whoever wrote it."""
    said = f"Jag är {NUMBER}"
    line = Line("2026-11-26T07:59:00+00:00", "user", said)
    stored(desk, replace(FULL, problem=said, added=said, transcript=(line,), contact=Contact(said=said, name=said)))
    do(as_agent, "/cases/1/reply", text=said)
    do(as_agent, "/cases/1/note", text=said)
    page = as_agent.get("/cases/1").text
    assert NUMBER not in page and page.count("[personnummer]") >= 6


def test_a_view_is_noted_once(desk: Desk, as_agent: TestClient) -> None:
    """A page that is opened counts; one that refreshes itself does not, unless it was never opened."""
    stored(desk)
    as_agent.get("/cases/1/parts")
    assert viewed(desk) == ["agent"]
    as_agent.get("/cases/1/parts")
    assert viewed(desk) == ["agent"]
    as_agent.get("/cases/1")
    assert viewed(desk) == ["agent", "agent"]


def test_what_others_do_meanwhile(desk: Desk, as_agent: TestClient, as_lead: TestClient) -> None:
    """A page that refreshes itself tells what others have done since it was opened, and not what one did oneself."""
    stored(desk)
    seen = desk.cases.history.newest()
    do(as_agent, "/cases/1/note", text="Min egen")
    do(as_lead, "/cases/1/take")
    shown = as_agent.get(f"/cases/1/parts?seen={seen}").text
    news = shown[shown.index('id="news"') : shown.index('id="reach"')]
    assert "Lars Öberg tog ärendet." in news and "anteckning" not in news
    assert "Har ärendet Lars Öberg" in words(shown)


def test_what_would_have_helped(desk: Desk, as_agent: TestClient) -> None:
    """The steps of the guide that were not taken, the answer of the question, and what solved cases like it."""
    guide = desk.content.guides["login_error"]
    first, second = guide.steps[0], guide.steps[2]
    taken = TriedStep(guide.title, first.text, "gjort", 1, f"login_error/{first.id}", "done")
    passed = TriedStep(guide.title, second.text, "hoppade över", 1, f"login_error/{second.id}", "skipped")
    run = TriedGuide("login_error", guide.title, "v", "handoff", (taken, passed))
    stored(desk, replace(FULL, category=Category("login_error", guide.title), tried=(run,)))
    shown = as_agent.get("/cases/1").text
    helped = shown[shown.index('id="helped-title"') : shown.index('id="notes-title"')]
    assert "Kvar att prova i guiden" in helped and second.text in helped and first.text not in helped
    stored(desk, CaseDraft(problem="Edge eller Chrome", category=Category("which_browser", "Webbläsare")))
    shown = as_agent.get("/cases/2").text
    assert "Använd <strong>Edge</strong>" in shown and 'formaction="/cases/2/insert"' in shown


def test_similar_cases(desk: Desk, as_agent: TestClient) -> None:
    """Open and solved cases like this one are there, the solved ones with why and with what was answered."""
    for conversation in ("web-1", "web-2", "web-3"):
        stored(desk, conversation=conversation)
    do(as_agent, "/cases/2/resolve", reason="solved", text="Läs in kortet igen.")
    shown = words(as_agent.get("/cases/1").text)
    similar = shown[shown.index("Liknande ärenden Öppna") :]
    assert "LOT-000003" in similar and "LOT-000002" in similar and "Felet är löst." in similar
    assert "Läs in kortet igen." in shown[shown.index("Det här löste liknande ärenden") :]


def test_how_far_it_has_come(desk: Desk, as_agent: TestClient) -> None:
    """Number and link in each service desk, or attempts, error and the next try."""
    stored(desk, desks=("request_tracker", "email"))
    assert "Request Tracker: Väntar på att skickas." in words(as_agent.get("/cases/1").text)
    deliver(desk, "4711", "https://rt.example.se/4711")
    letter = desk.cases.outbox.claim("email", timedelta(minutes=1))
    assert letter is not None
    with desk.engine.begin() as connection:
        desk.cases.outbox.failed(connection, letter, "550 nobody", utc_now() + timedelta(hours=1), False, False)
    page = as_agent.get("/cases/1").text
    assert '<a href="https://rt.example.se/4711" rel="noopener noreferrer">4711</a>' in page
    shown = words(page)
    assert "Försök: 1. Nästa försök" in shown and "Fel: 550 nobody" in shown
    with desk.engine.begin() as connection:
        connection.execute(sa.text("UPDATE outbox SET state = 'dead' WHERE desk = 'email'"))
    assert "lotsen cases retry LOT-000001" in as_agent.get("/cases/1").text


def test_an_answer_is_put_into_the_reply(desk: Desk, as_agent: TestClient) -> None:
    """An address with a question's id opens the page with its answer written; an unknown id does no harm."""
    stored(desk)
    assert (
        "Använd Edge eller Google Chrome. Internet Explorer fungerar inte."
        in as_agent.get("/cases/1?insert=which_browser").text
    )
    assert as_agent.get("/cases/1?insert=nonsense").status_code == 200


def test_forms_for_leads_only(desk: Desk, as_agent: TestClient, as_lead: TestClient) -> None:
    """Who may not give a case to others does not see the form for it."""
    stored(desk)
    assert "/cases/1/assign" not in as_agent.get("/cases/1").text
    assert "/cases/1/assign" in as_lead.get("/cases/1").text


def test_no_page_breaks_the_policy(desk: Desk, as_lead: TestClient) -> None:
    """No style, script or handler stands in the page: the policy would refuse it."""
    stored(desk)
    page = as_lead.get("/cases/1").text.lower()
    for refused in (" style=", " onclick=", "hx-on", "<style", "<script>", "js:"):
        assert refused not in page


def test_every_event_has_words(desk: Desk) -> None:
    """Each kind of event, with each text that it may have, is told in Swedish, and never by its name."""
    names = [name for name in vars(kinds) if name.isupper()]
    values = [value for value in (getattr(kinds, name) for name in names) if isinstance(value, str)]
    texts = ["", "normal", "solved", "LOT-000002", "timed_out", "user_left", *(status.value for status in Status)]
    events: List[Event] = [
        Event(1, 1, NOW, kind, "email", text, author)
        for kind in values
        for text in texts
        for author in ("", "Karin Ek")
    ]
    for event, one in zip(events, told(desk, events), strict=True):
        assert event.kind not in one.words.lower().split() and "{" not in one.words
        assert not one.words.endswith(f": {event.kind}."), f"no words for {event.kind}"


def test_everything_has_a_name(desk: Desk) -> None:
    """Whatever the stores can say, the page has a Swedish word for."""
    names = [
        *(f"case_status_{one.value}" for one in Status),
        *(f"case_because_{one.value}" for one in Resolution),
        *(f"run_{one.value}" for one in RunStatus),
        *(f"letter_{state}" for state in (WAITING, SENDING, DELIVERED, DEAD)),
        *(f"desk_{name}" for name in DESKS),
        *("merge_unknown", "merge_duplicate", "merge_over", "merge_same", "nobody_to_tell", "case_not_over"),
        *("already_sent", "case_merged", "case_over", "missing_text"),
    ]
    assert [name for name in names if name not in desk.pages.texts] == []


def viewed(desk: Desk) -> List[str]:
    """Return who has viewed the first case."""
    return [entry.actor.id for entry in desk.audit.read(action="viewed", case=1)]


def deliver(desk: Desk, number: str, url: str) -> None:
    """Let the first letter reach its desk."""
    letter = desk.cases.outbox.waiting()[0]
    with desk.engine.begin() as connection:
        desk.cases.outbox.delivered(connection, letter, Receipt(number, number, url))
