"""Questions grouped by likeness."""

from __future__ import annotations

import math
from typing import List, Tuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lotsen.improvement.grouping import LIKE, groups


def at(degrees: float) -> Tuple[float, float]:
    """Return a unit vector."""
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))


def test_alike_together_largest_first() -> None:
    """What is alike is one group, named after the most central question; the group asked most comes first."""
    found = groups([at(90), at(0), at(20), at(40)], like=0.9)
    assert [group.members for group in found] == [(2, 1, 3), (0,)]
    assert groups([at(90), at(0), at(20), at(40)], [9, 1, 1, 1], like=0.9)[0].members == (0,)


def test_how_often_decides_the_centre() -> None:
    """A wording that many used is the title before one that has as many neighbours."""
    assert groups([at(0), at(20)], [1, 5], like=0.9)[0].weight == 6
    square = [at(0), at(20), at(40), at(60)]
    assert groups(square, [1, 9, 1, 1], like=0.9)[0].centre == 1
    assert groups(square, [1, 1, 1, 9], like=0.9)[0].centre == 2


def test_what_has_no_embedding_is_alone() -> None:
    """A question that was not read, or has no words, is a group by itself."""
    found = groups([(), (0.0, 0.0), at(0), at(1)])
    assert [group.members for group in found] == [(2, 3), (0,), (1,)]
    assert groups([]) == []


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1)), max_size=40))
def test_every_question_once_and_near_its_centre(vectors: List[Tuple[float, float, float]]) -> None:
    """Each question is in one group, at least as near to its centre as was asked for, and the same comes out again."""
    found = groups(vectors)
    assert sorted(place for group in found for place in group.members) == list(range(len(vectors)))
    for group in found:
        centre = np.asarray(vectors[group.centre], dtype=np.float32)
        for place, likeness in zip(group.members[1:], group.likeness[1:], strict=True):
            other = np.asarray(vectors[place], dtype=np.float32)
            cosine = float(centre @ other / np.linalg.norm(centre) / np.linalg.norm(other))
            assert likeness >= LIKE - 1e-6 and abs(cosine - likeness) < 1e-4
    assert groups(vectors) == found


def test_many_questions() -> None:
    """Five thousand questions of a hundred subjects come back as those subjects."""
    random = np.random.default_rng(1)
    centres = random.normal(size=(100, 256))
    vectors = centres[np.arange(5000) % 100] + random.normal(scale=0.3, size=(5000, 256))
    found = groups(list(vectors))
    assert len(found) == 100
    assert all({place % 100 for place in group.members} == {group.centre % 100} for group in found)
