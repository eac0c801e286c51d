"""Request Tracker 5 over REST 2. Run against the real product in tests (``tests/service_desks/test_real_rt.py``).

RT has no idempotency key, so a custom field of the queue holds the case's key, and it is searched before anything is
made. ``deploy/request-tracker`` has what RT must know: the queue, the field, an account with few rights.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, Sequence
from urllib.parse import quote

from lotsen.cases.case import Level, Status
from lotsen.clock import read_utc, utc_now
from lotsen.service_desks.base import DeskError, Letter, News, Receipt, Reply, Sent
from lotsen.service_desks.http import DeskHttp
from lotsen.service_desks.markup import plain_text
from lotsen.service_desks.options import Option, Options, by_target

SETTINGS = (
    Option("LOTSEN_RT_URL", "", "Where Request Tracker is, e.g. https://rt.example.se"),
    Option("LOTSEN_RT_TOKEN", "", "The token of Lotsen's account in Request Tracker.", secret=True),
    Option("LOTSEN_RT_QUEUE", "", "The queue: a name, or one for each target: it_service=SOB, administration=Objekt"),
    Option("LOTSEN_RT_KEY_FIELD", "Lotsen", "The queue's custom field that holds the key of a case."),
    Option("LOTSEN_RT_REQUESTOR", "", "Who asks when the user gave no e-mail address; empty: Lotsen's account."),
)

PRIORITY: Mapping[Level, int] = {Level.URGENT: 100, Level.HIGH: 60, Level.NORMAL: 30}
STATUS: Mapping[str, Status] = {
    "new": Status.NEW,
    "open": Status.OPEN,
    "stalled": Status.WAITING,
    "resolved": Status.RESOLVED,
    "rejected": Status.REJECTED,
    "deleted": Status.REJECTED,
}
"""RT's default lifecycle; a word of another lifecycle is left alone."""
MERGED_TOO = "EffectiveId > 0"
"""Added to a search: without it RT leaves out tickets that were merged into another."""
PAGE = 100
SETTLED = timedelta(seconds=30)
"""RT tells changes by the second, and its clock may be behind ours."""


class RequestTracker:
    """The desk."""

    polls = True

    def __init__(self, http: DeskHttp, queues: Mapping[str, str], key_field: str, requestor: str) -> None:
        """``queues`` by target, the usual one under the empty name."""
        self._http, self._queues, self._field, self._requestor = http, queues, key_field, requestor

    async def deliver(self, letter: Letter) -> Receipt:
        """Make a ticket, or a comment on the ticket that the case is added to. Raises as ``Desk.deliver`` does."""
        if letter.parent is not None:
            await self._add(letter, letter.parent)
            return self._receipt(letter.parent)
        queue = self._queues.get(letter.target) or self._queues[""]
        known = await self._find(letter.key)
        if known:
            return self._receipt(known[0])
        body: Dict[str, Any] = {
            "Queue": queue,
            "Subject": letter.subject,
            "Content": letter.text,
            "ContentType": "text/plain",
            "Priority": PRIORITY[letter.level],
            "CustomFields": {self._field: letter.key},
        }
        requestor = letter.reply_to or self._requestor
        if requestor:
            body["Requestor"] = requestor
        made = await self._http.send("POST", "ticket", body)
        return self._receipt(_id(made))

    async def news(self, sent: Sequence[Sent]) -> List[News]:
        """Return the tickets that were changed since their mark, with the replies that their requestor may read.

        A ticket that was merged into another has the other's status, and its replies from then on.
        """
        marks = {one.ref: one.mark for one in sent}
        tickets = await self._tickets(list(marks))
        changed = {ref: ticket for ref, ticket in tickets.items() if not marks[ref] or marks[ref] != _mark(ticket)}
        said = await self._said({own for ref, ticket in changed.items() for own in (ref, str(ticket["id"]))})
        return [
            News(ref, STATUS.get(str(ticket.get("Status"))), await self._replies(ref, ticket, said), _mark(ticket))
            for ref, ticket in changed.items()
        ]

    async def check(self) -> str:
        """Return RT's version and the queues; each must have the custom field, or cases would be made twice."""
        version = (await self._http.get("rt")).get("Version")
        queues = sorted(set(self._queues.values()))
        for queue in queues:
            fields = (await self._http.get(f"queue/{quote(queue, safe='')}")).get("TicketCustomFields") or ()
            if self._field not in [field.get("name") for field in fields]:
                raise DeskError(f"the queue {queue} has no custom field {self._field} that Lotsen's account may see")
        return f"Request Tracker {version}, {', '.join(queues)}"

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _find(self, key: str) -> List[str]:
        """Return the ids of the tickets that have the key, oldest first."""
        query = f"'CF.{{{self._field}}}' = '{key}' AND {MERGED_TOO}"
        found = await self._http.get("tickets", {"query": query, "orderby": "id", "order": "ASC"})
        return [str(ticket["id"]) for ticket in found["items"]]

    async def _tickets(self, refs: Sequence[str]) -> Dict[str, Dict[str, Any]]:
        """Return by id these tickets, or those that they were merged into."""
        rows = await self._rows(refs)
        whole = {ref: str(row.get("EffectiveId") or ref) for ref, row in rows.items()}
        rows.update(await self._rows([ref for ref in whole.values() if ref not in rows]))
        for ref in refs:
            if ref not in rows:
                # No search finds deleted tickets. Those that are out of our sight cannot be asked for either.
                with suppress(DeskError):
                    rows[ref] = await self._http.get(f"ticket/{int(ref)}")
        return {ref: rows[whole.get(ref, ref)] for ref in refs if whole.get(ref, ref) in rows}

    async def _rows(self, refs: Sequence[str]) -> Dict[str, Dict[str, Any]]:
        """Return what a search says of these tickets."""
        rows: Dict[str, Dict[str, Any]] = {}
        for start in range(0, len(refs), PAGE):
            query = " OR ".join(f"id = {int(ref)}" for ref in refs[start : start + PAGE])
            asked = {"query": f"({query}) AND {MERGED_TOO}", "fields": "Status,LastUpdated,EffectiveId,Requestor"}
            page = await self._http.get("tickets", {**asked, "per_page": str(PAGE)})
            rows.update({str(row["id"]): row for row in page["items"]})
        return rows

    async def _said(self, refs: Iterable[str]) -> List[Dict[str, Any]]:
        """Return the correspondence of tickets, and when they were merged, oldest first; comments are internal."""
        ordered, said = sorted(refs, key=int), []
        for start in range(0, len(ordered), PAGE):
            ids = " OR ".join(f"TicketId = {int(ref)}" for ref in ordered[start : start + PAGE])
            what = "Type = 'Correspond' OR (Type = 'AddLink' AND Field = 'MergedInto')"
            said += await self._all(
                "transactions", {"query": f"({what}) AND ({ids})", "fields": "Type,Created,Creator,ObjectId,NewValue"}
            )
        return sorted(said, key=lambda one: int(one["id"]))

    async def _replies(self, ref: str, ticket: Mapping[str, Any], said: Sequence[Mapping[str, Any]]) -> List[Reply]:
        """Return what others than the requestors wrote to the requestors."""
        requestors = [user.get("id") for user in ticket.get("Requestor") or ()]
        replies: List[Reply] = []
        merged = False
        for one in said:
            own = str(one.get("ObjectId")) == ref
            merged |= own and one.get("Type") == "AddLink" and not str(one.get("NewValue")).endswith(f"/{ref}")
            ours = own or (merged and str(one.get("ObjectId")) == str(ticket["id"]))
            if one.get("Type") != "Correspond" or not ours or (one.get("Creator") or {}).get("id") in requestors:
                continue
            asked = {"fields": "Content,ContentType", "per_page": str(PAGE)}
            text = _text((await self._http.get(f"transaction/{one['id']}/attachments", asked))["items"])
            if text:
                replies.append(Reply(str(one["id"]), text, read_utc(str(one["Created"]))))
        return replies

    async def _add(self, letter: Letter, ticket: str) -> None:
        """Comment on a ticket, unless one of its comments has the key."""
        sign = letter.sign
        for one in await self._all(f"ticket/{ticket}/history", {"fields": "Type"}):
            if one.get("Type") == "Comment":
                parts = await self._http.get(f"transaction/{one['id']}/attachments", {"fields": "Content"})
                if any(sign in str(part.get("Content")) for part in parts["items"]):
                    return
        body = {"Content": f"{letter.subject}\n\n{letter.text}\n\n{sign}", "ContentType": "text/plain"}
        await self._http.send("POST", f"ticket/{ticket}/comment", body)

    async def _all(self, path: str, asked: Mapping[str, str]) -> List[Dict[str, Any]]:
        """Return every page of a list. RT leaves out what we may not see, so only an empty page is the end."""
        found: List[Dict[str, Any]] = []
        for page in count(1):
            items = (await self._http.get(path, {**asked, "per_page": str(PAGE), "page": str(page)}))["items"]
            found += items
            if not items:
                break
        return found

    def _receipt(self, ref: str) -> Receipt:
        """Return a receipt with the address that people open."""
        return Receipt(ref, f"#{ref}", f"{self._http.base.removesuffix('/REST/2.0')}/Ticket/Display.html?id={ref}")


def open_desk(options: Options, hosts: FrozenSet[str]) -> RequestTracker:
    """Return the desk that the settings describe.

    Raises:
        SettingError: naming the variable that is wrong.
    """
    base = options.address("LOTSEN_RT_URL", hosts)
    http = DeskHttp(f"{base}/REST/2.0", {"Authorization": f"token {options.needed('LOTSEN_RT_TOKEN')}"})
    queues = by_target("LOTSEN_RT_QUEUE", options.needed("LOTSEN_RT_QUEUE"))
    return RequestTracker(http, queues, options.get("LOTSEN_RT_KEY_FIELD"), options.get("LOTSEN_RT_REQUESTOR"))


def _id(made: Any) -> str:
    """Return the id of what was made.

    Raises:
        DeskError: if the answer has none, so that nobody knows whether it was.
    """
    if not isinstance(made, dict) or not made.get("id"):
        raise DeskError("Request Tracker answered without an id")
    return str(made["id"])


def _mark(ticket: Mapping[str, Any]) -> str:
    """Return what tells a ticket from the same ticket changed; nothing while its second may not be over yet."""
    changed = str(ticket.get("LastUpdated") or "")
    if not changed or utc_now() - read_utc(changed) < SETTLED:
        return ""
    return f"{changed} {ticket.get('Status')} {ticket['id']}"


def _text(parts: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of a message: the plain part if there is one, else the HTML's text."""
    for kind, read in (("text/plain", str.strip), ("text/html", plain_text)):
        for part in parts:
            if str(part.get("ContentType", "")).startswith(kind) and part.get("Content"):
                return read(str(part["Content"]))
    return ""
