"""What Teams tells us, read: an activity of the Bot Framework's protocol as one of the few things that we act on. Pure.

An activity that cannot be read is treated like one that means nothing to us: it is acknowledged and passed over. So
is one without an id: whether it comes again could not be told.
"""

from __future__ import annotations

import contextlib
import hashlib
import html
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Tuple

from lotsen.channels.chat.log import CLIENT_ID_LENGTH

MAX_ID = 500
"""Characters of an id that Teams made; its own are about 100."""
CARD = "application/vnd.microsoft.card."
# All of them are bounded, and stop at the next "<": what does not end must not be looked through again and again.
_AT = re.compile(r"<at\b[^<>]{0,300}>([^<>]{0,300})</at>", re.IGNORECASE)
_LINE_END = re.compile(r"<br\b[^<>]{0,300}>|</(?:p|div|li|h\d)>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]{0,2000}>", re.IGNORECASE)
_SPACES = re.compile(r"[ \u00a0]+")
_LINES = re.compile(r" ?\r?\n ?")
_UNSEEN = re.compile(r"[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Signs that are not seen, and come along when something is copied: they would hide a personal number from masking.
Joiners stay, as emoji are made with them."""
_LIKED, _DISLIKED = {"like", "heart"}, {"sad", "angry"}


class Kind(str, Enum):
    """What an activity is to us."""

    TEXT = "text"
    CHOICE = "choice"
    """A button of one of our cards."""
    FILE = "file"
    PICTURE = "picture"
    EDITED = "edited"
    DELETED = "deleted"
    REACTION = "reaction"
    INSTALLED = "installed"
    REMOVED = "removed"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Account:
    """Where a conversation is held, as answers need it (a conversation reference). No name is kept."""

    tenant: str
    service: str
    conversation: str
    user: str
    """Teams' id of the user in the conversation: 29:..."""
    identity: str
    """The user's object id in Entra ID, or the id in the conversation if there is none."""
    bot: str
    personal: bool


@dataclass(frozen=True)
class Activity:
    """One thing that happened in Teams."""

    kind: Kind
    id: str
    account: Account
    text: str = ""
    beside: Optional[Kind] = None
    """What came with the text, if that is something that we cannot read."""
    choice: str = ""
    """The button's id, as the card had it."""
    about: str = ""
    """The id of the message that it is about: reacted to, edited, or the card of the button."""
    liked: bool = False
    disliked: bool = False


def read(written: Mapping[str, Any]) -> Activity:
    """Return what an activity is to us."""
    account, id = _account(written), _id(written, "id")
    found = _found(written, id, account)
    known = account.conversation and account.identity and (id or found.kind is Kind.REMOVED)
    return found if known else Activity(Kind.NOTHING, id, account)


def _found(written: Mapping[str, Any], id: str, account: Account) -> Activity:
    """Return what an activity is by its type."""
    type, about = _text(written, "type"), _id(written, "replyToId")
    if type == "message":
        return _message(written, id, account, about)
    if type == "messageUpdate":
        # Teams also says so when it takes a deletion back, or makes a preview of a link: only an edit is one.
        edited = _text(written, "channelData", "eventType") == "editMessage"
        return Activity(
            Kind.EDITED if edited else Kind.NOTHING, f"edit:{id}:{_id(written, 'timestamp')}", account, about=id
        )
    if type == "messageDelete":
        return Activity(Kind.DELETED, f"delete:{id}", account, about=id)
    if type == "messageReaction":
        named = {_text(one, "type") for one in _items(written, "reactionsAdded")} - {""}
        kind = Kind.REACTION if named else Kind.NOTHING
        liked, disliked = bool(named & _LIKED), bool(named & _DISLIKED)
        return Activity(kind, f"reaction:{id}", account, about=about, liked=liked, disliked=disliked)
    if type == "conversationUpdate":
        added = account.bot in {_text(one, "id") for one in _items(written, "membersAdded")} - {""}
        return Activity(Kind.INSTALLED if added else Kind.NOTHING, f"added:{id}", account)
    if type == "installationUpdate":
        kinds = {"add": Kind.INSTALLED, "add-upgrade": Kind.NOTHING, "remove": Kind.REMOVED}
        return Activity(kinds.get(_text(written, "action"), Kind.NOTHING), f"added:{id}", account)
    return Activity(Kind.NOTHING, id, account)


def _message(written: Mapping[str, Any], id: str, account: Account, about: str) -> Activity:
    """Read a message: a button of ours, a text, or something that we cannot read."""
    value = written.get("value")
    if isinstance(value, Mapping) and "choice" in value:
        # Ours is a text. A number is none of ours: 12.1 may have been "12.10".
        return Activity(Kind.CHOICE, id, account, choice=_id(value, "choice"), about=about)
    text = plain_text(written, account.bot)
    beside = _attached(_items(written, "attachments"), alone=not text)
    if beside is not None and not text:
        return Activity(beside, id, account)
    return Activity(Kind.TEXT, id, account, text, beside, about=about)


def _attached(attachments: List[Dict[str, Any]], alone: bool) -> Optional[Kind]:
    """Return what came with a message, or ``alone`` in place of a text.

    Teams adds the text itself once more as text/html, and a link's preview as a card: these are no files. Alone, a card
    is something that we cannot read, and HTML with an image is a moving picture.
    """
    kinds = [_text(one, "contentType").lower() for one in attachments]
    copies = [_text(one, "content") for one, kind in zip(attachments, kinds, strict=True) if kind == "text/html"]
    if any(kind.startswith("image/") for kind in kinds) or (alone and any("<img" in copy for copy in copies)):
        return Kind.PICTURE
    other = [kind for kind in kinds if kind and kind != "text/html" and (alone or not kind.startswith(CARD))]
    return Kind.FILE if other else None


def plain_text(written: Mapping[str, Any], bot: str) -> str:
    """Return a message's text as its writer sees it, without mentions of the bot.

    >>> plain_text({"text": "<at>Lotsen</at> kan inte &quot;logga in&quot;"}, "28:x")
    'kan inte "logga in"'
    """
    others = _named(written, bot)
    text = _AT.sub(lambda at: at[1] if _folded(at[1]) in others else " ", _text(written, "text"))
    if _text(written, "textFormat") == "xml":
        text = _TAG.sub(" ", _LINE_END.sub("\n", text))
    with contextlib.suppress(ValueError):  # The number of a sign with thousands of digits.
        text = html.unescape(text)
    return _LINES.sub("\n", _SPACES.sub(" ", _UNSEEN.sub("", text))).strip()


def _named(written: Mapping[str, Any], bot: str) -> FrozenSet[str]:
    """Return who is mentioned beside the bot. Their names are part of what is said."""
    mentions = [one for one in _items(written, "entities") if _text(one, "type") == "mention"]
    others = [_text(one, "text") for one in mentions if _text(one, "mentioned", "id") not in ("", bot)]
    return frozenset(_folded(at[1]) for text in others for at in _AT.finditer(text))


def _folded(name: str) -> str:
    return name.strip().casefold()


def _account(written: Mapping[str, Any]) -> Account:
    user = _id(written, "from", "id")
    return Account(
        tenant=_id(written, "conversation", "tenantId") or _id(written, "channelData", "tenant", "id"),
        service=_id(written, "serviceUrl"),
        conversation=_id(written, "conversation", "id"),
        user=user,
        identity=_id(written, "from", "aadObjectId") or user,
        bot=_id(written, "recipient", "id"),
        personal=_text(written, "conversation", "conversationType") == "personal",
    )


def _id(written: Any, *names: str) -> str:
    """Return the id at a path; empty if there is none, or one that Teams would not make. Cut, it could be another's."""
    id = _text(written, *names)
    return id if len(id) <= MAX_ID and id.isprintable() else ""


def _text(written: Any, *names: str) -> str:
    """Return the text at a path; empty if there is none."""
    for name in names:
        written = written.get(name) if isinstance(written, Mapping) else None
    return written if isinstance(written, str) else ""


def _items(written: Mapping[str, Any], name: str) -> List[Dict[str, Any]]:
    """Return the objects of a list; empty if there is none."""
    found = written.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def sender_key(account: Account) -> Tuple[str, str, str]:
    """Return what makes a conversation one of its own: tenant, conversation, user."""
    return account.tenant, account.conversation, account.identity if account.personal else ""


def short_id(id: str) -> str:
    """Return an id of Teams as the chat log keeps it: a hash of one that is too long."""
    return id if 0 < len(id) <= CLIENT_ID_LENGTH else hashlib.sha256(id.encode("utf-8", "replace")).hexdigest()
