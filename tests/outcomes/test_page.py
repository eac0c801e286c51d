"""The page of the report: complete, safe with any text, readable without colours, and without any outside request."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.guides.model import Guide, StepKind
from lotsen.guides.run import GuideRun
from lotsen.outcomes import wording
from lotsen.outcomes.page import Section, bars, render, write
from lotsen.outcomes.summary import figures
from tests.outcomes.made import DONE, FAILED, GUIDES, LOGIN, SOLVED, STOP, guides_of, record, step, walk

RUNS = [
    walk("login", [DONE, DONE, DONE, SOLVED]),
    walk("login", [DONE, DONE, DONE, FAILED, STOP]),
    walk("login", [STOP]),
    walk("login", [DONE]),
]


class Reader(HTMLParser):
    """Collects the elements of a page, and complains when one is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: List[Tuple[str, Dict[str, Optional[str]]]] = []
        self.open: List[str] = []

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(page: str) -> Reader:
    """Read a page to its end."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def section(runs: List[GuideRun], advice: Tuple[str, ...] = ("Behåll ordningen.",)) -> Section:
    """Return the section of these runs of one guide."""
    return Section(figures(GUIDES, runs[0].guide, map(record, runs)), advice)


@pytest.fixture
def page() -> str:
    """A page about two guides."""
    return render([section(RUNS), section([walk("two", [SOLVED])])], "2026-03-02", "2026-01-31")


def rows(page: str) -> Iterator[List[str]]:
    """Yield the rows of the tables, as text."""
    for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL):
        yield [re.sub(r"<[^>]+>", " ", cell).strip() for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)]


def test_no_script_and_no_request(page: str) -> None:
    """Nothing is fetched or run: no script, no handler, no address but those inside the page, and a policy says so."""
    elements = read(page).elements
    assert not {tag for tag, _ in elements} & {"script", "link", "img", "iframe", "object", "form", "base"}
    names = {name for _, attributes in elements for name in attributes}
    assert not {name for name in names if name.startswith("on")} | {"src", "srcset"} & names
    assert all((attributes["href"] or "").startswith("#guide-") for tag, attributes in elements if tag == "a")
    assert "url(" not in page and "@import" not in page and "http" not in page.replace("http-equiv", "")
    assert "default-src 'none'; style-src 'unsafe-inline'" in page


def test_accessible(page: str) -> None:
    """Swedish, one main heading, no level skipped, no id twice, every reference found, every table with headings."""
    elements = read(page).elements
    assert ("html", {"lang": "sv"}) in elements
    levels = [int(tag[1]) for tag, _ in elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    referred = [attributes["aria-labelledby"] for _, attributes in elements if "aria-labelledby" in attributes]
    referred += [(attributes["href"] or "")[1:] for tag, attributes in elements if tag == "a"]
    assert set(referred) <= set(ids)
    assert all(attributes.get("scope") in ("row", "col") for tag, attributes in elements if tag == "th")
    pictures = [attributes for tag, attributes in elements if tag == "svg"]
    assert pictures
    assert all(one.get("aria-hidden") == "true" or (one["role"] == "img" and one["aria-label"]) for one in pictures)
    scrolls = [attributes for _, attributes in elements if attributes.get("class") == "scroll"]
    assert all((one["role"], one["tabindex"]) == ("region", "0") for one in scrolls) and len(scrolls) == 2


def test_light_and_dark(page: str) -> None:
    """Each colour has a light and a dark value, and nothing else in the page has a colour of its own."""
    style = page[page.index("<style>") : page.index("</style>")]
    light, dark = (dict(re.findall(r"--(\w+): (#\w+);", part)) for part in style.split("prefers-color-scheme: dark"))
    assert light.keys() == dark.keys() and light != dark
    assert len(re.findall(r"#[0-9a-f]{6}", page)) == len(light) + len(dark)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_contrast(page: str, dark: bool) -> None:
    """Text has a contrast of 4.5 to what it stands on, and the parts of a bar 3 to what they lie on."""
    style = page[page.index("<style>") : page.index("</style>")]
    colours = dict(re.findall(r"--(\w+): (#\w+);", style.split("prefers-color-scheme: dark")[dark]))
    for text in ("ink", "quiet", "brand"):
        assert min(_contrast(colours[text], colours[on]) for on in ("paper", "surface")) >= 4.5
    assert min(_contrast(colours[part], colours["came"]) for part in ("solved", "left")) >= 3
    assert _contrast(colours["line"], colours["surface"]) >= 3


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    """Return how light a colour is (WCAG 2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_figures_stand_in_tables(page: str) -> None:
    """Every figure is in a table: how runs ended, and what became of each step."""
    found = list(rows(page))
    assert ["löst", "1", "25 %"] in found and ["avbruten", "2", "50 %"] in found and ["pågår", "1", "25 %"] in found
    assert list(wording.COLUMNS) in found
    assert ["1. Text close.", "4", "0", "3", "1 1 avbröt", "0", "0", "0", "10 s"] in found
    assert ["2. Text look.", "2", "1 (50 %)", "1", "0", "0", "0", "0", "10 s"] in found
    assert ["2. Text clear.", "3", "0", "2", "0", "0", "1", "0", "10 s"] in found
    assert "4 körningar." in page and "Behåll ordningen." in page
    assert "Räknar körningar som började 2026-01-31 eller senare." in page


def test_bars() -> None:
    """The longest bar is the step that most came to; parts are of the same scale, and who left is at its right end."""
    found = bars(section(RUNS).figures)
    assert [(one.name, one.depth, one.came, one.solved, one.left) for one in found] == [
        ("1. Text close.", 0, 100.0, 0.0, 25.0),
        ("2. Text clear.", 0, 75.0, 0.0, 0.0),
        ("1. Text press.", 1, 50.0, 0.0, 0.0),
        ("2. Text look.", 1, 50.0, 25.0, 0.0),
        ("3. Text again.", 0, 25.0, 0.0, 25.0),
    ]
    assert found[0].said == "4 kom hit, 0 löst, 1 lämnade"


def test_pictures_are_drawn(page: str) -> None:
    """Each bar is an SVG of its own whose parts lie where the figures say."""
    drawn = [ET.fromstring(svg) for svg in re.findall(r"<svg[^>]*role=.*?</svg>", page, re.DOTALL)]
    first = [(part.get("class"), part.get("x"), part.get("width")) for part in drawn[0]]
    assert first == [("came", "0", "100.0"), ("left", "75.0", "25.0")]
    assert [part.get("class") for part in drawn[3]] == ["came", "solved"]
    assert len(drawn) == 5 + 1


def test_gone_steps_are_marked() -> None:
    """A step that the guide no longer has stands last, with its id and a mark."""
    without = guides_of(*GUIDES.values(), replace(LOGIN, steps=LOGIN.steps[1:], digest="2"))
    found = figures(without, "login", map(record, RUNS))
    page = render([Section(found, ())], "2026-03-02", None)
    assert list(rows(page))[-1][:2] == ["close (finns inte längre)", "4"]
    assert "4 körningar, alla av en äldre version av guiden." in page
    assert "eller senare" not in page


@given(st.text(min_size=1, max_size=60))
def test_any_text_is_only_text(text: str) -> None:
    """Whatever a guide or an old record says, it becomes no element and the page stays whole."""
    hostile = f"<script>alert(1)</script>\"'&{text}"
    guide = Guide("g", hostile, (step("a", StepKind.CHECK),))
    guide = replace(guide, steps=(replace(guide.steps[0], text=hostile),))
    kept = record(walk("g", [FAILED], {"g": guide}))
    gone = replace(kept, outcomes=(replace(kept.outcomes[0], step=hostile),))
    page = render([Section(figures({"g": guide}, "g", [kept, gone]), (hostile,))], "2026-03-02", None)
    assert "script" not in {tag for tag, _ in read(page).elements}


def test_write(tmp_path: Path) -> None:
    """The page is written as UTF-8, in a folder that is made for it."""
    write("åäö", tmp_path / "a" / "b.html")
    assert (tmp_path / "a" / "b.html").read_bytes() == "åäö".encode()
