"""Disturbances as the desk shows them: with titles, the words that users read, and times as people write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Mapping, Optional, Sequence, Tuple

from markupsafe import Markup

from lotsen.content.catalogue import Content
from lotsen.desk.charts.figures import Chart, Figure, Series, bars
from lotsen.desk.services import Desk
from lotsen.disturbances.forming import Frame, Span, Trouble
from lotsen.disturbances.notices import Notice, Notices, Source
from lotsen.disturbances.reach import Reach, reach_of
from lotsen.guides.lettering import rendered
from lotsen.guides.telling import Teller
from lotsen.privacy.masking import mask

SPANS = {"hours": Span.HOURS, "days": Span.DAYS}
"""What a page may be asked for (``?span=``); the first is the usual one."""
MAX_WORDS = 500
"""Characters of an own text: users read it before anything else."""
DAYS = 366
"""So long a notice may last; one that is forgotten must end some day."""
_USUAL_LENGTH = timedelta(hours=2)
_FIELD = "%Y-%m-%dT%H:%M"


class BadTime(ValueError):
    """A time that cannot be used; its text says why: ``missing``, ``unreadable``, ``past`` or ``far``."""


@dataclass(frozen=True)
class Titled:
    """An active notice with what it is about, in words."""

    id: int
    kind: str
    title: str
    since: datetime


@dataclass(frozen=True)
class Shown:
    """A notice with all that the page says of it."""

    notice: Notice
    title: str
    reach: Reach
    words: Markup
    """As users read it."""


def title_of(content: Content, kind: str) -> str:
    """Return what a kind of trouble is called; its id if the content has it no more."""
    if kind in content.guides:
        return content.guides[kind].title
    return content.questions[kind].title if kind in content.questions else kind


def active_notices(notices: Notices, content: Content) -> Tuple[Titled, ...]:
    """Return the disturbances that go on now, the oldest first: what a case can be linked to."""
    return tuple(
        Titled(notice.id, notice.kind, title_of(content, notice.kind), notice.created)
        for notice in notices.all(active_only=True)
    )


def shown(desk: Desk, notices: Sequence[Notice]) -> Tuple[Shown, ...]:
    """Return notices as pages show them."""
    reach = reach_of(desk.engine, notices) if notices else {}
    return tuple(
        Shown(
            notice,
            title_of(desk.content, notice.kind),
            reach[notice.id],
            rendered(words_for_users(desk.content, notice.text)),
        )
        for notice in notices
    )


def words_for_users(content: Content, text: str) -> str:
    """Return what the chat says of a disturbance before the guide begins, with an operator's own words or the usual."""
    teller, own = Teller(content.texts, content.targets), mask(text.strip())
    return (teller.say("disturbance_worded", text=own) if own else teller.say("disturbance")).text


def words_when_over(content: Content, kind: str) -> str:
    """Return what the chat says once a disturbance is lifted; nothing for a guide that is gone, as the chat does."""
    guide = content.guides.get(kind)
    return (
        "" if guide is None else Teller(content.texts, content.targets).say("disturbance_over", title=guide.title).text
    )


def written_time(at: datetime, zone: tzinfo) -> str:
    """Return a time as a browser's field for local times has it."""
    return at.astimezone(zone).strftime(_FIELD)


def read_time(written: str, zone: tzinfo, now: datetime) -> datetime:
    """Read a local time, with a T or a space between day and hour, as UTC.

    Raises:
        BadTime: if it is none, is past, or is more than ``DAYS`` ahead.
    """
    if not written.strip():
        raise BadTime("missing")
    try:
        local = datetime.strptime(written.strip().replace(" ", "T")[:16], _FIELD).replace(tzinfo=zone)
        at = local.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        raise BadTime("unreadable") from None
    if at <= now:
        raise BadTime("past")
    if at > now + timedelta(days=DAYS):
        raise BadTime("far")
    return at


def suggested_end(notice: Optional[Notice], now: datetime) -> datetime:
    """Return the end that a form begins with: what an operator said, or the half hour after the usual length."""
    if notice is not None and notice.source is Source.OPERATOR:
        return notice.ends
    later, half = now + _USUAL_LENGTH, timedelta(minutes=30)
    return later + (half - timedelta(seconds=later.timestamp() % half.total_seconds()))


def changed_since(seen: str, now: Optional[Notice]) -> Tuple[str, ...]:
    """Return what has changed in a notice since it was shown: names for the page; nothing if it is as it was.

    ``seen`` is the ``Notice.version`` of then, empty if there was none.
    """
    if now is None:
        return ("ended",) if seen else ()
    before, after = seen.split("."), now.version.split(".")
    if not seen:
        return ("new",)
    if len(before) != len(after) or before[0] != after[0]:
        return ("another",)
    return tuple(
        name for name, old, new in zip(("source", "words", "end"), before[1:], after[1:], strict=True) if old != new
    )


def trouble_figure(trouble: Trouble, frame: Frame, title: str, zone: tzinfo, names: Mapping[str, str]) -> Figure:
    """Return the chart of one kind. ``names`` has the words for ``cases``, ``runs``, ``usual``, ``unit``, ``over``."""
    usual = Series(names["usual"], trouble.usual) if trouble.usual is not None else None
    series = (Series(names["cases"], trouble.cases), Series(names["runs"], trouble.runs))
    chart = Chart(title, _points(frame, zone), series, unit=names["unit"], over=names["over"], at_least=5, marks=usual)
    return bars(chart, stacked=True)


def _points(frame: Frame, zone: tzinfo) -> Tuple[str, ...]:
    """Return what stands under each part: the time; with the day where the frame has several."""
    starts = [start.astimezone(zone) for start in frame.starts]
    if frame.part < timedelta(hours=1):
        return tuple(f"{start:%H:%M}" for start in starts)
    return tuple(f"{start.day}/{start.month} {start:%H:%M}" for start in starts)
