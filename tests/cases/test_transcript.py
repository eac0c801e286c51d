"""The conversation as the desk reads it, from a tracker's events."""

from __future__ import annotations

import json
from typing import Any, Dict, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.cases.access import code_of
from lotsen.cases.case import Line
from lotsen.cases.transcript import HIDDEN, MAX_LINES, transcript
from lotsen.channels.resume import ALPHABET
from lotsen.privacy.masking import TOKEN
from tests.cases.made import NUMBER

AT = 1_795_680_000.0
TIME = "2026-11-26T08:00:00+00:00"


def user(text: str | None, at: float = AT) -> Dict[str, Any]:
    """Return the event of a user's message."""
    return {"event": "user", "timestamp": at, "text": text, "parse_data": {}}


def bot(text: str | None, *buttons: Dict[str, str]) -> Dict[str, Any]:
    """Return the event of a bot's message."""
    return {"event": "bot", "timestamp": AT, "text": text, "data": {"buttons": list(buttons) or None}}


def said(*events: Dict[str, Any]) -> List[str]:
    """Return the lines' texts."""
    return [line.text for line in transcript(events)]


def test_who_said_what_and_when() -> None:
    """Messages come in order, with their time in UTC; what the machine notes for itself is left out."""
    events = [
        {"event": "action", "name": "action_session_start", "timestamp": AT},
        user("Hej", AT + 0.9),
        {"event": "slot", "name": "text", "value": "x", "text": "inte sagt", "timestamp": AT},
        bot("Hej!\nVad gäller det?"),
    ]
    assert transcript(events) == (Line(TIME, "user", "Hej"), Line(TIME, "bot", "Hej!\nVad gäller det?"))


@pytest.mark.parametrize("text", [None, "", "  \n"])
def test_empty_messages_are_left_out(text: str | None) -> None:
    """A message with buttons or a picture alone says nothing."""
    assert said(user(text), bot(text), {"event": "bot", "timestamp": AT}) == []


def test_buttons_by_their_titles() -> None:
    """A pressed button stands as the user saw it, the latest time; a payload that no button had is not shown."""
    yes = {"title": "Ja, skicka", "payload": "/affirm"}
    step = {"title": "Klart", "payload": '/next_step{"step": "a"}'}
    events = [bot("Skicka?", yes, step), user("/affirm"), user(step["payload"]), user("/deny"), user("/session_start")]
    assert said(*events) == ["Skicka?", "Ja, skicka", "Klart"]
    renamed = {"title": "Ja tack", "payload": "/affirm"}
    assert said(*events, bot("Skicka igen?", renamed), user("/affirm"))[-1] == "Ja tack"


def test_a_payload_that_opens_a_case_is_not_shown() -> None:
    """What the channel makes of a number and its code is no word of the user's."""
    assert said(user('/case_status{"case_number": "42"}')) == []


@pytest.mark.parametrize("speaker", [user, bot])
def test_personal_numbers_are_masked(speaker: Any) -> None:
    """Also where a log was written before masking, and in what the bot repeats."""
    assert said(speaker(f"pat {NUMBER} kommer inte in")) == [f"pat {TOKEN} kommer inte in"]


@given(st.text(ALPHABET, min_size=8, max_size=8))
def test_codes_are_hidden(letters: str) -> None:
    """Each code that can be made, as the bot tells it."""
    code = f"{letters[:4]}-{letters[4:]}"
    assert said(bot(f"Ditt nummer är LOT-000042, koden är {code}.")) == [
        f"Ditt nummer är LOT-000042, koden är {HIDDEN}."
    ]


@pytest.mark.parametrize("number", range(50))
def test_codes_of_cases_are_hidden(number: int) -> None:
    """As they are really made."""
    code = code_of(f"{number:032x}", "secret")
    assert said(bot(f"**{code}**"), user(code)) == [f"**{HIDDEN}**", HIDDEN]


@pytest.mark.parametrize("code", ["K7QM-2XPV", "VVVV-VVVV", "k7qm-2xpd", "vvvv-2vvv"])
def test_codes_that_users_type_are_hidden(code: str) -> None:
    """In small letters, too."""
    assert said(user(f"jag har koden {code}, hjälp")) == [f"jag har koden {HIDDEN}, hjälp"]


@pytest.mark.parametrize(
    "text", ["psyk-team", "LOT-000042", "2026-11-26", "070-174 06 35", "SITHS-kort", "e-post-svar"]
)
def test_other_words_stay(text: str) -> None:
    """What only looks a little like a code is kept."""
    assert said(user(text), bot(text)) == [text, text]


def test_the_latest_messages() -> None:
    """A long conversation is cut at its beginning; buttons pressed later keep their titles."""
    button = {"title": "Ja", "payload": "/affirm"}
    events = [bot("Först", button), *(user(str(number)) for number in range(MAX_LINES)), user("/affirm")]
    lines = said(*events)
    assert len(lines) == MAX_LINES
    assert (lines[0], lines[-1]) == ("1", "Ja")


@given(
    st.lists(
        st.fixed_dictionaries(
            {"event": st.sampled_from(["user", "bot", "action"]), "timestamp": st.floats(0, 4e9) | st.none()},
            optional={"text": st.none() | st.text()},
        )
    )
)
def test_any_conversation_can_be_told(events: List[Dict[str, Any]]) -> None:
    """Nothing in a log stops a hand-off."""
    lines = transcript(events)
    assert all(line.text.strip() for line in lines)
    json.dumps([line.text for line in lines])


def test_what_the_case_says_already_is_left_out() -> None:
    """The preview repeats the whole case."""
    events = [
        {"event": "bot", "text": "Det här skickar jag till IT", "timestamp": 1.0, "data": None},
        {"event": "user", "text": "ja", "timestamp": 2.0},
    ]
    assert [line.text for line in transcript(events, leave_out="Det här skickar jag till ")] == ["ja"]
