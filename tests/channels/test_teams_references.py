"""Teams conversations: names that tell nothing, and leases under which no message is lost and none told by two."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from lotsen.channels.teams.activity import Account, read
from lotsen.channels.teams.references import LEASE_SECONDS, Reference, References
from lotsen.storage.database import open_engine
from tests.support.clock import Clock

KEY, NEXT_KEY = "k" * 64, "n" * 64
ACCOUNT = Account("tenant", "https://smba.example/", "a:1", "29:somebody", "object-id", "28:bot", True)
NAME = "teams-conversation"


@pytest.fixture
def clock() -> Clock:
    """The clock of all processes."""
    return Clock()


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """An SQLite file that is not there yet."""
    return open_engine(f"sqlite:///{tmp_path / 'lotsen.db'}")


@pytest.fixture
def references(engine: Engine, clock: Clock) -> References:
    """What is kept, empty."""
    return References(engine, [KEY], clock)


def met(references: References, name: str = NAME, account: Account = ACCOUNT) -> str:
    """Know a conversation."""
    references.met(name, account)
    return name


def store(engine: Engine, references: References, name: str = NAME) -> None:
    """Store a message, as far as it concerns what is due."""
    with engine.begin() as connection:
        references.pending(connection, name)


def taken(references: References, name: str = NAME) -> Reference:
    """Take a conversation that is free."""
    found = references.take(name)
    assert found is not None
    return found


def name(account: Account, key: str = KEY) -> str:
    """Return a conversation's name. Nothing is asked of a database for it under one key."""
    return References.name(_Named([key]), account)  # type: ignore[arg-type]


class _Named:
    """As much of ``References`` as names need."""

    def __init__(self, keys: List[str]) -> None:
        self._keys = keys


# Names


parts = st.text(st.characters(codec="utf-8"), max_size=12)
accounts = st.builds(Account, parts, parts, parts, parts, parts, parts, st.booleans())


@given(accounts, accounts)
@example(replace(ACCOUNT, tenant="ab", conversation="c"), replace(ACCOUNT, tenant="a", conversation="bc"))
@example(replace(ACCOUNT, conversation="1:x", identity=""), replace(ACCOUNT, conversation="", identity="1:x"))
@example(replace(ACCOUNT, tenant="1:a1", conversation="b"), replace(ACCOUNT, tenant="1", conversation="a1:b"))
def test_who_differs_has_another_name(one: Account, other: Account) -> None:
    """Tenant, conversation and, in a chat of their own, the user make the name; nothing else does."""
    own = [(each.tenant, each.conversation, each.identity if each.personal else "") for each in (one, other)]
    assert (name(one) == name(other)) == (own[0] == own[1])


@given(st.text("ab1:;", max_size=8), st.data())
def test_parts_are_told_apart_however_they_are_cut(whole: str, data: st.DataObject) -> None:
    """The same characters, divided in another way, are another conversation."""
    cut = st.tuples(st.integers(0, len(whole)), st.integers(0, len(whole))).map(sorted)
    one, other = data.draw(cut), data.draw(cut)
    assume(one != other)
    found = [
        name(replace(ACCOUNT, tenant=whole[:i], conversation=whole[i:j], identity=whole[j:])) for i, j in (one, other)
    ]
    assert found[0] != found[1]


@given(accounts, parts, parts, parts)
def test_a_name_does_not_depend_on_what_may_change(account: Account, service: str, bot: str, user: str) -> None:
    """Another server, or another id for the same person in Entra ID, is the same conversation."""
    assert name(account) == name(replace(account, service=service, bot=bot, user=user))


@given(accounts, st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20))
def test_a_name_tells_nothing_without_the_key(account: Account, key: str) -> None:
    """Of one form, whatever goes in, and another under another key."""
    found = name(account, key)
    assert found.startswith("teams-") and len(found) == 38 and set(found[6:]) <= set("0123456789abcdef")
    assert found != name(account, key + "x")


def activity(display: str, **conversation: Any) -> Dict[str, Any]:
    """Return an activity of somebody who is called ``display``."""
    return {
        "type": "message",
        "id": "1",
        "serviceUrl": "https://smba.example/",
        "from": {"id": "29:somebody", "name": display, "aadObjectId": "object-id"},
        "recipient": {"id": "28:bot", "name": "Lotsen"},
        "conversation": {"id": "a:1", "tenantId": "tenant", "conversationType": "personal", **conversation},
        "text": "hej",
    }


def test_a_display_name_makes_no_difference() -> None:
    """Who marries keeps the conversation."""
    assert name(read(activity("Amina Öberg")).account) == name(read(activity("Amina Åberg")).account)


def test_a_group_has_one_name() -> None:
    """Whoever writes there; a chat of one's own is nobody else's."""
    group = replace(ACCOUNT, conversation="19:abc@thread.tacv2", personal=False)
    assert name(group) == name(replace(group, user="29:another", identity="another"))
    assert name(ACCOUNT) != name(replace(ACCOUNT, user="29:another", identity="another"))


def test_a_new_key_keeps_old_names(engine: Engine) -> None:
    """Who has written before is known under the old key's name; who has not gets the new key's."""
    before, after = References(engine, [KEY]), References(engine, [NEXT_KEY, KEY])
    other = replace(ACCOUNT, conversation="a:2")
    met(before, before.name(ACCOUNT))
    assert after.name(ACCOUNT) == before.name(ACCOUNT)
    assert after.name(other) == References(engine, [NEXT_KEY]).name(other) != before.name(other)
    met(after, after.name(other), other)
    assert References(engine, [NEXT_KEY]).name(other) == after.name(other)


# What is kept


def test_a_new_conversation_is_new_once(references: References, engine: Engine) -> None:
    """Also for another process; one that has moved is not new, and one that is back is."""
    other = References(engine, [KEY])
    assert references.met(NAME, ACCOUNT)
    assert not references.met(NAME, ACCOUNT) and not other.met(NAME, ACCOUNT)
    moved = replace(ACCOUNT, service="https://smba2.example/", user="29:new", bot="28:new", conversation="a:new")
    assert not other.met(NAME, moved)
    found = references.get(NAME)
    assert found is not None
    assert (found.service, found.user, found.bot, found.teams_conversation) == (
        moved.service,
        moved.user,
        moved.bot,
        moved.conversation,
    )
    references.left(NAME)
    assert other.met(NAME, moved)
    found = references.get(NAME)
    assert found is not None and not found.gone
    assert references.get("never there") is None


def test_a_conversation_that_moves_is_told_on(references: References, engine: Engine) -> None:
    """What has been told, and what is due, stays."""
    met(references)
    store(engine, references)
    references.told(NAME, 7)
    references.met(NAME, replace(ACCOUNT, service="https://smba2.example/"))
    assert references.due() == [NAME]
    assert taken(references).told == 7


def test_many_meet_somebody_at_once(tmp_path: Path) -> None:
    """Teams tells of one user in several activities at a time: to one of them they are new."""
    url = f"sqlite:///{tmp_path / 'lotsen.db'}"
    processes = [References(open_engine(url), [KEY]) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            account = replace(ACCOUNT, conversation=f"a:{number}")
            conversation = processes[0].name(account)
            new = list(pool.map(lambda one: one.met(conversation, account), processes * 2))  # noqa: B023
            assert sum(new) == 1
            assert processes[1].get(conversation) is not None


def test_what_is_kept_names_nobody(engine: Engine, references: References, tmp_path: Path) -> None:
    """No name, no address, no text of the user's or the bot's: ids, numbers and times only."""
    secret = ["Amina", "Öberg", "amina.oberg@example.se", "hemligt", "0701234567"]
    written = activity("Amina Öberg")
    written["from"].update(email="amina.oberg@example.se", userPrincipalName="amina.oberg@example.se")
    written.update(text="hemligt, ring 0701234567", value={"note": "hemligt"}, channelData={"note": "hemligt"})
    account = read(written).account
    conversation = references.name(account)
    references.met(conversation, account)
    store(engine, references, conversation)
    one = taken(references, conversation)
    references.keep(one)
    references.told(conversation, 3)
    references.put_off(one, 2, 10.0)
    with sqlite3.connect(tmp_path / "lotsen.db") as database:
        database.row_factory = sqlite3.Row
        (row,) = database.execute("SELECT * FROM teams_conversations").fetchall()
    kept = dict(row)
    assert not [part for part in secret if part.lower() in str(list(kept.values())).lower()]
    assert {key: kept[key] for key in ("conversation", "tenant", "service", "teams_conversation", "user", "bot")} == {
        "conversation": conversation,
        "tenant": "tenant",
        "service": "https://smba.example/",
        "teams_conversation": "a:1",
        "user": "29:somebody",
        "bot": "28:bot",
    }
    others = {"gone", "told", "tries", "due", "leased", "holder"}
    assert set(kept) == others | {field.name for field in fields(Reference)}
    assert all(isinstance(kept[key], (int, float)) for key in others - {"holder"})


# Leases


def test_nothing_is_due_until_something_is_stored(references: References, engine: Engine) -> None:
    """A conversation alone is nothing to tell; one that is not known neither."""
    met(references)
    assert references.due() == [] and references.take(NAME) is None
    store(engine, references, "never there")
    assert references.due() == [] and references.take("never there") is None
    store(engine, references)
    assert references.due() == [NAME]


def test_what_is_undone_is_not_due(references: References, engine: Engine) -> None:
    """The mark stands and falls with the message."""
    met(references)
    with pytest.raises(RuntimeError), engine.begin() as connection:
        references.pending(connection, NAME)
        raise RuntimeError("the message could not be stored")
    assert references.due() == []


def test_one_holds_a_conversation(references: References, engine: Engine, clock: Clock) -> None:
    """Until they let go of it, or their lease ends; it can be prolonged."""
    other = References(engine, [KEY], clock)
    met(references)
    store(engine, references)
    held = taken(references)
    assert other.take(NAME) is None and references.take(NAME) is None and other.due() == []
    clock.now += LEASE_SECONDS - 1
    assert references.keep(held)
    clock.now += LEASE_SECONDS - 1
    assert other.take(NAME) is None and other.due() == []
    clock.now += 1
    assert other.due() == [NAME]
    assert taken(other).holder != held.holder


def test_who_has_lost_the_lease_changes_nothing(references: References, engine: Engine, clock: Clock) -> None:
    """Keeping, letting go, putting off: only the holder's count. What was told does not go back."""
    other = References(engine, [KEY], clock)
    met(references)
    store(engine, references)
    late = taken(references)
    clock.now += LEASE_SECONDS
    held = taken(other)
    other.told(NAME, 5)
    before = other.get(NAME)
    assert not references.keep(late)
    references.release(late)
    references.put_off(late, 9, 1000.0)
    references.told(NAME, 4)
    assert other.get(NAME) == before
    assert references.due() == [] and references.take(NAME) is None
    assert other.keep(held)
    other.release(held)
    assert not other.keep(held) and not references.keep(late)
    assert references.due() == []


def test_a_lease_that_ended_unnoticed_is_still_its_holders(
    references: References, engine: Engine, clock: Clock
) -> None:
    """Nobody has followed: who is late goes on, and then nobody else may."""
    met(references)
    store(engine, references)
    held = taken(references)
    clock.now += 10 * LEASE_SECONDS
    assert references.keep(held)
    assert references.take(NAME) is None and references.due() == []


@pytest.mark.parametrize("after", [0.0, 1.0, LEASE_SECONDS - 1, LEASE_SECONDS])
def test_what_is_stored_meanwhile_stays_due(after: float, references: References, engine: Engine, clock: Clock) -> None:
    """Letting go forgets only what there was to be told at the beginning, however the moments fall together."""
    met(references)
    store(engine, references)
    held = taken(references)
    clock.now += after
    store(engine, references)
    references.release(held)
    assert references.due() == [NAME]
    held = taken(references)
    assert references.keep(held)
    store(engine, references)
    assert references.keep(held)
    references.release(held)
    assert references.due() == [NAME]
    references.release(taken(references))
    assert references.due() == []


def test_a_prolonged_lease_leaves_nothing_behind(references: References, engine: Engine, clock: Clock) -> None:
    """What has been told in the time of a longer lease is not looked for again."""
    met(references)
    store(engine, references)
    held = taken(references)
    clock.now += 1.0
    assert references.keep(held)
    references.release(held)
    clock.now += 10 * LEASE_SECONDS
    assert references.due() == []


def test_who_has_left_is_not_looked_for(references: References, engine: Engine, clock: Clock) -> None:
    """Neither for what was due, nor when a lease or a time that it was put off to ends."""
    met(references)
    store(engine, references)
    references.left(NAME)
    assert references.due() == []
    store(engine, references)
    held = taken(references)
    assert held.gone
    references.left(NAME)
    references.release(held)
    clock.now += 10 * LEASE_SECONDS
    assert references.due() == []


def test_put_off_is_put_off(references: References, engine: Engine, clock: Clock) -> None:
    """What is stored meanwhile, also before, does not pull it forward; then all is due."""
    met(references)
    store(engine, references)
    held = taken(references)
    store(engine, references)
    references.put_off(held, 3, 100.0)
    store(engine, references)
    clock.now += 99.0
    assert references.due() == [] and references.take(NAME) is None
    clock.now += 1.0
    assert references.due() == [NAME]
    assert taken(references).tries == 3


def test_told_begins_the_tries_anew(references: References, engine: Engine) -> None:
    """A message that got through has cost all the tries that it needed."""
    met(references)
    store(engine, references)
    references.put_off(taken(references), 3, -1.0)
    references.told(NAME, 2)
    found = references.get(NAME)
    assert found is not None and (found.told, found.tries) == (2, 0)


def test_many_take_and_one_gets_it(tmp_path: Path) -> None:
    """Four processes with two threads each want the same conversations at the same moment."""
    url = f"sqlite:///{tmp_path / 'lotsen.db'}"
    engines = [open_engine(url) for _ in range(4)]
    processes = [References(engine, [KEY]) for engine in engines]
    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            conversation = met(processes[0], f"teams-{number}")
            store(engines[0], processes[0], conversation)
            found = list(pool.map(lambda one: one.take(conversation), processes * 2))  # noqa: B023
            assert sum(one is not None for one in found) == 1


# Every order in which two processes, users and the clock can act


@dataclass(frozen=True)
class Worker:
    """A process that tells the conversation, or thinks so: how far it has come, as the courier does it."""

    told: int
    seen: int
    """The last message when it looked into the log."""
    phase: str
    """``telling``: about to send a message; ``sent``: waits for Teams' answer; ``done``: about to let go."""
    ends: float
    """When its lease ends."""


@dataclass(frozen=True)
class Moment:
    """All that counts at one moment."""

    row: Tuple[Any, ...]
    now: float = 0.0
    stored: int = 0
    workers: Tuple[Optional[Worker], Optional[Worker]] = (None, None)
    not_before: float = 0.0
    path: Tuple[str, ...] = field(default=(), compare=False)


ROW = ("told", "tries", "due", "leased", "holder")
MESSAGES, STEP_SECONDS, STEPS = 2, LEASE_SECONDS / 2, 4


class Everything:
    """Goes from each moment to all that can follow it, on a database file. Messages are numbers."""

    def __init__(self, path: Path) -> None:
        """Nothing is stored yet."""
        self.engine, self.clock = open_engine(f"sqlite:///{path}"), Clock()
        self.references = References(self.engine, [KEY], self.clock)
        met(self.references)
        self.beside = sqlite3.connect(path, isolation_level=None)
        self.beside.execute("PRAGMA synchronous = OFF")
        with self.engine.connect() as connection:  # It is the only one, and used again.
            connection.exec_driver_sql("PRAGMA synchronous = OFF")

    def search(self) -> int:
        """Go through all moments; return how many there are."""
        self.clock.now = 0.0
        first = Moment(self.row())
        known, open_ = {first}, [first]
        while open_:
            moment = open_.pop()
            for name, act in self.acts(moment):
                self.write(moment)
                after = replace(act(), row=self.row(), path=(*moment.path, name))
                self.check(moment, after)
                after = same(after)
                if after not in known:
                    known.add(after)
                    open_.append(after)
        return len(known)

    def acts(self, moment: Moment) -> List[Tuple[str, Callable[[], Moment]]]:
        """Return what can happen now."""
        found: List[Tuple[str, Callable[[], Moment]]] = []
        if moment.stored < MESSAGES:
            found.append(("say", partial(self.say, moment)))
        if moment.now < STEPS * STEP_SECONDS:
            found.append(("wait", lambda: replace(moment, now=moment.now + STEP_SECONDS)))
        for by, worker in enumerate(moment.workers):
            step = {None: ["take"], "telling": ["send"], "sent": ["ok", "later"], "done": ["release"]}
            for name in step[worker.phase if worker is not None else None]:
                found.append((f"{name} {by}", partial(getattr(self, name), moment, by)))
            if worker is not None:
                found.append((f"die {by}", partial(self.put, moment, by, None)))
        return found

    def say(self, moment: Moment) -> Moment:
        store(self.engine, self.references)
        return replace(moment, stored=moment.stored + 1)

    def take(self, moment: Moment, by: int) -> Moment:
        was_due = self.references.due() == [NAME]
        found = self.references.take(NAME)
        assert (found is not None) == was_due, moment.path
        if found is None:
            return moment
        assert not self.live(moment), ("two hold it", moment.path)
        assert moment.now >= moment.not_before, ("put off, and taken all the same", moment.path)
        self.beside.execute("UPDATE teams_conversations SET holder = ?", (str(by),))
        return self.put(moment, by, self.look(moment, Worker(found.told, 0, "", moment.now + LEASE_SECONDS)))

    def send(self, moment: Moment, by: int) -> Moment:
        worker = self.worker(moment, by)
        if not self.references.keep(self.lease(by)):
            return self.put(moment, by, None)
        assert self.live(moment) in ([], [by]), ("two hold it", moment.path)
        return self.put(moment, by, replace(worker, phase="sent", ends=moment.now + LEASE_SECONDS))

    def ok(self, moment: Moment, by: int) -> Moment:
        worker = self.worker(moment, by)
        self.references.told(NAME, worker.told + 1)
        worker = replace(worker, told=worker.told + 1, phase="telling")
        return self.put(moment, by, worker if worker.told < worker.seen else self.look(moment, worker))

    def later(self, moment: Moment, by: int) -> Moment:
        held = moment.row[ROW.index("holder")] == str(by)
        self.references.put_off(self.lease(by), 1, LEASE_SECONDS)
        after = self.put(moment, by, None)
        return replace(after, not_before=moment.now + LEASE_SECONDS) if held else after

    def release(self, moment: Moment, by: int) -> Moment:
        self.references.release(self.lease(by))
        return self.put(moment, by, None)

    def look(self, moment: Moment, worker: Worker) -> Worker:
        """Read the log."""
        return replace(worker, seen=moment.stored, phase="telling" if worker.told < moment.stored else "done")

    def check(self, before: Moment, after: Moment) -> None:
        """Make sure that nothing is lost: what is not told is due some time, and not told less than before."""
        then, now = dict(zip(ROW, before.row, strict=True)), dict(zip(ROW, after.row, strict=True))
        assert then["told"] <= now["told"] <= after.stored, after.path
        if now["told"] < after.stored:
            assert now["due"] is not None, ("a message is forgotten", after.path)
            assert max(now["due"], now["leased"]) <= after.now + LEASE_SECONDS, ("it takes too long", after.path)

    def live(self, moment: Moment) -> List[int]:
        """Return who holds the conversation, and believes so rightly."""
        return [by for by, one in enumerate(moment.workers) if one is not None and one.ends > moment.now]

    def put(self, moment: Moment, by: int, worker: Optional[Worker]) -> Moment:
        one, other = moment.workers
        return replace(moment, workers=(one, worker) if by else (worker, other))

    def worker(self, moment: Moment, by: int) -> Worker:
        found = moment.workers[by]
        assert found is not None
        return found

    def lease(self, by: int) -> Reference:
        """Return what a process has taken, as far as it is asked for."""
        return Reference(NAME, "", "", "", "", "", False, 0, 0, str(by))

    def row(self) -> Tuple[Any, ...]:
        return tuple(self.beside.execute(f"SELECT {', '.join(ROW)} FROM teams_conversations").fetchone())

    def write(self, moment: Moment) -> None:
        """Put the database and the clock back to a moment."""
        self.clock.now = moment.now
        places = ", ".join(f"{name} = ?" for name in ROW)
        self.beside.execute(f"UPDATE teams_conversations SET {places}", moment.row)


def same(moment: Moment) -> Moment:
    """Return the one of equal moments that stands for all: what is over, and which process is which, is all one."""
    one, other = (
        replace(worker, ends=0.0) if worker is not None and worker.ends <= moment.now else worker
        for worker in moment.workers
    )
    *row, holder = moment.row
    if holder in ("0", "1") and moment.workers[int(holder)] is None:
        holder = "x"
    if repr(one) > repr(other):
        one, other = other, one
        holder = {"0": "1", "1": "0"}.get(holder, holder)
    put_off = moment.not_before if moment.not_before > moment.now else 0.0
    return replace(moment, workers=(one, other), row=(*row, holder), not_before=put_off)


def test_no_order_of_events_loses_a_message_or_tells_it_by_two(tmp_path: Path) -> None:
    """All that can happen with two messages, two processes that may hang or die at any point, and two leases' time."""
    assert Everything(tmp_path / "lotsen.db").search() > 500
