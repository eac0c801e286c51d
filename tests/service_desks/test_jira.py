"""What is sent to Jira exactly, and how its answers are read; the contract is tested for all desks elsewhere."""

import re
from dataclasses import replace
from datetime import datetime, timezone
from typing import Dict, Iterator, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.cases.case import Level, Status
from lotsen.service_desks import jira
from lotsen.service_desks.base import DeskError, DeskRefuses, Letter, Sent
from lotsen.service_desks.jira import JOINER, SETTINGS, TEXT_LENGTH, Jira, escape, open_desk
from lotsen.service_desks.options import Options
from lotsen.settings import SettingError
from tests.service_desks.stand_ins.base import Fault
from tests.service_desks.stand_ins.jira import EMAIL, TOKEN, WORDS, JiraStandIn, shown

KEY, OTHER_KEY = "0123456789abcdef" * 2, "fedcba9876543210" * 2
HOSTS = frozenset({"127.0.0.1"})
LETTER = Letter(
    key=KEY,
    number="LOT-000042",
    subject="LOT-000042 Inloggningen *hänger*",
    text="Det står {color:red}fel{color} på skärmen!\n- Starta om: nej\nSlut",
    level=Level.HIGH,
    created=datetime(2026, 11, 26, 10, 0, tzinfo=timezone.utc),
    target="it_service",
    reply_to="anna@example.se",
)
LONG = "\n".join(f"Rad {number}: {{panel}} *fel* åäö" for number in range(3000)) + "\n" + "x" * 40_000


@pytest.fixture(params=[True, False], ids=["cloud", "data_center"])
def site(request: pytest.FixtureRequest) -> Iterator[JiraStandIn]:
    started = JiraStandIn(request.param)
    started.start()
    yield started
    started.stop()


def desk_of(site: JiraStandIn, more: Optional[Dict[str, str]] = None) -> Jira:
    return open_desk(Options(SETTINGS, {**site.environment(), **(more or {})}), HOSTS)


@pytest.mark.asyncio
async def test_a_request_has_all_that_the_letter_says(site: JiraStandIn) -> None:
    desk = desk_of(site)
    receipt = await desk.deliver(LETTER)
    await desk.close()
    assert site.bodies == [
        {
            "serviceDeskId": "7",
            "requestTypeId": "20",
            "requestFieldValues": {
                "summary": LETTER.subject,
                "description": "Det står \\{color:red\\}fel\\{color\\} på skärmen!\n- Starta om: nej\nSlut\n\n"
                f"Lotsen {KEY}",
                "priority": {"name": "High"},
            },
            "raiseOnBehalfOf": "qm:15:Anna" if site.cloud else "anna",
        }
    ]
    assert (receipt.ref, receipt.number) == (site.tickets[0].ref, "SOB-1")
    assert receipt.url == f"{site.url}/browse/SOB-1"


@pytest.mark.asyncio
@pytest.mark.parametrize("email", ["ANNA@example.se", "anna@example.s", "nobody@example.se", ""])
async def test_only_the_very_customer_is_spoken_for(site: JiraStandIn, email: str) -> None:
    desk = desk_of(site)
    await desk.deliver(replace(LETTER, reply_to=email))
    await desk.close()
    assert site.tickets[0].caller == ("anna@example.se" if email.startswith("ANNA") else "")


@pytest.mark.asyncio
async def test_an_address_that_jira_hides_or_two_people_have_names_nobody(site: JiraStandIn) -> None:
    del site.customers[0]["emailAddress"]
    site.customers = [{**site.customers[1], "emailAddress": "anna@example.se"}] * 2
    desk = desk_of(site)
    await desk.deliver(LETTER)
    await desk.close()
    assert "raiseOnBehalfOf" not in site.bodies[0]


@pytest.mark.asyncio
async def test_nobody_is_spoken_for_if_that_is_turned_off(site: JiraStandIn) -> None:
    desk = desk_of(site, {"LOTSEN_JIRA_ON_BEHALF": "0"})
    await desk.deliver(LETTER)
    await desk.close()
    assert "raiseOnBehalfOf" not in site.bodies[0]
    assert not [request for request in site.requests if "customer" in request]


@pytest.mark.asyncio
async def test_a_form_without_priority_gets_none(site: JiraStandIn) -> None:
    site.form.remove("priority")
    desk = desk_of(site)
    with pytest.raises(DeskRefuses, match="400"):
        await desk.deliver(LETTER)
    await desk.close()
    bare = desk_of(site, {"LOTSEN_JIRA_PRIORITY": ""})
    await bare.deliver(LETTER)
    await bare.close()
    assert len(site.tickets) == 1


@pytest.mark.asyncio
async def test_the_target_chooses_the_request_type(site: JiraStandIn) -> None:
    desk = desk_of(site)
    await desk.deliver(replace(LETTER, target="administration"))
    await desk.deliver(replace(LETTER, key=OTHER_KEY, target=""))
    await desk.close()
    assert [ticket.target for ticket in site.tickets] == ["21", "20"]


@pytest.mark.asyncio
async def test_an_unknown_request_type_is_refused(site: JiraStandIn) -> None:
    desk = desk_of(site, {"LOTSEN_JIRA_REQUEST_TYPE": "99"})
    for attempt in (desk.deliver(LETTER), desk.check()):
        with pytest.raises(DeskRefuses):
            await attempt
    await desk.close()


@pytest.mark.asyncio
async def test_a_text_that_is_too_long_goes_on_in_notes(site: JiraStandIn) -> None:
    letter = replace(LETTER, text=LONG, subject="LOT-000042 " + "å" * 400)
    desk = desk_of(site)
    receipt = await desk.deliver(letter)
    assert await desk.deliver(letter) == receipt
    await desk.close()
    (ticket,) = site.tickets
    assert len(ticket.subject) == 255
    parts = [ticket.text, *ticket.additions]
    assert len(parts) > 2
    assert all(part.endswith(f"\n\nDel {at} av {len(parts)}\nLotsen {KEY}") for at, part in enumerate(parts, 1))
    whole = "".join(re.sub(r"\n\nDel \d+ av \d+\nLotsen \w+$", "", part) for part in parts)
    assert whole.replace("\n", "") == LONG.replace("\n", "")


@pytest.mark.asyncio
async def test_notes_that_were_lost_on_the_way_come_with_the_next_attempt(site: JiraStandIn) -> None:
    letter = replace(LETTER, text=LONG)
    site.faults.extend([Fault.NONE, Fault.DROPPED_AFTER, Fault.NONE, Fault.ERROR_BEFORE])
    desk = desk_of(site)
    for _ in range(2):
        with pytest.raises(DeskError):
            await desk.deliver(letter)
    await desk.deliver(letter)
    await desk.close()
    (ticket,) = site.tickets
    found = [re.findall(r"Del \d+ av \d+", part)[0] for part in (ticket.text, *ticket.additions)]
    assert found == [f"Del {at} av {len(found)}" for at in range(1, len(found) + 1)]


@pytest.mark.asyncio
async def test_what_a_search_has_not_seen_yet_is_made_twice(site: JiraStandIn) -> None:
    """The window that the module tells of; if this fails, the module's docstring is wrong."""
    desk = desk_of(site)
    site.indexed = False
    await desk.deliver(LETTER)
    await desk.deliver(LETTER)
    site.indexed = True
    receipt = await desk.deliver(LETTER)
    await desk.close()
    assert len(site.tickets) == 2 and receipt.ref == site.tickets[0].ref


@pytest.mark.asyncio
async def test_a_word_that_is_found_is_no_proof(site: JiraStandIn) -> None:
    desk = desk_of(site)
    await desk.deliver(replace(LETTER, text=f"Se {OTHER_KEY}"))
    await desk.deliver(replace(LETTER, key=OTHER_KEY))
    await desk.close()
    assert [ticket.key for ticket in site.tickets] == [KEY, OTHER_KEY]


@pytest.mark.asyncio
async def test_an_addition_is_one_internal_note(site: JiraStandIn) -> None:
    desk = desk_of(site)
    parent = await desk.deliver(LETTER)
    added = replace(LETTER, key=OTHER_KEY, parent=parent.ref, parent_key=KEY)
    assert await desk.deliver(added) == await desk.deliver(added) == parent
    await desk.close()
    (note,) = site.bodies[1:]
    assert note["public"] is False and note["body"].endswith(f"\nSlut\n\nLotsen {OTHER_KEY}")
    assert site.tickets[0].additions == [f"{LETTER.subject}\n\n{LETTER.text}\n\nLotsen {OTHER_KEY}"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("Nytt", "new", None), Status.NEW),
        (("Utreds", "indeterminate", None), Status.OPEN),
        (("Väntar på kund", "indeterminate", None), Status.WAITING),
        (("WAITING FOR CUSTOMER", "new", None), Status.WAITING),
        (("Stängd", "done", "Done"), Status.RESOLVED),
        (("Stängd", "done", "Won't Do"), Status.REJECTED),
        (("Declined", "done", None), Status.REJECTED),
        (("Okänd", "undefined", None), None),
    ],
)
async def test_statuses_are_read(
    site: JiraStandIn, monkeypatch: pytest.MonkeyPatch, words: tuple, status: Optional[Status]
) -> None:
    monkeypatch.setitem(WORDS, "special", words)
    desk = desk_of(site)
    receipt = await desk.deliver(LETTER)
    site.set_status(site.tickets[0], "special")
    (news,) = await desk.news([Sent(receipt.ref)])
    await desk.close()
    assert news.status is status


@pytest.mark.asyncio
async def test_replies_are_what_others_said_in_public_over_all_pages(site: JiraStandIn) -> None:
    desk = desk_of(site)
    receipt = await desk.deliver(LETTER)
    (ticket,) = site.tickets
    for number in range(60):
        site.answer(ticket, f"Svar {number}")
        site.note(ticket, "Internt")
    site.answer(ticket, "Tack!", author=site.customers[0])
    (news,) = await desk.news([Sent(receipt.ref)])
    await desk.close()
    assert [reply.text for reply in news.replies] == [f"Svar {number}" for number in range(60)]


@pytest.mark.asyncio
async def test_many_requests_are_asked_after_at_once(site: JiraStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jira, "PAGE", 2)
    desk = desk_of(site)
    refs = [(await desk.deliver(replace(LETTER, key=f"{number:032x}"))).ref for number in range(3)]
    first = await desk.news([*map(Sent, refs), Sent("99999")])
    site.requests.clear()
    assert [one.ref for one in first] == refs
    assert await desk.news([Sent(one.ref, one.mark) for one in first]) == []
    await desk.close()
    path = "/rest/api/2/issue/bulkfetch" if site.cloud else "/rest/api/2/search"
    assert site.requests == [f"POST {path}"] * 2


@pytest.mark.asyncio
async def test_check_tells_who_we_are(site: JiraStandIn) -> None:
    desk = desk_of(site)
    said = await desk.check()
    await desk.close()
    assert said == f"Jira {'Cloud' if site.cloud else 'Data Center'}, Lotsen, Behörighet, Felanmälan"
    assert site.tickets == [] and TOKEN not in said and EMAIL not in said


@pytest.mark.parametrize("name", ["URL", "TOKEN", "SERVICE_DESK", "REQUEST_TYPE"])
def test_what_is_needed_is_named(site: JiraStandIn, name: str) -> None:
    with pytest.raises(SettingError, match=f"LOTSEN_JIRA_{name}"):
        desk_of(site, {f"LOTSEN_JIRA_{name}": ""})


@pytest.mark.parametrize(
    "text",
    [
        "[~admin] och !http://x/bild.png! {include:Hemlig}",
        "-struken- och ??citat?? *fet* _lutande_ +under+ ^upp^ ~ned~",
        r"\\server\mapp\fil och C:\temp\ och \\ slut \{x} \\{y}",
        "h1. Rubrik\nbq. citat\n# ett\n# två\n||a|b||\n---- (!) :) (x)",
    ],
)
def test_markup_is_shown_as_it_was_written(text: str) -> None:
    assert shown(escape(text)).replace(JOINER, "") == text


def test_plain_swedish_is_left_alone() -> None:
    text = "Hej! Ring 0123-45 67 89 (växeln) i dag?\n- Starta om: nej – ”fel” & 1 < 2; LOT-000042.\nanna@example.se"
    assert escape(text) == text
    assert escape("Se https://a.se/x_y_z?q=1--2&b=~c") == "Se https://a.se/x_y_z?q=1--2&b=~c"
    assert escape("https://a.se/[~admin]{include:x}") == r"https://a.se/\[\~admin\]\{include:x\}"


@given(st.text(alphabet=r"\{}[]()|*_+^~!?-#:;hb1.q ax" + "\n", max_size=30))
def test_no_text_is_markup(text: str) -> None:
    assert shown(escape(text)).replace(JOINER, "") == text


@given(st.text(alphabet="{a\n", min_size=0, max_size=50), st.integers(1, 4000))
def test_no_part_is_longer_than_jira_takes(text: str, times: int) -> None:
    assert all(len(part) <= TEXT_LENGTH for part in jira._signed(text * times, KEY))
