"""What an intent means as a reply to the present step: "ja" is *done* to one kind of step and *solved* to another."""

from __future__ import annotations

from typing import Mapping, Optional

from lotsen.guides.model import Reply, StepKind

_ANYWHERE: Mapping[str, Reply] = {
    "next_step": Reply.DONE,
    "solved": Reply.SOLVED,
    "problem_persists": Reply.FAILED,
    "go_back": Reply.BACK,
    "repeat": Reply.REPEAT,
    "restart_guide": Reply.RESTART,
    "stop": Reply.STOP,
}
_YES: Mapping[StepKind, Reply] = {
    StepKind.DO: Reply.DONE,
    StepKind.CHECK: Reply.SOLVED,
    StepKind.INCLUDE: Reply.DONE,
}
_NO: Mapping[StepKind, Reply] = {
    StepKind.DO: Reply.FAILED,
    StepKind.CHECK: Reply.FAILED,
    StepKind.INCLUDE: Reply.SKIP,
}


def reply_to(intent: str, kind: StepKind) -> Optional[Reply]:
    """Return what ``intent`` means to a step of ``kind``, or None if it is no word inside a guide."""
    if intent == "affirm":
        return _YES.get(kind)
    if intent == "deny":
        return _NO.get(kind)
    return _ANYWHERE.get(intent)
