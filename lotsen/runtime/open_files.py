"""How many files a server may have open, and so how many clients: each connection is one."""

from __future__ import annotations

import resource

KEPT_FILES = 200
"""Of the files that a process may have open, so many are no client's: databases, logs, calls to other servers."""
MAX_FILES = 65_536
_FEWEST = 64


def raise_file_limit() -> None:
    """Let the process have as many files open as it is allowed to, up to ``MAX_FILES``: each client is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def most_connections() -> int:
    """Return how many clients one process serves at once."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(_FEWEST, (MAX_FILES if soft == resource.RLIM_INFINITY else soft) - KEPT_FILES)
