"""From a stored case to the letter that a desk gets, or the reason that it must wait."""

from __future__ import annotations

from typing import Optional, Tuple

from lotsen.cases.export import case_document
from lotsen.cases.store import Case, CaseStore
from lotsen.outbox.outbox import DEAD, OutboxLetter
from lotsen.service_desks.base import Letter
from lotsen.service_desks.markup import cut

SUBJECT_LENGTH = 120
"""Letters of a subject; the rest of the problem stands in the text."""


def write_letter(store: CaseStore, waiting: OutboxLetter) -> Optional[Letter]:
    """Return the letter; None while the case that it is to be added to has not reached the desk.

    If that one never will (given up, or not sent to this desk), the letter becomes a ticket of its own.

    Raises:
        KeyError: if the case is gone.
    """
    case = store.get(waiting.case)
    if case is None:
        raise KeyError(f"case {waiting.case}")
    parent, ref, must_wait = _parent(store, case, waiting.desk)
    if must_wait:
        return None
    return Letter(
        key=case.key,
        number=case.number,
        subject=subject(case.number, case.draft.problem),
        text=waiting.text,
        level=case.draft.priority.level,
        created=case.created,
        target=case.draft.target,
        reply_to=case.draft.contact.email,
        data=case_document(case, parent),
        parent=ref,
        parent_key=parent.key if parent and ref else None,
        parent_number=parent.number if parent and ref else "",
        doubtful=waiting.doubtful,
    )


def subject(number: str, problem: str) -> str:
    r"""Return one line, the number first.

    >>> subject("LOT-000001", "Sidan kan inte visas\n igen")
    'LOT-000001 Sidan kan inte visas igen'
    """
    line = f"{number} {' '.join(problem.split())}"
    return cut(line, SUBJECT_LENGTH, " …")


def _parent(store: CaseStore, case: Case, desk: str) -> Tuple[Optional[Case], Optional[str], bool]:
    """Return the case that this one is added to, its ticket at the desk, and whether to wait for that."""
    parent = store.get(case.parent) if case.parent else None
    if parent is None:
        return None, None, False
    sent = next((letter for letter in store.outbox.of(parent.id) if letter.desk == desk), None)
    if sent is None or sent.state == DEAD:
        return parent, None, False
    return parent, sent.receipt.ref if sent.receipt else None, sent.receipt is None
