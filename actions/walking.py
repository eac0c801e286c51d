"""One conversation's guides during one action: read from the slots, moved, recorded, and written back."""

from __future__ import annotations

import logging
import time
import uuid
from typing import List, Optional, Tuple

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from sqlalchemy.exc import SQLAlchemyError

from actions.services import content, resume_codes, run_records, settings, timers
from actions.slots import ERROR_TEXT, FACTS, known_facts, read_journey, write_journey
from lotsen.guides import journey as journeys
from lotsen.guides.journey import Begun
from lotsen.guides.reading import Expectation, expectation
from lotsen.guides.replies import Reply
from lotsen.guides.run import GuideRun
from lotsen.guides.scene import Scene, present_step, time_is_up_at
from lotsen.observability.walked import count_walked

WEB_CHANNEL = "web"
TRIAL_CHANNEL = "cmdline"
"""The channel of ``lotsen ask`` and ``rasa shell``: somebody tries the bot, and nothing is recorded."""

logger = logging.getLogger(__name__)


class Walking:
    """The guides of the conversation that an action was called for."""

    def __init__(self, tracker: Tracker) -> None:
        """Read the slots, and bring the runs up to the present time and content."""
        self._tracker = tracker
        known = content()
        self.scene = Scene(known.guides, time.time(), known.facts, known_facts(tracker))
        self._before = read_journey(tracker)
        self._moved: List[GuideRun] = []
        hours = settings().guide_hours
        self.journey, self.left, self.change = journeys.wake(self.scene, self._before, hours * 3600)

    @property
    def run(self) -> Optional[GuideRun]:
        """Return the run that waits for a reply."""
        return self.journey.run

    @property
    def gone(self) -> bool:
        """Tell whether a guide that was open is no longer there, or is over because it was changed."""
        ended = bool(self._before.open) and not self._moved and not self.journey.open and not self.left
        return ended or any(run.guide not in self.scene.guides for run in self.left)

    def waits(self) -> Expectation:
        """Return what the run being walked waits for."""
        assert self.run is not None, "asked only while a guide is open"
        return expectation(self.scene, self.run, content().spellings)

    def begin(self, guide_id: str) -> Tuple[GuideRun, Begun]:
        """Begin a guide; return its run, which has ended if nothing was left to do."""
        self.journey, run, begun = journeys.begin(self.scene, self.journey, guide_id, uuid.uuid4().hex)
        self._moved.append(run)
        return run, begun

    def reply(self, reply: Reply) -> Tuple[GuideRun, GuideRun]:
        """Give a reply to the run being walked; return the run before and after it."""
        before = self.run
        assert before is not None, "asked only while a guide is open"
        self.journey, after = journeys.reply(self.scene, self.journey, reply)
        self._moved.append(after)
        return before, after

    def pause(self, paused: bool = True) -> None:
        """Note that the user is asked whether to go on, or shown the step."""
        self.journey = journeys.pause(self.journey, paused)

    def told_in_case(self) -> None:
        """Note that a case has told of all that was tried."""
        self.journey = journeys.told_in_case(self.journey)

    def code(self) -> Optional[str]:
        """Return a code to come back with, if the present step may close the chat, and the channel forgets it then."""
        run = self.run
        if run is None or self._channel() != WEB_CHANNEL:
            return None
        leaves = run.paused or (run.asking is None and present_step(self.scene.guides, run).ends_chat)
        try:
            return resume_codes().make(self._tracker.sender_id) if leaves else None
        except SQLAlchemyError:
            logger.exception("A code to come back with could not be stored; the user goes on without one.")
            return None

    def _channel(self) -> str:
        """Return the channel that the user is in."""
        return self._tracker.get_latest_input_channel() or TRIAL_CHANNEL

    def rest_timer(self) -> None:
        """Let the timer that rang rest until its time has come, or for good."""
        due = time_is_up_at(self.scene, self.run) if self.run is not None else None
        channel = self._channel()
        if due is not None and due > self.scene.now:
            timers().set(self._tracker.sender_id, channel, due)
        else:
            timers().clear(self._tracker.sender_id)

    def events(self) -> List[EventType]:
        """Record what has changed; return the events that keep it in the slots, with the facts found out."""
        self._record()
        self._set_timer()
        waits = self.waits() if self.run is not None else None
        events = write_journey(self.journey, waits)
        for run in self._changed():
            known = self.scene.known
            events += [SlotSet(n, v) for n, v in run.facts.items() if n in FACTS and v and known.get(n) != v]
        if self._before.open and not self.journey.open and not self.journey.ended:
            events.append(SlotSet(ERROR_TEXT, None))  # Solved: the next trouble has a text of its own.
        return events

    def _changed(self) -> List[GuideRun]:
        """Return the runs that are not as they were when the action began."""
        before = {run.id: run for run in (*self._before.open, *self._before.ended)}
        now = {run.id: run for run in (*self.left, *self._moved, *self.journey.ended, *self.journey.open)}
        return [run for run in now.values() if before.get(run.id) != run]

    def _record(self) -> None:
        """Write what has changed. A database that fails must not stop a user who walks a guide: it is logged."""
        channel = self._channel()
        if channel == TRIAL_CHANNEL:
            return
        count_walked((*self._before.open, *self._before.ended), self._changed())
        try:
            for run in self._changed():
                run_records().write(run, self._tracker.sender_id, channel)
        except SQLAlchemyError:
            logger.exception("A guide run could not be recorded; the user goes on.")

    def _waited(self) -> bool:
        """Tell whether the run waited for a time when the action began; one whose step is gone may have."""
        run = self._before.run
        if run is None:
            return False
        guide = self.scene.guides.get(run.place.guide)
        return guide is None or not guide.has(run.place.step) or time_is_up_at(self.scene, run) is not None

    def _set_timer(self) -> None:
        """Set a timer if the run waits for a time, and take away one that it no longer waits for."""
        channel = self._channel()
        if channel == TRIAL_CHANNEL:
            return
        due = time_is_up_at(self.scene, self.run) if self.run is not None else None
        try:
            if due is not None:
                timers().set(self._tracker.sender_id, channel, due)
            elif self._waited():
                timers().clear(self._tracker.sender_id)
        except SQLAlchemyError:
            logger.exception("The timer of a guide could not be set; the user can go on by button.")
