"""Every page of the triage desk for everybody: axe, light and dark, 400 % zoom, the keyboard, paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Dict, Iterator, List

import pytest
from playwright.sync_api import Browser, Page, expect

from lotsen.clock import utc_now
from lotsen.desk import app
from lotsen.disturbances.notices import Notices
from lotsen.settings import Settings
from lotsen.storage.database import open_engine
from tests.support.browser import violations, visit
from tests.support.running import RunningLotsen
from tests.support.triage import AGENT, AUDITOR, LEAD, OWNER, at_desk, flash, ready

KIND = "user_already_exists_error"
"""What there is a disturbance about."""
LOOKS: Dict[str, Dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 900}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "zoomed to 400 %": {"viewport": {"width": 320, "height": 256}},
}
"""1,280 pixels at 400 % are 320 (WCAG 1.4.10)."""
PAGES: Dict[str, List[str]] = {
    LEAD: [
        "/queue",
        "/queue?view=mine",
        "/queue?view=open",
        "/queue?view=over",
        "/queue?text=finns-inte",
        "/cases/1",
        "/cases/2",
        "/cases/3",
        "/cases/999999",
        "/text",
        "/disturbances",
        "/disturbances?span=days",
        "/disturbances/notice?kind=page_cannot_be_displayed",
        f"/disturbances/notice?kind={KIND}",
        f"/disturbances/lift?kind={KIND}",
        "/improve",
    ],
    OWNER: ["/improve", "/improve/questions", "/improve/guides", "/improve/answers"],
    AUDITOR: ["/audit", "/audit?case=LOT-000001"],
}


def test_no_page_is_left_out() -> None:
    """Whatever can be looked at is in the list above; files and parts of pages are not pages."""
    parts = ("/parts", ".csv", ".patch", "/examples")
    shown = {page.path for page in app.PAGES if page.method == "GET" and not page.path.endswith(parts)}
    listed = {path.split("?")[0] for paths in PAGES.values() for path in paths}
    assert {path for path in shown if not any(_fits(path, one) for one in listed)} == set()


def _fits(path: str, written: str) -> bool:
    """Tell whether an address is one of a path with places in it."""
    places, parts = path.split("/"), written.split("/")
    return len(places) == len(parts) and all(
        place.startswith("{") or place == part for place, part in zip(places, parts, strict=True)
    )


@pytest.fixture(scope="module")
def filled(triage: RunningLotsen) -> Iterator[RunningLotsen]:
    """The desk with a disturbance."""
    engine = open_engine(Settings.read(triage.env).database_url)
    Notices(engine).set(KIND, "", utc_now() + timedelta(hours=1))
    engine.dispose()
    yield triage


def narrow_enough(page: Page) -> bool:
    """Tell whether nothing is wider than the window."""
    width = page.viewport_size["width"] if page.viewport_size is not None else 0
    return bool(page.evaluate("document.documentElement.scrollWidth") <= width)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("user", PAGES)
def test_every_page(user: str, look: str, browser: Browser, filled: RunningLotsen) -> None:
    """Nothing for axe-core to find, one h1, and nothing to scroll to the side; with all that can be folded out, too."""
    wrong: Dict[str, List[str]] = {}
    with at_desk(browser, filled, user, **LOOKS[look]) as page:
        for path in PAGES[user]:
            page.goto(f"{filled.desk}{path}")
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            found = violations(page)
            if page.get_by_role("heading", level=1).count() != 1:
                found.append("not one h1")
            if not narrow_enough(page):
                found.append("wider than the window")
            if found:
                wrong[path] = found
    assert wrong == {}


@pytest.mark.parametrize("look", LOOKS)
def test_pages_of_strangers(look: str, browser: Browser, filled: RunningLotsen) -> None:
    """The sign-in, the reserve account's form, and a page that is not there."""
    for path in ("/sign-in", "/sign-in/local", "/signed-out", "/no-such-page"):
        with visit(browser, f"{filled.desk}{path}", **LOOKS[look]) as page:
            assert violations(page) == [], path
            assert narrow_enough(page), path


def test_the_queue_by_keyboard(browser: Browser, filled: RunningLotsen) -> None:
    """A list is changed, walked and a case opened, answered about and left without a mouse."""
    with at_desk(browser, filled, AGENT, "/queue", **LOOKS["light"]) as page:
        page.keyboard.press("3")
        expect(page.get_by_role("link", name="Alla öppna")).to_have_attribute("aria-current", "page")
        ready(page)
        page.keyboard.press("j")
        page.keyboard.press("j")
        second = page.locator("[data-row] a[data-open]").nth(1)
        expect(second).to_be_focused()
        number = second.inner_text()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text(number)
        ready(page)
        page.keyboard.press("n")
        expect(page.get_by_label("Ny anteckning")).to_be_focused()
        page.keyboard.type("skriven utan mus: j och k är bokstäver här")
        page.keyboard.press("Control+Enter")
        flash(page, "Anteckningen är sparad.")
        expect(page.get_by_text("skriven utan mus: j och k är bokstäver här").first).to_be_visible()
        page.keyboard.press("u")
        expect(page.get_by_role("heading", level=1, name="Kö")).to_be_visible()
        ready(page)
        page.keyboard.press("/")
        expect(page.get_by_label("Sök")).to_be_focused()


def test_keys_can_be_turned_off(browser: Browser, filled: RunningLotsen) -> None:
    """Whoever speaks to their computer must not press keys by talking (WCAG 2.1.4)."""
    with at_desk(browser, filled, AGENT, "/queue", **LOOKS["light"]) as page:
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Kortkommandon")
        dialog.get_by_role("checkbox").uncheck()
        dialog.get_by_role("button", name="Stäng").click()
        page.keyboard.press("3")
        page.keyboard.press("?")
        expect(dialog).to_be_visible()
        expect(page.get_by_role("link", name="Nya")).to_have_attribute("aria-current", "page")


def test_a_case_on_paper(browser: Browser, filled: RunningLotsen) -> None:
    """What is known is printed, and nothing that can only be pressed."""
    with at_desk(browser, filled, AGENT, "/cases/2", **LOOKS["light"]) as page:
        page.emulate_media(media="print")
        for name in ("Läget", "Vem och vad", "Samtalet", "Allt som har hänt"):
            expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        expect(page.get_by_role("heading", name="Hantera ärendet")).to_be_hidden()
        expect(page.get_by_role("button")).to_have_count(0)
        expect(page.get_by_role("textbox")).to_have_count(0)


def test_without_script(browser: Browser, filled: RunningLotsen) -> None:
    """Taking, noting and going back are links and forms."""
    with at_desk(browser, filled, AGENT, "/queue", java_script_enabled=False) as page:
        page.get_by_role("button", name="Ta nästa").click()
        expect(page.locator(".flash")).to_contain_text("Du har tagit")
        page.get_by_label("Ny anteckning").fill("utan skript")
        page.get_by_role("button", name="Spara anteckningen").click()
        expect(page.locator(".flash")).to_contain_text("Anteckningen är sparad.")
        page.get_by_role("link", name="Till kön").click()
        expect(page.get_by_role("heading", level=1, name="Kö")).to_be_visible()
