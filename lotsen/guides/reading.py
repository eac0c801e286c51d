"""What somebody means who writes while a guide is open. Pure: a message and what the guide expects -> a reply.

The model names the intent; here the guide's own words count first: the answers of the step, what the user may lack,
what was asked to be written down. ``Expectation`` is plain data, so that the policy, which runs in another process and
knows no guides, can tell whether a message belongs to the guide (it is stored beside the run).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Tuple

from lotsen.guides import phrases
from lotsen.guides.model import Answer, Guides, StepKind
from lotsen.guides.notes import found
from lotsen.guides.replies import EVERYTHING, Move, Reply
from lotsen.guides.run import GuideRun
from lotsen.guides.said import EQUIPMENT, GUIDE_WORDS, OPTION, PLAIN, STEP, Said
from lotsen.guides.scene import Scene, answers_to, present_step
from lotsen.understanding.text import fold, normalise

Spellings = Mapping[str, Mapping[str, Tuple[str, ...]]]
"""For each entity of ``data/entities.yml`` its values, and how else each may be written."""

YES: Mapping[StepKind, Move] = {
    StepKind.DO: Move.DONE,
    StepKind.CHECK: Move.SOLVED,
    StepKind.WAIT: Move.DONE,
    StepKind.INCLUDE: Move.DONE,
}
NO: Mapping[StepKind, Move] = {
    StepKind.DO: Move.FAILED,
    StepKind.CHECK: Move.FAILED,
    StepKind.WAIT: Move.FAILED,
    StepKind.INCLUDE: Move.SKIP,
    StepKind.NOTE: Move.SKIP,
    StepKind.CHOOSE: Move.SKIP,
}
_NOT_A_NOTE = GUIDE_WORDS - {"affirm", "next_step", "solved", "problem_persists", "already_done"} | {"talk_to_human"}
"""What is not taken for a note, said for sure."""
_SURE = 0.8
_TO_AN_OFFER: Mapping[str, Move] = {"affirm": Move.REPEAT, "deny": Move.STOP}
"""What yes and no mean to "do you want to go on?"."""
_MAY_GO_ON = ("next_step", "solved", "repeat", "go_back", "wait_a_moment")
"""What the model takes "då fortsätter vi" and "nu är jag här igen" for."""
_BESIDE = ("already_done", "ask_how", "ask_why", "go_back", "recall_step", "skip_step", "stop", "restart_guide")
"""What a message that names the step may be about without saying that it is done."""
_SHORT = 6
"""Words; "jag vet inte" is no note, a story with "inte" in it is."""


@dataclass(frozen=True)
class Expectation:
    """What a run waits for, beyond the words that steer every guide."""

    move: Optional[str] = None
    """What one of ``options`` is said as: ``answer`` or ``fact``; ``note`` if any text will do."""
    options: Mapping[str, List[str]] = field(default_factory=dict)
    """For each answer, the words that mean it."""
    lacking: Mapping[str, List[str]] = field(default_factory=dict)
    """For each thing that the guide needs, how it is called."""
    form: Optional[str] = None
    """The form of a note."""
    kind: str = ""
    """The present step's kind."""
    said: List[str] = field(default_factory=list)
    """What the present step may be called."""

    def to_json(self) -> Dict[str, Any]:
        """Return plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Expectation:
        """Read back what ``to_json`` wrote."""
        return cls(**stored)


def expectation(scene: Scene, run: GuideRun, spellings: Spellings) -> Expectation:
    """Return what the run waits for."""
    step = present_step(scene.guides, run)
    lacking = {
        thing: _phrases(thing, spellings.get(EQUIPMENT, {}).get(thing, ()))
        for place in run.path
        for thing in scene.guides[place.guide].lacking
    }
    if run.asking is not None and run.asking in scene.questions:
        known = spellings.get(run.asking, {})
        titles = scene.questions[run.asking].options
        # Also what no button offers: who writes "Firefox" has answered.
        values = dict.fromkeys((*titles, *known))
        options = {value: _phrases(value, (titles.get(value, ""), *known.get(value, ()))) for value in values}
        return Expectation("fact", options, lacking)
    kind, named = step.kind.value, _phrases("", step.said)
    if step.kind is StepKind.NOTE:
        return Expectation("note", {}, lacking, step.format, kind, named)
    known = spellings.get(step.fact or "", {})
    options = {
        name: _phrases(
            _value(answer, step.kind),
            (*_title(answer.title, step.kind), *answer.said, *known.get(answer.value or name, ())),
        )
        for name, answer in answers_to(scene, step).items()
    }
    return Expectation("answer" if options else None, options, lacking, None, kind, named)


def expected(waits: Expectation, said: Said) -> Optional[Reply]:
    """Return the reply that the guide waited for, or None if the message is none: then its intent counts."""
    if not said.typed:
        return None
    words = said.words
    for thing, names in waits.lacking.items():
        if phrases.lacks(names, words):
            return Reply(Move.LACKS, thing)
    asks = phrases.is_question(fold(said.text.lower())) and said.intent not in GUIDE_WORDS
    if waits.move == "note":
        return _note(waits, said, asks)
    if asks:
        return None
    if phrases.steps_done(words):
        return Reply(Move.ALREADY, number=phrases.last_number(words))
    if waits.move == "fact" and phrases.does_not_know(words):
        return Reply(Move.FACT)
    meant = _meant(waits.options, words)
    if waits.move is not None and meant is not None:
        return Reply(Move(waits.move), meant)
    return _named(waits, said)


def _note(waits: Expectation, said: Said, asks: bool) -> Optional[Reply]:
    """Return what was written down, unless it is a question, or a word that steers the guide for sure."""
    if asks or (said.intent in _NOT_A_NOTE and said.confidence >= _SURE):
        return None
    if phrases.does_not_know(said.words) and len(said.words.split()) <= _SHORT:
        return Reply(Move.SKIP)
    return Reply(Move.NOTE, found(waits.form, said.text))


def _named(waits: Expectation, said: Said) -> Optional[Reply]:
    """Return what it means that a message names the present step: it is done, or it did not help."""
    words = said.words
    if said.intent in _BESIDE or not any(phrase in words for phrase in waits.said):
        return None
    if waits.kind == StepKind.CHECK.value:
        return Reply(Move.FAILED) if phrases.says_same(words) else None
    if phrases.denies(words):
        return None
    return Reply(Move.ALREADY if waits.kind == StepKind.INCLUDE.value else Move.DONE)


def read(guides: Guides, run: GuideRun, waits: Expectation, said: Said) -> Optional[Reply]:
    """Return what a message means to the run; None if it is no word inside a guide."""
    option = next(iter(said.entities.get(OPTION, ())), None)
    if option is not None and not said.typed:
        return Reply(Move.FACT if run.asking is not None else Move.ANSWER, option)
    reply = expected(waits, said)
    if reply is not None:
        return reply
    if run.paused and said.intent in _TO_AN_OFFER:
        return Reply(_TO_AN_OFFER[said.intent])
    if run.paused and said.typed and said.intent in _MAY_GO_ON and phrases.goes_on(said.words):
        return Reply(Move.REPEAT)
    if run.asking is not None and said.intent in ("deny", "affirm"):
        return Reply(Move.SKIP) if said.intent == "deny" else None
    kind = present_step(guides, run).kind
    move = {"affirm": YES.get(kind), "deny": NO.get(kind)}.get(said.intent, PLAIN.get(said.intent))
    if said.typed and move in (Move.SOLVED, Move.DONE):
        move = _checked(move, kind, said)
    if move is Move.BACK:
        return _back(said.words)
    if move is Move.RECALL:
        number = phrases.step_number(said.words)
        return Reply(move, number=1 if number is None and phrases.names_first(said.words) else number)
    if move is Move.ALREADY:
        return _already(guides, run, said.words)
    return Reply(move) if move is not None else None


def _checked(move: Move, kind: StepKind, said: Said) -> Move:
    """Return what a glad word means: the model hears the gladness, but not "inte", nor what is spoken of.

    To take "funkar inte" or "nu är den stängd" for solved would end the guide.
    """
    if move is Move.DONE:
        return Move.LATER if phrases.not_yet(said.words) else move
    if said.intent != "solved":
        return move
    if phrases.denies(said.words):
        return Move.FAILED
    return move if kind is StepKind.CHECK or phrases.says_solved(said.words) else Move.DONE


def is_stale(run: GuideRun, said: Said) -> bool:
    """Tell whether a button was pressed that belongs to a step that the run has left."""
    offered_at = next(iter(said.entities.get(STEP, ())), None)
    return not said.typed and offered_at is not None and offered_at != step_key(run)


def step_key(run: GuideRun) -> str:
    """Return what buttons carry to name the present step, and the question before it."""
    return f"{run.id[:8]}.{run.place.guide}.{run.place.step}{'.' + run.asking if run.asking else ''}"


def _back(words: str) -> Reply:
    """Read "gå tillbaka", "två steg", "till steg 2", "till början"."""
    counted = phrases.steps_back(words)
    if counted is not None:
        return Reply(Move.BACK, number=counted)
    number = 1 if phrases.names_start(words) else phrases.step_number(words)
    return Reply(Move.BACK, number=number, to_step=True) if number is not None else Reply(Move.BACK)


def _already(guides: Guides, run: GuideRun, words: str) -> Reply:
    """Read which steps were done before: numbered ones, a named one, all, or the present one."""
    number = phrases.last_number(words)
    if number is not None:
        return Reply(Move.ALREADY, number=number)
    guide = guides[run.place.guide]
    present = guide.steps.index(guide.step(run.place.step))
    named = [step for step in guide.steps[present:] if any(fold(phrase.lower()) in words for phrase in step.said)]
    if named:
        return Reply(Move.ALREADY, named[-1].id)
    return Reply(Move.ALREADY, EVERYTHING if phrases.names_all(words) else "")


def _meant(options: Mapping[str, List[str]], words: str) -> Optional[str]:
    """Return the option whose longest words stand in the message; None if none or two do equally."""
    lengths: Dict[str, int] = {}
    for name, known in options.items():
        hits = [len(phrase) for phrase in known if phrases.begins_in(phrase, words)]
        if hits:
            lengths[name] = max(hits)
    longest = [name for name, length in lengths.items() if length == max(lengths.values())]
    return longest[0] if len(longest) == 1 else None


def _value(answer: Answer, kind: StepKind) -> str:
    """Return what a choice is kept as, which can be typed, too."""
    return answer.value if kind is StepKind.CHOOSE else ""


def _title(title: str, kind: StepKind) -> Tuple[str, ...]:
    """Return a button's title if it can be typed to choose it; a check's "Det gick inte" is for the model to read."""
    return (title,) if kind is StepKind.CHOOSE else ()


def _phrases(name: str, others: Tuple[str, ...]) -> List[str]:
    """Return words as they are compared."""
    return [phrase for phrase in dict.fromkeys(fold(normalise(word)) for word in (name, *others)) if phrase]
