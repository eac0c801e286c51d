"""What the bot says in Teams: kept in the log as due, and brought from there."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from lotsen.channels.chat.output import ChatOutput
from lotsen.channels.teams.references import References
from lotsen.channels.teams.stores import CHANNEL


class TeamsOutput(ChatOutput):
    """Speaks in a Teams conversation."""

    def __init__(self, references: References, *about: Any) -> None:
        """Note in ``references`` what is due; the rest is as for ``ChatOutput``."""
        super().__init__(*about)
        self._references = references

    @classmethod
    def name(cls) -> str:
        """Return the channel's name in trackers."""
        return CHANNEL

    def also(self, connection: Connection) -> None:
        """Note that the conversation is to be told something, in the transaction that stores it."""
        self._references.pending(connection, self._conversation)
