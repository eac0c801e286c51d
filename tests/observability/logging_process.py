"""A process that logs what tests want to see: ``python -m tests.observability.logging_process text|json``."""

from __future__ import annotations

import logging
import sys
import threading
import warnings

import structlog

from lotsen.observability import logs, turn_id
from lotsen.settings import Settings

NUMBER = "19121212-1212"
TURN = "0123456789abcdef"
FORGED = "2026-01-01 00:00:00,000 ERROR lotsen: forged"


def main() -> None:
    """Log, and end with an error that nobody catches."""
    logging.basicConfig(stream=sys.stdout)  # As a library does on its own.
    logging.getLogger("sanic.root").addHandler(logging.StreamHandler(sys.stdout))
    logs.configure("rasa", Settings.read({"LOTSEN_LOG_FORMAT": sys.argv[1]}))
    logger = logging.getLogger("lotsen.channels.turn")
    logger.info("Outside a turn.")
    turn_id.carry_on(TURN)
    logger.warning("Said %s", f"patient {NUMBER}\n{FORGED}\r\n\x1b[31m{FORGED}\u2028{FORGED}")
    try:
        raise ValueError(f"no {NUMBER}\n{FORGED}")
    except ValueError:
        logger.exception("Failed.")
        structlog.get_logger("rasa.core.processor").error("processor.failed", exc_info=True)
    event = {"event_info": "A slot of 100 %s was set", "text": "Moa Moasson", "slot": f"s\n{FORGED}", "count": 3}
    structlog.get_logger("rasa.core.processor").info("processor.slot", **event)
    structlog.get_logger("rasa.core.processor").debug("processor.debug")
    logging.getLogger("rasa.core").debug("debug")
    logging.getLogger("sanic.root").info("Goin' Fast")
    logging.getLogger("sanic.error").error("Sanic's error")
    warnings.warn("a warning", UserWarning, stacklevel=1)
    turn_id.carry_on(f"{TURN}\n{FORGED}")
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    raise RuntimeError(f"the end of {NUMBER}")


if __name__ == "__main__":
    main()
