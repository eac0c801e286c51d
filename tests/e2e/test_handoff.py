"""The hand-off: what is asked, what is shown, what is stored, and to whom a resident is sent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import List

from lotsen.cases.access import code_of
from lotsen.cases.case import Impact
from lotsen.cases.store import Case, CaseStore
from lotsen.storage.database import open_engine
from tests.support.chat import ChatClient
from tests.support.expected import answers, text
from tests.support.handoff import CHAT, asked_how_to_be_reached
from tests.support.running import RunningLotsen


def cases(lotsen: RunningLotsen) -> List[Case]:
    """Return what is stored in the running Lotsen's database."""
    return CaseStore(open_engine(lotsen.database_url)).all()


LINES = "**Prioritet:** Normal\n**Nås på:** svar i chatten"


def case(lotsen: RunningLotsen, receipt: str) -> Case:
    """Return the case whose number the bot has just said."""
    number = re.search(r"LOT-\d{6}", receipt)
    assert number is not None, receipt
    (found,) = [stored for stored in cases(lotsen) if stored.number == number[0]]
    return found


def begin_as_staff(chat: ChatClient) -> None:
    """Ask for a person, and say that it is staff who has the problem."""
    chat.say("jag vill prata med en människa")
    chat.press("Jag eller en kollega")


def test_asking_for_a_person(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """The phone number comes first; then at most three questions; the case has the words that were shown."""
    said = chat.say("kan jag få prata med en riktig människa?")
    assert said[0].text == text("handoff_begins", target="IT kundservice")
    assert "14141" in said[0].text
    assert "Tjänstekatalogen" in said[0].text
    assert said[1].text == text("handoff_ask_affected")
    assert chat.press("Jag eller en kollega")[-1].text == text("handoff_ask_problem")
    asked = chat.say("Skärmen blir svart när jag öppnar momentet")[-1].text
    assert asked == asked_how_to_be_reached(target="IT kundservice")
    summary = f"**Problem:** Skärmen blir svart när jag öppnar momentet\n**Till:** IT kundservice\n{LINES}"
    assert chat.press(CHAT)[-1].text == text("handoff_preview", summary=summary, target="IT kundservice")
    receipt = chat.press("Ja, skicka")[-1].text
    stored = case(lotsen, receipt)
    secret = (Path(lotsen.env["LOTSEN_DATA_DIR"]) / "secret").read_text(encoding="utf-8")
    code = code_of(stored.key, secret)
    sent = text("handoff_sent", number=stored.number, code=code, target="IT kundservice")
    assert receipt == f"{sent}\n\n{text('handoff_sent_chat')}"
    assert stored.draft.problem == "Skärmen blir svart när jag öppnar momentet"
    assert stored.draft.contact.chat
    assert stored.channel == "web"
    assert [line.text for line in stored.draft.transcript if line.who == "user"][:2] == [
        "kan jag få prata med en riktig människa?",
        "Jag eller en kollega",
    ]


def test_how_to_be_reached_cannot_be_passed_over(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """Everything else can: an answer that gives no way is asked again; name, unit and number then stand in the case."""
    chat.say("jag vill prata med en människa")
    assert chat.press("Hoppa över")[-1].text == text("handoff_ask_problem")
    chat.press("Hoppa över")
    assert [said.text for said in chat.say("vet inte")] == [asked_how_to_be_reached("handoff_no_contact")]
    assert "så jag sparade det inte" in chat.say("19121212-1212")[-1].text
    preview = chat.say("Jag heter Amina på Vårdcentralen Björken, ring 070-174 06 35")[-1].text
    for line in ("**Problem:** Inte beskrivet", "**Nås på:** 070-174 06 35", "**Namn:** Amina"):
        assert line in preview
    stored = case(lotsen, chat.press("Ja, skicka")[-1].text)
    assert (stored.draft.contact.name, stored.draft.contact.unit) == ("Amina", "Vårdcentralen Björken")


def test_what_is_known_is_not_asked_again(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """An address, a patient who waits: said before the hand-off, they stand in the preview without a question.

    The next case of the same conversation knows how to reach its user, too.
    """
    chat.say("Webbsidan kan inte visas och patienten sitter här och väntar, mejla mig på asta@example.se")
    chat.say("jag vill prata med en människa")
    preview = chat.press("Nej, inget mer")[-1].text
    assert "**Prioritet:** Brådskande (en patient väntar)" in preview
    assert "**Nås på:** asta@example.se" in preview
    stored = case(lotsen, chat.press("Ja, skicka")[0].text)
    assert (stored.draft.priority.level.value, stored.draft.contact.email) == ("urgent", "asta@example.se")
    begin_as_staff(chat)
    again = chat.press("Nej, inget mer")[-1].text
    assert "**Nås på:** asta@example.se" in again
    assert "en patient väntar" not in again


def test_each_answer_can_be_changed_at_the_preview(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """Text, contact and who has the problem; what is sent is what was shown last."""
    begin_as_staff(chat)
    chat.say("Fel tetx")
    chat.press(CHAT)
    assert chat.press("Ändra hur jag nås")[-1].text == asked_how_to_be_reached(target="IT kundservice")
    assert "**Nås på:** ankn 4471" in chat.say("ankn 4471")[-1].text
    assert chat.press("Ändra vem som har problemet")[-1].text == text("handoff_ask_affected")
    assert "**Prioritet:** Hög (flera har problemet)" in chat.press("Flera på jobbet")[-1].text
    assert "070-174 06 48" in chat.say("förresten, byt numret till 070-174 06 48")[-1].text
    chat.press("Ändra texten")
    assert "**Problem:** Rätt text" in chat.say("Rätt text")[-1].text
    draft = case(lotsen, chat.press("Ja, skicka")[-1].text).draft
    assert (draft.problem, draft.contact.phone, draft.impact) == ("Rätt text", "070-174 06 48", Impact.SEVERAL)


def test_personal_number_is_masked_everywhere(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """A personal identity number is gone from the screen, the case, the database file and the logs."""
    begin_as_staff(chat)
    chat.say("Patienten 19121212-1212 syns inte hos oss")
    chat.press(CHAT)
    chat.press("Ja, skicka")
    folder = lotsen.env["LOTSEN_DATA_DIR"]
    assert cases(lotsen)[-1].draft.problem == "Patienten [personnummer] syns inte hos oss"
    assert all("1212-1212" not in message["text"] for message in chat.history())
    for path in Path(folder).rglob("*"):
        if path.is_file():
            assert b"19121212-1212" not in path.read_bytes(), path


def test_nothing_is_sent_without_a_yes(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """”Skicka inte” and "Skicka inget ärende" send nothing."""
    before = len(cases(lotsen))
    begin_as_staff(chat)
    assert chat.press("Skicka inget ärende")[-1].text == text("handoff_dropped")
    begin_as_staff(chat)
    chat.say("Något konstigt händer")
    chat.press(CHAT)
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
    chat.say("Knappen Spara är grå")
    preview = chat.press(CHAT)[-1]
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
    chat.press(CHAT)
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
    chat.say("Något helt annat är trasigt")
    assert "**Problem:** Något helt annat är trasigt" in chat.press(CHAT)[-1].text


def test_hand_off_out_of_a_guide_keeps_what_was_tried(chat: ChatClient) -> None:
    """Asking for a person in the middle of a guide takes along the steps so far."""
    chat.say("det står webbsidan kan inte visas")
    chat.press("Klart")
    said = chat.say("nej nu vill jag prata med en människa")
    assert said[-1].text == text("handoff_ask_addition")
    chat.press("Nej, inget mer")
    assert "- Stäng ner webbläsaren. – gjort" in chat.press(CHAT)[-1].text
