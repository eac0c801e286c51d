"""What a service desk is to Lotsen: it takes letters, and tells what became of them.

A desk module has ``SETTINGS`` (its environment variables) and ``open_desk(options)``; ``config.py`` lists the modules.
The deliverer (``lotsen/outbox``) calls one desk from one task at a time, and a letter again until it has a receipt, so
``deliver`` must look for the letter's key in the desk before it makes anything, where the product can be searched.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, List, Mapping, Optional, Protocol, Sequence

from lotsen.cases.case import Level, Status


@dataclass(frozen=True)
class Letter:
    """One case on its way to one desk; the same at each attempt, but for ``doubtful``."""

    key: str
    """Names the case in the whole world (32 hexadecimal digits): what to look for, and to send, as idempotency key."""
    number: str
    """The case number that the user was given, e.g. ``LOT-000042``."""
    subject: str
    """One line, with the number first."""
    text: str
    """The whole case in plain Swedish, lines separated by ``\\n``, no markup."""
    level: Level
    created: datetime
    target: str = ""
    """Who takes over, by id (``data/targets.yml``)."""
    reply_to: str = ""
    """The user's e-mail address, if they gave one."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """The case as ``docs/case.schema.json`` describes it."""
    parent: Optional[str] = None
    """The desk's own id (``Receipt.ref``) of the ticket that this case is added to, as it is about the same fault."""
    parent_key: Optional[str] = None
    """The key of the case that ``parent`` is."""
    parent_number: str = ""
    """Its case number."""
    doubtful: bool = False
    """An earlier attempt ended without an answer, so the desk may have it already."""

    @property
    def sign(self) -> str:
        """Return the line that a case is found by where a desk has no field for its key."""
        return f"Lotsen {self.key}"


@dataclass(frozen=True)
class Receipt:
    """What the desk made of a letter."""

    ref: str
    """The id that the desk's interface finds it by again."""
    number: str = ""
    """What people at the desk call it."""
    url: str = ""
    """Where they open it in a browser, if that is known."""


@dataclass(frozen=True)
class Sent:
    """A delivered case to ask after: its receipt, and the mark that the last news came with."""

    ref: str
    mark: str = ""


@dataclass(frozen=True)
class Reply:
    """What the desk answered the user; never an internal note. ``id`` is the desk's own, unique within the ticket."""

    id: str
    text: str
    """Plain text; ``plain_text`` in ``markup.py`` takes HTML away."""
    at: datetime


@dataclass(frozen=True)
class News:
    """What a desk says of one ticket: all public replies so far, or only those after the mark; repeats do no harm."""

    ref: str
    status: Optional[Status] = None
    """None if the desk's word for it is unknown to us; it is left as it was then."""
    replies: Sequence[Reply] = ()
    mark: str = ""
    """Handed back in ``Sent`` next time, so that a desk can skip what has not changed."""


class DeskError(Exception):
    """A desk could not be reached, or could not do it now; the letter is sent again.

    The message is for the operator, and holds neither secrets nor what the user wrote.
    """

    def __init__(self, message: str, retry_after: Optional[float] = None, arrived: bool = True) -> None:
        """``retry_after``: seconds that the desk asks us to wait. ``arrived``: False if it surely has nothing."""
        super().__init__(message)
        self.retry_after, self.arrived = retry_after, arrived


class DeskRefuses(DeskError):
    """The desk says that the letter is wrong, and would say so again: an operator must look at it."""


class Desk(Protocol):
    """One service desk."""

    polls: bool
    """Whether ``news`` can be asked; else the desk calls us, or nothing comes back."""

    async def deliver(self, letter: Letter) -> Receipt:
        """Make a ticket of the letter, or add it to the ticket ``letter.parent``, unless the desk has it already.

        Raises:
            DeskRefuses: if it makes no sense to try again.
            DeskError: if it does.
        """

    async def news(self, sent: Sequence[Sent]) -> List[News]:
        """Return what is new about these tickets; those without news may be left out.

        Raises:
            DeskError: if the desk cannot be asked now.
        """

    async def check(self) -> str:
        """Return one line about who and where we are to the desk, for ``lotsen desks check``; nothing is made.

        Raises:
            DeskError: if settings are wrong or the desk cannot be reached.
        """

    async def close(self) -> None:
        """Let go of connections."""
