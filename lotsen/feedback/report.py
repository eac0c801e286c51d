"""Ratings in words, for who owns the content. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Dict, Iterable, List, Mapping, Tuple

from lotsen.feedback.store import DOWN, UP, Rating


@dataclass(frozen=True)
class Answer:
    """How one answer was rated."""

    id: str
    title: str
    up: int
    down: int
    comments: Tuple[Rating, ...]

    @property
    def share(self) -> float:
        """Return which part of those who rated it were helped, from 0 to 1."""
        return self.up / (self.up + self.down)

    def to_json(self) -> Dict[str, Any]:
        """Return it for a program to read."""
        comments = [
            {"time": one.created.isoformat(), "rating": one.rating, "comment": one.comment} for one in self.comments
        ]
        counts = {"up": self.up, "down": self.down, "share": round(self.share, 2)}
        return {"answer": self.id, "title": self.title, **counts, "comments": comments}


def answers(ratings: Iterable[Rating], titles: Mapping[str, str]) -> List[Answer]:
    """Return the rated answers, the one that failed most users first; comments stand in the order of the ratings."""
    by_id: Dict[str, List[Rating]] = {}
    for rating in ratings:
        by_id.setdefault(rating.answer, []).append(rating)
    found = [
        Answer(
            id,
            titles.get(id, id),
            sum(one.rating == UP for one in given),
            sum(one.rating == DOWN for one in given),
            tuple(one for one in given if one.comment),
        )
        for id, given in by_id.items()
    ]
    return sorted(found, key=lambda answer: (-answer.down, answer.up, answer.id))


def lines(found: Iterable[Answer], zone: tzinfo) -> List[str]:
    """Return what a content owner reads; times are those on the wall in ``zone``."""
    told: List[str] = []
    for answer in found:
        helped = f"hjälpte {answer.up} av {answer.up + answer.down} ({100 * answer.share:.0f} %)"
        told.append(f"{answer.title} ({answer.id}): {helped}, hjälpte inte {answer.down}")
        for one in answer.comments:
            at = one.created.astimezone(zone).strftime("%Y-%m-%d %H:%M")
            thumb = "hjälpte" if one.rating == UP else "hjälpte inte"
            told.append(f"  {at}  {thumb}: {one.comment}")
    return told
