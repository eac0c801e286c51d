"""``lotsen guides new``: the new guide is valid and shows every kind of step; nothing is ever written over."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lotsen import cli
from lotsen.content.catalogue import load_content
from lotsen.content.located_yaml import read_yaml
from lotsen.content.problems import shown
from lotsen.guides.language import SOURCE, language_problems
from lotsen.guides.loader import load_guides
from lotsen.guides.model import StepKind
from lotsen.guides.scaffold import CannotBegin, begin_guide
from lotsen.settings import CONTENT, ROOT


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the content, with the source beside it so that facts are checked, too."""
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / SOURCE, tmp_path / "docs")
    return Path(shutil.copytree(CONTENT, tmp_path / "data"))


def new(content: Path, guide_id: str, title: str) -> int:
    """Run the command."""
    return cli.main(["guides", "new", guide_id, "--title", title, "--content", str(content)])


def test_a_new_guide_passes_every_check(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is written, valid, well written by our own rules, and what is left to do is said."""
    path = content / "guides" / "card_reader_dark.yml"
    assert new(content, "card_reader_dark", "Kortläsaren lyser inte") == 0
    assert capsys.readouterr().out == (
        f"Skrev {shown(path)}. Så gör du nu:\n"
        "1. Öppna filen och skriv guiden. Där finns ett exempel på varje sorts steg. Ta bort det du inte behöver.\n"
        "2. Skriv frågan i en fil i data/faq/: exempel under '- intent: card_reader_dark', "
        "och en regel med '- action: action_start_guide'.\n"
        "3. Skriv '- card_reader_dark' under 'intents' i domain.yml.\n"
        "4. Kontrollera: lotsen check\n"
        "5. Prova: lotsen guides try card_reader_dark\n"
    )
    guide = load_content(content).guides["card_reader_dark"]
    assert guide.title == "Kortläsaren lyser inte"
    assert language_problems(content / "guides") == []


def test_it_shows_every_kind_of_step_and_of_help(content: Path) -> None:
    """Each kind once, with its usual fields and a comment above it."""
    path = begin_guide(content / "guides", "new_one", "Ny")
    steps = load_guides(content / "guides")["new_one"].steps
    assert sorted(step.kind for step in steps) == sorted(StepKind)
    first = steps[0].help
    assert all((first.why, first.how, first.see, first.if_not))
    lines = path.read_text(encoding="utf-8").splitlines()
    for kind in StepKind:
        assert any(line.startswith(f"# {kind.value}: ") for line in lines)


def test_the_commented_line_is_valid_when_it_counts(content: Path) -> None:
    """An owner who takes away the '#' gets what the comment says."""
    path = begin_guide(content / "guides", "new_one", "Ny")
    path.write_text(path.read_text(encoding="utf-8").replace("# errors:", "errors:"), encoding="utf-8")
    assert load_guides(content / "guides")["new_one"].errors == ("Texten på skärmen",)


def test_a_first_guide_includes_none(tmp_path: Path) -> None:
    """Without another guide that step is left out, and the rest is valid."""
    begin_guide(tmp_path, "first", "Första")
    kinds = [step.kind for step in load_guides(tmp_path)["first"].steps]
    assert sorted(kinds) == sorted(set(StepKind) - {StepKind.INCLUDE})


def test_a_guide_that_names_the_new_one_is_not_included(tmp_path: Path) -> None:
    """They would go round."""
    begin_guide(tmp_path, "a_first", "Första")
    begin_guide(tmp_path, "b_second", "Andra")
    (tmp_path / "a_first.yml").unlink()
    path = begin_guide(tmp_path, "a_first", "Igen")
    assert "include" not in [step["kind"] for step in read_yaml(path).data["steps"]]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=30))
@pytest.mark.parametrize("written", ["”Det står: #fel” & 'så' {här}", '"', "a: b", "- x", "\\", "å\u00a0ä", "💡"])
def test_any_title_is_read_back_or_refused(written: str, tmp_path: Path, drawn: str) -> None:
    """Quotes, colons and marks stay what they are; white space is one space; what cannot be shown is refused."""
    for title in (written, drawn):
        path = tmp_path / "new_one.yml"
        path.unlink(missing_ok=True)
        wanted = " ".join(title.split())
        if wanted and wanted.isprintable():
            assert load_guides(begin_guide(tmp_path, "new_one", title).parent)["new_one"].title == wanted
        else:
            with pytest.raises(CannotBegin):
                begin_guide(tmp_path, "new_one", title)
            assert not path.exists()


@pytest.mark.parametrize("guide_id", ["", "Card", "två", "a-b", "1a", "../up", "a/b", "a b", "a" * 61, "a\n"])
def test_an_id_that_cannot_be_one(guide_id: str, content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It names a file and an intent; nothing is written anywhere."""
    before = sorted(content.parent.rglob("*"))
    assert new(content, guide_id, "Titel") == 1
    assert capsys.readouterr().err == (
        f"lotsen: '{guide_id}' kan inte vara ett id. "
        "Skriv engelska ord: små bokstäver a-z, siffror och understreck, högst 60 tecken.\n"
    )
    assert sorted(content.parent.rglob("*")) == before


def test_an_id_that_steers_guides(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A guide "stop" would be begun by who wants to stop."""
    assert new(content, "stop", "Titel") == 1
    assert capsys.readouterr().err == "lotsen: 'stop' betyder redan något inne i guiderna. Välj ett annat id.\n"


def test_an_empty_title(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """White space is no title."""
    assert new(content, "new_one", " \n") == 1
    message = "Titeln är tom eller har tecken som inte går att visa. Skriv det som användaren ska se överst."
    assert capsys.readouterr().err == f"lotsen: {message}\n"


def test_nothing_is_written_over(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A guide that is there stays as it is, byte by byte."""
    path = content / "guides" / "clear_cache.yml"
    before = path.read_bytes()
    assert new(content, "clear_cache", "Rensa") == 1
    assert capsys.readouterr().err == f"lotsen: Guiden finns redan: {path}. Ändra i den, eller välj ett annat id.\n"
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the system says is passed on in a sentence."""
    assert new(tmp_path, "new_one", "Titel") == 1
    path = tmp_path / "guides" / "new_one.yml"
    assert capsys.readouterr().err == f"lotsen: Det går inte att skriva {path}: No such file or directory.\n"
