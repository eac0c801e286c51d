"""ServiceNow's Table API as its reference describes it: rows, encoded queries, journal fields, cut strings."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import datetime, timezone
from typing import Any, Dict, List, Optional

from aiohttp import web

from tests.service_desks.stand_ins.base import StandIn, Ticket

USER, PASSWORD, TOKEN = "lotsen", "hemligt-åäö", "bearer-0123456789"
STATES = {"new": "1", "open": "2", "waiting": "3", "resolved": "6", "rejected": "8"}
JOURNALS = ("comments", "work_notes")
CHARACTERS = {"short_description": 160, "correlation_id": 100, "correlation_display": 100, "contact_type": 40}
"""Columns that MySQL keeps as varchar; longer values lose their end, and nobody is told."""
Row = Dict[str, str]


class ServiceNowStandIn(StandIn):
    """One instance with two groups and two users besides Lotsen's account."""

    name = "servicenow"

    def __init__(self) -> None:
        super().__init__()
        self.auth = {f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}", f"Bearer {TOKEN}"}
        self.journal_is_open = True
        """Whether the access rules let Lotsen's account see rows of ``sys_journal_field``."""
        self.users = [
            {"sys_id": uuid.uuid4().hex, "user_name": "anan01", "email": "anna@example.se", "active": "true"},
            {"sys_id": uuid.uuid4().hex, "user_name": "vaxel", "email": "vaxel@example.se", "active": "true"},
            {"sys_id": uuid.uuid4().hex, "user_name": "gone", "email": "gone@example.se", "active": "false"},
        ]
        self.groups = [
            {"sys_id": uuid.uuid4().hex, "name": name, "active": "true"} for name in ("SOB", "Objekt", "Andra")
        ]
        self.incidents: List[Row] = []
        self.journal: List[Row] = []
        self.bodies: List[Dict[str, Any]] = []
        """What was sent to make or change incidents."""

    def routes(self) -> List[web.RouteDef]:
        return [
            web.get("/api/now/table/{table}", self._list),
            web.get("/api/now/table/{table}/{id}", self._get),
            web.post("/api/now/table/incident", self.changing(self._make)),
            web.patch("/api/now/table/incident/{id}", self.changing(self._change)),
        ]

    def environment(self) -> Dict[str, str]:
        return {
            "LOTSEN_SERVICENOW_URL": self.url,
            "LOTSEN_SERVICENOW_USER": USER,
            "LOTSEN_SERVICENOW_PASSWORD": PASSWORD,
            "LOTSEN_SERVICENOW_GROUP": "it_service=SOB, administration=Objekt",
        }

    def answer(self, ticket: Ticket, text: str, author: str = "agent7") -> None:
        """Write an additional comment; the caller does so too, on the portal."""
        self._say(ticket, "comments", text, author)

    def note(self, ticket: Ticket, text: str) -> None:
        self._say(ticket, "work_notes", text, "agent7")

    def set_status(self, ticket: Ticket, status: str, hold_reason: str = "1") -> None:
        ticket.status = status
        row = self._row(ticket)
        row["state"] = STATES[status]
        row["hold_reason"] = hold_reason if status == "waiting" else ""
        self._touch(row)

    def _row(self, ticket: Ticket) -> Row:
        return next(row for row in self.incidents if row["sys_id"] == ticket.ref)

    def _say(self, ticket: Ticket, element: str, text: str, author: str) -> None:
        ticket.said.append({"public": element == "comments", "text": text})
        self._write(ticket.ref, element, text, author)
        self._touch(self._row(ticket))

    def _write(self, ref: str, element: str, text: str, author: str) -> None:
        self.journal.append(
            {
                "sys_id": uuid.uuid4().hex,
                "name": "incident",
                "element_id": ref,
                "element": element,
                "value": text,
                "sys_created_on": _now(),
                "sys_created_by": author,
            }
        )

    @staticmethod
    def _touch(row: Row) -> None:
        row["sys_mod_count"] = str(int(row["sys_mod_count"]) + 1)
        row["sys_updated_on"] = _now()

    def _refuses(self, request: web.Request) -> Optional[web.Response]:
        if request.headers.get("Authorization") in self.auth:
            return None
        return _error(401, "User Not Authenticated", "Required to provide Auth information")

    def _table(self, name: str) -> Optional[List[Row]]:
        journal = self.journal if self.journal_is_open else []
        return {
            "incident": [row for row in self.incidents if row["sys_id"] in {ticket.ref for ticket in self.tickets}],
            "sys_user": self.users,
            "sys_user_group": self.groups,
            "sys_journal_field": journal,
        }.get(name)

    async def _list(self, request: web.Request) -> web.StreamResponse:
        refused = self._refuses(request)
        if refused is not None:
            return refused
        table = self._table(request.match_info["table"])
        if table is None:
            return _error(400, f"Invalid table {request.match_info['table']}", "")
        rows = list(table)
        for part in request.query.get("sysparm_query", "").split("^"):
            rows = _narrow(rows, part)
        start = int(request.query.get("sysparm_offset", "0"))
        rows = rows[start : start + int(request.query.get("sysparm_limit", "10000"))]
        return web.json_response({"result": [self._shown(row, request) for row in rows]})

    async def _get(self, request: web.Request) -> web.StreamResponse:
        refused = self._refuses(request)
        if refused is not None:
            return refused
        for row in self._table(request.match_info["table"]) or []:
            if row["sys_id"] == request.match_info["id"]:
                return web.json_response({"result": self._shown(row, request)})
        return _missing()

    async def _make(self, request: web.Request) -> web.StreamResponse:
        refused = self._refuses(request)
        if refused is not None:
            return refused
        body = _body(await request.read())
        if body is None:
            return _error(400, "Exception while reading request", "The payload is not valid JSON")
        self.bodies.append(body)
        number = next(self.ids)
        row = {
            "sys_id": uuid.uuid4().hex,
            "number": f"INC{number:07d}",
            "state": "1",
            "hold_reason": "",
            "impact": "3",
            "urgency": "3",
            "caller_id": "",
            "assignment_group": "",
            "correlation_id": "",
            "description": "",
            "short_description": "",
            "sys_mod_count": "0",
            "sys_created_on": _now(),
            "sys_updated_on": _now(),
        }
        row.update({name: str(value)[: CHARACTERS.get(name, 16_000_000)] for name, value in body.items()})
        for name in JOURNALS:
            if row.pop(name, ""):
                self._write(row["sys_id"], name, str(body[name]), USER)
        self.incidents.append(row)
        ticket = Ticket(
            row["sys_id"], row["number"], row["correlation_id"], row["short_description"], row["description"]
        )
        # What is no sys_id of the table that a field refers to stays there as it is, and refers to nothing.
        ticket.target = next((one["name"] for one in self.groups if one["sys_id"] == row["assignment_group"]), "")
        ticket.caller = next((one["email"] for one in self.users if one["sys_id"] == row["caller_id"]), "")
        ticket.priority = str(min(5, max(1, int(row["impact"]) + int(row["urgency"]) - 1)))
        ticket.status = "new"
        self.tickets.append(ticket)
        location = f"{self.url}/api/now/table/incident/{row['sys_id']}"
        return web.json_response({"result": self._shown(row, request)}, status=201, headers={"Location": location})

    async def _change(self, request: web.Request) -> web.StreamResponse:
        refused = self._refuses(request)
        if refused is not None:
            return refused
        body = _body(await request.read())
        if body is None:
            return _error(400, "Exception while reading request", "The payload is not valid JSON")
        for ticket in self.tickets:
            if ticket.ref == request.match_info["id"]:
                self.bodies.append(body)
                row = self._row(ticket)
                for name, value in body.items():
                    if name in JOURNALS:
                        self._write(ticket.ref, name, str(value), USER)
                    else:
                        row[name] = str(value)
                if "work_notes" in body:
                    ticket.additions.append(str(body["work_notes"]))
                if "comments" in body:
                    ticket.said.append({"public": True, "text": str(body["comments"])})
                self._touch(row)
                return web.json_response({"result": self._shown(row, request)})
        return _missing()

    def _shown(self, row: Row, request: web.Request) -> Dict[str, Any]:
        """Return the fields that were asked for; a field that there is not is left out, journal fields are empty."""
        caller = next((one for one in self.users if one["sys_id"] == row.get("caller_id")), {})
        whole: Dict[str, Any] = {**row, "caller_id.user_name": caller.get("user_name", "")}
        asked = request.query.get("sysparm_fields")
        if not asked:
            return {name: value for name, value in whole.items() if "." not in name}
        return {name: whole[name] for name in asked.split(",") if name in whole}


def _narrow(rows: List[Row], part: str) -> List[Row]:
    """Apply one part of an encoded query; a part about an unknown field is left out, as instances do by default."""
    if not part or part.startswith("ORDERBY"):
        name = part.removeprefix("ORDERBY")
        return sorted(rows, key=lambda row: row.get(name, "")) if name else rows
    for sign in ("LIKE", "IN", "="):
        name, found, value = part.partition(sign)
        if found and name.replace("_", "").islower():
            break
    else:
        return rows
    if rows and name not in rows[0]:
        return rows
    if sign == "LIKE":
        return [row for row in rows if value.lower() in row[name].lower()]
    wanted = [one.lower() for one in (value.split(",") if sign == "IN" else [value])]
    return [row for row in rows if row[name].lower() in wanted]


def _body(content: bytes) -> Optional[Dict[str, Any]]:
    try:
        body = json.loads(content)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _error(status: int, message: str, detail: str) -> web.Response:
    return web.json_response({"error": {"message": message, "detail": detail}, "status": "failure"}, status=status)


def _missing() -> web.Response:
    return _error(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
