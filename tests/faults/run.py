"""Makes every fault while users are at work (``python -m tests.faults.run``), and fills the table of docs/faults.md.

``--only kill-rasa,disk-full`` makes some; the figures of each stay in `.lotsen/bench/faults`, and the table is made of
all that are there. All of them take about a quarter of an hour.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Dict, Iterator, List, Sequence, Tuple, Type

from lotsen.content.texts import load_texts
from lotsen.settings import CONTENT, ROOT
from tests.bench.load_page import fill, keep, kept, made_by, table
from tests.bench.load_servers import folder
from tests.faults import actions, clock, desks, model, processes, stores
from tests.faults.fault import Fault, Seen
from tests.faults.users import SOON

PAGE, MARK = ROOT / "docs" / "faults.md", "faults"
KEPT = ROOT / ".lotsen" / "bench" / "faults"
COMMAND = "python -m tests.faults.run"
SHOWN = 60
FAULTS: Tuple[Type[Fault], ...] = (
    *processes.FAULTS,
    *stores.FAULTS,
    *clock.FAULTS,
    *actions.FAULTS,
    *model.FAULTS,
    *desks.FAULTS,
)


def main(arguments: Sequence[str]) -> int:
    """Make the faults; exit code 1 if anything was lost, or a fault could not be made."""
    names = [fault.name for fault in FAULTS]
    parser = argparse.ArgumentParser(prog="tests.faults.run", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default=",".join(names), help=f"some of: {', '.join(names)}")
    parser.add_argument("--no-page", action="store_true", help="leave docs/faults.md as it is")
    given = parser.parse_args(arguments)
    wanted = [name.strip() for name in given.only.split(",")]
    if not set(wanted) <= set(names):
        parser.error(f"faults are: {', '.join(names)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # What was started is stopped on the way out.
    failed = [fault.name for fault in FAULTS if fault.name in wanted and not _one(fault())]
    if not given.no_page:
        fill(PAGE, MARK, everything())
    if failed:
        say(f"Something was lost, or could not be made: {', '.join(failed)}")
    return 1 if failed else 0


def _one(fault: Fault) -> bool:
    """Make a fault, and keep what was seen; tell whether nothing was lost."""
    say(f"{fault.name}: {fault.title}")
    try:
        with folder("fault") as where, _keeping_logs(fault, where):
            seen = fault.happen(where, say)
    except (AssertionError, OSError, RuntimeError) as error:
        say(f"  could not be made: {error}")
        return False
    result = told(seen)
    keep(fault.name, result, KEPT)
    say(f"  saw: {result['saw']}\n  lost: {result['lost'] or 'nothing'}; {result['kept']}\n  back: {result['back']}")
    return not result["lost"] and result["back"] is not None


@contextlib.contextmanager
def _keeping_logs(fault: Fault, where: Path) -> Iterator[None]:
    """Keep the logs of what happened, for who wants to know why."""
    try:
        yield
    finally:
        logs, kept_ones = fault.data(where) / "logs", KEPT / "logs" / fault.name
        if logs.is_dir():
            shutil.rmtree(kept_ones, ignore_errors=True)
            shutil.copytree(logs, kept_ones)


def told(seen: Seen) -> Dict[str, Any]:
    """Return what was seen as plain data."""
    return {"saw": saw(seen), "lost": seen.lost, "kept": seen.kept, "back": seen.back, "turns": len(seen.turns)}


def saw(seen: Seen) -> str:
    """Return in words what users noticed."""
    noticed = seen.noticed
    if seen.says:
        return seen.says
    if not noticed:
        return "nothing"
    parts: List[str] = [f"{len(noticed)} turns were not as usual"]
    waits = [turn.until_first for turn in noticed if turn.until_first is not None]
    if waits:
        parts.append(f"first word after at most {max(waits):.1f} s")
    refused = [turn for turn in noticed if turn.refused]
    if refused:
        longest = max((turn.taken or turn.sent) - turn.sent for turn in refused)
        why = ", ".join(sorted({reason for turn in refused for reason in turn.refused}))
        parts.append(f"messages could not be handed over for {longest:.1f} s ({why})")
    late = [turn.over - turn.sent for turn in noticed if turn.over is not None and turn.over - turn.sent > SOON]
    if late:
        parts.append(f"answer after at most {max(late):.1f} s")
    said = Counter(words for turn in noticed for text in turn.heard if (words := _trouble(text)))
    parts += [f"”{words}” {count} times" for words, count in said.most_common()]
    return "; ".join(parts)


def _trouble(text: str) -> str:
    """Return how a sentence begins that tells of trouble; empty for any other."""
    known = load_texts(CONTENT / "texts.yml")
    for name in ("turn_wait", "turn_failed"):
        if text.startswith(known[name].text.strip()[:SHOWN]):
            return known[name].text.partition(".")[0] + "."
    return ""


def everything() -> str:
    """Return the table of all faults that were made, and what made it."""
    results = [(fault, result) for fault in FAULTS if (result := kept(fault.name, KEPT)) is not None]
    if not results:
        return "not measured yet"
    rows = [
        (
            f"{fault.title} ({'PostgreSQL, Redis, 2 Rasa servers' if fault.grown else 'embedded default'})",
            fault.how,
            result["saw"],
            "; ".join(result["lost"]) or f"nothing: {result['kept']}",
            f"{result['back']:.1f} s" if result["back"] is not None else "not in time",
        )
        for fault, result in results
    ]
    head = ("fault", "how", "what users saw", "what was lost", "back after")
    return f"{table(head, rows, left=5)}\n\n{made_by(COMMAND, [result for _, result in results])}"


def say(text: str) -> None:
    """Tell whoever watches."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
