"""From every step of every guide, whatever is replied, the end is near: no dead end, no going round, no error."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lotsen.content.catalogue import Content, load_content
from lotsen.guides.model import Guides, Status, StepKind
from lotsen.guides.prompt import prompt
from lotsen.guides.replies import Move, Reply
from lotsen.guides.run import GuideRun, Place
from lotsen.guides.scene import Scene, has_help, present_step
from lotsen.guides.walker import accepts, advance, settle, start
from lotsen.settings import CONTENT
from tests.guides.generated import QUESTIONS, forward_replies, other_replies, sets_of_guides

CONTENT_NOW: Content = load_content(CONTENT)
REAL = Scene(CONTENT_NOW.guides, questions=CONTENT_NOW.facts)
KNOWN: Tuple[Dict[str, str], ...] = (
    {},
    {"browser": "Edge", "place": "Citrix", "error_text": "Sidan finns inte", "hsa_id": "SE1"},
)
EVERY_STEP = [
    pytest.param(guide.id, step.id, id=f"{guide.id}-{step.id}")
    for guide in CONTENT_NOW.guides.values()
    for step in guide.steps
]


def at(scene: Scene, guide_id: str, step_id: str) -> GuideRun:
    """Return a run that has just come to a step."""
    return settle(scene, replace(start(scene, guide_id, "run"), path=(Place(guide_id, step_id),), facts={}))


def bound(guides: Guides, guide_id: str, step_id: str = "") -> int:
    """Count what can be asked for from a step on: steps, questions before them, and help after a failure."""
    steps = guides[guide_id].steps
    first = next((index for index, step in enumerate(steps) if step.id == step_id), 0)
    total = 0
    for step in steps[first:]:
        helps = step.kind is StepKind.DO and any(
            help.how or help.if_not for help in (step.help, *(variant.help for variant in step.variants))
        )
        inner = bound(guides, step.guide) if step.guide is not None else 0
        total += (step.kind is not StepKind.END) + (step.ask is not None) + helps + inner
    return total


class Walks:
    """All walks from a state, by where the run stands: what led there makes no difference to what comes."""

    def __init__(self, scene: Scene) -> None:
        """Walk in ``scene``."""
        self._scene = scene
        self._longest: Dict[Tuple[object, ...], int] = {}

    def longest(self, run: GuideRun, depth: int = 0) -> int:
        """Return how many replies the longest walk to an end takes, having tried every reply at every step."""
        if not run.active:
            assert run.status in (Status.RESOLVED, Status.HANDOFF)
            assert self.answers_nothing(run)
            return 0
        assert depth < 100, "going round"
        key = (run.path, run.asking, run.helped, tuple(sorted(run.facts.items())))
        if key not in self._longest:
            assert prompt(self._scene, run).text
            for other in other_replies(self._scene, run, far=3):
                assert prompt(self._scene, advance(self._scene, run, other)).text
            taken = [reply for reply in forward_replies(self._scene, run) if accepts(self._scene, run, reply)]
            assert taken, "a dead end"
            self._longest[key] = 1 + max(
                self.longest(replace(advance(self._scene, run, reply), outcomes=(), past=()), depth + 1)
                for reply in taken
            )
        return self._longest[key]

    def answers_nothing(self, run: GuideRun) -> bool:
        """Tell whether a run that has ended takes no reply any more."""
        return not any(accepts(self._scene, run, reply) for reply in forward_replies(self._scene, run))


@pytest.mark.parametrize(("guide_id", "step_id"), EVERY_STEP)
@pytest.mark.parametrize("known", KNOWN, ids=["nothing known", "all known"])
def test_every_walk_from_every_step_ends(guide_id: str, step_id: str, known: Dict[str, str]) -> None:
    """Each accepted reply is tried at each step that is come to; no walk is longer than what there is to ask."""
    scene = replace(REAL, known=known)
    assert Walks(scene).longest(at(scene, guide_id, step_id)) <= bound(REAL.guides, guide_id, step_id)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(guides=sets_of_guides(), data=st.data())
def test_every_walk_through_any_guides_ends(guides: Guides, data: st.DataObject) -> None:
    """The same for guides of every kind of step, variant, question, answer and include that the loader lets through."""
    keys = sorted({step.key for guide in guides.values() for step in guide.steps if step.key is not None})
    done = frozenset(data.draw(st.sets(st.sampled_from(keys)) if keys else st.just(set())))
    known = data.draw(st.dictionaries(st.sampled_from(["browser", "place", "error_text"]), st.just("Edge")))
    scene = Scene(guides, questions=QUESTIONS, known=known, done=done)
    for guide in guides.values():
        walks = Walks(scene)
        for step in guide.steps:
            assert walks.longest(at(scene, guide.id, step.id)) <= bound(guides, guide.id, step.id)


@pytest.mark.parametrize("guide_id", CONTENT_NOW.guides)
def test_what_has_all_been_done_ends_by_itself_or_asks_whether_it_helped(guide_id: str) -> None:
    """Somebody who did every step in other guides is not led through them again."""
    keys = {step.key for guide in REAL.guides.values() for step in guide.steps if step.key is not None}
    run = start(replace(REAL, done=frozenset(keys)), guide_id, "run")
    assert not run.active or present_step(REAL.guides, run).kind is not StepKind.DO


@pytest.mark.parametrize("given", [Move.FAILED, Move.SKIP], ids=["it fails", "it is passed over"])
def test_a_fault_that_persists_takes_eight_replies_at_most(given: Move) -> None:
    """Who does as told, and whom nothing helps, has their case after at most eight replies; the wait counts as one."""
    run = start(REAL, "page_cannot_be_displayed", "run")
    replies = 0
    while run.active:
        kind = present_step(REAL.guides, run).kind
        run = advance(REAL, run, Reply(Move.DONE if kind in (StepKind.DO, StepKind.WAIT) else given))
        replies += 1
    assert run.status is Status.HANDOFF
    assert replies <= 8


def test_help_is_given_once_after_a_failure() -> None:
    """A second failure goes on: nobody is shown the same help for ever."""
    run = start(REAL, "page_cannot_be_displayed", "run")
    assert has_help(REAL, run)
    helped = advance(REAL, run, Reply(Move.FAILED))
    assert (helped.place, helped.helped) == (run.place, True)
    assert advance(REAL, helped, Reply(Move.FAILED)).place.step == "take_out_card"
