"""A triage desk for tests: its services on a database of the test's own, and forms sent as a browser sends them."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict

from httpx import Response
from starlette.testclient import TestClient

from lotsen.content.catalogue import Content, load_content
from lotsen.desk.services import Desk, open_desk
from lotsen.settings import CONTENT, Settings


def made_desk(url: str, folder: Path, **environment: str) -> Desk:
    """Return the services, with settings as ``environment`` says beside the usual ones."""
    env = {
        "LOTSEN_DATA_DIR": str(folder),
        "LOTSEN_DATABASE_URL": url,
        "LOTSEN_SECRET": "a-key-for-tests-that-is-long-enough",
        **environment,
    }
    return open_desk(Settings.read(env), env, _content())


@lru_cache(maxsize=1)
def _content() -> Content:
    """Return the content, which takes seconds to read, once for all tests."""
    return load_content(CONTENT)


def csrf(page: str) -> str:
    """Return the token of a page's forms."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None, "the page has no form of ours"
    return found[1]


def send(client: TestClient, path: str, page: str = "/", **fields: Any) -> Response:
    """Send a form as the page ``page`` would."""
    shown = client.get(page, follow_redirects=True)
    data: Dict[str, Any] = {"csrf": csrf(shown.text), **fields}
    return client.post(path, data=data)
