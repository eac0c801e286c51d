"""``lotsen notice``: what an operator says of disturbances: set one, lift one, list them."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Iterator, List, Optional, Sequence, Set

from lotsen.commands.ending import fail
from lotsen.settings import CONTENT, Settings

if TYPE_CHECKING:
    from lotsen.disturbances.notices import Notice, Notices

_TIME = "%Y-%m-%d %H:%M"
_DAYS = 366
"""So long a notice may last; one that is forgotten must end some day."""


class _Refused(Exception):
    """What the operator wrote cannot be done; the text says why, in Swedish."""


def add(commands: Any) -> None:
    """Add the command and its parts to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser("notice", help="set, lift or list notices of disturbances")
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    setting = parts.add_parser("set", help="say that many have trouble with something now")
    _add_kinds(setting)
    setting.add_argument("--hours", metavar="N", help="how long it will last")
    setting.add_argument("--until", metavar="TIME", help='when it will be over, e.g. "2026-11-26 18:00", local time')
    setting.add_argument("--text", default="", help="what users read; the usual words if not given")
    setting.set_defaults(run=_run, do=_set)
    lifting = parts.add_parser("lift", help="say that it is over")
    _add_kinds(lifting)
    lifting.set_defaults(run=_run, do=_lift)
    listing = parts.add_parser("list", help="list what goes on now")
    listing.add_argument("--all", action="store_true", help="list what is over, too")
    listing.set_defaults(run=_run, do=_list)


def _add_kinds(parser: argparse.ArgumentParser) -> None:
    """Add what it is about."""
    parser.add_argument("kinds", nargs="+", metavar="KIND", help="what it is about: a guide's id")


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Do one part, and print what came of it; return the exit code."""
    from sqlalchemy.exc import SQLAlchemyError

    from lotsen.cases.hours import read_hours
    from lotsen.disturbances.notices import Notices
    from lotsen.storage.database import open_engine

    zone = read_hours(settings).zone
    try:
        engine = open_engine(settings.database_url)
        try:
            lines: List[str] = arguments.do(arguments, Notices(engine), zone)
        finally:
            engine.dispose()
    except _Refused as error:
        return fail(str(error))
    except (SQLAlchemyError, OSError) as error:
        return fail(f"Databasen går inte att använda: {str(error).splitlines()[0]}")
    print("\n".join(lines))
    return 0


def _set(arguments: argparse.Namespace, notices: Notices, zone: tzinfo) -> List[str]:
    """Set a notice of each kind, or of none if something is wrong."""
    kinds = _known(arguments.kinds, _guides())
    ends = _ends(arguments, zone)
    for kind in kinds:
        notices.set(kind, arguments.text, ends)
    return [f"{kind}: störning till {_local(ends, zone)}." for kind in kinds]


def _lift(arguments: argparse.Namespace, notices: Notices, zone: tzinfo) -> List[str]:
    """Lift the notice of each kind, or of none if one has none; its guide need not be there any more."""
    active = {notice.kind for notice in notices.all(active_only=True)}
    kinds = _known(arguments.kinds, _guides() | active)
    if without := [kind for kind in kinds if kind not in active]:
        raise _Refused(f"Ingen störning pågår för {', '.join(without)}. Inget är ändrat.")
    for kind in kinds:
        notices.lift(kind)
    return [f"{kind}: störningen är hävd." for kind in kinds]


def _list(arguments: argparse.Namespace, notices: Notices, zone: tzinfo) -> List[str]:
    """Return a line for each notice."""
    found = notices.all(active_only=not arguments.all)
    width = max((len(notice.kind) for notice in found), default=0)
    return [f"{notice.kind:<{width}}  {_told(notice, zone)}" for notice in found] or ["Inga störningar."]


def _told(notice: Notice, zone: tzinfo) -> str:
    """Say how a notice stands."""
    from lotsen.cases.case import NUMBER_FORMAT
    from lotsen.clock import utc_now
    from lotsen.disturbances.notices import Source

    def parts() -> Iterator[str]:
        yield f"{_local(notice.created, zone)} till {_local(notice.lifted or notice.ends, zone)}"
        yield f"{'pågår' if notice.active(utc_now()) else 'hävd' if notice.lifted else 'slut':<5}"
        yield "driften" if notice.source is Source.OPERATOR else "Lotsen "
        yield NUMBER_FORMAT.format(notice.lead) if notice.lead is not None else "inget samlat ärende"
        yield " ".join(notice.text.split())

    return "  ".join(filter(None, parts()))


def _guides() -> Set[str]:
    """Return the ids of the guides: their files' names, so that a fault in one stops no notice of a disturbance."""
    return {path.stem for path in (CONTENT / "guides").glob("*.yml")}


def _known(kinds: Sequence[str], known: Set[str]) -> List[str]:
    """Return the kinds, each once.

    Raises:
        _Refused: naming the first that there is no guide for.
    """
    from lotsen.content.problems import did_you_mean

    for kind in kinds:
        if kind not in known:
            raise _Refused(f"Guiden '{kind}' finns inte.{did_you_mean(kind, known)}")
    return list(dict.fromkeys(kinds))


def _ends(arguments: argparse.Namespace, zone: tzinfo) -> datetime:
    """Return when the notice is to end.

    Raises:
        _Refused: if that is not given in one way, cannot be read, is past, or is too far ahead.
    """
    from lotsen.clock import utc_now

    hours: Optional[str] = arguments.hours
    until: Optional[str] = arguments.until
    if (hours is None) == (until is None):
        raise _Refused('Skriv hur länge: antingen --hours 2 eller --until "2026-11-26 18:00".')
    now = utc_now()
    ends = now + timedelta(hours=_hours(hours)) if hours is not None else _time(until or "", zone)
    if ends <= now:
        raise _Refused(f"{_local(ends, zone)} har redan varit. Skriv en tid framåt.")
    if ends > now + timedelta(days=_DAYS):
        raise _Refused(f"{_local(ends, zone)} är mer än ett år framåt. Skriv en tid som är närmare.")
    return ends


def _hours(written: str) -> float:
    """Read a number of hours, with a point or a comma."""
    try:
        hours = float(written.replace(",", "."))
    except ValueError:
        hours = 0.0
    if not 0 < hours <= 24 * _DAYS:
        raise _Refused(f"'{written}' går inte. Skriv antalet timmar, till exempel 2 eller 1,5, högst {24 * _DAYS}.")
    return hours


def _time(written: str, zone: tzinfo) -> datetime:
    """Read a local time."""
    try:
        return datetime.strptime(written.strip(), _TIME).replace(tzinfo=zone)
    except ValueError:
        raise _Refused(f"'{written}' är ingen tid. Skriv den så här: \"2026-11-26 18:00\".") from None


def _local(at: datetime, zone: tzinfo) -> str:
    """Return a time as it is on the wall."""
    return at.astimezone(zone).replace(tzinfo=None).isoformat(" ", "minutes")
