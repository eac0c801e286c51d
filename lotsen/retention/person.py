"""One person, as far as Lotsen knows one: the conversations and cases that a number, a pseudonym or a contact leads to.

Nobody's name stands in a conversation's tables unless a sign-in has said it. What leads from somebody to their
conversations is a case that they have sent, or the pseudonym itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, List, Sequence, Set, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql import TableClause

from lotsen.cases.case import CaseDraft
from lotsen.cases.words import phone_word
from lotsen.retention.tables import (
    ASKED,
    CASE_EVENTS,
    CASES,
    OF_CONVERSATION,
    OUTBOX,
    RATINGS,
    RUNS,
    TEAMS,
    WEB,
)
from lotsen.retention.talks import chunks

SHORTEST_PHONE = 5
"""Digits."""
TIED: Dict[TableClause, str] = {
    **OF_CONVERSATION,
    WEB: "conversation",
    TEAMS: "conversation",
    ASKED: "conversation",
    RATINGS: "conversation",
    RUNS: "conversation",
}
"""Every table that knows a conversation by its pseudonym, but for cases."""


@dataclass(frozen=True)
class Person:
    """Whom a search has found: pseudonyms of conversations, and ids of cases."""

    conversations: Tuple[str, ...]
    cases: Tuple[int, ...]

    @property
    def found(self) -> bool:
        """Tell whether there is anything."""
        return bool(self.conversations or self.cases)


def by_case(connection: Connection, there: "frozenset[str]", case: int) -> Person:
    """Return who sent a case: its conversation, with all that they sent from there."""
    if "cases" not in there:
        return Person((), ())
    row = connection.execute(sa.select(CASES.c.conversation).where(CASES.c.id == case)).first()
    if row is None:
        return Person((), ())
    return _with_cases(connection, there, {row.conversation} if row.conversation else set(), {case})


def by_conversation(connection: Connection, there: "frozenset[str]", conversation: str) -> Person:
    """Return a conversation, if anything is kept of it."""
    known = any(
        kept_in(connection, table, column, [conversation]) for table, column in TIED.items() if table.name in there
    )
    person = _with_cases(connection, there, {conversation}, set())
    return person if known or person.cases else Person((), ())


def by_contact(connection: Connection, there: "frozenset[str]", text: str) -> Person:
    """Return who is reached by an e-mail address, telephone number or HSA-id, or has a name, written as it is kept.

    Only a whole name counts: part of one may be somebody else's. All cases are read.
    """
    conversations: Set[str] = set()
    cases: Set[int] = set()
    same = _same(text)
    if "cases" in there:
        rows = connection.execute(sa.select(CASES.c.id, CASES.c.conversation, CASES.c.body))
        for row in rows:
            if same(_contact(row.body)):
                cases.add(row.id)
                conversations |= {row.conversation} if row.conversation else set()
    if "chat_conversations" in there:
        named = sa.select(WEB.c.conversation, WEB.c.name).where(WEB.c.name != "")
        conversations |= {row.conversation for row in connection.execute(named) if same([row.name])}
    if "teams_conversations" in there:
        mine = TEAMS.c.user == text.strip()
        conversations |= set(connection.execute(sa.select(TEAMS.c.conversation).where(mine)).scalars())
    return _with_cases(connection, there, conversations, cases)


def kept(connection: Connection, there: "frozenset[str]", person: Person) -> Dict[str, int]:
    """Return how many rows each table has of somebody; tables that have none are left out."""
    counts = {
        table.name: kept_in(connection, table, column, person.conversations)
        for table, column in TIED.items()
        if table.name in there
    }
    for table, column in ((CASES, "id"), (CASE_EVENTS, "case_id"), (OUTBOX, "case_id")):
        if table.name in there:
            counts[table.name] = kept_in(connection, table, column, person.cases)
    return {name: count for name, count in counts.items() if count}


def kept_in(connection: Connection, table: TableClause, column: str, keys: Sequence[Any]) -> int:
    """Return how many rows of a table have one of some keys."""
    query = sa.select(sa.func.count()).select_from(table)
    return sum(connection.execute(query.where(table.c[column].in_(part))).scalar() or 0 for part in chunks(keys))


def _with_cases(connection: Connection, there: "frozenset[str]", conversations: Set[str], cases: Set[int]) -> Person:
    """Add what else was sent from these conversations."""
    found = set(cases)
    names = sorted(conversations)
    if "cases" in there:
        for part in chunks(names):
            found |= set(connection.execute(sa.select(CASES.c.id).where(CASES.c.conversation.in_(part))).scalars())
    return Person(tuple(names), tuple(sorted(found)))


def _contact(body: str) -> List[str]:
    """Return what a case has as its user's contact."""
    contact = CaseDraft.from_json(json.loads(body)).contact
    return [contact.email, contact.phone, contact.hsa_id, contact.name]


def _same(text: str) -> Callable[[Iterable[str]], bool]:
    """Return a function that tells whether one of some texts is this one, however it is written."""
    wanted, phone = _plain(text), phone_word(text)
    by_phone = len(phone) >= SHORTEST_PHONE and not any(letter.isalpha() or letter == "@" for letter in text)

    def same(written: Iterable[str]) -> bool:
        return any(
            one and (_plain(one) == wanted or (by_phone and "@" not in one and phone_word(one) == phone))
            for one in written
        )

    return same


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
