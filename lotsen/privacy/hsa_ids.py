"""HSA-ids in what is seen of a text: ``SE``, ten digits, a hyphen, letters and digits.

They have 31 characters at most; longer ones, and those with the hyphen forgotten, are taken for typing errors.
"""

from __future__ import annotations

import re
from typing import List, Tuple

_ORGANISATION = r"(?<![^\W_])SE ?\d{6}-?\d{4}"
_STUCK = r"-[^\W_]{1,30}|(?=\d{0,17}[A-Z])[A-Z0-9]{2,18}"
_APART = r"[ \n]{0,2}[-.][ \n]{0,2}(?:(?-i:[A-Z0-9]{1,18})|(?=[a-z]{0,17}\d)[a-z0-9]{1,18})"
_WITHOUT_HYPHEN = r" (?-i:(?=[A-Z]{0,17}\d)[A-Z0-9]{2,18})"
"""Here, and with spaces around the hyphen, what follows could be a word: it must not look like one."""
_HSA_ID = re.compile(rf"{_ORGANISATION}(?:{_STUCK}|{_APART}|{_WITHOUT_HYPHEN})(?![^\W_])", re.IGNORECASE)


def hsa_ids(text: str) -> List[Tuple[int, int]]:
    """Return where HSA-ids begin and end, in order."""
    return [found.span() for found in _HSA_ID.finditer(text)]
