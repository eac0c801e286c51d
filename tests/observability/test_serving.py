"""Metrics of several processes on one page, and health: what probes and Prometheus see."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Dict, Iterator, Mapping, Tuple

import pytest
import requests

from lotsen.cases.store import CaseStore, NewCase
from lotsen.channels.chat.turns import Turns
from lotsen.clock import utc_now
from lotsen.observability.definitions import COUNTED, LOOKED_UP
from lotsen.observability.serving import LOOPS_AFTER, Serving, environment
from lotsen.retention.deletions import DeletionLog
from lotsen.settings import ROOT, Settings
from lotsen.storage.database import open_engine
from tests.cases.made import FULL
from tests.support.ports import free_port

SECONDS = 20
Page = Dict[Tuple[str, str], float]
_SAMPLE = re.compile(r"^(?P<name>\w+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$", re.MULTILINE)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings with a database and a port of their own."""
    return Settings.read(
        {
            "LOTSEN_DATA_DIR": str(tmp_path / "data"),
            "LOTSEN_DATABASE_URL": database_url,
            "LOTSEN_METRICS_PORT": str(free_port()),
        }
    )


@contextlib.contextmanager
def serving(settings: Settings, ready: Mapping[str, bool] | None = None) -> Iterator[Serving]:
    """Serve as ``lotsen up`` does."""
    server = Serving(settings, lambda: ready or {})
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def counting(settings: Settings, name: str) -> Iterator["subprocess.Popen[str]"]:
    """Run a process that has counted one of everything."""
    command = [sys.executable, "-m", "tests.observability.counting", name]
    shared = {**dict(environment(settings)), "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen(
        command, cwd=ROOT, env=shared, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdin is not None and process.stdout is not None
    with process:
        assert process.stdout.readline() == "counted\n"
        yield process
        process.stdin.close()


def ask(settings: Settings, path: str) -> requests.Response:
    """Ask the port of metrics."""
    return requests.get(f"http://127.0.0.1:{settings.metrics_port}{path}", timeout=SECONDS)


def scrape(settings: Settings) -> Page:
    """Return every sample by its name and labels."""
    page = ask(settings, "/metrics").text
    return {(one["name"], one["labels"] or ""): float(one["value"]) for one in _SAMPLE.finditer(page)}


def test_what_processes_count_is_one_page(settings: Settings) -> None:
    """Counts of all processes are added up, stay when one ends, and what only a living one can say goes with it."""
    store = CaseStore(open_engine(settings.database_url))
    Turns(open_engine(settings.database_url), "web").begin("me", 1)
    purges = DeletionLog(open_engine(settings.database_url))
    purges.claim("2026-11-27", utc_now())
    purges.done("2026-11-27", utc_now())
    store.create(NewCase("0" * 32, FULL, conversation="me", channel="web", desks=["webhook"], letter="Brev"))
    with serving(settings) as server:
        with counting(settings, "rasa"):
            environment_kept = scrape(settings)
        assert environment_kept[("lotsen_event_streams", 'process="rasa"')] == 1
        process = subprocess.run(
            [sys.executable, "-m", "tests.observability.counting", "triage"],
            cwd=ROOT,
            env={"PROMETHEUS_MULTIPROC_DIR": str(settings.data_dir / "metrics"), "PATH": "/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            check=True,
            capture_output=True,
        )
        assert process.stdout == b"counted\n"
        for file in (settings.data_dir / "metrics").glob("gauge_live*"):
            server.ended("rasa", int(file.stem.rpartition("_")[2]))
        page = scrape(settings)
        text = ask(settings, "/metrics").text
    assert page[("lotsen_turns_total", 'channel="web",outcome="answered"')] == 2
    assert page[("lotsen_masked_total", 'kind="personnummer",layer="channel"')] == 4
    assert page[("lotsen_turn_duration_seconds_bucket", 'channel="web",le="0.1"')] == 2
    assert not [name for name, _ in page if name in ("lotsen_event_streams", "lotsen_model_info")]
    assert page[("lotsen_outbox_letters", 'state="waiting"')] == 1
    assert page[("lotsen_outbox_oldest_waiting_seconds", "")] > 0
    assert page[("lotsen_turns_under_way", "")] == 1
    assert page[("lotsen_desk_cases", 'state="new"')] == 1
    assert page[("lotsen_database_up", "")] == 1
    assert time.time() - page[("lotsen_purge_last_timestamp_seconds", "")] < 3600
    told = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    known = {metric.name for metric in (*COUNTED, *LOOKED_UP)}
    assert told <= known
    assert known - told == {"lotsen_event_streams", "lotsen_model_info", "lotsen_process_ready", "lotsen_redis_up"} | {
        "lotsen_process_start_time_seconds"
    }
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed: apt-get install prometheus")
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_health_says_what_is_not_ready(settings: Settings, tmp_path: Path) -> None:
    """Ready means every process, and the database in time; what is not is named, and nothing more is said."""
    ready = {"rasa": True, "actions": True}
    with serving(settings, ready):
        well = ask(settings, "/health/ready")
        assert (well.status_code, well.json()["parts"]["database"]) == (200, True)
        ready["actions"] = False
        ill = ask(settings, "/health/ready")
        assert (ill.status_code, ill.json()["parts"]["actions"]) == (503, False)
        assert ask(settings, "/health/live").status_code == 200
        assert ask(settings, "/../etc/passwd").status_code == 404


def test_database_and_redis_that_are_away_are_not_ready(tmp_path: Path) -> None:
    """Neither a refused connection nor one that is never answered holds up health or metrics, or shows a trace."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings = Settings.read(
            {
                "LOTSEN_DATA_DIR": str(tmp_path),
                "LOTSEN_DATABASE_URL": f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/lotsen",
                "LOTSEN_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
                "LOTSEN_METRICS_PORT": str(free_port()),
            }
        )
        with serving(settings):
            ready = ask(settings, "/health/ready")
            page = scrape(settings)
    assert (ready.status_code, ready.json()["parts"]) == (503, {"database": False, "redis": False})
    assert page[("lotsen_database_up", "")] == page[("lotsen_redis_up", "")] == 0
    assert "lotsen_outbox_letters" not in {name for name, _ in page}


def test_crash_loop_is_not_alive(settings: Settings) -> None:
    """A process that ends again and again is named; one that was asked to end is not counted."""
    with serving(settings) as server:
        for _ in range(LOOPS_AFTER):
            server.ended("rasa", None, by_itself=False)
        assert ask(settings, "/health/live").status_code == 200
        for _ in range(LOOPS_AFTER):
            server.ended("rasa", None)
        dead = ask(settings, "/health/live")
        assert (dead.status_code, dead.json()["looping"]) == (503, ["rasa"])
        assert scrape(settings)[("lotsen_restarts_total", 'process="rasa"')] == LOOPS_AFTER


def test_full_disk_costs_metrics_and_not_the_process(tmp_path: Path) -> None:
    """A process that finds no room for its files goes on without: written through memory, a full disk would kill it."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.observability.counting", "rasa"],
        cwd=ROOT,
        env={"PROMETHEUS_MULTIPROC_DIR": "/dev/full/metrics", "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "counted\n"), ended.stderr
    assert "There is no room for metrics" in ended.stderr
    assert "could not be counted" not in ended.stderr


def test_port_zero_is_no_metrics(tmp_path: Path) -> None:
    """Where nobody asks, nothing is written."""
    settings = Settings.read({"LOTSEN_DATA_DIR": str(tmp_path), "LOTSEN_METRICS_PORT": "0"})
    with serving(settings):
        assert dict(environment(settings)) == {}
    assert list(tmp_path.iterdir()) == []
