"""What staff do with a case, on SQLite and on PostgreSQL: each change, what is wrong, and what comes too late."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Callable, Dict, Iterator

import pytest
from starlette.testclient import TestClient

from lotsen.cases.case import CaseDraft, Level, Status
from lotsen.cases.history import NOTE, REPLY
from lotsen.cases.work import Handling, Resolution
from lotsen.clock import utc_now
from lotsen.desk.services import Desk
from lotsen.desk.who import Role
from lotsen.privacy.masking import TOKEN
from tests.cases.made import FULL, NUMBER
from tests.desk.case_made import HOSTILE, desk_on, do, fields_of, stored, words

Client = Callable[..., TestClient]


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """The desk on an empty database of each kind."""
    made = desk_on(database_url, tmp_path)
    yield made
    made.engine.dispose()


def now(desk: Desk, id: int = 1) -> Handling:
    """Return a case as it stands."""
    handling = desk.work.get(id)
    assert handling is not None
    return handling


def quotes(desk: Desk, kind: str, id: int = 1) -> list[str]:
    """Return the texts of a case's events of a kind."""
    return [event.text for event in desk.cases.history.of(id) if event.kind == kind]


def test_take_and_give_back(desk: Desk, as_agent: TestClient) -> None:
    """Who takes a case has it, and can put it back."""
    stored(desk)
    taken = do(as_agent, "/cases/1/take")
    assert (taken.status_code, taken.headers["location"]) == (303, "/cases/1")
    assert "Nu har du ärendet." in as_agent.get("/cases/1").text
    assert (now(desk).assignee, now(desk).status) == (desk.sessions.staff()[0], Status.OPEN)
    do(as_agent, "/cases/1/give-back")
    assert now(desk).assignee is None


def test_only_a_lead_gives_to_others(desk: Desk, as_agent: TestClient, as_lead: TestClient) -> None:
    """A lead gives a case to anybody of the staff; an agent may not, and may not put back another's."""
    stored(desk)
    assert do(as_agent, "/cases/1/assign", to="lead").status_code == 403
    assert do(as_lead, "/cases/1/assign", to="agent").status_code == 303
    assert now(desk).assignee is not None and now(desk).assignee.name == "Karin Ek"
    do(as_lead, "/cases/1/take")
    assert do(as_agent, "/cases/1/give-back").status_code == 403
    assert now(desk).assignee is not None and now(desk).assignee.name == "Lars Öberg"
    assert do(as_lead, "/cases/1/give-back").status_code == 303
    assert now(desk).assignee is None


def test_nobody_else_can_be_given_a_case(desk: Desk, as_lead: TestClient, as_owner: TestClient) -> None:
    """A case is not given to somebody who may not see it."""
    stored(desk)
    for stranger in ("owner", "nobody", ""):
        assert do(as_lead, "/cases/1/assign", to=stranger).status_code == 422
    assert now(desk).assignee is None


def test_priority(desk: Desk, as_agent: TestClient) -> None:
    """The priority is changed, and only to one that there is."""
    stored(desk)
    assert do(as_agent, "/cases/1/level", level="normal").status_code == 303
    assert now(desk).level is Level.NORMAL
    wrong = do(as_agent, "/cases/1/level", level="worst")
    assert wrong.status_code == 422 and "Det valet finns inte." in wrong.text
    assert now(desk).level is Level.NORMAL


def test_category(desk: Desk, as_agent: TestClient) -> None:
    """A case is about a question, a guide, or nothing known."""
    stored(desk)
    do(as_agent, "/cases/1/category", category="which_browser")
    question = desk.content.questions["which_browser"]
    assert now(desk).category.section == question.section
    do(as_agent, "/cases/1/category", category="login_error")
    assert now(desk).category.id == "login_error"
    do(as_agent, "/cases/1/category", category="")
    assert now(desk).category.id == ""
    assert do(as_agent, "/cases/1/category", category="nonsense").status_code == 422


def test_note(desk: Desk, as_agent: TestClient) -> None:
    """A note is kept masked, shown apart, told to nobody, and written once by a double click."""
    stored(desk)
    page = as_agent.get("/cases/1").text
    for _ in range(2):
        assert do(as_agent, "/cases/1/note", page, text=f"Ringde {NUMBER}").status_code == 303
    assert quotes(desk, NOTE) == [f"Ringde {TOKEN}"]
    assert desk.cases.history.untold("web-1") == []
    assert f"Ringde {TOKEN}" in as_agent.get("/cases/1").text


def test_note_without_words(desk: Desk, as_agent: TestClient) -> None:
    """An empty note is no note; one that is too long stays in its field."""
    stored(desk)
    assert "Skriv något först." in do(as_agent, "/cases/1/note", text="  ").text
    long = do(as_agent, "/cases/1/note", text="å" * 5001)
    assert long.status_code == 422 and "å" * 5001 in long.text
    assert quotes(desk, NOTE) == []


def test_reply(desk: Desk, as_agent: TestClient) -> None:
    """A reply is put on the list of what the user is told, and a double click answers once."""
    stored(desk)
    page = as_agent.get("/cases/1").text
    first, second = (do(as_agent, "/cases/1/reply", page, text="Starta om *datorn*.") for _ in range(2))
    assert first.headers["location"] == second.headers["location"] == "/cases/1"
    told = [event for event in desk.cases.history.untold("web-1") if event.kind == REPLY]
    assert [(event.text, event.author) for event in told] == [("Starta om *datorn*.", "Karin Ek")]
    assert now(desk).status is Status.OPEN


def test_ask(desk: Desk, as_agent: TestClient) -> None:
    """Who is asked for more keeps the case waiting."""
    stored(desk)
    do(as_agent, "/cases/1/reply", text="Vilken dator?", ask="1")
    assert now(desk).status is Status.WAITING


def test_no_user_no_reply(desk: Desk, as_agent: TestClient) -> None:
    """A case that came another way has nobody to answer, and says so."""
    stored(desk, conversation="", channel="email")
    assert 'id="reply"' not in as_agent.get("/cases/1").text
    refused = do(as_agent, "/cases/1/reply", text="Hej")
    assert refused.status_code == 409 and "ingen användare" in refused.text
    assert quotes(desk, REPLY) == []


def test_a_ready_answer_is_put_after_what_was_written(desk: Desk, as_agent: TestClient) -> None:
    """An answer of the FAQ comes into the reply as plain text, and nothing is lost or sent."""
    stored(desk)
    page = do(as_agent, "/cases/1/insert", text="Hej Moa!", insert="which_browser", ask="1").text
    assert "Hej Moa!\n\nAnvänd Edge eller Google Chrome." in page
    assert 'name="ask" value="1" checked' in page
    chosen = do(as_agent, "/cases/1/insert", text="", answer="which_browser")
    assert ">\nAnvänd Edge eller Google Chrome." in chosen.text
    unknown = do(as_agent, "/cases/1/insert", text="Hej Moa!", answer="nonsense")
    assert unknown.status_code == 422 and "Hej Moa!" in unknown.text and "Välj ett svar först." in unknown.text
    assert quotes(desk, REPLY) == []


@pytest.mark.parametrize("why", list(Resolution))
def test_resolve_and_reopen(desk: Desk, as_agent: TestClient, why: Resolution) -> None:
    """A case ends for each reason, with a last word, and can be taken up again."""
    stored(desk)
    do(as_agent, "/cases/1/resolve", reason=why.value, text="Tack för hjälpen.")
    status = Status.REJECTED if why is Resolution.NOT_OURS else Status.RESOLVED
    assert (now(desk).resolution, now(desk).status) == (why, status)
    assert quotes(desk, REPLY) == ["Tack för hjälpen."]
    assert do(as_agent, "/cases/1/reopen").status_code == 303
    assert (now(desk).resolution, now(desk).status) == (None, Status.OPEN)


def test_resolve_without_reason(desk: Desk, as_agent: TestClient) -> None:
    """Without a reason nothing ends, and the last word stays in its field."""
    stored(desk)
    page = do(as_agent, "/cases/1/resolve", reason="", text="Hej då!")
    assert page.status_code == 422 and "Välj varför ärendet avslutas." in page.text and "Hej då!" in page.text
    assert now(desk).status is Status.NEW
    long = do(as_agent, "/cases/1/resolve", reason="solved", text="x" * 5001)
    assert 'id="resolve-text-problem"' in long.text and 'value="solved" selected' in long.text


def test_forward(desk: Desk, as_agent: TestClient) -> None:
    """A case is sent on with what was said since, without the notes, and to each service desk once."""
    stored(desk, desks=("email",))
    do(as_agent, "/cases/1/reply", text="Vi tittar.")
    do(as_agent, "/cases/1/note", text="Hemligt")
    page = as_agent.get("/cases/1").text
    assert 'value="request_tracker"' in page and 'value="email"' not in page
    do(as_agent, "/cases/1/forward", page, desk="request_tracker")
    (letter,) = [one for one in desk.cases.outbox.of(1) if one.desk == "request_tracker"]
    assert "Problem: Sidan kan inte visas" in letter.text and "Karin Ek: Vi tittar." in letter.text
    assert "Hemligt" not in letter.text
    again = do(as_agent, "/cases/1/forward", desk="request_tracker")
    assert again.status_code == 409 and "har redan ärendet" in again.text
    assert do(as_agent, "/cases/1/forward", desk="servicenow").status_code == 422


def test_merge(desk: Desk, as_agent: TestClient) -> None:
    """The other case is shown before two become one, and looking at it is noted."""
    stored(desk)
    stored(desk, conversation="web-2")
    page = as_agent.get("/cases/1").text
    asked = do(as_agent, "/cases/1/merge", page, number="LOT-000002")
    assert asked.status_code == 200 and "Slå ihop LOT-000001 med LOT-000002?" in asked.text
    assert now(desk).merged_into is None
    assert desk.audit.read(action="viewed", case=2) != []
    done = as_agent.post("/cases/1/merge", data={**fields_of(asked.text), "number": "LOT-000002", "sure": "1"})
    assert done.status_code == 303 and now(desk).merged_into == 2
    shown = as_agent.get("/cases/1").text
    assert 'Arbetet görs i <a href="/cases/2">LOT-000002</a>' in shown and 'id="reply"' not in shown
    assert "Dubbletter, som får samma svar" in as_agent.get("/cases/2").text


def test_a_merge_is_undone(desk: Desk, as_agent: TestClient) -> None:
    """A duplicate becomes a case of its own again."""
    stored(desk)
    stored(desk, conversation="web-2")
    do(as_agent, "/cases/1/merge", into="2", sure="1")
    assert do(as_agent, "/cases/1/reopen").status_code == 303
    assert now(desk).merged_into is None


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"number": ""}, "Skriv ett ärendenummer"),
        ({"number": "tolv"}, "Skriv ett ärendenummer"),
        ({"number": "99"}, "Det finns inget ärende LOT-000099."),
        ({"number": "1"}, "Det är samma ärende."),
    ],
)
def test_merge_into_nothing(desk: Desk, as_agent: TestClient, fields: Dict[str, str], says: str) -> None:
    """What is no other case is told at the field, and what was written stays there."""
    stored(desk)
    page = do(as_agent, "/cases/1/merge", **fields)
    assert page.status_code == 422 and says in page.text
    assert f'name="number" size="14" autocomplete="off" value="{fields["number"]}"' in page.text


def test_merge_into_one_that_is_over(desk: Desk, as_agent: TestClient) -> None:
    """What makes no sense is told in a sentence, and nothing is written."""
    stored(desk)
    stored(desk, conversation="web-2")
    do(as_agent, "/cases/2/resolve", reason="solved")
    page = do(as_agent, "/cases/1/merge", number="2", sure="1")
    assert page.status_code == 409 and "Det ärendet är avslutat." in page.text
    assert now(desk).merged_into is None


def test_link(desk: Desk, as_agent: TestClient) -> None:
    """A case is linked to a disturbance that goes on, and taken from it."""
    stored(desk)
    assert "Ingen störning pågår nu." in as_agent.get("/cases/1").text
    notice = desk.notices.set("login_error", "", utc_now() + timedelta(hours=1))
    assert do(as_agent, "/cases/1/link", notice=str(notice.id)).status_code == 303
    assert now(desk).notice == notice.id and "disturbance" in now(desk).reasons
    desk.notices.lift("login_error")
    assert f'value="{notice.id}" selected' in as_agent.get("/cases/1").text
    do(as_agent, "/cases/1/link", notice="")
    assert now(desk).notice is None
    assert do(as_agent, "/cases/1/link", notice=str(notice.id)).status_code == 422


LATE: Dict[str, Dict[str, str]] = {
    "take": {},
    "level": {"level": "normal"},
    "category": {"category": "which_browser"},
    "reply": {"text": "Jag skrev det här länge."},
    "resolve": {"reason": "solved", "text": "Jag skrev det här länge."},
    "forward": {"desk": "request_tracker"},
    "link": {"notice": ""},
    "merge": {"number": "2", "sure": "1"},
}


@pytest.mark.parametrize("change", LATE)
def test_too_late(desk: Desk, as_agent: TestClient, as_lead: TestClient, change: str) -> None:
    """Of two who saw the same page the second changes nothing, learns who did what, and can send again as it was."""
    stored(desk)
    stored(desk, conversation="web-2")
    page = as_agent.get("/cases/1").text
    do(as_lead, "/cases/1/reply", text="Lars var först.")
    before = now(desk)
    late = do(as_agent, f"/cases/1/{change}", page, **LATE[change])
    assert late.status_code == 409 and now(desk) == before
    assert "Ärendet har ändrats sedan du öppnade sidan." in late.text
    assert "Lars Öberg svarade användaren." in words(late.text) and "Lars var först." in late.text
    for written in set(LATE[change].values()) - {"", "1", "2"}:
        assert written in late.text
    assert do(as_agent, f"/cases/1/{change}", late.text, **LATE[change]).status_code == 303


def test_a_note_is_never_too_late(desk: Desk, as_agent: TestClient, as_lead: TestClient) -> None:
    """A note changes nothing, so it is kept whatever has happened meanwhile."""
    stored(desk)
    page = as_agent.get("/cases/1").text
    do(as_lead, "/cases/1/resolve", reason="solved")
    assert do(as_agent, "/cases/1/note", page, text="Sent men viktigt").status_code == 303
    assert quotes(desk, NOTE) == ["Sent men viktigt"]


def test_the_user_answers_while_an_agent_writes(desk: Desk, as_agent: TestClient) -> None:
    """What the user has said meanwhile is read before a reply goes out."""
    stored(desk)
    page = as_agent.get("/cases/1").text
    with desk.engine.begin() as connection:
        desk.work.heard(connection, 1, "Det löste sig!")
    late = do(as_agent, "/cases/1/reply", page, text="Vilken dator har du?")
    assert late.status_code == 409 and "Det löste sig!" in late.text and "Vilken dator har du?" in late.text


def test_what_is_impossible_when_it_is_over(desk: Desk, as_agent: TestClient) -> None:
    """A case that is over is not taken or ended again, and says why."""
    stored(desk)
    do(as_agent, "/cases/1/resolve", reason="solved")
    for change, fields in (("take", {}), ("resolve", {"reason": "solved"})):
        page = do(as_agent, f"/cases/1/{change}", **fields)
        assert page.status_code == 409 and "Ärendet är avslutat. Öppna det igen först." in page.text
    do(as_agent, "/cases/1/reopen")
    assert "Ärendet är redan öppet." in do(as_agent, "/cases/1/reopen").text


def test_nothing_is_lost_where_its_field_is_gone(desk: Desk, as_agent: TestClient, as_lead: TestClient) -> None:
    """A last word to a case that was ended meanwhile is shown all the same, and a reply to one that was merged."""
    stored(desk)
    stored(desk, conversation="web-2")
    page = as_agent.get("/cases/1").text
    do(as_lead, "/cases/1/merge", into="2", sure="1")
    for change, fields in (("reply", {"text": "Mitt svar"}), ("resolve", {"reason": "solved", "text": "Mitt svar"})):
        late = do(as_agent, f"/cases/1/{change}", page, **fields)
        assert late.status_code == 409 and "readonly>\nMitt svar</textarea>" in late.text


def test_each_change_is_in_the_audit_log(desk: Desk, as_agent: TestClient) -> None:
    """Who has done what is noted, with the case."""
    stored(desk)
    do(as_agent, "/cases/1/take")
    do(as_agent, "/cases/1/note", text="Ringt")
    do(as_agent, "/cases/1/resolve", reason="solved")
    done = {entry.action for entry in desk.audit.read(actor="agent", case=1)}
    assert {"viewed", "take", "note", "resolve"} <= done


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999"])
def test_a_form_without_version(desk: Desk, as_agent: TestClient, version: str) -> None:
    """A form that does not say what it saw changes nothing, and keeps its words."""
    stored(desk)
    page = do(as_agent, "/cases/1/reply", text="Hej Moa", version=version)
    assert page.status_code == 422 and "Hej Moa" in page.text
    assert quotes(desk, REPLY) == []


def test_words_are_escaped_everywhere(desk: Desk, client: Client) -> None:
    """Names and texts that look like HTML are shown as they were written, also on a page that comes back."""
    stored(desk, CaseDraft(problem=HOSTILE))
    evil = client(Role.AGENT, name=HOSTILE, id="evil")
    page = evil.get("/cases/1").text
    do(evil, "/cases/1/take")
    do(evil, "/cases/1/note", text=HOSTILE)
    do(evil, "/cases/1/reply", text=HOSTILE)
    late = do(evil, "/cases/1/resolve", page, reason="solved", text=HOSTILE)
    for shown in (evil.get("/cases/1").text, late.text, do(evil, "/cases/1/merge", number=HOSTILE).text):
        assert "<script>alert" not in shown and "<img src=x" not in shown and "&lt;script&gt;" in shown


def test_no_such_case(desk: Desk, as_agent: TestClient) -> None:
    """A change to a case that is not there is refused, with the words that were written."""
    stored(desk)
    form: Dict[str, Any] = {**fields_of(as_agent.get("/cases/1").text), "text": "Ett långt svar " * 5}
    gone = as_agent.post("/cases/77/reply", data=form)
    assert gone.status_code == 404 and "Ett långt svar" in gone.text


def test_full_case_keeps_its_draft(desk: Desk, as_agent: TestClient) -> None:
    """Whatever staff do, what the user confirmed stays as it was."""
    stored(desk)
    do(as_agent, "/cases/1/category", category="which_browser")
    do(as_agent, "/cases/1/level", level="normal")
    assert now(desk).case.draft == FULL
