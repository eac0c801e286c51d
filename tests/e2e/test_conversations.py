"""The conversations of ``tests/conversations`` over the running bot's channel, with the trained model."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.chat import ChatClient
from tests.support.conversations import Conversation, check, conversations
from tests.support.running import RunningLotsen

ALL = conversations()
LEAST = 60
"""Issue 4 asks for so many."""


@pytest.mark.parametrize("conversation", ALL, ids=lambda conversation: conversation.name)
def test_conversation(conversation: Conversation, lotsen: RunningLotsen, chat: ChatClient) -> None:
    """Each turn brings what the file says."""
    for turn in conversation.turns:
        if turn.action == "restart":
            lotsen.restart_action_server()
            continue
        if turn.action == "wait":
            said = chat.listen_for(turn.what)
        else:
            said = chat.say(turn.what) if turn.action == "say" else chat.press(turn.what)
        check(turn, said)


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    """Sixty at least; two with one name would hide each other in a report."""
    assert len(ALL) >= LEAST
    assert [name for name, count in Counter(conversation.name for conversation in ALL).items() if count > 1] == []
