"""The bench's load client chats with a running Lotsen, and every turn is answered."""

from __future__ import annotations

import asyncio

from lotsen.bench.load import TURNS, WebChat, put_load
from tests.support.running import RunningLotsen


def test_users_chat_at_once(lotsen: RunningLotsen) -> None:
    """Three users have a conversation each: all turns are counted, and none was met with silence."""
    base = lotsen.base.removesuffix("/chat")
    questions = ("Hur går gallring till?", "vilken webbläsare ska jag använda?", "jag kan inte logga in")
    load = asyncio.run(put_load(WebChat, base, questions, clients=3, conversations=1))
    assert len(load.turns) == 3 * TURNS
    assert load.silent == 0
    assert load.per_second > 0
