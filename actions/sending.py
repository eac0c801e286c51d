"""Sending a case: stored with its letters, told to the user with number and code, and counted as trouble."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime
from typing import List

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.case import category_of, draft_of
from actions.disturbance import active_notice, note_told
from actions.saying import tell, teller
from actions.services import case_store, content, desk_hours, routes, secret, settings, watch
from actions.slots import HANDOFF_ID
from lotsen.cases.access import code_of
from lotsen.cases.case import CaseDraft, Category
from lotsen.cases.due import due_at, due_minutes
from lotsen.cases.letter_of import letter_of
from lotsen.cases.priority import priority_of
from lotsen.cases.store import Case, NewCase
from lotsen.clock import utc_now
from lotsen.disturbances.notices import Notice
from lotsen.guides.telling import Message
from lotsen.observability import metrics
from lotsen.service_desks.config import answers_in_chat

SYSTEM = "system"
"""The channel of a case that Lotsen makes itself."""

logger = logging.getLogger(__name__)


def send_case(dispatcher: CollectingDispatcher, tracker: Tracker) -> Case:
    """Store the case that the user has confirmed, and tell its number; nothing is called outside.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: if it could not be stored; nothing has been said then.
    """
    notice = active_notice(category_of(tracker).id)
    draft = draft_of(tracker, notice is not None)
    case = case_store().create(
        NewCase(
            key=tracker.get_slot(HANDOFF_ID) or uuid.uuid4().hex,
            draft=draft,
            conversation=tracker.sender_id,
            channel=tracker.get_latest_input_channel() or "",
            desks=desks_for(draft.target),
            letter=letter(draft),
            parent=notice.lead if notice is not None else None,
            due=due_for(draft),
            notice=notice.id if notice is not None else None,
        )
    )
    metrics.case_stored(draft.target, draft.priority.level.value)
    logger.info("Case %s was stored.", case.number)
    texts = teller()
    said = [texts.say("handoff_sent_chat").text] if answers_in_chat(routes(), draft.target) else []
    if case.parent is not None:
        said.append(texts.say("handoff_linked").text)
        if notice is not None:
            note_told(tracker, notice)
    said += closed_now(draft, utc_now())
    sent = texts.say("handoff_sent", number=case.number, code=code_of(case.key, secret()), target=draft.target_name)
    tell(dispatcher, Message("\n\n".join([sent.text, *said])), card="receipt")
    notice_trouble(draft.category.id)
    return case


def letter(draft: CaseDraft) -> str:
    """Return the case in words, as desks get it."""
    return letter_of(draft, content().texts, desk_hours().zone)


def desks_for(target: str) -> List[str]:
    """Return the desks that take cases for a target."""
    return [route.desk for route in routes() if route.takes(target)]


def due_for(draft: CaseDraft) -> datetime:
    """Return when somebody at the desk should have looked at a case that is sent now."""
    return due_at(desk_hours(), utc_now(), due_minutes(settings())[draft.priority.level])


def closed_now(draft: CaseDraft, now: datetime) -> List[str]:
    """Return when somebody looks at the case, if the desk is closed now and its hours are known."""
    opens = desk_hours().opens(now)
    if opens is None:
        return []
    days = (opens.date() - now.astimezone(desk_hours().zone).date()).days
    name = {0: "day_today", 1: "day_tomorrow"}.get(days, f"day_{opens.weekday()}")
    day = content().texts[name].text
    if days >= 7:
        day = f"{day} {opens.day}/{opens.month}"
    return [teller().say("handoff_closed", target=draft.target_name, day=day, time=f"{opens:%H:%M}").text]


def notice_trouble(kind: str) -> None:
    """Count a case or a failed guide that was recorded just now; it may be the one that marks a disturbance.

    Never fails: the user's own case is stored already.
    """
    try:
        if kind in content().guides:
            watch().noticed(kind, _lead_case)
    except Exception:
        logger.exception("Trouble could not be counted.")


def _lead_case(notice: Notice, count: int) -> int:
    """Make the case that tells the desk of a possible disturbance, and that the users' cases are added to."""
    title = content().guides[notice.kind].title
    minutes = f"{settings().disturbance_minutes:g}"
    question = content().questions.get(notice.kind)
    draft = CaseDraft(
        problem=content().texts["disturbance_case"].text.format(title=title, count=count, minutes=minutes),
        category=Category(notice.kind, title, question.section if question is not None else ""),
        target=next(iter(content().targets), ""),
        target_name=content().target(None),
        priority=priority_of(None, disturbance=True),
    )
    new = NewCase(
        key=notice.key,
        draft=draft,
        conversation="",
        channel=SYSTEM,
        desks=desks_for(draft.target),
        letter=letter(draft),
        due=due_for(draft),
        notice=notice.id,
    )
    metrics.case_stored(draft.target, draft.priority.level.value)
    return case_store().create(new).id
