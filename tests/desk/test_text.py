"""Triage of a pasted text on its page: what is shown, what becomes a case, and that nothing written is lost."""

from __future__ import annotations

import dataclasses
import html
import re
from datetime import timedelta
from typing import Iterator, List, Sequence

import pytest
from starlette.testclient import TestClient

from lotsen.cases.case import Impact, Level
from lotsen.channels.parse_wire import Found, Guess, Read
from lotsen.clock import utc_now
from lotsen.desk.access.sessions import COOKIE
from lotsen.desk.app import create_app
from lotsen.desk.errors import Unavailable
from lotsen.desk.reading.draft import MAX_TEXT
from lotsen.desk.services import Desk
from lotsen.desk.who import Role, Who
from tests.support.desk import csrf, send

LETTER = """Hej!

Jag får "Ett fel har inträffat vid inloggningen" i Edge. En patient sitter här och väntar. Mitt nr 19121212-1212.

Mvh
Anna Ek
Rehab Eksjö
070-174 06 35
"""


class Model:
    """Stands in for the Rasa server: says the same of every text, or does not answer."""

    def __init__(self, intent: str, certainty: float) -> None:
        """Say ``intent`` with ``certainty``."""
        self.intent, self.certainty = intent, certainty
        self.away = False
        self.texts: List[str] = []

    def read(self, texts: Sequence[str]) -> List[Read]:
        """Read as the server would."""
        if self.away:
            raise Unavailable("no_model")
        self.texts += texts
        ranking = (Guess(self.intent, "", self.certainty),)
        return [
            Read(text, "guide", self.intent, self.intent, self.certainty, (), ranking, _edge(text), ())
            for text in texts
        ]


def _edge(text: str) -> tuple[Found, ...]:
    at = text.find("Edge")
    return (Found("browser", "Edge", at, at + 4),) if at >= 0 else ()


@pytest.fixture
def model() -> Model:
    """A model that is sure."""
    return Model("login_error", 0.97)


@pytest.fixture
def karin(desk: Desk, model: Model) -> Iterator[TestClient]:
    """An agent at a desk with that model."""
    served = dataclasses.replace(desk, understanding=model)  # type: ignore[arg-type]
    client = TestClient(create_app(served), base_url=desk.config.url, follow_redirects=False)
    client.cookies.set(COOKIE, desk.sessions.begin(Who("karin", "Karin Ek", frozenset({Role.AGENT})), "test"))
    yield client
    client.close()


def fields(page: str) -> dict[str, str]:
    """Return what the form that makes a case is filled with."""
    form = page[page.index('action="/text/case"') :]
    found = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    for name, options in re.findall(r'<select id="case-\w+" name="(\w+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    added = re.search(r'name="added"[^>]*>\n(.*?)</textarea>', form, re.DOTALL)
    assert added is not None
    found["added"] = added[1]
    return {name: html.unescape(value) for name, value in found.items() if name not in ("csrf", "mine")}


def test_a_letter_is_read(karin: TestClient, model: Model) -> None:
    """The page says what it is about and how surely, the guide's steps, the priority with the words, and what lacks."""
    page = send(karin, "/text", "/text", text=LETTER).text
    assert "säker 97 %" in page
    assert "”Ett fel har inträffat vid inloggningen”" in page
    assert "Ta ut SITHS-kortet" in page
    assert "Det står: ”En patient sitter här och väntar.”" in page
    assert "070-174 06 35" in page
    assert not [text for text in model.texts if "1212" in text], "numbers are masked before anything leaves the process"
    assert "Vilket telefonnummer" not in page, "the text tells it"
    filled = fields(page)
    assert filled["category"] == "login_error"
    assert filled["level"] == "urgent"
    assert (filled["name"], filled["unit"], filled["browser"]) == ("Anna Ek", "Rehab Eksjö", "Edge")
    assert "[personnummer]" in filled["added"]


def test_a_letter_becomes_a_case_once(desk: Desk, karin: TestClient) -> None:
    """All fields can be changed; sent twice it is one case, and the audit log says who made it."""
    form = {**fields(send(karin, "/text", "/text", text=LETTER).text), "problem": "Kommer inte in", "level": "high"}
    answers = [send(karin, "/text/case", "/text", **form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    (case,) = desk.cases.all()
    assert {answer.headers["location"] for answer in answers} == {f"/cases/{case.id}"}
    assert (case.draft.problem, case.draft.category.id, case.channel) == ("Kommer inte in", "login_error", "desk")
    assert case.draft.priority.level is Level.HIGH
    assert case.draft.impact is Impact.PATIENT_WAITS
    assert case.draft.contact.phone == "070-174 06 35"
    assert case.draft.facts["browser"] == "Edge"
    assert "Mvh" in case.draft.added
    assert "19121212" not in str(case.draft.to_json())
    assert [(entry.actor.name, entry.action) for entry in desk.audit.read(case=case.id)] == [("Karin Ek", "create")]


def test_who_makes_a_case_may_take_it(desk: Desk, karin: TestClient) -> None:
    """With the box ticked the case is theirs at once, and a second sending changes nothing."""
    form = {**fields(send(karin, "/text", "/text", text=LETTER).text), "mine": "1"}
    for _ in range(2):
        assert send(karin, "/text/case", "/text", **form).status_code == 303
    handling = desk.work.get(desk.cases.all()[0].id)
    assert handling is not None and handling.assignee is not None
    assert handling.assignee.id == "karin"


def test_an_unsure_category_is_left_open(karin: TestClient, model: Model) -> None:
    """Under 50 per cent the page says so, and chooses no category for the agent."""
    model.certainty = 0.41
    page = send(karin, "/text", "/text", text="Det är något med datorn").text
    assert "osäker 41 %" in page
    assert fields(page)["category"] == ""


def test_what_is_out_of_scope_is_said(karin: TestClient, model: Model) -> None:
    """The page says that there is no answer, what about, and what the bot would say."""
    model.intent = "out_of_scope_card"
    page = send(karin, "/text", "/text", text="Mitt kort är låst efter tre försök").text
    assert "Kort, koder eller kortläsare" in page
    assert "Är kortet låst, borttappat eller för gammalt?" in page
    assert fields(page)["category"] == ""


def test_a_disturbance_is_a_reason(desk: Desk, karin: TestClient) -> None:
    """Where others have the same trouble now, the case is proposed as part of it, and more urgent."""
    notice = desk.notices.set("login_error", "", utc_now() + timedelta(hours=1))
    page = send(karin, "/text", "/text", text="Ett fel har inträffat vid inloggningen, vad gör jag?").text
    filled = fields(page)
    assert (filled["notice"], filled["level"]) == (str(notice.id), "high")
    assert send(karin, "/text/case", "/text", **filled).status_code == 303
    handling = desk.work.get(desk.cases.all()[0].id)
    assert handling is not None and handling.notice == notice.id
    assert "disturbance" in handling.case.draft.priority.reasons


def test_without_the_model_a_case_can_be_made(desk: Desk, karin: TestClient, model: Model) -> None:
    """The text stays, what it tells by itself is filled in, and the agent chooses the rest."""
    model.away = True
    answer = send(karin, "/text", "/text", text=LETTER)
    assert answer.status_code == 200
    assert "Modellen svarar inte just nu" in answer.text
    assert answer.text.count("Ett fel har inträffat vid inloggningen") >= 2
    filled = fields(answer.text)
    assert (filled["name"], filled["category"]) == ("Anna Ek", "")
    assert send(karin, "/text/case", "/text", **filled).status_code == 303
    assert len(desk.cases.all()) == 1


def test_too_little_and_too_much_is_told(karin: TestClient) -> None:
    """An empty field and a text that is too long get a sentence, and what was written is still there."""
    for text, said in (("  \n ", "Klistra in eller skriv"), ("å" * (MAX_TEXT + 1), "20001 tecken")):
        answer = send(karin, "/text", "/text", text=text)
        assert answer.status_code == 422
        assert said in answer.text
        assert text.strip() in answer.text


WRONG = (
    ("problem", "", "Skriv vad problemet är."),
    ("problem", "x" * 301, "högst 300 tecken"),
    ("category", "no_such", "Välj ett av alternativen."),
    ("level", "", "Välj ett av alternativen."),
    ("affected", "everybody", "Välj ett av alternativen."),
    ("target", "nobody", "Välj ett av alternativen."),
    ("notice", "99", "Störningen är över."),
    ("key", "short", "Sidan var för gammal."),
    ("phone", "0" * 301, "högst 300 tecken"),
    ("added", "y" * (MAX_TEXT + 1), "Texten är 20001 tecken."),
)
"""Fields, what cannot be used in them, and what is said then."""


def test_a_wrong_form_loses_nothing(desk: Desk, karin: TestClient) -> None:
    """What cannot be used is named, the rest stays in the form, and there is no case; put right, there is."""
    form = {**fields(send(karin, "/text", "/text", text=LETTER).text), "email": "anna@example.se"}
    for name, value, said in WRONG:
        answer = send(karin, "/text/case", "/text", **{**form, name: value})
        assert answer.status_code == 422, name
        assert said in answer.text
        kept = fields(answer.text)
        assert kept["email"] == "anna@example.se"
        assert kept["added"] == (value if name == "added" else form["added"])
        assert desk.cases.all() == []
        assert re.fullmatch(r"[0-9a-f]{32}", kept["key"])
    assert send(karin, "/text/case", "/text", **{**kept, "added": "kort"}).status_code == 303
    assert [case.draft.added for case in desk.cases.all()] == ["kort"]


def test_questions_to_send_back(karin: TestClient, model: Model) -> None:
    """What the text leaves out is a ready letter, and a link that opens it in the agent's mail program."""
    model.intent = "login_problem"
    page = send(
        karin, "/text", "/text", text="Från: Eva <eva@example.se>\nÄmne: hjälp\n\nJag kommer inte in i SOB."
    ).text
    assert "Vad står det på skärmen? Skriv av felmeddelandet ord för ord." in page
    assert "Vilken webbläsare använder du?" in page
    assert 'href="mailto:eva%40example.se?subject=Din%20fr%C3%A5ga' in page
    assert "%0D%0A- Vad%20st%C3%A5r" in page.replace("-%20", "- ")


def test_what_is_pasted_is_shown_as_text(karin: TestClient) -> None:
    """Markup in a letter is letters on the page."""
    page = send(
        karin, "/text", "/text", text='<script>alert(1)</script> "><img src=x onerror=alert(1)> kommer inte in'
    ).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_a_named_case_is_linked(karin: TestClient) -> None:
    """A case number in the text leads to the case."""
    page = send(karin, "/text", "/text", text="Hur går det med ärende LOT-000117? Jag kommer inte in.").text
    assert '<a href="/cases/117">LOT-000117</a>' in page


def test_roles(as_owner: TestClient, as_auditor: TestClient, stranger: TestClient) -> None:
    """Content owners and auditors see no letters, and strangers are sent to the sign-in."""
    assert as_owner.get("/text").status_code == 403
    assert as_auditor.get("/text").status_code == 403
    assert stranger.get("/text").headers["location"].startswith("/sign-in")


def test_forms_need_their_token(karin: TestClient) -> None:
    """A form that is not from our page makes no case."""
    assert csrf(karin.get("/text").text)
    assert karin.post("/text/case", data={"problem": "x"}).status_code == 403
