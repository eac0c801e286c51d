"""Runs the daily purge beside the servers, when it is due. One that fails is told; nothing else stops for it."""

from __future__ import annotations

import logging
import time
from typing import Callable, Optional

from sqlalchemy.engine import Engine

from lotsen.clock import utc_now
from lotsen.retention.schedule import due
from lotsen.runtime.processes import Process
from lotsen.settings import Settings

ASK_SECONDS = 60.0

logger = logging.getLogger(__name__)


class Purging:
    """Looks once a minute whether the purge is due, and runs it."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        describe: Callable[[], Process],
        run: Callable[[Process], None],
        say: Callable[[str], None],
    ) -> None:
        """``describe`` returns a purge to ``run``; ``say`` hears when one fails."""
        self._settings, self._engine, self._describe, self._run, self._say = settings, engine, describe, run, say
        self._asked: Optional[float] = None
        self._purge: Optional[Process] = None

    def look(self) -> None:
        """Tell how a purge ended, and begin one if it is due."""
        if self._purge is not None:
            if self._purge.running:
                return
            if self._purge.exit_code != 0:
                self._say(
                    f"Gallringen misslyckades (slutkod {self._purge.exit_code}). Den görs om när den är inne nästa "
                    f"gång; loggen: {self._purge.log}"
                )
            self._purge = None
        now = time.monotonic()
        if self._asked is not None and now - self._asked < ASK_SECONDS:
            return
        self._asked = now
        if self._is_due():
            self._purge = self._describe()
            self._run(self._purge)

    def _is_due(self) -> bool:
        """Ask whether it is due; a database that cannot be asked is no reason to stop."""
        try:
            return due(self._settings, self._engine, utc_now())
        except Exception:
            logger.exception("It could not be found out whether the purge is due.")
            return False
