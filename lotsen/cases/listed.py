"""How the desk has a new case: what stands in its row beside the case itself, made from it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Dict, Iterable, Mapping, Optional, Tuple

from lotsen.cases.case import OVER, Level, Status
from lotsen.cases.due import DEFAULT_MINUTES
from lotsen.cases.priority import DISTURBANCE
from lotsen.cases.table import MAX_GUIDE, MAX_PROBLEM, MAX_TITLE, MAX_UNIT


class Lane(str, Enum):
    """Where in the queue a case is; one value for each list, so that an index can lead to it."""

    NEW = "new"
    """Nobody has it."""
    TAKEN = "taken"
    """Somebody at the triage desk has it, or a service desk has begun with it."""
    WAITING = "waiting"
    OVER = "over"
    MERGED = "merged"
    """A duplicate: it is worked on in another case."""


LIVE = (Lane.NEW, Lane.TAKEN, Lane.WAITING)


def placed(status: Status, taken: bool, merged: bool = False) -> Dict[str, Any]:
    """Return where a case of a status is in the queue, as columns."""
    if merged:
        lane = Lane.MERGED
    elif status in OVER:
        lane = Lane.OVER
    elif status is Status.WAITING:
        lane = Lane.WAITING
    else:
        lane = Lane.TAKEN if taken else Lane.NEW
    return {"lane": lane.value, "live": int(lane in LIVE)}


def listed(
    draft: Mapping[str, Any],
    created: datetime,
    status: Status = Status.NEW,
    due: Optional[datetime] = None,
    changed: Optional[datetime] = None,
    notice: Optional[int] = None,
) -> Dict[str, Any]:
    """Return the columns of a case, from its JSON (``CaseDraft.to_json``); ``due``: counted in plain time if not given.

    A service desk may have begun with it before the triage desk saw it: an open case counts as taken.
    """
    level = Level(draft["priority"]["level"])
    reasons = draft["priority"]["reasons"]
    tried = draft["tried"]
    return {
        **placed(status, taken=status is Status.OPEN),
        "level": level.value,
        "reasons": joined(with_disturbance(reasons, notice is not None or DISTURBANCE in reasons)),
        "due": due or created + timedelta(minutes=DEFAULT_MINUTES[level]),
        "due_from": created,
        "changed": changed or created,
        "notice": notice,
        "guide": str(tried[-1]["id"] if tried else "")[:MAX_GUIDE],
        "unit": one_line(draft["contact"]["unit"], MAX_UNIT),
        "title": one_line(draft["category"]["title"], MAX_TITLE),
        "section": one_line(draft["category"]["section"], MAX_TITLE),
        "problem": one_line(draft["problem"], MAX_PROBLEM),
    }


def with_disturbance(reasons: Iterable[str], part_of_one: bool) -> Tuple[str, ...]:
    """Return the reasons of a case that is part of a disturbance, or is not."""
    rest = tuple(reason for reason in reasons if reason and reason != DISTURBANCE)
    return (*rest, DISTURBANCE) if part_of_one else rest


def joined(reasons: Iterable[str]) -> str:
    """Return reasons as one column."""
    return ",".join(reasons)


def split(reasons: str) -> Tuple[str, ...]:
    """Return the reasons in a column."""
    return tuple(filter(None, reasons.split(",")))


def one_line(text: str, longest: int) -> str:
    """Return a text in one line, cut where it is too long."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 2].rstrip()} …"
