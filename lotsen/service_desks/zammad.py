"""Zammad over its REST API. Built to documentation: it has never met the real product.

Relied on: docs.zammad.org, "Ticket", "Articles", "Search", "HTTP token authentication". Zammad has no field for a
foreign id that every installation knows, so the case's key is the last line of the first article and is searched for:
Zammad looks through articles with Elasticsearch and without (then for the very letters, so no quotes). With it a new
ticket can be found after some seconds only; ``Pace.settle`` waits longer before a doubtful letter is sent again. What
remains: an index that is behind for longer than that, or a ticket moved or merged out of sight before the next attempt.

Lotsen's account needs the permission ``ticket.agent`` and the groups' rights create, read and change. Where agents may
not make tags, an administrator makes "brådskande", or Zammad leaves it out. Of a merged ticket nothing more is heard.
"""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, List, Mapping, Sequence

from lotsen.cases.case import Level, Status
from lotsen.clock import read_utc
from lotsen.service_desks.base import DeskError, DeskRefuses, Letter, News, Receipt, Reply, Sent
from lotsen.service_desks.http import DeskHttp
from lotsen.service_desks.markup import plain_text
from lotsen.service_desks.options import Option, Options, by_target

SETTINGS = (
    Option("LOTSEN_ZAMMAD_URL", "", "Where Zammad is, e.g. https://zammad.example.se"),
    Option("LOTSEN_ZAMMAD_TOKEN", "", "The access token of Lotsen's account in Zammad.", secret=True),
    Option("LOTSEN_ZAMMAD_GROUP", "", "The group: a name, or one for each target: it_service=IT, administration=SOB"),
    Option("LOTSEN_ZAMMAD_CUSTOMER", "", "The customer's e-mail address when the user gave none."),
)

PRIORITY: Mapping[Level, str] = {Level.URGENT: "3 high", Level.HIGH: "3 high", Level.NORMAL: "2 normal"}
URGENT_TAG = "brådskande"
"""Zammad's own priorities end at "3 high"; a tag tells the most urgent apart."""
STATUS: Mapping[str, Status] = {
    "new": Status.NEW,
    "open": Status.OPEN,
    "pending reminder": Status.WAITING,
    "pending close": Status.RESOLVED,
    "closed": Status.RESOLVED,
    "removed": Status.REJECTED,
}
"""Zammad's own states; one that was added to them, and "merged", is left alone."""
TITLE_LENGTH = 250


class Zammad:
    """The desk."""

    polls = True

    def __init__(self, http: DeskHttp, groups: Mapping[str, str], customer: str) -> None:
        """``groups`` by target, the usual one under the empty name."""
        self._http, self._groups, self._customer = http, groups, customer
        self._me = ""

    async def deliver(self, letter: Letter) -> Receipt:
        """Make a ticket, or a note on the one that the case is added to. Raises as ``Desk.deliver`` does."""
        if letter.parent is not None:
            return await self._add(letter, letter.parent)
        known = await self._find(letter.key)
        if known:
            return self._receipt(known[0])
        tags = [URGENT_TAG] if letter.level is Level.URGENT else []
        body = {
            "title": letter.subject[:TITLE_LENGTH],
            "group": self._groups.get(letter.target) or self._groups[""],
            "customer_id": f"guess:{letter.reply_to or self._customer}",
            "priority": PRIORITY[letter.level],
            "tags": ",".join(tags),
            "article": self._article(letter, internal=False),
        }
        return self._receipt(await self._http.send("POST", "tickets", body))

    async def news(self, sent: Sequence[Sent]) -> List[News]:
        """Return the tickets that were changed since their mark; a ticket is asked for by itself, as Zammad has it."""
        found: List[News] = []
        for one in sent:
            try:
                ticket = await self._http.get(f"tickets/{one.ref}", {"expand": "true"})
            except DeskRefuses:
                continue  # Deleted there.
            except DeskError as error:
                if error.arrived:
                    raise
                # This raises too, unless it is only that ticket which was moved out of our sight.
                await self._http.get("users/me")
                continue
            changed = str(ticket.get("updated_at") or "")
            if changed and changed == one.mark:
                continue
            found.append(News(one.ref, STATUS.get(str(ticket.get("state"))), await self._replies(one.ref), changed))
        return found

    async def check(self) -> str:
        """Return who we are to Zammad."""
        me = await self._http.get("users/me")
        return f"Zammad as {me.get('login')}, {', '.join(sorted(set(self._groups.values())))}"

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _find(self, key: str) -> List[Dict[str, Any]]:
        """Return the tickets whose first article has the key, oldest first."""
        found = await self._http.get("tickets/search", {"query": key, "expand": "true", "limit": "10"})
        right: List[Dict[str, Any]] = []
        if not isinstance(found, list):
            raise DeskError("Zammad answered a search without a list")
        for ticket in sorted(found, key=lambda one: int(one["id"])):
            articles = await self._articles(str(ticket["id"]))
            if articles and _sign(key) in str(articles[0].get("body")):
                right.append(ticket)
        return right

    async def _add(self, letter: Letter, ticket: str) -> Receipt:
        """Add an internal note, unless there is one with the key."""
        if not any(_sign(letter.key) in str(article.get("body")) for article in await self._articles(ticket)):
            note = {"ticket_id": int(ticket), **self._article(letter, internal=True)}
            await self._http.send("POST", "ticket_articles", note)
        return self._receipt(await self._http.get(f"tickets/{ticket}"))

    async def _replies(self, ticket: str) -> List[Reply]:
        """Return the articles that an agent wrote for the customer to read, but for our own."""
        if not self._me:
            self._me = str((await self._http.get("users/me")).get("id"))
        replies: List[Reply] = []
        for article in await self._articles(ticket):
            ours = str(article.get("created_by_id")) == self._me
            if article.get("internal") or article.get("sender") != "Agent" or ours:
                continue
            body = str(article.get("body") or "")
            text = plain_text(body) if "html" in str(article.get("content_type")) else body.strip()
            if text:
                replies.append(Reply(str(article["id"]), text, read_utc(str(article["created_at"]))))
        return replies

    async def _articles(self, ticket: str) -> List[Dict[str, Any]]:
        """Return a ticket's articles, oldest first."""
        found = await self._http.get(f"ticket_articles/by_ticket/{ticket}", {"expand": "true"})
        return sorted(found or [], key=lambda article: int(article["id"]))

    @staticmethod
    def _article(letter: Letter, internal: bool) -> Dict[str, Any]:
        """Return a letter as an article."""
        return {
            "subject": letter.subject[:TITLE_LENGTH],
            "body": f"{letter.subject}\n\n{letter.text}\n\n{_sign(letter.key)}",
            "type": "note",
            "sender": "Agent",
            "content_type": "text/plain",
            "internal": internal,
        }

    def _receipt(self, ticket: Any) -> Receipt:
        """Return a receipt with the address that people open."""
        if not isinstance(ticket, dict) or not ticket.get("id"):
            raise DeskError("Zammad answered without an id")
        base = self._http.base.removesuffix("/api/v1")
        return Receipt(str(ticket["id"]), str(ticket.get("number") or ""), f"{base}/#ticket/zoom/{ticket['id']}")


def open_desk(options: Options, hosts: FrozenSet[str]) -> Zammad:
    """Return the desk that the settings describe.

    Raises:
        SettingError: naming the variable that is wrong.
    """
    base = options.address("LOTSEN_ZAMMAD_URL", hosts)
    token = options.needed("LOTSEN_ZAMMAD_TOKEN")
    http = DeskHttp(f"{base}/api/v1", {"Authorization": f"Token token={token}"})
    groups = by_target("LOTSEN_ZAMMAD_GROUP", options.needed("LOTSEN_ZAMMAD_GROUP"))
    return Zammad(http, groups, options.needed("LOTSEN_ZAMMAD_CUSTOMER"))


def _sign(key: str) -> str:
    """Return the line that tells a case's article from all others."""
    return f"Lotsen {key}"
