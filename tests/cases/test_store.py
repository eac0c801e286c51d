"""The case store on SQLite: one case for each key, masked, numbered in order, and read back as it was stored."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from lotsen.cases.case import CaseDraft, TriedStep
from lotsen.cases.store import Case, CaseStore
from lotsen.privacy.masking import TOKEN
from lotsen.storage.database import open_engine

NUMBER = "19121212-1212"
DRAFT = CaseDraft(
    problem="Webbsidan kan inte visas",
    guide="page_cannot_be_displayed",
    reason="Felet är kvar.",
    tried=(TriedStep("Sidan", "Ta ut kortet.", "gjort"),),
    facts={"browser": "Edge"},
    added="Å, ä och ö 😀",
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of an SQLite file that is not there yet, in a folder that is not there either."""
    return f"sqlite:///{tmp_path / 'new' / 'lotsen.db'}"


@pytest.fixture
def store(url: str) -> CaseStore:
    """An empty store."""
    return CaseStore(open_engine(url))


def create(store: CaseStore, key: str, draft: CaseDraft = DRAFT) -> Case:
    """Store a case from one web conversation."""
    return store.create(key, draft, "web-1", "web")


def test_a_new_case(store: CaseStore) -> None:
    """A case keeps what it was made of, is new, and has a number that can be said on the phone."""
    case = create(store, "a")
    assert (case.number, case.status, case.conversation, case.channel) == ("LOT-000001", "new", "web-1", "web")
    assert case.draft == DRAFT


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


@pytest.mark.parametrize(
    "draft",
    [
        pytest.param(CaseDraft(f"pat {NUMBER}"), id="problem"),
        pytest.param(CaseDraft("x", guide=NUMBER), id="guide"),
        pytest.param(CaseDraft("x", reason=NUMBER), id="reason"),
        pytest.param(CaseDraft("x", tried=(TriedStep(NUMBER, "b", "c"),)), id="tried: guide"),
        pytest.param(CaseDraft("x", tried=(TriedStep("a", NUMBER, "c"),)), id="tried: text"),
        pytest.param(CaseDraft("x", tried=(TriedStep("a", "b", NUMBER),)), id="tried: outcome"),
        pytest.param(CaseDraft("x", facts={"error_text": NUMBER}), id="facts"),
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
