"""Each guide, walked over the running channel: to success, and to a hand-off, with the exact text of every step."""

from __future__ import annotations

from typing import List, Tuple

import pytest

from lotsen.content.catalogue import Content
from lotsen.guides.model import Outcome, Status, StepKind
from lotsen.guides.replies import Move, Reply
from lotsen.guides.run import GuideRun
from lotsen.guides.scene import Scene, answers_to, present_step
from lotsen.guides.telling import Teller
from lotsen.guides.walker import advance, start
from tests.support.chat import ChatClient, Said
from tests.support.expected import catalog, text
from tests.support.handoff import CHAT, asked_how_to_be_reached

GUIDE_IDS = [row["id"] for row in catalog() if row["kind"] == "guide"]
QUESTIONS = {row["id"]: row["question"] for row in catalog()}

HSA_ID = "SE2321000040-XXXX"
"""As the FAQ writes it."""
BUTTONS = {
    (StepKind.DO, Move.DONE): "Klart",
    (StepKind.CHECK, Move.SOLVED): "Det löste sig",
    (StepKind.CHECK, Move.FAILED): "Det gick inte",
    (StepKind.WAIT, Move.DONE): "Gå vidare nu",
    (StepKind.NOTE, Move.SKIP): "Hoppa över",
    (StepKind.INCLUDE, Move.DONE): "Ja, visa hur",
}
MAX_TURNS_BEYOND_THE_STEPS = 4
"""Issue 4: what walking a guide to a case may take beside one turn for each step."""


def scene(content: Content, guide_id: str) -> Scene:
    """Return what the bot knows when the guide's question has been asked: an HSA-id, the last error text in it."""
    question = QUESTIONS[guide_id].lower()
    named = sorted((question.find(error.lower()), error) for error in content.guides[guide_id].errors)
    known = {"error_text": named[-1][1]} if named and named[-1][0] >= 0 else {}
    if HSA_ID.lower() in question:
        known["hsa_id"] = HSA_ID
    return Scene(content.guides, 0.0, content.facts, known)


def onward(here: Scene, run: GuideRun) -> Tuple[Reply, str]:
    """Return the reply that leads on and solves nothing, and its button."""
    step = present_step(here.guides, run)
    if run.asking is not None:
        value, title = next(iter(here.questions[run.asking].options.items()))
        return Reply(Move.FACT, value), title
    answers = answers_to(here, step)
    if step.kind is StepKind.CHECK and "failed" in answers:
        return Reply(Move.FAILED), answers["failed"].title
    if answers:
        name, answer = next(iter(answers.items()))
        return Reply(Move.ANSWER, name), answer.title
    move = {StepKind.CHECK: Move.FAILED, StepKind.NOTE: Move.SKIP}.get(step.kind, Move.DONE)
    return Reply(move), BUTTONS[(step.kind, move)]


def shown(here: Scene, run: GuideRun, content: Content) -> str:
    """Return how the run's step reads in the chat: its number, its text, what one should then see."""
    return Teller(content.texts, content.targets).step(here, run).text


def walk(chat: ChatClient, content: Content, guide_id: str) -> Tuple[GuideRun, List[Said], int]:
    """Walk through all steps without success, comparing each; return the end, what was said there, and the turns."""
    here = scene(content, guide_id)
    run = start(here, guide_id, "test")
    said, turns = chat.say(QUESTIONS[guide_id]), 1
    while True:
        assert said[-1].text == shown(here, run, content)
        reply, button = onward(here, run)
        said, turns = chat.press(button), turns + 1
        run = advance(here, run, reply)
        if not run.active:
            return run, said, turns


@pytest.mark.parametrize("guide_id", GUIDE_IDS)
def test_walked_to_hand_off(guide_id: str, chat: ChatClient, content: Content) -> None:
    """Every step comes with its number and exact text; without success, a case with each outcome is offered."""
    here = scene(content, guide_id)
    run, said, _ = walk(chat, content, guide_id)
    assert run.status is Status.HANDOFF
    last = present_step(content.guides, run)
    if last.kind is StepKind.END:
        assert said[0].text == shown(here, run, content)
    else:
        assert said[0].text == text("guide_unsolved")
    offered = text("guide_to_handoff", target=content.target(run.target))
    assert [message.text for message in said[1:]] == [offered, text("handoff_ask_addition")]
    assert chat.press("Nej, inget mer")[-1].text == asked_how_to_be_reached(target=content.target(run.target))
    preview = chat.press(CHAT)[-1]
    assert f"**Problem:** {content.guides[guide_id].title}" in preview.text
    assert (run.reason or "**Problem:**") in preview.text
    for taken in run.outcomes:
        step = content.guides[taken.guide].step(taken.step)
        if step.kind is not StepKind.INCLUDE:
            assert f"- {step.text} – " in preview.text
    receipt = chat.press("Ja, skicka")[-1]
    assert f"Ditt ärende till {content.target(run.target)}" in receipt.text
    assert "LOT-" in receipt.text
    assert "14141" in receipt.text
    assert "Tjänstekatalogen" in receipt.text


def test_a_fault_that_persists_takes_few_turns(chat: ChatClient, content: Content) -> None:
    """From the first word to the case number: one turn for each step of the guide, and four more at most."""
    guide = content.guides["page_cannot_be_displayed"]
    _, _, turns = walk(chat, content, guide.id)
    chat.press("Nej, inget mer")
    chat.press(CHAT)
    assert "LOT-" in chat.press("Ja, skicka")[-1].text
    assert turns + 3 <= guide.total + MAX_TURNS_BEYOND_THE_STEPS


@pytest.mark.parametrize("guide_id", GUIDE_IDS)
def test_walked_to_success(guide_id: str, chat: ChatClient, content: Content) -> None:
    """The first check that helps ends the guide, without a case."""
    here = scene(content, guide_id)
    run = start(here, guide_id, "test")
    chat.say(QUESTIONS[guide_id])
    while run.active:
        reply, button = onward(here, run)
        if present_step(here.guides, run).kind is StepKind.CHECK:
            reply, button = Reply(Move.SOLVED), BUTTONS[(StepKind.CHECK, Move.SOLVED)]
        said = chat.press(button)
        run = advance(here, run, reply)
    assert run.status is Status.RESOLVED
    assert [message.text for message in said] == [text("guide_resolved")]


@pytest.mark.parametrize("guide_id", GUIDE_IDS)
def test_every_step_can_be_done_before(guide_id: str, chat: ChatClient, content: Content) -> None:
    """”Allt det där har jag redan gjort” leads to the guide's first question, with each step before it marked."""
    here = scene(content, guide_id)
    run = start(here, guide_id, "test")
    chat.say(QUESTIONS[guide_id])
    after = advance(here, run, Reply(Move.ALREADY, "*"))
    assert {taken.outcome for taken in after.outcomes} == {Outcome.ALREADY}
    said = chat.say("allt det där har jag redan gjort")
    assert said[-1].text == shown(here, after, content)
