"""``lotsen reload``: new words and a new model while users write; what cannot be taken over changes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Dict, Iterator, Tuple

import pytest

from tests.support.checkout import change_examples, change_text, copy_checkout, fitting_path
from tests.support.running import RunningLotsen, environment
from tests.support.steady import steady

USERS = 3
BEFORE, AFTER = "Vad gäller din fråga?", "Vilket område gäller frågan?"


def start(workers: int, folder: Path) -> RunningLotsen:
    """Run a Lotsen from a checkout of its own."""
    return RunningLotsen(environment(folder / "data", LOTSEN_WORKERS=str(workers)), copy_checkout(folder / "root"))


@pytest.fixture(scope="module")
def two(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLotsen]:
    """A Lotsen with two Rasa servers."""
    running = start(2, tmp_path_factory.mktemp("two"))
    yield running
    assert running.stop() == 0, "".join(running.output)


@pytest.fixture(scope="module")
def one(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLotsen]:
    """A Lotsen with one Rasa server, as most have."""
    running = start(1, tmp_path_factory.mktemp("one"))
    yield running
    assert running.stop() == 0, "".join(running.output)


def status(lotsen: RunningLotsen) -> Dict[str, Tuple[str, str]]:
    """Return the id and the version of each process, as the command shows them."""
    rows = [line.split("  ") for line in lotsen.command("reload", "--status").splitlines()]
    parts = [[part.strip() for part in row if part.strip()] for row in rows]
    assert all(row[2] == "redo" for row in parts), parts
    return {row[0]: (row[1], row[4] if len(row) > 4 else "") for row in parts}


def test_new_words_while_users_write(two: RunningLotsen) -> None:
    """Every message is answered exactly once, no request fails, and afterwards the new words are said."""
    before = status(two)
    with steady(two, USERS) as users:
        assert BEFORE in users[0].wait_for_answer()
        change_text(two.root, BEFORE, AFTER)
        two.command("reload")
        assert all(AFTER in user.wait_for_answer() for user in users)
    after = status(two)
    assert after.keys() == before.keys() == {"action server", "Rasa server 1", "Rasa server 2", "triage desk"}
    assert {name: version for name, (_, version) in after.items()} == {
        name: version for name, (_, version) in before.items()
    }
    assert not {pid for pid, _ in after.values()} & {pid for pid, _ in before.values()}


def test_new_model_while_users_write(one: RunningLotsen) -> None:
    """The same with one server; it says which model it has."""
    old = fitting_path(one.root)
    new = change_examples(one.root)
    shutil.copy(old, new)
    assert status(one)["Rasa server"][1] == old.name[: -len(".tar.gz")]
    with steady(one, USERS) as users:
        users[0].wait_for_answer()
        assert new.name in one.command("reload")
        users[0].wait_for_answer()
    assert status(one)["Rasa server"][1] == new.name[: -len(".tar.gz")]


def test_model_that_cannot_be_loaded(one: RunningLotsen) -> None:
    """The command says so and fails; the old processes go on, and the next reload can succeed."""
    old = fitting_path(one.root)
    change_examples(one.root).write_bytes(b"no model at all")
    before = status(one)
    with steady(one, 1):
        ended = one.try_command("reload")
    assert ended.returncode == 1
    assert "The old version goes on. The Rasa server ended at once" in ended.stderr
    assert "Traceback (most recent call last)" not in ended.stderr.splitlines()[0]
    assert status(one) == before
    shutil.copy(old, fitting_path(one.root))
    one.command("reload")


def test_broken_content(one: RunningLotsen) -> None:
    """It is named by file and line, and nothing is exchanged."""
    before = status(one)
    change_text(one.root, "Menade du det här?", "{okänt}")
    ended = one.try_command("reload")
    assert ended.returncode == 1
    assert "data/texts.yml:" in ended.stdout
    assert status(one) == before
    change_text(one.root, "{okänt}", "Menade du det här?")


def test_without_a_running_lotsen(one: RunningLotsen, tmp_path: Path) -> None:
    """There is nothing to exchange: a sentence, and nothing is trained."""
    elsewhere = {**one.env, "LOTSEN_DATA_DIR": str(tmp_path)}
    before, one.env = one.env, elsewhere
    try:
        ended = one.try_command("reload")
    finally:
        one.env = before
    assert ended.returncode == 1
    assert ended.stderr.startswith("lotsen: No Lotsen runs with the data folder")
