"""The table of what was asked, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import pytest
import sqlalchemy as sa

from lotsen.cases.store import CaseStore, NewCase
from lotsen.feedback.store import FeedbackStore
from lotsen.outcomes import asked as table
from lotsen.outcomes import facts
from lotsen.outcomes.asked import Asked, Kind
from lotsen.outcomes.asked_store import AskedStore
from lotsen.outcomes.deflection import Outcome, ended
from lotsen.outcomes.records import RunRecords
from lotsen.storage.database import open_engine
from tests.cases.made import FULL
from tests.outcomes.asking import WEDNESDAY, after, asked
from tests.outcomes.made import DONE, walk


class Kept:
    """The store, with what it needs."""

    def __init__(self, url: str) -> None:
        """Open the database."""
        self.engine = open_engine(url)
        self.store = AskedStore(self.engine)

    def add(self, *messages: Asked) -> None:
        """Keep messages."""
        with self.engine.begin() as connection:
            for message in messages:
                table.add(connection, message)

    def press(self, intent: str, conversation: str = "web-1") -> None:
        """Note a button."""
        with self.engine.begin() as connection:
            table.press(connection, conversation, intent)

    def all(self) -> list[Asked]:
        """Return everything."""
        return self.store.between(WEDNESDAY - timedelta(days=1), WEDNESDAY + timedelta(days=1))


@pytest.fixture
def kept(database_url: str) -> Kept:
    """An empty table."""
    return Kept(database_url)


def test_what_is_kept_comes_back(kept: Kept) -> None:
    """A message is read as it was written, and has got an id and its words."""
    said = asked(Kind.SUGGESTED, text="Hur GALLRAR man?", suggestions=("how_to_purge", "why_purge"), model="abc")
    kept.add(said)
    [found] = kept.all()
    assert found == replace(said, id=found.id, words="hur gallrar man")


def test_only_the_first_button_of_the_latest_message(kept: Kept) -> None:
    """A button is noted on the latest message of its own conversation, once."""
    kept.add(asked(Kind.ANSWERED), asked(Kind.SUGGESTED, 1), asked(Kind.SUGGESTED, 2, "web-2"))
    kept.press("none_of_these")
    kept.press("talk_to_human")
    kept.press("anything", "web-3")
    assert [message.pressed for message in kept.all()] == [None, "none_of_these", None]


def test_choosing_among_messages(kept: Kept) -> None:
    """Kinds, channel, time and number narrow down what is read; the latest are kept."""
    kept.add(*(asked(kind, place, channel=channel) for place, (kind, channel) in enumerate(
        [(Kind.ANSWERED, "web"), (Kind.REFUSED, "web"), (Kind.REFUSED, "teams"), (Kind.REFUSED, "web")]
    )))  # fmt: skip
    read = kept.store.between
    assert len(read(after(1), after(3))) == 2
    assert [m.at for m in read(after(0), after(9), {Kind.REFUSED}, "web")] == [after(1), after(3)]
    assert [m.at for m in read(after(0), after(9), limit=2)] == [after(2), after(3)]


def test_dealing_with_one_wording(kept: Kept) -> None:
    """All messages with the same words are dealt with together, and none without words beside the one itself."""
    kept.add(asked(Kind.REFUSED, text="Hur?"), asked(Kind.REFUSED, text="hur"), *(asked(Kind.REFUSED, text="🙂"),) * 2)
    first, _, smile, _ = kept.all()
    with kept.engine.begin() as connection:
        assert kept.store.handle(connection, [first.id], after(5)) == 2
        assert kept.store.handle(connection, [smile.id], after(5)) == 1
    assert [message.handled is not None for message in kept.all()] == [True, True, True, False]
    with kept.engine.begin() as connection:
        kept.store.handle(connection, [first.id], None)
    assert [message.handled is not None for message in kept.all()] == [False, False, True, False]


def test_an_ended_conversation_points_to_nobody(kept: Kept) -> None:
    """After it was ended its messages have a name that no other table knows, and what they count as."""
    CaseStore(kept.engine), RunRecords(kept.engine)
    feedback = FeedbackStore(kept.engine, lambda: after(1))
    kept.add(asked(Kind.ANSWERED), asked(Kind.SMALL_TALK, 2, intent="thanks"), asked(Kind.ANSWERED, 3, "web-2"))
    feedback.record("web-1", 7, "how_to_purge", "down")
    kept.store.forget("web-1")
    first, second, other = kept.all()
    assert first.conversation == second.conversation and first.conversation.startswith("ended-")
    assert (first.sign, first.outcome) == ("rated_down", "left")
    assert (other.conversation, other.outcome) == ("web-2", None)


def test_ending_where_nothing_else_is_known(kept: Kept) -> None:
    """A conversation can be ended before any guide was begun, case sent or answer rated, and one without messages."""
    kept.add(asked(Kind.REFUSED))
    kept.store.forget("web-1")
    kept.store.forget("web-9")
    assert [message.outcome for message in kept.all()] == ["refused"]


def test_the_rows_have_an_index(kept: Kept) -> None:
    """What is read by conversation, time or words is found by an index."""
    names = {index["name"] for index in sa.inspect(kept.engine).get_indexes("asked")}
    assert names == {"asked_of", "asked_at", "asked_words"}


def test_what_other_tables_know(kept: Kept) -> None:
    """Ratings, runs and cases of a time are read, but not those of ended conversations or of Lotsen itself."""
    feedback = FeedbackStore(kept.engine, lambda: after(1))
    records, cases = RunRecords(kept.engine), CaseStore(kept.engine, lambda: after(2))
    for conversation in ("web-1", "web-2"):
        feedback.record(conversation, 7, "how_to_purge", "up")
    feedback.forget("web-2")
    run = replace(walk("login", [DONE]), began=after(3).timestamp(), touched=after(4).timestamp())
    records.write(run, "web-1", "web")
    cases.create(NewCase("a" * 32, FULL, "web-1", "web"))
    cases.create(NewCase("b" * 32, FULL, "", "system"))
    with kept.engine.connect() as connection:
        found = facts.between(connection, after(0), after(9))
        nothing = facts.between(connection, after(5), after(9))
    assert [(one.conversation, one.up) for one in found.ratings] == [("web-1", True)]
    assert [(one.guide, one.last) for one in found.runs] == [("login", ("login", "close"))]
    assert [(one.conversation, one.at) for one in found.cases] == [("web-1", after(2))]
    assert nothing == facts.Facts()


def test_many_rows_are_read_as_they_are(kept: Kept) -> None:
    """What the figures are made of comes without the texts, and counts like messages."""
    kept.add(asked(Kind.ANSWERED), asked(Kind.SMALL_TALK, 2, intent="thanks"))
    turns = kept.store.turns(after(-1), after(9))
    [one] = ended(turns, facts.Facts(), timezone.utc, after(0))
    assert (one.outcome, one.channel) == (Outcome.ANSWER, "web") and "text" not in turns[0].keys()  # noqa: SIM118
