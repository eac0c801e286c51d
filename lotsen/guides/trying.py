"""Trying a guide without server and model (``lotsen guides try``): a line in, lines out. Pure.

The guide is walked as in the chat, but what is written is read with a list of words (``trying_words``), no clock goes,
and another guide about an error text that is noted is not begun.
"""

from __future__ import annotations

from typing import Collection, Dict, List, Mapping, Optional, Sequence

from lotsen.content.problems import did_you_mean
from lotsen.guides.facts import FactQuestion
from lotsen.guides.model import Guides, StepKind
from lotsen.guides.prompt import FACT, prompt
from lotsen.guides.reading import Spellings, expectation, read
from lotsen.guides.replies import ASIDES, Move, Reply
from lotsen.guides.run import GuideRun
from lotsen.guides.said import Said
from lotsen.guides.scene import Scene, present_step
from lotsen.guides.trying_lines import Lines
from lotsen.guides.trying_words import PHRASES, TIME, pressed, typed
from lotsen.guides.walker import accepts, advance, start

_NOT_UNDERSTOOD = "Det förstår jag inte här. Skriv ? för att se vad du kan svara."
_BEGIN = "(Du provar guiden. Svara med ett nummer eller med ord. ? visar vad du kan svara.)"


class Trial:
    """One guide that somebody walks in the terminal."""

    def __init__(self, scene: Scene, lines: Lines, spellings: Spellings, guide_id: str) -> None:
        """Begin ``guide_id``.

        Raises:
            KeyError: if there is no such guide.
        """
        self._scene = scene
        self._lines = lines
        self._spellings = spellings
        self.run: GuideRun = start(scene, guide_id, "trial")

    def begin(self) -> List[str]:
        """Return what is shown first."""
        guide = self._scene.guides[self.run.guide]
        said = [_BEGIN, "", *self._lines.text("guide_begins", title=guide.title, intro=guide.intro), ""]
        passed = self._lines.passed(self._scene, self.run)
        return [*said, *passed, *self._show_or_end(Reply(Move.REPEAT))]

    def say(self, line: str) -> List[str]:
        """Take a line; return what the chat would say, and after the last step the table."""
        text = line.strip()
        if not text:
            return []
        if text == "?":
            return self._can_say()
        reply = self._read(text)
        if reply is None:
            return [_NOT_UNDERSTOOD]
        if not accepts(self._scene, self.run, reply):
            return [*self._lines.text("guide_did_not_fit"), "", *self._lines.step(self._scene, self.run)]
        before, self.run = self.run, advance(self._scene, self.run, reply)
        if reply.move in ASIDES:
            return self._lines.aside(self._scene, self.run, reply)
        if self.run.active:
            return self._lines.move(self._scene, before, self.run, reply)
        return self._show_or_end(reply)

    def leave(self) -> List[str]:
        """Return what is said to somebody who ends before the guide does."""
        return ["Då slutar vi här.", "", *self._lines.table(self._scene, self.run)]

    def _show_or_end(self, reply: Reply) -> List[str]:
        """Return the present step, or how the run ended and the table."""
        if self.run.active:
            return self._lines.step(self._scene, self.run)
        end = self._lines.end(self._scene, self.run, reply)
        return [*end, "", *self._lines.table(self._scene, self.run)]

    def _read(self, text: str) -> Optional[Reply]:
        """Return what a line means: a button's number, or words."""
        buttons = self._lines.buttons(self._scene, self.run)
        if text.isdecimal() and 1 <= int(text) <= len(buttons):
            return self._meant(pressed(buttons[int(text) - 1].payload))
        said = typed(text)
        return Reply(Move.TIME) if said.intent == TIME and said.confidence == 1 else self._meant(said)

    def _meant(self, said: Said) -> Optional[Reply]:
        """Return what a message means to the present step."""
        waits = expectation(self._scene, self.run, self._spellings)
        return read(self._scene.guides, self.run, waits, said)

    def _can_say(self) -> List[str]:
        """Return the words that fit the present step."""
        shown = prompt(self._scene, self.run)
        count = len(self._lines.buttons(self._scene, self.run))
        fitting = [phrases[0] for phrases in PHRASES.values() if self._fits(phrases[0])]
        said = [f"Skriv ett nummer, 1–{count}, eller något av det här:", f"  {', '.join(fitting)}"]
        own = [title for title, _ in shown.choices]
        if own and shown.kind in (StepKind.CHOOSE.value, FACT):
            said.append(f"Du kan också skriva svaret med ord: {', '.join(own)}")
        if shown.kind == StepKind.NOTE.value:
            said.append("Allt annat du skriver blir anteckningen.")
        lacking = {thing: None for place in self.run.path for thing in self._scene.guides[place.guide].lacking}
        if lacking:
            said.append(f"Du kan också sakna något: {', '.join(f'jag saknar {thing}' for thing in lacking)}")
        return [*said, "Ctrl-D eller Ctrl-C avslutar."]

    def _fits(self, phrase: str) -> bool:
        """Tell whether a phrase is understood and makes sense at the present step."""
        if present_step(self._scene.guides, self.run).kind is StepKind.NOTE and phrase in ("ja", "klart"):
            return False  # There they would be the note.
        reply = self._read(phrase)
        return reply is not None and reply.move is not Move.NOTE and accepts(self._scene, self.run, reply)


def known_facts(pairs: Sequence[str], questions: Mapping[str, FactQuestion], guides: Guides) -> Dict[str, str]:
    """Read facts that are told from the beginning, as ``browser=Edge``.

    Raises:
        ValueError: in Swedish, if a fact or its value is unknown.
    """
    names = {*questions, *(step.fact for guide in guides.values() for step in guide.steps if step.fact is not None)}
    known: Dict[str, str] = {}
    for pair in pairs:
        name, found, value = (part.strip() for part in pair.partition("="))
        if not found or not value:
            raise ValueError(f"'{pair}': skriv uppgift=värde, till exempel browser=Edge.")
        if name not in names:
            raise ValueError(f"Okänd uppgift: '{name}'.{did_you_mean(name, names)}")
        options: Collection[str] = questions[name].options if name in questions else (value,)
        if value not in options:
            raise ValueError(f"'{name}' kan inte vara '{value}'.{did_you_mean(value, options)}")
        known[name] = value
    return known
