"""Measures the widget (``python -m tests.bench.widget``): size, how soon one can use it, that the page stays still.

A browser with its processor slowed down to a quarter opens the demo page. Measured are the time from a press on the
launcher until the field has the focus and is painted, presses that ask a question, and layout shifts of the host page.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from playwright.sync_api import Browser, expect

from lotsen.channels.web.pages import WIDGET
from lotsen.channels.web.widget import Widget, join
from tests.support.browser import FIELD, OPEN, bubbles, chromium, visit, write
from tests.support.running import RunningLotsen, environment

SLOWER = 4
ROUNDS = 15
MEASURE = """() => {
  window.found = {shift: 0, longest: 0};
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) found.shift += entry.value;
  }).observe({type: "layout-shift", buffered: true});
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) found.longest = Math.max(found.longest, entry.duration);
  }).observe({type: "event", buffered: true, durationThreshold: 16});
}"""
PRESS = """() => new Promise((resolve) => {
  const root = document.querySelector("lotsen-chat").shadowRoot;
  const began = performance.now();
  root.querySelector(".launcher").click();
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve([performance.now() - began, root.activeElement?.localName]);
    channel.port2.postMessage(0);
  });
})"""


def main(arguments: Sequence[str]) -> int:
    """Measure, and print the table; exit code 1 if the widget is heavier or slower than it may be."""
    parser = argparse.ArgumentParser(prog="tests.bench.widget", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args(arguments)
    widget = Widget.of(join(WIDGET))
    found: Dict[str, List[float]] = {"open": [], "interaction": [], "ready": [], "shift": []}
    print(f"About {given.rounds * 4} seconds. Let nothing else run meanwhile.", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        lotsen = RunningLotsen(environment(Path(folder)))
        try:
            for _ in range(given.rounds):
                _round(browser, lotsen, found)
        finally:
            lotsen.stop()
    rows = [
        ("Script, styles and texts, gzip", f"{len(widget.packed):,} bytes", "20,000", len(widget.packed) <= 20_000),
        _row("First interaction: launcher pressed to field painted, median", found["open"], statistics.median, 100),
        _row("The same, slowest", found["open"], max, 100),
        _row("Slowest press or key after that, median of the rounds", found["interaction"], statistics.median, None),
        _row("From navigation to a launcher that works, median", found["ready"], statistics.median, None),
        (
            "Layout shift of the host page (CLS), all rounds",
            f"{sum(found['shift']):.4f}",
            "0",
            sum(found["shift"]) == 0,
        ),
    ]
    print(f"\nChromium slowed down {SLOWER} times, {given.rounds} rounds\n")
    print("| | measured | at most |\n|---|---|---|")
    for name, measured, limit, _ in rows:
        print(f"| {name} | {measured} | {limit} |")
    return 0 if all(holds for *_, holds in rows) else 1


def _row(
    name: str, values: List[float], of: Callable[[List[float]], float], limit: Optional[float]
) -> Tuple[str, str, str, bool]:
    """Return a row of the table, and whether it keeps its limit."""
    measured = of(values)
    holds = limit is None or measured <= limit
    return name, f"{measured:.0f} ms", f"{limit} ms" if limit is not None else "", holds


def _round(browser: Browser, lotsen: RunningLotsen, found: Dict[str, List[float]]) -> None:
    """Open the page as a new visitor, press the launcher, ask something."""
    with visit(browser, "about:blank", lotsen.front.rstrip("/")) as page:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(lotsen.front)
        page.evaluate(MEASURE)
        page.get_by_role("button", name=OPEN).wait_for()
        found["ready"].append(page.evaluate("performance.now()"))
        took, focused = page.evaluate(PRESS)
        assert focused == "textarea", "the field must have the focus"
        found["open"].append(took)
        expect(bubbles(page)).to_have_count(1)
        page.get_by_label(FIELD).press_sequentially("vad är ett ")
        write(page, "vad är ett moment?")
        expect(bubbles(page)).to_have_count(2)
        page.get_by_role("button", name="Stäng chatten").click()
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        measured = page.evaluate("found")
        found["interaction"].append(measured["longest"])
        found["shift"].append(measured["shift"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
