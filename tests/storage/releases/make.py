"""Makes the database of a release by running that release: see ``README.md``. Everything in it is invented.

Run it with the release's checkout as the working directory and in ``PYTHONPATH``, so that ``lotsen`` and ``tests`` are
that release's own.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Dict

from lotsen.audit.log import Actor
from lotsen.desk.who import Role, Who
from tests.service_desks.stand_ins.webhook import WebhookStandIn
from tests.support.desk import made_desk
from tests.support.handoff import eventually, send_case
from tests.support.running import RunningLotsen, environment

SECRET = "made-up-for-the-tests-of-upgrades-and-never-used-anywhere-else-0123456789"
FAULT = "Det står ”Webbsidan kan inte visas” när jag försöker logga in"
AASA = Actor("id-aasa", "Åsa Lind")


def talk(running: RunningLotsen, desk: WebhookStandIn) -> Dict[str, object]:
    """Have a few conversations; return what their users have in hand."""
    asked = running.chat()
    asked.say("Vad kostar tjänsten?")
    answer = next(one for one in reversed(asked.history()) if one.get("ratable"))
    assert asked.post("/feedback", {"message": answer["id"], "rating": "up"}).status_code == 204
    asked.say("Vad blir det för väder?")
    asked.say("Mitt personnummer är 19640823-3234, kan jag logga in?")

    delivered = running.chat()
    first, code = send_case(delivered, "Fönstret blir vitt när jag öppnar ett formulär", "En patient väntar på mig")
    eventually(lambda: running.query("SELECT 1 FROM outbox WHERE state = 'delivered'"))
    desk.stop()

    waiting = running.chat()
    second, _ = send_case(waiting, "Listan med mina deltagare är tom")
    eventually(lambda: running.query("SELECT 1 FROM outbox WHERE attempts > 0 AND state = 'waiting'"))

    guided = running.chat()
    guided.say(FAULT)
    step = guided.press("Klart")[-1].text
    return {
        "guide": {"token": guided.token, "step": step},
        "delivered": {"token": delivered.token, "number": first, "code": code},
        "waiting": {"token": waiting.token, "number": second},
    }


def work(folder: Path) -> None:
    """Work at the triage desk, through the release's own stores."""
    desk = made_desk(f"sqlite:///{folder / 'lotsen.db'}", folder)
    desk.sessions.begin(Who(AASA.id, AASA.name, frozenset(Role)), "oidc")
    for case in (1, 2):
        held = desk.work.get(case)
        assert held is not None
        desk.work.take(case, held.version, AASA)
        desk.work.note(case, AASA, "Ringde tillbaka, ingen svarade.")
    held = desk.work.get(1)
    assert held is not None
    desk.work.reply(1, held.version, AASA, "Vi har startat om tjänsten. Prova igen.")
    desk.audit.add(AASA, "export", detail="queue")
    desk.engine.dispose()


def main(output: Path) -> None:
    """Write ``output`` (SQL) and, beside it, JSON with the secret and what users have in hand."""
    desk = WebhookStandIn()
    desk.start()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "secret").write_text(SECRET, encoding="utf-8")
        settings = {"LOTSEN_DESKS": "webhook", "LOTSEN_DESK_HOSTS": "127.0.0.1", **desk.environment()}
        running = RunningLotsen(environment(folder, **settings))
        try:
            known = talk(running, desk)
            running.command("notice", "set", "sleep_diary_not_saved", "--hours", "8000")
        finally:
            assert running.stop() == 0, "".join(running.output)
        work(folder)
        database = sqlite3.connect(folder / "lotsen.db")
        database.execute("DELETE FROM desk_local")  # A hash of a password that was shown to nobody.
        database.commit()
        output.write_text("\n".join(database.iterdump()) + "\n", encoding="utf-8")
        database.close()
    known = {"secret": SECRET, **known}
    output.with_suffix(".json").write_text(json.dumps(known, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
