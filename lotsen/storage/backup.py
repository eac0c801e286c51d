"""The embedded database, the key and the widget's versions in one file, made while Lotsen runs; and checking one.

The file is a tar archive with gzip, readable by its owner only: it holds all that Lotsen knows.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import hashlib
import io
import os
import shutil
import sqlite3
import tarfile
import tempfile
import time
import zlib
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Dict, Iterator, Optional, Tuple

from lotsen.storage.manifest import DATABASE, NAME, SECRET, WIDGETS, BadBackup, Manifest, Member, is_member, read
from lotsen.storage.revision import VERSION_TABLE, fits

PAGES, PAUSE_SECONDS = 2000, 0.005
"""So much of the database is copied at once (8 MB); then others may have the disk."""
COUNTED = ("cases", "chat_conversations", "chat_messages", "events", "outbox", "audit_log")
MAX_MANIFEST = 5_000_000
_CHUNK = 1 << 20
_BROKEN = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile)


def write(database: Path, data_dir: Path, target: Path, now: datetime, replace: bool = False) -> Manifest:
    """Write a backup to ``target``, which is there whole or not at all.

    The database is copied as it was at one moment, while others go on writing. The key is left out if the data folder
    has none because it is set by ``LOTSEN_SECRET``.

    Raises:
        BadBackup: if the copy of the database is not sound.
        FileExistsError: if there is a file already; with ``replace`` it makes room.
        OSError, sqlite3.Error: if something cannot be read or written, e.g. because the disk is full.
    """
    if target.exists() and not replace:
        raise FileExistsError(errno.EEXIST, "is there already", str(target))
    with tempfile.TemporaryDirectory(prefix=".lotsen-backup-", dir=target.parent) as made:
        folder = Path(made)
        copied = folder / DATABASE
        copy_database(database, copied)
        revision, rows = examine(copied)
        sources = dict(_sources(data_dir, copied))
        members = {name: Member(path.stat().st_size, _digest(path)) for name, path in sources.items()}
        manifest = Manifest(_version(), revision, now, members, rows)
        half = folder / "archive"
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _pack(file, manifest, sources)
            file.flush()
            os.fsync(file.fileno())
        _place(half, target, replace)
    sync_folder(target.parent)
    return manifest


def verify(archive: Path, folder: Optional[Path] = None) -> Manifest:
    """Check a backup: every byte of it, and the database in it. With ``folder`` its files are left there.

    Raises:
        BadBackup: if it is not whole, or has what no backup of ours has.
        SchemaTooNew: if its database belongs to a newer Lotsen.
        OSError: if it cannot be read, or there is no room to unpack it.
    """
    with contextlib.ExitStack() as left:
        if folder is None:
            folder = Path(left.enter_context(tempfile.TemporaryDirectory(prefix="lotsen-verify-")))
        try:
            manifest = _unpack(archive, folder)
        except _BROKEN as error:
            raise BadBackup(f"{archive} is damaged, or no backup: {error or type(error).__name__}.") from error
        try:
            revision, rows = examine(folder / DATABASE)
        except sqlite3.DatabaseError as error:
            raise BadBackup(f"The database in {archive} cannot be read: {error}.") from error
        if (revision, rows) != (manifest.revision, dict(manifest.rows)):
            raise BadBackup(f"The database in {archive} is not the one that its manifest describes.")
        fits(revision or None)
        return manifest


def copy_database(source: Path, target: Path) -> None:
    """Copy an SQLite database as it is now, in one file.

    The read transaction keeps the moment: without it every write of others would begin the copy anew.

    Raises:
        sqlite3.Error: if it cannot be read, or the copy cannot be written.
    """
    with contextlib.closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True, timeout=30)) as there:
        there.isolation_level = None
        there.execute("BEGIN")
        there.execute("SELECT count(*) FROM sqlite_master").fetchone()
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT, 0o600))
        with contextlib.closing(sqlite3.connect(target)) as here:
            there.backup(here, pages=PAGES, progress=lambda *_: _pause())
            here.execute("PRAGMA journal_mode=DELETE")  # So that all of it is in one file; Lotsen turns it back.


def _pause() -> None:
    """Let others have the disk between two parts."""
    time.sleep(PAUSE_SECONDS)


def examine(database: Path) -> Tuple[str, Dict[str, int]]:
    """Return a copy's revision, and how many rows some of its tables have.

    Raises:
        BadBackup: if SQLite finds it damaged.
        sqlite3.DatabaseError: if it is no database.
    """
    with contextlib.closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as copy:
        found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise BadBackup(f"The copy of the database is damaged: {found.splitlines()[0]}.")
        tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        rows = {name: copy.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in COUNTED if name in tables}
        revision = ""
        if VERSION_TABLE in tables:
            (revision,) = copy.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone() or ("",)
        return str(revision), rows


def sync_folder(folder: Path) -> None:
    """Make sure that a name in a folder outlives a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sources(data_dir: Path, database: Path) -> Iterator[Tuple[str, Path]]:
    """Yield what goes into a backup."""
    if (data_dir / SECRET).is_file():
        yield SECRET, data_dir / SECRET
    for path in sorted((data_dir / WIDGETS).glob("*.js")):
        if is_member(WIDGETS + path.name) and path.is_file():
            yield WIDGETS + path.name, path
    yield DATABASE, database


def _pack(file: IO[bytes], manifest: Manifest, sources: Dict[str, Path]) -> None:
    """Write the archive, its manifest first."""
    with gzip.GzipFile("", "wb", 6, file) as packed, tarfile.open(fileobj=packed, mode="w|") as archive:
        text = manifest.to_json().encode()
        archive.addfile(_entry(NAME, len(text), manifest.made), io.BytesIO(text))
        for name, path in sources.items():
            with path.open("rb") as source:
                archive.addfile(_entry(name, manifest.members[name].size, manifest.made), source)


def _place(half: Path, target: Path, replace: bool) -> None:
    """Give the archive its name, also where another file has come meanwhile that is not to be replaced."""
    if not replace:
        try:
            os.link(half, target)
            return
        except FileExistsError:
            raise
        except OSError:  # Some file systems have no hard links.
            if target.exists():
                raise FileExistsError(errno.EEXIST, "is there already", str(target)) from None
    half.replace(target)


def _entry(name: str, size: int, made: datetime) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(made.timestamp())
    return entry


def _unpack(archive: Path, folder: Path) -> Manifest:
    """Put an archive's files into an empty folder, each compared with the manifest; nothing else of it is obeyed."""
    manifest, seen = None, set()
    with gzip.open(archive) as packed, tarfile.open(fileobj=packed, mode="r|") as files:
        for entry in files:
            source = files.extractfile(entry) if entry.isreg() else None
            if source is None:
                raise BadBackup(f"{archive} holds '{entry.name}', which is no plain file.")
            if manifest is None:
                if entry.name != NAME or entry.size > MAX_MANIFEST:
                    raise BadBackup(f"{archive} is no backup: it does not begin with {NAME}.")
                manifest = read(source.read().decode("utf-8", "replace"))
                _make_room(folder, sum(member.size for member in manifest.members.values()))
                continue
            if entry.name not in manifest.members or entry.name in seen:
                raise BadBackup(f"{archive} holds '{entry.name}', which is not in its manifest.")
            seen.add(entry.name)
            _take(source, folder / entry.name, manifest.members[entry.name], archive)
        while packed.read(_CHUNK):  # To the end, where the checksum of the whole stands.
            pass
    if manifest is None or seen != manifest.members.keys():
        raise BadBackup(f"{archive} is not whole: files of its manifest are missing.")
    return manifest


def _make_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if size > free:
        raise BadBackup(
            f"There is no room to unpack it: {size >> 20} MB needed, {free >> 20} MB free in {folder} (TMPDIR)."
        )


def _take(source: IO[bytes], target: Path, member: Member, archive: Path) -> None:
    """Write one file, and compare it with what the manifest says."""
    target.parent.mkdir(exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := source.read(min(_CHUNK, member.size - size + 1)):
            digest.update(chunk)
            size += len(chunk)
            if size > member.size:
                break
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if (size, digest.hexdigest()) != (member.size, member.sha256):
        raise BadBackup(f"{archive} is damaged: '{target.name}' is not what its manifest says.")


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _version() -> str:
    try:
        return version("lotsen")
    except PackageNotFoundError:
        return ""
