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


@pytest.mark.parametrize("choice", ["0.0", "1.9", "999999.0", "/stop", "", None, "x" * 500, {"payload": "/stop"}])
def test_choices_that_were_not_offered_are_refused(choice: Any, chat: ChatClient) -> None:
    """A choice counts only if it is among the bot's latest buttons."""
    answer = chat.post("/messages", {"choice": choice, "client_id": "a"})
    assert answer.status_code == 409
    assert answer.json()["error"]


def test_another_conversations_choice_is_refused(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """A button offered to one user cannot be pressed by another, and what one presses is one's own."""
    other = lotsen.chat()
    other.say("Det står ”Webbsidan kan inte visas” när jag försöker logga in")
    theirs = other.choice_id("Klart")
    assert chat.post("/messages", {"choice": theirs, "client_id": "a"}).status_code == 409
    assert other.press("Klart")[-1].text.startswith("**Steg 2 av 8**")


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
    """A page of another site is refused whatever it sends, and a form's content type even without an origin."""
    foreign = {"Authorization": f"Bearer {chat.token}", "Origin": "https://evil.example"}
    form = {"Authorization": f"Bearer {chat.token}", "Content-Type": "text/plain"}
    for headers, status in (({**foreign, "Content-Type": "application/json"}, 403), (form, 415)):
        sent = requests.post(f"{chat.base}/messages", data='{"text": "hej"}', headers=headers, timeout=TIMEOUT_SECONDS)
        assert sent.status_code == status
        assert "Access-Control-Allow-Origin" not in sent.headers
    assert requests.get(f"{chat.base}/messages", headers=foreign, timeout=TIMEOUT_SECONDS).status_code == 403


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
    """The pages and the widget may load nothing from elsewhere and may not be framed."""
    for name in ("", "chat/", "chat/widget.js", "chat/pages.css", "chat/icon.svg"):
        answer = requests.get(lotsen.front + name, timeout=TIMEOUT_SECONDS)
        assert answer.status_code == 200, name
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
