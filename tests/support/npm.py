"""Packages of the npm registry that tests use: fetched by ``scripts/test-services.sh``, never part of Lotsen."""

from __future__ import annotations

from pathlib import Path

import pytest

from lotsen.settings import ROOT

PACKAGES = ROOT / "scripts" / "npm-packages.txt"


def npm_package(name: str) -> Path:
    """Return the folder of a package, by the last part of its name; skips the test if it is not there."""
    for line in PACKAGES.read_text(encoding="utf-8").splitlines():
        listed, _, rest = line.partition(" ")
        if not line.startswith("#") and listed.split("/")[-1] == name:
            folder = ROOT / ".tools" / "npm" / f"{name}-{rest.split()[0]}"
            if not folder.exists():
                pytest.skip(f"the npm package {listed} is missing: install npm, and run sh scripts/test-services.sh")
            return folder
    raise AssertionError(f"{PACKAGES} lists no package {name}")
