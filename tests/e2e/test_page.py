"""The chat page in a real browser: it talks, offers buttons, survives a reload, and asks nothing of anybody else."""

from __future__ import annotations

import os
import shutil
from typing import Iterator, List

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

from tests.support.expected import answers
from tests.support.running import RunningLotsen

pytestmark = pytest.mark.browser
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; without it these tests are skipped, which in CI is a failure."""
    program = os.environ.get("LOTSEN_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("Chromium is missing. To run the browser tests: sudo apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, lotsen: RunningLotsen) -> Iterator[Page]:
    """The chat page with its greeting, in a browser profile of its own. Errors in its console fail the test."""
    context = browser.new_context(locale="sv-SE", viewport={"width": 1000, "height": 800})
    page = context.new_page()
    errors: List[str] = []
    foreign: List[str] = []
    page.on("console", lambda message: errors.append(message.text) if is_fault(message) else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    origin = lotsen.base.removesuffix("/chat")
    page.on("request", lambda request: foreign.append(request.url) if not request.url.startswith(origin) else None)
    page.goto(f"{lotsen.base}/")
    expect(bubbles(page, "bot")).to_have_count(1)
    yield page
    context.close()
    assert errors == []
    assert foreign == []


def bubbles(page: Page, author: str = "bot") -> Locator:
    """Return what one side has said."""
    return page.locator(f"#log article.{author}")


def is_fault(message: ConsoleMessage) -> bool:
    """Tell whether the page's script did wrong; being offline, or a code that is none, is the test's own doing."""
    return message.type == "error" and not any(known in message.text for known in ("ERR_INTERNET_DISCONNECTED", "404"))


def write(page: Page, text: str) -> None:
    """Type into the field and press Enter."""
    page.get_by_label("Skriv din fråga").fill(text)
    page.keyboard.press("Enter")


def test_question_is_answered(page: Page) -> None:
    """A typed question gets its answer, with the role in bold and the address as a link that opens safely."""
    write(page, "Hur går gallring till?")
    answer = bubbles(page).last
    expect(answer.locator("strong")).to_have_text("Dataadministratör")
    link = answer.locator("a")
    expect(link).to_have_attribute("href", "https://ledsys.lio.se/Document/Document?DocumentNumber=29076")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(page.locator("#status")).to_have_text("")


def test_guide_with_buttons(page: Page) -> None:
    """A button shows what was chosen as the user's own words, and old buttons are dead."""
    write(page, "det står webbsidan kan inte visas")
    page.get_by_role("button", name="Klart").click()
    expect(bubbles(page, "user").last).to_contain_text("Klart")
    expect(bubbles(page).last).to_contain_text("Steg 2 av 8")
    expect(page.get_by_role("button", name="Klart").first).to_be_disabled()
    expect(page.get_by_role("button", name="Klart").last).to_be_enabled()


def test_reload_keeps_the_conversation(page: Page) -> None:
    """After a reload everything is there once, and the guide goes on."""
    write(page, "det står webbsidan kan inte visas")
    expect(bubbles(page)).to_have_count(4)
    before = page.locator("#log article").all_inner_texts()
    page.reload()
    expect(bubbles(page)).to_have_count(4)
    assert page.locator("#log article").all_inner_texts() == before
    page.get_by_role("button", name="Klart").last.click()
    expect(bubbles(page).last).to_contain_text("Steg 2 av 8")


def test_finer_steps_are_a_numbered_list(page: Page) -> None:
    """”Hur gör jag?” is answered by a list that a screen reader counts."""
    write(page, "det står webbsidan kan inte visas")
    page.get_by_role("button", name="Hur gör jag?").click()
    items = bubbles(page).filter(has_text="Gör så här").locator("ol > li")
    expect(items.first).to_contain_text("Stäng alla fönster")


def test_closed_browser_goes_on_by_code(page: Page, browser: Browser) -> None:
    """The guide says to close the browser: a new one, with the code that was said, shows the chat and goes on."""
    write(page, "det står webbsidan kan inte visas")
    code = bubbles(page).filter(has_text="skriv koden").locator("strong").inner_text()
    other = browser.new_context(locale="sv-SE").new_page()
    other.goto(page.url)
    expect(bubbles(other)).to_have_count(1)
    write(other, code)
    expect(bubbles(other)).to_have_count(4)
    expect(bubbles(other, "user")).to_have_count(1)
    other.get_by_role("button", name="Klart").click()
    expect(bubbles(other).last).to_contain_text("Steg 2 av 8")
    other.reload()
    expect(bubbles(other).last).to_contain_text("Steg 2 av 8")
    other.context.close()


def test_wrong_code_is_said(page: Page) -> None:
    """A code that leads nowhere gets a sentence, and stays in the field to be mended."""
    write(page, "2222-2222")
    expect(page.locator("#status")).to_contain_text("känner jag inte igen")
    expect(page.get_by_label("Skriv din fråga")).to_have_value("2222-2222")


def test_typed_markup_is_text(page: Page) -> None:
    """HTML that a user types is shown as it is written."""
    write(page, "<img src=x onerror=alert(1)> vad är ett moment?")
    expect(bubbles(page, "user").last).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#log img").count() == 0


def test_new_conversation(page: Page) -> None:
    """”Ny konversation” empties the page and greets again."""
    write(page, "vad är ett moment?")
    expect(bubbles(page)).to_have_count(2)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Ny konversation").click()
    expect(bubbles(page)).to_have_count(1)
    expect(bubbles(page, "user")).to_have_count(0)


def test_lost_contact_is_said_and_found_again(page: Page) -> None:
    """Without a network the page says so and keeps what was written; with it, the conversation goes on."""
    page.context.set_offline(True)
    write(page, "vad är ett moment?")
    expect(page.locator("#status")).to_contain_text("Ingen kontakt")
    page.context.set_offline(False)
    expect(bubbles(page).last).to_contain_text(answers()["utter_what_is_a_module"][:40], timeout=15_000)


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_overflows(width: int, page: Page) -> None:
    """At 320 px as on a wide screen nothing has to be scrolled sideways."""
    page.set_viewport_size({"width": width, "height": 640})
    write(page, "Hur går gallring till?")
    expect(bubbles(page)).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.evaluate("document.querySelector('#log').scrollWidth <= document.querySelector('#log').clientWidth")


def test_keyboard_reaches_everything(page: Page) -> None:
    """With Tab and Enter alone a choice can be made."""
    button = page.get_by_role("button", name="Visa alla frågor")
    for _ in range(12):
        page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(bubbles(page).last.get_by_role("button", name="Behörighetsfrågor")).to_be_visible()
