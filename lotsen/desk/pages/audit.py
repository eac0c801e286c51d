"""The audit log for the auditor: who did what and when, whether the chain holds, and all of it as a file.

What a case says is not here; the auditor sees its number and nothing else of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timezone
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple
from urllib.parse import urlencode

from starlette.responses import Response

from lotsen.audit.log import Entry
from lotsen.audit.verify import verify
from lotsen.cases.case import NUMBER_FORMAT
from lotsen.channels.typed import storable
from lotsen.clock import utc_now
from lotsen.desk.asked import Asked
from lotsen.desk.errors import BadInput
from lotsen.desk.page import Page
from lotsen.desk.services import Desk
from lotsen.desk.spreadsheet import download
from lotsen.desk.who import AUDITORS

PATH = "/audit"
ROWS = 100
BATCH = 1000
LONGEST = 200
CHECKED, EXPORTED = "log_checked", "log_exported"
WORDS = "audit_action_"
"""What the names of the actions' words begin with in ``texts.yml``."""
_CASE = re.compile(r"(?:LOT)?[\s\u2010-\u2015-]{0,3}(\d{1,9})", re.IGNORECASE)
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Wanted:
    """Which entries are asked for; empty is any. ``case`` is as it was written."""

    actor: str = ""
    action: str = ""
    case: str = ""

    @property
    def number(self) -> Optional[int]:
        """Return the case's id; None if none is asked for.

        Raises:
            BadInput: if it is no case number.
        """
        if not self.case:
            return None
        match = _CASE.fullmatch(self.case)
        if match is None:
            raise BadInput("audit_no_number")
        return int(match[1])

    @property
    def fields(self) -> Dict[str, str]:
        """Return what is asked for, by the names of the form's fields."""
        return {name: value for name, value in vars(self).items() if value}


def show_log(desk: Desk, asked: Asked) -> Response:
    """Show the entries, the latest first; ``before`` is the number of an entry of which only older ones are shown."""
    wanted, before = _wanted(asked.query), asked.number("before", 0)
    if asked.query.get("before") and not before:
        return desk.redirect(asked, _address(wanted), flash="audit_no_such_place")
    try:
        entries = _read(desk, wanted, before or None, ROWS + 1)
    except BadInput as problem:
        return _page(desk, asked, wanted, (), problem=desk.say(problem.text), status=problem.status)
    older = _address(wanted, entries[ROWS - 1].id) if len(entries) > ROWS else ""
    return _page(desk, asked, wanted, entries[:ROWS], older=older, newest=_address(wanted) if before else "")


def check_chain(desk: Desk, asked: Asked) -> Response:
    """Walk the chain, and say whether it holds, with the hash to write down; ``kept`` is one that was written down."""
    kept = storable(asked.form.get("kept", "")).strip().lower()
    if kept and not _HASH.fullmatch(kept):
        raise BadInput("audit_no_hash")
    report = verify(desk.engine, kept)
    found = "holds" if report.wrong is None else report.wrong.value
    desk.audit.add(asked.who.actor, CHECKED, detail=f"{found}, {report.entries}, {report.hash}")
    wrong = desk.say(f"audit_wrong_{found}", entry=report.entry or 0) if report.wrong is not None else ""
    return desk.render(asked, "audit_checked.html", report=report, wrong=wrong, kept=kept, now=utc_now())


def export(desk: Desk, asked: Asked) -> Response:
    """Hand out what is asked for as a file. That it was handed out stands in the log."""
    wanted = _wanted(asked.form)
    _ = wanted.number
    desk.audit.add(asked.who.actor, EXPORTED, detail=urlencode(wanted.fields))
    head = desk.say("audit_columns").split(";")
    name = f"lotsen-logg-{utc_now().astimezone(desk.zone):%Y-%m-%d}.csv"
    return download(name, head, (_cells(desk, entry) for entry in _all(desk, wanted)))


def _wanted(sent: Mapping[str, str]) -> Wanted:
    return Wanted(**{name: storable(sent.get(name, "")).strip()[:LONGEST] for name in ("actor", "action", "case")})


def _read(desk: Desk, wanted: Wanted, before: Optional[int], limit: int) -> List[Entry]:
    return desk.audit.read(before, limit, wanted.actor, wanted.action, wanted.number)


def _all(desk: Desk, wanted: Wanted) -> Iterator[Entry]:
    """Yield every entry that is asked for, the latest first, a batch at a time."""
    before: Optional[int] = None
    while True:
        entries = _read(desk, wanted, before, BATCH)
        yield from entries
        if len(entries) < BATCH:
            return
        before = entries[-1].id


def _cells(desk: Desk, entry: Entry) -> Sequence[object]:
    """Return an entry as a line of the file: with the exact time and the hash, so that the chain can be counted."""
    local, exact = entry.at.astimezone(desk.zone), entry.at.astimezone(timezone.utc)
    case = NUMBER_FORMAT.format(entry.case) if entry.case is not None else ""
    done = _words(desk, entry.action)
    times = (f"{local:%Y-%m-%d %H:%M:%S}", exact.isoformat(timespec="microseconds"))
    return (entry.id, *times, entry.actor.name, entry.actor.id, done, entry.action, case, entry.detail, entry.hash)


def _words(desk: Desk, action: str) -> str:
    """Return an action in Swedish; its name if nobody has put it into words."""
    return desk.pages.texts.get(f"{WORDS}{action}", action)


def _address(wanted: Wanted, before: Optional[int] = None) -> str:
    fields = {**wanted.fields, **({"before": str(before)} if before is not None else {})}
    return f"{PATH}?{urlencode(fields)}" if fields else PATH


def _page(
    desk: Desk,
    asked: Asked,
    wanted: Wanted,
    entries: Sequence[Entry],
    older: str = "",
    newest: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    known = {name[len(WORDS) :]: words for name, words in desk.pages.texts.items() if name.startswith(WORDS)}
    actions = {**known, **({wanted.action: _words(desk, wanted.action)} if wanted.action else {})}
    values: Dict[str, Any] = {
        "wanted": wanted,
        "lines": [(entry, _words(desk, entry.action), _number(entry)) for entry in entries],
        "actions": sorted(actions.items(), key=lambda one: one[1].casefold()),
        "older": older,
        "newest": newest,
        "problem": problem,
    }
    return desk.render(asked, "audit.html", status, **values)


def _number(entry: Entry) -> str:
    return NUMBER_FORMAT.format(entry.case) if entry.case is not None else ""


PAGES: Tuple[Page, ...] = (
    Page("GET", PATH, show_log, AUDITORS),
    Page("POST", f"{PATH}/verify", check_chain, AUDITORS),
    Page("POST", f"{PATH}/export", export, AUDITORS),
)
