"""Who uses the triage desk, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import FrozenSet

from lotsen.audit.log import Actor


class Role(str, Enum):
    """What somebody may do; a user may have several. The values are the roles' names in the identity provider."""

    AGENT = "agent"
    """Takes cases: reads, answers, resolves them."""
    LEAD = "lead"
    """An agent who also gives cases to others and says what is a disturbance."""
    OWNER = "owner"
    """Owns the content: sees masked questions and figures, no cases."""
    AUDITOR = "auditor"
    """Reads the audit log and nothing else."""


STAFF = frozenset({Role.AGENT, Role.LEAD})
LEADS = frozenset({Role.LEAD})
OWNERS = frozenset({Role.OWNER})
AUDITORS = frozenset({Role.AUDITOR})
FIGURES = OWNERS | LEADS
"""Those who see how it goes, without anybody's words."""


@dataclass(frozen=True)
class Who:
    """Somebody who has signed in. ``id`` is the identity provider's own and never changes; ``name`` is for people."""

    id: str
    name: str
    roles: FrozenSet[Role] = frozenset()

    @property
    def actor(self) -> Actor:
        """Return them as the one who does something."""
        return Actor(self.id, self.name)

    def may(self, roles: FrozenSet[Role]) -> bool:
        """Tell whether one of these roles is theirs."""
        return bool(self.roles & roles)
