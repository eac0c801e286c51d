"""``lotsen check``: each fault is said in full, in its place, with what to do; right content has none."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.content.catalogue import load_content
from lotsen.content.check import check_content
from lotsen.content.example_checks import MIN_EXAMPLES, MIN_FAQ_EXAMPLES
from lotsen.content.problems import ContentError, Problem
from lotsen.content.training_file import read_training_file
from tests.support.small_content import block, numbered, rule, write_content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small content that is right."""
    return write_content(tmp_path)


def check(folder: Path) -> List[Problem]:
    """Check the content."""
    return check_content(folder.parent, folder)


def change(path: Path, old: str, new: str) -> None:
    """Replace the first ``old``."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def line_of(path: Path, part: str) -> int:
    """Return the first line with ``part``."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if part in line)


def test_right_content_has_no_fault(folder: Path) -> None:
    """Nothing is found where nothing is wrong; there is no folder of test sets, as at a customer's."""
    assert check(folder) == []


OTHER, SMALL = "faq/other.yml", "conversation/small.yml"
FAULTS = {
    "thin question": (
        OTHER,
        ("    - alfa nummer7\n", ""),
        "- intent: ask_alpha",
        f"'ask_alpha' har {MIN_FAQ_EXAMPLES - 1} exempel. Skriv minst {MIN_FAQ_EXAMPLES}, så olika som möjligt.",
    ),
    "thin greeting": (
        SMALL,
        ("    - hälsning nummer7\n", ""),
        "- intent: greet",
        f"'greet' har {MIN_EXAMPLES - 1} exempel. Skriv minst {MIN_EXAMPLES}, så olika som möjligt.",
    ),
    "near-duplicate": (
        OTHER,
        ("    - beta nummer0\n", "    - beta nummer0\n    - alfa nummer4 tack\n"),
        "- alfa nummer4 tack",
        "Exemplet är nästan samma som 'alfa nummer4' för 'ask_alpha' ({folder}/faq/other.yml:9). "
        "Ta bort det ena, eller skriv det som skiljer frågorna åt.",
    ),
    "same example in two questions": (
        OTHER,
        ("    - beta nummer0\n", "    - beta nummer0\n    - Alfa nummer3!\n"),
        "- Alfa nummer3!",
        "Exemplet finns redan för 'ask_alpha' ({folder}/faq/other.yml:8). Ta bort det ena.",
    ),
    "personal number": (
        OTHER,
        ("- alfa nummer0\n", "- alfa nummer0\n    - pat 19121212-1212\n"),
        "1212-1212",
        "Exemplet ser ut att ha ett personnummer. Skriv [personnummer] i stället.",
    ),
    "example without its dash": (
        OTHER,
        ("    - alfa nummer7\n", "    - alfa nummer7\n    alfa utan streck\n"),
        "alfa utan streck",
        "Raden läses inte som ett exempel. Börja den med '- ', med samma indrag som de andra.",
    ),
    "example with more indent": (
        OTHER,
        ("    - alfa nummer7\n", "    - alfa nummer7\n      - alfa för långt in\n"),
        "alfa för långt in",
        "Raden läses inte som ett exempel. Börja den med '- ', med samma indrag som de andra.",
    ),
    "unknown intent": (
        SMALL,
        ("nlu:\n", "nlu:\n" + block("gret", numbered("gud", MIN_EXAMPLES)) + "# \n"),
        "- intent: gret",
        "'gret' finns inte under intents i domain.yml. Lägg till det där. Menade du 'greet'?",
    ),
    "no rule": (
        OTHER,
        ("  - intent: ask_alpha", "  - intent: ask_beta"),
        "- intent: ask_alpha",
        "'ask_alpha' har ingen regel. Skriv under 'rules' vad boten ska göra då.",
    ),
    "no answer": (
        OTHER,
        ("utter_ask_alpha:", "utter_x:"),
        "- intent: ask_alpha",
        "'ask_alpha' har varken svar (utter_ask_alpha under 'responses') eller guide (guides/ask_alpha.yml).",
    ),
    "no title": (
        OTHER,
        ("title: Alfa?", "titel: Alfa?"),
        "- intent: ask_alpha",
        "'ask_alpha' saknar 'title' under 'metadata'. Det visas i menyn.",
    ),
    "two sections": (
        OTHER,
        ("section: Övrigt", "section: Annat"),
        "nlu:",
        "Filen har frågor från flera avsnitt (Annat, Övrigt). Ett avsnitt i varje fil.",
    ),
    "unsafe link": (
        OTHER,
        ("text: Alfa.", "text: '[x](javascript:x)'"),
        "javascript",
        "Länken 'javascript:x' ska börja med https://, mailto: eller tel:.",
    ),
    "button to nowhere": (
        OTHER,
        ("text: Alfa.\n", "text: Alfa.\n    buttons:\n    - {title: A, payload: /gret}\n"),
        "/gret",
        "Knappen leder till '/gret', som inte finns. Menade du '/greet'?",
    ),
    "button of a text to nowhere": (
        "texts.yml",
        ("menu:\n", "menu:\n  buttons:\n  - {title: A, payload: /gret}\n"),
        "/gret",
        "Knappen leder till '/gret', som inte finns. Menade du '/greet'?",
    ),
    "intent without examples": (
        "../domain.yml",
        ("- greet\n", "- greet\n- goodbye: {use_entities: []}\n"),
        "goodbye",
        "'goodbye' har inga exempel i data/faq, data/conversation eller data/out_of_scope. "
        "Skriv dem, eller ta bort det här.",
    ),
    "entities that are no list": (
        "../domain.yml",
        ("entities:\n- browser\n", "entities: browser\n"),
        "entities:",
        "Efter 'entities:' ska namnen stå som en lista: '- namn'.",
    ),
    "empty domain": (
        "../domain.yml",
        ("intents:\n- ask_alpha\n- ask_beta\n- greet\nentities:\n- browser\n", "# tom\n"),
        "# tom",
        "Filen är tom. Den ska ha bland annat 'intents:' och 'entities:'.",
    ),
    "unknown entity": (
        "entities.yml",
        ("browser:", "webbläsare:"),
        "webbläsare",
        "'webbläsare' finns inte under entities i domain.yml. Lägg till det där.",
    ),
    "text without its placeholder": (
        "texts.yml",
        ("  text: Hej {summary} {target}\n", "  text: Hejsan\n"),
        "Hejsan",
        "Texten 'handoff_preview' saknar '{{summary}}'. Utan det ser användaren inte det som fylls i där.",
    ),
    "examples as a list": (
        SMALL,
        ("  examples: |\n", "  examples:\n"),
        "examples:",
        "Exemplen för 'greet' går inte att läsa. Skriv 'examples: |' och ett exempel på varje rad under.",
    ),
    "plain words under nlu": (
        SMALL,
        ("nlu:\n", "nlu:\n- hej\n"),
        "- hej",
        "Under 'nlu' ska varje punkt börja med '- intent: namn'.",
    ),
    "misspelt intent": (
        SMALL,
        ("nlu:\n", "nlu:\n- intnet: greet\n"),
        "- intnet",
        "Under 'nlu' ska varje punkt börja med '- intent: namn'.",
    ),
    "intent that is no name": (
        SMALL,
        ("nlu:\n", "nlu:\n- intent: [greet]\n"),
        "- intent: [greet]",
        "Efter 'intent:' ska frågans id stå, ett enda ord.",
    ),
    "metadata that is a word": (
        OTHER,
        ("  metadata: {section: Övrigt, title: Alfa?}", "  metadata: Övrigt"),
        "metadata: Övrigt",
        "Under 'metadata' för 'ask_alpha' ska det stå till exempel 'title: ...', med indrag.",
    ),
    "nlu that is a word": (
        SMALL,
        ("nlu:\n", "nlu: hej\nold:\n"),
        "nlu: hej",
        "Efter 'nlu:' ska frågorna stå som en lista: '- intent: namn'.",
    ),
    "responses that are a list": (
        SMALL,
        ("rules:\n", "responses:\n- hej\nrules:\n"),
        "responses:",
        "Efter 'responses:' ska svarens namn stå: 'utter_namn:', med indrag.",
    ),
    "answer that is a word": (
        SMALL,
        ("rules:\n", "responses:\n  utter_greet: hej\nrules:\n"),
        "utter_greet: hej",
        "Svaret 'utter_greet' går inte att läsa. Skriv '- text: ...' på raden under namnet.",
    ),
    "rules that are a mapping": (
        SMALL,
        ("rules:\n- rule: greet\n  steps", "rules:\n  rule: greet\n  steps"),
        "rules:",
        "Efter 'rules:' ska reglerna stå som en lista: '- rule: namn'.",
    ),
    "rule without steps": (
        SMALL,
        ("rules:\n", "rules:\n- rule: tom\n"),
        "- rule: tom",
        "Regeln går inte att läsa. Den ska ha 'rule: namn' och 'steps:' med en lista under.",
    ),
}


@pytest.mark.parametrize(("file", "replaced", "on_line", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_said_in_its_place(
    file: str, replaced: tuple[str, str], on_line: str, message: str, folder: Path
) -> None:
    """Each fault is reported with its line and exactly these words."""
    path = folder / file
    change(path, *replaced)
    said = message.replace("{folder}", str(folder)).replace("{{summary}}", "{summary}")
    wanted = Problem(str(path.resolve()), line_of(path, on_line), said)
    found = [Problem(str(Path(problem.file).resolve()), problem.line, problem.message) for problem in check(folder)]
    assert wanted in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Filen är tom. Se de andra filerna i mappen för hur den ska se ut."),
        ("- hej\n", "Filen ska ha 'nlu:', 'responses:' och 'rules:'. Se de andra filerna i mappen."),
    ],
)
def test_a_file_without_content(text: str, message: str, folder: Path) -> None:
    """A file that is empty, or not of this kind, is named."""
    path = folder / "conversation" / "new.yml"
    path.write_text(text, encoding="utf-8")
    assert check(folder) == [Problem(str(path), 1, message)]


def malformed(text: str) -> str:
    """Return a name for a malformed file."""
    return text.replace("\n", " ")


@pytest.mark.parametrize(
    "text",
    [
        "- a\n- b\n",
        "hej\n",
        "nlu: hej\n",
        "nlu: [hej, {a: b}, [c]]\n",
        "nlu: {intent: a}\n",
        "nlu:\n- intent:\n",
        "nlu:\n- intent: {a: b}\n  examples: |\n    - a\n",
        "nlu:\n- intent: a\n  metadata: [title]\n",
        "nlu:\n- intent: a\n  examples: [b, c]\n",
        "nlu:\n- intent: a\n  examples: {b: c}\n",
    ],
    ids=malformed,
)
def test_a_malformed_file_is_a_content_error(text: str, folder: Path) -> None:
    """Neither the check nor the running bot stumbles: both say file and line."""
    path = folder / "faq" / "bad.yml"
    path.write_text(text, encoding="utf-8")
    assert [problem for problem in check(folder) if problem.file == str(path)]
    with pytest.raises(ContentError, match=r"bad\.yml:\d+: "):
        load_content(folder)


@pytest.mark.parametrize(
    "text",
    [
        "responses: hej\n",
        "responses: [hej]\n",
        "responses: {a: b, c: [d], e: {f: g}}\n",
        "responses: {a: [{text: [b], buttons: c}, {buttons: [d, [e]]}]}\n",
        "rules: hej\n",
        "rules: [hej, {rule: a}, {rule: b, steps: c}, {rule: d, steps: [e]}]\n",
        "rules: [{rule: a, steps: [{intent: [b]}, {or: c}, {or: [d, {intent: e}]}]}]\n",
    ],
    ids=malformed,
)
@pytest.mark.parametrize("room", ["faq", "conversation", "out_of_scope"])
def test_the_check_reads_on_after_a_malformed_part(room: str, text: str, folder: Path) -> None:
    """Whatever stands in one file, the faults of the others are found."""
    (folder / room / "bad.yml").write_text(text, encoding="utf-8")
    change(folder / OTHER, "title: Alfa?", "titel: Alfa?")
    assert "saknar 'title'" in "\n".join(map(str, check(folder)))


WORDS = st.sampled_from(
    ["intent", "examples", "metadata", "text", "buttons", "payload", "steps", "or", "rule", "- a", ""]
)
SHAPES = st.recursive(
    WORDS | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)


@given(data=st.dictionaries(st.sampled_from(["nlu", "responses", "rules", "other"]), SHAPES) | SHAPES)
def test_no_shape_stops_the_reading(data: object) -> None:
    """Any YAML at all is read or reported."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "faq" / "any.yml"
        path.parent.mkdir()
        path.write_text(json.dumps(data), encoding="utf-8")
        problems: List[Problem] = []
        file = read_training_file(path, problems)
        assert file is not None or problems


@pytest.mark.parametrize("name", ["guides/a.yaml", "faq/a.yaml", "conversation/a.YML", "out_of_scope/a.Yaml"])
def test_a_file_that_would_not_be_read_is_reported(name: str, folder: Path) -> None:
    """A file whose name ends otherwise would be left out without a word."""
    (folder / name).write_text("id: a\n", encoding="utf-8")
    message = "Lotsen läser bara filer som slutar på .yml. Döp om filen till 'a.yml'."
    assert check(folder) == [Problem(str(folder / name), 1, message)]


def test_an_intent_is_counted_over_its_blocks(folder: Path) -> None:
    """Two blocks in two files are one intent, and its rule may stand in either file."""
    split = numbered("hälsning", MIN_EXAMPLES)
    (folder / SMALL).write_text(f"nlu:\n{block('greet', split[:10])}{block('greet', split[10:20])}", encoding="utf-8")
    second = folder / "conversation" / "zoo.yml"
    second.write_text(f"nlu:\n{block('greet', split[20:])}rules:\n{rule('greet')}", encoding="utf-8")
    assert check(folder) == []
    change(second, "    - hälsning nummer24\n", "")
    message = f"'greet' har {MIN_EXAMPLES - 1} exempel. Skriv minst {MIN_EXAMPLES}, så olika som möjligt."
    assert check(folder) == [Problem(str(folder / SMALL), 2, message)]
