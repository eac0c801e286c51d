"""The widget on another origin's page: what that must allow, who may embed, and that neither can harm the other."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator, List, Tuple

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from lotsen.channels.web.widget import Widget
from tests.support.browser import FIELD, HostPage, bubbles, host_page, open_chat, visit, write
from tests.support.chat import TIMEOUT_SECONDS
from tests.support.ports import free_port
from tests.support.running import RunningLotsen, environment

pytestmark = pytest.mark.browser
ATTACKS = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "[klicka](javascript:window.hacked=1)",
    "[klicka](data:text/html,<script>window.hacked=1</script>)",
    "**<svg onload=window.hacked=1>**",
    "</p></article><iframe srcdoc='<script>top.hacked=1</script>'>",
    'javascript:window.hacked=1 https://x" onmouseover="window.hacked=1',
    "{{constructor.constructor('window.hacked=1')()}} ${window.hacked=1}",
]


@pytest.fixture(scope="module")
def host_port() -> int:
    """The port that the intranet's page is served on."""
    return free_port()


@pytest.fixture(scope="module")
def embedded(model: Path, tmp_path_factory: pytest.TempPathFactory, host_port: int) -> Iterator[RunningLotsen]:
    """A Lotsen that a page of another origin may embed."""
    origins = f"https://intranet.example.se, http://localhost:{host_port}"
    running = RunningLotsen(environment(tmp_path_factory.mktemp("embedded"), LOTSEN_ORIGINS=origins))
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def host(embedded: RunningLotsen, host_port: int) -> Iterator[HostPage]:
    """A page with the snippet that ``lotsen widget`` prints, under a policy that allows our origin and nothing else."""
    origin = embedded.front.rstrip("/")
    policy = f"default-src 'none'; script-src {origin}; connect-src {origin}; report-uri /reports"
    snippet = embedded.command("widget", origin)
    page = f"<!doctype html><html lang=sv><title>Intranät</title><h1>Intranät</h1><p>Text</p>{snippet}</html>"
    with host_page(page, policy, host_port) as served:
        yield served


@pytest.fixture
def page(browser: Browser, host: HostPage, embedded: RunningLotsen) -> Iterator[Page]:
    """The host page with the chat open. Any report of a broken policy fails the test."""
    with visit(browser, host.address, embedded.front) as page:
        open_chat(page)
        yield page
    assert host.violations == []


def test_a_strict_page_needs_only_our_origin(page: Page) -> None:
    """With ``default-src 'none'`` everything works: styles, the answer, a rating, printing; nothing is reported."""
    write(page, "Hur går gallring till?")
    expect(bubbles(page)).to_have_count(2)
    page.get_by_role("button", name="Svaret hjälpte", exact=True).click()
    expect(page.locator(".panel [role=status]")).to_have_text("Tack för ditt omdöme.")
    expect(page.locator(".panel")).to_have_css("position", "fixed")
    page.get_by_role("button", name="Mer").click()
    page.get_by_role("button", name="Skriv ut samtalet").click()
    page.reload()
    expect(bubbles(page)).to_have_count(2)


def test_the_page_does_not_shift_nor_leak_styles(page: Page) -> None:
    """The host's own text stays where it is, whatever the chat does; its styles do not reach into the chat."""
    place = "JSON.stringify(document.querySelector('p').getBoundingClientRect())"
    before = page.evaluate(place)
    page.evaluate(
        """() => { const sheet = new CSSStyleSheet();
        sheet.replaceSync("* { color: rgb(255, 0, 0) !important; font-size: 40px } button { display: none }");
        document.adoptedStyleSheets = [sheet]; }"""
    )
    expect(page.get_by_role("button", name="Skicka")).to_be_visible()
    assert page.locator("article").first.evaluate("one => getComputedStyle(one).color") != "rgb(255, 0, 0)"
    page.evaluate("document.adoptedStyleSheets = []")
    page.get_by_role("button", name="Stäng chatten").click()
    assert page.evaluate(place) == before


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_users_type_is_text(attack: str, page: Page) -> None:
    """Markup, links and scripts that a user types are shown as they were written, now and after a reload."""
    write(page, attack)
    for _ in range(2):
        expect(bubbles(page, "user").last).to_contain_text(attack[:20])
        expect(page.locator(".dots")).to_be_hidden()
        _nothing_ran(page)
        page.reload()


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_the_server_says_is_no_markup(attack: str, page: Page) -> None:
    """Were an answer, a button or an error to hold markup, it would be shown, not run, and lead nowhere."""
    made = page.evaluate(
        """async (attack) => {
          const chat = document.querySelector("lotsen-chat");
          const reply = {messages: [{id: 1, author: "bot", text: attack, time: new Date().toISOString(), ratable: true,
            choices: [{id: "1.0", title: attack}], step: {number: attack, total: attack}}], busy: false};
          const real = window.fetch;
          window.fetch = async (url, options) => {
            if (String(url).endsWith("/session")) return Response.json({token: "t"}, {status: 201});
            if (String(url).includes("/messages")) return Response.json({code: attack, error: attack}, {status: 400});
            const event = "event: news\\ndata: " + JSON.stringify(reply) + "\\n\\n";
            if (String(url).includes("/events")) return new Response(event);
            return real(url, options);
          };
          chat.setAttribute("remember", "browser");
          chat.open();
        }""",
        attack,
    )
    assert made is None
    expect(bubbles(page)).to_have_count(1)
    page.get_by_label(FIELD).fill("hej")
    page.get_by_label(FIELD).press("Enter")
    expect(page.locator("[role=alert]")).not_to_have_text("")
    _nothing_ran(page)


def _nothing_ran(page: Page) -> None:
    """No script ran, nothing but known elements came to be, and every link leads to the web, a mailbox or a phone."""
    assert page.evaluate("window.hacked") is None
    names, links = page.evaluate(
        """() => { const root = document.querySelector("lotsen-chat").shadowRoot;
        const all = [...root.querySelectorAll("[role=log] *")];
        const names = new Set(all.map((one) => one.localName));
        return [[...names], all.filter((one) => one.href).map((one) => one.href)]; }"""
    )
    known = "div article p time strong a span ul ol li br button progress svg path"
    assert set(names) <= set(known.split())
    assert [link for link in links if not link.startswith(("https://", "http://", "mailto:", "tel:"))] == []


def test_the_region_sets_its_own_profile(page: Page) -> None:
    """Colours, corners and letters follow custom properties of the host page's own style sheet."""
    page.evaluate(
        """() => { const sheet = new CSSStyleSheet();
        const profile = "--lotsen-brand: rgb(122, 31, 75); --lotsen-radius: 4px; --lotsen-font: serif";
        sheet.replaceSync(`lotsen-chat { ${profile} }`);
        document.adoptedStyleSheets = [sheet]; }"""
    )
    send = page.get_by_role("button", name="Skicka")
    expect(send).to_have_css("background-color", "rgb(122, 31, 75)")
    expect(send).to_have_css("border-radius", "4px")
    expect(send).to_have_css("font-family", "serif")


@pytest.mark.parametrize("identity", ['"a.b.c"', "() => 'a.b.c'", "async () => 'a.b.c'"])
def test_the_page_hands_over_its_sign_in(
    identity: str, browser: Browser, host: HostPage, embedded: RunningLotsen
) -> None:
    """A token, or a function that gives one, goes along when the conversation begins, and with nothing else."""
    with visit(browser, host.address, embedded.front) as page:
        sent: List[Tuple[str, str]] = []
        page.on("request", lambda request: sent.append((request.url, request.post_data or "")))
        page.evaluate(f"document.querySelector('lotsen-chat').identity = {identity}; undefined")
        open_chat(page)
        write(page, "vad är ett moment?")
        expect(bubbles(page)).to_have_count(2)
        assert [url.rsplit("/", 1)[1] for url, body in sent if "a.b.c" in body or "a.b.c" in url] == ["session"]


def test_another_origin_may_not_embed(browser: Browser, embedded: RunningLotsen) -> None:
    """A page that is not on the list gets no script and no chat; the log says which page it was."""
    origin = embedded.front.rstrip("/")
    snippet = embedded.command("widget", origin)
    with host_page(f"<!doctype html><title>Annan</title>{snippet}", "", 0) as other:
        context = browser.new_context()
        page = context.new_page()
        page.goto(other.address)
        assert page.locator("lotsen-chat").evaluate("one => one.shadowRoot") is None
        answer = page.evaluate(
            "(url) => fetch(url, {method: 'POST', body: '{}', headers: {'Content-Type': 'application/json'}})"
            ".then(() => 'sent', (error) => error.name)",
            f"{embedded.base}/session",
        )
        assert answer == "TypeError"
        context.close()


def test_a_changed_script_is_not_run(browser: Browser, embedded: RunningLotsen, host: HostPage) -> None:
    """The integrity hash: a widget that somebody changed on its way does not start."""
    context = browser.new_context()
    page = context.new_page()
    page.route(
        "**/widget-*.js",
        lambda route: route.fulfill(
            body="window.hacked = 1;", content_type="text/javascript", headers={"Access-Control-Allow-Origin": "*"}
        ),
    )
    page.goto(host.address)
    assert page.evaluate("window.hacked") is None
    assert page.locator("lotsen-chat").evaluate("one => one.shadowRoot") is None
    context.close()


def test_cors_answers(embedded: RunningLotsen) -> None:
    """Known origins are named one by one, never ``*`` and never with credentials; others are refused."""

    def preflight(origin: str) -> requests.Response:
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        return requests.options(f"{embedded.base}/messages", headers=asked, timeout=TIMEOUT_SECONDS)

    known = preflight("https://intranet.example.se")
    assert known.status_code == 204
    assert known.headers["Access-Control-Allow-Origin"] == "https://intranet.example.se"
    assert "Access-Control-Allow-Credentials" not in known.headers
    assert "Origin" in known.headers["Vary"]
    for origin in (
        "https://evil.example",
        "https://intranet.example.se.evil.example",
        "null",
        "http://intranet.example.se",
    ):
        refused = preflight(origin)
        assert refused.status_code == 403, origin
        assert "Access-Control-Allow-Origin" not in refused.headers


def test_an_earlier_version_is_served_on(embedded: RunningLotsen) -> None:
    """A page that names an older widget by its hash goes on working after an update; unknown names are not found."""
    older = Widget.of("// an older one")
    embedded.query(f"INSERT INTO widget_versions (name, script) VALUES ('{older.name}', '// an older one')")
    old = requests.get(f"{embedded.base}/{older.name}", timeout=TIMEOUT_SECONDS)
    assert (old.status_code, old.text) == (200, "// an older one")
    assert "immutable" in old.headers["Cache-Control"]
    newest = requests.get(f"{embedded.base}/widget.js", timeout=TIMEOUT_SECONDS)
    assert newest.headers["Content-Encoding"] == "gzip"
    assert len(embedded.query("SELECT name FROM widget_versions")) == 2, "the present version is kept, too"
    known = {"If-None-Match": newest.headers["ETag"]}
    assert requests.get(f"{embedded.base}/widget.js", headers=known, timeout=TIMEOUT_SECONDS).status_code == 304
    for name in ("widget-ffffffffffffffff.js", "widget-..%2Fsecret.js", "secret", "../secret"):
        assert requests.get(f"{embedded.base}/{name}", timeout=TIMEOUT_SECONDS).status_code == 404
