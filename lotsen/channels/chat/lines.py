"""Which conversations the support desk has now, and in which a user is about to answer it: one SQL table.

A line changes only in a transaction that has first written a message to the conversation's log. Numbers there are
unique, so of two such transactions the second sees what the first has done: no message is both the desk's and Rasa's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lotsen.channels.opened import OPENED
from lotsen.storage.database import UtcDateTime

TAKEN, ANSWERING = "taken", "answering"
ANSWER, LET_BE = "/answer_case", "/let_answer_be"
"""How payloads begin that never reach Rasa: the user wants to answer the desk, or not any more."""

metadata = sa.MetaData()
table = sa.Table(
    "desk_lines",
    metadata,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("case_id", sa.Integer, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("agent", sa.String(255), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("touched", UtcDateTime, nullable=False, index=True),
    sa.Column("opened", sa.Integer, nullable=False),
)
_MINE = table.c.conversation == sa.bindparam("of")
_ROW = sa.select(table).where(_MINE)
_DROP = table.delete().where(_MINE)


@dataclass(frozen=True)
class Line:
    """One conversation between a user and the desk."""

    conversation: str
    channel: str
    case: int
    state: str
    """``taken``: the desk has the conversation; ``answering``: the next thing that the user writes is for the desk."""
    agent: str
    """The id of who has it, and their name; both empty while the user is answering."""
    name: str
    since: datetime
    touched: datetime
    """When the agent last said something, or the line was opened."""
    opened: int
    """The number of the message with which it began: what could be chosen then can be chosen again afterwards."""

    @property
    def taken(self) -> bool:
        """Tell whether the desk has the conversation, so that Lotsen is silent."""
        return self.state == TAKEN


def answer_payload(case: int) -> str:
    """Return the payload of the button with which a user answers the desk about a case."""
    return f"{ANSWER}{json.dumps({OPENED: str(case)})}"


def case_of(payload: str) -> int:
    """Return the case that such a payload names."""
    return int(json.loads(payload[len(ANSWER) :])[OPENED])


def line_in(connection: Connection, conversation: str) -> Optional[Line]:
    """Return a conversation's line, as the caller's transaction sees it; None if it has none."""
    row = connection.execute(_ROW, {"of": conversation}).first()
    return read_line(row) if row is not None else None


def read_line(row: sa.engine.Row) -> Line:
    """Turn a row into a line."""
    return Line(
        row.conversation, row.channel, row.case_id, row.state, row.agent, row.name, row.since, row.touched, row.opened
    )


def write_line(connection: Connection, line: Line) -> None:
    """Keep a line, in place of one that the conversation had."""
    drop_line(connection, line.conversation)
    connection.execute(
        table.insert().values(
            conversation=line.conversation,
            channel=line.channel,
            case_id=line.case,
            state=line.state,
            agent=line.agent,
            name=line.name,
            since=line.since,
            touched=line.touched,
            opened=line.opened,
        )
    )


def drop_line(connection: Connection, conversation: str) -> bool:
    """Take a conversation's line away; tell whether there was one."""
    return bool(connection.execute(_DROP, {"of": conversation}).rowcount)
