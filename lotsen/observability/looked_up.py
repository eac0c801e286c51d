"""What is known only to the database, Redis, the disk and ``lotsen up``: looked up when somebody asks, and only read.

One thread looks, and an answer is good for some seconds; so no number of scrapes or probes is a load, and a database
that hangs holds up nobody.
"""

from __future__ import annotations

import logging
import platform
import shutil
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass, field
from datetime import datetime, timezone
from importlib.metadata import version
from typing import Any, Callable, Dict, Generic, Iterator, List, Mapping, Optional, Tuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from lotsen.cases.listed import Lane
from lotsen.observability.definitions import LOOKED_UP
from lotsen.settings import Settings
from lotsen.storage.database import UtcDateTime, open_engine

IN_TIME_SECONDS = 1.0
"""A database or Redis that has not answered by then counts as away."""
GOOD_SECONDS = 5.0
"""How long the answer to a question for metrics is given again."""
UP_SECONDS = 1.0
"""How long the answer is given again whether somebody is there."""

Found = TypeVar("Found")
Rows = List[Tuple[Dict[str, str], float]]
"""Values of one metric, each with its labels."""

_letters = sa.table("outbox", sa.column("state"), sa.column("case_id"))
_cases = sa.table(
    "cases",
    *(sa.column("id"), sa.column("created", UtcDateTime), sa.column("due", UtcDateTime)),
    sa.column("lane"),
)
_turns = sa.table("chat_turns", sa.column("expires"))
_purges = sa.table("purges", sa.column("ended", UtcDateTime))
UNSENT = ("waiting", "sending")
LETTER_STATES = (*UNSENT, "delivered", "dead")

logger = logging.getLogger(__name__)


class Looking(Generic[Found]):
    """One question that is asked by a thread of its own, never twice at a time."""

    def __init__(self, look: Callable[[], Found], good: float) -> None:
        """``look`` finds the answer, which is given again for ``good`` seconds; if it fails there is none."""
        self._look, self._good, self._lock, self._failing = look, good, threading.Lock(), False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lotsen-looks")
        self._asked: Optional["Future[Found]"] = None
        self._at = 0.0

    def answer(self) -> Optional[Found]:
        """Return the answer, a few seconds old at most; None if there is none in time."""
        with self._lock:
            old = self._asked is None or (self._asked.done() and time.monotonic() - self._at > self._good)
            if old:
                self._asked, self._at = self._thread.submit(self._look), time.monotonic()
            asked = self._asked
        assert asked is not None, "it was asked just now"
        try:
            found = asked.result(IN_TIME_SECONDS)
        except TooLate:
            return None
        except Exception:
            if not self._failing:  # Once is enough: it is asked for again and again.
                logger.warning("What metrics and health are made of could not be looked up.", exc_info=True)
            self._failing = True
            return None
        self._failing = False
        return found

    def close(self) -> None:
        """Ask no more; a look that hangs is left alone."""
        self._thread.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True)
class InDatabase:
    """What the database says."""

    letters: Mapping[str, int] = field(default_factory=dict)
    oldest_waiting: float = 0.0
    turns: int = 0
    new_cases: int = 0
    overdue_cases: int = 0
    purged: float = 0.0
    """Seconds since 1970."""


class Machine:
    """All that is looked up for this machine."""

    def __init__(self, settings: Settings, processes: Callable[[], Mapping[str, bool]]) -> None:
        """``processes``: the name of each process that runs here, and whether it is ready now."""
        self._settings, self.processes = settings, processes
        self._engine: Optional[Engine] = None
        self._redis: Any = None
        self._database: Looking[InDatabase] = Looking(self._ask_database, GOOD_SECONDS)
        self._answers: Looking[bool] = Looking(self._ask_whether_there, UP_SECONDS)
        self._redis_answers: Optional[Looking[bool]] = None
        if settings.redis_url:
            self._redis_answers = Looking(self._ask_redis, UP_SECONDS)

    def database_up(self) -> bool:
        """Tell whether the database answers in time."""
        return bool(self._answers.answer())

    def redis_up(self) -> Optional[bool]:
        """Tell whether Redis answers in time; None if there is none."""
        return bool(self._redis_answers.answer()) if self._redis_answers is not None else None

    def values(self) -> Dict[str, Rows]:
        """Return the values of the metrics in ``LOOKED_UP``; what could not be looked up is left out."""
        found: Dict[str, Rows] = {
            "lotsen_build_info": [(_versions(), 1.0)],
            "lotsen_process_ready": [({"process": n}, float(ready)) for n, ready in self.processes().items()],
            "lotsen_database_up": [({}, float(self.database_up()))],
        }
        redis = self.redis_up()
        if redis is not None:
            found["lotsen_redis_up"] = [({}, float(redis))]
        known = self._database.answer()
        if known is not None:
            found["lotsen_outbox_letters"] = [({"state": s}, float(known.letters.get(s, 0))) for s in LETTER_STATES]
            found["lotsen_outbox_oldest_waiting_seconds"] = [({}, known.oldest_waiting)]
            if self._settings.purge_at is not None:
                found["lotsen_purge_last_timestamp_seconds"] = [({}, known.purged)]
            found["lotsen_turns_under_way"] = [({}, float(known.turns))]
            found["lotsen_desk_cases"] = [
                ({"state": "new"}, float(known.new_cases)),
                ({"state": "overdue"}, float(known.overdue_cases)),
            ]
        try:
            disk = shutil.disk_usage(self._settings.data_dir)
            found["lotsen_data_dir_free_bytes"] = [({}, float(disk.free))]
            found["lotsen_data_dir_size_bytes"] = [({}, float(disk.total))]
        except OSError:
            logger.warning("The data folder's disk could not be looked at.", exc_info=True)
        return found

    def close(self) -> None:
        """Let go of connections."""
        for looking in (self._database, self._answers, self._redis_answers):
            if looking is not None:
                looking.close()
        if self._engine is not None:
            self._engine.dispose()

    def _connect(self) -> Connection:
        if self._engine is None:
            self._engine = open_engine(self._settings.database_url)
        return self._engine.connect()

    def _ask_whether_there(self) -> bool:
        """Ask the database for nothing."""
        try:
            with self._connect() as connection:
                return bool(connection.execute(sa.text("SELECT 1")).scalar() == 1)
        except SQLAlchemyError:
            return False

    def _ask_redis(self) -> bool:
        """Ask Redis whether it is there."""
        import redis

        if self._redis is None:
            self._redis = redis.Redis.from_url(
                self._settings.redis_url, socket_timeout=IN_TIME_SECONDS, socket_connect_timeout=IN_TIME_SECONDS
            )
        try:
            return bool(self._redis.ping())
        except redis.RedisError:
            return False

    def _ask_database(self) -> InDatabase:
        """Count what waits."""
        now = datetime.now(timezone.utc)
        with self._connect() as connection:
            letters = connection.execute(sa.select(_letters.c.state, sa.func.count()).group_by(_letters.c.state)).all()
            unsent = _letters.join(_cases, _cases.c.id == _letters.c.case_id)
            oldest = connection.execute(
                sa.select(sa.func.min(_cases.c.created)).select_from(unsent).where(_letters.c.state.in_(UNSENT))
            ).scalar()
            purged = connection.execute(sa.select(sa.func.max(_purges.c.ended))).scalar()
            living = _turns.c.expires > now.timestamp()
            new = _cases.c.lane == Lane.NEW.value
            return InDatabase(
                dict(letters),
                max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0.0,
                _count(connection, _turns, living),
                _count(connection, _cases, new),
                _count(connection, _cases, new & (_cases.c.due < now)),
                purged.timestamp() if purged is not None else 0.0,
            )


class Collector:
    """Hands what is looked up to prometheus_client."""

    def __init__(self, machine: Machine) -> None:
        """Look at ``machine``."""
        self._machine = machine

    def describe(self) -> List[Any]:
        """Return nothing: what there is stands in ``LOOKED_UP``, and asking would look it up."""
        return []

    def collect(self) -> Iterator[Any]:
        """Yield the metrics."""
        from prometheus_client.core import GaugeMetricFamily

        values = self._machine.values()
        for metric in LOOKED_UP:
            family = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
            for labels, value in values.get(metric.name, ()):
                family.add_metric([labels[name] for name in metric.labels], value)
            if family.samples:
                yield family


def _count(connection: Connection, table: Any, wanted: Any) -> int:
    """Return how many rows there are."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(table).where(wanted)).scalar() or 0)


def _versions() -> Dict[str, str]:
    """Return what runs here."""
    return {"version": version("lotsen"), "rasa": version("rasa"), "python": platform.python_version()}
