"""Backups: of one moment while others write, whole or not there at all, and checked before anything is replaced."""

from __future__ import annotations

import errno
import gzip
import io
import json
import multiprocessing
import os
import resource
import sqlite3
import subprocess
import sys
import tarfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.cases.store import CaseStore
from lotsen.cli import main
from lotsen.settings import ROOT
from lotsen.storage import backup, manifest, schema
from lotsen.storage.database import open_engine
from lotsen.storage.manifest import BadBackup, Manifest, Member
from lotsen.storage.restore import restore
from tests.outbox.made import confirm
from tests.storage.beside import write_cases

KEY, NOW = "k" * 60, datetime(2026, 11, 27, 8, 0, tzinfo=timezone.utc)
WIDGET = "widget-0123456789abcdef.js"
CASES = 3


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a few cases, a key and a version of the widget; the commands use it."""
    folder = tmp_path / "data"
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(folder))
    monkeypatch.delenv("LOTSEN_DATABASE_URL", raising=False)
    monkeypatch.delenv("LOTSEN_SECRET", raising=False)
    fill(folder)
    (folder / "secret").write_text(KEY, encoding="utf-8")
    (folder / "widget").mkdir()
    (folder / "widget" / WIDGET).write_text("export {}", encoding="utf-8")
    return folder


def fill(folder: Path) -> None:
    """Make a database with some cases."""
    url = f"sqlite:///{folder / 'lotsen.db'}"
    schema.upgrade(url)
    engine = open_engine(url)
    store = CaseStore(engine)
    for number in range(CASES):
        confirm(store, "abcdef"[number])
    engine.dispose()


@pytest.fixture
def archive(data: Path, tmp_path: Path) -> Path:
    """A backup of it."""
    path = tmp_path / "backup.tar.gz"
    assert main(["backup", str(path)]) == 0
    return path


def count(database: Path, question: str = "SELECT count(*) FROM cases") -> int:
    """Ask a database for a number."""
    with sqlite3.connect(database) as asked:
        return int(asked.execute(question).fetchone()[0])


def wait_for_more(database: Path, cases: int) -> None:
    """Return when others have stored more cases than there were."""
    while count(database) <= cases:
        time.sleep(0.01)


def snapshot(folder: Path) -> Dict[str, bytes]:
    """Return what a folder holds, but for SQLite's shared memory."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("-shm", "-wal")))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_backup_is_of_one_moment(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four processes write meanwhile: each case in the copy has its words, its event and its letter."""
    monkeypatch.setattr(backup, "PAGES", 10)
    ways = multiprocessing.get_context("spawn")
    stop, going = ways.Event(), {letter: ways.Event() for letter in "wxyz"}
    writers = [ways.Process(target=write_cases, args=(data, letter, go, stop)) for letter, go in going.items()]
    for writer in writers:
        writer.start()
    try:
        assert all(go.wait(60) for go in going.values())
        before = count(data / "lotsen.db")
        monkeypatch.setattr(backup, "_pause", lambda: wait_for_more(data / "lotsen.db", before))
        made = backup.write(data / "lotsen.db", data, tmp_path / "backup.tar.gz", NOW)
        after = count(data / "lotsen.db")
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert before <= made.rows["cases"] < after
    folder = tmp_path / "copy"
    folder.mkdir()
    assert backup.verify(tmp_path / "backup.tar.gz", folder) == made
    copy = folder / "lotsen.db"
    assert count(copy) == made.rows["cases"]
    for table in ("case_events", "outbox", "case_words"):
        alone = f"SELECT count(*) FROM cases WHERE id NOT IN (SELECT case_id FROM {table})"
        orphans = f"SELECT count(*) FROM {table} WHERE case_id NOT IN (SELECT id FROM cases)"
        assert (count(copy, alone), count(copy, orphans)) == (0, 0), table


def test_what_is_in_a_backup(data: Path, archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Database, key and widget versions; nobody else may read it; the original is untouched, and nothing is left."""
    assert archive.stat().st_mode & 0o777 == 0o600
    with tarfile.open(archive) as files:
        assert sorted(files.getnames()) == ["lotsen.db", "manifest.json", "secret", f"widget/{WIDGET}"]
    assert not list(archive.parent.glob(".lotsen-backup-*"))
    assert main(["backup", "--check", str(archive)]) == 0
    assert f"{CASES} cases" in capsys.readouterr().out
    assert count(data / "lotsen.db") == CASES


def test_a_file_is_replaced_only_by_force(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --force it is one sentence, and the file stays; without a name, the time is the name."""
    before = archive.read_bytes()
    assert main(["backup", str(archive)]) == 1
    assert "is there already. Choose another name, or replace it with --force." in capsys.readouterr().err
    assert archive.read_bytes() == before
    assert main(["backup", str(archive), "--force"]) == 0


def test_without_a_name_the_time_is_the_name(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It stands in the present folder."""
    monkeypatch.chdir(tmp_path)
    assert main(["backup"]) == 0
    (made,) = tmp_path.glob("lotsen-20*.tar.gz")
    assert made.name in capsys.readouterr().out


def test_a_full_disk_is_a_sentence(data: Path, tmp_path: Path) -> None:
    """No more can be written than a part of the copy: nothing is left, and nothing is a traceback."""
    folder = tmp_path / "full"
    folder.mkdir()

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    ended = subprocess.run(
        [sys.executable, "-m", "lotsen.cli", "backup", str(folder / "backup.tar.gz")],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=small,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("lotsen: ")
    assert ended.stderr.count("\n") == 1
    assert list(folder.iterdir()) == []


def test_another_database_is_not_backed_up(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With PostgreSQL the command names pg_dump and the key; without a database it says so."""
    monkeypatch.setenv("LOTSEN_DATABASE_URL", "postgresql://lotsen@localhost:1/lotsen")
    assert main(["backup"]) == 1
    assert "pg_dump" in (said := capsys.readouterr().err)
    assert "LOTSEN_SECRET" in said
    assert main(["restore", "nothing.tar.gz"]) == 1
    assert "LOTSEN_DATABASE_URL names another database" in capsys.readouterr().err
    monkeypatch.setenv("LOTSEN_DATABASE_URL", "")
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(data / "new"))
    assert main(["backup"]) == 1
    assert "nothing to back up" in capsys.readouterr().err


def test_a_backup_is_restored(data: Path, archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Database and key are as they were; what was there meanwhile is kept beside, in the same state."""
    engine = open_engine(f"sqlite:///{data / 'lotsen.db'}")
    confirm(CaseStore(engine), "z")
    engine.dispose()
    (data / "secret").write_text("another" * 10, encoding="utf-8")
    (data / "widget" / WIDGET).unlink()
    assert main(["restore", str(archive)]) == 0
    assert count(data / "lotsen.db") == CASES
    assert (data / "secret").read_text(encoding="utf-8") == KEY
    assert (data / "widget" / WIDGET).exists()
    (kept,) = data.glob("before-*")
    assert str(kept) in capsys.readouterr().out
    assert count(kept / "lotsen.db") == CASES + 1
    assert (kept / "secret").read_text(encoding="utf-8").startswith("another")
    assert not list(data.glob(".restore-*"))


def test_into_an_empty_folder(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is nothing to keep; the folder is for its owner only."""
    folder = tmp_path / "elsewhere" / "data"
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(folder))
    assert main(["restore", str(archive)]) == 0
    assert count(folder / "lotsen.db") == CASES
    assert (folder / "secret").stat().st_mode & 0o777 == 0o600
    assert not list(folder.glob("before-*"))


def test_a_database_too_damaged_to_be_read_is_replaced(data: Path, archive: Path) -> None:
    """That is what backups are for; the damaged one is kept."""
    (data / "lotsen.db").write_bytes(b"no database" * 1000)
    assert main(["restore", str(archive)]) == 0
    assert count(data / "lotsen.db") == CASES
    assert next(data.glob("before-*/lotsen.db")).read_bytes().startswith(b"no database")


def test_a_database_in_use_is_not_replaced(data: Path, archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody has it open, though idle: nothing is changed."""
    engine = open_engine(f"sqlite:///{data / 'lotsen.db'}")
    confirm(CaseStore(engine), "z")
    before = snapshot(data)
    assert main(["restore", str(archive)]) == 1
    assert "in use" in capsys.readouterr().err
    assert snapshot(data) == before
    assert count(data / "lotsen.db") == CASES + 1
    engine.dispose()


def test_a_restore_that_is_cut_short_is_done_again(data: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends before the database is replaced: that is the old one, whole, and the second try succeeds."""
    confirm(CaseStore(engine := open_engine(f"sqlite:///{data / 'lotsen.db'}")), "z")
    engine.dispose()
    real = Path.replace

    def cut(path: Path, target: Path) -> Path:
        if path.name == "lotsen.db":
            raise OSError(errno.EIO, "Input/output error")
        return real(path, target)

    with monkeypatch.context() as patched, pytest.raises(OSError, match="Input/output"):
        patched.setattr(Path, "replace", cut)
        restore(archive, data, NOW)
    assert count(data / "lotsen.db") == CASES + 1
    _, kept = restore(archive, data, NOW + timedelta(seconds=1))
    assert count(data / "lotsen.db") == CASES
    assert kept is not None
    assert count(kept / "lotsen.db") == CASES + 1


def rewritten(archive: Path, change: Callable[[List[Any]], None]) -> None:
    """Write an archive anew with its members changed: pairs of an entry and its bytes."""
    with tarfile.open(archive) as files:
        members = [[entry, files.extractfile(entry).read()] for entry in files]  # type: ignore[union-attr]
    change(members)
    with tarfile.open(archive, "w:gz") as files:
        for entry, content in members:
            if entry.isreg():
                entry.size = len(content)
            files.addfile(entry, io.BytesIO(content))


def entry(name: str, kind: bytes = tarfile.REGTYPE, to: str = "") -> tarfile.TarInfo:
    """Return a member that somebody has put in."""
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, to
    return made


def _cut(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-2000])


def _cut_tail(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-4])


def _flip(archive: Path) -> None:
    raw = bytearray(archive.read_bytes())
    raw[len(raw) // 2] ^= 1
    archive.write_bytes(raw)


def _flip_inside(archive: Path) -> None:
    def change(members: List[Any]) -> None:
        content = bytearray(members[-1][1])
        content[-10] ^= 1
        members[-1][1] = bytes(content)

    rewritten(archive, change)


def _newer(archive: Path) -> None:
    _with_revision(archive, "b0001")


def _with_revision(archive: Path, revision: str) -> None:
    """Make it the backup of a database with another revision."""

    def change(members: List[Any]) -> None:
        copy = archive.parent / "changed.db"
        copy.write_bytes(members[-1][1])
        with sqlite3.connect(copy) as database:
            database.execute("UPDATE lotsen_schema SET version_num = ?", (revision,))
        members[-1][1] = copy.read_bytes()
        described = json.loads(members[0][1])
        described["revision"] = revision
        described["members"]["lotsen.db"]["sha256"] = backup._digest(copy)  # noqa: SLF001
        members[0][1] = json.dumps(described).encode()

    rewritten(archive, change)


def _described(archive: Path, **changed: Any) -> None:
    def change(members: List[Any]) -> None:
        members[0][1] = json.dumps({**json.loads(members[0][1]), **changed}).encode()

    rewritten(archive, change)


def _listed_path(archive: Path) -> None:
    def change(members: List[Any]) -> None:
        described = json.loads(members[0][1])
        described["members"]["../secret"] = described["members"].pop("secret")
        members[0][1] = json.dumps(described).encode()
        members[1][0].name = "../secret"

    rewritten(archive, change)


DAMAGES: Dict[str, Callable[[Path], None]] = {
    "cut": _cut,
    "without its last bytes": _cut_tail,
    "one bit in the file": _flip,
    "one bit in the database": _flip_inside,
    "empty": lambda archive: archive.write_bytes(b""),
    "no archive": lambda archive: archive.write_bytes(b"Hej!" * 1000),
    "only gzip": lambda archive: archive.write_bytes(gzip.compress(b"Hej!" * 1000)),
    "of a newer Lotsen": _newer,
    "of another format": lambda archive: _described(archive, format=2),
    "with other rows": lambda archive: _described(archive, rows={"cases": 99}),
    "without its key": lambda archive: rewritten(archive, lambda members: members.__delitem__(1)),
    "a file too many": lambda archive: rewritten(archive, lambda members: members.append([entry("more"), b"x"])),
    "a file twice": lambda archive: rewritten(archive, lambda members: members.append(members[1])),
    "a path": lambda archive: rewritten(archive, lambda members: members.append([entry("../evil"), b"x"])),
    "a path in its manifest": _listed_path,
    "a root path": lambda archive: rewritten(archive, lambda members: members.insert(1, [entry("/tmp/evil"), b"x"])),
    "a link": lambda archive: rewritten(
        archive, lambda members: members.insert(1, [entry("secret", tarfile.SYMTYPE, "/etc/passwd"), b""])
    ),
    "a hard link": lambda archive: rewritten(
        archive, lambda members: members.insert(1, [entry("secret", tarfile.LNKTYPE, "manifest.json"), b""])
    ),
    "a device": lambda archive: rewritten(
        archive, lambda members: members.insert(1, [entry("secret", tarfile.CHRTYPE), b""])
    ),
    "a folder": lambda archive: rewritten(
        archive, lambda members: members.insert(1, [entry("widget", tarfile.DIRTYPE), b""])
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_no_whole_backup_is_refused(
    damage: str, data: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, and the data folder is as it was: nothing but the archive's own words were read."""
    before = snapshot(data.parent)
    DAMAGES[damage](archive)
    for arguments in (["backup", "--check", str(archive)], ["restore", str(archive)]):
        capsys.readouterr()
        assert main(arguments) == 1
        said = capsys.readouterr().err
        assert said.startswith("lotsen: ")
        assert said.count("\n") == 1
    after = snapshot(data.parent)
    for made in (archive.name, "changed.db"):
        before.pop(made, None)
        after.pop(made, None)
    assert after == before


def test_a_backup_of_an_older_lotsen_is_restored(data: Path, archive: Path) -> None:
    """It is brought to this version at the next start."""
    _with_revision(archive, "a0001")
    assert main(["restore", str(archive)]) == 0
    assert main(["migrate", "--check"]) == 1


NAMES = st.just("secret") | st.binary(min_size=8, max_size=8).map(lambda raw: f"widget/widget-{raw.hex()}.js")
MEMBERS = st.builds(Member, st.integers(0, 2**50), st.binary(min_size=32, max_size=32).map(bytes.hex))


@given(
    st.text(max_size=20),
    st.sampled_from(["", "a0001", "z9999"]),
    st.datetimes(timezones=st.just(timezone.utc)),
    st.dictionaries(NAMES, MEMBERS),
    MEMBERS,
    st.dictionaries(st.text("abc_z", min_size=1, max_size=40), st.integers(0)),
)
def test_a_manifest_is_read_as_it_was_written(
    version: str, revision: str, made: datetime, members: Dict[str, Member], database: Member, rows: Dict[str, int]
) -> None:
    """Whatever it describes."""
    written = Manifest(version, revision, made, {**members, "lotsen.db": database}, rows)
    assert manifest.read(written.to_json()) == written


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.fixed_dictionaries({"format": st.just(1)}, optional={
    name: JSON | st.dictionaries(st.sampled_from(["lotsen.db", "secret", "../x", ""]), JSON)
    for name in ("version", "revision", "made", "members", "rows")
}) | JSON)  # fmt: skip
def test_what_is_no_manifest_is_refused(found: Any) -> None:
    """Any JSON at all is a sentence, never a fault."""
    with pytest.raises(BadBackup):
        manifest.read(json.dumps(found))
