"""Everything around the answers: greeting, menu, small talk, vague questions, refusals."""

from __future__ import annotations

import pytest

from lotsen.content.catalogue import Content
from tests.support.chat import ChatClient
from tests.support.expected import answers, text


def test_greeting_comes_by_itself(chat: ChatClient) -> None:
    """A new conversation opens with what Lotsen can do, and asks not to write personal data."""
    (greeting,) = chat.greeting
    assert greeting.text == answers()["utter_greet"]
    assert "Skriv inga personuppgifter" in greeting.text
    assert greeting.buttons == ("Jag kan inte logga in", "Visa alla frågor", "Kontakta IT kundservice")


@pytest.mark.parametrize(
    ("words", "response"),
    [
        ("hej på dig", "utter_greet"),
        ("tack så mycket för hjälpen", "utter_thanks"),
        ("hej då, ha det bra", "utter_goodbye"),
        ("är du en robot eller en människa?", "utter_bot_challenge"),
        ("inget av de där alternativen", "utter_none_of_these"),
    ],
)
def test_small_talk(words: str, response: str, chat: ChatClient) -> None:
    """Small talk gets its own short answer."""
    assert chat.say(words)[0].text == answers()[response]


def test_menu_leads_to_every_question(chat: ChatClient, content: Content) -> None:
    """The menu has the FAQ's sections as buttons, each section its questions, and together they are all 41."""
    menu = chat.say("visa menyn")[-1]
    assert menu.buttons == content.sections
    seen = []
    for section in content.sections:
        questions = chat.press(section)[-1]
        assert questions.text == text("menu_section", section=section)
        seen += questions.buttons
        chat.say("visa menyn")
    assert seen == [question.title for question in content.questions.values()]


def test_question_chosen_in_menu_is_answered(chat: ChatClient) -> None:
    """A question's button gives its answer."""
    chat.press("Visa alla frågor")
    chat.press("Administration")
    assert chat.press("Hur går gallring till?")[0].text == answers()["utter_how_to_purge"]


def test_section_can_be_asked_for_in_words(chat: ChatClient) -> None:
    """A section's name in a sentence shows that section."""
    assert chat.say("visa frågor om inloggning")[-1].text == text("menu_section", section="Inloggning")


def test_vague_login_problem_asks_for_the_screen(chat: ChatClient) -> None:
    """”Jag kan inte logga in” is answered by asking what the screen says: three texts and something else."""
    asked = chat.say("jag kan inte logga in")[-1]
    assert asked.text == text("ask_error")
    assert asked.buttons == (
        "”Ett fel har inträffat vid inloggningen”",
        "”Webbsidan kan inte visas”",
        "”Sidan finns inte” eller ”Något gick fel”",
        "Något annat",
    )
    assert chat.press("”Webbsidan kan inte visas”")[-1].text.startswith("**Steg 1 av 8**")


def test_vague_login_problem_with_another_text(chat: ChatClient) -> None:
    """”Något annat” leads to what can be checked, and to a case."""
    chat.say("jag kan inte logga in")
    other = chat.press("Något annat")[-1]
    assert other.text == answers()["utter_other_login_problem"]
    assert "Skicka ett ärende" in other.buttons


@pytest.mark.parametrize(
    "words",
    [
        "vad blir det för väder i morgon?",
        "hur byter jag lösenord i Cosmic",
        "när kommer lönen den här månaden?",
        "kan du skriva en dikt om katter",
    ],
)
def test_out_of_scope_is_refused_kindly(words: str, chat: ChatClient) -> None:
    """What the FAQ does not answer is refused, with somewhere to turn."""
    refusal = chat.say(words)[0]
    assert refusal.text in {said for name, said in answers().items() if name.startswith("utter_out_of_scope")}
    assert refusal.buttons == ("Visa vad jag kan", "Kontakta IT kundservice")
