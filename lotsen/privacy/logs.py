"""Masking of what is logged: the last layer, for what nobody thought of.

Both are put on every handler and into structlog by ``lotsen/observability/logs.py``. They never stop a line: what
cannot be masked is left out.
"""

from __future__ import annotations

import logging
from typing import Any, Mapping, MutableMapping

from structlog.processors import format_exc_info

from lotsen.privacy.layers import Layer, mask_transcript_at

UNREADABLE = "[oläsbart]"
"""Stands for what could not be turned into text, and so not be masked."""
_OWN = frozenset({*vars(logging.LogRecord("", 0, "", 0, "", (), None)), "message", "asctime", "taskName"})
"""What every record has; all else was added by who logged."""
_NOT_TEXT = (float, bool, type(None))


class MaskingFilter(logging.Filter):
    """Masks a record before a handler writes it: its message with the arguments in it, its exception, added fields.

    A filter of one handler changes the record that the other handlers get, too.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Change ``record`` in place; always True."""
        if isinstance(record.msg, Mapping):  # Structlog's, before its formatter has written it.
            record.msg = _masked(record.msg)
        else:
            record.msg, record.args = _masked(_message(record)), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = _traceback(record)
        if record.exc_text:
            record.exc_text, record.exc_info = _masked(record.exc_text), None  # A formatter would write it anew.
        if record.stack_info:
            record.stack_info = _masked(record.stack_info)
        for name in record.__dict__.keys() - _OWN:
            if not name.startswith("_"):  # Structlog's own, which no line shows.
                record.__dict__[name] = _masked(record.__dict__[name])
        return True


def masking_processor(logger: Any, name: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask every value of a structlog event, its exception too, which is written out here. Before the renderer."""
    written = format_exc_info(logger, name, event_dict)
    for key, value in list(written.items()):
        if not key.startswith("_"):
            written[key] = _masked(value)
    return written


def _message(record: logging.LogRecord) -> str:
    """Return what the record says; without its arguments if they do not fit."""
    try:
        return record.getMessage()
    except Exception:
        return f"{record.msg} (with arguments that do not fit)"


def _traceback(record: logging.LogRecord) -> str:
    """Return the exception as a formatter writes it."""
    try:
        return logging.Formatter().formatException(record.exc_info)  # type: ignore[arg-type]
    except Exception:
        return UNREADABLE


def _masked(value: Any) -> Any:
    """Return a value masked: plain data as such, all else as what a formatter would write of it."""
    if isinstance(value, _NOT_TEXT):
        return value
    if isinstance(value, Mapping):
        return {_masked(key): _masked(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_masked(part) for part in value]
    try:
        text = value if isinstance(value, str) else str(value)
        masked = mask_transcript_at(Layer.LOG, text)
    except Exception:
        return UNREADABLE
    return value if isinstance(value, int) and masked == text else masked
