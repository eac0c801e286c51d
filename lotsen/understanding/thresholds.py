"""The file ``decision.yml``: the thresholds of the decision, each with the reason for its value.

``lotsen evaluate --fit`` writes it; ``rasa train`` reads it. A person may change a value; the next fit overwrites it.
"""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path
from typing import Any, Dict, Mapping

from rasa.shared.exceptions import InvalidConfigException
from ruamel.yaml import YAML, YAMLError
from ruamel.yaml.scalarstring import FoldedScalarString

from lotsen.understanding.decision import Thresholds

_HEADER = "Written by `lotsen evaluate --fit`. What each threshold does: lotsen/understanding/decision.py\n"
_NOT_PROBABILITIES = ("temperature", "max_options")


def read_thresholds(path: Path) -> Thresholds:
    """Read the file.

    Raises:
        InvalidConfigException: naming the threshold that is missing or is not a probability.
    """
    if not path.exists():
        raise InvalidConfigException(f"{path} is missing. Write it with: make fit")
    try:
        stored = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
    except YAMLError as error:
        raise InvalidConfigException(f"{path} is not valid YAML: {error}") from error
    if not isinstance(stored, dict):
        raise InvalidConfigException(f"{path} is a list; write 'refuse: {{value: 0.5}}' and so on.")
    values = {name: entry.get("value") if isinstance(entry, dict) else entry for name, entry in stored.items()}
    return thresholds_from(values, str(path))


def thresholds_from(values: Mapping[str, Any], where: str) -> Thresholds:
    """Make the thresholds from plain values; ``where`` is named in what is raised.

    Raises:
        InvalidConfigException: naming the threshold that is missing or is not a probability.
    """
    names = [field.name for field in fields(Thresholds)]
    for name in names:
        value = values.get(name)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise InvalidConfigException(f"{where}: {name} is {value!r}; write '{name}: {{value: <a number>}}'.")
        if name not in _NOT_PROBABILITIES and not 0 <= value <= 1:
            raise InvalidConfigException(f"{where}: {name} is {value}; write a number from 0 to 1.")
        if name in _NOT_PROBABILITIES and not 0 < value < math.inf:
            raise InvalidConfigException(f"{where}: {name} is {value}; write a number over 0.")
        if name == "max_options" and (value != int(value) or value < 1):
            raise InvalidConfigException(f"{where}: {name} is {value}; write a whole number, 1 or more.")
    return Thresholds(**{**{name: values[name] for name in names}, "max_options": int(values["max_options"])})


def write_thresholds(path: Path, thresholds: Thresholds, reasons: Mapping[str, str], fitted_on: str) -> None:
    """Write the file: each value with its reason, and at the top what they were fitted on."""
    yaml = YAML()
    yaml.width = 110
    content: Dict[str, Any] = {
        field.name: {
            "value": getattr(thresholds, field.name),
            "reason": FoldedScalarString(reasons.get(field.name, "") + "\n"),
        }
        for field in fields(Thresholds)
    }
    with path.open("w", encoding="utf-8") as file:
        file.write(f"# {_HEADER}# Fitted on {fitted_on}\n")
        yaml.dump(content, file)
