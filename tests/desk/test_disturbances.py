"""The page of disturbances: what goes on and what forms, and leads who confirm, word, prolong and lift."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from typing import Any, Dict

import pytest
from httpx import Response
from starlette.testclient import TestClient

from lotsen.cases.case import CaseDraft, Category
from lotsen.cases.store import NewCase
from lotsen.clock import utc_now
from lotsen.desk.disturbing import MAX_WORDS, active_notices, words_for_users, written_time
from lotsen.desk.services import Desk
from lotsen.disturbances.notices import Notice, Source
from lotsen.privacy.masking import TOKEN
from tests.desk.conftest import Client

from lotsen.desk.who import Role  # isort: skip

HOME, FORM, LIFT = "/disturbances", "/disturbances/notice", "/disturbances/lift"
HOSTILE = "<script>alert(1)</script>\"&'"


@pytest.fixture
def kind(desk: Desk) -> str:
    """A guide."""
    return next(iter(desk.content.guides))


def case(desk: Desk, conversation: str, kind: str, parent: int | None = None) -> int:
    """Store a case; return its id."""
    draft = CaseDraft("Problem", category=Category(kind, "Titel"))
    key = f"{len(desk.cases.all()):032x}"
    return desk.cases.create(NewCase(key, draft, conversation, "web", parent=parent)).id


def soon(hours: float = 3) -> datetime:
    """Return a time ahead, in whole minutes."""
    return utc_now().replace(second=0, microsecond=0) + timedelta(hours=hours)


def fields(page: str) -> Dict[str, str]:
    """Return what a page's form of ours would send if nothing were changed."""
    form = re.search(r'<form class="card" method="post".*?</form>', page, re.DOTALL)
    assert form is not None, "the page has no form"
    sent = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)"[^>]* value="([^"]*)"', form[0])}
    text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", form[0], re.DOTALL)
    return {**sent, **({"text": html.unescape(text[1])} if text else {})}


def send(client: TestClient, kind: str, path: str = FORM, **changed: Any) -> Response:
    """Open the form and send it, with some fields changed."""
    return client.post(path, data=opened(client, kind, path) | changed)


def opened(client: TestClient, kind: str, path: str = FORM) -> Dict[str, str]:
    """Open the form; return what it would send when it is saved."""
    return {**fields(client.get(path, params={"kind": kind}).text), "do": "save"}


def shown(page: Response) -> str:
    """Return the text of a page as it is read."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def active(desk: Desk, kind: str) -> Notice:
    """Return the notice that goes on."""
    notice = desk.notices.active(kind, utc_now())
    assert notice is not None
    return notice


def test_nothing_yet(as_agent: TestClient) -> None:
    """An empty desk says that all is quiet."""
    page = shown(as_agent.get(HOME))
    for sentence in ("Ingen störning pågår.", "Ingen har haft något fel", "Det har inte varit någon störning än."):
        assert sentence in page


def test_what_forms(desk: Desk, as_agent: TestClient, kind: str) -> None:
    """A kind shows how near the limit it is, with a chart and the same figures as a table."""
    for user in "abc":
        case(desk, user, kind)
    page = as_agent.get(HOME)
    assert "3 av 5 på 30 minuter" in shown(page)
    assert "Nära gränsen" in shown(page)
    assert f'id="trouble-{kind}-data"' in page.text
    assert desk.content.guides[kind].title in shown(page)
    assert "kind=" + kind in page.text and FORM not in page.text


def test_a_question_has_no_limit(desk: Desk, as_lead: TestClient) -> None:
    """What no guide is for is counted, but nothing marks it and no notice can be set."""
    question = next(id for id in desk.content.questions if id not in desk.content.guides)
    case(desk, "a", question)
    page = as_lead.get(HOME, params={"kind": question, "span": "days"})
    assert "1 på 30 minuter" in shown(page)
    assert f"{FORM}?kind={question}" not in page.text
    assert as_lead.get(FORM, params={"kind": question}).status_code == 404


def test_what_goes_on(desk: Desk, as_agent: TestClient, kind: str) -> None:
    """A notice has its source, words, lead, cases and users who know; whoever is no lead cannot change it."""
    lead = case(desk, "", kind)
    notice = desk.notices.mark(kind, soon(), lead)
    case(desk, "a", kind, parent=lead)
    desk.audience.told(notice.id, "a", "web")
    desk.audience.told(notice.id, "b", "web")
    page = as_agent.get(HOME)
    for sentence in ("Lotsen har räknat", "LOT-000001 , med 1 ärende till", "2 användare", "Inte bekräftad"):
        assert sentence in shown(page)
    assert f'href="/cases/{lead}"' in page.text
    assert FORM not in page.text and LIFT not in page.text


def test_whatever_the_address_says(as_agent: TestClient) -> None:
    """An address that nobody made is the usual page."""
    for span in ("hours", "days", "", HOSTILE):
        for kind in ("", "no_such_thing", HOSTILE):
            page = as_agent.get(HOME, params={"span": span, "kind": kind})
            assert page.status_code == 200
            assert "<script>alert" not in page.text


def test_only_the_part_that_changes(desk: Desk, as_agent: TestClient, kind: str) -> None:
    """A page that refreshes itself gets the part without the frame, and the sentence of the last change stays."""
    part = as_agent.get(HOME, headers={"HX-Request": "true"}).text
    assert "<h1" not in part and "Pågår nu" in part


def test_a_new_one(desk: Desk, as_lead: TestClient, kind: str) -> None:
    """A lead sets a notice with own words and an end in local time; the page says so, and the log has it."""
    end = soon()
    answer = send(as_lead, kind, text=" Driftstopp.\r\n\r\nVänta. ", until=written_time(end, desk.zone))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HOME}?kind={kind}")
    notice = active(desk, kind)
    assert (notice.source, notice.text, notice.ends) == (Source.OPERATOR, "Driftstopp.\n\nVänta.", end)
    page = shown(as_lead.get(answer.headers["location"]))
    assert "Användarna läser de egna orden." in page
    (entry,) = desk.audit.read(action="disturbance_set")
    assert entry.actor.name == "Lars Öberg" and kind in entry.detail and "Driftstopp." in entry.detail


def test_confirming(desk: Desk, as_lead: TestClient, kind: str) -> None:
    """An automatic one is confirmed with the usual words, keeps its lead, and ends later than it would have."""
    lead = case(desk, "", kind)
    marked = desk.notices.mark(kind, utc_now() + timedelta(minutes=30), lead)
    page = as_lead.get(FORM, params={"kind": kind})
    assert "Bekräfta störning" in shown(page)
    desk.notices.prolong(kind, utc_now() + timedelta(minutes=45))
    assert as_lead.post(FORM, data={**fields(page.text), "do": "save"}).status_code == 303
    notice = active(desk, kind)
    assert (notice.id, notice.source, notice.text, notice.lead) == (marked.id, Source.OPERATOR, "", lead)
    assert notice.ends > utc_now() + timedelta(hours=1)
    assert [entry.action for entry in desk.audit.read()] == ["disturbance_changed"]


def test_rewording_keeps_the_end(desk: Desk, as_lead: TestClient, kind: str) -> None:
    """The form begins with what is there, and what is not changed stays."""
    notice = desk.notices.set(kind, 'Vi "vet" <det>.', soon(0.2))
    assert opened(as_lead, kind)["text"] == notice.text
    assert send(as_lead, kind, text="Nytt.").status_code == 303
    assert (active(desk, kind).text, active(desk, kind).ends) == ("Nytt.", notice.ends)


@pytest.mark.parametrize("text", ["", "**Nätet** är nere. Läs [mer](https://example.se).", HOSTILE, "{title} {"])
def test_the_preview_is_what_the_chat_says(desk: Desk, as_lead: TestClient, kind: str, text: str) -> None:
    """A preview changes nothing, keeps what was written, and has the words of the chat."""
    answer = send(as_lead, kind, do="preview", text=text)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert fields(answer.text)["text"] == text
    said = words_for_users(desk.content, text).replace("**", "").replace("[mer](https://example.se)", "mer")
    assert " ".join(said.split()) in shown(answer).replace(" mer .", " mer.")
    assert desk.notices.all() == []
    assert desk.audit.read() == []


def test_a_personal_number_is_masked(desk: Desk, as_lead: TestClient, kind: str) -> None:
    """A preview warns of it and shows the words without it; nothing stores it."""
    written = "Patienten 19121212-1212 väntar."
    page = shown(send(as_lead, kind, do="preview", text=written))
    assert "Det tas bort när du sparar." in page
    assert f"Patienten {TOKEN} väntar." in page
    send(as_lead, kind, text=written)
    assert active(desk, kind).text == f"Patienten {TOKEN} väntar."
    assert TOKEN in desk.audit.read()[0].detail


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        ("", "Skriv när den slutar."),
        ("i morgon", "Tiden går inte att läsa."),
        ("2026-02-30T10:00", "Tiden går inte att läsa."),
        ("0001-01-01T00:00", "Tiden"),
        ("2020-01-01T10:00", "Tiden har redan varit."),
        ("9999-12-31T23:59", "mer än ett år framåt"),
    ],
)
def test_a_time_that_cannot_be(desk: Desk, as_lead: TestClient, kind: str, until: str, sentence: str) -> None:
    """The page says what is wrong with the time, and keeps what was written."""
    answer = send(as_lead, kind, until=until, text="Mina ord.")
    assert answer.status_code == 422
    assert sentence in shown(answer)
    assert fields(answer.text)["text"] == "Mina ord."
    assert fields(answer.text)["until"] == until
    assert desk.notices.all() == []


def test_words_that_are_too_long(desk: Desk, as_lead: TestClient, kind: str) -> None:
    """The page says how long they are, and keeps them; as many as allowed are taken."""
    long = "ä" * (MAX_WORDS + 1)
    answer = send(as_lead, kind, text=long)
    assert answer.status_code == 422
    assert fields(answer.text)["text"] == long
    assert f"Texten är {MAX_WORDS + 1} tecken." in shown(answer)
    assert send(as_lead, kind, text=long[:-1]).status_code == 303


@pytest.mark.parametrize(
    ("there", "happened", "said"),
    [
        (False, "set", "En störning för"),
        (True, "lift", "är slut eller hävd"),
        (True, "words", "Orden till användarna är ändrade."),
        (True, "end", "Tiden när den slutar är ändrad."),
        (True, "again", "en ny har börjat"),
    ],
)
def test_two_leads_at_once(
    desk: Desk, as_lead: TestClient, client: Client, kind: str, there: bool, happened: str, said: str
) -> None:
    """Who saves second writes nothing, reads what has changed, keeps the words, and may then save knowingly."""
    end = soon()
    if there:
        desk.notices.set(kind, "Först.", end)
    mine = {**opened(as_lead, kind), "text": "Mina ord."}
    other = client(Role.LEAD, name="Lena Lind", id="lena")
    if happened == "lift":
        assert send(other, kind, LIFT).status_code == 303
    elif happened == "again":
        desk.notices.lift(kind)
        desk.notices.set(kind, "Först.", end)
    else:
        until = written_time(end + timedelta(hours=1), desk.zone) if happened == "end" else written_time(end, desk.zone)
        text = "Hennes ord." if happened != "end" else "Först."
        assert send(other, kind, until=until, text=text).status_code == 303
    before, logged = desk.notices.all(), len(desk.audit.read())
    answer = as_lead.post(FORM, data=mine)
    assert answer.status_code == 409
    assert said in shown(answer)
    assert fields(answer.text)["text"] == "Mina ord."
    assert (desk.notices.all(), len(desk.audit.read())) == (before, logged)
    assert as_lead.post(FORM, data={**fields(answer.text), "do": "save"}).status_code == 303
    assert active(desk, kind).text == "Mina ord."


def test_lifting(desk: Desk, as_lead: TestClient, kind: str) -> None:
    """Before a lift the page says how many hear of it and what; then it is over, logged, and they wait to be told."""
    notice = desk.notices.set(kind, "", soon())
    for user in "abc":
        desk.audience.told(notice.id, user, "web")
    desk.audience.heard("c", [notice.id])
    page = shown(as_lead.get(LIFT, params={"kind": kind}))
    assert "2 användare får veta att det är över." in page
    assert f"Flera hade samma problem: {desk.content.guides[kind].title}" in page
    answer = send(as_lead, kind, LIFT)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HOME}?kind={kind}")
    assert desk.notices.active(kind, utc_now()) is None
    assert sorted(desk.audience.take_over("web", utc_now())) == ["a", "b"]
    assert [(entry.action, entry.detail) for entry in desk.audit.read()] == [("disturbance_lifted", f"{kind}: 2")]
    page = shown(as_lead.get(answer.headers["location"]))
    assert "störningen hävdes" in page and "2 användare får veta det nu." in page
    assert "Ingen störning pågår." in page


def test_lifting_what_was_changed(desk: Desk, as_lead: TestClient, kind: str) -> None:
    """A lift of what another lead has changed since is refused once, with the new words; one that is over is told."""
    desk.notices.set(kind, "", soon())
    mine = fields(as_lead.get(LIFT, params={"kind": kind}).text)
    desk.notices.set(kind, "Nya ord.", active(desk, kind).ends)
    answer = as_lead.post(LIFT, data=mine)
    assert answer.status_code == 409
    assert "Nya ord." in shown(answer)
    assert active(desk, kind).text == "Nya ord."
    again = fields(answer.text)
    assert as_lead.post(LIFT, data=again).status_code == 303
    assert as_lead.post(LIFT, data=again).status_code == 409
    assert as_lead.get(LIFT, params={"kind": kind}).headers["location"] == f"{HOME}?kind={kind}"


def test_a_guide_that_is_gone(desk: Desk, as_lead: TestClient) -> None:
    """A notice whose guide was removed can still be lifted, and the page says that nobody can be told."""
    notice = desk.notices.set("removed", "", soon())
    desk.audience.told(notice.id, "a", "web")
    assert "Guiden finns inte kvar." in shown(as_lead.get(LIFT, params={"kind": "removed"}))
    assert send(as_lead, "removed", LIFT).status_code == 303
    assert "removed" in shown(as_lead.get(HOME))


@pytest.mark.parametrize("path", [FORM, LIFT])
def test_changes_are_for_leads(desk: Desk, as_agent: TestClient, as_lead: TestClient, kind: str, path: str) -> None:
    """An agent can neither open nor send the forms, and nothing changes."""
    notice = desk.notices.set(kind, "", soon())
    sent = opened(as_lead, kind, path)
    assert as_agent.get(path, params={"kind": kind}).status_code == 403
    assert as_agent.post(path, data=sent).status_code == 403
    assert desk.notices.all() == [notice]


def test_nothing_is_written_when_the_log_fails(
    desk: Desk, as_lead: TestClient, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change that cannot be logged is not made: it is one transaction."""

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError

    sent = opened(as_lead, kind)
    monkeypatch.setattr(type(desk.audit), "add", fails)
    assert as_lead.post(FORM, data=sent).status_code == 500
    assert desk.notices.all() == []


def test_the_list_for_linking(desk: Desk, kind: str) -> None:
    """What a case can be linked to is what goes on now, with titles."""
    desk.notices.set("removed", "", soon())
    desk.notices.lift("removed")
    notice = desk.notices.set(kind, "", soon())
    (found,) = active_notices(desk.notices, desk.content)
    assert (found.id, found.kind, found.title) == (notice.id, kind, desk.content.guides[kind].title)
