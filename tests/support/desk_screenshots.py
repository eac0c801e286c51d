"""Writes the pictures of the triage desk in ``docs/img``: ``make screenshots``."""

from __future__ import annotations

import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any, Callable, Dict

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from lotsen.cases.case import Status
from lotsen.cases.listed import Lane
from lotsen.cases.table import cases
from lotsen.clock import utc_now
from lotsen.settings import ROOT, Settings
from lotsen.storage.database import open_engine
from tests.bench.desk_cases import fill
from tests.support.browser import bubbles, chromium, open_chat, press, visit, write
from tests.support.handoff import CHAT
from tests.support.running import RunningLotsen
from tests.support.triage import AGENT, LEAD, OWNER, at_desk, flash, lotsen_with_provider, open_case

FOLDER = ROOT / "docs" / "img"
CASES = 2000
FRESH = timedelta(days=2)
"""A desk that is worked at has no new cases older than this."""
WIDE: Dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
CHAT_SIZE: Dict[str, Any] = {"viewport": {"width": 560, "height": 900}, "timezone_id": "Europe/Stockholm"}
PHONE: Dict[str, Any] = {"viewport": {"width": 320, "height": 640}}
GUIDE = "det står webbsidan kan inte visas"
LETTER = """Hej!

En av våra psykologer får upp "Webbsidan kan inte visas" när hon loggar in i Stöd och behandling med SITHS-kortet.
Hon har en patient som väntar. Det är i Edge. Vi har provat att starta om datorn.

Ring mig på 070-174 06 35.

Med vänlig hälsning
Amina Berg, Vårdcentralen Björken
"""


def main() -> int:
    """Write every picture."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser, lotsen_with_provider(Path(folder)) as lotsen:
        _stock(Settings.read(lotsen.env).database_url)
        _conversation(browser, lotsen)
        _page(browser, lotsen, "desk-queue", AGENT, "/queue")
        _page(browser, lotsen, "desk-dark", AGENT, "/queue", color_scheme="dark")
        _page(browser, lotsen, "desk-phone", AGENT, "/queue", **PHONE)
        _page(browser, lotsen, "desk-text", AGENT, "/text", _read_letter)
        _page(browser, lotsen, "desk-disturbances", LEAD, "/disturbances")
        _page(browser, lotsen, "desk-improve", OWNER, "/improve")
    return 0


def _stock(url: str) -> None:
    """Fill the desk with cases, and resolve the old ones."""
    engine = open_engine(url)
    fill(engine, CASES)
    over = {"lane": Lane.OVER.value, "live": 0, "status": Status.RESOLVED.value}
    with engine.begin() as connection:
        connection.execute(cases.update().where(cases.c.created < utc_now() - FRESH).values(**over))
    engine.dispose()


def _conversation(browser: Browser, lotsen: RunningLotsen) -> None:
    """A case from a guide, its page, the conversation taken over, and both browsers side by side."""
    with (
        visit(browser, lotsen.front, **CHAT_SIZE) as user,
        at_desk(browser, lotsen, AGENT, "/queue", **WIDE) as agent,
    ):
        open_chat(user)
        write(user, GUIDE)
        press(user, "Klart")
        expect(user.get_by_role("progressbar", name="Steg 2 av 8")).to_be_visible()
        write(user, "jag vill prata med en människa")
        press(user, "En patient väntar på mig")
        press(user, CHAT)
        press(user, "Ja, skicka")
        receipt = bubbles(user).filter(has_text="LOT-").last
        expect(receipt).to_be_visible()
        number = "LOT-" + receipt.inner_text().split("LOT-")[1][:6]
        open_case(agent, number)
        agent.get_by_role("button", name="Ta ärendet").click()
        flash(agent, "Nu har du ärendet.")
        agent.screenshot(path=FOLDER / "desk-case.png")
        agent.get_by_label("Till användaren", exact=True).fill("Hej! Sitter kortet i läsaren när du öppnar sidan?")
        agent.get_by_role("button", name="Skicka svaret").click()
        expect(bubbles(user).filter(has_text="Sitter kortet i läsaren")).to_be_visible()
        _side_by_side(user, agent, "desk-side-by-side")
        agent.get_by_role("button", name="Ta över samtalet").click()
        flash(agent, "Nu har du samtalet.")
        agent.get_by_label("Skriv i samtalet").fill("Jag är kvar här medan du provar.")
        agent.get_by_label("Skriv i samtalet").press("Control+Enter")
        expect(user.locator("article.desk").filter(has_text="Jag är kvar här")).to_be_visible()
        write(user, "Tack! Nu gick det, det var läsaren.")
        expect(agent.get_by_role("region", name="Det som är sagt").get_by_text("det var läsaren")).to_be_visible()
        _side_by_side(user, agent, "desk-live")


def _read_letter(page: Page) -> None:
    page.get_by_label("Mejl eller telefonanteckning").fill(LETTER)
    page.get_by_role("button", name="Läs av").click()
    expect(page.get_by_role("heading", name="Gör till ärende")).to_be_visible()


def _page(
    browser: Browser,
    lotsen: RunningLotsen,
    name: str,
    user: str,
    path: str,
    state: Callable[[Page], None] = lambda page: None,
    **options: Any,
) -> None:
    """Write the picture of one page."""
    with at_desk(browser, lotsen, user, path, **{**WIDE, **options}) as page:
        state(page)
        page.mouse.move(1, 1)
        page.screenshot(path=FOLDER / f"{name}.png")


def _side_by_side(left: Page, right: Page, name: str) -> None:
    """Write two browsers as one picture."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "left.png", Path(folder) / "right.png"]
        for page, path in zip((left, right), paths, strict=True):
            page.screenshot(path=path)
        images = [Image.open(path) for path in paths]
        whole = Image.new("RGB", (sum(image.width for image in images), max(image.height for image in images)), "white")
        place = 0
        for image in images:
            whole.paste(image, (place, 0))
            place += image.width
        whole.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main())
