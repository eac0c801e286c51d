"""Traces of turns: what a collector gets, and that a turn does not notice whether there is one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Iterator, List

import pytest

from lotsen.observability import registry, tracing, turn_id
from lotsen.observability.turns import FAILED, observed, part, went
from lotsen.settings import ROOT
from tests.observability.collector import Collector
from tests.support.ports import free_port

DROPPED = "lotsen_spans_dropped_total"


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector that traces are sent to."""
    listening = Collector()
    tracing.configure("rasa", listening.url)
    yield listening
    tracing.configure("rasa", "")
    listening.close()


def run_turn(ids: List[str], outcome: str = "") -> None:
    """Run one turn with a part, in a task of its own as the channels do."""

    async def work() -> None:
        ids.append(turn_id.current())
        with part("understand"):
            await asyncio.sleep(0)
        if outcome:
            went(outcome)

    asyncio.run(observed("web", work()))


def test_trace_of_a_turn(collector: Collector) -> None:
    """A trace has the turn's id twice, its first span has it once, and parts lie inside it under it."""
    ids: List[str] = []
    run_turn(ids, FAILED)
    tracing.close()
    whole, understood = collector.wait_for("rasa", "turn web"), collector.wait_for("rasa", "understand")
    assert (whole.trace_id.hex(), whole.span_id.hex(), whole.parent_span_id) == (ids[0] * 2, ids[0], b"")
    assert (understood.trace_id, understood.parent_span_id) == (whole.trace_id, whole.span_id)
    assert whole.start_time_unix_nano <= understood.start_time_unix_nano
    assert understood.end_time_unix_nano <= whole.end_time_unix_nano
    assert whole.status.code == 2
    assert {one.key for one in whole.attributes} == {"lotsen.turn"}


def test_collector_that_is_away_costs_spans_and_no_turn() -> None:
    """Nobody listens: turns run as ever, and what nobody got is counted."""
    before = registry.value(DROPPED)
    tracing.configure("rasa", f"http://127.0.0.1:{free_port()}/v1/traces")
    try:
        ids: List[str] = []
        for _ in range(3):
            run_turn(ids)
    finally:
        tracing.close()
    assert len(set(ids)) == 3
    assert registry.value(DROPPED) == before + 6


def test_full_queue_drops_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is bounded, also with a collector that never answers."""
    monkeypatch.setattr(tracing, "QUEUE", 8)
    monkeypatch.setattr(tracing, "SEND_MS", 3_600_000.0)
    before = registry.value(DROPPED)
    tracing.configure("rasa", f"http://127.0.0.1:{free_port()}/v1/traces")
    try:
        for _ in range(50):
            run_turn([])
    finally:
        tracing.close()
    assert registry.value(DROPPED) == before + 100


def test_nothing_of_it_is_imported_when_it_is_off() -> None:
    """A turn without traces costs no library."""
    script = (
        "import asyncio, sys; from lotsen.observability import tracing, turns\n"
        "async def work():\n    with turns.part('understand'): pass\n"
        "tracing.configure('rasa', ''); asyncio.run(turns.observed('web', work()))\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
