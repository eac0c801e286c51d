"""docs/threats.md is held to the tests that it names. Also what it claims that has no other room to be tested in."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tarfile
from functools import cache
from pathlib import Path
from typing import FrozenSet, List

import numpy as np
import pytest

from lotsen.settings import ROOT

PAGE = ROOT / "docs" / "threats.md"
HEAD = "| threat | answer | test | what remains |"
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
PLAIN = {".json", ".jsonl", ".npz", ".safetensors", ".yml"}
"""The kinds of files in a model; none of them can hold code."""


def rows() -> List[List[str]]:
    """Return the rows of all tables of threats."""
    found: List[List[str]] = []
    within = False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        within = line == HEAD or (within and line.startswith("|"))
        if within and line != HEAD and not line.startswith("|---"):
            found.append([cell.strip() for cell in line.strip("|").split(" |")])
    return found


@cache
def functions_of(file: str) -> FrozenSet[str]:
    """Return the names of the tests of a file."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_each_threat_has_an_answer_and_a_test(row: List[str]) -> None:
    """Four cells; an answer; and tests that there are."""
    threat, answer, tests, _ = row
    assert threat
    assert answer
    named = _TEST.findall(tests)
    assert named
    assert not _TEST.sub("", tests).strip(), "something else than tests is named"
    missing = [
        f"{file}::{name}" for file, name in named if not (ROOT / file).exists() or name not in functions_of(file)
    ]
    assert not missing


def test_no_threat_is_forgotten() -> None:
    """The page names what the issue and the design ask for."""
    page = PAGE.read_text(encoding="utf-8")
    assert len(rows()) > 50
    for word in (
        *("CVE-2024-49375", "fixation", "CSRF", "XSS", "IDOR", "guessed", "Flooding", "SSRF", "replay", "Teams token"),
        *("audit log", "log injection", "backup", "action server abuse", "Redis", "PostgreSQL", "YAML", "pickled"),
        *("Old pins", "pattern", "disk fills", "insider", "clickjacking", "restore", "Stale", "language model"),
    ):
        assert word in page, word


def test_every_reader_comes_to_an_end() -> None:
    """Long texts that nearly fit, in everything that reads what strangers write; a bad pattern would take hours."""
    words = [sys.executable, "-W", "ignore", "-m", "tests.support.adversarial"]
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr[-2000:]


def test_a_model_holds_data_and_no_code(model: Path) -> None:
    """Every file is of a kind that is only data; arrays are read without unpickling, as the bot reads them."""
    with tarfile.open(model) as archive:
        files = [entry for entry in archive if entry.isfile()]
        assert {Path(entry.name).suffix for entry in files} <= PLAIN
        assert all(entry.isfile() or entry.isdir() for entry in archive)
        arrays = [entry for entry in files if entry.name.endswith(".npz")]
        assert arrays
        for entry in arrays:
            file = archive.extractfile(entry)
            assert file is not None
            with np.load(io.BytesIO(file.read()), allow_pickle=False) as stored:
                assert all(stored[name].dtype != object for name in stored.files)
