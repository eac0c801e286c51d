"""``lotsen backup`` and ``lotsen restore``: database, key and widget versions in one file, and back."""

from __future__ import annotations

import argparse
import errno
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from lotsen.commands.ending import OK, fail
from lotsen.settings import Settings

if TYPE_CHECKING:
    from lotsen.storage.manifest import Manifest

POSTGRESQL = (
    "The database is PostgreSQL. Save it with its own tools, e.g. pg_dump --format=custom, and with it the key: "
    "LOTSEN_SECRET, or the file {secret}. See docs/backup.md."
)


def add(commands: Any) -> None:
    """Add both commands to the parser."""
    backing: argparse.ArgumentParser = commands.add_parser(
        "backup", help="put the database and the key into one file, while Lotsen runs"
    )
    backing.add_argument("file", nargs="?", type=Path, help="where to; if not given: lotsen-<time>.tar.gz here")
    ways = backing.add_mutually_exclusive_group()
    ways.add_argument("--force", action="store_true", help="replace a file that is there")
    ways.add_argument("--check", action="store_true", help="write nothing; say whether FILE is a whole backup")
    backing.set_defaults(run=_backup)
    restoring = commands.add_parser("restore", help="put a backup in place of what the data folder has")
    restoring.add_argument("file", type=Path, help="what lotsen backup has written")
    restoring.set_defaults(run=_restore)


def _backup(arguments: argparse.Namespace, settings: Settings) -> int:
    """Write a backup, or check one; return the exit code."""
    from lotsen.clock import utc_now
    from lotsen.storage.backup import verify, write

    if arguments.check and arguments.file is None:
        return fail("Name the file to check: lotsen backup --check FILE")
    now = utc_now()
    target: Path = arguments.file or Path(f"lotsen-{now.astimezone():%Y-%m-%dT%H%M%S}.tar.gz")
    database = _database(settings)

    def do() -> int:
        if arguments.check:
            print(f"{target} is whole: {_said(verify(target))}.")
            return OK
        if database is None:
            return fail(POSTGRESQL.format(secret=settings.data_dir / "secret"))
        if not database.exists():
            return fail(f"There is no database {database} yet; nothing to back up.")
        manifest = write(database, settings.data_dir, target, now, arguments.force)
        print(f"{target}: {_said(manifest)}, {target.stat().st_size / 1e6:.1f} MB.")
        if "secret" not in manifest.members:
            print("The key is not in it: it is set by LOTSEN_SECRET. Keep that, too.")
        return OK

    return _guarded(do, target)


def _restore(arguments: argparse.Namespace, settings: Settings) -> int:
    """Restore a backup unless something uses the data folder; return the exit code."""
    from lotsen.clock import utc_now
    from lotsen.runtime.control import NotRunning, ask
    from lotsen.storage.restore import restore

    if _database(settings) != settings.data_dir / "lotsen.db":
        return fail("A backup is restored into the data folder, but LOTSEN_DATABASE_URL names another database.")
    try:
        ask(settings.data_dir, {"do": "status"}, lambda line: None)
        return fail(f"A Lotsen runs with {settings.data_dir}. Stop it first.")
    except NotRunning:
        pass

    def do() -> int:
        manifest, kept = restore(arguments.file, settings.data_dir, utc_now())
        print(f"Restored into {settings.data_dir}: {_said(manifest)}.")
        if kept is not None:
            print(f"What was there is in {kept}. Delete that folder when you do not need it: it holds personal data.")
        if settings.secret and "secret" in manifest.members:
            print("LOTSEN_SECRET is set, so the key of the backup is not used: set it to that one.")
        print("An older database is brought to this version at the next start, or by lotsen migrate.")
        return OK

    return _guarded(do, arguments.file)


def _guarded(do: Any, file: Path) -> int:
    """Do it; what may go wrong becomes a sentence."""
    import sqlite3

    from lotsen.storage.manifest import BadBackup
    from lotsen.storage.restore import InUse

    try:
        return int(do())
    except FileExistsError as error:
        return fail(f"{error.filename or error} is there already. Choose another name, or replace it with --force.")
    except InUse as error:
        return fail(f"{error} Stop Lotsen, and whatever else has the database open.")
    except BadBackup as error:
        return fail(str(error))
    except sqlite3.Error as error:
        return fail(f"The database cannot be copied: {error}. Nothing was written.")
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        hint = " The disk is full: free some space, or choose another folder." if full else ""
        return fail(f"{error.filename or file}: {error.strerror}. Nothing was changed.{hint}")


def _database(settings: Settings) -> Optional[Path]:
    """Return the SQLite file; None if the database is something else."""
    from sqlalchemy.engine import make_url

    url = make_url(settings.database_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _said(manifest: "Manifest") -> str:
    """Return what a backup holds, in words."""
    rows = manifest.rows
    return (
        f"{rows.get('chat_conversations', 0)} conversations and {rows.get('cases', 0)} cases "
        f"of {manifest.made.astimezone():%Y-%m-%d %H:%M}, revision {manifest.revision or 'of Lotsen 0.8'}"
    )
