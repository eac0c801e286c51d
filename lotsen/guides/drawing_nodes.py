"""The boxes and lines of a guide's picture: their words, shapes and measures. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import List, Optional, Sequence, Tuple

from lotsen.guides.lettering import wrap

Point = Tuple[int, int]

CUT = 14
"""How deep corners are cut; lines meet a box below and above that."""
PADDING = 16
TEXT, CAPTION, DETAIL = "text", "caption", "detail"
_SIZES = {TEXT: (15, 21), CAPTION: (13, 20), DETAIL: (13, 18)}
"""For each sort of line the size of its letters and its height."""
_BADGE, _BETWEEN = 54, 4
_POINTED = "choose"
_CUT_CORNERS = "check"
_FOLDED = "note"


@dataclass(frozen=True)
class Line:
    """One line of a box; ``y`` is its baseline, from the box's top."""

    text: str
    sort: str
    y: int


@dataclass(frozen=True)
class Node:
    """A box. ``kind`` is its shape and colour: a step's kind, ``start``, ``resolved`` or ``handoff``."""

    id: str
    kind: str
    width: int
    height: int
    lines: Tuple[Line, ...] = field(default_factory=tuple)
    number: Optional[int] = None
    indent: int = PADDING
    """Where the lines begin, from the box's left."""
    x: int = 0
    y: int = 0

    @property
    def outline(self) -> Tuple[Point, ...]:
        """Return the corners of the box, clockwise."""
        left, top, right, bottom = self.x, self.y, self.x + self.width, self.y + self.height
        inner_left, inner_right = left + CUT, right - CUT
        if self.kind == _CUT_CORNERS:
            upper, lower = top + CUT, bottom - CUT
            across = ((inner_left, top), (inner_right, top), (right, upper), (right, lower))
            return (*across, (inner_right, bottom), (inner_left, bottom), (left, lower), (left, upper))
        if self.kind == _POINTED:
            middle = top + self.height // 2
            across = ((inner_left, top), (inner_right, top), (right, middle), (inner_right, bottom))
            return (*across, (inner_left, bottom), (left, middle))
        if self.kind == _FOLDED:
            return ((left, top), (inner_right, top), (right, top + CUT), (right, bottom), (left, bottom))
        return ((left, top), (right, top), (right, bottom), (left, bottom))

    def right_at(self, y: int) -> int:
        """Return where the box's right side is at a height."""
        if self.kind != _POINTED:
            return self.x + self.width
        half = self.height // 2
        off = abs(y - self.y - half)
        return self.x + self.width - round(CUT * off / (half if y < self.y + half else self.height - half))


@dataclass(frozen=True)
class Path:
    """A line between two boxes, by the points where it turns; ``at`` is where the first of its words begins."""

    source: str
    target: str
    points: Tuple[Point, ...]
    words: Tuple[str, ...]
    at: Point
    lacking: bool = False


def node(
    node_id: str,
    kind: str,
    width: int,
    parts: Sequence[Tuple[str, str]],
    number: Optional[int] = None,
    main: bool = True,
) -> Node:
    """Return a box as high as its parts (sort and text) need; those of the main line leave room for a number."""
    indent = _BADGE if main else PADDING + 6
    lines: List[Line] = []
    y = PADDING - 4
    before = CAPTION
    for sort, text in parts:
        size, height = _SIZES[sort]
        y += _BETWEEN if before == TEXT else 0
        before = sort
        for line in wrap(text, size, width - indent - PADDING, bold=sort == CAPTION):
            y += height
            lines.append(Line(line, sort, y - height // 4))
    return Node(node_id, kind, width, y + PADDING - 4, tuple(lines), number, indent)
