"""One user's way through one guide: where they are, what became of each step, and how it ended. Frozen values only."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any, Mapping, Optional, Tuple

from lotsen.guides.model import Guides, Outcome, Status, included


@dataclass(frozen=True)
class Place:
    """A step in a guide; a run's path has one for each guide that is open, the innermost last."""

    guide: str
    step: str


@dataclass(frozen=True)
class StepOutcome:
    """What became of one step, how long the user spent on it, and what was answered or noted."""

    guide: str
    step: str
    outcome: Outcome
    seconds: float = 0.0
    value: str = ""


@dataclass(frozen=True)
class Past:
    """For *back*: where the user was, and how many outcomes there were then."""

    path: Tuple[Place, ...]
    outcomes: int
    asking: Optional[str] = None


@dataclass(frozen=True)
class GuideRun:
    """A run. Stored in slots as JSON (``to_json``), and in the record of runs. Times are seconds since 1970."""

    id: str
    guide: str
    path: Tuple[Place, ...]
    version: str = ""
    """The content that the user was shown (``version_of``)."""
    outcomes: Tuple[StepOutcome, ...] = ()
    past: Tuple[Past, ...] = ()
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What was found out on the way, by fact; an empty text means that the user does not know."""
    asking: Optional[str] = None
    """The fact that is asked for before the present step."""
    helped: bool = False
    """Whether the present step's help has been given."""
    paused: bool = False
    """Whether the user was asked last whether to go on; then "ja" means that, and not that the step is done."""
    status: Status = Status.ACTIVE
    reason: Optional[str] = None
    target: Optional[str] = None
    handed_off: bool = False
    """Whether a case has told of this run while it was open."""
    began: float = 0.0
    since: float = 0.0
    """When the present step was first shown."""
    touched: float = 0.0
    """When the user last said something to the run."""
    shown: str = ""
    """A hash of the text of the present step, to notice that it has changed."""

    @property
    def place(self) -> Place:
        """Return where the user is, or was when the run ended."""
        return self.path[-1]

    @property
    def active(self) -> bool:
        """Tell whether the run still waits for a reply."""
        return self.status is Status.ACTIVE

    def to_json(self) -> dict[str, Any]:
        """Return the run as plain lists, numbers and texts, for a slot or a record."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return {
            **plain,
            "path": [[place.guide, place.step] for place in self.path],
            "outcomes": [{**asdict(o), "outcome": o.outcome.value} for o in self.outcomes],
            "past": [[[[p.guide, p.step] for p in past.path], past.outcomes, past.asking] for past in self.past],
            "facts": dict(self.facts),
            "status": self.status.value,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> GuideRun:
        """Read back what ``to_json`` wrote.

        Raises:
            KeyError, ValueError, TypeError, AttributeError: if it was written by something else.
        """
        return cls(
            **{name: stored[name] for name in _PLAIN},
            path=_path(stored["path"]),
            outcomes=tuple(StepOutcome(**{**o, "outcome": Outcome(o["outcome"])}) for o in stored["outcomes"]),
            past=tuple(Past(_path(path), int(count), asking) for path, count, asking in stored["past"]),
            facts=MappingProxyType(dict(stored["facts"])),
            status=Status(stored["status"]),
        )


_PLAIN = (
    *("id", "guide", "version", "asking", "helped", "paused", "reason", "target"),
    *("handed_off", "began", "since", "touched", "shown"),
)


def _path(pairs: Any) -> Tuple[Place, ...]:
    """Read a path from pairs of guide and step.

    Raises:
        ValueError: if it is empty: every run is somewhere.
    """
    path = tuple(Place(guide, step) for guide, step in pairs)
    if not path:
        raise ValueError("a run without a place")
    return path


def version_of(guides: Guides, guide_id: str) -> str:
    """Return a hash of the content of a guide and of all that it includes: twelve hexadecimal digits."""
    digests = "".join(f"{guide.id}:{guide.digest};" for guide in included(guides, guide_id))
    return hashlib.sha256(digests.encode()).hexdigest()[:12]


def text_hash(text: str) -> str:
    """Return a short hash of what a step says."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
