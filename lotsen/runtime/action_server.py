"""rasa_sdk's actions as ``lotsen up`` serves them: behind a secret, and silent about what they were sent.

rasa_sdk's own server lets anybody run any action, sends its whole request back when one fails, and unpacks what is
packed without a limit. This runs the same actions (its ``ActionExecutor``), and answers Rasa in the same form.
``rasa run actions`` typed by hand still starts rasa_sdk's own.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from typing import Any, Optional, Sequence

from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from rasa_sdk.utils import check_version_compatibility
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from lotsen.observability.logs import configure
from lotsen.observability.served import observe
from lotsen.runtime import ready, sanic_server
from lotsen.runtime.action_secret import SECRET, check_secret, opens
from lotsen.runtime.hardening import harden
from lotsen.runtime.sockets import CALLER_IDLE_SECONDS, listening
from lotsen.settings import SettingError, Settings

PACKAGE = "actions"
MAX_BYTES = 5_000_000
"""Bytes of one call. Rasa sends the whole conversation each time, 2 to 4 kB for each message of its user: this is
enough for more than a thousand of them."""
LINGER_SECONDS = CALLER_IDLE_SECONDS + 1.0
"""How long an idle connection is kept when we stop: Rasa, who is the only client, closes it before. Else a call could
be sent on a connection that is being closed, and its user would read that something failed."""
DRAIN_SECONDS = 10.0
"""How long actions that run may go on when the server is told to end."""
OPEN_PATHS = ("/health",)

logger = logging.getLogger(__name__)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    parser = argparse.ArgumentParser(prog="lotsen.runtime.action_server", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    ready.add_arguments(parser)
    given = parser.parse_args(arguments)
    try:
        settings = Settings.read()
        check_secret(given.host, settings.actions_secret)
    except SettingError as error:
        print(error, file=sys.stderr)
        return 1
    configure("actions", settings)
    executor = ActionExecutor()
    executor.register_package(PACKAGE)
    app = make_app(executor, settings.actions_secret)
    try:
        sock = listening(given.host, given.port, given.fd)
    except OSError as error:
        print(f"Port {given.port} on {given.host} is not to be had ({error.strerror}).", file=sys.stderr)
        return 1
    sanic_server.run(app, sock, ready.Heart(given.beat), DRAIN_SECONDS, LINGER_SECONDS)
    return 0


def make_app(executor: ActionExecutor, secret: str) -> Sanic:
    """Build the server of the executor's actions; with an empty ``secret`` it asks nobody who they are."""
    app = Sanic("lotsen_actions", configure_logging=False)
    harden(app, MAX_BYTES)
    observe(app, "actions")

    @app.middleware("request")
    async def only_with_secret(request: Request) -> Optional[HTTPResponse]:
        """Refuse strangers before their request is read."""
        if not secret or request.path in OPEN_PATHS or opens(request.headers.get("authorization"), secret):
            return None
        logger.warning("A call without the secret was refused. %s must be the same for who calls.", SECRET)
        return response.json({"error": "Not authorised."}, status=401, headers={"WWW-Authenticate": "Bearer"})

    @app.get("/health")
    async def health(_: Request) -> HTTPResponse:
        """Tell that the actions are loaded."""
        return response.json({"status": "ok"})

    @app.get("/actions")
    async def actions(_: Request) -> HTTPResponse:
        """List the actions."""
        return response.json([{"name": name} for name in executor.actions])

    @app.post("/webhook", stream=True)
    async def webhook(request: Request) -> HTTPResponse:
        """Run the action that a call names. Another type than JSON is what a page may send without asking."""
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            return response.json({"error": "Not application/json."}, status=415)
        assert request.stream is not None, "it is being read"
        request.stream.request_max_size = MAX_BYTES  # Sanic lifts the limit of what is read here and not before.
        await request.receive_body()
        call = _read(request)
        if call is None:
            return response.json({"error": "No call that can be read."}, status=422)
        return await _run(executor, call)

    return app


def _read(request: Request) -> Optional[dict[str, Any]]:
    """Return the call; None if it is none."""
    try:
        call = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    tracker = call.get("tracker") if isinstance(call, dict) else None
    return call if isinstance(tracker, dict) and isinstance(call.get("next_action"), str) else None


async def _run(executor: ActionExecutor, call: dict[str, Any]) -> HTTPResponse:
    """Run an action, and answer as Rasa expects: 400 with the action's name when it rejects its execution."""
    check_version_compatibility(call.get("version"))
    name = call["next_action"]
    try:
        result = await executor.run(call)
    except ActionExecutionRejection as rejection:
        logger.debug("Rejected: %s", rejection)
        return response.json({"error": rejection.message, "action_name": rejection.action_name}, status=400)
    except ActionNotFoundException:
        logger.error("Rasa asks for the action %.100r, which is not there: is the model older than the actions?", name)
        return response.json({"error": "There is no such action."}, status=404)
    except Exception:
        logger.exception("The action %s failed.", name)
        return response.json({"error": "The action failed; the action server's log says why."}, status=500)
    return response.json(result)


if __name__ == "__main__":
    sys.exit(main())
