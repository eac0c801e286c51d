"""When a question is not clear: refusals, clarifying questions, two questions at once, what is already known."""

from __future__ import annotations

import pytest

from lotsen.content.catalogue import Content
from tests.e2e.test_handoff import cases
from tests.support.chat import ChatClient
from tests.support.expected import answers, text
from tests.support.handoff import CHAT
from tests.support.running import RunningLotsen

WEATHER = "vad blir det för väder i morgon?"
PARKING = "var får personalen parkera vid sjukhuset?"


@pytest.mark.parametrize(
    ("words", "response"),
    [
        ("blurp fnork xyzzy", "utter_out_of_scope_unclear"),
        ("asdkjh qwlekj zzxcv", "utter_out_of_scope_unclear"),
        ("jag har glömt pinkoden till mitt siths-kort", "utter_out_of_scope_card"),
        ("kortet är låst efter tre fel koder", "utter_out_of_scope_card"),
        ("var tar man ut statistik över antal startade program", "utter_out_of_scope_platform"),
        ("hur byter jag lösenord i Cosmic", "utter_out_of_scope_other_system"),
        ("patienten har inget BankID, hur skaffar hon ett", "utter_out_of_scope_resident"),
        ("hur gör ni i Region Skåne när ni beställer kort", "utter_out_of_scope_other_region"),
        ("när kommer lönen den här månaden?", "utter_out_of_scope_workplace"),
        (WEATHER, "utter_out_of_scope"),
    ],
)
def test_each_kind_of_refusal_says_where_to_turn(words: str, response: str, chat: ChatClient) -> None:
    """A neighbouring question gets the answer of its kind, with a way on."""
    refusal = chat.say(words)[0]
    assert refusal.text == answers()[response]
    assert "Kontakta IT kundservice" in refusal.buttons


def test_second_failed_try_offers_a_person(chat: ChatClient) -> None:
    """One refusal is just a refusal; a second in a row offers a case, and a "yes" to it begins one."""
    assert [said.text for said in chat.say(WEATHER)] == [answers()["utter_out_of_scope"]]
    refusal, offer = chat.say(PARKING)
    assert refusal.text == answers()["utter_out_of_scope_workplace"]
    assert offer.text == text("offer_person")
    assert chat.press("Skicka ett ärende")[0].text == text("handoff_begins", target="IT kundservice")


def test_an_answer_between_two_refusals_counts(chat: ChatClient) -> None:
    """Two refusals that are not in a row offer nobody."""
    chat.say(WEATHER)
    chat.say("hur går gallring till?")
    assert len(chat.say(PARKING)) == 1


def test_none_of_these_after_a_refusal_offers_a_person(chat: ChatClient) -> None:
    """Saying that no suggestion fits is a failed try, too."""
    chat.say(WEATHER)
    assert chat.say("inget av de där alternativen")[-1].text == text("offer_person")


def test_two_questions_in_one_message_are_both_answered(chat: ChatClient) -> None:
    """Both answers come."""
    first, *both = chat.say("Vilken webbläsare ska jag använda? Och kostar det något för patienten?")
    assert first.text == text("both_answers")
    assert {one.text for one in both} == {answers()["utter_which_browser"], answers()["utter_resident_fee"]}


def test_a_guide_and_a_question_in_one_message_are_both_offered(chat: ChatClient, content: Content) -> None:
    """A guide cannot be walked beside something else, so the user chooses; the button begins the guide."""
    asked = chat.say("Hur rensar jag cacheminnet i webbläsaren? Och vad är ett moment?")[-1]
    assert asked.text == text("suggest_both")
    title = content.questions["clear_cache"].title
    assert set(asked.buttons) == {title, content.questions["what_is_a_module"].title}
    assert chat.press(title)[-1].text.startswith("**Steg 1 av")


def test_known_error_text_is_not_asked_for(chat: ChatClient) -> None:
    """Who has told what the screen says, and then says that it fails, is led into that guide."""
    chat.say("det står webbsidan kan inte visas när jag ska logga in")
    chat.press("Avbryt")
    said = chat.say("jag kan inte logga in")
    assert said[0].text == text("error_known", error="Webbsidan kan inte visas")
    assert said[-1].text.startswith("**Steg 1 av 8**")


def test_hsa_id_is_asked_for_where_the_faq_wants_it(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """A case about the practice environment needs an HSA-id; what is answered stands in the case."""
    chat.say("hur får jag behörighet till övningsmiljön?")
    chat.say("jag vill prata med en människa")
    assert chat.press("Jag eller en kollega")[-1].text == text("handoff_ask_hsa_id")
    chat.say("SE2321000040-AB12")
    preview = chat.press(CHAT)[-1].text
    assert "**HSA-id:** SE2321000040-AB12" in preview
    chat.press("Ja, skicka")
    assert cases(lotsen)[-1].draft.contact.hsa_id == "SE2321000040-AB12"


def test_hsa_id_that_was_given_is_not_asked_for(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """An HSA-id, a browser and a region said earlier go into the case by themselves."""
    chat.say("mitt hsa-id är SE2321000040-CD34, hur får jag behörighet till övningsmiljön? jag har Chrome")
    chat.say("jag vill prata med en människa")
    assert chat.press("Jag eller en kollega")[-1].text == text("handoff_ask_addition")
    chat.press("Nej, inget mer")
    chat.press(CHAT)
    chat.press("Ja, skicka")
    draft = cases(lotsen)[-1].draft
    assert draft.contact.hsa_id == "SE2321000040-CD34"
    assert draft.facts["browser"] == "Chrome"


def test_misspelt_words_are_understood(chat: ChatClient) -> None:
    """Missing marks, swapped letters and a split compound are read as what was meant."""
    assert chat.say("vilken webblasare ska jag anvanda")[0].text == answers()["utter_which_browser"]
    assert chat.say("hur far jag behorihget till ovnings miljon")[0].text == answers()["utter_practice_environment"]
