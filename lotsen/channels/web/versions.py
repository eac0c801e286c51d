"""Every version of the widget that was ever served, in the database: whichever server is asked has them all."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lotsen.channels.web.widget import Widget
from lotsen.storage.database import create_tables, insert_if_new

PATTERN = "widget-*.js"

_metadata = sa.MetaData()
_versions = sa.Table(
    "widget_versions",
    _metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("script", sa.Text, nullable=False),
)


class WidgetVersions:
    """The scripts by the name of their file, which follows from their content."""

    def __init__(self, engine: Engine) -> None:
        """Use ``engine``; makes the table if the database is empty."""
        self._engine = engine
        create_tables(engine, _metadata)

    def keep(self, widget: Widget) -> None:
        """Keep a version; one that is there already stays as it is.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be written.
        """
        values = {"name": widget.name, "script": widget.script.decode("utf-8")}
        with self._engine.begin() as connection:
            insert_if_new(connection, _versions, values)

    def adopt(self, folder: Path) -> None:
        """Keep what Lotsen 0.8 kept as files; a file whose name is not that of its content is none of ours."""
        for path in sorted(folder.glob(PATTERN)):
            widget = Widget.of(path.read_text(encoding="utf-8"))
            if widget.name == path.name:
                self.keep(widget)

    def find(self, name: str) -> Optional[Widget]:
        """Return a version; None if it was never served."""
        asked = sa.select(_versions.c.script).where(_versions.c.name == name)
        with self._engine.connect() as connection:
            script = connection.execute(asked).scalar()
        return Widget.of(script) if script is not None else None
