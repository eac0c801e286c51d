"""What the web channel serves as files: the widget, the demo page that embeds it, and the page that is only a chat."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Optional

from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Engine

from lotsen.channels.web.requests import HEADERS
from lotsen.channels.web.versions import WidgetVersions
from lotsen.channels.web.widget import Widget, join, snippet
from lotsen.settings import ROOT

WIDGET = ROOT / "widget"
KEPT = "widget"
"""The folder in the data folder where Lotsen 0.8 kept every version that was served."""
PAGE_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
_NEWEST = "no-cache"
_FOR_OTHERS = {"Cross-Origin-Resource-Policy": "cross-origin"}
"""Of the widget's file, which other sites' pages load."""
_FOR_EVER = "public, max-age=31536000, immutable"
_VERSION = re.compile(r"widget-[0-9a-f]{16}\.js")
_TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Pages:
    """The files, read once."""

    widget: Widget
    versions: WidgetVersions

    @classmethod
    def load(cls, data_dir: Path, engine: Engine) -> Pages:
        """Join the widget, and keep this version of it.

        Raises:
            WidgetError: if it cannot be joined.
            sqlalchemy.exc.SQLAlchemyError: if it cannot be kept.
        """
        pages = cls(Widget.of(join(WIDGET)), WidgetVersions(engine))
        pages.versions.adopt(data_dir / KEPT)
        pages.versions.keep(pages.widget)
        return pages

    def page(self, request: Request, name: str) -> HTTPResponse:
        """Return a page, with the widget's address and hash where it names them."""
        text = (WIDGET / "pages" / name).read_text(encoding="utf-8")
        values = {
            "{src}": f"/chat/{self.widget.name}",
            "{integrity}": self.widget.integrity,
            "{snippet}": snippet(self.widget, f"{request.scheme}://{request.host}"),
        }
        for written, value in values.items():
            text = text.replace(written, html.escape(value))
        return response.html(text, headers=PAGE_HEADERS)

    def asset(self, name: str) -> HTTPResponse:
        """Return the pages' style sheet or icon."""
        path = WIDGET / "pages" / name
        headers = {**PAGE_HEADERS, "Cache-Control": _NEWEST}
        return response.raw(path.read_bytes(), content_type=_TYPES[path.suffix], headers=headers)

    def script(self, request: Request, name: str) -> HTTPResponse:
        """Return the widget: the newest as ``widget.js``, or one version by its own name."""
        newest = name in ("widget.js", self.widget.name)
        found = self.widget if newest else self._version(name)
        if found is None:
            return response.text("", status=404, headers=HEADERS)
        lasting = _NEWEST if name == "widget.js" else _FOR_EVER
        etag = f'"{found.name}"'
        headers: Dict[str, str] = {**HEADERS, **_FOR_OTHERS, "Cache-Control": lasting, "ETag": etag}
        if request.headers.get("if-none-match") == etag:
            return response.empty(status=304, headers=headers)
        body = found.script
        if "gzip" in (request.headers.get("accept-encoding") or ""):
            body, headers["Content-Encoding"] = found.packed, "gzip"
        return response.raw(body, content_type="text/javascript; charset=utf-8", headers=headers)

    def _version(self, name: str) -> Optional[Widget]:
        """Return an earlier version; None if it was never served."""
        return self.versions.find(name) if _VERSION.fullmatch(name) else None
