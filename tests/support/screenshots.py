"""Writes the pictures of the chat in ``docs/img``: ``make screenshots``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, Tuple

from playwright.sync_api import Page, expect

from lotsen.settings import ROOT
from tests.support.browser import bubbles, chromium, open_chat, press, visit, write
from tests.support.running import RunningLotsen, environment

FOLDER = ROOT / "docs" / "img"
GUIDE = "det står webbsidan kan inte visas"
WIDE = {"viewport": {"width": 960, "height": 640}}
PHONE = {"viewport": {"width": 320, "height": 568}}


def _answer(page: Page) -> None:
    open_chat(page)
    write(page, "Hur går gallring till?")
    expect(bubbles(page)).to_have_count(2)


def _guide(page: Page) -> None:
    open_chat(page)
    write(page, GUIDE)
    press(page, "Klart")
    expect(page.get_by_role("progressbar", name="Steg 2 av 8")).to_be_visible()


def _number(page: Page) -> None:
    open_chat(page)
    write(page, "patienten 19121212-1212 kommer inte in")
    expect(page.get_by_role("alertdialog")).to_be_visible()


def _lost(page: Page) -> None:
    _answer(page)
    page.context.set_offline(True)
    write(page, "hej")
    expect(page.get_by_role("button", name="Försök nu")).to_be_visible()


STATES: Dict[str, Tuple[Callable[[Page], None], Dict[str, Any]]] = {
    "widget-closed": (lambda page: None, WIDE),
    "widget-answer": (_answer, WIDE),
    "widget-guide": (_guide, WIDE),
    "widget-dark": (_guide, {**WIDE, "color_scheme": "dark"}),
    "widget-contrast": (_guide, {**WIDE, "forced_colors": "active"}),
    "widget-number": (_number, WIDE),
    "widget-lost": (_lost, WIDE),
    "widget-phone": (_guide, PHONE),
}


def main() -> int:
    """Write every picture."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        lotsen = RunningLotsen(environment(Path(folder)))
        try:
            for name, (state, look) in STATES.items():
                with visit(browser, lotsen.front, **look) as page:
                    state(page)
                    page.mouse.move(1, 1)
                    page.screenshot(path=FOLDER / f"{name}.png")
        finally:
            lotsen.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
