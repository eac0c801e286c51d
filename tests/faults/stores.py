"""PostgreSQL and Redis, restarted and away; a disk that is full."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path
from typing import Dict, Iterator

from tests.faults.fault import Fault, World
from tests.service_desks.stand_ins.webhook import WebhookStandIn

AWAY_SECONDS = 20.0
DISK_MIB = 64
BLOCK = 64 * 1024


class PostgresRestarted(Fault):
    """As after an update."""

    name, grown = "postgres-restart", True
    title, how = "PostgreSQL restarted", "`pg_ctl -m fast restart`"

    def make(self, world: World) -> None:
        """Restart it."""
        assert world.postgres is not None
        world.postgres.restart()


class PostgresDown(Fault):
    """As when its machine dies and another takes over."""

    name, grown, lasts = "postgres-down", True, AWAY_SECONDS
    title, how = "PostgreSQL down for 20 s", "`kill -9` of all its processes, started again after 20 s"

    def make(self, world: World) -> None:
        """Kill it."""
        assert world.postgres is not None
        world.postgres.crash()

    def mend(self, world: World) -> None:
        """Start it."""
        assert world.postgres is not None
        world.postgres.start()


class RedisRestarted(Fault):
    """It has forgotten every lock."""

    name, grown = "redis-restart", True
    title, how = "Redis restarted", "`kill -9`, started again at once, empty"

    def make(self, world: World) -> None:
        """Restart it."""
        assert world.redis is not None
        world.redis.stop()
        world.redis.start()


class RedisDown(Fault):
    """It is away for a while."""

    name, grown, lasts = "redis-down", True, AWAY_SECONDS
    title, how = "Redis down for 20 s", "`kill -9`, started again after 20 s, empty"

    def make(self, world: World) -> None:
        """Kill it."""
        assert world.redis is not None
        world.redis.stop()

    def mend(self, world: World) -> None:
        """Start it."""
        assert world.redis is not None
        world.redis.start()


class DiskFull(Fault):
    """The data folder is on a disk of its own, which somebody fills."""

    name, lasts = "disk-full", 8.0
    title, how = "Disk full", f"the data folder on a disk of {DISK_MIB} MiB (tmpfs), filled for 8 s"

    def environment(self, folder: Path, desk: WebhookStandIn) -> Dict[str, str]:
        """Let it start on so small a disk."""
        return {"LOTSEN_MIN_FREE_MB": "1"}

    def data(self, folder: Path) -> Path:
        """Return the folder on the small disk."""
        return folder / "disk" / "data"

    @contextlib.contextmanager
    def world(self, folder: Path) -> Iterator[World]:
        """Mount it."""
        disk = folder / "disk"
        disk.mkdir()
        with small_disk(disk), super().world(folder) as world:
            yield world

    def make(self, world: World) -> None:
        """Fill it to the last byte."""
        fill_up(world.folder / "disk")

    def mend(self, world: World) -> None:
        """Make room."""
        (world.folder / "disk" / "ballast").unlink()


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a small disk in memory on a folder.

    Raises:
        OSError: if that is not allowed here (it needs root).
    """
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise OSError(f"no disk could be mounted: {made.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill_up(folder: Path) -> None:
    """Write until nothing more can be written."""
    with (folder / "ballast").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            for size in (BLOCK, 1024, 1):
                with contextlib.suppress(OSError):
                    file.write(os.urandom(size))
                    break
            else:
                return


FAULTS = (PostgresRestarted, PostgresDown, RedisRestarted, RedisDown, DiskFull)
