"""What came of a crash test: our cases beside the desk's own records, and the table that says so."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Mapping, Sequence

from lotsen.cases.history import DELIVERED, GAVE_UP, REPLY
from lotsen.cases.store import CaseStore
from lotsen.outbox.outbox import DELIVERED as ARRIVED
from tests.outbox.desk_process import Records
from tests.outbox.killing import AT


@dataclass
class Result:
    """What came of it."""

    desk: str
    seed: int
    kills: Dict[str, int] = field(default_factory=dict)
    """Deliverers killed, by where."""
    users: Dict[str, int] = field(default_factory=dict)
    """Processes killed while they stored a case, by where."""
    done: Dict[str, int] = field(default_factory=dict)
    """What the desk did."""
    confirmed: int = 0
    """Cases whose number a user was given."""
    unheard: int = 0
    """Cases that were stored, but their user left before the number came. They are to arrive as well."""
    arrived: int = 0
    added: int = 0
    """Those of them that were added to another case's ticket."""
    answers: int = 0
    lost: List[str] = field(default_factory=list)
    doubled: List[str] = field(default_factory=list)
    strange: List[str] = field(default_factory=list)
    """Everything else that should not be."""
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Tell whether every case is there once, and nothing else."""
        return self.confirmed > 0 and not (self.lost or self.doubled or self.strange)


def judge(
    result: Result, store: CaseStore, desk: Records, numbers: Mapping[str, int], gone: Sequence[str], polls: bool
) -> None:
    """Compare our cases with the desk's records.

    ``numbers``: the ids that users were given, by key; ``gone``: the keys of users who left without one.
    """
    cases = store.all()
    stored = {case.key: case for case in cases}
    result.done, result.confirmed = desk.done, len(numbers)
    result.unheard = sum(key in stored for key in gone)
    result.added = sum(case.parent is not None for case in cases)
    for key, number in numbers.items():
        if key not in stored or stored[key].id != number:
            result.lost.append(f"{key} is not stored as {number}")
    for case in cases:
        refs = desk.arrived.get(case.key, [])
        result.arrived += len(refs) == 1
        if not refs:
            result.lost.append(case.number)
        if len(refs) > 1:
            result.doubled.append(f"{case.number} ({', '.join(refs)})")
        kinds = [event.kind for event in store.history.of(case.id)]
        letters = store.outbox.of(case.id)
        if [letter.state for letter in letters] != [ARRIVED] or kinds.count(DELIVERED) != 1 or GAVE_UP in kinds:
            result.strange.append(f"{case.number} is not noted as delivered once: {kinds}")
        elif refs and letters[0].receipt and letters[0].receipt.ref != refs[0]:
            result.strange.append(f"{case.number} has the receipt {letters[0].receipt.ref}, the desk {refs[0]}")
        if polls and refs:
            result.strange += _wrong_answers(store, case.id, desk.answers.get(refs[0], []))
    result.strange += [f"the desk has {key}, we do not" for key in desk.arrived if key not in stored]
    result.answers = sum(len(texts) for texts in desk.answers.values())


def _wrong_answers(store: CaseStore, case: int, answers: Sequence[str]) -> List[str]:
    """Return what is wrong with the answers that a case has been given: each is to be kept once."""
    kept = sorted(event.text for event in store.history.of(case) if event.kind == REPLY)
    return [] if kept == sorted(answers) else [f"case {case} was answered {answers}, and has {kept}"]


def all_heard(store: CaseStore, answers: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether every case has all answers of its ticket; ``answers`` are the desk's, by ticket."""
    letters = [letter for case in store.all() for letter in store.outbox.of(case.id)]
    return all(
        {event.text for event in store.history.of(letter.case)} >= set(answers.get(letter.receipt.ref, ()))
        for letter in letters
        if letter.receipt is not None
    )


def table(result: Result) -> str:
    """Return the result in Markdown."""
    lines = ["| Deliverer killed | times |", "|---|--:|"]
    lines += [f"| {_where(point)} | {times} |" for point, times in result.kills.items()]
    lines += [f"| **all** | **{sum(result.kills.values())}** |", ""]
    lines += ["| Process that stores a case killed | times |", "|---|--:|"]
    lines += [f"| {point} | {times} |" for point, times in result.users.items()]
    lines += ["", f"| What {result.desk} did to requests that change something | times |", "|---|--:|"]
    lines += [f"| {what} | {times} |" for what, times in sorted(result.done.items())]
    numbers = {
        "Cases confirmed": result.confirmed,
        "stored, but their user left before the number came": result.unheard,
        "arrived exactly once": result.arrived,
        "of these, added to another case's ticket": result.added,
        "lost": len(result.lost),
        "doubled": len(result.doubled),
        "other faults": len(result.strange),
        "answers of the desk, each kept once": result.answers,
        "seed": result.seed,
        "seconds": round(result.seconds),
    }
    lines += ["", "| Result | |", "|---|--:|", *(f"| {name} | {value} |" for name, value in numbers.items())]
    return "\n".join([*lines, f"| machine | {_machine()} |"])


def _where(point: str) -> str:
    return f"at {point}" if point in AT else point


def _machine() -> str:
    info = Path("/proc/cpuinfo")
    models = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    model = models[0].partition(":")[2].strip() if models else platform.machine()
    return f"{os.cpu_count()} × {model}, {platform.system()}, Python {platform.python_version()}"
