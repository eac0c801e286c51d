"""Who gets in where: every path asked as everybody, forms from elsewhere, and reading that changes nothing."""

from __future__ import annotations

from typing import Dict, FrozenSet, Iterator, Optional

import pytest
from httpx import Response
from starlette.testclient import TestClient

from lotsen.desk.access.sessions import COOKIE
from lotsen.desk.app import PAGES
from lotsen.desk.page import Page
from lotsen.desk.who import Role
from tests.desk.filled import OWN_TABLES, PAGE_IDS, World, dump, filled
from tests.desk.matrix import COMMAND, EVENTS, OPEN, PATH, allowed, matrix, served

FORM = {"content-type": "application/x-www-form-urlencoded"}
ROLES = [None, *Role]
CHANGING = [page for page in PAGES if page.method == "POST"]
READ = [page for page in PAGES if page.method == "GET"]
every_page = pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
every_change = pytest.mark.parametrize("page", CHANGING, ids=[page.path for page in CHANGING])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The desk that these tests share."""
    made = World(tmp_path_factory.mktemp("desk"))
    yield made
    made.desk.engine.dispose()


def ask(client: TestClient, page: Page, fields: Optional[Dict[str, str]] = None, **headers: str) -> Response:
    """Ask for a page as a browser would: read it, or send its form."""
    if page.method == "GET":
        return client.get(filled(page), headers=headers)
    return client.post(filled(page), data=fields or {}, headers={**FORM, **headers})


def turned_away(answer: Response, page: Page) -> bool:
    """Tell whether a stranger was sent to the sign-in, or told that nothing is changed."""
    if page.method == "GET":
        return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?next=%2F")
    return answer.status_code == 401 and "inget är ändrat" in answer.text


@every_page
@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.value if role else "stranger")
def test_everybody_gets_in_where_they_may_and_nowhere_else(world: World, page: Page, role: Optional[Role]) -> None:
    """A stranger is led to the sign-in, a wrong role gets 403 and a line in the log; neither changes anything."""
    client = world.client(*([role] if role else []))
    fields = {"csrf": world.token(client)} if role else {}
    if role in page.roles:
        answer = ask(client, page, fields)
        assert answer.status_code not in (401, 403, 405, 500), answer.text
        assert not answer.headers.get("location", "").startswith("/sign-in")
        return
    before, refused = dump(world.desk), world.refusals()
    answer = ask(client, page, fields)
    assert dump(world.desk) == before
    if role is None:
        assert turned_away(answer, page)
        return
    assert answer.status_code == 403
    assert "Din roll" in answer.text
    assert world.refusals() == refused + 1
    entry = world.desk.audit.read(limit=1)[0]
    assert (entry.actor.id, entry.detail) == (role.value, f"{page.method} {page.path} not_your_role")


@every_page
def test_a_stranger_s_page_that_refreshes_itself_is_told_to_load_anew(world: World, page: Page) -> None:
    """A part that htmx fetches must not be replaced by the sign-in page."""
    answer = ask(world.client(), page, **{"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Refresh"] == "true"
    assert answer.text == ""


@every_page
def test_a_cookie_of_nobody_opens_nothing(world: World, page: Page) -> None:
    """A token that is made up, or that of a session which was ended, is a stranger's."""
    ended = world.client(*Role)
    world.desk.sessions.end(ended.cookies[COOKIE])
    made_up = world.client()
    made_up.cookies.set(COOKIE, "x" * 43)
    for client in (ended, made_up):
        assert turned_away(ask(client, page), page)


@every_change
def test_what_was_written_before_one_was_signed_out_is_not_lost(world: World, page: Page) -> None:
    """A form that comes too late shows what was written in it; one from another site shows nothing of it."""
    fields = {"text": "En lång förklaring som ingen vill skriva en gång till."}
    assert fields["text"] in ask(world.client(), page, fields).text
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert fields["text"] not in ask(world.client(), page, fields, **headers).text


@every_change
@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({}, None),
        ({}, ""),
        ({}, "another session's"),
        ({}, "å" * 43),
        ({"origin": "https://evil.example"}, "right"),
        ({"origin": "null"}, "right"),
        ({"origin": "http://["}, "right"),
        ({"sec-fetch-site": "cross-site"}, "right"),
        ({"sec-fetch-site": "same-site"}, "right"),
    ],
    ids=["no token", "empty token", "another's", "odd", "foreign", "null", "broken", "cross-site", "same-site"],
)
def test_a_form_from_elsewhere_changes_nothing(
    world: World, page: Page, headers: Dict[str, str], token: Optional[str]
) -> None:
    """Without the session's own token, or from another site, every form is refused and logged, whatever the role."""
    client = world.client(*Role)
    known = {"right": world.token(client), "another session's": world.token(world.client(*Role))}
    fields = {} if token is None else {"csrf": known.get(token, token)}
    before, refused = dump(world.desk), world.refusals()
    answer = ask(client, page, fields, **headers)
    assert answer.status_code == 403
    assert dump(world.desk) == before
    assert world.refusals() == refused + 1
    said = "Sidan var för gammal" if headers == {} else "en annan webbplats"
    assert said in answer.text


@every_change
def test_a_form_of_our_own_is_let_through(world: World, page: Page) -> None:
    """The headers that a browser sends from a page of ours are no hindrance."""
    client = world.client(*Role)
    fields = {"csrf": world.token(client)}
    answer = ask(client, page, fields, **{"origin": world.desk.config.url, "sec-fetch-site": "same-origin"})
    assert answer.status_code not in (401, 403, 500), answer.text


@pytest.mark.parametrize("page", READ, ids=[page.path for page in READ])
@pytest.mark.parametrize("live", [False, True], ids=["page", "part"])
def test_reading_changes_nothing(world: World, page: Page, live: bool) -> None:
    """A page that is only read writes to no table but those of sessions and of the audit log, by GET and HEAD."""
    client, before = world.client(*Role), dump(world.desk)
    headers = {"HX-Request": "true", "X-Lotsen-Live": "1"} if live else {}
    assert client.get(filled(page), headers=headers).status_code < 500
    head = client.head(filled(page), headers=headers)
    assert (head.status_code < 500, head.text) == (True, "")
    assert dump(world.desk) == before


def test_the_stream_of_changes_is_for_staff(world: World) -> None:
    """Strangers and others than staff hear of no case."""
    assert world.client().get("/events").status_code == 401
    assert world.client(Role.OWNER).get("/events").status_code == 403
    assert world.client(Role.AUDITOR).get("/events").status_code == 403


@pytest.mark.parametrize(
    ("roles", "home"),
    [
        (frozenset(), "/sign-in?next=%2F"),
        (frozenset({Role.AGENT}), "/queue"),
        (frozenset({Role.LEAD}), "/queue"),
        (frozenset({Role.OWNER}), "/improve"),
        (frozenset({Role.AUDITOR}), "/audit"),
        (frozenset({Role.AUDITOR, Role.OWNER}), "/improve"),
    ],
)
def test_the_first_page_is_one_s_own(world: World, roles: FrozenSet[Role], home: str) -> None:
    """Everybody begins where they may be."""
    answer = world.client(*sorted(roles)).get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, home)


def test_no_path_is_missing(world: World) -> None:
    """What the application serves needs a role, or is on the list of what strangers may reach; none is there twice."""
    found = list(served(world.app.routes))
    assert len(found) == len(set(found))
    assert set(found) == {*allowed(), *OPEN}
    assert not {*allowed()} & {*OPEN}
    assert EVENTS in found
    assert len(PAGES) == len({(page.method, page.path) for page in PAGES})
    assert all(page.roles for page in PAGES)


def test_the_matrix_in_the_docs_is_what_the_code_says() -> None:
    """The page is written anew when a path comes or goes."""
    assert PATH.read_text(encoding="utf-8") == matrix(), f"run {COMMAND}"


def test_all_tables_are_compared(world: World) -> None:
    """The dump that tells that nothing has changed has the cases, and leaves out only what it says."""
    tables = dump(world.desk)
    assert len(tables["cases"]) == 1
    assert "case_events" in tables
    assert not OWN_TABLES & set(tables)
