"""Takes over new content or a new model while users go on: what ``lotsen reload`` asks the running Lotsen to do.

Each process reads the content and the model when it starts, and never again. So new ones are started beside the old, on
the same sockets, and the old ones stop when those are ready. For a while both serve.
"""

from __future__ import annotations

from pathlib import Path
from typing import Callable, List

from lotsen.content.catalogue import load_content
from lotsen.content.problems import ContentError
from lotsen.runtime.control import Command
from lotsen.runtime.processes import Process
from lotsen.runtime.servers import DELIVERER
from lotsen.runtime.supervisor import NotReplaced, Supervisor

Describe = Callable[[Path], List[Process]]


def obey(command: Command, supervisor: Supervisor, describe: Describe, root: Path, say: Callable[[str], None]) -> bool:
    """Do what is asked, tell its caller how it goes, and return whether the new version serves.

    ``describe`` returns the processes with a model; ``say`` tells those who look at the running Lotsen.

    Raises:
        CannotStart: if a process keeps ending meanwhile; Lotsen stops then.
    """
    model = Path(command.model)
    try:
        load_content(root / "data")
        if not model.is_file():
            raise NotReplaced(f"There is no model {model}.")
        say(f"Byter till {model.name} …")
        supervisor.replace([process for process in describe(model) if process.name != DELIVERER], command.say)
    except (ContentError, NotReplaced) as error:
        say(f"Bytet blev inte av: {error}")
        command.end(f"The old version goes on. {error}")
        return False
    except Exception as error:
        command.end(f"The reload failed: {type(error).__name__}: {error}. The output of lotsen up says more.")
        raise
    say("Bytet är klart.")
    command.end()
    return True
