"""``lotsen evaluate``: the stages, in order, each with a line that says how long it takes before it begins."""

from __future__ import annotations

import json
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

from lotsen.content.catalogue import load_content
from lotsen.evaluation.ablation import ablate
from lotsen.evaluation.fitting import fit, judge
from lotsen.evaluation.folds import CrossValidation, cross_validate, stratified
from lotsen.evaluation.lines import DOUBLE, VAGUE, Line, development_sets, read_mixed
from lotsen.evaluation.pipelines import rank, ranking_config
from lotsen.evaluation.report import Findings, today, write_report, write_summary
from lotsen.evaluation.scores import SUGGEST, Judged, Score, Verdict, is_error, score
from lotsen.evaluation.stock import compare
from lotsen.runtime.ask import ask_all
from lotsen.runtime.model import fitting, train
from lotsen.understanding.decision import Thresholds, decide
from lotsen.understanding.thresholds import read_thresholds, write_thresholds

MEASURED = Path("docs") / "measured"
"""Where the committed figures stand, from the checkout."""
FOLDS = 5

Say = Callable[[str], None]
Asked = List[Tuple[str, str, Verdict]]
"""The intent wanted, the sentence, and what the bot made of it."""


def training_lines(root: Path) -> Tuple[List[Line], Dict[str, str]]:
    """Return all training examples, and the titles of the FAQ's questions."""
    from rasa.shared.importers.importer import TrainingDataImporter

    importer = TrainingDataImporter.load_nlu_importer_from_config(str(root / "config.yml"), None, [str(root / "data")])
    examples = importer.get_nlu_data().intent_examples
    titles: Dict[str, str] = {}
    for example in examples:
        metadata = (example.get("metadata") or {}).get("intent") or {}
        if "title" in metadata:
            titles[example.get("intent")] = metadata["title"]
    return [Line(example.get("text"), example.get("intent")) for example in examples], titles


def ask_sets(model: Path, root: Path, sets: Mapping[str, Sequence[Line]]) -> Dict[str, Asked]:
    """Ask the trained model every line of every set, as the running bot would be asked."""
    lines = [(name, line) for name, found in sets.items() for line in found]
    answers = ask_all(model, load_content(root / "data"), [line.text for _, line in lines])
    asked: Dict[str, Asked] = {name: [] for name in sets}
    for (name, line), answer in zip(lines, answers, strict=True):
        asked[name].append((line.intent, line.text, Verdict.of_answer(answer)))
    return asked


def scores(asked: Mapping[str, Asked], titles: Mapping[str, str]) -> Dict[str, Score]:
    """Return each set's score, and that of all together."""
    judged: Dict[str, Judged] = {name: [(want, made) for want, _, made in lines] for name, lines in asked.items()}
    found = {name: score(lines, titles) for name, lines in judged.items()}
    found["all"] = score([pair for lines in judged.values() for pair in lines], titles)
    return found


def errors(asked: Mapping[str, Asked]) -> List[Tuple[str, str, str, str]]:
    """Return what went wrong: set, intent wanted, what the bot did, sentence."""
    return [
        (name, want, f"{made.kind} {made.intent or ', '.join(made.suggestions)}".strip(), text)
        for name, lines in asked.items()
        for want, text, made in lines
        if is_error(want, made)
    ]


def mixed_shares(model: Path, root: Path, titles: Mapping[str, str]) -> Dict[str, float]:
    """Return how often two questions in one message are both met, and a vague one is clarified with what was meant."""
    double, vague = read_mixed(DOUBLE), read_mixed(VAGUE)
    answers = ask_all(model, load_content(root / "data"), [line.text for line in (*double, *vague)])
    made = [Verdict.of_answer(answer) for answer in answers]
    outcomes = [judge(line.intents, one, titles)[1] for line, one in zip(double, made, strict=False)]
    clarified = [
        one.kind == SUGGEST and any(one.has(intent) for intent in line.intents)
        for line, one in zip(vague, made[len(double) :], strict=True)
    ]
    return {
        "two questions: both met": outcomes.count("right") / len(outcomes),
        "two questions: one of them met": outcomes.count("half") / len(outcomes),
        "vague: asked back, with one that was meant": sum(clarified) / len(clarified),
    }


def decided(validation: CrossValidation, titles: Mapping[str, str], limits: Thresholds) -> Score:
    """Return the score of the decision on cross-validated rankings that are calibrated."""
    judged = []
    for line in validation.lines:
        decision = decide(line.ranking, titles, limits, line.parts)
        judged.append((line.intents[0], Verdict.of_decision(decision, titles)))
    return score(judged, titles)


def evaluate(root: Path, logs: Path, report: Path, say: Say, write: bool) -> Dict[str, Score]:
    """Cross-validate, fit the thresholds, train with them, ask the development set, write report and summary.

    ``write`` says whether ``decision.yml`` and ``docs/measured`` are written; without it only the report is.

    Raises:
        PipelineFailed: if a fold cannot be trained.
        TrainingFailed: if the model cannot be trained.
    """
    lines, titles = training_lines(root)
    say(f"Cross-validating {len(lines)} examples in {FOLDS} folds: about two minutes for each fold.")
    config = ranking_config(root / "config.yml")
    validation = cross_validate(config, stratified(lines, FOLDS), sorted(titles), root, say)
    decision_file = root / "decision.yml"
    if write:
        say("Fitting the thresholds: about two minutes.")
        fitted = fit(validation, titles, say)
        told = f"{len(lines)} cross-validated examples and {len(validation.pairs)} pairs, {today()}."
        write_thresholds(decision_file, fitted.thresholds, fitted.reasons, told)
    model = fitting(root) or train(root, logs / "train.log", say, threading.Event())
    asked = ask_sets(model, root, development_sets())
    found = scores(asked, titles)
    limits = read_thresholds(decision_file)
    validation = replace(validation, lines=[line.calibrated(limits.temperature) for line in validation.lines])
    findings = Findings(
        validation=validation,
        cross_validated=decided(validation, titles, limits),
        development=found,
        errors=errors(asked),
        stock=_stored(root / MEASURED / "stock.json"),
        ablation=_stored(root / MEASURED / "ablation.json"),
        mixed=mixed_shares(model, root, titles),
        folds=FOLDS,
    )
    write_report(findings, report)
    say(f"The report: {report}")
    if write:
        write_summary(findings, root / MEASURED / "understanding.md", root / MEASURED / "understanding.json")
    return found


def ablation(root: Path, say: Say) -> Dict[str, Dict[str, float]]:
    """Measure what each part of the pipeline brings, on the first fold; store it with the committed figures.

    Raises:
        PipelineFailed: if a variant cannot be trained.
    """
    lines, _ = training_lines(root)
    say("Training eight variants of the pipeline on one fold: about 15 minutes.")
    found = ablate(ranking_config(root / "config.yml"), stratified(lines, FOLDS)[0], root, say)
    _store(root / MEASURED / "ablation.json", found)
    return found


def stock(root: Path, config: Dict[str, Any], folds: int, say: Say) -> Dict[str, Dict[str, float]]:
    """Measure stock Rasa's ``config`` beside ours: on ``folds`` folds, and trained on all for the development set.

    Raises:
        PipelineFailed: if one of the two cannot be trained.
    """
    lines, titles = training_lines(root)
    limits = read_thresholds(root / "decision.yml")
    jobs: Dict[str, Tuple[Sequence[Line], Mapping[str, Sequence[Line]]]] = {
        f"fold {number}": (training, {f"fold {number}": held_out})
        for number, (training, held_out) in enumerate(stratified(lines, FOLDS)[:folds], start=1)
    }
    jobs["all"] = (lines, {f"development, {name}": found for name, found in development_sets().items()})
    found: Dict[str, Dict[str, float]] = {}
    for name, (training, sets) in jobs.items():
        say(f"{name}: training stock Rasa and ours on {len(training)} examples. Stock takes 10 to 40 minutes.")
        texts = [line.text for held_out in sets.values() for line in held_out]
        with tempfile.TemporaryDirectory(prefix="lotsen-stock-") as folder:
            ours = rank(ranking_config(root / "config.yml"), training, texts, Path(folder) / "ours", root)
            theirs = rank(config, training, texts, Path(folder) / "stock", root)
        say(f"  trained in {ours.seconds:.0f} s (ours) and {theirs.seconds:.0f} s (stock)")
        for set_name, held_out in sets.items():
            found[set_name] = compare(held_out, ours.rankings, theirs.rankings, titles, limits)
    _store(root / MEASURED / "stock.json", found)
    return found


def _store(path: Path, found: Mapping[str, Mapping[str, float]]) -> None:
    """Write figures."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _stored(path: Path) -> Dict[str, Dict[str, float]]:
    """Read figures that an earlier run stored; none if it never ran."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
