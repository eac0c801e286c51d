"""How the report says its figures in Swedish, on the terminal and on the page alike."""

from __future__ import annotations

from typing import List, Mapping, Optional

from lotsen.guides.lettering import plain
from lotsen.guides.model import Guide, Status, StepKind
from lotsen.outcomes.order import ENOUGH, Advice, Block, Move, Trial
from lotsen.outcomes.summary import Fate, GuideFigures, StepFigures

STATUSES: Mapping[Status, str] = {
    Status.RESOLVED: "löst",
    Status.HANDOFF: "ärende",
    Status.STOPPED: "avbruten",
    Status.SWITCHED: "bytt guide",
    Status.ABANDONED: "övergiven",
    Status.ACTIVE: "pågår",
}
"""How a run stands, in the order in which it is told."""
LEAVING: Mapping[Fate, str] = {
    Fate.STOPPED: "avbröt",
    Fate.SWITCHED: "bytte guide",
    Fate.ABANDONED: "övergav",
    Fate.HANDED_OFF: "ville ha ett ärende",
}
COLUMNS = ("Steg", "Kom hit", "Löst här", "Gick vidare", "Lämnade", "Hoppade över", "Kvar", "Hade gjort", "Mediantid")
GONE = "finns inte längre"
NOTHING = "–"
_SHORT = 44


def share(value: Optional[float]) -> str:
    """Return a share in per cent.

    >>> share(0.254), share(None)
    ('25 %', '–')
    """
    return NOTHING if value is None else f"{100 * value:.0f} %"


def duration(seconds: Optional[float]) -> str:
    """Return a time as one says it.

    >>> duration(42), duration(60), duration(95), duration(7500)
    ('42 s', '1 min', '1 min 35 s', '2 h 5 min')
    """
    if seconds is None:
        return NOTHING
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    units = (whole // 60, "min", whole % 60, "s") if whole < 3600 else (whole // 3600, "h", whole % 3600 // 60, "min")
    return f"{units[0]} {units[1]}" + (f" {units[2]} {units[3]}" if units[2] else "")


def runs(count: int) -> str:
    """Return a number of runs."""
    return f"{count} {'körning' if count == 1 else 'körningar'}"


def short(text: str, length: int = _SHORT) -> str:
    """Return the beginning of a step's text, cut between words."""
    text = plain(text)
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" .,:;") + "…"


def step_name(figures: StepFigures, length: int = _SHORT) -> str:
    """Return what to call a step in a list; one that is gone has only its id left."""
    if figures.step is None:
        guide, step = figures.way[-1]
        inner = f"{guide}: " if len(figures.way) > 1 else ""
        return f"{inner}{step} ({GONE})"
    if figures.step.kind is StepKind.END:
        return f"Slut: {short(figures.step.reason or figures.step.text, length)}"
    number = f"{figures.number}. " if figures.number is not None else ""
    return f"{number}{short(figures.step.text, length)}"


def cells(step: StepFigures) -> List[str]:
    """Return the figures of a step, in the order of ``COLUMNS`` without the first."""
    solved = f"{step.solved} ({share(step.share_solved)})" if step.solved else "0"
    counts = (step.went_on, step.left, step.skipped, step.here, step.before)
    return [str(step.came), solved, *map(str, counts), duration(step.median)]


def leaving(step: StepFigures) -> str:
    """Return in what ways people left at a step, or nothing."""
    return ", ".join(f"{step.fates[fate]} {word}" for fate, word in LEAVING.items() if step.fates.get(fate))


def runs_of(figures: GuideFigures) -> str:
    """Say how many runs there were, and of which version."""
    if not figures.older:
        return f"{runs(figures.runs)}."
    if figures.older == figures.runs:
        return f"{runs(figures.runs)}, {'av' if figures.runs == 1 else 'alla av'} en äldre version av guiden."
    return f"{runs(figures.runs)}, varav {figures.older} av en äldre version av guiden."


def advised(guide: Guide, found: Advice) -> List[str]:
    """Say what the record says about the order, a sentence for each thing."""
    if not found.movable:
        return ["Guiden har inga steg som kan byta plats."]
    said = [_move(guide, move) for move in found.moves]
    if found.lacking:
        lacking = "; ".join(_lacking(guide, one) for one in found.lacking)
        said.append(f"För lite att gå på {'i övrigt' if said else 'för att föreslå en annan ordning'}: {lacking}.")
    return said or ["Behåll ordningen. Inget steg löser tydligt fler på samma tid än stegen före."]


def block_name(guide: Guide, block: Block) -> str:
    """Return what to call a block: its steps' numbers, and the question that ends it."""
    numbers = [number for step in block.steps if (number := guide.number(step)) is not None]
    text = f"”{short(block.check.text)}”"
    if not numbers:
        return text
    return f"steg {numbers[0]}{f'–{numbers[-1]}' if len(numbers) > 1 else ''} ({text})"


def _move(guide: Guide, move: Move) -> str:
    """Say what to try, and why."""
    return (
        f"Prova att lägga {block_name(guide, move.block.block)} före {block_name(guide, move.before.block)}, "
        f"för det löser tydligt fler på samma tid: {_result(move.block)}, mot {_result(move.before)}."
    )


def _result(one: Trial) -> str:
    """Say how a block did."""
    return f"{one.solved} av {one.runs} på i snitt {duration(60 * one.minutes_each)}"


def _lacking(guide: Guide, one: Trial) -> str:
    """Say how many runs a block lacks."""
    tried = f"har provats i {one.runs} av de {ENOUGH} körningar som behövs"
    return f"{block_name(guide, one.block)} {tried}, {one.missing} saknas"
