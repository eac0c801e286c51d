"""The outbox on SQLite: who gets a letter, for how long, and what is written down of each attempt."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Tuple

import pytest

from lotsen.cases.store import Case, CaseStore
from lotsen.outbox.outbox import DEAD, DELIVERED, SENDING, WAITING, OutboxLetter
from lotsen.service_desks.base import Receipt
from tests.outbox.made import DESK, OTHER, START, Clock, confirm, engine_in, letter_of

LEASE = timedelta(seconds=120)
RECEIPT = Receipt("7", "#7", "https://rt.example.se/7")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> CaseStore:
    return CaseStore(engine_in(tmp_path), clock)


def claim(store: CaseStore, desk: str = DESK) -> OutboxLetter:
    """Claim the letter that must be due."""
    letter = store.outbox.claim(desk, LEASE)
    assert letter is not None
    return letter


def failed(
    store: CaseStore, letter: OutboxLetter, clock: Clock, wait: float = 10, doubtful: bool = False, dead: bool = False
) -> bool:
    with store._engine.begin() as connection:
        due = clock.now + timedelta(seconds=wait)
        return store.outbox.failed(connection, letter, "no answer", due, doubtful, dead)


def delivered(store: CaseStore, letter: OutboxLetter) -> bool:
    with store._engine.begin() as connection:
        return store.outbox.delivered(connection, letter, RECEIPT)


def standing(store: CaseStore, case: Case) -> Tuple[str, int, bool]:
    letter = letter_of(store, case)
    return letter.state, letter.attempts, letter.doubtful


def test_a_case_comes_with_a_letter_for_each_desk(store: CaseStore) -> None:
    case = confirm(store, "a", desks=(DESK, OTHER))
    letters = store.outbox.of(case.id)
    assert [(one.desk, one.text, one.state, one.due) for one in letters] == [
        (DESK, "Ärende a", WAITING, START),
        (OTHER, "Ärende a", WAITING, START),
    ]
    assert claim(store, OTHER).id == letters[1].id
    assert store.outbox.claim("jira", LEASE) is None


def test_a_claimed_letter_belongs_to_one_for_its_lease(store: CaseStore, clock: Clock) -> None:
    case = confirm(store, "a")
    first = claim(store)
    assert (first.state, first.attempts, first.doubtful, first.due) == (SENDING, 1, False, START + LEASE)
    clock.wait(119)
    assert store.outbox.claim(DESK, LEASE) is None
    clock.wait(1)
    again = claim(store)
    assert again.case == case.id
    assert (again.attempts, again.doubtful) == (2, True)


def test_the_letter_that_has_waited_longest_comes_first(store: CaseStore, clock: Clock) -> None:
    first, second = confirm(store, "a"), confirm(store, "b")
    failed(store, claim(store), clock, wait=10)
    clock.wait(5)
    third = confirm(store, "c")
    clock.wait(20)
    assert [claim(store).case for _ in range(3)] == [second.id, third.id, first.id]


def test_many_who_claim_at_once_get_different_letters(store: CaseStore, tmp_path: Path, clock: Clock) -> None:
    for key in "abcdefgh":
        confirm(store, key)
    stores = [CaseStore(engine_in(tmp_path), clock) for _ in range(4)]
    together = threading.Barrier(len(stores))

    def take(one: CaseStore) -> Tuple[int, int]:
        together.wait()
        return claim(one).id, claim(one).id

    with ThreadPoolExecutor(len(stores)) as pool:
        taken = [id for pair in pool.map(take, stores) for id in pair]
    assert sorted(taken) == list(range(1, 9))


def test_a_failed_attempt_waits_and_is_no_doubt_by_itself(store: CaseStore, clock: Clock) -> None:
    case = confirm(store, "a")
    assert failed(store, claim(store), clock, wait=10)
    assert standing(store, case) == (WAITING, 1, False)
    assert letter_of(store, case).error == "no answer"
    clock.wait(9.9)
    assert store.outbox.claim(DESK, LEASE) is None
    clock.wait(0.1)
    assert (claim(store).attempts, letter_of(store, case).doubtful) == (2, False)


def test_a_letter_put_off_while_the_clock_was_ahead_goes_at_once(store: CaseStore, clock: Clock) -> None:
    """A desk refuses what is signed two hours ahead; when the clock is right the letter does not wait for them."""
    confirm(store, "a")
    clock.wait(7200)
    failed(store, claim(store), clock, wait=60)
    clock.wait(-7200)
    assert claim(store).attempts == 2


def test_doubt_stays_until_it_is_delivered(store: CaseStore, clock: Clock) -> None:
    """An attempt that surely did not arrive says nothing about the one before it."""
    case = confirm(store, "a")
    failed(store, claim(store), clock, doubtful=True)
    clock.wait(10)
    second = claim(store)
    assert second.doubtful
    failed(store, second, clock, doubtful=False)
    assert standing(store, case) == (WAITING, 2, True)
    clock.wait(10)
    assert delivered(store, claim(store))
    assert standing(store, case) == (DELIVERED, 3, False)


def test_what_was_delivered_has_its_receipt_and_is_not_sent_again(store: CaseStore, clock: Clock) -> None:
    case = confirm(store, "a")
    letter = claim(store)
    clock.wait(3)
    assert delivered(store, letter)
    kept = letter_of(store, case)
    assert (kept.receipt, kept.delivered, kept.error) == (RECEIPT, clock.now, "")
    assert store.outbox.with_ref(DESK, "7") == [kept]
    assert store.outbox.with_ref(OTHER, "7") == []
    assert store.outbox.waiting() == []
    assert not delivered(store, letter)
    clock.wait(10_000)
    assert store.outbox.claim(DESK, LEASE) is None


def test_who_comes_too_late_changes_nothing(store: CaseStore, clock: Clock) -> None:
    """A deliverer that slept through its lease cannot put back what another has taken since; a receipt counts."""
    case = confirm(store, "a")
    late = claim(store)
    clock.wait(120)
    other = claim(store)
    assert not failed(store, late, clock, dead=True)
    store.outbox.put_off(late, clock.now)
    assert standing(store, case) == (SENDING, 2, True)
    assert delivered(store, late)
    assert not failed(store, other, clock)
    assert letter_of(store, case).state == DELIVERED


def test_putting_off_is_no_attempt(store: CaseStore, clock: Clock) -> None:
    case = confirm(store, "a")
    store.outbox.put_off(claim(store), clock.now + timedelta(seconds=5))
    assert standing(store, case) == (WAITING, 0, False)
    assert store.outbox.claim(DESK, LEASE) is None
    clock.wait(5)
    assert (claim(store).attempts, letter_of(store, case).doubtful) == (1, False)


def test_a_dead_letter_lies_until_it_is_tried_again(store: CaseStore, clock: Clock) -> None:
    case = confirm(store, "a", desks=(DESK, OTHER))
    failed(store, claim(store), clock, doubtful=True, dead=True)
    clock.wait(10_000)
    assert store.outbox.claim(DESK, LEASE) is None
    assert [one.state for one in store.outbox.waiting()] == [DEAD, WAITING]
    claim(store, OTHER)
    with store._engine.begin() as connection:
        assert store.outbox.retry(connection, case.id) == [DESK]
    assert letter_of(store, case, OTHER).state == SENDING
    again = claim(store)
    assert (again.case, again.attempts, again.doubtful) == (case.id, 1, True)


def test_fresh_letters_are_asked_about_and_marks_are_kept(store: CaseStore, clock: Clock) -> None:
    case, _ = confirm(store, "a"), confirm(store, "b")
    delivered(store, claim(store))
    kept = letter_of(store, case)
    assert store.outbox.to_ask_about(DESK, START) == [kept]
    assert store.outbox.to_ask_about(DESK, START + timedelta(seconds=1)) == []
    with store._engine.begin() as connection:
        store.outbox.set_mark(connection, kept.id, "2026-11-26 08:00:01")
    assert letter_of(store, case).mark == "2026-11-26 08:00:01"


def test_a_case_that_is_stored_again_gets_no_second_letter(store: CaseStore) -> None:
    case = confirm(store, "a")
    assert confirm(store, "a") == case
    assert len(store.outbox.of(case.id)) == 1
