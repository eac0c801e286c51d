"""Log files. ``lotsen up`` begins a new one each day (``lotsen/runtime/log_file.py``), so that old lines can go.

Only whole files go: those that nobody has written to since the limit. The file that is written to now is young.
"""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from pathlib import Path
from typing import List, Tuple

PATTERNS = ("*.log", "*.log.*", "*.jsonl")

logger = logging.getLogger(__name__)


def old_logs(folder: Path, before: datetime) -> List[Tuple[Path, datetime]]:
    """Return the log files that were last written to before a time, and when; the oldest first."""
    found = []
    for path in {path for pattern in PATTERNS for path in folder.glob(pattern)}:
        try:
            if path.is_file() and not path.is_symlink():
                at = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
                if at < before:
                    found.append((path, at))
        except FileNotFoundError:  # Lotsen has renamed it at this moment.
            continue
    return sorted(found, key=lambda one: (one[1], one[0]))


def delete_logs(folder: Path, before: datetime) -> int:
    """Delete them; return how many there were. One that cannot be deleted is logged."""
    deleted = 0
    for path, _ in old_logs(folder, before):
        try:
            path.unlink()
            deleted += 1
        except OSError:
            logger.exception("The log file %s could not be deleted.", path.name)
    return deleted
