"""What has happened to cases, and who is still to be told."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Optional, Tuple

import pytest
from sqlalchemy.engine import Engine

from lotsen.cases.history import CONFIRMED, DELIVERED, LEASE, MAX_TRIES, REPLY, STATUS, Event, History
from lotsen.storage.database import open_engine
from tests.cases.made import NOW, Clock

WEB = ("web-1", "web")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of an SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'lotsen.db'}"


@pytest.fixture
def engine(url: str) -> Engine:
    """An empty database."""
    return open_engine(url)


@pytest.fixture
def history(engine: Engine) -> History:
    """Nothing has happened yet."""
    return History(engine)


def note(
    engine: Engine,
    kind: str,
    text: str = "",
    case: int = 1,
    at: datetime = NOW,
    external: Optional[str] = None,
    tell: Optional[Tuple[str, str]] = None,
) -> bool:
    """Note one event."""
    with engine.begin() as connection:
        return History(engine).add(connection, case, kind, at, "webhook", text, external, tell)


def test_events_in_order(engine: Engine, history: History) -> None:
    """Each case has its own, oldest first, and the latest of a kind is found."""
    assert history.of(1) == []
    note(engine, CONFIRMED)
    note(engine, REPLY, "a", case=2)
    note(engine, REPLY, "b", at=NOW + timedelta(minutes=1))
    note(engine, REPLY, "c", at=NOW + timedelta(minutes=2))
    assert [(event.kind, event.text) for event in history.of(1)] == [(CONFIRMED, ""), (REPLY, "b"), (REPLY, "c")]
    assert history.latest(1, REPLY) == Event(4, 1, NOW + timedelta(minutes=2), REPLY, "webhook", "c")
    assert history.latest(1, DELIVERED) is None


def test_an_event_is_known_by_the_desks_id(engine: Engine, history: History) -> None:
    """The same one is kept once in a case; events without an id as often as they happen."""
    assert [note(engine, REPLY, "x", external="reply:1") for _ in range(2)] == [True, False]
    assert note(engine, REPLY, "x", external="reply:1", case=2)
    assert all(note(engine, STATUS, "open") for _ in range(2))
    assert [event.kind for event in history.of(1)] == [REPLY, STATUS, STATUS]


def test_nothing_is_kept_of_a_transaction_that_failed(engine: Engine, history: History) -> None:
    """An event is part of what the caller does."""
    with pytest.raises(RuntimeError), engine.begin() as connection:
        history.add(connection, 1, CONFIRMED, NOW)
        raise RuntimeError
    assert history.of(1) == []


def test_who_is_to_be_told(engine: Engine, history: History) -> None:
    """Conversations of a channel, each once, from the time of the event; nobody where nobody was named."""
    note(engine, CONFIRMED)
    note(engine, REPLY, "a", tell=WEB)
    note(engine, REPLY, "b", tell=("web-2", "web"))
    note(engine, REPLY, "c", tell=WEB)
    note(engine, REPLY, "d", tell=("teams-1", "teams"))
    assert history.take_untold("web", NOW - timedelta(seconds=1)) == []
    assert history.take_untold("web", NOW) == ["web-1", "web-2"]
    assert [event.text for event in history.untold("web-1")] == ["a", "c"]
    assert history.take_untold("teams", NOW) == ["teams-1"]


def test_what_was_told_does_not_come_again(engine: Engine, history: History) -> None:
    """Only what was told: an answer that came meanwhile does."""
    note(engine, REPLY, "a", tell=WEB)
    (told,) = history.untold("web-1")
    note(engine, REPLY, "b", tell=WEB)
    history.told([told.id])
    history.told([])
    assert [event.text for event in history.untold("web-1")] == ["b"]
    assert history.take_untold("web", NOW) == ["web-1"]
    assert [event.text for event in history.of(1)] == ["a", "b"]


def test_a_lease(engine: Engine, history: History) -> None:
    """What was handed out and not told is handed out again, when the lease is over and not before."""
    clock = Clock()
    note(engine, REPLY, "a", tell=WEB)
    assert history.take_untold("web", clock()) == ["web-1"]
    assert history.take_untold("web", clock.tick(seconds=LEASE.total_seconds() - 1)) == []
    assert history.take_untold("web", clock.tick(seconds=1)) == ["web-1"]


def test_what_cannot_be_told_is_given_up(engine: Engine, history: History, caplog: pytest.LogCaptureFixture) -> None:
    """After so many tries, with one line in the log that has nothing of the text; the case keeps it."""
    clock = Clock()
    note(engine, REPLY, "hemligt", tell=WEB)
    for _ in range(MAX_TRIES):
        assert history.take_untold("web", clock()) == ["web-1"]
        clock.tick(seconds=LEASE.total_seconds())
    with caplog.at_level(logging.ERROR):
        assert [history.take_untold("web", clock()) for _ in range(2)] == [[], []]
    assert [record.getMessage() for record in caplog.records] == ["Event 1 of case 1 could not be told to its user."]
    assert history.untold("web-1") == []
    assert [event.text for event in history.of(1)] == ["hemligt"]


@pytest.mark.parametrize("round_number", range(3))
def test_one_of_several_callers_gets_it(round_number: int, url: str, engine: Engine) -> None:
    """However many look at the same moment."""
    history = History(engine)
    for number in range(5):
        note(engine, REPLY, tell=(f"web-{number}", "web"))
    histories = [history, *(History(open_engine(url)) for _ in range(3))]
    together = threading.Barrier(len(histories))

    def take(one: History) -> list[str]:
        together.wait()
        return one.take_untold("web", NOW)

    with ThreadPoolExecutor(len(histories)) as pool:
        taken = [conversation for some in pool.map(take, histories) for conversation in some]
    assert sorted(taken) == [f"web-{number}" for number in range(5)]


def test_whose_status_is_new(engine: Engine, history: History) -> None:
    """The cases whose status was set since a time, each once; answers do not count."""
    note(engine, STATUS, "open", case=1)
    note(engine, STATUS, "resolved", case=2, at=NOW + timedelta(days=1))
    note(engine, STATUS, "open", case=2, at=NOW + timedelta(days=2))
    note(engine, REPLY, "x", case=1, at=NOW + timedelta(days=2))
    assert history.with_new_status(NOW) == {1, 2}
    assert history.with_new_status(NOW + timedelta(days=1)) == {2}
    assert history.with_new_status(NOW + timedelta(days=3)) == set()


def test_the_same_news_from_several_at_once(url: str) -> None:
    """Whoever asks a desk at the same moment keeps its answer once, and none of them fails."""
    engines = [open_engine(url) for _ in range(4)]
    History(engines[0])
    rounds = 25
    together = threading.Barrier(len(engines))

    def keep(engine: Engine) -> int:
        new = 0
        for number in range(rounds):
            together.wait(30)
            new += note(engine, REPLY, "x", external=f"reply:{number}")
        return new

    with ThreadPoolExecutor(len(engines)) as pool:
        assert sum(pool.map(keep, engines)) == rounds
    assert len(History(engines[0]).of(1)) == rounds
