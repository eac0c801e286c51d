"""How a guide looks in the terminal: the texts of ``data/texts.yml`` as plain lines, the buttons numbered."""

from __future__ import annotations

import textwrap
from typing import Any, List, Mapping, Tuple

from lotsen.cases.case import TriedStep
from lotsen.cases.tried import tried_steps
from lotsen.content.texts import Button, Text, words
from lotsen.guides.lettering import duration
from lotsen.guides.model import Status, StepKind
from lotsen.guides.replies import Move, Reply
from lotsen.guides.run import GuideRun
from lotsen.guides.scene import Scene, present_step
from lotsen.guides.telling import Message, Teller

_WIDTH = 56
"""Characters of a step's text in the table."""
_ENDED: Mapping[Status, str] = {
    Status.RESOLVED: "Löst.",
    Status.STOPPED: "Avbruten.",
    Status.ACTIVE: "Inte klar.",
}


class Lines:
    """Puts runs into lines. What a chat shows as bold is plain here."""

    def __init__(self, texts: Mapping[str, Text], targets: Mapping[str, str]) -> None:
        """Use these texts, and names of who takes over."""
        self._texts = texts
        self._teller = Teller(texts, targets)

    def text(self, name: str, **values: Any) -> List[str]:
        """Return one text."""
        return _plain(self._teller.say(name, **values).text)

    def step(self, scene: Scene, run: GuideRun) -> List[str]:
        """Return the present step with its numbered buttons."""
        message = self._teller.step(scene, run)
        options = [f"  {number}. {button.title}" for number, button in enumerate(message.buttons, 1)]
        return [*_plain(message.text), *self._wait(scene, run), "", *options]

    def buttons(self, scene: Scene, run: GuideRun) -> Tuple[Button, ...]:
        """Return the buttons that the chat would show."""
        return self._teller.step(scene, run).buttons

    def aside(self, scene: Scene, run: GuideRun, reply: Reply) -> List[str]:
        """Return the answer to a reply that leaves the run where it is, and the step again."""
        if reply.move is Move.LATER:
            return self._lines(self._teller.aside(scene, run, reply))
        return self._before_step(scene, run, self._teller.aside(scene, run, reply))

    def move(self, scene: Scene, before: GuideRun, run: GuideRun, reply: Reply) -> List[str]:
        """Return what a reply brought while the run is open, and the present step."""
        return self._before_step(scene, run, self._teller.move(scene, before, run, reply))

    def passed(self, scene: Scene, run: GuideRun) -> List[str]:
        """Return which steps were passed at the guide's beginning."""
        said = self._lines(self._teller.passed(scene, (), run))
        return [*said, ""] if said else []

    def end(self, scene: Scene, run: GuideRun, reply: Reply) -> List[str]:
        """Return what the chat says when a run has ended."""
        return self._lines(self._teller.end(scene, run, reply))

    def _before_step(self, scene: Scene, run: GuideRun, messages: List[Message]) -> List[str]:
        """Return messages of which the last is the step."""
        said = self._lines(messages[:-1])
        return [*said, "", *self.step(scene, run)] if said else self.step(scene, run)

    @staticmethod
    def _lines(messages: List[Message]) -> List[str]:
        """Return messages as lines, an empty one between them."""
        lines: List[str] = []
        for message in messages:
            lines += [*([""] if lines else []), *_plain(message.text)]
        return lines

    def _wait(self, scene: Scene, run: GuideRun) -> List[str]:
        """Return what to write in place of waiting."""
        step = present_step(scene.guides, run)
        if step.kind is not StepKind.WAIT or run.asking is not None:
            return []
        said = " ".join(self.text("guide_time_is_up"))
        return [f"(Här väntar vi inte. I chatten står det ”{said}” efter {duration(step.minutes)}. Skriv: tiden)"]

    def table(self, scene: Scene, run: GuideRun) -> List[str]:
        """Return what became of each step, as the case would tell it, and how the run ended."""
        rows = tried_steps(scene.guides, run, words(self._texts, "outcome"))
        ended = _ENDED.get(run.status) or f"Ärende till {self._teller.target(run)}. {run.reason or ''}".strip()
        facts = [f"Det som togs reda på: {name} = {value or 'vet inte'}" for name, value in run.facts.items()]
        return ["Det här blev det av stegen:", *_rows(rows), f"Slut: {ended}", *facts]


def _plain(text: str) -> List[str]:
    """Return a text's lines, without marks for bold."""
    return text.replace("**", "").strip().splitlines()


def _rows(rows: Tuple[TriedStep, ...]) -> List[str]:
    """Return the table: the guide's title where it changes, then its steps beside what became of them."""
    lines: List[str] = []
    guide = None
    for row in rows:
        if row.guide != guide:
            guide = row.guide
            lines.append(f"  {guide}")
        text = textwrap.shorten(row.text.replace("**", ""), _WIDTH, placeholder=" …")
        lines.append(f"    {text:<{_WIDTH}}  {row.outcome}")
    return lines or ["  Inga steg togs."]
