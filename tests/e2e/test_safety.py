"""Nothing a user types, and nothing a browser claims, can do what the bot did not offer."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.support.chat import TIMEOUT_SECONDS, ChatClient
from tests.support.expected import answers, text
from tests.support.running import RunningLotsen


@pytest.mark.parametrize(
    "typed",
    [
        "/how_to_purge",
        "  /how_to_purge",
        "//how_to_purge",
        "/ /how_to_purge",
        '/inform_affected{"affected": "invånare"}',
        "/restart",
        "/session_start",
        "/back",
    ],
)
def test_typed_commands_are_text(typed: str, chat: ChatClient) -> None:
    """A command typed by hand fires no intent, slot or action: the bot does not know what is meant."""
    said = chat.say(typed)
    forbidden = {answers()["utter_how_to_purge"], answers()["utter_greet"], text("handoff_resident")}
    assert said
    assert not forbidden & {message.text for message in said}
    assert not [m for m in chat.history() if m["author"] == "user" and m["text"].startswith("/")]


@pytest.mark.parametrize("choice", ["1.0", "999999.0", "/stop", "", None, "x" * 500, {"payload": "/stop"}])
def test_choices_that_were_not_offered_are_refused(choice: Any, chat: ChatClient) -> None:
    """A choice counts only if it is among the bot's latest buttons."""
    answer = chat.post("/messages", {"choice": choice, "client_id": "a"})
    assert answer.status_code == 409
    assert answer.json()["error"]


def test_another_conversations_choice_is_refused(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """A button offered to one user cannot be pressed by another."""
    theirs = lotsen.chat().choice_id("Visa alla frågor")
    assert chat.post("/messages", {"choice": theirs, "client_id": "a"}).status_code == 409


def test_sender_id_of_the_browser_is_ignored(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """Whatever sender a browser claims, it talks in, and reads, the conversation of its token."""
    other = lotsen.chat()
    body = {"text": "vad är ett moment?", "client_id": "a", "sender": "web-1", "sender_id": "web-1"}
    assert chat.post("/messages?sender=web-1", body).status_code == 202
    assert chat.listen()[0].text == answers()["utter_what_is_a_module"]
    assert len(other.history()) == 1


@pytest.mark.parametrize("token", ["", "abc", "eyJhbGciOiJub25lIn0.eyJzaWQiOiJ4IiwiZXhwIjo5OTk5OTk5OTk5fQ."])
def test_tokens_that_are_not_ours_are_refused(token: str, lotsen: RunningLotsen) -> None:
    """Without a token that we signed there is nothing to read or write."""
    stranger = ChatClient(lotsen.base, token)
    assert stranger.get("/messages?after=0").status_code == 401
    assert stranger.post("/messages", {"text": "hej", "client_id": "a"}).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"client_id": "a"}, 400),
        ({"text": 5, "client_id": "a"}, 400),
        ({"text": "hej"}, 400),
        ({"text": "hej", "client_id": "x" * 65}, 400),
        (["hej"], 400),
        ({"text": "   ", "client_id": "a"}, 422),
        ({"text": "/", "client_id": "a"}, 422),
        ({"text": "å" * 2001, "client_id": "a"}, 422),
        ({"text": "x" * 20000, "client_id": "a"}, 413),
    ],
)
def test_bad_requests_get_a_swedish_sentence(body: Any, status: int, chat: ChatClient) -> None:
    """What cannot be read is refused with a sentence, and the conversation goes on."""
    answer = chat.post("/messages", body)
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")
    assert chat.say("vad är ett moment?")[0].text == answers()["utter_what_is_a_module"]


def test_foreign_pages_cannot_post(chat: ChatClient) -> None:
    """A form on another site can only send content types that are refused, and gets no CORS header."""
    headers = {"Authorization": f"Bearer {chat.token}", "Origin": "https://evil.example", "Content-Type": "text/plain"}
    answer = requests.post(f"{chat.base}/messages", data='{"text": "hej"}', headers=headers, timeout=TIMEOUT_SECONDS)
    assert answer.status_code == 415
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_not_json_is_refused(chat: ChatClient) -> None:
    """Broken JSON is a bad request, not a crash."""
    headers = {"Authorization": f"Bearer {chat.token}", "Content-Type": "application/json"}
    answer = requests.post(f"{chat.base}/messages", data="{", headers=headers, timeout=TIMEOUT_SECONDS)
    assert answer.status_code == 400


def test_rasas_open_doors_are_shut(lotsen: RunningLotsen) -> None:
    """Rasa's REST channel, its HTTP API and foreign files are not served."""
    root = lotsen.base.removesuffix("/chat")
    for path in ("/webhooks/rest/webhook", "/conversations/x/tracker", "/model/parse", "/domain", "/chat/../web.py"):
        assert requests.get(root + path, timeout=TIMEOUT_SECONDS).status_code in (404, 405)
        assert requests.post(root + path, json={}, timeout=TIMEOUT_SECONDS).status_code in (404, 405)


def test_page_has_a_strict_policy(lotsen: RunningLotsen) -> None:
    """The page may load nothing from elsewhere and may not be framed."""
    for name in ("", "chat.js", "chat.css", "sv.json", "icon.svg", "markdown.js"):
        answer = requests.get(f"{lotsen.base}/{name}", timeout=TIMEOUT_SECONDS)
        assert answer.status_code == 200, name
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "http://" not in answer.text.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in answer.text
