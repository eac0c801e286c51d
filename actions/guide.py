"""Walking a guide: begin it, take a reply to its step, offer it again after something else."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.saying import say
from actions.services import content
from actions.slots import ERROR_TEXT, GUIDE_RUN, TRIED, active_run, latest_intent, tried_runs
from lotsen.content.texts import Button
from lotsen.guides.model import GuideRun, Status, StepKind
from lotsen.guides.replies import reply_to
from lotsen.guides.walker import Prompt, accepts, advance, present_step, prompt, start
from lotsen.guides.wording import PAYLOADS, heading

HANDOFF_FORM = "handoff_form"


class ActionStartGuide(Action):
    """Begins the guide that is named like the intent; a guide already under way is kept as switched from."""

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_start_guide"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[EventType]:
        """Show the guide's first step."""
        return start_guide(dispatcher, tracker, latest_intent(tracker))


class ActionGuideReply(Action):
    """Takes a word said inside a guide ("klart", "det gick inte", "tillbaka") to the walker."""

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_guide_reply"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[EventType]:
        """Show the next step, or what the guide ended in."""
        run = active_run(tracker)
        if run is None:
            say(dispatcher, "guide_none")
            return []
        guides = content().guides
        reply = reply_to(latest_intent(tracker), present_step(guides, run).kind)
        if reply is None or not accepts(guides, run, reply):
            say(dispatcher, "guide_did_not_fit")
            show_step(dispatcher, run)
            return []
        moved = advance(guides, run, reply)
        if moved.active:
            show_step(dispatcher, moved)
            return [SlotSet(GUIDE_RUN, moved.to_json())]
        return self._ended(dispatcher, tracker, moved)

    def _ended(self, dispatcher: CollectingDispatcher, tracker: Tracker, run: GuideRun) -> List[EventType]:
        """Say how the guide ended; without success, go on to the hand-off."""
        events = end_run(tracker, run, run.status)
        if run.status is Status.RESOLVED:
            say(dispatcher, "guide_resolved")
        elif run.status is Status.STOPPED:
            say(dispatcher, "guide_stopped")
        else:
            step = present_step(content().guides, run)
            if step.kind is StepKind.END:
                say(dispatcher, "guide_end", heading=heading(prompt(content().guides, run)), step=step.text)
            else:
                say(dispatcher, "guide_unsolved")
            say(dispatcher, "guide_to_handoff")
            events.append(FollowupAction(HANDOFF_FORM))
        return events


class ActionResume(Action):
    """After something else was answered: ask the open question again, be it the hand-off's or the guide's."""

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_resume"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[EventType]:
        """Offer to go on; say nothing if nothing is open."""
        if (tracker.active_loop or {}).get("name") == HANDOFF_FORM:
            return [FollowupAction(HANDOFF_FORM)]
        run = active_run(tracker)
        if run is not None:
            shown = outermost(prompt(content().guides, run))
            say(dispatcher, "guide_offer", **shown)
        return []


def start_guide(dispatcher: CollectingDispatcher, tracker: Tracker, guide_id: str) -> List[EventType]:
    """Begin ``guide_id`` and show its first step; if it is under way, show its present step."""
    guides = content().guides
    present = active_run(tracker)
    if present is not None and guide_id in {place.guide for place in present.path}:
        say(dispatcher, "guide_already_here")
        show_step(dispatcher, present)
        return []
    events: List[EventType] = []
    if present is not None:
        events += end_run(tracker, present, Status.SWITCHED)
    run = start(guides, guide_id)
    guide = guides[guide_id]
    say(dispatcher, "guide_begins", title=guide.title, intro=guide.intro)
    show_step(dispatcher, run)
    return [*events, SlotSet(GUIDE_RUN, run.to_json())]


def outermost(shown: Prompt) -> Dict[str, Any]:
    """Return title, number and total of the guide that the user began, whatever guide is open inside it."""
    if shown.within:
        title, number, total = shown.within[0]
        return {"title": title, "number": number, "total": total}
    return {"title": shown.title, "number": shown.number, "total": shown.total}


def show_step(dispatcher: CollectingDispatcher, run: GuideRun) -> None:
    """Say the run's present step, with its number and buttons."""
    shown = prompt(content().guides, run)
    choices = [Button(title, PAYLOADS[reply]) for title, reply in shown.choices]
    name = "guide_answers" if choices else f"guide_{shown.kind.value}"
    say(dispatcher, name, choices, heading=heading(shown), step=shown.text)


def end_run(tracker: Tracker, run: GuideRun, status: Status) -> List[EventType]:
    """Move a run from "being walked" to "tried"; a problem that is solved leaves nothing to hand off."""
    if status is Status.RESOLVED:
        return [SlotSet(GUIDE_RUN, None), SlotSet(TRIED, None), SlotSet(ERROR_TEXT, None)]
    ended: Optional[Dict[str, Any]] = {**run.to_json(), "status": status.value, "past": []}
    tried = [other.to_json() for other in tried_runs(tracker)]
    return [SlotSet(GUIDE_RUN, None), SlotSet(TRIED, [*tried, ended])]
