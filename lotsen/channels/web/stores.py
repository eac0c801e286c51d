"""Everything that the web channel keeps, and how a conversation is ended in all of it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Engine

from lotsen.cases.access import Guesses
from lotsen.cases.history import History
from lotsen.cases.store import CaseStore
from lotsen.channels.chat.listening import Listening
from lotsen.channels.chat.log import ChatLog
from lotsen.channels.chat.turns import Turns
from lotsen.channels.live import MINUTES, open_listening
from lotsen.channels.opened import CaseDoor
from lotsen.channels.resume import ResumeCodes
from lotsen.channels.web.conversations import Conversations
from lotsen.channels.web.sessions import Sessions
from lotsen.dialogue.timers import Timers
from lotsen.disturbances.audience import Audience
from lotsen.feedback.store import FeedbackStore
from lotsen.outcomes.asked_store import AskedStore

CHANNEL = "web"
"""The channel's name in trackers and tables."""


@dataclass(frozen=True)
class Stores:
    """What is kept of web conversations, in one database."""

    sessions: Sessions
    conversations: Conversations
    log: ChatLog
    turns: Turns
    codes: ResumeCodes
    timers: Timers
    feedback: FeedbackStore
    door: CaseDoor
    history: History
    audience: Audience
    asked: AskedStore
    desk: Listening

    @classmethod
    def on(cls, engine: Engine, key: str, key_before: str = "", takeover_minutes: float = MINUTES) -> Stores:
        """Keep all in ``engine``'s database; ``key`` signs, and what ``key_before`` signed is still read."""
        cases = CaseStore(engine)
        before = (key_before,) if key_before else ()
        return cls(
            sessions=Sessions(key, before),
            conversations=Conversations(engine),
            log=ChatLog(engine),
            turns=Turns(engine, CHANNEL),
            codes=ResumeCodes(engine),
            timers=Timers(engine),
            feedback=FeedbackStore(engine),
            door=CaseDoor(cases, (key, *before), Guesses(engine=engine)),
            history=cases.history,
            audience=Audience(engine),
            asked=AskedStore(engine),
            desk=open_listening(engine, CHANNEL, cases, takeover_minutes),
        )

    def end(self, conversation: str) -> None:
        """Forget a conversation whose user has ended it: what was shown, who it was, and every way back to it.

        Cases stay, and can be opened by number and code. The tracker goes at the next purge.
        """
        self.conversations.end(conversation)
        self.timers.clear(conversation)
        self.codes.forget(conversation)
        self.asked.forget(conversation)  # Before the ratings: they tell how it ended.
        self.feedback.forget(conversation)
        self.audience.forget(conversation)
        self.desk.lines.end(conversation)
        self.log.forget(conversation)
