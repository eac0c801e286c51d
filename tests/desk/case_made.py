"""Cases for the tests of the case page, and the desk that they are on."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Sequence
from unittest.mock import patch

from httpx import Response
from starlette.testclient import TestClient

from lotsen.cases.case import CaseDraft
from lotsen.cases.store import Case, NewCase
from lotsen.channels.live import WEB, open_desk_line
from lotsen.content.catalogue import Content, load_content
from lotsen.desk import services
from lotsen.desk.services import Desk
from tests.cases.made import FULL
from tests.support.desk import csrf, made_desk

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


def desk_on(url: str, folder: Path) -> Desk:
    """Return a desk with two service desks behind it, and with lines to users."""
    with patch.object(services, "load_content", _content):  # Reading it takes longer than the rest of most tests.
        made = made_desk(url, folder, LOTSEN_DESKS="request_tracker,email")
    line = open_desk_line(
        made.engine, made.cases, made.work, made.settings.takeover_minutes, made.content.texts, made.audit
    )
    return replace(made, line=line)


@lru_cache(maxsize=1)
def _content(folder: Path) -> Content:
    return load_content(folder)


def stored(
    desk: Desk, draft: CaseDraft = FULL, conversation: str = "web-1", channel: str = WEB, desks: Sequence[str] = ()
) -> Case:
    """Store a case."""
    return desk.cases.create(NewCase(uuid.uuid4().hex, draft, conversation, channel, desks, "Brevet"))


def version(page: str) -> str:
    """Return the version of the case that a page shows."""
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found is not None, "the page has no form"
    return found[1]


def fields_of(page: str) -> dict[str, str]:
    """Return what every form of a page carries."""
    return {"csrf": csrf(page), "version": version(page)}


def do(client: TestClient, path: str, page: str = "", **fields: Any) -> Response:
    """Send a form of the case page: of ``page``, or of the page as it is now."""
    case = "/".join(path.split("/")[:3])
    shown = page or client.get(case).text
    return client.post(path, data={**fields_of(shown), **fields})


def words(page: str) -> str:
    """Return what a page says, without its tags and with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
