"""Gathers what the page of a case shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Sequence, Tuple

from lotsen.cases.case import NUMBER_FORMAT, Status
from lotsen.cases.history import LIVE, NOTE
from lotsen.cases.store import Case
from lotsen.cases.wording import FACTS
from lotsen.cases.work import Handling
from lotsen.clock import utc_now
from lotsen.content.texts import words
from lotsen.desk.asked import Asked
from lotsen.desk.case.answers import Answer, answers
from lotsen.desk.case.around import Delivery, Like, delivery_of, dialled, like_of
from lotsen.desk.case.choices import Choices, choices_of
from lotsen.desk.case.presence import Reach, reach_of
from lotsen.desk.case.talk import Spoken, spoken
from lotsen.desk.case.tried import Left, Run, left_of, runs
from lotsen.desk.case.words import Told, told
from lotsen.desk.errors import NotThere
from lotsen.desk.services import Desk
from lotsen.outbox.outbox import OutboxLetter
from lotsen.settings import CONTENT


@dataclass(frozen=True)
class Helped:
    """What would have helped, as far as can be told."""

    answer: Optional[Answer]
    left: Tuple[Left, ...]
    solved: Tuple[Like, ...]
    """Cases like this one that were solved, with what was said."""

    @property
    def anything(self) -> bool:
        """Tell whether there is anything to say."""
        return bool(self.answer or self.left or self.solved)


@dataclass(frozen=True)
class Talk:
    """The parts of the page that change while it is open."""

    case: Case
    handling: Handling
    level: str
    reasons: Tuple[str, ...]
    reach: Reach
    spoken: Tuple[Spoken, ...]
    history: Tuple[Told, ...]
    deliveries: Tuple[Delivery, ...]
    last: int
    """The id of the last event."""

    @property
    def notes(self) -> Tuple[Told, ...]:
        """Return the internal notes, the latest first."""
        return tuple(one for one in reversed(self.history) if one.kind == NOTE)

    @property
    def late(self) -> bool:
        """Tell whether somebody should have looked by now."""
        return not self.over and self.handling.due < utc_now()

    @property
    def over(self) -> bool:
        """Tell whether the case is resolved or rejected."""
        return self.handling.status in (Status.RESOLVED, Status.REJECTED)


@dataclass(frozen=True)
class CaseView:
    """The whole page."""

    talk: Talk
    dial: str
    """The telephone number as it is dialled; empty if it is none, or an extension."""
    what: Tuple[Tuple[str, str], ...]
    """What the conversation told, each with its label."""
    runs: Tuple[Run, ...]
    helped: Helped
    open: Tuple[Like, ...]
    over: Tuple[Like, ...]
    parent: str
    """The number of the case about the same disturbance; empty if it is added to none."""
    choices: Choices


def handling_of(desk: Desk, asked: Asked) -> Handling:
    """Return the case that a path names.

    Raises:
        NotThere: if there is none.
    """
    written = asked.path["case"]
    handling = desk.work.get(int(written)) if written.isascii() and written.isdigit() and len(written) < 10 else None
    if handling is None:
        raise NotThere("no_such_case", number=written)
    return handling


def view_of(desk: Desk, asked: Asked, handling: Handling) -> CaseView:
    """Gather the page."""
    case, draft = handling.case, handling.case.draft
    letters = desk.cases.outbox.of(case.id)
    alike, over = desk.queue.similar(case.id)
    solved = tuple(like_of(desk, row) for row in over)
    labels = words(desk.content.texts, "label")
    facts = [(labels[name], draft.facts.get(name, "")) for name in FACTS]
    known = answers(desk.content, CONTENT)
    return CaseView(
        talk=talk_of(desk, asked, handling, letters),
        dial=dialled(draft.contact.phone),
        what=tuple((label, value) for label, value in [*facts, (labels["added"], draft.added)] if value),
        runs=runs(draft),
        helped=Helped(
            known.get(handling.category.id),
            left_of(desk.content, draft, handling.category.id),
            tuple(like for like in solved if like.row.status is Status.RESOLVED and like.answer),
        ),
        open=tuple(Like(row) for row in alike),
        over=solved,
        parent=NUMBER_FORMAT.format(case.parent) if case.parent else "",
        choices=choices_of(desk, handling, letters),
    )


def talk_of(desk: Desk, asked: Asked, handling: Handling, letters: Optional[Sequence[OutboxLetter]] = None) -> Talk:
    """Gather what changes while the page is open."""
    case = handling.case
    events = desk.cases.history.of(case.id)
    history = told(desk, events, bool(case.conversation))
    because = words(desk.content.texts, "because")
    fallback = case.draft.target_name or desk.content.target(None)
    return Talk(
        case=case,
        handling=handling,
        level=words(desk.content.texts, "level")[handling.level.value],
        reasons=tuple(because.get(reason, reason) for reason in handling.reasons),
        reach=reach_of(desk, case, asked.who),
        spoken=spoken(case.draft, events, history, fallback),
        history=history,
        deliveries=tuple(delivery_of(desk, one) for one in _letters(desk, case, letters)),
        last=events[-1].id if events else 0,
    )


def new_since(desk: Desk, case: Case, event: int, me: str) -> Tuple[Told, ...]:
    """Return what others have done to a case after an event, in words, but for what they said in the conversation."""
    others = [one for one in desk.cases.history.of(case.id) if one.id > event and one.author != me and one.kind != LIVE]
    return told(desk, others, bool(case.conversation))


def _letters(desk: Desk, case: Case, letters: Optional[Sequence[OutboxLetter]]) -> Sequence[OutboxLetter]:
    return letters if letters is not None else desk.cases.outbox.of(case.id)
