"""When two sentences are nearly the same: the same telling words, whatever their order, spelling and small words.

A share of common letters would not do: "logga in i Cosmic" and "logga in i SOB" share most of theirs, and the one word
that differs is the whole question. So each telling word of one sentence must be found again in the other, spelt alike,
misspelt, inflected, or written in two words; and none may be left over. Question words and "inte" are telling words.
"""

from __future__ import annotations

import os.path
from collections import Counter, defaultdict
from functools import lru_cache
from typing import Dict, FrozenSet, Iterator, List, Sequence, Tuple

from lotsen.understanding.text import fold, normalise

Words = Tuple[str, ...]

SMALL_WORDS: FrozenSet[str] = frozenset(
    fold(
        "hej hejsan hallå tack tackar snälla mvh undrar fråga ok okej jo ju väl nog så nu då bara gärna lite idag "
        "jag ja vi man mig mej oss min mitt mina vårt våra du dig dej ni er en ett den det dom "
        "är e va att och o å som i på av för om åt med vid ska skulle kan kunna vill"
    ).split()
)
"""Words that make no difference to what is asked, folded. Not among them: who, not, where (so not "vår" either)."""

_ENDINGS = "a ad ade ar arna as at d de en ens er erna et ets met n na ns or orna r rna s t te"
ENDINGS: FrozenSet[str] = frozenset(("", *_ENDINGS.split()))
"""What inflection puts after a stem, folded. Not among them: "e" and "re", for they make "behandlar" a "behandlare"."""

LONGEST_ENDING = max(map(len, ENDINGS))
MIN_STEM = 4
MIN_MISSPELT = 5
"""Shorter words with another letter are other words: "kort" and "port"."""
MIN_SUBSTITUTED = 8
"""From this length on, one letter in place of another is a slip; before, it is mostly another word (läkare, lärare)."""
MIN_TWO_SLIPS = 9
CACHED = 100_000
"""How many pairs of words are remembered: the same ones meet again and again."""
ESTABLISHED = 3
"""A word in so many sentences is spelt right: two such are two words, however alike ("skickar", "skicka" aside)."""


def telling_words(text: str) -> Words:
    """Return the words that tell what is asked, in order; all words, if fewer than two do.

    >>> telling_words("Hej, hur gallrar man?")
    ('hur', 'gallrar')
    """
    words = tuple(fold(normalise(text)).replace("-", " ").split())
    telling = tuple(word for word in words if word not in SMALL_WORDS)
    return telling if len(telling) > 1 else words


class Sentences:
    """Sentences to find those in that are nearly the same as another."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Sort the sentences by the initials of their words: neither slips nor inflection change them."""
        self._by_initials: Dict[str, List[Tuple[int, bool, Words]]] = defaultdict(list)
        told = [telling_words(text) for text in texts]
        counts = Counter(word for words in told for word in set(words))
        self._established = frozenset(word for word, count in counts.items() if count >= ESTABLISHED)
        for index, words in enumerate(told):
            for joined, reading in _readings(words):
                self._by_initials[_initials(reading)].append((index, joined, reading))

    def like(self, text: str) -> List[int]:
        """Return the places of the sentences that are nearly the same as ``text``, in order. No words are like none."""
        found = set()
        for joined, reading in _readings(telling_words(text)):
            if not reading:
                continue
            for index, other_joined, other in self._by_initials.get(_initials(reading), ()):
                if not (joined and other_joined) and same_words(reading, other, self._established):
                    found.add(index)
        return sorted(found)


def same_words(one: Words, other: Words, established: FrozenSet[str] = frozenset()) -> bool:
    """Tell whether each word has its own counterpart in the other sentence."""
    theirs = list(other)
    mine = [word for word in sorted(one) if not _taken(word, theirs)]
    theirs.sort()
    for word in mine:
        counterpart = next((known for known in theirs if same_word(word, known, established)), None)
        if counterpart is None:
            return False
        theirs.remove(counterpart)
    return not theirs


def _taken(word: str, words: List[str]) -> bool:
    """Take ``word`` out of ``words``, if it is there."""
    if word in words:
        words.remove(word)
        return True
    return False


def same_word(one: str, other: str, established: FrozenSet[str] = frozenset()) -> bool:
    """Tell whether two words are one: inflected, or misspelt. Words with a figure in them are not.

    >>> same_word("lösenordet", "lösenord"), same_word("behörighet", "behöriget"), same_word("avsluta", "aktivera")
    (True, True, False)
    """
    if one == other:
        return True
    if not one or not other or one[0] != other[0] or abs(len(one) - len(other)) > LONGEST_ENDING:
        return False
    if _inflected(one, other):
        return True
    return not (one in established and other in established) and _misspelt(one, other)


@lru_cache(maxsize=CACHED)
def _inflected(one: str, other: str) -> bool:
    """Tell whether the words have a stem in common, and nothing but endings after it."""
    stem = len(os.path.commonprefix((one, other)))
    return stem >= MIN_STEM and one[stem:] in ENDINGS and other[stem:] in ENDINGS


@lru_cache(maxsize=CACHED)
def _misspelt(one: str, other: str) -> bool:
    """Tell whether one word is the other with a slip or two."""
    shorter = min(len(one), len(other))
    if shorter < MIN_MISSPELT or any(letter.isdigit() for letter in one + other):
        return False
    return _slips(one, other) <= (2 if shorter >= MIN_TWO_SLIPS else 1)


def _readings(words: Words) -> Iterator[Tuple[bool, Words]]:
    """Yield the words, and the words with each two neighbours as one: "net id" is "netid", but "kvar ar" not "kvar"."""
    yield False, words
    for at in range(len(words) - 1):
        if words[at + 1] not in ENDINGS:
            yield True, (*words[:at], words[at] + words[at + 1], *words[at + 2 :])


def _initials(words: Words) -> str:
    """Return the first letters in alphabetical order."""
    return "".join(sorted(word[0] for word in words))


def _slips(one: str, other: str) -> int:
    """Count the letters left out, added, swapped with the next, or (in long words) put in place of another."""
    substituted = 1 if min(len(one), len(other)) >= MIN_SUBSTITUTED else 2
    before: List[int] = []
    above = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, known in enumerate(other, start=1):
            cost = 0 if letter == known else substituted
            best = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + cost)
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == known:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, above = above, row
    return above[-1]
