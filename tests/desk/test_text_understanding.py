"""The desk's way to the model: what is sent, in parts that the server takes, and what comes of silence."""

from __future__ import annotations

import json
import logging
from typing import Any, Callable, Dict, List

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.channels.parse_wire import MAX_BYTES, MAX_TEXTS, Found, Guess, Offered, Read, token_of
from lotsen.channels.typed import MAX_TEXT
from lotsen.desk.errors import Unavailable
from lotsen.desk.reading.understanding import Understanding, batches

TOKEN = token_of("a-key-for-tests")


def read_of(text: str) -> Read:
    """Return what a server may make of a text."""
    return Read(
        *(text, "suggest", None, "nlu_fallback", 0.4, (Offered("a", "A?"),), (Guess("a", "A?", 0.4),)),
        *((Found("browser", "Edge", 0, 4),), (0.6, 0.8)),
    )


def desk(handler: Callable[[httpx.Request], httpx.Response]) -> Understanding:
    """Return the client of a server that answers so."""
    return Understanding("http://server:1/", TOKEN, httpx.Client(transport=httpx.MockTransport(handler)))


def test_texts_are_sent_masked_in_parts_and_read_in_order() -> None:
    """120 texts are three requests with the token; numbers are masked here already, and long texts cut."""
    asked: List[Dict[str, Any]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == "http://server:1/parse"
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        asked.append(json.loads(request.content))
        return httpx.Response(200, json={"read": [read_of(text).to_json() for text in asked[-1]["texts"]]})

    texts = [f"text {number}" for number in range(118)] + ["pat 19121212-1212", "å" * 3000]
    found = desk(handler).read(texts)
    assert [len(one["texts"]) for one in asked] == [50, 50, 20]
    assert [one.text for one in found[:118]] == texts[:118]
    assert found[118].text == "pat [personnummer]"
    assert len(found[119].text) == MAX_TEXT
    assert found[0] == read_of("text 0")


def test_nothing_to_read_asks_nobody() -> None:
    """Without texts the server is not asked."""

    def handler(request: httpx.Request) -> httpx.Response:
        raise AssertionError("nobody is to be asked")

    assert desk(handler).read([]) == []


def _refused(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


def _slow(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("slow")


@pytest.mark.parametrize(
    "handler",
    [
        _refused,
        _slow,
        lambda request: httpx.Response(503, json={"said": "no model"}),
        lambda request: httpx.Response(401, json={"said": "not signed"}),
        lambda request: httpx.Response(200, content=b"<html>"),
        lambda request: httpx.Response(200, json={"read": []}),
        lambda request: httpx.Response(200, json={"read": [{}]}),
        lambda request: httpx.Response(200, json=[1]),
        lambda request: httpx.Response(302, headers={"location": "http://elsewhere/"}),
    ],
    ids=("refused", "slow", "no model", "not signed", "no JSON", "too few", "empty", "a list", "elsewhere"),
)
def test_a_server_that_does_not_answer_is_unavailable(
    handler: Callable[[httpx.Request], httpx.Response], caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong is one thing for the page, and the log has why, but no text and no token."""
    with caplog.at_level(logging.DEBUG, "lotsen"), pytest.raises(Unavailable) as caught:
        desk(handler).read(["hemligt"])
    assert caught.value.text == "no_model"
    assert caplog.messages
    assert not [line for line in caplog.messages if "hemligt" in line or TOKEN in line]


@given(st.lists(st.text(max_size=MAX_TEXT).filter(lambda text: text.isprintable()), max_size=120))
def test_parts_hold_everything_and_fit(texts: List[str]) -> None:
    """Together the parts are the texts in order, and each is a request that the server takes."""
    parts = list(batches(texts))
    assert [text for part in parts for text in part] == texts
    for part in parts:
        assert 0 < len(part) <= MAX_TEXTS
        assert len(json.dumps({"texts": part}, ensure_ascii=False).encode()) <= MAX_BYTES


def test_what_is_said_survives_the_way() -> None:
    """What one end writes the other reads."""
    read = read_of("Edge?")
    assert Read.from_json(json.loads(json.dumps(read.to_json()))) == read
