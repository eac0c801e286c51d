"""The tables of cases: what the user confirmed, how the desk has it, and the words that it is found by.

What orders and filters the queue stands in indexes of its own, so that no list reads a case that it does not show.
"""

from __future__ import annotations

import sqlalchemy as sa

from lotsen.storage.database import UtcDateTime

MAX_PROBLEM = 300
"""Characters of the problem that a list shows."""
MAX_UNIT = 120
MAX_TITLE = 200
MAX_GUIDE = 80
MAX_WORD = 40
"""A longer word is found by its beginning."""

metadata = sa.MetaData()

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("key", sa.String(64), nullable=False, unique=True),
    sa.Column("created", UtcDateTime, nullable=False, index=True),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("category", sa.String(80), nullable=False, server_default=""),
    sa.Column("parent", sa.Integer, index=True),
    # How the desk has it. Empty ``lane``: a case of an older Lotsen, to be filled in.
    sa.Column("lane", sa.String(10), nullable=False, server_default=""),
    sa.Column("live", sa.Integer, nullable=False, server_default="0"),
    sa.Column("level", sa.String(10), nullable=False, server_default=""),
    sa.Column("reasons", sa.String(200), nullable=False, server_default=""),
    sa.Column("due", UtcDateTime),
    sa.Column("due_from", UtcDateTime),
    sa.Column("changed", UtcDateTime),
    sa.Column("answered", sa.Integer, nullable=False, server_default="0"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("assignee", sa.String(255), nullable=False, server_default=""),
    sa.Column("assignee_name", sa.String(200), nullable=False, server_default=""),
    sa.Column("resolution", sa.String(20), nullable=False, server_default=""),
    sa.Column("merged_into", sa.Integer, index=True),
    sa.Column("notice", sa.Integer, index=True),
    sa.Column("guide", sa.String(MAX_GUIDE), nullable=False, server_default=""),
    sa.Column("unit", sa.String(MAX_UNIT), nullable=False, server_default=""),
    sa.Column("title", sa.String(MAX_TITLE), nullable=False, server_default=""),
    sa.Column("section", sa.String(MAX_TITLE), nullable=False, server_default=""),
    sa.Column("problem", sa.String(MAX_PROBLEM), nullable=False, server_default=""),
    sa.Column("body", sa.Text, nullable=False),
    # Each list in its order, with what it can be filtered by.
    sa.Index("cases_lane", "lane", "due", "id", "category", "guide", "unit", "channel"),
    sa.Index("cases_live", "live", "due", "id", "category", "guide", "unit", "channel"),
    sa.Index("cases_mine", "assignee", "live", "due", "id", "category", "guide", "unit", "channel"),
    sa.Index("cases_changed", "lane", "changed", "id", "category", "guide", "unit", "channel"),
    sa.Index("cases_category", "category", "live", "id"),
    sqlite_autoincrement=True,
)
_bytewise = sa.String(MAX_WORD).with_variant(sa.String(MAX_WORD, collation="C"), "postgresql")
"""Compared letter by letter, whatever the database's language, so that a beginning is a range."""
words = sa.Table(
    "case_words",
    metadata,
    sa.Column("word", _bytewise, primary_key=True),
    sa.Column("case_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Index("case_words_case", "case_id", "word"),
    sqlite_with_rowid=False,
)
CHOSEN = ("category", "guide", "unit", "channel")
"""The columns that the queue is filtered by."""
choices = sa.Table(
    "case_choices",
    metadata,
    # Each value that a case has or had in one of those columns, so that nobody looks through all cases for them.
    sa.Column("name", sa.String(10), primary_key=True),
    sa.Column("value", sa.String(MAX_TITLE), primary_key=True),
)
