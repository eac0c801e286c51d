"""Whom a problem stops, from words that people wrote: no false alarm, and most of what is said outright."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.cases.case import Impact
from lotsen.cases.impact import impact_in, impact_of
from tests.cases.lines import lines

MEANT = {"patient_waits": Impact.PATIENT_WAITS, "several": Impact.SEVERAL}
FOUND = {"affected": 0.9, "told_impact": 0.72}
"""So much of what is meant is found at least; see docs/developer.md for why it is not more."""


@pytest.mark.parametrize(
    "line",
    [line for line in lines("affected", "told_impact") if line["means"] not in MEANT],
    ids=lambda line: line["text"][:40],
)
def test_no_false_alarm(line: dict[str, str]) -> None:
    """A case is not made urgent by words that only look like it."""
    assert impact_in(line["text"]) is None


@pytest.mark.parametrize("key", FOUND)
def test_what_is_meant_is_mostly_found(key: str) -> None:
    """And never taken for the other of the two."""
    found = Counter((line["means"], impact_in(line["text"])) for line in lines(key) if line["means"] in MEANT)
    right = sum(count for (means, impact), count in found.items() if impact is MEANT[means])
    wrong = sum(count for (means, impact), count in found.items() if impact not in (None, MEANT[means]))
    assert wrong == 0
    assert right / sum(found.values()) >= FOUND[key]


def test_the_gravest_counts() -> None:
    """A patient who waits goes before colleagues who are stopped, in whatever order it was said."""
    assert impact_of(["flera kollegor har samma", "en patient väntar på mig"]) is Impact.PATIENT_WAITS
    assert impact_of(["flera kollegor har samma", "hej"]) is Impact.SEVERAL
    assert impact_of([]) is None


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    """Whatever somebody types."""
    impact_in(text)
