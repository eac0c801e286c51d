"""Looks, when all is over, whether anything was lost or doubled that a user could rely on."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, List, Sequence, Tuple

import requests

from lotsen.cases.store import Case, CaseStore
from lotsen.storage.database import open_engine
from tests.faults.users import Sender, User, Walker

if TYPE_CHECKING:
    from tests.faults.fault import World

DELIVERY_SECONDS = 240.0
"""So long the deliverer may take in the end: a letter whose attempt had no answer rests for a minute and more."""
LOOK_SECONDS = 0.25


def lost(world: "World", users: Sequence[User], delivered: bool) -> Tuple[List[str], str]:
    """Return what was lost, doubled or mixed up, and in words what was there."""
    engine = open_engine(world.url)
    try:
        store = CaseStore(engine)
        cases = store.all()
        wrong = [*_cases(cases, users), *_messages(world, users)]
        if delivered:
            wrong += _delivered(world, cases)
    finally:
        engine.dispose()
    senders = [user for user in users if isinstance(user, Sender)]
    confirmed = sum(len(user.confirmed) for user in senders)
    messages = sum(len(user.talk.texts) for user in users)
    steps = sum(len(user.turns) for user in users if isinstance(user, Walker))
    there = " and at the desk" if delivered else ""
    return (
        wrong,
        f"{confirmed} confirmed cases once each{there}, {steps} steps in order, {messages} messages in the log",
    )


def _cases(cases: Sequence[Case], users: Sequence[User]) -> List[str]:
    """Return which confirmed cases are not there once, and who has more cases than they wanted to send."""
    there = {case.number: case for case in cases}
    wrong: List[str] = []
    for user in users:
        if not isinstance(user, Sender):
            continue
        numbers = list(user.confirmed.values())
        if len(set(numbers)) != len(numbers):
            wrong.append(f"{user.name}: one number was given for two cases: {numbers}")
        wrong += [f"{user.name}: case {number} is not there" for number in numbers if number not in there]
        own = {there[number].conversation for number in numbers if number in there}
        if len(own) > 1:
            wrong.append(f"{user.name}: cases of several conversations: {numbers}")
        sent = [case.number for case in cases if case.conversation in own]
        if len(sent) > len(set(user.begun)):
            wrong.append(f"{user.name}: wanted {len(set(user.begun))} cases, and {sent} are there")
    return wrong


def _messages(world: "World", users: Sequence[User]) -> List[str]:
    """Return which users saw what the log does not have, in the same order, or got what is not theirs."""
    wrong: List[str] = []
    for user in users:
        seen = user.talk.seen
        wrong += [f"{user.name}: {what}" for what in ("number missing", "words of somebody else") if seen.get(what)]
        try:
            log = world.running.chat(user.talk.token).history()
        except (requests.RequestException, KeyError) as error:
            wrong.append(f"{user.name}: the log cannot be read ({type(error).__name__})")
            continue
        if [message["id"] for message in log] != list(range(1, len(log) + 1)):
            wrong.append(f"{user.name}: a number is missing in the log")
        kept = [(message["author"], message["text"]) for message in log]
        if kept[: len(user.talk.texts)] != user.talk.texts:
            wrong.append(f"{user.name}: saw {len(user.talk.texts)} messages, and the log has others")
    return wrong


def _delivered(world: "World", cases: Sequence[Case]) -> List[str]:
    """Return which cases have not reached the desk exactly once; waits for the deliverer."""
    until = time.monotonic() + DELIVERY_SECONDS
    wanted = {case.key for case in cases}
    while time.monotonic() < until and not wanted <= {ticket.key for ticket in world.desk.tickets}:
        time.sleep(LOOK_SECONDS)
    there = Counter(ticket.key for ticket in world.desk.tickets)
    return [f"{case.number} is at the desk {there[case.key]} times" for case in cases if there[case.key] != 1]
