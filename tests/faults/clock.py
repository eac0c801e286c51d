"""The clock jumps while Lotsen runs: two hours on, and two hours back. The machine's own clock stays as it is.

libfaketime gives the processes of Lotsen a clock that is read from a file. The monotonic clock goes on evenly, as when
an administrator or NTP sets a real one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Optional

from tests.faults.fault import Fault, World
from tests.service_desks.stand_ins.webhook import WebhookStandIn

INSTALL = "apt-get install libfaketime"
HOURS, LASTS = 2, 12.0
RIGHT = "+0"


def library() -> Optional[Path]:
    """Return where libfaketime is; None if it is not installed."""
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


class ClockOn(Fault):
    """Two hours on."""

    name, jump, lasts = "clock-on", f"+{HOURS}h", LASTS
    title, how = "Clock jumps 2 h on", "libfaketime, while it runs; right again after 12 s"

    def environment(self, folder: Path, desk: WebhookStandIn) -> Dict[str, str]:
        """Let processes read the clock from a file."""
        found = library()
        if found is None:
            raise OSError(f"libfaketime is not installed: {INSTALL}")
        self.set(folder, RIGHT)
        return {
            "LD_PRELOAD": str(found),
            "FAKETIME_TIMESTAMP_FILE": str(folder / "clock"),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
        }

    def make(self, world: World) -> None:
        """Set the clock."""
        self.set(world.folder, self.jump)

    def mend(self, world: World) -> None:
        """Set it right. A desk that checks when it was signed has taken nothing meanwhile."""
        self.set(world.folder, RIGHT)

    @staticmethod
    def set(folder: Path, to: str) -> None:
        """Write by how much the clock is off: `+2h`, `-2h`."""
        fresh = folder / "clock.new"
        fresh.write_text(f"{to}\n", encoding="ascii")
        fresh.rename(folder / "clock")


class ClockBack(ClockOn):
    """Two hours back."""

    name, jump = "clock-back", f"-{HOURS}h"
    title, how = "Clock jumps 2 h back", "libfaketime, while it runs; right again after 12 s"


FAULTS = (ClockOn, ClockBack)
