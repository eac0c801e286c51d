"""Pause and resume: a closed chat, restarted servers, a new version of the guide, and being away for long."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Iterator, List

import pytest

from lotsen.settings import ROOT
from tests.support.chat import ChatClient, Said
from tests.support.expected import text
from tests.support.running import RunningLotsen, environment

FAULT = "Det står ”Webbsidan kan inte visas” när jag försöker logga in"
COPIED = (
    "actions",
    "data",
    "lotsen",
    "models",
    "widget",
    "config.yml",
    "credentials.yml",
    "decision.yml",
    "domain.yml",
    "endpoints.yml",
)


@pytest.fixture(scope="module")
def checkout(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of its own, whose guides may be changed."""
    root = tmp_path_factory.mktemp("checkout")
    for name in COPIED:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, root / name)
    return root


def code(said: List[Said]) -> str:
    """Return the code to come back with that was said."""
    (found,) = re.findall(r"koden \*\*([A-Z0-9-]+)\*\*", "\n".join(message.text for message in said))
    return str(found)


def test_a_closed_chat_goes_on_by_code(lotsen: RunningLotsen) -> None:
    """The guide says to close the browser: a new chat with the code is at the same step, with its buttons."""
    before = lotsen.chat()
    given = code(before.say(FAULT))
    after = lotsen.chat()
    resumed = after.resume(given.lower())
    assert resumed[-1].text.startswith("**Steg 1 av 8**")
    assert after.press("Klart")[-1].text.startswith("**Steg 2 av 8**")
    typed = [message["text"] for message in after.history() if message["author"] == "user"]
    assert typed == [FAULT, "Klart"]


def test_a_wrong_code_gets_a_sentence(lotsen: RunningLotsen) -> None:
    """Nothing is lost by it, and it goes into no log."""
    chat = lotsen.chat()
    answer = chat.post("/messages", {"text": "2222-2222", "client_id": "a"})
    assert answer.status_code == 404
    assert "känner jag inte igen" in answer.json()["error"]
    assert chat.say(FAULT)[-1].text.startswith("**Steg 1 av 8**")


def test_a_pause_is_waited_for(lotsen: RunningLotsen) -> None:
    """”Måste svara i telefon” gets a code, too, and "ja" afterwards means to go on, not that the step is done."""
    chat = lotsen.chat()
    chat.say(FAULT)
    said = chat.say("vänta lite, måste svara i telefon")
    assert said[0].text == text("guide_later", number=1, total=8, title="")
    assert code(said)
    assert chat.say("ja")[-1].text.startswith("**Steg 1 av 8**")


class TestRestartAndNewVersion:
    """One user, whose Lotsen is stopped and started between the steps; each test goes on where the last one ended."""

    @pytest.fixture(scope="class")
    def data_dir(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """The data folder that outlives the servers."""
        return tmp_path_factory.mktemp("outlives")

    @pytest.fixture(scope="class")
    def tokens(self) -> List[str]:
        """The user's token, kept between the tests."""
        return []

    @pytest.fixture
    def running(self, checkout: Path, data_dir: Path) -> Iterator[RunningLotsen]:
        """A Lotsen that is started for each test, on the same data."""
        lotsen = RunningLotsen(environment(data_dir), checkout)
        yield lotsen
        lotsen.stop()

    def test_begin(self, running: RunningLotsen, tokens: List[str]) -> None:
        """Two steps are taken."""
        chat = running.chat()
        chat.say(FAULT)
        chat.press("Klart")
        assert chat.press("Klart")[-1].text.startswith("**Steg 3 av 8**")
        tokens.append(chat.token)

    def test_same_step_after_a_restart(self, running: RunningLotsen, tokens: List[str], checkout: Path) -> None:
        """All servers were stopped: the user goes on where they were. Afterwards the guide is edited."""
        chat = running.chat(tokens[0])
        chat.listen()
        assert chat.press("Klart")[-1].text.startswith("**Steg 4 av 8**")
        path = checkout / "data" / "guides" / "page_cannot_be_displayed.yml"
        guide = path.read_text(encoding="utf-8")
        assert guide.count("text: Ta ut SITHS-kortet/e-tjänstekortet.") == 1
        path.write_text(guide.replace("text: Ta ut SITHS", "text: Ta nu ut SITHS"), encoding="utf-8")

    def test_a_change_elsewhere_is_not_told(self, running: RunningLotsen, tokens: List[str], checkout: Path) -> None:
        """The guide has changed, but not this step: nothing is said of it. Afterwards the present step is taken out."""
        chat = running.chat(tokens[0])
        chat.listen()
        said = chat.press("Klart")
        assert said[-1].text.startswith("**Steg 5 av 8**")
        assert text("guide_changed") not in [message.text for message in said]
        path = checkout / "data" / "guides" / "page_cannot_be_displayed.yml"
        guide = path.read_text(encoding="utf-8")
        step = guide[guide.index("- id: wait_for_card") : guide.index("- id: log_in_again")]
        path.write_text(guide.replace(step, ""), encoding="utf-8")

    def test_a_step_that_is_gone_is_told(self, running: RunningLotsen, tokens: List[str]) -> None:
        """The user hears that the guide has changed, and goes on with the step after the last one taken."""
        chat = running.chat(tokens[0])
        chat.listen()
        said = chat.say("klart")
        assert [message.text for message in said][0] == text("guide_changed", title="")
        assert said[-1].text.startswith("**Steg 5 av 7**")
        assert "inloggningssidan" in said[-1].text
        ((status, body),) = running.query("SELECT status, body FROM guide_runs")
        assert status == "active"
        taken = [outcome["step"] for outcome in json.loads(body)["outcomes"]]
        assert taken == ["close_browser", "take_out_card", "insert_card", "reload_card"]


def test_a_guide_left_for_long_is_closed(checkout: Path, tmp_path: Path) -> None:
    """After the configured time it counts as abandoned, and the user who comes back is told so, not led astray."""
    shutil.rmtree(checkout / "data" / "guides")
    shutil.copytree(ROOT / "data" / "guides", checkout / "data" / "guides")
    second = str(1 / 3600)
    lotsen = RunningLotsen(environment(tmp_path, LOTSEN_GUIDE_HOURS=second), checkout)
    try:
        chat: ChatClient = lotsen.chat()
        chat.say(FAULT)
        lotsen.stop()
        lotsen = RunningLotsen(environment(tmp_path, LOTSEN_GUIDE_HOURS=second), checkout)
        chat = lotsen.chat(chat.token)
        chat.listen()
        said = chat.press("Klart")
        assert any("så jag har avslutat den" in one.text for one in said)
        assert not any("Steg" in message.text for message in said)
        assert lotsen.query("SELECT status FROM guide_runs") == [("abandoned",)]
    finally:
        lotsen.stop()
