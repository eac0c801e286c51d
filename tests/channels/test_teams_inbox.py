"""What happened in Teams, taken in: once, whatever Teams sends again, with nothing stored that must not be."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Dict, List, Optional, Tuple, cast

import pytest
from sqlalchemy.exc import OperationalError

from lotsen.cases.access import code_of
from lotsen.cases.store import Case, NewCase
from lotsen.channels.chat.message import ASIDE, BOT, USER, Choice
from lotsen.channels.teams.activity import Account, read
from lotsen.channels.teams.inbox import ASIDES_PER_MINUTE, GREETING, MAX_WAITING, Inbox, Task
from lotsen.channels.teams.stores import TeamsStores
from lotsen.channels.typed import MAX_TEXT
from lotsen.content.texts import load_texts
from lotsen.feedback.store import DOWN, UP
from lotsen.privacy.masking import TOKEN
from lotsen.settings import ROOT
from lotsen.storage.database import open_engine
from tests.cases.made import FULL
from tests.support.clock import Clock
from tests.support.microsoft import Microsoft
from tests.support.running import RunningLotsen
from tests.support.teams import BOT as LOTSEN
from tests.support.teams import TeamsUser

KEY = "a key of the server"
PER_MINUTE = 30
NUMBER = "19121212-1212"
"""A personal identity number that belongs to nobody."""
WEB_CODE = "K7QM-2XPD"
YES, NO = Choice("Ja", "/affirm"), Choice("Nej", "/deny")
PICTURE = {"contentType": "image/png", "contentUrl": "https://smba.trafficmanager.net/emea/v3/attachments/1"}
FILE = {"contentType": "application/vnd.microsoft.teams.file.download.info", "name": "skärm.docx"}


class Process:
    """One server process: an inbox with what it keeps."""

    def __init__(self, database: Path, clock: Callable[[], float], per_minute: int = PER_MINUTE) -> None:
        """Share ``database`` with other processes."""
        self.stores = TeamsStores.on(open_engine(f"sqlite:///{database}"), KEY)
        self.inbox = Inbox(self.stores, per_minute, clock)

    def take(self, *activities: Dict[str, Any]) -> List[Optional[Task]]:
        """Take activities in, one after the other; their turns stay under way."""
        return [self.inbox.take(read(activity)) for activity in activities]

    def said(self, activity: Dict[str, Any]) -> Tuple[str, Tuple[str, ...]]:
        """Take an activity in that is answered, and end its turn; return what Rasa hears, and the fixed replies."""
        (task,) = self.take(activity)
        assert task is not None
        self.end(task)
        return task.said, task.replies

    def end(self, *tasks: Optional[Task]) -> None:
        """End turns."""

        async def nothing() -> None:
            """The bot's work."""

        for task in tasks:
            if task is not None:
                asyncio.run(self.stores.turns.run(task.turn, nothing))

    def name(self, user: TeamsUser) -> str:
        """Return the name of a user's conversation."""
        return self.stores.references.name(read(user.activity()).account)

    def ask(self, user: TeamsUser, *choices: Choice, answer: str = "", id: str = "") -> int:
        """Let the bot say something with buttons, which Teams calls ``id``; return its number."""
        name = self.name(user)
        number = self.stores.log.add_bot(name, "Löste det sig?", choices, answer=answer)
        if id:
            self.stores.log.name(name, number, id)
        return number

    def logged(self, user: TeamsUser) -> List[Tuple[str, str]]:
        """Return authors and texts of what the log has of a user."""
        return [(one.author, one.text) for one in self.stores.log.after(self.name(user), 0)]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables, which takes longer to make than to copy."""
    path = tmp_path_factory.mktemp("empty") / "lotsen.db"
    engine = open_engine(f"sqlite:///{path}")
    TeamsStores.on(engine, KEY)
    engine.dispose()
    return path


@pytest.fixture
def database(empty: Path, tmp_path: Path) -> Path:
    """A database file."""
    return Path(shutil.copy(empty, tmp_path / "lotsen.db"))


@pytest.fixture
def clock() -> Clock:
    """The clock by which fixed replies are counted."""
    return Clock()


@pytest.fixture
def process(database: Path, clock: Clock) -> Process:
    """A server process."""
    return Process(database, clock)


@pytest.fixture
def other(process: Process, database: Path, clock: Clock) -> Process:
    """Another one on the same database."""
    return Process(database, clock)


def somebody(kind: str = "personal") -> TeamsUser:
    """Return a user in a conversation of their own, whose activities are handed over by hand."""
    microsoft = SimpleNamespace(service="https://smba.trafficmanager.net/emea/")
    lotsen = SimpleNamespace(teams="", query=None)
    return TeamsUser(cast(Microsoft, microsoft), cast(RunningLotsen, lotsen), kind)


@pytest.fixture
def user() -> TeamsUser:
    """Somebody."""
    return somebody()


def text(user: TeamsUser, text: str, **parts: Any) -> Dict[str, Any]:
    """Return what a user writes."""
    return user.activity(text=text, **parts)


def press(user: TeamsUser, choice: str, title: str = "Ja") -> Dict[str, Any]:
    """Return a button that a user presses."""
    return user.activity(text=title, value={"choice": choice})


def react(user: TeamsUser, about: str, *kinds: str) -> Dict[str, Any]:
    """Return a reaction to a message."""
    return user.activity("messageReaction", replyToId=about, reactionsAdded=[{"type": kind} for kind in kinds])


def edit(user: TeamsUser, about: str, second: int = 1) -> Dict[str, Any]:
    """Return an edit of a message."""
    parts: Dict[str, Any] = {"id": about, "text": "Ändrat", "timestamp": f"2026-11-27T08:00:{second:02}Z"}
    return {**user.activity("messageUpdate", **parts), "channelData": {"eventType": "editMessage"}}


def delete(user: TeamsUser, about: str) -> Dict[str, Any]:
    """Return a deletion of a message."""
    return {**user.activity("messageDelete", id=about), "channelData": {"eventType": "softDeleteMessage"}}


def installs(user: TeamsUser) -> List[Dict[str, Any]]:
    """Return the two ways in which Teams tells that the app was added."""
    return [
        user.activity("conversationUpdate", membersAdded=[{"id": LOTSEN}]),
        user.activity("installationUpdate", action="add"),
    ]


def removed(user: TeamsUser) -> Dict[str, Any]:
    """Return that the app was taken away."""
    return user.activity("installationUpdate", action="remove")


def stored(database: Path) -> str:
    """Return all that the database holds: each row of each table, and the bytes of its files."""
    with sqlite3.connect(database) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [repr(row) for name in names for row in connection.execute(f'SELECT * FROM "{name}"')]
    assert len(names) > 5
    files = [path.read_bytes().decode("utf-8", "replace") for path in database.parent.glob(f"{database.name}*")]
    return "\n".join([*rows, *files])


def tasks_of(taken: List[Optional[Task]]) -> List[Task]:
    """Return what is to be done."""
    return [task for task in taken if task is not None]


def every_kind(process: Process, user: TeamsUser) -> List[Dict[str, Any]]:
    """Return one of each activity that is answered."""
    answer = process.ask(user, answer="gallring", id="1699-bot")
    process.said(text(user, "Hej", id="1699-user"))
    number = process.ask(user, YES, NO)
    assert answer < number
    return [
        user.activity(attachments=[FILE]),
        user.activity(attachments=[PICTURE]),
        react(user, "1699-bot", "like"),
        edit(user, "1699-user"),
        delete(user, "1699-user"),
        press(user, "1.0"),
        text(user, WEB_CODE),
        text(user, "x" * (MAX_TEXT + 1)),
        press(user, f"{number}.0"),
        text(user, "Sidan kan inte visas"),
    ]


def test_everything_is_taken_in_once(process: Process, other: Process, user: TeamsUser) -> None:
    """However often Teams sends it, to whichever process, before and after it has been answered."""
    for activity in every_kind(process, user):
        first = process.take(activity)
        assert len(tasks_of(first)) == 1, activity
        assert not tasks_of([*process.take(activity, activity), *other.take(activity)]), activity
        process.end(*first)
        assert not tasks_of([*process.take(activity), *other.take(activity)]), activity


@pytest.mark.parametrize("kind", ["personal", "groupChat"])
def test_the_same_at_once_is_one(process: Process, other: Process, kind: str) -> None:
    """Two hundred times at the same moment, in two processes: one turn, and one message in the log."""
    user = somebody(kind)
    activity = read(text(user, "Sidan kan inte visas"))
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda number: (process, other)[number % 2].inbox.take(activity), range(200)))
    assert len(tasks_of(taken)) == 1
    assert len(process.logged(user)) == 1
    assert process.stores.turns.waiting(process.name(user)) == 1


def test_what_cannot_be_stored_is_taken_in_later(
    process: Process, user: TeamsUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database out of reach: Teams hears so and sends it again. A greeting is no exception."""

    def fail(*_: Any) -> None:
        raise OperationalError("on purpose", {}, Exception())

    for activity, said in ((installs(user)[0], GREETING), (text(user, "Hej"), "Hej")):
        with monkeypatch.context() as broken, pytest.raises(OperationalError):
            broken.setattr(process.stores.turns, "begin_in", fail)
            process.take(activity)
        assert process.said(activity) == (said, ())


def test_a_text_goes_to_rasa(process: Process, user: TeamsUser) -> None:
    """As it was written, and the log shows the same. Nobody is named by it."""
    (task,) = process.take(text(user, "<at>Lotsen</at> Sidan &quot;kan&quot;\ninte visas å 😀"))
    assert task is not None
    assert (task.said, task.replies, task.offers) == ('Sidan "kan"\ninte visas å 😀', (), ())
    assert not task.names_user
    assert process.logged(user) == [(USER, 'Sidan "kan"\ninte visas å 😀')]
    assert task.turn.conversation == process.name(user) and task.turn.heard == 1


@pytest.mark.parametrize(
    "written",
    [
        "/restart",
        '/intent{"a":"b"}',
        '/change_contact{"contact_way": "teams"}',
        " \n\t/ /\u00a0/restart",
        "&#47;restart",
        "\u200b/\u2060/restart",
        "<at>Lotsen</at>/restart",
        "\x00/\x00restart",
        "\x1c\x85\u2028/restart",
        "\ufeff\u202e/restart",
    ],
)
def test_typed_commands_are_text(process: Process, user: TeamsUser, written: str) -> None:
    """Nothing typed starts with the slash that Rasa takes for a command, or names its writer."""
    (task,) = process.take(text(user, written))
    assert task is not None
    assert task.said.strip() and not task.said.strip().startswith("/")
    assert not task.names_user
    assert process.logged(user) == [(USER, task.said)]


@pytest.mark.parametrize("written", ["", "   ", "/", " // ", "<at>Lotsen</at>", "&nbsp;", "\x00", "\u200b"])
def test_what_says_nothing_is_nothing(process: Process, user: TeamsUser, written: str) -> None:
    """There is nothing to answer."""
    assert process.take(text(user, written)) == [None]
    assert process.logged(user) == []
    assert process.said(text(user, written, attachments=[PICTURE])) == ("", ("teams_picture",))


def test_what_no_database_takes(process: Process, user: TeamsUser) -> None:
    """NUL, and halves of characters, which JSON can spell out."""
    assert process.said(text(user, "in\x00te \ud83d visas"))[0] == "inte ? visas"
    assert process.logged(user) == [(USER, "inte ? visas")]


@pytest.mark.parametrize(
    "written",
    [
        f"pat {NUMBER} ser inget",
        "pat 19121212\u200b-\u202a1212 ser inget",
        "pat 19121212&#45;1212 ser inget",
        "pat 19121212&nbsp;1212 ser inget",
        "pat 1912\x0012121212 ser inget",
    ],
)
def test_personal_numbers_are_masked(process: Process, user: TeamsUser, database: Path, written: str) -> None:
    """Before anything is stored or said to Rasa."""
    assert process.said(text(user, written))[0] == f"pat {TOKEN} ser inget"
    kept = stored(database)
    assert f"pat {TOKEN} ser inget" in kept
    assert "19121212" not in kept and "1212 ser" not in kept


@pytest.mark.parametrize(
    "written", [WEB_CODE, f" {WEB_CODE.lower()}. ", f"/{WEB_CODE}", "K7QM-\x002XPD", "K7QM -\u200b 2XPD"]
)
def test_a_code_of_the_web_chat_is_not_kept(process: Process, user: TeamsUser, database: Path, written: str) -> None:
    """It opens a conversation there, so it is neither stored nor shown to Rasa."""
    assert process.said(text(user, written)) == ("", ("teams_code",))
    kept = stored(database).upper()
    assert "K7QM" not in kept and "2XPD" not in kept
    assert process.logged(user) == [(ASIDE, "")]


def a_case(process: Process) -> Tuple[Case, str]:
    """Return a case of somebody's web conversation, and its code."""
    case = process.stores.cases.create(NewCase("0123456789abcdef", FULL, "web-1", "web", (), "Problem: Sidan"))
    return case, code_of(case.key, KEY)


def test_a_case_is_opened_with_its_code(process: Process, user: TeamsUser, database: Path) -> None:
    """Number and code of a case from anywhere show how it stands; the code is not stored."""
    case, code = a_case(process)
    said, replies = process.said(text(user, f"hur går det med {case.number}, kod {code}?"))
    assert (said, replies) == (f'/case_status{{"case_number": "{case.id}"}}', ())
    assert process.logged(user) == [(USER, f"hur går det med {case.number}, kod [kod]?")]
    kept = stored(database)
    assert code not in kept and code.replace("-", "") not in kept


def test_a_wrong_code_opens_nothing(process: Process, user: TeamsUser, database: Path) -> None:
    """Nor is it stored: it may be another case's."""
    case, _ = a_case(process)
    assert process.said(text(user, f"{case.number} {WEB_CODE}"))[0] == '/case_status{"case_number": "unknown"}'
    assert WEB_CODE not in stored(database)


def test_too_long_a_text(process: Process, user: TeamsUser, database: Path) -> None:
    """2,000 characters are taken; more are neither stored nor understood."""
    assert process.said(text(user, "å" * MAX_TEXT)) == ("å" * MAX_TEXT, ())
    assert process.said(text(user, "ö" * (MAX_TEXT + 1))) == ("", ("teams_too_long",))
    assert process.said(text(user, "ö" * 100_000)) == ("", ("teams_too_long",))
    assert process.logged(user) == [(USER, "å" * MAX_TEXT), (ASIDE, ""), (ASIDE, "")]
    assert "ö" * 20 not in stored(database)


def test_what_comes_beside_a_text(process: Process, user: TeamsUser) -> None:
    """The text is answered, after a word on what cannot be read."""
    assert process.said(text(user, "Så här", attachments=[PICTURE])) == ("Så här", ("teams_picture",))
    assert process.said(text(user, "Så här", attachments=[FILE])) == ("Så här", ("teams_file",))
    copy = {"contentType": "text/html", "content": "<p>Så här</p>"}
    assert process.said(text(user, "Så här", attachments=[copy])) == ("Så här", ())


def test_the_app_is_added(process: Process, other: Process, user: TeamsUser) -> None:
    """Teams tells it twice, and each of it again: one greeting, of which the log shows nothing."""
    conversation, installation = installs(user)
    assert process.said(conversation) == (GREETING, ())
    again = [conversation, installation, installation, *installs(user)]
    assert not tasks_of([*process.take(*again), *other.take(*again)])
    assert process.logged(user) == [(ASIDE, "")]


def test_the_app_is_added_in_two_processes_at_once(process: Process, other: Process) -> None:
    """Whichever process hears which of the two ways first: one greeting for each user."""
    users = [somebody() for _ in range(20)]
    told = [
        (one, read(activity)) for user in users for one, activity in zip((process, other), installs(user), strict=True)
    ]
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda one: one[0].inbox.take(one[1]), told))
    assert [task.said for task in tasks_of(taken)] == [GREETING] * len(users)


@pytest.mark.parametrize("back", [False, True])
def test_the_app_is_added_while_another_process_hears_so(
    process: Process, other: Process, user: TeamsUser, back: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process has noted the user and not greeted yet when the other hears it the other way: still one greeting."""
    if back:
        process.end(*process.take(installs(user)[0], removed(user)))
    taken: List[Optional[Task]] = []
    met = process.stores.references.met

    def slow(name: str, account: Account) -> bool:
        new = met(name, account)
        taken.extend(other.take(second))
        return new

    first, second = installs(user)
    monkeypatch.setattr(process.stores.references, "met", slow)
    taken.extend(process.take(first))
    assert [task.said for task in tasks_of(taken)] == [GREETING]


def test_the_app_is_back(process: Process, user: TeamsUser) -> None:
    """Who has taken it away and adds it again is greeted again, once each time."""
    for _ in range(3):
        tasks = tasks_of(process.take(*installs(user), *installs(user)))
        assert [task.said for task in tasks] == [GREETING]
        assert not tasks_of(process.take(removed(user), removed(user)))
        reference = process.stores.references.get(process.name(user))
        assert reference is not None and reference.gone


def test_who_writes_first_is_not_greeted_later(process: Process, user: TeamsUser) -> None:
    """The news of the app may come late: the answer is under way then."""
    assert process.said(text(user, "Hej")) == ("Hej", ())
    assert not tasks_of(process.take(*installs(user)))


def test_who_leaves_unseen(process: Process, user: TeamsUser) -> None:
    """A removal of somebody who never wrote is nothing, and does not stop a first greeting."""
    assert process.take(removed(user)) == [None]
    assert process.said(installs(user)[0]) == (GREETING, ())


@pytest.mark.parametrize("kind", ["groupChat", "channel"])
def test_groups(process: Process, user: TeamsUser, database: Path, kind: str) -> None:
    """Whoever speaks to the bot there hears where it answers; nothing of what is said, or by whom, is kept."""
    group = somebody(kind)
    case, code = a_case(process)
    number = process.ask(group, YES)
    spoken = [
        text(group, "<at>Lotsen</at> patienten Gösta är arg", id="1"),
        text(group, f"{case.number} {code}"),
        text(group, "patienten " * MAX_TEXT),
        text(group, "/restart patienten"),
        press(group, f"{number}.0", "patienten"),
        group.activity(attachments=[FILE]),
        text(group, "patienten", attachments=[PICTURE]),
    ]
    assert [process.said(activity) for activity in spoken] == [("", ("teams_group",))] * len(spoken)
    assert not tasks_of(process.take(*spoken, edit(group, "1"), delete(group, "1"), react(group, "1", "like")))
    kept = stored(database)
    for secret in ("patienten", "Gösta", "Amina", "skärm.docx", code, group.object_id):
        assert secret not in kept
    assert user.conversation not in kept


def test_a_group_is_told_once_when_the_app_is_added(process: Process) -> None:
    """Though Teams tells it twice; again only when the app is back."""
    group = somebody("channel")
    for _ in range(2):
        tasks = tasks_of(process.take(*installs(group), *installs(group)))
        assert [(task.said, task.replies) for task in tasks] == [("", ("teams_group",))]
        assert not tasks_of(process.take(removed(group)))


def test_users_of_a_group_share_no_conversation_with_their_own(process: Process, user: TeamsUser) -> None:
    """The same person has another conversation in a group, and another one in a chat that Teams calls nothing."""
    group = somebody("groupChat")
    group.id, group.object_id = user.id, user.object_id
    unknown = user.activity(text="Hej")
    del unknown["conversation"]["conversationType"]
    assert process.said(unknown) == ("", ("teams_group",))
    names = {process.name(user), process.name(group), process.stores.references.name(read(unknown).account)}
    assert len(names) == 3


def test_too_many_wait(process: Process, other: Process, user: TeamsUser) -> None:
    """Three messages may wait for their turn; who sends more is asked to wait, and what comes later is answered."""
    waiting = process.take(*[text(user, f"Hej {number}") for number in range(MAX_WAITING)])
    assert len(tasks_of(waiting)) == MAX_WAITING
    number = other.ask(user, YES)
    late = other.take(text(user, "Hallå?"), press(user, f"{number}.0"))
    assert [task.replies for task in tasks_of(late)] == [("teams_too_fast",)] * 2
    assert [author for author, _ in process.logged(user)].count(USER) == MAX_WAITING
    process.end(*waiting)
    other.end(*late)
    assert process.said(press(user, f"{number}.0")) == ("/affirm", ())


def test_too_many_in_a_minute(database: Path, clock: Clock, user: TeamsUser) -> None:
    """So many as the settings say; other users are not held up."""
    process = Process(database, clock, per_minute=2)
    number = process.ask(user, YES)
    assert [process.said(text(user, "Hej")) for _ in range(2)] == [("Hej", ())] * 2
    assert process.said(text(user, "Hej")) == ("", ("teams_too_fast",))
    number = process.ask(user, YES)
    assert process.said(press(user, f"{number}.0")) == ("", ("teams_too_fast",))
    assert process.said(text(somebody(), "Hej")) == ("Hej", ())
    assert [author for author, _ in process.logged(user)].count(USER) == 2


def test_a_flood_gets_few_answers(process: Process, clock: Clock, user: TeamsUser) -> None:
    """A thousand messages in a minute: as many as may be are answered, some are asked to wait, the rest is passed over.

    Who goes on in the next minute of the clock is asked again.
    """
    heard = replies = 0
    for _ in range(1000):
        (task,) = process.take(text(user, "Hej"))
        process.end(task)
        heard += task is not None and task.said == "Hej"
        replies += task is not None and task.replies == ("teams_too_fast",)
    assert (heard, replies) == (PER_MINUTE, ASIDES_PER_MINUTE)
    assert len(process.logged(user)) == PER_MINUTE + ASIDES_PER_MINUTE
    clock.now += 60
    assert process.said(text(user, "Hej")) == ("", ("teams_too_fast",))


def test_a_flood_of_anything(process: Process, clock: Clock, user: TeamsUser) -> None:
    """Pictures, edits, codes, old buttons: the fixed replies of a conversation are counted together. A group's too."""
    process.said(text(user, "Hej", id="1699"))
    group = somebody("groupChat")
    makers: List[Callable[[int], Dict[str, Any]]] = [
        lambda number: user.activity(attachments=[PICTURE]),
        lambda number: react(user, "1699", "laugh"),
        lambda number: edit(user, "1699", number),
        lambda number: press(user, f"{number}.0"),
        lambda number: text(user, WEB_CODE),
    ]
    mixed = [make(number) for number in range(12) for make in makers]
    assert len(tasks_of(process.take(*mixed))) == ASIDES_PER_MINUTE
    assert len(tasks_of(process.take(*[text(group, "Hej") for _ in range(60)]))) == ASIDES_PER_MINUTE
    clock.now += 60
    assert len(tasks_of(process.take(*mixed))) == ASIDES_PER_MINUTE, "what was passed over was not stored"


def test_a_flood_does_not_shut_out_words(process: Process, user: TeamsUser) -> None:
    """Who has sent many pictures is still heard when they write or choose."""
    for _ in range(2 * ASIDES_PER_MINUTE):
        process.end(*process.take(user.activity(attachments=[PICTURE])))
    assert process.said(text(user, "Sidan kan inte visas")) == ("Sidan kan inte visas", ())
    number = process.ask(user, YES)
    assert process.said(press(user, f"{number}.0")) == ("/affirm", ())


def test_a_button_is_obeyed(process: Process, user: TeamsUser) -> None:
    """The log shows its title, Rasa gets its payload; what the client says beside the button's id does not count."""
    number = process.ask(user, YES, NO)
    activity = user.activity(text='/restart{"a": "b"}', value={"choice": f"{number}.1", "payload": "/restart"})
    assert process.said(activity) == ("/deny", ())
    assert process.logged(user)[-1] == (USER, "Nej")


def test_a_button_of_a_client_that_knows_no_message_back(process: Process, user: TeamsUser) -> None:
    """It sends the whole of the button's data."""
    number = process.ask(user, YES)
    data = {"choice": f"{number}.0", "msteams": {"type": "messageBack", "value": {"choice": f"{number}.0"}}}
    assert process.said({**user.activity(value=data), "text": None}) == ("/affirm", ())


def test_a_button_pressed_twice(process: Process, other: Process, user: TeamsUser) -> None:
    """Again while it is being obeyed, it is the same press; when the answer is there, it is an old button."""
    number = process.ask(user, YES, NO)
    first = process.take(press(user, f"{number}.0"))
    assert [task.said for task in tasks_of(first)] == ["/affirm"]
    assert not tasks_of([*process.take(press(user, f"{number}.0")), *other.take(press(user, f"{number}.0"))])
    process.end(*first)
    assert process.said(press(user, f"{number}.0")) == ("", ("teams_old_choice",))
    assert process.logged(user) == [(BOT, "Löste det sig?"), (USER, "Ja"), (ASIDE, "")]


def test_another_button_while_one_is_obeyed(process: Process, user: TeamsUser) -> None:
    """Who has changed their mind hears that it is too late."""
    number = process.ask(user, YES, NO)
    first, second = process.take(press(user, f"{number}.0"), press(user, f"{number}.1", "Nej"))
    assert first is not None and second is not None
    assert (second.said, second.replies) == ("", ("teams_old_choice",))


@pytest.mark.parametrize(
    "made", ["", "1", "1.", ".", "-1.0", "1.0.0", "01.0", "1.9", "999999999.0", "²", "x" * 400, "/affirm"]
)
def test_made_up_buttons(process: Process, user: TeamsUser, made: str) -> None:
    """They are explained like old ones, and what can be chosen is shown; it counts on."""
    number = process.ask(user, YES, NO)
    assert number == 1
    (task,) = process.take(press(user, made))
    assert task is not None
    assert (task.said, task.replies, tuple(task.offers)) == ("", ("teams_old_choice",), (YES, NO))
    process.end(task)
    assert process.said(press(user, "1.0")) == ("/affirm", ())


@pytest.mark.parametrize("choice", [["1.0"], {"choice": "1.0"}, 1.0, None, True])
def test_a_button_that_is_no_text(process: Process, user: TeamsUser, choice: Any) -> None:
    """No client of Teams makes a button's id anything else."""
    process.ask(user, YES)
    assert process.said(user.activity(text="Ja", value={"choice": choice})) == ("", ("teams_old_choice",))


def test_old_buttons(process: Process, user: TeamsUser) -> None:
    """One of a question that was answered before: the present question's buttons are shown in its place."""
    old = process.ask(user, Choice("Gammal", "/restart"))
    process.said(text(user, "Hej"))
    process.ask(user, YES)
    process.ask(user, NO, YES)
    (task,) = process.take(press(user, f"{old}.0", "Gammal"))
    assert task is not None
    assert (task.said, task.replies) == ("", ("teams_old_choice",))
    assert tuple(task.offers) == (YES, NO), "each once"


def test_buttons_of_somebody_else(process: Process, user: TeamsUser) -> None:
    """A button's id counts in its own conversation only."""
    process.ask(user)
    assert process.ask(somebody(), Choice("Hemlig", "/restart")) == 1
    (task,) = process.take(press(user, "1.0", "Hemlig"))
    assert task is not None
    assert (task.said, task.replies, task.offers) == ("", ("teams_old_choice",), ())


def test_a_button_is_never_obeyed_twice(process: Process, other: Process, user: TeamsUser) -> None:
    """Not even when it is pressed many times, and the other one too, at once in two processes."""
    number = process.ask(user, YES, NO)
    presses = [read(press(user, f"{number}.{place % 2}")) for place in range(60)]
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda one: (process, other)[one % 3 == 0].inbox.take(presses[one]), range(60)))
    assert len([task for task in tasks_of(taken) if task.said]) == 1
    assert [author for author, _ in process.logged(user)].count(USER) == 1


def test_a_button_is_looked_at_again_when_it_is_stored(
    process: Process, other: Process, user: TeamsUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other process has taken a message in since this one looked what can be chosen."""
    number = process.ask(user, YES, NO)
    before = process.stores.log.offered(process.name(user))
    other.end(*other.take(press(user, f"{number}.0")))
    asked = iter([before])
    now = process.stores.log.offered
    monkeypatch.setattr(process.stores.log, "offered", lambda name: next(asked, None) or now(name))
    assert process.said(press(user, f"{number}.0")) == ("", ("teams_old_choice",))
    assert [author for author, _ in process.logged(user)].count(USER) == 1


def test_offers_survive_what_is_no_word(process: Process, user: TeamsUser) -> None:
    """Files, pictures, reactions, edits, codes: the question is still open, and its buttons are shown again."""
    process.said(text(user, "Hej", id="1699"))
    number = process.ask(user, YES, NO, id="1700")
    beside = [
        user.activity(attachments=[FILE]),
        user.activity(attachments=[PICTURE]),
        react(user, "1700", "like"),
        edit(user, "1699"),
        delete(user, "1699"),
        text(user, WEB_CODE),
        text(user, "x" * (MAX_TEXT + 1)),
    ]
    for activity in beside:
        (task,) = process.take(activity)
        assert task is not None and tuple(task.offers) == (YES, NO), activity
        assert not task.said
        process.end(task)
        process.ask(user, *task.offers)
    assert process.said(press(user, f"{number}.0")) == ("/affirm", ())
    assert process.stores.log.offered(process.name(user)) == {}


def test_edits_and_deletions_of_what_is_not_known(process: Process, user: TeamsUser) -> None:
    """A message of before, or that said nothing: there is nothing to tell. Nor is there of somebody else's."""
    process.said(text(somebody(), "Hej", id="1699"))
    assert not tasks_of(process.take(edit(user, "1699"), delete(user, "1699")))
    assert process.logged(user) == []


@pytest.mark.parametrize("id", ["1699", "f:" + "x" * 200])
def test_edits(process: Process, user: TeamsUser, id: str) -> None:
    """Each edit of a message is told of, also of one that was too long; the new text is not kept."""
    process.said(text(user, "x" * (MAX_TEXT + 1), id=id))
    assert [process.said(edit(user, id, second)) for second in (1, 2)] == [("", ("teams_edited",))] * 2
    assert not tasks_of(process.take(edit(user, id, 2)))
    assert [kept for _, kept in process.logged(user)] == ["", "", ""]


def test_deletions(process: Process, user: TeamsUser) -> None:
    """Who deletes a message hears that it is kept here; not of what was not kept."""
    process.said(text(user, "Hej", id="1699"))
    process.said(text(user, WEB_CODE, id="1700"))
    process.said(user.activity(attachments=[FILE], id="1701"))
    assert process.said(delete(user, "1699")) == ("", ("teams_deleted",))
    assert not tasks_of(process.take(delete(user, "1700"), delete(user, "1701")))


def test_a_message_that_is_back(process: Process, user: TeamsUser) -> None:
    """Who takes a deletion back has changed nothing."""
    process.said(text(user, "Hej", id="1699"))
    process.said(delete(user, "1699"))
    back = {**edit(user, "1699"), "channelData": {"eventType": "undeleteMessage"}}
    assert process.take(back) == [None]


@pytest.mark.parametrize(
    ("kind", "rating", "reply"),
    [
        ("like", UP, "teams_liked"),
        ("heart", UP, "teams_liked"),
        ("sad", DOWN, "teams_disliked"),
        ("angry", DOWN, "teams_disliked"),
        ("laugh", None, "teams_reaction"),
        ("surprised", None, "teams_reaction"),
    ],
)
def test_reactions_to_an_answer(
    process: Process, user: TeamsUser, kind: str, rating: Optional[str], reply: str
) -> None:
    """A thumb or a heart rates an answer of the FAQ as good, a sad or angry face as bad."""
    long_id = "1700000000000:" + "x" * 100
    number = process.ask(user, answer="gallring")
    process.stores.log.name(process.name(user), number, "1700")
    assert process.said(react(user, "1700", kind)) == ("", (reply,))
    assert process.stores.feedback.ratings(process.name(user)) == ({number: rating} if rating else {})
    assert process.said(react(user, long_id, kind)) == ("", ("teams_reaction",))


def test_a_reaction_that_is_taken_away(process: Process, user: TeamsUser) -> None:
    """It does not undo the rating, which could be of any time."""
    number = process.ask(user, answer="gallring", id="1700")
    process.said(react(user, "1700", "like"))
    gone = user.activity("messageReaction", replyToId="1700", reactionsRemoved=[{"type": "like"}])
    assert process.take(gone) == [None]
    assert process.stores.feedback.ratings(process.name(user)) == {number: UP}


def test_the_last_reaction_counts(process: Process, other: Process, user: TeamsUser) -> None:
    """An earlier one that Teams sends again does not."""
    number = process.ask(user, answer="gallring", id="1700")
    earlier, later = react(user, "1700", "like"), react(user, "1700", "sad")
    process.said(earlier)
    process.said(later)
    assert not tasks_of([*process.take(earlier), *other.take(earlier)])
    assert process.stores.feedback.ratings(process.name(user)) == {number: DOWN}


def test_reactions_to_anything_else(process: Process, user: TeamsUser) -> None:
    """A question, a message of one's own, nothing: no rating, and a word of thanks."""
    process.ask(user, YES, id="1700")
    process.said(text(user, "Hej", id="1701"))
    process.ask(somebody(), answer="gallring", id="1702")
    for about in ("1700", "1701", "1702", ""):
        assert process.said(react(user, about, "like")) == ("", ("teams_reaction",))
    assert process.stores.feedback.ratings(process.name(user)) == {}


CONTACT = '/change_contact{"contact_way": "teams"}'


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        (CONTACT, True),
        ('/change_contact{"contact_way":"teams"}', True),
        ('/change_contact{"contact_way": "chat"}', False),
        ('/change_contact{"contact_way": "teams", "other": "x"}', False),
        ('/change_contact{"contact_way": ["teams"]}', False),
        ('/inform{"contact_way": "teams"}', False),
        ('change_contact{"contact_way": "teams"}', False),
        ('/change_contact{"contact_way": "teams"', False),
        ("/change_contact{}", False),
        ("/change_contact", False),
        ("/affirm", False),
    ],
)
def test_who_agrees_to_be_named(process: Process, user: TeamsUser, payload: str, named: bool) -> None:
    """Only by the one button that says so."""
    number = process.ask(user, Choice("Hämta från Teams", payload))
    (task,) = process.take(press(user, f"{number}.0", "Hämta från Teams"))
    assert task is not None
    assert (task.said, task.names_user) == (payload, named)


@pytest.mark.parametrize("written", ["Hämta från Teams", CONTACT, "contact_way teams", '{"contact_way": "teams"}'])
def test_nobody_is_named_by_what_they_type(process: Process, user: TeamsUser, written: str) -> None:
    """Not even with the button in front of them."""
    process.ask(user, Choice("Hämta från Teams", CONTACT))
    (task,) = process.take(text(user, written))
    assert task is not None
    assert not task.names_user and not task.said.startswith("/")


def test_the_words_of_the_content(process: Process, user: TeamsUser) -> None:
    """All that is answered here is in the content, as is the button that names a user."""
    texts = load_texts(ROOT / "data" / "texts.yml")
    (button,) = texts["handoff_contact_teams"].buttons
    number = process.ask(user, Choice(button.title, button.payload))
    (task,) = process.take(press(user, f"{number}.0"))
    assert task is not None and task.names_user
    process.end(task)
    for activity in every_kind(process, user):
        _, replies = process.said(activity)
        assert set(replies) <= set(texts)


def test_no_name_is_kept(process: Process, user: TeamsUser, database: Path) -> None:
    """Each activity has the user's name; it is in no table, and neither is the id in Entra ID."""
    for activity in every_kind(process, user):
        process.said(activity)
    kept = stored(database)
    assert "Amina" not in kept and "Öberg" not in kept
    assert user.object_id not in kept
    assert user.conversation in kept
