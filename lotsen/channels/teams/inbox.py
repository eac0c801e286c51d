"""What to do with what happened in Teams: stored once, whatever Teams sends again, with the turn that answers it.

A turn is Rasa's, or a fixed reply where there is nothing to understand: a file, a reaction, a button of an old card.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from typing import Callable, Dict, Optional, Sequence, Tuple

from sqlalchemy.engine import Connection

from lotsen.cases.transcript import HIDDEN
from lotsen.channels.chat.message import ASIDE, USER, Choice
from lotsen.channels.chat.turns import MAX_WAITING, Turn
from lotsen.channels.resume import code_in
from lotsen.channels.teams.activity import Activity, Kind, short_id
from lotsen.channels.teams.stores import TeamsStores
from lotsen.channels.typed import MAX_TEXT, typed_text
from lotsen.feedback.store import DOWN, UP
from lotsen.privacy.layers import Layer, mask_transcript_at

GREETING = "/greet"
MINUTE = 60.0
ASIDES_PER_MINUTE = 10
"""Fixed replies to one user in a minute, from each server process. What comes then is passed over in silence, so that
who sends a thousand pictures does not get a thousand answers."""
NOTES = {Kind.FILE: "live_file", Kind.PICTURE: "live_picture", Kind.EDITED: "live_edited"}
"""What the support desk is told, while it has the conversation, of what is no word (``data/texts.yml``)."""
FIRST_WELCOME = "welcome"
"""The id in the log of what Teams tells twice: that the app was added."""
NAMES_USER = "/change_contact", {"contact_way": "teams"}
"""The payload of the button with which a user agrees to be named by Teams: intent and entities."""


@dataclass(frozen=True)
class Task:
    """What a turn is to do."""

    turn: Turn
    said: str = ""
    """What Rasa hears; empty if there is nothing to understand."""
    replies: Tuple[str, ...] = ()
    """The names of texts that are said (``data/texts.yml``)."""
    offers: Sequence[Choice] = ()
    """What can still be chosen, shown again with the last of the replies."""
    names_user: bool = False
    """The user has agreed that Teams tells who they are."""


class Inbox:
    """Takes in what Teams sends."""

    def __init__(self, stores: TeamsStores, per_minute: int, clock: Callable[[], float] = time.time) -> None:
        """Store it in ``stores``; take ``per_minute`` messages of one user in a minute."""
        self._stores, self._per_minute, self._clock = stores, per_minute, clock
        self._minute, self._asides = 0, Counter[str]()
        self._handlers: Dict[Kind, Callable[[str, Activity], Optional[Task]]] = {
            Kind.TEXT: self._text,
            Kind.CHOICE: self._choice,
            Kind.FILE: lambda name, one: self._aside(name, one, "teams_file"),
            Kind.PICTURE: lambda name, one: self._aside(name, one, "teams_picture"),
            Kind.EDITED: self._edited,
            Kind.DELETED: self._deleted,
            Kind.REACTION: self._reaction,
        }

    def take(self, activity: Activity) -> Optional[Task]:
        """Return what is to be done; None if that is nothing, or has been begun before.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if it cannot be stored; Teams sends it again.
        """
        if activity.kind is Kind.NOTHING:
            return None
        name = self._stores.references.name(activity.account)
        if activity.kind is Kind.REMOVED:
            self._stores.references.left(name)
            self._stores.desk.lines.end(name)
            return None
        if activity.kind is Kind.INSTALLED:
            return self._welcome(name, activity)
        self._stores.references.met(name, activity.account)
        if not activity.account.personal:
            return self._group(name, activity)
        if self._stores.log.has(name, short_id(activity.id)):
            return None
        return self._handlers[activity.kind](name, activity)

    def _group(self, name: str, activity: Activity) -> Optional[Task]:
        """Tell a group that this is for one person; nothing of what is said there is kept."""
        spoken_to = activity.kind in (Kind.TEXT, Kind.CHOICE, Kind.FILE, Kind.PICTURE)
        return self._aside(name, activity, "teams_group") if spoken_to else None

    def _welcome(self, name: str, activity: Activity) -> Optional[Task]:
        """Greet once who is new or back, though Teams tells it in two ways.

        Where nothing was said yet the greeting is still due: it could not be stored the first time.
        """
        references = self._stores.references
        known = references.get(name) is not None
        back = references.met(name, activity.account) and known
        first = not self._stores.log.after(name, 0)
        if not first and not back:
            return None
        turn = self._hear(name, FIRST_WELCOME if first else activity.id, "", ASIDE)
        if turn is None:
            return None
        return Task(turn, GREETING) if activity.account.personal else Task(turn, replies=("teams_group",))

    def _text(self, name: str, activity: Activity) -> Optional[Task]:
        """Hand a text to Rasa, or to the desk if it has the conversation, unless it is a code, or too much.

        A person has no use for a code, and can read more than Rasa.
        """
        text, taken = typed_text(activity.text), self._stores.desk.taken(name)
        beside = {Kind.PICTURE: ("teams_picture",), Kind.FILE: ("teams_file",)}.get(activity.beside or Kind.TEXT, ())
        if not text:
            return self._aside(name, activity, *beside) if beside else None
        if code_in(text) is not None:
            if not taken:
                return self._aside(name, activity, "teams_code")
            text = HIDDEN
        if len(text) > MAX_TEXT and not taken:
            return self._aside(name, activity, "teams_too_long")
        if self._too_many(name):
            return self._aside(name, activity, "teams_too_fast", even_taken=True)
        opened = self._stores.door.open(name, text)
        shown, said = (opened.shown, opened.payload) if opened is not None else (text, text)
        turn = self._hear(name, activity.id, shown, beside=activity.beside)
        return Task(turn, said, beside) if turn is not None else None

    def _choice(self, name: str, activity: Activity) -> Optional[Task]:
        """Obey a button of the present question; one of an old card is explained, and the present one shown again."""
        choice = self._stores.log.offered(name).get(activity.choice)
        if choice is None and self._stores.desk.taken(name):
            choice = self._stores.log.choice(name, activity.choice)  # A person understands an old one, too.
        if choice is None:
            return self._old_choice(name, activity)
        if self._too_many(name):
            return self._aside(name, activity, "teams_too_fast", even_taken=True)
        try:
            turn = self._hear(name, activity.id, choice.title, choice=choice)
        except _Spoken:
            return self._old_choice(name, activity)
        return Task(turn, choice.payload, names_user=_names_user(choice.payload)) if turn is not None else None

    def _old_choice(self, name: str, activity: Activity) -> Optional[Task]:
        """Explain a button that no longer counts; not if it is the one that is just being obeyed, pressed twice."""
        pressed, last = self._stores.log.choice(name, activity.choice), self._stores.log.last_said(name)
        same = pressed is not None and last is not None and pressed.title == last.text
        at_work = same and self._stores.turns.waiting(name) > 0
        return None if at_work else self._aside(name, activity, "teams_old_choice")

    def _edited(self, name: str, activity: Activity) -> Optional[Task]:
        known = self._stores.log.has(name, short_id(activity.about))
        return self._aside(name, activity, "teams_edited") if known else None

    def _deleted(self, name: str, activity: Activity) -> Optional[Task]:
        """Say that a message is kept, if it is: nothing is of a file, a code, or what was too long."""
        message = self._stores.log.named(name, short_id(activity.about))
        kept = message is not None and message.author == USER
        return self._aside(name, activity, "teams_deleted") if kept else None

    def _reaction(self, name: str, activity: Activity) -> Optional[Task]:
        """Count a thumb for an answer of the FAQ as its rating."""
        reply = "teams_reaction"
        if activity.liked or activity.disliked:
            message = self._stores.log.named(name, short_id(activity.about))
            if message is not None and message.answer:
                rating = UP if activity.liked else DOWN
                self._stores.feedback.record(name, message.id, message.answer, rating)
                reply = "teams_liked" if activity.liked else "teams_disliked"
        return self._aside(name, activity, reply)

    def _too_many(self, name: str) -> bool:
        waiting = self._stores.turns.waiting(name) >= MAX_WAITING
        return waiting or self._stores.log.said_within(name, MINUTE) >= self._per_minute

    def _aside(self, name: str, activity: Activity, *replies: str, even_taken: bool = False) -> Optional[Task]:
        """Answer what is no word of the conversation; what could be chosen can still be.

        While the desk has the conversation nothing is said, unless ``even_taken``: that something is not kept.
        """
        if not self._has_room(name):
            return None
        turn = self._hear(name, activity.id, "", ASIDE, even_taken=even_taken, beside=activity.kind)
        if turn is None:
            return None
        self._asides[name] += 1
        offers = {choice.payload: choice for choice in self._stores.log.offered(name).values()}
        return Task(turn, replies=replies, offers=tuple(offers.values()))

    def _has_room(self, name: str) -> bool:
        """Tell whether one more fixed reply may be given in this minute."""
        minute = int(self._clock() // MINUTE)
        if minute != self._minute:
            self._minute = minute
            self._asides.clear()
        return self._asides[name] < ASIDES_PER_MINUTE

    def _hear(
        self,
        name: str,
        id: str,
        said: str,
        author: str = USER,
        choice: Optional[Choice] = None,
        beside: Optional[Kind] = None,
        even_taken: bool = False,
    ) -> Optional[Turn]:
        """Store what happened with its turn; None if it was stored before, or is the support desk's to answer.

        The desk hears what was ``said``, the log shows it as a transcript may. ``beside``: what it is, or came with it,
        that is no word.

        Raises:
            _Spoken: if ``choice`` is no longer offered, as another process was quicker.
        """
        stores, desk = self._stores, self._stores.desk

        def begin(connection: Connection, heard: int) -> Optional[Turn]:
            taken = not even_taken and desk.held(connection, name)
            if choice is not None and not taken and choice not in stores.log.offered_before(name, heard):
                raise _Spoken
            payload = choice.payload if choice is not None else ""
            for_desk = author == USER and desk.take_in(connection, name, heard, said, payload)
            if taken and beside in NOTES:
                desk.note(connection, name, NOTES[beside])
            return None if taken or for_desk else stores.turns.begin_in(connection, name, heard)

        return stores.log.add_user(name, mask_transcript_at(Layer.CHANNEL, said), short_id(id), begin, author)


class _Spoken(Exception):
    """The user has said something else since a button was looked for, so it is not obeyed."""


def _names_user(payload: str) -> bool:
    """Tell whether a button's payload says that Teams may tell who the user is."""
    intent, brace, entities = payload.partition("{")
    try:
        return bool(brace) and (intent, json.loads(brace + entities)) == NAMES_USER
    except ValueError:
        return False
