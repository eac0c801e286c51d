"""The accepted advisories are held to uv.lock, and the bills of materials hold what is installed."""

from __future__ import annotations

import json
import runpy
import subprocess
from pathlib import Path
from typing import Any, Dict, Set

import pytest

from lotsen.settings import ROOT


@pytest.fixture(scope="module")
def audit() -> Dict[str, Any]:
    """The names in scripts/audit.py."""
    return runpy.run_path(str(ROOT / "scripts" / "audit.py"))


def read(name: str) -> str:
    """Return a file of the checkout."""
    return (ROOT / name).read_text(encoding="utf-8")


def test_accepted_findings_are_of_the_versions_pinned(audit: Dict[str, Any]) -> None:
    """Each row of docs/dependencies.md is about what uv.lock has, and tells truly whether the image has it."""
    rows = audit["accepted"](read("docs/dependencies.md"))
    assert len(rows) >= 10
    assert len({row.advisory for row in rows}) == len(rows)
    versions = audit["locked"](read("uv.lock"))
    assert audit["stale"](rows, versions, read("deploy/container/left-out.txt")) == []


def test_a_row_that_has_aged_is_told(audit: Dict[str, Any]) -> None:
    """Another version, a package that is gone, and a wrong word on the image are each said."""
    page = "".join(
        f"| {name} | {version} | CVE-2020-{number} | {there} | a reason |\n"
        for number, (name, version, there) in enumerate([("a", "1", "yes"), ("b", "1", "yes"), ("c", "1", "yes")])
    )
    told = audit["stale"](audit["accepted"](page), {"a": "2", "c": "1"}, "# packages\nc\n")
    assert told == [
        "CVE-2020-0: accepted for a 1, but uv.lock has 2. Read it anew.",
        "CVE-2020-1: accepted for b 1, but uv.lock has none. Read it anew.",
        "CVE-2020-2: whether c is in the image is written wrongly.",
    ]


def test_bills_of_materials(tmp_path: Path, audit: Dict[str, Any]) -> None:
    """Both lists have Rasa with its version; the container's has none of the packages left out of the image."""
    subprocess.run(
        ["sh", str(ROOT / "scripts" / "sbom.sh"), str(tmp_path)], check=True, capture_output=True, timeout=120
    )

    def listed(name: str) -> Dict[str, str]:
        told = json.loads((tmp_path / name).read_text(encoding="utf-8"))
        assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.5")
        return {one["name"]: one["version"] for one in told["components"]}

    whole, container = listed("sbom.cdx.json"), listed("sbom-container.cdx.json")
    left_out: Set[str] = {
        line for line in read("deploy/container/left-out.txt").splitlines() if not line.startswith("#")
    }
    assert whole["rasa"] == container["rasa"] == audit["locked"](read("uv.lock"))["rasa"]
    assert set(whole) - set(container) == left_out & set(whole)
    assert {"torch", "tensorflow"} <= left_out
