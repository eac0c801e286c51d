"""A commit on a branch of its own, made from parts: the running checkout's files, index and branch stay as they are."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Dict, Iterable, Mapping, Optional

from lotsen.improvement.adding import Change

TIMEOUT = 20.0
"""Seconds for one command; all of them work on a few files."""
TRIES = 50
"""So many branches may be made on one day."""
COMMITTER = "Lotsen"
_NOTHING = "0" * 40
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")
"""What git gets of our environment; a GIT_DIR or the like would lead it to another repository."""


class GitFailed(Exception):
    """git refused, or took too long; the message is its own, in English, for the log."""


@dataclass(frozen=True)
class Made:
    """A commit that was made."""

    branch: str
    commit: str


class Checkout:
    """The git repository that ``root`` is in, if it is in one."""

    def __init__(self, root: Path) -> None:
        """Use the checkout at ``root``; nothing is run yet."""
        self._root = root

    def usable(self) -> bool:
        """Tell whether there is a repository with a commit, and a git that reads it."""
        if shutil.which("git") is None:
            return False
        try:
            return self._git("rev-parse", "--is-inside-work-tree").strip() == b"true" and bool(self.head())
        except GitFailed:
            return False

    def head(self) -> str:
        """Return the commit that the checkout is at.

        Raises:
            GitFailed: if there is none.
        """
        return self._git("rev-parse", "--verify", "HEAD^{commit}").decode().strip()

    def read(self, path: str, commit: str) -> bytes:
        """Return a file as it is in a commit; ``path`` is from the root given.

        Raises:
            GitFailed: if it is not there.
        """
        return self._git("cat-file", "blob", f"{commit}:./{path}")

    def commit(self, changes: Iterable[Change], commit: str, author: str, message: str, day: date) -> Made:
        """Commit changes to files of ``commit`` on a new branch ``examples/<day>-<n>``.

        Raises:
            GitFailed: if git refuses; the branch is not there then.
        """
        who = {
            "GIT_AUTHOR_NAME": author.strip() or COMMITTER,
            "GIT_AUTHOR_EMAIL": "",
            "GIT_COMMITTER_NAME": COMMITTER,
            "GIT_COMMITTER_EMAIL": "",
        }
        with tempfile.TemporaryDirectory(prefix="lotsen-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git("read-tree", commit, more=index)
            for change in changes:
                blob = self._git("hash-object", "-w", "--no-filters", "--stdin", said=change.after).decode().strip()
                mode, path = self._entry(change.path, commit)
                self._git("update-index", "--cacheinfo", f"{mode},{blob},{path}", more=index)
            tree = self._git("write-tree", more=index).decode().strip()
        made = self._git("commit-tree", tree, "-p", commit, said=message.encode(), more=who).decode().strip()
        return Made(self._branch(made, day), made)

    def _entry(self, path: str, commit: str) -> tuple[str, str]:
        """Return a file's mode, and its path from the top of the repository."""
        listed = self._git("ls-tree", "-z", "--full-name", commit, "--", path).split(b"\0")[0].decode()
        if not listed:
            raise GitFailed(f"{path} is not in {commit}")
        about, name = listed.split("\t", 1)
        return about.split()[0], name

    def _branch(self, made: str, day: date) -> str:
        """Name the commit; a name that is taken is not taken away from anybody."""
        for number in range(1, TRIES + 1):
            branch = f"examples/{day.isoformat()}-{number}"
            if self._git("for-each-ref", f"refs/heads/{branch}"):
                continue
            try:
                self._git("update-ref", "-m", "examples from the triage desk", f"refs/heads/{branch}", made, _NOTHING)
            except GitFailed:
                if number == TRIES or not self._git("for-each-ref", f"refs/heads/{branch}"):
                    raise
                continue
            return branch
        raise GitFailed(f"{TRIES} branches of examples were made today")

    def _git(self, *arguments: str, said: bytes = b"", more: Optional[Mapping[str, str]] = None) -> bytes:
        """Run git without its hooks and filters, and return what it says."""
        environment: Dict[str, str] = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        environment.update(GIT_TERMINAL_PROMPT="0", GIT_OPTIONAL_LOCKS="0", **(more or {}))
        command = ["git", "-c", f"core.hooksPath={os.devnull}", "-C", str(self._root), *arguments]
        try:
            done = subprocess.run(
                command, input=said, env=environment, capture_output=True, timeout=TIMEOUT, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise GitFailed(f"git {arguments[0]}: {error}") from error
        if done.returncode != 0:
            raise GitFailed(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout
