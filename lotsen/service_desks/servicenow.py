"""ServiceNow incidents over the Table API. Built to documentation: it has never met the real product.

Relied on: "Table API" (Xanadu API reference), KB0534905 (its FAQ), KB0685779 (string lengths), "Journal field type".
The case's key is the incident's ``correlation_id``, written as the incident is made, and looked up before. ServiceNow
does not keep that field unique: a request that it is still at work on is not found, and could then be made twice; a
unique index on the field closes that.

Lotsen's account must read and write ``incident``, and read ``sys_user``, ``sys_user_group`` and ``sys_journal_field``.
Without the last, ServiceNow says "nothing" rather than "no": replies never come, and a note may be added twice.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime, timezone
from typing import Any, DefaultDict, Dict, FrozenSet, List, Mapping, Optional, Sequence

import aiohttp

from lotsen.cases.case import Level, Status
from lotsen.service_desks.base import DeskError, Letter, News, Receipt, Reply, Sent
from lotsen.service_desks.http import DeskHttp
from lotsen.service_desks.markup import cut, plain_text
from lotsen.service_desks.options import Option, Options, by_target

SETTINGS = (
    Option("LOTSEN_SERVICENOW_URL", "", "Where ServiceNow is, e.g. https://region.service-now.com"),
    Option("LOTSEN_SERVICENOW_USER", "", "The user name of Lotsen's account in ServiceNow."),
    Option("LOTSEN_SERVICENOW_PASSWORD", "", "Its password.", secret=True),
    Option("LOTSEN_SERVICENOW_TOKEN", "", "A bearer token, instead of user name and password.", secret=True),
    Option("LOTSEN_SERVICENOW_GROUP", "", "The assignment group's name, or target=name for each; empty: none is set."),
    Option("LOTSEN_SERVICENOW_CALLER", "", "The caller's e-mail address when the user's is unknown to ServiceNow."),
)

URGENCY: Mapping[Level, Dict[str, str]] = {
    Level.URGENT: {"impact": "2", "urgency": "1"},
    Level.HIGH: {"impact": "2", "urgency": "2"},
    Level.NORMAL: {"impact": "3", "urgency": "2"},
}
"""By ServiceNow's own matrix priority 2, 3 and 4; 1 starts the work of a major incident, which people decide."""
STATUS: Mapping[str, Status] = {
    "1": Status.NEW,
    "2": Status.OPEN,
    "3": Status.WAITING,
    "6": Status.RESOLVED,
    "7": Status.RESOLVED,
    "8": Status.REJECTED,
}
"""An incident's own states; one that was added to them is left alone."""
ON_HOLD, AWAITING_CALLER = "3", ("", "1")
SUBJECT_LENGTH = 160
"""``short_description`` is cut without a word at its end. ``description`` and notes hold 16 MB, whatever forms say."""
PAGE = 100
_CODE = re.compile(r"\[(?=/?code\])", re.IGNORECASE)
_HTML = re.compile(r"\[code\](.*?)\[/code\]", re.IGNORECASE | re.DOTALL)


class ServiceNow:
    """The desk."""

    polls = True

    def __init__(self, http: DeskHttp, groups: Mapping[str, str], caller: str, user: str) -> None:
        """``groups`` by target, the usual one under the empty name; may be empty. ``user``: who we are."""
        self._http, self._groups, self._caller, self._user = http, groups, caller, user
        self._group_ids: Dict[str, str] = {}

    async def deliver(self, letter: Letter) -> Receipt:
        """Make an incident, or a work note on the one that the case is added to. Raises as ``Desk.deliver`` does."""
        if letter.parent is not None:
            return await self._add(letter, letter.parent)
        fields = "sys_id,number,correlation_id"
        known = await self._rows("incident", f"correlation_id={letter.key}^ORDERBYsys_created_on", fields)
        # An instance that does not know a field of the query leaves that part out, and answers with every incident.
        known = [row for row in known if row.get("correlation_id") == letter.key]
        if known:
            return self._receipt(known[0])
        body = {
            "short_description": cut(letter.subject, SUBJECT_LENGTH),
            "description": letter.text,
            "correlation_id": letter.key,
            "correlation_display": f"Lotsen {letter.number}",
            "contact_type": "chat",
            **URGENCY[letter.level],
        }
        group = self._groups.get(letter.target) or self._groups.get("", "")
        if group:
            body["assignment_group"] = await self._group(group)
        caller = await self._user_id(letter.reply_to) or await self._user_id(self._caller)
        if caller:
            body["caller_id"] = caller
        params = {"sysparm_fields": "sys_id,number", "sysparm_exclude_reference_link": "true"}
        return self._receipt(_result(await self._http.send("POST", "table/incident", body, params)))

    async def news(self, sent: Sequence[Sent]) -> List[News]:
        """Return the incidents that were changed since their mark, with the comments that their caller may read."""
        marks = {one.ref: one.mark for one in sent}
        refs, found = list(marks), []
        for start in range(0, len(refs), PAGE):
            query = f"sys_idIN{','.join(refs[start : start + PAGE])}"
            fields = "sys_id,state,hold_reason,sys_updated_on,sys_mod_count,caller_id.user_name"
            changed = [
                row
                for row in await self._rows("incident", query, fields)
                if row.get("sys_id") in marks and _mark(row) != marks[row["sys_id"]]
            ]
            replies = await self._replies(changed)
            found += [News(row["sys_id"], _status(row), replies[row["sys_id"]], _mark(row)) for row in changed]
        return found

    async def check(self) -> str:
        """Return the instance and the groups that incidents go to."""
        await self._http.get("table/incident", {"sysparm_limit": "1", "sysparm_fields": "sys_id"})
        groups = sorted(set(self._groups.values()))
        for group in groups:
            await self._group(group)
        return f"ServiceNow {self._http.base.removesuffix('/api/now')}, {', '.join(groups) or 'no group'}"

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _add(self, letter: Letter, parent: str) -> Receipt:
        """Write a work note, unless one has the key. Journal fields take ``[code]`` as HTML, so users' is broken up."""
        sign = letter.sign
        query = f"element_id={parent}^element=work_notes^valueLIKE{sign}"
        notes = await self._rows("sys_journal_field", query, "sys_id,element_id,value")
        fields = {"sysparm_fields": "sys_id,number"}
        if any(note.get("element_id") == parent and sign in str(note.get("value")) for note in notes):
            return self._receipt(_result(await self._http.get(f"table/incident/{parent}", fields)))
        text = _CODE.sub("[\u2060", f"{letter.subject}\n\n{letter.text}")
        body = {"work_notes": f"{text}\n\n{sign}"}
        return self._receipt(_result(await self._http.send("PATCH", f"table/incident/{parent}", body, fields)))

    async def _replies(self, incidents: Sequence[Mapping[str, Any]]) -> DefaultDict[str, List[Reply]]:
        """Return the comments that somebody else than the caller or Lotsen wrote; work notes are internal."""
        callers = {row["sys_id"]: row.get("caller_id.user_name") for row in incidents}
        replies: DefaultDict[str, List[Reply]] = defaultdict(list)
        if not callers:
            return replies
        query = f"element_idIN{','.join(callers)}^element=comments^ORDERBYsys_created_on"
        fields = "sys_id,element_id,element,value,sys_created_on,sys_created_by"
        for row in await self._rows("sys_journal_field", query, fields):
            ref, author = row.get("element_id", ""), row.get("sys_created_by")
            if ref in callers and row.get("element") == "comments" and author not in (callers[ref], self._user):
                text = _HTML.sub(lambda html: plain_text(html[1]), str(row.get("value") or "")).strip()
                if text:
                    replies[ref].append(Reply(row["sys_id"], text, _time(str(row.get("sys_created_on")))))
        return replies

    async def _user_id(self, email: str) -> Optional[str]:
        """Return the only active user with an e-mail address; ``^`` would begin another part of the query."""
        if not email or "^" in email:
            return None
        rows = await self._rows("sys_user", f"email={email}^active=true", "sys_id,email")
        ids = [row["sys_id"] for row in rows if str(row.get("email")).casefold() == email.casefold()]
        return ids[0] if len(ids) == 1 else None

    async def _group(self, name: str) -> str:
        """Return the id of a group. Raises DeskError if there is none."""
        if name not in self._group_ids:
            rows = await self._rows("sys_user_group", f"name={name}^active=true", "sys_id,name")
            ids = [row["sys_id"] for row in rows if row.get("name") == name]
            if not ids:
                raise DeskError(f"ServiceNow shows Lotsen no active group named {name}", arrived=False)
            self._group_ids[name] = ids[0]
        return self._group_ids[name]

    async def _rows(self, table: str, query: str, fields: str) -> List[Dict[str, Any]]:
        """Return the rows that a query finds, page by page, as values rather than as people see them."""
        rows: List[Dict[str, Any]] = []
        params = {"sysparm_query": query, "sysparm_fields": fields, "sysparm_exclude_reference_link": "true"}
        while True:
            paging = {"sysparm_limit": str(PAGE), "sysparm_offset": str(len(rows))}
            answer = await self._http.get(f"table/{table}", {**params, **paging})
            page = answer.get("result") if isinstance(answer, dict) else None
            if not isinstance(page, list) or not all(isinstance(row, dict) and row.get("sys_id") for row in page):
                raise DeskError("ServiceNow answered without what was asked for")
            rows += page
            if len(page) < PAGE:
                return rows

    def _receipt(self, row: Mapping[str, Any]) -> Receipt:
        """Return a receipt with the address that people open."""
        ref = str(row["sys_id"])
        base = self._http.base.removesuffix("/api/now")
        return Receipt(ref, str(row.get("number") or ""), f"{base}/incident.do?sys_id={ref}")


def open_desk(options: Options, hosts: FrozenSet[str]) -> ServiceNow:
    """Return the desk that the settings describe.

    Raises:
        SettingError: naming the variable that is wrong.
    """
    base = f"{options.address('LOTSEN_SERVICENOW_URL', hosts)}/api/now"
    token = options.get("LOTSEN_SERVICENOW_TOKEN")
    if token:
        http, user = DeskHttp(base, {"Authorization": f"Bearer {token}"}), options.get("LOTSEN_SERVICENOW_USER")
    else:
        user = options.needed("LOTSEN_SERVICENOW_USER")
        http = DeskHttp(base, auth=aiohttp.BasicAuth(user, options.needed("LOTSEN_SERVICENOW_PASSWORD"), "utf-8"))
    group = options.get("LOTSEN_SERVICENOW_GROUP")
    groups = by_target("LOTSEN_SERVICENOW_GROUP", group) if group else {}
    return ServiceNow(http, groups, options.get("LOTSEN_SERVICENOW_CALLER"), user)


def _result(answer: Any) -> Dict[str, Any]:
    """Return the one row of an answer.

    Raises:
        DeskError: if it has none, so that nobody knows whether it was made.
    """
    row = answer.get("result") if isinstance(answer, dict) else None
    if not isinstance(row, dict) or not row.get("sys_id"):
        raise DeskError("ServiceNow answered without a sys_id")
    return row


def _status(row: Mapping[str, Any]) -> Optional[Status]:
    """Return how an incident stands: on hold for anybody but the caller, it is open to them."""
    state = str(row.get("state"))
    waits_for_others = state == ON_HOLD and row.get("hold_reason", "") not in AWAITING_CALLER
    return Status.OPEN if waits_for_others else STATUS.get(state)


def _mark(row: Mapping[str, Any]) -> str:
    """Return when and how often an incident was changed: two changes may fall in one second."""
    return f"{row.get('sys_updated_on')} {row.get('sys_mod_count')}"


def _time(text: str) -> datetime:
    """Read a time as the Table API gives values: UTC, without saying so."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)
    except ValueError as error:
        raise DeskError("ServiceNow answered with a time of another form") from error
