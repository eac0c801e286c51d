"""The hand-off: what is asked, what is shown, what is stored, and to whom a resident is sent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import List

from lotsen.cases.store import Case, CaseStore
from lotsen.storage.database import open_engine
from tests.support.chat import ChatClient
from tests.support.expected import answers, text
from tests.support.running import RunningLotsen


def cases(lotsen: RunningLotsen) -> List[Case]:
    """Return what is stored in the running Lotsen's database."""
    return CaseStore(open_engine(f"sqlite:///{lotsen.env['LOTSEN_DATA_DIR']}/lotsen.db")).all()


def begin_as_staff(chat: ChatClient) -> None:
    """Ask for a person, and say that it is staff who has the problem."""
    chat.say("jag vill prata med en människa")
    chat.press("Jag eller en kollega")


def test_asking_for_a_person(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """The phone number comes first; then at most three questions; the case has the words that were shown."""
    said = chat.say("kan jag få prata med en riktig människa?")
    assert said[0].text == text("handoff_begins")
    assert "14141" in said[0].text
    assert "Tjänstekatalogen" in said[0].text
    assert said[1].text == text("handoff_ask_affected")
    assert chat.press("Jag eller en kollega")[-1].text == text("handoff_ask_problem")
    summary = "**Problem:** Skärmen blir svart när jag öppnar momentet"
    assert chat.say("Skärmen blir svart när jag öppnar momentet")[-1].text == text(
        "handoff_preview", summary=summary, target="IT kundservice"
    )
    receipt = chat.press("Ja, skicka")[-1].text
    number = re.search(r"LOT-\d{6}", receipt)
    assert number is not None
    assert receipt == text("handoff_sent", number=number[0])
    (stored,) = [case for case in cases(lotsen) if case.number == number[0]]
    assert stored.draft.problem == "Skärmen blir svart när jag öppnar momentet"
    assert stored.channel == "web"


def test_personal_number_is_masked_everywhere(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """A personal identity number is gone from the screen, the case, the database file and the logs."""
    begin_as_staff(chat)
    chat.say("Patienten 19121212-1212 syns inte hos oss")
    chat.press("Ja, skicka")
    folder = lotsen.env["LOTSEN_DATA_DIR"]
    assert cases(lotsen)[-1].draft.problem == "Patienten [personnummer] syns inte hos oss"
    assert all("1212-1212" not in message["text"] for message in chat.history())
    for path in Path(folder).rglob("*"):
        if path.is_file():
            assert b"19121212-1212" not in path.read_bytes(), path


def test_text_can_be_changed_before_sending(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """”Ändra texten” asks again, and what is sent is the new text."""
    begin_as_staff(chat)
    chat.say("Fel tetx")
    assert chat.press("Ändra texten")[-1].text == text("handoff_ask_problem")
    assert "Rätt text" in chat.say("Rätt text")[-1].text
    chat.press("Ja, skicka")
    assert cases(lotsen)[-1].draft.problem == "Rätt text"


def test_nothing_is_sent_without_a_yes(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """”Skicka inte” and "Skicka inget ärende" send nothing."""
    before = len(cases(lotsen))
    begin_as_staff(chat)
    assert chat.press("Skicka inget ärende")[-1].text == text("handoff_dropped")
    begin_as_staff(chat)
    chat.say("Något konstigt händer")
    assert chat.press("Skicka inte")[-1].text == text("handoff_dropped")
    assert len(cases(lotsen)) == before
    assert chat.say("klar")[-1].text == text("guide_none")


def test_resident_goes_to_national_support(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """A resident's own problem never becomes a case at IT kundservice."""
    before = len(cases(lotsen))
    chat.say("jag vill prata med en människa")
    said = chat.press("En invånare")
    assert [message.text for message in said] == [text("handoff_resident")]
    assert "0770-72 00 00" in said[0].text
    assert "06:00–22:00" in said[0].text
    assert "14141" not in said[0].text
    assert len(cases(lotsen)) == before


def test_resident_asked_about_after_a_guide(chat: ChatClient) -> None:
    """After a guide, too, a question about a resident's login makes the bot ask who has the problem."""
    chat.say("det står webbsidan kan inte visas")
    chat.press("Klart")
    chat.say("en patient kommer inte in i sitt program")
    assert chat.say("jag vill prata med en människa")[-1].text == text("handoff_ask_affected")
    assert chat.press("En invånare")[0].text == text("handoff_resident")


def test_resident_named_in_words(chat: ChatClient) -> None:
    """Who has the problem can be typed; a patient named in the sentence decides."""
    chat.say("jag vill prata med en människa")
    assert chat.say("jag frågar åt en patient")[0].text == text("handoff_resident")


def test_staff_named_in_words(chat: ChatClient) -> None:
    """”Det är jag själv” names nobody, and means the staff."""
    chat.say("jag vill prata med en människa")
    assert chat.say("det är jag själv som har problemet")[0].text == text("handoff_ask_problem")


def test_question_during_the_preview(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """A question at the preview is answered, and the preview shown again; sending it then makes one case."""
    before = len(cases(lotsen))
    begin_as_staff(chat)
    preview = chat.say("Knappen Spara är grå")[-1]
    said = chat.say("vilken webbläsare ska jag använda?")
    assert said[0].text == answers()["utter_which_browser"]
    assert said[-1].text == preview.text
    chat.press("Ja, skicka")
    assert len(cases(lotsen)) == before + 1


def test_sending_twice_is_one_case(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """The browser's retry of the same press is taken quietly, a second press of the old button refused: one case."""
    before = len(cases(lotsen))
    begin_as_staff(chat)
    chat.say("Det hänger sig")
    press = {"choice": chat.choice_id("Ja, skicka"), "client_id": "samma-tryck"}
    assert chat.post("/messages", press).status_code == 202
    chat.listen()
    again = chat.post("/messages", press).status_code
    other = chat.post("/messages", {**press, "client_id": "nytt-tryck"})
    assert (again, other.status_code) == (202, 409)
    assert "tidigare fråga" in other.json()["error"]
    assert len(cases(lotsen)) == before + 1


def test_solved_problem_is_not_handed_off(chat: ChatClient) -> None:
    """After a guide that helped, a hand-off is about something else and asks what it is."""
    chat.say("det står sidan finns inte")
    assert chat.press("Det löste sig")[0].text == text("guide_resolved")
    begin_as_staff(chat)
    assert "**Problem:** Något helt annat är trasigt" in chat.say("Något helt annat är trasigt")[-1].text


def test_hand_off_out_of_a_guide_keeps_what_was_tried(chat: ChatClient) -> None:
    """Asking for a person in the middle of a guide takes along the steps so far."""
    chat.say("det står webbsidan kan inte visas")
    chat.press("Klart")
    said = chat.say("nej nu vill jag prata med en människa")
    assert said[-1].text == text("handoff_ask_addition")
    assert "- Stäng ner webbläsaren. – gjort" in chat.press("Nej, inget mer")[-1].text
