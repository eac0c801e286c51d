"""Each layer alone catches a patient's number when those before it are off, counts it, and says so without the text."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest
import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from lotsen.channels.typed import typed_text
from lotsen.observability import metrics
from lotsen.privacy import layers
from lotsen.privacy.layers import Layer, mask_at, mask_transcript_at
from lotsen.privacy.logs import MaskingFilter, masking_processor
from lotsen.privacy.masking import TOKEN
from lotsen.runtime import masked_agent
from lotsen.storage.tracker_store import LotsenTrackerStore

NUMBER, HSA_ID = "19121212-1212", "SE2321000040-AB12"
SAID = f"pat {NUMBER}, {HSA_ID}"


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> List[Tuple[str, str, int]]:
    """What the metrics are told; alarms are due."""
    told: List[Tuple[str, str, int]] = []
    monkeypatch.setattr(metrics, "masked", lambda kind, layer, count: told.append((kind, layer, count)))
    monkeypatch.setattr(layers, "_last_alarm", {})
    return told


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """A log of its own, masked."""
    written, root = io.StringIO(), logging.getLogger("tests.masked")
    handler = logging.StreamHandler(written)
    handler.addFilter(MaskingFilter())
    root.addHandler(handler)
    root.propagate = False
    yield written
    root.removeHandler(handler)
    root.propagate = True


class Stub:
    """What Rasa's agent hands messages to."""

    def __init__(self) -> None:
        """Nothing has been heard."""
        self.heard: List[Any] = []

    async def hear(self, message: Any, *args: Any, **kwargs: Any) -> None:
        """Remember a message."""
        self.heard.append(message)

    handle_message = log_message = parse_message = hear


def test_channel(counted: List[Tuple[str, str, int]], caplog: pytest.LogCaptureFixture) -> None:
    """What is typed is masked at the door, HSA-ids are let in, and that is no alarm."""
    assert typed_text(SAID) == f"pat {TOKEN}, {HSA_ID}"
    assert counted == [("personnummer", "channel", 1)]
    assert caplog.text == ""


@pytest.mark.parametrize("method", ["handle_message", "log_message", "parse_message"])
def test_agent(method: str, counted: List[Tuple[str, str, int]], caplog: pytest.LogCaptureFixture) -> None:
    """Whoever calls the agent, Rasa hears no number: not in the text, the metadata or what came parsed."""
    masked_agent.install()
    stub, agent = Stub(), Agent()
    agent.processor = stub  # type: ignore[assignment]
    agent.is_ready = lambda: True  # type: ignore[method-assign]
    if method == "parse_message":
        asyncio.run(agent.parse_message(SAID))
    else:
        message = UserMessage(SAID, metadata={"from": {"name": NUMBER}}, parse_data={"text": SAID})
        asyncio.run(getattr(agent, method)(message))
    (heard,) = stub.heard
    assert heard.text == f"pat {TOKEN}, {HSA_ID}"
    assert NUMBER not in f"{heard.metadata} {heard.parse_data}"
    assert ("personnummer", "agent", 1) in counted
    assert "agent" in caplog.text and NUMBER not in caplog.text


def test_agent_is_wrapped_once() -> None:
    """Installing twice masks once, and the HTTP API, which goes past the agent, is masked, too."""
    masked_agent.install()
    wrapped = Agent.handle_message, MessageProcessor.log_message
    masked_agent.install()
    assert (Agent.handle_message, MessageProcessor.log_message) == wrapped
    assert all(hasattr(one, "lotsen_masks") for one in wrapped)


def test_tracker_store_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rasa's own commands open the store that ``endpoints.yml`` names, and have the masked agent from then on."""
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(Agent, "handle_message", Agent.handle_message.__wrapped__)
    LotsenTrackerStore(Domain.empty())
    assert hasattr(Agent.handle_message, "lotsen_masks")


def test_tracker(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    counted: List[Tuple[str, str, int]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A tracker that is saved has no number, and an HSA-id is no alarm there: it is only kept from the transcript."""
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(tmp_path))
    store = LotsenTrackerStore(Domain.empty())
    asyncio.run(store.save(DialogueStateTracker.from_events("web-1", [UserUttered(HSA_ID)])))
    assert {kind for kind, _, _ in counted} == {"HSA-id"} and caplog.text == ""
    asyncio.run(store.save(DialogueStateTracker.from_events("web-2", [UserUttered(SAID, metadata={"by": NUMBER})])))
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"web-2" in stored and NUMBER.encode() not in stored and HSA_ID.encode() not in stored
    assert ("personnummer", "tracker") in {(kind, layer) for kind, layer, _ in counted}
    assert "tracker" in caplog.text and NUMBER not in caplog.text


def test_log(log: io.StringIO, counted: List[Tuple[str, str, int]]) -> None:
    """A line has no number in its message, its arguments or its exception."""
    try:
        raise ValueError(SAID)
    except ValueError:
        logging.getLogger("tests.masked").exception("Felet %s %d", {"text": SAID}, 191212121212)
    assert NUMBER not in log.getvalue() and HSA_ID not in log.getvalue() and "1212121212" not in log.getvalue()
    assert f"ValueError: pat {TOKEN}, [HSA-id]" in log.getvalue()
    assert {layer for _, layer, _ in counted} == {"log"}


def test_log_with_fields_of_its_own() -> None:
    """What a JSON formatter would add to a line is masked, whatever it is; numbers of other kinds stay numbers."""
    record = logging.LogRecord("x", logging.INFO, "", 0, "hej", (), None)
    said: Dict[str, Any] = {"text": SAID, "all": [SAID, {"by": Path(NUMBER)}], "error": ValueError(NUMBER)}
    fields = {**said, "ms": 12.5, "count": 3}
    record.__dict__.update(fields)
    assert MaskingFilter().filter(record)
    assert NUMBER not in str(record.__dict__)
    assert (record.ms, record.count) == (12.5, 3)  # type: ignore[attr-defined]


def test_log_line_that_cannot_be_rendered(log: io.StringIO) -> None:
    """Arguments that do not fit, and things that fail to be text, lose no line and leak nothing."""

    class Broken:
        def __str__(self) -> str:
            raise RuntimeError(NUMBER)

    logging.getLogger("tests.masked").warning("bara %s %s", SAID)
    logging.getLogger("tests.masked").warning("en", extra={"it": Broken()})
    assert len(log.getvalue().splitlines()) == 2 and NUMBER not in log.getvalue()


def test_structlog() -> None:
    """Rasa's own events are masked: every value, and the exception, whatever renders them."""
    log = structlog.wrap_logger(
        structlog.PrintLogger(written := io.StringIO()), [masking_processor, structlog.processors.JSONRenderer()]
    )
    try:
        raise ValueError(SAID)
    except ValueError:
        log.error("processor.message", text=SAID, slots={"note": [SAID]}, turn=3, exc_info=True)
    told = json.loads(written.getvalue())
    assert NUMBER not in written.getvalue() and HSA_ID not in written.getvalue()
    assert (
        told["turn"] == 3 and told["slots"]["note"] == [f"pat {TOKEN}, [HSA-id]"] and "ValueError" in told["exception"]
    )


def test_an_alarm_is_not_repeated_at_once(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """A leak that is used often fills no log; each layer has its own alarm, and it comes again later."""
    now = 1000.0
    monkeypatch.setattr(layers.time, "monotonic", lambda: now)
    for _ in range(3):
        mask_at(Layer.AGENT, SAID)
        mask_transcript_at(Layer.TRACKER, SAID)
    assert len(caplog.records) == 2
    now += layers.ALARM_SECONDS
    mask_at(Layer.AGENT, SAID)
    assert len(caplog.records) == 3
