"""Guides: step lists as data (``data/guides``), a loader that explains what is wrong, and a pure walker."""
