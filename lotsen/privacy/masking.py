"""Masking of what identifies people, before anything is stored or logged: each kind is replaced by its token.

There are two policies. ``mask``: numbers of patients, which are never kept anywhere. ``mask_transcript``: HSA-ids, too,
and what ``LOTSEN_MASK_ALSO`` names, for all that only tells what was said; a case's own fields need those.
Names and other free text cannot be found reliably and are not masked: see ``docs/masking.md``.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, FrozenSet, Iterator, List, Optional, Tuple

from lotsen.privacy.contacts import emails, phones
from lotsen.privacy.hsa_ids import hsa_ids
from lotsen.privacy.mistyped import mistyped_numbers
from lotsen.privacy.personal_numbers import personal_numbers
from lotsen.privacy.reserve_numbers import reserve_numbers
from lotsen.privacy.seen import Seen
from lotsen.settings import MASKABLE, RESERVE_NUMBERS, SettingError, Settings

PERSONAL, RESERVE, HSA_ID, PHONE, EMAIL = "personnummer", "reservnummer", "HSA-id", "telefonnummer", "e-postadress"
"""The kinds; each one's token is its name in brackets."""
TOKEN = f"[{PERSONAL}]"
RESERVE_TOKEN = f"[{RESERVE}]"
IDENTITY = frozenset({PERSONAL, RESERVE})
"""The kinds that are never kept."""

_DIGIT = re.compile(r"\d")
_MAY_BE_NUMBER = re.compile(r"\d(?:[ .\-/\t]?[\dOoIl|]){5}")
"""Every number that identifies somebody has this, but for what only a word says of."""
_WORD = "eserv"
_PHONE_DIGITS = 7


@dataclass(frozen=True)
class Policy:
    """What is masked."""

    reserve: FrozenSet[str]
    """Names of ``lotsen.settings.RESERVE_NUMBERS``."""
    hsa_id: bool = False
    also: FrozenSet[str] = frozenset()
    """Names of ``lotsen.settings.MASKABLE``."""

    def mask(self, text: str, found: Optional[Counter[str]] = None) -> str:
        """Return ``text`` masked, itself if nothing was; ``found`` counts what was, by kind."""
        before, masked = "", text
        while masked != before and self._may_find(masked):  # A token may part what stood together, so once more.
            before, masked = masked, self._once(masked, found)
        return masked

    def _once(self, text: str, found: Optional[Counter[str]]) -> str:
        """Return ``text`` with what is found in it now masked."""
        seen = Seen.of(text)
        parts, done = [], 0
        for start, end, kind in self._places(seen.text):
            if start >= done:
                parts += [text[seen.end(done) if done else 0 : seen.begin(start)], f"[{kind}]"]
                if found is not None:
                    found[kind] += 1
            done = max(done, end)
        return "".join([*parts, text[seen.end(done) :]]) if done else text

    def mask_all(self, value: Any, found: Optional[Counter[str]] = None) -> Any:
        """Return plain data with every string in it masked, keys left alone; itself if nothing was."""
        return self._masked(value, found) if self._may_find(value) else value

    def _masked(self, value: Any, found: Optional[Counter[str]]) -> Any:
        """Return plain data in which something may be found, masked; itself where nothing was."""
        if isinstance(value, str):
            return self.mask(value, found)
        if isinstance(value, dict):
            inner = {key: self.mask_all(part, found) for key, part in value.items()}
            return inner if any(inner[key] is not part for key, part in value.items()) else value
        parts = [self.mask_all(part, found) for part in value]
        return parts if any(new is not old for new, old in zip(parts, value, strict=True)) else value

    def _may_find(self, value: Any) -> bool:
        """Tell whether some string in plain data has what everything that is masked has."""
        if isinstance(value, str):
            if _DIGIT.search(value) is None:
                return bool(self.also) and ("@" in value or "\uff20" in value)
            return bool(self.also) or _may_hold_number(value) or Seen.differs(value)
        if isinstance(value, dict):
            value = value.values()
        elif not isinstance(value, (list, tuple)):
            return False
        return any(map(self._may_find, value))

    def _places(self, text: str) -> List[Tuple[int, int, str]]:
        """Return where something begins and ends, and its kind, in order; they may overlap."""
        return sorted(self._found(text), key=lambda place: place[0])

    def _found(self, text: str) -> Iterator[Tuple[int, int, str]]:
        """Yield what is to be masked; of two that begin in one place the first counts."""
        if _may_hold_number(text):
            yield from ((*place, PERSONAL) for place in personal_numbers(text))
            yield from ((*place, RESERVE) for place in reserve_numbers(text, self.reserve))
            yield from ((*place, PERSONAL) for place in mistyped_numbers(text))
            if self.hsa_id:
                yield from ((*place, HSA_ID) for place in hsa_ids(text))
        if "phone" in self.also and len(_DIGIT.findall(text)) >= _PHONE_DIGITS:
            yield from ((*place, PHONE) for place in phones(text))
        if "email" in self.also and "@" in text:
            yield from ((*place, EMAIL) for place in emails(text))


def _may_hold_number(text: str) -> bool:
    """Tell whether a number may be found in what is seen of a text."""
    return _MAY_BE_NUMBER.search(text) is not None or _WORD in text or _WORD.upper() in text


def mask(text: str, found: Optional[Counter[str]] = None) -> str:
    """Return ``text`` with the numbers of patients masked; ``found`` counts them, by kind.

    >>> mask("pat 19121212-1212 kommer inte in")
    'pat [personnummer] kommer inte in'
    """
    return _policies()[0].mask(text, found)


def mask_all(value: Any, found: Optional[Counter[str]] = None) -> Any:
    """Return plain data (lists, dicts, strings ...) with every string in it masked, keys left alone.

    What holds no number is returned itself, not a copy, so that ``is`` tells whether anything was masked.
    """
    return _policies()[0].mask_all(value, found)


def mask_transcript(text: str, found: Optional[Counter[str]] = None) -> str:
    """Return ``text`` as a transcript or a log may show it.

    >>> mask_transcript("19121212-1212, SE2321000040-AB12")
    '[personnummer], [HSA-id]'
    """
    return _policies()[1].mask(text, found)


def mask_transcript_all(value: Any, found: Optional[Counter[str]] = None) -> Any:
    """Return plain data with every string in it as a transcript may show it; itself if nothing was masked."""
    return _policies()[1].mask_all(value, found)


def _policies() -> Tuple[Policy, Policy]:
    """Return the policies that the settings ask for: of patients' numbers alone, and of transcripts."""
    return _policies_for(os.environ.get("LOTSEN_RESERVE_NUMBERS"), os.environ.get("LOTSEN_MASK_ALSO"))


@lru_cache(maxsize=8)
def _policies_for(reserve: Optional[str], also: Optional[str]) -> Tuple[Policy, Policy]:
    """Read the settings; as long as they cannot be read everything is masked."""
    named = {"LOTSEN_RESERVE_NUMBERS": reserve or "", "LOTSEN_MASK_ALSO": also or ""}
    try:
        settings = Settings.read(named)
    except SettingError:
        everything = frozenset(RESERVE_NUMBERS), frozenset(MASKABLE)
        return Policy(everything[0]), Policy(everything[0], True, everything[1])
    return Policy(settings.reserve_numbers), Policy(settings.reserve_numbers, True, settings.mask_also)
