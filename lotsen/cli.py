"""The command ``lotsen``. Each sub-command is a thin layer over the room that does the work."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from lotsen.commands.ending import FAILED, OK, fail
from lotsen.content.problems import ContentError
from lotsen.settings import CONTENT, ROOT, SettingError, Settings

_PARTS = (
    *("audit", "backup", "cases", "desks", "feedback", "guides", "mask", "migrate"),
    *("notice", "person", "purge", "reload", "teams", "triage", "widget"),
)
"""The modules of ``lotsen/commands`` that have a command of their own."""


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run one sub-command; return the exit code. An expected fault is one sentence on standard error and code 1."""
    parser = _parser()
    parsed = parser.parse_args(arguments)
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    try:
        return int(parsed.run(parsed, Settings.read()))
    except SettingError as error:
        return fail(str(error))
    except ContentError as error:
        print(error, file=sys.stderr)
        return fail(f"{len(error.problems)} fel i innehållet.")
    except KeyboardInterrupt:
        return fail("Interrupted.")
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED


def _parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(prog="lotsen", description="The support assistant Lotsen.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="start everything, print the address of the chat, stop on Ctrl-C")
    up.set_defaults(run=_up)
    train = commands.add_parser("train", help="train a model unless one fits the present data")
    train.add_argument("--force", action="store_true", help="train even if one fits")
    train.set_defaults(run=_train)
    check = commands.add_parser("check", help="check all content, and say file:line: what is wrong")
    check.add_argument(
        "--cross-validate",
        action="store_true",
        help="list examples that a model without them gets wrong, too (minutes)",
    )
    check.set_defaults(run=_check)
    ask = commands.add_parser("ask", help="ask the trained model, without a server")
    ask.add_argument("text", nargs="*", help="what a user would write; without it, lines are read from standard input")
    ask.add_argument("--jsonl", metavar="FILE", help='one JSON object {"text": ...} on each line; - is standard input')
    ask.add_argument("--model", type=Path, help="a model file; the one that fits the data if not given")
    ask.set_defaults(run=_ask)
    evaluate = commands.add_parser("evaluate", help="ask the model sentences that it was not trained on, and count")
    evaluate.add_argument("sets", nargs="*", type=Path, help="YAML files of intents and sentences; ours if not given")
    evaluate.add_argument("--model", type=Path, help="a model file; the one that fits the data if not given")
    evaluate.add_argument("--errors", action="store_true", help="list the sentences that went wrong, too")
    evaluate.add_argument("--report", action="store_true", help="cross-validate, and write the report (15 minutes)")
    evaluate.add_argument("--fit", action="store_true", help="--report, and write decision.yml and docs/measured")
    evaluate.add_argument("--ablate", action="store_true", help="measure what each part of the pipeline brings")
    evaluate.add_argument(
        "--stock", type=int, metavar="FOLDS", help="measure stock Rasa beside ours (an hour and more)"
    )
    evaluate.set_defaults(run=_evaluate)
    bench = commands.add_parser("bench", help="measure training, memory and turns beside stock Rasa on the same data")
    bench.add_argument("--reuse", action="store_true", help="use the last run's models if they fit the data")
    bench.add_argument("--stock-epochs", type=int, default=100, help="train stock Rasa for fewer epochs than its 100")
    bench.add_argument("--output", type=Path, help="where to write the JSON; .lotsen/bench/bench.json if not given")
    bench.set_defaults(run=_bench)
    for name in _PARTS:
        importlib.import_module(f"lotsen.commands.{name}").add(commands)
    return parser


def _up(arguments: argparse.Namespace, settings: Settings) -> int:
    from lotsen.runtime.checks import CannotStart
    from lotsen.runtime.model import TrainingFailed
    from lotsen.runtime.up import up

    try:
        up(settings, _say)
    except (CannotStart, TrainingFailed) as error:
        return fail(str(error))
    return OK


def _train(arguments: argparse.Namespace, settings: Settings) -> int:
    from lotsen.runtime.model import TrainingFailed, fitting, train
    from lotsen.runtime.processes import stop_on_signals

    present = fitting(ROOT)
    if present is not None and not arguments.force:
        print(f"{present.relative_to(ROOT)} already fits the data; nothing to train.")
        return OK
    _say("Training takes about two minutes.")
    try:
        path = train(ROOT, settings.data_dir / "logs" / "train.log", _say, stop_on_signals())
        print(f"Trained {path.relative_to(ROOT)}.")
    except TrainingFailed as error:
        return fail(str(error))
    return OK


def _check(arguments: argparse.Namespace, settings: Settings) -> int:
    from lotsen.content.check import check_content

    problems = check_content(ROOT, CONTENT)
    for problem in problems:
        print(problem)
    if arguments.cross_validate:
        _advise()
    if problems:
        return fail(f"{len(problems)} fel i innehållet.")
    print("Innehållet är rätt.")
    return OK


def _advise() -> None:
    """List the examples that a model without them gets wrong. That is advice, so the exit code does not change."""
    from lotsen.content.check import examples_in
    from lotsen.content.cross_validation import FOLDS, cross_validate

    _say(f"Korsvalideringen tränar {FOLDS} modeller. Det tar några minuter.")
    mistakes = cross_validate(examples_in(CONTENT), _say)
    for mistake in mistakes:
        print(mistake.problem())
    print(f"{len(mistakes)} exempel att titta på. Det är råd, inte fel.")


def _ask(arguments: argparse.Namespace, settings: Settings) -> int:
    from lotsen.content.catalogue import load_content
    from lotsen.runtime.light_rasa import hide_tensorflow

    try:
        rows = _rows(arguments)
    except (OSError, ValueError) as error:
        return fail(str(error))
    model = _model(arguments)
    if model is None:
        return FAILED
    warnings.simplefilter("ignore")  # Rasa's pins are old and warn of each other; nobody who asks can help it.
    hide_tensorflow(model)
    from lotsen.runtime.ask import ask_all

    answers = ask_all(model, load_content(CONTENT), [row["text"] for row in rows])
    for row, answer in zip(rows, answers, strict=True):
        if arguments.jsonl:
            print(json.dumps({**row, **dataclasses.asdict(answer)}, ensure_ascii=False))
        else:
            offered = f"\n  ({', '.join(answer.suggestions)})" if answer.suggestions else ""
            print(f"> {row['text']}\n[{answer.decision}: {answer.intent or '-'}]\n{answer.reply}{offered}\n")
    return OK


def _evaluate(arguments: argparse.Namespace, settings: Settings) -> int:
    warnings.simplefilter("ignore")
    from lotsen.evaluation import run
    from lotsen.evaluation.lines import development_sets, read_set
    from lotsen.evaluation.pipelines import PipelineFailed
    from lotsen.evaluation.scores import table
    from lotsen.runtime.model import TrainingFailed

    try:
        if arguments.stock is not None:
            from lotsen.bench.stock import stock_config

            run.stock(ROOT, stock_config(), arguments.stock, _say)
        if arguments.ablate:
            run.ablation(ROOT, _say)
        if arguments.report or arguments.fit:
            report = settings.data_dir / "evaluation" / "report.html"
            print(table(run.evaluate(ROOT, settings.data_dir / "logs", report, _say, write=arguments.fit)))
            return OK
    except (PipelineFailed, TrainingFailed) as error:
        return fail(str(error))
    if arguments.stock is not None or arguments.ablate:
        return OK
    model = _model(arguments)
    if model is None:
        return FAILED
    _, titles = run.training_lines(ROOT)
    sets = {path.stem: read_set(path) for path in arguments.sets} or development_sets()
    asked = run.ask_sets(model, ROOT, sets)
    print(table(run.scores(asked, titles)))
    if arguments.errors:
        for name, want, did, text in run.errors(asked):
            print(f"{name}: {want} -> {did}: {text}")
    return OK


def _bench(arguments: argparse.Namespace, settings: Settings) -> int:
    from lotsen.bench.bots import BenchFailed
    from lotsen.bench.run import bench, write

    for limit in ("LOTSEN_MESSAGES_PER_MINUTE", "LOTSEN_SESSIONS_PER_MINUTE"):
        os.environ[limit] = "1000000"  # Simulated users do not stop to think.
    folder = settings.data_dir / "bench"
    output: Path = arguments.output or folder / "bench.json"
    try:
        result = bench(ROOT, folder, _progress, arguments.reuse, arguments.stock_epochs)
    except BenchFailed as error:
        return fail(str(error))
    write(result, output)
    print(result["table"])
    _progress(f"All figures are in {output}.")
    return OK


def _model(arguments: argparse.Namespace) -> Optional[Path]:
    """Return the model to ask, or None when it has been said that there is none."""
    from lotsen.runtime.model import fitting, newest

    model: Optional[Path] = arguments.model or fitting(ROOT)
    if model is None:
        model = newest(ROOT)
        if model is None:
            fail("There is no model yet. Train one: make train")
            return None
        print(f"No model fits the present data; asking {model.name}. To train one: make train", file=sys.stderr)
    if not model.exists():
        fail(f"There is no model {model}.")
        return None
    return model


def _rows(arguments: argparse.Namespace) -> List[Dict[str, Any]]:
    """Return what to ask, each with its ``text``.

    Raises:
        OSError: if the file cannot be read.
        ValueError: naming the line that is not an object with a text.
    """
    if arguments.text:
        return [{"text": " ".join(arguments.text)}]
    if not arguments.jsonl:
        return [{"text": line.strip()} for line in sys.stdin if line.strip()]
    written = sys.stdin.read() if arguments.jsonl == "-" else Path(arguments.jsonl).read_text(encoding="utf-8")
    rows: List[Dict[str, Any]] = []
    for number, line in enumerate(written.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ValueError(f"{arguments.jsonl}:{number}: not JSON ({error}).") from error
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise ValueError(f'{arguments.jsonl}:{number}: write an object with a text: {{"text": "..."}}.')
        rows.append(row)
    return rows


def _say(line: str) -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)


def _progress(line: str) -> None:
    """Print a line beside what the command gives, so that its output can be used as it is."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
