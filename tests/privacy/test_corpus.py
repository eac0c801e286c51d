"""The measured figures of ``docs/masking.md`` hold, and every form in the corpus is masked for good."""

from __future__ import annotations

import subprocess
import sys
from typing import List

import pytest

from lotsen.privacy.masking import mask_transcript
from lotsen.settings import ROOT
from tests.privacy.corpus import LINES, SEED, Line, lines
from tests.privacy.measure import BEGIN, END, PAGE, Figures, measure, table

RECALL, FALSE_ALARMS = 0.995, 0.005
"""The issue's own limits."""


@pytest.fixture(scope="module")
def corpus() -> List[Line]:
    """All lines."""
    return lines()


@pytest.fixture(scope="module")
def figures(corpus: List[Line]) -> Figures:
    """What is found in them."""
    return measure(corpus)


def test_recall_and_false_alarms(figures: Figures) -> None:
    """Of 20,000 lines nearly every number is masked, and nearly nothing else."""
    assert sum(map(len, (*figures.caught.values(), *figures.alarms.values()))) == LINES == 20_000
    assert figures.recall >= RECALL
    assert figures.false_alarms <= FALSE_ALARMS


def test_what_the_package_holds_for_valid_is_masked(figures: Figures) -> None:
    """The package ``personnummer`` is the judge of the forms that it takes: none of its numbers is left."""
    assert len(figures.judged) > 500
    assert figures.disputed == []


def test_another_seed_is_no_worse() -> None:
    """The rules were not made for one throw of the dice."""
    figures = measure(lines(seed=SEED + 1))
    assert figures.recall >= RECALL and figures.false_alarms <= FALSE_ALARMS and figures.agreement == 1


def test_masking_twice_is_masking_once(corpus: List[Line]) -> None:
    """What has been masked stays as it is."""
    masked = [mask_transcript(line.text) for line in corpus[:5_000]]
    assert [mask_transcript(text) for text in masked] == masked


def test_the_page_tells_these_figures(figures: Figures) -> None:
    """The table in the docs is the one that the command makes now."""
    page = PAGE.read_text(encoding="utf-8")
    assert table(figures) in page.partition(BEGIN)[2].partition(END)[0]


def test_the_command_masks_the_corpus(corpus: List[Line]) -> None:
    """``lotsen mask`` prints each line masked, as fast as a log grows, and imports nothing heavy."""
    some = [line for line in corpus if len(line.text.splitlines()) == 1 and "\r" not in line.text]
    script = (
        "import sys; from lotsen.cli import main; code = main(['mask']); "
        "heavy = {'rasa', 'sqlalchemy', 'numpy'} & set(sys.modules); sys.exit(code or len(heavy))"
    )
    given = "\n".join(line.text for line in some)
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, input=given.encode(), capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.decode().split("\n") == [mask_transcript(line.text) for line in some]
