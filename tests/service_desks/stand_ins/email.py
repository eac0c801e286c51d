"""A real SMTP server (aiosmtpd) with STARTTLS and AUTH, and behind it a desk that makes tickets of mails."""

from __future__ import annotations

import asyncio
import ipaddress
import shutil
import ssl
import tempfile
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Dict, List, Optional, Set

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.service_desks.stand_ins.base import Fault, StandIn, Ticket

USER, PASSWORD = "lotsen", "hemligt-losenord"


class EmailStandIn(StandIn):
    """One mail server with the desk's mailboxes. A second mail with a Message-ID makes no second ticket."""

    name = "email"

    def __init__(self, tls: bool = True, auth: bool = True, certificate_for: str = "127.0.0.1") -> None:
        super().__init__()
        self.mailbox: List[EmailMessage] = []
        """Every mail that was taken, copies too."""
        self.raw: List[bytes] = []
        self.recipients: List[str] = []
        self.addresses: Set[str] = {"sob@example.se", "objekt@example.se"}
        """Whom there is a mailbox for."""
        self.answers: Dict[str, str] = {}
        """What is answered to ``MAIL``, ``RCPT`` or ``DATA`` in place of the usual."""
        self.encrypted: List[bool] = []
        """For each login tried, whether it came over TLS."""
        self.port = 0
        self._auth, self._server = auth, None
        self._folder = Path(tempfile.mkdtemp())
        self.ca_file = self._folder / "certificate.pem"
        self._tls = _certificate(self.ca_file, certificate_for) if tls else None

    def environment(self) -> Dict[str, str]:
        return {
            "LOTSEN_EMAIL_HOST": "127.0.0.1",
            "LOTSEN_EMAIL_PORT": str(self.port),
            "LOTSEN_EMAIL_FROM": "lotsen@region.example.se",
            "LOTSEN_EMAIL_TO": "it_service=sob@example.se, administration=objekt@example.se",
            "LOTSEN_EMAIL_ATTACH": "1",
            **({"LOTSEN_EMAIL_USER": USER, "LOTSEN_EMAIL_PASSWORD": PASSWORD} if self._auth else {}),
            **({"LOTSEN_EMAIL_CA_FILE": str(self.ca_file)} if self._tls else {}),
        }

    def ca_file_of_another(self) -> Path:
        """Return a certificate that has nothing to do with this server."""
        path = self._folder / "other.pem"
        _certificate(path, "127.0.0.1")
        return path

    def answer(self, ticket: Ticket, text: str) -> None:
        """Answer by mail to the user: Lotsen sees nothing of it."""
        ticket.said.append({"public": True, "text": text})

    def note(self, ticket: Ticket, text: str) -> None:
        ticket.said.append({"public": False, "text": text})

    def set_status(self, ticket: Ticket, status: str) -> None:
        ticket.status = status

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        super().stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _serve(self) -> None:
        self._server = await self._loop.create_server(self._smtp, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"smtp://127.0.0.1:{self.port}"

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _smtp(self) -> SMTP:
        return SMTP(
            self,
            loop=self._loop,
            hostname="smtp.example.se",
            tls_context=self._tls,
            require_starttls=self._tls is not None,
            auth_required=self._auth,
            auth_require_tls=self._tls is not None,
            authenticator=self._login if self._auth else None,
        )

    # What aiosmtpd calls

    def _login(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        self.encrypted.append(session.ssl is not None)
        right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: List[str]
    ) -> str:
        self.requests.append(f"MAIL {address}")
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: List[str]
    ) -> str:
        self.requests.append(f"RCPT {address}")
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        if address not in self.addresses:
            return "550 5.1.1 User unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> Optional[str]:
        self.requests.append("DATA")
        if "DATA" in self.answers:
            return self.answers["DATA"]
        fault = self.faults.popleft() if self.faults else Fault.NONE
        if fault is Fault.ERROR_BEFORE:
            return "451 4.3.0 Local error in processing"
        if fault is Fault.BUSY:
            return "421 4.7.0 Too many messages, try again later"
        if fault is Fault.LATE:
            # By the loop: aiosmtpd ends this task when the client hangs up, and the mail is to arrive all the same.
            self._loop.call_later(self.slow_seconds, self._take, envelope)
            await asyncio.sleep(self.slow_seconds)
        elif fault is not Fault.DROPPED_BEFORE:
            self._take(envelope)
        if fault in (Fault.DROPPED_BEFORE, Fault.DROPPED_AFTER):
            server.transport.abort()
        if fault is Fault.ERROR_AFTER:
            return "451 4.3.0 Local error in processing"
        if fault is Fault.SLOW:
            await asyncio.sleep(self.slow_seconds)
        if fault is Fault.TWICE:
            await server.push("250 OK")
        return "250 OK"

    def _take(self, envelope: Envelope) -> None:
        """Put a mail in the mailbox, and make a ticket of it or add it to one, if it is a new one."""
        mail = message_from_bytes(envelope.original_content, policy=default)
        ref = str(mail["Message-ID"])
        known = ref in [str(one["Message-ID"]) for one in self.mailbox]
        self.mailbox.append(mail)
        self.raw.append(envelope.original_content)
        self.recipients += envelope.rcpt_tos
        if known:
            return
        body = mail.get_body(("plain",))
        text = body.get_content().replace("\r\n", "\n").removesuffix("\n") if body else ""
        parents = [ticket for ticket in self.tickets if ticket.ref == str(mail["In-Reply-To"] or "")]
        if parents:
            parents[0].additions.append(f"{mail['Subject']}\n\n{text}")
            return
        self.tickets.append(
            Ticket(
                ref,
                str(mail["X-Lotsen-Case"]),
                ref.strip("<>").partition("@")[0],
                str(mail["Subject"]),
                text,
                target=envelope.rcpt_tos[0],
                caller=str(mail["Reply-To"] or ""),
                priority=str(mail["X-Priority"] or ""),
            )
        )


def _certificate(path: Path, host: str) -> ssl.SSLContext:
    """Make a self-signed certificate for an address, write it to ``path``, and return the server's side of TLS."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = path.with_name("key.pem")
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, private)
    return context
