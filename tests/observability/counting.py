"""A process that counts as one of Lotsen's: ``python -m tests.observability.counting NAME``; ends with its input."""

from __future__ import annotations

import sys

from lotsen.observability import metrics


def count(process: str) -> None:
    """Count one of everything."""
    metrics.started(process)
    metrics.turn("web", "answered", 0.07)
    metrics.turn_lost("web")
    for kind in ("answered", "guide", "suggested", "clarified", "refused", "handoff", "small_talk"):
        metrics.decided(kind)
    metrics.understood(0.01)
    metrics.acted("action_start_guide", 0.02, failed=True)
    metrics.saved(0.003)
    metrics.guide_ended("siths_card", "resolved")
    metrics.step_left("siths_card", "done")
    metrics.case_stored("it", "urgent")
    metrics.delivery_begun("webhook")
    metrics.delivered("webhook")
    metrics.delivery_failed("webhook", dead=True)
    metrics.masked("personnummer", "channel", 2)
    metrics.purged("cases", 3)
    metrics.refused("rasa", 429)
    metrics.sign_in_failed()
    metrics.lock_waited(0.2)
    metrics.redis_failed()
    metrics.restarted("rasa")
    metrics.spans_dropped(1)
    metrics.model_loaded("lotsen-0123456789ab.tar.gz")


def main() -> None:
    """Count, say so, and keep a stream open until the input ends."""
    count(sys.argv[1])
    with metrics.listening(sys.argv[1]):
        print("counted", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
