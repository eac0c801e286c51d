"""Users who go on chatting while something is done to Lotsen; each message must be answered, and only once."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import Iterator, List, Optional

from tests.support.running import RunningLotsen

MENU = "visa menyn"
"""What they write; its answer comes from the action server, and its words from ``data/texts.yml``."""
WAIT = "längre tid än vanligt"
"""What they are told when an answer takes long, as on a busy machine."""


class Steady(threading.Thread):
    """One of them."""

    def __init__(self, lotsen: RunningLotsen) -> None:
        """Begin a conversation."""
        super().__init__(daemon=True)
        self._chat, self._over = lotsen.chat(), threading.Event()
        self.answers: List[str] = []
        self.problem: Optional[BaseException] = None

    def run(self) -> None:
        """Ask again and again until told to stop. A request that fails ends it."""
        try:
            while not self._over.is_set():
                said = [one for one in self._chat.say(MENU) if WAIT not in one.text]
                assert len(said) == 1, f"not one answer: {said}"
                self.answers.append(said[0].text)
        except BaseException as problem:
            self.problem = problem

    def wait_for_answer(self) -> str:
        """Return the answer to a question that is asked from now on.

        Raises:
            AssertionError: if the user had to give up: a request failed, or a message was not answered exactly once.
        """
        known = len(self.answers)
        while len(self.answers) < known + 2:  # The next may be to a question asked before.
            self._check()
            self._over.wait(0.02)
        return self.answers[-1]

    def end(self) -> None:
        """Stop, and check what was heard.

        Raises:
            AssertionError: if a request failed, or a message was not answered exactly once.
        """
        self._over.set()
        self.join()
        self._check()
        messages = self._chat.history()
        asked = [message for message in messages if message["author"] == "user"]
        answered = [message for message in messages if message["text"] in set(self.answers)]
        assert len(asked) == len(answered) == len(self.answers) > 0

    def _check(self) -> None:
        """Tell what ended the user's chat, if something did."""
        if self.problem is not None:
            raise AssertionError(f"after {len(self.answers)} answers: {self.problem!r}") from self.problem


@contextmanager
def steady(lotsen: RunningLotsen, count: int) -> Iterator[List[Steady]]:
    """Let ``count`` users chat meanwhile."""
    users = [Steady(lotsen) for _ in range(count)]
    for user in users:
        user.start()
    yield users
    for user in users:
        user.end()
