"""What operators are handed, rules, example of a scrape, dashboard: each fits the metrics that there are."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Dict, Iterator, List, Set, Tuple

import pytest
from ruamel.yaml import YAML

from lotsen.observability.definitions import COUNTED, HISTOGRAM, LOOKED_UP
from lotsen.settings import ROOT

FOLDER = ROOT / "deploy" / "observability"
RULES, DASHBOARD = FOLDER / "lotsen.rules.yml", FOLDER / "grafana" / "lotsen.json"
_NAME = re.compile(r"\blotsen[_:][a-z0-9_:]+")
_ROW = re.compile(
    r"^\| `(?P<name>lotsen_\w+)` \| (?P<kind>\w+) \| (?P<labels>[^|]*) \| (?P<help>[^|]*) \|$", re.MULTILINE
)
STEP, WIDTH = "1m", 24
PAGE = ROOT / "docs" / "observability.md"


def samples() -> Set[str]:
    """Return the names of all samples that a scrape can have."""
    found = {metric.name for metric in (*COUNTED, *LOOKED_UP)}
    for metric in COUNTED:
        if metric.kind == HISTOGRAM:
            found |= {f"{metric.name}_{part}" for part in ("bucket", "sum", "count")}
    return found


def rules() -> List[Dict[str, Any]]:
    """Return all rules."""
    groups = YAML(typ="safe").load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> List[Dict[str, Any]]:
    """Return the dashboard's panels, rows among them."""
    return list(json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"])


def expressions() -> Iterator[Tuple[str, str]]:
    """Yield where each expression stands, and the expression, with the dashboard's variables filled in."""
    for rule in rules():
        yield rule.get("alert") or rule["record"], rule["expr"]
    for panel in panels():
        for target in panel.get("targets", ()):
            asked = target["expr"].replace("$__rate_interval", STEP).replace("$job", "lotsen")
            yield panel["title"], asked


def promtool(*arguments: str, folder: Path = FOLDER) -> None:
    """Let Prometheus's own tool judge."""
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed: apt-get install prometheus")
    ended = subprocess.run(["promtool", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_name_is_of_a_metric_that_there_is() -> None:
    """Rules and dashboard ask for nothing that nobody counts, and every metric is asked for somewhere."""
    known = samples() | {rule["record"] for rule in rules() if "record" in rule}
    asked: Set[str] = set()
    for where, expression in expressions():
        names = set(_NAME.findall(expression))
        assert names <= known, where
        asked |= names
    unused = {m.name for m in (*COUNTED, *LOOKED_UP) if not any(name.startswith(m.name) for name in asked)}
    assert unused == set()


def test_labels_are_those_of_the_metrics() -> None:
    """What is grouped or filtered by is a label of ours, or one that Prometheus gives."""
    ours = {label for metric in (*COUNTED, *LOOKED_UP) for label in metric.labels} | {
        "job",
        "instance",
        "namespace",
        "le",
    }
    for where, expression in expressions():
        grouped = {label.strip() for found in re.findall(r"by \(([^)]*)\)", expression) for label in found.split(",")}
        filtered = set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)\s*\"", expression))
        assert grouped | filtered <= ours, where


def test_dashboard_is_whole() -> None:
    """Panels have ids and places of their own, say what they show, and take the data source that is chosen."""
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    assert {one["name"] for one in board["templating"]["list"]} == {"datasource", "job"}
    places = set()
    for panel in panels():
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & places, panel["title"]
        assert at["x"] + at["w"] <= WIDTH, panel["title"]
        places |= cells
        sources = [one["datasource"]["uid"] for one in [panel, *panel.get("targets", ())] if "datasource" in one]
        assert set(sources) <= {"${datasource}"}
    ids = [panel["id"] for panel in panels()]
    assert len(ids) == len(set(ids))


def test_prometheus_takes_every_expression(tmp_path: Path) -> None:
    """The rules, the scrape example and each expression of the dashboard can be read."""
    promtool("check", "config", "prometheus.yml")
    made = [{"record": f"panel:{n}", "expr": expression} for n, (_, expression) in enumerate(expressions())]
    with (tmp_path / "dashboard.rules.yml").open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump({"groups": [{"name": "dashboard", "rules": made}]}, file)
    promtool("check", "rules", "dashboard.rules.yml", folder=tmp_path)


def test_alerts_call_when_they_should() -> None:
    """The rules' own tests hold, and there is one for each alert."""
    files = sorted(FOLDER.glob("*.test.yml"))
    promtool("test", "rules", *(file.name for file in files))
    written = [test for file in files for test in YAML(typ="safe").load(file.read_text(encoding="utf-8"))["tests"]]
    tested = [one for test in written for one in test["alert_rule_test"]]
    calls = {one["alertname"] for one in tested if one.get("exp_alerts")}
    alerts = {rule["alert"] for rule in rules() if "alert" in rule}
    assert calls == alerts


def test_alerts_say_what_to_do() -> None:
    """Who is woken up reads what it is and what to look at."""
    for rule in rules():
        if "alert" in rule:
            assert set(rule["annotations"]) == {"summary", "action"}, rule["alert"]
            assert rule["labels"]["severity"] in ("critical", "warning", "info")
            assert f"| `{rule['alert']}` |" in PAGE.read_text(encoding="utf-8")


def test_page_lists_every_metric() -> None:
    """The table in the docs is the code's."""
    told = {row["name"]: row.groupdict() for row in _ROW.finditer(PAGE.read_text(encoding="utf-8"))}
    real = {
        metric.name: {
            "name": metric.name,
            "kind": metric.kind,
            "labels": ", ".join(f"`{label}`" for label in metric.labels),
            "help": metric.help,
        }
        for metric in (*COUNTED, *LOOKED_UP)
    }
    assert told == real
