"""Lines that people wrote by hand, each writer in one voice, with what they mean (``voices/*.yml``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

from lotsen.content.located_yaml import read_yaml

FOLDER = Path(__file__).parent / "voices"


def lines(*keys: str) -> List[Dict[str, Any]]:
    """Return the lines under ``keys`` of all voices; what is not there is None."""
    written = [line for path in sorted(FOLDER.glob("*.yml")) for key in keys for line in read_yaml(path).data[key]]
    return [{name: None if value == "null" else value for name, value in line.items()} for line in written]
