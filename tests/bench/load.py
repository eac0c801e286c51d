"""Puts Lotsen under load, beside stock Rasa (``python -m tests.bench.load``), and fills the tables of docs/load.md.

Each part can be run alone (``--only two,stock``); its figures stay in `.lotsen/bench/load`, and the tables are made
from those of all parts. All parts take about 25 minutes, and nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import Any, Callable, ContextManager, Dict, List, Sequence

from lotsen.bench.bots import BenchFailed
from lotsen.settings import ROOT
from tests.bench import load_servers as servers
from tests.bench.load_open import lift_limits, open_many
from tests.bench.load_page import fill, keep
from tests.bench.load_people import MIX, QUESTIONS_ONLY
from tests.bench.load_search import MOST_SECONDS, hold, search
from tests.bench.load_servers import Target, folder
from tests.bench.load_tables import everything

PAGE, MARK = ROOT / "docs" / "load.md", "load"
MINUTES = 25.0
OPEN = 1000
OPEN_SECONDS = 150.0
"""About how long it takes to open a thousand conversations, and to let all write."""
QUICK_RATE, QUICK_SECONDS, QUICK_OPEN = 8.0, 8.0, 30

Start = Callable[[Path], ContextManager[Target]]
SEARCHES: Dict[str, Start] = {
    "embedded": lambda where: servers.embedded(where, MIX),
    "one": lambda where: servers.grown(where, 1),
    "two": lambda where: servers.grown(where, 2),
    "four": lambda where: servers.grown(where, 4),
    "questions": lambda where: servers.embedded(where, QUESTIONS_ONLY, count_opening=False),
    "stock": servers.stock,
}
OPENS = ("open", "open-two")
PARTS = (*SEARCHES, *OPENS)


def main(arguments: Sequence[str]) -> int:
    """Run the parts; exit code 1 if one could not be run, or a message was lost or mixed up."""
    parser = argparse.ArgumentParser(prog="tests.bench.load", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts, separated by commas: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="a minute, to see that it works; no tables")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="about how long it may take")
    parser.add_argument("--conversations", type=int, default=OPEN, help="how many are open at once")
    parser.add_argument("--no-page", action="store_true", help="leave docs/load.md as it is")
    given = parser.parse_args(arguments)
    parts = [part.strip() for part in given.only.split(",")]
    if not set(parts) <= set(PARTS):
        parser.error(f"parts are: {', '.join(PARTS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # What was started is stopped on the way out.
    lift_limits()
    if given.quick:
        return quick(say)
    failed = run(parts, given.minutes, given.conversations)
    if not given.no_page:
        fill(PAGE, MARK, everything())
        say(f"Written: {PAGE.relative_to(ROOT)}")
    return 1 if failed else 0


def run(parts: Sequence[str], minutes: float, conversations: int) -> List[str]:
    """Run the parts one after the other; return those that failed."""
    until = time.monotonic() + 60 * minutes
    questions, failed = servers.asked(), []
    for place, part in enumerate(parts):
        rest = parts[place:]
        opens = OPEN_SECONDS * sum(one in OPENS for one in rest)
        left = (until - time.monotonic() - opens) / max(1, len(rest) - sum(one in OPENS for one in rest))
        say(f"{part} ({place + 1} of {len(parts)}), {(until - time.monotonic()) / 60:.0f} minutes left")
        try:
            with folder(part) as where:
                if part in OPENS:
                    result = _open(part, where, conversations)
                else:
                    with SEARCHES[part](where) as target:
                        result = search(target, questions, say, most=max(60.0, min(MOST_SECONDS, left - 30)))
        except (BenchFailed, AssertionError, OSError) as error:
            say(f"  {part} could not be run: {error}")
            failed.append(part)
            continue
        keep(part, result)
        if wrong(result):
            say(f"  {part}: {wrong(result)}")
            failed.append(part)
    return failed


def _open(part: str, where: Path, conversations: int) -> Dict[str, Any]:
    """Open many conversations, with the embedded default or two Rasa servers."""
    if part == "open":
        with servers.lotsen(where) as running:
            return open_many(running.base, running.named, conversations, say)
    with servers.outgrown(where) as (settings, *_), servers.lotsen(where, **settings, LOTSEN_WORKERS="2") as running:
        return open_many(running.base, running.named, conversations, say)


def quick(say: Callable[[str], None]) -> int:
    """See in a minute that everything works: a low rate, and some conversations at once, with the embedded default."""
    with folder("quick") as where, servers.lotsen(where) as running:
        target = Target(servers.web(running.base), MIX, True, running.named)
        result = asyncio.run(hold(target, servers.asked(), QUICK_RATE, QUICK_SECONDS, say))
        opened = open_many(running.base, running.named, QUICK_OPEN, say)
    found = [wrong(result), wrong(opened)]
    say("; ".join(filter(None, found)) or "Nothing was lost or mixed up.")
    return 1 if any(found) else 0


def wrong(result: Dict[str, Any]) -> str:
    """Return what must never happen, whatever the rate: words of somebody else, a number twice or missing."""
    never = ("words of somebody else", "number missing", "told twice")
    found = {name: result["seen"][name] for name in never if result["seen"].get(name)}
    for wave in result.get("waves", ()):
        lost = {name: count for name, count in wave["outcomes"].items() if name != "right"}
        found.update(lost)
    return str(found) if found else ""


def say(text: str) -> None:
    """Tell whoever watches."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
