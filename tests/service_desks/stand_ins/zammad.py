"""Zammad as its documentation tells it: tickets with articles, a search through all of them, token authentication."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, List

from aiohttp import web

from tests.service_desks.stand_ins.base import StandIn, Ticket

TOKEN = "zammad-0123456789"
GROUPS = ("IT kundservice", "Objekt")
PRIORITIES = ("1 low", "2 normal", "3 high")
WORDS = {"new": "new", "open": "open", "waiting": "pending reminder", "resolved": "closed", "rejected": "removed"}
US, AGENT, CUSTOMER = 7, 3, 12


class ZammadStandIn(StandIn):
    """One Zammad. ``said`` of a ticket are its articles."""

    name = "zammad"

    def routes(self) -> List[web.RouteDef]:
        return [
            web.get("/api/v1/users/me", self._me),
            web.get("/api/v1/tickets/search", self._search),
            web.post("/api/v1/tickets", self.changing(self._make)),
            web.get("/api/v1/tickets/{id}", self._show),
            web.get("/api/v1/ticket_articles/by_ticket/{id}", self._articles),
            web.post("/api/v1/ticket_articles", self.changing(self._write)),
        ]

    def environment(self) -> Dict[str, str]:
        return {
            "LOTSEN_ZAMMAD_URL": self.url,
            "LOTSEN_ZAMMAD_TOKEN": TOKEN,
            "LOTSEN_ZAMMAD_GROUP": "it_service=IT kundservice, administration=Objekt",
            "LOTSEN_ZAMMAD_CUSTOMER": "lotsen@example.se",
        }

    def answer(self, ticket: Ticket, text: str) -> None:
        self._article(ticket, f"<div>{_html(text)}</div>", "text/html", False, AGENT)

    def note(self, ticket: Ticket, text: str) -> None:
        self._article(ticket, text, "text/plain", True, AGENT)

    def set_status(self, ticket: Ticket, status: str) -> None:
        ticket.status = WORDS[status]
        ticket.changed = datetime.now(timezone.utc)

    def ask(self, ticket: Ticket, text: str) -> None:
        """Let the customer write an e-mail."""
        self._article(ticket, text, "text/plain", False, CUSTOMER)
        ticket.said[-1].update(sender="Customer", type="email")

    def _article(self, ticket: Ticket, body: str, kind: str, internal: bool, author: int) -> Dict[str, Any]:
        now = datetime.now(timezone.utc)
        article = {
            "id": next(self.ids),
            "ticket_id": int(ticket.ref),
            "body": body,
            "content_type": kind,
            "type": "note",
            "internal": internal,
            "sender": "Agent",
            "created_by_id": author,
            "created_at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        ticket.said.append(article)
        ticket.changed = now
        return article

    def _shown(self, ticket: Ticket, request: web.Request) -> Dict[str, Any]:
        changed = ticket.changed.isoformat(timespec="microseconds")
        shown = {"id": int(ticket.ref), "number": ticket.number, "title": ticket.subject, "updated_at": changed}
        if request.query.get("expand") != "true":
            return {**shown, "group_id": 1, "state_id": 1, "priority_id": 2}
        return {**shown, "group": ticket.target, "state": ticket.status, "priority": ticket.priority}

    def _seen(self, ref: str) -> Ticket:
        """Return a ticket that Lotsen's account may see. Raises 404 if there is none, 403 if it may not."""
        ticket = self.find(ref)
        if ticket.target not in GROUPS:
            raise web.HTTPForbidden(text='{"error": "Not authorized"}', content_type="application/json")
        return ticket

    @staticmethod
    def _allowed(request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Token token={TOKEN}":
            raise web.HTTPUnauthorized(text='{"error": "Authentication required"}', content_type="application/json")

    async def _me(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return web.json_response({"id": US, "login": "lotsen"})

    async def _search(self, request: web.Request) -> web.Response:
        self._allowed(request)
        wanted = request.query["query"]
        hits = [
            one
            for one in self.tickets
            if one.target in GROUPS and any(wanted in article["body"] for article in one.said)
        ]
        if request.query.get("expand") != "true":
            return web.json_response({"tickets": [int(one.ref) for one in hits], "assets": {}})
        return web.json_response([self._shown(one, request) for one in hits])

    async def _show(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return web.json_response(self._shown(self._seen(request.match_info["id"]), request))

    async def _articles(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return web.json_response(self._seen(request.match_info["id"]).said)

    async def _make(self, request: web.Request) -> web.Response:
        self._allowed(request)
        body = await request.json()
        missing = [name for name in ("title", "group", "customer_id", "article") if not body.get(name)]
        wrong = missing or body["group"] not in GROUPS or body.get("priority", "2 normal") not in PRIORITIES
        if wrong or len(body["title"]) > 250 or not str(body["customer_id"]).startswith("guess:"):
            return web.json_response({"error": "invalid"}, status=422)
        ref = next(self.ids)
        text = body["article"]["body"]
        key = text.rsplit("Lotsen ", 1)[-1].strip()
        urgent = " brådskande" if "brådskande" in body.get("tags", "") else ""
        ticket = Ticket(str(ref), f"{31000 + ref}", key, body["title"], text, body["group"])
        ticket.caller, ticket.priority, ticket.status = body["customer_id"][6:], body["priority"] + urgent, "new"
        self.tickets.append(ticket)
        self._article(ticket, text, body["article"]["content_type"], bool(body["article"]["internal"]), US)
        return web.json_response(self._shown(ticket, request), status=201)

    async def _write(self, request: web.Request) -> web.Response:
        self._allowed(request)
        body = await request.json()
        ticket = self._seen(str(body["ticket_id"]))
        article = self._article(ticket, body["body"], body["content_type"], bool(body["internal"]), US)
        if body["internal"]:
            ticket.additions.append(body["body"])
        return web.json_response(article, status=201)


def _html(text: str) -> str:
    """Return a text as Zammad's editor writes it."""
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\n", "<br>")):
        text = text.replace(sign, name)
    return text
