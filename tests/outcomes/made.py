"""Made-up guides and runs for the tests of the report. The real walker walks them, with its own clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

from lotsen.guides.model import Answer, Guide, Status, Step, StepKind
from lotsen.guides.replies import Move, Reply
from lotsen.guides.run import GuideRun
from lotsen.guides.scene import Scene
from lotsen.guides.walker import advance, start
from lotsen.outcomes.records import RunRecord

BEGAN = datetime(2026, 3, 1, 8, 0, tzinfo=timezone.utc)
DONE, SOLVED, FAILED = Reply(Move.DONE), Reply(Move.SOLVED), Reply(Move.FAILED)
SKIP, STOP = Reply(Move.SKIP), Reply(Move.STOP)


def step(step_id: str, kind: StepKind, **fields: Any) -> Step:
    """Build a step whose text is made from its id."""
    return Step(step_id, kind, f"Text {step_id}.", **fields)


def end(step_id: str = "call", outcome: Status = Status.HANDOFF, **fields: Any) -> Step:
    """Build an end that has no number."""
    return step(step_id, StepKind.END, outcome=outcome, counted=False, **fields)


def guides_of(*listed: Guide) -> Dict[str, Guide]:
    """Build a set of guides, by id."""
    return {guide.id: guide for guide in listed}


CACHE = Guide(
    "cache",
    "Rensa",
    (step("press", StepKind.DO), step("look", StepKind.CHECK), end(reason="Rensat utan verkan.")),
    digest="1",
)
LOGIN = Guide(
    "login",
    "Logga in",
    (
        step("close", StepKind.DO),
        step("clear", StepKind.INCLUDE, guide="cache"),
        step("again", StepKind.CHECK),
        step(
            "other",
            StepKind.CHECK,
            answers=MappingProxyType({"solved": Answer("Där går det", next="local"), "failed": Answer("Inte där")}),
        ),
        end(reason="Det går inte."),
        end("local", Status.RESOLVED),
    ),
    digest="1",
)
TWO = Guide(
    "two",
    "Två sätt",
    (step("reload", StepKind.CHECK), step("log_out", StepKind.DO), step("again", StepKind.CHECK), end()),
    digest="1",
)
GUIDES = guides_of(CACHE, LOGIN, TWO)


def walk(
    guide_id: str,
    replies: Sequence[Reply],
    guides: Mapping[str, Guide] = GUIDES,
    seconds: float = 10.0,
    run_id: str = "r",
    done: Tuple[str, ...] = (),
) -> GuideRun:
    """Walk a guide; each reply comes so many seconds after the one before."""
    now = BEGAN.timestamp()
    run = start(Scene(guides, now=now, done=frozenset(done)), guide_id, run_id)
    for reply in replies:
        now += seconds
        run = advance(Scene(guides, now=now, done=frozenset(done)), run, reply)
    return run


def closed(run: GuideRun, status: Status) -> GuideRun:
    """End a run from outside."""
    return replace(run, status=status)


def record(run: GuideRun) -> RunRecord:
    """Return a run as the record has it."""
    touched: datetime = datetime.fromtimestamp(run.touched, timezone.utc)
    ended: Optional[datetime] = None if run.active else touched
    place = (run.place.guide, run.place.step)
    status, began = run.status, datetime.fromtimestamp(run.began, timezone.utc)
    return RunRecord(
        run.id, "web-1", "web", run.guide, run.version, status, began, touched, ended, run.outcomes, place, run.reason
    )
