"""``scripts/setup.sh`` says in a sentence what stands in the way, and ends with exit code 1."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lotsen.settings import ROOT

COMMANDS = ("sh", "awk", "df", "dirname", "ls")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout on a machine with uv, and with no Python at all."""
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    if not Path(uv).exists():
        pytest.skip("uv is neither on the PATH nor in .tools; make setup brings it")
    programs = tmp_path / "bin"
    programs.mkdir()
    for command in COMMANDS:
        (programs / command).symlink_to(str(shutil.which(command)))
    (programs / "uv").symlink_to(uv)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    for name in ("pyproject.toml", "uv.lock", ".python-version"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def setup(checkout: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the set-up there, with no other programs and no downloads of Python."""
    home = checkout / "home"
    home.mkdir()
    env = {
        "PATH": str(checkout / "bin"),
        "HOME": str(home),
        "PYENV_ROOT": str(home / "pyenv"),
        "UV_PYTHON_DOWNLOADS": "never",
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        **settings,
    }
    command = [str(shutil.which("sh")), str(checkout / "scripts" / "setup.sh")]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_missing_python_is_explained(bare: Path) -> None:
    """Without Python 3.10, and without the means to fetch it, the ways to get it are named."""
    ended = setup(bare)
    assert ended.returncode == 1
    assert "Python 3.10 was not found" in ended.stderr
    assert "pyenv install 3.10" in ended.stderr


def test_missing_uv_and_python_are_explained(bare: Path) -> None:
    """Where there is no Python to fetch uv with, that is said."""
    (bare / "bin" / "uv").unlink()
    ended = setup(bare)
    assert ended.returncode == 1
    assert "there is no Python on this machine" in ended.stderr


def test_full_disk_is_said_before_anything_is_fetched(bare: Path) -> None:
    """Too little space is said at once."""
    ended = setup(bare, LOTSEN_SETUP_FREE_MB=str(10**9))
    assert ended.returncode == 1
    assert "the disk is too full" in ended.stderr
    assert not (bare / ".venv").exists()
