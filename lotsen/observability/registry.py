"""The metrics as objects of prometheus_client, made when first counted, and the files in which processes share them.

Several processes share one set: see ``lotsen/observability/serving.py``. Where ``PROMETHEUS_MULTIPROC_DIR`` is not
set, as in commands and tests, counts stay in memory and nobody sees them.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import threading
from pathlib import Path
from typing import Any, Optional

from lotsen.observability.definitions import COUNTED, COUNTER, GAUGE, HISTOGRAM

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that says where processes share their metrics."""
ROOM_BYTES = {HISTOGRAM: 1 << 18, COUNTER: 1 << 18, GAUGE: 1 << 14}
"""Space set aside for a process's file of a kind. A disk that is full must refuse it now: a file that is written
through memory and finds no room later ends its process (SIGBUS)."""

logger = logging.getLogger(__name__)
_making = threading.RLock()


def shared() -> bool:
    """Tell whether this process shares what it counts."""
    return FOLDER in os.environ


def value(sample: str, **labels: str) -> float:
    """Return what this process has counted of one sample so far, 0 if nothing."""
    return float(_registry().get_sample_value(sample, labels) or 0.0)


def share(folder: Optional[Path]) -> None:
    """Share this process's counts with others through files in ``folder`` from now on; None: keep them in memory.

    A child finds the variable set when it begins, and needs no call. What was counted before is forgotten.
    """
    _write_to(folder)
    _registry.cache_clear()
    _make.cache_clear()
    of.cache_clear()


@functools.lru_cache(maxsize=4096)
def of(name: str, *labels: str) -> Any:
    """Return one time series of a metric."""
    made = _made(name)
    return made.labels(*labels) if labels else made


@functools.lru_cache(maxsize=1)
def _registry() -> Any:
    """Return what holds this process's metrics; makes room for their files first."""
    if FOLDER in os.environ and not _room_made(Path(os.environ[FOLDER])):
        logger.warning("There is no room for metrics in %s; this process shares none.", os.environ[FOLDER])
        _write_to(None)
    from prometheus_client import CollectorRegistry

    return CollectorRegistry()


def _write_to(folder: Optional[Path]) -> None:
    """Let metrics that are made from now on be files in ``folder``, or memory."""
    if folder is None:
        os.environ.pop(FOLDER, None)
    else:
        os.environ[FOLDER] = str(folder)
    from prometheus_client import values

    # It is decided when the library is imported, perhaps long ago.
    values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]


def _made(name: str) -> Any:
    """Return a metric, made when it is first counted."""
    with _making:
        return _make(name)


@functools.cache
def _make(name: str) -> Any:
    """Make a metric."""
    registry = _registry()
    from prometheus_client import Counter, Gauge, Histogram

    metric = next(one for one in COUNTED if one.name == name)
    if metric.kind == COUNTER:
        return Counter(metric.name, metric.help, metric.labels, registry=registry)
    if metric.kind == HISTOGRAM:
        return Histogram(metric.name, metric.help, metric.labels, buckets=metric.buckets, registry=registry)
    return Gauge(metric.name, metric.help, metric.labels, multiprocess_mode=metric.mode, registry=registry)  # type: ignore[arg-type]


def _room_made(folder: Path) -> bool:
    """Set aside the space of this process's files; tell whether there is room."""
    prefixes = {f"{one.kind}_{one.mode}" if one.kind == GAUGE else one.kind for one in COUNTED}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for prefix in prefixes:
            with (folder / f"{prefix}_{os.getpid()}.db").open("ab") as file:
                if file.tell() == 0 and hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(file.fileno(), 0, ROOM_BYTES[prefix.split("_")[0]])
    except OSError:
        for prefix in prefixes:
            with contextlib.suppress(OSError):
                (folder / f"{prefix}_{os.getpid()}.db").unlink()
        return False
    return True
