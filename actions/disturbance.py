"""When several have the same trouble: new users are told, and their cases are added to one."""

from __future__ import annotations

import logging
from typing import Optional

from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.exc import SQLAlchemyError

from actions.saying import say
from actions.services import notices
from lotsen.clock import utc_now
from lotsen.disturbances.notices import Notice

logger = logging.getLogger(__name__)


def active_notice(kind: str) -> Optional[Notice]:
    """Return the notice of a disturbance that is on for a guide or a question, if one is."""
    if not kind:
        return None
    try:
        return notices().active(kind, utc_now())
    except SQLAlchemyError:
        logger.exception("Notices could not be read; the user goes on without.")
        return None


def tell_disturbance(dispatcher: CollectingDispatcher, kind: str) -> None:
    """Tell that others have the same trouble, before the guide begins that may help all the same."""
    notice = active_notice(kind)
    if notice is None:
        return
    if notice.text:
        say(dispatcher, "disturbance_worded", text=notice.text)
    else:
        say(dispatcher, "disturbance")
