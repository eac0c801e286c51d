"""Finding cases by their words, in SQL that stays quick whether nearly all cases have a word or none has.

A word that few cases have leads to those cases. Else the list is gone through in its order until the page is full: what
has a word is gathered once, if it is not too much, and else looked up case by case, as then the page is soon full.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lotsen.cases.table import cases, words
from lotsen.cases.words import asked_words

FEW = 1000
"""Rows of the rarest word, up to which its cases are asked for by name."""
SOME = 20_000
"""Rows up to which the cases of a word are gathered."""
_LAST = "\U0010ffff"


def having(connection: Connection, text: str) -> Optional[List[Any]]:
    """Return conditions for the cases of which each word of a text begins a word; None if there are none.

    A text without a word has no conditions.
    """
    asked = {word: begins(word) for word in asked_words(text)}
    if not asked:
        return []
    counted = count_up_to(connection, asked, SOME)
    first, *others = sorted(asked, key=lambda word: (counted[word], word))
    if not counted[first]:
        return None
    if counted[first] > FEW:
        found = (first, *others)
        return [_gathered(asked[word]) if counted[word] <= SOME else _looked_up(asked[word]) for word in found]
    ids = sorted(set(connection.execute(sa.select(words.c.case_id).where(asked[first])).scalars()))
    # Written out: a thousand bound values would take longer than the search.
    named = sa.literal_column(f"cases.id IN ({', '.join(map(str, ids))})", sa.Boolean)
    return [named, *(_looked_up(asked[word]) for word in others)]


def begins(word: str) -> Any:
    """Return the condition for words that begin so."""
    return (words.c.word >= word) & (words.c.word < word + _LAST)


def count_up_to(connection: Connection, conditions: Mapping[str, Any], limit: int) -> Dict[str, int]:
    """Return how many rows of words each condition holds for, in one query; over the limit nothing is counted on."""
    if not conditions:
        return {}
    parts = []
    for name, condition in conditions.items():
        some = sa.select(words.c.case_id).where(condition).limit(limit + 1).subquery()
        parts.append(sa.select(sa.literal(name).label("name"), sa.func.count().label("count")).select_from(some))
    return {row.name: row.count for row in connection.execute(sa.union_all(*parts))}


def _gathered(condition: Any) -> Any:
    """Return the condition for a case that has such a word, out of all that have one.

    "Is true" keeps PostgreSQL from making a join of it, whose size it guesses wrong.
    """
    return cases.c.id.in_(sa.select(words.c.case_id).where(condition)).is_(sa.true())


def _looked_up(condition: Any) -> Any:
    """Return the condition for a case that has such a word, looked up for each case by itself.

    The limit keeps PostgreSQL from gathering all cases with such a word before it looks at the first.
    """
    own = sa.select(sa.literal(1)).where((words.c.case_id == cases.c.id) & condition).limit(1)
    return own.correlate(cases).scalar_subquery().is_not(None)
