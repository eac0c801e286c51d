"""From the runs of guides before and after an action to what is counted of them."""

from __future__ import annotations

from typing import Iterable

from lotsen.guides.run import GuideRun
from lotsen.observability import metrics


def count_walked(before: Iterable[GuideRun], changed: Iterable[GuideRun]) -> None:
    """Count the steps that were left and the runs that have ended; ``before``: all runs as the action found them.

    Steps that are taken back with *tillbaka* were counted when they were left, and are counted again.
    """
    known = {run.id: run for run in before}
    for run in changed:
        old = known.get(run.id)
        for step in run.outcomes[len(old.outcomes) if old is not None else 0 :]:
            metrics.step_left(step.guide, step.outcome.value)
        if not run.active and (old is None or old.active):
            metrics.guide_ended(run.guide, run.status.value)
