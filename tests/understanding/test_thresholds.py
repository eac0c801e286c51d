"""The file ``decision.yml``: written by the fit, changed by people, and refused with the reason if it is wrong."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, Dict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.exceptions import InvalidConfigException
from ruamel.yaml import YAML

from lotsen.settings import ROOT
from lotsen.understanding.decision import Thresholds
from lotsen.understanding.thresholds import read_thresholds, thresholds_from, write_thresholds

LIMITS = Thresholds(
    temperature=0.9, refuse=0.5, answer=0.4, margin=0.1, suggest=0.1, option=0.04, both=0.3, max_options=3
)
NAMES = [field.name for field in fields(Thresholds)]
PROBABILITIES = ["refuse", "answer", "margin", "suggest", "option", "both"]


def changed(name: str, value: Any) -> Dict[str, Any]:
    """Return good values but for one."""
    return {**asdict(LIMITS), name: value}


def refused(values: Dict[str, Any]) -> str:
    """Return why the values are refused."""
    with pytest.raises(InvalidConfigException) as caught:
        thresholds_from(values, "decision.yml")
    return str(caught.value)


def test_plain_values_become_thresholds() -> None:
    """Each value goes to the threshold of its name."""
    assert thresholds_from(asdict(LIMITS), "decision.yml") == LIMITS


@pytest.mark.parametrize("name", PROBABILITIES)
@pytest.mark.parametrize("value", [0, 1, 0.0, 1.0])
def test_probabilities_may_be_none_or_all(name: str, value: float) -> None:
    """0 and 1 switch a rule on or off for good, and are written without a decimal point as well."""
    assert thresholds_from(changed(name, value), "decision.yml") == Thresholds(**changed(name, value))


@pytest.mark.parametrize("name", PROBABILITIES)
@pytest.mark.parametrize("value", [-0.1, 1.1, 40, float("nan")])
def test_thresholds_must_be_probabilities(name: str, value: float) -> None:
    """A threshold such as 40 (for percent) is refused with its name before anything is trained."""
    assert refused(changed(name, value)) == f"decision.yml: {name} is {value}; write a number from 0 to 1."


@pytest.mark.parametrize("name", ["temperature", "max_options"])
@pytest.mark.parametrize("value", [0, -1])
def test_other_numbers_must_be_over_nothing(name: str, value: float) -> None:
    """We divide by the temperature, and with no options there would be no question to ask."""
    assert refused(changed(name, value)) == f"decision.yml: {name} is {value}; write a number over 0."


def test_the_temperature_may_be_over_one() -> None:
    """It is no probability: over 1 it makes the classifier less sure."""
    assert thresholds_from(changed("temperature", 2.5), "decision.yml").temperature == 2.5


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [None, "0.4", "högt", True, [0.4]])
def test_thresholds_must_be_numbers(name: str, value: Any) -> None:
    """A text, even of digits, or a truth value is refused with what to write instead."""
    expected = f"decision.yml: {name} is {value!r}; write '{name}: {{value: <a number>}}'."
    assert refused(changed(name, value)) == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_threshold_must_be_there(name: str) -> None:
    """There are no defaults: each value is fitted, or it is missing."""
    values = asdict(LIMITS)
    del values[name]
    assert refused(values) == f"decision.yml: {name} is None; write '{name}: {{value: <a number>}}'."


def test_a_missing_file_is_explained(tmp_path: Path) -> None:
    """Who has deleted it is told how to get it back."""
    path = tmp_path / "decision.yml"
    with pytest.raises(InvalidConfigException) as caught:
        read_thresholds(path)
    assert str(caught.value) == f"{path} is missing. Write it with: make fit"


@pytest.mark.parametrize("text", ["", "# snart\n", "temperature:\n", "temperature: {reason: fitted}\n"])
def test_a_file_without_values_is_explained(text: str, tmp_path: Path) -> None:
    """The file and the first threshold that it lacks are named."""
    path = tmp_path / "decision.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidConfigException) as caught:
        read_thresholds(path)
    assert str(caught.value) == f"{path}: temperature is None; write 'temperature: {{value: <a number>}}'."


def test_a_value_that_a_person_changed_is_read(tmp_path: Path) -> None:
    """The file is made to be changed by hand: only ``value`` counts."""
    path = tmp_path / "decision.yml"
    write_thresholds(path, LIMITS, {}, "nothing")
    text = path.read_text(encoding="utf-8")
    assert "answer:\n  value: 0.4\n" in text
    path.write_text(text.replace("answer:\n  value: 0.4\n", "answer:\n  value: 0.75\n"), encoding="utf-8")
    assert read_thresholds(path) == replace(LIMITS, answer=0.75)


@given(
    limits=st.builds(
        Thresholds,
        temperature=st.floats(0, 100, exclude_min=True),
        max_options=st.integers(1, 9),
        **{name: st.floats(0, 1) for name in PROBABILITIES},
    )
)
def test_what_is_written_is_read(limits: Thresholds, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The fit's values come back to the last digit."""
    path = tmp_path_factory.mktemp("decision") / "decision.yml"
    write_thresholds(path, limits, {}, "6000 examples")
    assert read_thresholds(path) == limits


def test_each_value_has_its_reason(tmp_path: Path) -> None:
    """At the top stands what the values were fitted on, beside each why, also in words that YAML could misread."""
    path = tmp_path / "decision.yml"
    reasons = {name: f"Least cost: 0.3114 # på {name}; 0.35 costs more, and so on. " * 4 for name in NAMES}
    reasons = {name: reason.strip() for name, reason in reasons.items()}
    write_thresholds(path, LIMITS, reasons, "6914 cross-validated examples, 2026-11-24.")
    text = path.read_text(encoding="utf-8")
    assert text.splitlines()[:2] == [
        "# Written by `lotsen evaluate --fit`. What each threshold does: lotsen/understanding/decision.py",
        "# Fitted on 6914 cross-validated examples, 2026-11-24.",
    ]
    stored = YAML(typ="safe").load(text)
    assert list(stored) == NAMES
    assert {name: entry["reason"].strip() for name, entry in stored.items()} == reasons
    assert read_thresholds(path) == LIMITS


def test_the_committed_file_is_read() -> None:
    """The file in use is whole, and each of its values says why it is what it is."""
    limits = read_thresholds(ROOT / "decision.yml")
    assert isinstance(limits.max_options, int)
    stored = YAML(typ="safe").load((ROOT / "decision.yml").read_text(encoding="utf-8"))
    assert list(stored) == NAMES
    assert all(entry["reason"].strip() for entry in stored.values())
