"""What is sent to ServiceNow exactly, and how its answers are read; the contract is tested for all desks elsewhere."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Dict, Iterator, Optional

import pytest

from lotsen.cases.case import Level, Status
from lotsen.service_desks import servicenow
from lotsen.service_desks.base import DeskError, DeskRefuses, Letter, Sent
from lotsen.service_desks.options import Options
from lotsen.service_desks.servicenow import SETTINGS, ServiceNow, open_desk
from lotsen.settings import SettingError
from tests.service_desks.stand_ins.servicenow import PASSWORD, TOKEN, ServiceNowStandIn

KEY, OTHER_KEY = "0123456789abcdef" * 2, "fedcba9876543210" * 2
HOSTS = frozenset({"127.0.0.1"})
LETTER = Letter(
    key=KEY,
    number="LOT-000042",
    subject="LOT-000042 Inloggningen hänger",
    text="Det står <b>”fel”</b> & annat på skärmen.\n[code]<script>alert(1)</script>[/CODE]\nSlut",
    level=Level.HIGH,
    created=datetime(2026, 11, 26, 10, 0, tzinfo=timezone.utc),
    target="it_service",
    reply_to="anna@example.se",
)


@pytest.fixture
def instance() -> Iterator[ServiceNowStandIn]:
    started = ServiceNowStandIn()
    started.start()
    yield started
    started.stop()


def desk_of(instance: ServiceNowStandIn, more: Optional[Dict[str, str]] = None) -> ServiceNow:
    return open_desk(Options(SETTINGS, {**instance.environment(), **(more or {})}), HOSTS)


@pytest.mark.asyncio
async def test_an_incident_has_all_that_the_letter_says(instance: ServiceNowStandIn) -> None:
    desk = desk_of(instance)
    receipt = await desk.deliver(LETTER)
    await desk.close()
    assert instance.bodies == [
        {
            "short_description": LETTER.subject,
            "description": LETTER.text,
            "correlation_id": KEY,
            "correlation_display": "Lotsen LOT-000042",
            "contact_type": "chat",
            "impact": "2",
            "urgency": "2",
            "assignment_group": instance.groups[0]["sys_id"],
            "caller_id": instance.users[0]["sys_id"],
        }
    ]
    assert receipt.ref == instance.tickets[0].ref and receipt.number == "INC0000001"
    assert receipt.url == f"{instance.url}/incident.do?sys_id={receipt.ref}"


@pytest.mark.asyncio
async def test_a_bearer_token_goes_before_a_password(instance: ServiceNowStandIn) -> None:
    desk = desk_of(instance, {"LOTSEN_SERVICENOW_TOKEN": TOKEN, "LOTSEN_SERVICENOW_PASSWORD": ""})
    assert "SOB" in await desk.check()
    await desk.close()
    wrong = desk_of(instance, {"LOTSEN_SERVICENOW_TOKEN": "another"})
    with pytest.raises(DeskError, match="401") as raised:
        await wrong.check()
    await wrong.close()
    assert not isinstance(raised.value, DeskRefuses) and "another" not in str(raised.value)


def test_one_way_to_sign_in_is_needed(instance: ServiceNowStandIn) -> None:
    with pytest.raises(SettingError, match="LOTSEN_SERVICENOW_PASSWORD") as raised:
        desk_of(instance, {"LOTSEN_SERVICENOW_PASSWORD": ""})
    assert PASSWORD not in str(raised.value)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("level", "priority"), [(Level.URGENT, "2"), (Level.HIGH, "3"), (Level.NORMAL, "4")], ids=lambda value: str(value)
)
async def test_no_level_makes_a_major_incident(instance: ServiceNowStandIn, level: Level, priority: str) -> None:
    desk = desk_of(instance)
    await desk.deliver(replace(LETTER, level=level))
    await desk.close()
    assert instance.tickets[0].priority == priority


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("email", "caller"),
    [
        ("ANNA@example.se", "anna@example.se"),
        ("", "vaxel@example.se"),
        ("nobody@example.se", "vaxel@example.se"),
        ("gone@example.se", "vaxel@example.se"),
        ("x^ORemail=anna@example.se", "vaxel@example.se"),
    ],
)
async def test_the_caller_is_the_user_or_the_usual_one(instance: ServiceNowStandIn, email: str, caller: str) -> None:
    desk = desk_of(instance, {"LOTSEN_SERVICENOW_CALLER": "vaxel@example.se"})
    await desk.deliver(replace(LETTER, reply_to=email))
    await desk.close()
    assert instance.tickets[0].caller == caller


@pytest.mark.asyncio
async def test_an_address_that_two_people_have_names_nobody(instance: ServiceNowStandIn) -> None:
    instance.users[1]["email"] = "anna@example.se"
    desk = desk_of(instance)
    await desk.deliver(LETTER)
    await desk.close()
    assert "caller_id" not in instance.bodies[0]


@pytest.mark.asyncio
async def test_groups_by_target_or_none_at_all(instance: ServiceNowStandIn) -> None:
    desk = desk_of(instance)
    await desk.deliver(replace(LETTER, target="administration"))
    await desk.close()
    free = desk_of(instance, {"LOTSEN_SERVICENOW_GROUP": ""})
    await free.deliver(replace(LETTER, key=OTHER_KEY))
    await free.close()
    assert [ticket.target for ticket in instance.tickets] == ["Objekt", ""]
    assert "assignment_group" not in instance.bodies[1]


@pytest.mark.asyncio
async def test_a_group_that_is_not_there_stops_everything_before_it_is_made(instance: ServiceNowStandIn) -> None:
    desk = desk_of(instance, {"LOTSEN_SERVICENOW_GROUP": "Fel"})
    for attempt in (desk.deliver(LETTER), desk.check()):
        with pytest.raises(DeskError, match="no active group named Fel") as raised:
            await attempt
        assert not raised.value.arrived
    await desk.close()
    assert instance.tickets == []


@pytest.mark.asyncio
async def test_a_long_subject_is_cut_here_and_a_long_text_is_whole(instance: ServiceNowStandIn) -> None:
    letter = replace(LETTER, subject="LOT-000042 " + "å" * 300, text="rad åäö\n" * 5000 + "Slut")
    desk = desk_of(instance)
    await desk.deliver(letter)
    await desk.close()
    (ticket,) = instance.tickets
    assert len(ticket.subject) == 160 and ticket.subject.endswith("å…")
    assert ticket.text == letter.text


@pytest.mark.asyncio
async def test_an_instance_that_leaves_the_query_out_is_not_believed(instance: ServiceNowStandIn) -> None:
    desk = desk_of(instance)
    await desk.deliver(LETTER)
    for row in instance.incidents:
        del row["correlation_id"]
    receipt = await desk.deliver(replace(LETTER, key=OTHER_KEY))
    await desk.close()
    assert len(instance.tickets) == 2 and receipt.ref == instance.tickets[1].ref


@pytest.mark.asyncio
async def test_an_addition_is_one_work_note_without_html_from_users(instance: ServiceNowStandIn) -> None:
    desk = desk_of(instance)
    parent = await desk.deliver(LETTER)
    added = replace(LETTER, key=OTHER_KEY, parent=parent.ref, parent_key=KEY)
    assert await desk.deliver(added) == parent
    assert await desk.deliver(replace(added, doubtful=True)) == parent
    (news,) = await desk.news([Sent(parent.ref)])
    await desk.close()
    (note,) = instance.tickets[0].additions
    assert note.endswith(f"\nSlut\n\nLotsen {OTHER_KEY}") and note.startswith(LETTER.subject)
    assert "[code]" not in note.lower() and "[/code]" not in note.lower()
    assert note.replace("\u2060", "").count(LETTER.text) == 1
    assert list(instance.bodies[1]) == ["work_notes"] and not news.replies


@pytest.mark.asyncio
async def test_an_addition_to_an_incident_that_is_gone_is_refused(instance: ServiceNowStandIn) -> None:
    desk = desk_of(instance)
    with pytest.raises(DeskRefuses, match="404"):
        await desk.deliver(replace(LETTER, parent="f" * 32))
    await desk.close()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("state", "hold_reason", "status"),
    [
        ("1", "", Status.NEW),
        ("2", "", Status.OPEN),
        ("3", "1", Status.WAITING),
        ("3", "", Status.WAITING),
        ("3", "4", Status.OPEN),
        ("6", "1", Status.RESOLVED),
        ("7", "", Status.RESOLVED),
        ("8", "", Status.REJECTED),
        ("-5", "", None),
    ],
)
async def test_states_are_read(
    instance: ServiceNowStandIn, state: str, hold_reason: str, status: Optional[Status]
) -> None:
    desk = desk_of(instance)
    receipt = await desk.deliver(LETTER)
    instance.incidents[0].update(state=state, hold_reason=hold_reason)
    (news,) = await desk.news([Sent(receipt.ref)])
    await desk.close()
    assert news.status is status


@pytest.mark.asyncio
async def test_replies_are_what_others_commented(instance: ServiceNowStandIn) -> None:
    desk = desk_of(instance)
    receipt = await desk.deliver(LETTER)
    (ticket,) = instance.tickets
    instance.answer(ticket, "Starta om <datorn>.")
    instance.note(ticket, "Besvärlig.")
    instance.answer(ticket, "Tack, det gjorde jag.", author="anan01")
    instance.answer(ticket, "Av Lotsen", author="lotsen")
    instance.answer(ticket, "Se [code]<p>Klicka <b>h&auml;r</b></p><p>sedan</p>[/code]")
    (news,) = await desk.news([Sent(receipt.ref)])
    await desk.close()
    assert [reply.text for reply in news.replies] == ["Starta om <datorn>.", "Se Klicka här\n\nsedan"]
    assert all(abs(datetime.now(timezone.utc) - reply.at) < timedelta(minutes=1) for reply in news.replies)
    assert [reply.id for reply in news.replies] == [
        row["sys_id"] for row in instance.journal if row["sys_created_by"] == "agent7" and row["element"] == "comments"
    ]


@pytest.mark.asyncio
async def test_a_change_within_the_same_second_is_seen(instance: ServiceNowStandIn) -> None:
    desk = desk_of(instance)
    receipt = await desk.deliver(LETTER)
    (before,) = await desk.news([Sent(receipt.ref)])
    same = instance.incidents[0]["sys_updated_on"]
    instance.answer(instance.tickets[0], "Starta om.")
    instance.incidents[0]["sys_updated_on"] = same
    (after,) = await desk.news([Sent(receipt.ref, before.mark)])
    assert [reply.text for reply in after.replies] == ["Starta om."]
    assert await desk.news([Sent(receipt.ref, after.mark)]) == []
    await desk.close()


@pytest.mark.asyncio
async def test_many_incidents_are_asked_after_with_few_requests(
    instance: ServiceNowStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servicenow, "PAGE", 2)
    desk = desk_of(instance)
    sent = [Sent((await desk.deliver(replace(LETTER, key=f"{number:032x}"))).ref) for number in range(3)]
    for text in ("a", "b", "c"):
        instance.answer(instance.tickets[0], text)
    instance.requests.clear()
    news = await desk.news([*sent, Sent("f" * 32)])
    await desk.close()
    assert [one.ref for one in news] == [one.ref for one in sent]
    assert [reply.text for reply in news[0].replies] == ["a", "b", "c"]
    assert all(request.startswith("GET ") for request in instance.requests)


@pytest.mark.asyncio
async def test_without_access_to_the_journal_there_are_states_only(instance: ServiceNowStandIn) -> None:
    instance.journal_is_open = False
    desk = desk_of(instance)
    receipt = await desk.deliver(LETTER)
    instance.answer(instance.tickets[0], "Starta om.")
    (news,) = await desk.news([Sent(receipt.ref)])
    await desk.close()
    assert news.status is Status.NEW and not news.replies


@pytest.mark.asyncio
async def test_check_makes_nothing(instance: ServiceNowStandIn) -> None:
    desk = desk_of(instance)
    said = await desk.check()
    await desk.close()
    assert said == f"ServiceNow {instance.url}, Objekt, SOB"
    assert all(request.startswith("GET ") for request in instance.requests)
