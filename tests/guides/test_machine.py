"""The whole engine under anything that can happen, in any order, against a model of what must hold.

Guides are begun, answered, left, changed, told of in cases; the server starts anew; writes to the record are lost.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Dict, List, Optional, Set, Tuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lotsen.guides import journey as journeys
from lotsen.guides.changes import Change
from lotsen.guides.journey import MAX_OPEN, Begun, Journey
from lotsen.guides.model import Outcome, Status, StepKind
from lotsen.guides.notes import fits
from lotsen.guides.prompt import outermost, prompt
from lotsen.guides.reading import Expectation, expectation
from lotsen.guides.replies import ASIDES, Move, Reply
from lotsen.guides.run import GuideRun, StepOutcome, version_of
from lotsen.guides.scene import Scene, has_help, present_step, time_is_up_at
from lotsen.guides.walker import accepts, advance
from lotsen.outcomes.records import RunRecords
from lotsen.storage.database import open_engine
from tests.guides.generated import QUESTIONS, edited, forward_replies, other_replies, problems_of, sets_of_guides

LIMIT = 3600.0
"""After so many seconds a guide counts as left."""
PASSED = {Outcome.EARLIER, Outcome.ALREADY}
BY_MOVE = {
    Move.DONE: Outcome.DONE,
    Move.TIME: Outcome.DONE,
    Move.SOLVED: Outcome.SOLVED,
    Move.FAILED: Outcome.FAILED,
    Move.LACKS: Outcome.FAILED,
    Move.SKIP: Outcome.SKIPPED,
    Move.ALREADY: Outcome.ALREADY,
    Move.ANSWER: Outcome.ANSWERED,
    Move.NOTE: Outcome.NOTED,
}
"""What a reply makes of the step that it is given at."""


def plain(outcomes: Tuple[StepOutcome, ...]) -> List[Tuple[str, str, Outcome]]:
    """Return what became of each step, without the time."""
    return [(taken.guide, taken.step, taken.outcome) for taken in outcomes]


class Conversation(RuleBasedStateMachine):
    """One user's guides."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.records = RunRecords(open_engine(f"sqlite:///{Path(self.folder.name) / 'lotsen.db'}"))
        self.journey = Journey()
        self.now = 1_000_000.0
        self.count = 0
        self.happened: Dict[str, List[Tuple[str, str, Outcome]]] = {}
        """The model: what became of the steps of each run, by the replies that were given."""
        self.ways: Dict[str, Optional[List[int]]] = {}
        """How many outcomes each reply of a run found, for *back*; None when the guide was changed under it."""
        self.statuses: Dict[str, Status] = {}
        self.unwritten: Set[str] = set()
        """Runs whose last write was lost, and that have not moved since."""
        self.lose = False

    def teardown(self) -> None:
        """Take the database away."""
        self.folder.cleanup()

    @initialize(data=st.data())
    def draw_guides(self, data: st.DataObject) -> None:
        """Draw the guides."""
        self.guides = data.draw(sets_of_guides())

    @property
    def scene(self) -> Scene:
        """What a move is made in."""
        return Scene(self.guides, self.now, QUESTIONS)

    # What the server does with each message: bring the runs up to date, move, record.

    def wake(self) -> Journey:
        """Bring the runs up to the present time and guides, as each message does first; return them as they were."""
        before = self.journey
        self.journey, left, change = journeys.wake(self.scene, before, LIMIT)
        open_ids = [run.id for run in self.journey.open]
        for run in left:
            assert run.status is (Status.HANDOFF if run.handed_off else Status.ABANDONED)
            assert run.id not in open_ids
            assert run.guide not in self.guides or self.now - run.touched > LIMIT
        for run in before.open:
            gone = run.guide not in self.guides or self.now - run.touched > LIMIT
            assert gone == (run.id in {other.id for other in left}), "kept or left, never both, never neither"
        now = {run.id: run for run in (*left, *self.journey.ended, *self.journey.open)}
        for run in before.open:
            woken = now[run.id]
            if woken.version != run.version:
                self.refitted(run, woken)
            assert woken.active or woken.outcomes[: len(run.outcomes)] == run.outcomes
            self.statuses[run.id] = woken.status
        self.tells_the_right_change(before, change)
        self.record(before, left, ())
        return before

    def refitted(self, run: GuideRun, woken: GuideRun) -> None:
        """Take over that a changed guide passes steps of itself, but forgets none and doubles none."""
        assert woken.outcomes[: len(run.outcomes)] == run.outcomes
        added = woken.outcomes[len(run.outcomes) :]
        assert {taken.outcome for taken in added} <= {Outcome.EARLIER}
        self.happened[run.id] = plain(woken.outcomes)
        self.ways[run.id] = None

    def tells_the_right_change(self, before: Journey, change: Change) -> None:
        """Hold that the user is told of a change exactly if the step of the guide being walked reads otherwise."""
        run = self.journey.run
        if run is None:
            assert change is not Change.MOVED
            return
        was = next(other for other in before.open if other.id == run.id)
        moved = run.path != was.path or run.shown != was.shown
        assert (change is Change.MOVED) == moved

    def record(self, before: Journey, left: Tuple[GuideRun, ...], moved: Tuple[GuideRun, ...]) -> None:
        """Write each run that has changed, as the actions do; sometimes the write is lost."""
        were = {run.id: run for run in (*before.open, *before.ended)}
        now = {run.id: run for run in (*left, *moved, *self.journey.ended, *self.journey.open)}
        for run in now.values():
            if were.get(run.id) == run:
                continue
            self.statuses[run.id] = run.status
            if self.lose:
                self.unwritten.add(run.id)
            else:
                self.records.write(run, "web-1", "web")
                self.unwritten.discard(run.id)
        self.lose = False

    @rule(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """The user asks for any guide."""
        self.wake()
        before = self.journey
        guide_id = data.draw(st.sampled_from(sorted(self.guides)))
        self.count += 1
        run_id = f"{self.count:032x}"
        self.journey, run, begun = journeys.begin(self.scene, before, guide_id, run_id)
        if begun is Begun.HERE:
            assert (self.journey, run) == (before, before.run)
        elif begun is Begun.RETURNED:
            assert run in before.open
            assert self.journey.run == run
        else:
            assert run.id == run_id
            assert (begun is Begun.NEW) == (before.run is None)
            assert {taken.outcome for taken in run.outcomes} <= {Outcome.EARLIER}
            assert len({(taken.guide, taken.step) for taken in run.outcomes}) <= len(run.outcomes)
            self.happened[run.id] = plain(run.outcomes)
            self.ways[run.id] = []
        self.record(before, (), (run,))

    @precondition(lambda self: self.journey.run is not None)
    @rule(data=st.data())
    def forward(self, data: st.DataObject) -> None:
        """The user gives one of the replies that could lead on, whether it fits or not."""
        self.wake()
        if self.journey.run is not None:
            self.give(data.draw(st.sampled_from(forward_replies(self.scene, self.journey.run))))

    @precondition(lambda self: self.journey.run is not None)
    @rule(data=st.data())
    def fitting(self, data: st.DataObject) -> None:
        """The user gives a reply that fits."""
        self.wake()
        run = self.journey.run
        if run is not None:
            scene = self.scene
            self.give(data.draw(st.sampled_from([r for r in forward_replies(scene, run) if accepts(scene, run, r)])))

    @precondition(lambda self: self.journey.run is not None)
    @rule(data=st.data())
    def other(self, data: st.DataObject) -> None:
        """The user asks, goes back, begins anew, writes something useless."""
        self.wake()
        if self.journey.run is not None:
            self.give(data.draw(st.sampled_from(other_replies(self.scene, self.journey.run))))

    @precondition(lambda self: self.journey.run is not None)
    @rule()
    def stop(self) -> None:
        """The user breaks the guide off."""
        self.wake()
        if self.journey.run is not None:
            self.give(Reply(Move.STOP))

    def give(self, reply: Reply) -> None:
        """Give a reply to the run being walked, and hold the run to what the reply means."""
        before, run = self.journey, self.journey.run
        assert run is not None
        self.journey, after = journeys.reply(self.scene, before, reply)
        assert after.id == run.id
        if accepts(self.scene, run, reply):
            self.holds(run, after, reply)
            assert after.touched == self.now
        else:
            assert after == run
        assert self.journey.open[: len(before.open) - 1] == before.open[:-1], "other guides are left alone"
        assert after.active == (after in self.journey.open)
        self.record(before, (), (after,))

    def holds(self, run: GuideRun, after: GuideRun, reply: Reply) -> None:
        """Hold what an accepted reply does to the outcomes, and take it over into the model."""
        had, way = self.happened[run.id], self.ways[run.id]
        now = plain(after.outcomes)
        scene, step = self.scene, present_step(self.guides, run)
        helps = reply.move is Move.FAILED and step.kind is StepKind.DO and not run.helped and has_help(scene, run)
        wrong = reply.move is Move.NOTE and not fits(step.format, reply.value)
        if reply.move in ASIDES or reply.move is Move.STOP or (run.asking is None and (helps or wrong)):
            assert (now, after.path, after.past) == (had, run.path, run.past)
            assert after.active != (reply.move is Move.STOP)
        elif reply.move is Move.RESTART:
            assert {outcome for _, _, outcome in now} <= PASSED
            assert (after.began, after.handed_off) == (run.began, run.handed_off)
            self.ways[run.id] = []
        elif reply.move is Move.BACK:
            self.went_back(run, after, reply)
        else:
            assert now[: len(had)] == had
            new = now[len(had) :]
            question = run.asking is not None and reply.move in (Move.FACT, Move.SKIP)
            if not question:
                outcome = BY_MOVE[reply.move]
                if reply.move is Move.ANSWER and reply.value in (Move.SOLVED.value, Move.FAILED.value):
                    outcome = Outcome(reply.value)
                assert new[0] == (run.place.guide, run.place.step, outcome)
                new = new[1:]
            more = PASSED if reply.move is Move.ALREADY else {Outcome.EARLIER}
            assert {outcome for _, _, outcome in new} <= more, "nothing but what was done before is passed unasked"
            if way is not None:
                way.append(len(had))
        self.happened[run.id] = now
        self.order(after)

    def went_back(self, run: GuideRun, after: GuideRun, reply: Reply) -> None:
        """Hold that *back* undoes whole replies, the latest first, and no more than asked."""
        had, now, way = self.happened[run.id], plain(after.outcomes), self.ways[run.id]
        assert now == had[: len(now)]
        assert after.active
        undone = len(run.past) - len(after.past)
        if not reply.to_step:
            assert undone == min(reply.number or 1, len(run.past))
        if way is not None:
            assert len(way) == len(run.past)
            assert len(now) == (way[len(way) - undone] if undone else len(had))
            self.ways[run.id] = way[: len(way) - undone]

    def order(self, run: GuideRun) -> None:
        """Hold that the steps of the outermost guide were taken in its order, each once, if it was never changed."""
        if self.ways[run.id] is None:
            return
        guide = self.guides[run.guide]
        taken = [guide.steps.index(guide.step(o.step)) for o in run.outcomes if o.guide == guide.id]
        assert taken == sorted(set(taken))

    @precondition(lambda self: self.journey.run is not None)
    @rule()
    def digression(self) -> None:
        """The user asks about something else; the guide is offered again, and waits as it did."""
        self.wake()
        run = self.journey.run
        if run is None:
            return
        self.journey = journeys.pause(self.journey)
        assert self.journey.run == replace(run, paused=True)

    @rule()
    def restart_of_the_server(self) -> None:
        """Everything goes through the slots as JSON; nothing is lost but the way back in what has ended."""
        stored: Any = json.loads(json.dumps([run.to_json() for run in self.journey.open]))
        ended: Any = json.loads(json.dumps([{**run.to_json(), "past": []} for run in self.journey.ended]))
        read = tuple(GuideRun.from_json(run) for run in stored)
        assert read == self.journey.open
        self.journey = Journey(read, tuple(GuideRun.from_json(run) for run in ended))

    @rule(seconds=st.sampled_from([0.4, 30.0, 60.0, LIMIT / 2, LIMIT, LIMIT + 1, 10 * LIMIT]))
    def time_passes(self, seconds: float) -> None:
        """The user is away; a wait that is over meanwhile goes on by itself."""
        self.now += seconds
        self.wake()
        run = self.journey.run
        due = time_is_up_at(self.scene, run) if run is not None else None
        if due is not None and due <= self.now:
            self.give(Reply(Move.TIME))
            after = self.journey.run
            assert run is not None
            assert after is None or after.id != run.id or after.outcomes != run.outcomes

    @rule(data=st.data())
    def guides_are_edited(self, data: st.DataObject) -> None:
        """The content owner changes something between two messages."""
        self.guides = data.draw(edited(self.guides))
        assert problems_of(self.guides) == []
        self.wake()

    @precondition(lambda self: self.journey.run is not None)
    @rule(status=st.sampled_from([Status.STOPPED, Status.SWITCHED]), in_case=st.booleans())
    def close(self, status: Status, in_case: bool) -> None:
        """The guide is ended from outside."""
        self.wake()
        before = self.journey
        if before.run is None:
            return
        self.journey = journeys.close(before, status, in_case)
        assert self.journey.open == before.open[:-1]
        closed = self.journey.ended[-1]
        assert closed.id == before.run.id
        assert closed.status is (Status.HANDOFF if in_case or before.run.handed_off else status)
        self.record(before, (), ())

    @rule()
    def told_in_case(self) -> None:
        """A case has told all; what was tried is not told twice, and what is open goes on."""
        self.wake()
        before = self.journey
        self.journey = journeys.told_in_case(before)
        assert self.journey.ended == ()
        assert all(run.handed_off for run in self.journey.open)
        self.record(before, (), ())

    @rule()
    def the_next_write_is_lost(self) -> None:
        """The database fails while the next thing happens."""
        self.lose = True

    # What holds at any time.

    @invariant()
    def one_next_thing_to_do(self) -> None:
        """Either nothing is open, or each open run has a prompt, and the one being walked a reply that leads on."""
        assert len(self.journey.open) <= MAX_OPEN
        for run in self.journey.open:
            assert run.active
            assert present_step(self.guides, run).kind is not StepKind.END
            assert prompt(self.scene, run).text
            assert 1 <= outermost(self.scene, run)["number"] <= max(1, outermost(self.scene, run)["total"])
        if self.journey.run is not None:
            run = self.journey.run
            assert any(
                accepts(self.scene, run, reply) and advance(self.scene, run, reply).outcomes != run.outcomes
                for reply in forward_replies(self.scene, replace(run, asking=None))
            )
            if run.asking is not None:
                answered = advance(self.scene, run, Reply(Move.FACT, "Edge"))
                assert answered.asking is None
            waits = expectation(self.scene, run, {})
            assert Expectation.from_json(json.loads(json.dumps(waits.to_json()))) == waits

    @invariant()
    def runs_are_where_they_belong(self) -> None:
        """Ended runs wait for nobody, open ones are up to date, and no run is kept twice."""
        runs = (*self.journey.open, *self.journey.ended)
        assert len({run.id for run in runs}) == len(runs)
        assert not any(run.active for run in self.journey.ended)
        for run in self.journey.open:
            assert run.version == version_of(self.guides, run.guide)
            assert run.path[0].guide == run.guide

    @invariant()
    def outcomes_are_what_happened(self) -> None:
        """Each run tells what became of each step, no more and no less."""
        for run in (*self.journey.open, *self.journey.ended):
            assert plain(run.outcomes) == self.happened[run.id]

    @invariant()
    def the_record_equals_what_happened(self) -> None:
        """The record has every run as it went, but for those whose last write was lost."""
        recorded = {record.id: record for record in self.records.all()}
        assert set(recorded) >= set(self.happened) - self.unwritten
        for run_id in set(self.happened) - self.unwritten:
            assert plain(recorded[run_id].outcomes) == self.happened[run_id]
            assert recorded[run_id].status is self.statuses[run_id]
            assert (recorded[run_id].ended is None) == (self.statuses[run_id] is Status.ACTIVE)
        open_now = {run.id for run in self.journey.open}
        assert {run_id for run_id, status in self.statuses.items() if status is Status.ACTIVE} == open_now


TestConversation = Conversation.TestCase
TestConversation.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
