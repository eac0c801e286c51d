"""Spelling: words that nobody wrote in the training data are read as the known word that was meant.

Staff type in a hurry, on a phone, without å, ä and ö, and split compounds. Letters' n-grams stand much of that; reading
"behorighet" and "behörihget" as "behörighet" stands more (``docs/understanding.md`` tells how much).
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Dict, Iterable, List, Mapping, Optional

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from lotsen.understanding.text import fold

MIN_LENGTH = 5
"""Shorter words are left alone: too many words lie one letter from them."""
_TWO_ERRORS_FROM = 8
_MIN_COUNT = 2
_MIN_JOINED = 8
_REMEMBERED = 20_000
_TURNING = frozenset(
    ["o", "av", "an", "om", "ut", "in", "ur", "på", "från", "upp", "ned", "till", "över", "under", "åter", "miss"]
)
"""Beginnings that make another word of a word: "utloggning" is no "inloggning", and "obehörig" not "behörig"."""


class Speller:
    """Reads unknown words as known ones. Words are normalised (``lotsen.understanding.text``)."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        """Know the words of ``counts``, which tells how often each stands in the training data."""
        self.counts = dict(counts)
        self._folded: Dict[str, str] = {}
        for word in sorted(counts, key=lambda word: (-counts[word], word)):
            self._folded.setdefault(fold(word), word)
        common = [word for word, count in counts.items() if count >= _MIN_COUNT and len(word) >= MIN_LENGTH]
        self._common = sorted(common, key=lambda word: (-counts[word], word))
        self._joined = {fold(word): word for word in reversed(self._common) if len(word) >= _MIN_JOINED}
        self._lengths: Dict[int, List[str]] = {}
        self._nearest = lru_cache(maxsize=_REMEMBERED)(self._search)

    @classmethod
    def learn(cls, texts: Iterable[str]) -> Speller:
        """Count the words of normalised texts."""
        return cls(Counter(word for text in texts for word in text.split()))

    def correct(self, text: str) -> str:
        """Return ``text`` (normalised) with its unknown words read as known ones.

        >>> Speller.learn(["behörighet till plattformen", "behörighet plattformen"]).correct("behorihget")
        'behörighet'
        """
        words = text.split()
        read: List[str] = []
        index = 0
        while index < len(words):
            joined = self._join(words, index)
            if joined is not None:
                read.append(joined)
                index += 2
            else:
                read.append(self._read(words[index]))
                index += 1
        return " ".join(read)

    def _join(self, words: List[str], index: int) -> Optional[str]:
        """Return the compound that was split in two here, unless both halves are words of their own."""
        if index + 1 == len(words):
            return None
        left, right = words[index], words[index + 1]
        if min(len(left), len(right)) < 3 or (left in self.counts and right in self.counts):
            return None
        return self._joined.get(fold(left + right))

    def _read(self, word: str) -> str:
        """Return the known word that ``word`` stands for, or ``word`` itself."""
        if word in self.counts or len(word) < MIN_LENGTH or not word.isalpha():
            return word
        return self._folded.get(fold(word)) or self._nearest(word) or word

    def _of_length(self, length: int) -> List[str]:
        """Return the common words that are near enough in length to be within two errors, the commonest first."""
        if length not in self._lengths:
            self._lengths[length] = [word for word in self._common if abs(len(word) - length) <= 2]
        return self._lengths[length]

    def _search(self, word: str) -> Optional[str]:
        """Return the nearest known word within one error, two in a long word; a transposition is one error.

        Of several, the commonest. A word that turns the known one's meaning is no misspelling of it.
        """
        errors = 2 if len(word) >= _TWO_ERRORS_FROM else 1
        found = process.extractOne(
            word, self._of_length(len(word)), scorer=DamerauLevenshtein.distance, score_cutoff=errors
        )
        return str(found[0]) if found and not _turned(word, found[0]) else None


def _turned(word: str, known: str) -> bool:
    """Tell whether ``word`` is ``known`` with a beginning that turns the meaning: "utloggning", "obehörig"."""
    same = 0
    while same < min(len(word), len(known)) and word[-1 - same] == known[-1 - same]:
        same += 1
    typed, meant = word[: len(word) - same], known[: len(known) - same]
    return typed in _TURNING and sorted(typed) != sorted(meant)
