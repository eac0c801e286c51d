"""Which model belongs to the data: what changes the fingerprint, and which file is found."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from lotsen.runtime.model import PREFIX, fingerprint, fitting, newest, rasa_environment

FILES = (
    "config.yml",
    "decision.yml",
    "domain.yml",
    "data/faq/login.yml",
    "data/conversation/small_talk.yml",
    "data/entities.yml",
    "data/guides/login_error.yml",
    "data/texts.yml",
    "data/clarify.yml",
    "lotsen/understanding/text.py",
    "lotsen/dialogue/rules.py",
    "lotsen/content/words.py",
    "lotsen/guides/walker.py",
    "actions/guide.py",
    "README.md",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small checkout."""
    root = tmp_path / "checkout"
    for name in FILES:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    (root / "models").mkdir()
    return root


def add_model(root: Path, name: str, seconds: int) -> Path:
    """Put a model file into the checkout, made at this time."""
    path = root / "models" / f"{name}.tar.gz"
    path.write_bytes(b"")
    os.utime(path, (seconds, seconds))
    return path


@pytest.mark.parametrize(
    "name",
    [
        "config.yml",
        "decision.yml",
        "domain.yml",
        "data/faq/login.yml",
        "data/conversation/small_talk.yml",
        "data/entities.yml",
        "lotsen/understanding/text.py",
        "lotsen/dialogue/rules.py",
        "lotsen/content/words.py",
    ],
)
def test_what_a_model_is_made_from_changes_the_fingerprint(name: str, root: Path) -> None:
    """A changed input needs a new model."""
    before = fingerprint(root)
    (root / name).write_text("changed", encoding="utf-8")
    assert fingerprint(root) != before


@pytest.mark.parametrize(
    "name",
    [
        "data/guides/login_error.yml",
        "data/texts.yml",
        "data/clarify.yml",
        "lotsen/guides/walker.py",
        "actions/guide.py",
        "README.md",
    ],
)
def test_what_a_model_is_not_made_from_keeps_the_fingerprint(name: str, root: Path) -> None:
    """Guides, texts and code outside the understanding are no reason to train."""
    before = fingerprint(root)
    (root / name).write_text("changed", encoding="utf-8")
    assert fingerprint(root) == before


def test_new_removed_and_renamed_files_change_the_fingerprint(root: Path) -> None:
    """Not only what stands in the files counts, but which there are."""
    seen = {fingerprint(root)}
    (root / "data" / "faq" / "new.yml").write_text("data/faq/login.yml", encoding="utf-8")
    seen.add(fingerprint(root))
    (root / "data" / "faq" / "login.yml").unlink()
    seen.add(fingerprint(root))
    (root / "data" / "faq" / "new.yml").unlink()
    seen.add(fingerprint(root))
    assert len(seen) == 4


@pytest.mark.parametrize("name", ["data/faq/login.yml~", "lotsen/understanding/__pycache__/text.cpython-310.pyc"])
def test_files_left_by_tools_keep_the_fingerprint(name: str, root: Path) -> None:
    """An editor's or Python's own files are no reason to train."""
    before = fingerprint(root)
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("x", encoding="utf-8")
    assert fingerprint(root) == before


def test_a_copy_of_the_checkout_has_the_same_fingerprint(root: Path, tmp_path: Path) -> None:
    """Neither the folder's name nor the files' times count, so a model can be built elsewhere."""
    copy = tmp_path / "elsewhere" / "copy"
    shutil.copytree(root, copy, copy_function=shutil.copyfile)
    assert fingerprint(copy) == fingerprint(root)


def test_a_model_of_the_present_data_fits(root: Path) -> None:
    """The model named after the fingerprint is found until the data change."""
    assert fitting(root) is None
    path = add_model(root, PREFIX + fingerprint(root), 1)
    assert fitting(root) == path
    (root / "domain.yml").write_text("changed", encoding="utf-8")
    assert fitting(root) is None


def test_the_newest_model_is_the_one_trained_last(root: Path) -> None:
    """Time decides, not the name, and a plain ``rasa train`` counts as well."""
    add_model(root, "lotsen-zzz", 100)
    latest = add_model(root, "20260101-120000-plain", 300)
    add_model(root, "lotsen-aaa", 200)
    (root / "models" / "notes.txt").write_text("newer, but no model", encoding="utf-8")
    assert newest(root) == latest


@pytest.mark.parametrize("folder", ["", "models"], ids=["no models folder", "an empty one"])
def test_without_models_there_is_no_newest(folder: str, tmp_path: Path) -> None:
    """Before the first training there is none."""
    (tmp_path / folder).mkdir(exist_ok=True)
    assert newest(tmp_path) is None


def test_rasa_sends_nothing_home() -> None:
    """Telemetry is off in every Rasa process."""
    assert rasa_environment()["RASA_TELEMETRY_ENABLED"] == "false"
