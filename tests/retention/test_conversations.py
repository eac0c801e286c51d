"""Conversations: what rests goes as a whole, what goes on keeps what Rasa needs, nobody misses an answer."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, List

import pytest
from rasa.shared.core.trackers import DialogueStateTracker

from lotsen.channels.teams.activity import Account
from tests.cases.made import NOW
from tests.retention.made import MINUTE, World

DAY = timedelta(days=1)
OLD, YOUNG = NOW - 31 * DAY, NOW - 29 * DAY


def _events(world: World, name: str) -> List[Any]:
    rows = sorted(world.rows("events", f"sender_id = '{name}'"), key=lambda row: row.id)
    return [json.loads(row.data) for row in rows]


def test_all_of_a_resting_conversation_goes(world: World) -> None:
    """From every table; what was asked and rated stays, as nobody's."""
    world.web_conversation("w", OLD, name="Moa", unit="Psyk norr")
    world.put("desk_lines", conversation="w", touched=OLD)
    world.put("asked", conversation="w", channel="web", at=OLD, text="hej", words="hej", kind="answered")
    world.put("feedback", conversation="w", message=1, rating="up", created=OLD)
    assert world.purge() == {"conversations": 1}
    for table in ("events", "chat_messages", "chat_conversations", "resume_codes", "notice_told", "desk_lines"):
        assert not world.count(table), table
    (asked,), (rated,) = world.rows("asked"), world.rows("feedback")
    assert asked.conversation.startswith("ended-")
    assert rated.conversation.startswith("ended-")
    assert (asked.text, asked.outcome) == ("hej", "answer")


def test_a_browser_that_still_shows_it_learns_that_it_is_over(world: World) -> None:
    """Its token opens nothing any more, and the mark that says so goes when no token can be left."""
    world.web_conversation("w", OLD, name="Moa", seen=NOW.timestamp())
    assert world.purge() == {"conversations": 1}
    (row,) = world.rows("chat_conversations")
    assert (row.name, world.web.conversations.ended("w")) == ("", True)
    assert world.purge(now=NOW + 7 * DAY) == {}
    assert world.purge(now=NOW + 9 * DAY) == {"conversations": 1}
    assert not world.count("chat_conversations")


@pytest.mark.parametrize("sign", ["a timer", "a turn", "the desk"])
def test_what_is_not_over_stays(sign: str, world: World) -> None:
    """A guide that waits, an answer on its way, the desk at work: somebody is there."""
    world.web_conversation("w", OLD)
    if sign == "a timer":
        world.put("guide_timers", conversation="w", channel="web", due=(NOW + DAY).timestamp())
    elif sign == "a turn":
        world.put("chat_turns", conversation="w", channel="web", expires=(NOW + MINUTE).timestamp())
    else:
        world.put("desk_lines", conversation="w", touched=YOUNG)
    assert world.purge() == {}
    assert (world.count("events"), world.count("chat_messages")) == (5, 1)


def test_what_was_ended_goes_at_once(world: World) -> None:
    """The user has said so; what Rasa keeps of it goes, however young, and nothing opens it."""
    world.web_conversation("w", NOW - MINUTE)
    world.web_conversation("other", NOW - MINUTE)
    world.web.end("w")
    assert world.purge() == {"ended": 1}
    assert not _events(world, "w")
    assert _events(world, "other")
    assert world.web.conversations.ended("w")


def test_a_long_conversation_loses_its_beginning(world: World) -> None:
    """Whole sessions go; Rasa replays the rest, and numbers go on after the last."""
    world.teams_conversation("t", OLD - DAY, OLD, YOUNG, NOW)
    world.put("feedback", conversation="t", message=1, rating="up", created=OLD)
    world.put("feedback", conversation="t", message=4, rating="up", created=NOW)
    assert world.look() == {"conversations": 1}
    assert world.purge() == {"conversations": 1}
    events = _events(world, "t")
    assert [event["text"] for event in events if event["event"] == "user"] == [
        f"Hej {at:%Y-%m-%d}" for at in (YOUNG, NOW)
    ]
    assert events[0]["name"] == "action_session_start"
    tracker = DialogueStateTracker.from_dict("t", events, [])
    assert tracker.latest_message is not None
    assert tracker.latest_message.text == f"Hej {NOW:%Y-%m-%d}"
    assert [row.number for row in world.rows("chat_messages")] == [3, 4]
    assert sorted(row.conversation[:6] for row in world.rows("feedback")) == ["ended-", "t"]
    assert world.count("teams_conversations", "told = 4")
    assert world.purge() == {}


def test_a_session_over_the_limit_stays_whole(world: World) -> None:
    """What was said in it is what Rasa goes on from."""
    world.teams_conversation("t")
    world.session("t", NOW - 30 * DAY - timedelta(milliseconds=25))
    assert world.purge() == {}
    assert len(_events(world, "t")) == 5


def test_without_a_start_nothing_goes(world: World) -> None:
    """Rasa could not replay the rest."""
    for at in (OLD, YOUNG):
        data = json.dumps({"event": "user", "text": "Hej", "timestamp": at.timestamp()})
        world.put("events", sender_id="t", type_name="user", timestamp=at.timestamp(), data=data)
    assert world.purge() == {}
    assert world.count("events") == 2


def test_who_waits_for_an_answer_in_teams_gets_it(world: World) -> None:
    """All that was said goes, but not where the user is, until the case is over and told."""
    account = Account("t", "https://teams.example.se", "a:1", "29:1", "id-1", "28:bot", True)
    name = world.teams.references.name(account)
    world.teams.references.met(name, account)
    world.session(name, OLD)
    for _ in range(3):
        world.said(name, OLD)
    world.teams.references.told(name, 3)
    case = world.case(OLD, name, channel="teams")
    assert world.purge() == {"conversations": 1}
    assert not world.count("events") + world.count("chat_messages")
    assert world.purge() == {}

    world.teams.log.add_bot(name, "Supporten har svarat.", ())
    reference = world.teams.references.get(name)
    assert reference is not None
    assert [said.text for said in world.teams.log.after(name, reference.told)] == ["Supporten har svarat."]

    world.set("chat_messages", "1 = 1", created=OLD)
    world.set("cases", f"id = {case}", status="resolved")
    world.put("case_events", case_id=case, kind="status", conversation=name, at=NOW, tell_at=NOW)
    assert world.purge() == {"conversations": 1}
    assert world.count("teams_conversations") == 1
    world.set("case_events", "1 = 1", tell_at=None)
    assert world.purge() == {"conversations": 1}
    assert not world.count("teams_conversations")
    assert world.count("cases") == 1


def test_one_that_has_just_begun_in_teams_stays(world: World) -> None:
    """Nothing is said in it yet."""
    world.put("teams_conversations", conversation="t", told=0)
    assert world.purge() == {}


def test_what_was_said_meanwhile_saves_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look and the deletion its user may come back."""
    from lotsen.retention.conversations import Resting

    world.web_conversation("w", OLD)
    find = Resting.find

    def come_back(self: Resting, *arguments: Any) -> Any:
        found = find(self, *arguments)
        world.said("w", NOW, "Jag är här igen")
        return found

    monkeypatch.setattr(Resting, "find", come_back)
    world.purge("conversations")
    assert world.count("chat_messages", "body LIKE '%igen%'") == 1
    assert len(_events(world, "w")) == 5
