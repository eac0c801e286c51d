"""What a guide is, and where a user is in one. Frozen values only; nothing here reads a file or a clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any, Mapping, Optional, Tuple


class StepKind(str, Enum):
    """The kinds of step that a guide may have; ``docs/content-owner.md`` shows one example of each."""

    DO = "do"
    """The user does something and says when it is done."""
    CHECK = "check"
    """The user tries, and says whether it helped."""
    INCLUDE = "include"
    """Another guide is walked, if the user wants to, and then this one goes on."""
    END = "end"
    """The guide is over: resolved, or handed off to a person."""


class Reply(str, Enum):
    """What a user can say to a step. Free text and buttons both become one of these."""

    DONE = "done"
    SOLVED = "solved"
    FAILED = "failed"
    SKIP = "skip"
    BACK = "back"
    REPEAT = "repeat"
    RESTART = "restart"
    STOP = "stop"


class Status(str, Enum):
    """How a run stands."""

    ACTIVE = "active"
    RESOLVED = "resolved"
    HANDOFF = "handoff"
    STOPPED = "stopped"
    SWITCHED = "switched"
    """The user went to another guide before this one ended."""


@dataclass(frozen=True)
class Answer:
    """A step's own wording of a reply's button and, if it leads elsewhere than to the next step, where."""

    title: str
    next: Optional[str] = None


@dataclass(frozen=True)
class Step:
    """One message of a guide."""

    id: str
    kind: StepKind
    text: str
    guide: Optional[str] = None
    """For ``include``: the guide to walk."""
    answers: Mapping[Reply, Answer] = field(default_factory=lambda: MappingProxyType({}))
    """The step's own answers; empty means the usual ones of its kind."""
    outcome: Optional[Status] = None
    """For ``end``: RESOLVED or HANDOFF."""
    reason: Optional[str] = None
    """For a hand-off: one sentence for the case."""
    counted: bool = True
    """Whether the step has a number; an end that is not itself a step of the source has none."""


@dataclass(frozen=True)
class Guide:
    """A step list. The steps are in order; only an answer's ``next`` leaves the order, and only forwards."""

    id: str
    title: str
    steps: Tuple[Step, ...]
    intro: str = ""

    def step(self, step_id: str) -> Step:
        """Return the step with this id.

        Raises:
            KeyError: if there is none.
        """
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(f"guide {self.id} has no step {step_id}")

    def after(self, step: Step) -> Optional[Step]:
        """Return the step that follows in the list, or None after the last."""
        index = self.steps.index(step) + 1
        return self.steps[index] if index < len(self.steps) else None

    def number(self, step: Step) -> int:
        """Return the step's number, from 1, counting only the steps that have one."""
        counted = [other.id for other in self.steps if other.counted]
        return counted.index(step.id) + 1

    @property
    def total(self) -> int:
        """Return how many numbered steps there are."""
        return sum(step.counted for step in self.steps)


@dataclass(frozen=True)
class Place:
    """A step in a guide; a run's path has one for each guide that is open, the innermost last."""

    guide: str
    step: str


@dataclass(frozen=True)
class StepOutcome:
    """What became of one step: the reply that the user gave to it."""

    guide: str
    step: str
    reply: Reply


@dataclass(frozen=True)
class GuideRun:
    """One user's way through one guide. Stored in the slot ``guide_run`` as JSON (``to_json``)."""

    guide: str
    path: Tuple[Place, ...]
    outcomes: Tuple[StepOutcome, ...] = ()
    past: Tuple[Tuple[Tuple[Place, ...], int], ...] = ()
    """For *back*: each earlier path, with how many outcomes there were."""
    status: Status = Status.ACTIVE
    reason: Optional[str] = None

    @property
    def place(self) -> Place:
        """Return where the user is, or was when the run ended."""
        return self.path[-1]

    @property
    def active(self) -> bool:
        """Tell whether the run still waits for a reply."""
        return self.status is Status.ACTIVE

    def to_json(self) -> dict[str, Any]:
        """Return the run as plain lists and strings, for a slot or a case."""
        return {
            "guide": self.guide,
            "path": [[place.guide, place.step] for place in self.path],
            "outcomes": [[o.guide, o.step, o.reply.value] for o in self.outcomes],
            "past": [[[[p.guide, p.step] for p in path], count] for path, count in self.past],
            "status": self.status.value,
            "reason": self.reason,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> GuideRun:
        """Read back what ``to_json`` wrote.

        Raises:
            KeyError, ValueError, TypeError: if it was written by something else.
        """
        return cls(
            guide=stored["guide"],
            path=_path(stored["path"]),
            outcomes=tuple(StepOutcome(g, s, Reply(r)) for g, s, r in stored["outcomes"]),
            past=tuple((_path(path), int(count)) for path, count in stored["past"]),
            status=Status(stored["status"]),
            reason=stored["reason"],
        )


def _path(pairs: Any) -> Tuple[Place, ...]:
    """Read a path from pairs of guide and step."""
    return tuple(Place(guide, step) for guide, step in pairs)
