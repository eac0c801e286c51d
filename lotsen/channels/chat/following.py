"""Following a table that several processes write to, by the ids of its rows, and missing none.

PostgreSQL gives a row its id when it is written, and shows it when its transaction ends. So who asks for "all after the
last one I know" passes over a row that comes late. Here every id that was passed over is asked for again for a while;
one that never comes belonged to a transaction that was undone.
"""

from __future__ import annotations

from typing import Dict, Iterable, List

LOOK_BACK = 50
"""Ids before the newest one that are looked at when following begins: their rows may be on their way."""
LOOKS = 50
"""So often an id that was passed over is asked for."""
MOST_MISSING = 1000
"""Of more than so many at once, the oldest are not asked for."""


class Following:
    """Which rows are to be asked for next."""

    def __init__(self, newest: int) -> None:
        """Begin shortly before the row that is the newest now."""
        self.last = max(0, newest - LOOK_BACK)
        """Ask for what has a higher id ..."""
        self._missing: Dict[int, int] = {}

    @property
    def missing(self) -> List[int]:
        """Return ids below ``last`` to be asked for too."""
        return list(self._missing)

    def saw(self, rows: Iterable[int]) -> None:
        """Note what one look has found."""
        self._missing = {row: looks - 1 for row, looks in self._missing.items() if looks > 1}
        for row in sorted(rows):
            self._missing.pop(row, None)
            for passed in range(max(self.last + 1, row - MOST_MISSING), row):
                self._missing[passed] = LOOKS
            self.last = max(self.last, row)
        for row in sorted(self._missing)[:-MOST_MISSING]:
            del self._missing[row]
