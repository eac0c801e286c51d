"""Jira Service Management as its REST references describe it: Cloud, or Data Center with ``cloud=False``."""

from __future__ import annotations

import base64
import html
import json
import re
from datetime import datetime, timezone
from typing import Any, Dict, List, Optional

from aiohttp import web

from tests.service_desks.stand_ins.base import StandIn, Ticket

EMAIL, TOKEN = "lotsen@region.example.se", "ATATT-hemlig-0123"
WORDS = {
    "new": ("Open", "new", None),
    "open": ("In Progress", "indeterminate", None),
    "waiting": ("Waiting for customer", "indeterminate", None),
    "resolved": ("Resolved", "done", "Done"),
    "rejected": ("Canceled", "done", "Won't Do"),
}
PRIORITIES = ("Highest", "High", "Medium", "Low", "Lowest")
SUMMARY, TEXT = 255, 32_767
ESCAPE = re.compile(r"(?<!\\)\\([\-#*_+?^~|%{}\[\]()!@])")
"""Jira's own pattern, as it is told in ``@atlaskit/editor-wikimarkup-transformer``."""
BREAK = re.compile(r"(?<!\\)\\{2}(?!\S*\\)")
MARKUP = re.compile(
    r"\{[^{}\n]+\}|\[[^\]\n]+\]|![^\s!][^!\n]*!|(?<!\w)([*_+^~])(?=\S)[^\n]*?\S\1(?!\w)|\?\?\S[^\n]*?\S\?\?"
    r"|(?<![\w-])-(?=[^\s-])[^\n-]*[^\s-]-(?![\w-])|(?<=\s)-{2,3}(?=\s)|^(?:h[1-6]|bq)\. |\(([xyin!?/+*-]|on|off)\)",
    re.MULTILINE,
)


class JiraStandIn(StandIn):
    """One site with a service desk (id 7), two request types, and one customer."""

    name = "jira"

    def __init__(self, cloud: bool = True) -> None:
        super().__init__()
        self.cloud = cloud
        self.indexed = True
        """Whether searches see new requests yet; on Cloud that takes a while."""
        basic = base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
        self.auth = f"Basic {basic}" if cloud else f"Bearer {TOKEN}"
        self.types = {"20": "Felanmälan", "21": "Behörighet"}
        self.form = {"summary", "description", "priority"}
        self.me, self.agent = self._user("Lotsen", EMAIL), self._user("Agnes", "agnes@example.se")
        self.customers = [self._user("Anna", "anna@example.se"), self._user("Anna B", "anna@example.se.evil")]
        self.bodies: List[Dict[str, Any]] = []
        self.raw: Dict[str, str] = {}
        """Descriptions as they were sent, by id."""
        self.reporters: Dict[str, Dict[str, Any]] = {}
        self.comments: Dict[str, List[Dict[str, Any]]] = {}

    def routes(self) -> List[web.RouteDef]:
        api, desk = "/rest/api/2", "/rest/servicedeskapi"
        own = [
            web.get(f"{api}/search/jql", self._search),
            web.post(f"{api}/issue/bulkfetch", self._fetch),
        ]
        older = [web.get(f"{api}/search", self._search), web.post(f"{api}/search", self._search)]
        return [
            *(own if self.cloud else older),
            web.get(f"{api}/myself", self._myself),
            web.post(f"{desk}/request", self.changing(self._make)),
            web.get(f"{desk}/request/{{id}}", self._request),
            web.get(f"{desk}/request/{{id}}/comment", self._comments),
            web.post(f"{desk}/request/{{id}}/comment", self.changing(self._comment)),
            web.get(f"{desk}/servicedesk/7/customer", self._customers),
            web.get(f"{desk}/servicedesk/7/requesttype/{{type}}", self._type),
        ]

    def environment(self) -> Dict[str, str]:
        return {
            "LOTSEN_JIRA_URL": self.url,
            "LOTSEN_JIRA_EMAIL": EMAIL if self.cloud else "",
            "LOTSEN_JIRA_TOKEN": TOKEN,
            "LOTSEN_JIRA_SERVICE_DESK": "7",
            "LOTSEN_JIRA_REQUEST_TYPE": "it_service=20, administration=21",
            "LOTSEN_JIRA_PRIORITY": "urgent=Highest, high=High, normal=Medium",
        }

    def answer(self, ticket: Ticket, text: str, author: Optional[Dict[str, Any]] = None) -> None:
        """Comment in public; the customer does so too, on the portal."""
        self._say(ticket, text, True, author or self.agent)
        ticket.said.append({"public": True, "text": text})

    def note(self, ticket: Ticket, text: str) -> None:
        self._say(ticket, text, False, self.agent)
        ticket.said.append({"public": False, "text": text})

    def set_status(self, ticket: Ticket, status: str) -> None:
        ticket.status = status
        ticket.changed = datetime.now(timezone.utc)

    def _user(self, name: str, email: str) -> Dict[str, Any]:
        own = {"accountId": f"qm:{len(email)}:{name}"} if self.cloud else {"name": name.lower(), "key": name}
        return {**own, "displayName": name, "emailAddress": email, "active": True}

    def _say(self, ticket: Ticket, text: str, public: bool, author: Dict[str, Any]) -> Dict[str, Any]:
        at = datetime.now(timezone.utc)
        comment = {
            "id": str(next(self.ids)),
            "body": text,
            "public": public,
            "author": author,
            "created": {"iso8601": at.isoformat(), "epochMillis": int(at.timestamp() * 1000)},
        }
        self.comments[ticket.ref].append(comment)
        ticket.changed = at
        return comment

    def _refuses(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != self.auth:
            raise web.HTTPUnauthorized(text="Client must be authenticated to access this resource.")

    def _one(self, request: web.Request) -> Ticket:
        self._refuses(request)
        for ticket in self.tickets:
            if request.match_info["id"] in (ticket.ref, ticket.number):
                return ticket
        raise web.HTTPNotFound(text=json.dumps({"errorMessage": "The request does not exist or cannot be seen."}))

    async def _search(self, request: web.Request) -> web.StreamResponse:
        """Find issues by a word of the description, which is all that is asked for here, or by ids."""
        self._refuses(request)
        asked: Dict[str, Any] = dict(request.query) if request.method == "GET" else await request.json()
        if request.method == "GET":
            asked["fields"] = asked["fields"].split(",")
        word = re.fullmatch(r'description ~ "(\w+)" ORDER BY created ASC', asked["jql"])
        ids = re.fullmatch(r"id in \(([\d, ]+)\)", asked["jql"])
        if word:
            found = [one for one in self.tickets if word[1] in re.findall(r"\w+", self.raw[one.ref]) and self.indexed]
        elif ids:
            wanted = ids[1].split(", ")
            found = [one for one in self.tickets if one.ref in wanted]
            if len(found) < len(wanted) and asked.get("validateQuery", True) is not False:
                return _wrong("An issue with this key does not exist for field 'id'.")
        else:
            return _wrong("Error in the JQL Query.")
        return web.json_response({"issues": [self._issue(one, asked["fields"]) for one in found], "isLast": True})

    async def _fetch(self, request: web.Request) -> web.StreamResponse:
        self._refuses(request)
        asked = await request.json()
        if len(asked["issueIdsOrKeys"]) > 100:
            return _wrong("At most 100 issues.")
        found = [one for one in self.tickets if one.ref in asked["issueIdsOrKeys"]]
        return web.json_response({"issues": [self._issue(one, asked["fields"]) for one in found], "issueErrors": []})

    def _issue(self, ticket: Ticket, fields: List[str]) -> Dict[str, Any]:
        word, category, resolution = WORDS.get(ticket.status, (ticket.status, "indeterminate", None))
        whole = {
            "description": self.raw[ticket.ref],
            "status": {"name": word, "statusCategory": {"key": category}},
            "resolution": {"name": resolution} if resolution else None,
            "updated": ticket.changed.isoformat(timespec="milliseconds"),
            "reporter": self.reporters[ticket.ref],
        }
        shown = {name: whole[name] for name in fields}
        return {"id": ticket.ref, "key": ticket.number, "fields": shown}

    async def _myself(self, request: web.Request) -> web.StreamResponse:
        self._refuses(request)
        return web.json_response(self.me)

    async def _type(self, request: web.Request) -> web.StreamResponse:
        self._refuses(request)
        kind = request.match_info["type"]
        if kind not in self.types:
            raise web.HTTPNotFound(text=json.dumps({"errorMessage": "The request type does not exist."}))
        return web.json_response({"id": kind, "name": self.types[kind], "serviceDeskId": "7"})

    async def _customers(self, request: web.Request) -> web.StreamResponse:
        self._refuses(request)
        if request.headers.get("X-ExperimentalApi") != "opt-in":
            raise web.HTTPPreconditionFailed
        query = request.query.get("query", "").lower()
        return _page([one for one in self.customers if one["emailAddress"].lower().startswith(query)], request)

    async def _make(self, request: web.Request) -> web.StreamResponse:
        self._refuses(request)
        body = await request.json()
        self.bodies.append(body)
        fields = body.get("requestFieldValues") or {}
        if body.get("serviceDeskId") != "7" or body.get("requestTypeId") not in self.types:
            return _wrong("The service desk or the request type does not exist.")
        if set(fields) - self.form:
            return _wrong("Field cannot be set. It is not on the appropriate screen, or unknown.")
        summary, description = fields.get("summary") or "", fields.get("description") or ""
        if not summary or "\n" in summary or len(summary) > SUMMARY or len(description) > TEXT:
            return _wrong("Summary or description is missing or too long.")
        priority = (fields.get("priority") or {"name": "Medium"})["name"]
        if priority not in PRIORITIES:
            return _wrong("The priority selected is invalid.")
        reporter = self.me
        if "raiseOnBehalfOf" in body:
            field = "accountId" if self.cloud else "name"
            named = [one for one in self.customers if one[field] == body["raiseOnBehalfOf"]]
            if not named:
                return _wrong("The customer does not exist.")
            reporter = named[0]
        number = next(self.ids)
        key = re.search(r"^Lotsen ([0-9a-f]{32})$", description, re.MULTILINE)
        ticket = Ticket(str(10_000 + number), f"SOB-{number}", key[1] if key else "", summary, shown(description))
        ticket.target, ticket.priority, ticket.status = body["requestTypeId"], priority, "new"
        ticket.caller = "" if reporter is self.me else reporter["emailAddress"]
        self.raw[ticket.ref], self.reporters[ticket.ref], self.comments[ticket.ref] = description, reporter, []
        self.tickets.append(ticket)
        return web.json_response(self._told(ticket), status=201)

    def _told(self, ticket: Ticket) -> Dict[str, Any]:
        return {
            "issueId": ticket.ref,
            "issueKey": ticket.number,
            "requestTypeId": ticket.target,
            "serviceDeskId": "7",
            "_links": {"web": f"{self.url}/servicedesk/customer/portal/7/{ticket.number}"},
        }

    async def _request(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._told(self._one(request)))

    async def _comments(self, request: web.Request) -> web.StreamResponse:
        ticket = self._one(request)
        wanted = [name == "public" for name in ("public", "internal") if request.query.get(name, "true") != "false"]
        found = [dict(one) for one in self.comments[ticket.ref] if one["public"] in wanted]
        if self.cloud and request.query.get("expand") == "renderedBody":
            for one in found:
                one["renderedBody"] = {"html": f"<p>{html.escape(shown(one['body'])).replace(chr(10), '<br/>')}</p>"}
        return _page(found, request)

    async def _comment(self, request: web.Request) -> web.StreamResponse:
        ticket = self._one(request)
        body = await request.json()
        if not body.get("body") or len(body["body"]) > TEXT or not isinstance(body.get("public"), bool):
            return _wrong("Comment body is missing or too long.")
        self.bodies.append(body)
        made = self._say(ticket, body["body"], body["public"], self.me)
        if body["public"]:
            ticket.said.append({"public": True, "text": body["body"]})
        else:
            ticket.additions.append(shown(body["body"]))
        return web.json_response(made, status=201)


def shown(wiki: str) -> str:
    """Return what people see of wiki markup: escapes are taken away, and what is markup loses its signs."""
    hidden: List[str] = []

    def keep(sign: re.Match[str]) -> str:
        hidden.append(sign[1])
        return chr(0xE000 + len(hidden) - 1)

    text = MARKUP.sub("", BREAK.sub("\n", ESCAPE.sub(keep, wiki)))
    return re.sub("[\ue000-\uf8ff]", lambda sign: hidden[ord(sign[0]) - 0xE000], text)


def _page(values: List[Dict[str, Any]], request: web.Request) -> web.Response:
    start, limit = int(request.query.get("start", "0")), min(int(request.query.get("limit", "50")), 50)
    page = values[start : start + limit]
    last = start + limit >= len(values)
    return web.json_response(
        {"size": len(page), "start": start, "limit": limit, "isLastPage": last, "values": page, "_links": {}}
    )


def _wrong(message: str) -> web.Response:
    return web.json_response({"errorMessage": message, "errorMessages": [message], "errors": {}}, status=400)
