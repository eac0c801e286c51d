"""Several desks at once, and one that calls us: webhook and e-mail out, signed updates back, and the commands on it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Dict, Iterator, List

import jsonschema
import pytest
import requests

from lotsen.settings import ROOT
from tests.service_desks.stand_ins.email import EmailStandIn
from tests.service_desks.stand_ins.webhook import WebhookStandIn
from tests.support.expected import text
from tests.support.handoff import CHAT, eventually, send_case
from tests.support.microsoft import Microsoft
from tests.support.running import RunningLotsen, environment
from tests.support.teams import TeamsUser


@pytest.fixture(scope="module")
def webhook() -> Iterator[WebhookStandIn]:
    """A receiver that checks signatures with the package ``standardwebhooks``."""
    running = WebhookStandIn()
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def mail() -> Iterator[EmailStandIn]:
    """A real SMTP server."""
    running = EmailStandIn()
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def two_desks(
    model: object,
    webhook: WebhookStandIn,
    mail: EmailStandIn,
    microsoft: Microsoft,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[RunningLotsen]:
    """A Lotsen that sends its cases to both, and is in Teams, too."""
    settings = {"LOTSEN_DESKS": "webhook, email", "LOTSEN_DESK_HOSTS": "127.0.0.1", **microsoft.settings()}
    folder = tmp_path_factory.mktemp("two_desks")
    running = RunningLotsen(environment(folder, **settings, **webhook.environment(), **mail.environment()))
    yield running
    assert running.stop() == 0, "".join(running.output)


def lotsen(env: Dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of ``lotsen`` beside the running one."""
    command = [sys.executable, "-m", "lotsen.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def post_updates(running: RunningLotsen, updates: List[tuple]) -> List[requests.Response]:
    """Hand updates to Lotsen as the receiver's own system would."""
    address = running.base.removesuffix("/chat") + "/desk/updates"
    return [requests.post(address, data=body, headers=headers, timeout=30) for headers, body in updates]


def test_two_desks_and_the_way_back(two_desks: RunningLotsen, webhook: WebhookStandIn, mail: EmailStandIn) -> None:
    """Both get the case; what the one says by signed update is told once, however often it is sent."""
    chat = two_desks.chat()
    number, _ = send_case(chat, "Fönstret blir vitt när jag öppnar ett formulär", "En patient väntar på mig")
    ticket = eventually(lambda: next((one for one in webhook.tickets if number in one.subject), None))
    letter = eventually(lambda: next((one for one in mail.tickets if number in one.subject), None))
    assert "Fönstret blir vitt" in letter.text
    assert "Prioritet: Brådskande (en patient väntar)" in letter.text
    schema = json.loads((ROOT / "docs" / "case.schema.json").read_text(encoding="utf-8"))
    event = next(one for one in webhook.events if one["subject"] == number)
    document = {name: value for name, value in event["data"].items() if name in schema["properties"]}
    jsonschema.Draft7Validator(schema).validate(document)
    webhook.answer(ticket, "Byt till en annan webbläsare.")
    webhook.set_status(ticket, "resolved")
    kept, resolved = post_updates(two_desks, webhook.updates)
    assert (kept.status_code, resolved.status_code) == (200, 200)
    assert [answer.json()["said"] for answer in post_updates(two_desks, webhook.updates)] == ["known", "known"]
    chat.listen_for("Byt till en annan webbläsare.")
    if not any("är löst" in message["text"] for message in chat.history()):
        chat.listen_for("är löst")
    assert sum("Byt till en annan" in message["text"] for message in chat.history()) == 1
    assert text("status_resolved") in chat.say("hur går det med mitt ärende?")[0].text


def test_strangers_are_refused(two_desks: RunningLotsen, webhook: WebhookStandIn) -> None:
    """Without a signature, with a wrong one, or with another body: nothing is kept, and nothing is told."""
    chat = two_desks.chat()
    number, _ = send_case(chat, "Ingen får svara på det här")
    ticket = eventually(lambda: next((one for one in webhook.tickets if number in one.subject), None))
    webhook.answer(ticket, "Falskt svar")
    headers, body = webhook.updates[-1]
    wrong = {**headers, "Webhook-Signature": "v1,AAAA"}
    unsigned = {"Content-Type": "application/json"}
    changed = body.replace(b"Falskt", b"Elakt")
    answers = post_updates(two_desks, [(unsigned, body), (wrong, body), (headers, changed)])
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert lotsen(two_desks.env, "cases", "show", number).stdout.count("reply") == 0


def test_the_commands(two_desks: RunningLotsen, webhook: WebhookStandIn) -> None:
    """``lotsen cases`` lists, shows and sends again; ``lotsen desks check`` tries both desks."""
    number, _ = send_case(two_desks.chat(), "Till kommandoraden")
    eventually(lambda: "webhook:delivered,email:delivered" in _line(two_desks, number))
    shown = lotsen(two_desks.env, "cases", "show", number).stdout
    for part in ("webhook: levererat", "email: levererat", "confirmed", "delivered", "Problem: Till kommandoraden"):
        assert part in shown
    assert number not in lotsen(two_desks.env, "cases", "list", "--undelivered").stdout
    assert '"number": "LOT-' in lotsen(two_desks.env, "cases", "show", number, "--json").stdout
    assert "redan levererat" in lotsen(two_desks.env, "cases", "retry", number).stdout
    missing = lotsen(two_desks.env, "cases", "show", "LOT-999999")
    assert (missing.returncode, missing.stderr.strip()[:7]) == (1, "lotsen:")
    checked = lotsen(two_desks.env, "desks", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_wrong_settings_are_named_before_anything_starts(two_desks: RunningLotsen) -> None:
    """All that is wrong is said at once, without the secret."""
    wrong = {"LOTSEN_WEBHOOK_SECRET": "hemligt", "LOTSEN_EMAIL_HOST": "mail.example.se"}
    failed = lotsen({**two_desks.env, **wrong}, "desks", "check")
    assert failed.returncode == 1
    assert "LOTSEN_WEBHOOK_SECRET" in failed.stderr
    assert "LOTSEN_EMAIL_HOST" in failed.stderr
    assert "hemligt" not in failed.stderr


def _line(running: RunningLotsen, number: str) -> str:
    """Return the line of one case."""
    lines = lotsen(running.env, "cases", "list").stdout.splitlines()
    return next((line for line in lines if line.startswith(number)), "")


def test_a_desk_that_says_nothing_back_promises_no_answer_in_the_chat(
    model: object, mail: EmailStandIn, tmp_path: Path
) -> None:
    """With e-mail alone the chat is no way to be reached: it is not offered, and not taken for one."""
    settings = {"LOTSEN_DESKS": "email", "LOTSEN_DESK_HOSTS": "127.0.0.1"}
    running = RunningLotsen(environment(tmp_path, **settings, **mail.environment()))
    try:
        chat = running.chat()
        chat.say("jag vill prata med en människa")
        chat.press("Jag eller en kollega")
        asked = chat.say("Knappen är grå")[-1]
        assert asked.text == text("handoff_ask_contact", target="IT kundservice")
        assert CHAT not in asked.buttons
        assert chat.say("svara här i chatten")[-1].text == text("handoff_no_contact")
        chat.say("ankn 4471")
        assert text("handoff_sent_chat") not in chat.press("Ja, skicka")[0].text
    finally:
        assert running.stop() == 0


def test_answer_reaches_its_user_in_teams(
    two_desks: RunningLotsen, webhook: WebhookStandIn, microsoft: Microsoft
) -> None:
    """A case sent in Teams is answered there by itself, and its end is told."""
    user = TeamsUser(microsoft, two_desks)
    number, _ = send_case(user, "Momentet går inte att öppna")
    ticket = eventually(lambda: next((one for one in webhook.tickets if number in one.subject), None))
    before = len(webhook.updates)
    webhook.answer(ticket, "Logga ut och in igen.")
    webhook.set_status(ticket, "resolved")
    answers = post_updates(two_desks, webhook.updates[before:])
    assert [answer.status_code for answer in answers] == [200, 200]
    solved = text("news_resolved", number=number, target="IT kundservice")
    told = [one.text for one in user.hear_of(solved)]
    assert sum("Logga ut och in igen." in one for one in told) == 1
