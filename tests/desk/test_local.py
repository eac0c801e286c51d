"""The reserve account: its password, limits on guessing it, and what is told of it."""

from __future__ import annotations

import re
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Iterator, List

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine
from starlette.testclient import TestClient

from lotsen.audit.log import AuditLog
from lotsen.cli import main
from lotsen.content.catalogue import Content
from lotsen.desk import services
from lotsen.desk.access import local
from lotsen.desk.access.guesses import FORGOTTEN, PER_ACCOUNT, PER_ADDRESS, Guesses, Limit, MustWait, network_of
from lotsen.desk.access.local import NOBODY, RESERVE, Reserve, ensure_password, make_password, new_password, plain
from lotsen.desk.access.sessions import COOKIE, Sessions
from lotsen.desk.app import create_app
from lotsen.desk.services import Desk
from lotsen.storage.database import open_engine
from tests.support.desk import csrf, made_desk

NOW = datetime(2026, 11, 27, 12, tzinfo=timezone.utc)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HERE, THERE = "10.1.2.3", "10.9.9.9"
HOME = "http://localhost:5006"


class Clock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that are quick to make and to check."""
    monkeypatch.setattr(local, "PasswordHasher", lambda: QUICK)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database, SQLite and PostgreSQL."""
    made = open_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def desk(tmp_path: Path, content: Content, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk as it is when nothing is set: the reserve account is the only way in."""
    monkeypatch.setattr(services, "load_content", lambda folder: content)
    made = made_desk(f"sqlite:///{tmp_path / 'lotsen.db'}", tmp_path)
    yield made
    made.engine.dispose()


def browser(desk: Desk) -> TestClient:
    """Return a browser at the desk."""
    return TestClient(create_app(desk), base_url=HOME, follow_redirects=False)


def write(client: TestClient, password: str, to: str = "/queue") -> "tuple[int, str, str]":
    """Write a password in the form; return status, where to, and the page."""
    page = client.get("/sign-in/local", params={"next": to})
    answer = client.post("/sign-in/local", data={"csrf": csrf(page.text), "next": to, "password": password})
    return answer.status_code, answer.headers.get("location", ""), answer.text


def reserve(engine: Engine, clock: Clock, on: bool = True) -> Reserve:
    """Return the account, with a hash that is quick to check."""
    return Reserve(engine, on, Guesses(engine, RESERVE.id, "key", clock), QUICK)


def wrong(guesses: Guesses, times: int, address: str = HERE) -> None:
    """Guess wrong so many times."""
    for _ in range(times):
        guesses.attempt(address)


def wait(guesses: Guesses, address: str = HERE) -> int:
    """Return for how many seconds one must wait."""
    with pytest.raises(MustWait) as caught:
        guesses.attempt(address)
    return caught.value.seconds


# The password


def test_password_is_made_once(engine: Engine) -> None:
    """The first start gets the password, later ones do not; the database has only a hash of it."""
    password = ensure_password(engine)
    assert password is not None and re.fullmatch(r"([2-9A-Z]{5}-){3}[2-9A-Z]{5}", password)
    assert ensure_password(engine) is None
    with engine.connect() as connection:
        (kept,) = connection.execute(sa.text("SELECT hash FROM desk_local")).scalars()
    assert kept.startswith("$argon2id$") and plain(password) not in kept
    assert PasswordHasher().verify(kept, plain(password))


def test_password_may_be_typed_in_many_ways(engine: Engine, clock: Clock) -> None:
    """Hyphens, spaces and case make no difference; anything else does."""
    password = new_password(engine)
    account = reserve(engine, clock)
    for written in (password, password.lower(), password.replace("-", " "), f"  {plain(password)}\n"):
        assert account.attempt(written, HERE) is not None
    for written in ("", "-", plain(password)[:-1], password + "X", "x" * 10_000):
        assert account.attempt(written, HERE) is None


def test_new_password_replaces_the_old_one(engine: Engine, clock: Clock) -> None:
    """With a new password the old one is wrong, and what was let in by it is known to be out of date."""
    first = ensure_password(engine)
    assert first is not None
    account = reserve(engine, clock)
    mark = account.attempt(first, HERE)
    assert mark is not None and account.holds(mark)
    second = new_password(engine)
    assert account.attempt(first, HERE) is None and not account.holds(mark)
    assert account.attempt(second, HERE) is not None


def test_off_is_like_wrong(engine: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Off, without a password, or with a wrong one: each time one hash of the usual cost is looked at, and it is no."""
    looked: List[str] = []
    monkeypatch.setattr(local, "PasswordHasher", PasswordHasher)
    monkeypatch.setattr(QUICK.__class__, "verify", lambda self, kept, written: looked.append(kept) is None)
    assert reserve(engine, clock).attempt("x", HERE) is None
    password = new_password(engine)
    assert reserve(engine, clock, on=False).attempt(password, HERE) is None
    assert reserve(engine, clock, on=True).attempt(password, HERE) is not None
    assert len(looked) == 3 and len({str(extract_parameters(kept)) for kept in looked}) == 1
    assert looked[0] == NOBODY


# Guessing


def test_waiting_doubles(engine: Engine, clock: Clock) -> None:
    """After some wrong attempts each waits twice as long as the one before, up to a limit, and then ends by itself."""
    guesses = Guesses(engine, RESERVE.id, "key", clock)
    wrong(guesses, PER_ADDRESS.free + 1)
    waits = []
    for _ in range(12):
        waits.append(wait(guesses))
        clock.now += timedelta(seconds=waits[-1])
        guesses.attempt(HERE)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_refused_attempts_are_not_counted(engine: Engine, clock: Clock) -> None:
    """Who hammers on while waiting waits no longer for it."""
    guesses = Guesses(engine, RESERVE.id, "key", clock)
    wrong(guesses, PER_ADDRESS.free + 2 - 1)
    assert {wait(guesses) for _ in range(20)} == {1}
    clock.now += timedelta(seconds=1)
    guesses.attempt(HERE)


def test_limits_hold_over_restarts(engine: Engine, clock: Clock) -> None:
    """Another process, or the same one started again, knows of the wrong attempts."""
    wrong(Guesses(engine, RESERVE.id, "key", clock), PER_ADDRESS.free + 1)
    assert wait(Guesses(engine, RESERVE.id, "key", clock)) == 1


def test_one_address_does_not_lock_another_out(engine: Engine, clock: Clock) -> None:
    """Guesses from one address make the others wait only when there are very many, and then not for long."""
    guesses = Guesses(engine, RESERVE.id, "key", clock)
    wrong(guesses, PER_ADDRESS.free + 1)
    guesses.attempt(THERE)
    for number in range(100):
        clock.now += PER_ACCOUNT.longest
        guesses.attempt(f"10.2.0.{number}")
    assert wait(guesses, "10.3.0.1") == PER_ACCOUNT.longest.total_seconds()


def test_right_forgets_wrong(engine: Engine, clock: Clock) -> None:
    """After the right password mistakes count no more; nor do they after a day."""
    password = new_password(engine)
    account = reserve(engine, clock)
    for _ in range(3):
        for _ in range(PER_ADDRESS.free):
            assert account.attempt("wrong", HERE) is None
        assert account.attempt(password, HERE) is not None
    guesses = Guesses(engine, RESERVE.id, "key", clock)
    wrong(guesses, PER_ADDRESS.free + 1)
    clock.now += FORGOTTEN
    wrong(guesses, PER_ADDRESS.free + 1)


def test_many_at_once_are_no_more(engine: Engine, clock: Clock) -> None:
    """Attempts at the same moment are counted like those one after another."""
    guesses = Guesses(engine, RESERVE.id, "key", clock)
    through: List[bool] = []

    def attempt() -> None:
        try:
            guesses.attempt(HERE)
            through.append(True)
        except MustWait:
            through.append(False)

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(through) == 12 and sum(through) == PER_ADDRESS.free + 1


def test_addresses_are_not_kept(engine: Engine, clock: Clock) -> None:
    """The database has no address, and IPv6 addresses of one network are one."""
    guesses = Guesses(engine, RESERVE.id, "key", clock)
    wrong(guesses, 3, HERE)
    wrong(guesses, 3, "2001:db8::1")
    wrong(guesses, 3, "2001:db8::2:2")
    assert wait(guesses, "2001:db8::3") == 1
    with engine.connect() as connection:
        kept = connection.execute(sa.text("SELECT who FROM desk_guesses")).scalars().all()
    assert len(kept) == 3 and not [who for who in kept if HERE in who or "2001" in who]


@pytest.mark.parametrize(
    ("address", "network"),
    [("10.0.0.1", "10.0.0.1"), ("::ffff:10.0.0.1", "10.0.0.1"), ("testclient", "unknown"), ("", "unknown")],
)
def test_networks(address: str, network: str) -> None:
    """An IPv4 address is the same in both spellings; what is none is one of its own."""
    assert network_of(address) == network


@given(st.integers(0, 10_000), st.integers(0, 50), st.integers(1, 10_000))
def test_waits_grow_up_to_the_limit(attempts: int, free: int, longest: int) -> None:
    """A wait is never longer than the limit, and never shorter after one more wrong attempt."""
    limit = Limit(free, timedelta(seconds=longest))
    assert timedelta() <= limit.wait(attempts) <= limit.wait(attempts + 1) <= limit.longest


# At the desk


def test_sign_in(desk: Desk) -> None:
    """With the password one is in, with every role, under the account's own name."""
    password = ensure_password(desk.engine)
    assert password is not None
    client = browser(desk)
    status, to, _ = write(client, password.lower(), "/cases/1?x=1")
    assert (status, to) == (303, "/cases/1?x=1")
    found = desk.sessions.read(client.cookies[COOKIE])
    assert found is not None and found.who == RESERVE and found.way == "local"
    assert [(entry.actor.name, entry.action, entry.detail) for entry in desk.audit.read()] == [
        ("Reservkonto", "signed_in", "local")
    ]


def test_wrong_password(desk: Desk) -> None:
    """A wrong password is said in a sentence, and is in the audit log without what was written."""
    ensure_password(desk.engine)
    client = browser(desk)
    status, _, page = write(client, "GISSAT-LOSENORD")
    assert status == 403 and "Lösenordet stämmer inte" in page and "GISSAT" not in page
    assert COOKIE not in client.cookies
    (entry,) = desk.audit.read()
    assert (entry.actor.name, entry.action, entry.detail) == ("Okänd", "sign_in_refused", "local: wrong")


def test_too_many_wrong_passwords(desk: Desk) -> None:
    """Then one must wait, also with the right one, and is told for how long."""
    password = ensure_password(desk.engine)
    assert password is not None
    guesses = Guesses(desk.engine, RESERVE.id, "a-key-for-tests-that-is-long-enough")
    guesses_at_limit(desk.engine, guesses)
    client = browser(desk)
    status, _, page = write(client, password)
    assert status == 429 and re.search(r"Vänta \d+ sekunder och försök igen", page)
    assert COOKIE not in client.cookies
    assert desk.audit.read()[0].detail == "local: must_wait"


def guesses_at_limit(engine: Engine, guesses: Guesses) -> None:
    """Make everybody wait for some minutes."""
    guesses.attempt("testclient")
    table = sa.Table("desk_guesses", sa.MetaData(), autoload_with=engine)
    with engine.begin() as connection:
        connection.execute(table.update().values(until=datetime.now(timezone.utc) + timedelta(minutes=5)))


def test_off_looks_like_on(tmp_path: Path, content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the account is on cannot be seen: form, answer and status are the same."""
    monkeypatch.setattr(services, "load_content", lambda folder: content)
    pages = []
    proxy = {"LOTSEN_TRIAGE_PROXY_FROM": "10.0.0.5", "LOTSEN_TRIAGE_PROXY_SECRET": "a-secret-of-the-proxy-1"}
    for on in ("on", "off"):
        url = f"sqlite:///{tmp_path / on}.db"
        desk = made_desk(url, tmp_path, LOTSEN_TRIAGE_LOCAL=on, **proxy)
        password = ensure_password(desk.engine)
        assert password is not None
        client = browser(desk)
        pages.append([without_tokens(client.get(path).text) for path in ("/sign-in", "/sign-in/local")])
        status, _, page = write(client, "wrong")
        pages[-1] += [str(status), without_tokens(page)]
        assert (write(client, password)[0] == 303) == (on == "on")
        desk.engine.dispose()
    assert pages[0] == pages[1]


def without_tokens(page: str) -> str:
    """Return a page without what is new each time."""
    return re.sub(r'name="csrf" value="[^"]*"', "", page)


def test_turned_off(tmp_path: Path, content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions of the account end when the desk starts without it."""
    monkeypatch.setattr(services, "load_content", lambda folder: content)
    proxy = {"LOTSEN_TRIAGE_PROXY_FROM": "10.0.0.5", "LOTSEN_TRIAGE_PROXY_SECRET": "a-secret-of-the-proxy-1"}
    desk = made_desk(f"sqlite:///{tmp_path / 'lotsen.db'}", tmp_path, LOTSEN_TRIAGE_LOCAL="off", **proxy)
    token = desk.sessions.begin(RESERVE, "local")
    create_app(desk)
    assert desk.sessions.read(token) is None
    desk.engine.dispose()


def test_form_must_be_ours(desk: Desk) -> None:
    """A form without our token, with another browser's, or from another site is not looked at."""
    password = ensure_password(desk.engine)
    client, other = browser(desk), browser(desk)
    good, foreign = (csrf(one.get("/sign-in/local").text) for one in (client, other))
    for sent, headers in (
        ("", {}),
        (foreign, {}),
        (good, {"Origin": "https://evil.example"}),
        (good, {"Sec-Fetch-Site": "cross-site"}),
    ):
        answer = client.post("/sign-in/local", data={"csrf": sent, "password": password}, headers=headers)
        assert answer.status_code == 403 and COOKIE not in client.cookies
    stranger = TestClient(client.app, base_url=HOME, follow_redirects=False)
    assert stranger.post("/sign-in/local", data={"csrf": good, "password": password}).status_code == 403
    assert desk.audit.read() == []


def test_password_made_anew_while_signing_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who writes the old password in the moment in which there is a new one has no session afterwards."""
    password = ensure_password(desk.engine)
    assert password is not None
    begin = Sessions.begin

    def begin_late(sessions: Sessions, *given: "str") -> str:
        new_password(desk.engine)
        sessions.end_all(RESERVE.id)
        return begin(sessions, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Sessions, "begin", begin_late)
    client = browser(desk)
    assert write(client, password)[0] == 403
    with desk.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM desk_sessions")).scalar() == 0


def test_sign_out(desk: Desk) -> None:
    """Signing out ends the session and says so; there is nothing to end elsewhere."""
    password = ensure_password(desk.engine)
    assert password is not None
    client = browser(desk)
    write(client, password)
    found = desk.sessions.read(client.cookies[COOKIE])
    assert found is not None
    answer = client.post("/sign-out", data={"csrf": found.csrf})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signed-out")
    assert desk.sessions.read(found.token) is None and COOKIE not in client.cookies
    assert desk.audit.read()[0].action == "signed_out"
    assert "Du är utloggad" in client.get("/signed-out").text
    assert client.post("/sign-out").status_code == 303


# The command


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """``lotsen triage password`` prints a new password alone on a line, ends sessions, and lets nobody wait."""
    url = f"sqlite:///{tmp_path / 'lotsen.db'}"
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LOTSEN_DATABASE_URL", url)
    engine = open_engine(url)
    old = ensure_password(engine)
    sessions = Sessions(engine, timedelta(hours=1), timedelta(hours=1))
    token, other = (
        sessions.begin(RESERVE, "local"),
        sessions.begin(RESERVE.__class__("oidc:x", "X", RESERVE.roles), "oidc"),
    )
    guesses_at_limit(engine, Guesses(engine, RESERVE.id, "key"))
    assert main(["triage", "password"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 1 and printed[0] != old
    assert sessions.read(token) is None and sessions.read(other) is not None
    account = Reserve(engine, True, Guesses(engine, RESERVE.id, "key"))
    assert account.attempt(printed[0], HERE) is not None
    (entry,) = AuditLog(engine).read()
    assert (entry.actor.name, entry.action, entry.detail) == ("Driften", "password_made", "Reservkonto")
    engine.dispose()


def test_command_without_a_database(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A database that cannot be used is said in a sentence."""
    monkeypatch.setenv("LOTSEN_DATABASE_URL", "sqlite:////proc/nowhere/lotsen.db")
    assert main(["triage", "password"]) == 1
    assert "Databasen går inte att använda" in capsys.readouterr().err


def test_passwords_are_unlike() -> None:
    """Passwords are not made twice."""
    assert len({make_password() for _ in range(200)}) == 200
