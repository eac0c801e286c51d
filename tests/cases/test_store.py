"""The case store on SQLite: one case for each key, masked, numbered in order, and read back as it was stored."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from lotsen.cases.case import CaseDraft, Category, Contact, Line, Status, TriedGuide, TriedStep
from lotsen.cases.history import CONFIRMED
from lotsen.cases.store import Case, CaseStore, NewCase
from lotsen.privacy.masking import TOKEN
from lotsen.storage.database import open_engine
from lotsen.storage.schema import upgrade
from tests.cases.made import FULL

NUMBER = "19121212-1212"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of an SQLite file that is not there yet, in a folder that is not there either."""
    return f"sqlite:///{tmp_path / 'new' / 'lotsen.db'}"


@pytest.fixture
def store(url: str) -> CaseStore:
    """An empty store."""
    return CaseStore(open_engine(url))


def create(store: CaseStore, key: str, draft: CaseDraft = FULL) -> Case:
    """Store a case from one web conversation, with a letter to a desk."""
    return store.create(NewCase(key, draft, "web-1", "web", ("email",), "Problem: Sidan"))


def test_a_new_case(store: CaseStore) -> None:
    """A case keeps what it was made of, is new, and has a number that can be said on the phone."""
    case = create(store, "a")
    assert (case.number, case.status) == ("LOT-000001", Status.NEW)
    assert (case.conversation, case.channel) == ("web-1", "web")
    assert case.draft == FULL


def test_a_case_knows_when_it_was_made(store: CaseStore) -> None:
    """The time is now, in UTC and marked so, whatever the database forgets."""
    created = create(store, "a").created
    assert created.tzinfo is not None
    assert timedelta(0) <= datetime.now(timezone.utc) - created < timedelta(minutes=1)


def test_numbers_grow(store: CaseStore) -> None:
    """Each new case has the next number, and the list is in that order."""
    numbers = [create(store, key).number for key in "abc"]
    assert numbers == ["LOT-000001", "LOT-000002", "LOT-000003"]
    assert [case.number for case in store.all()] == numbers


def test_the_same_key_gives_the_same_case(store: CaseStore) -> None:
    """A second hand-off under a key changes nothing, not even with another text."""
    first = create(store, "a")
    assert create(store, "a", CaseDraft("Något annat")) == first
    assert store.all() == [first]


def test_a_case_is_there_after_a_restart(store: CaseStore, url: str) -> None:
    """Another process reads back what was stored, and goes on counting."""
    first = create(store, "a")
    again = CaseStore(open_engine(url))
    assert again.all() == [first]
    assert create(again, "a") == first
    assert create(again, "b").number == "LOT-000002"


@pytest.mark.parametrize("round_number", range(5))
def test_one_case_when_many_write_at_once(round_number: int, url: str) -> None:
    """Several writers with the same key at the same moment make one case, and all get its number."""
    stores = [CaseStore(open_engine(url)) for _ in range(4)]
    together = threading.Barrier(len(stores))

    def write(store: CaseStore) -> str:
        together.wait()
        return create(store, "a").number

    with ThreadPoolExecutor(len(stores)) as pool:
        numbers = set(pool.map(write, stores))
    assert numbers == {"LOT-000001"}
    assert len(stores[0].all()) == 1


def _step(guide: str = "a", text: str = "b", outcome: str = "c") -> tuple[TriedGuide, ...]:
    return (TriedGuide("g", "G", "v", "handoff", (TriedStep(guide, text, outcome),)),)


@pytest.mark.parametrize(
    "draft",
    [
        pytest.param(CaseDraft(f"pat {NUMBER}"), id="problem"),
        pytest.param(CaseDraft("x", Category("a", NUMBER)), id="category"),
        pytest.param(CaseDraft("x", reason=NUMBER), id="reason"),
        pytest.param(CaseDraft("x", tried=_step(guide=NUMBER)), id="tried: guide"),
        pytest.param(CaseDraft("x", tried=_step(text=NUMBER)), id="tried: text"),
        pytest.param(CaseDraft("x", tried=_step(outcome=NUMBER)), id="tried: outcome"),
        pytest.param(CaseDraft("x", facts={"error_text": NUMBER}), id="facts"),
        pytest.param(CaseDraft("x", contact=Contact(said=f"Moa {NUMBER}")), id="contact"),
        pytest.param(CaseDraft("x", transcript=(Line("2026-11-26T08:00:00+00:00", "user", NUMBER),)), id="transcript"),
        pytest.param(CaseDraft("x", added=f"Hon heter\n{NUMBER}"), id="added"),
    ],
)
def test_personal_numbers_are_masked(draft: CaseDraft, store: CaseStore, tmp_path: Path) -> None:
    """No field of a case keeps a personal identity number, neither in the answer nor in the file."""
    stored = str(create(store, "a", draft))
    assert TOKEN in stored
    assert NUMBER not in stored
    assert [str(case) for case in store.all()] == [stored]
    for path in (tmp_path / "new").iterdir():
        assert NUMBER.encode() not in path.read_bytes()


def test_a_database_that_cannot_be_written_is_an_error(store: CaseStore, url: str) -> None:
    """A case that could not be stored is never reported as one."""
    with open_engine(url).begin() as connection:
        connection.execute("DROP TABLE cases")
    with pytest.raises(SQLAlchemyError):
        create(store, "a")


def test_case_letter_and_word_are_one_transaction(store: CaseStore, url: str) -> None:
    """If one of the three cannot be written, none is there; written, the letter and the user's yes are."""
    with open_engine(url).begin() as connection:
        connection.execute("ALTER TABLE outbox RENAME TO away")
    with pytest.raises(SQLAlchemyError):
        create(store, "a")
    assert store.all() == []
    assert store.history.of(1) == []
    with open_engine(url).begin() as connection:
        connection.execute("ALTER TABLE away RENAME TO outbox")
    case = create(store, "a")
    assert [event.kind for event in store.history.of(case.id)] == [CONFIRMED]
    assert [(letter.desk, letter.text) for letter in store.outbox.of(case.id)] == [("email", "Problem: Sidan")]


def test_the_letter_is_masked(store: CaseStore) -> None:
    """What a desk gets holds no personal identity number either."""
    case = store.create(NewCase("a", FULL, "web-1", "web", ("email",), f"Har lagt till: {NUMBER}"))
    assert [letter.text for letter in store.outbox.of(case.id)] == [f"Har lagt till: {TOKEN}"]


def test_finding_a_case(store: CaseStore) -> None:
    """By its number, by its key, and by the conversation that sent it, the latest first."""
    first, second = create(store, "a"), create(store, "b")
    store.create(NewCase("c", FULL, "web-2", "web"))
    assert store.get(first.id) == store.with_key("a") == first
    assert store.get(99) is store.with_key("z") is None
    assert store.of_conversation("web-1") == [second, first]


def test_conversations_about_a_category(store: CaseStore) -> None:
    """Each counts once, a case that Lotsen made itself not at all, and nothing before the time that is asked for."""
    about = CaseDraft("x", Category("login_error"))
    for key, conversation in (("a", "web-1"), ("b", "web-1"), ("c", "web-2"), ("d", "")):
        store.create(NewCase(key, about, conversation, "web"))
    now = datetime.now(timezone.utc)
    assert sorted(store.conversations_about("login_error", now - timedelta(minutes=1))) == ["web-1", "web-2"]
    assert store.conversations_about("login_error", now + timedelta(minutes=1)) == []
    assert store.conversations_about("clear_cache", now - timedelta(minutes=1)) == []


def test_a_case_of_the_first_lotsen_can_be_read(url: str) -> None:
    """Its table had fewer columns, and its body was flat: it is shown, and new cases go on after it."""
    engine = open_engine(url)
    body = (
        '{"problem": "Sidan", "guide": "login_error", "reason": null,'
        ' "tried": [["Logga in", "Ta ut kortet.", "gjort"]],'
        ' "facts": {"hsa_id": "SE1-A", "browser": "Edge"}, "added": ""}'
    )
    with engine.begin() as connection:
        connection.execute(
            "CREATE TABLE cases (id INTEGER PRIMARY KEY AUTOINCREMENT, key VARCHAR(64) NOT NULL UNIQUE,"
            " created DATETIME NOT NULL, status VARCHAR(20) NOT NULL, conversation VARCHAR(255) NOT NULL,"
            " channel VARCHAR(40) NOT NULL, body TEXT NOT NULL)"
        )
        connection.execute(
            "INSERT INTO cases VALUES (1, 'k', '2026-11-23 07:11:00.000000', 'new', 'web-1', 'web', ?)", (body,)
        )
    upgrade(url)
    store = CaseStore(engine)
    (old,) = store.all()
    assert (old.draft.problem, old.draft.category.id) == ("Sidan", "login_error")
    assert old.draft.tried[0].steps[0].text == "Ta ut kortet."
    assert (old.draft.contact.hsa_id, old.draft.facts) == ("SE1-A", {"browser": "Edge"})
    assert create(store, "a").number == "LOT-000002"
