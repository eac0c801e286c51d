"""Asks about known faults in the packages of uv.lock: ``make audit``.

``uv audit`` asks the OSV database; what docs/dependencies.md accepts, with its reason, is left out. A row there counts
for one version: when uv.lock has another, its reason must be read anew, and this fails.
Exit code 0: nothing new; 1: something is to be done; without a network the rows alone are held, and that is said.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, List, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
UNREACHABLE = ("error sending request", "dns error", "Failed to fetch", "timed out")
_ROW = re.compile(r"^\| ([\w.-]+) \| ([\w.]+) \| ((?:CVE|GHSA|PYSEC)-[\w-]+) \| (yes|no) \| (.+) \|$", re.MULTILINE)
_LOCKED = re.compile(r'^name = "([^"]+)"\nversion = "([^"]+)"', re.MULTILINE)


class Accepted(NamedTuple):
    """One row of the page."""

    package: str
    version: str
    advisory: str
    in_image: bool
    why: str


def accepted(page: str) -> List[Accepted]:
    """Return the rows of docs/dependencies.md."""
    return [Accepted(name, version, id, there == "yes", why) for name, version, id, there, why in _ROW.findall(page)]


def locked(lock: str) -> Dict[str, str]:
    """Return the version of each package in uv.lock."""
    return dict(_LOCKED.findall(lock))


def stale(rows: List[Accepted], versions: Dict[str, str], left_out: str) -> List[str]:
    """Return what is wrong with the rows: a version that is not the one pinned, or the image told wrongly."""
    outside = {line for line in left_out.splitlines() if line and not line.startswith("#")}
    found = []
    for row in rows:
        there = versions.get(row.package, "none")
        if there != row.version:
            found.append(
                f"{row.advisory}: accepted for {row.package} {row.version}, but uv.lock has {there}. Read it anew."
            )
        if row.in_image == (row.package in outside):
            found.append(f"{row.advisory}: whether {row.package} is in the image is written wrongly.")
    return found


def main() -> int:
    """Check the rows, then ask the database."""
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    left_out = (ROOT / "deploy" / "container" / "left-out.txt").read_text(encoding="utf-8")
    rows = accepted(page)
    wrong = stale(rows, locked((ROOT / "uv.lock").read_text(encoding="utf-8")), left_out)
    for line in wrong:
        print(f"docs/dependencies.md: {line}")
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    ignored = [word for row in rows for word in ("--ignore", row.advisory)]
    asked = subprocess.run([uv, "audit", "--locked", *ignored], cwd=ROOT, capture_output=True, text=True, check=False)
    if asked.returncode != 0 and any(part in asked.stderr for part in UNREACHABLE):
        print("NOT ASKED: the OSV database cannot be reached from here.")
        print(f"{len(rows)} accepted findings were held to uv.lock.")
        return int(bool(wrong))
    print(asked.stdout + asked.stderr)
    return int(bool(wrong) or asked.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
