"""What is said about a guide: its present step, what a reply brought, how it ended. Pure: the texts are handed in.

The chat's actions say these messages and ``lotsen guides try`` prints them: a content owner sees what users see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from lotsen.content.texts import Button, Text
from lotsen.guides.lettering import duration
from lotsen.guides.model import Outcome, Status, StepKind
from lotsen.guides.prompt import FACT, Prompt, at_step, outermost, prompt, useful
from lotsen.guides.replies import Move, Reply
from lotsen.guides.run import GuideRun, StepOutcome
from lotsen.guides.scene import Scene, present_step


@dataclass(frozen=True)
class Message:
    """One message, with its buttons."""

    text: str
    buttons: Tuple[Button, ...] = ()
    step: Optional[Tuple[int, int]] = None
    """The number of the guide's step that it is, and how many there are; a channel can show how far it is."""


@dataclass(frozen=True)
class Teller:
    """Puts runs into messages, with the texts of ``data/texts.yml`` and the names of who takes over."""

    texts: Mapping[str, Text]
    targets: Mapping[str, str]

    def say(self, name: str, **values: Any) -> Message:
        """Return one text with its own buttons."""
        text = self.texts[name]
        return Message(text.text.format(**values).strip(), text.buttons)

    def step(self, scene: Scene, run: GuideRun) -> Message:
        """Return the run's present step, with its number and buttons."""
        shown = prompt(scene, run)
        see = self.texts["guide_see"].text.format(see=shown.help.see) if shown.help.see else ""
        values = {"step": f"{shown.text}\n\n{see}".strip(), "heading": self.heading(shown)}
        if shown.kind == StepKind.WAIT.value:
            values["minutes"] = duration(present_step(scene.guides, run).minutes)
        own = tuple(Button(title, payload) for title, payload in shown.choices)
        said = self.say(_name(shown), **values)
        count = shown.counts[-1]
        step = (count.number, count.total) if count.number is not None else None
        return _at(run, shown, Message(said.text, (*own, *said.buttons), step))

    def heading(self, shown: Prompt) -> str:
        """Return "Steg 2 av 4", with the included guide's own number after it; empty for a step without a number."""
        *outer, inner = shown.counts
        if inner.number is None:
            return ""
        counted = [count for count in outer if count.number is not None]
        parts = [self.say("guide_heading", number=count.number, total=count.total).text for count in counted]
        name = "guide_heading_inner" if outer else "guide_heading"
        parts.append(self.say(name, title=inner.title, number=inner.number, total=inner.total).text)
        return f"**{' · '.join(parts)}**"

    def aside(self, scene: Scene, run: GuideRun, reply: Reply) -> List[Message]:
        """Return the answer to a reply that leaves the run where it is, and the step again."""
        shown = prompt(scene, run)
        if reply.move is Move.LATER:
            return [_at(run, shown, self.say("guide_later", **outermost(scene, run)))]
        said: List[Message] = []
        if reply.move is Move.WHY:
            said = [self.say("guide_why" if shown.help.why else "guide_no_why", why=shown.help.why)]
        elif reply.move is Move.HOW:
            said = self._help(shown)
        elif reply.move is Move.RECALL:
            said = [self._recalled(scene, run, reply)]
        return [*said, self.step(scene, run)]

    def move(self, scene: Scene, before: GuideRun, run: GuideRun, reply: Reply) -> List[Message]:
        """Return what a reply brought while the run is still open: what was passed, what helps, the next step."""
        said: List[Message] = []
        if reply.move is Move.FAILED and run.helped and not before.helped:
            said = self._help(prompt(scene, run))
        if reply.move is Move.NOTE and run.place == before.place and len(run.outcomes) == len(before.outcomes):
            said = [self.say("guide_note_wrong")]
        return [*said, *self.passed(scene, before.outcomes, run), self.step(scene, run)]

    def passed(self, scene: Scene, before: Sequence[StepOutcome], run: GuideRun) -> List[Message]:
        """Return which steps were passed without being asked for, since there were the outcomes ``before``."""
        new = run.outcomes[len(before) :]
        already = [taken for taken in new if taken.outcome is Outcome.ALREADY]
        earlier = [taken for taken in new if taken.outcome is Outcome.EARLIER and not taken.value]
        said: List[Message] = []
        if len(already) > 1:
            said.append(self.say("guide_already", steps=_list(scene, already)))
        if earlier:
            said.append(self.say("guide_earlier", steps=_list(scene, earlier)))
        return said

    def end(self, scene: Scene, run: GuideRun, reply: Optional[Reply] = None) -> List[Message]:
        """Return how a run ended, after ``reply``."""
        if run.status is Status.RESOLVED:
            return [self.say("guide_resolved")]
        if run.status is Status.STOPPED:
            return [self.say("guide_stopped")]
        said: List[Message] = []
        if reply is not None and reply.move is Move.LACKS:
            said.append(self.say("guide_lacks", thing=reply.value))
        step = present_step(scene.guides, run)
        if step.kind is StepKind.END:
            said.append(self.say("guide_end", heading=self.heading(prompt(scene, run)), step=step.text))
        else:
            said.append(self.say("guide_unsolved"))
        return [*said, self.say("guide_to_handoff", target=self.target(run))]

    def offer(self, scene: Scene, run: GuideRun) -> Message:
        """Return the question whether to go on with the run."""
        return _at(run, prompt(scene, run), self.say("guide_offer", **outermost(scene, run)))

    def target(self, run: GuideRun) -> str:
        """Return who takes over; the first of all if none is named."""
        return self.targets.get(run.target or "", next(iter(self.targets.values()), ""))

    def _help(self, shown: Prompt) -> List[Message]:
        """Return how to do the step, and what to do if it does not go as it should."""
        said: List[Message] = []
        if shown.help.how:
            how = "\n".join(f"{number}. {how}" for number, how in enumerate(shown.help.how, 1))
            said.append(self.say("guide_how", how=how))
        if shown.help.if_not:
            said.append(self.say("guide_if_not", if_not=shown.help.if_not))
        return said or [self.say("guide_no_how")]

    def _recalled(self, scene: Scene, run: GuideRun, reply: Reply) -> Message:
        """Return some other step, or where we are."""
        if reply.number is None:
            return self.say("guide_where", **outermost(scene, run))
        guide = scene.guides[run.place.guide]
        step = guide.numbered(reply.number)
        if step is None:
            return self.say("guide_no_such_step", total=guide.total)
        return self.say("guide_recall", number=reply.number, step=step.text)


def _name(shown: Prompt) -> str:
    """Return the text for a prompt: a check with answers of its own has no usual buttons."""
    own = shown.choices and shown.kind not in (StepKind.CHOOSE.value, FACT)
    return "guide_answers" if own else f"guide_{shown.kind}"


def _at(run: GuideRun, shown: Prompt, message: Message) -> Message:
    """Return a message with the buttons that have something to give at this step, each knowing where it was offered."""
    buttons = (button for button in message.buttons if useful(button.payload, shown))
    titled = tuple(Button(button.title, at_step(button.payload, run)) for button in buttons)
    return Message(message.text, titled, message.step)


def _list(scene: Scene, taken: Sequence[StepOutcome]) -> str:
    """Return the texts of steps as a list."""
    return "\n".join(f"- {scene.guides[one.guide].step(one.step).text}" for one in taken)
