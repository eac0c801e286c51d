"""The walker: (scene, run, reply) -> the next run. Pure functions.

Every reply but *back*, *restart* and the asides takes the run forward or ends it (a failed ``do`` gets its help first,
once), and the loader refuses guides that lead backwards or include themselves, so every run ends.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import FrozenSet, Mapping, Optional

from lotsen.guides.model import FAILED, SOLVED, Answer, Guides, Outcome, Status, Step, StepKind
from lotsen.guides.notes import fits
from lotsen.guides.replies import ASIDES, EVERYTHING, Move, Reply
from lotsen.guides.run import GuideRun, Past, Place, StepOutcome, text_hash, version_of
from lotsen.guides.scene import Scene, answers_to, facts_of, has_help, lacking_step, present_step, still_asked

_USUAL: Mapping[StepKind, FrozenSet[Move]] = {
    StepKind.DO: frozenset({Move.DONE, Move.FAILED, Move.SOLVED, Move.SKIP, Move.ALREADY}),
    StepKind.CHECK: frozenset({Move.SOLVED, Move.FAILED, Move.SKIP, Move.ALREADY}),
    StepKind.CHOOSE: frozenset({Move.ANSWER, Move.SKIP, Move.SOLVED}),
    StepKind.WAIT: frozenset({Move.DONE, Move.TIME, Move.FAILED, Move.SOLVED, Move.SKIP, Move.ALREADY}),
    StepKind.NOTE: frozenset({Move.NOTE, Move.SKIP, Move.SOLVED}),
    StepKind.INCLUDE: frozenset({Move.DONE, Move.FAILED, Move.SOLVED, Move.SKIP, Move.ALREADY}),
    StepKind.END: frozenset(),
}
_ANYWHERE = ASIDES | {Move.BACK, Move.RESTART, Move.STOP}
_OUTCOMES: Mapping[Move, Outcome] = {
    Move.DONE: Outcome.DONE,
    Move.TIME: Outcome.DONE,
    Move.SOLVED: Outcome.SOLVED,
    Move.FAILED: Outcome.FAILED,
    Move.SKIP: Outcome.SKIPPED,
    Move.ALREADY: Outcome.ALREADY,
    Move.ANSWER: Outcome.ANSWERED,
    Move.NOTE: Outcome.NOTED,
}


def start(scene: Scene, guide_id: str, run_id: str) -> GuideRun:
    """Begin ``guide_id`` at the first step that has not been done already.

    Raises:
        KeyError: if there is no such guide.
    """
    first = scene.guides[guide_id].steps[0]
    version = version_of(scene.guides, guide_id)
    run = GuideRun(run_id, guide_id, (Place(guide_id, first.id),), version, began=scene.now, touched=scene.now)
    return settle(scene, run)


def accepts(scene: Scene, run: GuideRun, reply: Reply) -> bool:
    """Tell whether ``reply`` makes sense to the run's present step ("klart" does not to "did it help?")."""
    move = reply.move
    if not run.active:
        return move is Move.RESTART
    if move in _ANYWHERE:
        return True
    if move is Move.LACKS:
        return lacking_step(scene.guides, run, reply.value) is not None
    if run.asking is not None:
        return move in (Move.FACT, Move.SKIP, Move.SOLVED)
    step = present_step(scene.guides, run)
    if move is Move.ANSWER:
        return reply.value in answers_to(scene, step)
    if move in (Move.SOLVED, Move.FAILED) and step.kind is StepKind.CHECK and step.answers:
        return move.value in step.answers
    if move is Move.ALREADY and (_asks_how_it_went(step) or not _names_what_is_left(scene.guides, run, reply)):
        return False
    return move in _USUAL[step.kind]


def advance(scene: Scene, run: GuideRun, reply: Reply) -> GuideRun:
    """Return the run after ``reply``; a reply that does not fit leaves it where it is."""
    if not accepts(scene, run, reply):
        return run
    run = replace(run, touched=scene.now, paused=reply.move is Move.LATER)
    if reply.move is Move.HOW:
        return replace(run, helped=True)
    if reply.move in ASIDES:
        return run
    if reply.move is Move.RESTART:
        anew = start(replace(scene, done=frozenset()), run.guide, run.id)
        return replace(anew, began=run.began, handed_off=run.handed_off)
    if reply.move is Move.STOP:
        return replace(run, status=Status.HANDOFF if run.handed_off else Status.STOPPED)
    if reply.move is Move.BACK:
        return _back(scene, run, reply)
    if run.asking is not None and reply.move in (Move.FACT, Move.SKIP):
        known = {**run.facts, run.asking: reply.value}
        return settle(scene, replace(_remember(run), facts=MappingProxyType(known), asking=None))
    step = present_step(scene.guides, run)
    if reply.move is Move.FAILED and step.kind is StepKind.DO and not run.helped and has_help(scene, run):
        return replace(run, helped=True)
    if reply.move is Move.NOTE and not fits(step.format, reply.value):
        return run
    return _move(scene, _remember(run), step, reply)


def _move(scene: Scene, run: GuideRun, step: Step, reply: Reply) -> GuideRun:
    """Take the run forward."""
    if reply.move is Move.LACKS:
        target = lacking_step(scene.guides, run, reply.value)
        assert target is not None, "accepted only if there is one"
        depth = [place.guide for place in run.path].index(target.guide)
        noted = _noted(scene, run, Outcome.FAILED, reply.value)
        return settle(scene, replace(noted, path=(*noted.path[:depth], target)))
    if reply.move is Move.ALREADY:
        return _already(scene, run, reply)
    if reply.move is Move.ANSWER and step.kind is StepKind.CHECK and reply.value in (SOLVED, FAILED):
        reply = Reply(Move(reply.value))  # Typed in the answer's own words, it means what its button means.
    own = step.answers.get(SOLVED)
    if reply.move is Move.SOLVED and (own is None or own.next is None):
        return replace(_noted(scene, run, Outcome.SOLVED, SOLVED if own else ""), status=Status.RESOLVED)
    value, learned = "", {}
    if reply.move in (Move.ANSWER, Move.SOLVED, Move.FAILED) and answers_to(scene, step):
        name = reply.value if reply.move is Move.ANSWER else reply.move.value
        answer = answers_to(scene, step)[name]
        value = answer.value or answer.title if step.kind is StepKind.CHOOSE else name
    elif reply.move is Move.NOTE:
        value = reply.value
    if step.fact is not None:
        learned = {step.fact: value}
    run = _noted(scene, run, _OUTCOMES[reply.move], value)
    run = replace(run, facts=MappingProxyType({**run.facts, **learned}))
    if step.kind is StepKind.INCLUDE and reply.move is Move.DONE:
        assert step.guide is not None, "the loader gives every include a guide"
        first = scene.guides[step.guide].steps[0]
        return settle(scene, replace(run, path=(*run.path, Place(step.guide, first.id))))
    return go_on(scene, run, step, _answer_given(scene, step, reply))


def _answer_given(scene: Scene, step: Step, reply: Reply) -> Optional[Answer]:
    """Return the answer that says where to go on; passing a step over means that it did not help."""
    answers = answers_to(scene, step)
    if not answers:
        return None
    if reply.move is Move.ANSWER:
        return answers[reply.value]
    if reply.move is Move.SOLVED:
        return answers[SOLVED]
    if step.if_skipped is not None and reply.move is Move.SKIP:
        return Answer("", step.if_skipped)
    if FAILED in answers:
        return answers[FAILED]
    others = [answer for name, answer in answers.items() if name != SOLVED]
    return others[-1] if others and all(answer.next is not None for answer in others) else None


def go_on(scene: Scene, run: GuideRun, step: Step, answer: Optional[Answer] = None) -> GuideRun:
    """Go where an answer leads: its ``next``, or the step after; past the last one, out of the guide."""
    if answer is not None and answer.next is not None:
        return settle(scene, _at(run, answer.next))
    following = scene.guides[run.place.guide].after(step)
    if following is not None:
        return settle(scene, _at(run, following.id))
    return _leave(scene, run, None)


def _leave(scene: Scene, run: GuideRun, end: Optional[Step]) -> GuideRun:
    """Leave the innermost guide, which did not solve the problem."""
    if len(run.path) > 1:
        outer = replace(run, path=run.path[:-1])
        return go_on(scene, outer, present_step(scene.guides, outer))
    return replace(
        run,
        status=Status.HANDOFF,
        reason=end.reason if end else None,
        target=end.target if end else None,
    )


def settle(scene: Scene, run: GuideRun) -> GuideRun:
    """Pass what need not be asked, and stop at what must be; end the run at an ``end``."""
    step = present_step(scene.guides, run)
    run = replace(run, since=scene.now, helped=False, asking=None, shown=text_hash(step.text))
    facts = facts_of(scene, run)
    if step.kind is StepKind.END:
        if step.outcome is Status.RESOLVED:
            return replace(run, status=Status.RESOLVED, reason=step.reason)
        return _leave(scene, run, step)
    if step.fact is not None and facts.get(step.fact):
        value = facts[step.fact]
        if step.kind is StepKind.NOTE:
            return go_on(scene, _noted(scene, run, Outcome.EARLIER, value), step)
        for answer in answers_to(scene, step).values():
            if (answer.value or answer.title) == value:
                return go_on(scene, _noted(scene, run, Outcome.EARLIER, value), step, answer)
    if step.key is not None and step.key in scene.done and not _undone(scene, run, step.key):
        passed = Reply(Move.SKIP)
        return go_on(scene, _noted(scene, run, Outcome.EARLIER), step, _answer_given(scene, step, passed))
    if step.ask is not None and step.ask not in facts and step.ask in scene.questions:
        return replace(run, asking=step.ask)
    return run


def _undone(scene: Scene, run: GuideRun, key: str) -> bool:
    """Tell whether a step of this run has undone what was done in another one."""
    for taken in run.outcomes:
        guide = scene.guides.get(taken.guide)
        undoes = guide.step(taken.step).undoes if guide is not None and guide.has(taken.step) else ()
        if key in undoes and taken.outcome is not Outcome.SKIPPED:
            return True
    return False


def _already(scene: Scene, run: GuideRun, reply: Reply) -> GuideRun:
    """Mark steps as done before: the present one, those up to a named one, or all up to the next question."""
    guide = scene.guides[run.place.guide]
    last = _named(scene.guides, run, reply)
    until = guide.steps.index(last) if last is not None else -1
    depth = len(run.path)
    while True:
        step = present_step(scene.guides, run)
        given = _answer_given(scene, step, Reply(Move.SKIP))
        run = go_on(scene, _noted(scene, run, Outcome.ALREADY), step, given)
        if not run.active or len(run.path) != depth or run.place.guide != guide.id:
            return run
        present = present_step(scene.guides, run)
        passable = present.kind in (StepKind.DO, StepKind.WAIT) and run.asking is None
        wanted = reply.value == EVERYTHING and passable
        if _asks_how_it_went(present) or (guide.steps.index(present) > until and not wanted):
            return run


def _asks_how_it_went(step: Step) -> bool:
    """Tell whether a step has answers of its own: that it was done says nothing of which is true."""
    return step.kind is StepKind.CHECK and bool(step.answers)


def _named(guides: Guides, run: GuideRun, reply: Reply) -> Optional[Step]:
    """Return the step of the innermost guide that a reply names by id or number."""
    guide = guides[run.place.guide]
    if reply.number is not None:
        return guide.numbered(reply.number)
    return guide.step(reply.value) if guide.has(reply.value) else None


def _names_what_is_left(guides: Guides, run: GuideRun, reply: Reply) -> bool:
    """Tell whether a reply names no step, or one that is still to come."""
    if reply.value in ("", EVERYTHING) and reply.number is None:
        return True
    steps = guides[run.place.guide].steps
    named = _named(guides, run, reply)
    return named is not None and steps.index(named) >= steps.index(present_step(guides, run))


def _back(scene: Scene, run: GuideRun, reply: Reply) -> GuideRun:
    """Undo replies: one, so many, or until a numbered step is asked again; stops at the first step."""
    undone = 0
    while run.past:
        past = run.past[-1]
        step = scene.guides[past.path[-1].guide].step(past.path[-1].step)
        run = replace(
            run,
            path=past.path,
            outcomes=run.outcomes[: past.outcomes],
            past=run.past[:-1],
            asking=still_asked(scene, step, past.asking),
            since=scene.now,
            helped=False,
            shown=text_hash(step.text),
        )
        undone += 1
        if reply.to_step and reply.number is not None:
            number = scene.guides[run.path[0].guide].number(scene.guides[run.path[0].guide].step(run.path[0].step))
            if len(run.path) == 1 and number is not None and number <= reply.number:
                break
        elif undone >= (reply.number or 1):
            break
    return run


def _remember(run: GuideRun) -> GuideRun:
    """Note where the user is, for *back*."""
    return replace(run, past=(*run.past, Past(run.path, len(run.outcomes), run.asking)))


def _noted(scene: Scene, run: GuideRun, outcome: Outcome, value: str = "") -> GuideRun:
    """Add what became of the present step."""
    seconds = max(0.0, scene.now - run.since)
    entry = StepOutcome(run.place.guide, run.place.step, outcome, round(seconds, 1), value)
    return replace(run, outcomes=(*run.outcomes, entry), since=scene.now)


def _at(run: GuideRun, step_id: str) -> GuideRun:
    """Return the run at another step of the innermost guide."""
    return replace(run, path=(*run.path[:-1], Place(run.place.guide, step_id)))
