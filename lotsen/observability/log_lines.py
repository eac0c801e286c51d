"""What a line of a log looks like: text that people read, or JSON for what collects logs. One record is one entry.

Values that come from outside cannot begin a line of their own: JSON escapes them, in text each further line of an
entry is indented and signs that a terminal would obey are written out.
"""

from __future__ import annotations

import logging
import re
from datetime import datetime, timezone
from typing import Any, Dict, List

from pythonjsonlogger.json import JsonFormatter

from lotsen.observability import turn_id

INDENT = "    "
_EXCEPTION = "exception"
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u2028-\u202e\u2066-\u2069]")


class TurnFilter(logging.Filter):
    """Puts the id of the turn at hand on each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        record.turn = turn_id.current()
        return True


class TextLines(logging.Formatter):
    """Lines such as ``2026-11-27 08:00:00,123 ERROR lotsen.channels.turn [4f1c…]: A turn failed.``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the entry; its second line and those after it are indented."""
        turn = getattr(record, "turn", "")
        about = f"{self.formatTime(record)} {record.levelname} {record.name}{f' [{turn}]' if turn else ''}"
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items())
        lines = [f"{about}: {record.getMessage()}{fields}", *_exception(self, record)]
        if record.stack_info:
            lines.append(self.formatStack(record.stack_info))
        whole = "\n".join(lines).replace("\r\n", "\n")
        return _UNSEEN.sub(_written_out, whole).rstrip().replace("\n", f"\n{INDENT}")


class JsonLines(JsonFormatter):
    """One object a line: time (UTC), level, logger, process, turn, message, and exception if there is one."""

    def __init__(self, process: str) -> None:
        """``process`` is the name of this process in every line."""
        super().__init__(json_ensure_ascii=False)
        self._process = process

    def add_fields(self, log_data: Dict[str, Any], record: logging.LogRecord, message_dict: Dict[str, Any]) -> None:
        """Fill in the object; what an event of structlog carries beside its text is under ``fields``."""
        at = datetime.fromtimestamp(record.created, timezone.utc)
        log_data.update(
            time=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            level=record.levelname,
            logger=record.name,
            process=self._process,
            turn=getattr(record, "turn", ""),
            message=record.getMessage(),
        )
        if _fields(record):
            log_data["fields"] = _fields(record)
        for exception in _exception(self, record):
            log_data["exception"] = exception
        if record.stack_info:
            log_data["stack"] = self.formatStack(record.stack_info)


def _fields(record: logging.LogRecord) -> Dict[str, Any]:
    """Return what an event of structlog carries beside its text and its exception."""
    return {name: value for name, value in getattr(record, "fields", {}).items() if name != _EXCEPTION}


def _exception(formatter: logging.Formatter, record: logging.LogRecord) -> List[str]:
    """Return the exception, if the record has one; the masking filter has written it down by then."""
    if record.exc_text:
        return [record.exc_text]
    if _EXCEPTION in getattr(record, "fields", {}):
        return [record.fields[_EXCEPTION]]  # type: ignore[attr-defined]
    return [formatter.formatException(record.exc_info)] if record.exc_info else []


def _written_out(found: re.Match[str]) -> str:
    r"""Return a sign that is not seen as it is written in Python: ``\x1b``."""
    return found[0].encode("unicode_escape").decode("ascii")
