"""Everything that the Teams channel keeps."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Engine

from lotsen.cases.access import Guesses
from lotsen.cases.store import CaseStore
from lotsen.channels.chat.listening import Listening
from lotsen.channels.chat.log import ChatLog
from lotsen.channels.chat.turns import Turns
from lotsen.channels.live import MINUTES, open_listening
from lotsen.channels.opened import CaseDoor
from lotsen.channels.teams.references import References
from lotsen.dialogue.timers import Timers
from lotsen.disturbances.audience import Audience
from lotsen.feedback.store import FeedbackStore

CHANNEL = "teams"
"""The channel's name in trackers and tables."""


@dataclass(frozen=True)
class TeamsStores:
    """What is kept of Teams conversations, in one database."""

    references: References
    log: ChatLog
    turns: Turns
    timers: Timers
    feedback: FeedbackStore
    door: CaseDoor
    cases: CaseStore
    audience: Audience
    desk: Listening

    @classmethod
    def on(cls, engine: Engine, key: str, key_before: str = "", takeover_minutes: float = MINUTES) -> TeamsStores:
        """Keep all in ``engine``'s database; ``key`` names conversations, and what ``key_before`` named is known."""
        cases = CaseStore(engine)
        keys = (key, key_before) if key_before else (key,)
        return cls(
            references=References(engine, keys),
            log=ChatLog(engine),
            turns=Turns(engine, CHANNEL),
            timers=Timers(engine),
            feedback=FeedbackStore(engine),
            door=CaseDoor(cases, keys, Guesses(engine=engine)),
            cases=cases,
            audience=Audience(engine),
            desk=open_listening(engine, CHANNEL, cases, takeover_minutes),
        )
