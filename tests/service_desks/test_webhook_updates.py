"""Updates that the independent package signed, and all that can be wrong with one."""

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Iterator, Tuple, Type

import pytest
from standardwebhooks.webhooks import Webhook as Independent

from lotsen.cases.case import Level, Status
from lotsen.service_desks.base import Letter, News, Reply
from lotsen.service_desks.options import Options
from lotsen.service_desks.webhook import SETTINGS, BadSecret, open_desk
from lotsen.service_desks.webhook_updates import (
    BadUpdate,
    NotAnEvent,
    NotSigned,
    OtherEvent,
    UpdateError,
    WrongSignature,
    WrongTime,
    read_update,
)
from tests.service_desks.stand_ins.webhook import SECRET, WebhookStandIn

OTHER_SECRET = "whsec_" + base64.b64encode(b"x" * 24).decode()
NOW = datetime(2026, 11, 26, 10, 0, 30, 500_000, tzinfo=timezone.utc)
REPLY = {"id": 7, "text": "Prova nu.\r\nHej  ", "at": "2026-11-26T11:00:00+01:00"}
DATA = {"case": "LOT-000042", "ref": "INC7", "status": "waiting", "reply": REPLY}
EVENT = {"specversion": "1.0", "id": "e1", "source": "/desk", "type": "se.lotsen.case.updated", "data": DATA}


def sent(event: Any, at: datetime = NOW, secret: str = SECRET) -> Tuple[Dict[str, str], bytes]:
    """Return an update as the independent package signs it."""
    text = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
    headers = {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": Independent(secret).sign("msg_1", at, text),
    }
    return headers, text.encode()


def test_an_update_is_news() -> None:
    update = read_update(*sent(EVENT), SECRET, NOW)
    assert isinstance(update, News)
    assert (update.ref, update.case, update.status) == ("INC7", "LOT-000042", Status.WAITING)
    assert update.replies == (Reply("7", "Prova nu.\nHej", datetime(2026, 11, 26, 10, tzinfo=timezone.utc)),)


def test_status_or_reply_or_ref_may_be_left_out() -> None:
    only_status = read_update(*sent({**EVENT, "data": {"case": "K", "status": "resolved"}}), SECRET, NOW)
    assert (only_status.ref, only_status.case, only_status.replies) == ("K", "K", ())
    only_reply = read_update(*sent({**EVENT, "data": {"case": "K", "reply": REPLY}}), SECRET, NOW)
    assert only_reply.status is None and len(only_reply.replies) == 1


@pytest.mark.parametrize("status", list(Status))
def test_every_status_is_read(status: Status) -> None:
    update = read_update(*sent({**EVENT, "data": {"case": "K", "status": status.value}}), SECRET, NOW)
    assert update.status is status


@pytest.mark.parametrize(
    ("kind", "text", "read"),
    [
        ({}, "Skriv <b>om</b> & igen", "Skriv <b>om</b> & igen"),
        ({"content_type": "text/plain"}, "a < b", "a < b"),
        (
            {"content_type": "text/html"},
            "<p>Skriv <b>om</b></p><p>Hälsning &amp; tack</p>",
            "Skriv om\n\nHälsning & tack",
        ),
        ({"content_type": "Text/HTML; charset=utf-8"}, "<script>x</script>Hej", "Hej"),
    ],
)
def test_only_html_that_says_so_is_read_as_html(kind: Dict[str, str], text: str, read: str) -> None:
    update = read_update(*sent({**EVENT, "data": {"case": "K", "reply": {**REPLY, "text": text, **kind}}}), SECRET, NOW)
    assert update.replies[0].text == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-26T10:00:00Z", datetime(2026, 11, 26, 10, tzinfo=timezone.utc)),
        ("2026-11-26T10:00:00.5z", datetime(2026, 11, 26, 10, 0, 0, 500_000, tzinfo=timezone.utc)),
        ("2026-11-26T10:00:00.1234567+00:00", datetime(2026, 11, 26, 10, 0, 0, 123_456, tzinfo=timezone.utc)),
        ("2026-11-26T12:00:00.123+02:00", datetime(2026, 11, 26, 10, 0, 0, 123_000, tzinfo=timezone.utc)),
    ],
)
def test_times_as_many_programs_write_them(written: str, read: datetime) -> None:
    update = read_update(*sent({**EVENT, "data": {"case": "K", "reply": {**REPLY, "at": written}}}), SECRET, NOW)
    assert update.replies[0].at == read


@pytest.mark.parametrize("seconds", [-299, 0, 299])
def test_the_clock_may_be_off_a_little(seconds: int) -> None:
    assert read_update(*sent(EVENT, NOW + timedelta(seconds=seconds)), SECRET, NOW)


@pytest.mark.parametrize("seconds", [-302, 302, -86400, 10**9])
def test_but_not_much(seconds: int) -> None:
    with pytest.raises(WrongTime):
        read_update(*sent(EVENT, NOW + timedelta(seconds=seconds)), SECRET, NOW)


def test_any_of_several_secrets_and_any_of_several_signatures() -> None:
    both = f"{OTHER_SECRET} {SECRET}"
    for secret in (SECRET, OTHER_SECRET):
        assert read_update(*sent(EVENT, secret=secret), both, NOW)
    headers, body = sent(EVENT)
    other, _ = sent(EVENT, secret=OTHER_SECRET)
    headers["Webhook-Signature"] = f"v1a,eA== {other['Webhook-Signature']} nonsense {headers['Webhook-Signature']}"
    assert read_update(headers, body, SECRET, NOW)


@pytest.mark.parametrize("name", ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"])
def test_every_header_is_needed(name: str) -> None:
    headers, body = sent(EVENT)
    with pytest.raises(NotSigned):
        read_update({key: value for key, value in headers.items() if key != name}, body, SECRET, NOW)
    with pytest.raises(NotSigned):
        read_update({**headers, name: ""}, body, SECRET, NOW)


@pytest.mark.parametrize("written", ["nan", "-1", "1e9", " 1764151230", "1764151230.0", "٣", "9" * 400])
def test_a_time_that_is_none_is_not_signed(written: str) -> None:
    headers, body = sent(EVENT)
    with pytest.raises(NotSigned):
        read_update({**headers, "Webhook-Timestamp": written}, body, SECRET, NOW)


def test_nothing_may_be_changed() -> None:
    headers, body = sent(EVENT)
    mark = headers["Webhook-Signature"]
    later = str(int(NOW.timestamp()) + 1)
    wrong = [
        (headers, body + b" "),
        (headers, body.replace(b"waiting", b"resolved")),
        ({**headers, "Webhook-Id": "msg_2"}, body),
        ({**headers, "Webhook-Timestamp": later}, body),
        ({**headers, "Webhook-Signature": "v1," + "A" * 43 + "="}, body),
        ({**headers, "Webhook-Signature": mark.replace("v1,", "v2,")}, body),
        ({**headers, "Webhook-Signature": mark[3:]}, body),
        ({**headers, "Webhook-Signature": mark[:-3]}, body),
        ({**headers, "Webhook-Signature": "v1,åäö \udcff"}, body),
        ({**headers, "Webhook-Signature": "v1,"}, body),
        sent(EVENT, secret=OTHER_SECRET),
    ]
    for given in wrong:
        with pytest.raises(WrongSignature):
            read_update(*given, SECRET, NOW)


def test_a_body_is_not_looked_at_before_its_signature() -> None:
    headers, _ = sent(EVENT)
    with pytest.raises(WrongSignature):
        read_update(headers, b"\xff{", SECRET, NOW)


@pytest.mark.parametrize("secret", ["", "hemligt", "whsec_QQ"])
def test_without_a_good_secret_nothing_is_right(secret: str) -> None:
    with pytest.raises(BadSecret):
        read_update(*sent(EVENT), secret, NOW)


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ("", NotAnEvent),
        ("{", NotAnEvent),
        ("[" * 100_000, NotAnEvent),
        ([], NotAnEvent),
        ({}, NotAnEvent),
        ({**EVENT, "specversion": "0.3"}, NotAnEvent),
        ({**EVENT, "id": ""}, NotAnEvent),
        ({**EVENT, "source": None}, NotAnEvent),
        ({**EVENT, "type": ["se.lotsen.case.updated"]}, NotAnEvent),
        ({**EVENT, "type": "se.lotsen.case.created"}, OtherEvent),
        ({**EVENT, "data": None}, BadUpdate),
        ({**EVENT, "data": "x"}, BadUpdate),
        ({**EVENT, "data": {}}, BadUpdate),
        ({**EVENT, "data": {**DATA, "case": " "}}, BadUpdate),
        ({**EVENT, "data": {**DATA, "case": True}}, BadUpdate),
        ({**EVENT, "data": {"case": "K"}}, BadUpdate),
        ({**EVENT, "data": {**DATA, "status": "closed"}}, BadUpdate),
        ({**EVENT, "data": {**DATA, "status": ["open"]}}, BadUpdate),
        ({**EVENT, "data": {**DATA, "reply": "x"}}, BadUpdate),
        ({**EVENT, "data": {**DATA, "reply": {**REPLY, "id": None}}}, BadUpdate),
        ({**EVENT, "data": {**DATA, "reply": {**REPLY, "text": 7}}}, BadUpdate),
        ({**EVENT, "data": {**DATA, "reply": {**REPLY, "text": " \n"}}}, BadUpdate),
        ({**EVENT, "data": {**DATA, "reply": {**REPLY, "text": "<br>", "content_type": "text/html"}}}, BadUpdate),
        ({**EVENT, "data": {**DATA, "reply": {**REPLY, "at": None}}}, BadUpdate),
        ({**EVENT, "data": {**DATA, "reply": {**REPLY, "at": "i går"}}}, BadUpdate),
        ({**EVENT, "data": {**DATA, "reply": {**REPLY, "at": "2026-11-26T10:00:00"}}}, BadUpdate),
        ({**EVENT, "data": {**DATA, "reply": {**REPLY, "at": "0001-01-01T00:00:00+23:00"}}}, BadUpdate),
    ],
)
def test_each_fault_has_its_error(event: Any, error: Type[UpdateError]) -> None:
    with pytest.raises(error) as raised:
        read_update(*sent(event), SECRET, NOW)
    assert type(raised.value) is error


def test_an_error_tells_nothing_of_what_was_written() -> None:
    with pytest.raises(BadUpdate) as raised:
        read_update(*sent({**EVENT, "data": {**DATA, "status": "hemligt"}}), SECRET, NOW)
    assert "hemligt" not in str(raised.value) and raised.value.__cause__ is None


@pytest.fixture
def receiver() -> Iterator[WebhookStandIn]:
    started = WebhookStandIn()
    started.start()
    yield started
    started.stop()


@pytest.mark.asyncio
async def test_there_and_back(receiver: WebhookStandIn) -> None:
    desk = open_desk(Options(SETTINGS, receiver.environment()), frozenset({"127.0.0.1"}))
    letter = Letter("ab" * 16, "LOT-000001", "LOT-000001: Hej", "Hej", Level.NORMAL, NOW)
    receipt = await desk.deliver(replace(letter, data={"problem": "Hej"}))
    await desk.close()
    (ticket,) = receiver.tickets
    receiver.note(ticket, "Inte för användaren")
    receiver.answer(ticket, "Starta om åäö.")
    receiver.set_status(ticket, "resolved")
    updates = [read_update(headers, body, SECRET, datetime.now(timezone.utc)) for headers, body in receiver.updates]
    assert {(update.ref, update.case) for update in updates} == {(receipt.ref, letter.key)}
    assert [update.status for update in updates] == [None, Status.RESOLVED]
    assert [reply.text for update in updates for reply in update.replies] == ["Starta om åäö."]
