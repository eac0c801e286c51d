"""Each guide, walked over the running channel: to success, and to a hand-off, with the exact text of every step."""

from __future__ import annotations

from typing import List, Tuple

import pytest

from lotsen.content.catalogue import Content
from lotsen.guides.model import Guide, GuideRun, Reply, Status, StepKind
from lotsen.guides.walker import Guides, advance, present_step, prompt, start
from lotsen.guides.wording import heading
from tests.support.chat import ChatClient, Said
from tests.support.expected import catalog, text

GUIDE_IDS = [row["id"] for row in catalog() if row["kind"] == "guide"]
QUESTIONS = {row["id"]: row["question"] for row in catalog()}

ONWARD = {StepKind.DO: Reply.DONE, StepKind.CHECK: Reply.FAILED, StepKind.INCLUDE: Reply.DONE}
"""The replies that lead through every step and solve nothing."""

BUTTONS = {
    (StepKind.DO, Reply.DONE): "Klart",
    (StepKind.DO, Reply.FAILED): "Det gick inte",
    (StepKind.CHECK, Reply.SOLVED): "Det löste sig",
    (StepKind.CHECK, Reply.FAILED): "Det gick inte",
    (StepKind.INCLUDE, Reply.DONE): "Ja, visa hur",
    (StepKind.INCLUDE, Reply.SKIP): "Hoppa över",
}


def button(guides: Guides, run: GuideRun, reply: Reply) -> str:
    """Return the title of the button for ``reply`` at the run's step."""
    own = {own_reply: title for title, own_reply in prompt(guides, run).choices}
    return own.get(reply) or BUTTONS[(present_step(guides, run).kind, reply)]


def shown(guides: Guides, run: GuideRun) -> str:
    """Return how the run's step reads in the chat."""
    return f"{heading(prompt(guides, run))}\n\n{present_step(guides, run).text}".strip()


def walk(chat: ChatClient, guides: Guides, guide_id: str) -> Tuple[GuideRun, List[Said]]:
    """Walk through all steps without success, comparing each; return the end and what was said there."""
    run = start(guides, guide_id)
    said = chat.say(QUESTIONS[guide_id])
    while True:
        assert said[-1].text == shown(guides, run)
        reply = ONWARD[present_step(guides, run).kind]
        said = chat.press(button(guides, run, reply))
        run = advance(guides, run, reply)
        if not run.active:
            return run, said


@pytest.mark.parametrize("guide_id", GUIDE_IDS)
def test_walked_to_hand_off(guide_id: str, chat: ChatClient, content: Content) -> None:
    """Every step comes with its number and exact text; without success, a case with each outcome is offered."""
    run, said = walk(chat, content.guides, guide_id)
    assert run.status is Status.HANDOFF
    last = present_step(content.guides, run)
    if last.kind is StepKind.END:
        assert said[0].text == shown(content.guides, run)
    else:
        assert said[0].text == text("guide_unsolved")
    assert [message.text for message in said[1:]] == [text("guide_to_handoff"), text("handoff_ask_addition")]
    preview = chat.press("Nej, inget mer")[-1]
    assert f"**Problem:** {content.guides[guide_id].title}" in preview.text
    for outcome in run.outcomes:
        step = content.guides[outcome.guide].step(outcome.step)
        if step.kind is not StepKind.INCLUDE:
            assert f"- {step.text} – " in preview.text
    receipt = chat.press("Ja, skicka")[-1]
    assert "LOT-" in receipt.text
    assert "14141" in receipt.text
    assert "Tjänstekatalogen" in receipt.text


@pytest.mark.parametrize("guide_id", GUIDE_IDS)
def test_walked_to_success(guide_id: str, chat: ChatClient, content: Content) -> None:
    """The first check that helps ends the guide, without a case."""
    guides = content.guides
    run = start(guides, guide_id)
    chat.say(QUESTIONS[guide_id])
    while run.active:
        kind = present_step(guides, run).kind
        reply = Reply.SOLVED if kind is StepKind.CHECK else ONWARD[kind]
        said = chat.press(button(guides, run, reply))
        run = advance(guides, run, reply)
    assert run.status is Status.RESOLVED
    assert [message.text for message in said] == [text("guide_resolved")]


def test_sub_guide_returns(chat: ChatClient, content: Content) -> None:
    """``login_error`` goes into ``clear_cache``, and on at its own third step when that did not help."""
    chat.say(QUESTIONS["login_error"])
    chat.press("Klart")
    inside = chat.press("Ja, visa hur")[-1]
    assert inside.text.startswith("**Steg 2 av 4 · Rensa webbläsarens cacheminne, steg 1 av 5**")
    chat.press("Klart")
    chat.press("Klart")
    chat.press("Det gick inte")
    outside = chat.press("Det gick inte")[-1]
    assert outside.text == f"**Steg 3 av 4**\n\n{content.guides['login_error'].steps[2].text}"


def test_optional_sub_guide_is_skipped(chat: ChatClient) -> None:
    """The cache need not be cleared: the source says "eventuellt"."""
    chat.say(QUESTIONS["login_error"])
    chat.press("Klart")
    assert chat.press("Hoppa över")[-1].text.startswith("**Steg 3 av 4**")


def test_own_answers_lead_to_their_ends(chat: ChatClient, content: Content) -> None:
    """”Det fungerar på en annan dator” tells the case that the fault is in the computer."""
    guide: Guide = content.guides["page_cannot_be_displayed"]
    chat.say(QUESTIONS[guide.id])
    for _ in range(5):
        chat.press("Klart")
    chat.press("Det gick inte")
    step = chat.press("Det gick inte")[-1]
    assert step.buttons == ("Det fungerar på en annan dator", "Det gick inte", "Avbryt")
    said = chat.press("Det fungerar på en annan dator")
    assert said[0].text == guide.step("fault_in_computer").text
    assert guide.step("fault_in_computer").reason in chat.press("Nej, inget mer")[-1].text


def test_typed_words_do_as_buttons_do(chat: ChatClient) -> None:
    """A guide can be walked by typing."""
    chat.say(QUESTIONS["page_missing_or_service_down"])
    assert chat.say("samma fel igen")[-1].text.startswith("**Steg 2 av 4**")
    assert chat.say("klart")[-1].text.startswith("**Steg 3 av 4**")
    assert chat.say("nu kom jag in, det funkar!")[-1].text == text("guide_resolved")


def test_back_repeat_restart_stop(chat: ChatClient, content: Content) -> None:
    """Back undoes, repeat says it again, start over begins anew, stop ends and offers a case."""
    first, second = (f"**Steg {n} av 8**" for n in (1, 2))
    chat.say(QUESTIONS["page_cannot_be_displayed"])
    assert chat.press("Klart")[-1].text.startswith(second)
    assert chat.say("tillbaka ett steg")[-1].text.startswith(first)
    assert chat.say("klar")[-1].text.startswith(second)
    assert chat.say("kan du upprepa det")[-1].text.startswith(second)
    assert chat.say("börja om från början")[-1].text.startswith(first)
    stopped = chat.press("Avbryt")[-1]
    assert stopped.text == text("guide_stopped")
    assert "Skicka ett ärende" in stopped.buttons
    assert chat.say("klar")[-1].text == text("guide_none")


def test_word_that_does_not_fit_shows_the_step_again(chat: ChatClient) -> None:
    """”Klart” is no answer to "did it help?": the step is said again, and nothing is taken for granted."""
    step = chat.say(QUESTIONS["page_missing_or_service_down"])[-1]
    said = chat.say("klart, gjort")
    assert [message.text for message in said] == [text("guide_did_not_fit"), step.text]


def test_question_in_the_middle(chat: ChatClient, content: Content) -> None:
    """A question is answered, and the guide offered again where it stood."""
    chat.say(QUESTIONS["page_cannot_be_displayed"])
    step = chat.press("Klart")[-1]
    said = chat.say(QUESTIONS["which_browser"])
    title = content.guides["page_cannot_be_displayed"].title
    assert said[-1].text == text("guide_offer", title=title, number=2, total=8)
    assert chat.press("Fortsätt")[-1].text == step.text


def test_same_guide_again_stays(chat: ChatClient) -> None:
    """Saying the error text again in the middle of its guide does not begin it anew."""
    chat.say(QUESTIONS["page_cannot_be_displayed"])
    step = chat.press("Klart")[-1]
    said = chat.say(QUESTIONS["page_cannot_be_displayed"])
    assert [message.text for message in said] == [text("guide_already_here"), step.text]


def test_other_guide_switches(chat: ChatClient) -> None:
    """A new error text switches guides, and the case tells of both."""
    chat.say(QUESTIONS["page_cannot_be_displayed"])
    chat.press("Klart")
    assert chat.say(QUESTIONS["page_missing_or_service_down"])[-1].text.startswith("**Steg 1 av 4**")
    chat.press("Avbryt")
    chat.press("Skicka ett ärende")
    preview = chat.press("Nej, inget mer")[-1].text
    assert "Stäng ner webbläsaren. – gjort" in preview
