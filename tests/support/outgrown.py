"""A Lotsen that has outgrown one process: on PostgreSQL and Redis, with two Rasa servers. Settings only.

With ``LOTSEN_TEST_STORAGE=outgrown`` every Lotsen that tests start is one (``tests/support/running.py``), so that the
same end-to-end tests run on both.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Dict, Tuple

from tests.support.postgres import Postgres
from tests.support.redis import Redis

WORKERS = 2
EMBEDDED, OUTGROWN = "embedded", "outgrown"


def settings(postgres: Postgres, redis: Redis) -> Dict[str, str]:
    """Return what is set for it: a database of its own, Redis, and two workers."""
    return {
        "LOTSEN_DATABASE_URL": postgres.new_database(),
        "LOTSEN_REDIS_URL": redis.url,
        "LOTSEN_WORKERS": str(WORKERS),
    }


def wanted() -> bool:
    """Tell whether all tests are to run so.

    Raises:
        ValueError: if ``LOTSEN_TEST_STORAGE`` is neither.
    """
    asked = os.environ.get("LOTSEN_TEST_STORAGE") or EMBEDDED
    if asked not in (EMBEDDED, OUTGROWN):
        raise ValueError(f"LOTSEN_TEST_STORAGE={asked}: write {EMBEDDED} or {OUTGROWN}.")
    return asked == OUTGROWN


@cache
def shared(data_dir: Path) -> Dict[str, str]:
    """Return what is set for the Lotsen of a data folder, on servers that run until the tests end.

    The same folder has the same database: that Lotsen is started again.
    """
    return settings(*servers())


@cache
def servers() -> Tuple[Postgres, Redis]:
    """Start PostgreSQL and Redis for all tests of this process."""
    postgres_folder, redis_folder = (Path(tempfile.mkdtemp(prefix=f"lotsen-{name}-")) for name in ("postgres", "redis"))
    postgres, redis = Postgres(postgres_folder), Redis(redis_folder)

    def stop() -> None:
        postgres.stop()
        redis.stop()
        for folder in (postgres_folder, redis_folder):
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return postgres, redis
