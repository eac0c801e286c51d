"""A pasted e-mail becomes a case at the running desk, read by the running bot's model; and the page is for everyone."""

from __future__ import annotations

from typing import Any, Dict

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.desk.letters.measure import letters
from tests.support.browser import violations
from tests.support.running import RunningLotsen
from tests.support.triage import AGENT, at_desk
from tests.support.workers import suspended

LOOKS: Dict[str, Dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 900}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "zoomed": {"viewport": {"width": 320, "height": 800}},
    "without script": {"viewport": {"width": 1000, "height": 800}, "java_script_enabled": False},
}


def read(page: Page, text: str) -> None:
    """Paste a text and have it read."""
    page.get_by_label("Mejl eller telefonanteckning").fill(text)
    page.get_by_role("button", name="Läs av").click()
    expect(page.get_by_role("heading", name="Vad det gäller")).to_be_visible()


def test_a_letter_becomes_a_case(browser: Browser, triage: RunningLotsen) -> None:
    """Category with its certainty, the guide, the words that make it urgent, who it is; then a case with all that."""
    with at_desk(browser, triage, AGENT, "/text") as page:
        read(page, letters()["42_skulle_borjat"])
        about = page.get_by_role("region", name="Vad det gäller")
        expect(about.get_by_role("heading", name="”Ett fel har inträffat vid inloggningen”")).to_be_visible()
        expect(about.get_by_role("status")).to_contain_text("säker")
        expect(about.get_by_text("Ta ut SITHS-kortet/e-tjänstekortet.")).to_be_visible()
        told = page.get_by_role("region", name="Vad texten berättar")
        expect(told).to_contain_text("kvinnan sitter framför honom")
        expect(page.get_by_label("Telefon", exact=True)).to_have_value("036-32 88 19")
        expect(page.get_by_label("Prioritet", exact=True)).to_have_value("urgent")
        page.get_by_role("checkbox", name="Ta ärendet själv").check()
        page.get_by_role("button", name="Gör till ärende").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("LOT-")
        expect(page.get_by_role("main")).to_contain_text("Farid")
        expect(page.get_by_role("main")).to_contain_text("Sessionen skulle ha börjat")


@pytest.mark.parametrize("look", LOOKS)
def test_everyone_can_use_it(look: str, browser: Browser, triage: RunningLotsen) -> None:
    """Nothing for axe-core to find, nothing wider than the window, and all of it works without script."""
    with at_desk(browser, triage, AGENT, "/text", **LOOKS[look]) as page:
        for name in ("04_chef_ny_admin", "06_dialekt_kommer_int_in", "09_kort_last", "20_flera_saker", "25_status"):
            read(page, letters()[name])
            for summary in page.locator("summary").all():
                summary.click()
            width = page.viewport_size["width"] if page.viewport_size else 0
            if LOOKS[look].get("java_script_enabled", True):
                assert page.evaluate("document.documentElement.scrollWidth") <= width, name
                assert violations(page) == [], name


def test_strangers_have_no_way_to_the_model(triage: RunningLotsen) -> None:
    """The Rasa server's /parse needs the token, whoever can reach the chat."""
    answer = requests.post(f"{triage.front}parse", json={"texts": ["hej"]}, timeout=30)
    assert (answer.status_code, answer.json()) == (401, {"said": "not signed"})


def test_without_the_model_the_page_goes_on(browser: Browser, triage: RunningLotsen) -> None:
    """While the Rasa server is down the text stays, the page says so, and a case can be made by hand."""
    with at_desk(browser, triage, AGENT, "/text") as page:
        with suspended(*triage.rasa_servers()):
            page.get_by_label("Mejl eller telefonanteckning").fill("Jag kommer inte in. /Bo")
            page.get_by_role("button", name="Läs av").click(timeout=60_000)
            expect(page.get_by_role("alert")).to_contain_text("Modellen svarar inte just nu", timeout=60_000)
        expect(page.get_by_label("Mejl eller telefonanteckning")).to_have_value("Jag kommer inte in. /Bo")
        page.get_by_label("Problem", exact=True).fill("Kommer inte in")
        page.get_by_role("button", name="Gör till ärende").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("LOT-")
