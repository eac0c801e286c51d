"""Several guides in one conversation: one is walked, others wait, what was done counts, and nothing is told twice."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any, Sequence

import pytest

from lotsen.guides import journey as journeys
from lotsen.guides.changes import Change
from lotsen.guides.journey import MAX_OPEN, Begun, Journey, done_keys
from lotsen.guides.model import Guide, Outcome, Status, Step, StepKind
from lotsen.guides.replies import Move, Reply
from lotsen.guides.run import GuideRun, Place, StepOutcome
from lotsen.guides.scene import Scene

DONE, SOLVED, FAILED, STOP = (Reply(move) for move in (Move.DONE, Move.SOLVED, Move.FAILED, Move.STOP))
LIMIT = 1000.0


def step(step_id: str, kind: StepKind = StepKind.DO, **fields: Any) -> Step:
    """Build a step."""
    return Step(step_id, kind, f"Text {step_id}.", **fields)


def guide(guide_id: str, *steps: Step, **fields: Any) -> Guide:
    """Build a guide."""
    return Guide(guide_id, guide_id.title(), steps, digest=repr(steps), **fields)


def scene_of(*guides: Guide, now: float = 100.0) -> Scene:
    """Build a scene of these guides."""
    return Scene({one.id: one for one in guides}, now)


OVER = step("over", StepKind.END, outcome=Status.HANDOFF, reason="Kvar.")
GUIDES = (
    guide("cache", step("press"), step("clear"), step("helped", StepKind.CHECK), OVER),
    guide(
        "login",
        step("card_out"),
        step("inc", StepKind.INCLUDE, guide="cache"),
        step("card_in", undoes=("card_out",)),
        step("try", StepKind.CHECK),
        OVER,
        errors=("Fel",),
    ),
    guide("page", step("card_out"), step("card_in"), step("look", StepKind.CHECK), OVER, errors=("Sida",)),
    *(guide(f"other_{number}", step(f"o{number}"), step("see", StepKind.CHECK), OVER) for number in range(5)),
)
SCENE = scene_of(*GUIDES)


def begun(*guide_ids: str) -> Journey:
    """Begin guides one after the other."""
    journey = Journey()
    for number, guide_id in enumerate(guide_ids):
        journey, _, _ = journeys.begin(SCENE, journey, guide_id, f"run{number}")
    return journey


def replied(journey: Journey, *replies: Reply) -> Journey:
    """Give replies to the run being walked."""
    for reply in replies:
        journey, _ = journeys.reply(SCENE, journey, reply)
    return journey


def names(runs: Sequence[GuideRun]) -> list[str]:
    """Return the guides of runs."""
    return [run.guide for run in runs]


def test_a_first_guide_is_new() -> None:
    """Nothing was open."""
    journey, run, how = journeys.begin(SCENE, Journey(), "cache", "run")
    assert (journey, run.id, how) == (Journey((run,)), "run", Begun.NEW)


def test_an_unknown_guide_is_an_error() -> None:
    """A guide that is not there is a KeyError, and no run."""
    with pytest.raises(KeyError):
        journeys.begin(SCENE, Journey(), "no_such_guide", "run")


def test_a_reply_without_a_guide_is_an_error() -> None:
    """There must be one to reply to."""
    with pytest.raises(IndexError):
        journeys.reply(SCENE, Journey(), DONE)


@pytest.mark.parametrize("guide_id", ["login", "cache"], ids=["itself", "included"])
def test_a_guide_that_is_being_walked(guide_id: str) -> None:
    """It goes on where it is, also if it is walked inside another one."""
    before = replied(begun("login"), DONE, DONE)
    journey, run, how = journeys.begin(SCENE, before, guide_id, "run9")
    assert (journey, run, how) == (before, before.run, Begun.HERE)


def test_another_guide_is_walked_while_the_first_waits() -> None:
    """When it ends, the first one goes on where it was."""
    first = replied(begun("other_0"), DONE)
    journey, _, how = journeys.begin(SCENE, first, "other_1", "run9")
    assert (how, names(journey.open)) == (Begun.NESTED, ["other_0", "other_1"])
    journey = replied(journey, STOP)
    assert (journey.run, names(journey.ended)) == (first.run, ["other_1"])


def test_a_guide_that_waits_comes_back() -> None:
    """What was on top of it has ended then, oldest last begun first."""
    journey, run, how = journeys.begin(SCENE, begun("other_0", "other_1", "other_2"), "other_0", "run9")
    assert (how, run.id, names(journey.open)) == (Begun.RETURNED, "run0", ["other_0"])
    assert [(ended.guide, ended.status) for ended in journey.ended] == [
        ("other_2", Status.SWITCHED),
        ("other_1", Status.SWITCHED),
    ]


def test_another_error_text_takes_the_place_of_the_first() -> None:
    """Both guides are about the same trouble; what was done counts, what was undone does not."""
    journey, run, how = journeys.begin(SCENE, replied(begun("login"), DONE), "page", "run9")
    assert (how, names(journey.open), names(journey.ended)) == (Begun.SWITCHED, ["page"], ["login"])
    assert [(o.step, o.outcome) for o in run.outcomes] == [("card_out", Outcome.EARLIER)]
    again, run, _ = journeys.begin(SCENE, replied(begun("login"), DONE, Reply(Move.SKIP), DONE), "page", "run9")
    assert (run.place.step, run.outcomes) == ("card_out", ())


def test_no_more_than_so_many_are_open() -> None:
    """The one being walked gives way; those that wait still do."""
    journey = begun(*(f"other_{number}" for number in range(MAX_OPEN + 1)))
    assert names(journey.open) == ["other_0", "other_1", "other_2", "other_4"]
    assert [(run.guide, run.status) for run in journey.ended] == [("other_3", Status.SWITCHED)]


def test_a_guide_walked_elsewhere_is_not_included_again() -> None:
    """Who has cleared the cache in its own guide is not asked to do so inside another one."""
    journey = replied(begun("login", "cache"), DONE, DONE, FAILED)
    assert [(run.guide, run.status) for run in journey.ended] == [("cache", Status.HANDOFF)]
    assert journey.run is not None
    nested = replied(begun("other_0", "cache"), DONE, DONE, FAILED)
    inside, _, _ = journeys.begin(SCENE, nested, "login", "run9")
    assert inside.run is not None
    assert inside.run.place.step == "card_out"


def test_what_waits_counts_for_what_is_walked() -> None:
    """Steps done in a guide that waits are passed in the one on top of it."""
    journey = replied(begun("login"), DONE, DONE, DONE)
    run = journey.open[-1]
    assert run.path == (Place("login", "inc"), Place("cache", "clear"))
    two, run, _ = journeys.begin(scene_of(*GUIDES, guide("more", step("press"), step("see", StepKind.CHECK))),
                                 journey, "more", "run9")  # fmt: skip
    assert [(o.step, o.outcome) for o in run.outcomes] == [("press", Outcome.EARLIER)]
    assert names(two.open) == ["login", "more"]


def test_a_guide_with_nothing_left_to_do_ends_at_once() -> None:
    """It is put with the ended, and what waited goes on."""
    scene = scene_of(*GUIDES, guide("all", step("o0"), OVER))
    journey, run, how = journeys.begin(scene, replied(begun("other_0"), DONE), "all", "run9")
    assert (how, run.status) == (Begun.NESTED, Status.HANDOFF)
    assert (names(journey.open), journey.ended) == (["other_0"], (run,))


def test_success_leaves_nothing_to_hand_off() -> None:
    """But what was tried before is kept while another guide waits."""
    tried = replied(begun("other_0"), STOP)
    solved, _, _ = journeys.begin(SCENE, tried, "other_1", "run9")
    assert replied(solved, SOLVED) == Journey()
    nested, _, _ = journeys.begin(SCENE, solved, "other_2", "run10")
    assert (names(replied(nested, SOLVED).open), names(replied(nested, SOLVED).ended)) == (["other_1"], ["other_0"])


def test_what_a_case_tells() -> None:
    """Ended runs and open ones in which something happened, once; the subject is what is walked, or ended last."""
    journey = replied(begun("other_0", "other_1"), STOP)
    assert (names(journey.told), journey.subject) == (["other_1"], journey.run)
    journey = replied(journey, DONE)
    assert names(journey.told) == ["other_1", "other_0"]
    told = journeys.told_in_case(journey)
    assert (told.ended, [run.handed_off for run in told.open]) == ((), [True])
    ended = replied(told, STOP)
    assert (ended.subject, ended.ended[0].status) == (ended.ended[0], Status.HANDOFF)
    assert Journey().subject is None


@pytest.mark.parametrize(
    ("handed_off", "status"), [(False, Status.STOPPED), (True, Status.HANDOFF)], ids=["broken off", "in a case"]
)
def test_close(handed_off: bool, status: Status) -> None:
    """A guide ended from outside is kept for the case; with none open nothing happens."""
    journey = journeys.close(begun("other_0", "other_1"), Status.STOPPED, handed_off)
    assert (names(journey.open), [run.status for run in journey.ended]) == (["other_0"], [status])
    assert journeys.close(Journey(), Status.STOPPED) == Journey()


def test_pause() -> None:
    """Only the run being walked is asked about."""
    assert [run.paused for run in journeys.pause(begun("other_0", "other_1")).open] == [False, True]
    assert journeys.pause(Journey()) == Journey()


def test_wake_ends_what_was_left() -> None:
    """After the limit and not at it; one that a case tells of was handed off."""
    journey = begun("other_0", "other_1")
    journey = replace(journey, open=(replace(journey.open[0], handed_off=True), replace(journey.open[1], touched=101)))
    assert journeys.wake(replace(SCENE, now=100 + LIMIT), journey, LIMIT) == (journey, (), Change.NONE)
    kept, left, _ = journeys.wake(replace(SCENE, now=101 + LIMIT), journey, LIMIT)
    assert (kept.open, [run.status for run in left]) == (journey.open[1:], [Status.HANDOFF])
    kept, left, _ = journeys.wake(replace(SCENE, now=102 + LIMIT), journey, LIMIT)
    assert (kept, [run.status for run in left]) == (Journey(), [Status.HANDOFF, Status.ABANDONED])


def changed(*guides: Guide) -> Scene:
    """Return the scene with some guides in place of those of the same name."""
    return Scene({**SCENE.guides, **{one.id: one for one in guides}}, SCENE.now)


NEW = guide("other_0", step("new"), step("see", StepKind.CHECK), OVER)


def test_wake_ends_what_is_gone() -> None:
    """The other one goes on, and nothing is told of it."""
    scene = Scene({name: one for name, one in SCENE.guides.items() if name != "other_1"}, SCENE.now)
    journey, left, change = journeys.wake(scene, begun("other_0", "other_1"), LIMIT)
    assert (names(journey.open), names(left), change) == (["other_0"], ["other_1"], Change.NONE)


def test_wake_tells_of_the_guide_that_is_walked_then() -> None:
    """A change of a guide that waits is not told while another is walked, but is if that one is gone."""
    assert journeys.wake(changed(NEW), begun("other_0", "other_1"), LIMIT)[2] is Change.NONE
    assert journeys.wake(changed(NEW), begun("other_1", "other_0"), LIMIT)[2] is Change.MOVED
    only = Scene({"other_0": NEW}, SCENE.now)
    assert journeys.wake(only, begun("other_0", "other_1"), LIMIT)[2] is Change.MOVED


@pytest.mark.parametrize("outcome", [Status.HANDOFF, Status.RESOLVED])
def test_wake_ends_what_a_change_has_ended(outcome: Status) -> None:
    """Also a guide that waits, and all of them; each is with the ended ones, so that the record gets it."""
    short = [guide(name, step("first"), step("see", StepKind.END, outcome=outcome)) for name in ("other_0", "other_1")]
    journey = replied(begun("other_0", "other_1"), DONE)
    waiting = replied(begun("other_0"), DONE)
    waiting, _, _ = journeys.begin(SCENE, waiting, "other_2", "run9")
    after, left, _ = journeys.wake(changed(short[0]), waiting, LIMIT)
    assert (names(after.open), [(r.guide, r.status) for r in after.ended], left) == (
        ["other_2"],
        [("other_0", outcome)],
        (),
    )
    both = replace(journey, open=(replied(begun("other_0"), DONE).open[0], journey.open[1]))
    after, left, change = journeys.wake(changed(*short), both, LIMIT)
    assert (after.open, names(after.ended), left, change) == ((), ["other_0", "other_1"], (), Change.NONE)


@pytest.mark.parametrize(
    ("outcomes", "done"),
    [
        pytest.param([("a", Outcome.DONE)], {"a"}, id="done"),
        pytest.param([("a", Outcome.ALREADY)], {"a"}, id="already"),
        pytest.param([("a", Outcome.FAILED)], set(), id="failed"),
        pytest.param([("a", Outcome.SKIPPED)], set(), id="skipped"),
        pytest.param([("a", Outcome.DONE), ("b", Outcome.DONE)], {"b"}, id="undone"),
        pytest.param([("a", Outcome.DONE), ("b", Outcome.SKIPPED)], {"a"}, id="not undone by what was passed over"),
        pytest.param([("a", Outcome.DONE), ("b", Outcome.DONE), ("a", Outcome.DONE)], {"a", "b"}, id="done anew"),
        pytest.param([("c", Outcome.FAILED)], {"reload", "one"}, id="a check that did not help was still done"),
        pytest.param([("c", Outcome.SKIPPED)], {"one"}, id="come to the end without it"),
        pytest.param([("inc", Outcome.DONE)], set(), id="an include that was only opened"),
        pytest.param([("inc", Outcome.ALREADY)], {"cache"}, id="an include that was walked before"),
        pytest.param([("gone", Outcome.DONE)], set(), id="a step that is gone"),
    ],
)
def test_done_keys(outcomes: Sequence["tuple[str, Outcome]"], done: set[str]) -> None:
    """What need not be done again, in the order in which it was done."""
    scene = scene_of(
        guide(
            "one",
            step("a"),
            step("b", undoes=("a",)),
            step("inc", StepKind.INCLUDE, guide="cache"),
            step("c", StepKind.CHECK, once="reload"),
            OVER,
            lacking=MappingProxyType({}),
        )
    )
    run = GuideRun("run", "one", (Place("one", "a"),), outcomes=tuple(StepOutcome("one", *taken) for taken in outcomes))
    assert done_keys(scene.guides, [run]) == done
    assert done_keys({}, [run]) == frozenset()
