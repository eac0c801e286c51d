"""Stock Rasa is what the installed Rasa would use for a project made by ``rasa init``."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from lotsen.bench.bots import stock_bot
from lotsen.bench.stock import stock_config


def packaged(package: str, name: str) -> Any:
    """Return a YAML file of the installed Rasa."""
    return YAML(typ="safe").load(files(package).joinpath(name).read_text(encoding="utf-8"))


def test_init_leaves_both_parts_to_the_default() -> None:
    """A new project names neither a pipeline nor policies, so that Rasa fills both in."""
    made = packaged("rasa.cli.initial_project", "config.yml")
    assert made["pipeline"] is None
    assert made["policies"] is None


def test_it_is_rasas_default() -> None:
    """Recipe, pipeline and policies are those that the installed Rasa fills in."""
    default = packaged("rasa.engine.recipes.config_files", "default_config.yml")
    ours = stock_config()
    assert {part: ours[part] for part in ("recipe", "pipeline", "policies")} == {
        part: default[part] for part in ("recipe", "pipeline", "policies")
    }


def test_fewer_epochs_change_nothing_else() -> None:
    """A shortened training is the same configuration but for the epochs."""
    assert str(stock_config(1)).replace("'epochs': 1,", "'epochs': 100,").replace(
        "'epochs': 1}", "'epochs': 100}"
    ) == str(stock_config())


def test_it_is_written_as_rasa_reads_it(tmp_path: Path) -> None:
    """The file given to ``rasa train`` holds the configuration."""
    bot = stock_bot(tmp_path, 3)
    assert YAML(typ="safe").load(bot.config.read_text(encoding="utf-8")) == stock_config(3)
