"""Every question of the catalogue, verbatim, gets its exact answer: from the model, and over the running channel."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

import pytest
import pytest_asyncio

from lotsen.content.catalogue import Content
from lotsen.runtime.ask import Asker
from tests.support.chat import ChatClient
from tests.support.expected import answers, catalog, text

ROWS = catalog()
ANSWERS = [row for row in ROWS if row["kind"] == "answer"]
GUIDES = [row for row in ROWS if row["kind"] == "guide"]


def by_id(row: Dict[str, Any]) -> str:
    """Name a test after the question."""
    return str(row["id"])


@pytest_asyncio.fixture(scope="session")
async def asker(model: Path, content: Content) -> Asker:
    """The trained model, asked without a server."""
    return await Asker.load(model, content)


def test_the_catalogue_is_whole() -> None:
    """All 41 questions are there: 34 answers and 7 guides."""
    assert (len(ANSWERS), len(GUIDES)) == (34, 7)


@pytest.mark.asyncio
@pytest.mark.parametrize("row", ANSWERS, ids=by_id)
async def test_model_answers(row: Dict[str, Any], asker: Asker) -> None:
    """The trained model answers with the exact text of ``data/faq``."""
    answer = await asker.ask(row["question"])
    assert (answer.decision, answer.intent) == ("answer", row["id"])
    assert answer.reply == answers()[f"utter_{row['id']}"]


@pytest.mark.asyncio
@pytest.mark.parametrize("row", GUIDES, ids=by_id)
async def test_model_begins_guide(row: Dict[str, Any], asker: Asker, content: Content) -> None:
    """The trained model begins the guide at its first step."""
    answer = await asker.ask(row["question"])
    assert (answer.decision, answer.intent) == ("guide", row["id"])
    assert content.guides[row["id"]].steps[0].text in answer.reply


@pytest.mark.asyncio
async def test_second_wording_of_a_question(asker: Asker) -> None:
    """The question that stands twice in the source gets its answer in both wordings."""
    twice = [row for row in ROWS if "also" in row]
    assert twice
    for row in twice:
        assert (await asker.ask(row["also"])).intent == row["id"]


@pytest.mark.parametrize("row", ANSWERS, ids=by_id)
def test_channel_answers(row: Dict[str, Any], chat: ChatClient) -> None:
    """Over the channel the answer is one message, with the exact text."""
    assert [said.text for said in chat.say(row["question"])] == [answers()[f"utter_{row['id']}"]]


@pytest.mark.parametrize("row", GUIDES, ids=by_id)
def test_channel_begins_guide(row: Dict[str, Any], chat: ChatClient, content: Content) -> None:
    """Over the channel the guide begins with its title and intro, then comes its first step."""
    guide = content.guides[row["id"]]
    begins = text("guide_begins", title=guide.title, intro=guide.intro)
    said = chat.say(row["question"])
    assert said[0].text == begins
    see = f"\n\n{guide.steps[0].help.see}" if guide.steps[0].help.see else ""
    assert said[-1].text == f"**Steg 1 av {guide.total}**\n\n{guide.steps[0].text}{see}"
