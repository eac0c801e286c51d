"""What the present model makes of questions, kept in the database so that each wording is read once.

Embeddings of two models cannot be compared. Which model answers is told by how it reads one fixed sentence; what other
models had read is thrown away. Of a wording only its hash is kept.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lotsen.channels.parse_wire import Read
from lotsen.desk.errors import Unavailable
from lotsen.desk.reading.understanding import Understanding
from lotsen.storage.database import create_tables, insert_if_new

PROBE = "Hur loggar jag in i Stöd och behandling?"
MAX_NEW = 200
"""So many wordings are read for one page: some seconds, in which the model answers users, too."""
SHOWN = 3
"""So many of the nearest questions are kept."""
CHUNK = 500
_FLOAT = "<f4"

_metadata = sa.MetaData()
_table = sa.Table(
    "asked_readings",
    _metadata,
    sa.Column("text", sa.String(64), primary_key=True),
    sa.Column("model", sa.String(64), nullable=False, index=True),
    sa.Column("nearest", sa.Text, nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),
)


@dataclass(frozen=True)
class Nearest:
    """An intent that the model finds likely; ``title`` is empty for what is no question of the FAQ."""

    id: str
    title: str
    certainty: float


@dataclass(frozen=True)
class Reading:
    """What the model makes of a wording."""

    nearest: Tuple[Nearest, ...]
    vector: np.ndarray[Any, Any]
    """The sentence embedding; empty if the text has no words."""


@dataclass(frozen=True)
class Found:
    """The readings of some wordings, and how many have none yet."""

    readings: Dict[str, Reading]
    missing: int
    answers: bool = True
    """Whether the model could be asked."""


class Readings:
    """The readings of the present model."""

    def __init__(self, engine: Engine, understanding: Understanding) -> None:
        """Use ``engine``; makes the table if it is not there."""
        self._engine, self._understanding = engine, understanding
        create_tables(engine, _metadata)

    def of(self, texts: Sequence[str], more: int = MAX_NEW) -> Found:
        """Return what is known of these wordings; reads ``more`` of those that are new, the first ones.

        When the model cannot be asked, what it said before is all there is.
        """
        hashes = {text: _hash(text) for text in texts}
        if not hashes:
            return Found({}, 0)
        try:
            model = _model(self._understanding.read([PROBE])[0])
            known = self._known(hashes, model)
            new = [text for text in hashes if text not in known][:more]
            read = self._understanding.read(new) if new else []
        except Unavailable:
            known = self._known(hashes, None)
            return Found(known, len(hashes) - len(known), answers=False)
        found = {text: _reading(one) for text, one in zip(new, read, strict=True)}
        self._keep({hashes[text]: reading for text, reading in found.items()}, model)
        return Found({**known, **found}, len(hashes) - len(known) - len(found))

    def _known(self, hashes: Dict[str, str], model: str | None) -> Dict[str, Reading]:
        """Return what is kept; ``model`` None: whichever model read it, as there is only one."""
        by_hash: Dict[str, Reading] = {}
        wanted = list(hashes.values())
        with self._engine.connect() as connection:
            for start in range(0, len(wanted), CHUNK):
                mine = _table.c.text.in_(wanted[start : start + CHUNK])
                query = sa.select(_table).where(mine if model is None else mine & (_table.c.model == model))
                by_hash.update({row.text: _unpack(row) for row in connection.execute(query)})
        return {text: by_hash[name] for text, name in hashes.items() if name in by_hash}

    def _keep(self, readings: Dict[str, Reading], model: str) -> None:
        """Keep readings, and throw away those of other models."""
        with self._engine.begin() as connection:
            connection.execute(_table.delete().where(_table.c.model != model))
            for name, reading in readings.items():
                nearest = json.dumps([[n.id, n.title, n.certainty] for n in reading.nearest], ensure_ascii=False)
                vector = reading.vector.tobytes()
                insert_if_new(connection, _table, {"text": name, "model": model, "nearest": nearest, "vector": vector})


def _hash(text: str) -> str:
    """Return what a wording is known by."""
    return hashlib.sha256(text.encode()).hexdigest()


def _model(probe: Read) -> str:
    """Return a name for the model that read the fixed sentence so."""
    said: List[Any] = [probe.vector, [[guess.id, guess.certainty] for guess in probe.ranking]]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _reading(read: Read) -> Reading:
    """Return what is kept of what the model said."""
    nearest = tuple(Nearest(guess.id, guess.title, guess.certainty) for guess in read.ranking[:SHOWN])
    return Reading(nearest, np.asarray(read.vector, dtype=_FLOAT))


def _unpack(row: Any) -> Reading:
    """Turn a row into a reading."""
    nearest = tuple(Nearest(id, title, share) for id, title, share in json.loads(row.nearest))
    return Reading(nearest, np.frombuffer(row.vector, dtype=_FLOAT))
