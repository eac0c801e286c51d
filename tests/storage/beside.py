"""What other processes do while a test looks: in a module of its own, which they import in no time."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from lotsen.storage import schema


def upgrade_into(url: str, done: Any) -> None:
    """Upgrade, and say whether there was anything to do."""
    done.put(schema.upgrade(url))


def upgrade_until_killed(url: str, statement: int) -> None:
    """Upgrade, and be killed before the statement with a number is run; 0: not at all."""
    count = 0

    def count_one(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", count_one)
    schema.upgrade(url)


def write_cases(folder: Path, letter: str, begun: Any, stop: Any) -> None:
    """Store one case after the other until told to stop."""
    from lotsen.cases.case import CaseDraft
    from lotsen.cases.store import CaseStore, NewCase
    from lotsen.storage.database import open_engine

    store, number = CaseStore(open_engine(f"sqlite:///{folder / 'lotsen.db'}")), 0
    while not stop.is_set():
        number += 1
        key = f"{letter}{number}"
        draft = CaseDraft(f"Sidan {key} är vit")
        store.create(NewCase(key, draft, f"web-{key}", "web", ("request_tracker",), f"Ärende {key}"))
        begun.set()
