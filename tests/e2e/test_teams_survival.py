"""Teams on a bad day: slow, busy and dead, told twice, and a bot that is killed in the middle of it."""

from __future__ import annotations

import threading
from typing import Iterator

import pytest

from tests.support.expected import text
from tests.support.handoff import eventually
from tests.support.microsoft import Behaviour, Microsoft
from tests.support.running import RunningLotsen
from tests.support.teams import TeamsUser

QUESTION = "Det står ”Webbsidan kan inte visas” när jag försöker logga in"
AS_IF_LATER = "UPDATE teams_conversations SET leased = 0, due = 0 WHERE due IS NOT NULL"
LOST = "UPDATE chat_turns SET expires = 0"


@pytest.fixture
def user(own: RunningLotsen, own_microsoft: Microsoft) -> Iterator[TeamsUser]:
    """A new user; Microsoft is well again afterwards."""
    yield TeamsUser(own_microsoft, own)
    own_microsoft.behaviours.clear()


def kill_rasa(own: RunningLotsen) -> None:
    """Kill the Rasa servers as a crash would, and wait until a new one answers."""
    servers = own.rasa_servers()
    for server in servers:
        server.kill()
    for server in servers:
        server.wait()
    own.wait_for_line("Starting it again")
    own.wait_until_healthy()


def log(own: RunningLotsen) -> str:
    """Return what the Rasa server has logged."""
    return own.rasa_log()


def test_told_twice_is_answered_once(user: TeamsUser) -> None:
    """Teams sends a message again when it has had no answer: one turn, one reply."""
    activity = user.activity(text="hej")
    assert [user.send(activity).status_code for _ in range(5)] == [200] * 5
    assert len(user.hear()) == 1


def test_busy_teams(user: TeamsUser, own_microsoft: Microsoft) -> None:
    """After a 429 the bot waits as long as it is told, and then says it once."""
    own_microsoft.behave(Behaviour(429, {"Retry-After": "2"}))
    before = len(own_microsoft.calls)
    user.say("hej")
    first, again = [call for call in own_microsoft.calls[before:] if call.body.get("type") == "message"]
    assert first.body == again.body
    assert again.at - first.at >= 2
    assert len(user.calls()) == 1


def test_dead_and_broken_teams(user: TeamsUser, own_microsoft: Microsoft) -> None:
    """A cut connection, a 502 and a token that is refused: the reply comes all the same, once, and in order."""
    own_microsoft.behave(Behaviour(drop=True), Behaviour(502), Behaviour(401))
    said = user.say(QUESTION)
    assert len(said) == 2
    assert said[-1].text.startswith("Steg 1 av 8")


def test_card_that_is_not_taken(user: TeamsUser, own_microsoft: Microsoft) -> None:
    """Where Teams refuses a card, its words and choices come as text."""
    own_microsoft.behave(Behaviour(), Behaviour(400, body={"error": {"code": "BadSyntax"}}))
    step = user.say(QUESTION)[-1]
    assert step.text.startswith("**Steg 1 av 8**")
    assert "- Klart" in step.text
    assert user.say("klart")[-1].text.startswith("Steg 2 av 8")


def test_user_who_took_the_app_away(user: TeamsUser, own: RunningLotsen, own_microsoft: Microsoft) -> None:
    """Who may not be written to is not tried again, until they are back; the log says whose the reply was."""
    own_microsoft.behave(Behaviour(403, body={"error": {"code": "MessageWritesBlocked"}}))
    user.write(QUESTION)
    eventually(lambda: "could not be delivered (403 MessageWritesBlocked). Its cases: none." in log(own))
    eventually(user.settled)
    assert user.calls() == []
    user.install()
    assert "Vad gäller det?" in user.hear_of("Vad gäller det?")[0].text


def test_typing_is_shown_while_the_bot_works(user: TeamsUser, own: RunningLotsen, own_microsoft: Microsoft) -> None:
    """A turn that takes a while shows it, and says it; the answer comes."""
    server = own.action_server()
    server.suspend()
    try:
        user.write(QUESTION)
        mine = [user.conversation]
        own_microsoft.wait_for(
            lambda: any(one.body.get("type") == "typing" and one.conversation in mine for one in own_microsoft.posted),
            "typing",
        )
        assert user.calls() == []
        own_microsoft.wait_for(user.calls, "the word that it takes a while")
        assert user.shown()[0].text == text("turn_wait")
    finally:
        server.resume()
    assert user.hear()[-1].text.startswith("Steg 1 av 8")


def test_reply_that_was_on_its_way_when_the_bot_died(
    user: TeamsUser, own: RunningLotsen, own_microsoft: Microsoft
) -> None:
    """A reply that is stored and not delivered is delivered by the next process, in order; none is lost."""
    held = threading.Event()
    own_microsoft.behave(Behaviour(503, hold=held))
    user.write(QUESTION)
    own_microsoft.wait_for(lambda: not own_microsoft.behaviours, "the first call")
    eventually(lambda: own.query("SELECT 1 FROM chat_turns") == [])
    kill_rasa(own)
    held.set()
    own.query(AS_IF_LATER)
    said = user.hear()
    assert [one.text.split("\n")[0] for one in said] == ["**”Webbsidan kan inte visas”**", "Steg 1 av 8"]
    assert user.press("Klart")[-1].text.startswith("Steg 2 av 8")


def test_bot_killed_in_the_middle_of_a_turn(user: TeamsUser, own: RunningLotsen) -> None:
    """The user is told, and offered the same buttons; the message sent again by Teams is not answered twice."""
    step = user.say(QUESTION)[-1]
    server = own.action_server()
    server.suspend()
    try:
        sent = user.push("Klart")
        kill_rasa(own)
    finally:
        server.resume()
    assert user.send(sent).status_code == 200
    own.query(LOST)
    heard = user.hear_of("tekniskt fel")
    assert (heard[-1].text, heard[-1].buttons) == (text("turn_failed"), step.buttons)
    assert user.press("Klart")[-1].text.startswith("Steg 2 av 8")
