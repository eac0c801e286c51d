"""Jira Service Management, Cloud and Data Center. Built to documentation: it has never met the real product.

Relied on: the REST references "api-group-request" (Cloud) and "api-group-customer-request" (Data Center 10), Jira's
"search/jql", "search-and-reconcile" and "issue/bulkfetch", and Atlassian's own wiki reader for what must be escaped.

Jira has no idempotency key. A label or field would need a place on every request type's form, and a label or property
set afterwards may never be set; so the key is the last line of the description, which is written as the request is
made, and searched before. What remains: Cloud shows new requests to a search after "a few seconds to minutes". The
deliverer waits before it asks again (``lotsen/outbox/pace.py``); where Jira takes longer, a request whose answer was
lost is made twice. Notes are listed rather than searched, and have no such delay.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence

import aiohttp

from lotsen.cases.case import Status
from lotsen.service_desks.base import DeskError, Letter, News, Receipt, Reply, Sent
from lotsen.service_desks.http import DeskHttp
from lotsen.service_desks.markup import cut, plain_text
from lotsen.service_desks.options import Option, Options, by_target

SETTINGS = (
    Option("LOTSEN_JIRA_URL", "", "Where Jira is, e.g. https://region.atlassian.net"),
    Option("LOTSEN_JIRA_EMAIL", "", "Cloud: the e-mail address of Lotsen's account; empty means Data Center."),
    Option("LOTSEN_JIRA_TOKEN", "", "Its API token (Cloud) or personal access token (Data Center).", secret=True),
    Option("LOTSEN_JIRA_SERVICE_DESK", "", "The service desk's id, or target=id for each."),
    Option("LOTSEN_JIRA_REQUEST_TYPE", "", "The request type's id, or target=id for each."),
    Option("LOTSEN_JIRA_PRIORITY", "", "Priorities: urgent=Highest, high=High, normal=Medium; empty if forms lack it."),
    Option(
        "LOTSEN_JIRA_ON_BEHALF", "1", "1: ask in the name of the customer with the user's e-mail address; 0: never."
    ),
    Option(
        "LOTSEN_JIRA_WAITING", "Waiting for customer, Väntar på kund", "Statuses in which the desk waits for users."
    ),
    Option("LOTSEN_JIRA_REJECTED", "Canceled, Declined, Won't Do", "Statuses and resolutions that mean: not done."),
)

CATEGORY: Mapping[str, Status] = {"new": Status.NEW, "indeterminate": Status.OPEN, "done": Status.RESOLVED}
"""Statuses are the customer's own, and translated; their categories are not."""
SUBJECT_LENGTH = 255
TEXT_LENGTH = 32_767
"""Letters of a description or a comment."""
PAGE = 100
JOINER = "\u2060"
"""Invisible, and keeps apart what Jira would read as markup and has no escape for."""
_ESCAPED = re.compile(
    r"(https?://[\w./?=&%#:;,@~+-]+)|[{}\[\]|*_+^~]|!(?=\S)|\?(?=\?)|-(?=-)|(?<!\w)-(?=\S)"
    r"|(?<=[:;])[()]|\((?=(?:[^\w\s]\w?|[xyin]|on|off|flag|flagoff)\))|^#",
    re.MULTILINE | re.IGNORECASE,
)
"""What Jira would read as markup, but for addresses, in which it would show the escape."""
_BACKSLASH = re.compile(r"\\(?=[\\\-#*_+?^~|%{}\[\]()!@])")
_LINE_START = re.compile(r"^(?=\s*(?:h[1-6]|bq)\.)", re.M)


class Jira:
    """The desk."""

    polls = True

    def __init__(self, http: DeskHttp, cloud: bool, options: Options) -> None:
        """Read what goes where from ``options``. Raises SettingError if that cannot be read."""
        self._http, self._cloud = http, cloud
        self._desks, self._types = _by_target(options, "SERVICE_DESK"), _by_target(options, "REQUEST_TYPE")
        self._priorities = _by_target(options, "PRIORITY") if options.get("LOTSEN_JIRA_PRIORITY") else {}
        self._on_behalf = options.get("LOTSEN_JIRA_ON_BEHALF") != "0"
        self._waiting, self._rejected = _names(options, "WAITING"), _names(options, "REJECTED")

    async def deliver(self, letter: Letter) -> Receipt:
        """Make a request, or internal notes on the one that the case is added to. Raises as ``Desk.deliver`` does."""
        if letter.parent is not None:
            request = await self._http.get(f"rest/servicedeskapi/request/{letter.parent}")
            await self._add(letter.parent, _signed(f"{letter.subject}\n\n{letter.text}", letter.key))
            return self._receipt(request, "issueId", "issueKey")
        parts = _signed(letter.text, letter.key)
        known = await self._find(letter.key)
        receipt = self._receipt(known[0], "id", "key") if known else await self._make(letter, parts[0])
        await self._add(receipt.ref, parts[1:])
        return receipt

    async def news(self, sent: Sequence[Sent]) -> List[News]:
        """Return the requests that were changed since their mark, with the replies that their customer may read."""
        marks = {one.ref: one.mark for one in sent}
        found: List[News] = []
        for issue in await self._issues(list(marks)):
            fields, ref = issue.get("fields") or {}, str(issue.get("id"))
            changed = str(fields.get("updated") or "")
            if ref in marks and not (changed and changed == marks[ref]):
                replies = await self._replies(ref, _who(fields.get("reporter")))
                found.append(News(ref, self._status(fields), replies, changed))
        return found

    async def check(self) -> str:
        """Return who we are and the request types."""
        me = await self._http.get("rest/api/2/myself")
        names = set()
        for target, kind in self._types.items():
            desk = self._desks.get(target) or self._desks[""]
            found = await self._http.get(f"rest/servicedeskapi/servicedesk/{desk}/requesttype/{kind}")
            names.add(str(found.get("name")))
        return f"Jira {'Cloud' if self._cloud else 'Data Center'}, {me.get('displayName')}, {', '.join(sorted(names))}"

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _make(self, letter: Letter, description: str) -> Receipt:
        """Make a request."""
        desk = self._desks.get(letter.target) or self._desks[""]
        fields: Dict[str, Any] = {"summary": cut(letter.subject, SUBJECT_LENGTH), "description": description}
        priority = self._priorities.get(letter.level.value)
        if priority:
            fields["priority"] = {"name": priority}
        body: Dict[str, Any] = {
            "serviceDeskId": desk,
            "requestTypeId": self._types.get(letter.target) or self._types[""],
            "requestFieldValues": fields,
        }
        customer = await self._customer(desk, letter.reply_to) if self._on_behalf and letter.reply_to else ""
        if customer:
            body["raiseOnBehalfOf"] = customer
        return self._receipt(await self._http.send("POST", "rest/servicedeskapi/request", body), "issueId", "issueKey")

    async def _find(self, key: str) -> List[Dict[str, Any]]:
        """Return the issues whose description ends with the key, oldest first: a search for words is no proof."""
        params = {"jql": f'description ~ "{key}" ORDER BY created ASC', "fields": "description", "maxResults": "10"}
        found = await self._http.get("rest/api/2/search/jql" if self._cloud else "rest/api/2/search", params)
        sign = f"Lotsen {key}"
        return [one for one in _listed(found, "issues") if sign in str((one.get("fields") or {}).get("description"))]

    async def _issues(self, refs: Sequence[str]) -> List[Dict[str, Any]]:
        """Return these issues; those that are gone are left out."""
        fields = ["status", "resolution", "updated", "reporter"]
        found: List[Dict[str, Any]] = []
        for start in range(0, len(refs), PAGE):
            some = refs[start : start + PAGE]
            if self._cloud:
                body: Dict[str, Any] = {"issueIdsOrKeys": list(some), "fields": fields}
                answer = await self._http.send("POST", "rest/api/2/issue/bulkfetch", body)
            else:
                body = {"jql": f"id in ({', '.join(some)})", "fields": fields, "maxResults": PAGE}
                answer = await self._http.send("POST", "rest/api/2/search", {**body, "validateQuery": False})
            found += _listed(answer, "issues")
        return found

    async def _customer(self, desk: str, email: str) -> str:
        """Return the id of the desk's only customer with exactly this address; nothing if Jira does not show one."""
        path, opt_in = f"rest/servicedeskapi/servicedesk/{desk}/customer", {"X-ExperimentalApi": "opt-in"}
        found = _listed(await self._http.send("GET", path, params={"query": email}, headers=opt_in), "values")
        same = [one for one in found if str(one.get("emailAddress")).casefold() == email.casefold()]
        return _who(same[0]) if len(same) == 1 else ""

    async def _comments(self, ref: str, public: bool) -> List[Dict[str, Any]]:
        """Return a request's public comments or its internal ones, oldest first."""
        found: List[Dict[str, Any]] = []
        params = {"public": str(public).lower(), "internal": str(not public).lower(), "expand": "renderedBody"}
        while True:
            paging = {"start": str(len(found)), "limit": str(PAGE)}
            answer = await self._http.get(f"rest/servicedeskapi/request/{ref}/comment", {**params, **paging})
            page = _listed(answer, "values")
            found += [one for one in page if one.get("public") is public]
            if answer.get("isLastPage", True) or not page:
                return found

    async def _replies(self, ref: str, customer: str) -> List[Reply]:
        """Return the public comments that somebody else than the customer wrote; Lotsen writes none."""
        replies: List[Reply] = []
        for comment in await self._comments(ref, public=True):
            html = (comment.get("renderedBody") or {}).get("html")
            text = plain_text(html) if html else str(comment.get("body") or "").replace("\r\n", "\n").strip()
            at = (comment.get("created") or {}).get("epochMillis")
            if text and at is not None and not (customer and _who(comment.get("author")) == customer):
                replies.append(Reply(str(comment["id"]), text, datetime.fromtimestamp(at / 1000, timezone.utc)))
        return replies

    async def _add(self, ref: str, parts: Sequence[str]) -> None:
        """Write internal notes, but for those that are there: their last lines tell."""
        if not parts:
            return
        there = [str(one.get("body")).replace("\r\n", "\n") for one in await self._comments(ref, public=False)]
        for part in parts:
            sign = part[part.rindex("\n\n") :]
            if not any(sign in body for body in there):
                body = {"body": part, "public": False}
                await self._http.send("POST", f"rest/servicedeskapi/request/{ref}/comment", body)

    def _status(self, fields: Mapping[str, Any]) -> Optional[Status]:
        """Return how a request stands."""
        status = fields.get("status") or {}
        names = {str(one.get("name")).casefold() for one in (status, fields.get("resolution") or {})}
        if names & self._rejected:
            return Status.REJECTED
        if names & self._waiting:
            return Status.WAITING
        return CATEGORY.get(str((status.get("statusCategory") or {}).get("key")))

    def _receipt(self, made: Any, ref: str, key: str) -> Receipt:
        """Return a receipt: the id stays when a request is moved. Raises DeskError if the answer has none."""
        if not isinstance(made, dict) or not made.get(ref) or not made.get(key):
            raise DeskError("Jira answered without an id")
        return Receipt(str(made[ref]), str(made[key]), f"{self._http.base}/browse/{made[key]}")


def open_desk(options: Options, hosts: FrozenSet[str]) -> Jira:
    """Return the desk that the settings describe.

    Raises:
        SettingError: naming the variable that is wrong.
    """
    base, token = options.address("LOTSEN_JIRA_URL", hosts), options.needed("LOTSEN_JIRA_TOKEN")
    email = options.get("LOTSEN_JIRA_EMAIL")
    if email:
        return Jira(DeskHttp(base, auth=aiohttp.BasicAuth(email, token, "utf-8")), True, options)
    return Jira(DeskHttp(base, {"Authorization": f"Bearer {token}"}), False, options)


def escape(text: str) -> str:
    r"""Return text that Jira shows as it is, rather than as wiki markup.

    >>> print(escape("{noformat} *så* C:\\temp 0123-45 67"))
    \{noformat\} \*så\* C:\temp 0123-45 67
    """
    apart = _BACKSLASH.sub("\\\\" + JOINER, _LINE_START.sub(JOINER, text))
    return _ESCAPED.sub(lambda found: found[0] if found[1] else f"\\{found[0]}", apart)


def _signed(text: str, key: str) -> List[str]:
    """Return the text, escaped, in as many parts as Jira needs; each ends with the key."""
    room = TEXT_LENGTH - 100
    parts, rest = (
        [""],
        [line[i : i + room // 2] for line in text.split("\n") for i in range(0, len(line) or 1, room // 2)],
    )
    for line in map(escape, rest):
        if len(parts[-1]) + len(line) + 1 > room:
            parts.append("")
        parts[-1] += f"{line}\n"
    if len(parts) == 1:
        return [f"{parts[0].rstrip()}\n\nLotsen {key}"]
    return [f"{part}\n\nDel {at} av {len(parts)}\nLotsen {key}" for at, part in enumerate(parts, 1)]


def _listed(answer: Any, name: str) -> List[Dict[str, Any]]:
    """Return a list of an answer. Raises DeskError if it has none."""
    found = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise DeskError(f"Jira answered without {name}")
    return found


def _who(user: Any) -> str:
    """Return the id of a user: Cloud's, or Data Center's."""
    user = user or {}
    return str(user.get("accountId") or user.get("name") or "")


def _by_target(options: Options, name: str) -> Dict[str, str]:
    """Return what a variable says by target."""
    return by_target(f"LOTSEN_JIRA_{name}", options.needed(f"LOTSEN_JIRA_{name}"))


def _names(options: Options, name: str) -> FrozenSet[str]:
    """Return the names that a variable lists."""
    return frozenset(filter(None, (one.strip().casefold() for one in options.get(f"LOTSEN_JIRA_{name}").split(","))))
