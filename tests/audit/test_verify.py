"""Whoever takes the triggers away and changes the log is found out, whatever they change."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Callable, List

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from lotsen.audit.log import Actor, AuditLog, entry_of
from lotsen.audit.table import NOTHING, entries, head, names
from lotsen.audit.verify import Report, Wrong, verify
from lotsen.cli import main
from lotsen.storage.database import open_engine
from tests.cases.made import Clock

AASA = Actor("id-aasa", "Åsa Lind")
COUNT = 10


def fill(engine: Engine, count: int = COUNT) -> List[str]:
    """Write entries, a minute apart; return their hashes, oldest first."""
    clock = Clock()
    log = AuditLog(engine, clock)
    for number in range(count):
        log.add(AASA, "view", number, f"rad {number}")
        clock.tick(minutes=1)
    return [entry.hash for entry in log.read()][::-1]


@pytest.fixture
def engine(database_url: str) -> Engine:
    """A log without triggers: its owner has taken them away."""
    engine = open_engine(database_url)
    fill(engine)
    unlock(engine)
    return engine


def unlock(engine: Engine) -> None:
    """Take the triggers away."""
    with engine.begin() as connection:
        for name in names(engine):
            table = next(one for one in ("audit_head", "audit_anchors", "audit_log") if one[:11] in name)
            where = "" if engine.dialect.name == "sqlite" else f" ON {table}"
            connection.execute(f"DROP TRIGGER {name}{where}")


def seal_again(connection: Connection, first: int) -> None:
    """Compute every hash anew from an entry on, as an owner of the database can; the head, too."""
    previous = connection.execute(sa.select(entries.c.hash).where(entries.c.id == first - 1)).scalar() or NOTHING
    for row in connection.execute(sa.select(entries).where(entries.c.id >= first).order_by(entries.c.id)).all():
        values = {"previous": previous}
        connection.execute(entries.update().where(entries.c.id == row.id).values(**values))
        row = connection.execute(sa.select(entries).where(entries.c.id == row.id)).one()
        previous = entry_of(row).seal()
        connection.execute(entries.update().where(entries.c.id == row.id).values(hash=previous))
    connection.execute(
        head.update().values(hash=previous, entry=sa.select(sa.func.max(entries.c.id)).scalar_subquery())
    )


def forged(connection: Connection, id: int, previous: str) -> None:
    """Put an entry in that has the right hash of its own."""
    row = connection.execute(sa.select(entries).where(entries.c.id == 1)).one()
    values = {**row._mapping, "id": id, "previous": previous, "hash": "", "detail": "påhittad"}
    entry = entry_of(type("Row", (), values))
    connection.execute(entries.insert().values(**{**values, "hash": entry.seal()}))


def test_whole(engine: Engine) -> None:
    """However many are read at a time; the hash of the last entry is told."""
    last = AuditLog(engine).read(limit=1)[0].hash
    for batch in (1, 3, COUNT, 1000):
        assert verify(engine, batch=batch) == Report(COUNT, last)


def test_empty(database_url: str) -> None:
    """A log in which nothing has happened is whole."""
    engine = open_engine(database_url)
    AuditLog(engine)
    assert verify(engine) == Report(0, NOTHING)


def _set(id: int, **values: object) -> Callable[[Connection], None]:
    return lambda connection: connection.execute(entries.update().where(entries.c.id == id).values(**values))


def _delete(*ids: int) -> Callable[[Connection], None]:
    return lambda connection: connection.execute(entries.delete().where(entries.c.id.in_(ids)))


def _swap(first: int, second: int, hashes: bool = False) -> Callable[[Connection], None]:
    """Let two entries change places: their words alone, or with all that seals them."""

    def do(connection: Connection) -> None:
        rows = {row.id: row for row in connection.execute(sa.select(entries)).all()}
        connection.execute(entries.delete().where(entries.c.id.in_((first, second))))
        for new, old in ((first, second), (second, first)):
            values = {**rows[old]._mapping, "id": new}
            if not hashes:
                values.update(previous=rows[new].previous, hash=rows[new].hash)
            connection.execute(entries.insert().values(**values))

    return do


def _close_gap(connection: Connection) -> None:
    """Take an entry out and number those after it anew."""
    connection.execute(entries.delete().where(entries.c.id == 4))
    for id in range(5, COUNT + 1):
        connection.execute(entries.update().where(entries.c.id == id).values(id=id - 1))
    connection.execute(head.update().values(entry=COUNT - 1))


def _insert(connection: Connection) -> None:
    """Put an entry in between, and number those after it anew."""
    for id in range(COUNT, 3, -1):
        connection.execute(entries.update().where(entries.c.id == id).values(id=id + 1))
    forged(connection, 4, "d" * 64)
    connection.execute(head.update().values(entry=COUNT + 1))


def _append(connection: Connection) -> None:
    """Put an entry at the end, and leave the head."""
    forged(connection, COUNT + 1, connection.execute(sa.select(head.c.hash)).scalar() or "")


def _reseal_one(connection: Connection) -> None:
    """Change an entry, and give it the hash that fits."""
    connection.execute(entries.update().where(entries.c.id == 5).values(detail="x"))
    row = connection.execute(sa.select(entries).where(entries.c.id == 5)).one()
    connection.execute(entries.update().where(entries.c.id == 5).values(hash=entry_of(row).seal()))


LATER = Clock().now + timedelta(days=1)
TAMPERED = {
    "the words": (_set(5, detail="x"), Wrong.CHANGED, 5),
    "the time": (_set(5, at=LATER), Wrong.CHANGED, 5),
    "a microsecond": (_set(1, at=Clock().now + timedelta(microseconds=1)), Wrong.CHANGED, 1),
    "who": (_set(5, actor="id-omar"), Wrong.CHANGED, 5),
    "the name": (_set(5, actor_name="Omar"), Wrong.CHANGED, 5),
    "what": (_set(COUNT, action="note"), Wrong.CHANGED, COUNT),
    "the case": (_set(5, case_id=99), Wrong.CHANGED, 5),
    "no case": (_set(5, case_id=None), Wrong.CHANGED, 5),
    "the hash": (_set(5, hash="f" * 64), Wrong.CHANGED, 5),
    "the hash before": (_set(5, previous="f" * 64), Wrong.CHANGED, 5),
    "words and hash": (_reseal_one, Wrong.MOVED, 6),
    "one deleted in the middle": (_delete(5), Wrong.MISSING, 5),
    "the first deleted": (_delete(1), Wrong.MISSING, 1),
    "the last deleted": (_delete(COUNT), Wrong.CUT, COUNT),
    "the last three deleted": (_delete(8, 9, 10), Wrong.CUT, 8),
    "all deleted": (_delete(*range(1, COUNT + 1)), Wrong.CUT, 1),
    "deleted and renumbered": (_close_gap, Wrong.CHANGED, 4),
    "one put in": (_insert, Wrong.MOVED, 4),
    "one put at the end": (_append, Wrong.ADDED, COUNT + 1),
    "one put before the first": (lambda connection: forged(connection, 0, "e" * 64), Wrong.ADDED, 0),
    "words of two swapped": (_swap(3, 7), Wrong.CHANGED, 3),
    "two swapped": (_swap(3, 7, hashes=True), Wrong.CHANGED, 3),
    "the head's hash": (lambda connection: connection.execute(head.update().values(hash="f" * 64)), Wrong.ADDED, COUNT),
    "the head counts less": (lambda connection: connection.execute(head.update().values(entry=3)), Wrong.ADDED, 3),
    "the head is gone": (lambda connection: connection.execute(head.delete()), Wrong.NO_HEAD, None),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_tampered_with(name: str, engine: Engine) -> None:
    """The first entry that is not right is named, and what is wrong; however many are read at a time."""
    tamper, wrong, entry = TAMPERED[name]
    with engine.begin() as connection:
        tamper(connection)
    for batch in (1, 4, 1000):
        report = verify(engine, batch=batch)
        assert (report.wrong, report.entry) == (wrong, entry)
        assert not report.whole
        assert report.entries == min(COUNT, max(0, (entry if entry is not None else 1) - 1)) or wrong is Wrong.ADDED


def test_what_only_a_hash_elsewhere_shows(engine: Engine) -> None:
    """A chain computed anew is whole in itself: a hash that was written down before does not occur in it."""
    kept = {number: AuditLog(engine).read(before=number + 1, limit=1)[0].hash for number in (4, 6, COUNT)}
    unlock(engine)
    assert all(verify(engine, hash).whole for hash in kept.values())
    with engine.begin() as connection:
        connection.execute(entries.update().where(entries.c.id == 5).values(detail="x"))
        seal_again(connection, 5)
    assert verify(engine).whole
    assert verify(engine, kept[4]).whole
    for after in (6, COUNT):
        report = verify(engine, f" {kept[after].upper()} ")
        assert (report.wrong, report.entries) == (Wrong.OTHER, COUNT)


def test_a_cut_end_with_the_head_put_back(engine: Engine) -> None:
    """That, too, only shows with a hash of the part that was cut off."""
    kept = AuditLog(engine).read(limit=1)[0].hash
    unlock(engine)
    with engine.begin() as connection:
        connection.execute(entries.delete().where(entries.c.id > 7))
        seal_again(connection, 7)
    assert verify(engine).entries == 7
    assert verify(engine, kept).wrong is Wrong.OTHER


def test_the_log_goes_on_after_its_triggers_were_taken(engine: Engine) -> None:
    """They are made again when it is next opened."""
    log = AuditLog(engine)
    log.add(AASA, "view")
    with pytest.raises(sa.exc.DBAPIError, match="only appended to"), engine.begin() as connection:
        connection.execute(entries.delete())


def test_a_lost_head_is_not_made_anew(engine: Engine) -> None:
    """Opening the log hides nothing, and nobody can do what could not be written down."""
    with engine.begin() as connection:
        connection.execute(head.delete())
    log = AuditLog(engine)
    with pytest.raises(sa.exc.SQLAlchemyError):
        log.add(AASA, "view")
    assert verify(engine).wrong is Wrong.NO_HEAD


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> "tuple[int, str, str]":
    """Run ``lotsen audit``."""
    code = main(["audit", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database that the command reads."""
    monkeypatch.setenv("LOTSEN_DATABASE_URL", f"sqlite:///{tmp_path / 'lotsen.db'}")
    return tmp_path / "lotsen.db"


def test_the_command_says_that_it_is_whole(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the hash to write down, which it takes back."""
    hashes = fill(open_engine(f"sqlite:///{path}"))
    code, out, _ = run("verify", capsys=capsys)
    assert (code, out.splitlines()[:2]) == (
        0,
        [f"Granskningsloggen är hel: {COUNT} rader. Sista radens kontrollsumma:", hashes[-1]],
    )
    assert run("verify", "--head", hashes[3], capsys=capsys)[0] == 0
    code, _, err = run("verify", "--head", "a" * 64, capsys=capsys)
    assert code == 1
    assert err.startswith("lotsen: Granskningsloggen är bruten. Ingen rad har kontrollsumman som du skrev.")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit_log SET detail = 'x' WHERE id = 5", "Rad 5 är ändrad i efterhand. Raderna före är hela: 4"),
        ("DELETE FROM audit_log WHERE id = 5", "Rad 5 saknas."),
        ("DELETE FROM audit_log WHERE id > 8", "Loggens slut saknas, från rad 9."),
        ("DELETE FROM audit_head", "Uppgiften om sista raden saknas."),
        ("UPDATE audit_head SET hash = 'x'", "Rad 10 är tillagd vid sidan av Lotsen."),
    ],
)
def test_the_command_says_what_is_wrong(
    statement: str, said: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In Swedish, with exit code 1."""
    engine = open_engine(f"sqlite:///{path}")
    fill(engine)
    unlock(engine)
    engine.dispose()
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    code, out, err = run("verify", capsys=capsys)
    assert (code, out) == (1, "")
    assert said in err


@pytest.mark.parametrize("head_given", ["", "inte en summa", "abc"])
def test_without_a_log(head_given: str, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing log is no whole one, and is not made by looking."""
    code, _, err = run("verify", *(["--head", head_given] if head_given else []), capsys=capsys)
    assert code == 1
    assert ("ingen kontrollsumma" if head_given else "ingen granskningslogg") in err
    assert not sa.inspect(open_engine(f"sqlite:///{path}")).get_table_names()


def test_the_command_shows_entries(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The latest last, in local time, with the number of the case."""
    engine = open_engine(f"sqlite:///{path}")
    assert run("show", capsys=capsys)[1] == "Inga rader.\n"
    fill(engine)
    code, out, _ = run("show", "--limit", "2", capsys=capsys)
    assert (code, out.splitlines()) == (
        0,
        [
            "     9  2026-11-26 09:08:00  Åsa Lind (id-aasa)  view  LOT-000008  rad 8",
            "    10  2026-11-26 09:09:00  Åsa Lind (id-aasa)  view  LOT-000009  rad 9",
        ],
    )
    assert len(run("show", "--case", "LOT-000003", capsys=capsys)[1].splitlines()) == 1
    assert len(run("show", "--actor", "åsa", "--action", "view", capsys=capsys)[1].splitlines()) == COUNT
    assert run("show", "--case", "tolv", capsys=capsys)[0] == run("show", "--limit", "0", capsys=capsys)[0] == 1


def test_a_database_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Is said in a sentence."""
    monkeypatch.setenv("LOTSEN_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    code, _, err = run("verify", capsys=capsys)
    assert code == 1
    assert err.startswith("lotsen: Databasen går inte att använda")
