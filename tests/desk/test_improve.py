"""Att förbättra: figures, questions in groups, guides and answers, as pages and as files."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Iterator, List, Sequence

import pytest
from httpx import Response
from starlette.testclient import TestClient

from lotsen.cases.store import NewCase
from lotsen.channels.parse_wire import Guess, Read
from lotsen.clock import utc_now
from lotsen.desk.errors import Unavailable
from lotsen.desk.improve import improving, looking
from lotsen.desk.pages.improve_questions import MAX_TICKED, PER_GROUP, PER_PAGE
from lotsen.desk.services import Desk
from lotsen.guides.replies import Move, Reply
from lotsen.guides.scene import Scene
from lotsen.guides.walker import advance, start
from lotsen.outcomes import asked as table
from lotsen.outcomes.asked import Asked, Kind
from tests.cases.made import FULL
from tests.support.desk import made_desk, send

PAGES = ("/improve", "/improve/questions", "/improve/guides", "/improve/answers")
FILES = ("/improve/outcomes.csv", "/improve/questions.csv", "/improve/guides.csv", "/improve/answers.csv")


class Model:
    """Stands in for the model: what begins with the same word is alike."""

    def __init__(self) -> None:
        """Answer, and note what was asked."""
        self.answers = True
        self.read_texts: List[str] = []
        self.words: List[str] = []

    def read(self, texts: Sequence[str]) -> List[Read]:
        """Return one dimension for each first word."""
        if not self.answers:
            raise Unavailable("no_model")
        self.read_texts += texts
        return [self._read(text) for text in texts]

    def _read(self, text: str) -> Read:
        word = text.split()[0].lower()
        if word not in self.words:
            self.words.append(word)
        vector = [0.0] * 64
        vector[self.words.index(word)] = 1.0
        ranking = (Guess("how_to_purge", "Hur gallrar jag?", 0.4), Guess("out_of_scope_card", "", 0.3))
        return Read(text, "refuse", None, "out_of_scope", 0.9, (), ranking, (), tuple(vector))


@pytest.fixture
def model() -> Model:
    """The model's stand-in."""
    return Model()


@pytest.fixture
def desk(tmp_path: Path, model: Model) -> Iterator[Desk]:
    """The services on an empty SQLite, with that model."""
    made = made_desk(f"sqlite:///{tmp_path / 'lotsen.db'}", tmp_path)
    yield replace(made, understanding=model)  # type: ignore[arg-type]
    made.engine.dispose()


def ask(desk: Desk, kind: Kind, text: str = "hur gallrar man", conversation: str = "web-1", **more: Any) -> None:
    """Keep a message that was said some minutes ago."""
    at = utc_now() - timedelta(minutes=more.pop("minutes", 10))
    intent = more.pop("intent", "out_of_scope_card" if kind is Kind.REFUSED else "how_to_purge")
    improving.store_of(desk)
    with desk.engine.begin() as connection:
        table.add(connection, Asked(conversation, more.pop("channel", "web"), at, text, kind, intent, 0.8, **more))


def refuse(desk: Desk, *texts: str) -> None:
    """Keep refused messages, each in a conversation of its own."""
    for place, text in enumerate(texts):
        ask(desk, Kind.REFUSED, text, f"web-{place}-{text[:5]}")


def rows(response: Response) -> List[List[str]]:
    """Return a file's rows; it must be one that Excel opens."""
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


def ids(page: str) -> List[str]:
    """Return the messages that can be ticked."""
    return re.findall(r'name="pick" value="(\d+)"', page)


@pytest.mark.parametrize("path", PAGES)
def test_before_anything_was_asked(as_owner: TestClient, path: str) -> None:
    """An empty page says what will be there."""
    page = as_owner.get(path)
    assert page.status_code == 200
    assert "under perioden" in page.text


@pytest.mark.parametrize("path", FILES)
def test_empty_files(as_owner: TestClient, desk: Desk, path: str) -> None:
    """A file without rows has its heads, and is in the audit log."""
    assert len(rows(as_owner.get(path))[0]) > 3
    assert desk.audit.read(limit=1)[0].action == "exported"


@pytest.mark.parametrize(("path", "status"), [(path, 200 if path in PAGES[::2] else 403) for path in PAGES])
def test_leads_see_figures(as_lead: TestClient, path: str, status: int) -> None:
    """A lead sees how conversations and guides go, not what users wrote."""
    assert as_lead.get(path).status_code == status


@pytest.mark.parametrize(
    "query",
    ["/improve?weeks=3", "/improve/questions?days=1", "/improve/questions?which=x"],
)
def test_a_choice_that_does_not_exist(as_owner: TestClient, query: str) -> None:
    """What is none of the choices is refused, kindly."""
    assert as_owner.get(query).status_code == 422


def test_how_conversations_end(as_owner: TestClient, desk: Desk) -> None:
    """Each conversation is in the charts, their tables and the file once, by what its user confirmed."""
    ask(desk, Kind.ANSWERED, conversation="a")
    ask(desk, Kind.SMALL_TALK, "tack", "a", intent="thanks", minutes=8)
    ask(desk, Kind.ANSWERED, conversation="b", channel="teams")
    refuse(desk, "vad blir det för lunch")
    ask(desk, Kind.SMALL_TALK, "hej", "d", intent="greet")
    page = as_owner.get("/improve?weeks=4").text
    assert "<strong>1 av 3</strong>" in page and "chart-bar" in page
    told = {(row[2]): row[3] for row in rows(as_owner.get("/improve/outcomes.csv?weeks=4"))[-5:]}
    assert told == {
        "Ärende till IT kundservice": "0",
        "Löst i en guide": "0",
        "Löst av ett svar": "1",
        "Lämnat utan bekräftelse": "1",
        "Bara avvisat": "1",
    }
    only = rows(as_owner.get("/improve/outcomes.csv?weeks=4&channel=teams"))[-5:]
    assert [row[3:] for row in only] == [["0", "0,0"], ["0", "0,0"], ["0", "0,0"], ["1", "100,0"], ["0", "0,0"]]


def test_the_step_that_solved_it(as_owner: TestClient, desk: Desk) -> None:
    """A guide that was resolved is told with its step, on the overview and on its own page."""
    now = utc_now().timestamp() - 600
    run = start(Scene(desk.content.guides, now=now), "clear_cache", "r1")
    while run.active:
        now += 5
        scene = Scene(desk.content.guides, now=now)
        step = next(s for s in desk.content.guides[run.place.guide].steps if s.id == run.place.step)
        run = advance(scene, run, Reply(Move.SOLVED if step.kind.value == "check" else Move.DONE))
    desk.records.write(run, "web-1", "web")
    title = desk.content.guides["clear_cache"].title
    overview, guides = as_owner.get("/improve").text, as_owner.get("/improve/guides").text
    assert run.status.value == "resolved"
    assert "Stegen som löser" in overview and "3. Stäng webbläsaren" in overview
    assert title in guides and "1 löst (100 %)" in guides and "Råd om ordningen" in guides
    assert any(row[0] == title and row[7] == "1" for row in rows(as_owner.get("/improve/guides.csv"))[1:])


def test_answers_that_did_not_help(as_owner: TestClient, desk: Desk) -> None:
    """An answer rated down is shown with what users wrote, and formulas in it do nothing in a spreadsheet."""
    desk.feedback.record("web-1", 3, "how_to_purge", "down", "=HYPERLINK(1) <b>nej</b>")
    desk.feedback.record("web-2", 3, "which_browser", "up")
    page = as_owner.get("/improve/answers").text
    assert "&lt;b&gt;nej&lt;/b&gt;" in page and "which_browser" not in page
    found = rows(as_owner.get("/improve/answers.csv"))
    assert found[1][1:4] == ["how_to_purge", "0", "1"] and found[1][6] == "'=HYPERLINK(1) <b>nej</b>"
    assert found[2][1:4] == ["which_browser", "1", "0"]
    assert "Hjälpte inte" in as_owner.get("/improve").text


def test_questions_in_groups(as_owner: TestClient, desk: Desk) -> None:
    """What is alike is one group, the largest first, with what the bot did and what is nearest."""
    refuse(desk, "lunch idag", "kort låst", "kort borta", "KORT låst!")
    page = as_owner.get("/improve/questions").text
    titles = re.findall(r'<h2 id="group-\d+">(.*?)</h2>', page)
    assert titles == ["KORT låst!", "lunch idag"]
    assert "Frågat 3 gånger, med 2 formuleringar" in page
    assert "avvisade (Kort, koder och Net iD, 80 %)" in page and "Närmast: Hur går gallring till? (40 %)" in page


def test_which_questions(as_owner: TestClient, desk: Desk) -> None:
    """Refused, wrongly answered and doubtful ones are told apart; answers that helped are not there."""
    refuse(desk, "lunch idag")
    ask(desk, Kind.ANSWERED, "fel svar här", "b", pressed="none_of_these")
    with desk.engine.begin() as connection:
        table.press(connection, "b", "none_of_these")
    ask(desk, Kind.ANSWERED, "rätt svar", "c")
    ask(desk, Kind.SUGGESTED, "oklart detta", "d", suggestions=("how_to_purge",))

    def shown(which: str) -> List[str]:
        page = as_owner.get(f"/improve/questions?which={which}").text
        return sorted(re.findall(r'<span class="said">(.*?)</span>', page))

    assert shown("all") == ["fel svar här", "lunch idag"]
    assert shown("refused") == ["lunch idag"]
    assert shown("wrong") == ["fel svar här"]
    assert shown("unsure") == ["oklart detta"]


def test_each_wording_is_read_once(as_owner: TestClient, desk: Desk, model: Model) -> None:
    """What the model said is kept; when it does not answer, that is what the page has."""
    refuse(desk, "lunch idag", "lunch igår")
    as_owner.get("/improve/questions")
    as_owner.get("/improve/questions")
    assert sorted(text for text in model.read_texts if text.startswith("lunch")) == ["lunch idag", "lunch igår"]
    model.answers = False
    refuse(desk, "lunch sen")
    page = as_owner.get("/improve/questions").text
    assert "Modellen svarar inte" in page and "med 2 formuleringar" in page and "lunch sen" in page


def test_a_new_model_reads_anew(as_owner: TestClient, desk: Desk, model: Model) -> None:
    """What another model said is thrown away: its embeddings cannot be compared."""
    refuse(desk, "lunch idag")
    as_owner.get("/improve/questions")
    model.words.insert(0, "annan")
    as_owner.get("/improve/questions")
    assert model.read_texts.count("lunch idag") == 2


def test_many_questions_in_pages(as_owner: TestClient, desk: Desk, model: Model) -> None:
    """There are pages of groups, and a large group shows its first questions; the file has all."""
    refuse(desk, *(f"ord{number} a" for number in range(PER_PAGE)), *(f"kort {n} b" for n in range(PER_GROUP + 3)))
    page = as_owner.get("/improve/questions").text
    assert "Sida 1 av 2" in page and "3 till i gruppen" in page and page.count('class="card group"') == PER_PAGE
    assert as_owner.get("/improve/questions?page=9").text.count('class="card group"') == 1
    assert len(rows(as_owner.get("/improve/questions.csv"))) == 1 + PER_PAGE + PER_GROUP + 3


def test_putting_questions_aside(as_owner: TestClient, desk: Desk) -> None:
    """A question put aside is gone with all its askings, can be taken back, and both are in the audit log."""
    refuse(desk, "lunch idag", "Lunch idag?", "kort låst")
    page = as_owner.get("/improve/questions").text
    lunch = next(
        id for id in ids(page) if f'pick-{id}"' in page and "unch idag" in page.split(f'id="pick-{id}"')[1][:120]
    )
    done = send(as_owner, "/improve/handled", "/improve/questions", pick=lunch, do="aside", list="30.all.0")
    assert (done.status_code, done.headers["location"]) == (303, "/improve/questions?days=30&which=all&handled=0")
    page = as_owner.get("/improve/questions").text
    assert "unch idag" not in page and "kort låst" in page and "Undanlagda frågor: 1." in page
    aside = as_owner.get("/improve/questions?handled=1").text
    assert "unch idag" in aside and "kort låst" not in aside
    send(as_owner, "/improve/handled", "/improve/questions?handled=1", pick=lunch, do="back", list="x")
    assert "unch idag" in as_owner.get("/improve/questions").text
    assert [entry.action for entry in desk.audit.read(limit=2)] == ["questions_taken_back", "questions_put_aside"]


@pytest.mark.parametrize(
    "fields",
    [{}, {"pick": "x"}, {"pick": "٣"}, {"pick": [str(n) for n in range(MAX_TICKED + 1)]}, {"do": "else", "pick": "1"}],
)
def test_forms_that_make_no_sense(as_owner: TestClient, desk: Desk, fields: dict[str, Any]) -> None:
    """Nothing ticked, too much, or another deed than those offered is refused, and nothing is changed."""
    refuse(desk, "lunch idag")
    assert send(as_owner, "/improve/handled", "/improve/questions", **{"do": "aside", **fields}).status_code == 422
    assert "lunch idag" in as_owner.get("/improve/questions").text


def test_no_script_and_no_style_in_the_pages(as_owner: TestClient, desk: Desk) -> None:
    """What users wrote is text, and the pages keep to the policy."""
    refuse(desk, "<script>alert(1)</script> \" onclick='x'")
    for path in PAGES:
        page = as_owner.get(path).text
        assert "<script>alert" not in page
        assert not re.search(r"<[^>]* (style|on[a-z]+)=", page)


def test_a_case_is_a_hand_off(as_owner: TestClient, desk: Desk) -> None:
    """A conversation with a case is handed off, whatever else was said there."""
    ask(desk, Kind.ANSWERED)
    desk.cases.create(NewCase("a" * 32, FULL, "web-1", "web"))
    assert rows(as_owner.get("/improve/outcomes.csv?weeks=4"))[-5][3] == "1"


def test_every_place_has_a_name(desk: Desk) -> None:
    """What an example can be added to is called something that people understand, never by an intent's name."""
    known = looking.present()
    assert [key for key, spot in known.spots.items() if improving.title_of(desk, spot.intent) == spot.intent] == []
