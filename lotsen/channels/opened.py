"""A case number typed with its code: checked here, before anything is stored, so that no log ever holds a code.

Every channel hands what was typed to ``CaseDoor.open`` first. The action server is told which case was opened by a
payload, as if a button had been pressed: text that a user types can never name a case.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from typing import Optional, Sequence

from lotsen.cases.access import Guesses, code_of, number_and_code, without_code
from lotsen.cases.store import CaseStore

OPENED = "case_number"
"""The entity that names an opened case."""
UNKNOWN = "unknown"
INTENT = "case_status"


@dataclass(frozen=True)
class Opened:
    """What the log shows in place of the message, and what Rasa hears."""

    shown: str
    payload: str


class CaseDoor:
    """Opens a case to who knows its number and code."""

    def __init__(self, store: CaseStore, secrets: Sequence[str], guesses: Guesses) -> None:
        """Look for cases in ``store``; their codes were made with one of ``secrets``, the present one or one before."""
        self._store, self._secrets, self._guesses = store, secrets, guesses

    def open(self, conversation: str, text: str) -> Optional[Opened]:
        """Return what to do with a message that has number and code; None if it is any other.

        A wrong code, an unknown number and too many guesses look the same from outside.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if cases cannot be read.
        """
        given = number_and_code(text)
        if given is None:
            return None
        number, code = given
        found = UNKNOWN
        if self._guesses.allowed(conversation):
            case = self._store.get(number)
            right = [code_of(case.key if case is not None else "", secret) for secret in self._secrets]
            matches = [hmac.compare_digest(one.encode(), code.encode()) for one in right]
            if case is not None and any(matches):
                found = str(case.id)
            else:
                self._guesses.wrong(conversation)
        return Opened(without_code(text), f"/{INTENT}{json.dumps({OPENED: found})}")
