"""The templates of pictures and paper: what is filled in is escaped, but for bold and links."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from lotsen.guides.lettering import plain, rendered


def template(name: str) -> Template:
    """Return a template that stands beside this module; a name that it misses is an error, not an empty place."""
    environment = Environment(
        loader=PackageLoader("lotsen.guides", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(rendered=rendered, plain=plain)
    return environment.get_template(name)
