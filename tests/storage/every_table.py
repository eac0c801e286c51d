"""Every table that Lotsen's code knows, found by looking: the revisions are held to it."""

from __future__ import annotations

import importlib

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore

from lotsen.settings import ROOT


def every_table() -> sa.MetaData:
    """Return all tables: of every module in ``lotsen`` that describes one, and Rasa's own ``events``."""
    found = sa.MetaData()
    SQLTrackerStore.SQLEvent.__table__.to_metadata(found)
    for path in sorted((ROOT / "lotsen").rglob("*.py")):
        if "migrations" in path.parts or "sa.Table(" not in path.read_text(encoding="utf-8"):
            continue
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for table in vars(module).values():
            if isinstance(table, sa.Table) and table.name not in found.tables:
                table.to_metadata(found)
    return found
