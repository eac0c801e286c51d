"""Walking a guide: begin it, take a reply to its step, offer it again, go on when a time is over."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecuted, EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.disturbance import tell_disturbance
from actions.saying import offer, say, show_step, tell, teller
from actions.sending import notice_trouble
from actions.services import content
from actions.slots import latest_intent, said
from actions.walking import Walking
from lotsen.content.texts import Button
from lotsen.guides.changes import Change
from lotsen.guides.journey import Begun
from lotsen.guides.model import Status
from lotsen.guides.reading import is_stale, read
from lotsen.guides.replies import ASIDES, Move, Reply
from lotsen.guides.run import GuideRun
from lotsen.guides.scene import present_step, time_is_up_at
from lotsen.guides.walker import accepts

HANDOFF_FORM = "handoff_form"
_EARLY_SECONDS = 0.5
"""How much too early a timer may ring: clocks of two processes."""


class ActionStartGuide(Action):
    """Begins the guide that is named like the intent, whatever is open."""

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_start_guide"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[EventType]:
        """Show the guide's first step."""
        return start_guide(dispatcher, tracker, latest_intent(tracker))


class ActionGuideReply(Action):
    """Takes what is said inside a guide ("klart", "det gick inte", "varför?", an answer) to the walker."""

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_guide_reply"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[EventType]:
        """Show the next step, or what the guide ended in; a word inside the hand-off is not for the guide."""
        if (tracker.active_loop or {}).get("name") == HANDOFF_FORM:
            return [FollowupAction(HANDOFF_FORM)]
        walking = Walking(tracker)
        if not _awake(dispatcher, walking):
            return walking.events()
        run = walking.run
        assert run is not None, "awake only with a run"
        message = said(tracker)
        if walking.change is Change.MOVED or is_stale(run, message):
            if walking.change is Change.NONE:
                say(dispatcher, "guide_stale")
            show_step(dispatcher, walking)
            return walking.events()
        reply = read(walking.scene.guides, run, walking.waits(), message)
        if reply is None or not accepts(walking.scene, run, reply):
            say(dispatcher, "guide_did_not_fit")
            show_step(dispatcher, walking)
            return walking.events()
        return take_reply(dispatcher, walking, reply)


class ActionResume(Action):
    """After something else was answered: ask the open question again, be it the hand-off's or the guide's."""

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_resume"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[EventType]:
        """Offer to go on; say nothing if nothing is open."""
        return resume(dispatcher, tracker)


class ActionGuideTimeIsUp(Action):
    """Goes on when the time of a ``wait`` is over. No rule runs it, but the channel (``lotsen/dialogue/timers.py``)."""

    def name(self) -> str:
        """Return the name that the channel uses."""
        return "action_guide_time_is_up"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[EventType]:
        """Show the next step; say nothing if the user has gone on, or is in the hand-off."""
        walking = Walking(tracker)
        run = walking.run
        due = time_is_up_at(walking.scene, run) if run is not None else None
        in_form = bool((tracker.active_loop or {}).get("name"))
        events: List[EventType] = []
        if due is not None and due <= walking.scene.now + _EARLY_SECONDS and not in_form:
            say(dispatcher, "guide_time_is_up")
            events = take_reply(dispatcher, walking, Reply(Move.TIME))
        else:
            walking.rest_timer()
        # No message of the user began this, so Rasa does not add by itself that the bot listens again.
        return [*events, ActionExecuted("action_listen")]


def resume(dispatcher: CollectingDispatcher, tracker: Tracker, choices: Sequence[Button] = ()) -> List[EventType]:
    """Ask what is open again, with ``choices`` beside the guide's own; say nothing if nothing is."""
    if (tracker.active_loop or {}).get("name") == HANDOFF_FORM:
        return [FollowupAction(HANDOFF_FORM)]
    walking = Walking(tracker)
    _tell_change(dispatcher, walking)
    offer(dispatcher, walking, choices)
    return walking.events()


def start_guide(dispatcher: CollectingDispatcher, tracker: Tracker, guide_id: str) -> List[EventType]:
    """Begin ``guide_id`` and show its first step; if it is open already, show where it stands."""
    walking = Walking(tracker)
    before = walking.run
    if before is not None and before.asking is None and present_step(walking.scene.guides, before).guide == guide_id:
        return take_reply(dispatcher, walking, Reply(Move.DONE))  # "ja, rensa" at the step that asks whether to.
    run, begun = walking.begin(guide_id)
    title = content().guides[guide_id].title
    if begun is Begun.HERE:
        say(dispatcher, "guide_already_here")
    elif begun is Begun.RETURNED:
        say(dispatcher, "guide_returns", title=title)
    else:
        if begun is Begun.SWITCHED:
            say(dispatcher, "guide_switched", title=title)
        elif begun is Begun.NESTED and before is not None:
            say(dispatcher, "guide_waits", title=content().guides[before.guide].title)
        tell_disturbance(dispatcher, tracker, guide_id)
        say(dispatcher, "guide_begins", title=title, intro=content().guides[guide_id].intro)
        tell(dispatcher, *teller().passed(walking.scene, (), run))
    return _show_or_end(dispatcher, walking, run)


def take_reply(dispatcher: CollectingDispatcher, walking: Walking, reply: Reply) -> List[EventType]:
    """Give a reply that fits to the guide, and say what it brought; without success, go on to the hand-off."""
    before, after = walking.reply(reply)
    if reply.move is Move.BACK and after.past == before.past and not before.past:
        say(dispatcher, "guide_first")
    if reply.move in ASIDES:
        tell(dispatcher, *teller().aside(walking.scene, after, reply))
        if reply.move is Move.LATER:
            _tell_code(dispatcher, walking, "guide_later_code")
        return walking.events()
    if after.active:
        error = after.facts.get("error_text")
        other = content().guide_for_error(error) if reply.move is Move.NOTE and error else None
        if other is not None and other not in {place.guide for place in after.path}:
            run, _ = walking.begin(other)
            say(dispatcher, "guide_switched", title=content().guides[other].title)
            tell(dispatcher, *teller().passed(walking.scene, (), run))
            return _show_or_end(dispatcher, walking, run)
        *first, step = teller().move(walking.scene, before, after, reply)
        tell(dispatcher, *first)
        if after.place != before.place:
            _tell_code(dispatcher, walking)
        tell(dispatcher, step)
        return walking.events()
    return _show_or_end(dispatcher, walking, after, reply)


def _show_or_end(
    dispatcher: CollectingDispatcher, walking: Walking, run: GuideRun, reply: Optional[Reply] = None
) -> List[EventType]:
    """Show the run's step; if it has ended, say how, and go on to the hand-off or to the guide that waits."""
    if run.active:
        _tell_code(dispatcher, walking)
        show_step(dispatcher, walking)
        return walking.events()
    if run.status is not Status.STOPPED or walking.run is None:
        tell(dispatcher, *teller().end(walking.scene, run, reply))
    if run.status is Status.HANDOFF and (reply is None or reply.move is not Move.STOP):
        events = walking.events()
        notice_trouble(run.guide)
        return [*events, FollowupAction(HANDOFF_FORM)]
    offer(dispatcher, walking)
    return walking.events()


def _awake(dispatcher: CollectingDispatcher, walking: Walking) -> bool:
    """Say what has happened to the guides since the user was here; tell whether one waits for a reply."""
    if walking.gone:
        say(dispatcher, "guide_gone")
    elif walking.left:
        say(dispatcher, "guide_expired", title=content().guides[walking.left[-1].guide].title)
    run = walking.run
    if run is None:
        if not walking.left and not walking.gone:
            say(dispatcher, "guide_none")
        return False
    if walking.left:
        offer(dispatcher, walking)
        return False
    _tell_change(dispatcher, walking)
    return True


def _tell_code(dispatcher: CollectingDispatcher, walking: Walking, name: str = "guide_code") -> None:
    """Say how to come back, where the chat may be closed."""
    code = walking.code()
    if code is not None:
        say(dispatcher, name, code=code)


def _tell_change(dispatcher: CollectingDispatcher, walking: Walking) -> None:
    """Say that the guide has changed under the user, if that makes a difference."""
    if walking.run is not None and walking.change is Change.MOVED:
        say(dispatcher, "guide_changed", title=content().guides[walking.run.guide].title)
