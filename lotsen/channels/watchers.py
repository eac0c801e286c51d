"""What every channel looks for beside its messages: times that are up, news of cases, disturbances that are over."""

from __future__ import annotations

import time
from functools import partial
from typing import Any, Awaitable, Callable, Coroutine, List

from lotsen.cases.history import History
from lotsen.dialogue import case_news, disturbance_news
from lotsen.dialogue.timers import Timers, watch
from lotsen.disturbances.audience import Audience

TIME_IS_UP = "action_guide_time_is_up"


def watchers(
    channel: str, timers: Timers, history: History, audience: Audience, run: Callable[[str, str], Awaitable[None]]
) -> List[Coroutine[Any, Any, None]]:
    """Return what must be awaited while the channel is open; ``run`` runs an action in a conversation."""
    return [
        watch(timers, channel, time.time, partial(run, TIME_IS_UP)),
        case_news.watch_news(history, channel, partial(run, case_news.ACTION)),
        disturbance_news.watch_disturbances(audience, channel, partial(run, disturbance_news.ACTION)),
    ]
