"""The report: a page that asks nothing of anybody else, and a summary that the tests can read back."""

from __future__ import annotations

import os
import platform
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import pytest

from lotsen.evaluation import figures, report
from lotsen.evaluation.folds import CrossValidation, RankedLine
from lotsen.evaluation.report import Findings, machine, read_floor, worst_confusions, write_report, write_summary
from lotsen.evaluation.scores import Score

ATTACK = "<script>alert('å & ä')</script>"
ESCAPED = "&lt;script&gt;alert(&#39;å &amp; ä&#39;)&lt;/script&gt;"
LINES = [
    RankedLine("rätt", ("a",), [("a", 0.8), ("b", 0.2)]),
    RankedLine(ATTACK, ("a",), [("b", 0.6), ("a", 0.4)]),
]
SCORE = Score(in_scope=40, out_of_scope=8, right=0.9, offered=0.95, refused=0.025, wrong=0.05, kept_out=1.0)
FINDINGS = Findings(
    validation=CrossValidation(LINES, [], [1.0]),
    cross_validated=replace(SCORE, right=0.5),
    development={"short": SCORE, "all": replace(SCORE, in_scope=80)},
    errors=[("short", "a", "answer b", ATTACK)],
)
FULL = replace(
    FINDINGS,
    stock={"fold 1": {"Lotsen: right at once": 0.9, "stock: right at once": 0.755}},
    ablation={
        "as it is": {"first": 1.0, "training seconds": 63.4},
        "without words": {"first": 0.0},
    },
    mixed={"two questions: both met": 0.5},
    folds=3,
)
KNOWN_TAGS = {"html", "meta", "title", "style", "h1", "h2", "p", "code", "table", "tr", "th", "td", "img", "br"}


class Page(HTMLParser):
    """Reads a page: its tags with their attributes, its headings, its table cells."""

    def __init__(self, text: str) -> None:
        """Read ``text``."""
        super().__init__()
        self.tags: List[Tuple[str, Dict[str, Optional[str]]]] = []
        self.texts: Dict[str, List[str]] = {}
        self._open: List[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag in ("h1", "h2", "td", "th"):
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a heading or a cell."""
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Note the text of a heading or a cell."""
        if self._open:
            self.texts[self._open[-1]][-1] += data


def written(findings: Findings, folder: Path) -> str:
    """Write the report into a folder that is not there yet, and return the page."""
    path = folder / "reports" / "report.html"
    write_report(findings, path)
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a whole evaluation: every table, every picture."""
    return written(FULL, tmp_path_factory.mktemp("report"))


def test_the_page_makes_no_request(full: str) -> None:
    """It is opened from a disk and may be sent on: all pictures are in it, and nothing leads out of it."""
    without_pictures = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", full)
    assert not re.search(r"https?:|//|@import|url\(", without_pictures)
    tags = Page(full).tags
    leading_out = [value for _, attributes in tags for name, value in attributes.items() if name in ("href", "srcset")]
    assert leading_out == []
    sources = [attributes["src"] for _, attributes in tags if "src" in attributes]
    assert len(sources) == 4
    assert all(source and source.startswith("data:image/png;base64,") for source in sources)
    assert {tag for tag, _ in tags} <= KNOWN_TAGS, "e.g. a script, a frame or a form"


def test_the_page_forbids_itself_everything_else(full: str) -> None:
    """The browser holds it to that: no source of anything but pictures in the page and its own style."""
    policies = [a["content"] for tag, a in Page(full).tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    assert full.index("Content-Security-Policy") < full.index("<style>") < full.index("<img")


def test_a_sentence_cannot_become_markup(full: str) -> None:
    """Users' sentences stand in the confusions and in the errors, as they were written."""
    assert "<script" not in full
    assert full.count(ESCAPED) == 2
    assert Page(full).texts["td"].count(ATTACK) == 2


def test_the_page_has_every_part(full: str) -> None:
    """Tables, then pictures, then what went wrong; with the figures in the cells."""
    page = Page(full)
    assert page.texts["h2"] == [
        "Development set",
        "Cross-validation",
        "Beside stock Rasa",
        "What each part brings",
        "Confusion matrix",
        "Reliability",
        "Coverage against accuracy",
        "Beside stock Rasa",
        "The twenty worst confusions",
        "Development set: what went wrong",
    ]
    cells = page.texts["td"]
    assert cells[:7] == ["40", "90.0%", "95.0%", "2.5%", "5.0%", "8", "100.0%"]
    assert cells[-8:] == ["a", "b", "1", ATTACK, "short", "a", "answer b", ATTACK]
    assert "2 training examples, 3 folds." in full
    assert machine() in full
    heads = page.texts["th"]
    assert heads[:3] == ["set", "questions", "right at once"]
    assert {"short", "all", "fold 1", "without words"} <= set(heads)


def test_what_was_not_measured_is_not_in_the_page(tmp_path: Path) -> None:
    """Without stock Rasa and the ablation there is no empty table and no empty picture of them."""
    page = written(FINDINGS, tmp_path)
    assert "Rasa" not in page
    assert "What each part brings" not in page
    assert page.count("<img") == 3


def test_worst_confusions_have_count_and_examples() -> None:
    """The most frequent first, each with three of its sentences at most, and only twenty."""
    lines = [RankedLine(f"a{number}", ("a",), [("b", 0.9)]) for number in range(4)]
    lines += [RankedLine(f"b{number}", ("b",), [("a", 0.9)]) for number in range(2)]
    lines += [RankedLine("rätt", ("c",), [("c", 0.9)])]
    assert worst_confusions(lines) == [("a", "b", 4, ["a0", "a1", "a2"]), ("b", "a", 2, ["b0", "b1"])]
    many = [RankedLine("x", (f"i{number}",), [("b", 0.9)]) for number in range(30)]
    assert len(worst_confusions(many)) == 20


def test_a_confusion_with_a_refusal_has_examples() -> None:
    """Whatever the refusal is called, its sentences are shown."""
    lines = [
        RankedLine("kortet", ("out_of_scope_card",), [("a", 0.9)]),
        RankedLine("frågan", ("a",), [("out_of_scope_platform", 0.9)]),
    ]
    assert sorted(worst_confusions(lines)) == [
        ("a", "out_of_scope", 1, ["frågan"]),
        ("out_of_scope", "a", 1, ["kortet"]),
    ]


def test_no_intent_is_confused_more_often_than_it_occurs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The matrix is in per cent of the intent's lines, so no cell may be over 100."""
    given: List[Tuple[Counter[Tuple[str, str]], Dict[str, int]]] = []

    def draw(counts: Counter[Tuple[str, str]], totals: Dict[str, int]) -> str:
        given.append((counts, totals))
        return ""

    monkeypatch.setattr(figures, "confusion_matrix", draw)
    lines = [RankedLine("kortet", ("out_of_scope_card",), [("a", 0.9)])] * 3
    lines += [RankedLine("väder", ("out_of_scope",), [("out_of_scope", 0.9)])]
    written(replace(FINDINGS, validation=CrossValidation(lines, [], [1.0])), tmp_path)
    ((counts, totals),) = given
    assert counts == {("out_of_scope", "a"): 3}
    assert totals["out_of_scope"] == 4


@pytest.fixture
def fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the day and the machine be known ones."""
    monkeypatch.setattr(report, "today", lambda: "2024-05-17")
    monkeypatch.setattr(report, "machine", lambda: "2 cores")


HEAD = "| {} | questions | right at once | right or offered | refused | wrong | outside | kept out |\n"
SUMMARY = (
    "# How well Lotsen understands: the figures\n\n"
    "Written by `make fit` on 2024-05-17, 2 cores. What they mean: ../understanding.md\n\n"
    "## Development set, through the trained model and the running bot's rules\n\n"
    f"{HEAD.format('set')}"
    "|---|---|---|---|---|---|---|---|\n"
    "| short | 40 | 90.0% | 95.0% | 2.5% | 5.0% | 8 | 100.0% |\n"
    "| all | 80 | 90.0% | 95.0% | 2.5% | 5.0% | 8 | 100.0% |\n\n"
    "## Cross-validation: 2 training examples in {folds} folds\n\n"
    f"{HEAD.format('set')}"
    "|---|---|---|---|---|---|---|---|\n"
    "| all examples | 40 | 50.0% | 95.0% | 2.5% | 5.0% | 8 | 100.0% |\n\n"
    "Expected calibration error: 0.400.\n"
)
MORE = (
    "\n## Two questions in one message, and vague ones\n\n"
    "| what | share |\n"
    "|---|---|\n"
    "| two questions: both met | 50.0% |\n\n"
    "## Beside stock Rasa's default pipeline, on the same sentences\n\n"
    "| sentences | Lotsen: right at once | stock: right at once |\n"
    "|---|---|---|\n"
    "| fold 1 | 90.0% | 75.5% |\n\n"
    "## What each part brings\n\n"
    "| pipeline | first | training seconds |\n"
    "|---|---|---|\n"
    "| as it is | 100.0% | 63 |\n"
    "| without words | 0.0% |  |\n"
)


@pytest.mark.usefixtures("fixed")
@pytest.mark.parametrize(
    ("findings", "text"),
    [
        pytest.param(FINDINGS, SUMMARY.replace("{folds}", "5"), id="only what is always measured"),
        pytest.param(FULL, SUMMARY.replace("{folds}", "3") + MORE, id="everything"),
    ],
)
def test_the_summary_is_markdown(findings: Findings, text: str, tmp_path: Path) -> None:
    """The committed page, letter by letter; |0.8 - 1| and |0.6 - 0| make a calibration error of 0.4."""
    write_summary(findings, tmp_path / "docs" / "figures.md", tmp_path / "docs" / "figures.json")
    assert (tmp_path / "docs" / "figures.md").read_text(encoding="utf-8") == text


def test_the_floor_is_read_as_it_was_written(tmp_path: Path) -> None:
    """The figures that the tests hold the model to are those of the development sets, exactly."""
    write_summary(FULL, tmp_path / "figures.md", tmp_path / "figures.json")
    assert read_floor(tmp_path / "figures.json") == FULL.development


def test_the_machine_is_named() -> None:
    """Cores, memory, system and Python: without them no time means anything."""
    found = re.fullmatch(r"(\d+) cores, (\d+) GiB, (\w+), Python (.+)", machine())
    assert found is not None
    assert int(found[1]) == os.cpu_count()
    assert int(found[2]) >= 1
    assert (found[3], found[4]) == (platform.system(), platform.python_version())


@pytest.mark.parametrize(
    ("column", "value", "cell"),
    [
        ("first", None, ""),
        ("first", 0, "0.0%"),
        ("first", 0.5, "50.0%"),
        ("first", 1, "100.0%"),
        ("training seconds", 63.4, "63"),
        ("training seconds", 1.6, "2"),
    ],
)
def test_a_cell_is_a_share_a_number_or_empty(column: str, value: Any, cell: str) -> None:
    """Shares stand beside seconds in one table."""
    assert report._cell(column, value) == cell


def test_a_second_is_no_share() -> None:
    """A training that takes 0.8 s (a tiny pipeline) did not take 80 per cent."""
    table = report._named({"tiny": {"first": 0.5, "training seconds": 0.8}}, "pipeline")
    assert table.splitlines()[-1] == "| tiny | 50.0% | 1 |"
