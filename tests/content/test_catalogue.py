"""The catalogue: the questions by name and section, and the whole content in one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Optional

import pytest

from lotsen.content.catalogue import Content, Question, faq_files, load_content
from lotsen.content.clarify import load_clarifications
from lotsen.content.located_yaml import read_yaml
from lotsen.content.problems import ContentError
from lotsen.settings import ROOT

FAQ = {
    "other.yml": "Övrigt",
    "administration.yml": "Administration",
    "zebra.yml": "Zebror",
    "login.yml": "Inloggning",
    "apes.yml": "Apor",
}
IN_ORDER = ["administration", "login", "other", "apes", "zebra"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small content folder: one question in each section, no guides."""
    (tmp_path / "faq").mkdir()
    for name, section in FAQ.items():
        stem = name[:-4]
        (tmp_path / "faq" / name).write_text(
            f"version: '3.1'\nnlu:\n- intent: ask_{stem}\n  metadata: {{section: {section}, title: Fråga {stem}?}}\n"
            f"  examples: |\n    - hej\n- lookup: {stem}\n  examples: |\n    - hej\n"
            f"- intent: chat_{stem}\n  examples: |\n    - hej\n"
            f"responses:\n  utter_ask_{stem}:\n  - text: Svar.\n",
            encoding="utf-8",
        )
    for name in ("texts.yml", "clarify.yml", "facts.yml", "targets.yml", "entities.yml"):
        shutil.copy(ROOT / "data" / name, tmp_path / name)
    return tmp_path


def test_files_are_in_the_order_of_the_source(folder: Path) -> None:
    """Known sections come as in the FAQ, others after them by name."""
    assert [path.stem for path in faq_files(folder / "faq")] == IN_ORDER


def test_questions_have_id_title_and_section(folder: Path) -> None:
    """An intent with a title is a question; other intents and entries are not."""
    content = load_content(folder)
    assert list(content.questions) == [f"ask_{stem}" for stem in IN_ORDER]
    assert content.questions["ask_login"] == Question("ask_login", "Fråga login?", "Inloggning")


def test_a_question_names_the_slots_that_its_case_needs(folder: Path) -> None:
    """``needs`` in the metadata, in order; a question without it needs nothing."""
    (folder / "faq" / "new.yml").write_text(
        "nlu:\n- intent: ask_new\n  metadata: {title: Ny?, needs: [hsa_id, browser]}\n  examples: |\n    - hej\n",
        encoding="utf-8",
    )
    questions = load_content(folder).questions
    assert questions["ask_new"].needs == ("hsa_id", "browser")
    assert questions["ask_login"].needs == ()


def test_the_real_needs_are_slots(content: Content) -> None:
    """A case is asked for what the bot can keep; a misspelt slot would be asked for again and again."""
    slots = set(read_yaml(ROOT / "domain.yml").data["slots"])
    needed = {slot for question in content.questions.values() for slot in question.needs}
    assert needed
    assert needed <= slots


def test_clarifications_are_part_of_the_content(folder: Path) -> None:
    """They come from ``clarify.yml``, in its order; without the file there are none."""
    assert load_content(folder).clarifications == load_clarifications(ROOT / "data" / "clarify.yml")
    (folder / "clarify.yml").unlink()
    assert load_content(folder).clarifications == {}


def test_sections_are_in_order(folder: Path) -> None:
    """Each section is named once, in the order of the files, and gives its questions."""
    content = load_content(folder)
    assert content.sections == ("Administration", "Inloggning", "Övrigt", "Apor", "Zebror")
    assert content.in_section("Apor") == [Question("ask_apes", "Fråga apes?", "Apor")]
    assert content.in_section("Ingen sådan") == []


def test_an_empty_faq_file_is_no_fault(folder: Path) -> None:
    """A file that has only been begun does not stop the bot."""
    (folder / "faq" / "new.yml").write_text("# snart\n", encoding="utf-8")
    assert len(load_content(folder).questions) == len(FAQ)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("faq/login.yml", "nlu: [", id="question file that is no YAML"),
        pytest.param("guides/a.yml", "id: a\n", id="guide without steps"),
        pytest.param("texts.yml", "menu:\n", id="text without words"),
        pytest.param("clarify.yml", "access:\n", id="clarifying question without words"),
    ],
)
def test_a_broken_file_is_a_content_error(name: str, text: str, folder: Path) -> None:
    """A fault in any part of the content names its file."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=Path(name).name):
        load_content(folder)


def test_missing_texts_are_a_content_error(folder: Path) -> None:
    """Without its texts an action has nothing to say, so the content cannot be used."""
    (folder / "texts.yml").unlink()
    with pytest.raises(ContentError, match=r"texts\.yml:1: Filen går inte att läsa"):
        load_content(folder)


def test_every_real_section_is_found_by_its_name(content: Content) -> None:
    """A section's own name, in any case and within a sentence, leads to it."""
    assert len(content.sections) == 7
    for section in content.sections:
        for said in (section, section.upper(), f"jag har frågor om {section.lower()} tack"):
            assert content.section_named_in(said) == section


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("tekniska", "Tekniska frågor"),
        ("frågor om behörighet", "Behörighetsfrågor"),
        ("programspecifikt", "Programspecifika frågor"),
        ("INVÅNARE", "Invånare"),
        ("vad blir det för mat", None),
        ("frågor", None),
        ("", None),
    ],
)
def test_a_section_is_found_by_the_beginning_of_its_name(text: str, section: Optional[str], content: Content) -> None:
    """The word that tells a section from the others is enough; the word "frågor" alone is not."""
    assert content.section_named_in(text) == section


def test_every_real_guide_belongs_to_a_question(content: Content) -> None:
    """A guide is begun by the intent of its name, so there is a question with that id."""
    assert content.guides
    assert set(content.guides) <= set(content.questions)


@pytest.mark.parametrize(
    ("text", "guide"),
    [
        ("Ett fel har inträffat vid inloggningen", "login_error"),
        ("det står ETT FEL HAR INTRÄFFAT VID INLOGGNINGEN på skärmen", "login_error"),
        ("fel har inträffat vid inloggningen", "login_error"),
        ("Webbsidan kan inte visas", "page_cannot_be_displayed"),
        ("Sidan finns inte", "page_missing_or_service_down"),
        ("något gick fel", "page_missing_or_service_down"),
        ("Användaren finns redan på enheten", "user_already_exists_error"),
        ("HTTP Status 404", None),
        pytest.param("", None),
        pytest.param(" ", None),
        pytest.param("e", None),
    ],
)
def test_a_guide_is_found_by_the_error_text_that_it_is_for(text: str, guide: Optional[str], content: Content) -> None:
    """The whole message within a sentence, or most of one, in any case; an unknown message has no guide."""
    assert content.guide_for_error(text) == guide
