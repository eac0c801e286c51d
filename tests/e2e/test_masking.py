"""What staff write of patients and of themselves, over the running bot: only where a case needs it is it kept."""

from __future__ import annotations

from pathlib import Path
from typing import List

import pytest

from tests.e2e.test_handoff import cases
from tests.support.chat import ChatClient
from tests.support.handoff import CHAT
from tests.support.running import RunningLotsen
from tests.support.teams import TeamsUser

HSA_ID = "SE2321000040-QZ97"
NUMBERS = ("18901119-9814", "189011199814", "18901179-9814", "22901119AB12", "18901119K123", "99189012-3456")


def files_with(lotsen: RunningLotsen, part: str) -> List[str]:
    """Return the files in the data folder that have ``part`` in them: database, logs and what else there is."""
    folder = Path(lotsen.env["LOTSEN_DATA_DIR"])
    return [str(path) for path in folder.rglob("*") if path.is_file() and part.encode() in path.read_bytes()]


@pytest.mark.parametrize("number", NUMBERS)
def test_no_file_has_a_number(number: str, lotsen: RunningLotsen, chat: ChatClient) -> None:
    """In a question, with signs that nobody sees in it, and in a comment on an answer."""
    hidden = "\u200b".join(number)
    for text in (f"vad är ett moment? pat {number} undrar", f"{hidden} kan inte logga in"):
        assert chat.say(text)
    answer = next(message for message in chat.history() if message.get("ratable"))
    rating = {"message": answer["id"], "rating": "down", "comment": f"fel för {number}"}
    assert chat.post("/feedback", rating).status_code in (200, 202, 204)
    assert files_with(lotsen, number) == files_with(lotsen, hidden) == []
    said = [message["text"] for message in chat.history() if message["author"] == "user"]
    assert said[0].startswith("vad är ett moment? pat [") and said[1].endswith("] kan inte logga in")


def test_an_hsa_id_is_in_the_case_and_not_in_the_talk(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """It is understood, shown before it is sent, and stands in the case's own field; every transcript has its token."""
    chat.say(f"mitt hsa-id är {HSA_ID}, hur får jag behörighet till övningsmiljön?")
    chat.say("jag vill prata med en människa")
    chat.press("Jag eller en kollega")
    chat.press("Nej, inget mer")
    assert f"**HSA-id:** {HSA_ID}" in chat.press(CHAT)[-1].text
    chat.press("Ja, skicka")
    draft = cases(lotsen)[-1].draft
    assert draft.contact.hsa_id == HSA_ID
    asked = [line.text for line in draft.transcript if line.who == "user"]
    assert "[HSA-id]" in asked[0] and not any(HSA_ID in line.text for line in draft.transcript)
    conversation = cases(lotsen)[-1].conversation
    of = f"conversation = '{conversation}'"
    said = lotsen.query(f"SELECT body FROM chat_messages WHERE {of}")
    assert [body for (body,) in said if HSA_ID in body and '"card": "preview"' not in body] == []
    assert lotsen.query(f"SELECT text FROM asked WHERE {of} AND text LIKE '%{HSA_ID}%'") == []
    events = f"SELECT type_name FROM events WHERE sender_id = '{conversation}' AND data LIKE '%{HSA_ID}%'"
    assert {name for (name,) in lotsen.query(events)} == {"slot"}
    assert [path for path in files_with(lotsen, HSA_ID) if "lotsen.db" not in path] == []


def test_teams(lotsen: RunningLotsen, user: TeamsUser) -> None:
    """The other channel has the same door."""
    user.say(f"pat {NUMBERS[0]} syns inte, mitt hsa-id är {HSA_ID}9")
    assert files_with(lotsen, NUMBERS[0]) == []
    bodies = [body for (body,) in lotsen.query(f"SELECT body FROM chat_messages WHERE body LIKE '%{HSA_ID}9%'")]
    assert bodies == []
