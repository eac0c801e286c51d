"""The pictures: nothing overlaps, every line ends at its boxes, and the committed ones are those of the guides."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from types import MappingProxyType
from typing import Any, Dict, List, Tuple
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lotsen.cli import main
from lotsen.commands import guides_draw
from lotsen.content.catalogue import load_targets
from lotsen.guides import drawing
from lotsen.guides.drawing import DARK, LIGHT, draw, layout_of
from lotsen.guides.drawing_layout import LABEL_LINE, LABEL_SIZE, Layout
from lotsen.guides.drawing_nodes import Node, Point
from lotsen.guides.facts import FactQuestion, load_facts
from lotsen.guides.flow import edges, reachable
from lotsen.guides.lettering import duration, plain, width, wrap
from lotsen.guides.loader import load_guides
from lotsen.guides.model import Answer, Guide, Status, Step, StepKind
from lotsen.settings import CONTENT

GUIDES = load_guides(CONTENT / "guides")
FACTS = load_facts(CONTENT / "facts.yml")
TARGETS = load_targets(CONTENT / "targets.yml")
SVG = "{http://www.w3.org/2000/svg}"
QUESTIONS = {"browser": FactQuestion("Vilken?", MappingProxyType({"Edge": "Edge", "Chrome": "Google Chrome"}))}

TEXTS = st.text(min_size=1, max_size=160).map(lambda text: text.strip() or "x") | st.sampled_from(
    ["Stäng webbläsaren.", "W" * 90, "**Fet** <b>&amp;</b> [länk](https://a.se)", "Gör det här först. " * 12]
)


@st.composite
def guides(draw_from: st.DrawFn) -> Guide:
    """Make a guide as the loader allows them: forward jumps only, the lacking lead to ends."""
    kinds = draw_from(st.lists(st.sampled_from(list(StepKind)), min_size=0, max_size=9))
    kinds = [StepKind.CHECK, *kinds, draw_from(st.sampled_from([StepKind.CHECK, StepKind.END]))]
    steps = [_step(draw_from, index, kind, len(kinds)) for index, kind in enumerate(kinds)]
    ends = [step.id for step in steps if step.kind is StepKind.END]
    lacking = draw_from(st.dictionaries(TEXTS, st.sampled_from(ends), max_size=3)) if ends else {}
    return Guide("made", draw_from(TEXTS), tuple(steps), lacking=MappingProxyType(lacking))


def _step(draw_from: st.DrawFn, index: int, kind: StepKind, count: int) -> Step:
    """Make one step; answers lead to the next or to any later step."""
    fields: Dict[str, Any] = {"counted": draw_from(st.booleans())}
    if kind in (StepKind.CHECK, StepKind.CHOOSE) and draw_from(st.booleans()):
        later = [None, *(f"s{number}" for number in range(index + 1, count))]
        names = draw_from(st.lists(st.sampled_from(["solved", "failed", "a", "b", "c"]), min_size=1, unique=True))
        answers = {name: Answer(draw_from(TEXTS), draw_from(st.sampled_from(later))) for name in names}
        fields["answers"] = MappingProxyType(answers)
    if kind is StepKind.WAIT:
        fields["minutes"] = draw_from(st.sampled_from([0.5, 1.0, 2.5, 60.0]))
    if kind is StepKind.INCLUDE:
        fields["guide"] = "clear_cache"
    if kind is StepKind.END:
        fields["outcome"] = draw_from(st.sampled_from([Status.RESOLVED, Status.HANDOFF]))
        fields["reason"] = draw_from(st.none() | TEXTS)
    return Step(f"s{index}", kind, draw_from(TEXTS), **fields)


def sound(layout: Layout) -> None:
    """Assert what makes a picture readable: see the module."""
    boxes = {node.id: node for node in layout.nodes}
    assert len(boxes) == len(layout.nodes)
    for one, other in itertools.combinations(layout.nodes, 2):
        assert not _overlap(_box(one), _box(other)), (one.id, other.id)
    for node in layout.nodes:
        assert node.x >= 0 and node.x + node.width <= layout.width
        assert node.y >= 0 and node.y + node.height <= layout.height
        for line in node.lines:
            assert node.indent + width(line.text, 15 if line.sort == "text" else 13) <= node.width
            assert 0 < line.y < node.height
    labels = [_label_box(path.words, path.at) for path in layout.paths if path.words]
    for one_label, other_label in itertools.combinations(labels, 2):
        assert not _overlap(one_label, other_label)
    for label in labels:
        assert not any(_overlap(label, _box(node)) for node in layout.nodes)
        assert label[0] >= 0 and label[2] <= layout.width and label[1] >= 0 and label[3] <= layout.height
    for path in layout.paths:
        assert _on_outline(path.points[0], boxes[path.source]), path
        assert _on_outline(path.points[-1], boxes[path.target]), path
        for begin, end in itertools.pairwise(path.points):
            assert begin != end and (begin[0] == end[0] or begin[1] == end[1]), path
            assert begin[1] <= end[1], "nothing leads upwards"
            run = (min(begin[0], end[0]), min(begin[1], end[1]), max(begin[0], end[0]), max(begin[1], end[1]))
            assert run[0] >= 0 and run[1] >= 0 and run[2] <= layout.width and run[3] <= layout.height
            for node in layout.nodes:
                slack = 14 if node.id in (path.source, path.target) and node.kind == "choose" else 0
                left, top, right, bottom = _box(node)
                assert not _overlap(run, (left + slack, top, right - slack, bottom)), (path, node.id)
            assert not any(_overlap(run, label) for label in labels), path


@pytest.mark.parametrize("name", GUIDES)
def test_every_guide_is_drawn_soundly(name: str) -> None:
    """Boxes, words and lines of the guides that there are keep clear of each other."""
    sound(layout_of(GUIDES, name, FACTS, TARGETS))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(guide=guides())
def test_any_guide_is_drawn_soundly(guide: Guide) -> None:
    """So do those of any guide, whatever it says and wherever it leads; each way is drawn, and the SVG parses."""
    known = {**GUIDES, "made": guide}
    layout = layout_of(known, "made", QUESTIONS, TARGETS)
    sound(layout)
    ids = {step.id for step in guide.steps}
    drawn = {(path.source, path.target) for path in layout.paths}
    wanted = {(edge.source, edge.target) for edge in edges(guide) if edge.target in ids}
    assert wanted <= drawn
    assert {node.id for node in layout.nodes} >= reachable(guide)
    ElementTree.fromstring(draw(known, "made", QUESTIONS, TARGETS))


@pytest.mark.parametrize("name", GUIDES)
def test_svg_is_complete_and_self_contained(name: str) -> None:
    """It parses, has a name and a description for those who do not see it, every step's words, and loads nothing."""
    picture = draw(GUIDES, name, FACTS, TARGETS)
    root = ElementTree.fromstring(picture)
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == f"Flödesschema: {plain(GUIDES[name].title)}"
    description = root.findtext(f"{SVG}desc") or ""
    shown = " ".join(element.text or "" for element in root.iter(f"{SVG}text"))
    for step in GUIDES[name].steps:
        assert plain(step.text) in description
        assert plain(step.text) in shown
    assert "**" not in shown
    assert re.findall(r"https?://[^\s\"<]+", picture) == ["http://www.w3.org/2000/svg"]
    assert "url(" not in picture.replace("url(#arrow)", "")


def test_committed_pictures_are_those_of_the_guides() -> None:
    """What is in docs/guides is what ``lotsen guides draw`` writes, to the byte."""
    pictures = {name: draw(GUIDES, name, FACTS, TARGETS) for name in GUIDES}
    assert guides_draw.differences(pictures, guides_draw.PICTURES) == []


def test_check_names_each_fault_and_writes_nothing(tmp_path: Path) -> None:
    """A missing picture, one that differs and one that is left over are told by file, with what to do."""
    (tmp_path / "changed.svg").write_text("old", encoding="utf-8")
    (tmp_path / "gone.svg").write_text("old", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    faults = guides_draw.differences({"changed": "new", "fresh": "new"}, tmp_path)
    assert faults == [
        f"{tmp_path}/changed.svg: Bilden stämmer inte med guiden. Kör 'lotsen guides draw'.",
        f"{tmp_path}/fresh.svg: Bilden saknas. Kör 'lotsen guides draw'.",
        f"{tmp_path}/gone.svg: Guiden finns inte längre. Ta bort bilden.",
    ]
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "changed.svg").read_text(encoding="utf-8") == "old"


def test_command_draws_and_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--check`` fails before drawing and succeeds after it; one guide can be drawn alone."""
    monkeypatch.setattr(guides_draw, "PICTURES", tmp_path)
    monkeypatch.setattr(guides_draw, "ROOT", tmp_path.parent)
    assert main(["guides", "draw", "--check"]) == 1
    assert len(capsys.readouterr().out.splitlines()) == len(GUIDES)
    assert list(tmp_path.iterdir()) == []
    assert main(["guides", "draw", "clear_cache"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["clear_cache.svg"]
    assert main(["guides", "draw", "clear_cache", "--check"]) == 0
    assert main(["guides", "draw"]) == 0
    assert main(["guides", "draw", "--check"]) == 0
    assert capsys.readouterr().out.endswith("Alla bilder stämmer med guiderna.\n")


def test_unknown_guide_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """A guide that there is not is said on standard error, and is exit code 1."""
    assert main(["guides", "draw", "clear_cash"]) == 1
    assert capsys.readouterr().err == (f"lotsen: Guiden 'clear_cash' finns inte. Det här finns: {', '.join(GUIDES)}.\n")


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_words_have_contrast(palette: drawing.Palette) -> None:
    """Text and captions have 4.5:1 against what they stand on, as WCAG AA wants, by day and by night."""
    page, text, quiet = palette["page"][0], palette["page"][1], palette["quiet"][1]
    assert _contrast(page, quiet) >= 4.5
    for kind, (surface, line) in palette.items():
        assert _contrast(surface, line) >= 4.5, kind
        assert _contrast(surface, text) >= 4.5, kind
        assert _contrast(surface, quiet) >= 4.5, kind


def test_every_kind_has_colours() -> None:
    """Each kind of step and of end is in both palettes."""
    wanted = {kind.value for kind in StepKind if kind is not StepKind.END} | {"start", "resolved", "handoff"}
    assert set(LIGHT) == set(DARK) == wanted | {"page", "quiet"}


@given(text=TEXTS, room=st.integers(min_value=30, max_value=400))
def test_wrapping_loses_nothing(text: str, room: int) -> None:
    """Lines fit the room, and together they are the text."""
    lines = wrap(text, 13, room)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width(line, 13) <= room for line in lines)


def test_durations_read_as_swedish() -> None:
    """Times are told as people say them."""
    assert [duration(minutes) for minutes in (0.5, 1, 2.5, 10)] == [
        *("30 sekunder", "en minut", "2,5 minuter", "10 minuter")
    ]


def _box(node: Node) -> Tuple[int, int, int, int]:
    """Return left, top, right and bottom."""
    return node.x, node.y, node.x + node.width, node.y + node.height


def _label_box(words: Tuple[str, ...], at: Point) -> Tuple[int, int, int, int]:
    """Return the room of the words on a line."""
    widest = max(width(line, LABEL_SIZE) for line in words)
    return at[0], at[1] - 12, at[0] + widest, at[1] + LABEL_LINE * (len(words) - 1) + 3


def _overlap(one: Tuple[int, int, int, int], other: Tuple[int, int, int, int]) -> bool:
    """Tell whether two rectangles share more than a border."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _on_outline(point: Point, node: Node) -> bool:
    """Tell whether a point is on the border of a box, give or take the pixel that slanted sides are rounded to."""
    corners: List[Point] = list(node.outline)
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        off = abs((bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)) / length
        within = min(ax, bx) - 1 <= point[0] <= max(ax, bx) + 1 and min(ay, by) - 1 <= point[1] <= max(ay, by) + 1
        if off <= 1 and within:
            return True
    return False


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, by WCAG."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """Return how light a colour is, from 0 to 1."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
