"""Mails to a real SMTP server: what is sent exactly, and what each thing that goes wrong means."""

import asyncio
import json
import smtplib
import socket
import threading
from dataclasses import replace
from datetime import datetime, timezone
from email.header import decode_header
from typing import Dict, Iterator, Optional

import pytest

from lotsen.cases.case import Level
from lotsen.service_desks.base import DeskError, DeskRefuses, Letter
from lotsen.service_desks.email import SETTINGS, Email, open_desk
from lotsen.service_desks.options import Options
from lotsen.settings import SettingError
from tests.service_desks.stand_ins.base import Fault
from tests.service_desks.stand_ins.email import EmailStandIn

KEY, OTHER = "0123456789abcdef" * 2, "fedcba9876543210" * 2
HOSTS = frozenset({"127.0.0.1"})
LETTER = Letter(
    key=KEY,
    number="LOT-000042",
    subject="LOT-000042: Inloggningen hänger på Åre hälsocentral, åäö " + "och så vidare " * 8,
    text="Det står ”fel” på skärmen.\n\n.\n.. två punkter\nFrom här\n" + "lång " * 400 + "\nSlut  ",
    level=Level.URGENT,
    created=datetime(2026, 11, 26, 10, 0, tzinfo=timezone.utc),
    reply_to="anna@example.se",
    data={"problem": "Hänger sig", "target": "it_service"},
)
ADDED = replace(LETTER, key=OTHER, number="LOT-000043", subject="LOT-000043: Samma sak", parent_key=KEY)


@pytest.fixture
def server() -> Iterator[EmailStandIn]:
    started = EmailStandIn()
    started.start()
    yield started
    started.stop()


def desk_of(server: EmailStandIn, more: Optional[Dict[str, str]] = None) -> Email:
    desk = open_desk(Options(SETTINGS, {**server.environment(), **(more or {})}), HOSTS)
    desk._server = replace(desk._server, timeout=5.0)
    return desk


@pytest.mark.asyncio
async def test_a_case_is_one_mail_with_all_its_headers(server: EmailStandIn) -> None:
    receipt = await desk_of(server).deliver(LETTER)
    (mail,) = server.mailbox
    assert receipt.ref == mail["Message-ID"] == f"<{KEY}@region.example.se>"
    assert receipt.number == "LOT-000042"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Reply-To"] == "anna@example.se"
    assert mail["X-Lotsen-Case"] == "LOT-000042"
    assert mail["From"] == "Lotsen <lotsen@region.example.se>" and mail["To"] == "sob@example.se"
    assert mail["X-Priority"] == "1" and mail["Importance"] == "high"
    assert mail["Date"].datetime == LETTER.created
    assert server.requests[0] == "MAIL lotsen@region.example.se"


@pytest.mark.asyncio
async def test_subject_and_text_arrive_letter_for_letter_in_short_ascii_lines(server: EmailStandIn) -> None:
    await desk_of(server).deliver(LETTER)
    (mail,), (raw,) = server.mailbox, server.raw
    assert mail["Subject"] == LETTER.subject.strip()
    assert server.tickets[0].text == LETTER.text
    assert raw.isascii() and all(len(line) <= 78 for line in raw.split(b"\r\n"))
    line = raw.partition(b"Subject: ")[2].partition(b"\r\n")[0].decode()
    assert decode_header(line)[0][1] == "utf-8" or "=?utf-8?" in line


@pytest.mark.asyncio
async def test_the_case_is_attached_as_json_only_if_that_is_asked_for(server: EmailStandIn) -> None:
    await desk_of(server).deliver(LETTER)
    await desk_of(server, {"LOTSEN_EMAIL_ATTACH": "0"}).deliver(LETTER)
    with_it, without = server.mailbox
    (part,) = with_it.iter_attachments()
    assert part.get_content_type() == "application/json" and part.get_filename() == "LOT-000042.json"
    assert json.loads(part.get_content()) == LETTER.data
    assert without.get_content_type() == "text/plain"


@pytest.mark.asyncio
async def test_an_addition_answers_the_mail_that_it_belongs_to(server: EmailStandIn) -> None:
    desk = desk_of(server)
    parent = await desk.deliver(LETTER)
    receipt = await desk.deliver(replace(ADDED, parent=parent.ref, data={"parent_number": "LOT-000042"}))
    mail = server.mailbox[1]
    assert mail["In-Reply-To"] == mail["References"] == parent.ref
    assert mail["Subject"] == "LOT-000043: Samma sak [LOT-000042]"
    assert receipt.ref == mail["Message-ID"] == f"<{OTHER}@region.example.se>"
    assert len(server.tickets) == 1 and len(server.tickets[0].additions) == 1


@pytest.mark.asyncio
async def test_a_long_message_id_is_not_broken_or_encoded(server: EmailStandIn) -> None:
    domain = "en-mycket-lang-underdoman.forvaltningen.region-nagonstans.example.se"
    desk = desk_of(server, {"LOTSEN_EMAIL_FROM": f"lotsen@{domain}"})
    parent = await desk.deliver(LETTER)
    await desk.deliver(replace(ADDED, parent=parent.ref))
    ref = f"<{KEY}@{domain}>".encode()
    assert b"Message-ID: " + ref in server.raw[0]
    assert b"In-Reply-To: " + ref in server.raw[1] and b"References: " + ref in server.raw[1]


@pytest.mark.asyncio
async def test_the_target_chooses_the_address(server: EmailStandIn) -> None:
    desk = desk_of(server)
    await desk.deliver(replace(LETTER, target="administration"))
    await desk.deliver(replace(LETTER, key=OTHER, target="unknown"))
    assert server.recipients == ["objekt@example.se", "sob@example.se"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "evil",
    [
        "x\r\nBcc: evil@example.se",
        "x\nBcc: evil@example.se\n\nbody",
        "x =?utf-8?q?y=0D=0ABcc:_evil=40example.se?= z",
        "x =?utf-8?b?eQ0KQmNjOiBldmlsQGV4YW1wbGUuc2U=?= z",
        "x\x85Bcc: evil@example.se\u2028Bcc: evil@example.se\x00\x0bBcc: evil@example.se",
        "å" * 40 + " =?utf-8?q?=0A=0ABcc:_evil=40example.se?= " + "ö" * 40 + "\rBcc: evil@example.se",
    ],
)
async def test_what_users_write_makes_no_header_and_no_recipient(server: EmailStandIn, evil: str) -> None:
    desk = desk_of(server, {"LOTSEN_EMAIL_ATTACH": "0"})
    letter = replace(LETTER, subject=evil, reply_to=evil, number=evil, text=evil, parent=evil, parent_key=KEY)
    await desk.deliver(letter)
    (mail,), (raw,) = server.mailbox, server.raw
    assert server.recipients == ["sob@example.se"]
    assert {name.lower() for name in mail} == {
        "message-id", "date", "from", "to", "subject", "auto-submitted", "x-lotsen-case", "importance", "x-priority",
        "mime-version", "content-type", "content-transfer-encoding",
    }  # fmt: skip
    head = raw.partition(b"\r\n\r\n")[0]
    assert not [line for line in head.replace(b"\r", b"\n").split(b"\n") if line.lower().startswith(b"bcc")]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "address", ["anna", "anna@växjö.se", "a@b.se, c@d.se", "<a@b.se>", "a@b.se\n", "a..b@c.se", "a b@c.se"]
)
async def test_an_address_that_is_none_is_no_reply_to(server: EmailStandIn, address: str) -> None:
    await desk_of(server).deliver(replace(LETTER, reply_to=address))
    assert server.mailbox[0]["Reply-To"] is None


@pytest.mark.asyncio
async def test_login_goes_over_tls_only(server: EmailStandIn) -> None:
    await desk_of(server).deliver(LETTER)
    assert server.encrypted == [True]


@pytest.mark.asyncio
async def test_a_wrong_password_is_tried_again_later_and_told_to_nobody(server: EmailStandIn) -> None:
    desk = desk_of(server, {"LOTSEN_EMAIL_PASSWORD": "fel-och-hemligt"})
    with pytest.raises(DeskError) as raised:
        await desk.deliver(LETTER)
    assert not isinstance(raised.value, DeskRefuses) and not raised.value.arrived
    assert "535" in str(raised.value) and "hemligt" not in str(raised.value) + repr(desk._server)
    assert server.mailbox == []


@pytest.mark.asyncio
async def test_without_starttls_nothing_is_said() -> None:
    server = EmailStandIn(tls=False, auth=False)
    server.start()
    try:
        desk = desk_of(server, {"LOTSEN_EMAIL_CA_FILE": str(server.ca_file_of_another())})
        with pytest.raises(DeskError, match="does not offer STARTTLS") as raised:
            await desk.deliver(LETTER)
        assert not raised.value.arrived and server.requests == []
    finally:
        server.stop()


@pytest.mark.asyncio
async def test_a_certificate_of_somebody_else_ends_it_before_the_login(server: EmailStandIn) -> None:
    desk = desk_of(server, {"LOTSEN_EMAIL_CA_FILE": str(server.ca_file_of_another())})
    with pytest.raises(DeskError, match="not trusted") as raised:
        await desk.deliver(LETTER)
    assert not raised.value.arrived and server.encrypted == [] and server.requests == []


@pytest.mark.asyncio
async def test_a_certificate_for_another_address_ends_it() -> None:
    server = EmailStandIn(certificate_for="192.0.2.1")
    server.start()
    try:
        with pytest.raises(DeskError, match="not trusted"):
            await desk_of(server).deliver(LETTER)
        assert server.encrypted == []
    finally:
        server.stop()


@pytest.mark.asyncio
async def test_this_machine_may_take_mail_unencrypted() -> None:
    server = EmailStandIn(tls=False, auth=False)
    server.start()
    try:
        desk = desk_of(server)
        await desk.deliver(LETTER)
        assert len(server.tickets) == 1
        assert "unencrypted, no login" in await desk.check()
    finally:
        server.stop()


def test_every_other_host_must_offer_starttls() -> None:
    values = {"LOTSEN_EMAIL_HOST": "SMTP.example.se", "LOTSEN_EMAIL_FROM": "a@example.se", "LOTSEN_EMAIL_TO": "b@c.se"}
    desk = open_desk(Options(SETTINGS, values), frozenset({"smtp.example.se"}))
    assert desk._server.tls is not None and desk._server.tls.check_hostname
    assert desk._server.port == 587


@pytest.mark.asyncio
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_4xx_is_tried_again_and_5xx_is_not(server: EmailStandIn, step: str) -> None:
    desk = desk_of(server)
    server.answers[step] = "451 4.7.1 try later"
    with pytest.raises(DeskError, match=f"451 to {step}") as raised:
        await desk.deliver(LETTER)
    assert not isinstance(raised.value, DeskRefuses)
    assert raised.value.arrived == (step == "DATA")
    server.answers[step] = "554 5.7.1 LOT-000042 is spam"
    with pytest.raises(DeskRefuses, match=f"answered 554 to {step}$") as refused:
        await desk.deliver(LETTER)
    assert not refused.value.arrived and server.mailbox == []
    server.answers[step] = "530 5.7.0 Authentication required"
    with pytest.raises(DeskError) as login:
        await desk.deliver(LETTER)
    assert not isinstance(login.value, DeskRefuses)


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", [Fault.DROPPED_BEFORE, Fault.DROPPED_AFTER])
async def test_cut_after_the_content_it_may_have_arrived(server: EmailStandIn, fault: Fault) -> None:
    desk = desk_of(server)
    server.faults.append(fault)
    with pytest.raises(DeskError) as raised:
        await desk.deliver(LETTER)
    assert not isinstance(raised.value, DeskRefuses) and raised.value.arrived
    await desk.deliver(replace(LETTER, doubtful=True))
    assert len({mail["Message-ID"] for mail in server.mailbox}) == 1
    assert len(server.mailbox) == (2 if fault is Fault.DROPPED_AFTER else 1)
    assert len(server.tickets) == 1


@pytest.mark.asyncio
async def test_a_mail_that_arrives_after_we_gave_up_is_a_copy_of_the_next(server: EmailStandIn) -> None:
    desk = desk_of(server)
    desk._server = replace(desk._server, timeout=0.3)
    server.slow_seconds = 0.6
    server.faults.append(Fault.LATE)
    with pytest.raises(DeskError) as raised:
        await desk.deliver(LETTER)
    assert raised.value.arrived
    await desk.deliver(replace(LETTER, doubtful=True))
    for _ in range(200):
        if len(server.mailbox) == 2:
            break
        await asyncio.sleep(0.02)
    assert len(server.mailbox) == 2 and len(server.tickets) == 1


@pytest.mark.asyncio
async def test_a_late_answer_is_a_doubtful_one(server: EmailStandIn) -> None:
    desk = desk_of(server)
    desk._server = replace(desk._server, timeout=0.3)
    server.faults.append(Fault.SLOW)
    with pytest.raises(DeskError) as raised:
        await desk.deliver(LETTER)
    assert raised.value.arrived and len(server.tickets) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("goodbye", [b"421 no\r\n", b"nonsense\r\n", b""])
async def test_what_goes_wrong_after_the_mail_was_taken_is_of_no_account(goodbye: bytes) -> None:
    said = [b"220 hej\r\n", b"250 hej\r\n", b"250 OK\r\n", b"250 OK\r\n", b"354 go\r\n", b"250 taken\r\n", goodbye]
    with _Scripted(said) as port:
        receipt = await _plain(port).deliver(LETTER)
    assert receipt.ref == f"<{KEY}@example.se>"


@pytest.mark.asyncio
@pytest.mark.parametrize("said", [[b"554 not for you\r\n"], [b"HTTP/1.1 400 Bad\r\n"], [b""], [b"220 hej\r\n", b""]])
async def test_a_server_that_does_not_want_to_talk_has_nothing_and_is_asked_again(said: list) -> None:
    with _Scripted(said) as port, pytest.raises(DeskError) as raised:
        await _plain(port).deliver(LETTER)
    assert not isinstance(raised.value, DeskRefuses) and not raised.value.arrived


@pytest.mark.asyncio
async def test_nobody_there_is_told_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(DeskError, match="ConnectionRefusedError") as raised:
            await _plain(taken.getsockname()[1]).deliver(LETTER)
    assert not raised.value.arrived


@pytest.mark.asyncio
async def test_a_server_that_never_ends_its_answer_is_left(server: EmailStandIn) -> None:
    """Each line comes in time, but they never end."""
    with _Scripted([b"220 hej\r\n"], endless=b"250-mer\r\n") as port:
        desk = _plain(port)
        desk._server = replace(desk._server, timeout=0.2)
        with pytest.raises(DeskError, match="too slow"):
            await desk.deliver(LETTER)


@pytest.mark.asyncio
async def test_check_asks_for_each_address_and_sends_nothing(server: EmailStandIn) -> None:
    said = await desk_of(server).check()
    assert said == f"127.0.0.1:{server.port}, STARTTLS, lotsen, to objekt@example.se, sob@example.se"
    assert server.mailbox == [] and "DATA" not in server.requests
    server.addresses.remove("objekt@example.se")
    with pytest.raises(DeskError, match="550 to RCPT"):
        await desk_of(server).check()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOTSEN_EMAIL_HOST", "evil.example.se"),
        ("LOTSEN_EMAIL_HOST", ""),
        ("LOTSEN_EMAIL_PORT", "0"),
        ("LOTSEN_EMAIL_PORT", "smtp"),
        ("LOTSEN_EMAIL_FROM", "lotsen"),
        ("LOTSEN_EMAIL_FROM", "a@b.se\r\nBcc: c@d.se"),
        ("LOTSEN_EMAIL_TO", "it_service=sob"),
        ("LOTSEN_EMAIL_TO", ""),
        ("LOTSEN_EMAIL_ATTACH", "yes"),
        ("LOTSEN_EMAIL_PASSWORD", "lösenord"),
        ("LOTSEN_EMAIL_USER", ""),
        ("LOTSEN_EMAIL_CA_FILE", "/no/such/file.pem"),
        ("LOTSEN_EMAIL_CA_FILE", __file__),
    ],
)
def test_wrong_settings_name_the_variable(server: EmailStandIn, name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name) as raised:
        desk_of(server, {name: value})
    assert "lösenord" not in str(raised.value)


def test_the_stand_in_wants_tls_and_a_login(server: EmailStandIn) -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as client, pytest.raises(smtplib.SMTPResponseException):
        client.sendmail("a@b.se", ["sob@example.se"], "Subject: x\r\n\r\nx")
    assert server.mailbox == []


def _plain(port: int) -> Email:
    """Return a desk at a server of this machine without TLS."""
    values = {
        "LOTSEN_EMAIL_HOST": "127.0.0.1",
        "LOTSEN_EMAIL_PORT": str(port),
        "LOTSEN_EMAIL_FROM": "lotsen@example.se",
        "LOTSEN_EMAIL_TO": "sob@example.se",
    }
    return open_desk(Options(SETTINGS, values), HOSTS)


class _Scripted:
    """A server for one connection, which says one thing after another, whatever it is told, and hangs up."""

    def __init__(self, said: list, endless: bytes = b"") -> None:
        self._said, self._endless = said, endless
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._talk, daemon=True)

    def __enter__(self) -> int:
        self._thread.start()
        return self._listener.getsockname()[1]

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(10)
        self._listener.close()

    def _talk(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            for number, line in enumerate(self._said):
                if number and not self._heard(connection, content=self._said[number - 1].startswith(b"354")):
                    return
                connection.sendall(line)
            while self._endless and not self._over.wait(0.02):
                try:
                    connection.sendall(self._endless)
                except OSError:
                    return

    @staticmethod
    def _heard(connection: socket.socket, content: bool) -> bool:
        end, heard = (b"\r\n.\r\n" if content else b"\r\n"), b""
        while not heard.endswith(end):
            piece = connection.recv(65536)
            if not piece:
                return False
            heard += piece
        return True
