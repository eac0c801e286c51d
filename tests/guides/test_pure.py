"""The engine's core needs neither Rasa nor a database: a guide can be walked where neither is installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from lotsen.settings import ROOT

PROGRAM = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
UNWANTED = {"rasa", "rasa_sdk", "tensorflow", "spacy", "sqlalchemy", "sanic", "torch"}


def test_the_engine_imports_no_rasa() -> None:
    """Every module of ``lotsen/guides``, imported in a fresh interpreter, brings none of them along."""
    folder = ROOT / "lotsen" / "guides"
    modules = [f"lotsen.guides.{path.stem}" for path in sorted(Path(folder).glob("*.py")) if path.stem != "__init__"]
    assert "lotsen.guides.walker" in modules
    command = [sys.executable, "-c", PROGRAM, *modules]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert UNWANTED & set(json.loads(loaded)) == set()
