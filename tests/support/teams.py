"""A user of Teams: what their client sends to a bot through Microsoft, and what the bot has posted to them."""

from __future__ import annotations

import time
import uuid
from typing import Any, Dict, Iterator, List, Optional, Tuple

import requests

from tests.support.chat import Said
from tests.support.microsoft import APP_ID, TENANT, WAIT_SECONDS, Call, Microsoft
from tests.support.running import RunningLotsen

CARD = "application/vnd.microsoft.card.adaptive"
SECONDS = 30
LOOK_SECONDS = 0.02
BOT = f"28:{APP_ID}"


class TeamsUser:
    """One user in their own chat with the bot."""

    def __init__(
        self, microsoft: Microsoft, lotsen: RunningLotsen, kind: str = "personal", tenant: str = TENANT
    ) -> None:
        """Somebody new, or a group that somebody new writes in (``kind``: groupChat, channel)."""
        self.microsoft, self.endpoint, self.kind, self.tenant = microsoft, lotsen.teams, kind, tenant
        self._ask = lotsen.query
        self.id, self.object_id = f"29:{uuid.uuid4().hex}", str(uuid.uuid4())
        self.conversation = f"a:{uuid.uuid4().hex}" if kind == "personal" else f"19:{uuid.uuid4().hex}@thread.tacv2"
        self._heard = 0
        self._sent = 0

    def activity(self, type: str = "message", **parts: Any) -> Dict[str, Any]:
        """Return an activity as Teams makes it, with ``parts`` of its own."""
        self._sent += 1
        return {
            "type": type,
            "id": f"{int(time.time() * 1000)}-{self._sent}",
            "timestamp": "2026-11-27T08:00:00.000Z",
            "channelId": "msteams",
            "serviceUrl": self.microsoft.service,
            "from": {"id": self.id, "name": "Amina Öberg", "aadObjectId": self.object_id},
            "conversation": {
                "id": self.conversation,
                "conversationType": self.kind,
                "tenantId": self.tenant,
                **({"isGroup": True} if self.kind != "personal" else {}),
            },
            "recipient": {"id": BOT, "name": "Lotsen"},
            "channelData": {"tenant": {"id": self.tenant}},
            "locale": "sv-SE",
            **parts,
        }

    def send(self, activity: Dict[str, Any], token: Optional[str] = None) -> requests.Response:
        """Send an activity as Microsoft does."""
        authorization = f"Bearer {token if token is not None else self.microsoft.token()}"
        return requests.post(self.endpoint, json=activity, headers={"Authorization": authorization}, timeout=SECONDS)

    def tell(self, type: str = "message", **parts: Any) -> Dict[str, Any]:
        """Send an activity that must be taken in; return it."""
        activity = self.activity(type, **parts)
        answer = self.send(activity)
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text}"
        return activity

    def write(self, text: str) -> Dict[str, Any]:
        """Write ``text`` as Teams' client sends it: with itself once more as HTML."""
        copy = {"contentType": "text/html", "content": f"<p>{text}</p>"}
        return self.tell(text=text, textFormat="plain", attachments=[copy])

    def push(self, title: str, calls: Optional[List[Call]] = None) -> Dict[str, Any]:
        """Press the newest button with this title; messageBack sends the title as text, and the value."""
        for call in reversed(calls if calls is not None else self.calls()):
            for action in actions(call):
                if action["title"] == title:
                    back = action["data"]["msteams"]
                    assert back["type"] == "messageBack" and back["displayText"] == title
                    return self.tell(text=back["text"], value=back["value"])
        raise AssertionError(f"no button '{title}' among {[said(call).buttons for call in self.calls()]}")

    def install(self) -> None:
        """Add the app: Teams tells it twice, in two ways."""
        self.tell("conversationUpdate", membersAdded=[{"id": BOT}])
        self.tell("installationUpdate", action="add")

    def calls(self) -> List[Call]:
        """Return the messages that were posted to this conversation."""
        mine = [call for call in self.microsoft.posted if call.conversation == self.conversation]
        return [call for call in mine if isinstance(call.body, dict) and call.body.get("type") == "message"]

    def settled(self) -> bool:
        """Tell whether the bot has answered all that this user has told it, and all answers are posted."""
        mine = f"SELECT conversation FROM teams_conversations WHERE teams_conversation = '{self.conversation}'"
        at_work = f"SELECT 1 FROM chat_turns WHERE conversation IN ({mine})"
        due = f"SELECT 1 FROM teams_conversations WHERE teams_conversation = '{self.conversation}' AND due IS NOT NULL"
        return not self._ask(f"{at_work} UNION ALL {due}")

    def hear(self) -> List[Said]:
        """Return what the bot has said since it was last heard, when it has said all."""
        until = time.monotonic() + WAIT_SECONDS
        while not self.settled():
            assert time.monotonic() < until, "the bot did not come to an end"
            time.sleep(LOOK_SECONDS)
        new = self.calls()[self._heard :]
        self._heard += len(new)
        return [said(call) for call in new]

    def shown(self) -> List[Said]:
        """Return all that the bot has said."""
        return [said(call) for call in self.calls()]

    def hear_of(self, part: str, seconds: float = WAIT_SECONDS) -> List[Said]:
        """Return what the bot says by itself, as soon as it holds ``part``."""

        def told() -> bool:
            return any(part in one.text for one in map(said, self.calls()[self._heard :]))

        self.microsoft.wait_for(told, f"'{part}'", seconds)
        return self.hear()

    def say(self, text: str) -> List[Said]:
        """Write something; return what the bot says to it."""
        self.write(text)
        return self.hear()

    def press(self, title: str) -> List[Said]:
        """Press a button; return what the bot says to it."""
        self.push(title)
        return self.hear()


def card_of(call: Call) -> Optional[Dict[str, Any]]:
    """Return a posted message's card; None if it is text."""
    attached = call.body.get("attachments") or []
    return attached[0]["content"] if attached else None


def actions(call: Call) -> List[Dict[str, Any]]:
    """Return the buttons of a posted message."""

    def found(part: Any) -> Iterator[Dict[str, Any]]:
        if isinstance(part, dict):
            if part.get("type") == "Action.Submit":
                yield part
            else:
                for value in part.values():
                    yield from found(value)
        elif isinstance(part, list):
            for value in part:
                yield from found(value)

    return list(found(card_of(call)))


def said(call: Call) -> Said:
    """Return what a posted message says: its text, or all the text of its card, and its buttons."""
    titles: Tuple[str, ...] = tuple(action["title"] for action in actions(call))
    if card_of(call) is None:
        return Said(call.body["text"], titles)
    return Said("\n".join(words(card_of(call))), titles)


def words(part: Any) -> List[str]:
    """Return the texts that a card shows beside its buttons."""
    if isinstance(part, list):
        return [text for one in part for text in words(one)]
    if not isinstance(part, dict) or "selectAction" in part:
        return []
    if part.get("type") == "TextBlock":
        return [part["text"]]
    return [text for name in ("body", "items") for text in words(part.get(name) or [])]
