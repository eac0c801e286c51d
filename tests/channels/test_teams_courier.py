"""How what the bot says gets to Teams: in order, once, again when Teams cannot, and by another process if one dies."""

from __future__ import annotations

import asyncio
import logging
import threading
from functools import partial
from pathlib import Path
from typing import Any, AsyncIterator, Callable, List, Sequence

import pytest
import pytest_asyncio

from lotsen.channels.chat.log import ChatLog
from lotsen.channels.chat.message import Choice
from lotsen.channels.teams.activity import Account, short_id
from lotsen.channels.teams.config import read_teams
from lotsen.channels.teams.connector import Connector
from lotsen.channels.teams.courier import MAX_TRIES, PACE, Courier
from lotsen.channels.teams.http import Http
from lotsen.channels.teams.references import LEASE_SECONDS, Reference, References
from lotsen.channels.teams.token import BotToken
from lotsen.storage.database import open_engine
from tests.support.clock import Clock
from tests.support.microsoft import APP_ID, TENANT, WAIT_SECONDS, Behaviour, Call, Microsoft

KEY = "k" * 64
CASE = "LT-2026-0042"
YES, NO = Choice("Ja", "/affirm"), Choice("Nej", "/deny")
FAST = 5_000.0
"""Calls in a second, where pace is not what is tried."""


class Process:
    """A server process: its own connections to the database and to Teams."""

    def __init__(self, url: str, microsoft: Microsoft, clock: Clock, per_second: float = FAST) -> None:
        """Use the database at ``url``."""
        config = read_teams(microsoft.settings())
        assert config is not None
        self.microsoft = microsoft
        self.engine = open_engine(url)
        self.references, self.log = References(self.engine, [KEY], clock), ChatLog(self.engine)
        http = Http()
        self.connector = Connector(BotToken(config, http, {}, clock), http, config.hosts, per_second, clock)
        self.courier = Courier(self.references, self.log, self.connector, lambda conversation: [CASE])

    def meet(self, conversation: str = "a:1", tenant: str = TENANT) -> str:
        """Know a user's conversation; return its name."""
        service = f"{self.microsoft.url}/emea/{tenant}/"
        account = Account(tenant, service, conversation, f"29:{conversation}", conversation, f"28:{APP_ID}", True)
        name = self.references.name(account)
        self.references.met(name, account)
        return name

    def store(self, name: str, text: str, choices: Sequence[Choice] = ()) -> int:
        """Say something, as a turn does, that nobody brings yet."""
        return self.log.add_bot(name, text, choices, also=partial(self.references.pending, conversation=name))

    def say(self, name: str, text: str, choices: Sequence[Choice] = ()) -> int:
        """Say something and have it brought."""
        number = self.store(name, text, choices)
        self.courier.wake(name)
        return number

    async def settle(self) -> None:
        """Return when nothing is under way here."""
        while tasks := set(self.courier._tasks.values()):
            _, left = await asyncio.wait(tasks, timeout=WAIT_SECONDS)
            assert not left, "a conversation is told without end"

    def look(self) -> List[str]:
        """Bring what is due, as a process does every second; return whose it is."""
        found = self.references.due()
        for name in found:
            self.courier.wake(name)
        return found

    def known(self, name: str) -> Reference:
        """Return what is kept of a conversation."""
        found = self.references.get(name)
        assert found is not None
        return found

    def die(self) -> None:
        """End all work at once, as a crash does: nothing is written any more."""
        for task in self.courier._tasks.values():
            task.cancel()


class Town:
    """Processes that share a database, and what Teams has got from them."""

    def __init__(self, url: str, microsoft: Microsoft) -> None:
        """No process runs yet."""
        self.url, self.microsoft, self.clock = url, microsoft, Clock()
        self.held = threading.Event()
        """Set when the test is over, whatever waits for it."""
        self.processes: List[Process] = []

    def process(self, per_second: float = FAST) -> Process:
        """Start one more."""
        self.processes.append(Process(self.url, self.microsoft, self.clock, per_second))
        return self.processes[-1]

    def texts(self, conversation: str = "a:1") -> List[str]:
        """Return what a conversation has been told, in the order in which Teams took it."""
        return [shown(call) for call in self.microsoft.posted if call.conversation == conversation]

    async def called(self, times: int) -> None:
        """Wait until Teams has been called so often; all else goes on."""
        look: Callable[[], bool] = lambda: len(self.microsoft.calls) >= times  # noqa: E731
        await asyncio.get_running_loop().run_in_executor(None, self.microsoft.wait_for, look, f"call {times}")

    async def close(self) -> None:
        """End all processes."""
        self.held.set()
        for process in self.processes:
            await process.courier.close(0)
            await process.connector.close()
            process.engine.dispose()


def shown(call: Call) -> str:
    """Return the text of what was posted, of a card that which stands for it."""
    if "text" in call.body:
        return str(call.body["text"])
    return str(call.body["attachments"][0]["content"]["fallbackText"])


@pytest_asyncio.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """A database and a Microsoft of each test's own."""
    microsoft = Microsoft()
    found = Town(f"sqlite:///{tmp_path / 'lotsen.db'}", microsoft)
    yield found
    await found.close()
    microsoft.close()


@pytest.mark.asyncio
async def test_a_conversation_is_told_in_order(town: Town) -> None:
    """Each message once, to where the user is; then nothing is due."""
    one = town.process()
    name = one.meet()
    told = [one.say(name, f"nummer {number}") for number in range(5)]
    await one.settle()
    assert town.texts() == [f"nummer {number}" for number in range(5)]
    assert one.known(name).told == told[-1]
    assert one.look() == []
    assert {call.body["recipient"]["id"] for call in town.microsoft.posted} == {"29:a:1"}


@pytest.mark.asyncio
async def test_only_what_the_bot_says_is_told(town: Town) -> None:
    """The user knows what they wrote."""
    one = town.process()
    name = one.meet()
    one.log.add_user(name, "hej", "1", lambda connection, number: None)
    one.say(name, "svar")
    await one.settle()
    assert town.texts() == ["svar"]


@pytest.mark.asyncio
async def test_nobody_waits_for_another_conversation(town: Town) -> None:
    """One call hangs: all other conversations are told meanwhile, each in order."""
    one = town.process()
    names = [one.meet(f"a:{number}") for number in range(20)]
    town.microsoft.behave(Behaviour(hold=town.held))
    one.say(names[0], "först")
    await town.called(1)
    for text in ("ett", "två", "tre"):
        for name in names:
            one.say(name, text)
    await town.called(1 + 3 * 19)
    while len(one.courier._tasks) > 1:
        await asyncio.sleep(0)
    assert all(town.texts(f"a:{number}") == ["ett", "två", "tre"] for number in range(1, 20))
    assert town.texts("a:0") == []
    town.held.set()
    await one.settle()
    assert town.texts("a:0") == ["först", "ett", "två", "tre"]


@pytest.mark.asyncio
async def test_what_is_said_meanwhile_is_told(town: Town) -> None:
    """A message that is stored while another is on its way comes right after it."""
    one = town.process()
    name = one.meet()
    town.microsoft.behave(Behaviour(hold=town.held))
    one.say(name, "ett")
    await town.called(1)
    one.say(name, "två")
    town.held.set()
    await one.settle()
    assert town.texts() == ["ett", "två"]
    assert one.look() == []


@pytest.mark.asyncio
async def test_what_is_said_at_the_last_moment_is_told(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the conversation is let go of, and after that, when its task has just ended."""
    one = town.process()
    name = one.meet()
    release, said = one.references.release, ["två", "tre"]

    def late(*about: Any) -> None:
        text = said.pop(0) if said else ""
        if text == "två":
            one.say(name, text)
        release(*about)
        if text == "tre":
            asyncio.get_running_loop().call_soon(one.say, name, text)

    monkeypatch.setattr(one.references, "release", late)
    one.say(name, "ett")
    await one.settle()
    assert town.texts() == ["ett", "två", "tre"]
    assert one.look() == []


@pytest.mark.asyncio
async def test_what_a_message_is_called_is_noted(town: Town) -> None:
    """A reaction names the message by Teams' id."""
    one = town.process()
    name = one.meet()
    number = one.say(name, "svar")
    await one.settle()
    found = one.log.named(name, short_id("posted-1"))
    assert found is not None and found.id == number


@pytest.mark.asyncio
async def test_put_off_and_tried_again(town: Town) -> None:
    """When Teams is out of order, after a while that grows; what comes after it waits, too."""
    one = town.process()
    name = one.meet()
    town.microsoft.behave(Behaviour(), *[Behaviour(503)] * 4)
    one.say(name, "ett")
    one.say(name, "två")
    one.say(name, "tre")
    await one.settle()
    for tries in range(1, 4):
        assert len(town.microsoft.calls) == 1 + tries
        assert one.known(name).tries == tries
        wait = PACE.first * 2 ** (tries - 1)
        town.clock.now += wait / 2 - 0.01
        assert one.look() == []
        town.clock.now += wait / 2 + 0.02
        assert one.look() == [name]
        await one.settle()
    assert town.texts() == ["ett"]
    town.clock.now += PACE.longest
    assert one.look() == [name]
    await one.settle()
    assert town.texts() == ["ett", "två", "tre"]
    assert (one.known(name).tries, one.look()) == (0, [])


@pytest.mark.parametrize("status", [429, 503, 412])
@pytest.mark.asyncio
async def test_teams_says_when(status: int, town: Town) -> None:
    """Not before that, though something new is said meanwhile, or another process looks; then all, in order."""
    one, other = town.process(), town.process()
    name = one.meet()
    town.microsoft.behave(Behaviour(status, {"Retry-After": "120"}))
    one.say(name, "ett")
    await one.settle()
    town.clock.now += 60
    one.say(name, "två")
    await one.settle()
    other.courier.wake(name)
    await other.settle()
    town.clock.now += 59.9
    assert one.look() == other.look() == []
    assert len(town.microsoft.calls) == 1
    town.clock.now += 0.1
    assert other.look() == [name]
    await other.settle()
    assert town.texts() == ["ett", "två"]


@pytest.mark.asyncio
async def test_the_rest_of_a_tenant_is_put_off_too(town: Town) -> None:
    """Another conversation of a tenant that Teams has slowed down is not called for; another tenant is."""
    one = town.process()
    first, second = one.meet("a:1"), one.meet("a:2")
    elsewhere = one.meet("b:1", "99999999-bbbb-4ccc-8ddd-eeeeeeeeeeee")
    town.microsoft.behave(Behaviour(429, {"Retry-After": "120"}))
    one.say(first, "ett")
    await one.settle()
    one.say(second, "två")
    one.say(elsewhere, "tre")
    await one.settle()
    assert [call.conversation for call in town.microsoft.calls] == ["a:1", "b:1"]
    town.clock.now += 119.9
    assert one.look() == []
    town.clock.now += 0.1
    assert set(one.look()) == {first, second}
    await one.settle()
    assert (town.texts("a:1"), town.texts("a:2")) == (["ett"], ["två"])


@pytest.mark.asyncio
async def test_given_up(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """After so many tries; the log says whose it was, and nothing of what it said. The next message is a new start."""
    caplog.set_level(logging.DEBUG)
    one = town.process()
    name = one.meet()
    town.microsoft.behave(*[Behaviour(503)] * MAX_TRIES)
    one.say(name, "hemligt svar")
    one.say(name, "hemligt tillägg")
    await one.settle()
    for tries in range(1, MAX_TRIES):
        assert one.known(name).tries == tries
        town.clock.now += PACE.longest
        assert one.look() == [name]
        await one.settle()
    assert len(town.microsoft.calls) == MAX_TRIES
    (error,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert name in error and CASE in error and "503" in error
    assert "hemligt" not in caplog.text and "29:a:1" not in caplog.text
    town.clock.now += PACE.longest
    assert one.look() == [] and town.texts() == []
    assert one.known(name).tries == 0
    one.say(name, "nytt")
    await one.settle()
    assert town.texts() == ["nytt"]


@pytest.mark.asyncio
async def test_tries_count_for_one_message(town: Town) -> None:
    """A message that gets through begins the count anew: bad days add up to nothing."""
    one = town.process()
    name = one.meet()
    failures = [Behaviour(503)] * (MAX_TRIES - 1)
    town.microsoft.behave(*failures, Behaviour(), *failures)
    one.say(name, "ett")
    one.say(name, "två")
    await one.settle()
    for _ in range(2 * (MAX_TRIES - 1)):
        town.clock.now += PACE.longest
        assert one.look() == [name]
        await one.settle()
    assert town.texts() == ["ett", "två"]


@pytest.mark.asyncio
async def test_a_refused_card_comes_as_text(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """With the choices to be written; what follows comes after it."""
    one = town.process()
    name = one.meet()
    town.microsoft.behave(Behaviour(400, body={"error": {"code": "BadSyntax"}}))
    one.say(name, "Löste det sig?", [YES, NO])
    one.say(name, "sedan")
    await one.settle()
    card, text, _ = town.microsoft.calls
    assert "attachments" in card.body and "attachments" not in text.body
    assert town.texts() == ["Löste det sig?\n\n- Ja\n- Nej", "sedan"]
    assert "BadSyntax" in caplog.text and "Löste" not in caplog.text


@pytest.mark.asyncio
async def test_a_card_refused_on_a_bad_day(town: Town) -> None:
    """The text cannot be taken now: later, as a whole, and once."""
    one = town.process()
    name = one.meet()
    town.microsoft.behave(Behaviour(413), Behaviour(502), Behaviour(413))
    one.say(name, "Löste det sig?", [YES, NO])
    await one.settle()
    assert town.texts() == []
    town.clock.now += PACE.first
    one.look()
    await one.settle()
    assert ["attachments" in call.body for call in town.microsoft.calls] == [True, False, True, False]
    assert len(town.texts()) == 1


@pytest.mark.asyncio
async def test_a_message_that_teams_does_not_take_at_all(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """It is given up alone; what follows is told, though not at once."""
    one = town.process()
    name = one.meet()
    town.microsoft.behave(Behaviour(413), Behaviour(413), Behaviour(503))
    one.say(name, "hemligt", [YES])
    one.say(name, "sedan")
    await one.settle()
    assert town.texts() == []
    town.clock.now += PACE.first
    assert one.look() == [name]
    await one.settle()
    assert town.texts() == ["sedan"]
    assert CASE in caplog.text and "hemligt" not in caplog.text
    assert one.look() == []


@pytest.mark.parametrize("status", [403, 404, 410])
@pytest.mark.asyncio
async def test_a_user_who_is_gone(status: int, town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """They are not written to again until they are back; what was said meanwhile does not come then."""
    one = town.process()
    name = one.meet()
    town.microsoft.behave(Behaviour(status))
    one.say(name, "hemligt ett")
    one.say(name, "hemligt två")
    await one.settle()
    one.say(name, "hemligt tre")
    await one.settle()
    assert len(town.microsoft.calls) == 1
    assert one.known(name).gone and one.look() == []
    assert CASE in caplog.text and "hemligt" not in caplog.text
    one.meet()
    assert not one.known(name).gone
    one.say(name, "välkommen åter")
    await one.settle()
    assert town.texts() == ["välkommen åter"]


@pytest.mark.asyncio
async def test_what_is_said_while_a_user_leaves(town: Town) -> None:
    """Nothing more is posted, though it was stored before Teams' answer was there."""
    one = town.process()
    name = one.meet()
    town.microsoft.behave(Behaviour(403, hold=town.held))
    one.say(name, "ett")
    await town.called(1)
    last = one.say(name, "två")
    town.held.set()
    await one.settle()
    assert len(town.microsoft.calls) == 1
    assert (one.known(name).told, one.look()) == (last, [])


@pytest.mark.asyncio
async def test_a_user_who_has_taken_the_app_away(town: Town) -> None:
    """Teams has told so: nothing is tried."""
    one = town.process()
    name = one.meet()
    one.references.left(name)
    one.say(name, "svar")
    await one.settle()
    assert town.microsoft.calls == [] and one.look() == []


@pytest.mark.asyncio
async def test_a_process_that_dies_is_followed(town: Town) -> None:
    """Another goes on when the lease is over, exactly after the last message that was told."""
    one, other = town.process(), town.process()
    name = one.meet()
    town.microsoft.behave(Behaviour(), Behaviour(500, hold=town.held))
    for text in ("ett", "två", "tre"):
        one.say(name, text)
    await town.called(2)
    one.die()
    await one.settle()
    town.held.set()
    other.say(name, "fyra")
    await other.settle()
    town.clock.now += LEASE_SECONDS - 1
    assert other.look() == [] and town.texts() == ["ett"]
    town.clock.now += 1
    assert other.look() == [name]
    await other.settle()
    assert town.texts() == ["ett", "två", "tre", "fyra"]
    assert other.look() == []


@pytest.mark.asyncio
async def test_a_process_that_died_before_it_began(town: Town) -> None:
    """What is stored is due: whoever looks brings it."""
    one, other = town.process(), town.process()
    name = one.meet()
    one.store(name, "ett")
    assert other.look() == [name]
    await other.settle()
    assert town.texts() == ["ett"]


@pytest.mark.asyncio
async def test_a_restart_does_not_tell_again(town: Town) -> None:
    """The same process started anew knows what was told."""
    one = town.process()
    name = one.meet()
    one.say(name, "ett")
    await one.settle()
    again = town.process()
    again.courier.wake(name)
    again.say(name, "två")
    await again.settle()
    assert town.texts() == ["ett", "två"]


@pytest.mark.asyncio
async def test_two_processes_never_tell_twice(town: Town) -> None:
    """Both are woken for all that is said; each message comes once, in order."""
    both = [town.process(), town.process()]
    names = [both[0].meet(f"a:{number}") for number in range(15)]
    for text in ("ett", "två", "tre"):
        for name in names:
            both[0].store(name, text)
            for process in both:
                process.courier.wake(name)
        await asyncio.sleep(0)
    for process in both:
        await process.settle()
    for number in range(15):
        assert town.texts(f"a:{number}") == ["ett", "två", "tre"]
    assert both[0].look() == []


@pytest.mark.asyncio
async def test_the_other_process_does_not_join_in(town: Town) -> None:
    """While one waits for Teams' answer the other has nothing to do; what that one stores is told by the first."""
    one, other = town.process(), town.process()
    name = one.meet()
    town.microsoft.behave(Behaviour(hold=town.held))
    one.say(name, "ett")
    await town.called(1)
    other.say(name, "två")
    await other.settle()
    assert other.look() == [] and len(town.microsoft.calls) == 1
    town.held.set()
    await one.settle()
    assert town.texts() == ["ett", "två"]


@pytest.mark.asyncio
async def test_who_waits_in_a_long_queue_does_not_tell_twice(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenant's queue may last longer than a lease: another process goes on, and the first sees that in its turn."""
    one, other = town.process(), town.process()
    name, in_queue, turn = one.meet(), asyncio.Event(), asyncio.Event()

    async def wait(tenant: str) -> None:
        in_queue.set()
        await turn.wait()

    monkeypatch.setattr(one.connector, "_my_turn", wait)
    one.say(name, "ett")
    one.say(name, "två")
    await in_queue.wait()
    town.clock.now += LEASE_SECONDS
    assert other.look() == [name]
    await other.settle()
    turn.set()
    await one.settle()
    assert town.texts() == ["ett", "två"]
    assert one.look() == []


@pytest.mark.asyncio
async def test_who_comes_back_too_late_changes_nothing(town: Town) -> None:
    """A process that hung for longer than its lease does not take the conversation from the one that follows it."""
    one, other, third = town.process(), town.process(), town.process()
    name = one.meet()
    late = threading.Event()
    town.microsoft.behave(Behaviour(500, hold=late), Behaviour(hold=town.held))
    one.say(name, "ett")
    await town.called(1)
    town.clock.now += LEASE_SECONDS
    assert other.look() == [name]
    await town.called(2)
    late.set()
    await one.settle()
    town.clock.now += PACE.first
    assert third.look() == []
    third.courier.wake(name)
    await third.settle()
    assert len(town.microsoft.calls) == 2
    town.held.set()
    await other.settle()
    assert town.texts() == ["ett"]
    assert third.look() == [] and third.known(name).tries == 0


@pytest.mark.asyncio
async def test_a_fault_of_our_own(
    town: Town, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is logged without the message, and the rest is told when the lease is over."""
    one = town.process()
    name = one.meet()
    note, faults = one.log.name, [RuntimeError("on purpose")]

    def fail_once(*about: Any) -> None:
        if faults:
            raise faults.pop()
        note(*about)

    monkeypatch.setattr(one.log, "name", fail_once)
    one.store(name, "hemligt ett")
    one.say(name, "hemligt två")
    await one.settle()
    assert "on purpose" in caplog.text and "hemligt" not in caplog.text
    assert town.texts() == ["hemligt ett"] and one.look() == []
    town.clock.now += LEASE_SECONDS
    assert one.look() == [name]
    await one.settle()
    assert town.texts() == ["hemligt ett", "hemligt två"]


@pytest.mark.asyncio
async def test_a_stop_waits_for_what_is_under_way(town: Town) -> None:
    """A message on its way arrives before the process ends."""
    one = town.process()
    name = one.meet()
    town.microsoft.behave(Behaviour(hold=town.held))
    one.say(name, "ett")
    await town.called(1)
    stopping = asyncio.ensure_future(one.courier.close(WAIT_SECONDS))
    await asyncio.sleep(0)
    assert not stopping.done()
    town.held.set()
    await stopping
    assert town.texts() == ["ett"] and one.known(name).told == 1


@pytest.mark.asyncio
async def test_a_stop_waits_for_what_came_at_the_last_moment(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said before the stop, and after the log was last read, is told too."""
    one = town.process()
    name = one.meet()
    release, said = one.references.release, ["två"]

    def late(*about: Any) -> None:
        if said:
            one.say(name, said.pop())
        release(*about)

    monkeypatch.setattr(one.references, "release", late)
    one.say(name, "ett")
    await one.courier.close(WAIT_SECONDS)
    assert town.texts() == ["ett", "två"]


@pytest.mark.asyncio
async def test_a_stop_does_not_wait_for_ever(town: Town) -> None:
    """What is left then is told after the next start."""
    one = town.process()
    name = one.meet()
    town.microsoft.behave(Behaviour(500, hold=town.held))
    one.say(name, "ett")
    one.say(name, "två")
    await town.called(1)
    await one.courier.close(0.05)
    await one.settle()
    again = town.process()
    town.clock.now += LEASE_SECONDS
    assert again.look() == [name]
    await again.settle()
    assert town.texts() == ["ett", "två"]
