"""Cases for the tests: one that has all parts, many that Hypothesis makes, and a clock that stands still."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st

from lotsen.cases.case import (
    CaseDraft,
    Category,
    Contact,
    Impact,
    Level,
    Line,
    Priority,
    Status,
    TriedGuide,
    TriedStep,
)
from lotsen.cases.store import Case
from lotsen.cases.wording import FACTS
from lotsen.content.texts import REASONS
from lotsen.guides.model import Outcome
from lotsen.guides.model import Status as RunStatus

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=timezone.utc)
KEY = "0123456789abcdef" * 2
OTHER_KEY = "fedcba9876543210" * 2
NUMBER = "19121212-1212"
"""A personal identity number that belongs to nobody."""

FULL = CaseDraft(
    problem="Sidan kan inte visas",
    category=Category("page_cannot_be_displayed", "Sidan kan inte visas", "Inloggning"),
    reason="Felet är kvar.",
    target="it_service",
    target_name="IT kundservice",
    tried=(
        TriedGuide(
            "login",
            "Logga in",
            "0123456789ab",
            "handoff",
            (TriedStep("Logga in", "Ta ut kortet.", "gjort", 7.5, "login/card", "done"),),
        ),
    ),
    facts={name: f"Det här är {name}" for name in FACTS},
    contact=Contact("070-174 06 35", "moa@example.se", "Moa", "Psyk norr", "SE2321000016-1ABC", True, "Moa, Psyk norr"),
    impact=Impact.PATIENT_WAITS,
    priority=Priority(Level.URGENT, ("patient_waits", "disturbance")),
    added="Å, ä och ö 😀",
    transcript=(Line("2026-11-26T07:59:00+00:00", "user", "Hej"), Line("2026-11-26T07:59:01+00:00", "bot", "Hej!")),
)
"""Every part is there."""


class Clock:
    """A clock that stands still until it is told to go."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def tick(self, **time: float) -> datetime:
        """Go on; return the time then."""
        self.now += timedelta(**time)
        return self.now


_text = st.text(max_size=40)
_time = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(timezone.utc))  # noqa: DTZ001
_steps = st.builds(
    TriedStep, _text, _text, _text, st.floats(0, 1e6), _text, st.sampled_from([one.value for one in Outcome])
)
_guides = st.builds(
    TriedGuide,
    _text,
    _text,
    _text,
    st.sampled_from([one.value for one in RunStatus]),
    st.lists(_steps, max_size=3).map(tuple),
)
_lines = st.builds(
    Line, _time.map(lambda at: at.isoformat(timespec="seconds")), st.sampled_from(("user", "bot")), _text
)
_reasons = st.lists(st.sampled_from(REASONS), unique=True).map(tuple)

drafts = st.builds(
    CaseDraft,
    problem=_text,
    category=st.builds(Category, _text, _text, _text),
    reason=_text,
    target=_text,
    target_name=_text,
    tried=st.lists(_guides, max_size=3).map(tuple),
    facts=st.dictionaries(st.sampled_from(FACTS), _text),
    contact=st.builds(Contact, _text, _text, _text, _text, _text, st.booleans(), _text),
    impact=st.none() | st.sampled_from(Impact),
    priority=st.builds(Priority, st.sampled_from(Level), _reasons),
    added=_text,
    transcript=st.lists(_lines, max_size=3).map(tuple),
)
_ids = st.integers(1, 10**9)
cases = st.builds(
    lambda id, **parts: Case(id=id, number=f"LOT-{id:06d}", **parts),
    _ids,
    key=st.uuids().map(lambda one: one.hex),
    created=_time,
    status=st.sampled_from(Status),
    conversation=_text,
    channel=_text,
    draft=drafts,
    parent=st.none() | _ids,
)
