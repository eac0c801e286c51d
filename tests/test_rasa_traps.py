"""docs/rasa-traps.md: each trap has an answer, and each test that it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import Dict, FrozenSet, List, Tuple

import pytest

from lotsen.content.located_yaml import read_yaml
from lotsen.settings import ROOT

PAGE = ROOT / "docs" / "rasa-traps.md"
TRAPS = (8, 9, 10, *range(12, 25))
_ROW = re.compile(r"^\| (?P<number>\d+) \| (?P<trap>[^|]+) \| (?P<answer>[^|]+) \| (?P<tests>[^|]+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)`: `(test_\w+)`")


def rows() -> Dict[int, List[Tuple[str, str]]]:
    """Return the tests of each trap, as files and names."""
    page = PAGE.read_text(encoding="utf-8")
    return {int(row["number"]): _TEST.findall(row["tests"]) for row in _ROW.finditer(page)}


@cache
def named_in(file: str) -> FrozenSet[str]:
    """Return the names of the tests in a file; none if it is not there."""
    path = ROOT / file
    found = ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if path.exists() else ()
    return frozenset(one.name for one in found if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)))


def test_every_trap_has_an_answer() -> None:
    """In order, each with tests."""
    assert tuple(rows()) == TRAPS
    assert all(rows().values())


@pytest.mark.parametrize("number", TRAPS)
def test_its_tests_are_there(number: int) -> None:
    """Each is in the file that the page names."""
    assert [(file, name) for file, name in rows()[number] if name not in named_in(file)] == []


def test_the_two_stage_fallback_is_not_used() -> None:
    """No component decides for it, and no rule or response is left for it (trap 24)."""
    config = read_yaml(ROOT / "config.yml").data
    assert "FallbackClassifier" not in [part["name"] for part in config["pipeline"]]
    files = [ROOT / "domain.yml", *(ROOT / "data").rglob("*.yml")]
    named = [path.name for path in files if "two_stage_fallback" in path.read_text(encoding="utf-8")]
    asked = [path.name for path in files if "utter_ask_rephrase" in path.read_text(encoding="utf-8")]
    assert (named, asked) == ([], [])
