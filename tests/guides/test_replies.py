"""What words and buttons mean to each kind of step."""

from __future__ import annotations

from typing import Optional

import pytest

from lotsen.content.catalogue import Content
from lotsen.guides.model import Reply, StepKind
from lotsen.guides.replies import reply_to
from lotsen.guides.walker import REPLIES
from lotsen.guides.wording import PAYLOADS

EVERYWHERE = (Reply.BACK, Reply.REPEAT, Reply.RESTART, Reply.STOP)


@pytest.mark.parametrize(
    ("kind", "yes", "no"),
    [
        (StepKind.DO, Reply.DONE, Reply.FAILED),
        (StepKind.CHECK, Reply.SOLVED, Reply.FAILED),
        (StepKind.INCLUDE, Reply.DONE, Reply.SKIP),
        (StepKind.END, None, None),
    ],
    ids=lambda value: value.value if isinstance(value, StepKind) else "",
)
def test_yes_and_no(kind: StepKind, yes: Optional[Reply], no: Optional[Reply]) -> None:
    """A bare yes or no answers the question that the step's kind asks."""
    assert (reply_to("affirm", kind), reply_to("deny", kind)) == (yes, no)


@pytest.mark.parametrize("kind", StepKind, ids=lambda kind: kind.value)
@pytest.mark.parametrize(
    ("intent", "reply"),
    [
        ("next_step", Reply.DONE),
        ("solved", Reply.SOLVED),
        ("problem_persists", Reply.FAILED),
        ("go_back", Reply.BACK),
        ("repeat", Reply.REPEAT),
        ("restart_guide", Reply.RESTART),
        ("stop", Reply.STOP),
    ],
)
def test_plain_words(intent: str, reply: Reply, kind: StepKind) -> None:
    """The other words inside a guide mean the same at every step."""
    assert reply_to(intent, kind) is reply


@pytest.mark.parametrize("kind", StepKind, ids=lambda kind: kind.value)
@pytest.mark.parametrize("intent", ["greet", "clear_cache", "out_of_scope", "talk_to_human", ""])
def test_other_intents_are_no_reply(intent: str, kind: StepKind) -> None:
    """What is not a word inside a guide is None, so that it is answered for what it is."""
    assert reply_to(intent, kind) is None


@pytest.mark.parametrize(
    ("kind", "reply"),
    [pytest.param(kind, reply, id=f"{kind.value}-{reply.value}") for kind in REPLIES for reply in REPLIES[kind]],
)
def test_a_buttons_payload_means_its_reply(kind: StepKind, reply: Reply) -> None:
    """The payload behind a reply's button is read back as that reply, at every kind of step that takes it."""
    assert reply_to(PAYLOADS[reply].lstrip("/"), kind) is reply


@pytest.mark.parametrize("kind", [StepKind.DO, StepKind.CHECK, StepKind.INCLUDE], ids=lambda kind: kind.value)
def test_the_usual_buttons_fit_their_step(kind: StepKind, content: Content) -> None:
    """Every button in ``data/texts.yml`` for a kind of step is a reply that such a step takes."""
    buttons = content.texts[f"guide_{kind.value}"].buttons
    assert buttons
    for button in buttons:
        assert reply_to(button.payload.lstrip("/"), kind) in (*REPLIES[kind], *EVERYWHERE), button.title
