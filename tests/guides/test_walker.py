"""The walker: every run ends, never leaves its guides, and *back* undoes; by hand and with Hypothesis."""

from __future__ import annotations

import json
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lotsen.content.located_yaml import Document
from lotsen.guides.loader import load_guides
from lotsen.guides.model import Answer, Guide, GuideRun, Place, Reply, Status, Step, StepKind, StepOutcome
from lotsen.guides.structure import structural_problems
from lotsen.guides.walker import REPLIES, Guides, accepts, advance, present_step, prompt, start
from lotsen.guides.wording import heading
from lotsen.settings import ROOT

FORWARD = (Reply.DONE, Reply.SOLVED, Reply.FAILED, Reply.SKIP)
"""The replies that take a run on or end it; STOP ends any run and has a test of its own."""


def step(step_id: str, kind: StepKind, **fields: Any) -> Step:
    """Build a step whose text is made from its id."""
    return Step(step_id, kind, f"Text {step_id}.", **fields)


def guides_of(*listed: Guide) -> Guides:
    """Build a set of guides, by id."""
    return {guide.id: guide for guide in listed}


CARD = Guide(
    "card",
    "Läs in kortet",
    (step("take_out", StepKind.DO), step("insert", StepKind.CHECK)),
)
"""Included; runs out after a check."""

REBOOT = Guide(
    "reboot",
    "Starta om",
    (
        step("restart", StepKind.CHECK),
        step("call", StepKind.END, outcome=Status.HANDOFF, reason="Det hjälper inte att starta om."),
    ),
)
"""Included; has a hand-off of its own."""

LOGIN = Guide(
    "login",
    "Logga in",
    (
        step("open", StepKind.DO),
        step("read_card", StepKind.INCLUDE, guide="card"),
        step("try_again", StepKind.CHECK),
        step("reboot", StepKind.INCLUDE, guide="reboot"),
        step(
            "other_computer",
            StepKind.CHECK,
            answers=MappingProxyType(
                {Reply.SOLVED: Answer("Det fungerar där", "local_fault"), Reply.FAILED: Answer("Inte där heller")}
            ),
        ),
        step("remains", StepKind.END, outcome=Status.HANDOFF, reason="Felet är kvar.", counted=False),
        step("local_fault", StepKind.END, outcome=Status.RESOLVED, reason="Felet är lokalt.", counted=False),
    ),
)
OUTER = Guide(
    "outer",
    "Allt",
    (step("all", StepKind.INCLUDE, guide="login"), step("last", StepKind.CHECK)),
)
"""Includes a guide that includes others."""

GUIDES = guides_of(OUTER, LOGIN, CARD, REBOOT)


def walk(replies: Sequence[Reply], guide_id: str = "login") -> GuideRun:
    """Give ``replies`` one after the other from the guide's start."""
    run = start(GUIDES, guide_id)
    for reply in replies:
        run = advance(GUIDES, run, reply)
    return run


def test_start_is_the_first_step() -> None:
    """A run begins at the guide's first step with nothing behind it."""
    assert start(GUIDES, "login") == GuideRun("login", (Place("login", "open"),))


def test_start_of_an_unknown_guide_is_an_error() -> None:
    """A guide that is not there is a KeyError, not a run."""
    with pytest.raises(KeyError):
        start(GUIDES, "no_such_guide")


@pytest.mark.parametrize(
    ("replies", "place"),
    [
        pytest.param([Reply.DONE], [("login", "read_card")], id="done leads to the next step"),
        pytest.param([Reply.FAILED], [("login", "read_card")], id="a step that cannot be done is passed"),
        pytest.param([Reply.DONE, Reply.SKIP], [("login", "try_again")], id="an include can be skipped"),
        pytest.param(
            [Reply.DONE, Reply.DONE], [("login", "read_card"), ("card", "take_out")], id="an include opens its guide"
        ),
        pytest.param(
            [Reply.DONE, Reply.DONE, Reply.DONE, Reply.FAILED],
            [("login", "try_again")],
            id="an included guide that runs out returns to the step after the include",
        ),
        pytest.param(
            [Reply.DONE, Reply.SKIP, Reply.FAILED, Reply.DONE, Reply.FAILED],
            [("login", "other_computer")],
            id="an included hand-off returns to the step after the include",
        ),
    ],
)
def test_moves(replies: List[Reply], place: List[Tuple[str, str]]) -> None:
    """Replies lead where the guide says, and the run stays active."""
    run = walk(replies)
    assert run.path == tuple(Place(*pair) for pair in place)
    assert run.active


@pytest.mark.parametrize(
    ("replies", "status", "reason", "place"),
    [
        pytest.param([Reply.SOLVED], Status.RESOLVED, None, Place("login", "open"), id="solved while doing"),
        pytest.param(
            [Reply.DONE, Reply.DONE, Reply.DONE, Reply.SOLVED],
            Status.RESOLVED,
            None,
            Place("card", "insert"),
            id="solved in an included guide resolves the whole run",
        ),
        pytest.param(
            [Reply.DONE, Reply.SKIP, Reply.FAILED, Reply.SKIP, Reply.FAILED],
            Status.HANDOFF,
            "Felet är kvar.",
            Place("login", "remains"),
            id="an end without success is a hand-off with its reason",
        ),
        pytest.param(
            [Reply.DONE, Reply.SKIP, Reply.FAILED, Reply.SKIP, Reply.SOLVED],
            Status.RESOLVED,
            "Felet är lokalt.",
            Place("login", "local_fault"),
            id="an own answer leads to its own end",
        ),
        pytest.param(
            [Reply.DONE, Reply.STOP],
            Status.STOPPED,
            None,
            Place("login", "read_card"),
            id="stop stays where it was said",
        ),
    ],
)
def test_ends(replies: List[Reply], status: Status, reason: Optional[str], place: Place) -> None:
    """A run ends with the status, reason and place that the last reply gives."""
    run = walk(replies)
    assert (run.status, run.reason, run.place) == (status, reason, place)


def test_an_included_guide_returns_to_the_guide_that_included_it() -> None:
    """Three guides deep, the way out is one guide at a time."""
    inmost = [Reply.DONE, Reply.DONE, Reply.DONE, Reply.DONE]
    assert walk(inmost, "outer").path == (Place("outer", "all"), Place("login", "read_card"), Place("card", "insert"))
    assert walk([*inmost, Reply.FAILED], "outer").path == (Place("outer", "all"), Place("login", "try_again"))
    on = [*inmost, Reply.FAILED, Reply.FAILED, Reply.SKIP, Reply.FAILED]
    assert walk(on, "outer").path == (Place("outer", "last"),)


def test_a_guide_that_runs_out_is_a_hand_off() -> None:
    """Walked on its own, a guide whose last check failed hands off without a reason."""
    run = walk([Reply.DONE, Reply.FAILED], "card")
    assert (run.status, run.reason, run.place) == (Status.HANDOFF, None, Place("card", "insert"))


def test_outcomes_name_guide_step_and_reply() -> None:
    """Each moving reply leaves one outcome, in order, also in an included guide."""
    assert walk([Reply.FAILED, Reply.DONE, Reply.DONE, Reply.FAILED]).outcomes == (
        StepOutcome("login", "open", Reply.FAILED),
        StepOutcome("login", "read_card", Reply.DONE),
        StepOutcome("card", "take_out", Reply.DONE),
        StepOutcome("card", "insert", Reply.FAILED),
    )


def test_back_leaves_an_included_guide() -> None:
    """Back at the first step of an included guide gives the include again."""
    assert walk([Reply.DONE, Reply.DONE, Reply.BACK]) == walk([Reply.DONE])


def test_back_enters_an_included_guide() -> None:
    """Back after an included guide has run out gives its last step again."""
    inside = [Reply.DONE, Reply.DONE, Reply.DONE]
    assert walk([*inside, Reply.FAILED, Reply.BACK]) == walk(inside)


def test_back_at_the_first_step_stays() -> None:
    """There is nothing before the first step."""
    assert walk([Reply.BACK]) == start(GUIDES, "login")


def test_restart_begins_the_outermost_guide_again() -> None:
    """Restart forgets everything, also from within an included guide."""
    assert walk([Reply.DONE, Reply.DONE, Reply.DONE, Reply.RESTART]) == start(GUIDES, "login")


@pytest.mark.parametrize(
    "replies",
    [
        pytest.param([Reply.DONE, Reply.DONE, Reply.DONE, Reply.BACK], id="active in an included guide"),
        pytest.param([Reply.DONE, Reply.SKIP, Reply.FAILED, Reply.SKIP, Reply.FAILED], id="ended with a reason"),
        pytest.param([Reply.STOP], id="stopped"),
    ],
)
def test_a_stored_run_is_the_same(replies: List[Reply]) -> None:
    """Written as JSON text and read back, a run has kept its place, outcomes, way back, status and reason."""
    run = walk(replies)
    assert GuideRun.from_json(json.loads(json.dumps(run.to_json()))) == run


@pytest.mark.parametrize(
    "stored",
    [{}, {"guide": "login"}, {**GuideRun("login", ()).to_json(), "status": "gone"}, ["login"]],
    ids=["nothing", "fields missing", "unknown status", "a list"],
)
def test_a_run_stored_by_something_else_is_an_error(stored: Any) -> None:
    """What cannot be read back is one of the errors that callers expect."""
    with pytest.raises((KeyError, ValueError, TypeError)):
        GuideRun.from_json(stored)


@pytest.mark.parametrize(
    ("replies", "misfit"),
    [
        pytest.param([], Reply.SKIP, id="skip at do"),
        pytest.param([Reply.DONE, Reply.SKIP], Reply.DONE, id="done at check"),
        pytest.param([Reply.DONE, Reply.SKIP], Reply.SKIP, id="skip at check"),
        pytest.param([Reply.DONE, Reply.SKIP, Reply.FAILED, Reply.SKIP], Reply.DONE, id="not among the own answers"),
    ],
)
def test_a_reply_that_does_not_fit_changes_nothing(replies: List[Reply], misfit: Reply) -> None:
    """A misfit is refused and leaves the run where it is."""
    run = walk(replies)
    assert not accepts(GUIDES, run, misfit)
    assert advance(GUIDES, run, misfit) == run


def test_prompt_of_a_plain_step() -> None:
    """A step is shown with its number, and without choices if it has no own answers."""
    shown = prompt(GUIDES, walk([Reply.DONE, Reply.SKIP]))
    assert (shown.kind, shown.text, shown.choices) == (StepKind.CHECK, "Text try_again.", ())
    assert heading(shown) == "**Steg 3 av 5**"


def test_prompt_of_an_included_step() -> None:
    """A step of an included guide shows both numbers."""
    shown = prompt(GUIDES, walk([Reply.DONE, Reply.DONE, Reply.DONE]))
    assert heading(shown) == "**Steg 2 av 5 · Läs in kortet, steg 2 av 2**"


def test_prompt_of_own_answers() -> None:
    """A step's own answers are its choices, in their order."""
    shown = prompt(GUIDES, walk([Reply.DONE, Reply.SKIP, Reply.FAILED, Reply.SKIP]))
    assert shown.choices == (("Det fungerar där", Reply.SOLVED), ("Inte där heller", Reply.FAILED))


def test_an_uncounted_end_has_no_number() -> None:
    """An end that is no step of the source is shown without a heading."""
    shown = prompt(GUIDES, walk([Reply.DONE, Reply.SKIP, Reply.FAILED, Reply.SKIP, Reply.FAILED]))
    assert (shown.number, heading(shown)) == (None, "")


# What must hold for any guides and any replies.


@st.composite
def own_answers(draw: st.DrawFn, kind: StepKind, later: Sequence[str]) -> Mapping[Reply, Answer]:
    """Draw a step's own answers; one of them leads on to the next step, so that it can be reached."""
    on = draw(st.sampled_from([reply for reply in REPLIES[kind] if reply is not Reply.SOLVED]))
    answers: Dict[Reply, Answer] = {on: Answer(f"Svar {on.value}")}
    for reply in draw(st.sets(st.sampled_from([reply for reply in REPLIES[kind] if reply is not on]))):
        answers[reply] = Answer(f"Svar {reply.value}", draw(st.none() | st.sampled_from(later)))
    return MappingProxyType(answers)


@st.composite
def one_guide(draw: st.DrawFn, guide_id: str, others: Sequence[str]) -> Guide:
    """Draw a guide that the loader would accept; it may include ``others``."""
    kinds = [StepKind.DO, StepKind.CHECK] + ([StepKind.INCLUDE] if others else [])
    body = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4))
    outcomes = draw(st.lists(st.sampled_from([Status.RESOLVED, Status.HANDOFF]), max_size=3))
    if not outcomes:
        body[-1] = StepKind.CHECK
    names = [f"step_{index}" for index in range(len(body))] + [f"end_{index}" for index in range(len(outcomes))]
    steps: List[Step] = []
    for index, kind in enumerate(body):
        later = names[index + 1 :]
        fields: Dict[str, Any] = {}
        if kind is StepKind.INCLUDE:
            fields["guide"] = draw(st.sampled_from(others))
        elif later:
            fields["answers"] = draw(st.just(MappingProxyType({})) | own_answers(kind, later))
        steps.append(step(names[index], kind, **fields))
    named = {answer.next for made in steps for answer in made.answers.values()}
    for index, outcome in enumerate(outcomes):
        if index == 0 or f"end_{index}" in named:
            fields = {"outcome": outcome, "reason": draw(st.none() | st.just("Skäl.")), "counted": draw(st.booleans())}
            steps.append(step(f"end_{index}", StepKind.END, **fields))
    return Guide(guide_id, f"Guiden {guide_id}", tuple(steps))


@st.composite
def generated_guides(draw: st.DrawFn) -> Guides:
    """Draw a few valid guides, some of which include others."""
    guides: Dict[str, Guide] = {}
    for number in range(draw(st.integers(1, 3))):
        guide_id = f"guide_{number}"
        guides[guide_id] = draw(one_guide(guide_id, tuple(guides)))
    return guides


@lru_cache(maxsize=1)
def real_guides() -> Guides:
    """Read the guides that users get."""
    return load_guides(ROOT / "data" / "guides")


any_guides = pytest.mark.parametrize(
    "guide_sets", [generated_guides(), st.builds(real_guides)], ids=["generated", "data/guides"]
)
any_replies = st.lists(st.sampled_from([*Reply, *(Reply.DONE, Reply.FAILED, Reply.SKIP) * 3]), max_size=20)
"""Any replies, but most of them lead on without success, so that ends and included guides are come to."""
lenient = settings(deadline=None, max_examples=30)


def drawn_start(data: st.DataObject, guide_sets: st.SearchStrategy[Guides]) -> Tuple[Guides, GuideRun]:
    """Draw guides, and a run at the start of one of them."""
    guides = data.draw(guide_sets)
    return guides, start(guides, data.draw(st.sampled_from(sorted(guides))))


def drawn_runs(data: st.DataObject, guide_sets: st.SearchStrategy[Guides]) -> Tuple[Guides, List[GuideRun]]:
    """Draw guides and replies; return the run after each reply."""
    guides, run = drawn_start(data, guide_sets)
    runs = [run]
    for reply in data.draw(any_replies):
        run = advance(guides, run, reply)
        runs.append(run)
    return guides, runs


def accepted_forward(guides: Guides, run: GuideRun) -> List[Reply]:
    """Return the forward replies that fit the run's step."""
    return [reply for reply in FORWARD if accepts(guides, run, reply)]


def replies_at_most(guides: Guides, guide_id: str) -> int:
    """Count the steps of a guide, with those of each guide that it includes."""
    return sum(1 + (replies_at_most(guides, made.guide) if made.guide else 0) for made in guides[guide_id].steps)


@lenient
@given(guides=generated_guides())
def test_generated_guides_are_valid(guides: Guides) -> None:
    """The properties below are held to guides that the loader lets through, and to no others."""
    assert structural_problems(guides, {name: Document(name) for name in guides}, set(guides)) == []


@any_guides
@lenient
@given(data=st.data())
def test_a_run_stays_inside_its_guides(guide_sets: st.SearchStrategy[Guides], data: st.DataObject) -> None:
    """Whatever is replied, the path begins in the run's guide and each further guide is included by the step before."""
    guides, runs = drawn_runs(data, guide_sets)
    for run in runs:
        steps = [guides[place.guide].step(place.step) for place in run.path]
        assert run.path[0].guide == run.guide
        assert [place.guide for place in run.path[1:]] == [outer.guide for outer in steps[:-1]]
        for outcome in run.outcomes:
            assert guides[outcome.guide].step(outcome.step).kind is not StepKind.END
            assert outcome.reply in FORWARD


@any_guides
@lenient
@given(data=st.data())
def test_every_run_can_be_shown(guide_sets: st.SearchStrategy[Guides], data: st.DataObject) -> None:
    """A run, active or ended, shows its step's text and a number that is within the total."""
    guides, runs = drawn_runs(data, guide_sets)
    for run in runs:
        shown = prompt(guides, run)
        assert shown.text == present_step(guides, run).text
        assert shown.number is None or 1 <= shown.number <= shown.total
        assert len(shown.within) == len(run.path) - 1
        assert heading(shown) or shown.number is None


@any_guides
@lenient
@given(data=st.data())
def test_an_active_run_waits_for_a_reply_that_moves_it(
    guide_sets: st.SearchStrategy[Guides], data: st.DataObject
) -> None:
    """No run is left at an end step, or where only going back is possible."""
    guides, runs = drawn_runs(data, guide_sets)
    for run in runs:
        if run.active:
            assert present_step(guides, run).kind is not StepKind.END
            assert accepted_forward(guides, run)


@any_guides
@lenient
@given(data=st.data())
def test_forward_replies_end_every_run(guide_sets: st.SearchStrategy[Guides], data: st.DataObject) -> None:
    """Forward replies end the run after at most as many as there are steps, included guides counted."""
    guides, run = drawn_start(data, guide_sets)
    given_replies = 0
    while run.active:
        run = advance(guides, run, data.draw(st.sampled_from(accepted_forward(guides, run))))
        given_replies += 1
        assert given_replies <= replies_at_most(guides, run.guide)
    assert run.status in (Status.RESOLVED, Status.HANDOFF)
    assert len(run.outcomes) == given_replies


@any_guides
@lenient
@given(data=st.data())
def test_back_undoes_a_move(guide_sets: st.SearchStrategy[Guides], data: st.DataObject) -> None:
    """Back after any accepted forward reply that keeps the run active gives the earlier run, outcomes and all."""
    guides, runs = drawn_runs(data, guide_sets)
    for run in runs:
        for reply in accepted_forward(guides, run):
            moved = advance(guides, run, reply)
            if moved.active:
                assert advance(guides, moved, Reply.BACK) == run


@any_guides
@lenient
@given(data=st.data())
def test_repeat_changes_nothing(guide_sets: st.SearchStrategy[Guides], data: st.DataObject) -> None:
    """Repeat shows the step again; the run is the same."""
    guides, runs = drawn_runs(data, guide_sets)
    for run in runs:
        assert advance(guides, run, Reply.REPEAT) == run


@any_guides
@lenient
@given(data=st.data())
def test_what_is_not_accepted_changes_nothing(guide_sets: st.SearchStrategy[Guides], data: st.DataObject) -> None:
    """``accepts`` and ``advance`` agree: a reply that is refused leaves the run as it was."""
    guides, runs = drawn_runs(data, guide_sets)
    for run in runs:
        for reply in Reply:
            if not accepts(guides, run, reply):
                assert advance(guides, run, reply) == run


@any_guides
@lenient
@given(data=st.data())
def test_a_run_survives_storing(guide_sets: st.SearchStrategy[Guides], data: st.DataObject) -> None:
    """Written as JSON text and read back, every run is the same."""
    _, runs = drawn_runs(data, guide_sets)
    for run in runs:
        assert GuideRun.from_json(json.loads(json.dumps(run.to_json()))) == run


@any_guides
@lenient
@given(data=st.data())
def test_an_ended_run_only_accepts_restart(guide_sets: st.SearchStrategy[Guides], data: st.DataObject) -> None:
    """After the end, every reply but restart leaves the run as it is; restart begins again."""
    guides, runs = drawn_runs(data, guide_sets)
    for run in runs:
        if not run.active:
            assert [reply for reply in Reply if accepts(guides, run, reply)] == [Reply.RESTART]
            assert advance(guides, run, Reply.RESTART) == start(guides, run.guide)


@any_guides
@lenient
@given(data=st.data())
def test_stop_ends_any_active_run_where_it_is(guide_sets: st.SearchStrategy[Guides], data: st.DataObject) -> None:
    """Stop is understood at every step, and keeps the place and what was tried."""
    guides, runs = drawn_runs(data, guide_sets)
    for run in runs:
        if run.active:
            stopped = advance(guides, run, Reply.STOP)
            assert (stopped.status, stopped.path, stopped.outcomes) == (Status.STOPPED, run.path, run.outcomes)


@any_guides
@lenient
@given(data=st.data())
def test_solved_ends_the_whole_run(guide_sets: st.SearchStrategy[Guides], data: st.DataObject) -> None:
    """Solved resolves the run from any depth, unless the step's own answer says where it leads."""
    guides, runs = drawn_runs(data, guide_sets)
    for run in runs:
        own = present_step(guides, run).answers.get(Reply.SOLVED)
        if accepts(guides, run, Reply.SOLVED) and (own is None or own.next is None):
            assert advance(guides, run, Reply.SOLVED).status is Status.RESOLVED


@any_guides
@lenient
@given(data=st.data())
def test_an_included_guide_that_does_not_solve_it_returns(
    guide_sets: st.SearchStrategy[Guides], data: st.DataObject
) -> None:
    """An included guide without success gives the step after its include; only the run's own guide hands off."""
    guides, runs = drawn_runs(data, guide_sets)
    for run in runs:
        for reply in accepted_forward(guides, run):
            moved = advance(guides, run, reply)
            left = [guides[place.guide] for place in run.path[len(moved.path) - 1 : -1]]
            includes = [place.step for place in run.path[len(moved.path) - 1 : -1]]
            after = [guide.after(guide.step(include)) for guide, include in zip(left, includes, strict=True)]
            if moved.active and after:
                assert after[0] == present_step(guides, moved)
            assert all(step is not None and step.outcome is Status.HANDOFF for step in after[1:])
            if moved.status is Status.HANDOFF:
                assert len(moved.path) == 1
