"""What ``lotsen up`` says when everything runs: where to chat, where to work, and the desk's password once."""

from __future__ import annotations

from typing import Callable, Dict

from lotsen.desk.access.config import TriageConfig
from lotsen.desk.access.local import ensure_password
from lotsen.runtime.checks import LOOPBACK
from lotsen.settings import Settings
from lotsen.storage.database import open_engine

Say = Callable[[str], None]


def greet(settings: Settings, triage: TriageConfig, say: Say) -> None:
    """Say that it runs, and where."""
    if "triage" in settings.processes:
        _tell_password(settings, triage, say)
    addresses: Dict[str, str] = {
        "rasa": f"Chatta här: {_address(settings)}/",
        "triage": f"IT kundservice arbetar här: {triage.url}/",
    }
    first, *others = [line for name, line in addresses.items() if name in settings.processes] or [""]
    say(f"Klart. {first}".rstrip())
    for line in others:
        say(line)
    where = settings.data_dir / "logs" if settings.log_to == "files" else "här"
    say(f"Loggar: {where}. Avsluta med Ctrl-C.")


def _tell_password(settings: Settings, triage: TriageConfig, say: Say) -> None:
    """Make the reserve account's password if it is on and has none, and say it this once."""
    if not triage.local:
        return
    engine = open_engine(settings.database_url)
    try:
        password = ensure_password(engine)
    finally:
        engine.dispose()
    if password is not None:
        say(f"Lösenord för IT kundservice: {password}  (visas bara nu; ett nytt: lotsen triage password)")


def _address(settings: Settings) -> str:
    """Return the address to print: a name that a browser on this machine can open."""
    host = "localhost" if settings.host in (LOOPBACK, "0.0.0.0", "::") else settings.host
    return f"http://{host}:{settings.port}"
