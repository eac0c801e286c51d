"""What actions share: the content and the case store, opened when first needed."""

from __future__ import annotations

from functools import lru_cache

from lotsen.cases.store import CaseStore
from lotsen.content.catalogue import Content, load_content
from lotsen.settings import CONTENT, Settings
from lotsen.storage.database import open_engine


@lru_cache(maxsize=1)
def content() -> Content:
    """Return the content of ``data/``, read once in the life of the action server."""
    return load_content(CONTENT)


@lru_cache(maxsize=1)
def case_store() -> CaseStore:
    """Return the case store, opened once in the life of the action server."""
    return CaseStore(open_engine(Settings.read().database_url))
