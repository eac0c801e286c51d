"""The access matrix: every path, and who may use it (``python -m tests.desk.matrix`` writes it to the docs).

It is made of what the application serves, so that no path is missing.
"""

from __future__ import annotations

import sys
from typing import Dict, FrozenSet, Iterator, List, Sequence, Tuple

from starlette.routing import BaseRoute, Mount, Route

from lotsen.desk.app import PAGES
from lotsen.desk.who import STAFF, Role
from lotsen.settings import ROOT

PATH = ROOT / "docs" / "access-matrix.md"
COMMAND = "python -m tests.desk.matrix"
ROLES = (Role.AGENT, Role.LEAD, Role.OWNER, Role.AUDITOR)
EVERYBODY: FrozenSet[Role] = frozenset(Role)
OPEN = {
    ("GET", "/"): "leads to the sign-in, or to the first page of one's role",
    ("GET", "/health"): "says that the process answers, and nothing else",
    ("GET", "/static"): "styles, script and icon",
    ("GET", "/sign-in"): "the ways in",
    ("GET", "/sign-in/oidc"): "goes to the identity provider",
    ("GET", "/sign-in/callback"): "comes back from it: state, nonce and PKCE are checked",
    ("GET", "/sign-in/local"): "the form of the reserve account",
    ("POST", "/sign-in/local"): "its password; a token tied to the browser, and few tries",
    ("POST", "/sign-out"): "ends one's own session; with the session's token",
    ("GET", "/signed-out"): "says that it is over",
}
"""What strangers reach, with what it does. Nothing else may be open."""
EVENTS = ("GET", "/events")
"""The stream of changes: ids of cases, for staff."""
_HEAD = """# Access matrix of the triage desk

Every path that the desk serves, with who may use it. Written by `{command}` from the application itself;
`tests/desk/test_access.py` asks every path as everybody, and fails if this page is not what the code says.

A stranger who asks for a page is led to the sign-in, and one who sends a form gets 401. Whoever has the wrong role
gets 403, and the audit log a line. Everything by POST also needs the session's token, an `Origin` of the desk's own
and, where the browser tells, a `Sec-Fetch-Site` of `same-origin`. HEAD counts as GET. All other paths and methods are
404 and 405.

"""
Line = Tuple[str, str, FrozenSet[Role], str]


def served(routes: Sequence[BaseRoute]) -> Iterator[Tuple[str, str]]:
    """Yield the method and path of everything that an application serves."""
    for route in routes:
        if isinstance(route, Mount):
            yield "GET", route.path
        elif isinstance(route, Route):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield method, route.path


def allowed() -> Dict[Tuple[str, str], FrozenSet[Role]]:
    """Return who may use what needs a role."""
    return {**{(page.method, page.path): page.roles for page in PAGES}, EVENTS: STAFF}


def matrix() -> str:
    """Return the page."""
    lines: List[str] = ["| path | method | " + " | ".join(role.value for role in ROLES) + " |"]
    lines.append("|---|---|" + ":-:|" * len(ROLES))
    for (method, path), roles in sorted(allowed().items(), key=lambda one: (one[0][1], one[0][0])):
        lines.append(f"| `{path}` | {method} | " + " | ".join("yes" if role in roles else "–" for role in ROLES) + " |")
    opened = ["| path | method | what it does |", "|---|---|---|"]
    opened += [f"| `{path}` | {method} | {does} |" for (method, path), does in OPEN.items()]
    return "\n".join(
        [_HEAD.format(command=COMMAND) + "## With a role", "", *lines, "", "## Open to strangers", "", *opened, ""]
    )


if __name__ == "__main__":
    PATH.write_text(matrix(), encoding="utf-8")
    print(f"written: {PATH}", file=sys.stderr)
