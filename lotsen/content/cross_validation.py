"""``lotsen check --cross-validate``: the examples that a model trained without them takes for another intent.

Such an example is either misplaced, or says something that no other example of its intent does, or is right and hard.
Only a person can tell, so this is advice, not a fault. The model is a quick relative of the real one (``config.yml``):
its views of words and letters, without the sentence embedding, and one logistic regression for each intent, whose
shares a person can read. scikit-learn is imported when it is used: the other checks are done before it is loaded.
"""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from typing import Any, Callable, Iterator, List, Sequence, Tuple

from lotsen.content.examples import Example
from lotsen.content.problems import Problem
from lotsen.understanding.decision import is_out_of_scope
from lotsen.understanding.text import fold, normalise

FOLDS = 5
MARGIN = 0.3
"""How much more probable than the right intent another must be, to be worth a person's time."""
C = 9.0
"""How closely the examples are followed (scikit-learn's word for it)."""
SEED = 42
"""The same examples are listed each time."""


@dataclass(frozen=True)
class Mistake:
    """An example, and what the model without it made of it."""

    example: Example
    guess: str
    share: float
    """How probable the model found ``guess``, between 0 and 1."""

    def problem(self) -> Problem:
        """Return the advice with the example's place."""
        guess = f"'{self.guess}' ({self.share * 100:.0f} %)"
        return self.example.problem(
            f"Utan exemplet '{self.example.text}' i träningen hamnar det hos {guess}, "
            f"inte hos '{self.example.intent}'. Skriv om exemplet, flytta det, eller låt det stå om det är rätt."
        )


def cross_validate(examples: Sequence[Example], say: Callable[[str], None]) -> List[Mistake]:
    """Train ``FOLDS`` times, each time without another part of the examples, and ask for those; by place.

    Intents with fewer than ``FOLDS`` examples are left out. ``say`` hears of each part when it is done.
    """
    counts = Counter(example.intent for example in examples)
    asked = [example for example in examples if counts[example.intent] >= FOLDS]
    if len({example.intent for example in asked}) < 2:
        return []
    mistakes: List[Mistake] = []
    for number, (known, held) in enumerate(_folds(asked), start=1):
        mistakes += _mistakes([asked[index] for index in known], [asked[index] for index in held])
        say(f"  Del {number} av {FOLDS} är klar.")
    return sorted(mistakes, key=lambda mistake: (mistake.example.file, mistake.example.line))


def _folds(examples: Sequence[Example]) -> Iterator[Tuple[Sequence[int], Sequence[int]]]:
    """Yield which examples to train on and which to ask for; each part has its share of every intent."""
    from sklearn.model_selection import StratifiedKFold

    intents = [example.intent for example in examples]
    yield from StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(intents, intents)


def _mistakes(known: Sequence[Example], held: Sequence[Example]) -> Iterator[Mistake]:
    """Train on ``known``, and yield those of ``held`` that clearly go elsewhere."""
    from sklearn.linear_model import LogisticRegression

    features = _features()
    model = LogisticRegression(
        C=C, solver="liblinear", multi_class="ovr", class_weight="balanced", random_state=SEED, max_iter=200
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it did not quite converge: good enough for advice
        model.fit(features.fit_transform([example.text for example in known]), [example.intent for example in known])
    names = [str(name) for name in model.classes_]
    shares = model.predict_proba(features.transform([example.text for example in held]))
    for example, row in zip(held, shares, strict=True):
        best = int(row.argmax())
        both_refused = is_out_of_scope(names[best]) and is_out_of_scope(example.intent)
        if not both_refused and row[best] - row[names.index(example.intent)] >= MARGIN:
            yield Mistake(example, names[best], float(row[best]))


def _features() -> Any:
    """Return the views of words and letters of ``config.yml``, side by side."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    common = {"sublinear_tf": True, "lowercase": False, "min_df": 2}
    return make_union(
        TfidfVectorizer(preprocessor=normalise, token_pattern=r"\S+", ngram_range=(1, 2), **common),
        TfidfVectorizer(preprocessor=_folded, analyzer="char_wb", ngram_range=(2, 4), **common),
    )


def _folded(text: str) -> str:
    """Return what the view of letters sees."""
    return fold(normalise(text))
