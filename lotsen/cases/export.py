"""A case as others read it: one JSON document, described by ``docs/case.schema.json``."""

from __future__ import annotations

from typing import Any, Dict, Optional

from lotsen.cases.case import NUMBER_FORMAT
from lotsen.cases.store import Case


def case_document(case: Case, parent: Optional[Case] = None) -> Dict[str, Any]:
    """Return the whole case; ``parent`` is the case that it is added to."""
    return {
        "number": case.number,
        "key": case.key,
        "created": case.created.isoformat(timespec="seconds"),
        "channel": case.channel,
        "conversation": case.conversation,
        "parent_number": parent.number if parent else (NUMBER_FORMAT.format(case.parent) if case.parent else None),
        **case.draft.to_json(),
    }
