"""The key that signs chat sessions and makes the codes of cases."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

KEY_LENGTH = 48


def read_or_make_key(configured: str, data_dir: Path) -> str:
    """Return the configured key, or the one kept in ``data_dir``, made on first use and readable by the owner only."""
    if configured:
        return configured
    path = data_dir / "secret"
    data_dir.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size < KEY_LENGTH:
        path.unlink()  # Not written to its end, because the disk was full.
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=data_dir, encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(KEY_LENGTH))
            file.flush()
            with contextlib.suppress(FileExistsError):  # Another process made one meanwhile; that one counts.
                os.link(file.name, path)
    return path.read_text(encoding="utf-8")
