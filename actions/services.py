"""What actions share: the content and the stores, opened when first needed."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, List, Mapping, Tuple

from rasa_sdk import Tracker
from sqlalchemy.engine import Engine

from lotsen.cases.hours import DeskHours, read_hours
from lotsen.cases.store import CaseStore
from lotsen.cases.transcript import MAX_LINES
from lotsen.channels.resume import ResumeCodes
from lotsen.content.catalogue import Content, load_content
from lotsen.dialogue.timers import Timers
from lotsen.disturbances.audience import Audience
from lotsen.disturbances.detection import Watch
from lotsen.disturbances.notices import Notices
from lotsen.outcomes.records import RunRecords
from lotsen.service_desks.config import Route, read_routes
from lotsen.settings import CONTENT, Settings
from lotsen.storage.database import open_engine
from lotsen.storage.earlier import whole
from lotsen.storage.secret import read_or_make_key


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings, read once in the life of the action server."""
    return Settings.read()


@lru_cache(maxsize=1)
def content() -> Content:
    """Return the content of ``data/``, read once in the life of the action server."""
    return load_content(CONTENT)


@lru_cache(maxsize=1)
def case_store() -> CaseStore:
    """Return the case store, opened once in the life of the action server."""
    return CaseStore(_engine())


@lru_cache(maxsize=1)
def routes() -> Tuple[Route, ...]:
    """Return the desks that cases go to."""
    return read_routes(settings().desks)


@lru_cache(maxsize=1)
def desk_hours() -> DeskHours:
    """Return when the desk is staffed."""
    return read_hours(settings())


@lru_cache(maxsize=1)
def secret() -> str:
    """Return the server's key; codes of cases are made from it."""
    return read_or_make_key(settings().secret, settings().data_dir)


@lru_cache(maxsize=1)
def notices() -> Notices:
    """Return the notices of disturbances."""
    return Notices(_engine())


@lru_cache(maxsize=1)
def audience() -> Audience:
    """Return who has heard of disturbances."""
    return Audience(_engine())


@lru_cache(maxsize=1)
def watch() -> Watch:
    """Return what notices that many have the same trouble."""
    return Watch(_engine(), settings().disturbance_count, settings().disturbance_minutes)


@lru_cache(maxsize=1)
def run_records() -> RunRecords:
    """Return the record of guide runs."""
    return RunRecords(_engine())


@lru_cache(maxsize=1)
def timers() -> Timers:
    """Return the timers of ``wait`` steps."""
    return Timers(_engine())


@lru_cache(maxsize=1)
def resume_codes() -> ResumeCodes:
    """Return the codes that lead back to a conversation."""
    return ResumeCodes(_engine())


def all_sessions(tracker: Tracker) -> List[Mapping[str, Any]]:
    """Return a tracker's events, and before them what was said in earlier sessions, which Rasa leaves out."""
    return whole(_engine(), tracker.sender_id, tracker.events, MAX_LINES)


@lru_cache(maxsize=1)
def _engine() -> Engine:
    """Return the database that all stores use."""
    return open_engine(settings().database_url)
