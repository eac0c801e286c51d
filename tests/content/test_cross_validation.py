"""Cross-validation: what stands with the wrong intent is listed, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import List

import pytest

from lotsen import cli
from lotsen.content.cross_validation import FOLDS, Mistake, cross_validate
from lotsen.content.examples import Example
from lotsen.settings import ROOT
from tests.support.small_content import write_content


def examples(intent: str, words: str, count: int = 20) -> List[Example]:
    """Return examples of an intent that have its words in common."""
    return [Example(f"{intent}.yml", number, intent, f"{words} nummer{number}") for number in range(1, count + 1)]


PURGE, LOGIN = examples("purge", "hur gallrar man"), examples("login", "vi kommer inte in i sob")
MISPLACED = Example("login.yml", 99, "login", "hur gallrar man egentligen")


def test_a_misplaced_example_is_found() -> None:
    """It is the only one listed, with what the others took it for."""
    (mistake,) = cross_validate([*PURGE, *LOGIN, MISPLACED], lambda line: None)
    assert (mistake.example, mistake.guess) == (MISPLACED, "purge")
    assert mistake.share > 0.5


def test_the_advice_says_what_to_do() -> None:
    """Place, what happened, how sure the model was, and the three ways out."""
    assert str(Mistake(MISPLACED, "purge", 0.824).problem()) == (
        "login.yml:99: Utan exemplet 'hur gallrar man egentligen' i träningen hamnar det hos 'purge' (82 %), "
        "inte hos 'login'. Skriv om exemplet, flytta det, eller låt det stå om det är rätt."
    )


def test_a_line_for_each_part() -> None:
    """Who waits sees that something happens."""
    said: List[str] = []
    assert cross_validate([*PURGE, *LOGIN], said.append) == []
    assert said == [f"  Del {number} av {FOLDS} är klar." for number in range(1, FOLDS + 1)]


def test_refusals_may_be_mixed_up() -> None:
    """Which of the refusals is given matters little, but a question taken for a refusal is listed."""
    card, work = examples("out_of_scope_card", "ny pinkod kortet"), examples("out_of_scope_work", "semester schemat")
    among = Example("work.yml", 99, "out_of_scope_work", "ny pinkod kortet tack")
    question = Example("login.yml", 99, "login", "ny pinkod kortet igen")
    mistakes = cross_validate([*card, *work, *LOGIN, among, question], lambda line: None)
    assert [mistake.example for mistake in mistakes] == [question]


@pytest.mark.parametrize("few", [[], PURGE, PURGE + LOGIN[:3], PURGE[:2] + LOGIN[:3]])
def test_too_little_to_compare(few: List[Example]) -> None:
    """With one intent, or too few examples of the others, there is nothing to mix up."""
    assert cross_validate(few, lambda line: None) == []


def test_the_check_does_not_load_scikit_learn() -> None:
    """Who does not ask for cross-validation does not wait for it."""
    script = (
        "import sys, lotsen.content.check, lotsen.content.cross_validation; "
        "sys.exit('sklearn' in sys.modules or 'rasa' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 0


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small content in place of the real one."""
    folder = write_content(tmp_path)
    monkeypatch.setattr(cli, "ROOT", tmp_path)
    monkeypatch.setattr(cli, "CONTENT", folder)
    return folder


def test_advice_does_not_fail_the_check(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Mistakes are listed and counted, and the content is right all the same."""
    path = small / "faq" / "other.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("- beta nummer5\n", "- alfa alfa\n"), encoding="utf-8")
    assert cli.main(["check", "--cross-validate"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Korsvalideringen tränar 5 modeller. Det tar några minuter."
    assert lines[1 : FOLDS + 1] == [f"  Del {number} av {FOLDS} är klar." for number in range(1, FOLDS + 1)]
    (advice,) = lines[FOLDS + 1 : -2]
    assert "Utan exemplet 'alfa alfa' i träningen hamnar det hos 'ask_alpha'" in advice
    assert lines[-2:] == ["1 exempel att titta på. Det är råd, inte fel.", "Innehållet är rätt."]


def test_faults_fail_the_check_with_advice_too(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The faults come first, and decide the exit code."""
    (small / "guides" / "a.yaml").write_text("", encoding="utf-8")
    assert cli.main(["check", "--cross-validate"]) == 1
    said = capsys.readouterr()
    assert "a.yaml:1: Lotsen läser bara filer" in said.out.splitlines()[0]
    assert said.out.splitlines()[-1] == "0 exempel att titta på. Det är råd, inte fel."
    assert said.err == "lotsen: 1 fel i innehållet.\n"
