"""What is kept of one person is found, given out and erased; what is somebody else's is not touched."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Dict, List, Tuple

import pytest

from lotsen.audit.log import AuditLog
from lotsen.cases.case import Contact
from lotsen.cli import main
from lotsen.storage.database import open_engine
from tests.cases.made import NOW
from tests.retention.made import World

MOA, OLA = "web-moa", "web-ola"


@pytest.fixture
def two(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two users, each with a conversation, a question, a rating, a run and a case."""
    monkeypatch.setenv("LOTSEN_DATABASE_URL", world.url)
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(tmp_path))
    for name, phone, mail in ((MOA, "070-174 06 35", "moa@example.se"), (OLA, "070-174 06 36", "ola@example.se")):
        world.web_conversation(name, NOW, f"Hej från {name}", name="Moa Ek" if name == MOA else "")
        world.put("asked", conversation=name, at=NOW, text=f"Fråga av {name}", words=name, kind="answered", intent="x")
        world.put("feedback", conversation=name, message=1, rating="up", comment=f"Tack {name}", created=NOW)
        world.put("guide_runs", id=name, conversation=name, began=NOW, body="{}", guide="login")
        case = world.case(NOW, name, problem=f"Fel för {name}", contact=Contact(phone, mail, name), desks=("email",))
        world.delivered(case, NOW, f"RT {case}")
    return world


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> Tuple[int, str, str]:
    """Run ``lotsen person``."""
    code = main(["person", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def audited(world: World) -> List[Tuple[str, str, str]]:
    """Return who did what, by the audit log, oldest first."""
    return [(entry.actor.id, entry.action, entry.detail) for entry in reversed(AuditLog(open_engine(world.url)).read())]


def _of(world: World, name: str) -> Dict[str, int]:
    """Return how many rows of each table name a conversation."""
    found = {}
    for table in sorted(world.tables.tables):
        found[table] = sum(name in str(list(row)) for row in world.rows(table))
    return {table: count for table, count in found.items() if count}


WAYS = {
    "a case number": ("--case", "LOT-000001"),
    "a plain number": ("--case", "1"),
    "the pseudonym": ("--conversation", MOA),
    "an e-mail address": ("--contact", " MOA@example.se"),
    "a telephone number": ("--contact", "+46 (0)70 174 06 35"),
    "the name in a case": ("--contact", "web-moa"),
    "the name of a sign-in": ("--contact", "moa  ek"),
}


def test_found_by_whatever_is_known(two: World, capsys: pytest.CaptureFixture[str]) -> None:
    """All ways lead to the same, and to nobody else."""
    for name, way in WAYS.items():
        code, out, err = run("find", *way, capsys=capsys)
        assert (code, err) == (0, ""), name
        assert out.splitlines()[:2] == [f"Samtal: {MOA}", "Ärenden: LOT-000001"], name
        assert "      1  frågor (asked)" in out.splitlines(), name


def test_given_out(two: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything of hers, in a file that only its owner can read; nothing of anybody else."""
    path = tmp_path / "moa.json"
    code, out, _ = run("export", "--case", "LOT-000001", "--output", str(path), capsys=capsys)
    assert (code, str(path) in out) == (0, True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text(encoding="utf-8")
    assert OLA not in text
    made = json.loads(text)
    assert (made["format"], made["version"], made["asked_for"]) == ("lotsen-person", 1, {"case": "LOT-000001"})
    (talk,), (case,) = made["conversations"], made["cases"]
    assert talk["messages"] == [{"at": "2026-11-26 09:00:00+01:00", "who": "user", "text": f"Hej från {MOA}"}]
    assert talk["web"][0]["name"] == "Moa Ek"
    assert talk["questions"][0]["text"] == f"Fråga av {MOA}"
    assert talk["ratings"][0]["comment"] == f"Tack {MOA}"
    assert talk["guide_runs"][0]["guide"] == "login"
    assert f"Hej från {MOA}" in [event["data"].get("text") for event in talk["rasa_events"]]
    assert (case["case"]["problem"], case["letters"][0]["number"]) == (f"Fel för {MOA}", "RT 1")
    code, _, err = run("export", "--case", "1", "--output", str(path), capsys=capsys)
    assert (code, "finns redan" in err) == (1, True)
    code, out, _ = run("export", "--case", "1", capsys=capsys)
    assert json.loads(out)["cases"] == made["cases"]
    noted = ("operator", "person_given_out", "samtal: 1, ärenden: 1")
    assert audited(two) == [noted, noted]  # One for each that went out.


def test_erased_but_for_the_case(two: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --yes nothing happens; with it all goes but the case, and the browser learns that it is over."""
    before = _of(two, MOA)
    others = _of(two, OLA)
    code, out, _ = run("erase", "--conversation", MOA, capsys=capsys)
    assert (code, out.splitlines()[-1]) == (0, "Inget är raderat. Skriv --yes för att radera. Det går inte att ångra.")
    assert _of(two, MOA) == before
    code, out, _ = run("erase", "--conversation", MOA, "--yes", capsys=capsys)
    assert code == 0
    assert "Ärendesystemet email har en egen kopia: RT 1." in out
    assert out.splitlines()[-1].startswith("Raderat: 1 samtal, 2 frågor och betyg, 1 vandringar.")
    assert set(_of(two, MOA)) == {"cases", "outbox", "chat_conversations"}
    assert two.web.conversations.ended(MOA)
    assert two.web.conversations.person(MOA) is None
    assert _of(two, OLA) == others
    entries = [(row.kind, row.rows, row.by) for row in two.rows("deletions")]
    assert entries == [("conversations", 1, "person"), ("questions", 2, "person"), ("runs", 1, "person")]
    assert audited(two) == [("operator", "person_erased", "samtal: 1, frågor och betyg: 2, vandringar: 1")]


def test_erased_with_the_case(two: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Then nothing is left but the mark that the conversation is over."""
    assert run("erase", "--contact", "moa@example.se", "--cases", "--yes", capsys=capsys)[0] == 0
    assert set(_of(two, MOA)) == {"chat_conversations"}
    assert [row.id for row in two.rows("cases")] == [2]
    code, _, err = run("find", "--contact", "moa@example.se", capsys=capsys)
    assert (code, err.startswith("lotsen: Inget är sparat om 'moa@example.se'.")) == (1, True)


def test_a_case_that_others_depend_on(two: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody else's duplicate would be lost with it."""
    two.set("cases", "id = 2", merged_into=1)
    code, _, err = run("erase", "--case", "1", "--cases", "--yes", capsys=capsys)
    assert (code, "LOT-000002, som är någon annans, är en dubblett av LOT-000001" in err) == (1, True)
    assert two.count("events", f"sender_id = '{MOA}'")
    assert audited(two) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("find", "--case", "tolv"), "'tolv' är inget ärendenummer"),
        (("find", "--case", "LOT-000099"), "Inget är sparat om 'LOT-000099'"),
        (("export", "--conversation", "web-x"), "Inget är sparat om 'web-x'"),
        (("erase", "--contact", "moa"), "Inget är sparat om 'moa'"),
        (("find", "--contact", "  "), "Skriv något efter --contact."),
    ],
)
def test_bad_input(arguments: Tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                   capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    """Is said in a sentence, also where there is no table yet."""
    monkeypatch.setenv("LOTSEN_DATABASE_URL", f"sqlite:///{tmp_path / 'lotsen.db'}")
    code, out, err = run(*arguments, capsys=capsys)
    assert (code, out) == (1, "")
    assert said in err
