"""How a step is presented: its number, and the payload behind each reply's button."""

from __future__ import annotations

from typing import Mapping

from lotsen.guides.model import Reply
from lotsen.guides.walker import Prompt

PAYLOADS: Mapping[Reply, str] = {
    Reply.DONE: "/next_step",
    Reply.SOLVED: "/solved",
    Reply.FAILED: "/problem_persists",
    Reply.SKIP: "/deny",
    Reply.BACK: "/go_back",
    Reply.REPEAT: "/repeat",
    Reply.RESTART: "/restart_guide",
    Reply.STOP: "/stop",
}


def heading(shown: Prompt) -> str:
    """Return "Steg 2 av 4", with the included guide's own number after it; empty for an end without a number."""
    if shown.number is None:
        return ""
    outer = "".join(f"Steg {number} av {total} · " for _, number, total in shown.within)
    if outer:
        return f"**{outer}{shown.title}, steg {shown.number} av {shown.total}**"
    return f"**Steg {shown.number} av {shown.total}**"
