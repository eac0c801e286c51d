"""What is wrong in a content file, said as ``file:line: what, and what to do`` (in Swedish: content owners read it)."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Sequence


@dataclass(frozen=True, order=True)
class Problem:
    """One fault in one place. ``line`` counts from 1."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """Return the form that editors make clickable."""
        return f"{self.file}:{self.line}: {self.message}"


class ContentError(Exception):
    """Content that cannot be used. Holds every problem, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems sorted by place."""
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def shown(path: Path) -> str:
    """Return ``path`` as a user should see it: from the folder they stand in, if it is below it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return " Menade du 'x'?" for the known word most like ``word``, or a list of the known ones."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    if close:
        return f" Menade du '{close[0]}'?"
    return f" Välj bland: {', '.join(names)}."
