"""Events to a receiver that checks signatures with an independent package."""

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Dict, Iterator, Optional

import pytest
from standardwebhooks.webhooks import Webhook as Independent
from standardwebhooks.webhooks import WebhookVerificationError

from lotsen.cases.case import Level
from lotsen.service_desks.base import DeskError, DeskRefuses, Letter
from lotsen.service_desks.http import DeskHttp
from lotsen.service_desks.options import Options
from lotsen.service_desks.webhook import SETTINGS, BadSecret, Webhook, open_desk, read_secrets, signature, signed
from lotsen.settings import SettingError
from tests.service_desks.stand_ins.base import Fault
from tests.service_desks.stand_ins.webhook import SECRET, WebhookStandIn

KEY, OTHER_KEY = "0123456789abcdef" * 2, "fedcba9876543210" * 2
OTHER_SECRET = "whsec_" + base64.b64encode(b"x" * 24).decode()
HOSTS = frozenset({"127.0.0.1"})
LETTER = Letter(
    key=KEY,
    number="LOT-000042",
    subject="LOT-000042: Inloggningen hänger",
    text="Det står ”fel” på skärmen.\nSlut",
    level=Level.HIGH,
    created=datetime(2026, 11, 26, 11, 0, tzinfo=timezone(timedelta(hours=1))),
    target="it_service",
    reply_to="anna@example.se",
    data={
        "version": 1,
        "problem": "Hänger sig",
        "target": "it_service",
        "contact": {"email": "anna@example.se"},
        "priority": {"level": "high", "reasons": []},
    },
)


@pytest.fixture
def receiver() -> Iterator[WebhookStandIn]:
    started = WebhookStandIn()
    started.start()
    yield started
    started.stop()


def desk_of(receiver: WebhookStandIn, more: Optional[Dict[str, str]] = None) -> Webhook:
    return open_desk(Options(SETTINGS, {**receiver.environment(), **(more or {})}), HOSTS)


@pytest.mark.asyncio
async def test_a_case_is_one_signed_event(receiver: WebhookStandIn) -> None:
    desk = desk_of(receiver, {"LOTSEN_WEBHOOK_SOURCE": "https://lotsen.example.se"})
    receipt = await desk.deliver(LETTER)
    await desk.close()
    (event,), (headers,) = receiver.events, receiver.headers
    assert event == {
        "specversion": "1.0",
        "id": KEY,
        "source": "https://lotsen.example.se",
        "type": "se.lotsen.case.created",
        "subject": "LOT-000042",
        "time": "2026-11-26T10:00:00Z",
        "datacontenttype": "application/json",
        "data": {
            **LETTER.data,
            "number": "LOT-000042",
            "subject": LETTER.subject,
            "text": LETTER.text,
            "parent_key": None,
        },
    }
    assert headers["webhook-id"] == KEY
    assert headers["content-type"] == "application/cloudevents+json; charset=UTF-8"
    assert (receipt.ref, receipt.number) == ("case-1", "ARENDE-1")
    assert receipt.url == "https://desk.example.se/case-1"


@pytest.mark.asyncio
async def test_a_case_that_is_added_says_to_which(receiver: WebhookStandIn) -> None:
    desk = desk_of(receiver)
    parent = await desk.deliver(LETTER)
    await desk.deliver(replace(LETTER, key=OTHER_KEY, number="LOT-000043", parent=parent.ref, parent_key=KEY))
    await desk.close()
    assert receiver.events[1]["type"] == "se.lotsen.case.added"
    assert receiver.events[1]["data"]["parent_key"] == KEY
    assert len(receiver.tickets) == 1 and len(receiver.tickets[0].additions) == 1


@pytest.mark.asyncio
async def test_the_id_stays_the_same_over_retries(receiver: WebhookStandIn) -> None:
    desk = desk_of(receiver)
    receiver.faults.append(Fault.DROPPED_AFTER)
    with pytest.raises(DeskError) as raised:
        await desk.deliver(LETTER)
    assert raised.value.arrived
    receipt = await desk.deliver(replace(LETTER, doubtful=True))
    await desk.close()
    assert [headers["webhook-id"] for headers in receiver.headers] == [KEY, KEY]
    assert receipt.ref == "case-1" and len(receiver.tickets) == 1


@pytest.mark.asyncio
async def test_an_answer_that_is_no_json_will_do(receiver: WebhookStandIn) -> None:
    receiver.plain_answer = True
    desk = desk_of(receiver)
    receipt = await desk.deliver(LETTER)
    await desk.close()
    assert (receipt.ref, receipt.number, receipt.url) == (KEY, "LOT-000042", "")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "ref", "number", "url"),
    [
        ({"id": 7, "number": "A7", "url": "https://d.se/7"}, "7", "A7", "https://d.se/7"),
        ({"id": None, "number": 8, "url": "javascript:alert(1)"}, KEY, "8", ""),
        ({"id": True, "number": {}, "url": 4}, KEY, "LOT-000042", ""),
        ([1], KEY, "LOT-000042", ""),
        ("x", KEY, "LOT-000042", ""),
        ({}, KEY, "LOT-000042", ""),
    ],
)
async def test_everything_in_an_answer_is_optional(
    receiver: WebhookStandIn, answer: object, ref: str, number: str, url: str
) -> None:
    desk = desk_of(receiver)
    receiver._answers[KEY] = answer  # type: ignore[assignment]
    receipt = await desk.deliver(LETTER)
    await desk.close()
    assert (receipt.ref, receipt.number, receipt.url) == (ref, number, url)


@pytest.mark.asyncio
async def test_with_two_secrets_a_receiver_may_have_either(receiver: WebhookStandIn) -> None:
    desk = desk_of(receiver, {"LOTSEN_WEBHOOK_SECRET": f"{OTHER_SECRET}  {SECRET}"})
    await desk.deliver(LETTER)
    receiver.secret = OTHER_SECRET
    await desk.deliver(LETTER)
    await desk.close()
    assert len(receiver.events) == 2
    assert len(receiver.headers[0]["webhook-signature"].split(" ")) == 2


@pytest.mark.asyncio
async def test_a_wrong_secret_may_be_put_right(receiver: WebhookStandIn) -> None:
    desk = desk_of(receiver, {"LOTSEN_WEBHOOK_SECRET": OTHER_SECRET})
    with pytest.raises(DeskError, match="401") as raised:
        await desk.deliver(LETTER)
    await desk.close()
    assert not isinstance(raised.value, DeskRefuses) and not raised.value.arrived and receiver.tickets == []


@pytest.mark.asyncio
async def test_check_makes_nothing(receiver: WebhookStandIn) -> None:
    desk = desk_of(receiver)
    said = await desk.check()
    await desk.close()
    assert said.startswith(receiver.url) and SECRET not in said
    assert receiver.events == [] and receiver.requests == ["OPTIONS /hooks/lotsen"]
    nobody = Webhook(DeskHttp("http://127.0.0.1:1"), read_secrets(SECRET), "/lotsen")
    with pytest.raises(DeskError, match="cannot be reached"):
        await nobody.check()
    await nobody.close()


@pytest.mark.parametrize("body", [b"", b"{}", '{"a": "åäö"}'.encode()])
def test_the_independent_package_takes_our_signatures(body: bytes) -> None:
    now = datetime.now(timezone.utc)
    headers = signed(read_secrets(f"{OTHER_SECRET} {SECRET}"), KEY, now, body)
    for secret in (SECRET, OTHER_SECRET):
        assert Independent(secret).verify(body, headers, json_parse=False) is None
        with pytest.raises(WebhookVerificationError):
            Independent(secret).verify(body + b" ", headers, json_parse=False)


def test_a_signature_is_the_one_of_the_package_too() -> None:
    (secret,) = read_secrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body, at = json.dumps({"test": 2432232314}).encode(), datetime(2021, 2, 25, 1, 55, tzinfo=timezone.utc)
    theirs = Independent("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").sign(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body.decode()
    )
    assert signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", int(at.timestamp()), body) == theirs


def test_a_secret_may_come_without_the_signs_that_fill_it_up() -> None:
    (secret,) = read_secrets(OTHER_SECRET[:6] + base64.b64encode(b"y" * 25).decode().rstrip("="))
    assert secret == b"y" * 25


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "  ",
        "hemligt",
        "whsec_",
        "whsec_h*mligt",
        "whsec_" + base64.b64encode(b"short").decode(),
        "whsec_" + base64.b64encode(b"l" * 65).decode(),
        f"{SECRET},{OTHER_SECRET}",
        f"{SECRET} whsec_QQ",
    ],
)
def test_a_secret_of_another_form_is_not_taken_and_not_told(receiver: WebhookStandIn, secret: str) -> None:
    with pytest.raises(BadSecret):
        read_secrets(secret)
    values = {**receiver.environment(), "LOTSEN_WEBHOOK_SECRET": secret}
    with pytest.raises(SettingError, match="LOTSEN_WEBHOOK_SECRET") as raised:
        open_desk(Options(SETTINGS, values), HOSTS)
    told = str(raised.value) + str(raised.value.__cause__)
    assert not any(part.removeprefix("whsec_") in told for part in secret.split() if part != "whsec_")


@pytest.mark.parametrize("url", ["", "http://example.se/hook", "https://evil.example.se/hook"])
def test_the_address_must_be_one_that_may_be_called(receiver: WebhookStandIn, url: str) -> None:
    values = {**receiver.environment(), "LOTSEN_WEBHOOK_URL": url}
    with pytest.raises(SettingError, match="LOTSEN_WEBHOOK_URL"):
        open_desk(Options(SETTINGS, values), frozenset({"example.se"}))
