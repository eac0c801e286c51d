"""``lotsen notice`` through the command line, on an SQLite file and guides of its own."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import List
from zoneinfo import ZoneInfo

import pytest

from lotsen import cli
from lotsen.clock import utc_now
from lotsen.commands import notice as command
from lotsen.disturbances.notices import Notices, Source
from lotsen.storage.database import open_engine

ZONE = ZoneInfo("America/New_York")
"""Not the machine's, nor the default."""
FORM = "%Y-%m-%d %H:%M"
USUAL = 'Skriv hur länge: antingen --hours 2 eller --until "2026-11-26 18:00".'


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder, and content with the names of two guides; what stands in them does not matter."""
    folder = tmp_path / "content" / "guides"
    folder.mkdir(parents=True)
    for name in ("login_error", "clear_cache"):
        (folder / f"{name}.yml").write_text("trasig: [", encoding="utf-8")
    monkeypatch.setattr(command, "CONTENT", tmp_path / "content")
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("LOTSEN_DATABASE_URL", raising=False)
    monkeypatch.setenv("LOTSEN_TIME_ZONE", ZONE.key)
    return tmp_path / "data"


@pytest.fixture
def notices(data_dir: Path) -> Notices:
    """The notices that the command writes."""
    return Notices(open_engine(f"sqlite:///{data_dir / 'lotsen.db'}"))


def notice(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> List[str]:
    """Run the command; return what it printed, or its error, in lines."""
    assert cli.main(["notice", *arguments]) == code
    said = capsys.readouterr()
    assert (said.err == "") == (code == 0)
    return (said.err if code else said.out).splitlines()


def local(at: datetime) -> str:
    """Return a time as an operator writes it."""
    return at.astimezone(ZONE).strftime(FORM)


def test_set_until(notices: Notices, capsys: pytest.CaptureFixture[str]) -> None:
    """The time is local, the notice is the operator's, with the words as they were written."""
    ends = (utc_now() + timedelta(hours=5)).replace(second=0, microsecond=0)
    said = notice(capsys, "set", "login_error", "--until", local(ends), "--text", "Inloggningen ligger nere.")
    assert said == [f"login_error: störning till {local(ends)}."]
    (stored,) = notices.all()
    assert (stored.kind, stored.source, stored.text) == ("login_error", Source.OPERATOR, "Inloggningen ligger nere.")
    assert (stored.ends, stored.lead) == (ends, None)


@pytest.mark.parametrize(("written", "hours"), [("2", 2.0), ("1,5", 1.5), ("0.5", 0.5), ("8784", 8784.0)])
def test_set_hours(written: str, hours: float, notices: Notices, capsys: pytest.CaptureFixture[str]) -> None:
    """So many hours from now, of several kinds at once, each once."""
    before = utc_now()
    said = notice(capsys, "set", "login_error", "clear_cache", "login_error", "--hours", written)
    after = utc_now()
    assert [line.split(":")[0] for line in said] == ["login_error", "clear_cache"]
    found = notices.all()
    assert [one.kind for one in found] == ["login_error", "clear_cache"]
    for one in found:
        assert before <= one.ends - timedelta(hours=hours) <= after
        assert one.text == ""


def test_set_replaces_a_mark(notices: Notices, capsys: pytest.CaptureFixture[str]) -> None:
    """What Lotsen has counted becomes the operator's, and its lead stays."""
    notices.mark("login_error", utc_now() + timedelta(minutes=30), lead=12)
    notice(capsys, "set", "login_error", "--hours", "2")
    (stored,) = notices.all()
    assert (stored.source, stored.lead) == (Source.OPERATOR, 12)


def test_list(notices: Notices, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each that goes on, in local time, with who says so, the lead and the words on one line."""
    ends = utc_now() + timedelta(hours=1)
    marked = notices.mark("login_error", ends, lead=12)
    said = notices.set("gone", "Felet är känt.\nVi arbetar med det.", ends)
    times = f"{local(marked.created)} till {local(ends)}"
    assert notice(capsys, "list") == [
        f"login_error  {times}  pågår  Lotsen   LOT-000012",
        f"gone         {local(said.created)} till {local(ends)}  pågår  driften  inget samlat ärende  "
        "Felet är känt. Vi arbetar med det.",
    ]


def test_list_all(notices: Notices, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is over is listed when it is asked for, with when it was over and why."""
    began = datetime(2026, 1, 2, 8, 0, tzinfo=timezone.utc)
    ends = began + timedelta(hours=1)
    Notices(open_engine(f"sqlite:///{data_dir / 'lotsen.db'}"), lambda: began).set("clear_cache", "", ends)
    notices.set("login_error", "", utc_now() + timedelta(hours=1))
    notices.lift("login_error")
    assert notice(capsys, "list") == ["Inga störningar."]
    over, lifted = notice(capsys, "list", "--all")
    assert over == "clear_cache  2026-01-02 03:00 till 2026-01-02 04:00  slut   driften  inget samlat ärende"
    stored = notices.all()[1]
    assert stored.lifted is not None
    assert f"{local(stored.created)} till {local(stored.lifted)}  hävd " in lifted


def test_nothing_to_list(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty list is a sentence."""
    assert notice(capsys, "list") == notice(capsys, "list", "--all") == ["Inga störningar."]


def test_lift(notices: Notices, capsys: pytest.CaptureFixture[str]) -> None:
    """Several are lifted at once, also one whose guide is gone; others go on."""
    for kind in ("login_error", "clear_cache", "gone"):
        notices.set(kind, "", utc_now() + timedelta(hours=1))
    said = notice(capsys, "lift", "login_error", "gone", "gone")
    assert said == ["login_error: störningen är hävd.", "gone: störningen är hävd."]
    assert [one.kind for one in notices.all(active_only=True)] == ["clear_cache"]


def test_lift_all_or_nothing(notices: Notices, capsys: pytest.CaptureFixture[str]) -> None:
    """If one has no notice, that is said, and no other is lifted."""
    notices.set("clear_cache", "", utc_now() + timedelta(hours=1))
    (line,) = notice(capsys, "lift", "clear_cache", "login_error", code=1)
    assert line == "lotsen: Ingen störning pågår för login_error. Inget är ändrat."
    assert len(notices.all(active_only=True)) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("set", "login_eror", "--hours", "2"), "Guiden 'login_eror' finns inte. Menade du 'login_error'?"),
        (("set", "login_error", "x", "--hours", "2"), "Guiden 'x' finns inte. Välj bland: clear_cache, login_error."),
        (("lift", "login_eror"), "Guiden 'login_eror' finns inte. Menade du 'login_error'?"),
        (("set", "login_error"), USUAL),
        (("set", "login_error", "--hours", "2", "--until", "2026-11-26 18:00"), USUAL),
        (
            ("set", "login_error", "--until", "2026-01-26 18:00"),
            "2026-01-26 18:00 har redan varit. Skriv en tid framåt.",
        ),
        (
            ("set", "login_error", "--until", "0001-01-01 00:00"),
            "0001-01-01 00:00 har redan varit. Skriv en tid framåt.",
        ),
        (
            ("set", "login_error", "--until", "9999-12-31 23:59"),
            "9999-12-31 23:59 är mer än ett år framåt. Skriv en tid som är närmare.",
        ),
        *(
            (("set", "login_error", "--until", time), f"'{time}' är ingen tid. Skriv den så här: \"2026-11-26 18:00\".")
            for time in ("", "18:00", "2026-11-26", "2026-11-31 18:00", "i morgon")
        ),
        *(
            (
                ("set", "login_error", f"--hours={hours}"),
                f"'{hours}' går inte. Skriv antalet timmar, till exempel 2 eller 1,5, högst 8784.",
            )
            for hours in ("", "0", "-1", "nan", "inf", "1e300", "8785", "två")
        ),
    ],
)
def test_what_cannot_be_done(
    arguments: tuple[str, ...], said: str, notices: Notices, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong is one sentence and exit code 1, and no notice is set."""
    assert notice(capsys, *arguments, code=1) == [f"lotsen: {said}"]
    assert notices.all() == []


def test_a_time_zone_that_is_none(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong setting is named."""
    monkeypatch.setenv("LOTSEN_TIME_ZONE", "Europe/Sthlm")
    (line,) = notice(capsys, "list", code=1)
    assert re.match("lotsen: LOTSEN_TIME_ZONE is 'Europe/Sthlm'", line)


def test_a_database_that_cannot_be_used(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is no database is one sentence and exit code 1."""
    data_dir.mkdir()
    (data_dir / "lotsen.db").write_text("inte en databas " * 100, encoding="utf-8")
    (line,) = notice(capsys, "list", code=1)
    assert line.startswith("lotsen: Databasen går inte att använda: ")
