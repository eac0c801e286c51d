"""Where everything stands in the picture of a guide: main line downwards, ends to the right, lanes between. Pure.

From left to right there are four zones, and only lines enter the two in the middle: the boxes of the main line, the
answers that lead away from them, the lanes where lines go down, and the ends. So no line can cross a box.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Dict, List, Mapping, Sequence, Set, Tuple

from lotsen.guides.drawing_nodes import CUT, PADDING, Node, Path, Point
from lotsen.guides.lettering import width, wrap

MARGIN, GAP = 24, 34
MAIN_X, MAIN_WIDTH = MARGIN, 400
LABEL_SIZE, LABEL_LINE, _LABEL_ROOM = 13, 17, 180
_LANE, _ARROW, _APART = 14, 26, 10


@dataclass(frozen=True)
class Link:
    """A line to draw: from a box to a box, with the words on it."""

    source: str
    target: str
    label: str = ""
    lacking: bool = False


@dataclass(frozen=True)
class Layout:
    """The picture's measures, boxes and lines, in pixels."""

    width: int
    height: int
    nodes: Tuple[Node, ...]
    paths: Tuple[Path, ...]


def lay_out(main: Sequence[Node], aside: Mapping[str, Node], links: Sequence[Link]) -> Layout:
    """Place the main line, those beside it (by id) and the links between them; all links go down or aside."""
    order = {node.id: index for index, node in enumerate(main)}
    straight = [link for link in links if order.get(link.target) == order[link.source] + 1 and not link.lacking]
    turning = [link for link in links if link not in straight]
    placed, ports, entries = _place_main(main, straight, turning)
    ends = _place_aside(main, aside, turning, ports, entries)
    for node in ends:
        entries[node.id] = node.y + node.height // 2
    lanes = _lanes(turning, ports, entries, order)
    beside = MAIN_X + MAIN_WIDTH + _label_zone(turning)
    columns = {target: beside + _LANE * lane for target, lane in lanes.items()}
    right = max([beside, *(x + _LANE for x in columns.values())]) + _ARROW
    boxes = {node.id: node for node in (*placed, *(replace(node, x=right) for node in ends))}
    paths = [_down(boxes[link.source], boxes[link.target], link) for link in straight]
    paths += [_aside(boxes, link, ports[link], entries[link.target], columns.get(link.target)) for link in turning]
    corners = [(node.x + node.width, node.y + node.height) for node in boxes.values()]
    corners += [point for path in paths for point in path.points]
    corners += [(beside, 0)] if turning else []
    across, down = (max(corner[axis] for corner in corners) + MARGIN for axis in (0, 1))
    return Layout(across, down, tuple(boxes.values()), tuple(paths))


def _place_main(
    main: Sequence[Node], straight: Sequence[Link], turning: Sequence[Link]
) -> Tuple[List[Node], Dict[Link, int], Dict[str, int]]:
    """Place the main line; return it, where each link leaves it, and where links come back to it."""
    placed: List[Node] = []
    ports: Dict[Link, int] = {}
    entries: Dict[str, int] = {}
    top = MARGIN
    entered = {link.target for link in turning}
    for node in main:
        leaving = [link for link in turning if link.source == node.id]
        slots = [LABEL_LINE * len(_label(link)) + 12 for link in leaving]
        entry = 20 if node.id in entered else 0
        height = max(node.height, sum(slots) + entry + 2 * CUT)
        node = replace(node, x=MAIN_X, y=top, height=height)
        below = top + (height - sum(slots) - entry) // 2
        if entry:
            entries[node.id] = below + entry // 2
            below += entry
        for link, slot in zip(leaving, slots, strict=True):
            below += slot
            ports[link] = below - 4
        placed.append(node)
        words = [len(_label(link, MAIN_WIDTH // 2 - 20)) for link in straight if link.source == node.id]
        top += height + (GAP if not any(words) else LABEL_LINE * max(words) + 26)
    return placed, ports, entries


def _place_aside(
    main: Sequence[Node],
    aside: Mapping[str, Node],
    turning: Sequence[Link],
    ports: Mapping[Link, int],
    entries: Mapping[str, int],
) -> List[Node]:
    """Place each box of the right column beside the last that leads to it, or below the one before."""
    last = {link.target: link.source for node in main for link in turning if link.source == node.id}
    placed: Dict[str, Node] = {}
    free = MARGIN
    for link in ports:
        if link.target not in aside or link.target in placed or last[link.target] != link.source:
            continue
        node = aside[link.target]
        others = [y for other, y in ports.items() if other.target != link.target] + list(entries.values())
        lowest = max(y for other, y in ports.items() if other.target == node.id)
        top = max(free, lowest - node.height // 2)
        while any(abs(top + node.height // 2 - y) < _APART for y in others):
            top += 2
        placed[node.id] = replace(node, y=top)
        free = top + node.height + GAP // 2
    return list(placed.values())


def _lanes(
    turning: Sequence[Link], ports: Mapping[Link, int], entries: Mapping[str, int], order: Mapping[str, int]
) -> Dict[str, int]:
    """Return the lane of each target that is not straight ahead, counted from the left.

    Lines to one target share its lane. Short jumps are innermost; of the lines to ends the lowest is, so that those of
    one box do not cross each other.
    """
    spans: Dict[str, Tuple[int, int]] = {}
    for link in turning:
        if link.target in order or ports[link] != entries[link.target]:
            ends = (ports[link], entries[link.target], *spans.get(link.target, ()))
            spans[link.target] = (min(ends), max(ends))

    def rank(target: str) -> Tuple[bool, int, int]:
        top, bottom = spans[target]
        return (False, bottom - top, top) if target in order else (True, -bottom, -top)

    lanes: Dict[str, int] = {}
    for target in sorted(spans, key=rank):
        top, bottom = spans[target]
        taken: Set[int] = {
            lane
            for other, lane in lanes.items()
            if spans[other][0] < bottom + _APART and top < spans[other][1] + _APART
        }
        lanes[target] = next(lane for lane in range(len(spans)) if lane not in taken)
    return lanes


def _down(source: Node, target: Node, link: Link) -> Path:
    """Draw a link to the next box of the main line."""
    x = source.x + source.width // 2
    points = ((x, source.y + source.height), (x, target.y))
    words = tuple(_label(link, MAIN_WIDTH // 2 - 20))
    return Path(link.source, link.target, points, words, (x + 10, points[0][1] + LABEL_LINE + 2))


def _aside(boxes: Mapping[str, Node], link: Link, port: int, entry: int, column: int | None) -> Path:
    """Draw a link that leaves the main line, and may come back to it further down."""
    source, target = boxes[link.source], boxes[link.target]
    begin = (source.right_at(port), port)
    end = (target.right_at(entry) if target.x == MAIN_X else target.x, entry)
    points: Tuple[Point, ...] = (begin, end)
    if column is not None and port != entry:
        points = (begin, (column, port), (column, entry), end)
    words = tuple(_label(link))
    at = (source.x + source.width + 10, port - 6 - LABEL_LINE * (len(words) - 1))
    return Path(link.source, link.target, points, words, at, link.lacking)


def _label_zone(links: Sequence[Link]) -> int:
    """Return how wide the zone of the answers must be."""
    return max([80, *(width(line, LABEL_SIZE) + PADDING + 10 for link in links for line in _label(link))])


def _label(link: Link, room: int = _LABEL_ROOM) -> List[str]:
    """Return the lines of a link's words."""
    return wrap(link.label, LABEL_SIZE, room)
