"""The support desk in a user's conversation: each word once and in order, and Lotsen silent meanwhile."""

from __future__ import annotations

import asyncio
import itertools
import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lotsen.audit.log import Actor, AuditLog
from lotsen.cases.case import Status
from lotsen.cases.due import DEFAULT_MINUTES
from lotsen.cases.history import HANDED_BACK, LIVE, REPLY, SAID, TOOK_OVER
from lotsen.cases.hours import read_hours
from lotsen.cases.store import NewCase
from lotsen.cases.work import Work
from lotsen.channels.chat import desk_line
from lotsen.channels.chat.desk_line import (
    TIMED_OUT,
    USER_LEFT,
    NotOpen,
    Occupied,
    StillAnswering,
    UserGone,
)
from lotsen.channels.chat.lines import Line, answer_payload
from lotsen.channels.chat.message import BOT, DESK, USER, Choice
from lotsen.channels.chat.turns import Turn
from lotsen.channels.live import Presence, open_desk_line
from lotsen.channels.web.inbox import Inbox, Limits
from lotsen.channels.web.requests import Refused
from lotsen.channels.web.stores import CHANNEL, Stores
from lotsen.privacy.masking import TOKEN
from lotsen.settings import Settings
from lotsen.storage.database import open_engine
from tests.cases.made import FULL, KEY
from tests.support.expected import text as read_text

KARIN, OLLE = Actor("k1", "Karin Ek"), Actor("o1", "Olle Ström")
MINUTES = 10.0
NUMBER = "19121212-1212"
"""A personal identity number that belongs to nobody."""
text = cache(read_text)
STEP = (Choice("Klart", "/next_step"), Choice("Avbryt", "/stop"))


class Meeting:
    """One conversation, as the web channel's process and the desk's process have it."""

    def __init__(self, url: str, conversation: str = "web-1", key: str = KEY) -> None:
        """Open the stores of both, and hand a case off."""
        self.conversation, self.ids = conversation, itertools.count(1)
        self.engine = open_engine(url)
        self.web = Stores.on(self.engine, "a key of the server", takeover_minutes=MINUTES)
        self.inbox = Inbox(self.web, Limits(1_000_000, 1_000_000))
        self.web.conversations.begin(conversation)
        self.cases, self.audit = self.web.desk.cases, AuditLog(self.engine)
        draft = replace(FULL, target_name="IT kundservice")
        self.case = self.cases.create(NewCase(key, draft, conversation, CHANNEL)).id
        own = open_engine(url)
        work = Work(own, self.cases, self.audit, read_hours(Settings.read({})), DEFAULT_MINUTES)
        self.work = work
        self.desk = open_desk_line(own, self.cases, work, MINUTES, audit=self.audit)

    def take(self, actor: Actor = KARIN) -> Line:
        """Take the conversation over."""
        return self.desk.open(self.conversation, CHANNEL, self.case, actor)

    def type(self, written: str, id: str = "") -> Optional[Turn]:
        """Write as the user; return the turn that answers it, if one does."""
        return self.receive({"text": written}, id)

    def receive(self, what: Dict[str, str], id: str = "") -> Optional[Turn]:
        """Send something as the user's browser does."""
        heard = self.inbox.receive(self.conversation, {**what, "client_id": id or f"c{next(self.ids)}"})
        return heard.turn if heard is not None else None

    def press(self, title: str) -> Optional[Turn]:
        """Press an offered button."""
        offered = {choice.title: id for id, choice in self.web.log.offered(self.conversation).items()}
        return self.receive({"choice": offered[title]})

    def answer(self, turn: Optional[Turn], said: str, *choices: Choice) -> None:
        """Let the bot answer, and end the turn."""
        assert turn is not None

        async def work() -> None:
            self.web.log.add_bot(self.conversation, said, choices)

        asyncio.run(self.web.turns.run(turn, work))

    def log(self) -> List[Tuple[str, str]]:
        """Return what was said: who, and what."""
        return [(one.author, one.text) for one in self.web.log.after(self.conversation, 0)]

    def events(self, *kinds: str) -> List[Tuple[str, str, str]]:
        """Return what the case's history has of some kinds: kind, text and who."""
        return [(one.kind, one.text, one.author) for one in self.cases.history.of(self.case) if one.kind in kinds]

    def later(self, minutes: float) -> None:
        """Let time pass for the lines."""
        now = datetime.now(timezone.utc) + timedelta(minutes=minutes)
        for lines in (self.desk, self.web.desk.lines):
            vars(lines)["_clock"] = lambda: now

    def titles(self) -> List[str]:
        """Return what can be chosen now."""
        return [choice.title for choice in self.web.log.offered(self.conversation).values()]


@pytest.fixture
def meeting(database_url: str) -> Meeting:
    """A conversation with a case, at a step of a guide."""
    made = Meeting(database_url)
    made.answer(made.type("Det går inte"), "Steg 2 av 8", *STEP)
    return made


def test_both_directions(meeting: Meeting) -> None:
    """The user reads who writes, both sides reach each other, and afterwards the guide's buttons count again."""
    meeting.take()
    assert meeting.web.log.after(meeting.conversation, 0)[-1].text == text(
        "live_begins", who="Karin Ek", target="IT kundservice"
    )
    assert meeting.press("Klart") is None
    meeting.desk.say(meeting.conversation, KARIN, "Vad står det på skärmen?")
    assert meeting.type("Sidan kan inte visas") is None
    assert meeting.titles() == []
    assert meeting.desk.close(meeting.conversation, KARIN)
    ends = text("live_ends", who="Karin Ek", target="IT kundservice")
    assert meeting.log()[-4:] == [
        (USER, "Klart"),
        (DESK, "Vad står det på skärmen?"),
        (USER, "Sidan kan inte visas"),
        (BOT, ends),
    ]
    assert meeting.events(TOOK_OVER, SAID, LIVE, HANDED_BACK) == [
        (TOOK_OVER, "", "Karin Ek"),
        (SAID, "Klart", ""),
        (LIVE, "Vad står det på skärmen?", "Karin Ek"),
        (SAID, "Sidan kan inte visas", ""),
        (HANDED_BACK, "", "Karin Ek"),
    ]
    assert meeting.titles() == ["Klart", "Avbryt"]
    assert meeting.press("Klart") is not None
    assert not meeting.desk.close(meeting.conversation, KARIN)
    assert [entry.action for entry in reversed(meeting.audit.read(case=meeting.case))] == [
        *("took_over", "live", "handed_back"),
    ]


def test_one_of_the_desk_at_a_time(meeting: Meeting) -> None:
    """Who comes second reads who has it; who has it gets the same line again, and only they speak and give it back."""
    line = meeting.take()
    assert meeting.take() == line
    with pytest.raises(Occupied, match="Karin Ek"):
        meeting.take(OLLE)
    with pytest.raises(NotOpen):
        meeting.desk.say(meeting.conversation, OLLE, "Hej")
    with pytest.raises(Occupied):
        meeting.desk.close(meeting.conversation, OLLE)
    meeting.desk.close(meeting.conversation, KARIN)
    with pytest.raises(NotOpen):
        meeting.desk.say(meeting.conversation, KARIN, "Är du kvar?")
    assert meeting.take(OLLE).name == "Olle Ström"
    assert meeting.events(LIVE) == []


def test_a_form_sent_twice_says_it_once(meeting: Meeting) -> None:
    """The desk's page may send again when an answer got lost."""
    meeting.take()
    first = meeting.desk.say(meeting.conversation, KARIN, "Hej", once="f1")
    assert meeting.desk.say(meeting.conversation, KARIN, "Hej", once="f1") == first
    assert meeting.desk.say(meeting.conversation, KARIN, "Hej", once="f2") == first + 1
    assert len(meeting.events(LIVE)) == 2


def test_a_users_message_is_kept_once(meeting: Meeting) -> None:
    """The browser may send again when an answer got lost."""
    meeting.take()
    for _ in range(2):
        assert meeting.type("Hallå", "same") is None
    assert meeting.events(SAID) == [(SAID, "Hallå", "")]


def test_personal_numbers_and_codes(meeting: Meeting) -> None:
    """Neither side's personal numbers are stored; a code that a user writes is not handed to the desk."""
    meeting.take()
    meeting.desk.say(meeting.conversation, KARIN, f"Är det {NUMBER}?")
    meeting.type(f"Ja, {NUMBER}")
    meeting.type("LOT-000001 K7QM-2XPD")
    stored = str(meeting.log()) + str(meeting.events(SAID, LIVE))
    assert NUMBER not in stored and stored.count(TOKEN) == 4
    assert "2XPD" not in stored


def test_a_turn_under_way_ends_first(meeting: Meeting, monkeypatch: pytest.MonkeyPatch) -> None:
    """While Lotsen is at work the desk waits; it is told so if that takes long, and has the conversation afterwards."""
    turn = meeting.type("Hur då?")
    monkeypatch.setattr(desk_line, "OPEN_SECONDS", 0.1)
    with pytest.raises(StillAnswering):
        meeting.take()
    assert meeting.desk.of(meeting.conversation) is None
    monkeypatch.setattr(desk_line, "OPEN_SECONDS", 60.0)
    taken = threading.Thread(target=meeting.take)
    taken.start()
    meeting.answer(turn, "Så här.")
    taken.join()
    assert [author for author, _ in meeting.log()[-3:]] == [USER, BOT, BOT]
    assert meeting.log()[-2] == (BOT, "Så här.")
    assert meeting.type("Tack") is None


def test_nothing_that_no_user_began_is_said_meanwhile(meeting: Meeting) -> None:
    """Timers and news begin no turn, and come again afterwards however long it took."""
    with meeting.engine.begin() as connection:
        told = (meeting.conversation, CHANNEL)
        now = datetime.now(timezone.utc) - timedelta(hours=1)
        meeting.cases.history.add(connection, meeting.case, REPLY, now, "rt", "Hej", tell=told)
    meeting.web.timers.set(meeting.conversation, CHANNEL, 1.0)
    meeting.web.audience.told(1, meeting.conversation, CHANNEL)
    meeting.take()
    desk, when = meeting.web.desk, datetime.now(timezone.utc)
    for number in range(30):
        assert meeting.web.turns.begin_unless(meeting.conversation, 0, desk.held) is None
        when += timedelta(minutes=1)
        assert meeting.web.history.take_untold(CHANNEL, when) == [meeting.conversation]
        assert [timer.conversation for timer in meeting.web.timers.take_due(CHANNEL, 100.0 * (number + 1))]
        desk.rest(meeting.conversation)
    meeting.desk.close(meeting.conversation, KARIN)
    assert meeting.web.turns.begin_unless(meeting.conversation, 0, desk.held) is not None


def test_time_out(meeting: Meeting) -> None:
    """Without a word from the desk Lotsen answers again; each word puts that off, and one process gives it back."""
    meeting.take()
    meeting.later(MINUTES - 1)
    meeting.desk.say(meeting.conversation, KARIN, "Vänta lite")
    meeting.later(MINUTES + 1)
    meeting.type("Jag väntar")
    assert meeting.desk.take_expired() == []
    meeting.later(2 * MINUTES)
    assert meeting.web.desk.lines.take_expired("teams") == []
    given_back = [*meeting.desk.take_expired(), *meeting.web.desk.lines.take_expired(CHANNEL)]
    assert given_back == [meeting.conversation]
    assert meeting.log()[-1] == (BOT, text("live_timed_out", who="Karin Ek", target="IT kundservice"))
    assert meeting.events(HANDED_BACK) == [(HANDED_BACK, TIMED_OUT, "Karin Ek")]
    assert meeting.titles() == ["Klart", "Avbryt"]
    with pytest.raises(NotOpen):
        meeting.desk.say(meeting.conversation, KARIN, "Är du kvar?")


def test_the_user_leaves(meeting: Meeting) -> None:
    """Who begins anew takes the line away; the case says so, nothing is left in the log, and nobody can return."""
    meeting.take()
    meeting.web.end(meeting.conversation)
    assert meeting.events(HANDED_BACK) == [(HANDED_BACK, USER_LEFT, "Karin Ek")]
    assert meeting.desk.of(meeting.conversation) is None
    for say in (lambda: meeting.desk.say(meeting.conversation, KARIN, "Hej"), meeting.take):
        with pytest.raises((NotOpen, UserGone)):
            say()
    assert meeting.log() == []


def test_nobody_is_there(meeting: Meeting) -> None:
    """A conversation of a channel that cannot be written to is not taken over."""
    for channel in ("cmdline", "teams", ""):
        with pytest.raises(UserGone):
            meeting.desk.open("somebody", channel, meeting.case, KARIN)


def test_a_lost_turn_goes_to_the_desk(meeting: Meeting) -> None:
    """What the user had said when a server died is the desk's to answer, if it has the conversation by then."""
    turn = meeting.type("Hjälp mig")
    assert turn is not None
    assert not meeting.web.desk.keep_lost(meeting.conversation, turn.heard)
    meeting.answer(turn, "Ja")
    meeting.take()
    assert meeting.web.desk.keep_lost(meeting.conversation, turn.heard)
    assert meeting.events(SAID) == [(SAID, "Hjälp mig", "")]


def ask(meeting: Meeting) -> None:
    """Let the desk ask, as the bot tells it beside the guide's step."""
    button = Choice("Svara IT kundservice", answer_payload(meeting.case))
    with meeting.engine.begin() as connection:
        meeting.cases.set_status(connection, meeting.case, Status.WAITING)
    meeting.web.log.add_bot(meeting.conversation, "Vilken dator har du?", [button])


def test_an_answer(meeting: Meeting) -> None:
    """The next thing that is written is the answer; then Lotsen goes on, with what could be chosen before."""
    ask(meeting)
    assert meeting.press("Svara IT kundservice") is None
    assert meeting.titles() == [text("answer_let_be_choice")]
    assert meeting.type(f"En bärbar, {NUMBER}") is None
    number = f"LOT-{meeting.case:06d}"
    assert meeting.log()[-1] == (BOT, text("answer_sent", target="IT kundservice", number=number))
    assert meeting.titles() == ["Klart", "Avbryt", "Svara IT kundservice"]
    assert meeting.events(SAID) == [(SAID, f"En bärbar, {TOKEN}", "")]
    stored = meeting.cases.get(meeting.case)
    assert stored is not None and stored.status is Status.OPEN
    assert meeting.press("Klart") is not None


def test_an_answer_let_be(meeting: Meeting) -> None:
    """A user may let it be, or choose or be idle instead; what they write then is Lotsen's."""
    ask(meeting)
    meeting.press("Svara IT kundservice")
    meeting.press(text("answer_let_be_choice"))
    assert meeting.titles() == ["Klart", "Avbryt", "Svara IT kundservice"]
    meeting.press("Svara IT kundservice")
    meeting.later(MINUTES + 1)
    assert meeting.desk.take_expired() == [meeting.conversation]
    assert meeting.log()[-1] == (BOT, text("answer_timed_out", target="IT kundservice"))
    turn = meeting.press("Klart")
    assert turn is not None
    assert meeting.events(SAID, TOOK_OVER, HANDED_BACK) == []


def test_the_desk_comes_while_the_user_answers(meeting: Meeting) -> None:
    """What is written then is said to who has come, and afterwards the guide's buttons count again."""
    ask(meeting)
    meeting.press("Svara IT kundservice")
    meeting.take()
    assert meeting.type("En bärbar") is None
    assert meeting.type("En grå") is None
    assert [said for _, said, _ in meeting.events(SAID)] == ["En bärbar", "En grå"]
    meeting.desk.close(meeting.conversation, KARIN)
    assert meeting.titles() == ["Klart", "Avbryt", "Svara IT kundservice"]


def test_no_text_is_an_answer_by_itself(meeting: Meeting) -> None:
    """Only the button that was offered begins an answer, not its payload typed by hand."""
    assert meeting.type(answer_payload(meeting.case)) is not None
    assert meeting.desk.of(meeting.conversation) is None
    with pytest.raises(Refused):
        meeting.receive({"choice": "1.0"})


def test_presence(meeting: Meeting) -> None:
    """The desk sees when a browser last showed the conversation."""
    presence = Presence(meeting.engine)
    first = presence.seen(meeting.conversation, CHANNEL)
    assert first is not None
    meeting.web.conversations.saw({meeting.conversation, "nobody"})
    again = presence.seen(meeting.conversation, CHANNEL)
    assert again is not None and again >= first
    assert presence.seen("nobody", CHANNEL) is None
    assert presence.seen(meeting.conversation, "cmdline") is None


def test_many_at_once(database_url: str) -> None:
    """Users write while the desk takes over, speaks and gives back: each message is Rasa's or the desk's, never both.

    The log's order decides: what stands between the beginning and the end of a line is in the case, in that order.
    """
    meeting = Meeting(database_url)
    turns: Dict[str, bool] = {}

    def write() -> None:
        for number in range(12):
            said = f"m{number}"
            try:
                turn = meeting.type(said, said)
            except Refused:
                continue
            turns[said] = turn is not None
            if turn is not None:
                meeting.answer(turn, f"to {said}")

    def handle() -> None:
        for number in range(4):
            try:
                meeting.take()
                meeting.desk.say(meeting.conversation, KARIN, f"d{number}")
                meeting.desk.close(meeting.conversation, KARIN)
            except StillAnswering:
                continue

    threads = [threading.Thread(target=act) for act in (write, handle)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check_order(meeting, turns)


def check_order(meeting: Meeting, turns: Dict[str, bool]) -> None:
    """Hold that the log and the case agree, and that the bot was silent while the desk had the conversation."""
    begins = text("live_begins", who="Karin Ek", target="IT kundservice")
    ends = {text(name, who="Karin Ek", target="IT kundservice") for name in ("live_ends", "live_timed_out")}
    taken, in_case = False, []
    for author, said in meeting.log():
        if author == BOT and said == begins:
            assert not taken
            taken = True
        elif author == BOT and said in ends:
            assert taken
            taken = False
        elif author == BOT:
            assert not taken, f"the bot said {said!r} while the desk had the conversation"
        elif author == USER:
            assert turns[said] != taken, said
        else:
            assert taken, said
        if taken and author != BOT:
            in_case.append(said)
    assert [said for _, said, _ in meeting.events(SAID, LIVE)] == in_case
    assert {said for author, said in meeting.log() if author == USER} == turns.keys()


_databases = itertools.count()


class Interleavings(RuleBasedStateMachine):
    """Whatever is done in whatever order, by a user, the desk, Lotsen, and time."""

    folder: Path

    @initialize()
    def begin(self) -> None:
        """Begin with an empty database."""
        self.meeting = Meeting(f"sqlite:///{self.folder}/{next(_databases)}.db")
        self.turns: Dict[str, bool] = {}
        self.waiting: List[Turn] = []
        self.minutes, self.count = 0.0, itertools.count()

    @rule()
    def write(self) -> None:
        """The user writes something."""
        said = f"m{next(self.count)}"
        if len(self.waiting) < 3:
            turn = self.meeting.type(said)
            self.turns[said] = turn is not None
            if turn is not None:
                self.waiting.append(turn)

    @rule()
    def repeat(self) -> None:
        """The browser sends a message again."""
        said = f"m{next(self.count)}"
        if len(self.waiting) < 2:
            turn = self.meeting.type(said, said)
            self.turns[said] = turn is not None
            self.waiting += [turn] if turn is not None else []
            assert self.meeting.type(said, said) is None

    @precondition(lambda self: self.waiting)
    @rule()
    def reply(self) -> None:
        """Lotsen answers."""
        self.meeting.answer(self.waiting.pop(0), f"b{next(self.count)}")

    @rule()
    def news(self) -> None:
        """There is news that no user asked for."""
        desk = self.meeting.web.desk
        turn = self.meeting.web.turns.begin_unless(self.meeting.conversation, 0, desk.held)
        if turn is not None:
            self.meeting.answer(turn, f"n{next(self.count)}") if not self.waiting else self.waiting.append(turn)

    @rule()
    def take(self) -> None:
        """The desk takes the conversation over, unless Lotsen is at work."""
        try:
            self.meeting.take()
        except StillAnswering:
            assert self.waiting

    @rule()
    def speak(self) -> None:
        """The desk says something, if it can."""
        had = self.meeting.desk.of(self.meeting.conversation)
        try:
            self.meeting.desk.say(self.meeting.conversation, KARIN, f"d{next(self.count)}")
        except NotOpen:
            assert had is None

    @rule()
    def give_back(self) -> None:
        """The desk gives it back."""
        had = self.meeting.desk.of(self.meeting.conversation)
        assert self.meeting.desk.close(self.meeting.conversation, KARIN) == (had is not None)

    @rule(minutes=st.sampled_from([1, 6, 11]))
    def pass_time(self, minutes: int) -> None:
        """Time passes, and idle lines are given back."""
        self.minutes += minutes
        self.meeting.later(self.minutes)
        self.meeting.desk.take_expired()
        assert self.meeting.desk.take_expired() == []

    @invariant()
    def agree(self) -> None:
        """The log and the case agree."""
        if hasattr(self, "meeting"):
            check_order(self.meeting, self.turns)

    def teardown(self) -> None:
        """Let go of the database."""
        if hasattr(self, "meeting"):
            self.meeting.engine.dispose()


def test_every_order_of_things(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message is in the log and in the case once, in order, and the bot never speaks while the desk does."""
    monkeypatch.setattr(desk_line, "OPEN_SECONDS", 0.0)

    class Here(Interleavings):
        folder = tmp_path

    run: Any = run_state_machine_as_test
    run(Here, settings=hypothesis_settings(max_examples=25, stateful_step_count=20, deadline=None))
