"""Putting a backup in place of what a data folder has. Each file changes in one step, and what was there is kept."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Optional, Tuple

from lotsen.storage.backup import sync_folder, verify
from lotsen.storage.manifest import DATABASE, SECRET, WIDGETS, Manifest

_HALF = ".restore-"
BESIDES = ("-wal", "-shm", "-journal")


class InUse(Exception):
    """Something has the database open."""


def restore(archive: Path, data_dir: Path, now: datetime) -> Tuple[Manifest, Optional[Path]]:
    """Check a backup and put it into ``data_dir``; return its manifest, and where the files are that were there.

    Killed in the middle it leaves each file old or new, and the old ones beside; done again, it gives the same.
    Versions of the widget are added to those that are there. The caller has made sure that no Lotsen runs.

    Raises:
        BadBackup, SchemaTooNew: if the backup cannot be used. Nothing was changed.
        InUse: if a process has the database open. Nothing was changed.
        OSError: if something cannot be written.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in data_dir.glob(f"{_HALF}*"):  # By a restore that was killed.
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_HALF, dir=data_dir) as made:
        folder = Path(made)
        manifest = verify(archive, folder)
        database = data_dir / DATABASE
        _settle(database)
        kept = _keep(data_dir, [DATABASE, *([SECRET] if SECRET in manifest.members else [])], now)
        for name in sorted(manifest.members, key=lambda name: (name == DATABASE, name)):
            if name.startswith(WIDGETS):
                (data_dir / WIDGETS).mkdir(exist_ok=True)
            (folder / name).replace(data_dir / name)
        sync_folder(data_dir)
    return manifest, kept


def _settle(database: Path) -> None:
    """Bring all of the database that is there into its one file, which only works if nobody else has it open."""
    if not database.exists():
        for end in BESIDES:  # Of a database that somebody has removed: SQLite would take them for the new one's.
            database.with_name(database.name + end).unlink(missing_ok=True)
        return
    try:
        with contextlib.closing(sqlite3.connect(database, timeout=1)) as there:
            (mode,) = there.execute("PRAGMA journal_mode=DELETE").fetchone()
            if mode != "delete":
                raise InUse(f"{database} is in use.")
            there.execute("BEGIN EXCLUSIVE")
            there.rollback()
    except sqlite3.OperationalError as error:
        raise InUse(f"{database} is in use ({error}).") from error
    except sqlite3.DatabaseError:  # Too damaged to be opened: that is why somebody restores. It is kept as it is.
        return


def _keep(data_dir: Path, names: "list[str]", now: datetime) -> Optional[Path]:
    """Keep files beside under their names; return the folder, None if there are none."""
    there = [data_dir / (name + end) for name in names for end in ("", *BESIDES) if (data_dir / (name + end)).exists()]
    if not there:
        return None
    folder = data_dir / f"before-{now:%Y-%m-%dT%H%M%S}"
    folder.mkdir(mode=0o700)
    for path in there:
        try:
            os.link(path, folder / path.name)
        except OSError:  # Some file systems have no hard links.
            shutil.copy2(path, folder / path.name)
        if path.name.endswith(BESIDES):
            path.unlink()
    sync_folder(folder)
    return folder
