"""The case: everything that the support desk needs so that the user need not explain it twice. Frozen values only.

As JSON it is what the store keeps and what desks get; ``docs/case.schema.json`` describes it, and a test holds them
together.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any, Dict, Mapping, Optional, Tuple

VERSION = 1
"""The version of the JSON; it grows when a reader of the last one would misunderstand it."""
NUMBER_FORMAT = "LOT-{:06d}"
"""Case numbers as users see them."""


class Impact(str, Enum):
    """Whom the problem stops, as far as the user has said."""

    ONE = "one"
    SEVERAL = "several"
    PATIENT_WAITS = "patient_waits"


class Level(str, Enum):
    """How urgent a case is; the most urgent first."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"


class Status(str, Enum):
    """How a case stands."""

    NEW = "new"
    """Confirmed by the user; no desk has begun."""
    OPEN = "open"
    WAITING = "waiting"
    """The desk waits for the user."""
    RESOLVED = "resolved"
    REJECTED = "rejected"


OVER = (Status.RESOLVED, Status.REJECTED)


@dataclass(frozen=True)
class TriedStep:
    """One step that the user took, in words: its guide's title, its text, what came of it, the seconds spent."""

    guide: str
    text: str
    outcome: str
    seconds: float = 0.0
    step: str = ""
    """``guide id/step id``."""
    result: str = ""
    """The outcome as ``lotsen.guides.model.Outcome`` names it."""


@dataclass(frozen=True)
class TriedGuide:
    """One guide that was walked, and how the run stood when the case was sent."""

    id: str
    title: str
    version: str
    status: str
    steps: Tuple[TriedStep, ...] = ()


@dataclass(frozen=True)
class Category:
    """What the case is about: the FAQ's intent or the guide, with its title and section; all may be empty."""

    id: str = ""
    title: str = ""
    section: str = ""


@dataclass(frozen=True)
class Contact:
    """How the user wants to be reached, and what else they told about themselves. Only what they gave."""

    phone: str = ""
    email: str = ""
    name: str = ""
    unit: str = ""
    hsa_id: str = ""
    chat: bool = False
    """An answer in the chat will do."""
    said: str = ""
    """The answer as it was written, masked: it may say when to call."""

    @property
    def reachable(self) -> bool:
        """Tell whether there is a way to reach the user."""
        return bool(self.phone or self.email or self.chat)


@dataclass(frozen=True)
class Priority:
    """How urgent a case is, and why: ``reasons`` are names (``patient_waits``, ``several``, ``disturbance``)."""

    level: Level = Level.NORMAL
    reasons: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One message of the transcript: when (ISO 8601, UTC), who (``user`` or ``bot``), what."""

    at: str
    who: str
    text: str


@dataclass(frozen=True)
class CaseDraft:
    """What is sent if the user agrees."""

    problem: str
    category: Category = Category()
    reason: str = ""
    """What the guide concluded."""
    target: str = ""
    """Who is to take over, by id (``data/targets.yml``); empty is the usual one."""
    target_name: str = ""
    tried: Tuple[TriedGuide, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    """What the conversation told, by slot: error text, browser, network, program, region."""
    contact: Contact = Contact()
    impact: Optional[Impact] = None
    priority: Priority = Priority()
    added: str = ""
    transcript: Tuple[Line, ...] = ()

    def to_json(self) -> Dict[str, Any]:
        """Return the draft as plain data (``docs/case.schema.json``)."""
        return {
            "version": VERSION,
            **{name: getattr(self, name) for name in _PLAIN},
            "category": asdict(self.category),
            "tried": [{**asdict(guide), "steps": [asdict(step) for step in guide.steps]} for guide in self.tried],
            "facts": dict(self.facts),
            "contact": asdict(self.contact),
            "impact": self.impact.value if self.impact else None,
            "priority": {"level": self.priority.level.value, "reasons": list(self.priority.reasons)},
            "transcript": [asdict(line) for line in self.transcript],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> CaseDraft:
        """Read back what ``to_json`` wrote.

        Raises:
            KeyError, TypeError, ValueError: if it was written by something else.
        """
        if "version" not in stored:
            return _before_versions(stored)
        return cls(
            **{name: stored[name] for name in _PLAIN},
            category=Category(**stored["category"]),
            tried=tuple(
                TriedGuide(**{**guide, "steps": tuple(TriedStep(**step) for step in guide["steps"])})
                for guide in stored["tried"]
            ),
            facts=stored["facts"],
            contact=Contact(**stored["contact"]),
            impact=Impact(stored["impact"]) if stored["impact"] else None,
            priority=Priority(Level(stored["priority"]["level"]), tuple(stored["priority"]["reasons"])),
            transcript=tuple(Line(**line) for line in stored["transcript"]),
        )


_PLAIN = ("problem", "reason", "target", "target_name", "added")


def _before_versions(stored: Mapping[str, Any]) -> CaseDraft:
    """Read a case of the time before there was a version: a flat list of steps, and no contact."""
    steps = tuple(TriedStep(*step) for step in stored["tried"])
    guide = stored["guide"] or ""
    return CaseDraft(
        problem=stored["problem"],
        category=Category(guide),
        reason=stored["reason"] or "",
        target_name=stored.get("target", ""),
        tried=(TriedGuide(guide, steps[0].guide, "", "", steps),) if steps else (),
        facts={name: value for name, value in stored["facts"].items() if name != "hsa_id"},
        contact=Contact(hsa_id=stored["facts"].get("hsa_id", "")),
        added=stored["added"],
    )
