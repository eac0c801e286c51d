"""How does it go with my case: one's own only, or with number and code; and nobody gets to guess."""

from __future__ import annotations

from pathlib import Path

from lotsen.cases.access import WRONG_PER_CONVERSATION
from tests.support.chat import ChatClient
from tests.support.expected import text
from tests.support.handoff import send_case
from tests.support.running import RunningLotsen

ASK = "hur går det med mitt ärende?"


def test_ones_own_case(chat: ChatClient) -> None:
    """The conversation that sent it sees it, by asking in general and by its number."""
    number, _ = send_case(chat, "Knappen Spara är grå")
    for question in (ASK, f"status på {number}?"):
        said = chat.say(question)[0].text
        assert f"**{number}**: Knappen Spara är grå" in said
        assert text("status_new") in said


def test_without_a_case(chat: ChatClient) -> None:
    """Who has sent none is told what is needed."""
    assert chat.say(ASK)[0].text == text("case_none")


def test_anothers_case_needs_its_code(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """A number alone shows nothing; with the code it does, and the code is nowhere to be found afterwards."""
    number, code = send_case(lotsen.chat(), "Momentet försvann")
    assert chat.say(f"hur går det med {number}?")[0].text == text("case_needs_code", number=number)
    assert f"**{number}**: Momentet försvann" in chat.say(f"{number} {code.lower()}")[0].text
    assert chat.history()[-2]["text"] == f"{number} [kod]"
    for path in Path(lotsen.env["LOTSEN_DATA_DIR"]).rglob("*"):
        if path.is_file():
            assert code.lower().encode() not in path.read_bytes(), path
    assert chat.say(ASK)[0].text == text("case_none"), "the code opens it once, and makes it nobody's own"


def test_guessing_leads_nowhere(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """A wrong code and an unknown number look the same; after some guesses the right code does, too."""
    number, code = send_case(lotsen.chat(), "Får inget svar")
    assert chat.say(f"LOT-999999 {code}")[0].text == text("case_unknown")
    for _ in range(WRONG_PER_CONVERSATION - 1):
        assert chat.say(f"{number} 2222-2222")[0].text == text("case_unknown")
    assert chat.say(f"{number} {code}")[0].text == text("case_unknown")
    assert f"**{number}**" in lotsen.chat().say(f"{number}, koden är {code}")[0].text


def test_no_text_names_a_case(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """What the channel hands over for an opened case is only text when a user types it."""
    number, _ = send_case(lotsen.chat(), "Hemlig sak")
    said = chat.say(f'/case_status{{"case_number": "{int(number[4:])}"}}')
    assert all("Hemlig sak" not in one.text for one in said)
