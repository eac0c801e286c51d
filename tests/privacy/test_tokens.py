"""Who pastes HSA-ids is understood as who writes their token, so that a masked text can be read again."""

from __future__ import annotations

from pathlib import Path

from lotsen.content.catalogue import Content
from lotsen.privacy.masking import mask_transcript
from lotsen.runtime.ask import ask_all

QUESTIONS = (
    "Jag får ”Användaren SE2321000040-AB12 finns redan på enheten SE2321000040-CD34”, vad gör jag?",
    "användaren med hsa-id SE2321000040-1ABC finns redan på enheten men syns inte bland personal",
    "kan ni göra kollegan SE2321000040-AB12 till administratör i plattformen?",
    "Behörighet till övningsmiljön, räcker det att jag uppger mitt HSA-id SE2321000040-EF56?",
)


def test_raw_and_masked_get_the_same_answer(model: Path, content: Content) -> None:
    """The same decision, question and suggestions for a text with ids and for its transcript."""
    masked = [mask_transcript(question) for question in QUESTIONS]
    assert all("[HSA-id]" in text for text in masked)
    answers = ask_all(model, content, [*QUESTIONS, *masked])
    raw, tokens = answers[: len(QUESTIONS)], answers[len(QUESTIONS) :]
    assert [(one.decision, one.intent, one.suggestions) for one in raw] == [
        (one.decision, one.intent, one.suggestions) for one in tokens
    ]
    assert raw[0].intent == "user_already_exists_error"
