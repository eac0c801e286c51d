"""The widget in a real browser against the running bot: questions, guides, a hand-off, and what may go wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browser import FIELD, OPEN, bubbles, focused, open_chat, press, visit, write
from tests.support.expected import answers
from tests.support.running import RunningLotsen, environment

pytestmark = pytest.mark.browser
GUIDE = "det står webbsidan kan inte visas"


def test_question_is_answered(page: Page) -> None:
    """A typed question gets its answer, with the role in bold and the address as a link that opens safely."""
    write(page, "Hur går gallring till?")
    answer = bubbles(page).last
    expect(answer.locator("strong")).to_have_text("Dataadministratör")
    link = answer.locator("a")
    expect(link).to_have_attribute("href", "https://ledsys.lio.se/Document/Document?DocumentNumber=29076")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(link).to_have_attribute("target", "_blank")
    expect(page.locator(".panel [role=status]")).to_have_text("")
    expect(answer.locator("time")).to_have_text(re.compile(r"^\d\d:\d\d$"))


def test_guide_to_the_end(page: Page) -> None:
    """A guide is walked with its buttons: how far it is, a way back, old buttons dead, and a hand-off to a case."""
    write(page, GUIDE)
    expect(page.get_by_role("progressbar", name="Steg 1 av 8")).to_have_count(1)
    expect(page.get_by_role("button", name="Tillbaka")).to_have_count(0)
    press(page, "Klart")
    expect(page.get_by_role("progressbar", name="Steg 2 av 8")).to_have_count(1)
    expect(bubbles(page, "user").last).to_contain_text("Klart")
    expect(page.locator(".choices").get_by_role("button", name="Klart").first).to_be_disabled()
    press(page, "Tillbaka")
    expect(page.get_by_role("progressbar", name="Steg 1 av 8")).to_have_count(2)
    while said(page).get_by_role("button", name="Ja, skicka").count() == 0:
        count = bubbles(page).count()
        titles = said(page).locator(".choices button:enabled").all_inner_texts()
        wanted = [
            title
            for title in ("Skicka ett ärende", "Jag eller en kollega", "Det gick inte", "Klart")
            if title in titles
        ]
        if wanted:
            press(page, wanted[0])
        elif "Nej" in titles:
            press(page, "Nej")
        else:
            write(page, "ring mig på 010-103 00 00")
        expect(bubbles(page).nth(count)).to_be_visible()
        expect(page.locator(".dots")).to_be_hidden()
    expect(said(page)).to_contain_text("Stäng ner webbläsaren")
    press(page, "Ja, skicka")
    expect(said(page)).to_contain_text(re.compile(r"LOT-\d{6}"))


def said(page: Page) -> Locator:
    """Return the newest reply, all of its messages."""
    return page.locator(".reply").last


def test_reload_keeps_the_conversation_and_announces_nothing(page: Page) -> None:
    """After a reload the chat is open again, everything is there once, and the guide goes on."""
    write(page, GUIDE)
    expect(bubbles(page)).to_have_count(4)
    before = page.locator("article").all_inner_texts()
    page.reload()
    expect(bubbles(page)).to_have_count(4)
    assert page.locator("article").all_inner_texts() == before
    press(page, "Klart")
    expect(bubbles(page).last).to_contain_text("Steg 2 av 8")


def test_second_tab_shows_the_same(page: Page) -> None:
    """A tab opened from this one has the same conversation; both hear everything once, and one ends it for both."""
    with page.context.expect_page() as opened:
        page.evaluate("window.open(location.href)")
    other = opened.value
    expect(bubbles(other)).to_have_count(1)
    write(page, "vad är ett moment?")
    expect(bubbles(other)).to_have_count(2)
    write(other, "Hur går gallring till?")
    expect(bubbles(page)).to_have_count(3)
    expect(bubbles(other)).to_have_count(3)
    assert page.locator("article").all_inner_texts() == other.locator("article").all_inner_texts()
    page.get_by_role("button", name="Börja om").click()
    page.get_by_role("button", name="Ja, börja om").click()
    expect(bubbles(page, "user")).to_have_count(0)
    expect(other.locator(".panel [role=status]")).to_contain_text("annat fönster")
    expect(bubbles(other, "user")).to_have_count(0)


def test_start_over_asks_first_and_leaves_nothing(page: Page) -> None:
    """Starting over empties both sides: the old token is dead, and the browser keeps only the new one."""
    write(page, "vad är ett moment?")
    expect(bubbles(page)).to_have_count(2)
    old = page.evaluate("Object.entries(sessionStorage).find(([key]) => key.endsWith('token'))[1]")
    page.get_by_role("button", name="Börja om").click()
    page.keyboard.press("Escape")
    expect(bubbles(page)).to_have_count(2)
    assert focused(page) == "Börja om"
    page.get_by_role("button", name="Börja om").click()
    page.get_by_role("button", name="Ja, börja om").click()
    expect(bubbles(page)).to_have_count(1)
    expect(bubbles(page, "user")).to_have_count(0)
    assert focused(page).startswith(FIELD)
    kept = page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])")
    assert old not in kept and "moment" not in kept
    status = page.evaluate(
        """async (token) => {
          const headers = {Authorization: `Bearer ${token}`};
          return (await fetch("/chat/messages?after=0", {headers})).status;
        }""",
        old,
    )
    assert status == 401


def test_only_the_token_is_kept(page: Page) -> None:
    """The tab's storage has the token and whether the chat is open; localStorage and cookies have nothing."""
    write(page, "vad är ett moment?")
    expect(bubbles(page)).to_have_count(2)
    kept = page.evaluate("Object.keys(sessionStorage).map((key) => key.split(' ').pop()).sort()")
    assert kept == ["open", "token"]
    assert page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    assert page.context.cookies() == []


def test_closed_browser_goes_on_by_code(page: Page, browser: Browser) -> None:
    """The guide says to close the browser: a new one, with the code that was said, shows the chat and goes on."""
    write(page, GUIDE)
    code = bubbles(page).filter(has_text="skriv koden").locator("strong").inner_text()
    with visit(browser, page.url) as other:
        open_chat(other)
        write(other, code)
        expect(bubbles(other)).to_have_count(4)
        expect(bubbles(other, "user")).to_have_count(1)
        press(other, "Klart")
        expect(bubbles(other).last).to_contain_text("Steg 2 av 8")
        other.reload()
        expect(bubbles(other).last).to_contain_text("Steg 2 av 8")


def test_wrong_code_is_said(page: Page) -> None:
    """A code that leads nowhere gets a sentence, and stays in the field to be mended."""
    write(page, "2222-2222")
    expect(page.locator("[role=alert]")).to_contain_text("känner jag inte igen")
    expect(page.get_by_label(FIELD)).to_have_value("2222-2222")


def test_lost_contact_is_said_and_found_again(page: Page) -> None:
    """Without a network the chat says so and what to do, keeps what was written, and goes on when it is back."""
    page.context.set_offline(True)
    write(page, "vad är ett moment?")
    expect(page.locator("[role=alert]")).to_contain_text("14141")
    expect(page.get_by_role("button", name="Försök nu")).to_be_visible()
    expect(page.get_by_label(FIELD)).to_have_value("vad är ett moment?")
    page.context.set_offline(False)
    expect(page.locator("[role=alert]")).to_have_text("")
    expect(page.locator(".panel [role=status]")).to_have_text("Kontakten är tillbaka.")
    page.get_by_label(FIELD).press("Enter")
    expect(bubbles(page).last).to_contain_text(answers()["utter_what_is_a_module"][:40])


def test_personal_number_is_stopped_before_it_is_sent(page: Page) -> None:
    """A number gets a question first: change it, or send without it. It never leaves the browser."""
    sent = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    write(page, "pat 19121212-1212 kommer inte in")
    expect(page.get_by_role("alertdialog")).to_contain_text("personnummer")
    assert focused(page) == "Skicka utan numret"
    page.keyboard.press("Escape")
    expect(page.get_by_label(FIELD)).to_have_value("pat 19121212-1212 kommer inte in")
    assert focused(page).startswith(FIELD)
    page.get_by_label(FIELD).press("Enter")
    page.get_by_role("button", name="Skicka utan numret").click()
    expect(bubbles(page, "user").last).to_contain_text("pat [personnummer] kommer inte in")
    assert not any("1212-1212" in body for body in sent)


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("191212121212", True),
        ("121212+1212", True),
        ("19121272-1219", True),
        ("1212121212", True),
        ("ring 0701740635", False),
        ("SE2321000016-1234", False),
        ("2026-11-26 klockan 0830", False),
        ("1212121213", False),
    ],
)
def test_what_looks_like_a_personal_number(text: str, warned: bool, page: Page) -> None:
    """Personal and coordination numbers are seen; phone numbers, dates and ids are not taken for one."""
    write(page, text)
    if warned:
        expect(page.get_by_role("alertdialog")).to_be_visible()
    else:
        expect(bubbles(page, "user").last).to_contain_text(text.replace("SE2321000016-1234", "[HSA-id]"))


def test_answer_is_rated(page: Page, lotsen: RunningLotsen) -> None:
    """A thumb and a word are stored, shown after a reload, and can be changed; the greeting has no thumbs."""
    write(page, "Hur går gallring till?")
    expect(page.locator(".feedback")).to_have_count(1)
    page.get_by_role("button", name="Svaret hjälpte inte").click()
    page.get_by_label("Vill du säga något mer?").fill("länken <b>går</b> inte att öppna, 19121212-1212")
    page.get_by_role("button", name="Skicka omdömet").click()
    expect(page.locator(".panel [role=status]")).to_have_text("Tack för ditt omdöme.")
    assert focused(page) == "Svaret hjälpte inte"
    page.reload()
    expect(page.get_by_role("button", name="Svaret hjälpte inte")).to_have_attribute("aria-pressed", "true")
    said = lotsen.command("feedback")
    assert "länken <b>går</b> inte att öppna, [personnummer]" in said
    assert "1212-1212" not in said


def test_transcript_is_copied_and_printed(browser: Browser, lotsen: RunningLotsen) -> None:
    """The conversation can be taken along as text: to the clipboard, by hand where that is shut, or on paper."""
    with visit(browser, lotsen.front, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.add_init_script("window.print = () => { top.printed = document.body.innerText; };")
        page.reload()
        open_chat(page)
        write(page, "vad är ett moment?")
        expect(bubbles(page)).to_have_count(2)
        page.get_by_role("button", name="Mer").click()
        page.get_by_role("button", name="Kopiera samtalet").click()
        expect(page.locator(".panel [role=status]")).to_have_text("Samtalet är kopierat.")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert "vad är ett moment?" in copied and copied.startswith("Lotsen, ")
        assert focused(page) == "Mer"
        page.get_by_role("button", name="Mer").click()
        page.get_by_role("button", name="Skriv ut samtalet").click()
        assert "vad är ett moment?" in page.evaluate("window.printed")
        page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject(new Error('shut')))")
        page.get_by_role("button", name="Mer").click()
        page.get_by_role("button", name="Kopiera samtalet").click()
        expect(page.get_by_role("textbox", name="Kopiera texten härifrån")).to_have_value(copied)
        page.get_by_role("button", name="Klar", exact=True).click()
        expect(page.get_by_role("alertdialog")).to_have_count(0)


def test_english_is_the_second_language(page: Page) -> None:
    """The widget's own words change, what was said and written stays, and the bot's words are marked as Swedish."""
    page.get_by_label(FIELD).fill("halvfärdigt")
    page.get_by_role("button", name="Mer").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_label("Write your question")).to_have_value("halvfärdigt")
    assert focused(page) == "More"
    expect(bubbles(page)).to_have_count(1)
    expect(bubbles(page).locator("[lang=sv]").first).to_be_visible()
    field = page.locator("textarea")
    field.fill("  ")
    field.press("Enter")
    expect(page.locator("[role=alert]")).to_have_text("Write something first.")
    field.fill("vad är ett moment?")
    field.press("Enter")
    expect(bubbles(page)).to_have_count(2)


def test_reply_while_closed_is_told(page: Page) -> None:
    """Who closes the chat before the answer comes sees, and hears once, that there is one."""
    page.route("**/chat/events*", lambda route: route.abort())
    page.get_by_role("button", name="Stäng chatten").click()
    assert focused(page) == OPEN
    page.evaluate("""() => {
        const held = Object.entries(sessionStorage).find(([key]) => key.endsWith("token"))[1];
        return fetch("/chat/messages", {method: "POST", headers: {"Content-Type": "application/json",
            Authorization: `Bearer ${held}`}, body: JSON.stringify({text: "vad är ett moment?", client_id: "x"})});
    }""")
    page.unroute("**/chat/events*")
    expect(page.get_by_role("button", name="Fråga Lotsen, nytt svar")).to_be_visible()
    page.get_by_role("button", name="Fråga Lotsen, nytt svar").click()
    expect(bubbles(page)).to_have_count(2)


def test_long_polling_where_streams_are_shut(browser: Browser, lotsen: RunningLotsen) -> None:
    """Where a proxy swallows the stream, the chat works all the same."""
    with visit(browser, "about:blank", lotsen.front) as page:
        page.route("**/chat/events*", lambda route: None)  # Never answered.
        page.goto(lotsen.front)
        page.get_by_role("button", name=OPEN).click()
        expect(bubbles(page)).to_have_count(1, timeout=30_000)
        write(page, "vad är ett moment?")
        expect(bubbles(page)).to_have_count(2)


@pytest.fixture
def own(model: Path, tmp_path: Path) -> Iterator[RunningLotsen]:
    """A Lotsen that a test may stop and start; it takes few messages in a minute."""
    running = RunningLotsen(environment(tmp_path, LOTSEN_MESSAGES_PER_MINUTE="4"))
    yield running
    running.stop()


def test_server_restart_and_limits(browser: Browser, own: RunningLotsen) -> None:
    """A restart is told and survived, at the same step; too many messages are refused, and the button stays."""
    with visit(browser, own.front) as page:
        open_chat(page)
        write(page, GUIDE)
        expect(bubbles(page).last).to_contain_text("Steg 1 av 8")
        own.stop()
        expect(page.locator("[role=alert]")).to_contain_text("Ingen kontakt")
        again = RunningLotsen(own.env)
        try:
            retry = page.get_by_role("button", name="Försök nu")
            retry.evaluate_all("some => some.forEach((one) => one.click())")  # It may have been quicker by itself.
            expect(page.locator("[role=alert]")).to_have_text("")
            press(page, "Klart")
            expect(bubbles(page).last).to_contain_text("Steg 2 av 8")
            press(page, "Klart")
            expect(bubbles(page).last).to_contain_text("Steg 3 av 8")
            press(page, "Klart")
            expect(bubbles(page).last).to_contain_text("Steg 4 av 8")
            press(page, "Klart")
            expect(page.locator("[role=alert]")).to_contain_text("många meddelanden")
            expect(page.locator(".choices").get_by_role("button", name="Klart").last).to_be_enabled()
        finally:
            again.stop()
