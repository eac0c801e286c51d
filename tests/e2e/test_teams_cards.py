"""What the running bot posts to Teams, drawn by Microsoft's own Web Chat: read, pressed, judged by axe-core."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Callable, Dict, Iterator, List, Tuple

import pytest
from playwright.sync_api import Browser, Locator, expect

from lotsen.channels.chat.message import ChatMessage, Choice
from lotsen.channels.teams import cards
from lotsen.channels.teams.bar import HEIGHT, WIDTH
from lotsen.content.catalogue import load_content
from lotsen.settings import CONTENT
from tests.support.expected import answers, text
from tests.support.handoff import CHAT
from tests.support.microsoft import Microsoft
from tests.support.running import RunningLotsen
from tests.support.teams import TeamsUser
from tests.support.webchat import PHONE, WIDE, WebChat, cut_off, violations, web_chat

pytestmark = pytest.mark.browser
QUESTION = "Det står ”Webbsidan kan inte visas” när jag försöker logga in"
ADDED = "Det står <b>fel</b> & inget <mer>"


@dataclass(frozen=True)
class Told:
    """One message of the bot: as it was posted, and as the log has it, which knows no cards."""

    activity: Dict[str, Any]
    text: str
    choices: Tuple[Tuple[str, str], ...]
    """Ids and titles, in order."""

    @property
    def words(self) -> List[str]:
        """Return the words that must be seen."""
        shown = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", self.text)
        return words("\n".join([shown, *(title for _, title in self.choices)]))


def words(shown: str) -> List[str]:
    """Return the words of a text, in order."""
    return re.findall(r"\w+", shown)


def told_to(user: TeamsUser, lotsen: RunningLotsen) -> List[Told]:
    """Return all that the bot has told a user."""
    mine = f"SELECT conversation FROM teams_conversations WHERE teams_conversation = '{user.conversation}'"
    query = f"SELECT number, body FROM chat_messages WHERE author = 'bot' AND conversation IN ({mine}) ORDER BY number"
    told = []
    for (number, written), call in zip(lotsen.query(query), user.calls(), strict=True):
        body = json.loads(written)
        titles = [title for title, _ in body["choices"]]
        told.append(Told(call.body, body["text"], tuple((f"{number}.{at}", title) for at, title in enumerate(titles))))
    return told


def greeting(user: TeamsUser) -> None:
    """Add the app."""
    user.install()
    user.hear()


def old_button(user: TeamsUser) -> None:
    """Press a button of the greeting."""
    user.push("Visa alla frågor", user.calls()[:1])
    user.hear()


def preview(user: TeamsUser) -> None:
    """Go on to the preview of a case."""
    user.say("jag vill prata med en människa")
    user.say(ADDED)
    user.press(CHAT)


STATES: Dict[str, Tuple[Callable[[TeamsUser], Any], str]] = {
    "greeting": (greeting, answers()["utter_greet"]),
    "menu": (lambda user: user.press("Visa alla frågor"), text("menu")),
    "questions": (lambda user: user.press("Invånare"), text("menu_section", section="Invånare")),
    "answer": (lambda user: user.say("Hur går gallring till?"), answers()["utter_how_to_purge"]),
    "suggest": (lambda user: user.say("utbildning film"), text("suggest")),
    "guide": (lambda user: user.say(QUESTION), "**Steg 1 av 8**"),
    "next step": (lambda user: user.press("Klart"), "**Steg 2 av 8**"),
    "old button": (old_button, text("teams_old_choice")),
    "preview": (preview, "Det här skickar jag till IT kundservice"),
    "receipt": (lambda user: user.press("Ja, skicka"), "Klart! Ditt ärende till IT kundservice har nummer"),
    "status": (lambda user: user.say("hur går det med mitt ärende?"), "**LOT-"),
}
"""How each message is come to from the one before, and how it begins."""


@pytest.fixture(scope="module")
def told(lotsen: RunningLotsen, microsoft: Microsoft) -> Dict[str, Told]:
    """One conversation, and the message of each state in it."""
    user = TeamsUser(microsoft, lotsen)
    found: Dict[str, Told] = {}
    for name, (act, begins) in STATES.items():
        act(user)
        latest = told_to(user, lotsen)[-2:]
        found[name] = next(one for one in latest if one.text.startswith(begins))
    return found


def message(said: str, *titles: str) -> ChatMessage:
    """Return a message of the bot with buttons."""
    choices = tuple(Choice(title, "/x") for title in titles)
    return ChatMessage(1, "bot", said, datetime(2026, 11, 27, tzinfo=timezone.utc), choices)


@pytest.fixture(params=[WIDE, PHONE], ids=["600 px", "320 px"])
def chat(request: pytest.FixtureRequest, browser: Browser) -> Iterator[WebChat]:
    """Web Chat, as wide as a window and as narrow as a phone."""
    with web_chat(browser, **request.param) as chat:
        yield chat


def titles(shown: Locator) -> List[str]:
    """Return the names of a card's buttons, in the order of the page."""
    found = shown.get_by_role("button").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    for title in found:
        expect(shown.get_by_role("button", name=title, exact=True)).to_be_visible()
    return list(found)


def test_cards_are_for_what_can_be_chosen(told: Dict[str, Told]) -> None:
    """An answer is text; all else is a card, also how a case stands: its user can answer the desk from there."""
    assert [name for name, one in told.items() if not one.activity.get("attachments")] == ["answer"]


def test_all_is_seen(told: Dict[str, Told], chat: WebChat) -> None:
    """Every word and button, in order, none twice; no marks of Markdown, nothing cut off, nothing for axe-core to find.

    axe-core looks at what is ours, the cards and texts; the frame around them is Web Chat's, and Teams has its own.
    """
    for name, one in told.items():
        shown = chat.tell(one.activity)
        seen = shown.inner_text()
        assert words(seen) == one.words, name
        assert "**" not in seen, name
        assert titles(shown) == [title for _, title in one.choices], name
        assert cut_off(shown) == [], name
    assert violations(chat) == []


def test_what_users_write_is_shown_as_they_wrote_it(told: Dict[str, Told], chat: WebChat) -> None:
    """HTML in a case is text."""
    shown = chat.tell(told["preview"].activity)
    assert ADDED in shown.inner_text()
    expect(shown.get_by_text("Har lagt till:")).to_be_visible()


def test_bar_shows_how_far_it_is(told: Dict[str, Told], chat: WebChat) -> None:
    """The picture is loaded from the card itself, is as small as it should be, and is read as the step's heading."""
    for name, heading in (("guide", "Steg 1 av 8"), ("next step", "Steg 2 av 8")):
        bar = chat.tell(told[name].activity).get_by_role("img", name=heading)
        expect(bar).to_be_visible()
        size = "one => [one.naturalWidth, one.getBoundingClientRect().width, one.getBoundingClientRect().height]"
        assert bar.evaluate(size) == [WIDTH, WIDTH / 2, HEIGHT / 2]


def test_every_text_with_buttons_fits_a_phone(browser: Browser) -> None:
    """Also those that few conversations come to."""
    content = load_content(CONTENT)
    sets = [tuple(button.title for button in one.buttons) for one in content.texts.values() if one.buttons]
    for guide in content.guides.values():
        for step in guide.steps:
            sets.append(tuple(answer.title for answer in step.answers.values()))
    with web_chat(browser, **PHONE) as chat:
        for several in sorted({one for one in sets if one}):
            shown = chat.tell(cards.activity(message("Vad väljer du?", *several)))
            assert titles(shown) == list(several)
            assert cut_off(shown) == [], several


def test_buttons_come_back_and_the_bot_goes_on(user: TeamsUser, lotsen: RunningLotsen, browser: Browser) -> None:
    """The whole round: what Web Chat sends for a button is sent to the bot, from the greeting to a case's number."""

    def press(title: str) -> List[str]:
        before = told_to(user, lotsen)
        sent = chat.press(chat.tell(before[-1].activity), title)
        assert sent["value"]["choice"] == {name: id for id, name in before[-1].choices}[title]
        assert not re.search(r'"/\w', json.dumps(sent["value"]))
        user.tell(value=sent["value"])
        user.hear()
        return [one.text for one in told_to(user, lotsen)[len(before) :]]

    greeting(user)
    with web_chat(browser, **WIDE) as chat:
        assert press("Jag kan inte logga in") == [text("ask_error")]
        assert press("”Webbsidan kan inte visas”")[-1].startswith("**Steg 1 av 8")
        assert press("Klart")[0].startswith("**Steg 2 av 8")
        assert press("Tillbaka")[0].startswith("**Steg 1 av 8")
        user.say("jag vill prata med en människa")
        press("Jag eller en kollega")
        press("Nej, inget mer")
        assert press(CHAT)[0].startswith("Det här skickar jag till IT kundservice")
        assert re.search(r"LOT-\d{6}", press("Ja, skicka")[0])
        assert press("Fortsätt")[-1].startswith("**Steg 1 av 8")


@pytest.mark.parametrize(("state", "key"), [("next step", "Enter"), ("suggest", "Enter"), ("suggest", "Space")])
def test_keyboard(told: Dict[str, Told], browser: Browser, state: str, key: str) -> None:
    """Every button is come to with Tab, in order, and pressed with a key. Web Chat's own way in is Shift+Tab, Enter."""
    one = told[state]
    with web_chat(browser, **WIDE) as chat:
        shown = chat.tell(one.activity)
        chat.page.get_by_role("textbox").focus()
        for way_in in ("Shift+Tab", "Shift+Tab", "Enter"):
            chat.page.keyboard.press(way_in)
        for _, title in one.choices:
            expect(shown.get_by_role("button", name=title, exact=True)).to_be_focused()
            chat.page.keyboard.press("Tab")
        chat.page.keyboard.press("Shift+Tab")
        chat.page.keyboard.press(key)
        chat.page.wait_for_function("told.posted.length > 0")
        assert [sent["value"]["choice"] for sent in chat.posted()] == [one.choices[-1][0]]


def test_links_lead_where_the_source_says(browser: Browser) -> None:
    """In answers, which are text, and in cards; also an address that has an ampersand."""
    linked = [said for said in answers().values() if "https://" in said]
    assert len(linked) >= 5
    with web_chat(browser, **PHONE) as chat:
        for said in (*linked, "Se https://www.example.se/?a=1&b=2."):
            addresses = re.findall(r"https://[^\s)]+[^\s).]", said)
            for choices in ((), ("Tack",)):
                shown = chat.tell(cards.activity(message(said, *choices)))
                found = shown.get_by_role("link").evaluate_all("all => all.map(one => one.getAttribute('href'))")
                assert [address for address in found if address.startswith("https:")] == addresses
                assert cut_off(shown) == []


def test_checks_would_find_something(browser: Browser) -> None:
    """Buttons that have no room beside each other are cut off, and a colour that is too pale is seen."""
    many = [{"type": "Action.Submit", "title": f"En lång knapp {number}"} for number in range(6)]
    card = {**cards.card(message("Blekt", "Ja")), "actions": many}
    with web_chat(browser, **PHONE) as chat:
        shown = chat.tell({"type": "message", "attachments": [{"contentType": cards.CARD_TYPE, "content": card}]})
        assert cut_off(shown) != []
        assert violations(chat) == []
        shown.get_by_text("Blekt").evaluate("one => { one.style.color = '#ccc'; }")
        assert [found.partition(" ")[0] for found in violations(chat)] == ["color-contrast"]


def test_requests_to_others_would_be_found(browser: Browser) -> None:
    """A picture from elsewhere is not fetched, and fails."""
    body = [{"type": "Image", "url": "https://www.example.se/picture.png", "altText": "En bild"}]
    card = {"type": "AdaptiveCard", "version": "1.5", "body": body}
    with web_chat(browser) as chat:
        chat.tell({"type": "message", "attachments": [{"contentType": cards.CARD_TYPE, "content": card}]})
        assert chat.foreign == ["https://www.example.se/picture.png"]
        chat.foreign.clear()
