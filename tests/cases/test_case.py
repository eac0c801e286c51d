"""The case as plain data: it survives storing, and what was written by something else is refused."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict

import pytest
from hypothesis import given

from lotsen.cases.case import NUMBER_FORMAT, CaseDraft, Contact
from tests.cases.made import FULL, drafts


@pytest.mark.parametrize("draft", [FULL, CaseDraft("Skrivaren")], ids=["full", "problem alone"])
def test_a_draft_survives_storing(draft: CaseDraft) -> None:
    """Written as JSON text and read back, a draft is the same."""
    assert CaseDraft.from_json(json.loads(json.dumps(draft.to_json()))) == draft


@given(drafts)
def test_any_draft_survives_storing(draft: CaseDraft) -> None:
    """Whatever the user and the guides say."""
    assert CaseDraft.from_json(json.loads(json.dumps(draft.to_json(), ensure_ascii=False))) == draft


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        pytest.param(lambda stored: stored.pop("problem"), KeyError, id="a part is missing"),
        pytest.param(lambda stored: stored.update(impact="all"), ValueError, id="an unknown impact"),
        pytest.param(lambda stored: stored["priority"].update(level="low"), ValueError, id="an unknown level"),
        pytest.param(lambda stored: stored["contact"].update(fax="1"), TypeError, id="an unknown contact"),
        pytest.param(lambda stored: stored.update(tried=[["Guide", "Steg.", "gjort"]]), TypeError, id="an old step"),
    ],
)
def test_what_was_written_by_something_else_is_refused(
    spoil: Callable[[Dict[str, Any]], object], error: type[Exception]
) -> None:
    """It is not read as half a case."""
    stored = json.loads(json.dumps(FULL.to_json()))
    spoil(stored)
    with pytest.raises(error):
        CaseDraft.from_json(stored)


@pytest.mark.parametrize(
    ("contact", "reachable"),
    [
        (Contact(), False),
        (Contact(name="Moa", unit="Psyk norr", hsa_id="SE2321000016-1ABC", said="Moa"), False),
        (Contact(phone="4471"), True),
        (Contact(email="moa@example.se"), True),
        (Contact(chat=True), True),
    ],
)
def test_who_can_be_reached(contact: Contact, reachable: bool) -> None:
    """By telephone, e-mail or chat; a name alone is no way."""
    assert contact.reachable is reachable


@pytest.mark.parametrize(("number", "shown"), [(1, "LOT-000001"), (123, "LOT-000123"), (1234567, "LOT-1234567")])
def test_case_numbers(number: int, shown: str) -> None:
    """Numbers have six digits, and more when they are needed."""
    assert NUMBER_FORMAT.format(number) == shown
