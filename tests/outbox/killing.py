"""The moments at which a process is killed, and what kills it there: SIGKILL, so that nothing of ours runs after."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, Dict, Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lotsen.outbox.deliverer import FAULTS

OPENED, WRITTEN, COMMITTED = "opened, nothing written", "written, not committed", "committed"
STAGES = (OPENED, WRITTEN, COMMITTED)
WRITES: Dict[str, str] = {
    "claim": "taking a letter",
    "put_off": "putting a letter off",
    "_delivered": "noting the receipt",
    "_failed": "noting a failure",
    "record_news": "keeping the desk's news",
}
"""Every write of the deliverer, by the function that opens its transaction."""
CREATE = {"create": "storing the case"}

AT = tuple(f"`{moment}`" for moment in FAULTS)
IN_WRITES = tuple(f"{what}: {stage}" for what in WRITES.values() for stage in STAGES)
NEWS = tuple(f"{WRITES['record_news']}: {stage}" for stage in STAGES)
IN_CREATE = tuple(f"{what}: {stage}" for what in CREATE.values() for stage in STAGES)
SOON, LATER = "from outside, just as a request goes out", "from outside, while an answer is waited for"
ANYWHERE = "from outside, at any time"
OUTSIDE = (SOON, LATER)
POINTS = (*AT, *IN_WRITES, *OUTSIDE)
"""Where a deliverer is to be killed; ``ANYWHERE`` comes on top, where a wanted moment did not come."""


class Killer:
    """Kills its own process when a moment has come for the ``count``-th time."""

    def __init__(self, point: Optional[str], count: int = 1) -> None:
        """None as ``point``: never."""
        self._point, self._left = point, count

    def reached(self, point: str) -> None:
        """Die, if this is the moment."""
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, engine: Engine) -> None:
        """Let the transactions of an engine be moments: see ``STAGES``. A second and third write are ones too."""

        def opened(connection: Any) -> None:
            self._write(OPENED)

        def executed(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
            if statement.startswith(("INSERT", "UPDATE", "DELETE")):
                self._write(WRITTEN)

        commit = engine.dialect.do_commit

        def committed(connection: Any) -> None:
            commit(connection)
            self._write(COMMITTED)

        sa.event.listen(engine, "begin", opened)
        sa.event.listen(engine, "after_cursor_execute", executed)
        engine.dialect.do_commit = committed  # SQLAlchemy has no event for the moment after a commit.

    def _write(self, stage: str) -> None:
        found = _write_under_way()
        if found is not None:
            self.reached(f"{found}: {stage}")


def counts_of(point: str) -> Tuple[int, ...]:
    """Return the counts that make sense for a point: some transactions write several rows."""
    several = point.endswith(WRITTEN) and not point.startswith((WRITES["claim"], WRITES["put_off"]))
    if not several:
        return (1,)
    return (1, 2, 3) if point in IN_CREATE else (1, 2)


def _write_under_way() -> Optional[str]:
    """Return which write the program is in, by the function of ours that opened the transaction."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_name
        known = WRITES.get(name) or CREATE.get(name)
        if known and str(frame.f_globals.get("__name__")).startswith("lotsen."):
            return known
        frame = frame.f_back
    return None
