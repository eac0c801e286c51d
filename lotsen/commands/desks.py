"""``lotsen deliver`` sends cases to the service desks; ``lotsen desks check`` tries whether they can be reached."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, Dict

from lotsen.settings import Settings

if TYPE_CHECKING:  # Each command imports what it needs when it runs: none of the others does.
    from lotsen.service_desks.base import Desk

OK, FAILED = 0, 1
_NONE = "lotsen: Ingen mottagare är inställd. Skriv till exempel LOTSEN_DESKS=email, se docs/operator.md."


def add(commands: Any) -> None:
    """Add both commands to the parser."""
    deliver = commands.add_parser("deliver", help="send cases to the service desks, until stopped (part of lotsen up)")
    deliver.set_defaults(run=_deliver)
    desks = commands.add_parser("desks", help="the service desks that cases are sent to")
    parts = desks.add_subparsers(dest="part", required=True, metavar="PART")
    check = parts.add_parser("check", help="try settings, address and password of each; nothing is sent")
    check.set_defaults(run=_check)


def _deliver(arguments: argparse.Namespace, settings: Settings) -> int:
    from lotsen.observability.logs import configure
    from lotsen.service_desks.config import open_desks

    desks = open_desks(settings, os.environ)
    if not desks:
        print(_NONE, file=sys.stderr)
        return FAILED
    configure("deliverer", settings)
    asyncio.run(_until_stopped(settings, desks))
    return OK


async def _until_stopped(settings: Settings, desks: Dict[str, Desk]) -> None:
    """Deliver until SIGTERM or SIGINT. A letter on its way is taken up again later, as after a crash."""
    from lotsen.outbox.deliverer import Deliverer
    from lotsen.outbox.pace import Pace
    from lotsen.storage.database import open_engine

    engine = open_engine(settings.database_url)
    deliverer = Deliverer(engine, desks, settings.delivery_tries, Pace(poll=settings.poll_seconds))
    work = asyncio.ensure_future(deliverer.run())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, work.cancel)
    await asyncio.gather(work, return_exceptions=True)


def _check(arguments: argparse.Namespace, settings: Settings) -> int:
    from lotsen.service_desks.config import open_desks

    desks = open_desks(settings, os.environ)
    if not desks:
        print(_NONE, file=sys.stderr)
        return FAILED
    return asyncio.run(_try_each(desks))


async def _try_each(desks: Dict[str, Desk]) -> int:
    """Say of each desk whether it answers as it should."""
    from lotsen.service_desks.base import DeskError

    failed = OK
    for name, desk in desks.items():
        try:
            print(f"{name}: {await desk.check()}")
        except DeskError as error:
            failed = FAILED
            print(f"{name}: går inte: {error}")
        finally:
            await desk.close()
    return failed
