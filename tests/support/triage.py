"""The triage desk in a real browser, signed in at a real identity provider."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browser import visit
from tests.support.oidc import Provider, missing
from tests.support.running import RunningLotsen, environment

AGENT, OTHER_AGENT, LEAD, OWNER, AUDITOR = "agnes", "abel", "linnea", "olle", "rut"
"""Users of the identity provider (``tests/support/oidc/provider.mjs``)."""


@contextmanager
def lotsen_with_provider(folder: Path, **settings: str) -> Iterator[RunningLotsen]:
    """A running Lotsen whose desk signs in at an identity provider; skips the test if there is no Node.js."""
    install = missing()
    if install:
        pytest.skip(f"The identity provider for tests is missing: {install}")
    env = environment(folder, **settings)
    provider = Provider(f"http://localhost:{env['LOTSEN_TRIAGE_PORT']}")
    try:
        running = RunningLotsen({**env, **provider.settings()})
        yield running
        assert running.stop() == 0, "".join(running.output)
    finally:
        provider.stop()


@contextmanager
def at_desk(browser: Browser, lotsen: RunningLotsen, user: str, path: str = "/", **options: Any) -> Iterator[Page]:
    """A browser of somebody who has signed in, at the page that they wanted."""
    issuer = lotsen.env["LOTSEN_TRIAGE_OIDC_ISSUER"]
    with visit(browser, f"{lotsen.desk}{path}", issuer, **options) as page:
        sign_in(page, user)
        yield page


def sign_in(page: Page, user: str) -> None:
    """Sign in as somebody does, through the provider's form."""
    page.get_by_role("link", name="Logga in med jobbkontot").click()
    page.get_by_label("User").fill(user)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Logga ut")).to_be_visible()


def row(page: Page, number: str) -> Locator:
    """Return a case in the list."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=number, exact=True))


def ready(page: Page) -> None:
    """Wait until the page's script has begun: it shows the button for the keys, which count from then on."""
    expect(page.get_by_role("button", name="Kortkommandon")).to_be_visible()


def open_case(page: Page, number: str) -> None:
    """Open a case of the list."""
    page.get_by_role("link", name=number, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)
    ready(page)


def flash(page: Page, text: str) -> None:
    """Wait for the sentence that a change leaves."""
    expect(page.locator(".flash")).to_contain_text(text)
    ready(page)
