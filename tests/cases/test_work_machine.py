"""Any order of changes by two agents who often look at old pages: nothing is lost, and everything is told."""

from __future__ import annotations

from typing import Callable, Dict, List

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from lotsen.audit.verify import verify
from lotsen.cases.case import Category, Level, Status
from lotsen.cases.queue import View
from lotsen.cases.work import Conflict, Handling, Impossible, Resolution
from tests.cases.desk import AASA, OMAR, Stores

CASES = (1, 2, 3)
_case, _actor = st.sampled_from(CASES), st.sampled_from((AASA, OMAR))


class TwoAgents(RuleBasedStateMachine):
    """``seen`` is what somebody's page showed when it was loaded, however long ago."""

    pages = Bundle("pages")

    @initialize()
    def open(self) -> None:
        """Three cases, each with a user."""
        self.desk = Stores("sqlite://")
        for _ in CASES:
            self.desk.case()
        self.versions: Dict[int, int] = dict.fromkeys(CASES, 1)
        self.histories: Dict[int, List[tuple[str, str]]] = {case: self.desk.events(case) for case in CASES}
        self.written: List[str] = []
        self.entries = 0

    @rule(target=pages, case=_case)
    def look(self, case: int) -> Handling:
        """Load a page."""
        return self.desk.get(case)

    def change(self, seen: Handling, do: Callable[[int, int], None], entries: int = 1) -> bool:
        """Try a change from a page; tell whether it was written."""
        case = seen.case.id
        before = self.desk.get(case)
        changed = [self.desk.events(one) for one in CASES]
        try:
            do(case, seen.version)
        except Conflict as conflict:
            assert seen.version != before.version
            assert conflict.since
            assert self.desk.get(case) == before
        except Impossible:
            assert self.desk.get(case) == before
        else:
            assert seen.version == before.version
            if self.desk.get(case).version == before.version:  # It was so already.
                assert [self.desk.events(one) for one in CASES] == changed
                return False
            assert self.desk.get(case).version == before.version + 1
            assert len(self.desk.events(case)) > len(changed[CASES.index(case)])
            self.entries += entries
            return True
        assert [self.desk.events(one) for one in CASES] == changed
        return False

    @rule(seen=pages, actor=_actor)
    def take(self, seen: Handling, actor: object) -> None:
        """Take a case."""
        if self.change(seen, lambda case, version: self.desk.work.take(case, version, actor)):  # type: ignore[arg-type]
            assert self.desk.get(seen.case.id).assignee == actor

    @rule(seen=pages, to=st.none() | _actor)
    def assign(self, seen: Handling, to: object) -> None:
        """Give it away."""
        if self.change(seen, lambda case, version: self.desk.work.assign(case, version, AASA, to)):  # type: ignore[arg-type]
            assert self.desk.get(seen.case.id).assignee == to

    @rule(seen=pages, level=st.sampled_from(Level), actor=_actor)
    def set_level(self, seen: Handling, level: Level, actor: object) -> None:
        """Make it more or less urgent."""
        if self.change(seen, lambda case, version: self.desk.work.set_level(case, version, actor, level)):  # type: ignore[arg-type]
            assert self.desk.get(seen.case.id).level is level

    @rule(seen=pages, category=st.sampled_from(("login", "cache")))
    def set_category(self, seen: Handling, category: str) -> None:
        """Say what it is about."""
        new = Category(category, category)
        if self.change(seen, lambda case, version: self.desk.work.set_category(case, version, OMAR, new)):
            assert self.desk.get(seen.case.id).category == new

    @rule(seen=pages, ask=st.booleans(), actor=_actor)
    def reply(self, seen: Handling, ask: bool, actor: object) -> None:
        """Answer; every user that it concerns is to hear it once."""
        text = f"Svar {len(self.written)}"
        hearing = {seen.case.id, *self.desk.get(seen.case.id).duplicates}
        if self.change(seen, lambda case, version: self.desk.work.reply(case, version, actor, text, ask)):  # type: ignore[arg-type]
            self.written.append(text)
            for case in CASES:
                assert self.desk.told(f"web-{case}").count(("reply", text)) == (case in hearing)

    @rule(seen=pages, resolution=st.sampled_from(Resolution), text=st.sampled_from(("", "Klart.")))
    def resolve(self, seen: Handling, resolution: Resolution, text: str) -> None:
        """End it."""
        if self.change(seen, lambda case, version: self.desk.work.resolve(case, version, AASA, resolution, text)):
            assert self.desk.get(seen.case.id).resolution is resolution

    @rule(seen=pages)
    def reopen(self, seen: Handling) -> None:
        """Take it up again."""
        apart = self.desk.get(seen.case.id).merged_into is not None
        if self.change(seen, lambda case, version: self.desk.work.reopen(case, version, OMAR), 1 + apart):
            assert self.desk.get(seen.case.id).merged_into is None

    @rule(seen=consumes(pages), into=_case)
    def merge(self, seen: Handling, into: int) -> None:
        """Make it a duplicate."""
        self.change(seen, lambda case, version: self.desk.work.merge(case, version, AASA, into), 2)

    @rule(case=_case, actor=_actor)
    def note(self, case: int, actor: object) -> None:
        """Write something down: that is always possible."""
        before = self.desk.version(case)
        self.desk.work.note(case, actor, "Anteckning")  # type: ignore[arg-type]
        self.entries += 1
        assert self.desk.version(case) == before

    @rule(case=_case)
    def heard(self, case: int) -> None:
        """The user answers: somebody sees it in a list, in this case or in that which it is merged into."""
        self.desk.heard(case, f"Hallå {len(self.written)}")
        found = self.desk.get(self.desk.get(case).merged_into or case)
        assert found.answered
        assert found.case.id in self.desk.listed(View.OPEN)

    @rule(case=_case, status=st.sampled_from((Status.OPEN, Status.WAITING, Status.RESOLVED)))
    def news(self, case: int, status: Status) -> None:
        """A service desk says how it stands."""
        if self.desk.get(case).merged_into is None:
            self.desk.status(case, status)

    @rule(minutes=st.integers(1, 600))
    def wait(self, minutes: int) -> None:
        """Time goes by."""
        self.desk.clock.tick(minutes=minutes)

    @invariant()
    def versions_grow(self) -> None:
        """Never back, and not a word of the history is gone or changed."""
        for case in CASES:
            version, history = self.desk.version(case), self.desk.events(case)
            assert version >= self.versions[case]
            assert history[: len(self.histories[case])] == self.histories[case]
            if version > self.versions[case]:
                self.versions[case] = version
            self.histories[case] = history

    @invariant()
    def each_case_is_in_one_list(self) -> None:
        """New, taken or waiting ones in that of all open ones, those that are over in theirs, duplicates in none."""
        live, over = self.desk.listed(View.OPEN), self.desk.listed(View.OVER)
        assert set(self.desk.listed()) | set(self.desk.listed(View.WAITING)) <= set(live)
        for case in CASES:
            found = self.desk.get(case)
            merged, ended = found.merged_into is not None, found.status in (Status.RESOLVED, Status.REJECTED)
            assert (case in live, case in over) == (not merged and not ended, not merged and ended)
            if merged:
                main = self.desk.get(found.merged_into or 0)
                assert main.merged_into is None
                assert main.status is found.status
                assert case in main.duplicates

    @invariant()
    def the_log_has_an_entry_for_each_change(self) -> None:
        """No more, no less, and it is whole."""
        report = verify(self.desk.engine)
        assert report.whole
        assert report.entries == self.entries


TestTwoAgents = TwoAgents.TestCase
TestTwoAgents.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
