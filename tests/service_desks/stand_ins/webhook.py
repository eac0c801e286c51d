"""A receiver of webhooks: it checks signatures with the independent package ``standardwebhooks``, and drops repeats."""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime, timezone
from typing import Any, Dict, List, Tuple

from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.service_desks.stand_ins.base import StandIn, Ticket

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


class WebhookStandIn(StandIn):
    """One receiver at ``/hooks/lotsen``. What it tells of cases is collected in ``updates``, signed."""

    name = "webhook"

    def __init__(self) -> None:
        super().__init__()
        self.secret = SECRET
        self.plain_answer = False
        """Answer ``OK`` as text, as many receivers do."""
        self.events: List[Dict[str, Any]] = []
        """Every event that was taken, repeats too."""
        self.headers: List[Dict[str, str]] = []
        self.updates: List[Tuple[Dict[str, str], bytes]] = []
        """Headers and body of each update, oldest first."""
        self._answers: Dict[str, Dict[str, str]] = {}

    def routes(self) -> List[web.RouteDef]:
        return [web.post("/hooks/lotsen", self.changing(self._take))]

    def environment(self) -> Dict[str, str]:
        return {"LOTSEN_WEBHOOK_URL": f"{self.url}/hooks/lotsen", "LOTSEN_WEBHOOK_SECRET": self.secret}

    def answer(self, ticket: Ticket, text: str) -> None:
        at = datetime.now(timezone.utc).isoformat()
        ticket.said.append({"public": True, "text": text})
        self._tell(ticket, {"reply": {"id": f"reply-{next(self.ids)}", "text": text, "at": at}})

    def note(self, ticket: Ticket, text: str) -> None:
        ticket.said.append({"public": False, "text": text})

    def set_status(self, ticket: Ticket, status: str) -> None:
        ticket.status = status
        self._tell(ticket, {"status": status})

    def _tell(self, ticket: Ticket, data: Dict[str, Any]) -> None:
        """Make an update as the independent package signs it."""
        name, now = f"msg_{next(self.ids)}", datetime.now(timezone.utc)
        event = {
            "specversion": "1.0",
            "id": name,
            "source": "https://desk.example.se",
            "type": "se.lotsen.case.updated",
            "time": now.isoformat(),
            "datacontenttype": "application/json",
            "data": {"case": ticket.key, "ref": ticket.ref, **data},
        }
        body = json.dumps(event)
        headers = {
            "Webhook-Id": name,
            "Webhook-Timestamp": str(int(now.timestamp())),
            "Webhook-Signature": Webhook(self.secret).sign(name, now, body),
            "Content-Type": "application/cloudevents+json",
        }
        self.updates.append((headers, body.encode()))

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        try:
            event = Webhook(self.secret).verify(body, dict(request.headers))
        except WebhookVerificationError as error:
            return web.json_response({"error": str(error)}, status=401)
        if request.content_type != "application/cloudevents+json":
            return web.json_response({"error": "content type"}, status=415)
        wrong = _wrong(event)
        if wrong:
            return web.json_response({"error": wrong}, status=400)
        self.events.append(event)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        name = request.headers["webhook-id"]
        if name not in self._answers:
            data = event["data"]
            if event["type"] == "se.lotsen.case.added":
                parents = self.with_key(str(data["parent_key"]))
                if not parents:
                    return web.json_response({"error": "parent"}, status=404)
                ticket = parents[0]
                ticket.additions.append(f"{data['subject']}\n\n{data['text']}\n\nLotsen {name}")
            else:
                ticket = self._make(name, data)
            self._answers[name] = {
                "id": ticket.ref,
                "number": ticket.number,
                "url": f"https://desk.example.se/{ticket.ref}",
            }
        if self.plain_answer:
            return web.Response(text="OK")
        return web.json_response(self._answers[name], status=202)

    def _make(self, key: str, data: Dict[str, Any]) -> Ticket:
        number = next(self.ids)
        ticket = Ticket(f"case-{number}", f"ARENDE-{number}", key, data["subject"], data["text"])
        ticket.target = str(data.get("target") or "")
        ticket.caller = str((data.get("contact") or {}).get("email") or "")
        ticket.priority = str((data.get("priority") or {}).get("level") or "")
        self.tickets.append(ticket)
        return ticket


def _wrong(event: Any) -> str:
    """Return what CloudEvents 1.0 finds wrong; nothing if it is right."""
    if not isinstance(event, dict):
        return "not an object"
    if event.get("specversion") != "1.0":
        return "specversion"
    for name in ("id", "source", "type"):
        if not isinstance(event.get(name), str) or not event[name]:
            return name
    if any(not re.fullmatch("[a-z0-9]+", name) for name in event if name != "data_base64"):
        return "attribute names"
    try:
        if datetime.fromisoformat(event["time"].replace("Z", "+00:00")).tzinfo is None:
            return "time"
    except (KeyError, ValueError, AttributeError):
        return "time"
    return "" if event.get("datacontenttype") == "application/json" and "data" in event else "data"
