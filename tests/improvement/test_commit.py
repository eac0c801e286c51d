"""Commits on a branch of their own, in real repositories that stay as they were."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path
from typing import List

import pytest

from lotsen.improvement import commit
from lotsen.improvement.adding import Addition, Change, Spot, changed
from lotsen.improvement.commit import Checkout, GitFailed
from tests.improvement.test_adding import FILE, PATH

DAY = date(2026, 11, 27)
WHO = ("-c", "user.name=T", "-c", "user.email=t@example.org")


def git(folder: Path, *arguments: str) -> str:
    """Run git."""
    done = subprocess.run(["git", "-C", str(folder), *WHO, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with one file, and work of somebody else's under way in it."""
    root = tmp_path / "lotsen"
    (root / PATH).parent.mkdir(parents=True)
    git(tmp_path, "init", "-q", "-b", "main", str(root))
    (root / PATH).write_text(FILE, encoding="utf-8")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "One")
    (root / PATH).write_text(FILE + "# pågår\n", encoding="utf-8")
    (root / "staged.txt").write_text("staged", encoding="utf-8")
    git(root, "add", "staged.txt")
    (root / "new.txt").write_text("new", encoding="utf-8")
    return root


def changes(checkout: Checkout, head: str) -> List[Change]:
    """Return an example added to the committed file."""
    return changed([Addition(Spot(PATH, "ask_alpha"), "ny alfa")], lambda path: checkout.read(path, head))


def made(root: Path, author: str = "Olga Nyman") -> commit.Made:
    """Commit an example."""
    checkout = Checkout(root)
    head = checkout.head()
    return checkout.commit(changes(checkout, head), head, author, "Add an example\n\nBody\n", DAY)


def test_the_branch_has_one_line_more(root: Path) -> None:
    """The commit is on a new branch, by who signed in, and differs from the present one in the new line only."""
    found = made(root)
    assert found.branch == "examples/2026-11-27-1"
    assert git(root, "log", "-1", "--format=%an|%ae|%cn|%s|%P", found.branch).strip() == (
        f"Olga Nyman||Lotsen|Add an example|{git(root, 'rev-parse', 'HEAD').strip()}"
    )
    assert git(root, "diff", "--numstat", "main", found.branch).split() == ["1", "0", PATH]
    assert "+    - ny alfa" in git(root, "diff", "main", found.branch)
    assert git(root, "fsck", "--strict") == ""


def test_the_checkout_stays_as_it_was(root: Path) -> None:
    """Neither the branch, the index nor a file of the checkout changes, not even work under way."""

    def state() -> List[object]:
        files = {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and ".git" not in path.parts}
        return [git(root, "status", "--porcelain"), git(root, "symbolic-ref", "HEAD"), files, index.read_bytes()]

    git(root, "status")
    index = root / ".git" / "index"
    before = state()
    made(root)
    assert state() == before


def test_each_commit_has_its_own_branch(root: Path) -> None:
    """A second one on the same day has the next number, and takes nothing from the first."""
    first, second = made(root), made(root)
    assert (first.branch, second.branch) == ("examples/2026-11-27-1", "examples/2026-11-27-2")
    assert git(root, "rev-parse", first.branch).strip() == first.commit


def test_lotsen_in_a_folder_of_a_larger_repository(tmp_path: Path) -> None:
    """Paths are from where Lotsen is, not from the top of the repository."""
    inner = tmp_path / "apps" / "lotsen"
    (inner / PATH).parent.mkdir(parents=True)
    (inner / PATH).write_text(FILE, encoding="utf-8")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "One")
    assert git(tmp_path, "diff", "--name-only", "main", made(inner).branch).strip() == f"apps/lotsen/{PATH}"


def test_names_and_hooks(root: Path) -> None:
    """A name with signs that git does not take, or none, is no obstacle, and no hook of the checkout runs."""
    hook = root / ".git" / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    branch = made(root, "Åsa <Ek>\nAuthor: x").branch
    assert "Åsa" in git(root, "log", "-1", "--format=%an", branch)
    assert git(root, "log", "-1", "--format=%an", made(root, " ").branch).strip() == "Lotsen"


def test_where_nothing_can_be_committed(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a repository, a commit or git there are only patches; a file that is not committed is no file."""
    assert Checkout(root).usable()
    (tmp_path / "plain").mkdir()
    assert not Checkout(tmp_path / "plain").usable()
    git(tmp_path, "init", "-q", str(tmp_path / "empty"))
    assert not Checkout(tmp_path / "empty").usable()
    with pytest.raises(GitFailed):
        Checkout(root).read("new.txt", Checkout(root).head())
    monkeypatch.setenv("PATH", "")
    assert not Checkout(root).usable()


def test_the_environment_leads_to_no_other_repository(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A GIT_DIR of the process is not followed."""
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert Checkout(root).usable()
