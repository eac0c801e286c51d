"""``python -m tests.privacy.measure``: how much is masked of what should be, and of what should not; into the docs."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Dict, List, Sequence, Tuple

from personnummer import personnummer

from lotsen.privacy.masking import RESERVE_TOKEN, TOKEN, mask_transcript
from lotsen.settings import ROOT
from tests.privacy.corpus import LINES, SEED, Line, lines

PAGE = ROOT / "docs" / "masking.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass
class Figures:
    """What was found in the corpus."""

    caught: Dict[Tuple[str, str], List[bool]] = field(default_factory=lambda: defaultdict(list))
    """By kind and form: whether each line became what it should."""
    alarms: Dict[str, List[bool]] = field(default_factory=lambda: defaultdict(list))
    """By kind of decoy: whether each line was changed."""
    judged: List[bool] = field(default_factory=list)
    """Of the numbers that the package holds for valid: whether each was masked."""
    missed: List[Line] = field(default_factory=list)
    disputed: List[Line] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Return how many of the lines with a number became what they should."""
        return _share([one for row in self.caught.values() for one in row])

    @property
    def false_alarms(self) -> float:
        """Return how many of the decoys were changed."""
        return _share([one for row in self.alarms.values() for one in row])

    @property
    def agreement(self) -> float:
        """Return how many of the numbers that the package holds for valid were masked."""
        return _share(self.judged)


def measure(corpus: Sequence[Line]) -> Figures:
    """Mask every line, and compare."""
    figures = Figures()
    for line in corpus:
        masked = mask_transcript(line.text)
        right = _one_token(masked) == _one_token(line.masked)
        if line.decoy:
            figures.alarms[line.kind].append(not right)
        else:
            figures.caught[line.kind, line.form].append(right)
        if not right:
            figures.missed.append(line)
        if line.number and _is_valid(line.number):
            figures.judged.append(right)
            if not right:
                figures.disputed.append(line)
    return figures


def _one_token(text: str) -> str:
    """Return a text with one token for patients' numbers: a mistyped one of one kind can look like the other."""
    return text.replace(RESERVE_TOKEN, TOKEN)


def _is_valid(number: str) -> bool:
    """Tell what the package says."""
    return bool(personnummer.valid(number))


def table(figures: Figures) -> str:
    """Return the figures as Markdown."""
    total = sum(map(len, figures.caught.values()))
    decoys = sum(map(len, figures.alarms.values()))
    rows = ["| kind | form | lines | recall |", "|---|---|---|---|"]
    rows += [
        f"| {kind} | {form} | {len(row)} | {_share(row):.2%} |" for (kind, form), row in sorted(figures.caught.items())
    ]
    rows += [f"| **all** | | {total} | **{figures.recall:.2%}** |", ""]
    rows += ["| decoy | lines | false alarms |", "|---|---|---|"]
    rows += [f"| {kind} | {len(row)} | {_share(row):.2%} |" for kind, row in sorted(figures.alarms.items())]
    rows += [f"| **all** | {decoys} | **{figures.false_alarms:.2%}** |", ""]
    rows += [
        f"Of {len(figures.judged)} numbers that the package `personnummer` holds for valid as they are written, "
        f"{figures.agreement:.2%} are masked."
    ]
    rows += [f"- not masked: `{line.number}`" for line in figures.disputed]
    return "\n".join(rows)


def main() -> int:
    """Measure, print, and write the page."""
    figures = measure(lines())
    told = f"{LINES} lines, seed {SEED}, made and measured by `python -m tests.privacy.measure`.\n\n{table(figures)}"
    print(told)
    if "--missed" in sys.argv:
        for line in figures.missed:
            print(f"{line.kind} | {line.form} | {line.text!r} -> {mask_transcript(line.text)!r}")
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{told}\n{END}{after}", encoding="utf-8")
    return 0


def _share(row: Sequence[bool]) -> float:
    return sum(row) / len(row) if row else 0.0


if __name__ == "__main__":
    sys.exit(main())
