"""Questions grouped by likeness, with the model's own sentence embeddings. Pure and deterministic.

Star clustering (Aslam, Pelekhov and Rus 2004): the question that is like most others becomes the centre of a group with
all of those; then the same again among what is left. So every question is at least ``LIKE`` near to the one that the
group is named after, which average linkage does not promise, and a person can see why it stands there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Sequence, Tuple, Union

import numpy as np

LIKE = 0.7
"""From this cosine on two questions are alike. Measured with ``tests/improvement/measure_like.py``."""
LEAST = 1e-6
"""A shorter embedding is none: embeddings have length 1."""
BLOCK = 512
"""Rows that are compared at a time: 5,000 questions need 10 MB of likenesses then, not 100."""

Vector = Union[Sequence[float], np.ndarray[Any, Any]]


@dataclass(frozen=True)
class Group:
    """Questions that are alike, by their places in what was grouped; the first is the most central."""

    members: Tuple[int, ...]
    likeness: Tuple[float, ...]
    """How near each is to the first, from -1 to 1; the first itself has 1."""
    weight: int
    """How often they were asked, in all."""

    @property
    def centre(self) -> int:
        """Return the question that the group is named after."""
        return self.members[0]


def groups(vectors: Sequence[Vector], weights: Sequence[int] = (), like: float = LIKE) -> List[Group]:
    """Group questions; the group that was asked most often comes first.

    Args:
        vectors: one embedding for each question, all of the same length; an empty or zero one is like nothing.
        weights: how often each was asked; once, if left out.
        like: the cosine from which two are alike.
    """
    counts = np.asarray(weights if len(weights) else [1] * len(vectors), dtype=np.int64)
    known, places = _unit(vectors)
    near = _neighbours(known, like)
    worth = counts[places] if len(places) else counts[:0]
    # Most neighbours first, counted by how often they were asked; then the earliest.
    degrees = [int(worth[others].sum()) for others in near]
    taken = np.zeros(len(near), dtype=bool)
    found: List[Group] = []
    for centre in sorted(range(len(near)), key=lambda place: (-degrees[place], place)):
        if taken[centre]:
            continue
        others = [int(other) for other in near[centre] if not taken[other] and other != centre]
        taken[[centre, *others]] = True
        cosines = known[others] @ known[centre]
        order = sorted(range(len(others)), key=lambda index: (-float(cosines[index]), others[index]))
        members = (int(places[centre]), *(int(places[others[index]]) for index in order))
        found.append(Group(members, (1.0, *(float(cosines[i]) for i in order)), int(counts[list(members)].sum())))
    alone = sorted(set(range(len(vectors))) - {int(place) for place in places})
    found += [Group((place,), (1.0,), int(counts[place])) for place in alone]
    return sorted(found, key=lambda group: (-group.weight, group.centre))


def _unit(vectors: Sequence[Vector]) -> Tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the vectors that are some, made of length 1, and their places."""
    there = [place for place, vector in enumerate(vectors) if len(vector)]
    if not there:
        return np.zeros((0, 0), dtype=np.float32), np.zeros(0, dtype=np.int64)
    known = np.asarray([vectors[place] for place in there], dtype=np.float32)
    lengths = np.linalg.norm(known, axis=1)
    some = lengths > LEAST
    return known[some] / lengths[some, None], np.asarray(there, dtype=np.int64)[some]


def _neighbours(known: np.ndarray[Any, Any], like: float) -> List[np.ndarray[Any, Any]]:
    """Return for each vector the places of those that are like it, itself among them."""
    near: List[np.ndarray[Any, Any]] = []
    for start in range(0, len(known), BLOCK):
        alike = known[start : start + BLOCK] @ known.T >= like
        near += [np.flatnonzero(row) for row in alike]
    for place, others in enumerate(near):
        if place not in others:  # By rounding.
            near[place] = np.sort(np.append(others, place))
    return near
