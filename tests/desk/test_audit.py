"""The audit page: what the auditor reads, checks and takes along; and what they do not see."""

from __future__ import annotations

import ast
import csv
import fnmatch
import io
import re
from typing import Iterator, List, Set

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from lotsen.audit.log import Actor
from lotsen.audit.verify import Wrong, verify
from lotsen.desk.pages.audit import ROWS, WORDS
from lotsen.desk.services import Desk
from lotsen.desk.spreadsheet import BOM, harmless, written
from lotsen.settings import ROOT
from tests.desk.filled import add_case
from tests.desk.parsed import Parsed
from tests.support.desk import send

KARIN, LARS = Actor("oidc:karin", "Karin Ek"), Actor("oidc:lars", "Lars Öberg")


def ids(client: TestClient, address: str = "/audit") -> List[int]:
    """Return the numbers of the entries on a page."""
    return [int(id) for id in re.findall(r'<th scope="row">(\d+)</th>', client.get(address).text)]


def test_the_latest_is_first_and_in_swedish(desk: Desk, as_auditor: TestClient) -> None:
    """Who, what, which case and when, in words; a page of a hundred leads to older ones."""
    for count in range(ROWS + 5):
        desk.audit.add(KARIN, "viewed", count + 1)
    desk.audit.add(LARS, "resolve", 12, "solved")
    page = as_auditor.get("/audit").text
    assert ids(as_auditor) == list(range(ROWS + 6, 6, -1))
    for part in ("Lars Öberg", "Avslutade ärendet", "LOT-000012", "solved", "Såg ärendet"):
        assert part in page
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert older is not None
    assert ids(as_auditor, older[1]) == [6, 5, 4, 3, 2, 1]
    assert "De senaste" in as_auditor.get(older[1]).text
    assert not Parsed(page).faults


def test_it_is_filtered_by_person_action_and_case(desk: Desk, as_auditor: TestClient) -> None:
    """Each field alone, all together, and a number as people write it."""
    desk.audit.add(KARIN, "viewed", 12)
    desk.audit.add(LARS, "viewed", 12)
    desk.audit.add(LARS, "take", 13)
    assert ids(as_auditor, "/audit?actor=öberg") == [3, 2]
    assert ids(as_auditor, "/audit?actor=oidc:karin") == [1]
    assert ids(as_auditor, "/audit?action=viewed") == [2, 1]
    for number in ("12", "LOT-000012", "lot 12", "LOT–000012"):
        assert ids(as_auditor, f"/audit?case={number}") == [2, 1]
    assert ids(as_auditor, "/audit?actor=Lars&action=viewed&case=12") == [2]
    assert "Ingen rad passar urvalet." in as_auditor.get("/audit?actor=Ingen").text
    wrong = as_auditor.get("/audit?case=tolv")
    assert wrong.status_code == 422
    assert "Skriv ett ärendenummer" in wrong.text
    assert not Parsed(wrong.text).faults


def test_a_page_that_there_is_not_leads_to_the_first(desk: Desk, as_auditor: TestClient) -> None:
    """A broken link says so, and shows the latest."""
    answer = as_auditor.get("/audit?actor=Karin&before=x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/audit?actor=Karin")
    assert "Sidan i loggen finns inte." in as_auditor.get("/audit").text


def test_the_chain_is_checked_with_a_press_and_the_hash_is_shown(desk: Desk, as_auditor: TestClient) -> None:
    """A whole log says so, with the hash to write down; one written down before is looked up; each check is logged."""
    desk.audit.add(KARIN, "viewed", 1)
    kept = verify(desk.engine).hash
    answer = send(as_auditor, "/audit/verify", page="/audit")
    assert answer.status_code == 200
    assert "<h1>Loggen är hel</h1>" in answer.text
    assert kept in answer.text
    assert not Parsed(answer.text).faults
    assert desk.audit.read(limit=1)[0].detail == f"holds, 1, {kept}"
    again = send(as_auditor, "/audit/verify", page="/audit", kept=f" {kept.upper()} ")
    assert "kontrollsumman som du skrev finns bland dem" in again.text
    other = send(as_auditor, "/audit/verify", page="/audit", kept="0123456789abcdef" * 4)
    assert "<h1>Loggen är inte hel</h1>" in other.text
    assert "Ingen rad har kontrollsumman som du skrev." in other.text
    assert send(as_auditor, "/audit/verify", page="/audit", kept="fel").status_code == 422


def test_a_log_that_was_changed_says_where(desk: Desk, as_auditor: TestClient) -> None:
    """Whoever owns the database and changes an entry is found out, and the page says which."""
    for _ in range(3):
        desk.audit.add(KARIN, "viewed", 1)
    with desk.engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER audit_log_no_update"))
        connection.execute(sa.text("UPDATE audit_log SET actor_name = 'Någon annan' WHERE id = 2"))
    answer = send(as_auditor, "/audit/verify", page="/audit")
    assert "Rad 2 är ändrad efter att den skrevs." in answer.text
    assert "1 rader före felet stämmer" in answer.text


def test_every_way_to_be_wrong_has_words(desk: Desk) -> None:
    """Whatever the check finds, there is a sentence for it."""
    for wrong in Wrong:
        assert desk.say(f"audit_wrong_{wrong.value}", entry=7)


def test_the_file_opens_in_excel_and_acts_in_nothing(desk: Desk, as_auditor: TestClient) -> None:
    """UTF-8 with its mark, semicolons, one line an entry, no cell that begins a formula; taking it is in the log."""
    desk.audit.add(Actor("oidc:x", '=HYPERLINK("http://evil.example";"Öppna")'), "viewed", 12, "@SUM(1);2")
    desk.audit.add(LARS, "take", 13)
    answer = send(as_auditor, "/audit/export", page="/audit", actor="HYPER")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(
        r'attachment; filename="lotsen-logg-\d{4}-\d\d-\d\d\.csv"', answer.headers["content-disposition"]
    )
    assert answer.content.startswith(BOM.encode())
    head, line = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert head[:2] == ["Rad", "Tid"]
    named = dict(zip(head, line, strict=True))
    assert named["Person"] == '\'=HYPERLINK("http://evil.example";"Öppna")'
    assert (named["Händelse"], named["Ärende"], named["Uppgift"]) == ("Såg ärendet", "LOT-000012", "'@SUM(1);2")
    assert len(named["Kontrollsumma"]) == 64
    last = desk.audit.read(limit=1)[0]
    assert (last.action, last.actor.id, last.detail) == ("log_exported", "auditor", "actor=HYPER")


def test_all_of_a_long_log_is_in_the_file(desk: Desk, as_auditor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is read in batches; no entry is missing at their edges, or there twice."""
    monkeypatch.setattr("lotsen.desk.pages.audit.BATCH", 4)
    for count in range(11):
        desk.audit.add(KARIN, "viewed", count + 1)
    lines = list(csv.reader(io.StringIO(send(as_auditor, "/audit/export", page="/audit").text), delimiter=";"))
    assert [line[0] for line in lines[1:]] == [str(id) for id in range(12, 0, -1)]


def test_the_auditor_sees_nothing_of_a_case(desk: Desk, as_auditor: TestClient, as_agent: TestClient) -> None:
    """Of a case that was worked on in every way the log has its number, and no word that its user or the desk wrote."""
    case, me = add_case(desk, "Hemligt problem", unit="Hemlig enhet"), desk.sessions.staff()[0]
    desk.work.take(case.id, 1, me)
    desk.work.note(case.id, me, "Hemlig anteckning")
    desk.work.reply(case.id, desk.work.get(case.id).version, me, "Hemligt svar", ask=True)
    with desk.engine.begin() as connection:
        desk.work.heard(connection, case.id, "Hemlig fråga")
    page = as_auditor.get("/audit").text
    assert case.number in page
    assert "Heml" not in page
    assert "Heml" not in send(as_auditor, "/audit/export", page="/audit").text
    assert f'href="/cases/{case.id}"' not in page


def _actions() -> Set[str]:
    """Return the names of actions that the code hands to the audit log, as far as they are plain text."""
    found = set()
    for path in (ROOT / "lotsen").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            audit = call.func.attr == "add" and ast.unparse(call.func.value).endswith("audit")
            named = call.args[1:2] if audit else call.args[3:4] if call.func.attr == "_changing" else []
            found |= {text for action in named for text in _texts(action)}
    return found


def _texts(action: ast.expr) -> Iterator[str]:
    """Yield the texts that an action may be; one that is put together stands for all with its beginning."""
    if isinstance(action, ast.Constant):
        yield action.value
    elif isinstance(action, ast.IfExp):
        yield from (*_texts(action.body), *_texts(action.orelse))
    elif isinstance(action, ast.JoinedStr) and isinstance(action.values[0], ast.Constant):
        yield f"{action.values[0].value}*"


def test_every_action_has_swedish_words(desk: Desk) -> None:
    """What the code writes to the log, the page says in Swedish."""
    actions, known = _actions(), [name[len(WORDS) :] for name in desk.pages.texts if name.startswith(WORDS)]
    assert {"take", "resolve", "reply", "ask", "signed_in"} <= actions
    assert {action for action in actions if not fnmatch.filter(known, action)} == set()


@given(st.text(max_size=20))
def test_no_cell_begins_a_formula(cell: str) -> None:
    """Whatever a cell says, what is written begins with nothing that acts, and is the cell itself or marked."""
    safe = harmless(cell)
    assert not safe.lstrip(" \u00a0\u200b").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert safe in (cell, f"'{cell}")


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), min_size=2, max_size=2)
    )
)
def test_a_file_is_read_back_as_it_was(rows: List[List[str]]) -> None:
    """Quotes, semicolons and line breaks in cells survive."""
    text = "".join(written(["a", "b"], rows)).removeprefix(BOM)
    read = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert read == [["a", "b"], *[[harmless(cell) for cell in row] for row in rows]]
