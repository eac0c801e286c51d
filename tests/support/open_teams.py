"""The Teams channel without its gate, for Microsoft's Agents Playground only: offline it signs nothing.

It is no part of Lotsen: nothing in ``lotsen/`` can turn the gate off. It listens to this machine alone.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional
from urllib.parse import urlsplit

from lotsen.channels.teams import cards
from lotsen.channels.teams.channel import TeamsInput
from lotsen.channels.teams.config import LOOPBACK
from lotsen.channels.teams.incoming import NotTeams


class _OpenGate:
    """Lets in what wants its answers on this machine."""

    async def claims(self, authorization: str) -> Mapping[str, Any]:
        """Ask for nothing."""
        return {}

    def check(self, claims: Mapping[str, Any], activity: Mapping[str, Any]) -> None:
        """Keep answers on this machine."""
        if urlsplit(str(activity.get("serviceUrl"))).hostname not in LOOPBACK:
            raise NotTeams(403, "not of this machine")


class OpenTeams(TeamsInput):
    """The channel ``tests.support.open_teams.OpenTeams``."""

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> "OpenTeams":
        """Build the channel; its buttons are without messageBack, at which the playground's client breaks."""
        channel = super().from_credentials(credentials)
        channel._gate = _OpenGate()
        cards._submit = lambda id, title: {"type": "Action.Submit", "title": title, "data": {"choice": id}}
        return channel
