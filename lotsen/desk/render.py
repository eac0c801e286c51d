"""Pages from templates: what every template may use, and how a page is answered."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Any, Callable, Mapping, Optional

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from ruamel.yaml import YAML
from starlette.responses import HTMLResponse

from lotsen.cases.case import NUMBER_FORMAT
from lotsen.clock import utc_now
from lotsen.desk.asked import Asked
from lotsen.desk.who import AUDITORS, FIGURES, LEADS, OWNERS, STAFF

HERE = Path(__file__).parent
STATIC = HERE / "static"
NO_STORE = {"Cache-Control": "no-store"}


class Pages:
    """The templates, and the sentences that Python says on pages (``texts.yml``)."""

    def __init__(self, zone: tzinfo, local: bool, clock: Callable[[], datetime] = utc_now) -> None:
        """Show times in ``zone``; ``local``: warn that the reserve account is on."""
        self._zone, self._clock = zone, clock
        self.texts: Mapping[str, str] = YAML(typ="safe").load((HERE / "texts.yml").read_text(encoding="utf-8"))
        self._env = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._env.filters.update(at=self.at, day=self.day, ago=self.ago, lasted=lasted, number=NUMBER_FORMAT.format)
        self._env.globals.update(
            say=self.say,
            static=static_url,
            STAFF=STAFF,
            LEADS=LEADS,
            OWNERS=OWNERS,
            FIGURES=FIGURES,
            AUDITORS=AUDITORS,
            local_on=local,
        )

    def say(self, name: str, **values: Any) -> str:
        """Return a sentence of ``texts.yml``."""
        return self.texts[name].format(**values)

    def page(self, asked: Optional[Asked], template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Return a page; ``asked`` is None for somebody who has not signed in."""
        written = self._env.get_template(template).render(asked=asked, **values)
        return HTMLResponse(written, status, headers=NO_STORE)

    def at(self, moment: datetime) -> str:
        """Return a moment as it is on the wall: the time today, the date too on other days."""
        local, now = moment.astimezone(self._zone), self._clock().astimezone(self._zone)
        if local.date() == now.date():
            return f"{local:%H:%M}"
        return f"{local:%Y-%m-%d %H:%M}"

    def day(self, moment: datetime) -> str:
        """Return the whole moment, for lists that span days."""
        return f"{moment.astimezone(self._zone):%Y-%m-%d %H:%M}"

    def ago(self, moment: datetime) -> str:
        """Return how long ago a moment was, or how far off it is."""
        return lasted((self._clock() - moment).total_seconds())


def lasted(seconds: float) -> str:
    """Return a length of time in the largest unit that says enough.

    >>> [lasted(s) for s in (20, 90, 5400, 200000)]
    ['under 1 min', '1 min', '1 h 30 min', '2 dygn']
    """
    minutes = int(abs(seconds) // 60)
    if minutes < 1:
        return "under 1 min"
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{timedelta(hours=hours).days} dygn"


@cache
def static_url(name: str) -> str:
    """Return the address of a file in ``static``; it changes with the file, so browsers may keep it."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"
