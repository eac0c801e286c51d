"""The support desk takes a conversation over while it runs, on the web and in Teams; and users answer the desk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import List, Union

import pytest
import requests
from playwright.sync_api import Browser, expect

from lotsen.audit.log import Actor, AuditLog
from lotsen.cases.case import Status
from lotsen.cases.due import DEFAULT_MINUTES
from lotsen.cases.history import HANDED_BACK, LIVE, SAID, TOOK_OVER
from lotsen.cases.hours import read_hours
from lotsen.cases.store import Case, CaseStore
from lotsen.cases.work import Work
from lotsen.channels.chat.desk_line import StillAnswering
from lotsen.channels.live import Presence, open_desk_line
from lotsen.clock import utc_now
from lotsen.settings import Settings
from lotsen.storage.database import open_engine
from tests.support.browser import bubbles, open_chat, visit
from tests.support.chat import ChatClient, Said
from tests.support.expected import text
from tests.support.handoff import eventually, send_case
from tests.support.microsoft import Microsoft
from tests.support.running import RunningLotsen
from tests.support.teams import TeamsUser

KARIN = Actor("karin-1", "Karin Ek")
NAMES = {"who": "Karin Ek", "target": "IT kundservice"}
QUESTION = "Det står ”Webbsidan kan inte visas” när jag försöker logga in"
ANSWER = "Svara IT kundservice"
User = Union[ChatClient, TeamsUser]


class Desk:
    """The triage desk's process, as far as conversations go: it shares the database with the running Lotsen."""

    def __init__(self, own: RunningLotsen) -> None:
        """Open its stores."""
        engine = open_engine(own.database_url)
        audit, self.cases = AuditLog(engine), CaseStore(engine)
        self.work = Work(engine, self.cases, audit, read_hours(Settings.read({})), DEFAULT_MINUTES)
        self.line = open_desk_line(engine, self.cases, self.work, 10.0, audit=audit)
        self.presence = Presence(engine)

    def case(self, number: str) -> Case:
        """Return a case by the number that its user got."""
        found = self.cases.get(int(number[4:]))
        assert found is not None
        return found

    def take(self, case: Case) -> None:
        """Take its conversation over, when Lotsen has said what it was about to say."""

        def taken() -> bool:
            try:
                return self.line.open(case.conversation, case.channel, case.id, KARIN).taken
            except StillAnswering:
                return False

        eventually(taken)

    def say(self, case: Case, said: str) -> None:
        """Say something to its user."""
        self.line.say(case.conversation, KARIN, said)

    def close(self, case: Case) -> None:
        """Give its conversation back."""
        assert self.line.close(case.conversation, KARIN)

    def ask(self, case: Case, said: str) -> None:
        """Ask its user something, as an answer to the case."""
        handling = self.work.get(case.id)
        assert handling is not None
        self.work.reply(case.id, handling.version, KARIN, said, ask=True)

    def words(self, case: Case, *kinds: str) -> List[str]:
        """Return what the case's history has of some kinds of events."""
        return [one.text for one in self.cases.history.of(case.id) if one.kind in kinds]


@dataclass
class Met:
    """A user with a case, and the desk."""

    user: User
    desk: Desk
    case: Case

    def tell(self, said: str) -> None:
        """Write something that nobody but the desk answers."""
        if isinstance(self.user, TeamsUser):
            self.user.write(said)
        else:
            self.user.post("/messages", {"text": said, "client_id": said})

    def hear_of(self, part: str) -> List[Said]:
        """Return what the user reads, as soon as it holds ``part``."""
        return self.user.hear_of(part) if isinstance(self.user, TeamsUser) else self.user.listen_for(part)

    def wait_for(self, said: str, *kinds: str) -> None:
        """Return when the case has what was said."""
        eventually(lambda: said in self.desk.words(self.case, *kinds))


@pytest.fixture(params=["web", "teams"])
def met(request: pytest.FixtureRequest, own: RunningLotsen, own_microsoft: Microsoft) -> Met:
    """A new user who has sent a case, in each channel."""
    user: User = own.chat() if request.param == "web" else TeamsUser(own_microsoft, own)
    number, _ = send_case(user, "Knappen Spara är grå")
    desk = Desk(own)
    return Met(user, desk, desk.case(number))


def begin_guide(met: Met) -> Said:
    """Walk to the second step of a guide; return it."""
    met.user.say(QUESTION)
    step = met.user.press("Klart")[-1]
    assert "Steg 2 av 8" in step.text
    return step


def test_in_the_middle_of_a_guide(met: Met) -> None:
    """Both sides reach each other, Lotsen is silent, and after the release the guide goes on at the same step."""
    step = begin_guide(met)
    met.desk.take(met.case)
    assert met.hear_of("Nu skriver du med")[-1].text == text("live_begins", **NAMES)
    met.desk.say(met.case, "Vad *står* det?")
    heard = met.hear_of("Vad *står* det?")
    assert len(heard) == 1
    if isinstance(met.user, TeamsUser):
        assert heard[0].text == "Karin Ek, IT kundservice:\n\nVad *står* det?"
        assert met.user.calls()[-1].body["textFormat"] == "plain"
    else:
        shown = met.user.history()[-1]
        assert (shown["name"], shown["text"]) == ("Karin Ek, IT kundservice", "Vad *står* det?")
    met.tell("visa alla frågor")
    met.wait_for("visa alla frågor", SAID)
    met.tell("klart")
    met.wait_for("klart", SAID)
    met.desk.close(met.case)
    (ended,) = met.hear_of("nu svarar Lotsen igen")
    assert (ended.text, ended.buttons) == (text("live_ends", **NAMES), step.buttons)
    assert "Steg 3 av 8" in met.user.press("Klart")[-1].text
    assert met.desk.words(met.case, SAID, LIVE) == ["Vad *står* det?", "visa alla frågor", "klart"]


def test_a_button_pressed_meanwhile(met: Met) -> None:
    """A button is for the desk, by its title; the guide does not move."""
    begin_guide(met)
    met.desk.take(met.case)
    met.hear_of("Nu skriver du med")
    if isinstance(met.user, TeamsUser):
        met.user.push("Klart")
    else:
        met.user.post("/messages", {"choice": met.user.choice_id("Klart"), "client_id": "b"})
    met.wait_for("Klart", SAID)
    met.desk.close(met.case)
    met.hear_of("nu svarar Lotsen igen")
    assert "Steg 3 av 8" in met.user.press("Klart")[-1].text


def test_time_out(met: Met, own: RunningLotsen) -> None:
    """When the desk falls silent for too long, Lotsen answers again, and the case says so."""
    begin_guide(met)
    met.desk.take(met.case)
    met.hear_of("Nu skriver du med")
    long_ago = f"{utc_now() - timedelta(days=1):%Y-%m-%d %H:%M:%S.%f}"
    own.query(f"UPDATE desk_lines SET touched = '{long_ago}' WHERE conversation = '{met.case.conversation}'")
    assert met.hear_of("har inte skrivit på en stund")[-1].text == text("live_timed_out", **NAMES)
    assert "Steg 3 av 8" in met.user.press("Klart")[-1].text
    assert met.desk.words(met.case, TOOK_OVER, HANDED_BACK) == ["", "timed_out"]


def test_news_wait(met: Met) -> None:
    """What a desk answers to the case meanwhile is told when the conversation is given back."""
    met.desk.take(met.case)
    met.hear_of("Nu skriver du med")
    met.desk.ask(met.case, "Vilken dator har du?")
    met.desk.say(met.case, "Hej")
    assert not any("Vilken dator" in one.text for one in met.hear_of("Hej"))
    met.desk.close(met.case)
    assert any("nu svarar Lotsen igen" in one.text for one in met.hear_of("Vilken dator har du?"))


def test_the_user_answers(met: Met) -> None:
    """The desk asks, by name; the answer goes to the case, and a guide that was open goes on where it was."""
    begin_guide(met)
    met.desk.ask(met.case, "Vilken *dator* har du?")
    asked = next(one for one in met.hear_of("Vilken") if "Vilken" in one.text)
    assert "Karin Ek på IT kundservice" in asked.text and "Vilken ∗dator∗ har du?" in asked.text
    assert ANSWER in asked.buttons
    begun = met.user.press(ANSWER)
    begun = begun or met.hear_of("Skriv ditt svar")
    assert "Skriv ditt svar" in begun[-1].text
    met.tell("visa alla frågor")
    sent = met.hear_of("har fått ditt svar")[-1]
    assert met.case.number in sent.text
    assert {"Klart", ANSWER} <= set(sent.buttons)
    assert met.desk.words(met.case, SAID) == ["visa alla frågor"]
    assert met.desk.case(met.case.number).status is Status.OPEN
    assert "Steg 3 av 8" in met.user.press("Klart")[-1].text


def test_more_to_say_about_a_case(met: Met) -> None:
    """Who asks how it goes can write more, or let it be."""
    met.user.say("hur går det med mitt ärende?")
    more = text("answer_more_choice", number=met.case.number)
    met.user.press(more)
    met.user.press(text("answer_let_be_choice"))
    met.user.press(more)
    met.tell("Det gäller alla hos oss")
    met.wait_for("Det gäller alla hos oss", SAID)


def test_the_user_leaves(own: RunningLotsen, own_microsoft: Microsoft) -> None:
    """Who begins anew, or takes the app away, ends it; the case says so."""
    desk, web, teams = Desk(own), own.chat(), TeamsUser(own_microsoft, own)
    for user in (web, teams):
        case = desk.case(send_case(user, "Sidan är tom")[0])
        desk.take(case)
        if isinstance(user, TeamsUser):
            user.tell("installationUpdate", action="remove")
        else:
            assert requests.delete(
                f"{user.base}/session", headers={"Authorization": f"Bearer {user.token}"}, timeout=30
            ).ok
        eventually(partial(desk.words, case, HANDED_BACK))
        assert desk.words(case, HANDED_BACK) == ["user_left"]
        assert desk.line.of(case.conversation) is None


def test_the_desk_sees_who_is_there(met: Met) -> None:
    """The page says when the user was last there."""
    assert met.desk.presence.seen(met.case.conversation, met.case.channel) is not None
    assert not met.desk.presence.gone(met.case.conversation, met.case.channel)


def test_killed_server(met: Met, own: RunningLotsen) -> None:
    """What is said on both sides around a crash of the Rasa server comes, once and in order."""
    begin_guide(met)
    met.desk.take(met.case)
    met.hear_of("Nu skriver du med")
    met.tell("före")
    met.wait_for("före", SAID)
    for server in own.rasa_servers():
        server.kill()
        server.wait()
    met.desk.say(met.case, "under tiden")
    own.wait_for_line("Starting it again")
    own.wait_until_healthy()
    assert sum("under tiden" in one.text for one in met.hear_of("under tiden")) == 1
    met.tell("efter")
    met.wait_for("efter", SAID)
    assert met.desk.words(met.case, SAID, LIVE) == ["före", "under tiden", "efter"]
    met.desk.close(met.case)
    met.hear_of("nu svarar Lotsen igen")
    assert "Steg 3 av 8" in met.user.press("Klart")[-1].text


def test_the_widget_shows_who_writes(own: RunningLotsen, browser: Browser) -> None:
    """What the desk says has the name for everybody, is plain text, and the copied conversation tells who said what."""
    desk = Desk(own)
    with visit(browser, own.front) as page:
        open_chat(page)
        token = page.evaluate("Object.entries(sessionStorage).find(([name]) => name.endsWith('token'))[1]")
        user = own.chat(token)
        user.listen()
        case = desk.case(send_case(user, "Sidan är tom")[0])
        desk.take(case)
        desk.say(case, "Tryck *här* **nu**")
        said = bubbles(page, "desk")
        expect(said).to_have_count(1)
        expect(said.locator(".who")).to_contain_text("Karin Ek, IT kundservice")
        expect(said.locator(".typed")).to_have_text("Tryck *här* **nu**")
        assert page.get_by_role("log").locator("article.desk").count() == 1
        page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
        page.get_by_role("button", name="Mer").click()
        page.get_by_text("Kopiera samtalet").click()
        expect(page.get_by_role("status").filter(has_text="Samtalet är kopierat.")).to_have_count(1)
        copied = page.evaluate("copied")
        assert re.search(r"Karin Ek, IT kundservice, \d\d:\d\d\nTryck \*här\* \*\*nu\*\*", copied), copied
        assert re.search(r"Lotsen, \d\d:\d\d\nNu skriver du med Karin Ek", copied), copied
