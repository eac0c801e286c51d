"""Lotsen's widget in a real browser: pages that embed it, and what their console and network must not show."""

from __future__ import annotations

import http.server
import os
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
OPEN = "Fråga Lotsen"
FIELD = "Skriv din fråga"
_OWN_DOING = ("Failed to load resource", "net::ERR_")
"""What the console says of the network and of refusals; tests that are about those look at what the user sees."""
PATIENCE_MS = 20_000
"""So long is waited for what must come; a machine with two cores may be busy."""
AXE = Axe()
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "rules": {"target-size": {"enabled": True}},
}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; without it these tests are skipped, which in CI is a failure."""
    program = os.environ.get("LOTSEN_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("Chromium is missing. To run the browser tests: sudo apt-get install chromium")
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page, and what went wrong on it."""

    page: Page
    faults: List[str] = field(default_factory=list)
    foreign: List[str] = field(default_factory=list)


@contextmanager
def visit(browser: Browser, address: str, *ours: str, **options: Any) -> Iterator[Page]:
    """Open a page in a browser profile of its own.

    Faults in its console, and requests to others than itself and ``ours``, fail the test.
    """
    options.setdefault("viewport", {"width": 1000, "height": 800})
    context = browser.new_context(locale="sv-SE", **options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    watched = Watched(page)
    origins = ("/".join(address.split("/")[:3]), *ours)
    page.on("console", lambda message: watched.faults.append(message.text) if _is_fault(message) else None)
    page.on("pageerror", lambda error: watched.faults.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(origins) else watched.foreign.append(request.url))
    page.goto(address)
    yield page
    context.close()
    assert watched.faults == [], watched.faults
    assert [url for url in watched.foreign if not url.startswith(("about:", "data:"))] == []


def _is_fault(message: ConsoleMessage) -> bool:
    return message.type == "error" and not any(known in message.text for known in _OWN_DOING)


def open_chat(page: Page) -> None:
    """Open the chat, and wait for the greeting."""
    page.get_by_role("button", name=OPEN).click()
    expect(bubbles(page)).to_have_count(1)


def bubbles(page: Page, author: str = "bot") -> Locator:
    """Return what one side has said."""
    return page.locator(f"article.{author}")


def write(page: Page, text: str) -> None:
    """Type into the field and press Enter."""
    page.get_by_label(FIELD).fill(text)
    page.get_by_label(FIELD).press("Enter")


def press(page: Page, title: str) -> None:
    """Press the newest button with this title."""
    page.locator(".choices").get_by_role("button", name=title, exact=True).last.click()


def focused(page: Page) -> str:
    """Return the name of what has the focus in the widget; "body" if nothing has."""
    return str(
        page.evaluate(
            """() => {
              const root = document.querySelector("lotsen-chat").shadowRoot;
              const at = root.activeElement ?? document.activeElement;
              const label = at.id && root.querySelector(`label[for="${at.id}"]`);
              return at === document.body ? "body"
                : at.getAttribute("aria-label") ?? label?.textContent ?? at.textContent.trim() ?? at.localName;
            }"""
        )
    )


def violations(page: Page) -> List[str]:
    """Return what axe-core finds wrong on the page, with where."""
    found = AXE.run(page, options=RULES).response["violations"]
    return [f"{one['id']} ({one['impact']}): {node['target']}" for one in found for node in one["nodes"]]


@dataclass
class HostPage:
    """A page on another origin, that embeds the widget."""

    address: str
    violations: List[str]


@contextmanager
def host_page(html: str, policy: str, port: int) -> Iterator[HostPage]:
    """Serve a page on an origin of its own (port 0: any), under a Content-Security-Policy that may report to it."""
    reports: List[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            body = html.encode()
            headers = {"Content-Type": "text/html; charset=utf-8"}
            self._answer(200, {**headers, "Content-Security-Policy": policy} if policy else headers, body)

        def do_POST(self) -> None:  # noqa: N802
            reports.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self._answer(204, {}, b"")

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

        def _answer(self, status: int, headers: Dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield HostPage(f"http://localhost:{server.server_port}/", reports)
    finally:
        server.shutdown()
        server.server_close()


def contrast(page: Page, first: str, second: str) -> float:
    """Return the contrast ratio (WCAG 2.x) of two CSS colours, as the browser computes them."""

    def luminance(colour: str) -> float:
        rgb: Tuple[float, ...] = tuple(
            page.evaluate(
                """(colour) => {
                  const context = new OffscreenCanvas(1, 1).getContext("2d");
                  context.fillStyle = colour;
                  context.fillRect(0, 0, 1, 1);
                  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
                }""",
                colour,
            )
        )
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (part / 255 for part in rgb)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
