"""What every channel looks for beside its messages: times that are up, news of cases and disturbances, idle desks."""

from __future__ import annotations

import time
from functools import partial
from typing import Any, Awaitable, Callable, Coroutine, List

from lotsen.cases.history import History
from lotsen.channels.chat.desk_line import DeskLine
from lotsen.dialogue import case_news, disturbance_news
from lotsen.dialogue.timers import Timers, watch
from lotsen.dialogue.watching import keep_looking
from lotsen.disturbances.audience import Audience

EXPIRED_SECONDS = 2.0
"""How often lines of the support desk are looked for that nobody uses any more."""
TIME_IS_UP = "action_guide_time_is_up"


def watchers(
    channel: str,
    timers: Timers,
    history: History,
    audience: Audience,
    run: Callable[[str, str], Awaitable[None]],
    lines: DeskLine,
    told: Callable[[str], Awaitable[None]],
) -> List[Coroutine[Any, Any, None]]:
    """Return what must be awaited while the channel is open.

    ``run`` runs an action in a conversation; ``told`` hears of one in which something was said without.
    """
    return [
        watch(timers, channel, time.time, partial(run, TIME_IS_UP)),
        case_news.watch_news(history, channel, partial(run, case_news.ACTION)),
        disturbance_news.watch_disturbances(audience, channel, partial(run, disturbance_news.ACTION)),
        keep_looking("Lines of the desk", partial(lines.take_expired, channel), told, EXPIRED_SECONDS),
    ]
