"""Att förbättra, nya exempel: from ticked questions to a patch that git applies, or a commit on a branch."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, Dict, Tuple

import pytest
from httpx import Response
from starlette.testclient import TestClient

from lotsen.content.check import examples_in
from lotsen.desk.improve import looking
from lotsen.desk.pages import improve_examples
from lotsen.desk.services import Desk
from tests.desk.test_improve import Model, desk, ids, model, refuse
from tests.support.desk import send
from tests.support.small_content import write_content

__all__ = ["Model", "desk", "model"]
CHECK, PATCH, COMMIT = "/improve/examples", "/improve/examples/patch", "/improve/examples/commit"
LIST = "/improve/questions"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a small content, committed."""
    root = tmp_path / "checkout"
    root.mkdir()
    write_content(root)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-q", "-m", "One")
    monkeypatch.setattr(looking, "ROOT", root)
    monkeypatch.setattr(looking, "CONTENT", root / "data")
    monkeypatch.setattr(improve_examples, "ROOT", root)
    return root


def git(root: Path, *arguments: str) -> str:
    """Run git."""
    return subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, text=True).stdout


def filled(client: TestClient, desk: Desk, *texts: str, place: str = "ask_beta") -> Tuple[Dict[str, Any], Response]:
    """Tick all questions of the list, and return the form of the page that shows them as examples."""
    refuse(desk, *texts)
    found = ids(client.get(LIST).text)
    page = send(client, CHECK, LIST, pick=found, place=place, list="30.all.0")
    fields: Dict[str, Any] = {"pick": found, "list": "30.all.0", "done": "1"}
    for id in found:
        text = page.text.split(f'id="text-{id}"')[1].split(">", 1)[1].split("</textarea>")[0]
        fields |= {f"text_{id}": text, f"place_{id}": place}
    return fields, page


def test_the_examples_are_shown_before_anything_is_made(as_owner: TestClient, desk: Desk, root: Path) -> None:
    """The page shows each sentence as it will be, what speaks against it and the change, and changes nothing."""
    before = (root / "data" / "faq" / "other.yml").read_bytes()
    _, page = filled(as_owner, desk, "- vad är [det](här)\nför något", "alfa nummer3")
    assert page.status_code == 200
    assert "vad är [det] (här) för något</textarea>" in page.text
    assert "finns redan för &#39;ask_alpha&#39;" in page.text or "nästan samma" in page.text
    assert "+    - vad är [det] (här) för något" in page.text and "Spara på en gren" in page.text
    assert (root / "data" / "faq" / "other.yml").read_bytes() == before
    assert git(root, "branch", "--format=%(refname:short)").split() == ["main"]


def test_a_whole_group_at_once(as_owner: TestClient, desk: Desk, root: Path) -> None:
    """All questions that a group shows can be taken together."""
    refuse(desk, "kort låst", "kort borta")
    found = ids(as_owner.get(LIST).text)
    page = send(as_owner, CHECK, LIST, member=found, whole="1", place="ask_beta").text
    assert "Exempel 2" in page and "+    - kort borta" in page


def test_the_patch(as_owner: TestClient, desk: Desk, root: Path) -> None:
    """Git applies what is downloaded, the content has the new examples, and the questions are put aside."""
    fields, _ = filled(as_owner, desk, "lunch idag", "kort låst")
    first = fields["pick"][0]
    fields[f"text_{first}"] = "var äter man lunch"
    answer = send(as_owner, PATCH, LIST, **fields)
    assert answer.headers["content-disposition"].endswith('.patch"')
    (root / "a.patch").write_bytes(answer.content)
    git(root, "apply", "a.patch")
    assert {e.text for e in examples_in(root / "data") if e.intent == "ask_beta"} >= {"var äter man lunch"}
    assert git(root, "diff", "--numstat").split() == ["2", "0", "data/faq/other.yml"]
    assert "inga frågor att titta på" in as_owner.get(LIST).text
    entry = desk.audit.read(limit=1)[0]
    assert (entry.action, entry.actor.name) == ("patch_made", "Olga Nyman")


def test_the_commit(as_owner: TestClient, desk: Desk, root: Path) -> None:
    """A branch has the new examples, by who signed in, and the questions stay if that was not ticked."""
    fields, _ = filled(as_owner, desk, "lunch idag")
    answer = send(as_owner, COMMIT, LIST, **{**fields, "done": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, "/improve/questions?days=30&which=all&handled=0")
    branch = git(root, "branch", "--list", "examples/*", "--format=%(refname:short)").strip()
    page = as_owner.get(LIST).text
    assert f"på grenen {branch}" in page and "lunch idag" in page
    assert git(root, "log", "-1", "--format=%an %s", branch).strip() == "Olga Nyman Add an example that users asked"
    assert git(root, "diff", "--numstat", "main", branch).split() == ["1", "0", "data/faq/other.yml"]
    assert git(root, "status", "--porcelain") == ""
    assert branch in desk.audit.read(limit=1)[0].detail


@pytest.mark.parametrize("path", [PATCH, COMMIT])
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("text", " - ", "Skriv en mening"), ("text", "lång " * 100, "för lång"), ("place", "x", "Välj")],
)
def test_what_cannot_be_added(
    as_owner: TestClient, desk: Desk, root: Path, path: str, field: str, value: str, said: str
) -> None:
    """The page comes back with what was written and what is wrong; nothing is made."""
    fields, _ = filled(as_owner, desk, "lunch idag", "kort låst")
    wrong, right = fields["pick"]
    fields |= {f"{field}_{wrong}": value, f"text_{right}": "omskriven mening"}
    answer = send(as_owner, path, LIST, **fields)
    assert answer.status_code == 422
    assert said in answer.text and "omskriven mening</textarea>" in answer.text and "Hämta en patch" not in answer.text
    assert git(root, "branch", "--format=%(refname:short)").split() == ["main"]


def test_what_is_not_committed_yet(as_owner: TestClient, desk: Desk, root: Path) -> None:
    """A question that stands in the files but not in git can have a patch, not a branch."""
    file = root / "data" / "faq" / "other.yml"
    file.write_text(file.read_text("utf-8").replace("intent: ask_beta", "intent: ask_gamma"), encoding="utf-8")
    fields, _ = filled(as_owner, desk, "lunch idag", place="ask_gamma")
    assert send(as_owner, COMMIT, LIST, **fields).status_code == 422
    assert b"+    - lunch idag" in send(as_owner, PATCH, LIST, **fields).content


def test_without_git(as_owner: TestClient, desk: Desk, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where git cannot be used there is a patch and a word about it; a form sent all the same is refused kindly."""
    (root / ".git").rename(root.parent / "elsewhere")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(root.parent))
    fields, page = filled(as_owner, desk, "lunch idag")
    assert "Hämta en patch" in page.text and "Spara på en gren" not in page.text and "ingen git-katalog" in page.text
    answer = send(as_owner, COMMIT, LIST, **fields)
    assert answer.status_code == 503 and "Hämta en patch i stället" in answer.text


def test_numbers_are_masked_on_the_way(as_owner: TestClient, desk: Desk, root: Path) -> None:
    """A personal identity number that an owner writes does not come into a file."""
    fields, _ = filled(as_owner, desk, "lunch idag")
    fields[f"text_{fields['pick'][0]}"] = "min patient 19121212-1212"
    assert b"min patient [personnummer]" in send(as_owner, PATCH, LIST, **fields).content


def test_only_owners(as_lead: TestClient, as_agent: TestClient) -> None:
    """Leads and agents make no examples."""
    for client in (as_lead, as_agent):
        assert send(client, CHECK, "/queue", pick="1").status_code == 403
