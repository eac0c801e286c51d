"""TOPdesk as its documentation tells it: incidents with a progress trail, FIQL queries, pages, an application password.

What a list leaves out unless it is asked for is left out here too: archived incidents, and all after the first ten.
"""

from __future__ import annotations

import html
import re
from base64 import b64encode
from datetime import datetime, timezone
from typing import Any, Dict, List, Optional, Sequence, Set

from aiohttp import web

from tests.service_desks.stand_ins.base import StandIn, Ticket

LOGIN = ("lotsen", "abcde-fghij-klmno")
PERSONS = {
    "person-1": "lotsen@example.se",
    "person-2": "asa@example.se",
    "person-3": "delad@example.se",
    "person-4": "delad@example.se",
    "person-5": "slutat@example.se",
}
LEFT = ("person-5",)
"""Archived persons, who cannot call."""
CATEGORIES = ("IT", "Objekt")
PRIORITIES = ("P1", "P2", "P3")
WORDS = {"new": "Registrerad", "open": "Pågår", "waiting": "Väntar", "resolved": "Löst", "rejected": "Avvisad"}
US, OPERATOR = "op-lotsen", "op-asa"
PAGE, LONGEST_PAGE = 10, 100
_FIQL = re.compile(r"(\w+)(?:=='([^']*)'|=in=\(('[^']*'(?:,'[^']*')*)\))$")


class TopDeskStandIn(StandIn):
    """One TOPdesk. ``said`` of a ticket is its progress trail."""

    name = "topdesk"

    def __init__(self) -> None:
        super().__init__()
        self.version = "3.9.0"
        self.archived: Set[str] = set()
        self.closed: Set[str] = set()

    def routes(self) -> List[web.RouteDef]:
        return [
            web.get("/tas/api/version", self._version),
            web.get("/tas/api/operators/current", self._me),
            web.get("/tas/api/persons", self._persons),
            web.get("/tas/api/incidents", self._list),
            web.post("/tas/api/incidents", self.changing(self._make)),
            web.get("/tas/api/incidents/id/{id}", self._show),
            web.patch("/tas/api/incidents/id/{id}", self.changing(self._change)),
            web.get("/tas/api/incidents/id/{id}/progresstrail", self._trail),
        ]

    def environment(self) -> Dict[str, str]:
        meanings = ", ".join(f"{word}={status}" for status, word in WORDS.items())
        return {
            "LOTSEN_TOPDESK_URL": self.url,
            "LOTSEN_TOPDESK_USER": LOGIN[0],
            "LOTSEN_TOPDESK_PASSWORD": LOGIN[1],
            "LOTSEN_TOPDESK_CALLER": PERSONS["person-1"],
            "LOTSEN_TOPDESK_CATEGORY": "it_service=IT, administration=Objekt",
            "LOTSEN_TOPDESK_PRIORITIES": "urgent=P1, high=P2, normal=P3",
            "LOTSEN_TOPDESK_STATUSES": meanings,
        }

    def answer(self, ticket: Ticket, text: str) -> None:
        self._entry(ticket, html.escape(text).replace("\n", "<br/>"), False, OPERATOR)

    def note(self, ticket: Ticket, text: str) -> None:
        self._entry(ticket, html.escape(text), True, OPERATOR)

    def set_status(self, ticket: Ticket, status: str) -> None:
        ticket.status = WORDS[status]
        ticket.changed = datetime.now(timezone.utc)

    def _entry(self, ticket: Ticket, memo: str, invisible: bool, operator: str) -> None:
        now = datetime.now(timezone.utc)
        entry = {"id": f"entry-{next(self.ids)}", "memoText": memo, "invisibleForCaller": invisible}
        ticket.said.insert(0, {**entry, "operator": {"id": operator}, "person": None, "entryDate": _time(now)})
        ticket.changed = now

    def _shown(self, ticket: Ticket) -> Dict[str, Any]:
        return {
            "id": ticket.ref,
            "status": "firstLineArchived" if ticket.ref in self.archived else "firstLine",
            "number": ticket.number,
            "externalNumber": ticket.key,
            "briefDescription": ticket.subject,
            "processingStatus": {"id": "s", "name": ticket.status},
            "completed": False,
            "closed": ticket.ref in self.closed,
            "modificationDate": ticket.changed.strftime("%Y-%m-%dT%H:%M:%S.%f+0000"),
        }

    @staticmethod
    def _allowed(request: web.Request) -> None:
        right = "Basic " + b64encode(":".join(LOGIN).encode()).decode()
        if request.headers.get("Authorization") != right:
            raise web.HTTPUnauthorized()

    async def _me(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return web.json_response({"id": US, "loginName": LOGIN[0], "dynamicName": "Lotsen"})

    async def _version(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return web.json_response({"version": self.version})

    async def _persons(self, request: web.Request) -> web.Response:
        self._allowed(request)
        wanted = _values(request, "email")
        persons = [
            {"id": ref, "email": mail, "status": "personArchived" if ref in LEFT else "person"}
            for ref, mail in PERSONS.items()
        ]
        return _page(request, [one for one in persons if wanted is None or one["email"] in wanted])

    async def _list(self, request: web.Request) -> web.Response:
        self._allowed(request)
        keys, refs = _values(request, "externalNumber", "id"), _values(request, "id", "externalNumber")
        found = [
            self._shown(one)
            for one in self.tickets
            if (keys is None or one.key in keys)
            and (refs is None or one.ref in refs)
            and (one.ref not in self.archived or request.query.get("all") == "true")
        ]
        if "fields" in request.query:
            fields = request.query["fields"].split(",")
            found = [{name: one[name] for name in fields} for one in found]
        return _page(request, found)

    async def _show(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return web.json_response(self._shown(self.find(request.match_info["id"])))

    async def _trail(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return _page(request, self.find(request.match_info["id"]).said)

    async def _make(self, request: web.Request) -> web.Response:
        self._allowed(request)
        body = await request.json()
        lookup = body.get("callerLookup") or {}
        callers = [ref for ref, mail in PERSONS.items() if ref == lookup.get("id") or mail == lookup.get("email")]
        fault = (
            ("callerLookup" if len(callers) != 1 or callers[0] in LEFT else None)
            or _one_of("category", (body.get("category") or {}).get("name", "IT"), CATEGORIES)
            or _one_of("priority", (body.get("priority") or {}).get("name", "P3"), PRIORITIES)
            or ("briefDescription" if not 0 < len(body.get("briefDescription", "")) <= 80 else None)
            or ("externalNumber" if len(body.get("externalNumber", "")) > 60 else None)
        )
        if fault:
            return web.json_response([{"message": f"The value for the field '{fault}' is wrong"}], status=400)
        number = next(self.ids)
        ticket = Ticket(
            f"unid-{number}",
            f"I 2611 {number:03d}",
            body.get("externalNumber", ""),
            body["briefDescription"],
            _plain(body.get("request", "")),
            (body.get("category") or {}).get("name", ""),
        )
        ticket.caller, ticket.status = PERSONS[callers[0]], WORDS["new"]
        ticket.priority = (body.get("priority") or {}).get("name", "")
        self.tickets.append(ticket)
        return web.json_response(self._shown(ticket), status=201)

    async def _change(self, request: web.Request) -> web.Response:
        self._allowed(request)
        body, ticket = await request.json(), self.find(request.match_info["id"])
        self._entry(ticket, body["action"], bool(body.get("actionInvisibleForCaller")), US)
        if body.get("actionInvisibleForCaller"):
            ticket.additions.append(_plain(body["action"]))
        return web.json_response(self._shown(ticket))


def _values(request: web.Request, field: str, *others: str) -> Optional[List[str]]:
    """Return what a FIQL query asks a field to be; None if it asks nothing of it. Raises 400 on what it cannot read."""
    if "query" not in request.query:
        return None
    match = _FIQL.match(request.query["query"])
    if match is None or match[1] not in (field, *others):
        raise web.HTTPBadRequest()
    if match[1] != field:
        return None
    return [match[2]] if match[2] is not None else match[3].strip("'").split("','")


def _page(request: web.Request, found: Sequence[Any]) -> web.Response:
    """Return one page of a list: 206 if there is more, 204 if there is nothing."""
    start, size = int(request.query.get("start", "0")), int(request.query.get("page_size", PAGE))
    if start < 0 or not 1 <= size <= LONGEST_PAGE:
        raise web.HTTPBadRequest()
    page = found[start : start + size]
    if not page:
        return web.Response(status=204)
    return web.json_response(page, status=206 if len(found) > start + size else 200)


def _one_of(field: str, value: Any, known: Any) -> Optional[str]:
    return None if value in known else field


def _plain(text: str) -> str:
    """Return what people see of TOPdesk's HTML; an unknown tag is shown as nothing."""
    return html.unescape(re.sub(r"<[^>]*>", "", re.sub(r"<br\s*/?>", "\n", text)))


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000"
