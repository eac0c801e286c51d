"""Which intents are refusals. On its own, so that checking the content need not wait for Rasa to be imported."""

from __future__ import annotations

OUT_OF_SCOPE = "out_of_scope"


def is_out_of_scope(intent: str) -> bool:
    """Tell whether ``intent`` is a refusal (its name begins with ``out_of_scope``)."""
    return intent.startswith(OUT_OF_SCOPE)
