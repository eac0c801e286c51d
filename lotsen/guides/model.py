"""What a guide is: frozen values, read from ``data/guides`` by the loader. Nothing here reads a file or a clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Dict, Iterator, Mapping, Optional, Tuple


class StepKind(str, Enum):
    """The kinds of step that a guide may have; ``docs/content-owner.md`` shows one example of each."""

    DO = "do"
    """The user does something and says when it is done."""
    CHECK = "check"
    """The user tries, and says whether it helped, or which of the step's own answers is true."""
    CHOOSE = "choose"
    """The user picks what is true (what the screen says, which browser); it is kept as a fact."""
    WAIT = "wait"
    """The user waits; the chat says when the time is over, and one can go on earlier."""
    NOTE = "note"
    """The user writes something down (an error text, an HSA-id) that goes into the case."""
    INCLUDE = "include"
    """Another guide is walked, if the user wants to, and then this one goes on."""
    END = "end"
    """The guide is over: resolved, or handed off to a person."""


class Outcome(str, Enum):
    """What became of one step."""

    DONE = "done"
    SOLVED = "solved"
    FAILED = "failed"
    SKIPPED = "skipped"
    ALREADY = "already"
    """The user said that it was done before the guide asked."""
    EARLIER = "earlier"
    """It was done in another guide of the same conversation, so it was not asked for again."""
    ANSWERED = "answered"
    """One of the step's own answers; the value says which."""
    NOTED = "noted"
    """The value is what the user wrote."""


class Status(str, Enum):
    """How a run stands."""

    ACTIVE = "active"
    RESOLVED = "resolved"
    HANDOFF = "handoff"
    STOPPED = "stopped"
    """The user broke it off."""
    SWITCHED = "switched"
    """The user went to another guide before this one ended."""
    ABANDONED = "abandoned"
    """The user left without a word, and did not come back in time."""


SOLVED, FAILED = "solved", "failed"
"""Names that an answer of a check may have; any other name is an answer of the step's own."""


@dataclass(frozen=True)
class Answer:
    """One answer to a check or a choice: its button, where it leads, and what else a user may call it."""

    title: str
    next: Optional[str] = None
    """A step further down; None is the next one, except for ``solved``, which then ends the guide."""
    value: str = ""
    """For a choice: what is kept as the fact; the title if empty."""
    said: Tuple[str, ...] = ()
    """Words that mean this answer when they are typed."""


@dataclass(frozen=True)
class Help:
    """What a step says beyond its text; each part may be empty."""

    why: str = ""
    how: Tuple[str, ...] = ()
    """Finer steps."""
    see: str = ""
    """What one should see afterwards; shown with the step."""
    if_not: str = ""
    """What to do if one does not."""


@dataclass(frozen=True)
class Variant:
    """How a step reads when some fact has some value, e.g. ``{"browser": "Edge"}``. Empty parts are the step's own."""

    when: Mapping[str, str]
    text: str = ""
    help: Help = field(default_factory=Help)
    extra: frozenset[str] = frozenset()
    """The parts of its help that say more than the source does."""


@dataclass(frozen=True)
class Step:
    """One message of a guide."""

    id: str
    kind: StepKind
    text: str
    help: Help = field(default_factory=Help)
    extra: frozenset[str] = frozenset()
    """The parts of the help that say more than the source does."""
    variants: Tuple[Variant, ...] = ()
    ask: Optional[str] = None
    """The fact to ask for before the step, if it is not known; one that the variants differ by."""
    said: Tuple[str, ...] = ()
    """What a user may call the step ("startat om datorn")."""
    once: Optional[str] = None
    """Steps with the same name here, in whatever guide, need not be done twice. A ``do`` has its id by itself."""
    ends_chat: bool = False
    """Whether doing it may close the chat (closing the browser); a code to come back with is said with it."""
    undoes: Tuple[str, ...] = ()
    """Steps, by that name, that must be done again after this one: the card is in again."""
    answers: Mapping[str, Answer] = field(default_factory=lambda: MappingProxyType({}))
    """The step's own answers, by name; empty means the usual ones of its kind."""
    if_skipped: Optional[str] = None
    """For a check with answers of its own: the step that passing it over leads to, as none of the answers is true."""
    fact: Optional[str] = None
    """For ``choose`` and ``note``: the fact that is found out."""
    format: Optional[str] = None
    """For ``note``: the form that it must have (see ``FORMATS`` in ``notes``)."""
    minutes: float = 0.0
    """For ``wait``."""
    guide: Optional[str] = None
    """For ``include``: the guide to walk."""
    outcome: Optional[Status] = None
    """For ``end``: RESOLVED or HANDOFF."""
    reason: Optional[str] = None
    """For a hand-off: one sentence for the case."""
    target: Optional[str] = None
    """For a hand-off: who takes over, by id in ``data/targets.yml``; None is the usual one."""
    counted: bool = True
    """Whether the step has a number; one that is not itself a step of the source has none."""

    @property
    def key(self) -> Optional[str]:
        """Return what the step is known by across guides, or None if it is asked for each time."""
        if self.kind is StepKind.INCLUDE:
            return self.once or self.guide
        return self.once or (self.id if self.kind is StepKind.DO else None)


@dataclass(frozen=True)
class Guide:
    """A step list. The steps are in order; only an answer's ``next`` leaves the order, and only forwards."""

    id: str
    title: str
    steps: Tuple[Step, ...]
    intro: str = ""
    errors: Tuple[str, ...] = ()
    """The error texts that the guide is for. Guides with some are about the same trouble: one replaces the other."""
    lacking: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What a user may not have ("kortläsare"), and the step that it leads to."""
    digest: str = ""
    """A hash of the file's content, without its layout and comments."""

    def step(self, step_id: str) -> Step:
        """Return the step with this id.

        Raises:
            KeyError: if there is none.
        """
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(f"guide {self.id} has no step {step_id}")

    def has(self, step_id: str) -> bool:
        """Tell whether there is a step with this id."""
        return any(step.id == step_id for step in self.steps)

    def after(self, step: Step) -> Optional[Step]:
        """Return the step that follows in the list, or None after the last."""
        index = self.steps.index(step) + 1
        return self.steps[index] if index < len(self.steps) else None

    def number(self, step: Step) -> Optional[int]:
        """Return the step's number, from 1, counting only the steps that have one; None if it has none."""
        counted = [other.id for other in self.steps if other.counted]
        return counted.index(step.id) + 1 if step.counted else None

    def numbered(self, number: int) -> Optional[Step]:
        """Return the step with this number, if there is one."""
        return next((step for step in self.steps if self.number(step) == number), None)

    @property
    def total(self) -> int:
        """Return how many numbered steps there are."""
        return sum(step.counted for step in self.steps)


Guides = Mapping[str, Guide]


def included(guides: Guides, guide_id: str) -> Iterator[Guide]:
    """Yield the guide and all that it includes, at any depth, each once; unknown names are passed over."""
    seen: Dict[str, None] = {}
    waiting = [guide_id]
    while waiting:
        current = waiting.pop(0)
        if current in seen or current not in guides:
            continue
        seen[current] = None
        yield guides[current]
        waiting += [step.guide for step in guides[current].steps if step.guide is not None]
