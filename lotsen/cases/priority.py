"""How urgent a case is, with the reasons that the desk sees. The rules are here and nowhere else."""

from __future__ import annotations

from typing import List, Optional

from lotsen.cases.case import Impact, Level, Priority

DISTURBANCE = "disturbance"
"""The reason that others have the same trouble now."""


def priority_of(impact: Optional[Impact], disturbance: bool = False) -> Priority:
    """Return the priority of a case: a patient who waits makes it urgent, several who are stopped make it high.

    Only what the user has said and what Lotsen has counted make a case urgent; nothing is guessed from its subject.
    """
    reasons: List[str] = []
    level = Level.NORMAL
    if disturbance:
        level = Level.HIGH
        reasons.append(DISTURBANCE)
    if impact is Impact.SEVERAL:
        level = Level.HIGH
        reasons.insert(0, impact.value)
    if impact is Impact.PATIENT_WAITS:
        level = Level.URGENT
        reasons.insert(0, impact.value)
    return Priority(level, tuple(reasons))
