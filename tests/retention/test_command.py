"""``lotsen purge``: what it prints, its exit codes, and that one kind's failure stops no other."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Tuple

import pytest
from sqlalchemy.exc import OperationalError

from lotsen.cli import main
from lotsen.clock import utc_now
from lotsen.retention.plan import NAMES
from tests.retention.made import World


@pytest.fixture
def here(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """What the command works on: a run and a question that are old."""
    monkeypatch.setenv("LOTSEN_DATABASE_URL", world.url)
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(tmp_path))
    old = utc_now() - timedelta(days=400)
    world.put("guide_runs", id="a", touched=old, body="{}")
    world.put("asked", conversation="c", at=old, text="Fråga", words="fråga", kind="answered")
    return world


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> Tuple[int, str, str]:
    """Run ``lotsen purge``."""
    code = main(["purge", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_a_dry_run_a_purge_and_the_log(here: World, capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each kind; the log tells what went, and nothing of whom."""
    code, out, _ = run("--dry-run", capsys=capsys)
    assert (code, len(out.splitlines())) == (0, 1 + len(NAMES))
    assert "runs                 1  vandringar genom guider, äldre än " in out
    assert ", äldst " in out
    assert (here.count("guide_runs"), here.count("deletions")) == (1, 0)
    code, out, _ = run("--kind", "runs", capsys=capsys)
    assert (code, len(out.splitlines()), here.count("guide_runs"), here.count("asked")) == (0, 1, 0, 1)
    code, out, _ = run("--log", capsys=capsys)
    assert code == 0
    assert "  runs                 1  command " in out
    assert "c" not in out.split()


def test_one_that_fails_stops_no_other(
    here: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its name is said, the exit code is 1, and the day's purge is tried again later."""
    from lotsen.retention import purge
    from lotsen.retention.questions import Questions

    def fail(*_: Any) -> int:
        raise OperationalError("DELETE", {}, Exception("disk full"))

    monkeypatch.setattr(Questions, "remove", fail)
    monkeypatch.setattr(purge, "PAUSE_SECONDS", 0.0)
    code, _, err = run("--scheduled", capsys=capsys)
    assert (code, here.count("guide_runs"), here.count("asked")) == (1, 0, 1)
    assert "lotsen: Allt kunde inte gallras: questions." in err
    assert here.count("purges", "ended IS NULL") == 1
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--kind", "allt"), "Det finns inget slag 'allt'. Skriv ett av: ended, conversations"),
        (("--scheduled", "--dry-run"), "--scheduled skrivs för sig"),
    ],
)
def test_bad_input(arguments: Tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Is said in a sentence."""
    code, out, err = run(*arguments, capsys=capsys)
    assert (code, out) == (1, "")
    assert said in err


def test_a_database_that_is_not_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Is said in a sentence, too."""
    monkeypatch.setenv("LOTSEN_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    code, _, err = run(capsys=capsys)
    assert code == 1
    assert err.startswith("lotsen: Databasen går inte att använda")
