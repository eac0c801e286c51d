"""What the desk serves of others: htmx, as its makers publish it."""

from __future__ import annotations

from lotsen.desk.render import STATIC
from tests.support.npm import npm_package


def test_htmx_is_the_published_one() -> None:
    """The file and its licence are those of the package that scripts/npm-packages.txt names by its checksum."""
    package = npm_package("htmx.org")
    assert (STATIC / "htmx.min.js").read_bytes() == (package / "dist" / "htmx.min.js").read_bytes()
    assert (STATIC / "htmx.LICENSE").read_bytes() == (package / "LICENSE").read_bytes()


def test_nothing_else_is_served_of_others() -> None:
    """Every other script is ours, and begins by saying what it is for."""
    ours = [path for path in STATIC.glob("*.js") if path.name != "htmx.min.js"]
    assert ours
    assert all(path.read_text(encoding="utf-8").startswith("// ") for path in ours)
