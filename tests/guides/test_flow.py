"""Where each step leads, for the checks and pictures of a guide: the same ways as the walker goes."""

from __future__ import annotations

from types import MappingProxyType
from typing import Set

from hypothesis import given, settings

from lotsen.guides.flow import RESOLVED, RUNS_OUT, Edge, edges, reachable
from lotsen.guides.model import Answer, Guide, Guides, Status, Step, StepKind
from lotsen.guides.replies import Move
from lotsen.guides.run import GuideRun, Place
from lotsen.guides.scene import Scene
from lotsen.guides.walker import accepts, advance
from tests.guides.generated import QUESTIONS, forward_replies, sets_of_guides

GUIDE = Guide(
    "one",
    "En",
    (
        Step("open", StepKind.DO, "Öppna."),
        Step("helped", StepKind.CHECK, "Hjälpte det?"),
        Step(
            "where",
            StepKind.CHECK,
            "Och där?",
            answers=MappingProxyType({"solved": Answer("Ja"), "failed": Answer("Nej", "over"), "other": Answer("Nja")}),
        ),
        Step("again", StepKind.CHECK, "Igen?"),
        Step("over", StepKind.END, "Slut.", outcome=Status.HANDOFF),
        Step("lost", StepKind.END, "Ingen kommer hit.", outcome=Status.HANDOFF),
    ),
    lacking=MappingProxyType({"kort": "over"}),
)


def test_edges() -> None:
    """A plain step goes on, a check may also be solved, own answers lead where they say, and lacking comes last."""
    assert edges(GUIDE) == [
        Edge("open", "helped"),
        Edge("helped", RESOLVED, "solved"),
        Edge("helped", "where"),
        Edge("where", RESOLVED, "Ja"),
        Edge("where", "over", "Nej"),
        Edge("where", "again", "Nja"),
        Edge("again", RESOLVED, "solved"),
        Edge("again", "over"),
        Edge("open", "over", "kort", lacking=True),
    ]


def test_a_guide_that_runs_out() -> None:
    """After the last step there is nothing."""
    guide = Guide("one", "En", (Step("try", StepKind.CHECK, "Prova."),))
    assert edges(guide) == [Edge("try", RESOLVED, "solved"), Edge("try", RUNS_OUT)]


def test_reachable() -> None:
    """What no step and nothing lacking leads to is not come to."""
    assert reachable(GUIDE) == {"open", "helped", "where", "again", "over"}


@settings(max_examples=40, derandomize=True, deadline=None)
@given(guides=sets_of_guides())
def test_the_walker_goes_no_other_way(guides: Guides) -> None:
    """From each step, what the walker leads to by one reply is the target of an edge."""
    scene = Scene(guides, questions=QUESTIONS)
    for guide in guides.values():
        for step in guide.steps:
            drawn: Set[str] = {edge.target for edge in edges(guide) if edge.source == step.id and not edge.lacking}
            run = GuideRun("run", guide.id, (Place(guide.id, step.id),))
            if step.kind is StepKind.END:
                assert drawn == set()
                continue
            for reply in forward_replies(scene, run):
                if reply.move in (Move.LACKS, Move.ALREADY, Move.SOLVED) or not accepts(scene, run, reply):
                    continue
                after = advance(scene, run, reply)
                if len(after.path) == 1 and after.place.step != step.id and len(after.outcomes) == 1:
                    assert after.place.step in drawn
                elif not after.active and after.place.step == step.id:
                    assert drawn & {RUNS_OUT, RESOLVED}
