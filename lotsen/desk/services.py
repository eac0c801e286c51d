"""Everything that the desk's pages use, opened once when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Mapping, Optional, Tuple

from sqlalchemy.engine import Engine
from starlette.responses import HTMLResponse, RedirectResponse, Response

from lotsen.audit.log import AuditLog
from lotsen.cases.due import counting, due_minutes
from lotsen.cases.hours import DeskHours, read_hours
from lotsen.cases.queue import Queue
from lotsen.cases.store import CaseStore
from lotsen.cases.work import Work
from lotsen.channels.chat.desk_line import DeskLine
from lotsen.channels.live import Presence, open_desk_line
from lotsen.channels.parse_wire import token_of
from lotsen.content.catalogue import Content, load_content
from lotsen.desk.access.config import TriageConfig, read_triage
from lotsen.desk.access.sessions import Sessions
from lotsen.desk.asked import Asked
from lotsen.desk.changes import Changes
from lotsen.desk.reading.understanding import Understanding
from lotsen.desk.render import Pages
from lotsen.disturbances.audience import Audience
from lotsen.disturbances.notices import Notices
from lotsen.feedback.store import FeedbackStore
from lotsen.outcomes.records import RunRecords
from lotsen.service_desks.config import Route, read_routes
from lotsen.settings import CONTENT, Settings
from lotsen.storage.database import open_engine
from lotsen.storage.secret import read_or_make_key


@dataclass(frozen=True)
class Desk:
    """The stores and the content behind the pages."""

    config: TriageConfig
    settings: Settings
    engine: Engine
    content: Content
    sessions: Sessions
    audit: AuditLog
    cases: CaseStore
    queue: Queue
    work: Work
    line: DeskLine
    presence: Presence
    notices: Notices
    audience: Audience
    records: RunRecords
    feedback: FeedbackStore
    understanding: Understanding
    routes: Tuple[Route, ...]
    """The service desks that cases can be forwarded to."""
    hours: DeskHours
    changes: Changes
    pages: Pages

    @property
    def zone(self) -> tzinfo:
        """Return the time zone of what people read and write."""
        return self.hours.zone

    @property
    def secure(self) -> bool:
        """Tell whether browsers reach the desk by https."""
        return self.config.secure

    def render(self, asked: Asked, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Answer with a page."""
        return self.pages.page(asked, template, status, **values)

    def say(self, name: str, **values: Any) -> str:
        """Return a sentence of ``texts.yml``."""
        return self.pages.say(name, **values)

    def redirect(self, asked: Asked, to: str, flash: str = "", **values: Any) -> Response:
        """Answer a change with the page to go to; ``flash`` names a sentence that is shown there once."""
        if flash:
            self.sessions.say(asked.token, self.say(flash, **values))
        return RedirectResponse(to, 303)


def open_desk(settings: Settings, environment: Mapping[str, str], content: Optional[Content] = None) -> Desk:
    """Open everything, and fill in how the desk has cases of an older Lotsen. ``content`` is read if it is not given.

    Raises:
        SettingError: if a setting cannot be used.
        ContentError: if the content is broken.
        sqlalchemy.exc.SQLAlchemyError: if the database cannot be used.
    """
    config, hours = read_triage(environment, settings), read_hours(settings)
    engine, minutes = open_engine(settings.database_url), due_minutes(settings)
    cases, audit = CaseStore(engine), AuditLog(engine)
    cases.fill_in(counting(hours, minutes))
    work = Work(engine, cases, audit, hours, minutes)
    token = token_of(read_or_make_key(settings.secret, settings.data_dir))
    return Desk(
        config=config,
        settings=settings,
        engine=engine,
        content=load_content(CONTENT) if content is None else content,
        sessions=Sessions(engine, config.idle, config.longest),
        audit=audit,
        cases=cases,
        queue=Queue(engine),
        work=work,
        line=open_desk_line(engine, cases, work, settings.takeover_minutes, audit=audit),
        presence=Presence(engine),
        notices=Notices(engine),
        audience=Audience(engine),
        records=RunRecords(engine),
        feedback=FeedbackStore(engine),
        understanding=Understanding(config.rasa, token),
        routes=read_routes(settings.desks),
        hours=hours,
        changes=Changes(cases.history),
        pages=Pages(hours.zone, config.local),
    )
