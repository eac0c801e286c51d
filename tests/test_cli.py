"""The command line: what goes in comes out, and a fault is a sentence with exit code 1."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lotsen import cli
from lotsen.content.check import check_content
from lotsen.settings import ROOT
from tests.support.expected import answers


def ask_file(tmp_path: Path, *lines: str) -> str:
    """Write lines for ``lotsen ask --jsonl``."""
    path = tmp_path / "asked.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def test_ask_jsonl(model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One object per line comes out, in order, with other keys passed through and every decision named."""
    asked = {
        "hur går gallring till?": "answer",
        "det står webbsidan kan inte visas": "guide",
        "vad blir det för väder i morgon": "refuse",
        "jag vill prata med en människa": "handoff",
        "hej på dig": "smalltalk",
        "jag kan inte logga in": "clarify",
        "/how_to_purge": None,
    }
    rows = [json.dumps({"text": text, "nr": number}) for number, text in enumerate(asked)]
    assert cli.main(["ask", "--jsonl", ask_file(tmp_path, *rows, "")]) == 0
    answered = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [row["nr"] for row in answered] == list(range(len(asked)))
    for row, (text, decision) in zip(answered, asked.items(), strict=True):
        assert row["text"] == text
        assert set(row) == {"text", "nr", "decision", "intent", "suggestions", "reply"}
        assert decision is None or row["decision"] == decision
    assert answered[0]["reply"] == answers()["utter_how_to_purge"]
    assert answered[5]["suggestions"] == ["login_error", "page_cannot_be_displayed", "page_missing_or_service_down"]
    assert answered[6]["reply"] != answers()["utter_how_to_purge"]


@pytest.mark.parametrize(
    ("line", "part"), [("{", "asked.jsonl:2: not JSON"), ('{"question": 1}', "asked.jsonl:2: write an object")]
)
def test_ask_names_the_bad_line(line: str, part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line that cannot be read is named by its number, before any model is loaded."""
    assert cli.main(["ask", "--jsonl", ask_file(tmp_path, '{"text": "hej"}', line)]) == 1
    assert part in capsys.readouterr().err


def test_ask_without_the_file_or_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file and a missing model are said in a sentence."""
    assert cli.main(["ask", "--jsonl", str(tmp_path / "none.jsonl")]) == 1
    assert cli.main(["ask", "hej", "--model", str(tmp_path / "none.tar.gz")]) == 1
    assert "none.jsonl" in capsys.readouterr().err


def test_check_finds_the_content_right(capsys: pytest.CaptureFixture[str]) -> None:
    """The content in the repository has no fault."""
    assert cli.main(["check"]) == 0
    assert capsys.readouterr().out == "Innehållet är rätt.\n"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the content that a test may break."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    shutil.copy(ROOT / "domain.yml", tmp_path)
    return tmp_path


EXAMPLES = "  examples: |\n"
FAULTS = {
    "no title": (
        "faq/login.yml",
        "    title: Vilken w",
        "    titel: Vilken w",
        "saknar 'title'",
        "intent: which_browser",
    ),
    "no answer": ("faq/login.yml", "utter_which_browser:", "utter_x:", "varken svar", "intent: which_browser"),
    "unknown intent": ("faq/login.yml", "- intent: which_b", "- intent: wich_b", "Menade du", "intent: wich_browser"),
    "no rule": ("faq/login.yml", "  - intent: which_b", "  - intent: wich_b", "ingen regel", "intent: which_browser"),
    "unsafe link": ("faq/other.yml", "(https://sydostra", "(javascript:sydostra", "ska börja med", "javascript:"),
    "button to nowhere": ("texts.yml", "payload: /next_step", "payload: /next_stepp", "Menade du", "/next_stepp"),
    "unknown braces": ("texts.yml", "{number} av {total}", "{nummer} av {total}", "fylls inte i", "{nummer}"),
    "no kind in a guide": ("guides/clear_cache.yml", "  kind: do\n", "", "Fältet 'kind' saknas", "id: open_clearing"),
    "unknown entity": ("entities.yml", "browser:\n", "webbläsare:\n", "finns inte under entities", "webbläsare:"),
    "personal number": ("faq/login.yml", EXAMPLES, f"{EXAMPLES}    - pat 19121212-1212\n", "personnummer", "1212-1212"),
    "same example twice": (
        "faq/other.yml",
        EXAMPLES,
        f"{EXAMPLES}    - Kopia\n    - kopia!\n",
        "finns redan",
        "kopia!",
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "part", "on_line"), FAULTS.values(), ids=FAULTS)
def test_check_names_place_and_remedy(file: str, old: str, new: str, part: str, on_line: str, copy: Path) -> None:
    """A fault in any file is found once, in that file, on the line that has to do with it."""
    path = copy / "data" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    (problem,) = [problem for problem in check_content(copy, copy / "data") if part in problem.message]
    assert Path(problem.file) == path
    assert on_line in path.read_text(encoding="utf-8").splitlines()[problem.line - 1]


def test_check_reports_all_files_at_once(copy: Path) -> None:
    """Faults in different files come in one run."""
    for name in ("faq/login.yml", "guides/clear_cache.yml", "texts.yml"):
        (copy / "data" / name).write_text("{", encoding="utf-8")
    files = {Path(problem.file).name for problem in check_content(copy, copy / "data")}
    assert {"login.yml", "clear_cache.yml", "texts.yml"} <= files


def test_a_command_imports_only_what_it_needs() -> None:
    """The command line itself starts without database and network libraries: each command brings its own."""
    heavy = ("sqlalchemy", "aiohttp", "rasa")
    script = f"import sys, lotsen.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
