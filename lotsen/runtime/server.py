"""The Rasa server that ``lotsen up`` starts: Rasa's agent behind the channels of ``credentials.yml``, and nothing else.

``rasa run`` imports training, testing and plotting on its way to the same agent. This leaves them out, and TensorFlow
with them (``lotsen/runtime/light_rasa.py``). ``rasa run`` typed by hand serves the same, with more memory.
"""

from __future__ import annotations

import argparse
import gc
import logging
import sys
import tarfile
import warnings
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, List, Optional, Sequence

from lotsen.observability.logs import configure
from lotsen.runtime.checks import CannotStart
from lotsen.runtime.light_rasa import hide_tensorflow
from lotsen.runtime.ready import Heart, add_arguments
from lotsen.runtime.sanic_server import run
from lotsen.runtime.sockets import listening
from lotsen.settings import SettingError, Settings

if TYPE_CHECKING:
    from rasa.core.channels.channel import InputChannel
    from rasa.core.utils import AvailableEndpoints
    from sanic import Sanic

DRAIN_SECONDS = 31.0
"""How long turns under way may go on when the server stops; each is given up after 30 seconds."""

logger = logging.getLogger(__name__)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    parser = argparse.ArgumentParser(prog="lotsen.runtime.server", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--endpoints", type=Path, required=True)
    parser.add_argument("--credentials", type=Path, required=True)
    parser.add_argument("--interface", required=True)
    parser.add_argument("--port", type=int, required=True)
    add_arguments(parser)
    given = parser.parse_args(arguments)
    try:
        _look_into(given.model)
        _configure_logging(Settings.read())
        app = make_app(given.model, given.endpoints, given.credentials)
        sock = listening(given.interface, given.port, given.fd)
        run(app, sock, Heart(given.beat), DRAIN_SECONDS)
    except (CannotStart, SettingError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _look_into(model: Path) -> None:
    """Put TensorFlow aside if the model can do without it.

    Raises:
        CannotStart: if it is no model, or only a part of one.
    """
    try:
        hide_tensorflow(model)
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError, KeyError) as error:
        raise CannotStart(f"The model {model} cannot be read ({error}). Train another: lotsen train --force") from error


def make_app(model: Path, endpoints_file: Path, credentials_file: Path) -> Sanic:
    """Build the server; the model is loaded when it starts.

    Raises:
        CannotStart: if the tracker store or a channel cannot be loaded.
    """
    from rasa.core import channels
    from rasa.core.agent import load_agent
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.common import update_sanic_log_level
    from sanic import Sanic

    from lotsen.dialogue.action_calls import ActionServer
    from lotsen.observability.served import observe
    from lotsen.runtime import masked_agent
    from lotsen.runtime.hardening import harden
    from lotsen.runtime.quick_rasa import install

    install()
    masked_agent.install()
    endpoints = AvailableEndpoints.read_endpoints(str(endpoints_file))
    check_tracker_store(endpoints)
    endpoints.action = ActionServer.like(endpoints.action)
    app = Sanic("lotsen", configure_logging=False)
    harden(app)
    observe(app, "rasa")
    opened = _channels(credentials_file)
    channels.channel.register(opened, app, route="/webhooks/")
    _show_front_page(app, opened)
    update_sanic_log_level()

    @app.listener("before_server_start")
    async def load(app: Sanic, loop: Any) -> None:
        app.ctx.agent = await load_agent(model_path=str(model), endpoints=endpoints, loop=loop)
        if not app.ctx.agent.is_ready():  # Rasa logs what is wrong, and would serve without a model.
            raise CannotStart(f"The model {model} cannot be loaded; the lines above say why.")
        # What is loaded stays: without this, each full collection looks through all of it and stops the server.
        gc.collect()
        gc.freeze()

    @app.listener("after_server_stop")
    async def close(app: Sanic, loop: Any) -> None:
        await endpoints.action.close()

    return app


def check_tracker_store(endpoints: AvailableEndpoints) -> None:
    """Import the tracker store that ``endpoints.yml`` names: Rasa would fall back to memory without a word.

    Raises:
        CannotStart: if it cannot be imported.
    """
    from rasa.shared.utils.common import class_from_module_path

    named = endpoints.tracker_store.type if endpoints.tracker_store is not None else None
    try:
        class_from_module_path(str(named))
    except (ImportError, ValueError, AttributeError) as error:
        raise CannotStart(
            f"endpoints.yml: tracker_store: type '{named}' cannot be loaded ({error}). "
            f"Write lotsen.storage.tracker_store.LotsenTrackerStore."
        ) from error


def _channels(credentials_file: Path) -> List[InputChannel]:
    """Return the channels that the file turns on: class paths, or names of Rasa's own.

    Raises:
        CannotStart: naming the channel that cannot be loaded.
    """
    from rasa.core.channels import BUILTIN_CHANNELS
    from rasa.shared.utils.common import class_from_module_path
    from rasa.shared.utils.io import read_config_file

    from lotsen.channels.web.widget import WidgetError
    from lotsen.content.problems import ContentError

    found: List[InputChannel] = []
    for name, credentials in read_config_file(str(credentials_file)).items():
        try:
            channel = BUILTIN_CHANNELS.get(name) or class_from_module_path(name)
        except (ImportError, ValueError, AttributeError) as error:
            raise CannotStart(f"credentials.yml: the channel '{name}' cannot be loaded ({error}).") from error
        try:
            found.append(channel.from_credentials(credentials))
        except (SettingError, ContentError, WidgetError) as error:
            raise CannotStart(str(error)) from error
    return found


def _show_front_page(app: Sanic, opened: List[InputChannel]) -> None:
    """Show the web channel's front page at the root of the address, if that channel is on."""
    from lotsen.channels.web.channel import WebInput

    for channel in opened:
        if isinstance(channel, WebInput):
            app.add_route(channel.front_page, "/", name="front_page")


def _configure_logging(settings: Settings) -> None:
    """Log as our other processes do; warnings that nobody can help are left out as ``rasa run`` does."""
    from rasa.utils.common import configure_logging_and_warnings

    configure_logging_and_warnings()
    warnings.filterwarnings("ignore", category=DeprecationWarning)  # Rasa's pins are old and warn of each other.
    configure("rasa", settings)


if __name__ == "__main__":
    sys.exit(main())
