"""Refused sign-ins in the audit log. The log is for ever, and strangers must not be able to fill it."""

from __future__ import annotations

import logging
import threading
import time
from typing import Callable

from lotsen.audit.log import Actor, AuditLog

ACTION = "sign_in_refused"
PER_MINUTE = 30
"""So many are written in a minute by one process; then one more entry says that there are others."""

logger = logging.getLogger(__name__)


class Refusals:
    """Writes refusals to the audit log; those over the limit only to the process's own log."""

    def __init__(self, audit: AuditLog, clock: Callable[[], float] = time.monotonic) -> None:
        """Write to ``audit``."""
        self._audit, self._clock, self._lock = audit, clock, threading.Lock()
        self._minute, self._count = -1, 0

    def add(self, actor: Actor, detail: str) -> None:
        """Write one: who, as far as is known, and by which way and why."""
        with self._lock:
            minute = int(self._clock() // 60)
            self._count = self._count + 1 if minute == self._minute else 1
            self._minute, count = minute, self._count
        if count <= PER_MINUTE:
            self._audit.add(actor, ACTION, detail=detail)
        elif count == PER_MINUTE + 1:
            self._audit.add(actor, ACTION, detail="more_than_are_written")
        else:
            logger.warning("A sign-in was refused: %s", detail)
