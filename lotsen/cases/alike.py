"""Which cases are like another: they share words that few cases have, or are about the same."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from typing import DefaultDict, Dict, List, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lotsen.cases.listed import LIVE, Lane
from lotsen.cases.search import count_up_to
from lotsen.cases.table import cases, words
from lotsen.cases.words import problem_words

COMMON = 500
"""A word that more cases have than this says nothing of what is alike."""
WORDS = 6
"""So many words are looked at, the rarest first."""
RECENT = 60
"""So many of the latest cases about the same are looked at, open ones and others."""
MOST = 40
"""Words of a long problem that are looked up."""
LIKEST = 300
"""So many of those with the same words."""
SAME_CATEGORY, SAME_GUIDE = 4.0, 2.0
"""What that counts beside words, of which a very rare one counts about 6."""


def alike(connection: Connection, case: int, limit: int) -> Tuple[List[int], List[int]]:
    """Return the ids of the cases that are most like one: live ones, and those that are over. The likest come first."""
    own = connection.execute(sa.select(cases.c.category, cases.c.guide, cases.c.body).where(cases.c.id == case)).first()
    if own is None:
        return [], []
    scores = _by_words(connection, problem_words(json.loads(own.body)))
    if own.category:
        for live in (1, 0):
            same = (cases.c.category == own.category) & (cases.c.live == live)
            latest = sa.select(cases.c.id).where(same).order_by(cases.c.id.desc()).limit(RECENT)
            for id in connection.execute(latest).scalars():
                scores.setdefault(id, 0.0)
    scores.pop(case, None)
    found: Tuple[List[Tuple[float, int]], List[Tuple[float, int]]] = ([], [])
    columns = (cases.c.id, cases.c.lane, cases.c.category, cases.c.guide)
    lanes = {lane.value for lane in LIVE}
    for row in connection.execute(sa.select(*columns).where(cases.c.id.in_(list(scores)))):
        score = scores[row.id]
        score += SAME_CATEGORY if own.category and row.category == own.category else 0.0
        score += SAME_GUIDE if own.guide and row.guide == own.guide else 0.0
        if row.lane in lanes:
            found[0].append((score, row.id))
        elif row.lane == Lane.OVER.value:
            found[1].append((score, row.id))
    live_ids, over_ids = ([id for _, id in sorted(some, reverse=True)[:limit]] for some in found)
    return live_ids, over_ids


def _by_words(connection: Connection, asked: Sequence[str]) -> Dict[int, float]:
    """Return what cases have in common with some words: the fewer have a word, the more it counts."""
    counted = count_up_to(connection, {word: words.c.word == word for word in asked[:MOST]}, COMMON)
    rare = sorted((count, word) for word, count in counted.items() if 1 < count <= COMMON)[:WORDS]
    weights = {word: 1 + math.log(COMMON / count) for count, word in rare}
    scores: DefaultDict[int, float] = defaultdict(float)
    if weights:
        for row in connection.execute(sa.select(words).where(words.c.word.in_(list(weights)))):
            scores[row.case_id] += weights[row.word]
    return dict(sorted(scores.items(), key=lambda one: (-one[1], -one[0]))[:LIKEST])
