"""The queue in a browser: it follows what happens without moving what is being read, and needs no mouse."""

from __future__ import annotations

import threading
import time
from typing import Any, Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lotsen.cases.case import Impact
from lotsen.desk.access.sessions import COOKIE
from lotsen.desk.app import create_app
from lotsen.desk.services import Desk
from lotsen.desk.who import Role, Who
from tests.desk.filled import add_case
from tests.support.browser import AXE, RULES, chromium
from tests.support.desk import made_desk

pytestmark = pytest.mark.browser
SOON_MS = 20_000
TOP = "document.activeElement.getBoundingClientRect().top"


class Served:
    """A desk that a browser can open, with eight cases."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        for number in range(8):
            add_case(desk, f"Problem {number} " + "som beskrivs utförligt " * 8, list(Impact)[number % 3])
        config = uvicorn.Config(create_app(desk), host="127.0.0.1", port=0, log_level="warning", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the desk does not start"
            time.sleep(0.05)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.queue = f"http://localhost:{port}/queue"

    def context(self, browser: Browser, **options: Any) -> BrowserContext:
        """Return a browser's profile in which Karin is signed in."""
        context = browser.new_context(locale="sv-SE", **options)
        context.set_default_timeout(SOON_MS)
        token = self.desk.sessions.begin(Who("karin", "Karin Ek", frozenset({Role.AGENT})), "test")
        context.add_cookies([{"name": COOKIE, "value": token, "url": self.queue}])
        return context

    def stop(self) -> None:
        """End it."""
        self._server.should_exit = True
        self._thread.join(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium() as made:
        yield made


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The desk, on a free port."""
    folder = tmp_path_factory.mktemp("desk")
    made = Served(made_desk(f"sqlite:///{folder / 'lotsen.db'}", folder))
    yield made
    made.stop()
    made.desk.engine.dispose()


def focused(page: Page) -> str:
    """Return the id of what has the focus."""
    return str(page.evaluate("document.activeElement.id"))


def test_the_list_follows_what_happens_and_nothing_moves(served: Served, browser: Browser) -> None:
    """New rows are announced and counted in the title; the row that is read keeps focus, place and node."""
    context = served.context(browser)
    page = context.new_page()
    page.goto(served.queue)
    for _ in range(3):
        page.keyboard.press("j")
    before, top, node = focused(page), page.evaluate(TOP), page.evaluate_handle("document.activeElement")
    for problem in ("Nytt ett", "Nytt två"):
        add_case(served.desk, problem, Impact.PATIENT_WAITS)
    expect(page.locator("[data-row]")).to_have_count(10, timeout=SOON_MS)
    expect(page.locator("#queue-news")).to_contain_text("i listan.")
    expect(page).to_have_title("(10) Kö – Lotsen för IT kundservice")
    assert focused(page) == before
    assert page.evaluate("(node) => node === document.activeElement", node)
    assert abs(page.evaluate(TOP) - top) < 2
    id = int(before.removeprefix("open-"))
    following = page.evaluate("document.activeElement.closest('tr').nextElementSibling.id").replace("case", "open")
    served.desk.work.take(id, 1, Who("lars", "Lars Öberg").actor)
    expect(page.locator(f"#case-{id}")).to_have_count(0, timeout=SOON_MS)
    assert focused(page) == following
    context.close()


def test_pages_share_one_stream_and_another_takes_it_over(served: Served, browser: Browser) -> None:
    """Many pages do not use up the browser's connections; when the one with the stream closes, the others go on."""
    context = served.context(browser)
    pages = [context.new_page() for _ in range(8)]
    for page in pages:
        page.goto(f"{served.queue}?view=open")
    for closing in pages[:3]:
        add_case(served.desk)
        expect(pages[-1].locator("#tab-new")).to_contain_text(str(9 + pages.index(closing)), timeout=SOON_MS)
        closing.close()
    context.close()


def test_everything_goes_by_keyboard(served: Served, browser: Browser) -> None:
    """Lists, search, rows, opening and taking, each by its key; a key in a field is a letter."""
    context = served.context(browser)
    page = context.new_page()
    page.goto(served.queue)
    page.keyboard.press("3")
    page.wait_for_url("**view=open*")
    page.keyboard.press("/")
    assert focused(page) == "filter-text"
    page.keyboard.type("t5 utförligt")
    page.keyboard.press("Enter")
    page.wait_for_url("**text=t5*")
    expect(page.locator("#queue-none")).to_have_text("Inget ärende i listan passar urvalet.")
    page.get_by_role("link", name="Rensa urvalet").press("Enter")
    page.wait_for_url(lambda url: "text" not in url)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    opened = focused(page).replace("open-", "/cases/")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{opened}")
    page.goto(served.queue)
    page.keyboard.press("t")
    page.wait_for_url("**/cases/*")
    expect(page.locator(".flash")).to_contain_text("Du har tagit LOT-")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_everybody_can_read_it(served: Served, browser: Browser, scheme: Any, width: int) -> None:
    """No fault that axe knows, in light and dark, wide and narrow; nothing is wider than the page."""
    context = served.context(browser, viewport={"width": width, "height": 720}, color_scheme=scheme)
    page = context.new_page()
    for address in (served.queue, f"{served.queue}?view=over&text=inget"):
        page.goto(address)
        assert AXE.run(page, options=RULES).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_whoever_is_signed_out_meanwhile_keeps_what_they_wrote(served: Served, browser: Browser) -> None:
    """A page that refreshes itself leads to the sign-in, unless something is written on it: then it says so."""
    context = served.context(browser)
    writing, reading = context.new_page(), context.new_page()
    writing.goto(served.queue.replace("/queue", "/cases/1"))
    reading.goto(served.queue)
    field = writing.locator("form[method=post] textarea:visible").first
    field.fill("Det här är inte skickat än.")
    served.desk.sessions.end_all("karin")
    add_case(served.desk)
    with served.desk.engine.begin() as connection:
        served.desk.cases.history.add(connection, 1, "note", served.desk.cases.get(1).created, text="x")
    reading.wait_for_url("**/sign-in?next=%2Fqueue")
    expect(writing.locator("#stale")).to_contain_text("Du är utloggad.", timeout=SOON_MS)
    assert field.input_value() == "Det här är inte skickat än."
    context.close()
