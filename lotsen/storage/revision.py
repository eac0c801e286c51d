"""Which revision a database has, and whether this version of Lotsen may use it. Needs no Alembic: every start asks.

A revision is named by a generation and a number, ``a0001``. Within a generation revisions only add: whoever does not
know one can go on beside it, so that old and new processes share a database while an update goes through the machines.
"""

from __future__ import annotations

import re
from typing import Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lotsen.settings import SettingError

REVISIONS = ("a0001", "a0002")
"""All revisions in ``lotsen/storage/migrations/versions``, oldest first; a test holds the two together."""
HEAD = REVISIONS[-1]
VERSION_TABLE = "lotsen_schema"
_NAME = re.compile(r"([a-z])(\d{4})")
_version = sa.table(VERSION_TABLE, sa.column("version_num"))


class SchemaError(SettingError):
    """The database that is set cannot be used by this version; nothing was written. The message says what to do."""


class SchemaTooOld(SchemaError):
    """The database is to be brought to this version first."""

    def __init__(self) -> None:
        """Say how."""
        super().__init__("The database is of an older Lotsen. Bring it to this one: lotsen migrate")


class SchemaTooNew(SchemaError):
    """The database belongs to a newer Lotsen."""

    def __init__(self, revision: str) -> None:
        """Name what is not known."""
        super().__init__(
            f"The database is of a newer Lotsen (revision {revision}; this one knows {HEAD}). "
            f"Start that Lotsen, or restore a backup that was made before the upgrade: docs/upgrade.md"
        )


def current(connection: Connection) -> Optional[str]:
    """Return the database's revision; None if it has none: it is empty, or of Lotsen 0.8 or older.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: if the database cannot be read.
    """
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    found: Optional[str] = connection.execute(sa.select(_version.c.version_num)).scalar()
    return found


def fits(revision: Optional[str]) -> bool:
    """Tell whether this version can use a database with the revision as it is; if not, it has to be upgraded.

    >>> fits(HEAD), fits("a9999"), fits("a0001"), fits(None)
    (True, True, False, False)

    Raises:
        SchemaTooNew: if only a newer version can use it.
    """
    if revision is None or revision in REVISIONS:
        return revision == HEAD
    name, ours = _NAME.fullmatch(revision), _NAME.fullmatch(HEAD)
    if name is None or ours is None or name[1] != ours[1] or name[2] < ours[2]:
        raise SchemaTooNew(revision)
    return True
