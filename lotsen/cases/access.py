"""The code that a case number is given with: both together show how a case stands, from any conversation.

A code is made from the case's key with the server's secret, so nothing is stored, the same case has the same code when
it is told again, and a copy of the database opens nothing. Guessing is limited for each conversation and for all.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from typing import Callable, List, Optional, Tuple

from sqlalchemy.engine import Engine

from lotsen.channels.resume import ALPHABET, DASHES, HALF
from lotsen.storage.database import open_engine
from lotsen.storage.limits import DAY, MINUTE, Counted, Limit, Limits

WRONG_PER_CONVERSATION = 5
"""In a day."""
WRONG_PER_MINUTE = 30
"""So many wrong guesses from everybody in a minute, and none is looked at for the rest of it: 30 to the power of eight
codes for each case cannot be tried at that pace."""
_OF_ALL, _OF_ONE = Limit("case-codes", WRONG_PER_MINUTE, MINUTE), Limit("case-code", WRONG_PER_CONVERSATION, DAY)

NUMBER = re.compile(rf"\bLOT[\s{DASHES}]{{0,3}}(\d{{1,9}})\b", re.IGNORECASE)
_CODE = re.compile(
    rf"(?:(?<![\w{DASHES}])|(?<=[\s\d][{DASHES}]))([{ALPHABET}]{{{HALF}}})\s?[{DASHES}]\s?([{ALPHABET}]{{{HALF}}})(?![\w{DASHES}])",
    re.IGNORECASE,
)
_GROUP = rf"([{ALPHABET}]{{{HALF}}})"
_MIXED = r"(?=(?:\w{4}\s)?(?:[A-Z]{1,3}\d|\d{1,3}[A-Z]))"
_SPACED = re.compile(rf"(?<![\w{DASHES}]){_MIXED}{_GROUP}\s{_GROUP}(?![\w{DASHES}])", re.IGNORECASE)
"""Without its hyphen a code must have letters and digits in one group: "sent nere" and "ankn 4472" are no codes."""


def code_of(key: str, secret: str) -> str:
    """Return the code of the case with ``key``: two groups of four, easy to read out.

    >>> len(code_of("a" * 32, "secret"))
    9
    """
    number = int.from_bytes(hmac.new(secret.encode(), f"case:{key}".encode(), hashlib.sha256).digest(), "big")
    letters = []
    for _ in range(2 * HALF):
        number, index = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[index])
    return f"{''.join(letters[:HALF])}-{''.join(letters[HALF:])}"


def number_in(text: str) -> Optional[int]:
    """Return the case number in a text, without its letters.

    >>> number_in("hur går det med lot-000042?")
    42
    """
    match = NUMBER.search(text)
    return int(match[1]) if match is not None else None


def number_and_code(text: str) -> Optional[Tuple[int, str]]:
    """Return case number and code if a text has both, so that the code can be kept out of what is stored.

    >>> number_and_code("LOT-000042, kod k7qm-2xpd")
    (42, 'K7QM-2XPD')
    """
    number = number_in(text)
    rest = NUMBER.sub(" ", text)
    match = _CODE.search(rest) or _SPACED.search(rest)
    return (number, f"{match[1]}-{match[2]}".upper()) if number is not None and match is not None else None


def without_code(text: str) -> str:
    """Return a text with the code replaced, as it may be stored.

    >>> without_code("LOT-000042, kod k7qm-2xpd")
    'LOT-000042, kod [kod]'
    """
    return _SPACED.sub("[kod]", _CODE.sub("[kod]", text))


class Guesses:
    """Counts wrong guesses, over all server processes (``lotsen/storage/limits.py``); right ones write nothing."""

    def __init__(self, clock: Callable[[], float] = time.time, engine: Optional[Engine] = None) -> None:
        """Count in ``engine``'s database; without one in memory, for one process."""
        self._limits = Limits(engine if engine is not None else open_engine("sqlite://"), clock)

    def allowed(self, conversation: str) -> bool:
        """Tell whether a guess may be looked at now.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if that cannot be known; then none is looked at.
        """
        return self._limits.room(_counted(conversation))

    def wrong(self, conversation: str) -> None:
        """Count a wrong guess.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if it cannot be counted; then its answer must not be given.
        """
        self._limits.count(_counted(conversation))


def _counted(conversation: str) -> List[Counted]:
    return [(_OF_ALL, ""), (_OF_ONE, conversation)]
