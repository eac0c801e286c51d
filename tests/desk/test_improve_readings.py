"""What the model makes of questions, kept on both databases."""

from __future__ import annotations

import pytest

from lotsen.desk.improve.readings import Readings
from lotsen.storage.database import open_engine
from tests.desk.test_improve import Model


@pytest.fixture
def model() -> Model:
    """The model's stand-in."""
    return Model()


@pytest.fixture
def readings(database_url: str, model: Model) -> Readings:
    """An empty table."""
    return Readings(open_engine(database_url), model)  # type: ignore[arg-type]


def test_what_is_kept_comes_back(readings: Readings, model: Model) -> None:
    """The nearest questions and the embedding are read as they were written."""
    first, again = readings.of(["lunch idag"]), readings.of(["lunch idag"])
    assert model.read_texts.count("lunch idag") == 1
    assert again.readings["lunch idag"].nearest == first.readings["lunch idag"].nearest
    assert list(again.readings["lunch idag"].vector) == list(first.readings["lunch idag"].vector)


def test_only_so_many_at_a_time(readings: Readings) -> None:
    """The rest is counted, and read the next time."""
    texts = [f"fråga {number}" for number in range(5)]
    assert (readings.of(texts, more=2).missing, readings.of(texts, more=2).missing) == (3, 1)
    assert len(readings.of(texts, more=2).readings) == 5


def test_when_the_model_does_not_answer(readings: Readings, model: Model) -> None:
    """What is known is there, and the rest is missing."""
    readings.of(["ett"])
    model.answers = False
    found = readings.of(["ett", "två"])
    assert (set(found.readings), found.missing, found.answers) == ({"ett"}, 1, False)
