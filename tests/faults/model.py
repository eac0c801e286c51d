"""A model file that is cut short: at the start, and when a new one is taken over while users are at work."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Iterator

from lotsen.runtime.model import fingerprint, fitting
from lotsen.settings import ROOT
from tests.bench.load_servers import OwnLotsen
from tests.faults.fault import Fault, Seen, World
from tests.service_desks.stand_ins.webhook import WebhookStandIn
from tests.support.running import environment

PARTS = ("lotsen", "actions", "data", "widget", "tests/content", "docs/faq-source.txt")
FILES = ("config.yml", "decision.yml", "domain.yml", "endpoints.yml", "credentials.yml", "pyproject.toml")
WORD = "# Another content, for a test: it needs another model.\n"
START_SECONDS = 180


class CorruptAtStart(Fault):
    """The model that fits is half a file."""

    name = "model-at-start"
    title, how = "Corrupt model at the start", "the fitting model's file cut to a half"

    def happen(self, folder: Path, say: Callable[[str], None]) -> Seen:
        """Start in vain, then with a whole model; there are no users yet."""
        seen = Seen(self)
        root = checkout(folder)
        model = fitting(root)
        assert model is not None
        whole = model.read_bytes()
        cut(model)
        env = environment(folder / "data", LOTSEN_START_SECONDS="60")
        began = time.monotonic()
        command = [sys.executable, "-m", "lotsen.cli", "up"]
        ended = subprocess.run(
            command, cwd=root, env=env, capture_output=True, text=True, timeout=START_SECONDS, check=False
        )
        took = time.monotonic() - began
        told = (ended.stderr.strip().splitlines() or ["nothing"])[0]
        seen.says = (
            f"no users yet; `lotsen up` ends with exit code {ended.returncode} after {took:.0f} s: ”{told[:160]}”"
        )
        if ended.returncode != 1 or "Traceback" in ended.stderr.partition("The end of")[0]:
            seen.lost.append(f"exit code {ended.returncode}, and no clear sentence: {ended.stderr[-500:]}")
        model.write_bytes(whole)
        again = time.monotonic()
        running = OwnLotsen(env, root)
        seen.back = time.monotonic() - again
        try:
            assert running.chat().greeting, "it greets"
        finally:
            running.stop()
        seen.kept = "it starts with the whole file"
        return seen


class CorruptAtReload(Fault):
    """The model for new content is half a file, and `lotsen reload` is to take it over."""

    name = "model-at-reload"
    title, how = "Corrupt model at `lotsen reload`", "new content, and half a file as its model"

    @contextlib.contextmanager
    def world(self, folder: Path) -> Iterator[World]:
        """Run from a checkout of its own, as its content will change."""
        root = checkout(folder)
        desk = WebhookStandIn()
        desk.start()
        desks = {**desk.environment(), "LOTSEN_DESKS": "webhook", "LOTSEN_DESK_HOSTS": "127.0.0.1"}
        try:
            running = OwnLotsen(environment(folder / "data", **desks), root)
            try:
                yield World(folder, running, desk, f"sqlite:///{folder / 'data' / 'lotsen.db'}")
            finally:
                running.stop()
        finally:
            desk.stop()

    def make(self, world: World) -> None:
        """Change the content, lay a broken model beside it, and reload; that must be refused."""
        root = world.folder / "checkout"
        model = fitting(root)
        assert model is not None
        page = root / "data" / "faq" / "other.yml"
        page.write_text(WORD + page.read_text(encoding="utf-8"), encoding="utf-8")
        broken = model.with_name(f"lotsen-{fingerprint(root)}.tar.gz")
        shutil.copy(model, broken)
        cut(broken)
        command = [sys.executable, "-m", "lotsen.cli", "reload"]
        ended = subprocess.run(
            command, cwd=root, env=world.running.env, capture_output=True, text=True, timeout=START_SECONDS, check=False
        )
        assert ended.returncode == 1, f"reload ended with {ended.returncode}: {ended.stdout}{ended.stderr}"
        assert "Traceback" not in ended.stderr, ended.stderr


def checkout(folder: Path) -> Path:
    """Return a copy of what Lotsen runs from, with the fitting model and no other."""
    root = folder / "checkout"
    for part in PARTS:
        source, target = ROOT / part, root / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    for name in FILES:
        shutil.copy(ROOT / name, root / name)
    (root / "models").mkdir()
    model = fitting(ROOT)
    assert model is not None, "no model fits the content: make train"
    shutil.copy(model, root / "models" / model.name)
    return root


def cut(path: Path) -> None:
    """Leave the first half of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


FAULTS = (CorruptAtStart, CorruptAtReload)
