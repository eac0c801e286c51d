"""A service desk that takes e-mail: SMTP with STARTTLS and AUTH (RFC 5321, 3207, 4954). Run against a real SMTP server.

The Message-ID is made of the case's key, so it is the same at each attempt. SMTP cannot be searched: after an answer
that got lost a second copy with the same Message-ID can go out. Many mail servers and desks drop it, not all.
Nothing comes back: people at the desk answer to the user's address, which is the Reply-To.
"""

from __future__ import annotations

import asyncio
import json
import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.header import Header
from email.headerregistry import Address, HeaderRegistry, MessageIDHeader, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from typing import FrozenSet, List, Mapping, Optional, Sequence, Tuple

from lotsen.cases.case import Level
from lotsen.service_desks.base import DeskError, DeskRefuses, Letter, News, Receipt, Sent
from lotsen.service_desks.http import LOOPBACK, TIMEOUT_SECONDS
from lotsen.service_desks.options import Option, Options, by_target
from lotsen.settings import SettingError

SETTINGS = (
    Option("LOTSEN_EMAIL_HOST", "", "The mail server, e.g. smtp.example.se; it must offer STARTTLS."),
    Option("LOTSEN_EMAIL_PORT", "587", "The mail server's port."),
    Option("LOTSEN_EMAIL_USER", "", "The name that Lotsen logs in to the mail server with; empty: no login."),
    Option("LOTSEN_EMAIL_PASSWORD", "", "The password for that.", secret=True),
    Option("LOTSEN_EMAIL_CA_FILE", "", "A PEM file to check the mail server's certificate by; empty: the system's."),
    Option("LOTSEN_EMAIL_FROM", "", "The address that cases come from, e.g. lotsen@example.se"),
    Option("LOTSEN_EMAIL_TO", "", "Who gets cases: an address, or one for each target, as it_service=a@example.se"),
    Option("LOTSEN_EMAIL_ATTACH", "0", "1: the case is also attached as JSON."),
)

IMPORTANCE: Mapping[Level, Tuple[str, str]] = {
    Level.URGENT: ("high", "1"),
    Level.HIGH: ("high", "2"),
    Level.NORMAL: ("normal", "3"),
}
"""``Importance`` and ``X-Priority``; programs read one or the other."""
ALL_STEPS = 6
"""One mail may take so many times the time limit of one step."""
_ABOUT_THE_MAIL = ("MAIL", "RCPT", "DATA")
_LOGIN_CODES = (530, 534, 535, 538)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_MESSAGE_ID = re.compile("<[!-;=?-~]+>")


class _Subject(UniqueUnstructuredHeader):
    """A subject that keeps all its spaces; Python 3.10 loses some between two encoded words."""

    def fold(self, *, policy: Policy) -> str:
        """Return the header's lines."""
        subject = Header(str(self), "us-ascii" if str(self).isascii() else "utf-8", header_name="Subject")
        return f"Subject: {subject.encode(linesep=policy.linesep)}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", _Subject)  # type: ignore[arg-type]
for _name in ("in-reply-to", "references"):
    # As any other header a long id would be written as an encoded word, which no mail program finds again.
    _HEADERS.map_to_type(_name, MessageIDHeader)  # type: ignore[arg-type]
_POLICY = SMTP.clone(header_factory=_HEADERS)


@dataclass(frozen=True)
class Server:
    """A mail server. Without ``tls`` mail goes unencrypted, which is for this machine only."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: Optional[ssl.SSLContext] = None
    timeout: float = TIMEOUT_SECONDS
    """Seconds for one step."""


class Email:
    """The desk."""

    polls = False

    def __init__(self, server: Server, sender: str, to: Mapping[str, str], attach: bool) -> None:
        """``to`` by target, the usual one under the empty name."""
        self._server, self._sender, self._to, self._attach = server, sender, to, attach
        self._domain = sender.rpartition("@")[2]

    async def deliver(self, letter: Letter) -> Receipt:
        """Send a mail; for a case that is added to another one, as an answer to that one's mail.

        Raises as ``Desk.deliver`` does.
        """
        to = self._to.get(letter.target) or self._to[""]
        mail = self._mail(letter, to)
        await self._in_time([to], mail.as_bytes())
        return Receipt(str(mail["Message-ID"]), letter.number)

    async def news(self, sent: Sequence[Sent]) -> List[News]:
        """Return nothing: a mail server knows nothing of what became of a mail."""
        return []

    async def check(self) -> str:
        """Log in, and ask whether the addresses are taken, without sending anything."""
        to = sorted(set(self._to.values()))
        await self._in_time(to, None)
        server = self._server
        how = "STARTTLS" if server.tls else "unencrypted"
        return f"{server.host}:{server.port}, {how}, {server.user or 'no login'}, to {', '.join(to)}"

    async def close(self) -> None:
        """Do nothing: each mail has a connection of its own."""

    def _mail(self, letter: Letter, to: str) -> EmailMessage:
        """Return the letter as a mail."""
        mail = EmailMessage(_POLICY)
        subject = letter.subject
        if letter.parent is not None:
            if _MESSAGE_ID.fullmatch(letter.parent):
                mail["In-Reply-To"] = mail["References"] = letter.parent
            parent_number = str(letter.data.get("parent_number") or "")
            if parent_number not in subject:
                subject = f"{subject} [{parent_number}]"
        mail["Message-ID"] = f"<{_line(letter.key)}@{self._domain}>"
        mail["Date"] = format_datetime(letter.created)
        mail["From"] = Address("Lotsen", addr_spec=self._sender)
        mail["To"] = to
        mail["Subject"] = _line(subject)
        if _ADDRESS.fullmatch(letter.reply_to):
            mail["Reply-To"] = letter.reply_to
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Lotsen-Case"] = _line(letter.number)
        mail["Importance"], mail["X-Priority"] = IMPORTANCE[letter.level]
        mail.set_content(_encodable(letter.text), charset="utf-8", cte="quoted-printable")
        if self._attach:
            case = _encodable(json.dumps(dict(letter.data), ensure_ascii=False, indent=2)).encode()
            mail.add_attachment(case, "application", "json", filename=f"{_line(letter.number)}.json")
        return mail

    async def _in_time(self, to: Sequence[str], mail: Optional[bytes]) -> None:
        """Talk to the server in a thread, as ``smtplib`` waits. Raises as ``Desk.deliver`` does."""
        try:
            await asyncio.wait_for(asyncio.to_thread(self._talk, to, mail), ALL_STEPS * self._server.timeout)
        except asyncio.TimeoutError:
            raise DeskError(f"{self._server.host} was too slow; the mail may still go out") from None

    def _talk(self, to: Sequence[str], mail: Optional[bytes]) -> None:
        """Hand over the mail, or without one only ask about the addresses.

        What the server says in words is left out of errors, as it may quote the mail or the login.
        """
        server, step = self._server, "the connection"
        smtp: Optional[smtplib.SMTP] = None
        try:
            smtp = smtplib.SMTP(server.host, server.port, self._domain, server.timeout)
            smtp.ehlo_or_helo_if_needed()
            if server.tls is not None:
                step = "STARTTLS"
                smtp.starttls(context=server.tls)
            if server.user:
                step = "AUTH"
                smtp.login(server.user, server.password)
            step = "MAIL"
            _accepted(smtp.mail(self._sender))
            step = "RCPT"
            for address in to:
                _accepted(smtp.rcpt(address))
            if mail is not None:
                step = "DATA"
                _accepted(smtp.data(mail))
            # The mail is theirs now: what goes wrong in saying goodbye must not send it again.
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        except smtplib.SMTPResponseException as error:
            said, code = f"{server.host} answered {error.smtp_code} to {step}", error.smtp_code
            if step in _ABOUT_THE_MAIL and 500 <= code < 600 and code not in _LOGIN_CODES:
                raise DeskRefuses(said, arrived=False) from None
            # ``SMTPDataError`` comes before the content was sent. After it some servers say 4xx and keep the mail.
            raise DeskError(said, arrived=step == "DATA" and not isinstance(error, smtplib.SMTPDataError)) from None
        except smtplib.SMTPNotSupportedError:
            raise DeskError(f"{server.host} does not offer {step}", arrived=False) from None
        except ssl.SSLCertVerificationError as error:
            why = f"{server.host} has a certificate that is not trusted: {error.verify_message}"
            raise DeskError(why, arrived=False) from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            why = f"{server.host} failed at {step}: {type(error).__name__}"
            raise DeskError(why, arrived=step == "DATA") from None
        finally:
            if smtp is not None:
                smtp.close()


def open_desk(options: Options, hosts: FrozenSet[str]) -> Email:
    """Return the desk that the settings describe.

    Raises:
        SettingError: naming the variable that is wrong.
    """
    host = options.needed("LOTSEN_EMAIL_HOST").lower()
    if host not in hosts:
        raise SettingError(f"LOTSEN_EMAIL_HOST: its host {host} is not in LOTSEN_DESK_HOSTS.")
    port = options.get("LOTSEN_EMAIL_PORT")
    if not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        raise SettingError(f"LOTSEN_EMAIL_PORT is '{port}'; it must be a port, as 587.")
    user, password = options.get("LOTSEN_EMAIL_USER"), options.get("LOTSEN_EMAIL_PASSWORD")
    if bool(user) != bool(password) or not (user + password).isascii():
        raise SettingError("LOTSEN_EMAIL_USER and LOTSEN_EMAIL_PASSWORD must both be set, in ASCII, or neither.")
    sender = _address("LOTSEN_EMAIL_FROM", options.needed("LOTSEN_EMAIL_FROM"))
    to = by_target("LOTSEN_EMAIL_TO", options.needed("LOTSEN_EMAIL_TO"))
    for address in to.values():
        _address("LOTSEN_EMAIL_TO", address)
    attach = options.get("LOTSEN_EMAIL_ATTACH")
    if attach not in ("0", "1"):
        raise SettingError(f"LOTSEN_EMAIL_ATTACH is '{attach}'; it must be 0 or 1.")
    tls = _tls(host, options.get("LOTSEN_EMAIL_CA_FILE"))
    return Email(Server(host, int(port), user, password, tls), sender, to, attach == "1")


def _tls(host: str, ca_file: str) -> Optional[ssl.SSLContext]:
    """Return how the certificate is checked; None for this machine, unless a file says what to check it by."""
    if host in LOOPBACK and not ca_file:
        return None
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise SettingError(f"LOTSEN_EMAIL_CA_FILE: {ca_file} cannot be read ({type(error).__name__}).") from error


def _address(name: str, written: str) -> str:
    """Return an address that may stand in a header."""
    if not _ADDRESS.fullmatch(written):
        raise SettingError(f"{name} has '{written}', which is not a plain e-mail address.")
    return written


def _accepted(answer: Tuple[int, bytes]) -> None:
    """Raise what an answer means that is not 2xx."""
    if not 200 <= answer[0] < 300:
        raise smtplib.SMTPResponseException(*answer)


def _line(text: str) -> str:
    """Return ``text`` fit for a header: one line, and nothing that is read as an encoded word, which may hide a line.

    >>> _line("LOT-000042: inget svar" + chr(10) + "Bcc: x@example.se =?utf-8?q?=0A?=")
    'LOT-000042: inget svar Bcc: x@example.se = ?utf-8?q?=0A?='
    """
    without_controls = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", _encodable(text))
    return " ".join(without_controls.split()).replace("=?", "= ?")


def _encodable(text: str) -> str:
    """Return ``text`` without halves of surrogate pairs, which UTF-8 has no bytes for."""
    return text.encode("utf-8", "replace").decode("utf-8")
