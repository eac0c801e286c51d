"""``lotsen evaluate``: how well the model does on sentences that it was not trained on.

A set is a YAML file of intents, each with its sentences. What counts is what a user meets: the decision, not the
classifier's first guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Mapping, Sequence, Tuple

from lotsen.content.catalogue import Content
from lotsen.content.located_yaml import read_yaml
from lotsen.runtime.ask import Answer, ask_all
from lotsen.understanding.scope import is_out_of_scope

Asked = Tuple[str, str, Answer]
"""The intent wanted, the sentence, and what the bot made of it."""


@dataclass(frozen=True)
class Score:
    """Shares between 0 and 1; the first four of the questions in scope, the last of those outside."""

    in_scope: int
    out_of_scope: int
    right: float
    """Right answer or guide at once."""
    offered: float
    """Right at once, or among the questions offered."""
    refused: float
    """Refused, though in scope."""
    wrong: float
    """Answered with something else: the worst outcome."""
    kept_out: float
    """Outside the scope and not answered as if inside."""


def score(asked: Sequence[Asked]) -> Score:
    """Count the outcomes. The vague ``login_problem`` has no answer to be right about and is left out."""
    inside = [(want, answer) for want, _, answer in asked if not is_out_of_scope(want) and want != "login_problem"]
    outside = [answer for want, _, answer in asked if is_out_of_scope(want)]
    return Score(
        in_scope=len(inside),
        out_of_scope=len(outside),
        right=_share([answer.intent == want for want, answer in inside]),
        offered=_share([want in (answer.intent, *answer.suggestions) for want, answer in inside]),
        refused=_share([answer.decision == "refuse" for _, answer in inside]),
        wrong=_share([_answers(answer) and answer.intent != want for want, answer in inside]),
        kept_out=_share([not _answers(answer) for answer in outside]),
    )


def evaluate(model: Path, content: Content, sets: Sequence[Path]) -> Dict[str, List[Asked]]:
    """Ask every sentence of every set.

    Raises:
        ContentError: if a set cannot be read.
    """
    lines: List[Tuple[str, str, str]] = []
    for path in sets:
        data: Mapping[str, List[str]] = read_yaml(path).data or {}
        lines += [(path.stem, want, text) for want, texts in data.items() for text in texts]
    answers = ask_all(model, content, [text for _, _, text in lines])
    asked: Dict[str, List[Asked]] = {path.stem: [] for path in sets}
    for (name, want, text), answer in zip(lines, answers, strict=True):
        asked[name].append((want, text, answer))
    return asked


def table(asked: Mapping[str, Sequence[Asked]]) -> str:
    """Return the scores as a Markdown table."""
    rows = [
        "| set | questions | right at once | right or offered | refused | wrong | outside | kept out |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, lines in asked.items():
        s = score(lines)
        shares = " | ".join(f"{share:.1%}" for share in (s.right, s.offered, s.refused, s.wrong))
        rows.append(f"| {name} | {s.in_scope} | {shares} | {s.out_of_scope} | {s.kept_out:.1%} |")
    return "\n".join(rows)


def is_error(want: str, answer: Answer) -> bool:
    """Tell whether the bot answered what it should not have, or neither answered nor offered what it should have."""
    if is_out_of_scope(want):
        return _answers(answer)
    if want == "login_problem":
        return answer.decision != "clarify"
    return want not in (answer.intent, *answer.suggestions)


def _answers(answer: Answer) -> bool:
    """Tell whether the bot took the question for one of its own."""
    return answer.decision in ("answer", "guide")


def _share(hits: Sequence[bool]) -> float:
    """Return the share of hits; of nothing, 0."""
    return sum(hits) / len(hits) if hits else 0.0
