"""How answers were rated, kept for who owns the content. A rating outlives its conversation, without a tie to it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Callable, Dict, List

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from lotsen.clock import utc_now
from lotsen.privacy.line import masked_line
from lotsen.privacy.masking import mask_transcript
from lotsen.storage.database import UtcDateTime, create_tables

UP, DOWN = "up", "down"
MAX_COMMENT = 500
"""Characters."""

_metadata = sa.MetaData()
_ratings = sa.Table(
    "feedback",
    _metadata,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("message", sa.Integer, primary_key=True),
    sa.Column("answer", sa.String(100), nullable=False),
    sa.Column("rating", sa.String(4), nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Index("feedback_created", "created"),
)


@dataclass(frozen=True)
class Rating:
    """One rating of an answer, by the answer's id."""

    answer: str
    rating: str
    comment: str
    created: datetime


class FeedbackStore:
    """The ratings of all conversations."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        """Use ``engine``; makes the table if it is not there."""
        self._engine, self._clock = engine, clock
        create_tables(engine, _metadata)

    def record(self, conversation: str, message: int, answer: str, rating: str, comment: str = "") -> None:
        """Keep a rating in place of an earlier one of the message; an earlier comment stays unless one is given.

        The comment becomes one line, masked as a transcript, and is cut after ``MAX_COMMENT``.

        Raises:
            ValueError: if ``rating`` is neither ``UP`` nor ``DOWN``.
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be written.
        """
        if rating not in (UP, DOWN):
            raise ValueError(f"A rating is {UP} or {DOWN}, not {rating!r}.")
        said = masked_line(comment, MAX_COMMENT, mask_transcript)
        values = {"answer": answer, "rating": rating, **({"comment": said} if said else {})}
        mine = (_ratings.c.conversation == conversation) & (_ratings.c.message == message)
        try:
            with self._engine.begin() as connection:
                if connection.execute(_ratings.update().where(mine).values(**values)).rowcount:
                    return
                first = {"comment": "", **values, "created": self._clock()}
                connection.execute(_ratings.insert().values(conversation=conversation, message=message, **first))
        except IntegrityError:  # A second press that was quicker.
            with self._engine.begin() as connection:
                connection.execute(_ratings.update().where(mine).values(**values))

    def ratings(self, conversation: str) -> Dict[int, str]:
        """Return how the messages of a conversation were rated."""
        mine = sa.select(_ratings.c.message, _ratings.c.rating).where(_ratings.c.conversation == conversation)
        with self._engine.connect() as connection:
            return {row.message: row.rating for row in connection.execute(mine)}

    def forget(self, conversation: str) -> None:
        """Cut the tie between ratings and their conversation; they still count."""
        mine = _ratings.c.conversation == conversation
        with self._engine.begin() as connection:
            connection.execute(_ratings.update().where(mine).values(conversation=f"ended-{secrets.token_hex(16)}"))

    def since(self, when: datetime) -> List[Rating]:
        """Return the ratings given since ``when``, oldest first."""
        wanted = sa.select(_ratings).where(_ratings.c.created >= when).order_by(_ratings.c.created, _ratings.c.message)
        with self._engine.connect() as connection:
            rows = connection.execute(wanted).all()
        return [Rating(row.answer, row.rating, row.comment, row.created) for row in rows]
