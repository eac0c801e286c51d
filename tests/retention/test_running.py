"""A purge beside a running Lotsen: whoever talks goes on, whoever comes back after a month begins kindly anew."""

from __future__ import annotations

import subprocess
import sys
from typing import List

import pytest
import requests

from lotsen.settings import ROOT
from tests.support.chat import ChatClient
from tests.support.handoff import send_case
from tests.support.running import RunningLotsen

pytestmark = pytest.mark.xdist_group("retention running")

QUESTION = "Kan jag som behandlare logga in i SOB från externt nätverk?"
SECONDS = 40 * 24 * 3600


def age(lotsen: RunningLotsen, conversation: str, seen: bool = True) -> None:
    """Let all of a conversation be forty days old."""
    mine = f"conversation = '{conversation}'"
    lotsen.query(f"UPDATE events SET timestamp = timestamp - {SECONDS} WHERE sender_id = '{conversation}'")
    lotsen.query(f"UPDATE chat_messages SET created = datetime(created, '-40 days') WHERE {mine}")
    lotsen.query(f"UPDATE chat_conversations SET began = began - {SECONDS} WHERE {mine}")
    lotsen.query(f"DELETE FROM guide_timers WHERE {mine}")
    if seen:
        lotsen.query(f"UPDATE chat_conversations SET seen = seen - {SECONDS} WHERE {mine}")


def newest(lotsen: RunningLotsen) -> str:
    """Return the conversation that began last."""
    return str(lotsen.query("SELECT conversation FROM chat_conversations ORDER BY began DESC LIMIT 1")[0][0])


def answer(chat: ChatClient) -> str:
    """Ask the question; return what the bot says."""
    return "\n".join(said.text for said in chat.say(QUESTION))


def test_who_comes_back_after_a_month(own_lotsen: RunningLotsen) -> None:
    """Nothing is left of what was said; the next message is answered as a first one is."""
    chat = own_lotsen.chat()
    first = answer(chat)
    name = newest(own_lotsen)
    age(own_lotsen, name)
    assert "conversations" in own_lotsen.command("purge")
    assert own_lotsen.query(f"SELECT count(*) FROM events WHERE sender_id = '{name}'") == [(0,)]
    assert chat.history() == []
    again = ChatClient(own_lotsen.base, chat.token)
    assert first in answer(again)
    assert [message["author"] for message in again.history()].count("user") == 1


def test_a_page_that_was_left_open(own_lotsen: RunningLotsen) -> None:
    """Is told that the conversation is over, and begins a new one."""
    chat = own_lotsen.chat()
    answer(chat)
    age(own_lotsen, newest(own_lotsen), seen=False)
    own_lotsen.command("purge", "--kind", "conversations")
    refused = chat.post("/messages", {"text": "hej", "client_id": "1"})
    assert (refused.status_code, refused.json()["code"]) == (401, "over")
    assert answer(own_lotsen.chat())


def test_who_talks_meanwhile_is_answered(own_lotsen: RunningLotsen) -> None:
    """Purges, one after another and two at once, take nothing from a conversation that goes on."""
    chat = own_lotsen.chat()
    first = answer(chat)
    for _ in range(20):
        other = own_lotsen.chat()
        other.say("hej")
        age(own_lotsen, newest(own_lotsen))
    words = [sys.executable, "-m", "lotsen.cli", "purge"]
    purges: List["subprocess.Popen[bytes]"] = [
        subprocess.Popen(words, cwd=ROOT, env=own_lotsen.env, stdout=subprocess.DEVNULL) for _ in range(2)
    ]
    answers = [answer(chat)]
    while any(purge.poll() is None for purge in purges):
        answers.append(answer(chat))
    assert [purge.returncode for purge in purges] == [0, 0]
    assert set(answers) == {first}
    assert [message["author"] for message in chat.history()].count("user") == 1 + len(answers)
    assert "       0  samtal, äldre än" in own_lotsen.command("purge", "--dry-run")


def test_who_has_ended_and_who_has_a_case(own_lotsen: RunningLotsen) -> None:
    """What was ended goes at once; a case and its code outlive the conversation."""
    chat = own_lotsen.chat()
    number, code = send_case(chat, "Sidan kan inte visas")
    name = newest(own_lotsen)
    requests.delete(f"{chat.base}/session", headers={"Authorization": f"Bearer {chat.token}"}, timeout=60)
    own_lotsen.command("purge")
    assert own_lotsen.query(f"SELECT count(*) FROM events WHERE sender_id = '{name}'") == [(0,)]
    shown = own_lotsen.chat().say(f"{number}, kod {code}")
    assert any(number in said.text for said in shown)
    assert f"Samtal: {name}" in own_lotsen.command("person", "find", "--case", number)
