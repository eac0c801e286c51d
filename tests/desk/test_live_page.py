"""The conversation with a user, had from the case page: on SQLite and on PostgreSQL."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Callable, Iterator, List

import pytest
from httpx import Response
from starlette.testclient import TestClient

from lotsen.channels.chat.lines import table as lines
from lotsen.channels.chat.log import ChatLog
from lotsen.channels.web.conversations import Conversations
from lotsen.clock import utc_now
from lotsen.desk.services import Desk
from lotsen.desk.who import Role
from lotsen.privacy.masking import TOKEN
from tests.cases.made import NUMBER
from tests.desk.case_made import HOSTILE, desk_on, do, fields_of, stored, words

Client = Callable[..., TestClient]


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """The desk on an empty database of each kind."""
    made = desk_on(database_url, tmp_path)
    yield made
    made.engine.dispose()


def once(page: str) -> str:
    """Return the token of a page's form."""
    found = re.search(r'id="once" name="once" value="([^"]+)"', page)
    assert found is not None, "nothing can be said here"
    return found[1]


def say(client: TestClient, text: str, page: str = "", partial: bool = False) -> Response:
    """Say something in the conversation, as the form does."""
    page = page or client.get("/cases/1").text
    headers = {"HX-Request": "true"} if partial else {}
    return client.post("/cases/1/live/say", data={**fields_of(page), "once": once(page), "text": text}, headers=headers)


def said(desk: Desk) -> List[str]:
    """Return what the desk has said in the conversation, as the user has it."""
    return [message.text for message in ChatLog(desk.engine).after("web-1", 0) if message.author == "desk"]


def test_a_conversation(desk: Desk, as_agent: TestClient) -> None:
    """Taken over, spoken in, and given back; the page says each time who answers the user."""
    stored(desk)
    assert "Ta över samtalet" in as_agent.get("/cases/1").text
    assert do(as_agent, "/cases/1/live").headers["location"] == "/cases/1"
    page = as_agent.get("/cases/1").text
    assert "Du har samtalet sedan" in page and re.search(r"Lotsen svarar igen \d\d:\d\d om du inte skriver", page)
    assert say(as_agent, f"Hej! {NUMBER}", page).status_code == 303
    assert said(desk) == [f"Hej! {TOKEN}"]
    assert f"Hej! {TOKEN}" in as_agent.get("/cases/1").text
    do(as_agent, "/cases/1/live/end")
    page = as_agent.get("/cases/1").text
    assert "Lotsen svarar användaren igen." in page and "Karin Ek lämnade tillbaka samtalet" in page
    assert "Ta över samtalet" in page
    do(as_agent, "/cases/1/live/end")
    assert "Samtalet var redan tillbaka hos Lotsen." in as_agent.get("/cases/1").text


def test_a_double_send_says_it_once(desk: Desk, as_agent: TestClient) -> None:
    """The same form sent twice is one message; a new form is a new one, even with the same words."""
    stored(desk)
    do(as_agent, "/cases/1/live")
    page = as_agent.get("/cases/1").text
    for _ in range(2):
        assert say(as_agent, "Ja", page).status_code == 303
    assert said(desk) == ["Ja"]
    say(as_agent, "Ja")
    assert said(desk) == ["Ja", "Ja"]


def test_in_place(desk: Desk, as_agent: TestClient) -> None:
    """A browser gets the new parts and a new token, and is told that its field can be emptied."""
    stored(desk)
    do(as_agent, "/cases/1/live")
    page = as_agent.get("/cases/1").text
    answer = say(as_agent, "Hej!", page, partial=True)
    assert answer.status_code == 200 and answer.headers["HX-Trigger"] == "said"
    assert "Hej!" in answer.text and once(answer.text) != once(page) and "<html" not in answer.text
    empty = say(as_agent, "  ", page, partial=True)
    assert "HX-Trigger" not in empty.headers and "Skriv något först." in empty.text
    assert 'id="once"' not in empty.text


def test_what_cannot_be_said_stays(desk: Desk, as_agent: TestClient) -> None:
    """Without words, with too many, or without a token nothing is said, and what was written is there still."""
    stored(desk)
    do(as_agent, "/cases/1/live")
    page = as_agent.get("/cases/1").text
    assert "Skriv något först." in say(as_agent, "", page).text
    long = say(as_agent, "å" * 2001, page)
    assert long.status_code == 422 and "å" * 2001 in long.text and "högst 2000 tecken" in long.text
    bare = as_agent.post("/cases/1/live/say", data={**fields_of(page), "text": "Hej Moa"})
    assert bare.status_code == 422 and "Hej Moa" in bare.text
    assert said(desk) == []


def test_somebody_else_has_it(desk: Desk, client: Client, as_lead: TestClient) -> None:
    """Of two agents the second hears who has it, and can neither take, speak nor end; a lead can take it."""
    stored(desk)
    first, second = client(Role.AGENT, name="Karin Ek", id="karin"), client(Role.AGENT, name="Per Alm", id="per")
    do(first, "/cases/1/live")
    page = second.get("/cases/1").text
    assert "Karin Ek har samtalet sedan" in page and 'action="/cases/1/live"' not in page
    for path, fields in (("live", {}), ("live/end", {})):
        refused = do(second, f"/cases/1/{path}", **fields)
        assert refused.status_code == 409 and "Karin Ek har samtalet med användaren." in refused.text
    assert do(second, "/cases/1/live", instead="1").status_code == 403
    unsaid = do(second, "/cases/1/live/say", text="Jag också", once="a" * 20)
    assert unsaid.status_code == 409 and "Jag också" in unsaid.text
    assert "Ta över samtalet från Karin Ek" in as_lead.get("/cases/1").text
    do(as_lead, "/cases/1/live", instead="1")
    assert "Du har samtalet sedan" in as_lead.get("/cases/1").text
    assert do(first, "/cases/1/live/say", text="Hallå?", once="b" * 20).status_code == 409
    assert said(desk) == []


def test_lost_while_writing(desk: Desk, as_agent: TestClient) -> None:
    """Who writes too late is told that it was not sent, with the words in the field."""
    stored(desk)
    do(as_agent, "/cases/1/live")
    page = as_agent.get("/cases/1").text
    with desk.engine.begin() as connection:
        connection.execute(lines.update().values(touched=utc_now() - timedelta(hours=2)))
    assert desk.line.take_expired() == ["web-1"]
    late = say(as_agent, "Är du kvar?", page)
    assert late.status_code == 409 and "Är du kvar?" in late.text and "Du har inte samtalet längre." in late.text
    assert "Lotsen tog tillbaka samtalet, för Karin Ek hade inte skrivit på en stund." in late.text
    assert said(desk) == []


def test_a_case_without_user(desk: Desk, as_agent: TestClient) -> None:
    """Where there is nobody there is no conversation to take."""
    stored(desk, conversation="", channel="email")
    page = do(as_agent, "/cases/1/live")
    assert page.status_code == 409 and "Användaren har avslutat chatten." in page.text


def test_presence(desk: Desk, as_agent: TestClient) -> None:
    """The page says whether the user is there, and where a reply will be read."""
    stored(desk)
    assert "Det syns inte om användaren har chatten öppen." in as_agent.get("/cases/1").text
    conversations = Conversations(desk.engine)
    conversations.begin("web-1")
    shown = words(as_agent.get("/cases/1").text)
    assert "Här nu" in shown and "Svaret läses i chatten nu." in shown
    conversations.end("web-1")
    shown = words(as_agent.get("/cases/1").text)
    assert "Användaren har avslutat chatten." in shown and "Ring eller mejla också." in shown
    assert "Ta över samtalet" not in shown


def test_away(desk: Desk, as_agent: TestClient) -> None:
    """Who has closed the chat reads a reply next time."""
    stored(desk)
    Conversations(desk.engine, lambda: time.time() - 3600).begin("web-1")
    shown = words(as_agent.get("/cases/1").text)
    assert "Användaren hade chatten öppen senast" in shown
    assert "Svaret läses nästa gång användaren öppnar chatten." in shown


def test_hostile_words(desk: Desk, client: Client) -> None:
    """Names and words are never HTML, also in the parts that refresh themselves."""
    stored(desk)
    evil = client(Role.AGENT, name=HOSTILE, id="evil")
    do(evil, "/cases/1/live")
    say(evil, HOSTILE)
    for path in ("/cases/1", "/cases/1/parts?seen=1"):
        page = evil.get(path).text
        assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_live_words_do_not_make_a_page_old(desk: Desk, as_agent: TestClient) -> None:
    """What is said in the conversation stands in the way of no other change."""
    stored(desk)
    do(as_agent, "/cases/1/live")
    page = as_agent.get("/cases/1").text
    say(as_agent, "Hej!", page)
    with desk.engine.begin() as connection:
        desk.work.heard(connection, 1, "Hej hej")
    assert do(as_agent, "/cases/1/level", page, level="normal").status_code == 303
    assert "Hej hej" in as_agent.get("/cases/1").text


def test_only_staff(desk: Desk, as_owner: TestClient, as_auditor: TestClient, as_agent: TestClient) -> None:
    """Others do not get into a conversation."""
    stored(desk)
    form = fields_of(as_agent.get("/cases/1").text)
    for other in (as_owner, as_auditor):
        for path in ("", "/say", "/end"):
            assert other.post(f"/cases/1/live{path}", data=form).status_code == 403
