"""``lotsen guides report`` through the command line, on an SQLite file and guides of its own."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import List

import pytest

from lotsen import cli
from lotsen.commands import guides_report
from lotsen.guides.loader import load_guides
from lotsen.guides.replies import Reply
from lotsen.guides.run import GuideRun
from lotsen.outcomes.records import RunRecords
from lotsen.storage.database import open_engine
from tests.outcomes.made import DONE, FAILED, SOLVED, STOP, walk

TWO = """\
id: two
title: Två sätt
steps:
- {id: reload, kind: check, text: "Tryck på **F5**. Löste det sig?"}
- {id: log_out, kind: do, text: Logga ut.}
- {id: again, kind: check, text: Logga in igen. Löste det sig?}
- {id: call, kind: end, outcome: handoff, counted: false, text: Ring 14141., reason: Felet är kvar.}
"""
OUTER = """\
id: outer
title: Allt
steps:
- {id: begin, kind: include, guide: two, text: Ska vi?}
- {id: last, kind: check, text: Löste det sig nu?}
"""


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder, and content with two guides."""
    folder = tmp_path / "content" / "guides"
    folder.mkdir(parents=True)
    (folder / "two.yml").write_text(TWO, encoding="utf-8")
    (folder / "outer.yml").write_text(OUTER, encoding="utf-8")
    monkeypatch.setattr(guides_report, "CONTENT", tmp_path / "content")
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("LOTSEN_DATABASE_URL", raising=False)
    monkeypatch.setenv("LOTSEN_GUIDE_HOURS", "72")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def records(data_dir: Path) -> RunRecords:
    """Open the record that the command reads."""
    return RunRecords(open_engine(f"sqlite:///{data_dir / 'lotsen.db'}"))


def keep(data_dir: Path, *runs: GuideRun, began: float | None = None) -> None:
    """Write runs as if they had begun just now, or at ``began``."""
    kept = records(data_dir)
    for number, run in enumerate(runs):
        moved = (began or time.time() - 3600) - run.began
        run = replace(run, id=f"{run.guide}-{began}-{number}", began=run.began + moved, touched=run.touched + moved)
        kept.write(run, "web-1", "web")


def walked(data_dir: Path, guide: str, *replies: Reply, seconds: float = 30.0) -> GuideRun:
    """Walk one of the guides of the content."""
    return walk(guide, replies, load_guides(data_dir.parent / "content" / "guides"), seconds)


def report(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> List[str]:
    """Run the command; return what it printed, or its error, in lines."""
    assert cli.main(["guides", "report", *arguments]) == code
    said = capsys.readouterr()
    assert (said.err == "") == (code == 0)
    return (said.err if code else said.out).splitlines()


def test_nothing_yet(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty record is no fault: a kind sentence, and no page."""
    (line,) = report(capsys)
    assert line == "Ingen har börjat någon guide ännu. När någon gör det räknas det här, så titta gärna in igen."
    assert not (data_dir / "guides").exists()


def test_the_report(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """How the runs ended, each step in order, the advice, and where the page is."""
    old = replace(walked(data_dir, "two", FAILED, DONE, FAILED), version="old")
    keep(data_dir, walked(data_dir, "two", SOLVED), walked(data_dir, "two", FAILED), walked(data_dir, "two", STOP), old)
    lines = report(capsys)
    assert lines[:8] == [
        "Två sätt (two)",
        "4 körningar, varav 1 av en äldre version av guiden.",
        "  löst           1   25 %",
        "  ärende         1   25 %",
        "  avbruten       1   25 %",
        "  bytt guide     0    0 %",
        "  övergiven      0    0 %",
        "  pågår          1   25 %",
    ]
    table = [line.split() for line in lines[10:14]]
    assert table == [
        ["1.", "Tryck", "på", "F5.", "Löste", "det", "sig?", "4", "1", "(25", "%)", "2", "1", "0", "0", "0", "30", "s"],
        ["2.", "Logga", "ut.", "2", "0", "1", "0", "0", "1", "0", "30", "s"],
        ["3.", "Logga", "in", "igen.", "Löste", "det", "sig?", "1", "0", "1", "0", "0", "0", "0", "30", "s"],
        ["Slut:", "Felet", "är", "kvar.", "1", "0", "0", "0", "0", "0", "0", "–"],
    ]
    assert len({len(line) for line in lines[9:14]}) == 1
    assert lines[15].startswith("  För lite att gå på för att föreslå en annan ordning: steg 1 (”Tryck på F5. Löste")
    assert "har provats i 3 av de 20 körningar som behövs, 17 saknas; steg 2–3 (”Logga in" in lines[15]
    assert lines[-3:] == ["Ingen har börjat: Allt.", "", "Samma siffror med bilder: data/guides/report.html"]
    page = (data_dir / "guides" / "report.html").read_text(encoding="utf-8")
    assert '<h2 id="guide-two">Två sätt</h2>' in page


def test_included_steps_are_indented(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The steps of an included guide stand under the step that includes it."""
    keep(data_dir, walked(data_dir, "outer", DONE, SOLVED))
    lines = report(capsys)
    starts = [line[: line.index(".") + 1] for line in lines[10:15]]
    assert starts == ["  1.", "    1.", "    2.", "    3.", "  2."]
    assert "  Guiden har inga steg som kan byta plats." in lines


def test_a_better_order(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With enough runs and a clear difference, the report says what to try and why, and changes nothing itself."""
    content = data_dir.parent / "content" / "guides" / "two.yml"
    keep(data_dir, *[walked(data_dir, "two", FAILED, DONE, SOLVED)] * 30)
    assert (
        "  Prova att lägga steg 2–3 (”Logga in igen. Löste det sig?”) före steg 1 (”Tryck på F5. Löste det sig?”), "
        "för det löser tydligt fler på samma tid: 30 av 30 på i snitt 1 min, mot 0 av 30 på i snitt 30 s."
    ) in report(capsys)
    assert content.read_text(encoding="utf-8") == TWO


def test_left_runs_are_counted_as_abandoned(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was left open for longer than the setting is closed before it is counted; what is newer is not."""
    keep(data_dir, walked(data_dir, "two", FAILED), began=time.time() - 73 * 3600)
    keep(data_dir, walked(data_dir, "two", FAILED), began=time.time() - 71 * 3600)
    lines = report(capsys)
    assert "  övergiven      1   50 %" in lines and "  pågår          1   50 %" in lines
    assert sorted(record.status.value for record in records(data_dir).all()) == ["abandoned", "active"]


def test_since(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Runs that began before the day are not counted; the day begins at midnight where the machine is."""
    midnight = datetime(2026, 2, 1).astimezone().timestamp()  # noqa: DTZ001 - local time is meant
    keep(data_dir, walked(data_dir, "two", SOLVED), began=midnight)
    keep(data_dir, walked(data_dir, "two", SOLVED), began=midnight - 1)
    assert report(capsys)[1] == "2 körningar."
    assert report(capsys, "--since", "2026-02-01")[1] == "1 körning."
    (line,) = report(capsys, "two", "--since", "2026-02-02")
    assert line.startswith("Ingen har börjat den guiden sedan 2026-02-02.")


def test_chosen_guides_and_output(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the guides that are named are told, each once, and the page goes where it was asked for."""
    keep(data_dir, walked(data_dir, "two", SOLVED), walked(data_dir, "outer", DONE, SOLVED))
    lines = report(capsys, "outer", "outer", "--output", str(data_dir.parent / "new" / "page.html"))
    assert [line for line in lines if line.endswith(")") and not line.startswith(" ")] == ["Allt (outer)"]
    assert lines[-1] == "Samma siffror med bilder: new/page.html"
    assert (data_dir.parent / "new" / "page.html").exists()
    assert not (data_dir / "guides").exists()


def test_a_guide_that_is_gone(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Runs of a guide that has been taken away are still told, also when it is asked for."""
    keep(data_dir, walked(data_dir, "two", SOLVED))
    for name in ("two.yml", "outer.yml"):
        (data_dir.parent / "content" / "guides" / name).unlink()
    lines = report(capsys, "two")
    assert lines[:2] == ["two (two)", "1 körning, av en äldre version av guiden."]
    assert any(line.startswith("  reload (finns inte längre)") for line in lines)
    assert "  Guiden finns inte längre." in lines


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--since", "igår"), "lotsen: 'igår' är inget datum. Skriv det så här: 2026-01-31."),
        (("--since", ""), "lotsen: '' är inget datum. Skriv det så här: 2026-01-31."),
        (("--since", "2026-02-30"), "lotsen: '2026-02-30' är inget datum. Skriv det så här: 2026-01-31."),
        (("tow",), "lotsen: Guiden 'tow' finns inte. Menade du 'two'?"),
    ],
)
def test_wrong_arguments(
    arguments: tuple[str, ...], said: str, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A date or guide that is none is one sentence and exit code 1."""
    assert report(capsys, *arguments, code=1) == [said]


def test_a_page_that_cannot_be_written(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A path that cannot be written is one sentence after the figures, and exit code 1."""
    keep(data_dir, walked(data_dir, "two", SOLVED))
    (line,) = report(capsys, "--output", str(data_dir), code=1)
    assert line == f"lotsen: Sidan går inte att skriva till {data_dir}: Is a directory."


def test_a_database_that_cannot_be_read(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is no database is one sentence and exit code 1."""
    data_dir.mkdir()
    (data_dir / "lotsen.db").write_text("inte en databas " * 100, encoding="utf-8")
    (line,) = report(capsys, code=1)
    assert line.startswith("lotsen: Databasen går inte att läsa: ")


def test_content_with_a_fault(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A guide that cannot be read is told with its file and line, as everywhere."""
    (data_dir.parent / "content" / "guides" / "two.yml").write_text(TWO.replace("kind: do", "kind: du"), "utf-8")
    lines = report(capsys, code=1)
    assert lines[0].startswith("content/guides/two.yml:5: ")
    assert lines[-1].endswith("fel i innehållet.")
