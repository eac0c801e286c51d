"""The walker: where each reply leads, what it leaves behind, and that *back* undoes; by hand and with Hypothesis."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import Any, List, Optional, Sequence, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lotsen.guides.model import Answer, Guide, Guides, Help, Outcome, Status, Step, StepKind, Variant
from lotsen.guides.replies import ASIDES, EVERYTHING, Move, Reply
from lotsen.guides.run import GuideRun, Place, text_hash, version_of
from lotsen.guides.scene import Scene, has_help, lacking_step, time_is_up_at
from lotsen.guides.walker import accepts, advance, start
from tests.guides.generated import HSA_ID, QUESTIONS, forward_replies, other_replies, problems_of, sets_of_guides

DONE, SOLVED, FAILED, SKIP, BACK = (Reply(m) for m in (Move.DONE, Move.SOLVED, Move.FAILED, Move.SKIP, Move.BACK))
ALREADY, RESTART, STOP, HOW = (Reply(m) for m in (Move.ALREADY, Move.RESTART, Move.STOP, Move.HOW))


def step(step_id: str, kind: StepKind, **fields: Any) -> Step:
    """Build a step whose text is made from its id."""
    return Step(step_id, kind, f"Text {step_id}.", **fields)


def guides_of(*listed: Guide) -> Guides:
    """Build a set of guides, by id."""
    return {guide.id: replace(guide, digest=repr(guide.steps)) for guide in listed}


def answers(**listed: Optional[str]) -> Any:
    """Build answers that lead to steps."""
    return MappingProxyType({name: Answer(f"Svar {name}", leads) for name, leads in listed.items()})


CARD = Guide("card", "Läs in kortet", (step("take_out", StepKind.DO), step("insert", StepKind.CHECK)))
"""Included; runs out after a check."""
REBOOT = Guide(
    "reboot",
    "Starta om",
    (step("restart", StepKind.CHECK), step("call", StepKind.END, outcome=Status.HANDOFF, reason="Hjälper inte.")),
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
        step("other_computer", StepKind.CHECK, answers=answers(solved="local", failed=None, none_there="remains")),
        step("remains", StepKind.END, outcome=Status.HANDOFF, reason="Felet är kvar.", target="it", counted=False),
        step("local", StepKind.END, outcome=Status.RESOLVED, reason="Felet är lokalt.", counted=False),
    ),
    lacking=MappingProxyType({"kort": "remains"}),
)
OUTER = Guide("outer", "Allt", (step("all", StepKind.INCLUDE, guide="login"), step("last", StepKind.CHECK)))
"""Includes a guide that includes others."""
KINDS = Guide(
    "kinds",
    "Alla sorter",
    (
        step("help", StepKind.DO, help=Help(how=("Så.",))),
        step("pick", StepKind.CHOOSE, fact="program", answers=answers(one=None, two="wait")),
        step("write", StepKind.NOTE, fact="hsa_id", format="hsa_id"),
        step("wait", StepKind.WAIT, minutes=2),
        step(
            "browse",
            StepKind.DO,
            ask="browser",
            variants=(Variant({"browser": "Edge"}, help=Help(if_not="Annars.")),),
        ),
        step("check", StepKind.CHECK),
    ),
)
GUIDES = guides_of(OUTER, LOGIN, CARD, REBOOT, KINDS)
SCENE = Scene(GUIDES, 100.0, QUESTIONS)


def walk(replies: Sequence[Reply], guide_id: str = "login", scene: Scene = SCENE) -> GuideRun:
    """Give ``replies`` one after the other from the guide's start."""
    run = start(scene, guide_id, "run")
    for reply in replies:
        assert accepts(scene, run, reply), reply
        run = advance(scene, run, reply)
    return run


def taken(run: GuideRun) -> List[Tuple[str, Outcome, str]]:
    """Return what became of each step."""
    return [(outcome.step, outcome.outcome, outcome.value) for outcome in run.outcomes]


def test_start_is_the_first_step() -> None:
    """A run begins at the guide's first step, now, on the present content, with nothing behind it."""
    run = start(SCENE, "login", "run")
    assert run == GuideRun(
        "run",
        "login",
        (Place("login", "open"),),
        version=version_of(GUIDES, "login"),
        began=100.0,
        since=100.0,
        touched=100.0,
        shown=text_hash("Text open."),
    )


def test_start_of_an_unknown_guide_is_an_error() -> None:
    """A guide that is not there is a KeyError, not a run."""
    with pytest.raises(KeyError):
        start(SCENE, "no_such_guide", "run")


@pytest.mark.parametrize(
    ("replies", "place"),
    [
        pytest.param([DONE], [("login", "read_card")], id="done leads to the next step"),
        pytest.param([FAILED], [("login", "read_card")], id="a step that cannot be done is passed"),
        pytest.param([DONE, SKIP], [("login", "try_again")], id="an include can be skipped"),
        pytest.param([DONE, DONE], [("login", "read_card"), ("card", "take_out")], id="an include opens its guide"),
        pytest.param([DONE, DONE, DONE, FAILED], [("login", "try_again")], id="running out returns"),
        pytest.param([DONE, SKIP, FAILED, DONE, FAILED], [("login", "other_computer")], id="a hand-off inside returns"),
    ],
)
def test_moves(replies: List[Reply], place: List[Tuple[str, str]]) -> None:
    """Replies lead where the guide says, and the run stays active."""
    run = walk(replies)
    assert run.path == tuple(Place(*pair) for pair in place)
    assert run.active


TO_OTHER = [DONE, SKIP, FAILED, SKIP]


@pytest.mark.parametrize(
    ("replies", "status", "reason", "target", "place"),
    [
        pytest.param([SOLVED], Status.RESOLVED, None, None, "open", id="solved while doing"),
        pytest.param([DONE, DONE, DONE, SOLVED], Status.RESOLVED, None, None, "insert", id="solved in an include"),
        pytest.param([*TO_OTHER, FAILED], Status.HANDOFF, "Felet är kvar.", "it", "remains", id="without success"),
        pytest.param([*TO_OTHER, SKIP], Status.HANDOFF, "Felet är kvar.", "it", "remains", id="passed over"),
        pytest.param([*TO_OTHER, SOLVED], Status.RESOLVED, "Felet är lokalt.", None, "local", id="own answer"),
        pytest.param(
            [*TO_OTHER, Reply(Move.ANSWER, "none_there")], Status.HANDOFF, "Felet är kvar.", "it", "remains", id="named"
        ),
        pytest.param([DONE, STOP], Status.STOPPED, None, None, "read_card", id="stop stays where it was said"),
    ],
)
def test_ends(replies: List[Reply], status: Status, reason: Optional[str], target: Optional[str], place: str) -> None:
    """A run ends with the status, reason, target and place that the last reply gives."""
    run = walk(replies)
    assert (run.status, run.reason, run.target, run.place.step) == (status, reason, target, place)


def test_an_included_guide_returns_to_the_guide_that_included_it() -> None:
    """Three guides deep, the way out is one guide at a time."""
    inmost = [DONE, DONE, DONE, DONE]
    assert walk(inmost, "outer").path == (Place("outer", "all"), Place("login", "read_card"), Place("card", "insert"))
    assert walk([*inmost, FAILED], "outer").path == (Place("outer", "all"), Place("login", "try_again"))
    assert walk([*inmost, FAILED, FAILED, SKIP, FAILED], "outer").path == (Place("outer", "last"),)


def test_a_guide_that_runs_out_is_a_hand_off() -> None:
    """Walked on its own, a guide whose last check failed hands off without a reason."""
    run = walk([DONE, FAILED], "card")
    assert (run.status, run.reason, run.place) == (Status.HANDOFF, None, Place("card", "insert"))


def test_outcomes_name_step_reply_and_time() -> None:
    """Each moving reply leaves one outcome, in order, with the seconds since the step was shown."""
    run = start(SCENE, "login", "run")
    for seconds, reply in ((10, FAILED), (15, DONE), (35, DONE), (35.04, FAILED)):
        run = advance(replace(SCENE, now=100.0 + seconds), run, reply)
    assert [(o.guide, o.step, o.outcome, o.seconds) for o in run.outcomes] == [
        ("login", "open", Outcome.FAILED, 10.0),
        ("login", "read_card", Outcome.DONE, 5.0),
        ("card", "take_out", Outcome.DONE, 20.0),
        ("card", "insert", Outcome.FAILED, 0.0),
    ]


def test_the_values_of_each_kind() -> None:
    """A choice keeps its words, a note its text, both as facts; a question leaves a fact but no outcome."""
    run = walk([HOW, FAILED, Reply(Move.ANSWER, "one"), Reply(Move.NOTE, HSA_ID), Reply(Move.TIME)], "kinds")
    assert run.asking == "browser"
    run = advance(SCENE, run, Reply(Move.FACT, "Edge"))
    assert (run.asking, run.place.step) == (None, "browse")
    assert run.facts == {"program": "Svar one", "hsa_id": HSA_ID, "browser": "Edge"}
    assert taken(run) == [
        ("help", Outcome.FAILED, ""),
        ("pick", Outcome.ANSWERED, "Svar one"),
        ("write", Outcome.NOTED, HSA_ID),
        ("wait", Outcome.DONE, ""),
    ]


def test_a_choice_can_jump() -> None:
    """An answer leads further down, and what lies between is not asked."""
    assert walk([DONE, Reply(Move.ANSWER, "two")], "kinds").place.step == "wait"


def test_a_failure_gets_its_help_once() -> None:
    """The first "det gick inte" stays and shows the help; the second goes on, and so does the first after "hur?"."""
    helped = walk([FAILED], "kinds")
    assert (helped.place.step, helped.helped, helped.outcomes) == ("help", True, ())
    assert taken(advance(SCENE, helped, FAILED)) == [("help", Outcome.FAILED, "")]
    assert taken(walk([HOW, FAILED], "kinds")) == [("help", Outcome.FAILED, "")]


def test_help_depends_on_what_is_known() -> None:
    """A variant's help counts only where it holds."""
    run = replace(walk([], "kinds"), path=(Place("kinds", "browse"),))
    assert not has_help(SCENE, run)
    assert has_help(replace(SCENE, known={"browser": "Edge"}), run)


def test_a_note_of_the_wrong_form_changes_nothing() -> None:
    """The user is asked again."""
    run = walk([DONE, Reply(Move.ANSWER, "one")], "kinds")
    assert advance(SCENE, run, Reply(Move.NOTE, "vet inte")) == run


def test_what_is_known_is_not_asked() -> None:
    """A question, a choice and a note are passed where the conversation has told already, and say what it told."""
    scene = replace(SCENE, known={"program": "Svar two", "hsa_id": HSA_ID, "browser": "Chrome"})
    run = walk([DONE], "kinds", scene)
    assert taken(run)[1:] == [("pick", Outcome.EARLIER, "Svar two")]
    run = advance(scene, run, DONE)
    assert (run.place.step, run.asking) == ("browse", None)


def test_a_known_value_that_is_no_answer_is_asked_again() -> None:
    """A choice between others must still be made."""
    assert walk([DONE], "kinds", replace(SCENE, known={"program": "Word"})).place.step == "pick"


def test_when_the_time_of_a_wait_is_over() -> None:
    """Two minutes after the step was shown, and never for other steps."""
    run = walk([DONE, Reply(Move.ANSWER, "two")], "kinds")
    assert time_is_up_at(SCENE, run) == 220.0
    assert time_is_up_at(SCENE, walk([DONE], "kinds")) is None
    assert time_is_up_at(SCENE, advance(SCENE, run, STOP)) is None


def test_what_was_done_in_another_guide_is_passed() -> None:
    """A ``do`` with the same name is not asked for again, wherever it stands."""
    scene = replace(SCENE, done=frozenset({"open", "take_out"}))
    run = walk([DONE], "login", scene)
    assert run.path == (Place("login", "read_card"), Place("card", "insert"))
    assert taken(run) == [
        ("open", Outcome.EARLIER, ""),
        ("read_card", Outcome.DONE, ""),
        ("take_out", Outcome.EARLIER, ""),
    ]


def test_what_this_run_has_undone_must_be_done_again() -> None:
    """The card that was out in the other guide went in meanwhile."""
    guide = Guide(
        "again",
        "Igen",
        (step("try", StepKind.CHECK, undoes=("out",)), step("out", StepKind.DO), step("then", StepKind.CHECK)),
    )
    scene = Scene(guides_of(guide), done=frozenset({"out"}))
    assert walk([FAILED], "again", scene).place.step == "out"
    assert walk([SKIP], "again", scene).place.step == "then"


def test_a_check_passed_over_is_not_solved() -> None:
    """Where every answer leads elsewhere, passing over takes the last one that is not success, in whatever order."""
    for order in (("other", "solved"), ("solved", "other")):
        leads = {"other": "kept", "solved": "fine"}
        guide = Guide(
            "jump",
            "Hopp",
            (
                step("try", StepKind.CHECK, answers=answers(**{name: leads[name] for name in order})),
                step("fine", StepKind.END, outcome=Status.RESOLVED),
                step("kept", StepKind.END, outcome=Status.HANDOFF),
            ),
        )
        scene = Scene(guides_of(guide))
        assert walk([SKIP], "jump", scene).place.step == "kept"


def test_passing_over_leads_where_the_step_says() -> None:
    """None of the answers is true of a step that was not taken, so none of their reasons must reach the case."""
    leads = answers(solved="fine", failed="kept")
    steps = (
        step("try", StepKind.CHECK, answers=leads, if_skipped="untried"),
        step("fine", StepKind.END, outcome=Status.RESOLVED),
        step("kept", StepKind.END, outcome=Status.HANDOFF, reason="Det hjälpte inte."),
        step("untried", StepKind.END, outcome=Status.HANDOFF, reason="Det är inte provat."),
    )
    scene = Scene(guides_of(Guide("jump", "Hopp", steps)))
    assert walk([SKIP], "jump", scene).reason == "Det är inte provat."
    assert walk([FAILED], "jump", scene).reason == "Det hjälpte inte."


def test_a_check_with_answers_is_asked_though_it_was_tried_before() -> None:
    """That it was tried says nothing of how it went: the question stays, also at the end of "all that is done"."""
    steps = (
        step("do", StepKind.DO),
        step("try", StepKind.CHECK, answers=answers(solved="fine", failed="kept")),
        step("fine", StepKind.END, outcome=Status.RESOLVED),
        step("kept", StepKind.END, outcome=Status.HANDOFF),
    )
    scene = Scene(guides_of(Guide("jump", "Hopp", steps)))
    run = walk([Reply(Move.ALREADY, number=2)], "jump", scene)
    assert (run.place.step, run.active) == ("try", True)
    assert not accepts(scene, run, ALREADY)


@pytest.mark.parametrize("reply", [SOLVED, Reply(Move.ANSWER, "solved")], ids=["button", "typed"])
def test_success_typed_is_success_pressed(reply: Reply) -> None:
    """An answer ``solved`` without a ``next`` ends the guide, by its button and by its own words."""
    guide = Guide("one", "En", (step("try", StepKind.CHECK, answers=answers(solved=None, failed=None)),))
    run = walk([reply], "one", Scene(guides_of(guide)))
    assert (run.status, taken(run)) == (Status.RESOLVED, [("try", Outcome.SOLVED, "solved")])


def test_what_is_lacking_leads_to_its_end() -> None:
    """The outer guide knows what the inner one does not, and the step where it was said tells what is missing."""
    inside = walk([DONE, DONE])
    assert lacking_step(GUIDES, inside, "kort") == Place("login", "remains")
    assert not accepts(SCENE, inside, Reply(Move.LACKS, "skrivare"))
    run = advance(SCENE, inside, Reply(Move.LACKS, "kort"))
    assert (run.status, run.path, run.target) == (Status.HANDOFF, (Place("login", "remains"),), "it")
    assert taken(run)[-1] == ("take_out", Outcome.FAILED, "kort")


def test_what_is_lacking_in_an_included_guide_goes_on_outside() -> None:
    """The end of the included guide that knows it gives the step after the include."""
    run = walk([DONE, Reply(Move.LACKS, "kort")], "outer")
    assert (run.path, run.status) == ((Place("outer", "last"),), Status.ACTIVE)


@pytest.mark.parametrize(
    ("reply", "steps", "place"),
    [
        pytest.param(ALREADY, ["a"], "b", id="the present one"),
        pytest.param(Reply(Move.ALREADY, EVERYTHING), ["a", "b"], "c", id="all up to the next question"),
        pytest.param(Reply(Move.ALREADY, "c"), ["a", "b", "c"], "d", id="up to a named one"),
        pytest.param(Reply(Move.ALREADY, number=4), ["a", "b", "c", "d"], "e", id="up to a number, over an include"),
    ],
)
def test_already(reply: Reply, steps: List[str], place: str) -> None:
    """Steps that were done before are passed, each with its outcome."""
    body = (("a", "do"), ("b", "wait"), ("c", "check"), ("d", "include"), ("e", "check"))
    listed = [step(name, StepKind(kind), guide="card" if kind == "include" else None) for name, kind in body]
    scene = Scene(guides_of(Guide("many", "Många", tuple(listed)), CARD))
    run = walk([reply], "many", scene)
    assert taken(run) == [(name, Outcome.ALREADY, "") for name in steps]
    assert run.path == (Place("many", place),)
    assert advance(scene, run, BACK).outcomes == ()


def test_already_in_an_included_guide_stays_out_of_the_outer_one() -> None:
    """All that was done before in the included guide leads back, and no further."""
    run = walk([DONE, DONE, Reply(Move.ALREADY, "insert")])
    assert (run.path, len(run.outcomes)) == ((Place("login", "try_again"),), 4)


@pytest.mark.parametrize(
    "reply", [Reply(Move.ALREADY, "open"), Reply(Move.ALREADY, number=1), Reply(Move.ALREADY, number=9)]
)
def test_already_names_what_is_left(reply: Reply) -> None:
    """A step that has been passed, or that there is none of, cannot be marked."""
    assert not accepts(SCENE, walk([DONE]), reply)


@pytest.mark.parametrize(
    ("reply", "left"),
    [
        pytest.param(BACK, 3, id="one"),
        pytest.param(Reply(Move.BACK, number=2), 2, id="two"),
        pytest.param(Reply(Move.BACK, number=9), 0, id="more than there are"),
        pytest.param(Reply(Move.BACK, number=1, to_step=True), 0, id="to the first step"),
        pytest.param(Reply(Move.BACK, number=2, to_step=True), 1, id="to a step, over an included guide"),
    ],
)
def test_back(reply: Reply, left: int) -> None:
    """Back undoes replies, whatever guide they were given in."""
    replies = [DONE, DONE, DONE, FAILED]
    assert advance(SCENE, walk(replies), reply) == walk(replies[:left])


def test_back_gives_the_question_again() -> None:
    """Before the step that a question was asked for, the question is undone first."""
    to_question = [DONE, Reply(Move.ANSWER, "two"), DONE]
    run = walk([*to_question, Reply(Move.FACT, "Edge"), BACK], "kinds")
    assert (run.asking, run.place.step, len(run.outcomes)) == ("browser", "browse", 3)


def test_restart_begins_the_outermost_guide_again() -> None:
    """Restart forgets the steps, but not that the run began before, nor that a case has told of it."""
    later = replace(SCENE, now=500.0, done=frozenset({"open"}))
    run = advance(later, replace(walk([DONE, DONE, DONE]), handed_off=True), RESTART)
    assert run == replace(start(replace(SCENE, now=500.0), "login", "run"), began=100.0, handed_off=True)


def test_stop_of_a_run_that_a_case_tells_of_is_a_hand_off() -> None:
    """Somebody took over, so it was not broken off."""
    assert advance(SCENE, replace(walk([DONE]), handed_off=True), STOP).status is Status.HANDOFF


def test_later_is_remembered_until_the_next_reply() -> None:
    """Only right after "vänta" does "ja" mean to go on."""
    run = walk([Reply(Move.LATER)])
    assert run.paused
    assert not advance(SCENE, run, Reply(Move.REPEAT)).paused


@pytest.mark.parametrize(
    ("replies", "misfit"),
    [
        pytest.param([], Reply(Move.TIME), id="time at do"),
        pytest.param([DONE, SKIP], DONE, id="done at check"),
        pytest.param(TO_OTHER, Reply(Move.ANSWER, "unknown"), id="not among the own answers"),
        pytest.param([], Reply(Move.NOTE, "text"), id="note at do"),
        pytest.param([], Reply(Move.FACT, "Edge"), id="fact unasked"),
        pytest.param([STOP], DONE, id="after the end"),
    ],
)
def test_a_reply_that_does_not_fit_changes_nothing(replies: List[Reply], misfit: Reply) -> None:
    """A misfit is refused and leaves the run where it is."""
    run = walk(replies)
    assert not accepts(SCENE, run, misfit)
    assert advance(SCENE, run, misfit) == run


@pytest.mark.parametrize(
    "stored",
    [{}, {"guide": "login"}, {**walk([]).to_json(), "status": "gone"}, {**walk([]).to_json(), "path": []}, ["login"]],
    ids=["nothing", "fields missing", "unknown status", "nowhere", "a list"],
)
def test_a_run_stored_by_something_else_is_an_error(stored: Any) -> None:
    """What cannot be read back is one of the errors that callers expect."""
    with pytest.raises((KeyError, ValueError, TypeError, AttributeError)):
        GuideRun.from_json(stored)


def test_the_version_is_that_of_all_that_is_included() -> None:
    """A change deep inside is a new version of the outer guide, and of no other."""
    changed = {**GUIDES, "card": replace(CARD, digest="other")}
    assert version_of(changed, "outer") != version_of(GUIDES, "outer")
    assert version_of(changed, "reboot") == version_of(GUIDES, "reboot")


# What must hold for any guides and any replies.

lenient = settings(deadline=None, max_examples=40, derandomize=True)


def drawn_runs(data: st.DataObject) -> Tuple[Scene, List[GuideRun]]:
    """Draw guides, one of them, and replies; return the run after each reply."""
    scene = Scene(data.draw(sets_of_guides()), 100.0, QUESTIONS)
    runs = [start(scene, data.draw(st.sampled_from(sorted(scene.guides))), "run")]
    for _ in range(data.draw(st.integers(0, 10))):
        run = runs[-1]
        replies = forward_replies(scene, run) * 2 + other_replies(scene, run)
        fitting = [reply for reply in replies if accepts(scene, run, reply)]
        runs.append(advance(scene, run, data.draw(st.sampled_from(fitting or replies))))
    return scene, runs


@lenient
@given(guides=sets_of_guides())
def test_generated_guides_are_valid(guides: Guides) -> None:
    """The properties are held to guides that the loader lets through, and to no others."""
    assert guides
    assert problems_of(guides) == []


@lenient
@given(data=st.data())
def test_a_run_stays_inside_its_guides(data: st.DataObject) -> None:
    """The path begins in the run's guide, each further guide is included by the step before, and no end is passed."""
    scene, runs = drawn_runs(data)
    for run in runs:
        steps = [scene.guides[place.guide].step(place.step) for place in run.path]
        assert run.path[0].guide == run.guide
        assert [place.guide for place in run.path[1:]] == [outer.guide for outer in steps[:-1]]
        assert not run.active or steps[-1].kind is not StepKind.END
        for outcome in run.outcomes:
            assert scene.guides[outcome.guide].step(outcome.step).kind is not StepKind.END


@lenient
@given(data=st.data())
def test_back_undoes_any_move(data: st.DataObject) -> None:
    """Back after any reply that leads on gives the earlier place and outcomes; only what was found out is kept."""
    scene, runs = drawn_runs(data)
    for run in runs:
        for reply in forward_replies(scene, run):
            moved = advance(scene, run, reply)
            if moved.active and len(moved.past) > len(run.past):
                undone = replace(advance(scene, moved, BACK), facts=run.facts, helped=run.helped, paused=run.paused)
                assert undone == run


@lenient
@given(data=st.data())
def test_asides_leave_the_run_where_it_is(data: st.DataObject) -> None:
    """Whatever is asked in between, place, outcomes and way back stay."""
    scene, runs = drawn_runs(data)
    for run in runs:
        for move in ASIDES:
            after = advance(scene, run, Reply(move))
            assert (after.path, after.outcomes, after.past, after.status) == (
                run.path,
                run.outcomes,
                run.past,
                run.status,
            )


@lenient
@given(data=st.data())
def test_what_is_not_accepted_changes_nothing(data: st.DataObject) -> None:
    """``accepts`` and ``advance`` agree."""
    scene, runs = drawn_runs(data)
    for run in runs:
        for reply in [*forward_replies(scene, run), *other_replies(scene, run)]:
            assert accepts(scene, run, reply) or advance(scene, run, reply) == run


@lenient
@given(data=st.data())
def test_a_run_survives_storing(data: st.DataObject) -> None:
    """Written as JSON text and read back, every run is the same."""
    _, runs = drawn_runs(data)
    for run in runs:
        assert GuideRun.from_json(json.loads(json.dumps(run.to_json()))) == run


@lenient
@given(data=st.data())
def test_solved_ends_the_whole_run(data: st.DataObject) -> None:
    """Solved resolves the run from any depth, unless the step's own answer says where it leads."""
    scene, runs = drawn_runs(data)
    for run in runs:
        own = scene.guides[run.place.guide].step(run.place.step).answers.get("solved")
        if accepts(scene, run, SOLVED) and (own is None or own.next is None):
            assert advance(scene, run, SOLVED).status is Status.RESOLVED
