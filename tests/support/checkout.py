"""A checkout of a test's own, whose content it may change while a Lotsen runs from it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from lotsen.runtime.model import PREFIX, fingerprint, fitting
from lotsen.settings import ROOT

FOLDERS = ("actions", "data", "lotsen", "widget")
FILES = ("config.yml", "credentials.yml", "decision.yml", "domain.yml", "endpoints.yml")
TEXTS, FAQ = "data/texts.yml", "data/faq"


def copy_checkout(to: Path) -> Path:
    """Copy what a running Lotsen needs to ``to``, with the model that fits it; return ``to``."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for name in FILES:
        shutil.copy(ROOT / name, to / name)
    present = fitting(ROOT)
    assert present is not None, "the fixture `model` trains it"
    (to / "models").mkdir()
    shutil.copy(present, fitting_path(to))
    return to


def fitting_path(root: Path) -> Path:
    """Return where the model that fits the content would be."""
    return root / "models" / f"{PREFIX}{fingerprint(root)}.tar.gz"


def change_examples(root: Path) -> Path:
    """Change what the model is made from, but not its meaning; return where the model that fits it now belongs."""
    file = sorted((root / FAQ).glob("*.yml"))[0]
    with file.open("a", encoding="utf-8") as written:
        written.write(f"# {os.urandom(4).hex()}\n")
    return fitting_path(root)


def change_text(root: Path, before: str, after: str) -> None:
    """Change words of ``data/texts.yml``."""
    path = root / TEXTS
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
