"""Logging of every process: masked, as text or JSON, with the turn id.

All goes through Python's own logging to one handler on standard error; ``lotsen up`` copies that to the log files.
Rasa logs with structlog, whose events are handed on to the same handler.
"""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from types import TracebackType
from typing import Any, List, MutableMapping, Optional, Type

from lotsen.observability import metrics
from lotsen.observability.log_lines import JsonLines, TextLines, TurnFilter
from lotsen.privacy.logs import MaskingFilter, masking_processor
from lotsen.settings import Settings

TALKATIVE = ("lotsen", "actions", "rasa", "rasa_sdk", "uvicorn")
"""Loggers whose ordinary news is kept; of all others only warnings and errors. Nobody's debug lines are."""
SPOKEN = frozenset(
    {
        *("text", "response_text", "user_text", "token_text", "user_message", "message", "response", "json_message"),
        *("slot_values", "prefilled_slots", "slot_candidates", "successes", "parse_data_text", "parse_data_entities"),
        *("prediction_events", "tracker_latest_message", "rasa_event", "rasa_events", "tracker_states", "states"),
        *("current_states", "old_states", "entity", "current_entity", "next_entity", "new_events", "events"),
    }
)
"""What Rasa's events carry that users have said. It is left out: numbers can be masked, names cannot."""


def configure(process: str, settings: Settings) -> None:
    """Send this process's logs, Rasa's structlog too, to standard error in the format that the settings name.

    Replaces what was configured before, also by Rasa and by servers. What would be printed when a thread or the
    process ends with an error is logged instead.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(process) if settings.log_format == "json" else TextLines())
    for one in (MaskingFilter(), TurnFilter()):
        handler.addFilter(one)
    # Nobody reads where in the code, and in which thread, a line was written; finding out costs a third of it.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    root = logging.getLogger()
    for logger in (root, *_loggers()):
        for old in list(logger.handlers):
            logger.removeHandler(old)
        if logger is not root:
            logger.propagate = True
            logger.setLevel(logging.NOTSET)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.getLogger("rasa_sdk.executor").setLevel(logging.WARNING)  # It tells of each action at each start.
    logging.captureWarnings(True)
    warnings.simplefilter("ignore", DeprecationWarning)  # For who pins the packages, not for an operator.
    sys.excepthook = _log_end
    threading.excepthook = _log_thread
    _configure_structlog()
    metrics.started(process)


def _loggers() -> List[logging.Logger]:
    """Return all loggers that are there by now."""
    return [one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger)]


def _configure_structlog() -> None:
    """Hand the events of structlog to Python's logging."""
    import structlog

    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.dev.set_exc_info,
            _without_words,
            masking_processor,
            _to_logging,
        ],
        context_class=dict,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def _without_words(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Leave out what users have said."""
    return {name: value for name, value in event.items() if name not in SPOKEN}


def _to_logging(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return an event as the arguments of a logger's method; Rasa says under ``event_info`` what people read."""
    name = event.pop("event", "")
    told = {part: event.pop(part) for part in ("exc_info", "stack_info") if part in event}
    said = event.pop("event_info", None)
    fields = {key: value for key, value in event.items() if isinstance(value, (str, int, float, bool))}
    if said is not None:
        fields["event"] = name
    return {"msg": str(name if said is None else said), "extra": {"fields": fields}, **told}


def _log_end(kind: Type[BaseException], error: BaseException, trace: Optional[TracebackType]) -> None:
    """Log the error that ends the process."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("lotsen").critical("The process ends with an error.", exc_info=(kind, error, trace))


def _log_thread(ended: threading.ExceptHookArgs) -> None:
    """Log the error that ends a thread."""
    if ended.exc_value is None or issubclass(ended.exc_type, SystemExit):
        return
    about = (ended.exc_type, ended.exc_value, ended.exc_traceback)
    logging.getLogger("lotsen").error("A thread ended with an error.", exc_info=about)
