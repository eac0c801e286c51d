"""What a user hears of a disturbance's end: the action with the real content, and the watcher that runs it."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.exc import OperationalError

from actions import services
from actions.disturbance import ActionDisturbanceOver, tell_disturbance
from actions.guide import start_guide
from actions.sending import send_case
from lotsen.cases.case import CaseDraft
from lotsen.cases.store import NewCase
from lotsen.clock import utc_now
from lotsen.content.catalogue import Content
from lotsen.content.located_yaml import read_yaml
from lotsen.dialogue import disturbance_news
from lotsen.dialogue.disturbance_news import ACTION, watch_disturbances
from lotsen.disturbances.audience import Audience
from lotsen.settings import ROOT

KIND, OTHER = "login_error", "clear_cache"
LISTENS = {"event": "action", "name": "action_listen", "policy": None, "confidence": None, "timestamp": None}


@pytest.fixture(autouse=True)
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The action server's stores, in a folder of the test."""
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("LOTSEN_DATABASE_URL", raising=False)
    opened = [one for one in vars(services).values() if hasattr(one, "cache_clear") and one is not services.content]
    for one in opened:
        one.cache_clear()
    yield
    for one in opened:
        one.cache_clear()


class User:
    """One conversation, its slots, and what it was told last."""

    def __init__(self, conversation: str = "a", channel: Optional[str] = "web") -> None:
        self.conversation, self.channel = conversation, channel
        self.slots: Dict[str, Any] = {}
        self.said: List[Dict[str, Any]] = []

    def tracker(self, intent: str = KIND) -> Tracker:
        """Return the conversation as the action server gets it."""
        message = {"text": "hej", "intent": {"name": intent, "confidence": 1.0}, "entities": []}
        heard = {"event": "user", "text": "hej", "parse_data": message, "input_channel": self.channel}
        return Tracker(self.conversation, dict(self.slots), message, [heard], False, None, {}, "action_listen")

    def hear(self, kind: str = KIND) -> List[str]:
        """Come to the guide; return what is said of a disturbance."""
        dispatcher = CollectingDispatcher()
        tell_disturbance(dispatcher, self.tracker(), kind)
        return [message["text"] for message in dispatcher.messages]

    def run(self, stored: bool = True) -> List[str]:
        """Run the action as the channel does; return what it says. Not ``stored``: the process dies before that."""
        dispatcher = CollectingDispatcher()
        *events, last = ActionDisturbanceOver().run(dispatcher, self.tracker(), {})
        assert last == LISTENS
        if stored:
            self.slots.update({event["name"]: event["value"] for event in events})
        self.said = dispatcher.messages
        return [message["text"] for message in dispatcher.messages]


def disturb(kind: str = KIND, text: str = "") -> None:
    """Say that there is a disturbance."""
    services.notices().set(kind, text, utc_now() + timedelta(hours=1))


def lift(kind: str = KIND) -> None:
    """Say that it is over."""
    assert services.notices().lift(kind)


def taken(channel: str = "web", later: timedelta = timedelta()) -> List[str]:
    """Return whom a channel would have told, now or later."""
    return services.audience().take_over(channel, utc_now() + later)


def test_the_domain_knows_the_action_and_the_slot() -> None:
    """The channel can run it under the name that the watcher is used with."""
    domain = read_yaml(ROOT / "domain.yml").data
    assert ActionDisturbanceOver().name() == ACTION
    assert ACTION in domain["actions"]
    assert domain["slots"]["told_over"]["influence_conversation"] == "false"


@pytest.mark.parametrize("text", ["", "Inloggningen ligger nere."])
def test_told_of_the_beginning_and_of_the_end(text: str, content: Content) -> None:
    """The end names the guide, says that one can try again, and offers the guide and a case."""
    user = User()
    disturb(text=text)
    (beginning,) = user.hear()
    assert text in beginning
    assert user.run() == []
    lift()
    assert taken() == ["a"]
    (end,) = user.run()
    assert content.guides[KIND].title in end
    assert "försöka igen" in end
    buttons = {button["title"]: button["payload"] for button in user.said[0]["buttons"]}
    assert buttons == {"Gå igenom guiden": f"/{KIND}", "Skicka ett ärende": "/talk_to_human"}


def test_beginning_a_guide_tells(content: Content) -> None:
    """Who begins the guide of a disturbance hears of it, and belongs to those who hear of the end."""
    disturb()
    dispatcher = CollectingDispatcher()
    start_guide(dispatcher, User().tracker(), KIND)
    assert content.texts["disturbance"].text in [message["text"] for message in dispatcher.messages]
    start_guide(CollectingDispatcher(), User("b").tracker(OTHER), OTHER)
    lift()
    assert taken() == ["a"]


def test_every_guide_can_be_begun_again(content: Content) -> None:
    """The button's payload is an intent for each guide that there may be a disturbance of."""
    user = User()
    for kind in content.guides:
        disturb(kind)
        user.hear(kind)
        lift(kind)
    assert len(user.run()) == len(content.guides)
    payloads = [message["buttons"][0]["payload"] for message in user.said]
    assert payloads == [f"/{kind}" for kind in content.guides]
    assert set(content.guides) <= set(read_yaml(ROOT / "domain.yml").data["intents"])


def test_who_heard_of_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is said, and nobody is noted."""
    user = User()
    assert user.hear() == []
    disturb()
    lift()
    assert user.run() == []
    assert user.slots == {"told_over": None}
    assert caplog.records == []


def test_told_once_and_noted_when_the_slot_is_stored() -> None:
    """The message comes again only if the process died before its slot was kept; then it counts as heard."""
    user = User()
    disturb()
    user.hear()
    lift()
    assert len(user.run(stored=False)) == 1
    assert len(user.run()) == 1
    assert [notice.kind for notice in services.audience().over("a")] == [KIND]
    assert user.run() == []
    assert services.audience().over("a") == []
    assert taken(later=timedelta(hours=1)) == []


def test_a_later_lift_of_an_earlier_notice() -> None:
    """What was told last does not hide what began before it and ends after it."""
    user = User()
    for kind in (KIND, OTHER):
        disturb(kind)
        user.hear(kind)
    lift(OTHER)
    assert len(user.run()) == 1
    lift(KIND)
    (end,) = user.run()
    assert user.said[0]["buttons"][0]["payload"] == f"/{KIND}"
    assert "**" in end
    assert user.run() == []


def test_one_message_for_one_trouble() -> None:
    """Two notices of the same kind that were both lifted are one thing to the user; the next one is news again."""
    user = User()
    for _ in range(2):
        disturb()
        user.hear()
        lift()
    assert len(user.run()) == 1
    disturb()
    user.hear()
    lift()
    assert [len(user.run()), len(user.run())] == [1, 0]
    assert services.audience().over("a") == []


def test_a_guide_that_is_gone() -> None:
    """Nothing is said of it, and it is not looked for again."""
    user = User()
    disturb("gone")
    user.hear("gone")
    lift("gone")
    assert [user.run(), user.run()] == [[], []]
    assert services.audience().over("a") == []


@pytest.mark.parametrize("channel", ["cmdline", None])
def test_who_only_tries_is_not_kept(channel: Optional[str]) -> None:
    """They hear of the disturbance, and nobody looks for them afterwards."""
    user = User(channel=channel)
    disturb()
    assert len(user.hear()) == 1
    lift()
    assert services.audience().over("a") == []


@pytest.mark.parametrize("linked", [True, False])
def test_a_linked_case(linked: bool, content: Content) -> None:
    """Who is told that the case belongs to the others' hears the end; without a case that leads nobody was told."""
    disturb()
    notice = services.notices().active(KIND, utc_now())
    assert notice is not None
    if linked:
        lead = services.case_store().create(NewCase(notice.key, CaseDraft("Störning"), "", "system"))
        services.notices().set_lead(notice.id, lead.id)
    dispatcher = CollectingDispatcher()
    send_case(dispatcher, User("case").tracker())
    assert (content.texts["handoff_linked"].text in dispatcher.messages[0]["text"]) is linked
    lift()
    assert taken() == (["case"] if linked else [])


def test_a_database_that_fails_stops_nobody(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The user hears of the disturbance all the same; the end is told when the database is back."""
    user = User()
    disturb()
    user.hear()
    lift()

    def broken() -> Audience:
        raise OperationalError("", {}, Exception("locked"))

    with monkeypatch.context() as patched:
        patched.setattr("actions.disturbance.audience", broken)
        assert user.run() == []
        disturb(OTHER)
        assert len(user.hear(OTHER)) == 1
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert len(user.run()) == 1


@pytest.mark.asyncio
async def test_the_watcher(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """It hands out whom the channel has to tell, each once, and a database that fails is asked again."""
    monkeypatch.setattr(disturbance_news, "LOOK_SECONDS", 0.0)
    disturb()
    for conversation, channel in (("a", "web"), ("t", "teams"), ("b", "web")):
        User(conversation, channel).hear()
    lift()
    audience, told, looks = services.audience(), [], asyncio.Event()
    take_over = audience.take_over
    failures = [OperationalError("", {}, Exception("locked"))]

    def taking(channel: str, now: Any) -> List[str]:
        if failures:
            raise failures.pop()
        found = take_over(channel, now)
        if told and not found:
            looks.set()
        return found

    async def tell(conversation: str) -> None:
        told.append(conversation)

    monkeypatch.setattr(audience, "take_over", taking)
    watching = asyncio.ensure_future(watch_disturbances(audience, "web", tell))
    await asyncio.wait_for(looks.wait(), 20)
    watching.cancel()
    assert told == ["a", "b"]
    failed, back = (record.getMessage() for record in caplog.records)
    assert "could not be looked up" in failed
    assert "can be looked up again" in back
