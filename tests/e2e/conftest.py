"""A fresh conversation for each test."""

from __future__ import annotations

import pytest

from tests.support.chat import ChatClient
from tests.support.running import RunningLotsen


@pytest.fixture
def chat(lotsen: RunningLotsen) -> ChatClient:
    """A new user in a new conversation."""
    return lotsen.chat()
