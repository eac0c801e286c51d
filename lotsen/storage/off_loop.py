"""Asking the database without holding up the event loop, where that pays.

A query of SQLite is over sooner than a thread could be woken for it. PostgreSQL is on another machine as a rule: while
one conversation waits for its answer, a server can work on the others.
"""

from __future__ import annotations

import asyncio
import contextvars
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any, Callable, TypeVar

from sqlalchemy.engine import Engine

AT_ONCE = 8
"""Queries of one process that are waited for at the same time; its connections are enough for twice as many."""

Told = TypeVar("Told")


async def off_loop(engine: Engine, work: Callable[..., Told], *given: Any) -> Told:
    """Return what ``work(*given)`` does with ``engine``: in a thread with PostgreSQL, here and now with SQLite.

    Whoever is cancelled meanwhile does not stop it: what it writes is written. So nothing may depend on what comes
    after it, unless that is done however the caller ends.
    """
    if engine.dialect.name == "sqlite":
        return work(*given)
    context = contextvars.copy_context()  # The turn's id, for what is logged there.
    return await asyncio.get_event_loop().run_in_executor(_threads(), partial(context.run, work, *given))


@cache
def _threads() -> ThreadPoolExecutor:
    """Return the threads of this process, made when the first one is needed."""
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="database")
