"""TOPdesk incidents over its REST API. Built to documentation: it has never met the real product.

Relied on: developers.topdesk.com, "Incident Management", "General", "Supporting Files" (persons), as others quote them
(Pipedream, TestMonitor's client). The case's key is the incident's ``externalNumber`` (60 characters at most), written
as the incident is made, and looked up before. TOPdesk does not keep it unique: a request that it is still at work on is
not found, and could then be made twice.

Lotsen's account is an operator with an application password, and may read and write first and second line incidents,
and read persons.
"""

from __future__ import annotations

import html
import re
from datetime import datetime, timezone
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence

import aiohttp

from lotsen.cases.case import Status
from lotsen.service_desks.base import DeskError, Letter, News, Receipt, Reply, Sent
from lotsen.service_desks.http import DeskHttp
from lotsen.service_desks.markup import cut, plain_text
from lotsen.service_desks.options import Option, Options, by_target
from lotsen.settings import SettingError

SETTINGS = (
    Option("LOTSEN_TOPDESK_URL", "", "Where TOPdesk is, e.g. https://region.topdesk.net"),
    Option("LOTSEN_TOPDESK_USER", "", "The login name of Lotsen's operator in TOPdesk."),
    Option("LOTSEN_TOPDESK_PASSWORD", "", "Its application password.", secret=True),
    Option("LOTSEN_TOPDESK_CALLER", "", "The e-mail address of the person who calls when the user is unknown."),
    Option("LOTSEN_TOPDESK_CATEGORY", "", "The category's name, or target=name for each; empty: none is set."),
    Option("LOTSEN_TOPDESK_PRIORITIES", "", "Names of priorities: urgent=P1, high=P2, normal=P3; empty: none is set."),
    Option("LOTSEN_TOPDESK_STATUSES", "", "What your processing statuses mean: Registrerad=new, Pågår=open ..."),
)

BRIEF_LENGTH = 80
"""``briefDescription`` takes no more."""
PAGE = 100
"""The longest page; TOPdesk's own are of 10."""
ASKED = 50
"""Incidents in one question: their ids stand in its address."""
FIELDS = "id,processingStatus,completed,closed,modificationDate"
OLDEST = [3, 4]
"""The first version of the interface that can be asked for an ``externalNumber``."""


class TopDesk:
    """The desk."""

    polls = True

    def __init__(
        self,
        http: DeskHttp,
        caller: str,
        categories: Mapping[str, str],
        priorities: Mapping[str, str],
        statuses: Mapping[str, Status],
    ) -> None:
        """``categories`` by target, the usual one under the empty name; ``statuses`` by TOPdesk's names for them."""
        self._http, self._caller, self._categories = http, caller, categories
        self._priorities, self._statuses = priorities, statuses
        self._me = ""

    async def deliver(self, letter: Letter) -> Receipt:
        """Make an incident, or an action on the one that the case is added to. Raises as ``Desk.deliver`` does."""
        if letter.parent is not None:
            return await self._add(letter, letter.parent)
        known = await self._find(letter.key)
        if known:
            return self._receipt(known[0])
        body: Dict[str, Any] = {
            "briefDescription": cut(letter.subject, BRIEF_LENGTH, " …"),
            "request": _html(f"{letter.subject}\n\n{letter.text}"),
            "externalNumber": letter.key,
            "callerLookup": await self._caller_of(letter),
        }
        category = self._categories.get(letter.target) or self._categories.get("")
        if category:
            body["category"] = {"name": category}
        if self._priorities.get(letter.level.value):
            body["priority"] = {"name": self._priorities[letter.level.value]}
        return self._receipt(await self._http.send("POST", "incidents", body))

    async def news(self, sent: Sequence[Sent]) -> List[News]:
        """Return the incidents that were changed since their mark, but for those that are gone or out of our sight."""
        marks = {one.ref: one.mark for one in sent}
        refs = list(marks)
        found: List[News] = []
        for start in range(0, len(refs), ASKED):
            ids = ",".join(f"'{ref}'" for ref in refs[start : start + ASKED])
            params = {"query": f"id=in=({ids})", "all": "true", "fields": FIELDS}
            for incident in await self._listed("incidents", params):
                ref, changed = str(incident.get("id")), str(incident.get("modificationDate") or "")
                if ref in marks and not (changed and changed == marks[ref]):
                    found.append(News(ref, self._status(incident), await self._replies(ref), changed))
        return found

    async def check(self) -> str:
        """Return who we are to TOPdesk; it must be new enough to be searched, or cases would be made twice."""
        me = await self._http.get("operators/current")
        version = str((await self._http.get("version")).get("version"))
        if [int(part) for part in re.findall(r"\d+", version)[:2]] < OLDEST:
            raise DeskError(f"TOPdesk's interface is version {version}, and cannot be asked for a case before 3.4")
        return f"TOPdesk as {me.get('loginName') or me.get('dynamicName')}, {self._http.base}"

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _find(self, key: str) -> List[Dict[str, Any]]:
        """Return the incidents with the key, oldest first."""
        params = {"query": f"externalNumber=='{key}'", "sort": "creationDate:asc", "all": "true"}  # Archived ones too.
        return [one for one in await self._listed("incidents", params) if one.get("externalNumber") == key]

    async def _caller_of(self, letter: Letter) -> Dict[str, str]:
        """Return the one person with the user's address, else the usual caller: TOPdesk refuses one it cannot tell."""
        if letter.reply_to and not set(letter.reply_to) & set("'\"\\"):
            persons = await self._listed("persons", {"query": f"email=='{letter.reply_to}'"})
            here = [one for one in persons if one.get("status") != "personArchived"]
            if len(here) == 1 and str(here[0].get("email")).casefold() == letter.reply_to.casefold():
                return {"id": str(here[0]["id"])}
        return {"email": self._caller}

    async def _add(self, letter: Letter, incident: str) -> Receipt:
        """Add an action that the caller does not see, unless there is one with the key."""
        sign = letter.sign
        if not any(sign in str(entry.get("memoText")) for entry in await self._trail(incident)):
            action = _html(f"{letter.subject}\n\n{letter.text}\n\n{sign}")
            body = {"action": action, "actionInvisibleForCaller": True}
            await self._http.send("PATCH", f"incidents/id/{incident}", body)
        return self._receipt(await self._http.get(f"incidents/id/{incident}"))

    async def _replies(self, incident: str) -> List[Reply]:
        """Return the actions that an operator wrote and that the caller may see, but for our own."""
        if not self._me:
            self._me = str((await self._http.get("operators/current")).get("id"))
        replies: List[Reply] = []
        for entry in await self._trail(incident):
            operator = entry.get("operator") or {}
            if entry.get("invisibleForCaller") or not operator or operator.get("id") == self._me:
                continue
            text = plain_text(str(entry.get("memoText") or ""))
            if text:
                replies.append(Reply(str(entry["id"]), text, _time(str(entry["entryDate"]))))
        return replies

    async def _trail(self, incident: str) -> List[Dict[str, Any]]:
        """Return what was written on an incident, oldest first."""
        # TOPdesk has the latest first, also within a millisecond.
        oldest_first = reversed(await self._listed(f"incidents/id/{incident}/progresstrail", {}))
        return sorted(oldest_first, key=lambda entry: str(entry.get("entryDate")))

    async def _listed(self, path: str, params: Mapping[str, str]) -> List[Dict[str, Any]]:
        """Return every page of a list; TOPdesk answers nothing at all (204) if it is empty."""
        found: List[Dict[str, Any]] = []
        while True:
            page = await self._http.get(path, {**params, "start": str(len(found)), "page_size": str(PAGE)})
            if page is not None and not isinstance(page, list):
                raise DeskError("TOPdesk answered without a list")
            found += page or []
            if len(page or []) < PAGE:
                return found

    def _status(self, incident: Mapping[str, Any]) -> Optional[Status]:
        """Return what TOPdesk says: an incident is often closed with a flag, and keeps the name of its status."""
        named = self._statuses.get(str((incident.get("processingStatus") or {}).get("name")).lower())
        over = incident.get("completed") or incident.get("closed")
        return Status.RESOLVED if over and named is not Status.REJECTED else named

    def _receipt(self, incident: Any) -> Receipt:
        """Return a receipt with the address that people open."""
        if not isinstance(incident, dict) or not incident.get("id"):
            raise DeskError("TOPdesk answered without an id")
        base = self._http.base.removesuffix("/tas/api")
        address = f"{base}/tas/secure/incident?unid={incident['id']}"
        return Receipt(str(incident["id"]), str(incident.get("number") or ""), address)


def open_desk(options: Options, hosts: FrozenSet[str]) -> TopDesk:
    """Return the desk that the settings describe.

    Raises:
        SettingError: naming the variable that is wrong.
    """
    base = options.address("LOTSEN_TOPDESK_URL", hosts)
    login = (options.needed("LOTSEN_TOPDESK_USER"), options.needed("LOTSEN_TOPDESK_PASSWORD"))
    category = options.get("LOTSEN_TOPDESK_CATEGORY")
    return TopDesk(
        DeskHttp(f"{base}/tas/api", auth=aiohttp.BasicAuth(*login, encoding="utf-8")),
        options.needed("LOTSEN_TOPDESK_CALLER"),
        by_target("LOTSEN_TOPDESK_CATEGORY", category) if category else {},
        _pairs("LOTSEN_TOPDESK_PRIORITIES", options),
        {name.lower(): _meaning(word) for name, word in _pairs("LOTSEN_TOPDESK_STATUSES", options).items()},
    )


def _pairs(name: str, options: Options) -> Dict[str, str]:
    """Return what a variable pairs with each other; nothing if it is empty."""
    return {key: value for key, value in by_target(name, options.get(name)).items() if key} if options.get(name) else {}


def _meaning(word: str) -> Status:
    """Return the status that a word of the setting names."""
    try:
        return Status(word)
    except ValueError:
        known = ", ".join(status.value for status in Status)
        raise SettingError(f"LOTSEN_TOPDESK_STATUSES has '{word}'; the meanings are {known}.") from None


def _html(text: str) -> str:
    """Return plain text as TOPdesk takes it."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def _time(text: str) -> datetime:
    """Read TOPdesk's time, e.g. ``2026-11-26T10:00:00.000+0000``."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(timezone.utc)
